package org.homeostat.wire;

/** The kinds of nudge, by the number in a stimulus, which is the place in this list. */
public enum NudgeKind {
    NONE,
    /** A constant force. */
    FORCE,
    /** A spring. */
    COUPLING,
    /** The constant force that a spring exerts at the outputs that the board read last without a nudge. */
    DIFFERENCE;

    private static final NudgeKind[] ALL = values();

    /** The kind's number in a stimulus. The card has bit {@code number - 1} for it. */
    public int number() {
        return ordinal();
    }

    /** The kind of a number from 0 to 3. */
    static NudgeKind of(int number) {
        return ALL[number];
    }
}
