package org.homeostat.board;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.homeostat.board.BoardDevice.Settings;
import org.homeostat.board.Conversation.Asked;
import org.homeostat.device.Card;
import org.homeostat.device.Descriptor;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Role;
import org.homeostat.link.Backoff;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.wire.Codec;
import org.homeostat.wire.ErrorCode;
import org.homeostat.wire.Header;
import org.homeostat.wire.Layout;
import org.homeostat.wire.MalformedException;
import org.homeostat.wire.Message.Alive;
import org.homeostat.wire.Message.Arm;
import org.homeostat.wire.Message.Armed;
import org.homeostat.wire.Message.Batch;
import org.homeostat.wire.Message.Beat;
import org.homeostat.wire.Message.CardPart;
import org.homeostat.wire.Message.Hello;
import org.homeostat.wire.Message.ReadCard;
import org.homeostat.wire.Message.Refusal;
import org.homeostat.wire.Message.Reply;
import org.homeostat.wire.Message.Request;
import org.homeostat.wire.Message.Result;
import org.homeostat.wire.Message.Stop;
import org.homeostat.wire.Message.Stopped;
import org.homeostat.wire.Message.Welcome;
import org.homeostat.wire.Reason;
import org.homeostat.wire.State;
import org.homeostat.wire.WireStimulus;
import org.jspecify.annotations.Nullable;

/**
 * What a host knows of a board at the far end of a link: whether it is there, whether it is armed, and which batches it has
 * not answered. A link that breaks is opened anew. If the board was armed all the while, the session goes on, and what was
 * unanswered is sent again; whenever the board is found latched the session is over, and the next arming begins another.
 *
 * <p>Thread rule: one caller at a time; {@link #dial} by one thread; {@link #ready} and {@link #end} from anywhere. Limits are moments by {@link
 * System#nanoTime}.
 */
final class Session {

    private static final long HELLO_NANOS = 100_000_000;
    private static final long BEAT_NANOS = 50_000_000;
    private static final long PAUSE_NANOS = 20_000_000;
    private static final long LOOK_NANOS = 5_000_000;
    private static final long BUSY_NANOS = 5_000_000;
    private static final long DEAF_NANOS = 1_000_000_000;
    private static final long LAST_NANOS = 25_000_000;

    /** A frame that arrives again and again without the one before it is no accident. */
    private static final int MOST_ORDERS = 20;

    private static final String DISAGREED = "host and board no longer agreed on where they were";

    /** No honest board sends larger payloads. */
    private static final long LARGEST = 1 << 26;

    /** The most bytes of a card that are asked for at once. */
    private static final int PART = 4096;

    private static final int HELLO_REPLY = 90;

    private final String name;
    private final Link.Opener opener;
    private final Settings settings;
    private final Conversation conversation = new Conversation(this::closed);
    private final Backoff backoff =
            new Backoff(Duration.ofMillis(100), Duration.ofMillis(500), new Random(System.nanoTime()));
    private final Random random = new Random();
    private final Deque<Asked> flying = new ArrayDeque<>();

    private Welcome welcome;
    private Descriptor card;
    private State state;
    private String who;
    private long next = 1;
    private long acknowledged;

    /** What to take from the board's clock, so that the device's own begins at 0 and never jumps. */
    private long openedMicros;

    private long clockMicros;

    private volatile boolean armed;
    private volatile boolean greeted;
    private volatile boolean ended;
    private String latched = "it has not been armed yet";
    private volatile String gone = "";
    private volatile String end = "was closed; open it again";
    private @Nullable Asked hello;
    private long helloUntilNanos;
    /** The link is wanted, soon or after a pause; and what came of it. */
    private volatile boolean wanted;

    private volatile boolean soon;
    private final AtomicReference<@Nullable Link> dialled = new AtomicReference<>();
    private long dialNanos;

    /**
     * Opens the link and shakes hands. The board is left, or put, at its safe levels.
     *
     * @throws DeviceException if it cannot be reached, speaks another language, or its card does not have the digest that
     *     it claims
     */
    Session(String name, Link.Opener opener, Settings settings) {
        this.name = name;
        this.opener = opener;
        this.settings = settings;
        who = "board at " + name;
        conversation.beatEvery(settings.silence().toNanos() / 4);
        long limit = System.nanoTime() + settings.greeting().toNanos();
        try {
            begin();
            conversation.on(opener.open(), limit);
            Welcome first = greeting(limit);
            if (first == null) {
                throw broken(
                        Fault.TIMEOUT,
                        conversation.heard() > 0
                                ? "does not answer: " + conversation.heard()
                                        + " bytes came that make no sense, likely at"
                                        + " another speed or from another firmware; name the board's own with baud=NUMBER,"
                                        + " or flash a Homeostat firmware"
                                : "does not answer: not one byte came, likely as no Homeostat firmware runs there, or at"
                                        + " another speed; flash it and press the board's reset, or name its speed with"
                                        + " baud=NUMBER");
            }
            welcome = first;
            state = first.state();
            conversation.largest((int) first.largest());
            card = readCard(System.nanoTime() + settings.greeting().toNanos());
        } catch (LinkException broken) {
            conversation.hangUp();
            throw new DeviceException(Fault.DISCONNECTED, String.valueOf(broken.getMessage()), broken);
        } catch (RuntimeException refused) {
            conversation.hangUp();
            throw refused;
        }
        who = "board " + card.board() + " at " + name;
        openedMicros = state.clock();
        clockMicros = state.clock();
        greeted = true;
    }

    Descriptor card() {
        return card;
    }

    /** Who is meant, for messages. */
    String who() {
        return who;
    }

    int window() {
        return welcome.window();
    }

    long largest() {
        return welcome.largest();
    }

    /** From now on values are laid out like this. */
    void layout(Layout layout) {
        conversation.layout(layout);
    }

    Codec codec() {
        return conversation.codec();
    }

    long[] troubles() {
        return conversation.troubles();
    }

    /** The device's clock at the beginning of a result. */
    long beganMicros(Result result) {
        return result.clock() - openedMicros;
    }

    DeviceException broken(Fault fault, String what) {
        return new DeviceException(fault, who + " " + what);
    }

    private DeviceException nonsense(MalformedException nonsense) {
        return new DeviceException(
                Fault.CORRUPT,
                who + " replied nonsense (" + nonsense.getMessage()
                        + "); its firmware and this program do not speak the same language",
                nonsense);
    }

    private @Nullable Reply ask(Request request, int replyBytes, long limit) throws LinkException {
        try {
            return conversation.ask(request, replyBytes, limit);
        } catch (MalformedException nonsense) {
            throw nonsense(nonsense);
        }
    }

    // Shaking hands

    /** Draws a new session, which begins when the board is greeted with it. */
    private void begin() {
        conversation.begin(1 + random.nextLong(0xffff_ffffL));
        flying.clear();
        hello = null;
        next = 1;
        acknowledged = 0;
        armed = false;
        greeted = false;
        helloUntilNanos = System.nanoTime() + settings.greeting().toNanos();
    }

    /** Host and board have lost each other, or the board is latched: nothing moves before the next arming. */
    private void over(String why) {
        begin();
        latched = why;
    }

    /** The board's answer to HELLO, which stays asked if none comes in time; null then. */
    private @Nullable Welcome greeting(long limit) throws LinkException {
        while (true) {
            Asked asked = hello;
            if (asked == null) {
                asked = conversation.prepared(
                        new Hello(Hello.MAJOR, Hello.MINOR), conversation.apart(), HELLO_REPLY, 0);
                hello = asked;
                conversation.put(asked, limit);
            }
            if (!conversation.await(asked, limit)) {
                return null;
            }
            hello = null;
            Reply reply;
            try {
                reply = asked.reply();
            } catch (MalformedException nonsense) {
                throw nonsense(nonsense);
            }
            if (reply instanceof Welcome answer) {
                return checked(answer);
            }
            if (reply instanceof Refusal refusal && refusal.code() == ErrorCode.BUSY) {
                pause(BUSY_NANOS, limit);
            } else {
                throw broken(
                        Fault.UNSUPPORTED,
                        "refuses to speak with this program" + (reply instanceof Refusal refusal ? said(refusal) : "")
                                + "; flash a firmware of protocol version " + Hello.MAJOR);
            }
        }
    }

    private Welcome checked(Welcome answer) {
        if (answer.major() != Hello.MAJOR) {
            throw broken(
                    Fault.UNSUPPORTED,
                    "speaks version " + answer.major() + "." + answer.minor() + " of the protocol, this program "
                            + Hello.MAJOR + "." + Hello.MINOR + "; flash a firmware of that version");
        }
        if (answer.largest() < Codec.RESULT_HEAD || answer.largest() > LARGEST || answer.window() < 1) {
            throw broken(
                    Fault.CORRUPT,
                    "says that its largest payload has " + answer.largest() + " bytes and its window " + answer.window()
                            + " batches; its firmware is broken");
        }
        return answer;
    }

    private Descriptor readCard(long limit) throws LinkException {
        if (welcome.cardLength() > LARGEST) {
            throw broken(
                    Fault.CORRUPT, "says that its card has " + welcome.cardLength() + " bytes; its firmware is broken");
        }
        byte[] bytes = new byte[(int) welcome.cardLength()];
        int part = (int) Math.min(welcome.largest() - Header.BYTES - Integer.BYTES, PART);
        for (int at = 0; at < bytes.length; ) {
            Reply reply = ask(new ReadCard(at, part), part + Header.BYTES, limit);
            if (reply instanceof CardPart answer
                    && answer.offset() == at
                    && answer.bytes().length > 0
                    && answer.bytes().length <= bytes.length - at) {
                System.arraycopy(answer.bytes(), 0, bytes, at, answer.bytes().length);
                at += answer.bytes().length;
            } else if (reply instanceof Refusal refusal && refusal.code() == ErrorCode.BUSY) {
                pause(BUSY_NANOS, limit);
            } else {
                throw broken(
                        reply == null ? Fault.TIMEOUT : Fault.CORRUPT,
                        "does not hand over its card" + (reply instanceof Refusal refusal ? said(refusal) : "")
                                + "; try again, then flash its firmware again");
            }
        }
        String digest = Card.digest(bytes);
        if (!digest.equals(welcome.digest())) {
            throw broken(
                    Fault.CORRUPT,
                    "claims the card " + welcome.digest() + ", but the one that it hands over is " + digest
                            + "; make its card.h anew and flash it again");
        }
        try {
            Descriptor read = Card.read(bytes);
            long least = (long) read.lanes() * (read.count(Role.OUTPUT) + read.count(Role.MONITOR));
            if (least > welcome.largest()) {
                throw new IllegalArgumentException("what it reads has " + least
                        + " values or more, and the largest payload only " + welcome.largest() + " bytes");
            }
            return read;
        } catch (IllegalArgumentException nonsense) {
            throw new DeviceException(
                    Fault.CORRUPT,
                    who + ": its card cannot be used: " + nonsense.getMessage()
                            + "; make its card.h anew and flash it again",
                    nonsense);
        }
    }

    private static String said(Refusal refusal) {
        return " (" + refusal.code() + (refusal.sentence().isEmpty() ? "" : ": " + refusal.sentence()) + ")";
    }

    // The link

    /** True while the link is up and the board armed. */
    boolean ready() {
        return armed && greeted && !ended && conversation.connected();
    }

    private boolean connected() {
        return greeted && conversation.connected();
    }

    /** The link broke: what is unanswered is sent again on the next, if the board is still armed then. */
    void lose(LinkException lost) {
        conversation.hangUp();
        greeted = false;
        gone = String.valueOf(lost.getMessage());
        soon = true;
    }

    /**
     * Opens the link anew if it broke, and greets the board, as often as there is time for.
     *
     * @throws DeviceException if the board is not found in time, or is another one
     */
    void connect(long limit) {
        while (!connected()) {
            seek(limit);
            if (!connected()) {
                if (System.nanoTime() - limit >= 0) {
                    throw broken(Fault.DISCONNECTED, "is gone (" + gone + ")");
                }
                pause(conversation.connected() ? 0 : LOOK_NANOS, limit);
            }
        }
    }

    /** A part of the way to a board that has to be found again; takes little time. */
    private void seek(long limit) {
        requireOpen();
        if (greeted && !conversation.connected()) {
            lose(new LinkException(LinkException.Trouble.GONE, name + " is gone"));
        }
        try {
            if (!conversation.connected()) {
                Link fresh = dialled.getAndSet(null);
                wanted = fresh == null;
                if (fresh == null) {
                    return;
                }
                hello = null;
                helloUntilNanos = System.nanoTime() + settings.greeting().toNanos();
                conversation.on(fresh, limit);
            }
            Welcome again = greeting(Math.min(limit, System.nanoTime() + HELLO_NANOS));
            if (again != null) {
                meet(again, limit);
                return;
            }
            if (System.nanoTime() - helloUntilNanos < 0) {
                return;
            }
            gone = "it does not answer";
        } catch (LinkException absent) {
            gone = String.valueOf(absent.getMessage());
        } catch (DeviceException strange) {
            if (ended) {
                throw strange;
            }
            gone = String.valueOf(strange.getMessage());
        }
        conversation.hangUp();
    }

    /** Opens the link if it is wanted and time for it. That may take long, and is done by one thread while others speak or wait. */
    void dial() {
        if (soon) {
            soon = false;
            backoff.reset();
            dialNanos = System.nanoTime();
        }
        if (!wanted || dialled.get() != null || System.nanoTime() - dialNanos < 0) {
            return;
        }
        try {
            dialled.set(opener.open());
        } catch (LinkException absent) {
            gone = String.valueOf(absent.getMessage());
        }
        dialNanos = System.nanoTime() + backoff.next().toNanos();
        if (ended) {
            discard();
        }
    }

    private void discard() {
        Link unused = dialled.getAndSet(null);
        if (unused != null) {
            unused.close();
        }
    }

    /** The session goes on if the board has been armed all the while; else a new one begins. */
    private void meet(Welcome again, long limit) throws LinkException {
        State fresh = again.state();
        if (!again.digest().equals(welcome.digest())) {
            end = "is another board now: its card is " + again.digest() + ", it was " + welcome.digest()
                    + "; open it anew";
            end();
            throw closed();
        }
        boolean restarted = fresh.boot() != state.boot();
        if (restarted) {
            openedMicros += fresh.clock() - clockMicros;
            clockMicros = fresh.clock();
        }
        boolean lost = armed && (restarted || !fresh.armed() || fresh.executed() < acknowledged);
        welcome = again;
        saw(fresh);
        if (lost) {
            over(
                    restarted
                            ? "it was restarted, so that its channels are no longer where they were left"
                            : sentence(fresh.reason()));
            return;
        }
        greeted = true;
        sendAgain(limit);
    }

    private void saw(State fresh) {
        state = fresh;
        clockMicros = Math.max(clockMicros, fresh.clock());
    }

    /** Refuses once it has ended, or another thread has reserved it. */
    void requireOpen() {
        conversation.requireFree();
        if (ended) {
            throw closed();
        }
    }

    private DeviceException closed() {
        return broken(Fault.DISCONNECTED, end);
    }

    private void pause(long nanos, long limit) {
        long until = System.nanoTime() + nanos;
        until = until - limit > 0 ? limit : until;
        while (System.nanoTime() - until < 0) {
            requireOpen();
            if (Thread.currentThread().isInterrupted()) {
                throw broken(Fault.TIMEOUT, "was not asked, because this thread was interrupted");
            }
            LockSupport.parkNanos(this, Math.min(until - System.nanoTime(), PAUSE_NANOS));
        }
    }

    /** From now on only this thread may speak; all others, also those who wait, are sent away. False if it has been done. */
    boolean reserve() {
        return conversation.reserve();
    }

    /** Lets the link go for good. */
    void end() {
        ended = true;
        armed = false;
        conversation.hangUp();
        discard();
    }

    boolean ended() {
        return ended;
    }

    // Arming

    boolean armed() {
        return armed;
    }

    /** Why the board is latched, for messages. */
    String latched() {
        return latched;
    }

    /** Lets the board leave its safe state, with a fresh arming number. */
    void arm(List<Arm.Limits> limits, long limit) {
        while (true) {
            connect(limit);
            try {
                int silence = (int) settings.silence().toMillis();
                Reply reply = ask(new Arm(state.arming() + 1, silence, limits), HELLO_REPLY, limit);
                if (reply instanceof Armed answer) {
                    saw(answer.state());
                    armed = true;
                    return;
                }
                if (reply instanceof Refusal refusal) {
                    switch (refusal.code()) {
                        case ARMING -> beat(limit);
                        case BUSY -> pause(BUSY_NANOS, limit);
                        case SESSION -> over("another program took it over");
                        default ->
                            throw broken(
                                    Fault.REFUSED,
                                    "cannot be armed" + said(refusal) + "; a silence limit of " + silence
                                            + " ms was asked for, it allows " + welcome.leastSilence() + " to "
                                            + welcome.mostSilence() + " ms");
                    }
                }
            } catch (LinkException lost) {
                lose(lost);
            }
            if (System.nanoTime() - limit >= 0) {
                throw broken(Fault.TIMEOUT, "does not answer when it is armed; check the line, then try again");
            }
        }
    }

    /** Sends the board to its safe levels; true if it has confirmed that it is there. */
    boolean stop(long limit) {
        boolean confirmed = false;
        try {
            while (!confirmed && System.nanoTime() - limit < 0) {
                connect(limit);
                try {
                    Reply reply = ask(new Stop(), HELLO_REPLY, limit);
                    if (reply instanceof Stopped stopped) {
                        saw(stopped.state());
                        confirmed = !stopped.state().armed();
                    } else if (reply instanceof Refusal refusal && refusal.code() == ErrorCode.BUSY) {
                        pause(BUSY_NANOS, limit);
                    } else if (reply != null) {
                        over("another program took it over");
                    }
                } catch (LinkException lost) {
                    lose(lost);
                }
            }
        } catch (DeviceException unreachable) {
            // It is left to its own watchdog.
        }
        over("it was stopped");
        return confirmed;
    }

    // Tending

    /** Keeps an armed board from thinking that the host is gone, and looks whether it is there. */
    void tend() {
        if (ended || !armed) {
            return;
        }
        if (!connected()) {
            seek(System.nanoTime() + HELLO_NANOS);
        } else if (conversation.quiet()) {
            try {
                beat(System.nanoTime() + BEAT_NANOS);
                long deaf = System.nanoTime() - conversation.lastHeardNanos();
                if (deaf > Math.max(DEAF_NANOS, 2 * settings.silence().toNanos())) {
                    lose(new LinkException(
                            LinkException.Trouble.GONE, name + " is open, but nothing is heard from the board"));
                }
            } catch (LinkException lost) {
                lose(lost);
            }
        }
    }

    private @Nullable State beat(long limit) throws LinkException {
        Reply reply = ask(new Beat(), HELLO_REPLY, limit);
        if (reply instanceof Alive alive) {
            saw(alive.state());
            if (armed && !state.armed()) {
                over(sentence(state.reason()));
            }
            return alive.state();
        }
        if (reply instanceof Refusal refusal && refusal.code() != ErrorCode.BUSY) {
            over("it was restarted, or another program took it over");
        }
        return null;
    }

    private static String sentence(Reason reason) {
        return switch (reason) {
            case NEVER_ARMED -> "it was restarted";
            case SILENCE -> "it had not heard from this program for too long";
            case STOP -> "it was stopped";
            case NEW_SESSION -> "another program took it over";
            case FAULT -> "a part of it does not work";
        };
    }

    // Batches

    /** How many batches are unanswered. */
    int flying() {
        return flying.size();
    }

    /** Sends the next batch behind those that are unanswered. */
    void send(List<WireStimulus> stimuli, long workNanos, long limit) throws LinkException {
        Batch batch = new Batch(stimuli);
        Asked asked = conversation.prepared(batch, next++, codec().resultBytes(stimuli), workNanos);
        flying.add(asked);
        conversation.put(asked, limit);
    }

    private void sendAgain(long limit) throws LinkException {
        for (Asked asked : flying) {
            conversation.again(asked, limit);
        }
    }

    /**
     * The reply to the earliest unanswered batch: a {@link Result}, or a {@link Refusal} of this batch, and with it of those
     * behind it. Null if there is none in time; it is waited for all the same.
     */
    @Nullable
    Reply answer(long limit) throws LinkException {
        Asked first = flying.getFirst();
        int orders = 0;
        try {
            while (conversation.await(first, limit)) {
                Reply reply = first.reply();
                if (reply instanceof Result result) {
                    taken(result);
                    return reply;
                }
                if (!(reply instanceof Refusal refusal)) {
                    throw new IllegalStateException("a batch was answered by " + reply);
                }
                if (refusal.code() == ErrorCode.BUSY) {
                    pause(BUSY_NANOS, limit);
                    sendAgain(limit);
                } else if (refusal.code() == ErrorCode.ORDER) {
                    // One before it was lost, and came after it.
                    State now = beat(limit);
                    boolean agreed = now != null && armed && now.executed() >= first.number() - 1;
                    if (agreed && ++orders <= MOST_ORDERS) {
                        sendAgain(limit);
                    } else if (now == null && armed) {
                        return null;
                    } else {
                        if (armed) {
                            over(DISAGREED);
                        }
                        return reply;
                    }
                } else {
                    refused(first, refusal, limit);
                    return reply;
                }
            }
        } catch (MalformedException nonsense) {
            over("it replied nonsense");
            throw nonsense(nonsense);
        }
        return null;
    }

    private void taken(Result result) {
        Asked first = flying.removeFirst();
        acknowledged = first.number();
        clockMicros = Math.max(clockMicros, result.clock());
        if (!flying.isEmpty()) {
            conversation.begun(flying.getFirst());
        }
        Reason reason = result.latched();
        if (reason != null) {
            over(sentence(reason));
        }
    }

    /** A refused batch has not used up its number, and those behind it are refused as well. */
    private void refused(Asked batch, Refusal refusal, long limit) throws LinkException {
        switch (refusal.code()) {
            case LATCHED -> {
                beat(limit);
                if (armed) {
                    over("it stopped by itself");
                }
            }
            case SESSION -> over("it was restarted, or another program took it over");
            case UNFIT, LIMIT, FAULT -> {
                // The same refusal may come again, if the line doubled the frame or it was sent again; what is heard
                // after this was said after this.
                State now = beat(Math.max(limit, System.nanoTime() + LAST_NANOS));
                if (armed && (now == null || now.executed() != batch.number() - 1)) {
                    over(DISAGREED);
                }
                if (!armed) {
                    return;
                }
                flying.forEach(conversation::forget);
                flying.clear();
                next = batch.number();
            }
            default -> over(DISAGREED);
        }
    }
}
