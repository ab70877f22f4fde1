package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.homeostat.contracts.PhysicsContract;
import org.homeostat.physics.ConvolutionalHopfield.Convolution;
import org.homeostat.physics.ConvolutionalHopfield.Pooling;
import org.homeostat.physics.ConvolutionalHopfield.Shape;
import org.junit.jupiter.api.Test;

/** The contract for two convolutions with mean pooling; and what is particular to convolutions and to maximum pooling. */
class ConvolutionalHopfieldTest implements PhysicsContract {

    private static ConvolutionalHopfield network(Pooling pooling) {
        return new ConvolutionalHopfield(
                new Shape(8, 8, 1), List.of(new Convolution(2, 3, 2), new Convolution(3, 2, 2)), pooling, 2);
    }

    private static Case machine(Pooling pooling, RandomGenerator random) {
        ConvolutionalHopfield network = network(pooling);
        double[] theta = random.doubles(network.parameters(), -0.3, 0.3).toArray();
        // Biases of hidden units well inside their range, so that much can move.
        int at = 0;
        for (int[] part : network.parts()) {
            for (int i = 0; i < part[1]; i++) {
                theta[at + part[0] + i] += 0.4;
            }
            at += part[0] + part[1];
        }
        return new Case(
                network,
                theta,
                random.doubles(64, -1, 1).toArray(),
                random.doubles(2, -1, 1).toArray(),
                0.3);
    }

    @Override
    public Case draw(RandomGenerator random) {
        return machine(Pooling.MEAN, random);
    }

    @Override
    public double[] allowed(Case drawn, RandomGenerator random) {
        double[] state = random.doubles(drawn.physics().states(), 0, 1).toArray();
        for (int output : drawn.physics().outputs()) {
            state[output] = 2 * state[output] - 1;
        }
        return state;
    }

    @Override
    public boolean free(Case drawn, double[] state, int unit) {
        return unit >= state.length - 2 || state[unit] > 0 && state[unit] < 1;
    }

    @Override
    public double tolerance() {
        return 1e-14;
    }

    @Override
    public double slopeTolerance() {
        return 1e-8;
    }

    /** A picture of 3 x 3, one kernel of 2 x 2, one patch of 2 x 2, one output. */
    private static final double[] PICTURE = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9};

    private static double hidden(Pooling pooling, double[] theta) {
        ConvolutionalHopfield network =
                new ConvolutionalHopfield(new Shape(3, 3, 1), List.of(new Convolution(1, 2, 2)), pooling, 1);
        double[] state = new double[network.states()];
        assertThat(network.settle(theta, Drive.free(PICTURE, 1), state, 1e-14).settled())
                .isTrue();
        double[] forces = new double[theta.length];
        network.forces(theta, Drive.free(PICTURE, 1), state, forces);
        assertThat(forces[4]).isEqualTo(-state[0]);
        if (pooling == Pooling.MAXIMUM) {
            // The patch that won is the last one: its pixels alone count.
            assertThat(Arrays.copyOf(forces, 4))
                    .containsExactly(
                            new double[] {-0.5 * state[0], -0.6 * state[0], -0.8 * state[0], -0.9 * state[0]},
                            within(1e-15));
        }
        return state[0];
    }

    @Test
    void aKernelIsCorrelatedAndPooled() {
        // Kernel 0.1, 0.2, 0.3, 0.05, bias 0.02, no weight to the output.
        double[] theta = {0.1, 0.2, 0.3, 0.05, 0.02, 0, 0};
        double[] made = new double[4];
        int[] corners = {0, 1, 3, 4};
        for (int i = 0; i < 4; i++) {
            int c = corners[i];
            made[i] = 0.1 * PICTURE[c] + 0.2 * PICTURE[c + 1] + 0.3 * PICTURE[c + 3] + 0.05 * PICTURE[c + 4];
        }
        assertThat(hidden(Pooling.MEAN, theta))
                .isCloseTo(Arrays.stream(made).average().orElseThrow() + 0.02, within(1e-14));
        assertThat(hidden(Pooling.MAXIMUM, theta)).isCloseTo(made[3] + 0.02, within(1e-14));
    }

    @Test
    void withMaximumPoolingNoSweepRaisesTheEnergyEither() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < CASES; i++) {
            Case machine = machine(Pooling.MAXIMUM, random);
            for (Drive drive : List.of(machine.free(), machine.nudged(0.3), machine.nudged(-0.3))) {
                double[] state = allowed(machine, random);
                double before = machine.physics().energy(machine.theta(), drive, state);
                for (int sweep = 0; sweep < 20; sweep++) {
                    // So loose a tolerance is met by one sweep.
                    Rest rest = machine.physics().settle(machine.theta(), drive, state, 1e9);
                    assertThat(rest.sweeps()).isEqualTo(1);
                    double after = machine.physics().energy(machine.theta(), drive, state);
                    assertThat(after).isLessThanOrEqualTo(before + 1e-14);
                    before = after;
                }
            }
        }
    }

    @Test
    void theForceOnAKernelIsTheSlopeOfTheEnergyAlsoWithMaximumPooling() {
        SplittableRandom random = new SplittableRandom(4);
        Case machine = machine(Pooling.MAXIMUM, random);
        double[] state = allowed(machine, random);
        double[] forces = new double[machine.theta().length];
        machine.physics().forces(machine.theta(), machine.free(), state, forces);
        for (int k = 0; k < forces.length; k++) {
            double up = machine.physics().energy(Machines.moved(machine.theta(), k, 1e-6), machine.free(), state);
            double down = machine.physics().energy(Machines.moved(machine.theta(), k, -1e-6), machine.free(), state);
            assertThat((up - down) / 2e-6).as("parameter %s", k).isCloseTo(forces[k], within(1e-8));
        }
    }

    /** Halved twice, the error of a one-sided estimate halves twice, that of a centred one falls by sixteen. */
    @Test
    void theGradientOfEquilibriumPropagationIsThatOfTheLoss() {
        Case machine = machine(Pooling.MAXIMUM, new SplittableRandom(6));
        double[] truth = Machines.gradient(machine);
        assertThat(error(machine, truth, 0, 0.04) / error(machine, truth, 0, 0.01))
                .isBetween(3.7, 4.3);
        assertThat(error(machine, truth, -0.08, 0.08) / error(machine, truth, -0.02, 0.02))
                .isBetween(14.0, 18.0);
    }

    private static double error(Case machine, double[] truth, double first, double second) {
        double[] one = Machines.forces(machine, machine.theta(), machine.nudged(first));
        double[] two = Machines.forces(machine, machine.theta(), machine.nudged(second));
        double[] gradient = new double[one.length];
        Arrays.setAll(gradient, k -> (two[k] - one[k]) / (second - first));
        return Machines.relative(gradient, truth);
    }

    @Test
    void aClampHoldsTheOutputsAndTheRestSettlesAroundThem() {
        Case machine = machine(Pooling.MAXIMUM, new SplittableRandom(7));
        double[] at = {0.7, -0.4};
        double[] state = new double[machine.physics().states()];
        assertThat(machine.physics()
                        .settle(machine.theta(), machine.free().clamped(at), state, 1e-12)
                        .settled())
                .isTrue();
        assertThat(Arrays.copyOfRange(state, state.length - 2, state.length)).containsExactly(at);
        // A very strong spring holds them there as well.
        double[] tied = machine.settled(machine.theta(), machine.free().coupled(1e9, at), 1e-12);
        assertThat(state).containsExactly(tied, within(1e-6));
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ConvolutionalHopfield(
                        new Shape(8, 8, 1), List.of(new Convolution(2, 4, 2)), Pooling.MEAN, 2))
                .withMessageContainingAll("convolution 1", "5 x 5", "2 x 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ConvolutionalHopfield(
                        new Shape(3, 3, 1), List.of(new Convolution(2, 4, 1)), Pooling.MEAN, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ConvolutionalHopfield(new Shape(3, 3, 1), List.of(), Pooling.MEAN, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> new Convolution(0, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Shape(1, 0, 1));
    }
}
