package org.homeostat.pi;

/** Something between here and a chip is not as it should be. The message says what was seen and what to look at, without a subject. */
final class WiringException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    WiringException(String message) {
        super(message);
    }

    WiringException(String message, Throwable cause) {
        super(message, cause);
    }
}
