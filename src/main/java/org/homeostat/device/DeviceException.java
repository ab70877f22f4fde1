package org.homeostat.device;

/** The channel to a device broke. The message names the device, what was tried, and what to do next. */
public final class DeviceException extends RuntimeException {

    /** In what way it broke. */
    public enum Fault {
        /** No answer before the deadline. */
        TIMEOUT(true),
        /** The device is gone. */
        DISCONNECTED(true),
        /** An answer came that cannot be what the device said. */
        CORRUPT(true),
        /** The device understood and declined. */
        REFUSED(false),
        /** The device has no such thing. */
        UNSUPPORTED(false),
        /** The device went to its safe levels and stays there until somebody takes it out of them. */
        LATCHED(false),
        /** What was asked lies beyond a safety limit, and was not imposed. */
        LIMIT(false);

        private final boolean retrySensible;

        Fault(boolean retrySensible) {
            this.retrySensible = retrySensible;
        }

        /** True if the same stimulus may succeed later. Repeating a FREE one is safe only where the device counts exchanges. */
        public boolean retrySensible() {
            return retrySensible;
        }
    }

    private static final long serialVersionUID = 1L;

    private final Fault fault;

    public DeviceException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public DeviceException(Fault fault, String message, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    /** In what way it broke. */
    public Fault fault() {
        return fault;
    }
}
