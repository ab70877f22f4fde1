package org.homeostat.wire;

/** Why a request was refused. The number on the wire is the place in this list, counted from 1. */
public enum ErrorCode {
    /** The type is unknown or the body makes no sense. */
    MALFORMED,
    /** The board speaks another major version. */
    VERSION,
    /** Not the current session. */
    SESSION,
    /** Not the next batch. */
    ORDER,
    /** The board is at safe levels; arm it. */
    LATCHED,
    /** The stimulus does not fit the card. */
    UNFIT,
    /** A set-point outside the limits. */
    LIMIT,
    /** Not a fresh arming number. */
    ARMING,
    /** The reply would be too large. */
    LARGE,
    /** Not now; send it again later. */
    BUSY,
    /** A part of the board does not work. */
    FAULT;

    private static final ErrorCode[] ALL = values();

    /** The code's number on the wire. */
    public int number() {
        return ordinal() + 1;
    }

    static ErrorCode of(int number) throws MalformedException {
        if (number < 1 || number > ALL.length) {
            throw new MalformedException("expected an error code from 1 to " + ALL.length + ", not " + number);
        }
        return ALL[number - 1];
    }
}
