package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration FIRST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Backoff backoff = new Backoff(FIRST, LONGEST, new SplittableRandom(1));

    @Test
    void pausesDoubleUpToTheLongest() {
        double expected = 0.1;
        for (int i = 0; i < 100; i++) {
            assertThat(backoff.next().toNanos() * 1e-9).isCloseTo(expected, within(0.25 * expected));
            expected = Math.min(5, 2 * expected);
        }
    }

    @Test
    void pausesDiffer() {
        for (int i = 0; i < 20; i++) {
            backoff.next();
        }
        assertThat(backoff.next()).isNotEqualTo(backoff.next());
    }

    @Test
    void afterASuccessItBeginsAgain() {
        for (int i = 0; i < 20; i++) {
            backoff.next();
        }
        backoff.reset();
        assertThat(backoff.next()).isBetween(Duration.ofMillis(75), Duration.ofMillis(125));
    }

    @Test
    void itTakesTheLongestPauseThereIs() {
        Backoff endless = new Backoff(Duration.ofNanos(1), Duration.ofNanos(Long.MAX_VALUE), new SplittableRandom(2));
        for (int i = 0; i < 200; i++) {
            assertThat(endless.next()).isGreaterThanOrEqualTo(Duration.ZERO);
        }
    }

    @Test
    void pausesThatMakeNoSenseAreRefused() {
        SplittableRandom random = new SplittableRandom(3);
        assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(Duration.ZERO, LONGEST, random));
        assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(LONGEST, FIRST, random));
    }
}
