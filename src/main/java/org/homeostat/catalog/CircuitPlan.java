package org.homeostat.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.homeostat.catalog.BoardFile.Drawn;
import org.homeostat.catalog.BoardFile.Sizes;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Element;
import org.homeostat.circuit.Netlist;
import org.homeostat.device.ForceLaw;
import org.homeostat.device.ForceLaw.Probe;
import org.homeostat.device.Role;
import org.homeostat.twin.CircuitPhysics;
import org.jspecify.annotations.Nullable;

/**
 * Any circuit that a netlist can say. Force laws follow from the wiring wherever both ends of each learned resistor can be
 * told from the card's channels: a supply, an input (behind an amplifier of fixed gain too), an output, a monitored node.
 */
final class CircuitPlan {

    private final Circuit circuit;
    private final Map<String, Integer> nodes = new HashMap<>();
    private final Map<Integer, Probe> probes = new HashMap<>();

    private CircuitPlan(Circuit circuit) {
        this.circuit = circuit;
        for (int node = 0; node < circuit.nodes().size(); node++) {
            nodes.putIfAbsent(circuit.nodes().get(node).toLowerCase(Locale.ROOT), node);
        }
    }

    static Plan of(BoardFile file, Sizes sizes) {
        Drawn drawn = file.wiring().circuit();
        if (drawn == null) {
            throw new IllegalArgumentException("wiring.circuit is missing");
        }
        FlowPlan.requireSizes(
                file, sizes, drawn.inputs().size(), drawn.outputs().size());
        return new CircuitPlan(Netlist.read(drawn.netlist(), "the netlist of board " + file.board())).plan(drawn);
    }

    private Plan plan(Drawn drawn) {
        int[] outputs = drawn.outputs().stream().mapToInt(this::requireNode).toArray();
        int[] monitors = drawn.monitors().stream().mapToInt(this::requireNode).toArray();
        List<String> learned = new ArrayList<>();
        List<Plan.Group> groups = new ArrayList<>();
        drawn.parameters().forEach((kind, names) -> {
            learned.addAll(names);
            groups.add(new Plan.Group(kind, kind + ".", names.size()));
        });
        CircuitPhysics physics = new CircuitPhysics(circuit, drawn.inputs(), outputs, learned);
        probes(drawn.inputs(), outputs, monitors);
        int[] monitored = new int[monitors.length];
        for (int k = 0; k < monitors.length; k++) {
            monitored[k] = monitors[k] - 1;
        }
        return new Plan(
                physics,
                groups,
                monitors.length == 0 ? List.of() : List.of(new Plan.Group("hidden", "h", monitors.length)),
                monitored,
                laws(learned),
                names(drawn, learned));
    }

    private int requireNode(String name) {
        Integer node = nodes.get(name.toLowerCase(Locale.ROOT));
        if (node == null || node == 0) {
            throw new IllegalArgumentException(
                    node == null
                            ? "the circuit has no node called " + name
                            : "ground is no output and needs no monitor");
        }
        return node;
    }

    /** What stands at each node, as far as a channel or a supply tells. */
    private void probes(List<String> inputs, int[] outputs, int[] monitors) {
        probes.put(0, new Probe.Fixed(0));
        for (int k = 0; k < outputs.length; k++) {
            probes.put(outputs[k], new Probe.OnChannel(Role.OUTPUT, k, 1));
        }
        for (int k = 0; k < monitors.length; k++) {
            probes.putIfAbsent(monitors[k], new Probe.OnChannel(Role.MONITOR, k, 1));
        }
        boolean found = true;
        while (found) {
            found = false;
            for (Element element : circuit.elements()) {
                found |= switch (element) {
                    case Element.Voltage v -> {
                        int input = inputs.indexOf(v.name());
                        yield fixed(v.plus(), v.minus(), 1, input, v.volts())
                                || fixed(v.minus(), v.plus(), -1, input, v.volts());
                    }
                    case Element.Amplifier e
                    when e.minus() == 0 && e.controlMinus() == 0 -> scaled(e.plus(), e.controlPlus(), e.gain());
                    case Element.Amplifier e
                    when e.minus() == 0 && e.controlPlus() == 0 -> scaled(e.plus(), e.controlMinus(), -e.gain());
                    default -> false;
                };
            }
        }
    }

    private boolean fixed(int node, int other, int sign, int input, double volts) {
        return other == 0
                && node != 0
                && probes.putIfAbsent(
                                node,
                                input >= 0
                                        ? new Probe.OnChannel(Role.INPUT, input, sign)
                                        : new Probe.Fixed(sign * volts))
                        == null;
    }

    private boolean scaled(int node, int control, double gain) {
        Probe behind = probes.get(control);
        if (behind == null || node == 0 || probes.containsKey(node)) {
            return false;
        }
        probes.put(
                node,
                switch (behind) {
                    case Probe.Fixed supply -> new Probe.Fixed(gain * supply.level());
                    case Probe.OnChannel on -> new Probe.OnChannel(on.role(), on.index(), gain * on.gain());
                });
        return true;
    }

    /** One law a parameter, or none where some node cannot be told. */
    private List<ForceLaw> laws(List<String> learned) {
        Map<String, Element.Resistor> resistors = new HashMap<>();
        circuit.resistors().forEach(resistor -> resistors.put(resistor.name(), resistor));
        List<ForceLaw> laws = new ArrayList<>();
        for (String name : learned) {
            Element.Resistor resistor = resistors.get(name);
            Probe a = resistor == null ? null : probes.get(resistor.a());
            Probe b = resistor == null ? null : probes.get(resistor.b());
            if (a == null || b == null) {
                return List.of();
            }
            laws.add(new ForceLaw.HalfSquareDrop(a, b));
        }
        return laws;
    }

    /** The nodes whose voltage neither an input nor a supply nor an output tells, but that learned resistors lie at. */
    static List<String> untold(Circuit circuit, List<String> inputs, List<String> outputs, List<String> learned) {
        CircuitPlan plan = new CircuitPlan(circuit);
        plan.probes(inputs, outputs.stream().mapToInt(plan::requireNode).toArray(), new int[0]);
        Set<String> untold = new java.util.LinkedHashSet<>();
        for (Element.Resistor resistor : circuit.resistors()) {
            if (learned.contains(resistor.name())) {
                for (int node : new int[] {resistor.a(), resistor.b()}) {
                    if (!plan.probes.containsKey(node)) {
                        untold.add(circuit.nodes().get(node));
                    }
                }
            }
        }
        return List.copyOf(untold);
    }

    /** Channels are called as the elements and nodes are, as far as that makes names. */
    private static Map<Role, List<String>> names(Drawn drawn, List<String> learned) {
        Map<Role, List<String>> names = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>();
        names.put(Role.INPUT, named(drawn.inputs(), taken));
        names.put(Role.PARAMETER, named(learned, taken));
        List<String> outputs = named(drawn.outputs(), taken);
        names.put(Role.OUTPUT, outputs);
        names.put(Role.MONITOR, named(drawn.monitors(), taken));
        names.put(
                Role.NUDGE,
                named(outputs.stream().map(output -> "nudge." + output).toList(), taken));
        return names;
    }

    private static List<String> named(List<String> wanted, Set<String> taken) {
        List<String> names = new ArrayList<>();
        for (String each : wanted) {
            String plain = each.replaceAll("[^A-Za-z0-9_.+-]", "_").replaceAll("^[^A-Za-z]+", "");
            String name = plain.isEmpty() ? "n" + each.replaceAll("[^A-Za-z0-9_.+-]", "_") : plain;
            for (int again = 2; !taken.add(name); again++) {
                name = "v." + plain + (again == 2 ? "" : "_" + again);
            }
            names.add(name);
        }
        return names;
    }

    /** The name of a node as first written, or null. */
    static @Nullable String node(Circuit circuit, String asked) {
        return circuit.nodes().stream()
                .filter(node -> node.equalsIgnoreCase(asked))
                .findFirst()
                .orElse(null);
    }
}
