package org.homeostat.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stimulus of a BATCH, its values as they travel: a code, as a whole number, on a channel that has a scale, else
 * the level itself, which a hostile sender may have made any double.
 *
 * @param free true if the parameters are free
 * @param afresh true if the board lets its state go first
 * @param reads how many readings are averaged, 1 to 65535
 * @param dwellMicros read after that time, settled or not; {@link #NO_DWELL} for the board's own settling time
 * @param blocks levels imposed, by ascending role
 * @param nudge the pull on the outputs
 */
public record WireStimulus(
        boolean free, boolean afresh, int reads, long dwellMicros, List<Block> blocks, WireNudge nudge) {

    /** No dwell is given. */
    public static final long NO_DWELL = -1;

    /**
     * Values on channels of one role.
     *
     * @param role whose channels
     * @param perLane true for one row a lane, false for one row for all
     * @param positions the channels spoken of, ascending; null for all
     * @param rows the values, row by row; no rows at all if there is no channel to speak of
     */
    public record Block(WireRole role, boolean perLane, int @Nullable [] positions, double[][] rows) {}

    /**
     * A pull on the outputs.
     *
     * @param kind its kind; the other fields say nothing if {@link NudgeKind#NONE}
     * @param beta the strength, of a ramp at its beginning; 0 with {@link NudgeKind#FORCE} and {@link NudgeKind#CLAMP},
     *     which have none
     * @param to the strength of a ramp at its end; 0 without one
     * @param seconds how long a ramp takes; 0 without one
     * @param perLane true for one row a lane, false for one row for all
     * @param rows values of all NUDGE channels if a force, else a target for each output in its unit
     */
    public record WireNudge(NudgeKind kind, double beta, double to, double seconds, boolean perLane, double[][] rows) {

        /** No pull. */
        public static final WireNudge NONE = new WireNudge(NudgeKind.NONE, 0, false, new double[0][]);

        /** A nudge that is no ramp. */
        public WireNudge(NudgeKind kind, double beta, boolean perLane, double[][] rows) {
            this(kind, beta, 0, 0, perLane, rows);
        }
    }

    public WireStimulus {
        blocks = List.copyOf(blocks);
    }

    /** A stimulus that goes on from where the board stands. */
    public WireStimulus(boolean free, int reads, long dwellMicros, List<Block> blocks, WireNudge nudge) {
        this(free, false, reads, dwellMicros, blocks, nudge);
    }
}
