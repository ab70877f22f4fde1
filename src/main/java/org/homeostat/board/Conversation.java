package org.homeostat.board;

import java.util.ArrayList;
import java.util.List;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.wire.Bytes;
import org.homeostat.wire.Codec;
import org.homeostat.wire.FrameReader;
import org.homeostat.wire.Frames;
import org.homeostat.wire.Header;
import org.homeostat.wire.Layout;
import org.homeostat.wire.MalformedException;
import org.homeostat.wire.Message.Batch;
import org.homeostat.wire.Message.Beat;
import org.homeostat.wire.Message.Reply;
import org.homeostat.wire.Message.Request;
import org.homeostat.wire.Pending;
import org.jspecify.annotations.Nullable;

/**
 * Requests and their replies on one link after another: sends, waits in the calling thread, sends again what stays
 * unanswered, and keeps the board from thinking that the host is gone. Thread rule: one caller at a time.
 */
final class Conversation {

    /** A host that has nothing to say says so this often (SPEC.md, section 5). */
    static final long BEAT_NANOS = 100_000_000;

    /** A request and, once it has come, its reply. */
    static final class Asked {
        private final Request request;
        private final long number;
        private final byte[] frame;
        private final long patienceNanos;
        private long sentNanos;
        private int times;
        private @Nullable Reply reply;
        private @Nullable MalformedException nonsense;

        private Asked(Request request, long number, byte[] frame, long patienceNanos) {
            this.request = request;
            this.number = number;
            this.frame = frame;
            this.patienceNanos = patienceNanos;
        }

        Request request() {
            return request;
        }

        @Nullable
        Reply reply() {
            return reply;
        }

        boolean answered() {
            return reply != null || nonsense != null;
        }

        /** The reply could not be understood. */
        @Nullable
        MalformedException nonsense() {
            return nonsense;
        }

        /** Again with doubled patience, so that a slow line is not flooded. */
        private long dueNanos() {
            return sentNanos + (patienceNanos << Math.min(times - 1, 5));
        }
    }

    /** Before WELCOME has said what the board takes: enough for everything but a card and a result. */
    private static final int LARGEST_AT_FIRST = 1024;

    private static final long LEAST_PATIENCE_NANOS = 30_000_000;

    /** A request whose reply nobody waits for is forgotten after this time. */
    private static final long FORGOTTEN_NANOS = 1_000_000_000;

    private final byte[] buffer = new byte[8192];
    private final Bytes payload = new Bytes();
    private final Bytes framed = new Bytes();
    private final Pending<Asked> pending = new Pending<>();
    private final List<Asked> batches = new ArrayList<>();
    private Codec codec = new Codec(Layout.NONE);
    private FrameReader reader = new FrameReader(LARGEST_AT_FIRST);
    private @Nullable Link link;
    private int largest = LARGEST_AT_FIRST;
    private @Nullable Asked beat;
    private long apart = Pending.APART;
    private long lastSentNanos;
    private long lastHeardNanos;
    private double roundTripNanos = 5e6;
    private long resent;

    /** Speaks on a new link. What was unanswered stays so, to be sent again. */
    void on(Link fresh, long limitNanos) throws LinkException {
        link = fresh;
        reader = new FrameReader(Math.max(largest, LARGEST_AT_FIRST));
        lastHeardNanos = System.nanoTime();
        // Ends whatever the board had collected.
        fresh.write(new byte[1], 0, 1, left(limitNanos));
    }

    /** From now on payloads may be that large. */
    void largest(int bytes) {
        largest = bytes;
        reader = new FrameReader(Math.max(bytes, LARGEST_AT_FIRST));
    }

    /** From now on values are laid out like this. */
    void layout(Layout layout) {
        codec = new Codec(layout);
    }

    Codec codec() {
        return codec;
    }

    /** A new session: nothing is waited for any longer. */
    void begin(long session) {
        pending.begin(session);
        batches.clear();
        beat = null;
    }

    /** A number that no batch has. */
    long apart() {
        return apart = apart == 0xffff_ffffL ? Pending.APART : apart + 1;
    }

    /** When bytes came last, by {@link System#nanoTime}. */
    long lastHeardNanos() {
        return lastHeardNanos;
    }

    long lastSentNanos() {
        return lastSentNanos;
    }

    /** How many frames were sent again, replies dropped and frames damaged so far. */
    long[] troubles() {
        return new long[] {resent, pending.dropped(), reader.dropped()};
    }

    /**
     * Makes a request ready and waits for its reply from now on; it is not sent yet.
     *
     * @param workNanos how long the board needs for it
     */
    Asked prepared(Request request, long number, long workNanos) {
        payload.clear();
        codec.encode(pending.session(), number, request, payload);
        framed.clear();
        Frames.encode(payload, framed);
        long patience = workNanos + LEAST_PATIENCE_NANOS + (long) (4 * roundTripNanos);
        Asked asked = new Asked(request, number, framed.copy(), patience);
        pending.await(new Header(request.type(), pending.session(), number), asked);
        if (request instanceof Batch) {
            batches.add(asked);
        }
        return asked;
    }

    /** Sends what was made ready. */
    void put(Asked asked, long limitNanos) throws LinkException {
        asked.sentNanos = System.nanoTime();
        asked.times++;
        lastSentNanos = asked.sentNanos;
        link().write(asked.frame, 0, asked.frame.length, Math.max(left(limitNanos), 1));
    }

    /** Sends the batches that are unanswered once more, in order, on a new link. */
    void again(long limitNanos) throws LinkException {
        for (Asked asked : batches) {
            repeat(asked, limitNanos);
        }
    }

    private void repeat(Asked asked, long limitNanos) throws LinkException {
        pending.repeat(asked.number);
        resent++;
        put(asked, limitNanos);
    }

    /** Waits for a reply; false if it did not come in time, and may still come. */
    boolean await(Asked asked, long limitNanos) throws LinkException {
        while (!asked.answered()) {
            long now = System.nanoTime();
            if (now - limitNanos >= 0) {
                return false;
            }
            if (now - asked.dueNanos() >= 0) {
                repeat(asked, limitNanos);
            }
            beatIfSilent(now, limitNanos);
            long wake = Math.min(limitNanos - now, asked.dueNanos() - now);
            pump(Math.min(wake, BEAT_NANOS - (now - lastSentNanos)));
        }
        return true;
    }

    /** Sends a BEAT if nothing was said for a while; its reply is taken by whoever reads next. */
    private void beatIfSilent(long now, long limitNanos) throws LinkException {
        if (now - lastSentNanos < BEAT_NANOS) {
            return;
        }
        Asked earlier = beat;
        if (earlier != null && !earlier.answered()) {
            if (now - earlier.sentNanos < FORGOTTEN_NANOS) {
                return;
            }
            pending.forget(earlier.number);
        }
        beat = prepared(new Beat(), apart(), 0);
        put(beat, limitNanos);
    }

    /** Asks and waits; null if there is no reply in time. */
    @Nullable
    Reply ask(Request request, long limitNanos) throws LinkException, MalformedException {
        Asked asked = prepared(request, apart(), 0);
        put(asked, limitNanos);
        if (!await(asked, limitNanos)) {
            pending.forget(asked.number);
            return null;
        }
        if (asked.nonsense != null) {
            throw asked.nonsense;
        }
        return asked.reply;
    }

    /** Waits for bytes and takes the replies among them. */
    void pump(long nanos) throws LinkException {
        int count = link().read(buffer, 0, buffer.length, Math.max(nanos, 0));
        if (count > 0) {
            lastHeardNanos = System.nanoTime();
            reader.feed(buffer, 0, count, this::take);
        }
    }

    private void take(byte[] bytes, int from, int length) {
        try {
            Header header = Header.of(bytes, from, length);
            Asked asked = pending.match(header);
            if (asked == null) {
                return;
            }
            batches.remove(asked);
            if (asked.times == 1) {
                double took = System.nanoTime() - asked.sentNanos;
                roundTripNanos += 0.125 * (Math.min(took, 1e9) - roundTripNanos);
            }
            try {
                asked.reply = codec.reply(bytes, from, length, asked.request);
            } catch (MalformedException broken) {
                asked.nonsense = broken;
            }
        } catch (MalformedException tooShort) {
            // Frames too short for a header never leave the reader.
            throw new IllegalStateException(tooShort);
        }
    }

    private Link link() {
        if (link == null) {
            throw new IllegalStateException("there is no link to speak on");
        }
        return link;
    }

    boolean connected() {
        return link != null && link.alive();
    }

    /** Lets the link go. */
    void hangUp() {
        Link old = link;
        link = null;
        if (old != null) {
            old.close();
        }
    }

    private static long left(long limitNanos) {
        return limitNanos - System.nanoTime();
    }
}
