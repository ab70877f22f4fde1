package org.homeostat.dashboard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Base64;

/**
 * The least and the largest level of each channel in columns of equally many exchanges, over as long a time as it
 * takes, in memory of one size: when the columns are full, neighbours are merged and each stands for twice as many
 * exchanges. So a spike of one exchange in a million is still seen.
 *
 * <p>Thread rule: one thread adds, any may read; who reads holds the other up for one copy of what is new.
 */
final class Columns {

    /** As many as a trace is wide on a page, and a little more. */
    static final int MOST = 512;

    private final int channels;

    /** By column, then by channel, as they are written and sent. */
    private final float[] low;

    private final float[] high;

    private long stride = 1;
    private int open;
    private long inOpen;
    private long count;
    private int merges;

    Columns(int channels) {
        this.channels = channels;
        low = new float[MOST * channels];
        high = new float[MOST * channels];
    }

    /**
     * What is new.
     *
     * @param count how many exchanges there were in all
     * @param stride how many exchanges a whole column stands for
     * @param from the first column here
     * @param merges how often columns were merged so far
     * @param whole how many columns are full by now, so that they will not change until the next merge
     */
    record Part(long count, long stride, int from, int merges, int whole, float[] low, float[] high) {

        static String base64(float[] values) {
            ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            return Base64.getEncoder().encodeToString(bytes.array());
        }
    }

    /**
     * Adds an exchange.
     *
     * @param rows one row a lane, together at most as many levels as there are channels; a row may be shorter, then the
     *     last channels have none
     */
    synchronized void add(double[][] rows) {
        int at = open * channels;
        if (inOpen == 0) {
            Arrays.fill(low, at, at + channels, Float.NaN);
            Arrays.fill(high, at, at + channels, Float.NaN);
        }
        for (double[] row : rows) {
            int size = Math.min(row.length, channels);
            for (int i = 0; i < size; i++) {
                float level = (float) row[i];
                low[at + i] = least(low[at + i], level);
                high[at + i] = -least(-high[at + i], -level);
            }
        }
        count++;
        if (++inOpen == stride) {
            inOpen = 0;
            if (++open == MOST) {
                merge();
            }
        }
    }

    private void merge() {
        for (int column = 0; column < MOST / 2; column++) {
            int to = column * channels;
            int one = 2 * to;
            int other = one + channels;
            for (int i = 0; i < channels; i++) {
                low[to + i] = least(low[one + i], low[other + i]);
                high[to + i] = -least(-high[one + i], -high[other + i]);
            }
        }
        open = MOST / 2;
        stride *= 2;
        merges++;
    }

    /** The lesser of two, of which either may be none. */
    private static float least(float one, float other) {
        return Float.isNaN(one) || other < one ? other : one;
    }

    /**
     * The columns that have changed since somebody looked.
     *
     * @param seenMerges how often they were merged then
     * @param seenWhole how many were full then
     */
    synchronized Part since(int seenMerges, int seenWhole) {
        int from = seenMerges == merges ? seenWhole : 0;
        int to = inOpen > 0 ? open + 1 : open;
        return new Part(
                count,
                stride,
                from,
                merges,
                open,
                Arrays.copyOfRange(low, from * channels, to * channels),
                Arrays.copyOfRange(high, from * channels, to * channels));
    }

    int channels() {
        return channels;
    }
}
