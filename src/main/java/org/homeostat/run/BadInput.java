package org.homeostat.run;

import org.jspecify.annotations.Nullable;

/** Something the user gave cannot be used. The message says what, where, what was expected, and what to do next. */
public final class BadInput extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BadInput(String message) {
        super(message);
    }

    public BadInput(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
