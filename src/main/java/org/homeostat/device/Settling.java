package org.homeostat.device;

/** When to read, and how often. */
public sealed interface Settling {

    /** How many readings are averaged, on the device, into each level read. */
    int reads();

    /** One reading after the device's own settling time. */
    Settling USUAL = new Usual(1);

    /** Read after the device's own settling time, {@link Descriptor#settleSeconds()}. */
    record Usual(int reads) implements Settling {
        public Usual {
            requireReads(reads);
        }
    }

    /** Read after a fixed time, settled or not. */
    record Dwell(double dwellSeconds, int reads) implements Settling {
        public Dwell {
            requireReads(reads);
            if (!(dwellSeconds >= 0) || Double.isInfinite(dwellSeconds)) {
                throw new IllegalArgumentException("a dwell needs 0 s or more, not " + dwellSeconds);
            }
        }
    }

    private static void requireReads(int reads) {
        if (reads < 1) {
            throw new IllegalArgumentException("expected at least one reading, not " + reads);
        }
    }
}
