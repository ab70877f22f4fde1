package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SparklineTest {

    private static final String DIGITS = "0123456789";

    @Test
    void theLeastIsLowestAndTheGreatestHighest() {
        assertThat(Sparkline.of(new double[] {9, 5, 0, 4.5}, 10, DIGITS)).isEqualTo("9505");
        assertThat(Sparkline.of(new double[] {1, 2}, 10, "▁▂▃▄▅▆▇█")).isEqualTo("▁█");
    }

    @Test
    void moreValuesThanRoomAreAveraged() {
        double[] values = new double[1000];
        for (int k = 0; k < values.length; k++) {
            values[k] = k;
        }
        assertThat(Sparkline.of(values, 10, DIGITS)).isEqualTo(DIGITS);
    }

    @Test
    void whatIsNoNumberLeavesAGapAndALevelLineIsLow() {
        assertThat(Sparkline.of(new double[] {1, Double.NaN, Double.POSITIVE_INFINITY, 0}, 10, DIGITS))
                .isEqualTo("9  0");
        assertThat(Sparkline.of(new double[] {3, 3}, 10, DIGITS)).isEqualTo("00");
        assertThat(Sparkline.of(new double[0], 10, DIGITS)).isEmpty();
    }
}
