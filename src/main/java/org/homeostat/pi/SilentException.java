package org.homeostat.pi;

import org.jspecify.annotations.Nullable;

/** Nobody acknowledged an address on an I2C bus, or the bus itself refused, which Linux does not tell apart. */
final class SilentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SilentException(@Nullable Throwable cause) {
        super("does not acknowledge its address", cause);
    }
}
