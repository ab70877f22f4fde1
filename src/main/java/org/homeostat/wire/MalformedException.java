package org.homeostat.wire;

/** A payload that makes no sense. The message is one sentence; a board answers with ERROR malformed. */
public final class MalformedException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
        super(message);
    }
}
