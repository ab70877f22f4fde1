package org.homeostat.app;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and a polite kill: asks the run to stop, and keeps the process alive until the run has left its device at safe
 * levels and written its checkpoint. The process then ends with 128 plus the number of the signal: 130 for Ctrl-C; or with a
 * code that was asked for.
 */
final class Interrupt implements AutoCloseable {

    /** Longer than any single exchange may take. */
    private static final long PATIENCE_SECONDS = 30;

    private static final int BY_SIGNAL = -1;

    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook;
    private final int code;
    private volatile boolean requested;

    /** For a run, which did not come to its end. */
    Interrupt() {
        this(BY_SIGNAL);
    }

    /**
     * For what has no other end.
     *
     * @param code what the process ends with
     */
    Interrupt(int code) {
        this.code = code;
        hook = new Thread(this::await, "interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void await() {
        requested = true;
        try {
            if (!finished.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("homeostat: could not confirm in " + PATIENCE_SECONDS
                        + " s that the device is at its safe levels: check the board by hand; its own watchdog puts its "
                        + "outputs there once this program has ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (code != BY_SIGNAL) {
            System.out.flush();
            Runtime.getRuntime().halt(code);
        }
    }

    /** True once somebody wants the run to stop. */
    boolean requested() {
        return requested;
    }

    @Override
    public void close() {
        finished.countDown();
        if (!requested) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The signal came just now: the hook sees the latch and lets the process end.
            }
        }
    }
}
