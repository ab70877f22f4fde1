package org.homeostat.guard;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;

/**
 * A board as its converters see it: it knows nothing but the levels that they put out, one set-point after another, and
 * counts those that lie outside the limits or jump. It may lose exchanges, before they are imposed or after.
 */
final class Codes implements Device {

    static final Map<Role, Limit> LIMITS = new EnumMap<>(Map.of(
            Role.INPUT, new Limit(-2, 2.5, 0.3),
            Role.NUDGE, new Limit(-1e-4, 1.5e-4, 4e-5),
            Role.PARAMETER, new Limit(2e-5, 1e-3, 6e-4),
            Role.KNOB, new Limit(-0.7, Double.POSITIVE_INFINITY, 0.11)));

    private static final List<Role> IMPOSED = List.of(Role.INPUT, Role.KNOB, Role.SOFTNESS, Role.PARAMETER, Role.NUDGE);

    private final Descriptor card;
    private final SplittableRandom random;
    private final Map<Role, double[][]> stands = new EnumMap<>(Role.class);
    private double[][] read = new double[0][];

    /** One exchange in so many is lost; 0 for none. */
    int losing;

    long exchanges;
    long lost;
    long outside;
    long jumps;
    String worst = "";

    Codes(int lanes, long seed) {
        random = new SplittableRandom(seed);
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        channels.put(Role.INPUT, numbered("x", Role.INPUT, 3, -4.096, 4.094, 0, Scale.Linear.of(12, -4.096, 4.094)));
        channels.put(Role.OUTPUT, numbered("o", Role.OUTPUT, 2, -2, 2, 0, Scale.Linear.of(12, -2, 2)));
        channels.put(Role.NUDGE, numbered("n", Role.NUDGE, 2, -2e-4, 2e-4, 0, Scale.Linear.of(12, -2e-4, 2e-4)));
        Scale.Rheostat wiper = new Scale.Rheostat(60, 1e5, 256);
        channels.put(
                Role.PARAMETER,
                numbered("g", Role.PARAMETER, 3, wiper.level(255), wiper.level(2), wiper.level(128), wiper));
        channels.put(Role.KNOB, numbered("u", Role.KNOB, 1, -1, 1, 0.1, Scale.CONTINUOUS));
        channels.put(Role.SOFTNESS, numbered("s", Role.SOFTNESS, 1, 0, 1, 0.5, Scale.CONTINUOUS));
        card = new Descriptor(
                "codes",
                "none",
                lanes,
                channels,
                EnumSet.of(Ability.HOMEOSTASIS, Ability.WRITABLE_PARAMETERS),
                EnumSet.allOf(Nudge.Kind.class),
                1e-3,
                0,
                List.of());
        for (Role role : IMPOSED) {
            double[][] rows = new double[role.shared() ? 1 : lanes][];
            Arrays.setAll(
                    rows,
                    lane -> card.channels(role).stream()
                            .mapToDouble(c -> c.scale().quantised(role == Role.NUDGE ? 0 : c.safe()))
                            .toArray());
            stands.put(role, rows);
        }
    }

    private static List<Channel> numbered(
            String name, Role role, int count, double min, double max, double safe, Scale scale) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> new Channel(name + i, role, "1", min, max, safe, scale))
                .toList();
    }

    long violations() {
        return outside + jumps;
    }

    /** What the converter of a channel puts out. */
    double level(Role role, int lane, int index) {
        return stands.get(role)[lane][index];
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        card.accepted(stimulus);
        if (stimulus.nudge() instanceof Nudge.Difference && read.length == 0) {
            throw new IllegalArgumentException("board codes: nothing was read without a nudge");
        }
        boolean loses = losing > 0 && random.nextInt(losing) == 0;
        if (loses && random.nextBoolean()) {
            lost++;
            throw new DeviceException(Fault.TIMEOUT, "board codes: lost on the way there");
        }
        exchanges++;
        double[][] outputs = new double[card.lanes()][2];
        for (double[] row : outputs) {
            Arrays.setAll(row, k -> random.nextDouble(-2, 2));
        }
        impose(stimulus, outputs);
        if (stimulus.nudge() instanceof Nudge.None) {
            read = outputs;
        }
        if (loses) {
            lost++;
            throw new DeviceException(Fault.TIMEOUT, "board codes: lost on the way back");
        }
        return new Response(Levels.of(Role.OUTPUT, outputs), Levels.NONE, 1, exchanges, Quality.SETTLED);
    }

    private void impose(Stimulus stimulus, double[][] outputs) {
        Levels levels = switch (stimulus.nudge()) {
            case Nudge.None none -> stimulus.levels().and(Levels.of(Role.NUDGE, 0, 0));
            case Nudge.Force force -> stimulus.levels().and(force.levels());
            case Nudge.Clamp _, Nudge.Ramp _ -> throw new IllegalArgumentException("no such nudge here");
            case Nudge.Difference difference ->
                stimulus.levels().and(difference.from(read, card).levels());
            case Nudge.Coupling coupling -> {
                double[][] pull = new double[outputs.length][2];
                for (int lane = 0; lane < pull.length; lane++) {
                    for (int k = 0; k < 2; k++) {
                        pull[lane][k] = Math.clamp(
                                coupling.beta()
                                        * card.betaUnit()
                                        * (coupling.target().at(Role.OUTPUT, lane, k) - outputs[lane][k]),
                                -2e-4,
                                2e-4);
                    }
                }
                yield stimulus.levels().and(Levels.of(Role.NUDGE, pull));
            }
        };
        for (Role role : levels.roles()) {
            int[] positions = levels.positions(role);
            double[][] rows = stands.get(role);
            for (int lane = 0; lane < rows.length; lane++) {
                for (int i = 0; i < levels.size(role); i++) {
                    put(role, lane, positions == null ? i : positions[i], levels.at(role, lane, i));
                }
            }
        }
    }

    private void put(Role role, int lane, int index, double asked) {
        Channel channel = card.channels(role).get(index);
        double level = channel.scale().quantised(asked);
        double before = stands.get(role)[lane][index];
        stands.get(role)[lane][index] = level;
        Limit limit = LIMITS.getOrDefault(role, Limit.NONE);
        // A code that stands for the very end of an envelope may miss it by a rounding of its level.
        double rounding = 1e-9 * channel.resolution();
        if (!(level >= Math.max(limit.min(), channel.min()) - rounding
                && level <= Math.min(limit.max(), channel.max()) + rounding)) {
            outside++;
            worst = channel.name() + " at " + level;
        }
        if (!(Math.abs(level - before) <= limit.slew())) {
            jumps++;
            worst = channel.name() + " from " + before + " to " + level;
        }
    }

    @Override
    public void close() {}
}
