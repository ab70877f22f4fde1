package org.homeostat.wire;

/** Why a board was latched last, by the number on the wire, which is the place in this list. */
public enum Reason {
    /** Not armed since power-on. */
    NEVER_ARMED,
    /** The host was silent. */
    SILENCE,
    /** The host said STOP. */
    STOP,
    /** A HELLO began a new session. */
    NEW_SESSION,
    /** A fault of the board. */
    FAULT;

    private static final Reason[] ALL = values();

    /** The reason's number on the wire. */
    public int number() {
        return ordinal();
    }

    static Reason of(int number) throws MalformedException {
        if (number >= ALL.length) {
            throw new MalformedException("expected a reason from 0 to " + (ALL.length - 1) + ", not " + number);
        }
        return ALL[number];
    }
}
