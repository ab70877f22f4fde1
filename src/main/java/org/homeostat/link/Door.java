package org.homeostat.link;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.homeostat.link.LinkException.Trouble;
import org.jspecify.annotations.Nullable;

/**
 * Keeps count of who is inside a link's calls and lets nobody in once the link has ended. A file number that is closed
 * under a call may at once mean another file, so nothing is closed before those inside have left. Thread-safe.
 */
final class Door {

    private record End(Trouble trouble, String sentence) {
        LinkException said() {
            return new LinkException(trouble, sentence);
        }
    }

    private static final long LOOK_NANOS = 100_000;
    private static final long YEAR_NANOS = 365L * 86_400 * 1_000_000_000;

    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicReference<@Nullable End> end = new AtomicReference<>();

    /** The moment by {@link System#nanoTime} that lies so many nanoseconds ahead, at most a year. */
    static long limit(long nanos) {
        return System.nanoTime() + Math.clamp(nanos, 0, YEAR_NANOS);
    }

    /** Goes in; whoever does must {@link #leave}. */
    void enter() throws LinkException {
        inside.incrementAndGet();
        End ended = end.get();
        if (ended != null) {
            inside.decrementAndGet();
            throw ended.said();
        }
    }

    void leave() {
        inside.decrementAndGet();
    }

    /** Ends the link for a reason; true for the first who does. */
    boolean shut(Trouble trouble, String sentence) {
        return end.compareAndSet(null, new End(trouble, sentence));
    }

    boolean open() {
        return end.get() == null;
    }

    /** Why the link ended; only once it has. */
    LinkException reason() {
        End ended = end.get();
        if (ended == null) {
            throw new IllegalStateException("the link has not ended");
        }
        return ended.said();
    }

    /** Waits until nobody is inside; false if that took longer. */
    boolean empty(long nanos) {
        long limit = System.nanoTime() + nanos;
        while (inside.get() > 0) {
            if (System.nanoTime() - limit >= 0) {
                return false;
            }
            LockSupport.parkNanos(this, LOOK_NANOS);
        }
        return true;
    }
}
