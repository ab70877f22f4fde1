package org.homeostat.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One response of a RESULT, its values as they travel.
 *
 * @param micros microseconds from the beginning of the batch to the end of the reading
 * @param verdict how it went
 * @param role the role of the channel concerned; null if none, or if settled
 * @param index the index of that channel in its role; {@link #NO_INDEX} if none
 * @param readings what was read, one block a role, in the order OUTPUT, PARAMETER, FORCE, MONITOR
 */
public record WireResponse(
        long micros, Verdict verdict, @Nullable WireRole role, int index, List<Readings> readings) {

    /** No channel is concerned. */
    public static final int NO_INDEX = -1;

    /**
     * The readings of one role. With one read, {@code values} are codes or levels and {@code spreads} is null. With more
     * reads, {@code values} are the sum of the codes and {@code spreads} the sum of their squared differences from the
     * rounded mean, or on a channel without a scale the mean and its standard error. Sums are exact; squares are from
     * 2^53 up rounded, and saturate.
     *
     * @param role whose channels
     * @param values one row a lane, or one row for a role that lanes share
     * @param spreads of the same shape, or null
     */
    public record Readings(WireRole role, double[][] values, double @Nullable [][] spreads) {}

    public WireResponse {
        readings = List.copyOf(readings);
    }

    /** A settled response. */
    public static WireResponse settled(long micros, List<Readings> readings) {
        return new WireResponse(micros, Verdict.SETTLED, null, NO_INDEX, readings);
    }
}
