package org.homeostat.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.homeostat.calibration.Fit.Quantity;
import org.junit.jupiter.api.Test;

/** What readings tell is found, with intervals that hold it; what they cannot tell is named and left alone. */
final class FitTest {

    private static final int READINGS = 200;

    private static final double NOISE = 0.01;

    /** y = a exp(-b t) + (c + d) t: only the sum of c and d can be seen. */
    private static final class Decay implements Fit.Model {

        @Override
        public double[] readings(double[] q) {
            double[] y = new double[READINGS];
            Arrays.setAll(y, i -> q[0] * Math.exp(-q[1] * t(i)) + (q[2] + q[3]) * t(i));
            return y;
        }

        @Override
        public double[][] slopes(double[] q) {
            double[][] slopes = new double[READINGS][];
            Arrays.setAll(slopes, i ->
                    new double[] {Math.exp(-q[1] * t(i)), -q[0] * t(i) * Math.exp(-q[1] * t(i)), t(i), t(i)});
            return slopes;
        }

        private static double t(int i) {
            return 3.0 * i / READINGS;
        }
    }

    private static final List<Quantity> QUANTITIES = List.of(
            new Quantity("a", "height", 1, 0.3, true),
            new Quantity("b", "rate", 1, 0.3, false),
            new Quantity("c", "slope", 0.5, 0.2, false),
            new Quantity("d", "slope", 0.5, 0.2, false));

    private static final double[] TRUTH = {1.2, 0.8, 0.65, 0.45};

    private static Fit.Result fitted(long seed) {
        SplittableRandom draw = new SplittableRandom(seed);
        double[] read = new Decay().readings(TRUTH);
        Arrays.setAll(read, i -> read[i] + NOISE * draw.nextGaussian());
        double[] noise = new double[READINGS];
        Arrays.fill(noise, NOISE);
        return Fit.of(new Decay(), QUANTITIES, read, noise);
    }

    @Test
    void whatReadingsTellIsFound() {
        Fit.Result result = fitted(1);

        assertThat(result.found().get(0).told()).isTrue();
        assertThat(result.found().get(1).told()).isTrue();
        assertThat(result.values()[0]).isCloseTo(TRUTH[0], within(0.02));
        assertThat(result.values()[1]).isCloseTo(TRUTH[1], within(0.05));
        assertThat(result.rms()).isCloseTo(NOISE, within(0.15 * NOISE));
    }

    @Test
    void whatTheyCannotTellIsNamedAndNotClaimed() {
        Fit.Result result = fitted(1);

        assertThat(result.found().get(2).told()).isFalse();
        assertThat(result.found().get(3).told()).isFalse();
        assertThat(result.values()[2] + result.values()[3])
                .as("their sum is told")
                .isCloseTo(1.1, within(0.02));
        assertThat(result.found().get(2).estimate().reach()).isGreaterThan(0.2);
        assertThat(result.found().get(2).estimate().holds(TRUTH[2])).isTrue();
        assertThat(result.untold()).hasSize(1);
        assertThat(result.untold().getFirst().named()).containsExactlyInAnyOrder(QUANTITIES.get(2), QUANTITIES.get(3));
        assertThat(result.condition()).isGreaterThan(1e4);
    }

    @Test
    void intervalsHoldTheTruthAsOftenAsTheySay() {
        int held = 0;
        for (int seed = 1; seed <= 200; seed++) {
            Fit.Result result = fitted(seed);
            for (int q = 0; q < 2; q++) {
                held += result.found().get(q).estimate().holds(TRUTH[q]) ? 1 : 0;
            }
        }
        assertThat(held).isBetween(372, 396);
    }

    @Test
    void residualsBeyondTheNoiseWidenTheIntervals() {
        double[] read = new Decay().readings(TRUTH);
        SplittableRandom draw = new SplittableRandom(1);
        Arrays.setAll(read, i -> read[i] + 5 * NOISE * draw.nextGaussian());
        double[] noise = new double[READINGS];
        Arrays.fill(noise, NOISE);

        Fit.Result result = Fit.of(new Decay(), QUANTITIES, read, noise);

        assertThat(result.excess()).isCloseTo(5, within(0.8));
        assertThat(result.found().get(0).estimate().reach())
                .isGreaterThan(3 * fitted(1).found().get(0).estimate().reach());
    }

    @Test
    void fewerReadingsThanQuantitiesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Fit.of(new Decay(), QUANTITIES, new double[4], new double[4]))
                .withMessage("expected more readings than quantities, not 4 for 4; make more exchanges, or leave "
                        + "quantities out");
    }
}
