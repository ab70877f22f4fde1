package org.homeostat.device;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A moment by which an answer is wanted; nested waits share what remains. Thread-safe. */
public final class Deadline {

    /** Never. For twins, which run in virtual time, and for tests. */
    public static final Deadline NEVER = new Deadline(() -> 0L, Long.MAX_VALUE);

    private final LongSupplier nanoClock;
    private final long endNanos;

    private Deadline(LongSupplier nanoClock, long endNanos) {
        this.nanoClock = nanoClock;
        this.endNanos = endNanos;
    }

    /** A deadline that lies {@code span} ahead. */
    public static Deadline in(Duration span) {
        return in(span, System::nanoTime);
    }

    /** A deadline that lies {@code span} ahead on a given monotonic clock in nanoseconds. */
    public static Deadline in(Duration span, LongSupplier nanoClock) {
        return new Deadline(nanoClock, nanoClock.getAsLong() + span.toNanos());
    }

    /** What remains; zero once it has passed. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, endNanos - nanoClock.getAsLong()));
    }

    /** True once it has passed. */
    public boolean passed() {
        return endNanos - nanoClock.getAsLong() <= 0;
    }

    /**
     * Refuses to begin when it is too late. Every device asks before it changes anything.
     *
     * @param board who asks, for the message
     * @throws DeviceException with {@link DeviceException.Fault#TIMEOUT} once it has passed
     */
    public void require(String board) {
        if (passed()) {
            throw new DeviceException(
                    DeviceException.Fault.TIMEOUT,
                    "board " + board + ": the deadline had passed before the exchange began; allow more time");
        }
    }
}
