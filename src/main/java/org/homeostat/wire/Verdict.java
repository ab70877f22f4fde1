package org.homeostat.wire;

/** How an exchange went, by the number on the wire, which is the place in this list. */
public enum Verdict {
    SETTLED,
    /** A reading at the end of its converter. */
    CLIPPED,
    /** Read too early. */
    UNSETTLED,
    /** A knob at the end of its range. */
    SATURATED,
    UNSTABLE,
    /** A held parameter jumped. */
    SNAPPED,
    /** Oscillators at different frequencies. */
    UNLOCKED;

    private static final Verdict[] ALL = values();

    /** The verdict's number on the wire. */
    public int number() {
        return ordinal();
    }

    static Verdict of(int number) throws MalformedException {
        if (number >= ALL.length) {
            throw new MalformedException("expected a verdict from 0 to " + (ALL.length - 1) + ", not " + number);
        }
        return ALL[number];
    }
}
