package planted.rooms.learn;

import planted.rooms.twin.Secret;

/** Breaks the one-way rule: a learner that knows a twin. */
public final class Peeking {
    public double peek(Secret secret) {
        return secret.theta();
    }
}
