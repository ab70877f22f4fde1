package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.homeostat.contracts.PhysicsContract.Case;
import org.homeostat.physics.Sampled.Run;
import org.homeostat.physics.Sampled.Sample;
import org.homeostat.physics.ShakenSprings.Bath;
import org.junit.jupiter.api.Test;

/** A bath at work on springs: what it must leave at its mean, and how much it must spread. */
class ShakenSpringsTest {

    /** A node on a spring of rest length 0: a harmonic well of the same stiffness in every direction. */
    private static SpringNetwork well(double stiffness) {
        SpringNetwork.Builder built = new SpringNetwork.Builder(2);
        int pin = built.node(0, 0);
        int node = built.node(1, 0);
        assertThat(built.fixed(pin, node, stiffness, 0)).isZero();
        return built.pin(pin).output(node, 0).output(node, 1).build();
    }

    private static Run run(boolean afresh, double seconds, int reads, long seed) {
        return new Run(afresh, seconds, reads, new SplittableRandom(seed));
    }

    /** Equipartition: k <x^2> = kT on each axis, with a step of a third of the longest that is stable. */
    @Test
    void aHarmonicWellSpreadsAsTheTemperatureSaysWhateverTheStep() {
        double stiffness = 4;
        double temperature = 0.01;
        for (double step : new double[] {0.05, 0.33}) {
            ShakenSprings springs = new ShakenSprings(well(stiffness), new Bath(1, 1, temperature, step, 1));
            SplittableRandom chance = new SplittableRandom(7);
            double[] state = new double[2];
            double sum = 0;
            int samples = 20_000;
            Drive free = Drive.free(new double[0], 2);
            for (int i = 0; i < samples; i++) {
                Sample sample = springs.sample(new double[0], free, state, new Run(false, 1, 1, chance));
                double x = sample.outputs()[0] + 1;
                sum += x * x + sample.outputs()[1] * sample.outputs()[1];
            }
            // 40,000 values, of which a few in a row go together: 3 % is four standard errors.
            assertThat(sum / 2 / samples * stiffness).isCloseTo(temperature, within(0.03 * temperature));
        }
    }

    /** The variance claimed of a mean, as a part of the variance that 200 means show. */
    private static double claimed(double dampingSeconds) {
        ShakenSprings springs = new ShakenSprings(well(1), new Bath(1, dampingSeconds, 0.01, 0.05, 20));
        Drive free = Drive.free(new double[0], 2);
        double squares = 0;
        double claimed = 0;
        for (int i = 0; i < 200; i++) {
            Sample sample = springs.sample(new double[0], free, new double[2], run(true, 20, 60, i));
            squares += sample.outputs()[1] * sample.outputs()[1];
            claimed += sample.outputErrors()[1] * sample.outputErrors()[1];
        }
        return claimed / squares;
    }

    @Test
    void standardErrorsSayHowFarMeansScatter() {
        assertThat(claimed(0.3)).isBetween(0.7, 1.5);
        // Where springs swing, half a period later undoes what the memory of one window makes believe.
        assertThat(claimed(1)).isBetween(1.0, 3.5);
    }

    @Test
    void nudgesPullTheMeanAsTheyPullTheRest() {
        ShakenSprings springs = new ShakenSprings(well(2), new Bath(1, 1, 1e-4, 0.05, 200));
        Drive free = Drive.free(new double[0], 2);
        Drive[] nudges = {
            free.pushed(new double[] {0.4, -0.2}),
            free.coupled(1, new double[] {0.5, 0.3}),
            free.clamped(new double[] {0.1, 0.2})
        };
        for (Drive nudge : nudges) {
            double[] rest = new double[2];
            assertThat(springs.settle(new double[0], nudge, rest, 1e-12).settled())
                    .isTrue();
            Sample sample = springs.sample(new double[0], nudge, new double[2], run(true, 20, 50, 3));
            for (int k = 0; k < 2; k++) {
                assertThat(sample.outputs()[k]).isCloseTo(rest[k], within(5 * sample.outputErrors()[k] + 1e-12));
            }
        }
    }

    @Test
    void withoutHeatItComesToRestWhereTheSpringsDo() {
        Case drawn = Springs.lattice(4);
        ShakenSprings springs = new ShakenSprings((SpringNetwork) drawn.physics(), new Bath(1, 1, 0, 0.05, 10));
        double[] rest = drawn.settled(drawn.theta(), drawn.free(), 1e-12);
        double[] forces = new double[drawn.theta().length];
        drawn.physics().forces(drawn.theta(), drawn.free(), rest, forces);
        double[] state = new double[rest.length];
        Sample sample = springs.sample(drawn.theta(), drawn.free(), state, run(true, 200, 2, 1));
        assertThat(state).containsExactly(rest, within(1e-9));
        assertThat(sample.forces()).containsExactly(forces, within(1e-9));
        assertThat(sample.outputErrors()[0]).isCloseTo(0, within(1e-9));
        assertThat(sample.rest().settled()).isTrue();
    }

    @Test
    void nothingButTheSeedMakesTwoRunsDiffer() {
        Case drawn = Springs.lattice(4);
        ShakenSprings springs = new ShakenSprings((SpringNetwork) drawn.physics(), new Bath(1, 1, 1e-3, 0.05, 10));
        double[] first = springs.sample(drawn.theta(), drawn.free(), new double[springs.states()], run(true, 1, 3, 5))
                .outputs();
        double[] same = springs.sample(drawn.theta(), drawn.free(), new double[springs.states()], run(true, 1, 3, 5))
                .outputs();
        double[] other = springs.sample(drawn.theta(), drawn.free(), new double[springs.states()], run(true, 1, 3, 6))
                .outputs();
        assertThat(same).containsExactly(first);
        assertThat(Arrays.equals(other, first)).isFalse();
    }

    @Test
    void aStepTooLongForTheSpringsIsTold() {
        ShakenSprings springs = new ShakenSprings(well(1e4), new Bath(1, 1, 1e-3, 0.1, 1000));
        double[] state = new double[2];
        Sample sample = springs.sample(new double[0], Drive.free(new double[0], 2), state, run(true, 10, 1, 1));
        assertThat(sample.rest().residual()).isInfinite();
        assertThat(sample.rest().remark()).contains("too long");
        assertThat(state).containsExactly(0, 0);
    }

    @Test
    void aBathHasMassFrictionAndTime() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Bath(0, 1, 1, 1, 1))
                .withMessageContaining("0.0 kg");
        assertThatIllegalArgumentException().isThrownBy(() -> new Bath(1, 1, -1, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Bath(1, 1, 1, 1, 0));
    }
}
