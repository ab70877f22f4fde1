package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.homeostat.physics.Sampled.Run;
import org.homeostat.physics.Sampled.Sample;
import org.junit.jupiter.api.Test;

/** The oscillator Ising machine against its own formula and against Euler's steps written down plainly. */
class OscillatorIsingTest {

    private static final double[] INPUT = {0.7, -0.4};
    private static final Drive FREE = Drive.free(INPUT, 1);
    private static final double[] THETA =
            new SplittableRandom(5).doubles(12, -1, 1).toArray();

    private static OscillatorIsing machine(double noise, int bits) {
        return new OscillatorIsing(Phases.running(noise, bits), 2, 2, 1);
    }

    private static Run run(boolean afresh, int steps, int reads, long seed) {
        return new Run(afresh, steps * 1e-6, reads, new SplittableRandom(seed));
    }

    /** -dE/dphi, by hand: couplings 0 .. 3 from the inputs, 4 and 5 to the output, biases 6 .. 8, harmonics 9 .. 11. */
    private static double[] pull(double[] s, double stiffness, double target) {
        double[] t = THETA;
        double field0 = t[0] * INPUT[0] + t[2] * INPUT[1] + t[6];
        double field1 = t[1] * INPUT[0] + t[3] * INPUT[1] + t[7];
        return new double[] {
            -field0 * Math.sin(s[0]) - t[4] * Math.sin(s[0] - s[2]) - t[9] * Math.sin(2 * s[0]),
            -field1 * Math.sin(s[1]) - t[5] * Math.sin(s[1] - s[2]) - t[10] * Math.sin(2 * s[1]),
            -t[8] * Math.sin(s[2])
                    - t[4] * Math.sin(s[2] - s[0])
                    - t[5] * Math.sin(s[2] - s[1])
                    - t[11] * Math.sin(2 * s[2])
                    + stiffness * (Math.cos(s[2]) - target) * Math.sin(s[2])
        };
    }

    @Test
    void aRunIsEulersSteps() {
        double[] expected = {Math.PI / 2, Math.PI / 2, Math.PI / 2};
        for (int step = 0; step < 60; step++) {
            double[] pull = pull(expected, 0, 0);
            for (int i = 0; i < 3; i++) {
                expected[i] += 0.1 * pull[i];
            }
        }
        double[] state = new double[6];
        Sample free = machine(0, 0).sample(THETA, FREE, state, run(true, 60, 1, 1));
        assertThat(Arrays.copyOf(state, 3)).containsExactly(expected, within(1e-12));
        assertThat(free.outputs()[0]).isCloseTo(Math.cos(expected[2]), within(1e-12));

        // Under a nudge it runs for half the time more, from where it was left without one, whatever came between.
        for (int step = 0; step < 30; step++) {
            double[] pull = pull(expected, 0.5, -1);
            for (int i = 0; i < 3; i++) {
                expected[i] += 0.1 * pull[i];
            }
        }
        var other = machine(0, 0).sample(THETA, FREE.coupled(-0.5, new double[] {-1}), state, run(false, 60, 1, 1));
        var nudged = machine(0, 0).sample(THETA, FREE.coupled(0.5, new double[] {-1}), state, run(false, 60, 1, 1));
        assertThat(nudged.outputs()).isNotEqualTo(other.outputs());
        assertThat(Arrays.copyOf(state, 3)).containsExactly(expected, within(1e-12));
    }

    @Test
    void aLongRunEndsWhereAQuenchDoes() {
        double[] run = new double[6];
        var unused = machine(0, 0).sample(THETA, FREE, run, run(true, 5000, 1, 1));
        double[] quenched = run.clone();
        assertThat(machine(0, 0).settle(THETA, FREE, quenched, 1e-12).settled()).isTrue();
        assertThat(quenched).containsExactly(run, within(1e-9));
    }

    @Test
    void noiseIsDrawnFromChanceAloneAndHasItsSize() {
        double[] one = new double[6];
        double[] same = new double[6];
        double[] other = new double[6];
        var first = machine(0.3, 0).sample(THETA, FREE, one, run(true, 60, 1, 1));
        var second = machine(0.3, 0).sample(THETA, FREE, same, run(true, 60, 1, 1));
        var third = machine(0.3, 0).sample(THETA, FREE, other, run(true, 60, 1, 2));
        assertThat(same).containsExactly(one);
        assertThat(second.outputs()).containsExactly(first.outputs());
        assertThat(third.outputs()).isNotEqualTo(first.outputs());

        // Without any pull a phase walks: n steps of epsilon sigma each.
        double squares = 0;
        for (int seed = 0; seed < 2000; seed++) {
            double[] state = new double[6];
            var unused = machine(0.3, 0).sample(new double[12], FREE, state, run(true, 100, 1, seed));
            squares += Math.pow(state[0] - Math.PI / 2, 2);
        }
        assertThat(Math.sqrt(squares / 2000)).isCloseTo(0.1 * 0.3 * 10, within(0.02));
    }

    @Test
    void readsAreAveragedAndSayHowSureTheyAre() {
        Sample once = machine(0.3, 0).sample(THETA, FREE, new double[6], run(true, 60, 1, 1));
        Sample often = machine(0.3, 0).sample(THETA, FREE, new double[6], run(true, 60, 50, 1));
        assertThat(once.outputErrors()).containsOnly(0);
        assertThat(often.outputErrors()[0]).isPositive();
        assertThat(often.forceErrors()).hasSize(12);
        assertThat(often.forceErrors()[6]).isPositive();
    }

    @Test
    void phasesAreReadWithTheResolutionOfTheReader() {
        double[] state = new double[6];
        Sample coarse = machine(0, 3).sample(THETA, FREE, state, run(true, 60, 1, 1));
        double step = Math.PI / 4;
        double read = step * Math.rint(state[2] / step);
        assertThat(coarse.outputs()[0]).isCloseTo(Math.cos(read), within(1e-12));
        assertThat(coarse.forces()[8]).isCloseTo(-Math.cos(read), within(1e-12));
        assertThat(coarse.forces()[11]).isCloseTo(-0.5 * Math.cos(2 * read), within(1e-12));
    }

    @Test
    void brokenNumbersAreReported() {
        double[] theta = THETA.clone();
        theta[8] = Double.NaN;
        Sample sample = machine(0, 0).sample(theta, FREE, new double[6], run(true, 60, 1, 1));
        assertThat(sample.rest().settled()).isFalse();
        assertThat(sample.rest().remark()).contains("no numbers");
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OscillatorIsing.Running(0, 1e-6, 0.5, 0, 0))
                .withMessageContaining("steps above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OscillatorIsing.Running(0.1, 1e-6, 1.5, 0, 0))
                .withMessageContaining("under a nudge");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OscillatorIsing.Running(0.1, 1e-6, 0.5, -1, 0))
                .withMessageContaining("noise");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        machine(0, 0).sample(THETA, FREE.clamped(new double[] {1}), new double[6], run(true, 60, 1, 1)))
                .withMessageContaining("held");
    }
}
