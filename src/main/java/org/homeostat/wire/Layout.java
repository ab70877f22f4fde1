package org.homeostat.wire;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * What must be known of a board's card to read batches and results: how many lanes and channels there are, how wide the
 * value of each is, and which roles the board reads. Immutable.
 */
public final class Layout {

    private static final WireRole[] ROLES = WireRole.values();
    private static final int[] NO_CHANNELS = {};

    // Behind what its constructor needs.
    /** Nothing is known yet: enough for everything but ARM with limits, BATCH and RESULT. */
    public static final Layout NONE = new Layout(1, Map.of(), Set.of());

    private final int lanes;
    private final int[][] widths = new int[ROLES.length][];
    private final Set<WireRole> read;

    /**
     * A layout.
     *
     * @param lanes how many identical copies share one set of parameters, 1 or more
     * @param widths for each role that has channels, the width of each channel's value in bytes, in order: 1, 2 or 4 for
     *     a code, 8 for a level
     * @param read the roles that the board reads, of OUTPUT, PARAMETER, FORCE and MONITOR
     */
    public Layout(int lanes, Map<WireRole, int[]> widths, Set<WireRole> read) {
        if (lanes < 1) {
            throw new IllegalArgumentException("expected 1 lane or more, not " + lanes);
        }
        this.lanes = lanes;
        for (WireRole role : ROLES) {
            this.widths[role.ordinal()] = widths.getOrDefault(role, NO_CHANNELS).clone();
            for (int width : this.widths[role.ordinal()]) {
                if (width != 1 && width != 2 && width != 4 && width != 8) {
                    throw new IllegalArgumentException(
                            "role " + role + ": a value has 1, 2, 4 or 8 bytes, not " + width);
                }
            }
        }
        this.read = read.isEmpty() ? EnumSet.noneOf(WireRole.class) : EnumSet.copyOf(read);
        for (WireRole role : this.read) {
            switch (role) {
                case OUTPUT, PARAMETER, FORCE, MONITOR -> {}
                case INPUT, NUDGE, KNOB, SOFTNESS ->
                    throw new IllegalArgumentException("role " + role + " is imposed, never read");
            }
        }
        this.read.removeIf(role -> count(role) == 0);
    }

    /** The width of a value with so many codes; 0 codes stand for a channel without a scale. */
    public static int width(long codes) {
        if (codes == 0) {
            return 8;
        }
        return codes <= 1 << 8 ? 1 : codes <= 1 << 16 ? 2 : 4;
    }

    /** How many lanes the board has. */
    public int lanes() {
        return lanes;
    }

    /** How many channels a role has. */
    public int count(WireRole role) {
        return widths[role.ordinal()].length;
    }

    /** How many bytes the value of a channel has. */
    public int width(WireRole role, int channel) {
        return widths[role.ordinal()][channel];
    }

    /** The roles that are read and have channels, in the order in which a response holds them. */
    public Set<WireRole> read() {
        return EnumSet.copyOf(read);
    }

    /** How many rows of values a role has. */
    public int rows(WireRole role) {
        return role.shared() ? 1 : lanes;
    }

    int[] widths(WireRole role) {
        return widths[role.ordinal()];
    }

    boolean reads(WireRole role) {
        return read.contains(role);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Layout that
                && lanes == that.lanes
                && Arrays.deepEquals(widths, that.widths)
                && read.equals(that.read);
    }

    @Override
    public int hashCode() {
        return 31 * lanes + Arrays.deepHashCode(widths);
    }

    @Override
    public String toString() {
        Map<WireRole, String> channels = new EnumMap<>(WireRole.class);
        for (WireRole role : ROLES) {
            if (count(role) > 0) {
                channels.put(role, Arrays.toString(widths(role)));
            }
        }
        return lanes + " lanes, widths " + channels + ", reads " + read;
    }
}
