package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.homeostat.physics.IsingMachine.Anneal;
import org.homeostat.physics.IsingMachine.HeatBath;
import org.homeostat.physics.Sampled.Run;
import org.homeostat.physics.Sampled.Sample;
import org.junit.jupiter.api.Test;

/** All machines here are small enough to look at every state. */
class IsingMachineTest {

    private static final double SWEEP = 1e-6;
    private static final Anneal ANNEAL = new Anneal(0.25);

    private static IsingMachine small(int copies, IsingMachine.Protocol protocol) {
        return new IsingMachine(copies, 4, SWEEP, protocol, 3, 4, 2);
    }

    private static double[] theta(IsingMachine machine, double size, SplittableRandom random) {
        return random.doubles(machine.parameters(), -size, size).toArray();
    }

    private static Drive question(SplittableRandom random) {
        return Drive.free(random.doubles(3, -1, 1).toArray(), 2);
    }

    private static double[] least(IsingMachine machine, double[] theta, Drive drive) {
        double[] best = {};
        double least = Double.POSITIVE_INFINITY;
        for (double[] s : SpinGlassTest.states(machine.states())) {
            double energy = machine.energy(theta, drive, s);
            if (energy < least) {
                least = energy;
                best = s;
            }
        }
        return best;
    }

    @Test
    void theSumOfForcesTimesParametersIsTheEnergy() {
        // E is linear in every parameter and has nothing else in it.
        SplittableRandom random = new SplittableRandom(1);
        IsingMachine machine = small(2, ANNEAL);
        double[] theta = theta(machine, 0.3, random);
        Drive drive = question(random);
        double[] forces = new double[machine.parameters()];
        for (double[] s : SpinGlassTest.states(machine.states())) {
            machine.forces(theta, drive, s, forces);
            double sum = 0;
            for (int k = 0; k < forces.length; k++) {
                sum += theta[k] * forces[k];
            }
            assertThat(machine.energy(theta, drive, s)).isCloseTo(sum, within(1e-12));
        }
    }

    @Test
    void aForceOnAnOutputAddsMinusForceTimesTheMeanOfItsCopies() {
        SplittableRandom random = new SplittableRandom(2);
        IsingMachine machine = small(4, ANNEAL);
        double[] theta = theta(machine, 0.3, random);
        Drive free = question(random);
        double[] force = {1.5, -2};
        double[] observed = new double[2];
        for (double[] s : SpinGlassTest.states(machine.states())) {
            machine.observe(s, observed);
            assertThat(machine.energy(theta, free.pushed(force), s) - machine.energy(theta, free, s))
                    .isCloseTo(-1.5 * observed[0] + 2 * observed[1], within(1e-12));
        }
    }

    @Test
    void fieldsBeyondTheLimitAreClipped() {
        IsingMachine machine = new IsingMachine(1, 4, SWEEP, ANNEAL, 1, 1);
        double[] up = {1};
        // w = 3, x = 2, b = -1: a field of 5, of which the machine makes 4.
        assertThat(machine.energy(new double[] {3, -1}, Drive.free(new double[] {2}, 1), up))
                .isEqualTo(4);
    }

    @Test
    void theBestOfSomeReadsIsTheGroundStateAndItsForcesAreRead() {
        SplittableRandom random = new SplittableRandom(3);
        IsingMachine machine = small(2, ANNEAL);
        for (int trial = 0; trial < 20; trial++) {
            double[] theta = theta(machine, 1, random);
            Drive drive = question(random);
            double[] state = new double[machine.states()];
            Sample sample = machine.sample(theta, drive, state, new Run(true, 50 * SWEEP, 10, random));
            assertThat(machine.energy(theta, drive, state))
                    .isCloseTo(machine.energy(theta, drive, least(machine, theta, drive)), within(1e-12));
            double[] observed = new double[2];
            machine.observe(state, observed);
            assertThat(sample.outputs()).containsExactly(observed);
            double[] forces = new double[machine.parameters()];
            machine.forces(theta, drive, state, forces);
            assertThat(sample.forces()).containsExactly(forces);
            assertThat(sample.rest().settled()).isTrue();
            assertThat(sample.rest().sweeps()).isEqualTo(500);
        }
    }

    @Test
    void moreReadsFindNoWorseStateThanTheFirstOfThem() {
        IsingMachine machine = new IsingMachine(4, 4, SWEEP, ANNEAL, 5, 12, 3);
        SplittableRandom random = new SplittableRandom(4);
        double better = 0;
        for (int trial = 0; trial < 30; trial++) {
            double[] theta = theta(machine, 1, random);
            Drive drive = Drive.free(random.doubles(5, -1, 1).toArray(), 3);
            double[] one = new double[machine.states()];
            double[] ten = new double[machine.states()];
            long seed = random.nextLong();
            machine.sample(theta, drive, one, new Run(true, 4 * SWEEP, 1, new SplittableRandom(seed)));
            machine.sample(theta, drive, ten, new Run(true, 4 * SWEEP, 10, new SplittableRandom(seed)));
            double gain = machine.energy(theta, drive, one) - machine.energy(theta, drive, ten);
            assertThat(gain).isGreaterThanOrEqualTo(0);
            better += gain > 0 ? 1 : 0;
        }
        assertThat(better).isGreaterThan(10);
    }

    @Test
    void aReverseAnnealStaysInTheValleyThatAForwardOneWouldLeave() {
        // A ferromagnet: all up and all down are equally low, and far apart.
        IsingMachine machine = new IsingMachine(1, 4, SWEEP, new Anneal(0.7), 1, 12, 12);
        double[] theta = new double[machine.parameters()];
        Arrays.fill(theta, 24, 24 + 144, -1);
        Drive drive = Drive.free(new double[1], 12);
        SplittableRandom random = new SplittableRandom(5);
        int stayed = 0;
        int began = 0;
        for (int trial = 0; trial < 40; trial++) {
            double[] state = new double[24];
            Arrays.fill(state, 1);
            machine.sample(theta, drive, state, new Run(false, 60 * SWEEP, 1, random));
            stayed += Arrays.stream(state).sum() == 24 ? 1 : 0;
            machine.sample(theta, drive, state, new Run(true, 60 * SWEEP, 1, random));
            began += Arrays.stream(state).sum() == 24 ? 1 : 0;
        }
        assertThat(stayed).isEqualTo(40);
        assertThat(began).isBetween(8, 32);
    }

    @Test
    void settlingIsAQuench() {
        SplittableRandom random = new SplittableRandom(6);
        IsingMachine machine = small(2, ANNEAL);
        double[] theta = theta(machine, 1, random);
        Drive drive = question(random);
        for (int trial = 0; trial < 20; trial++) {
            double[] state = new double[machine.states()];
            machine.begin(state, random);
            double before = machine.energy(theta, drive, state);
            assertThat(machine.settle(theta, drive, state, 1e-9).settled()).isTrue();
            assertThat(machine.energy(theta, drive, state)).isLessThanOrEqualTo(before);
        }
    }

    /** Boltzmann's mean of something over all states. */
    private static double mean(
            IsingMachine machine, double[] theta, Drive drive, double temperature, ToDoubleFunction<double[]> of) {
        double sum = 0;
        double weight = 0;
        for (double[] s : SpinGlassTest.states(machine.states())) {
            double w = Math.exp(-machine.energy(theta, drive, s) / temperature);
            weight += w;
            sum += w * of.applyAsDouble(s);
        }
        return sum / weight;
    }

    @Test
    void inAHeatBathMeansAreBoltzmannsWithinTheirStandardErrors() {
        SplittableRandom random = new SplittableRandom(7);
        double temperature = 0.8;
        IsingMachine machine = small(2, new HeatBath(temperature, 2));
        double[] theta = theta(machine, 0.6, random);
        Drive drive = question(random).pushed(new double[] {0.5, -0.5});
        Sample sample =
                machine.sample(theta, drive, new double[machine.states()], new Run(true, 100 * SWEEP, 20_000, random));
        double[] forces = new double[machine.parameters()];
        for (int k = 0; k < forces.length; k++) {
            int index = k;
            double exact = mean(machine, theta, drive, temperature, s -> {
                machine.forces(theta, drive, s, forces);
                return forces[index];
            });
            assertThat(sample.forceErrors()[k]).isBetween(1e-5, 0.05);
            assertThat(sample.forces()[k]).isCloseTo(exact, within(5 * sample.forceErrors()[k]));
        }
        for (int k = 0; k < 2; k++) {
            int index = k;
            double[] observed = new double[2];
            double exact = mean(machine, theta, drive, temperature, s -> {
                machine.observe(s, observed);
                return observed[index];
            });
            assertThat(sample.outputs()[k]).isCloseTo(exact, within(5 * sample.outputErrors()[k]));
        }
    }

    /**
     * Thermal equilibrium propagation: the forces at two opposite nudges, averaged in the heat bath, differ as the gradient of the mean
     * cost says, up to the square of the nudge; and so does the covariance of cost and force without a nudge.
     */
    @Test
    void theNudgedMeansAndTheCovarianceBothGiveTheGradientOfTheMeanCost() {
        SplittableRandom random = new SplittableRandom(8);
        double temperature = 1;
        IsingMachine machine = small(2, new HeatBath(temperature, 1));
        double[] theta = theta(machine, 0.6, random);
        Drive free = question(random);
        double[] target = {1, -1};
        double[] observed = new double[2];
        ToDoubleFunction<double[]> cost = s -> {
            machine.observe(s, observed);
            return -target[0] * observed[0] - target[1] * observed[1];
        };
        double[] forces = new double[machine.parameters()];
        double[] errors = new double[2];
        double[] betas = {0.2, 0.1};
        double size = 0;
        for (int k = 0; k < forces.length; k++) {
            int index = k;
            ToDoubleFunction<double[]> force = s -> {
                machine.forces(theta, free, s, forces);
                return forces[index];
            };
            double[] up = theta.clone();
            double[] down = theta.clone();
            up[k] += 1e-5;
            down[k] -= 1e-5;
            double slope =
                    (mean(machine, up, free, temperature, cost) - mean(machine, down, free, temperature, cost)) / 2e-5;
            size += slope * slope;
            double covariance = mean(
                            machine, theta, free, temperature, s -> cost.applyAsDouble(s) * force.applyAsDouble(s))
                    - mean(machine, theta, free, temperature, cost) * mean(machine, theta, free, temperature, force);
            assertThat(-covariance / temperature).isCloseTo(slope, within(1e-8));
            for (int b = 0; b < betas.length; b++) {
                double half = betas[b] / 2;
                double nudged = (mean(
                                        machine,
                                        theta,
                                        free.pushed(new double[] {half * target[0], half * target[1]}),
                                        temperature,
                                        force)
                                - mean(
                                        machine,
                                        theta,
                                        free.pushed(new double[] {-half * target[0], -half * target[1]}),
                                        temperature,
                                        force))
                        / betas[b];
                errors[b] += (nudged - slope) * (nudged - slope);
            }
        }
        assertThat(Math.sqrt(errors[1] / size)).isLessThan(5e-3);
        // Half the nudge, a quarter of the error.
        assertThat(Math.sqrt(errors[0] / errors[1])).isCloseTo(4, within(0.1));
    }

    @Test
    void whatItCannotDoIsRefused() {
        IsingMachine machine = small(2, ANNEAL);
        double[] theta = new double[machine.parameters()];
        double[] state = new double[machine.states()];
        Drive free = Drive.free(new double[3], 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> machine.settle(theta, free.coupled(1, new double[2]), state, 1e-9))
                .withMessageContaining("nudge by force");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> machine.settle(theta, free.clamped(new double[2]), state, 1e-9))
                .withMessageContaining("nudge by force");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> machine.sample(theta, free, state, new Run(true, 100, 1, new SplittableRandom(1))))
                .withMessageContaining("shorter");
        assertThatIllegalArgumentException().isThrownBy(() -> new IsingMachine(0, 4, SWEEP, ANNEAL, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new IsingMachine(1, 0, SWEEP, ANNEAL, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new HeatBath(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Anneal(1));
    }

    @Test
    void ofAnAnnealThatWasTooShortThatIsSaid() {
        IsingMachine machine = new IsingMachine(1, 4, SWEEP, ANNEAL, 1, 40, 40);
        SplittableRandom random = new SplittableRandom(9);
        double[] theta = theta(machine, 1, random);
        Drive drive = Drive.free(new double[] {1}, 40);
        int unsettled = 0;
        for (int trial = 0; trial < 20; trial++) {
            Sample sample = machine.sample(theta, drive, new double[80], new Run(true, SWEEP, 1, random));
            unsettled += sample.rest().settled() ? 0 : 1;
            if (!sample.rest().settled()) {
                assertThat(sample.rest().remark()).contains("more sweeps or reads");
                assertThat(sample.rest().residual()).isPositive();
            }
        }
        assertThat(unsettled).isGreaterThan(10);
    }
}
