package org.homeostat.wire;

/** The kinds of nudge, by the number in a stimulus, which is the place in this list. */
public enum NudgeKind {
    NONE,
    /** A constant force. */
    FORCE,
    /** A spring. */
    COUPLING,
    /** The constant force that a spring exerts at the outputs that the board read last without a nudge. */
    DIFFERENCE,
    /** The outputs held. */
    CLAMP,
    /** A spring whose strength changes steadily. */
    RAMP;

    private static final NudgeKind[] ALL = values();

    /** The kind's number in a stimulus. The card has bit {@code number - 1} for it. */
    public int number() {
        return ordinal();
    }

    static NudgeKind of(int number) throws MalformedException {
        if (number >= ALL.length) {
            throw new MalformedException("expected a nudge from 0 to " + (ALL.length - 1) + ", not " + number);
        }
        return ALL[number];
    }
}
