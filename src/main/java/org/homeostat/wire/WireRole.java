package org.homeostat.wire;

/** The roles of channels by their numbers on the wire, which are their places in this list. */
public enum WireRole {
    INPUT,
    OUTPUT,
    NUDGE,
    KNOB,
    SOFTNESS,
    PARAMETER,
    FORCE,
    MONITOR;

    private static final WireRole[] ALL = values();

    /** The role's number on the wire. */
    public int number() {
        return ordinal();
    }

    /** True where all lanes of a board share one row of values. */
    public boolean shared() {
        return this == KNOB || this == SOFTNESS || this == PARAMETER || this == FORCE;
    }

    static WireRole of(int number) throws MalformedException {
        if (number >= ALL.length) {
            throw new MalformedException("expected a role from 0 to " + (ALL.length - 1) + ", not " + number);
        }
        return ALL[number];
    }
}
