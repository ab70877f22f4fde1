package org.homeostat.fleet;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Card;
import org.homeostat.device.Descriptor;
import org.homeostat.device.DeviceException;
import org.homeostat.link.Backoff;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.wire.Bytes;
import org.homeostat.wire.Codec;
import org.homeostat.wire.FrameReader;
import org.homeostat.wire.Frames;
import org.homeostat.wire.Header;
import org.homeostat.wire.Layout;
import org.homeostat.wire.MalformedException;
import org.homeostat.wire.Message.Hello;
import org.homeostat.wire.Message.Welcome;
import org.homeostat.wire.Pending;
import org.jspecify.annotations.Nullable;

/**
 * The board beside an agent: a link to it that is opened anew when it breaks, over which frames go down and come up. The link
 * stays open between the agent's own words with the board and those of its drivers, for some boards restart when their port is
 * opened.
 *
 * <p>Thread rule: {@link #write} and {@link #safe} by one caller at a time; the rest from anywhere.
 */
final class Local implements AutoCloseable {

    /** Whether the board can be reached. */
    sealed interface State {
        /** Since when it is so. */
        Instant since();
    }

    /**
     * It was greeted over a link that is open.
     *
     * @param card what it is
     * @param bytes its card as it stands on the board
     */
    record There(Descriptor card, byte[] bytes, Instant since) implements State {}

    /**
     * It cannot be reached.
     *
     * @param why a sentence
     */
    record Away(String why, Instant since) implements State {}

    /** Nobody has looked for it yet. */
    static final Away UNSEEN = new Away("it was not looked for yet", Instant.EPOCH);

    private static final long READ_NANOS = 200_000_000;
    private static final long WRITE_NANOS = 1_000_000_000;
    private static final long HELLO_MILLIS = 100;
    private static final int HELLOS = 20;

    /** What goes on for longer without an end is no frame of any board. */
    private static final int MOST_OPEN = 1 << 20;

    private static final int GREETING_LARGEST = 1024;
    private static final long JOIN_MILLIS = 3000;

    /** A greeting, the card and the opening of a port that hangs, all in vain, take less. */
    private static final long DEAF_NANOS = 30_000_000_000L;

    private final Link.Opener opener;
    private final String name;
    private final Consumer<byte[]> up;
    private final Random random = new Random();
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), random);
    private final Thread reader;
    private final AtomicLong lost = new AtomicLong();
    private volatile State state = UNSEEN;
    private volatile @Nullable Link link;
    private volatile @Nullable Greeting greeting;
    private volatile boolean closing;
    private volatile long lookedNanos = System.nanoTime();

    /** A HELLO of the agent's own and the WELCOME that it waits for. */
    private static final class Greeting {
        private final Codec codec = new Codec(Layout.NONE);
        private final FrameReader reader = new FrameReader(GREETING_LARGEST);
        private final Hello hello = new Hello(Hello.MAJOR, Hello.MINOR);
        private final CountDownLatch answered = new CountDownLatch(1);
        private final long session;
        private volatile @Nullable Welcome welcome;

        Greeting(long session) {
            this.session = session;
        }

        byte[] frame() {
            Bytes payload = new Bytes();
            codec.encode(session, Pending.APART, hello, payload);
            Bytes framed = new Bytes();
            framed.put8(0);
            Frames.encode(payload, framed);
            return framed.copy();
        }

        void feed(byte[] bytes, int count) {
            reader.feed(bytes, 0, count, this::take);
        }

        private void take(byte[] bytes, int from, int length) {
            try {
                if (Header.of(bytes, from, length).session() == session
                        && codec.reply(bytes, from, length, hello) instanceof Welcome answer) {
                    welcome = answer;
                    answered.countDown();
                }
            } catch (MalformedException other) {
                // No answer to this.
            }
        }
    }

    /**
     * Begins to look for the board.
     *
     * @param name what the user calls it
     * @param up takes whole frames from the board, in a thread of this class's own
     */
    Local(String name, Link.Opener opener, Consumer<byte[]> up) {
        this.name = name;
        this.opener = opener;
        this.up = up;
        reader = Thread.ofPlatform().daemon().name("board " + name).unstarted(this::run);
    }

    void start() {
        reader.start();
    }

    State state() {
        return state;
    }

    /** How often a link to the board was lost. */
    long lost() {
        return lost.get();
    }

    /** True while the thread that looks after the board does so. */
    boolean healthy() {
        return reader.isAlive() && System.nanoTime() - lookedNanos < DEAF_NANOS;
    }

    private void run() {
        while (!closing) {
            lookedNanos = System.nanoTime();
            try (Link fresh = opener.open()) {
                Descriptor card = introduced(fresh);
                link = fresh;
                backoff.reset();
                become(new There(card, Card.of(card), Instant.now()));
                pump(fresh);
            } catch (LinkException | DeviceException away) {
                if (state instanceof There) {
                    lost.incrementAndGet();
                }
                link = null;
                become(new Away(String.valueOf(away.getMessage()), Instant.now()));
            }
            rest();
        }
    }

    private void become(State fresh) {
        if (state instanceof Away before && fresh instanceof Away now && before.why.equals(now.why)) {
            return;
        }
        state = fresh;
    }

    private void rest() {
        if (!closing) {
            LockSupport.parkNanos(this, backoff.next().toNanos());
        }
    }

    /** Takes the card, in a session that is over then; the link stays open. */
    private Descriptor introduced(Link fresh) {
        try (BoardDevice board = BoardDevice.open(name, () -> new Lent(fresh), BoardDevice.Settings.USUAL)) {
            return board.descriptor();
        }
    }

    private void pump(Link from) throws LinkException {
        byte[] buffer = new byte[8192];
        byte[] open = new byte[0];
        while (!closing) {
            lookedNanos = System.nanoTime();
            int count = from.read(buffer, 0, buffer.length, READ_NANOS);
            Greeting own = greeting;
            if (own != null) {
                own.feed(buffer, count);
            }
            int whole = count;
            while (whole > 0 && buffer[whole - 1] != 0) {
                whole--;
            }
            if (whole > 0) {
                up.accept(joined(open, buffer, 0, whole));
                open = Arrays.copyOfRange(buffer, whole, count);
            } else if (count > 0) {
                open = open.length + count > MOST_OPEN ? new byte[0] : joined(open, buffer, 0, count);
            }
        }
    }

    private static byte[] joined(byte[] first, byte[] buffer, int from, int count) {
        byte[] all = Arrays.copyOf(first, first.length + count);
        System.arraycopy(buffer, from, all, first.length, count);
        return all;
    }

    /** Hands frames to the board; false if it cannot be reached. */
    boolean write(byte[] frames) {
        Link now = link;
        if (now == null) {
            return false;
        }
        try {
            now.write(frames, 0, frames.length, WRITE_NANOS);
            return true;
        } catch (LinkException lost) {
            // The reader is told so too, and opens it anew.
            now.close();
            return false;
        }
    }

    /**
     * Puts the board at its safe levels, by a session of the agent's own. Takes a round trip, and two seconds at most.
     *
     * @return false if the board did not answer; it is looked for anew then
     */
    boolean safe() {
        Link now = link;
        if (now == null) {
            return false;
        }
        Greeting own = new Greeting(1 + random.nextLong(0xffff_ffffL));
        byte[] hello = own.frame();
        greeting = own;
        try {
            for (int i = 0; i < HELLOS && now.alive() && write(hello); i++) {
                if (own.answered.await(HELLO_MILLIS, TimeUnit.MILLISECONDS)) {
                    return same(own.welcome, now);
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            greeting = null;
        }
        now.close();
        return false;
    }

    /** Another board behind the same port has to introduce itself. */
    private boolean same(@Nullable Welcome welcome, Link now) {
        if (welcome != null
                && state instanceof There there
                && Card.digest(there.bytes).equals(welcome.digest())) {
            return true;
        }
        now.close();
        return false;
    }

    /** Lets the board go, as it is. */
    @Override
    public void close() {
        closing = true;
        Link now = link;
        if (now != null) {
            now.close();
        }
        LockSupport.unpark(reader);
        try {
            reader.join(Duration.ofMillis(JOIN_MILLIS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** A link that somebody else closes. */
    private static final class Lent implements Link {
        private final Link link;

        Lent(Link link) {
            this.link = link;
        }

        @Override
        public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
            link.write(bytes, offset, length, nanos);
        }

        @Override
        public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
            return link.read(into, offset, length, nanos);
        }

        @Override
        public boolean alive() {
            return link.alive();
        }

        @Override
        public String name() {
            return link.name();
        }

        @Override
        public void close() {
            // Whoever lent it goes on with it.
        }
    }
}
