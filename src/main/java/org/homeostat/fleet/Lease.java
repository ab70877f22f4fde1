package org.homeostat.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who drives a board (firmware-protocol/MQTT.md, section 3), as the agent keeps it. What is known of time comes from outside:
 * moments by {@link System#nanoTime}. Thread rule: one caller.
 */
final class Lease {

    /** After so long without a word of its owner it ends. */
    static final Duration TERM = Duration.ofSeconds(5);

    /** Links that were cut off; more than this many are no longer remembered, as their messages have long expired. */
    private static final int MOST_CUT = 64;

    /** What becomes of the wish to take it. */
    enum Claim {
        /** Nobody has it. */
        FREE,
        /** The one who asks has it, and now on this link. */
        OWN,
        /** Someone else has it. */
        HELD,
        /** It was asked before something that has been heard already, or on a link that was cut off. */
        LATE
    }

    /** What becomes of a frame. */
    enum Pass {
        /** It is from the owner, and in time. */
        PASSES,
        /** It is no newer than what has been heard on this link. */
        LATE,
        /** It is not from the owner's link, or does not carry the number in force. */
        LOST
    }

    /**
     * The lease as one has it.
     *
     * @param number in force
     * @param owner 16 hexadecimal digits
     * @param holder who that is, for people
     * @param since when it was granted
     * @param link the owner's link
     */
    record Held(long number, String owner, String holder, Instant since, long link) {
        private Held on(long fresh) {
            return new Held(number, owner, holder, since, fresh);
        }
    }

    private final Set<Long> cut = new LinkedHashSet<>();
    private @Nullable Held held;
    private long count;
    private long heardNanos;

    /** Who has it; null if nobody does. */
    @Nullable
    Held held() {
        return held;
    }

    /** Someone wants it. An owner who has it already has it on this link from now on. */
    Claim claim(String owner, long link, long number, long nowNanos) {
        Held now = held;
        if (cut.contains(link) || now != null && now.link == link && later(number)) {
            return Claim.LATE;
        }
        if (now == null) {
            return Claim.FREE;
        }
        if (!now.owner.equals(owner)) {
            return Claim.HELD;
        }
        if (now.link != link) {
            cutOff(now.link);
            held = now.on(link);
        }
        count = number;
        heardNanos = nowNanos;
        return Claim.OWN;
    }

    /** Gives it to the one who asked for it while nobody had it. */
    void grant(Held to, long messageCount, long nowNanos) {
        held = to;
        count = messageCount;
        heardNanos = nowNanos;
    }

    /** Whether a frame may go to the board. */
    Pass pass(long number, long link, long messageCount, long nowNanos) {
        Held now = held;
        if (now == null || now.number != number || now.link != link) {
            return Pass.LOST;
        }
        if (later(messageCount)) {
            return Pass.LATE;
        }
        count = messageCount;
        heardNanos = nowNanos;
        return Pass.PASSES;
    }

    /** True if the owner gives it back. */
    boolean leaves(long number, long link) {
        Held now = held;
        return now != null && now.number == number && now.link == link;
    }

    /** True if the owner has been silent for too long. */
    boolean over(long nowNanos) {
        return held != null && nowNanos - heardNanos > TERM.toNanos();
    }

    /** From now on nobody has it. */
    void end() {
        Held now = held;
        if (now != null) {
            cutOff(now.link);
            held = null;
        }
    }

    private boolean later(long messageCount) {
        return Long.compareUnsigned(messageCount, count) <= 0;
    }

    private void cutOff(long link) {
        cut.add(link);
        if (cut.size() > MOST_CUT) {
            cut.remove(cut.iterator().next());
        }
    }
}
