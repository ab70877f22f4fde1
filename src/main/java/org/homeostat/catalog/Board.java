package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.homeostat.catalog.BoardFile.Kind;
import org.homeostat.catalog.BoardFile.Potentiometer;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.ForceLaw;
import org.homeostat.device.ForceLaw.Probe;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.physics.HopfieldNetwork;
import org.homeostat.physics.Physics;
import org.homeostat.physics.ResistiveNetwork;
import org.homeostat.physics.ResistiveNetwork.Terminal;
import org.jspecify.annotations.Nullable;

/**
 * A board at given sizes: its card, and the physics that its wiring makes. Both come from one list of wires, so that a
 * force law can never speak of other nodes than the element joins.
 */
final class Board {

    /** An element between two probes; its parameter is its position in the list. */
    private record Wire(Probe a, Probe b) {}

    private final BoardFile file;
    private final Sizes sizes;
    private final List<Wire> wires;

    Board(BoardFile file, Sizes sizes) {
        this.file = file;
        this.sizes = sizes;
        wires = file.wiring().system() == BoardFile.System.RESISTIVE ? resistors() : List.of();
    }

    /** Every input to every node of the first layer, twice (x and -x) and likewise two supplies; then layer to layer. */
    private List<Wire> resistors() {
        double bias = required(file.wiring().biasVolts(), "wiring.biasVolts");
        List<Wire> list = new ArrayList<>();
        List<Integer> layers = new ArrayList<>(sizes.hidden());
        layers.add(sizes.outputs());
        int firstOfBefore = -1;
        int first = 0;
        for (int layer = 0; layer < layers.size(); layer++) {
            boolean last = layer == layers.size() - 1;
            for (int unit = 0; unit < layers.get(layer); unit++) {
                Probe node = node(first + unit);
                if (layer == 0) {
                    for (int input = 0; input < sizes.inputs(); input++) {
                        list.add(new Wire(new Probe.OnChannel(Role.INPUT, input, 1), node));
                        list.add(new Wire(new Probe.OnChannel(Role.INPUT, input, -1), node));
                    }
                } else {
                    for (int before = firstOfBefore; before < first; before++) {
                        list.add(new Wire(node(before), node));
                    }
                }
                if (!last || layer == 0) {
                    list.add(new Wire(new Probe.Fixed(bias), node));
                    list.add(new Wire(new Probe.Fixed(-bias), node));
                }
            }
            firstOfBefore = first;
            first += layers.get(layer);
        }
        return list;
    }

    private Probe node(int index) {
        int hidden = sizes.hiddenUnits();
        return index < hidden
                ? new Probe.OnChannel(Role.MONITOR, index, 1)
                : new Probe.OnChannel(Role.OUTPUT, index - hidden, 1);
    }

    private static double required(@Nullable Double value, String key) {
        if (value == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return value;
    }

    /** How many parameters it has. */
    int parameters() {
        return file.wiring().system() == BoardFile.System.RESISTIVE
                ? wires.size()
                : hopfield().parameters();
    }

    private HopfieldNetwork hopfield() {
        int[] layers = new int[sizes.hidden().size() + 2];
        layers[0] = sizes.inputs();
        for (int i = 0; i < sizes.hidden().size(); i++) {
            layers[i + 1] = sizes.hidden().get(i);
        }
        layers[layers.length - 1] = sizes.outputs();
        return new HopfieldNetwork(layers);
    }

    /**
     * The card.
     *
     * @param readbackBits the bits with which positions of parameters are read back; 0 as the file says
     */
    Descriptor card(int lanes, int readbackBits) {
        BoardFile.Channels kinds = file.channels();
        Map<Role, List<Channel>> channels = new EnumMap<>(Role.class);
        channels.put(Role.INPUT, numbered(kinds.input(), Role.INPUT, sizes.inputs()));
        channels.put(Role.OUTPUT, numbered(kinds.output(), Role.OUTPUT, sizes.outputs()));
        put(channels, kinds.nudge(), Role.NUDGE, sizes.outputs());
        put(channels, kinds.hidden(), Role.MONITOR, sizes.hiddenUnits());
        Kind parameter = kinds.parameter();
        channels.put(
                Role.PARAMETER,
                numbered(
                        readbackBits == 0
                                ? parameter
                                : new Kind(
                                        parameter.name(),
                                        parameter.unit(),
                                        parameter.min(),
                                        parameter.max(),
                                        parameter.safe(),
                                        parameter.chip(),
                                        readbackBits,
                                        parameter.potentiometer()),
                        Role.PARAMETER,
                        parameters()));
        put(channels, kinds.knob(), Role.KNOB, parameters());
        if (kinds.softness() != null) {
            channels.put(
                    Role.SOFTNESS,
                    List.of(channel(
                            kinds.softness(), Role.SOFTNESS, kinds.softness().name())));
        }
        List<ForceLaw> laws = new ArrayList<>();
        if (kinds.hidden() != null) {
            wires.forEach(wire -> laws.add(new ForceLaw.HalfSquareDrop(wire.a, wire.b)));
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
                laws);
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

    /** What the wiring makes: state is hidden units first, then outputs. */
    Physics physics() {
        if (file.wiring().system() == BoardFile.System.HOPFIELD) {
            return hopfield();
        }
        ResistiveNetwork.Builder network = new ResistiveNetwork.Builder(sizes.inputs());
        for (int unit = 0; unit < sizes.hiddenUnits(); unit++) {
            var unused = unit % 2 == 0
                    ? network.node(0, Double.POSITIVE_INFINITY)
                    : network.node(Double.NEGATIVE_INFINITY, 0);
        }
        for (int output = 0; output < sizes.outputs(); output++) {
            network.output(network.node());
        }
        for (Wire wire : wires) {
            var unused = network.adjustable(terminal(wire.a), terminal(wire.b));
        }
        Double nudgeOhms = file.wiring().nudgeOhms();
        for (int output = 0; nudgeOhms != null && output < sizes.outputs(); output++) {
            // A voltage behind a resistor that stays connected is a current source with that resistor to ground.
            network.fixed(new Terminal.Rail(0), new Terminal.Node(sizes.hiddenUnits() + output), 1 / nudgeOhms);
        }
        return network.build();
    }

    private Terminal terminal(Probe probe) {
        return switch (probe) {
            case Probe.Fixed fixed -> new Terminal.Rail(fixed.level());
            case Probe.OnChannel on ->
                switch (on.role()) {
                    case INPUT -> new Terminal.Source(on.index(), on.gain());
                    case MONITOR -> new Terminal.Node(on.index());
                    case OUTPUT -> new Terminal.Node(sizes.hiddenUnits() + on.index());
                    default -> throw new IllegalStateException("no node of role " + on.role());
                };
        };
    }

    /** Which of the physical state each MONITOR channel shows. */
    int[] monitored() {
        return file.channels().hidden() == null
                ? new int[0]
                : java.util.stream.IntStream.range(0, sizes.hiddenUnits()).toArray();
    }
}
