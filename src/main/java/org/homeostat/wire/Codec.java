package org.homeostat.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
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
import org.jspecify.annotations.Nullable;

/**
 * Payloads from messages and back, at both ends (sections 3 to 7). A codec has no state but the layout of its board, and
 * can be shared by threads.
 *
 * <p>What is decoded may come from anyone: it either is a message, or a {@link MalformedException} says why not. A
 * message guarantees the shapes of its arrays and that codes fit their channels' width; whether a code or level lies in
 * its range, and whether the board can do what is asked, is not looked at. What is encoded is ours: a message that does
 * not fit the layout is an {@link IllegalArgumentException}.
 */
public final class Codec {

    /** How many bytes a BATCH has besides its stimuli. */
    public static final int BATCH_HEAD = Header.BYTES + 1;

    /** How many bytes a RESULT has besides its responses. */
    public static final int RESULT_HEAD = Header.BYTES + 10;

    /** The most stimuli that a BATCH can hold. */
    public static final int MOST_STIMULI = 255;

    private static final int NOBODY = 0xFF;
    private static final int NOWHERE = 0xFFFF;
    private static final byte[] LETTERS = "HMST".getBytes(StandardCharsets.US_ASCII);
    private static final WireRole[] ROLES = WireRole.values();

    // Bits of a stimulus.
    private static final int FREE = 1;
    private static final int NUDGE_SHIFT = 1;
    private static final int DWELL = 1 << 3;
    private static final int MORE_NUDGES = 1 << 4;
    private static final int AFRESH = 1 << 5;
    private static final int STIMULUS_UNUSED = 0xC0;

    // Bits of a block.
    private static final int BLOCK_ROLE = 7;
    private static final int BLOCK_UNUSED = 0x38;
    private static final int PER_LANE = 1 << 6;
    private static final int SOME = 1 << 7;

    private final Layout layout;

    /** A codec for a board; {@link Layout#NONE} as long as its card is not known. */
    public Codec(Layout layout) {
        this.layout = layout;
    }

    /** The layout of the board. */
    public Layout layout() {
        return layout;
    }

    /** Appends the payload of a message. */
    public void encode(long session, long number, Message message, Bytes out) {
        new Header(message.type(), session, number).put(out);
        switch (message) {
            case Hello hello ->
                out.put(LETTERS, 0, LETTERS.length).put8(hello.major()).put8(hello.minor());
            case Welcome welcome -> put(welcome, out);
            case ReadCard card -> out.put32(card.offset()).put16(card.most());
            case CardPart part -> out.put32(part.offset()).put(part.bytes(), 0, part.bytes().length);
            case Arm arm -> put(arm, out);
            case Armed armed -> armed.state().put(out);
            case Batch batch -> put(batch, out);
            case Result result -> put(result, out);
            case Beat beat -> {}
            case Alive alive -> alive.state().put(out);
            case Stop stop -> {}
            case Stopped stopped -> stopped.state().put(out);
            case Refusal refusal -> put(refusal, out);
        }
    }

    /** Reads a payload as a request, as a board does. */
    public Request request(byte[] payload, int from, int length) throws MalformedException {
        Reading in = new Reading(payload, from, length);
        Header header = Header.of(in);
        if (header.session() == 0) {
            throw new MalformedException("expected a session other than 0");
        }
        Request request = switch (header.type()) {
            case 0x01 -> hello(in);
            case 0x02 -> new ReadCard(in.take32(), in.take16());
            case 0x03 -> arm(in);
            case 0x04 -> batch(in);
            case 0x05 -> new Beat();
            case 0x06 -> new Stop();
            default -> throw new MalformedException("expected a type from 1 to 6, not " + header.type());
        };
        in.requireEnd();
        return request;
    }

    /** Reads a payload as the reply to a request, as a host does; which request it is, its header has told. */
    public Reply reply(byte[] payload, int from, int length, Request asked) throws MalformedException {
        Reading in = new Reading(payload, from, length);
        int type = Header.of(in).type();
        Reply reply;
        if (type == Header.ERROR) {
            reply = refusal(in);
        } else if (type != (asked.type() | Header.REPLY)) {
            throw new MalformedException(
                    "expected a reply of type " + (asked.type() | Header.REPLY) + " or an ERROR, not " + type);
        } else {
            reply = switch (asked) {
                case Hello hello -> welcome(in);
                case ReadCard card -> new CardPart(in.take32(), in.takeBytes(in.remaining()));
                case Arm arm -> new Armed(State.of(in));
                case Batch batch -> result(in, batch);
                case Beat beat -> new Alive(State.of(in));
                case Stop stop -> new Stopped(State.of(in));
            };
        }
        in.requireEnd();
        return reply;
    }

    /** How many bytes a stimulus takes in a BATCH, which has {@link #BATCH_HEAD} besides. */
    public int bytes(WireStimulus stimulus) {
        int bytes = 4 + (stimulus.dwellMicros() == WireStimulus.NO_DWELL ? 0 : 4);
        for (Block block : stimulus.blocks()) {
            int[] widths = layout.widths(block.role());
            bytes += 1 + block.rows().length * rowBytes(widths, block.positions());
            bytes += block.positions() == null ? 0 : maskBytes(widths);
        }
        WireNudge nudge = stimulus.nudge();
        return bytes
                + switch (nudge.kind()) {
                    case NONE -> 0;
                    case FORCE -> 1 + nudge.rows().length * rowBytes(layout.widths(WireRole.NUDGE), null);
                    case COUPLING, DIFFERENCE -> 9 + targetBytes(nudge);
                    case CLAMP -> 1 + targetBytes(nudge);
                    case RAMP -> 25 + targetBytes(nudge);
                };
    }

    private int targetBytes(WireNudge nudge) {
        return nudge.rows().length * Double.BYTES * layout.count(WireRole.OUTPUT);
    }

    /** How many bytes a response of so many reads takes in a RESULT at most, which has {@link #RESULT_HEAD} besides. */
    public int responseBytes(int reads) {
        int bytes = 4 + 1 + 3;
        for (WireRole role : ROLES) {
            if (layout.reads(role)) {
                bytes += layout.rows(role) * readingBytes(layout.widths(role), reads);
            }
        }
        return bytes;
    }

    /** How many bytes the payload of a RESULT has at most. */
    public int resultBytes(List<WireStimulus> stimuli) {
        int bytes = RESULT_HEAD;
        for (WireStimulus stimulus : stimuli) {
            bytes += responseBytes(stimulus.reads());
        }
        return bytes;
    }

    // HELLO and CARD

    private static Hello hello(Reading in) throws MalformedException {
        if (!Arrays.equals(in.takeBytes(LETTERS.length), LETTERS)) {
            throw new MalformedException("expected the letters HMST in HELLO");
        }
        Hello hello = new Hello(in.take8(), in.take8());
        if (hello.major() != Hello.MAJOR) {
            // Another version may say more; all that matters is that it is another.
            in.takeBytes(in.remaining());
        }
        return hello;
    }

    private static void put(Welcome welcome, Bytes out) {
        byte[] digest = HexFormat.of().parseHex(welcome.digest());
        if (digest.length != 8) {
            throw new IllegalArgumentException("expected a digest of 16 digits, not " + welcome.digest());
        }
        out.put8(welcome.major())
                .put8(welcome.minor())
                .put32(welcome.largest())
                .put8(welcome.window())
                .put16(welcome.leastSilence())
                .put16(welcome.mostSilence())
                .put32(welcome.cardLength())
                .put(digest, 0, digest.length);
        welcome.state().put(out);
    }

    private static Welcome welcome(Reading in) throws MalformedException {
        return new Welcome(
                in.take8(),
                in.take8(),
                in.take32(),
                in.take8(),
                in.take16(),
                in.take16(),
                in.take32(),
                HexFormat.of().formatHex(in.takeBytes(8)),
                State.of(in));
    }

    // ARM

    private void put(Arm arm, Bytes out) {
        out.put32(arm.arming()).put16(arm.silenceMillis()).put8(arm.limits().size());
        for (Arm.Limits limits : arm.limits()) {
            int[] widths = layout.widths(limits.role());
            requireLength(limits.role(), widths.length, limits.lowest());
            requireLength(limits.role(), widths.length, limits.highest());
            requireLength(limits.role(), widths.length, limits.slew());
            out.put8(limits.role().number()).put16(limits.periodMicros());
            for (int i = 0; i < widths.length; i++) {
                putValue(out, widths[i], limits.lowest()[i]);
                putValue(out, widths[i], limits.highest()[i]);
                putValue(out, widths[i], limits.slew()[i]);
            }
        }
    }

    private Arm arm(Reading in) throws MalformedException {
        long arming = in.take32();
        int silence = in.take16();
        int blocks = in.take8();
        List<Arm.Limits> all = new ArrayList<>();
        for (int block = 0; block < blocks; block++) {
            WireRole role = WireRole.of(in.take8());
            if (role != WireRole.INPUT && role != WireRole.NUDGE) {
                throw new MalformedException("expected limits of INPUT or NUDGE, not of " + role);
            }
            if (!all.isEmpty() && all.getLast().role().compareTo(role) >= 0) {
                throw new MalformedException("expected limits by ascending role, not " + role + " once more");
            }
            int period = in.take16();
            int[] widths = layout.widths(role);
            in.require(3L * rowBytes(widths, null));
            double[] lowest = new double[widths.length];
            double[] highest = new double[widths.length];
            double[] slew = new double[widths.length];
            for (int i = 0; i < widths.length; i++) {
                lowest[i] = takeValue(in, widths[i]);
                highest[i] = takeValue(in, widths[i]);
                slew[i] = takeValue(in, widths[i]);
            }
            all.add(new Arm.Limits(role, period, lowest, highest, slew));
        }
        return new Arm(arming, silence, all);
    }

    // BATCH

    private void put(Batch batch, Bytes out) {
        out.put8(batch.stimuli().size());
        for (WireStimulus stimulus : batch.stimuli()) {
            boolean dwells = stimulus.dwellMicros() != WireStimulus.NO_DWELL;
            NudgeKind kind = stimulus.nudge().kind();
            out.put8((stimulus.free() ? FREE : 0)
                    | (kind.number() & 3) << NUDGE_SHIFT
                    | (kind.number() > 3 ? MORE_NUDGES : 0)
                    | (dwells ? DWELL : 0)
                    | (stimulus.afresh() ? AFRESH : 0));
            if (stimulus.reads() < 1) {
                throw new IllegalArgumentException("expected 1 read or more, not " + stimulus.reads());
            }
            out.put16(stimulus.reads());
            if (dwells) {
                out.put32(stimulus.dwellMicros());
            }
            out.put8(stimulus.blocks().size());
            int before = -1;
            for (Block block : stimulus.blocks()) {
                if (block.role().number() <= before) {
                    throw new IllegalArgumentException("expected blocks by ascending role, not " + block.role());
                }
                before = block.role().number();
                put(block, out);
            }
            if (kind != NudgeKind.NONE) {
                put(stimulus.nudge(), out);
            }
        }
    }

    private void put(Block block, Bytes out) {
        WireRole role = block.role();
        int[] widths = layout.widths(role);
        int[] positions = block.positions();
        if (block.perLane() && role.shared()) {
            throw new IllegalArgumentException("role " + role + " is shared by all lanes, it has one row");
        }
        out.put8(role.number() | (block.perLane() ? PER_LANE : 0) | (positions == null ? 0 : SOME));
        if (positions != null) {
            requireAscending(role, widths.length, positions);
            int position = 0;
            for (int first = 0; first < widths.length; first += Byte.SIZE) {
                int bits = 0;
                while (position < positions.length && positions[position] < first + Byte.SIZE) {
                    bits |= 1 << (positions[position++] - first);
                }
                out.put8(bits);
            }
        }
        int spokenOf = positions == null ? widths.length : positions.length;
        requireRows(role, spokenOf == 0 ? 0 : block.perLane() ? layout.lanes() : 1, block.rows());
        for (double[] row : block.rows()) {
            requireLength(role, spokenOf, row);
            for (int i = 0; i < spokenOf; i++) {
                putValue(out, widths[positions == null ? i : positions[i]], row[i]);
            }
        }
    }

    private void put(WireNudge nudge, Bytes out) {
        boolean force = nudge.kind() == NudgeKind.FORCE;
        WireRole role = force ? WireRole.NUDGE : WireRole.OUTPUT;
        int[] widths = layout.widths(role);
        if (!force && nudge.kind() != NudgeKind.CLAMP) {
            out.putF64(nudge.beta());
        }
        if (nudge.kind() == NudgeKind.RAMP) {
            out.putF64(nudge.to()).putF64(nudge.seconds());
        }
        out.put8(nudge.perLane() ? 1 : 0);
        requireRows(role, widths.length == 0 ? 0 : nudge.perLane() ? layout.lanes() : 1, nudge.rows());
        for (double[] row : nudge.rows()) {
            requireLength(role, widths.length, row);
            for (int i = 0; i < widths.length; i++) {
                putValue(out, force ? widths[i] : Double.BYTES, row[i]);
            }
        }
    }

    private Batch batch(Reading in) throws MalformedException {
        int count = in.take8();
        List<WireStimulus> stimuli = new ArrayList<>(Math.min(count, in.remaining()));
        for (int i = 0; i < count; i++) {
            stimuli.add(stimulus(in));
        }
        return new Batch(stimuli);
    }

    private WireStimulus stimulus(Reading in) throws MalformedException {
        int how = in.take8();
        if ((how & STIMULUS_UNUSED) != 0) {
            throw new MalformedException("expected bits 6 and 7 of a stimulus to be 0");
        }
        NudgeKind kind = NudgeKind.of((how >> NUDGE_SHIFT & 3) | ((how & MORE_NUDGES) != 0 ? 4 : 0));
        int reads = in.take16();
        if (reads == 0) {
            throw new MalformedException("expected 1 read or more, not 0");
        }
        long dwell = (how & DWELL) == 0 ? WireStimulus.NO_DWELL : in.take32();
        int count = in.take8();
        List<Block> blocks = new ArrayList<>(Math.min(count, ROLES.length));
        for (int i = 0; i < count; i++) {
            Block block = block(in);
            if (!blocks.isEmpty() && blocks.getLast().role().compareTo(block.role()) >= 0) {
                throw new MalformedException("expected blocks by ascending role, not " + block.role() + " once more");
            }
            blocks.add(block);
        }
        return new WireStimulus(
                (how & FREE) != 0,
                (how & AFRESH) != 0,
                reads,
                dwell,
                blocks,
                kind == NudgeKind.NONE ? WireNudge.NONE : nudge(in, kind));
    }

    private Block block(Reading in) throws MalformedException {
        int what = in.take8();
        if ((what & BLOCK_UNUSED) != 0) {
            throw new MalformedException("expected bits 3 to 5 of a block to be 0");
        }
        WireRole role = WireRole.of(what & BLOCK_ROLE);
        if (role != WireRole.INPUT
                && role != WireRole.KNOB
                && role != WireRole.SOFTNESS
                && role != WireRole.PARAMETER) {
            throw new MalformedException("expected a role that is imposed, not " + role);
        }
        boolean perLane = (what & PER_LANE) != 0;
        if (perLane && role.shared()) {
            throw new MalformedException("expected one row of " + role + ", which all lanes share");
        }
        int[] widths = layout.widths(role);
        int[] positions = (what & SOME) == 0 ? null : positions(in, widths.length);
        int spokenOf = positions == null ? widths.length : positions.length;
        int rows = spokenOf == 0 ? 0 : perLane ? layout.lanes() : 1;
        in.require((long) rows * rowBytes(widths, positions));
        double[][] values = new double[rows][spokenOf];
        for (double[] row : values) {
            for (int i = 0; i < spokenOf; i++) {
                row[i] = takeValue(in, widths[positions == null ? i : positions[i]]);
            }
        }
        return new Block(role, perLane, positions, values);
    }

    private static int[] positions(Reading in, int channels) throws MalformedException {
        byte[] mask = in.takeBytes((channels + Byte.SIZE - 1) / Byte.SIZE);
        int[] positions = new int[Byte.SIZE * mask.length];
        int count = 0;
        for (int i = 0; i < positions.length; i++) {
            if ((mask[i / Byte.SIZE] >> i % Byte.SIZE & 1) != 0) {
                positions[count++] = i;
            }
        }
        if (count > 0 && positions[count - 1] >= channels) {
            throw new MalformedException("expected unused bits to be 0, the role has " + channels + " channels");
        }
        return Arrays.copyOf(positions, count);
    }

    private WireNudge nudge(Reading in, NudgeKind kind) throws MalformedException {
        boolean force = kind == NudgeKind.FORCE;
        boolean ramp = kind == NudgeKind.RAMP;
        double beta = force || kind == NudgeKind.CLAMP ? 0 : in.takeF64();
        double to = ramp ? in.takeF64() : 0;
        double seconds = ramp ? in.takeF64() : 0;
        boolean perLane = in.takeFlag();
        int[] widths = layout.widths(force ? WireRole.NUDGE : WireRole.OUTPUT);
        int rows = widths.length == 0 ? 0 : perLane ? layout.lanes() : 1;
        in.require((long) rows * (force ? rowBytes(widths, null) : widths.length * Double.BYTES));
        double[][] values = new double[rows][widths.length];
        for (double[] row : values) {
            for (int i = 0; i < row.length; i++) {
                row[i] = takeValue(in, force ? widths[i] : Double.BYTES);
            }
        }
        return new WireNudge(kind, beta, to, seconds, perLane, values);
    }

    // RESULT

    private void put(Result result, Bytes out) {
        Reason latched = result.latched();
        out.put64(result.clock()).put8(result.responses().size()).put8(latched == null ? 0 : latched.number() + 1);
        for (WireResponse response : result.responses()) {
            out.put32(response.micros()).put8(response.verdict().number());
            if (response.verdict() != Verdict.SETTLED) {
                put(response.role(), response.index(), out);
            }
            int next = 0;
            for (WireRole role : ROLES) {
                if (layout.reads(role)) {
                    if (next == response.readings().size()
                            || response.readings().get(next).role() != role) {
                        throw new IllegalArgumentException("expected readings of " + role + " at place " + next);
                    }
                    put(response.readings().get(next++), out);
                }
            }
            if (next < response.readings().size()) {
                throw new IllegalArgumentException("expected no readings of "
                        + response.readings().get(next).role() + ", which the layout does not read");
            }
        }
    }

    private void put(Readings readings, Bytes out) {
        WireRole role = readings.role();
        int[] widths = layout.widths(role);
        double[][] spreads = readings.spreads();
        requireRows(role, layout.rows(role), readings.values());
        if (spreads != null) {
            requireRows(role, layout.rows(role), spreads);
        }
        for (int lane = 0; lane < readings.values().length; lane++) {
            double[] values = readings.values()[lane];
            requireLength(role, widths.length, values);
            if (spreads == null) {
                for (int i = 0; i < widths.length; i++) {
                    putValue(out, widths[i], values[i]);
                }
            } else {
                requireLength(role, widths.length, spreads[lane]);
                for (int i = 0; i < widths.length; i++) {
                    putPair(out, widths[i], values[i], spreads[lane][i]);
                }
            }
        }
    }

    private Result result(Reading in, Batch asked) throws MalformedException {
        long clock = in.take64();
        int count = in.take8();
        int latched = in.take8();
        Reason reason = latched == 0 ? null : Reason.of(latched - 1);
        int expected = asked.stimuli().size();
        if (count > expected || count < expected && reason == null) {
            throw new MalformedException("expected " + expected + " responses, not " + count);
        }
        List<WireResponse> responses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            responses.add(response(in, asked.stimuli().get(i).reads()));
        }
        return new Result(clock, reason, responses);
    }

    private WireResponse response(Reading in, int reads) throws MalformedException {
        long micros = in.take32();
        Verdict verdict = Verdict.of(in.take8());
        WireRole role = null;
        int index = WireResponse.NO_INDEX;
        if (verdict != Verdict.SETTLED) {
            role = roleOrNone(in);
            index = indexOrNone(in);
            if (role == null ? index != WireResponse.NO_INDEX : index >= layout.count(role)) {
                throw new MalformedException("expected a channel of the board, not " + role + " " + index);
            }
        }
        List<Readings> readings = new ArrayList<>(4);
        for (WireRole each : ROLES) {
            if (layout.reads(each)) {
                readings.add(readings(in, each, reads));
            }
        }
        return new WireResponse(micros, verdict, role, index, readings);
    }

    private Readings readings(Reading in, WireRole role, int reads) throws MalformedException {
        int[] widths = layout.widths(role);
        int rows = layout.rows(role);
        in.require((long) rows * readingBytes(widths, reads));
        double[][] values = new double[rows][widths.length];
        double[][] spreads = reads == 1 ? null : new double[rows][widths.length];
        for (int lane = 0; lane < rows; lane++) {
            double[] row = values[lane];
            if (spreads == null) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = takeValue(in, widths[i]);
                }
            } else {
                takePairs(in, widths, reads, row, spreads[lane]);
            }
        }
        return new Readings(role, values, spreads);
    }

    private static void takePairs(Reading in, int[] widths, int reads, double[] sums, double[] squares)
            throws MalformedException {
        for (int i = 0; i < widths.length; i++) {
            int width = widths[i];
            if (width == Double.BYTES) {
                sums[i] = in.takeF64();
                squares[i] = in.takeF64();
            } else {
                long sum = width == 4 ? in.take64() : in.take32();
                if (sum < 0 || sum > reads * most(width)) {
                    throw new MalformedException("expected the sum of " + reads + " codes of " + width + " bytes, not "
                            + Long.toUnsignedString(sum));
                }
                sums[i] = sum;
                squares[i] = width == 4 ? unsigned(in.take64()) : in.take32();
            }
        }
    }

    // ERROR

    private static void put(Refusal refusal, Bytes out) {
        out.put8(refusal.code().number());
        out.put8(refusal.stimulus() == Refusal.NONE ? NOBODY : refusal.stimulus());
        put(refusal.role(), refusal.index(), out);
        byte[] sentence = refusal.sentence().getBytes(StandardCharsets.UTF_8);
        out.put16(sentence.length).put(sentence, 0, sentence.length);
    }

    private static Refusal refusal(Reading in) throws MalformedException {
        ErrorCode code = ErrorCode.of(in.take8());
        int stimulus = in.take8();
        return new Refusal(
                code, stimulus == NOBODY ? Refusal.NONE : stimulus, roleOrNone(in), indexOrNone(in), in.takeText());
    }

    private static void put(@Nullable WireRole role, int index, Bytes out) {
        out.put8(role == null ? NOBODY : role.number()).put16(index == Refusal.NONE ? NOWHERE : index);
    }

    private static @Nullable WireRole roleOrNone(Reading in) throws MalformedException {
        int number = in.take8();
        return number == NOBODY ? null : WireRole.of(number);
    }

    private static int indexOrNone(Reading in) throws MalformedException {
        int index = in.take16();
        return index == NOWHERE ? Refusal.NONE : index;
    }

    // Values

    private static void putValue(Bytes out, int width, double value) {
        if (width == Double.BYTES) {
            out.putF64(value);
            return;
        }
        long code = (long) value;
        if (code != value || code < 0 || code > most(width)) {
            throw new IllegalArgumentException(
                    "expected a code, which is a whole number from 0 to " + most(width) + ", not " + value);
        }
        switch (width) {
            case 1 -> out.put8((int) code);
            case 2 -> out.put16((int) code);
            default -> out.put32(code);
        }
    }

    private static double takeValue(Reading in, int width) throws MalformedException {
        return switch (width) {
            case 1 -> in.take8();
            case 2 -> in.take16();
            case 4 -> in.take32();
            default -> in.takeF64();
        };
    }

    private static void putPair(Bytes out, int width, double sum, double squares) {
        if (width == Double.BYTES) {
            out.putF64(sum).putF64(squares);
        } else if (width == 4) {
            out.put64((long) sum).put64(squares < 0x1p63 ? (long) squares : (long) (squares - 0x1p63) + Long.MIN_VALUE);
        } else {
            out.put32((long) sum).put32((long) Math.min(squares, 0xFFFF_FFFFL));
        }
    }

    /** The number that 64 bits stand for without a sign, rounded to a double. */
    private static double unsigned(long bits) {
        return bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;
    }

    private static long most(int width) {
        return (1L << width * Byte.SIZE) - 1;
    }

    private static int rowBytes(int[] widths, int @Nullable [] positions) {
        int bytes = 0;
        if (positions == null) {
            for (int width : widths) {
                bytes += width;
            }
        } else {
            for (int position : positions) {
                bytes += widths[position];
            }
        }
        return bytes;
    }

    private static int readingBytes(int[] widths, int reads) {
        if (reads == 1) {
            return rowBytes(widths, null);
        }
        int bytes = 0;
        for (int width : widths) {
            bytes += width <= 2 ? 8 : 16;
        }
        return bytes;
    }

    private static int maskBytes(int[] widths) {
        return (widths.length + Byte.SIZE - 1) / Byte.SIZE;
    }

    private static void requireRows(WireRole role, int expected, double[][] rows) {
        if (rows.length != expected) {
            throw new IllegalArgumentException("role " + role + ": expected " + expected + " rows, not " + rows.length);
        }
    }

    private static void requireAscending(WireRole role, int channels, int[] positions) {
        int before = -1;
        for (int position : positions) {
            if (position <= before || position >= channels) {
                throw new IllegalArgumentException("role " + role + ": expected ascending positions below " + channels
                        + ", not " + Arrays.toString(positions));
            }
            before = position;
        }
    }

    private static void requireLength(WireRole role, int expected, double[] row) {
        if (row.length != expected) {
            throw new IllegalArgumentException(
                    "role " + role + ": expected " + expected + " values a row, not " + row.length);
        }
    }
}
