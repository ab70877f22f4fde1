package org.homeostat.circuit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A circuit whose driven resistors are folded by Norton's theorem: all resistors between a free node and nodes that grounded
 * voltage sources hold become one resistor from that node to ground and one current source into it. The voltages of the free
 * nodes stay as they were, and a solver that looks at every element sees far fewer of them. A source to which anything but
 * resistors is joined stays.
 *
 * <p>Thread rule: it never changes.
 */
public final class Norton {

    private final Circuit folded;

    /** For each source of the folded circuit: the sources of the original that it adds up, and with which weights. */
    private final int[][] from;

    private final double[][] weight;

    private Norton(Circuit folded, int[][] from, double[][] weight) {
        this.folded = folded;
        this.from = from;
        this.weight = weight;
    }

    /** The folded circuit; nodes keep their names, not their numbers. */
    public Circuit circuit() {
        return folded;
    }

    /**
     * What the sources of the folded circuit are worth.
     *
     * @param original the value of each of the original circuit's sources
     */
    public double[] sources(double[] original) {
        double[] values = new double[from.length];
        for (int s = 0; s < values.length; s++) {
            for (int i = 0; i < from[s].length; i++) {
                values[s] += weight[s][i] * original[from[s][i]];
            }
        }
        return values;
    }

    /** Folds a circuit. */
    public static Norton of(Circuit circuit) {
        int nodes = circuit.nodes().size();
        List<Element> sources = circuit.sources();
        // By node: the source that holds it, and with which sign; -1 where none does.
        int[] holder = new int[nodes];
        double[] sign = new double[nodes];
        Arrays.fill(holder, -1);
        for (int s = 0; s < sources.size(); s++) {
            if (sources.get(s) instanceof Element.Voltage v && grounded(v)) {
                int node = v.plus() + v.minus();
                holder[node] = s;
                sign[node] = v.plus() == 0 ? -1 : 1;
            }
        }
        double[] volts = sources.stream()
                .mapToDouble(source -> source instanceof Element.Voltage v ? v.volts() : 0)
                .toArray();
        List<List<Integer>> driver = new ArrayList<>();
        List<List<Double>> siemens = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
            driver.add(new ArrayList<>());
            siemens.add(new ArrayList<>());
        }
        boolean[] stays = new boolean[nodes];
        List<Element> rest = new ArrayList<>();
        for (Element element : circuit.elements()) {
            if (element instanceof Element.Resistor r && (holder[r.a()] >= 0 || holder[r.b()] >= 0)) {
                int held = holder[r.a()] >= 0 ? r.a() : r.b();
                int other = r.a() + r.b() - held;
                // Between two nodes that are both held a resistor moves no voltage.
                if (other != 0 && holder[other] < 0) {
                    driver.get(other).add(held);
                    siemens.get(other).add(r.siemens());
                }
            } else {
                rest.add(element);
                if (!(element instanceof Element.Voltage v && grounded(v))) {
                    for (int node : terminals(element)) {
                        stays[node] = true;
                    }
                }
            }
        }
        return new Folding(circuit, holder, sign, volts, driver, siemens, stays, rest).folded();
    }

    /** What was found out about a circuit, about to be laid out anew. */
    private record Folding(
            Circuit circuit,
            int[] holder,
            double[] sign,
            double[] volts,
            List<List<Integer>> driver,
            List<List<Double>> siemens,
            boolean[] stays,
            List<Element> rest) {

        Norton folded() {
            Wiring wiring = new Wiring();
            List<int[]> from = new ArrayList<>();
            List<double[]> weight = new ArrayList<>();
            int source = 0;
            for (Element element : rest) {
                boolean counts = element instanceof Element.Voltage || element instanceof Element.Current;
                boolean gone = element instanceof Element.Voltage v && grounded(v) && !stays[v.plus() + v.minus()];
                if (!gone) {
                    wiring.add(renumbered(element, wiring));
                    if (counts) {
                        from.add(new int[] {source});
                        weight.add(new double[] {1});
                    }
                }
                source += counts ? 1 : 0;
            }
            for (int node = 1; node < holder.length; node++) {
                List<Integer> by = driver.get(node);
                if (!by.isEmpty()) {
                    int at = wiring.node(circuit.nodes().get(node));
                    int[] sources = new int[by.size()];
                    double[] weights = new double[by.size()];
                    double total = 0;
                    double amperes = 0;
                    for (int i = 0; i < weights.length; i++) {
                        double g = siemens.get(node).get(i);
                        sources[i] = holder[by.get(i)];
                        weights[i] = g * sign[by.get(i)];
                        total += g;
                        amperes += weights[i] * volts[sources[i]];
                    }
                    wiring.add(new Element.Resistor("r.norton" + node, at, 0, total));
                    wiring.add(new Element.Current("i.norton" + node, 0, at, amperes));
                    from.add(sources);
                    weight.add(weights);
                }
            }
            return new Norton(wiring.circuit(), from.toArray(int[][]::new), weight.toArray(double[][]::new));
        }

        private Element renumbered(Element element, Wiring wiring) {
            int[] old = terminals(element);
            int[] at = Arrays.stream(old)
                    .map(node -> node == 0 ? 0 : wiring.node(circuit.nodes().get(node)))
                    .toArray();
            return switch (element) {
                case Element.Resistor r -> new Element.Resistor(r.name(), at[0], at[1], r.siemens());
                case Element.Voltage v -> new Element.Voltage(v.name(), at[0], at[1], v.volts());
                case Element.Current i -> new Element.Current(i.name(), at[0], at[1], i.amperes());
                case Element.IdealDiode d -> new Element.IdealDiode(d.name(), at[0], at[1]);
                case Element.Diode d ->
                    new Element.Diode(d.name(), at[0], at[1], d.saturationAmperes(), d.slopeVolts());
                case Element.Amplifier e -> new Element.Amplifier(e.name(), at[0], at[1], at[2], at[3], e.gain());
                case Element.OpAmp a ->
                    new Element.OpAmp(a.name(), at[0], at[1], at[2], a.gain(), a.lowVolts(), a.highVolts());
                case Element.Mosfet m ->
                    new Element.Mosfet(
                            m.name(),
                            at[0],
                            at[1],
                            at[2],
                            m.sign(),
                            m.thresholdVolts(),
                            m.transconductance(),
                            m.lambda());
            };
        }
    }

    private static boolean grounded(Element.Voltage source) {
        return (source.plus() == 0) != (source.minus() == 0);
    }

    private static int[] terminals(Element element) {
        return switch (element) {
            case Element.Resistor r -> new int[] {r.a(), r.b()};
            case Element.Voltage v -> new int[] {v.plus(), v.minus()};
            case Element.Current i -> new int[] {i.plus(), i.minus()};
            case Element.IdealDiode d -> new int[] {d.anode(), d.cathode()};
            case Element.Diode d -> new int[] {d.anode(), d.cathode()};
            case Element.Amplifier e -> new int[] {e.plus(), e.minus(), e.controlPlus(), e.controlMinus()};
            case Element.OpAmp a -> new int[] {a.plus(), a.minus(), a.out()};
            case Element.Mosfet m -> new int[] {m.drain(), m.gate(), m.source()};
        };
    }
}
