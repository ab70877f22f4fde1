package org.homeostat.wire;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a host waits for: which replies belong to which requests. Times nothing and sends nothing; when to send again
 * and when to give up is the caller's. Not thread-safe.
 *
 * <p>An ERROR does not say the type of what it answers, so within a session a number may stand for one request only.
 * Batches count up from 1; give everything else numbers from {@link #APART} up, each once.
 *
 * @param <T> what the caller keeps with a request
 */
public final class Pending<T> {

    /** From here up, numbers are not used by batches. */
    public static final long APART = 0x8000_0000L;

    private static final class Entry<T> {
        final Header request;
        final T kept;
        final long turn;
        boolean repeated;

        Entry(Header request, T kept, long turn) {
            this.request = request;
            this.kept = kept;
            this.turn = turn;
        }
    }

    private final Map<Long, Entry<T>> entries = new HashMap<>();
    private long session;
    private long turns;
    private long doubtful;
    private long dropped;

    /** Begins a session: nothing that was waited for is waited for any longer. */
    public void begin(long other) {
        session = other;
        entries.clear();
        doubtful = 0;
    }

    /** The current session, 0 before the first. */
    public long session() {
        return session;
    }

    /**
     * Waits for the reply to a request of the current session, from before it is sent.
     *
     * @throws IllegalStateException if its number is waited for already, or its session is not the current one
     */
    public void await(Header request, T kept) {
        if (request.session() != session) {
            throw new IllegalStateException(
                    "request of session " + request.session() + " in session " + session + "; begin it first");
        }
        if (entries.putIfAbsent(request.number(), new Entry<>(request, kept, turns + 1)) != null) {
            throw new IllegalStateException(
                    "number " + request.number() + " is waited for already; wait for its reply or take another number");
        }
        turns++;
    }

    /** Notes that a request is sent once more. It is still waited for once. */
    public void repeat(long number) {
        Entry<T> entry = entries.get(number);
        if (entry == null) {
            throw new IllegalStateException("number " + number + " is not waited for, so it cannot be sent again");
        }
        entry.repeated = true;
    }

    /**
     * Takes a reply. It is waited for no longer if it was.
     *
     * @return what was kept with the request that it answers; null if it answers none, and is dropped and counted
     */
    @Nullable
    public T match(Header reply) {
        Entry<T> entry = entries.get(reply.number());
        if (entry == null || !reply.answers(entry.request)) {
            dropped++;
            return null;
        }
        entries.remove(reply.number());
        if (entry.turn > doubtful) {
            doubtful = 0;
        }
        if (entry.repeated && reply.type() == Header.ERROR) {
            doubtful = turns;
        }
        return entry.kept;
    }

    /**
     * False after an ERROR to a request that was sent more than once: the same ERROR may come again, and would be taken
     * for the reply to another batch of the same number. True again when something that was waited for later got its
     * reply, since a line keeps the order; a BEAT will do.
     */
    public boolean settled() {
        return doubtful == 0;
    }

    /** Waits for a reply no longer; its number must not be used again in this session. */
    public void forget(long number) {
        entries.remove(number);
    }

    /** How many replies are waited for. */
    public int size() {
        return entries.size();
    }

    /** How many replies were dropped. */
    public long dropped() {
        return dropped;
    }
}
