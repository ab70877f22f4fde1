package org.homeostat.link;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: twice as long each time up to a longest, and shorter or longer by up to a
 * quarter at random, so that many who lost the same thing do not all come back at once. Thread rule: one caller at a time.
 */
public final class Backoff {

    private static final double SPREAD = 0.25;

    private final long firstNanos;
    private final long longestNanos;
    private final RandomGenerator random;
    private long nanos;

    /** From a first pause to the longest, both before the random part. */
    public Backoff(Duration first, Duration longest, RandomGenerator random) {
        if (!first.isPositive() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("back-off from " + first + " to " + longest
                    + ": expected a first pause above zero and a longest that is no shorter");
        }
        this.firstNanos = first.toNanos();
        this.longestNanos = longest.toNanos();
        this.random = random;
        this.nanos = firstNanos;
    }

    /** The pause before the next attempt. */
    public Duration next() {
        double factor = 1 + SPREAD * (2 * random.nextDouble() - 1);
        Duration pause = Duration.ofNanos((long) (factor * nanos));
        nanos = nanos > longestNanos / 2 ? longestNanos : 2 * nanos;
        return pause;
    }

    /** Begins again with the first pause, after an attempt has succeeded. */
    public void reset() {
        nanos = firstNanos;
    }
}
