package org.homeostat.wire;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
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

/** Layouts and messages drawn at random, of every kind and shape. */
final class Samples {

    private static final int[] WIDTHS = {1, 2, 4, 8};

    private final RandomGenerator random;

    Samples(RandomGenerator random) {
        this.random = random;
    }

    Layout layout() {
        Map<WireRole, int[]> widths = new EnumMap<>(WireRole.class);
        for (WireRole role : WireRole.values()) {
            int[] row = new int[random.nextInt(4) == 0 ? 0 : random.nextInt(1, 20)];
            for (int i = 0; i < row.length; i++) {
                row[i] = WIDTHS[random.nextInt(4)];
            }
            widths.put(role, row);
        }
        Set<WireRole> read = EnumSet.noneOf(WireRole.class);
        for (WireRole role : List.of(WireRole.OUTPUT, WireRole.PARAMETER, WireRole.FORCE, WireRole.MONITOR)) {
            if (random.nextBoolean()) {
                read.add(role);
            }
        }
        return new Layout(random.nextInt(1, 4), widths, read);
    }

    Request request(Layout layout) {
        return switch (random.nextInt(8)) {
            case 0 -> new Hello(Hello.MAJOR, random.nextInt(256));
            case 1 -> new ReadCard(u32(), random.nextInt(1 << 16));
            case 2 -> arm(layout);
            case 3 -> new Beat();
            case 4 -> new Stop();
            default -> batch(layout);
        };
    }

    Reply reply(Layout layout, Request asked) {
        if (random.nextInt(8) == 0) {
            return new Refusal(
                    ErrorCode.values()[random.nextInt(ErrorCode.values().length)],
                    random.nextInt(-1, 255),
                    random.nextBoolean() ? null : WireRole.values()[random.nextInt(8)],
                    random.nextInt(-1, 0xFFFF),
                    "größer ".repeat(random.nextInt(4)));
        }
        return switch (asked) {
            case Hello hello ->
                new Welcome(
                        1,
                        random.nextInt(256),
                        u32(),
                        random.nextInt(256),
                        random.nextInt(1 << 16),
                        random.nextInt(1 << 16),
                        u32(),
                        String.format("%016x", random.nextLong()),
                        state());
            case ReadCard card -> {
                byte[] bytes = new byte[random.nextInt(100)];
                random.nextBytes(bytes);
                yield new CardPart(card.offset(), bytes);
            }
            case Arm arm -> new Armed(state());
            case Beat beat -> new Alive(state());
            case Stop stop -> new Stopped(state());
            case Batch batch -> result(layout, batch);
        };
    }

    private Arm arm(Layout layout) {
        List<Arm.Limits> limits = new ArrayList<>();
        for (WireRole role : List.of(WireRole.INPUT, WireRole.NUDGE)) {
            if (random.nextBoolean()) {
                limits.add(new Arm.Limits(
                        role, random.nextInt(1 << 16), row(layout, role), row(layout, role), row(layout, role)));
            }
        }
        return new Arm(u32(), random.nextInt(1 << 16), limits);
    }

    Batch batch(Layout layout) {
        List<WireStimulus> stimuli = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            stimuli.add(stimulus(layout));
        }
        return new Batch(stimuli);
    }

    private WireStimulus stimulus(Layout layout) {
        List<Block> blocks = new ArrayList<>();
        for (WireRole role : List.of(WireRole.INPUT, WireRole.KNOB, WireRole.SOFTNESS, WireRole.PARAMETER)) {
            if (random.nextBoolean()) {
                blocks.add(block(layout, role));
            }
        }
        return new WireStimulus(
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean() ? 1 : random.nextInt(1, 1 << 16),
                random.nextBoolean() ? WireStimulus.NO_DWELL : u32(),
                blocks,
                nudge(layout));
    }

    private Block block(Layout layout, WireRole role) {
        boolean perLane = !role.shared() && random.nextBoolean();
        int[] positions = null;
        if (random.nextBoolean()) {
            positions = IntStream.range(0, layout.count(role))
                    .filter(position -> random.nextBoolean())
                    .toArray();
        }
        int spokenOf = positions == null ? layout.count(role) : positions.length;
        double[][] rows = new double[spokenOf == 0 ? 0 : perLane ? layout.lanes() : 1][spokenOf];
        for (double[] row : rows) {
            for (int i = 0; i < spokenOf; i++) {
                row[i] = value(layout.width(role, positions == null ? i : positions[i]));
            }
        }
        return new Block(role, perLane, positions, rows);
    }

    private WireNudge nudge(Layout layout) {
        NudgeKind kind = NudgeKind.values()[random.nextInt(NudgeKind.values().length)];
        if (kind == NudgeKind.NONE) {
            return WireNudge.NONE;
        }
        boolean force = kind == NudgeKind.FORCE;
        WireRole role = force ? WireRole.NUDGE : WireRole.OUTPUT;
        boolean perLane = random.nextBoolean();
        int count = layout.count(role);
        double[][] rows = new double[count == 0 ? 0 : perLane ? layout.lanes() : 1][count];
        for (double[] row : rows) {
            for (int i = 0; i < count; i++) {
                row[i] = value(force ? layout.width(role, i) : 8);
            }
        }
        boolean ramp = kind == NudgeKind.RAMP;
        double beta = force || kind == NudgeKind.CLAMP ? 0 : value(8);
        return new WireNudge(kind, beta, ramp ? value(8) : 0, ramp ? value(8) : 0, perLane, rows);
    }

    private Result result(Layout layout, Batch batch) {
        boolean latched = random.nextInt(4) == 0;
        int count = latched
                ? random.nextInt(batch.stimuli().size() + 1)
                : batch.stimuli().size();
        List<WireResponse> responses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            responses.add(response(layout, batch.stimuli().get(i).reads()));
        }
        return new Result(random.nextLong(), latched ? Reason.values()[random.nextInt(5)] : null, responses);
    }

    private WireResponse response(Layout layout, int reads) {
        List<Readings> readings = new ArrayList<>();
        for (WireRole role : layout.read()) {
            double[][] values = new double[layout.rows(role)][layout.count(role)];
            double[][] spreads = reads == 1 ? null : new double[layout.rows(role)][layout.count(role)];
            for (int lane = 0; lane < values.length; lane++) {
                for (int i = 0; i < values[lane].length; i++) {
                    int width = layout.width(role, i);
                    values[lane][i] = value(width);
                    if (spreads != null) {
                        values[lane][i] *= width == 8 ? 1 : reads;
                        spreads[lane][i] = width == 8 ? value(8) : value(width == 4 ? 4 : 2);
                    }
                }
            }
            readings.add(new Readings(role, values, spreads));
        }
        Verdict verdict =
                layout.read().isEmpty() ? Verdict.SETTLED : Verdict.values()[random.nextInt(Verdict.values().length)];
        WireRole role = verdict == Verdict.SETTLED || random.nextBoolean()
                ? null
                : layout.read().iterator().next();
        return new WireResponse(
                u32(),
                verdict,
                role,
                role == null ? WireResponse.NO_INDEX : random.nextInt(layout.count(role)),
                readings);
    }

    private State state() {
        return new State(
                random.nextBoolean(),
                Reason.values()[random.nextInt(5)],
                u32(),
                u32(),
                u32(),
                random.nextLong(),
                u32());
    }

    private double[] row(Layout layout, WireRole role) {
        double[] row = new double[layout.count(role)];
        for (int i = 0; i < row.length; i++) {
            row[i] = value(layout.width(role, i));
        }
        return row;
    }

    private double value(int width) {
        return switch (width) {
            case 8 ->
                switch (random.nextInt(8)) {
                    case 0 -> Double.NaN;
                    case 1 -> Double.NEGATIVE_INFINITY;
                    case 2 -> -0.0;
                    default -> random.nextGaussian();
                };
            default -> random.nextInt(4) == 0 ? (1L << 8 * width) - 1 : random.nextLong(1L << 8 * width);
        };
    }

    long u32() {
        return random.nextInt(4) == 0 ? 0xFFFF_FFFFL : random.nextLong(1L << 32);
    }
}
