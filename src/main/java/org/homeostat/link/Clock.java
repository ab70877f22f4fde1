package org.homeostat.link;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Does small things later: one daemon thread for the whole program, there only while something is to be done. What it does must
 * not wait. Thread-safe.
 */
final class Clock {

    private static final long IDLE_SECONDS = 1;

    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private Clock() {}

    private static ScheduledThreadPoolExecutor clock() {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("link-clock").factory());
        clock.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        clock.allowCoreThreadTimeOut(true);
        clock.setRemoveOnCancelPolicy(true);
        return clock;
    }

    /** Does it once, so many nanoseconds from now. */
    static Future<?> in(long nanos, Runnable what) {
        return CLOCK.schedule(what, nanos, TimeUnit.NANOSECONDS);
    }

    /** Does it again and again. */
    static Future<?> every(long nanos, Runnable what) {
        return CLOCK.scheduleAtFixedRate(what, nanos, nanos, TimeUnit.NANOSECONDS);
    }
}
