package org.homeostat.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DeadlineTest {

    @Test
    void itCountsDownOnTheClockItWasGiven() {
        AtomicLong nanos = new AtomicLong(5_000);
        Deadline deadline = Deadline.in(Duration.ofNanos(100), nanos::get);
        assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(100));
        assertThat(deadline.passed()).isFalse();
        nanos.set(5_099);
        assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(1));
        assertThat(deadline.passed()).isFalse();
    }

    @Test
    void onceItHasPassedNothingRemains() {
        AtomicLong nanos = new AtomicLong();
        Deadline deadline = Deadline.in(Duration.ofNanos(100), nanos::get);
        for (long now : new long[] {100, 101, 1_000_000}) {
            nanos.set(now);
            assertThat(deadline.passed()).isTrue();
            assertThat(deadline.remaining()).isZero();
        }
    }

    @Test
    void aSpanOfNothingHasPassedAtOnce() {
        assertThat(Deadline.in(Duration.ZERO, () -> 42).passed()).isTrue();
        assertThat(Deadline.in(Duration.ofNanos(-1), () -> 42).passed()).isTrue();
        assertThat(Deadline.in(Duration.ofNanos(-1), () -> 42).remaining()).isZero();
    }

    @Test
    void theClockMayWrapAround() {
        // System.nanoTime has no meaning but by difference, and may run through Long.MAX_VALUE.
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 10);
        Deadline deadline = Deadline.in(Duration.ofNanos(100), nanos::get);
        assertThat(deadline.passed()).isFalse();
        nanos.addAndGet(60);
        assertThat(deadline.passed()).isFalse();
        assertThat(deadline.remaining()).isEqualTo(Duration.ofNanos(40));
        nanos.addAndGet(60);
        assertThat(deadline.passed()).isTrue();
    }

    @Test
    void neverDoesNotPass() {
        assertThat(Deadline.NEVER.passed()).isFalse();
        assertThat(Deadline.NEVER.remaining()).isGreaterThan(Duration.ofDays(365 * 100));
    }

    @Test
    void onTheSystemClockAnHourIsStillAhead() {
        Deadline deadline = Deadline.in(Duration.ofHours(1));
        assertThat(deadline.passed()).isFalse();
        assertThat(deadline.remaining()).isPositive().isLessThanOrEqualTo(Duration.ofHours(1));
    }
}
