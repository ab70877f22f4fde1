package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.List;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.device.ForceLaw;
import org.homeostat.device.ForceLaw.Probe;
import org.homeostat.device.Role;
import org.homeostat.physics.Physics;
import org.homeostat.physics.ResistiveNetwork;
import org.homeostat.physics.ResistiveNetwork.Terminal;
import org.jspecify.annotations.Nullable;

/**
 * A layered array of resistors. Physics and force laws come from one list of wires, so that a force law can never speak of
 * other nodes than the element joins.
 */
final class ResistivePlan {

    /** An element between two probes; its parameter is its position in the list. */
    private record Wire(Probe a, Probe b) {}

    private ResistivePlan() {}

    static Plan of(BoardFile file, Sizes sizes) {
        List<Wire> wires = wires(file, sizes);
        List<ForceLaw> laws = new ArrayList<>();
        if (file.channels().hidden() != null) {
            wires.forEach(wire -> laws.add(new ForceLaw.HalfSquareDrop(wire.a, wire.b)));
        }
        return Plan.usual(file, sizes, physics(file, sizes, wires), laws);
    }

    /** Every input to every node of the first layer, twice (x and -x) and likewise two supplies; then layer to layer. */
    private static List<Wire> wires(BoardFile file, Sizes sizes) {
        double bias = volts(file.wiring().biasVolts());
        List<Wire> list = new ArrayList<>();
        List<Integer> layers = new ArrayList<>(sizes.hidden());
        layers.add(sizes.outputs());
        int firstOfBefore = -1;
        int first = 0;
        for (int layer = 0; layer < layers.size(); layer++) {
            boolean last = layer == layers.size() - 1;
            for (int unit = 0; unit < layers.get(layer); unit++) {
                Probe node = node(first + unit, sizes);
                if (layer == 0) {
                    for (int input = 0; input < sizes.inputs(); input++) {
                        list.add(new Wire(new Probe.OnChannel(Role.INPUT, input, 1), node));
                        list.add(new Wire(new Probe.OnChannel(Role.INPUT, input, -1), node));
                    }
                } else {
                    for (int before = firstOfBefore; before < first; before++) {
                        list.add(new Wire(node(before, sizes), node));
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

    private static Probe node(int index, Sizes sizes) {
        int hidden = sizes.hiddenUnits();
        return index < hidden
                ? new Probe.OnChannel(Role.MONITOR, index, 1)
                : new Probe.OnChannel(Role.OUTPUT, index - hidden, 1);
    }

    private static double volts(@Nullable Double value) {
        if (value == null) {
            throw new IllegalArgumentException("wiring.biasVolts is missing");
        }
        return value;
    }

    /** State is hidden units first, then outputs. */
    private static Physics physics(BoardFile file, Sizes sizes, List<Wire> wires) {
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
            var unused = network.adjustable(terminal(wire.a, sizes), terminal(wire.b, sizes));
        }
        Double nudgeOhms = file.wiring().nudgeOhms();
        for (int output = 0; nudgeOhms != null && output < sizes.outputs(); output++) {
            // A voltage behind a resistor that stays connected is a current source with that resistor to ground.
            network.fixed(new Terminal.Rail(0), new Terminal.Node(sizes.hiddenUnits() + output), 1 / nudgeOhms);
        }
        return network.build();
    }

    private static Terminal terminal(Probe probe, Sizes sizes) {
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
}
