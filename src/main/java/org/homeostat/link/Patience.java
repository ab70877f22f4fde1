package org.homeostat.link;

import java.util.concurrent.locks.LockSupport;

/**
 * How to wait for bytes that can only be asked for: at first only letting others go first, then in pauses that grow with the
 * time waited so far. Thread rule: one caller.
 */
final class Patience {

    private static final long BRISK_NANOS = 100_000;
    private static final long SHORTEST_NANOS = 20_000;
    private static final long LONGEST_NANOS = 1_000_000;

    private final long briskUntil = System.nanoTime() + BRISK_NANOS;
    private long nanos = SHORTEST_NANOS;

    /** Waits a little, and not beyond what is left. */
    void pause(long left) {
        if (System.nanoTime() - briskUntil < 0) {
            Thread.yield();
            return;
        }
        LockSupport.parkNanos(this, Math.min(left, nanos));
        nanos = Math.min(LONGEST_NANOS, nanos + nanos / 4);
    }
}
