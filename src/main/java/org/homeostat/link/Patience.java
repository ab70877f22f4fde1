package org.homeostat.link;

import java.util.concurrent.locks.LockSupport;

/** How to wait for bytes that can only be asked for: first spinning, then in pauses that grow. Thread rule: one caller. */
final class Patience {

    private static final long SPIN_NANOS = 40_000;
    private static final long SHORTEST_NANOS = 20_000;
    private static final long LONGEST_NANOS = 1_000_000;

    private final long spinUntil = System.nanoTime() + SPIN_NANOS;
    private long nanos = SHORTEST_NANOS;

    /** Waits a little, and not beyond what is left. */
    void pause(long left) {
        if (System.nanoTime() - spinUntil < 0) {
            Thread.onSpinWait();
            return;
        }
        LockSupport.parkNanos(this, Math.min(left, nanos));
        nanos = Math.min(LONGEST_NANOS, nanos + nanos / 4);
    }
}
