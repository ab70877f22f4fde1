package org.homeostat.wire;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
import org.homeostat.wire.WireResponse.Readings;
import org.homeostat.wire.WireStimulus.Block;
import org.homeostat.wire.WireStimulus.WireNudge;

/** The example board of {@code golden/README.md}, in simulated time. Uses the codec, and nothing else of ours. */
final class ExampleBoard {

    static final Layout LAYOUT = new Layout(
            1,
            Map.of(
                    WireRole.INPUT, new int[] {2, 2},
                    WireRole.OUTPUT, new int[] {2},
                    WireRole.NUDGE, new int[] {2},
                    WireRole.PARAMETER, new int[] {1, 1, 1},
                    WireRole.MONITOR, new int[] {1}),
            Set.of(WireRole.OUTPUT, WireRole.MONITOR));

    private static final int LARGEST = 640;
    private static final int WINDOW = 2;
    private static final int SAFE = 2048;
    private static final int LAST = 4095;
    private static final double STEP = 1.0 / 1024;
    private static final long SETTLE = 1000;
    private static final long NEVER = Long.MAX_VALUE;

    private record Kept(long number, byte[] payload) {}

    /** A batch that is being executed. */
    private static final class Run {
        final long number;
        final Batch batch;
        final long began;
        final List<WireResponse> responses = new ArrayList<>();
        boolean moving = true;
        long due;

        Run(long number, Batch batch, long began) {
            this.number = number;
            this.batch = batch;
            this.began = began;
        }

        WireStimulus stimulus() {
            return batch.stimuli().get(responses.size());
        }
    }

    private final long boot;
    private final Codec codec = new Codec(LAYOUT);
    private final FrameReader reader = new FrameReader(LARGEST);
    private final Bytes payload = new Bytes();
    private final Bytes line = new Bytes();
    private final Deque<Kept> kept = new ArrayDeque<>();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private long clock;
    private long session;
    private long executed;
    private boolean armed;
    private Reason reason = Reason.NEVER_ARMED;
    private long arming;
    private long silence;
    private long lastLife;
    private Run run;

    // Inputs 0 and 1, then the nudge channel.
    private final int[] driven = {SAFE, SAFE, SAFE};
    private final int[] target = {SAFE, SAFE, SAFE};
    private final int[] lowest = new int[3];
    private final int[] highest = new int[3];
    private final int[] slew = new int[3];
    private final long[] period = new long[3];
    private final long[] moved = new long[3];
    private final int[] g = {128, 128, 128};
    private int tally;
    private double freeOutput = Double.NaN;

    /** A board that has just been switched on. */
    ExampleBoard(long boot) {
        this.boot = boot;
    }

    /** Takes bytes from the line. */
    void take(byte[] bytes) {
        reader.feed(bytes, 0, bytes.length, (from, at, length) -> hear(Arrays.copyOfRange(from, at, at + length)));
    }

    /** The bytes sent since the last call. */
    byte[] sent() {
        byte[] bytes = line.copy();
        line.clear();
        return bytes;
    }

    /** Lets time go by. */
    void advance(long micros) {
        long end = clock + micros;
        while (true) {
            long silent = armed ? lastLife + silence : NEVER;
            long next = Math.min(silent, run == null ? NEVER : run.due);
            if (next > end) {
                clock = end;
                return;
            }
            clock = Math.max(clock, next);
            if (next == silent) {
                latch(Reason.SILENCE);
            } else {
                goOn();
            }
        }
    }

    private void hear(byte[] bytes) {
        try {
            Header header = Header.of(bytes, 0, bytes.length);
            if (header.type() != 0x01 && header.session() != session) {
                reply(header, Refusal.of(ErrorCode.SESSION, "not the current session"));
                return;
            }
            if (header.session() == session) {
                lastLife = clock;
            }
            Request request;
            try {
                request = codec.request(bytes, 0, bytes.length);
            } catch (MalformedException e) {
                reply(header, Refusal.of(ErrorCode.MALFORMED, e.getMessage()));
                return;
            }
            switch (request) {
                case Hello hello -> reply(header, hello(hello, header.session()));
                case ReadCard read -> reply(header, part(read));
                case Arm arm -> reply(header, arm(arm));
                case Beat beat -> reply(header, new Alive(state()));
                case Stop stop -> {
                    latch(Reason.STOP);
                    reply(header, new Stopped(state()));
                }
                case Batch batch -> batch(header, batch, bytes);
            }
        } catch (MalformedException e) {
            throw new AssertionError("the reader hands out payloads that have a header", e);
        }
    }

    private Reply hello(Hello hello, long chosen) {
        if (hello.major() != Hello.MAJOR) {
            return Refusal.of(ErrorCode.VERSION, "this board speaks version 1");
        }
        if (chosen != session) {
            run = null;
            latch(Reason.NEW_SESSION);
            session = chosen;
            executed = 0;
            kept.clear();
            waiting.clear();
        }
        int length = Golden.card().length;
        return new Welcome(Hello.MAJOR, Hello.MINOR, LARGEST, WINDOW, 100, 2000, length, Golden.digest(), state());
    }

    private static CardPart part(ReadCard read) {
        byte[] card = Golden.card();
        int from = (int) Math.min(read.offset(), card.length);
        int count = Math.min(Math.min(read.most(), LARGEST - Header.BYTES - 4), card.length - from);
        return new CardPart(read.offset(), Arrays.copyOfRange(card, from, from + count));
    }

    private Reply arm(Arm arm) {
        if (armed && arm.arming() == arming) {
            return new Armed(state());
        }
        if (arm.arming() <= arming) {
            return Refusal.of(ErrorCode.ARMING, "not a fresh arming number");
        }
        if (run != null) {
            return Refusal.of(ErrorCode.BUSY, "a batch is being executed");
        }
        if (arm.silenceMillis() < 100 || arm.silenceMillis() > 2000) {
            return Refusal.of(ErrorCode.UNFIT, "the silence limit is from 100 to 2000 ms");
        }
        for (Arm.Limits limits : arm.limits()) {
            for (int i = 0; i < limits.lowest().length; i++) {
                if (limits.lowest()[i] > SAFE || limits.highest()[i] < SAFE || limits.slew()[i] < 1) {
                    return new Refusal(
                            ErrorCode.UNFIT, Refusal.NONE, limits.role(), i, "limits must enclose the safe level");
                }
            }
        }
        goSafe();
        Arrays.fill(lowest, 0);
        Arrays.fill(highest, LAST);
        Arrays.fill(slew, LAST);
        Arrays.fill(period, 0);
        for (Arm.Limits limits : arm.limits()) {
            int first = limits.role() == WireRole.INPUT ? 0 : 2;
            for (int i = 0; i < limits.lowest().length; i++) {
                lowest[first + i] = (int) limits.lowest()[i];
                highest[first + i] = (int) limits.highest()[i];
                slew[first + i] = (int) limits.slew()[i];
                period[first + i] = limits.periodMicros();
                moved[first + i] = clock - limits.periodMicros();
            }
        }
        arming = arm.arming();
        armed = true;
        silence = 1000L * arm.silenceMillis();
        return new Armed(state());
    }

    private void batch(Header header, Batch batch, byte[] bytes) {
        if (run != null) {
            waiting.add(bytes);
            return;
        }
        for (Kept each : kept) {
            if (each.number() == header.number()) {
                send(each.payload());
                return;
            }
        }
        if (header.number() != executed + 1) {
            reply(header, Refusal.of(ErrorCode.ORDER, "the next batch is " + (executed + 1)));
        } else if (!armed) {
            reply(header, Refusal.of(ErrorCode.LATCHED, "arm first"));
        } else if (codec.resultBytes(batch.stimuli()) > LARGEST) {
            reply(header, Refusal.of(ErrorCode.LARGE, "send fewer stimuli"));
        } else {
            Refusal refusal = refusal(batch);
            if (refusal != null) {
                reply(header, refusal);
            } else {
                run = new Run(header.number(), batch, clock);
                begin();
            }
        }
    }

    /** What is wrong with a batch; null if nothing. */
    private Refusal refusal(Batch batch) {
        boolean read = !Double.isNaN(freeOutput);
        for (int s = 0; s < batch.stimuli().size(); s++) {
            WireStimulus stimulus = batch.stimuli().get(s);
            if (stimulus.free()) {
                return new Refusal(ErrorCode.UNFIT, s, WireRole.PARAMETER, Refusal.NONE, "the parameters do not move");
            }
            if (stimulus.afresh()) {
                return new Refusal(ErrorCode.UNFIT, s, null, Refusal.NONE, "it cannot be started afresh");
            }
            for (Block block : stimulus.blocks()) {
                WireRole role = block.role();
                if (LAYOUT.count(role) == 0) {
                    return new Refusal(ErrorCode.UNFIT, s, role, Refusal.NONE, "there is no such channel");
                }
                for (int i = 0; i < spokenOf(block); i++) {
                    int channel = channel(block, i);
                    int code = (int) block.rows()[0][i];
                    if (role == WireRole.PARAMETER ? code == 0 : code > LAST) {
                        return new Refusal(ErrorCode.UNFIT, s, role, channel, "out of range");
                    }
                    if (role == WireRole.INPUT && (code < lowest[channel] || code > highest[channel])) {
                        return new Refusal(ErrorCode.LIMIT, s, role, channel, "outside the limits");
                    }
                }
            }
            WireNudge nudge = stimulus.nudge();
            switch (nudge.kind()) {
                case NONE -> read = true;
                case FORCE -> {
                    int code = (int) nudge.rows()[0][0];
                    if (code > LAST) {
                        return new Refusal(ErrorCode.UNFIT, s, WireRole.NUDGE, 0, "out of range");
                    }
                    if (code < lowest[2] || code > highest[2]) {
                        return new Refusal(ErrorCode.LIMIT, s, WireRole.NUDGE, 0, "outside the limits");
                    }
                }
                case COUPLING, CLAMP, RAMP -> {
                    return new Refusal(ErrorCode.UNFIT, s, WireRole.NUDGE, Refusal.NONE, "no such nudge here");
                }
                case DIFFERENCE -> {
                    if (!read || !Double.isFinite(nudge.beta()) || !Double.isFinite(nudge.rows()[0][0])) {
                        return new Refusal(ErrorCode.UNFIT, s, WireRole.NUDGE, Refusal.NONE, "no such difference");
                    }
                }
            }
        }
        return null;
    }

    private static int spokenOf(Block block) {
        return block.positions() == null ? LAYOUT.count(block.role()) : block.positions().length;
    }

    private static int channel(Block block, int place) {
        return block.positions() == null ? place : block.positions()[place];
    }

    /** Begins the next stimulus, or ends the batch. */
    private void begin() {
        if (run.responses.size() == run.batch.stimuli().size()) {
            end(null);
            return;
        }
        WireStimulus stimulus = run.stimulus();
        for (Block block : stimulus.blocks()) {
            for (int i = 0; i < spokenOf(block); i++) {
                int[] where = block.role() == WireRole.INPUT ? target : g;
                where[channel(block, i)] = (int) block.rows()[0][i];
            }
        }
        WireNudge nudge = stimulus.nudge();
        target[2] = switch (nudge.kind()) {
            case NONE, COUPLING, CLAMP, RAMP -> SAFE;
            case FORCE -> (int) nudge.rows()[0][0];
            case DIFFERENCE ->
                (int) Math.clamp(
                        Math.rint(SAFE + nudge.beta() * (nudge.rows()[0][0] / STEP - freeOutput)),
                        lowest[2],
                        highest[2]);
        };
        run.moving = true;
        run.due = clock;
    }

    /** Moves, or reads. */
    private void goOn() {
        if (!run.moving) {
            run.responses.add(read(run.stimulus()));
            begin();
            return;
        }
        long next = NEVER;
        for (int i = 0; i < driven.length; i++) {
            if (driven[i] != target[i] && clock - moved[i] >= period[i]) {
                driven[i] += Math.clamp(target[i] - driven[i], -slew[i], slew[i]);
                moved[i] = clock;
            }
            if (driven[i] != target[i]) {
                next = Math.min(next, moved[i] + period[i]);
            }
        }
        long dwell = run.stimulus().dwellMicros();
        run.moving = next != NEVER;
        run.due = run.moving ? next : clock + (dwell == WireStimulus.NO_DWELL ? SETTLE : dwell);
    }

    private WireResponse read(WireStimulus stimulus) {
        int y = Math.clamp(Math.floorDiv(g[0] * driven[0] + g[1] * driven[1], 256) + g[2] + driven[2] - SAFE, 0, LAST);
        int reads = stimulus.reads();
        long sum = 0;
        int[] tallies = new int[reads];
        for (int i = 0; i < reads; i++) {
            tallies[i] = ++tally & 0xFF;
            sum += tallies[i];
        }
        long mean = Math.floorDiv(2 * sum + reads, 2L * reads);
        long squares = 0;
        for (int each : tallies) {
            squares += (each - mean) * (each - mean);
        }
        if (stimulus.nudge().kind() == NudgeKind.NONE) {
            freeOutput = y;
        }
        boolean clipped = y == 0 || y == LAST;
        List<Readings> readings = reads == 1
                ? List.of(
                        new Readings(WireRole.OUTPUT, new double[][] {{y}}, null),
                        new Readings(WireRole.MONITOR, new double[][] {{sum}}, null))
                : List.of(
                        new Readings(WireRole.OUTPUT, new double[][] {{(double) y * reads}}, new double[][] {{0}}),
                        new Readings(WireRole.MONITOR, new double[][] {{sum}}, new double[][] {{squares}}));
        return new WireResponse(
                clock - run.began,
                clipped ? Verdict.CLIPPED : Verdict.SETTLED,
                clipped ? WireRole.OUTPUT : null,
                clipped ? 0 : WireResponse.NO_INDEX,
                readings);
    }

    private void end(Reason latched) {
        executed = run.number;
        payload.clear();
        codec.encode(session, run.number, new Result(run.began, latched, run.responses), payload);
        kept.addLast(new Kept(run.number, payload.copy()));
        if (kept.size() > WINDOW) {
            kept.removeFirst();
        }
        send(payload.copy());
        run = null;
        while (run == null && !waiting.isEmpty()) {
            hear(waiting.removeFirst());
        }
    }

    private void goSafe() {
        Arrays.fill(driven, SAFE);
        Arrays.fill(target, SAFE);
    }

    private void latch(Reason why) {
        goSafe();
        if (armed) {
            armed = false;
            reason = why;
        }
        if (run != null) {
            end(why);
        }
    }

    private State state() {
        return new State(armed, reason, boot, arming, executed, clock, reader.dropped());
    }

    private void reply(Header to, Reply reply) {
        payload.clear();
        codec.encode(to.session(), to.number(), reply, payload);
        send(payload.copy());
    }

    private void send(byte[] bytes) {
        Frames.encode(new Bytes().put(bytes, 0, bytes.length), line);
    }
}
