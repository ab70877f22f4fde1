package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.homeostat.control.Gauged;
import org.homeostat.control.Written;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Net;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which direction the learners that try things out go, against central differences of the cost. */
class PerturbingTest {

    private static final Net NET = Net.linear(2, 3, 2);
    private static final double RATE = 1e-3;
    private static final Example EXAMPLE = new Example(Levels.of(Role.INPUT, 0.9, -0.4), new double[][] {{0.3, -0.2}});
    private static final double[] START =
            new Random(1).doubles(NET.parameters(), 0.4, 1.6).toArray();

    private static Device device() {
        return Net.started(new Written(new Gauged(NET.digital())), START);
    }

    private static double cost(Device device, double[] theta) {
        double[] outputs = device.present(
                        Stimulus.of(EXAMPLE.inputs().and(Levels.of(Role.PARAMETER, theta))), Deadline.NEVER)
                .outputs(0);
        return new Cost.SquaredError().of(outputs, EXAMPLE.targets()[0]);
    }

    private static double[] slope() {
        Device device = device();
        double[] slope = new double[START.length];
        for (int k = 0; k < slope.length; k++) {
            double[] up = START.clone();
            double[] down = START.clone();
            up[k] += 1e-5;
            down[k] -= 1e-5;
            slope[k] = (cost(device, up) - cost(device, down)) / 2e-5;
        }
        return slope;
    }

    /** What a learner takes the gradient for, mean over steps from the same place. */
    private static double[] gradient(Learner learner, int steps) {
        double[] mean = new double[START.length];
        Device device = device();
        for (int step = 0; step < steps; step++) {
            double[] moved = learner.step(device, EXAMPLE, Deadline.NEVER).parameters();
            for (int k = 0; k < mean.length; k++) {
                mean[k] += (START[k] - moved[k]) / RATE / steps;
            }
            Net.started(device, START);
            learner.moved();
        }
        return mean;
    }

    private static double error(double[] found, double[] wanted) {
        return new ArrayRealVector(found).getDistance(new ArrayRealVector(wanted))
                / new ArrayRealVector(wanted).getNorm();
    }

    private static Multiplexed multiplexed(Multiplexed.Code code, double perturbation, int count) {
        return new Multiplexed(
                new Multiplexed.Settings(code, perturbation, count, Settling.USUAL, Optimiser.Settings.sgd(RATE), 1),
                new Cost.SquaredError());
    }

    @Test
    void finiteDifferencesAreExactToFirstOrderInThePerturbation() {
        double coarse = error(gradient(multiplexed(Multiplexed.Code.COORDINATES, 1e-3, 1), 1), slope());
        double fine = error(gradient(multiplexed(Multiplexed.Code.COORDINATES, 1e-4, 1), 1), slope());
        assertThat(coarse).isLessThan(0.02);
        assertThat(coarse / fine).isCloseTo(10, within(1.0));
    }

    @Test
    void overAWholePeriodWalshFunctionsAndSinusoidsKeepParametersApart() {
        int n = NET.parameters();
        int walsh = Integer.highestOneBit(n) << 1;
        assertThat(error(gradient(multiplexed(Multiplexed.Code.WALSH, 1e-4, walsh), 1), slope()))
                .isLessThan(0.01);
        assertThat(error(gradient(multiplexed(Multiplexed.Code.SINUSOIDS, 1e-4, 2 * n + 2), 1), slope()))
                .isLessThan(0.01);
    }

    @Test
    void randomSignsAverageOutAsTheRootOfTheirNumber() {
        double few = error(gradient(multiplexed(Multiplexed.Code.RANDOM, 1e-4, 10), 20), slope());
        double many = error(gradient(multiplexed(Multiplexed.Code.RANDOM, 1e-4, 160), 20), slope());
        assertThat(many).isLessThan(0.2);
        assertThat(few / many).isBetween(2.0, 8.0);
    }

    @ParameterizedTest
    @EnumSource(Multiplexed.Code.class)
    void aParameterAtTheEndOfItsRangeIsTriedTheOtherWay(Multiplexed.Code code) {
        double[] ends = new double[START.length];
        Arrays.setAll(ends, k -> k % 2 == 0 ? Net.LOWEST : Net.HIGHEST);
        Device device = Net.started(new Written(NET.digital()), ends);
        Multiplexed learner = multiplexed(code, 0.01, 64);
        double before = cost(device, ends);
        double[] theta = ends;
        for (int step = 0; step < 20; step++) {
            theta = learner.step(device, EXAMPLE, Deadline.NEVER).parameters();
        }
        assertThat(theta).isNotEqualTo(ends);
        assertThat(cost(device, theta)).isLessThan(before);
    }

    /** (do/dtheta)' R dC/do, with R from forces on one output after the other. */
    @Test
    void nodePerturbationFollowsTheErrorAsSeenThroughTheOutputsOwnResponse() {
        Device device = device();
        double unit = device.descriptor().betaUnit();
        double[] outputs =
                device.present(Stimulus.of(EXAMPLE.inputs()), Deadline.NEVER).outputs(0);
        double[] error = new Cost.SquaredError().gradient(outputs, EXAMPLE.targets()[0]);
        double push = 1e-4;
        double[] pull = new double[2];
        double[][] change = new double[2][];
        for (int k = 0; k < 2; k++) {
            double[] force = new double[2];
            force[k] = push;
            var pushed = device.present(
                    Stimulus.of(EXAMPLE.inputs()).nudged(new Nudge.Force(Levels.of(Role.NUDGE, force))),
                    Deadline.NEVER);
            for (int o = 0; o < 2; o++) {
                pull[k] += (pushed.outputs(0)[o] - outputs[o]) / push * error[o];
            }
            change[k] = pushed.levels().row(Role.FORCE);
        }
        var free = device.present(Stimulus.of(EXAMPLE.inputs()), Deadline.NEVER);
        double[] wanted = free.levels().row(Role.FORCE);
        for (int p = 0; p < wanted.length; p++) {
            double at = wanted[p];
            wanted[p] = -unit * (pull[0] * (change[0][p] - at) / push + pull[1] * (change[1][p] - at) / push);
        }
        NodePerturbation learner = new NodePerturbation(
                new NodePerturbation.Settings(0.001, 200, Settling.USUAL, Optimiser.Settings.sgd(RATE), 1),
                new Cost.SquaredError());
        assertThat(error(gradient(learner, 4), wanted)).isLessThan(0.1);
    }

    /** A model that is the device: then it is equilibrium propagation. */
    @Test
    void throughAPerfectModelPhysicsAwareTrainingFollowsTheGradient() {
        PhysicsAware learner = new PhysicsAware(
                new PhysicsAware.Settings(0.01, Settling.USUAL, Optimiser.Settings.sgd(RATE)),
                new Cost.SquaredError(),
                new Written(new Gauged(NET.digital())));
        assertThat(error(gradient(learner, 1), slope())).isLessThan(1e-3);
    }

    @Test
    void aModelMustBeOfTheSameSizes() {
        PhysicsAware learner = new PhysicsAware(
                new PhysicsAware.Settings(0.01, Settling.USUAL, Optimiser.Settings.sgd(RATE)),
                new Cost.SquaredError(),
                new Written(new Gauged(Net.linear(2, 4, 2).digital())));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learner.require(device().descriptor()))
                .withMessageContaining("same sizes");
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> multiplexed(Multiplexed.Code.RANDOM, 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> multiplexed(Multiplexed.Code.RANDOM, 0.1, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new NodePerturbation.Settings(0.6, 1, Settling.USUAL, Optimiser.Settings.sgd(RATE), 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PhysicsAware.Settings(0, Settling.USUAL, Optimiser.Settings.sgd(RATE)));
    }
}
