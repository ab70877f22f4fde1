package org.homeostat.board;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.wire.Bytes;
import org.homeostat.wire.Codec;
import org.homeostat.wire.FrameReader;
import org.homeostat.wire.Frames;
import org.homeostat.wire.Header;
import org.homeostat.wire.Layout;
import org.homeostat.wire.MalformedException;
import org.homeostat.wire.Message.Beat;
import org.homeostat.wire.Message.Reply;
import org.homeostat.wire.Message.Request;
import org.homeostat.wire.Pending;
import org.jspecify.annotations.Nullable;

/**
 * Requests and their replies on one link after another: sends, waits in the calling thread, sends again what stays
 * unanswered, and keeps the board from thinking that the host is gone. Thread rule: one caller at a time; {@link
 * #connected}, {@link #reserve} and {@link #hangUp} from anywhere.
 */
final class Conversation {

    /** A request and, once it has come, its reply. */
    static final class Asked {
        private final Request request;
        private final long number;
        private final byte[] frame;
        private final int bytes;
        private final long workNanos;
        private long patienceNanos;
        private long sentNanos;
        private int times;
        private @Nullable Reply reply;
        private @Nullable MalformedException nonsense;

        private Asked(Request request, long number, byte[] frame, int replyBytes, long workNanos) {
            this.request = request;
            this.number = number;
            this.frame = frame;
            this.bytes = frame.length + replyBytes;
            this.workNanos = workNanos;
        }

        long number() {
            return number;
        }

        boolean answered() {
            return reply != null || nonsense != null;
        }

        /** The reply; null while there is none. */
        @Nullable
        Reply reply() throws MalformedException {
            if (nonsense != null) {
                throw nonsense;
            }
            return reply;
        }

        /** Again with doubled patience, so that a slow line is not flooded. */
        private long dueNanos() {
            return sentNanos + (patienceNanos << Math.min(times - 1, 5));
        }
    }

    /** Before WELCOME has said what the board takes: enough for everything but a card and a result. */
    private static final int LARGEST_AT_FIRST = 1024;

    /** A host that has nothing to say says so this often (SPEC.md, section 5). */
    private static final long BEAT_NANOS = 100_000_000;

    private static final long LEAST_PATIENCE_NANOS = 30_000_000;
    private static final long LEAST_WRITE_NANOS = 10_000_000;
    private static final double MOST_NANOS_A_BYTE = 1e7;

    /** A reply that is not a RESULT or a part of the card. */
    private static final int SHORT_REPLY = 64;

    private final Supplier<? extends RuntimeException> sentAway;
    private final byte[] buffer = new byte[8192];
    private final Bytes payload = new Bytes();
    private final Bytes framed = new Bytes();
    private final Pending<Asked> pending = new Pending<>();
    private final AtomicReference<@Nullable Link> link = new AtomicReference<>();
    private Codec codec = new Codec(Layout.NONE);
    private FrameReader reader = new FrameReader(LARGEST_AT_FIRST);
    private int largest = LARGEST_AT_FIRST;
    private @Nullable Asked beat;
    private long apart = Pending.APART;
    private long lastSentNanos;
    private long lastHeardNanos;
    private long beatNanos = BEAT_NANOS;

    /** How long a round trip takes for each byte of it, both ways, delays and all. */
    private double nanosAByte = 5e4;

    private long heard;

    private long resent;
    private long damaged;
    private final AtomicReference<@Nullable Thread> reserved = new AtomicReference<>();

    /**
     * A conversation without a link.
     *
     * @param sentAway what is thrown at all threads but the one that has reserved it
     */
    Conversation(Supplier<? extends RuntimeException> sentAway) {
        this.sentAway = sentAway;
    }

    /** Speaks on a new link. What was unanswered stays so. */
    void on(Link fresh, long limitNanos) throws LinkException {
        hangUp();
        link.set(fresh);
        read(Math.max(largest, LARGEST_AT_FIRST));
        lastHeardNanos = System.nanoTime();
        try {
            requireFree();
        } catch (RuntimeException sentAway) {
            hangUp();
            throw sentAway;
        }
        // Ends whatever the board had collected.
        fresh.write(new byte[1], 0, 1, Math.max(left(limitNanos), LEAST_WRITE_NANOS));
    }

    private void read(int most) {
        damaged += reader.dropped();
        reader = new FrameReader(most);
    }

    /** From now on payloads may be that large. */
    void largest(int bytes) {
        largest = bytes;
        read(Math.max(bytes, LARGEST_AT_FIRST));
    }

    /** From now on a BEAT is sent where nothing else was for that long, or for the usual time if that is shorter. */
    void beatEvery(long nanos) {
        beatNanos = Math.min(nanos, BEAT_NANOS);
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
        beat = null;
    }

    /** A number that no batch has. */
    long apart() {
        return apart = apart == 0xffff_ffffL ? Pending.APART : apart + 1;
    }

    /** How many bytes have come so far. */
    long heard() {
        return heard;
    }

    /** When bytes came last, by {@link System#nanoTime}. */
    long lastHeardNanos() {
        return lastHeardNanos;
    }

    /** True if nothing was said for so long that a BEAT is due. */
    boolean quiet() {
        return System.nanoTime() - lastSentNanos >= beatNanos;
    }

    long beatNanos() {
        return beatNanos;
    }

    /** How many frames were sent again, replies dropped and frames damaged so far. */
    long[] troubles() {
        return new long[] {resent, pending.dropped(), damaged + reader.dropped()};
    }

    /**
     * Makes a request ready and waits for its reply from now on; it is not sent yet.
     *
     * @param replyBytes how large the reply will be, about
     * @param workNanos how long the board needs for it
     */
    Asked prepared(Request request, long number, int replyBytes, long workNanos) {
        payload.clear();
        codec.encode(pending.session(), number, request, payload);
        framed.clear();
        Frames.encode(payload, framed);
        Asked asked = new Asked(request, number, framed.copy(), replyBytes, workNanos);
        pending.await(header(asked), asked);
        return asked;
    }

    private Header header(Asked asked) {
        return new Header(asked.request.type(), pending.session(), asked.number);
    }

    /** Sends what was made ready; nothing if it is too late. */
    void put(Asked asked, long limitNanos) throws LinkException {
        requireFree();
        asked.sentNanos = System.nanoTime();
        asked.times++;
        asked.patienceNanos = asked.workNanos + LEAST_PATIENCE_NANOS + (long) (4 * nanosAByte * asked.bytes);
        long left = left(limitNanos);
        if (left > 0) {
            lastSentNanos = asked.sentNanos;
            link().write(asked.frame, 0, asked.frame.length, Math.max(left, LEAST_WRITE_NANOS));
        }
    }

    /** Sends a request once more, also one that was refused. */
    void again(Asked asked, long limitNanos) throws LinkException {
        if (asked.answered()) {
            asked.reply = null;
            asked.nonsense = null;
            pending.await(header(asked), asked);
        }
        pending.repeat(asked.number);
        resent++;
        put(asked, limitNanos);
    }

    /** The board begins with it only now, so that it is not overdue yet. */
    void begun(Asked asked) {
        asked.sentNanos = System.nanoTime();
    }

    /** Its reply is waited for no longer. */
    void forget(Asked asked) {
        pending.forget(asked.number);
    }

    /** Waits for a reply; false if it did not come in time, and may still come. */
    boolean await(Asked asked, long limitNanos) throws LinkException {
        while (!asked.answered()) {
            requireFree();
            long now = System.nanoTime();
            if (now - limitNanos >= 0) {
                return false;
            }
            if (now - asked.dueNanos() >= 0) {
                // Lost, or the line is slower than it seemed.
                nanosAByte = Math.min(2 * nanosAByte, MOST_NANOS_A_BYTE);
                again(asked, limitNanos);
            }
            beatIfSilent(now, limitNanos);
            long wake = Math.min(limitNanos - now, asked.dueNanos() - now);
            pump(Math.min(wake, beatNanos - (now - lastSentNanos)));
        }
        return true;
    }

    /** Sends a BEAT if nothing was said for a while; its reply is taken by whoever reads next. */
    private void beatIfSilent(long now, long limitNanos) throws LinkException {
        if (now - lastSentNanos < beatNanos) {
            return;
        }
        Asked earlier = beat;
        if (earlier != null && !earlier.answered()) {
            pending.forget(earlier.number);
        }
        beat = prepared(new Beat(), apart(), SHORT_REPLY, 0);
        put(beat, limitNanos);
    }

    /** Asks and waits; null if there is no reply in time. */
    @Nullable
    Reply ask(Request request, int replyBytes, long limitNanos) throws LinkException, MalformedException {
        Asked asked = prepared(request, apart(), replyBytes, 0);
        put(asked, limitNanos);
        if (!await(asked, limitNanos)) {
            pending.forget(asked.number);
        }
        return asked.reply();
    }

    @Nullable
    Reply ask(Request request, long limitNanos) throws LinkException, MalformedException {
        return ask(request, SHORT_REPLY, limitNanos);
    }

    /** Waits for bytes and takes the replies among them. */
    void pump(long nanos) throws LinkException {
        int count = link().read(buffer, 0, buffer.length, Math.max(nanos, 0));
        heard += Math.max(count, 0);
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
            if (asked.times == 1) {
                double took = Math.max(System.nanoTime() - asked.sentNanos - asked.workNanos, 0);
                nanosAByte += 0.125 * (Math.min(took / asked.bytes, MOST_NANOS_A_BYTE) - nanosAByte);
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

    private Link link() throws LinkException {
        Link current = link.get();
        if (current == null) {
            throw new LinkException(LinkException.Trouble.CLOSED, "there is no link to the board; open it anew");
        }
        return current;
    }

    boolean connected() {
        Link current = link.get();
        return current != null && current.alive();
    }

    /** Lets the link go. */
    void hangUp() {
        Link old = link.getAndSet(null);
        if (old != null) {
            old.close();
        }
    }

    /** From now on only this thread may speak; all others, also those who wait, are sent away. False if it has been done. */
    boolean reserve() {
        return reserved.compareAndSet(null, Thread.currentThread());
    }

    /** Refuses all but the thread that has reserved the conversation, if one has. */
    void requireFree() {
        Thread one = reserved.get();
        if (one != null && !one.equals(Thread.currentThread())) {
            throw sentAway.get();
        }
    }

    private static long left(long limitNanos) {
        return limitNanos - System.nanoTime();
    }
}
