package org.homeostat.journal;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
import org.jspecify.annotations.Nullable;

/**
 * Exchanges as bytes, exactly and compactly. It remembers the last block of levels of each role, apart for the four
 * places where levels occur, so that a block that comes again takes one byte. One instance puts, another takes.
 *
 * <p>An instance that has put nothing yet may go on behind what an earlier one has put: it refers only to blocks that
 * it has put itself. One that takes must have taken everything from the start of the file.
 *
 * <p>Not thread-safe. Taking nonsense is an unchecked exception.
 */
final class ExchangeCodec {

    /** Their places here are part of the file format: add at the end, never reorder. */
    static final List<Role> ROLES = List.of(
            Role.INPUT, Role.OUTPUT, Role.NUDGE, Role.KNOB, Role.SOFTNESS, Role.PARAMETER, Role.FORCE, Role.MONITOR);

    /** Their places here are part of the file format: add at the end, never reorder. */
    static final List<Quality.Verdict> VERDICTS = List.of(
            Quality.Verdict.SETTLED,
            Quality.Verdict.CLIPPED,
            Quality.Verdict.UNSETTLED,
            Quality.Verdict.SATURATED,
            Quality.Verdict.UNSTABLE,
            Quality.Verdict.SNAPPED,
            Quality.Verdict.UNLOCKED);

    // The first byte of an exchange: bit 0 free, bits 1-2 and 6 the nudge, bit 3 a dwell, bits 4-5 the quality, bit 7
    // afresh.
    private static final int FREE = 1;
    private static final int FORCE = 1 << 1;
    private static final int COUPLING = 2 << 1;
    private static final int DIFFERENCE = 3 << 1;
    private static final int CLAMP = 1 << 6;
    private static final int RAMP = 1 << 6 | 1 << 1;
    private static final int NUDGE = 1 << 6 | 3 << 1;
    private static final int AFRESH = 1 << 7;
    private static final int DWELL = 1 << 3;
    private static final int QUALITY_SAME = 1 << 4;
    private static final int QUALITY_TOLD = 2 << 4;
    private static final int QUALITY = 3 << 4;

    // The first byte of a block of levels: how its values are told, and two bits for the rarer shapes.
    private static final int SAME = 0;
    private static final int CODES = 1;
    private static final int RAW = 2;
    private static final int TOLD = 3;
    private static final int PARTIAL = 1 << 2;
    private static final int LANES = 1 << 3;

    private final Map<Role, Scale[]> scales = new EnumMap<>(Role.class);
    private final Map<Role, Levels> imposed = new EnumMap<>(Role.class);
    private final Map<Role, Levels> nudged = new EnumMap<>(Role.class);
    private final Map<Role, Levels> read = new EnumMap<>(Role.class);
    private final Map<Role, Levels> errors = new EnumMap<>(Role.class);
    private @Nullable Quality quality;
    private int[] codes = new int[64];

    ExchangeCodec(Descriptor descriptor) {
        for (Role role : ROLES) {
            scales.put(
                    role, descriptor.channels(role).stream().map(Channel::scale).toArray(Scale[]::new));
        }
    }

    void put(Exchange exchange, Payload out) {
        Stimulus stimulus = exchange.stimulus();
        Response response = exchange.response();
        int told = told(response.quality());
        out.putByte(told
                | switch (stimulus.plasticity()) {
                    case HELD -> 0;
                    case FREE -> FREE;
                }
                | switch (stimulus.nudge()) {
                    case Nudge.None none -> 0;
                    case Nudge.Force force -> FORCE;
                    case Nudge.Coupling coupling -> COUPLING;
                    case Nudge.Difference difference -> DIFFERENCE;
                    case Nudge.Clamp clamp -> CLAMP;
                    case Nudge.Ramp ramp -> RAMP;
                }
                | switch (stimulus.settling()) {
                    case Settling.Usual usual -> 0;
                    case Settling.Dwell dwell -> DWELL;
                }
                | switch (stimulus.start()) {
                    case ONWARD -> 0;
                    case AFRESH -> AFRESH;
                });
        if (stimulus.settling() instanceof Settling.Dwell dwell) {
            out.putDouble(dwell.dwellSeconds());
        }
        out.putVarint(stimulus.settling().reads());
        putLevels(stimulus.levels(), imposed, out);
        switch (stimulus.nudge()) {
            case Nudge.None none -> {}
            case Nudge.Force force -> putLevels(force.levels(), nudged, out);
            case Nudge.Coupling coupling -> {
                out.putDouble(coupling.beta());
                putLevels(coupling.target(), nudged, out);
            }
            case Nudge.Clamp clamp -> putLevels(clamp.at(), nudged, out);
            case Nudge.Ramp ramp -> {
                out.putDouble(ramp.from());
                out.putDouble(ramp.to());
                out.putDouble(ramp.seconds());
                putLevels(ramp.target(), nudged, out);
            }
            case Nudge.Difference difference -> {
                out.putDouble(difference.beta());
                putLevels(difference.target(), nudged, out);
            }
        }
        putLevels(response.levels(), read, out);
        putLevels(response.errors(), errors, out);
        out.putVarint(response.reads());
        out.putDouble(response.deviceSeconds());
        if (told == QUALITY_TOLD) {
            out.putByte(VERDICTS.indexOf(response.quality().verdict()));
            out.putText(response.quality().channel());
            out.putText(response.quality().remark());
            quality = response.quality();
        }
    }

    Exchange take(long number, Payload in) {
        int head = in.takeByte();
        Plasticity plasticity = (head & FREE) == 0 ? Plasticity.HELD : Plasticity.FREE;
        double dwellSeconds = (head & DWELL) == 0 ? 0 : in.takeDouble();
        int stimulusReads = in.takeVarint();
        Settling settling = (head & DWELL) != 0
                ? new Settling.Dwell(dwellSeconds, stimulusReads)
                : stimulusReads == 1 ? Settling.USUAL : new Settling.Usual(stimulusReads);
        Levels levels = takeLevels(imposed, in);
        Nudge nudge = switch (head & NUDGE) {
            case 0 -> Nudge.NONE;
            case FORCE -> new Nudge.Force(takeLevels(nudged, in));
            case COUPLING -> new Nudge.Coupling(in.takeDouble(), takeLevels(nudged, in));
            case CLAMP -> new Nudge.Clamp(takeLevels(nudged, in));
            case RAMP -> new Nudge.Ramp(in.takeDouble(), in.takeDouble(), in.takeDouble(), takeLevels(nudged, in));
            default -> new Nudge.Difference(in.takeDouble(), takeLevels(nudged, in));
        };
        Levels answer = takeLevels(read, in);
        Levels deviations = takeLevels(errors, in);
        int reads = in.takeVarint();
        double deviceSeconds = in.takeDouble();
        if ((head & QUALITY) == QUALITY_TOLD) {
            quality = new Quality(VERDICTS.get(in.takeByte()), in.takeText(), in.takeText());
        }
        Quality trust = (head & QUALITY) == 0 ? Quality.SETTLED : quality;
        if (trust == null) {
            throw new IllegalArgumentException("the quality of an exchange before the first");
        }
        if (in.remaining() != 0) {
            throw new IllegalArgumentException(in.remaining() + " bytes too many");
        }
        return new Exchange(
                number,
                new Stimulus(levels, nudge, plasticity, settling, (head & AFRESH) == 0 ? Start.ONWARD : Start.AFRESH),
                new Response(answer, deviations, reads, deviceSeconds, trust));
    }

    private int told(Quality said) {
        return said.equals(Quality.SETTLED) ? 0 : said.equals(quality) ? QUALITY_SAME : QUALITY_TOLD;
    }

    private void putLevels(Levels levels, Map<Role, Levels> latest, Payload out) {
        int mask = 0;
        for (Role role : levels.roles()) {
            mask |= 1 << ROLES.indexOf(role);
        }
        out.putVarint(mask);
        for (int i = 0; i < ROLES.size(); i++) {
            if ((mask & 1 << i) != 0) {
                putBlock(ROLES.get(i), levels.only(ROLES.get(i)), latest, out);
            }
        }
    }

    private Levels takeLevels(Map<Role, Levels> latest, Payload in) {
        Levels levels = Levels.NONE;
        int mask = in.takeVarint();
        for (int i = 0; i < ROLES.size(); i++) {
            if ((mask & 1 << i) != 0) {
                levels = levels.and(takeBlock(ROLES.get(i), latest, in));
            }
        }
        return levels;
    }

    private void putBlock(Role role, Levels block, Map<Role, Levels> latest, Payload out) {
        // Levels are equal only when every bit is: the two zeros differ.
        if (block.equals(latest.get(role))) {
            out.putByte(SAME);
            return;
        }
        latest.put(role, block);
        int[] positions = block.positions(role);
        double[][] rows = new double[block.rows(role)][];
        for (int lane = 0; lane < rows.length; lane++) {
            rows[lane] = block.row(role, lane);
        }
        int size = block.size(role);
        Scale[] converters = converters(role, positions, size);
        if (converters != null && !code(rows, converters)) {
            converters = null;
        }
        out.putByte((converters == null ? RAW : CODES)
                | (positions == null ? 0 : PARTIAL)
                | (rows.length == 1 ? 0 : LANES));
        if (rows.length != 1) {
            out.putVarint(rows.length);
        }
        out.putVarint(size);
        if (positions != null) {
            putPositions(positions, out);
        }
        int next = 0;
        for (double[] row : rows) {
            for (int i = 0; i < size; i++) {
                if (converters == null) {
                    out.putDouble(row[i]);
                } else {
                    out.putFixed(codes[next++], width(converters[i]));
                }
            }
        }
    }

    private Levels takeBlock(Role role, Map<Role, Levels> latest, Payload in) {
        int head = in.takeByte();
        if (head == SAME) {
            Levels block = latest.get(role);
            if (block == null) {
                throw new IllegalArgumentException("levels as before, without any before");
            }
            return block;
        }
        double[][] rows = new double[(head & LANES) == 0 ? 1 : in.takeVarint()][];
        int size = in.takeCount();
        int[] positions = (head & PARTIAL) == 0 ? null : takePositions(size, in);
        Scale[] converters = switch (head & TOLD) {
            case CODES -> Objects.requireNonNull(converters(role, positions, size), "codes without converters");
            case RAW -> null;
            default -> throw new IllegalArgumentException("levels told in an unknown way");
        };
        for (int lane = 0; lane < rows.length; lane++) {
            rows[lane] = new double[size];
            for (int i = 0; i < size; i++) {
                rows[lane][i] =
                        converters == null ? in.takeDouble() : converters[i].level(in.takeFixed(width(converters[i])));
            }
        }
        Levels block = positions == null ? Levels.of(role, rows) : Levels.some(role, positions, rows[0]);
        latest.put(role, block);
        return block;
    }

    private static void putPositions(int[] positions, Payload out) {
        int before = 0;
        for (int position : positions) {
            int step = position - before;
            // Small steps either way become small numbers: 0, -1, 1, -2, 2 ... are told as 0, 1, 2, 3, 4 ...
            out.putVarint(step << 1 ^ step >> 31);
            before = position;
        }
    }

    private static int[] takePositions(int count, Payload in) {
        int[] positions = new int[count];
        int before = 0;
        for (int i = 0; i < count; i++) {
            int told = in.takeVarint();
            before += told >>> 1 ^ -(told & 1);
            positions[i] = before;
        }
        return positions;
    }

    /** The converter of each level in a row, or null if the descriptor does not know the channel of some. */
    private Scale @Nullable [] converters(Role role, int @Nullable [] positions, int size) {
        Scale[] all = Objects.requireNonNull(scales.get(role));
        if (positions == null) {
            return size == all.length ? all : null;
        }
        Scale[] some = new Scale[size];
        for (int i = 0; i < size; i++) {
            if (positions[i] < 0 || positions[i] >= all.length) {
                return null;
            }
            some[i] = all[positions[i]];
        }
        return some;
    }

    /** Turns rows into {@link #codes}; false if some level is not, bit for bit, the level of a code. */
    private boolean code(double[][] rows, Scale[] converters) {
        int count = rows.length * converters.length;
        if (codes.length < count) {
            codes = new int[count];
        }
        int next = 0;
        for (double[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                Scale converter = converters[i];
                if (converter.codes() == 0) {
                    return false;
                }
                int code = converter.code(row[i]);
                if (Double.doubleToRawLongBits(converter.level(code)) != Double.doubleToRawLongBits(row[i])) {
                    return false;
                }
                codes[next++] = code;
            }
        }
        return true;
    }

    /** How many bytes hold any code of a converter. */
    private static int width(Scale converter) {
        return converter.codes() <= 1 << 8 ? 1 : converter.codes() <= 1 << 16 ? 2 : Integer.BYTES;
    }
}
