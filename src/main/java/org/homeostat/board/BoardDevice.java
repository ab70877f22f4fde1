package org.homeostat.board;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.homeostat.board.Conversation.Asked;
import org.homeostat.device.Card;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Response;
import org.homeostat.device.Stimulus;
import org.homeostat.link.Backoff;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.wire.Codec;
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
import org.homeostat.wire.WireResponse;
import org.homeostat.wire.WireStimulus;
import org.jspecify.annotations.Nullable;

/**
 * A board at the far end of a link (firmware-protocol/SPEC.md).
 *
 * <p>{@link #open} shakes hands and reads the card; the board stays latched at its safe levels until {@link #arm}. From then on a
 * daemon thread keeps it from thinking that the host is gone, and notices within a fraction of a second when the board is gone.
 * Frames that got lost are sent again: a batch never acts twice, so that is safe for FREE stimuli too. A link that breaks is opened anew; if the board was armed all the
 * while it simply goes on. If it has latched meanwhile or was restarted, nothing moves by itself: stimuli are refused until {@link
 * #arm}, for whoever armed it must know that inputs are at safe levels and parameters perhaps at those of power-on.
 *
 * <p>After a {@link Fault#TIMEOUT} in the midst of an exchange nobody knows whether it was made. The same stimuli asked next are the same exchange: it is
 * not made again if it was, and its answer is had after all.
 *
 * <p>Thread rule: one caller at a time; {@link #close} from anywhere.
 */
public final class BoardDevice implements Device {

    /**
     * How to treat the board.
     *
     * @param silence how long the host may be silent before the board goes to safe levels by itself; 100 ms to 2 s on the
     *     reference firmware
     * @param greeting how long to wait for the first answer: a board may restart when its port is opened
     */
    public record Settings(Duration silence, Duration greeting) {

        /** Half a second of silence; five seconds for a board that starts. */
        public static final Settings USUAL = new Settings(Duration.ofMillis(500), Duration.ofSeconds(5));
    }

    private static final long TEND_NANOS = 20_000_000;
    private static final long STOP_NANOS = 500_000_000;
    private static final long REDIAL_NANOS = 300_000_000;
    private static final long HELLO_NANOS = 100_000_000;

    /** One conversion of one channel takes about as long; only a guess at when an answer is overdue hangs on it. */
    private static final double SECONDS_A_READING = 25e-6;

    /** No honest board sends larger payloads. */
    private static final long LARGEST = 1 << 26;

    private final String name;
    private final Link.Opener opener;
    private final Settings settings;
    private final ReentrantLock talk = new ReentrantLock();
    private final Conversation conversation = new Conversation();
    private final Backoff backoff =
            new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), new Random(System.nanoTime()));
    private final Random random = new Random();
    private final Thread tender;

    private Welcome welcome;
    private Descriptor card;
    private Translator translator;
    private State state;
    private long next = 1;
    private long acknowledged;
    private long openedMicros;
    private boolean armed;
    private String latched = "it has not been armed yet";
    private @Nullable String gone;
    private long redialNanos;
    private Deque<Asked> overdue = new ArrayDeque<>();
    private List<Stimulus> overdueStimuli = List.of();
    private volatile boolean closed;

    private BoardDevice(String name, Link.Opener opener, Settings settings) {
        this.name = name;
        this.opener = opener;
        this.settings = settings;
        long limit = System.nanoTime() + settings.greeting.toNanos();
        try {
            conversation.on(opener.open(), limit);
            begin();
            welcome = hello(limit);
            state = welcome.state();
            conversation.largest((int) Math.min(welcome.largest(), LARGEST));
            card = readCard(limit);
        } catch (LinkException broken) {
            conversation.hangUp();
            throw new DeviceException(Fault.DISCONNECTED, String.valueOf(broken.getMessage()), broken);
        } catch (DeviceException | IllegalArgumentException refused) {
            conversation.hangUp();
            throw refused;
        }
        openedMicros = state.clock();
        translator = new Translator(card);
        conversation.layout(translator.layout());
        tender = new Thread(this::tend, "board " + name);
        tender.setDaemon(true);
    }

    /**
     * Opens the link and shakes hands. The board is left, or put, at its safe levels.
     *
     * @param name what the user calls it, such as {@code serial:/dev/ttyACM0}
     * @throws DeviceException if it cannot be reached, speaks another language, or its card does not have the digest that
     *     it claims
     */
    public static BoardDevice open(String name, Link.Opener opener, Settings settings) {
        BoardDevice board = new BoardDevice(name, opener, settings);
        board.tender.start();
        return board;
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    /** How many batches the board takes before it has answered the first. */
    public int window() {
        return welcome.window();
    }

    /** How many frames were sent again, replies dropped as unexpected, and damaged frames dropped here. */
    public long[] troubles() {
        return conversation.troubles();
    }

    // Shaking hands

    /** Draws a new session, which begins when the board is greeted with it. */
    private void begin() {
        conversation.begin(1 + random.nextLong(0xffff_ffffL));
        next = 1;
        acknowledged = 0;
        armed = false;
        overdue = new ArrayDeque<>();
        overdueStimuli = List.of();
    }

    private Welcome hello(long limit) throws LinkException {
        while (true) {
            Reply reply = asked(new Hello(Hello.MAJOR, Hello.MINOR), Math.min(limit, System.nanoTime() + HELLO_NANOS));
            if (reply instanceof Welcome answer) {
                if (answer.major() != Hello.MAJOR) {
                    throw broken(
                            Fault.UNSUPPORTED,
                            "speaks version " + answer.major() + "." + answer.minor()
                                    + " of the protocol, this program " + Hello.MAJOR + "." + Hello.MINOR
                                    + "; flash a firmware of that version");
                }
                if (answer.largest() < Codec.RESULT_HEAD || answer.largest() > LARGEST || answer.window() < 1) {
                    throw broken(
                            Fault.CORRUPT,
                            "says that its largest payload has " + answer.largest() + " bytes and its window "
                                    + answer.window() + " batches; its firmware is broken");
                }
                return answer;
            }
            if (reply instanceof Refusal refusal) {
                throw broken(
                        Fault.UNSUPPORTED,
                        "refuses to speak with this program (" + refusal.code() + " " + refusal.sentence()
                                + "); flash a firmware of protocol version " + Hello.MAJOR);
            }
            if (System.nanoTime() - limit >= 0) {
                throw broken(
                        Fault.TIMEOUT,
                        "does not answer; is it a Homeostat board, is the firmware flashed, and the "
                                + "baud rate right?");
            }
        }
    }

    private @Nullable Reply asked(Request request, long limit) throws LinkException {
        try {
            return conversation.ask(request, limit);
        } catch (MalformedException nonsense) {
            throw new DeviceException(
                    Fault.CORRUPT,
                    "board at " + name + " replied nonsense (" + nonsense.getMessage()
                            + "); its firmware and this program do not speak the same language",
                    nonsense);
        }
    }

    private Descriptor readCard(long limit) throws LinkException {
        if (welcome.cardLength() > LARGEST) {
            throw broken(
                    Fault.CORRUPT, "says that its card has " + welcome.cardLength() + " bytes; its firmware is broken");
        }
        byte[] bytes = new byte[(int) welcome.cardLength()];
        int part = (int) Math.min(welcome.largest() - 16, 4096);
        for (int at = 0; at < bytes.length; ) {
            Reply reply = asked(new ReadCard(at, part), limit);
            if (!(reply instanceof CardPart answer)
                    || answer.offset() != at
                    || answer.bytes().length == 0
                    || answer.bytes().length > bytes.length - at) {
                throw broken(
                        reply == null ? Fault.TIMEOUT : Fault.CORRUPT,
                        "does not hand over its card"
                                + (reply instanceof Refusal refusal
                                        ? " (" + refusal.code() + " " + refusal.sentence() + ")"
                                        : "")
                                + "; try again, then flash its firmware again");
            }
            System.arraycopy(answer.bytes(), 0, bytes, at, answer.bytes().length);
            at += answer.bytes().length;
        }
        String digest = Card.digest(bytes);
        if (!digest.equals(welcome.digest())) {
            throw broken(
                    Fault.CORRUPT,
                    "claims the card " + welcome.digest() + ", but the one that it hands over is " + digest
                            + "; make its card.h anew and flash it again");
        }
        try {
            return Card.read(bytes);
        } catch (IllegalArgumentException nonsense) {
            throw new DeviceException(
                    Fault.CORRUPT,
                    "board at " + name + ": its card cannot be read: " + nonsense.getMessage()
                            + "; make its card.h anew and flash it again",
                    nonsense);
        }
    }

    private DeviceException broken(Fault fault, String what) {
        return new DeviceException(fault, "board at " + name + " " + what);
    }

    // Arming

    /**
     * Lets the board leave its safe state, with a fresh arming number. What is imposed from now on is the caller's: after a
     * restart of the board nothing is where it was.
     *
     * @throws DeviceException if the board refuses or does not answer
     */
    public void arm() {
        talk.lock();
        try {
            requireOpen();
            long limit = System.nanoTime() + STOP_NANOS;
            reconnect(limit);
            for (int attempt = 0; attempt < 3; attempt++) {
                Reply reply = asked(new Arm(state.arming() + 1, (int) settings.silence.toMillis(), List.of()), limit);
                if (reply instanceof Armed answer) {
                    state = answer.state();
                    armed = true;
                    return;
                }
                if (reply instanceof Refusal refusal && refusal.code() != org.homeostat.wire.ErrorCode.ARMING) {
                    throw broken(
                            Fault.REFUSED,
                            "cannot be armed (" + refusal.code() + " " + refusal.sentence()
                                    + "); a silence limit of " + settings.silence.toMillis()
                                    + " ms was asked for, it allows "
                                    + welcome.leastSilence() + " to " + welcome.mostSilence() + " ms");
                }
                refresh(limit);
            }
            throw broken(Fault.TIMEOUT, "does not answer when it is armed; check the line, then try again");
        } catch (LinkException lost) {
            throw lost(lost);
        } finally {
            talk.unlock();
        }
    }

    private void refresh(long limit) throws LinkException {
        if (asked(new Beat(), limit) instanceof Alive alive) {
            state = alive.state();
        }
    }

    // Exchanges

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        return presentAll(List.of(stimulus), deadline).getFirst();
    }

    /** Presents stimuli in as few frames as they fit into, and sends ahead as many frames as the board can hold. */
    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        long limit = limit(deadline);
        lock(deadline, limit);
        try {
            requireOpen();
            List<WireStimulus> sent = new ArrayList<>(stimuli.size());
            for (Stimulus stimulus : stimuli) {
                sent.add(translator.sent(card.accepted(stimulus)));
            }
            List<List<WireStimulus>> chunks = chunks(sent);
            deadline.require(card.board());
            List<Response> responses = new ArrayList<>(stimuli.size());
            if (!stimuli.isEmpty()) {
                exchange(stimuli, chunks, responses, limit);
            }
            return responses;
        } catch (MalformedException nonsense) {
            restart("it replied nonsense");
            throw new DeviceException(
                    Fault.CORRUPT,
                    "board " + card.board() + " at " + name + " replied nonsense (" + nonsense.getMessage()
                            + "); flash its firmware again",
                    nonsense);
        } finally {
            talk.unlock();
        }
    }

    /** The thread that tends the board may be busy opening its link. */
    private void lock(Deadline deadline, long limit) {
        try {
            if (!talk.tryLock() && !talk.tryLock(limit - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                deadline.require(card.board());
                throw new DeviceException(
                        Fault.TIMEOUT,
                        "board " + card.board() + " at " + name + " is being looked for; allow more time");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new DeviceException(
                    Fault.TIMEOUT,
                    "board " + card.board() + " at " + name + " was not asked, because this thread was interrupted",
                    interrupted);
        }
    }

    private static long limit(Deadline deadline) {
        long nanos = Math.min(deadline.remaining().toSeconds(), 365L * 86_400) * 1_000_000_000L
                + deadline.remaining().toNanosPart();
        return System.nanoTime() + nanos;
    }

    private List<List<WireStimulus>> chunks(List<WireStimulus> stimuli) {
        List<List<WireStimulus>> chunks = new ArrayList<>();
        List<WireStimulus> open = new ArrayList<>();
        long largest = welcome.largest();
        int request = Codec.BATCH_HEAD;
        int result = Codec.RESULT_HEAD;
        for (WireStimulus stimulus : stimuli) {
            int asks = conversation.codec().bytes(stimulus);
            int answers = conversation.codec().responseBytes(stimulus.reads());
            if (Codec.BATCH_HEAD + asks > largest || Codec.RESULT_HEAD + answers > largest) {
                throw new IllegalArgumentException("board " + card.board() + " takes and sends at most " + largest
                        + " bytes at once; this stimulus has " + asks + " and its answer " + answers
                        + ": impose fewer channels at once");
            }
            if (request + asks > largest || result + answers > largest || open.size() == Codec.MOST_STIMULI) {
                chunks.add(open);
                open = new ArrayList<>();
                request = Codec.BATCH_HEAD;
                result = Codec.RESULT_HEAD;
            }
            open.add(stimulus);
            request += asks;
            result += answers;
        }
        if (!open.isEmpty()) {
            chunks.add(open);
        }
        return chunks;
    }

    private void exchange(List<Stimulus> stimuli, List<List<WireStimulus>> chunks, List<Response> responses, long limit)
            throws MalformedException {
        Deque<Asked> flying = new ArrayDeque<>();
        int sent = 0;
        int done = 0;
        boolean begun = false;
        while (done < chunks.size()) {
            reconnect(limit);
            requireArmed();
            try {
                if (!begun && !overdue.isEmpty() && stimuli.equals(overdueStimuli)) {
                    // The same question again: what is in flight is its exchange.
                    flying = overdue;
                    sent = flying.size();
                    overdue = new ArrayDeque<>();
                    overdueStimuli = List.of();
                }
                begun = true;
                finishOverdue(limit);
                while (sent < chunks.size() && flying.size() < welcome.window() && quick(flying)) {
                    List<WireStimulus> chunk = chunks.get(sent++);
                    flying.add(conversation.prepared(new Batch(chunk), next++, workNanos(chunk)));
                    conversation.put(flying.getLast(), limit);
                }
                Asked first = flying.getFirst();
                if (!conversation.await(first, limit)) {
                    overdue = flying;
                    overdueStimuli = done == 0 && sent == chunks.size() ? List.copyOf(stimuli) : List.of();
                    throw new DeviceException(
                            Fault.TIMEOUT,
                            "board " + card.board() + " at " + name
                                    + " did not answer in time; whether the exchange was "
                                    + "made is not known: ask the same again, or check the line");
                }
                flying.removeFirst();
                take(first, chunks.get(done), responses, flying, limit);
                done++;
            } catch (LinkException lost) {
                // What is in flight is sent again on the new link, if the board remembers the session.
                lose(lost);
            }
        }
    }

    /** No batch may wait behind one that takes long: the board would not see the beats behind it (SPEC.md, section 5). */
    private boolean quick(Deque<Asked> flying) {
        long nanos = 0;
        for (Asked asked : flying) {
            if (asked.request() instanceof Batch batch) {
                nanos += workNanos(batch.stimuli());
            }
        }
        return nanos < settings.silence.toNanos() / 2;
    }

    private long workNanos(List<WireStimulus> stimuli) {
        int read = translator.layout().read().stream()
                .mapToInt(role -> translator.layout().count(role))
                .sum();
        double seconds = 0;
        for (WireStimulus stimulus : stimuli) {
            seconds += stimulus.dwellMicros() == WireStimulus.NO_DWELL
                    ? card.settleSeconds()
                    : 1e-6 * stimulus.dwellMicros();
            seconds += SECONDS_A_READING * stimulus.reads() * read;
        }
        return (long) Math.min(1e9 * seconds, 1e18);
    }

    private void take(
            Asked asked, List<WireStimulus> stimuli, List<Response> responses, Deque<Asked> flying, long limit)
            throws LinkException, MalformedException {
        MalformedException nonsense = asked.nonsense();
        if (nonsense != null) {
            throw nonsense;
        }
        if (asked.reply() instanceof Result result) {
            long began = result.clock() - openedMicros;
            for (int i = 0; i < result.responses().size(); i++) {
                WireResponse response = result.responses().get(i);
                responses.add(translator.read(response, stimuli.get(i).reads(), began));
            }
            Reason reason = result.latched();
            if (reason != null) {
                armed = false;
                latched = sentence(reason);
                throw refused();
            }
            acknowledged++;
            return;
        }
        if (asked.reply() instanceof Refusal refusal) {
            // Its number was not used, and those of the frames behind it are not in order now: each is refused as well.
            next -= 1 + flying.size();
            for (Asked behind : flying) {
                if (!conversation.await(behind, limit)) {
                    restart("a batch behind a refused one was not answered");
                    break;
                }
            }
            throw refusal(refusal);
        }
        throw new IllegalStateException("a batch was answered by " + asked.reply());
    }

    private RuntimeException refusal(Refusal refusal) {
        String said = refusal.sentence().isEmpty() ? "" : ": " + refusal.sentence();
        String who = "board " + card.board() + " at " + name;
        return switch (refusal.code()) {
            case UNFIT -> new IllegalArgumentException(who + " refuses the stimulus" + said);
            case LIMIT ->
                new DeviceException(
                        Fault.LIMIT, who + " refuses a set-point outside the limits that it was armed with" + said);
            case LATCHED -> {
                armed = false;
                try {
                    refresh(System.nanoTime() + STOP_NANOS);
                    latched = sentence(state.reason());
                } catch (LinkException lost) {
                    lose(lost);
                }
                yield refused();
            }
            case SESSION -> {
                restart("it was restarted, or another program took it over");
                yield refused();
            }
            case BUSY -> new DeviceException(Fault.TIMEOUT, who + " is busy; ask again later");
            case FAULT -> new DeviceException(Fault.REFUSED, who + " says that a part of it does not work" + said);
            default -> {
                restart("host and board no longer agreed on where they were");
                yield new DeviceException(
                        Fault.CORRUPT,
                        who + " does not understand this program (" + refusal.code() + said
                                + "); flash its firmware again");
            }
        };
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

    private DeviceException refused() {
        return new DeviceException(
                Fault.LATCHED,
                "board " + card.board() + " at " + name + " is latched at its safe levels: " + latched
                        + "; nothing moves until it is armed again: start again, or take the run up with --resume");
    }

    private void requireArmed() {
        if (!armed) {
            throw refused();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new DeviceException(
                    Fault.DISCONNECTED, "board " + card.board() + " at " + name + " was closed; open it again");
        }
    }

    /** Batches of an earlier call that nobody waits for any longer still hold their numbers. */
    private void finishOverdue(long limit) throws LinkException {
        while (!overdue.isEmpty()) {
            Asked asked = overdue.getFirst();
            if (!conversation.await(asked, limit)) {
                throw new DeviceException(
                        Fault.TIMEOUT,
                        "board " + card.board() + " at " + name + " still owes the answer to an earlier exchange; "
                                + "check the line, then try again");
            }
            overdue.removeFirst();
            if (asked.reply() instanceof Refusal) {
                next -= 1 + overdue.size();
                overdue.clear();
            } else {
                acknowledged++;
            }
        }
        overdueStimuli = List.of();
    }

    // The link

    private DeviceException lost(LinkException lost) {
        lose(lost);
        return new DeviceException(Fault.DISCONNECTED, String.valueOf(lost.getMessage()), lost);
    }

    private void lose(LinkException lost) {
        conversation.hangUp();
        gone = lost.getMessage();
        backoff.reset();
        redialNanos = System.nanoTime();
    }

    /** Host and board have lost each other: a new session begins with the next greeting, and the board has to be armed again. */
    private void restart(String why) {
        begin();
        latched = why;
        conversation.hangUp();
        gone = why;
        redialNanos = System.nanoTime();
    }

    /** Opens the link anew if it broke, as often as there is time for. */
    private void reconnect(long limit) {
        while (!conversation.connected()) {
            requireOpen();
            if (redial(limit)) {
                return;
            }
            long pause = Math.max(redialNanos - System.nanoTime(), 0);
            if (System.nanoTime() + pause - limit >= 0) {
                throw new DeviceException(
                        Fault.DISCONNECTED,
                        "board " + card.board() + " at " + name + " is gone (" + gone + "); plug it in again");
            }
            LockSupport.parkNanos(this, pause);
        }
    }

    /** One attempt to open the link anew, if it is time for one. */
    private boolean redial(long limit) {
        if (System.nanoTime() - redialNanos < 0) {
            return false;
        }
        conversation.hangUp();
        try {
            long until = Math.min(limit, System.nanoTime() + REDIAL_NANOS);
            conversation.on(opener.open(), until);
            greetAgain(until);
            conversation.again(until);
            backoff.reset();
            gone = null;
            return true;
        } catch (LinkException absent) {
            gone = absent.getMessage();
        } catch (DeviceException silent) {
            if (closed) {
                throw silent;
            }
            gone = silent.getMessage();
        }
        conversation.hangUp();
        redialNanos = System.nanoTime() + backoff.next().toNanos();
        return false;
    }

    /** The session goes on if the board remembers it, which shows in the batches that it counts; else a new one begins. */
    private void greetAgain(long until) throws LinkException {
        Welcome again = hello(until);
        if (!again.digest().equals(welcome.digest())) {
            closed = true;
            throw broken(
                    Fault.CORRUPT,
                    "is another board now: its card is " + again.digest() + ", it was " + welcome.digest()
                            + "; open it anew");
        }
        boolean restarted = again.state().boot() != state.boot();
        if (restarted) {
            // Its clock began anew; the device's own goes on.
            openedMicros += again.state().clock() - state.clock();
        }
        if (restarted || again.state().executed() < acknowledged) {
            boolean known = armed;
            begin();
            if (known) {
                latched = restarted
                        ? "it was restarted, so that its channels are no longer where they were left"
                        : "another program took it over";
            }
            again = hello(until);
        }
        welcome = again;
        know(again.state());
    }

    private void know(State fresh) {
        if (armed && !fresh.armed()) {
            armed = false;
            latched = sentence(fresh.reason());
        }
        state = fresh;
    }

    /** Says that the host is alive, and looks whether the board is. */
    private void tend() {
        while (!closed) {
            LockSupport.parkNanos(this, TEND_NANOS);
            if (!closed && talk.tryLock()) {
                try {
                    look();
                } catch (DeviceException remembered) {
                    gone = remembered.getMessage();
                } finally {
                    talk.unlock();
                }
            }
        }
    }

    private void look() {
        if (closed) {
            return;
        }
        if (!conversation.connected()) {
            if (gone == null) {
                lose(new LinkException(LinkException.Trouble.GONE, name + " is gone"));
            }
            redial(System.nanoTime() + REDIAL_NANOS);
            return;
        }
        if (System.nanoTime() - conversation.lastSentNanos() < Conversation.BEAT_NANOS) {
            return;
        }
        try {
            Reply reply = asked(new Beat(), System.nanoTime() + Conversation.BEAT_NANOS / 2);
            if (reply instanceof Alive alive) {
                know(alive.state());
            } else if (reply instanceof Refusal) {
                restart("it was restarted, or another program took it over");
            } else if (System.nanoTime() - conversation.lastHeardNanos()
                    > Math.max(TimeUnit.SECONDS.toNanos(1), 2 * settings.silence.toNanos())) {
                lose(new LinkException(
                        LinkException.Trouble.GONE, name + " is open, but nothing has been heard from the board"));
            }
        } catch (LinkException lost) {
            lose(lost);
        }
    }

    /** True while the link is up and the board armed. */
    public boolean ready() {
        talk.lock();
        try {
            return !closed && armed && conversation.connected();
        } finally {
            talk.unlock();
        }
    }

    /**
     * Stops the board: it goes to its safe levels and stays there.
     *
     * @return true if the board has confirmed it; false if it could not be asked, and has to be left to its own watchdog
     */
    public boolean stop() {
        talk.lock();
        try {
            if (closed) {
                return false;
            }
            long limit = System.nanoTime() + STOP_NANOS;
            armed = false;
            latched = "it was stopped";
            try {
                reconnect(limit);
                if (asked(new Stop(), limit) instanceof Stopped stopped) {
                    state = stopped.state();
                    return !state.armed();
                }
            } catch (LinkException lost) {
                lose(lost);
            } catch (DeviceException unreachable) {
                return false;
            }
            return false;
        } finally {
            talk.unlock();
        }
    }

    /** Stops the board, if it can be reached, and lets the link go. */
    @Override
    public void close() {
        talk.lock();
        try {
            if (closed) {
                return;
            }
            if (conversation.connected() && armed) {
                stop();
            }
            closed = true;
            conversation.hangUp();
        } finally {
            talk.unlock();
        }
        LockSupport.unpark(tender);
        try {
            tender.join(1000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
