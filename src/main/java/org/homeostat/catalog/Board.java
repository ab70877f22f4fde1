package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.homeostat.catalog.BoardFile.Kind;
import org.homeostat.catalog.BoardFile.Potentiometer;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.catalog.Plan.Group;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.engine.Kernels;
import org.homeostat.engine.LayeredNetwork;
import org.homeostat.physics.Physics;
import org.homeostat.twin.LayeredTwin;
import org.homeostat.twin.Synapses;
import org.homeostat.twin.TwinDevice;
import org.jspecify.annotations.Nullable;

/** A board at given sizes: its card, and the physics that its wiring makes. Both come from one {@link Plan}. */
final class Board {

    private final BoardFile file;
    private final Sizes sizes;
    private final Plan plan;

    Board(BoardFile file, Sizes sizes) {
        this(file, sizes, Plan.Specimen.EXACT);
    }

    Board(BoardFile file, Sizes sizes, Plan.Specimen specimen) {
        this.file = file;
        this.sizes = sizes;
        plan = Plan.of(file, sizes, specimen);
    }

    /**
     * The card.
     *
     * @param readbackBits the bits with which positions of parameters are read back; 0 as the file says
     */
    Descriptor card(int lanes, int readbackBits) {
        BoardFile.Channels kinds = file.channels();
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        channels.put(Role.INPUT, called(Role.INPUT, numbered(kinds.input(), Role.INPUT, sizes.inputs())));
        channels.put(Role.OUTPUT, called(Role.OUTPUT, numbered(kinds.output(), Role.OUTPUT, sizes.outputs())));
        put(channels, kinds.nudge(), Role.NUDGE, sizes.outputs());
        channels.computeIfPresent(Role.NUDGE, this::called);
        if (!plan.monitors().isEmpty()) {
            channels.put(Role.MONITOR, called(Role.MONITOR, grouped(plan.monitors(), Role.MONITOR, 0)));
        }
        List<Channel> parameters = called(Role.PARAMETER, grouped(plan.parameters(), Role.PARAMETER, readbackBits));
        channels.put(Role.PARAMETER, parameters);
        if (kinds.knob() != null) {
            channels.put(Role.KNOB, numbered(kinds.knob(), Role.KNOB, parameters.size()));
        } else if (file.abilities().contains(Ability.COMPLIANCE)) {
            channels.put(Role.KNOB, parameters.stream().map(Board::knob).toList());
        }
        Kind softness = kinds.softness();
        if (softness != null) {
            channels.put(
                    Role.SOFTNESS,
                    springs().stream()
                            .map(part -> channel(softness, Role.SOFTNESS, softness.name() + part))
                            .toList());
        }
        Kind force = kinds.force();
        if (force != null) {
            channels.put(
                    Role.FORCE,
                    parameters.stream()
                            .map(parameter -> channel(force, Role.FORCE, force.name() + "." + parameter.name()))
                            .toList());
        }
        return new Descriptor(
                file.board(),
                file.firmware(),
                lanes,
                channels,
                file.abilities().isEmpty() ? EnumSet.noneOf(Ability.class) : EnumSet.copyOf(file.abilities()),
                file.nudges().isEmpty() ? EnumSet.noneOf(Nudge.Kind.class) : EnumSet.copyOf(file.nudges()),
                file.betaUnit(),
                file.settleSeconds(),
                plan.laws());
    }

    /** What follows in the names of the springs: nothing where all parameters share one; else one a layer and kind. */
    private List<String> springs() {
        if (file.wiring().layered() == null) {
            return List.of("");
        }
        List<String> springs = new ArrayList<>();
        for (String kind : List.of(".w", ".b")) {
            for (int layer = 1; layer <= sizes.hidden().size() + 1; layer++) {
                springs.add(kind + layer);
            }
        }
        return springs;
    }

    /** A knob reaches as far beyond its parameter's range, on both sides, as the range is wide. */
    private static Channel knob(Channel parameter) {
        double width = parameter.max() - parameter.min();
        return new Channel(
                "u." + parameter.name(),
                Role.KNOB,
                parameter.unit(),
                parameter.min() - width,
                parameter.max() + width,
                parameter.safe(),
                Scale.CONTINUOUS);
    }

    /**
     * What parameters that learn by themselves are made of; null where they do not.
     *
     * @param threshold a factor on their thresholds
     */
    @Nullable
    Synapses synapses(int threshold) {
        BoardFile.Memory memory = file.wiring().memory();
        if (memory == null) {
            return null;
        }
        List<BoardFile.Synapse> each = new ArrayList<>();
        for (Group group : plan.parameters()) {
            String stem = group.stem().endsWith(".")
                    ? group.stem().substring(0, group.stem().length() - 1)
                    : group.stem();
            BoardFile.Synapse synapse = memory.synapses().get(stem);
            if (synapse == null) {
                throw new IllegalArgumentException("wiring.memory.synapses: expected a synapse '" + stem + "'");
            }
            for (int i = 0; i < group.count(); i++) {
                each.add(synapse);
            }
        }
        return new Synapses(
                memory.kernelSeconds(),
                memory.area(),
                memory.levels(),
                memory.steps(),
                each.stream()
                        .mapToDouble(synapse -> threshold * synapse.threshold())
                        .toArray(),
                each.stream().mapToDouble(BoardFile.Synapse::rate).toArray());
    }

    private List<Channel> grouped(List<Group> groups, Role role, int bits) {
        List<Channel> list = new ArrayList<>();
        for (Group group : groups) {
            Kind kind = file.channels().kind(group.kind());
            Kind read = bits == 0 ? kind : kind.withBits(bits);
            for (int i = 1; i <= group.count(); i++) {
                list.add(channel(read, role, group.stem() + i));
            }
        }
        return list;
    }

    /** The channels by the names that the plan has for them. */
    private List<Channel> called(Role role, List<Channel> numbered) {
        List<String> names = plan.names().get(role);
        if (names == null) {
            return numbered;
        }
        List<Channel> list = new ArrayList<>();
        for (int i = 0; i < numbered.size(); i++) {
            Channel channel = numbered.get(i);
            list.add(new Channel(
                    names.get(i), role, channel.unit(), channel.min(), channel.max(), channel.safe(), channel.scale()));
        }
        return list;
    }

    private static void put(Map<Role, List<Channel>> channels, @Nullable Kind kind, Role role, int count) {
        if (kind != null) {
            channels.put(role, numbered(kind, role, count));
        }
    }

    private static List<Channel> numbered(Kind kind, Role role, int count) {
        List<Channel> list = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            list.add(channel(kind, role, kind.name() + i));
        }
        return list;
    }

    private static Channel channel(Kind kind, Role role, String name) {
        Potentiometer pot = kind.potentiometer();
        if (pot != null) {
            Scale.Rheostat scale = new Scale.Rheostat(pot.wiperOhms(), pot.endToEndOhms(), pot.codes());
            return new Channel(
                    name,
                    role,
                    kind.unit(),
                    scale.level(pot.codes() - 1),
                    scale.level(pot.lowestCode()),
                    scale.level(pot.codes() / 2),
                    scale);
        }
        Integer bits = kind.bits();
        Scale scale = bits == null ? Scale.CONTINUOUS : Scale.Linear.of(bits, kind.min(), kind.max());
        return new Channel(name, role, kind.unit(), kind.min(), kind.max(), kind.safe(), scale);
    }

    /** What the wiring makes, of a board that shows its parameters. */
    Physics physics() {
        return Objects.requireNonNull(plan.physics());
    }

    /**
     * A twin of a specimen.
     *
     * @param readbackBits see {@link #card}
     * @param threshold see {@link #synapses}
     * @param threads how many threads work at once, where the board is layers that learn in place
     */
    Device twin(TwinFile twin, int lanes, int readbackBits, int threshold, int threads, long seed) {
        BoardFile.Layered layered = file.wiring().layered();
        if (layered == null) {
            return new TwinDevice(
                    card(lanes, readbackBits),
                    physics(),
                    monitored(),
                    twin.imperfections(),
                    twin.tolerance(),
                    seed,
                    synapses(threshold));
        }
        return new LayeredTwin(
                card(lanes, readbackBits),
                new LayeredNetwork(
                        layered.law(),
                        sizes.layers(),
                        Objects.requireNonNullElse(layered.gain(), 1.0),
                        Objects.requireNonNullElse(layered.start(), List.of(1.0)).stream()
                                .mapToDouble(Double::doubleValue)
                                .toArray(),
                        lanes,
                        Kernels.best(),
                        threads,
                        new SplittableRandom(seed)),
                twin.tolerance());
    }

    /** Which of the physical state each MONITOR channel shows. */
    int[] monitored() {
        return plan.monitored();
    }
}
