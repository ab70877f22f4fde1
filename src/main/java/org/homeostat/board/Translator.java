package org.homeostat.board;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Start;
import org.homeostat.device.Stimulus;
import org.homeostat.wire.Layout;
import org.homeostat.wire.Message.Arm;
import org.homeostat.wire.NudgeKind;
import org.homeostat.wire.Verdict;
import org.homeostat.wire.WireResponse;
import org.homeostat.wire.WireResponse.Readings;
import org.homeostat.wire.WireRole;
import org.homeostat.wire.WireStimulus;
import org.homeostat.wire.WireStimulus.Block;
import org.homeostat.wire.WireStimulus.WireNudge;
import org.jspecify.annotations.Nullable;

/** Between levels in SI units and what travels, for one card: codes where a channel has a scale, else the levels. */
final class Translator {

    /** The most readings that a stimulus can ask for in one exchange. */
    static final int MOST_READS = 0xffff;

    private static final double MICROS = 1e6;
    private static final double LONGEST_DWELL_SECONDS = 0xffff_ffffL / MICROS;
    private static final WireRole[] WIRE_ROLES = WireRole.values();
    private static final Role[] ROLES = Role.values();

    private final Descriptor card;
    private final Map<Role, Channel[]> channels = new EnumMap<>(Role.class);
    private final Layout layout;

    Translator(Descriptor card) {
        this.card = card;
        Map<WireRole, int[]> widths = new EnumMap<>(WireRole.class);
        for (Role role : ROLES) {
            channels.put(role, card.channels(role).toArray(Channel[]::new));
            widths.put(
                    wire(role),
                    card.channels(role).stream()
                            .mapToInt(channel -> Layout.width(channel.scale().codes()))
                            .toArray());
        }
        Set<WireRole> read = EnumSet.of(WireRole.OUTPUT, WireRole.MONITOR, WireRole.FORCE);
        if (card.can(Ability.COMPLIANCE) || card.can(Ability.HOMEOSTASIS)) {
            read.add(WireRole.PARAMETER);
        }
        layout = new Layout(card.lanes(), widths, read);
    }

    Layout layout() {
        return layout;
    }

    private static WireRole wire(Role role) {
        return WIRE_ROLES[role.ordinal()];
    }

    private Channel[] of(Role role) {
        return channels.getOrDefault(role, new Channel[0]);
    }

    // To the board

    /**
     * What a host sends.
     *
     * @throws IllegalArgumentException if the protocol cannot say it
     */
    WireStimulus sent(Stimulus stimulus) {
        Settling settling = stimulus.settling();
        if (settling.reads() > MOST_READS) {
            throw new IllegalArgumentException("board " + card.board() + " averages at most " + MOST_READS
                    + " readings in one exchange, not " + settling.reads());
        }
        long dwell = WireStimulus.NO_DWELL;
        if (settling instanceof Settling.Dwell fixed) {
            if (fixed.dwellSeconds() > LONGEST_DWELL_SECONDS) {
                throw new IllegalArgumentException("board " + card.board() + " dwells at most " + LONGEST_DWELL_SECONDS
                        + " s in one exchange, not " + fixed.dwellSeconds());
            }
            dwell = (long) Math.ceil(fixed.dwellSeconds() * MICROS);
        }
        List<Block> blocks = new ArrayList<>();
        Levels levels = stimulus.levels();
        for (Role role : levels.roles()) {
            int[] positions = levels.positions(role);
            blocks.add(new Block(wire(role), levels.rows(role) > 1, positions, values(role, levels, positions)));
        }
        return new WireStimulus(
                stimulus.plasticity() == Plasticity.FREE,
                stimulus.start() == Start.AFRESH,
                settling.reads(),
                dwell,
                blocks,
                sent(stimulus.nudge()));
    }

    private WireNudge sent(Nudge nudge) {
        return switch (nudge) {
            case Nudge.None none -> WireNudge.NONE;
            case Nudge.Force force ->
                new WireNudge(
                        NudgeKind.FORCE,
                        0,
                        force.levels().rows(Role.NUDGE) > 1,
                        values(Role.NUDGE, force.levels(), null));
            case Nudge.Coupling coupling -> sent(NudgeKind.COUPLING, coupling.beta(), coupling.target());
            case Nudge.Clamp clamp -> sent(NudgeKind.CLAMP, 0, clamp.at());
            case Nudge.Ramp ramp -> {
                WireNudge targets = sent(NudgeKind.RAMP, ramp.from(), ramp.target());
                yield new WireNudge(
                        NudgeKind.RAMP, ramp.from(), ramp.to(), ramp.seconds(), targets.perLane(), targets.rows());
            }
            case Nudge.Difference difference -> sent(NudgeKind.DIFFERENCE, difference.beta(), difference.target());
        };
    }

    private static WireNudge sent(NudgeKind kind, double beta, Levels target) {
        double[][] rows = new double[target.rows(Role.OUTPUT)][];
        for (int lane = 0; lane < rows.length; lane++) {
            rows[lane] = target.row(Role.OUTPUT, lane);
        }
        return new WireNudge(kind, beta, rows.length > 1, rows);
    }

    private double[][] values(Role role, Levels levels, int @Nullable [] positions) {
        Channel[] group = of(role);
        double[][] rows = new double[levels.rows(role)][];
        for (int lane = 0; lane < rows.length; lane++) {
            double[] row = levels.row(role, lane);
            for (int i = 0; i < row.length; i++) {
                Scale scale = group[positions == null ? i : positions[i]].scale();
                if (scale.codes() > 0) {
                    row[i] = scale.code(row[i]);
                }
            }
            rows[lane] = row;
        }
        return rows;
    }

    /**
     * What a board is armed with.
     *
     * @throws IllegalArgumentException if there are no such channels, or the limits do not enclose their safe levels
     */
    Arm.Limits sent(BoardDevice.Limits limits) {
        Channel[] group = of(limits.role());
        if (group.length == 0) {
            throw new IllegalArgumentException(
                    "board " + card.board() + " has no channels of role " + limits.role() + " to be limited");
        }
        double[] lowest = new double[group.length];
        double[] highest = new double[group.length];
        double[] slew = new double[group.length];
        for (int i = 0; i < group.length; i++) {
            Channel channel = group[i];
            double safe = limits.role() == Role.NUDGE ? 0 : channel.safe();
            if (!(safe >= limits.min() && safe <= limits.max())) {
                throw new IllegalArgumentException("board " + card.board() + ", channel " + channel.name()
                        + ": limits from " + limits.min() + " to " + limits.max() + " do not enclose its safe level "
                        + safe);
            }
            double a = value(channel, Math.max(channel.min(), limits.min()));
            double b = value(channel, Math.min(channel.max(), limits.max()));
            lowest[i] = Math.min(a, b);
            highest[i] = Math.max(a, b);
            double whole = Math.abs(value(channel, channel.max()) - value(channel, channel.min()));
            slew[i] = Math.min(whole, moves(channel, limits.slew()));
        }
        int period = (int) Math.round(limits.periodSeconds() * MICROS);
        return new Arm.Limits(wire(limits.role()), period, lowest, highest, slew);
    }

    /** A change of level as a change of its value; at least one code. */
    private static double moves(Channel channel, double slew) {
        return switch (channel.scale()) {
            case Scale.Continuous continuous -> slew;
            case Scale.Linear linear -> Math.max(1, Math.floor(slew / linear.step() + 1e-6));
            case Scale.Rheostat pot -> 1;
        };
    }

    /** What travels for a level: its code, or the level itself where there are none. */
    static double value(Channel channel, double level) {
        return channel.scale().codes() == 0 ? level : channel.scale().code(level);
    }

    /** What a board is told. A level that is no number is the caller's mistake here too. */
    Stimulus told(WireStimulus sent) {
        Levels levels = Levels.NONE;
        for (Block block : sent.blocks()) {
            if (block.rows().length == 0) {
                continue;
            }
            Role role = ROLES[block.role().number()];
            int[] positions = block.positions();
            double[][] rows = levels(role, block.rows(), positions);
            levels = levels.and(
                    positions == null ? Levels.of(role, rows) : some(role, positions, rows, of(role).length));
        }
        Settling settling = sent.dwellMicros() == WireStimulus.NO_DWELL
                ? new Settling.Usual(sent.reads())
                : new Settling.Dwell(sent.dwellMicros() / MICROS, sent.reads());
        return new Stimulus(
                levels,
                told(sent.nudge()),
                sent.free() ? Plasticity.FREE : Plasticity.HELD,
                settling,
                sent.afresh() ? Start.AFRESH : Start.ONWARD);
    }

    private static Levels some(Role role, int[] positions, double[][] rows, int count) {
        if (rows.length == 1) {
            return Levels.some(role, positions, rows[0]);
        }
        if (positions.length == count) {
            return Levels.of(role, rows);
        }
        throw new IllegalArgumentException(
                "some channels of role " + role + " with a row a lane cannot be imposed here");
    }

    private Nudge told(WireNudge nudge) {
        return switch (nudge.kind()) {
            case NONE -> Nudge.NONE;
            case FORCE -> new Nudge.Force(Levels.of(Role.NUDGE, levels(Role.NUDGE, nudge.rows(), null)));
            case COUPLING -> new Nudge.Coupling(nudge.beta(), Levels.of(Role.OUTPUT, nudge.rows()));
            case DIFFERENCE -> new Nudge.Difference(nudge.beta(), Levels.of(Role.OUTPUT, nudge.rows()));
            case CLAMP -> new Nudge.Clamp(Levels.of(Role.OUTPUT, nudge.rows()));
            case RAMP ->
                new Nudge.Ramp(nudge.beta(), nudge.to(), nudge.seconds(), Levels.of(Role.OUTPUT, nudge.rows()));
        };
    }

    private double[][] levels(Role role, double[][] values, int @Nullable [] positions) {
        Channel[] group = of(role);
        double[][] rows = new double[values.length][];
        for (int lane = 0; lane < rows.length; lane++) {
            double[] row = values[lane].clone();
            for (int i = 0; i < row.length; i++) {
                row[i] = level(group[positions == null ? i : positions[i]], row[i]);
            }
            rows[lane] = row;
        }
        return rows;
    }

    /** The level of a value; codes that stand for the ends of the range give the ends themselves. */
    static double level(Channel channel, double value) {
        Scale scale = channel.scale();
        if (scale.codes() == 0) {
            return value;
        }
        if (value >= scale.codes()) {
            throw new IllegalArgumentException("channel " + channel.name() + " has " + scale.codes()
                    + " codes, so that there is no code " + (long) value);
        }
        int code = (int) value;
        int a = scale.code(channel.min());
        int b = scale.code(channel.max());
        double level = scale.level(code);
        return code >= Math.min(a, b) && code <= Math.max(a, b)
                ? Math.clamp(level, channel.min(), channel.max())
                : level;
    }

    // From the board

    /** What a host makes of a response to {@code reads} readings, begun so many microseconds after the device was opened. */
    Response read(WireResponse response, int reads, long beganMicros) {
        Levels levels = Levels.NONE;
        Levels errors = Levels.NONE;
        for (Readings readings : response.readings()) {
            Role role = ROLES[readings.role().number()];
            Channel[] group = of(role);
            double[][] spreads = readings.spreads();
            double[][] mean = new double[readings.values().length][group.length];
            double[][] error = new double[mean.length][group.length];
            for (int lane = 0; lane < mean.length; lane++) {
                double[] values = readings.values()[lane];
                for (int i = 0; i < group.length; i++) {
                    mean[lane][i] = mean(group[i], values[i], reads);
                    if (spreads != null) {
                        error[lane][i] = error(group[i], values[i], spreads[lane][i], reads);
                    }
                }
            }
            levels = levels.and(Levels.of(role, mean));
            if (spreads != null) {
                errors = errors.and(Levels.of(role, error));
            }
        }
        return new Response(levels, errors, reads, (beganMicros + response.micros()) / MICROS, quality(response));
    }

    private static double mean(Channel channel, double value, int reads) {
        double level = switch (channel.scale()) {
            case Scale.Continuous continuous -> value;
            case Scale.Linear linear -> linear.zero() + linear.step() * (value / reads);
            case Scale.Rheostat pot -> 1 / (pot.wiperOhms() + pot.endToEndOhms() * (value / reads) / pot.codes());
        };
        return Math.clamp(level, channel.min(), channel.max());
    }

    /** The standard error of the mean, from the sum of codes and the squares about the rounded mean. */
    private static double error(Channel channel, double sum, double squares, int reads) {
        if (channel.scale().codes() == 0) {
            return Math.abs(squares);
        }
        double mean = sum / reads;
        double off = mean - Math.floor(mean + 0.5);
        double variance = Math.max(0, squares - reads * off * off) / (reads - 1);
        double codes = Math.sqrt(variance / reads);
        return switch (channel.scale()) {
            case Scale.Continuous continuous -> squares;
            case Scale.Linear linear -> linear.step() * codes;
            case Scale.Rheostat pot -> {
                double level = mean(channel, sum, reads);
                yield codes * pot.endToEndOhms() / pot.codes() * level * level;
            }
        };
    }

    private Quality quality(WireResponse response) {
        if (response.verdict() == Verdict.SETTLED) {
            return Quality.SETTLED;
        }
        WireRole role = response.role();
        String channel = role == null || response.index() == WireResponse.NO_INDEX
                ? ""
                : of(ROLES[role.number()])[response.index()].name();
        Quality.Verdict verdict = Quality.Verdict.values()[response.verdict().number()];
        String where = channel.isEmpty() ? "the board" : "channel " + channel;
        return new Quality(
                verdict,
                channel,
                where
                        + switch (verdict) {
                            case SETTLED -> "";
                            case CLIPPED -> " reads the end of its range; make the inputs or nudges smaller";
                            case UNSETTLED -> " was read before it came to rest; dwell longer";
                            case SATURATED ->
                                " is at the end of its range, so that a parameter is not held; make the "
                                        + "forces smaller or the springs stiffer";
                            case UNSTABLE -> " strays further and further; make the couplings or the nudge weaker";
                            case UNLOCKED ->
                                " is not locked to the others; make the couplings stronger or the frequencies more alike";
                            case SNAPPED -> " jumped to another rest while it was held; make the springs stiffer";
                        });
    }

    /** What a board says of its device's response, read that often; its time counts from the beginning of the batch. */
    WireResponse said(Response response, int reads, long beganMicros) {
        List<Readings> readings = new ArrayList<>();
        for (WireRole wireRole : WIRE_ROLES) {
            if (!layout.read().contains(wireRole)) {
                continue;
            }
            Role role = ROLES[wireRole.number()];
            Channel[] group = of(role);
            double[][] values = new double[layout.rows(wireRole)][group.length];
            double[][] spreads = reads > 1 ? new double[values.length][group.length] : null;
            for (int lane = 0; lane < values.length; lane++) {
                double[] row = response.levels().row(role, lane);
                double[] errors =
                        response.errors().has(role) ? response.errors().row(role, lane) : new double[row.length];
                for (int i = 0; i < row.length; i++) {
                    values[lane][i] = sum(group[i], row[i], reads);
                    if (spreads != null) {
                        spreads[lane][i] = squares(group[i], values[lane][i], errors[i], row[i], reads);
                    }
                }
            }
            readings.add(new Readings(wireRole, values, spreads));
        }
        long micros = Math.clamp(Math.round(response.deviceSeconds() * MICROS) - beganMicros, 0, 0xffff_ffffL);
        Quality quality = response.quality();
        Verdict verdict = Verdict.values()[quality.verdict().ordinal()];
        for (Role role : ROLES) {
            int index = Arrays.stream(of(role)).map(Channel::name).toList().indexOf(quality.channel());
            if (index >= 0 && verdict != Verdict.SETTLED) {
                return new WireResponse(micros, verdict, wire(role), index, readings);
            }
        }
        return new WireResponse(micros, verdict, null, WireResponse.NO_INDEX, readings);
    }

    private static double sum(Channel channel, double mean, int reads) {
        return switch (channel.scale()) {
            case Scale.Continuous continuous -> mean;
            case Scale.Linear linear ->
                Math.clamp(
                        Math.rint((mean - linear.zero()) / linear.step() * reads), 0, (linear.codes() - 1.0) * reads);
            case Scale.Rheostat pot ->
                Math.clamp(
                        Math.rint((1 / mean - pot.wiperOhms()) * pot.codes() / pot.endToEndOhms() * reads),
                        0,
                        (pot.codes() - 1.0) * reads);
        };
    }

    private static double squares(Channel channel, double sum, double error, double level, int reads) {
        if (channel.scale().codes() == 0) {
            return error;
        }
        double codes = switch (channel.scale()) {
            case Scale.Continuous continuous -> error;
            case Scale.Linear linear -> error / linear.step();
            case Scale.Rheostat pot -> error * pot.codes() / pot.endToEndOhms() / (level * level);
        };
        double mean = sum / reads;
        double off = mean - Math.floor(mean + 0.5);
        return Math.rint(codes * codes * reads * (reads - 1.0) + reads * off * off);
    }
}
