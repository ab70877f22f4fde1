package org.homeostat.board;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.wire.Codec;
import org.homeostat.wire.Message.Arm;
import org.homeostat.wire.Message.Refusal;
import org.homeostat.wire.Message.Reply;
import org.homeostat.wire.Message.Result;
import org.homeostat.wire.WireResponse;
import org.homeostat.wire.WireStimulus;

/**
 * A board at the far end of a link (firmware-protocol/SPEC.md).
 *
 * <p>{@link #open} shakes hands and reads the card; the board stays latched at its safe levels until {@link #arm}. From then
 * on a daemon thread keeps it from thinking that the host is gone, and notices within a fraction of a second when the board
 * is gone. Frames that got lost are sent again: a batch never acts twice, so that is safe for FREE stimuli too. A link that
 * breaks is opened anew; if the board was armed all the while it simply goes on. If it has latched meanwhile or was restarted,
 * nothing moves by itself: stimuli are refused until {@link #arm}, for whoever armed it must know that inputs are at safe
 * levels and parameters perhaps at those of power-on.
 *
 * <p>After a {@link Fault#TIMEOUT} in the midst of an exchange nobody knows whether it was made. The same stimuli asked next
 * are the same exchange: it is not made again if it was, and its answer is had after all.
 *
 * <p>Thread rule: one caller at a time; {@link #ready} and {@link #close} from anywhere.
 */
public final class BoardDevice implements Device {

    /**
     * How to treat the board.
     *
     * @param silence how long the host may be silent before the board goes to safe levels by itself; 100 ms to 2 s on the
     *     reference firmware
     * @param greeting how long to wait for the first answer, since a board may restart when its port is opened; and then as
     *     long again for its card
     */
    public record Settings(Duration silence, Duration greeting) {

        /** Half a second of silence; five seconds for a board that starts. */
        public static final Settings USUAL = new Settings(Duration.ofMillis(500), Duration.ofSeconds(5));
    }

    /**
     * Limits that the board itself keeps to on all channels of a role, besides those that it was built with.
     *
     * @param role INPUT or NUDGE
     * @param min the lowest level; what lies below that of a channel is that of the channel
     * @param max the highest level, likewise
     * @param slew the largest change of one move, in the unit of the channels; what is further away is reached in several
     * @param periodSeconds the time between two moves, up to 65 ms
     */
    public record Limits(Role role, double min, double max, double slew, double periodSeconds) {
        public Limits {
            if (role != Role.INPUT && role != Role.NUDGE) {
                throw new IllegalArgumentException("a board limits inputs and nudges, not channels of role " + role);
            }
            if (!(min < max) || !(slew > 0) || !(periodSeconds >= 0 && periodSeconds <= MOST_PERIOD_SECONDS)) {
                throw new IllegalArgumentException("limits of role " + role
                        + ": expected min below max, a slew above 0 "
                        + "and a period from 0 to " + MOST_PERIOD_SECONDS + " s, not " + min + ", " + max + ", " + slew
                        + " and " + periodSeconds);
            }
        }
    }

    private static final double MOST_PERIOD_SECONDS = 0xffff / 1e6;

    private static final long TEND_NANOS = 20_000_000;
    private static final long STOP_NANOS = 500_000_000;

    /**
     * One conversion of one channel by a small controller, all in all; no board should be slower. When an answer is overdue
     * and which batches may be sent ahead hangs on it, and a board that is slower than guessed may latch early.
     */
    private static final double SECONDS_A_READING = 50e-6;

    private final Session session;
    private final Settings settings;
    private final Descriptor card;
    private final Translator translator;
    private final ReentrantLock talk = new ReentrantLock();
    private final Thread tender;

    /** What was asked when an answer did not come in time; empty if it is not to be had by asking again. */
    private List<Stimulus> overdue = List.of();

    private BoardDevice(String name, Session session, Settings settings) {
        this.session = session;
        this.settings = settings;
        card = session.card();
        translator = new Translator(card);
        session.layout(translator.layout());
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
        BoardDevice board = new BoardDevice(name, new Session(name, opener, settings), settings);
        board.tender.start();
        return board;
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    /** How many batches the board takes before it has answered the first. */
    public int window() {
        return session.window();
    }

    /** How many frames were sent again, replies dropped as unexpected, and damaged frames dropped here. */
    public long[] troubles() {
        return session.troubles();
    }

    /** Arms the board within the limits that it was built with, see {@link #arm(List)}. */
    public void arm() {
        arm(List.of());
    }

    /**
     * Lets the board leave its safe state, with a fresh arming number. What is imposed from now on is the caller's: after a
     * restart of the board nothing is where it was. Takes half a second at most.
     *
     * @param limits what the board shall refuse or slow down until it is armed again; at most one of each role
     * @throws IllegalArgumentException if limits are for channels that the board does not have, or do not enclose their safe
     *     levels
     * @throws DeviceException if the board refuses or does not answer
     */
    public void arm(List<Limits> limits) {
        long limit = System.nanoTime() + STOP_NANOS;
        List<Arm.Limits> sent = limits.stream()
                .sorted((a, b) -> a.role().compareTo(b.role()))
                .map(translator::sent)
                .toList();
        lock(limit);
        try {
            session.requireOpen();
            session.arm(sent, limit);
        } finally {
            talk.unlock();
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
        session.requireOpen();
        List<WireStimulus> sent = new ArrayList<>(stimuli.size());
        for (Stimulus stimulus : stimuli) {
            sent.add(translator.sent(card.accepted(stimulus)));
        }
        List<List<WireStimulus>> batches = batches(sent);
        deadline.require(card.board());
        if (stimuli.isEmpty()) {
            return new ArrayList<>();
        }
        lock(limit);
        try {
            return exchanged(stimuli, batches, limit);
        } finally {
            talk.unlock();
        }
    }

    /** The thread that tends the board may be busy looking for it. */
    private void lock(long limit) {
        try {
            if (!talk.tryLock() && !talk.tryLock(limit - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw session.broken(Fault.TIMEOUT, "is being looked for; allow more time");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw session.broken(Fault.TIMEOUT, "was not asked, because this thread was interrupted");
        }
    }

    private static long limit(Deadline deadline) {
        Duration left = deadline.remaining();
        Duration year = Duration.ofDays(365);
        return System.nanoTime() + (left.compareTo(year) < 0 ? left : year).toNanos();
    }

    private List<List<WireStimulus>> batches(List<WireStimulus> stimuli) {
        List<List<WireStimulus>> batches = new ArrayList<>();
        List<WireStimulus> open = new ArrayList<>();
        long largest = session.largest();
        long request = Codec.BATCH_HEAD;
        long result = Codec.RESULT_HEAD;
        for (WireStimulus stimulus : stimuli) {
            int asks = session.codec().bytes(stimulus);
            int answers = session.codec().responseBytes(stimulus.reads());
            if (Codec.BATCH_HEAD + asks > largest || Codec.RESULT_HEAD + answers > largest) {
                throw new IllegalArgumentException("board " + card.board() + " takes and sends at most " + largest
                        + " bytes at once; this stimulus has " + asks + " and its answer " + answers
                        + ": impose fewer channels at once");
            }
            if (request + asks > largest || result + answers > largest || open.size() == Codec.MOST_STIMULI) {
                batches.add(open);
                open = new ArrayList<>();
                request = Codec.BATCH_HEAD;
                result = Codec.RESULT_HEAD;
            }
            open.add(stimulus);
            request += asks;
            result += answers;
        }
        if (!open.isEmpty()) {
            batches.add(open);
        }
        return batches;
    }

    private List<Response> exchanged(List<Stimulus> stimuli, List<List<WireStimulus>> batches, long limit) {
        // The same question again: what is in flight is its exchange.
        int sent = stimuli.equals(overdue) ? session.flying() : 0;
        if (sent == 0) {
            finishOverdue(limit);
        }
        overdue = List.of();
        List<Response> responses = new ArrayList<>(stimuli.size());
        int done = 0;
        while (done < batches.size()) {
            requireArmed();
            session.connect(limit);
            requireArmed();
            try {
                while (sent < batches.size() && session.flying() < session.window() && quick(batches, done, sent)) {
                    List<WireStimulus> batch = batches.get(sent++);
                    session.send(batch, workNanos(batch), limit);
                }
                Reply reply = session.answer(limit);
                if (reply == null) {
                    overdue = done == 0 && sent == batches.size() ? List.copyOf(stimuli) : List.of();
                    throw session.broken(
                            Fault.TIMEOUT,
                            "did not answer in time; whether the exchange was made is not known: ask the same again, or "
                                    + "check the line");
                }
                read(reply, batches.get(done++), responses);
            } catch (LinkException lost) {
                session.lose(lost);
            }
        }
        return responses;
    }

    /** No batch may wait behind one that takes long: the board would not see the beats behind it (SPEC.md, section 5). */
    private boolean quick(List<List<WireStimulus>> batches, int from, int to) {
        long nanos = 0;
        for (List<WireStimulus> batch : batches.subList(from, to)) {
            nanos += workNanos(batch);
        }
        return nanos < settings.silence().toNanos() / 2;
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
            seconds += stimulus.nudge().seconds();
        }
        return (long) Math.min(1e9 * seconds, 1e15);
    }

    private void read(Reply reply, List<WireStimulus> stimuli, List<Response> responses) {
        if (reply instanceof Refusal refusal) {
            throw refused(refusal);
        }
        Result result = (Result) reply;
        long began = session.beganMicros(result);
        for (int i = 0; i < result.responses().size(); i++) {
            WireResponse response = result.responses().get(i);
            responses.add(translator.read(response, stimuli.get(i).reads(), began));
        }
        if (result.latched() != null) {
            throw latched();
        }
    }

    private RuntimeException refused(Refusal refusal) {
        String said = refusal.sentence().isEmpty() ? "" : ": " + refusal.sentence();
        return switch (refusal.code()) {
            case UNFIT -> new IllegalArgumentException(session.who() + " refuses the stimulus" + said);
            case LIMIT ->
                session.broken(Fault.LIMIT, "refuses a set-point outside the limits that it was armed with" + said);
            case LATCHED, SESSION, ORDER -> latched();
            case FAULT -> session.broken(Fault.REFUSED, "says that a part of it does not work" + said);
            default ->
                session.broken(
                        Fault.CORRUPT,
                        "does not understand this program (" + refusal.code() + said + "); flash its firmware again");
        };
    }

    private DeviceException latched() {
        return session.broken(
                Fault.LATCHED,
                "is latched at its safe levels: " + session.latched()
                        + "; nothing moves until it is armed again: start again, or take the run up with --resume");
    }

    private void requireArmed() {
        session.requireOpen();
        if (!session.armed()) {
            throw latched();
        }
    }

    /** Batches of an earlier call that nobody waits for any longer still hold their numbers. */
    private void finishOverdue(long limit) {
        while (session.flying() > 0) {
            session.connect(limit);
            try {
                if (session.flying() > 0 && session.answer(limit) == null) {
                    throw session.broken(
                            Fault.TIMEOUT,
                            "still owes the answer to an earlier exchange; check the line, then try again");
                }
            } catch (LinkException lost) {
                session.lose(lost);
            }
        }
    }

    // Tending

    private void tend() {
        while (!session.ended()) {
            LockSupport.parkNanos(this, TEND_NANOS);
            session.dial();
            if (talk.tryLock()) {
                try {
                    session.tend();
                } catch (DeviceException remembered) {
                    // Whoever asks next is told.
                } finally {
                    talk.unlock();
                }
            }
        }
    }

    /** True while the link is up and the board armed, as far as is known. */
    public boolean ready() {
        return session.ready();
    }

    /**
     * Stops the board: it goes to its safe levels and stays there. Takes half a second at most.
     *
     * @return true if the board has confirmed it; false if it could not be asked, and has to be left to its own watchdog
     */
    public boolean stop() {
        long limit = System.nanoTime() + STOP_NANOS;
        try {
            lock(limit);
        } catch (DeviceException busy) {
            return false;
        }
        try {
            return !session.ended() && session.stop(limit);
        } finally {
            talk.unlock();
        }
    }

    /**
     * Stops the board, if it is armed and can be reached, and lets the link go. Whoever waits for the board is told that it
     * was closed. Takes half a second at most, and as long as it takes to close the link.
     */
    @Override
    public void close() {
        if (!session.reserve()) {
            return;
        }
        long limit = System.nanoTime() + STOP_NANOS;
        boolean interrupted = Thread.interrupted();
        try {
            if (talk.tryLock(STOP_NANOS, TimeUnit.NANOSECONDS)) {
                try {
                    if (session.ready()) {
                        session.stop(limit);
                    }
                } finally {
                    talk.unlock();
                }
            }
            session.end();
            LockSupport.unpark(tender);
            tender.join(Duration.ofNanos(Math.max(limit - System.nanoTime(), TEND_NANOS)));
        } catch (InterruptedException again) {
            interrupted = true;
        } finally {
            session.end();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
