package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.commons.math3.stat.inference.TTest;
import org.homeostat.run.Facts;
import org.junit.jupiter.api.Test;

final class ComparisonTest {

    private static final double[] A = {0.91, 0.94, 0.97, 0.9};
    private static final double[] B = {0.87, 0.86, 0.91, 0.88};

    private static List<Facts> runs(long from, double... scores) {
        List<Facts> runs = new ArrayList<>();
        for (int k = 0; k < scores.length; k++) {
            runs.add(
                    new Facts("r" + k, new TreeMap<>(Map.of("seed", from + k, "test.accuracy", scores[k])), List.of()));
        }
        return runs;
    }

    @Test
    void theSameSeedsAreComparedPairByPair() {
        Comparison found = Comparison.of("test.accuracy", runs(1, A), runs(1, B));
        assertThat(found.paired()).isTrue();
        assertThat(found.seeds()).isEqualTo(4);
        assertThat(found.difference()).isCloseTo(-0.05, within(1e-12));
        assertThat(found.p()).isCloseTo(new TTest().pairedTTest(A, B), within(1e-12));
        // By hand: mean -0.05, deviation 0.0258199, three degrees of freedom: 3.182446 * 0.0129099.
        assertThat(found.high() - found.difference()).isCloseTo(0.0410850, within(1e-6));
    }

    @Test
    void otherSeedsAreComparedByTheirMeans() {
        Comparison found = Comparison.of("test.accuracy", runs(1, A), runs(100, B));
        assertThat(found.paired()).isFalse();
        assertThat(found.p()).isCloseTo(new TTest().tTest(A, B), within(1e-12));
    }

    @Test
    void theIntervalHoldsTheTruthAsOftenAsItSays() {
        Random random = new Random(3);
        int held = 0;
        int trials = 4000;
        for (int k = 0; k < trials; k++) {
            double[] a = random.doubles(6, 0, 1).toArray();
            double[] b = random.doubles(6, 0.2, 1.2).toArray();
            Comparison found = Comparison.of("test.accuracy", runs(1, a), runs(1, b));
            held += found.low() <= 0.2 && 0.2 <= found.high() ? 1 : 0;
        }
        assertThat((double) held / trials).isBetween(0.93, 0.97);
    }

    @Test
    void whereSeedsOrSpreadAreMissingNothingIsClaimed() {
        Comparison single = Comparison.of("test.accuracy", runs(1, 0.9), runs(1, 0.8));
        assertThat(single.p()).isNaN();
        assertThat(single.sentence("B", "A"))
                .isEqualTo("B against A: test.accuracy -0.1; one seed says nothing of chance, train both with several "
                        + "(--seed)");
        Comparison level = Comparison.of("test.accuracy", runs(1, 1, 1), runs(1, 1, 1));
        assertThat(level.p()).isNaN();
        assertThat(level.sentence("B", "A"))
                .isEqualTo("B against A: test.accuracy +0; the same in each of 2 seeds, so that chance cannot be told "
                        + "from it");
    }

    @Test
    void severalComparisonsAreCorrectedForByHolm() {
        List<Comparison> all = Comparison.corrected(List.of(of(0.01), of(0.04), of(0.03), of(Double.NaN)));
        assertThat(all.get(0).corrected()).isCloseTo(0.03, within(1e-12));
        assertThat(all.get(1).corrected()).isCloseTo(0.06, within(1e-12));
        assertThat(all.get(2).corrected()).isCloseTo(0.06, within(1e-12));
        assertThat(all.get(3).corrected()).isNaN();
    }

    private static Comparison of(double p) {
        return new Comparison("test.accuracy", 1, 0, 2, p, Double.NaN, 3, true);
    }
}
