package org.homeostat.circuit;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A circuit of resistors, grounded voltage sources, current sources and ideal diodes as arrays by number, with an order in
 * which its free nodes are eliminated. All of it is fixed but the resistors.
 */
final class SparseCircuit {

    /** What holds ground; no source has this number. */
    static final int GROUND = Integer.MAX_VALUE;

    final Circuit circuit;
    final int nodes;
    final int[] resistorA;
    final int[] resistorB;
    final double[] siemens;
    final Element[] sources;
    final int[] anode;
    final int[] cathode;

    /** By node: the source that holds it, -1 where it is free, {@link #GROUND} for ground. */
    final int[] holder;

    /** Free nodes in the order of elimination, and each node's place in it; -1 for a held one. */
    final int[] order;

    final int[] place;

    /** Resistors between a free and a held node. */
    private final int[] outer;

    private SparseCircuit(Circuit circuit, int[] holder) {
        this.circuit = circuit;
        this.holder = holder;
        nodes = holder.length;
        List<Element.Resistor> resistors = circuit.resistors();
        resistorA = resistors.stream().mapToInt(Element.Resistor::a).toArray();
        resistorB = resistors.stream().mapToInt(Element.Resistor::b).toArray();
        siemens = resistors.stream().mapToDouble(Element.Resistor::siemens).toArray();
        outer = IntStream.range(0, siemens.length)
                .filter(r -> held(resistorA[r]) != held(resistorB[r]))
                .toArray();
        sources = circuit.sources().toArray(Element[]::new);
        List<Element.IdealDiode> diodes = circuit.elements().stream()
                .filter(Element.IdealDiode.class::isInstance)
                .map(Element.IdealDiode.class::cast)
                .toList();
        anode = diodes.stream().mapToInt(Element.IdealDiode::anode).toArray();
        cathode = diodes.stream().mapToInt(Element.IdealDiode::cathode).toArray();
        order = ordered();
        place = new int[nodes];
        Arrays.fill(place, -1);
        for (int k = 0; k < order.length; k++) {
            place[order[k]] = k;
        }
    }

    /** This circuit, or null where it has other elements or a source between two nodes. */
    static @Nullable SparseCircuit of(Circuit circuit) {
        int[] holder = new int[circuit.nodes().size()];
        Arrays.fill(holder, -1);
        holder[0] = GROUND;
        int source = 0;
        for (Element element : circuit.elements()) {
            switch (element) {
                case Element.Resistor r -> {}
                case Element.IdealDiode d -> {}
                case Element.Current i -> source++;
                case Element.Voltage v -> {
                    if ((v.plus() == 0) == (v.minus() == 0) || holder[v.plus() + v.minus()] >= 0) {
                        return null;
                    }
                    holder[v.plus() + v.minus()] = source++;
                }
                default -> {
                    return null;
                }
            }
        }
        return new SparseCircuit(circuit, holder);
    }

    boolean held(int node) {
        return holder[node] >= 0;
    }

    /** Free nodes by least degree in the graph of all resistors, those of 0 S as well, so that it holds whatever they become. */
    private int[] ordered() {
        int[] number = new int[nodes];
        int free = 0;
        for (int node = 0; node < nodes; node++) {
            number[node] = held(node) ? -1 : free++;
        }
        long[] pairs = new long[2 * resistorA.length];
        int count = 0;
        for (int r = 0; r < resistorA.length; r++) {
            int a = number[resistorA[r]];
            int b = number[resistorB[r]];
            if (a >= 0 && b >= 0 && a != b) {
                pairs[count++] = (long) a << 32 | b;
                pairs[count++] = (long) b << 32 | a;
            }
        }
        Arrays.sort(pairs, 0, count);
        int[] columns = new int[free + 1];
        int[] neighbours = new int[count];
        int kept = 0;
        for (int k = 0; k < count; k++) {
            if (k == 0 || pairs[k] != pairs[k - 1]) {
                neighbours[kept++] = (int) pairs[k];
                columns[(int) (pairs[k] >> 32) + 1]++;
            }
        }
        for (int k = 0; k < free; k++) {
            columns[k + 1] += columns[k];
        }
        int[] named = IntStream.range(0, nodes).filter(node -> !held(node)).toArray();
        return Arrays.stream(MinimumDegree.order(columns, Arrays.copyOf(neighbours, kept)))
                .map(k -> named[k])
                .toArray();
    }

    /**
     * The factor of the conductances between groups of nodes.
     *
     * @param row by node the row of the group that it is in, -1 where that is held
     * @param diagonal what there is besides resistors; the sums of conductances are added
     * @throws UnsolvableException if it has none in double precision
     */
    SparseFactor factored(int[] row, double[] diagonal) throws UnsolvableException {
        int[] a = new int[siemens.length];
        int[] b = new int[siemens.length];
        double[] g = new double[siemens.length];
        int edges = 0;
        for (int r = 0; r < siemens.length; r++) {
            int i = row[resistorA[r]];
            int j = row[resistorB[r]];
            if (siemens[r] > 0 && i != j) {
                if (i >= 0) {
                    diagonal[i] += siemens[r];
                }
                if (j >= 0) {
                    diagonal[j] += siemens[r];
                }
                if (i >= 0 && j >= 0) {
                    a[edges] = Math.min(i, j);
                    b[edges] = Math.max(i, j);
                    g[edges++] = siemens[r];
                }
            }
        }
        SparseFactor made = SparseFactor.of(diagonal, a, b, g, edges);
        if (made == null) {
            throw new UnsolvableException(
                    "the conductances lie too far apart for double precision: the largest sum at a node is "
                            + Arrays.stream(diagonal).max().orElse(0)
                            + " S; leave out resistors that make no difference");
        }
        return made;
    }

    /** Adds to each free node the current that resistors bring from held ones, were the free ones at 0 V. */
    void drive(double[] volts, double[] amperes) {
        for (int r : outer) {
            int from = held(resistorA[r]) ? resistorA[r] : resistorB[r];
            amperes[resistorA[r] + resistorB[r] - from] += siemens[r] * volts[from];
        }
    }

    /** Takes from each free node the current that flows off through its resistors, were all held nodes at 0 V. */
    void drain(double[] volts, double[] amperes) {
        for (int r = 0; r < siemens.length; r++) {
            int a = resistorA[r];
            int b = resistorB[r];
            double current = siemens[r] * ((held(a) ? 0 : volts[a]) - (held(b) ? 0 : volts[b]));
            amperes[a] -= current;
            amperes[b] += current;
        }
    }

    /** One set for each part of the circuit that resistors keep together, all held nodes being in one. */
    DisjointSets parts() {
        DisjointSets parts = together();
        for (int r = 0; r < siemens.length; r++) {
            if (siemens[r] > 0) {
                parts.join(resistorA[r], resistorB[r]);
            }
        }
        return parts;
    }

    /** One set for each free node, and one of all held ones. */
    DisjointSets together() {
        DisjointSets sets = new DisjointSets(nodes);
        for (int node = 0; node < nodes; node++) {
            if (held(node)) {
                sets.join(0, node);
            }
        }
        return sets;
    }

    /** The name of an ideal diode. */
    String diode(int number) {
        int seen = 0;
        for (Element element : circuit.elements()) {
            if (element instanceof Element.IdealDiode && seen++ == number) {
                return element.name();
            }
        }
        throw new IllegalArgumentException("there is no diode " + number);
    }

    String node(int number) {
        return "node " + circuit.nodes().get(number);
    }

    /** The names of some nodes, of many only the first. */
    String named(int[] some) {
        List<String> names = Arrays.stream(some)
                .limit(5)
                .mapToObj(node -> circuit.nodes().get(node))
                .toList();
        return (names.size() == 1 ? "node " : "nodes ")
                + String.join(", ", names)
                + (some.length > names.size()
                        ? String.format(Locale.ROOT, " and %d more", some.length - names.size())
                        : "");
    }
}
