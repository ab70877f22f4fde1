package org.homeostat.circuit;

import java.io.Serial;

/** A circuit without an operating point, or one whose operating point was not found; says which elements, and what to do. */
public final class UnsolvableException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    public UnsolvableException(String sentence) {
        super(sentence);
    }
}
