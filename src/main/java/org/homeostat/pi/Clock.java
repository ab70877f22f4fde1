package org.homeostat.pi;

import java.util.concurrent.locks.LockSupport;

/** Time, as it goes by or as a test lets it. */
interface Clock {

    /** Below this it is not worth while to let another thread run: the pause would become longer than asked. */
    long SHORT_NANOS = 100_000;

    /** A time in nanoseconds that only goes forward. */
    long nanos();

    /** Lets so much time go by, and hardly more. */
    void pause(double seconds);

    /** The computer's. */
    Clock SYSTEM = new Clock() {
        @Override
        public long nanos() {
            return System.nanoTime();
        }

        @Override
        public void pause(double seconds) {
            long end = System.nanoTime() + Math.round(seconds * 1e9);
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                if (left > SHORT_NANOS) {
                    LockSupport.parkNanos(left - SHORT_NANOS / 2);
                } else {
                    Thread.onSpinWait();
                }
            }
        }
    };
}
