package org.homeostat.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.ForceLaw;
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

/** Descriptors and exchanges for the tests of this room: one small and plain, others as odd as the types allow. */
final class Samples {

    private Samples() {}

    /** A board with two inputs, an output, its nudge, and three potentiometers. */
    static Descriptor card() {
        Scale volts = Scale.Linear.of(12, 0, 5);
        Scale wiper = new Scale.Rheostat(60, 10_000, 256);
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        channels.put(
                Role.INPUT,
                List.of(
                        new Channel("x1", Role.INPUT, "V", 0, 5, 0, volts),
                        new Channel("x2", Role.INPUT, "V", 0, 5, 0, volts)));
        channels.put(Role.OUTPUT, List.of(new Channel("y1", Role.OUTPUT, "V", 0, 5, 0, volts)));
        channels.put(Role.NUDGE, List.of(new Channel("n1", Role.NUDGE, "A", -1, 1, 0, Scale.CONTINUOUS)));
        List<Channel> parameters = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            parameters.add(new Channel(
                    "g" + i, Role.PARAMETER, "S", wiper.level(255), wiper.level(0), wiper.level(255), wiper));
        }
        channels.put(Role.PARAMETER, parameters);
        return new Descriptor(
                "test-board",
                "none",
                1,
                channels,
                Set.of(Ability.HOMEOSTASIS, Ability.WRITABLE_PARAMETERS),
                EnumSet.allOf(Nudge.Kind.class),
                1e-3,
                0.01,
                List.of());
    }

    /** A stimulus for {@link #card}, one of many. */
    static Stimulus stimulus(int seed) {
        Random random = new Random(seed);
        Scale volts = Scale.Linear.of(12, 0, 5);
        Levels levels = Levels.of(Role.INPUT, volts.level(random.nextInt(4096)), volts.level(random.nextInt(4096)));
        if (random.nextBoolean()) {
            levels = levels.and(Levels.some(
                    Role.PARAMETER,
                    new int[] {random.nextInt(3)},
                    new Scale.Rheostat(60, 10_000, 256).level(random.nextInt(256))));
        }
        Nudge nudge = switch (random.nextInt(3)) {
            case 0 -> Nudge.NONE;
            case 1 -> new Nudge.Force(Levels.of(Role.NUDGE, random.nextDouble()));
            default -> new Nudge.Coupling(random.nextDouble(), Levels.of(Role.OUTPUT, volts.level(7)));
        };
        return new Stimulus(
                levels, nudge, random.nextBoolean() ? Plasticity.HELD : Plasticity.FREE, new Settling.Usual(4));
    }

    /** The exchanges that a fresh {@link StandIn} makes of the first stimuli. */
    static List<Exchange> exchanges(int count) {
        StandIn device = new StandIn();
        List<Exchange> exchanges = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            exchanges.add(new Exchange(i, stimulus(i), device.answer(stimulus(i))));
        }
        return exchanges;
    }

    /** Writes exchanges to a new journal. */
    static void write(Path file, Descriptor descriptor, List<Exchange> exchanges) throws IOException {
        try (Journal journal = Journal.create(file, descriptor)) {
            for (Exchange exchange : exchanges) {
                journal.append(exchange);
            }
        }
    }

    /** Reads a journal to its end. */
    static List<Exchange> readAll(Path file) throws IOException {
        try (JournalReader reader = Journal.read(file)) {
            List<Exchange> exchanges = new ArrayList<>();
            for (Exchange next = reader.next(); next != null; next = reader.next()) {
                exchanges.add(next);
            }
            return exchanges;
        }
    }

    /** Where the frames of a whole journal start, and where the last one ends, told by their lengths alone. */
    static List<Integer> frameStarts(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> starts = new ArrayList<>();
        int at = 12;
        while (at < bytes.limit()) {
            starts.add(at);
            at += 8 + bytes.getInt(at);
        }
        starts.add(at);
        return starts;
    }

    static Descriptor descriptor(Random random) {
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        int outputs = random.nextInt(3);
        for (Role role : Role.values()) {
            List<Channel> group = new ArrayList<>();
            int size = role == Role.OUTPUT || role == Role.NUDGE ? outputs : random.nextInt(6);
            for (int i = 0; i < size; i++) {
                double a = -Math.abs(level(random));
                double b = 0.5 + random.nextDouble();
                group.add(new Channel("c" + role.ordinal() + "." + i, role, text(random), a, b, a, scale(random)));
            }
            if (random.nextInt(8) > 0 || role == Role.OUTPUT || role == Role.NUDGE) {
                channels.put(role, group);
            }
        }
        List<ForceLaw> laws = new ArrayList<>();
        if (random.nextBoolean()) {
            for (int i = 0; i < channels.getOrDefault(Role.PARAMETER, List.of()).size(); i++) {
                laws.add(
                        switch (random.nextInt(3)) {
                            case 0 -> new ForceLaw.HalfSquareDrop(probe(random), probe(random));
                            case 1 -> new ForceLaw.NegativeProduct(probe(random), probe(random));
                            default -> new ForceLaw.NegativeCosine(probe(random), probe(random));
                        });
            }
        }
        return new Descriptor(
                text(random),
                text(random),
                1 + random.nextInt(4),
                channels,
                some(Ability.class, random),
                some(Nudge.Kind.class, random),
                random.nextInt(9) == 0 ? Double.MIN_VALUE : 1e-9 + random.nextDouble(),
                random.nextInt(9) == 0 ? Double.MAX_VALUE : random.nextDouble(),
                laws);
    }

    static Exchange exchange(long number, Descriptor descriptor, Random random) {
        Nudge nudge = switch (random.nextInt(6)) {
            case 0 -> Nudge.NONE;
            case 1 -> new Nudge.Force(block(Role.NUDGE, descriptor, random));
            case 2 -> new Nudge.Difference(level(random), block(Role.OUTPUT, descriptor, random));
            case 3 -> new Nudge.Clamp(block(Role.OUTPUT, descriptor, random));
            case 4 ->
                new Nudge.Ramp(
                        level(random),
                        level(random),
                        Double.MIN_VALUE + random.nextDouble(),
                        block(Role.OUTPUT, descriptor, random));
            default -> new Nudge.Coupling(level(random), block(Role.OUTPUT, descriptor, random));
        };
        Settling settling = switch (random.nextInt(3)) {
            case 0 -> Settling.USUAL;
            case 1 -> new Settling.Usual(1 + random.nextInt(1 << random.nextInt(30)));
            default -> new Settling.Dwell(Math.abs(level(random)), 1 + random.nextInt(9));
        };
        Stimulus stimulus = new Stimulus(
                levels(List.of(Role.INPUT, Role.KNOB, Role.SOFTNESS, Role.PARAMETER), descriptor, random),
                nudge,
                random.nextBoolean() ? Plasticity.HELD : Plasticity.FREE,
                settling,
                random.nextBoolean() ? Start.ONWARD : Start.AFRESH);
        Quality.Verdict[] verdicts = Quality.Verdict.values();
        Quality quality = switch (random.nextInt(4)) {
            case 0 -> new Quality(verdicts[random.nextInt(verdicts.length)], text(random), text(random));
            case 1 -> new Quality(Quality.Verdict.CLIPPED, "y1", "A reading clipped; lower the input.");
            default -> Quality.SETTLED;
        };
        Response response = new Response(
                levels(List.of(Role.values()), descriptor, random),
                random.nextBoolean() ? Levels.NONE : levels(List.of(Role.values()), descriptor, random),
                random.nextInt(),
                random.nextInt(5) == 0 ? Double.NEGATIVE_INFINITY : level(random),
                quality);
        return new Exchange(number, stimulus, response);
    }

    private static Levels levels(List<Role> roles, Descriptor descriptor, Random random) {
        Levels levels = Levels.NONE;
        for (Role role : roles) {
            if (random.nextBoolean()) {
                levels = levels.and(block(role, descriptor, random));
            }
        }
        return levels;
    }

    private static Levels block(Role role, Descriptor descriptor, Random random) {
        List<Channel> channels = descriptor.channels(role);
        boolean fits = random.nextInt(5) > 0;
        boolean coded = random.nextInt(3) > 0;
        // Few different blocks, so that some come again.
        Random few = new Random(random.nextInt(4) == 0 ? 1 : random.nextLong());
        if (random.nextInt(3) == 0) {
            int[] positions = few.ints(few.nextInt(5), 0, fits && !channels.isEmpty() ? channels.size() : 1 << 30)
                    .sorted()
                    .distinct()
                    .toArray();
            double[] row = new double[positions.length];
            for (int i = 0; i < row.length; i++) {
                row[i] = level(channels, positions[i], coded, few);
            }
            return Levels.some(role, positions, row);
        }
        int size = fits ? channels.size() : few.nextInt(5);
        double[][] rows = new double[role.shared() || few.nextBoolean() ? 1 : 1 + few.nextInt(4)][size];
        for (double[] row : rows) {
            for (int i = 0; i < size; i++) {
                row[i] = level(channels, i, coded, few);
            }
        }
        return Levels.of(role, rows);
    }

    private static double level(List<Channel> channels, int position, boolean coded, Random random) {
        if (coded && position >= 0 && position < channels.size()) {
            Scale scale = channels.get(position).scale();
            if (scale.codes() > 0) {
                double level = scale.level(random.nextInt(scale.codes()));
                return Double.isFinite(level) ? level : 0;
            }
        }
        return level(random);
    }

    private static double level(Random random) {
        double any = Double.longBitsToDouble(random.nextLong());
        return switch (random.nextInt(8)) {
            case 0 -> -0.0;
            case 1 -> 0.0;
            case 2 -> Double.MIN_VALUE * random.nextInt(1000);
            case 3 -> -Double.MAX_VALUE;
            case 4 -> random.nextInt(5);
            default -> Double.isFinite(any) ? any : 1;
        };
    }

    private static Scale scale(Random random) {
        int codes = 2 + random.nextInt(1 << random.nextInt(30));
        return switch (random.nextInt(4)) {
            case 0 -> Scale.CONTINUOUS;
            case 1 -> new Scale.Rheostat(1 + random.nextDouble(), 1e4 * random.nextDouble() + 1, codes);
            // Its code 0 is the negative zero: a level of 0.0 is not, bit for bit, the level of a code.
            case 2 -> new Scale.Linear(-0.0, 1, codes);
            default -> new Scale.Linear(random.nextGaussian(), 1e-9 + random.nextDouble(), codes);
        };
    }

    private static ForceLaw.Probe probe(Random random) {
        return random.nextBoolean()
                ? new ForceLaw.Probe.Fixed(level(random))
                : new ForceLaw.Probe.OnChannel(
                        Role.values()[random.nextInt(Role.values().length)], random.nextInt(), level(random));
    }

    private static <E extends Enum<E>> Set<E> some(Class<E> type, Random random) {
        Set<E> some = EnumSet.allOf(type);
        some.removeIf(member -> random.nextBoolean());
        return some;
    }

    private static String text(Random random) {
        char[] text = new char[random.nextInt(6)];
        for (int i = 0; i < text.length; i++) {
            text[i] = (char) (random.nextBoolean() ? 32 + random.nextInt(95) : random.nextInt(1 << 16));
        }
        return new String(text);
    }
}
