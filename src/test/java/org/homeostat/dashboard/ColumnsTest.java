package org.homeostat.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.homeostat.dashboard.Columns.Part;
import org.junit.jupiter.api.Test;

/** Columns hold the least and the largest of all there ever was, in memory of one size. */
final class ColumnsTest {

    private static double[][] row(double... levels) {
        return new double[][] {levels};
    }

    @Test
    void aSpikeOfOneExchangeInAMillionIsSeen() {
        Columns columns = new Columns(2);
        for (int i = 0; i < 1_000_000; i++) {
            columns.add(row(i == 654_321 ? 9 : 0, 1));
        }

        Part part = columns.since(-1, 0);

        assertThat(part.count()).isEqualTo(1_000_000);
        assertThat(part.low().length / 2).isBetween(Columns.MOST / 2, Columns.MOST);
        int column = (int) (654_321 / part.stride());
        assertThat(part.high()[2 * column]).isEqualTo(9);
        assertThat(part.low()[2 * column]).isZero();
        assertThat(part.high()[2 * column + 2]).isZero();
        assertThat(part.high()[2 * column + 1]).isEqualTo(1);
    }

    @Property(tries = 60)
    void whatIsTakenBitByBitIsWhatIsTakenAtOnce(
            @ForAll @IntRange(min = 1, max = 5_000) int exchanges, @ForAll @IntRange(max = 1_000_000) int seed) {
        Random random = new Random(seed);
        Columns columns = new Columns(1);
        float[] low = new float[Columns.MOST];
        float[] high = new float[Columns.MOST];
        int known = 0;
        int merges = -1;
        int whole = 0;
        double[] all = new double[exchanges];
        for (int i = 0; i < exchanges; i++) {
            all[i] = random.nextGaussian();
            columns.add(row(all[i]));
            if (random.nextInt(100) == 0 || i == exchanges - 1) {
                Part part = columns.since(merges, whole);
                System.arraycopy(part.low(), 0, low, part.from(), part.low().length);
                System.arraycopy(part.high(), 0, high, part.from(), part.high().length);
                known = part.from() + part.low().length;
                merges = part.merges();
                whole = part.whole();
            }
        }
        Part at = columns.since(-1, 0);
        assertThat(known).isEqualTo(at.low().length);
        assertThat((known - 1) * at.stride()).isLessThan(exchanges);
        assertThat(known * at.stride()).isGreaterThanOrEqualTo(exchanges);
        for (int column = 0; column < known; column++) {
            float least = Float.POSITIVE_INFINITY;
            float most = Float.NEGATIVE_INFINITY;
            for (long i = column * at.stride(); i < Math.min(exchanges, (column + 1) * at.stride()); i++) {
                least = Math.min(least, (float) all[(int) i]);
                most = Math.max(most, (float) all[(int) i]);
            }
            assertThat(low[column]).isEqualTo(least);
            assertThat(high[column]).isEqualTo(most);
        }
    }

    @Test
    void aChannelThatWasNotReadHasNoLevels() {
        Columns columns = new Columns(3);
        columns.add(new double[][] {{1, 2}, {3, Double.NaN}});

        Part part = columns.since(-1, 0);

        assertThat(part.low()).containsExactly(1, 2, Float.NaN);
        assertThat(part.high()).containsExactly(3, 2, Float.NaN);
    }

    @Test
    void levelsThatWereNotReadDoNotHideThoseThatWere() {
        Columns columns = new Columns(1);
        for (int i = 0; i < 2 * Columns.MOST; i++) {
            columns.add(row(i % 2 == 0 ? Double.NaN : i));
        }

        Part part = columns.since(-1, 0);

        assertThat(part.low()[0]).isEqualTo(1);
        assertThat(part.high()[0]).isEqualTo(part.stride() - 1);
    }
}
