package planted.rooms.learn;

import java.time.Instant;
import planted.rooms.twin.Secret;

/** Breaks the one-way rule: a learner that knows a twin. It waits by the clock on the wall, too. */
public final class Peeking {
    public boolean waits(long untilMillis) {
        return System.currentTimeMillis() < untilMillis;
    }

    public Instant dates() {
        return Instant.now();
    }

    public double peek(Secret secret) {
        return secret.theta();
    }
}
