package org.homeostat.guard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Ten million hostile set-points, on one lane and on three, over a line that loses some of them. */
class GuardedIT {

    @Test
    void noneOfTenMillionHostileSetPointsReachesAConverter() {
        for (int lanes : new int[] {1, 3}) {
            Codes codes = new Codes(lanes, 1);
            codes.losing = 50;
            Guarded guarded = new Guarded(codes, Codes.LIMITS);
            Hostile hostile = new Hostile(lanes);
            long asked = 0;
            long answered = 0;
            for (; hostile.setPoints < 5_000_000; asked++) {
                answered += hostile.asks(guarded) ? 1 : 0;
            }
            assertThat(codes.violations()).as(codes.worst).isZero();
            // Much was refused, and much got through, on foot where it was far.
            assertThat((double) answered / asked).isBetween(0.2, 0.9);
            assertThat(codes.exchanges).isGreaterThan(answered);
            assertThat(codes.lost).isGreaterThan(1000);
        }
    }
}
