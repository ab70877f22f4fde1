package org.homeostat.circuit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A circuit seen as layers of free nodes: resistors join neighbouring layers and tie nodes to grounded voltage sources; none
 * lies within a layer. Ideal diodes join a free node to ground or to a node held by a source, and current sources go anywhere.
 *
 * @param source which of {@link Circuit#sources} holds a node; {@link #FREE} or {@link #GROUND} where none does
 * @param sign 1 where a source's plus is at the node that it holds, -1 where its minus is
 * @param layer of each free node, from 0; -1 of others
 * @param place of each free node within its layer
 * @param nodes of each layer
 */
record Layering(int[] source, int[] sign, int[] layer, int[] place, int[][] nodes) {

    static final int FREE = -1;
    static final int GROUND = -2;

    /** Layers follow one another slowly; a long chain is for a solver that eliminates. */
    private static final int MOST_LAYERS = 12;

    /** How many numbers a full matrix may hold for every resistor that is there. */
    private static final int SPARSEST = 4;

    /** So many numbers are few, whatever they hold. */
    private static final int FEW = 10_000;

    /** The layers of a circuit; null where it has none, or where they are so loosely joined that full matrices would waste. */
    static @Nullable Layering of(Circuit circuit) {
        int count = circuit.nodes().size();
        int[] source = new int[count];
        int[] sign = new int[count];
        Arrays.fill(source, FREE);
        source[0] = GROUND;
        if (!holds(circuit, source, sign) || !diodesFit(circuit, source)) {
            return null;
        }
        Edges edges = Edges.of(circuit, source);
        for (List<Integer> start : List.of(driven(circuit, source), outermost(source, edges))) {
            int[] layer = edges.distances(start);
            if (fits(circuit, source, layer, edges)) {
                return placed(source, sign, layer);
            }
        }
        return null;
    }

    /** Which source holds which node; false where there is an element that does not fit, or a source that is not grounded. */
    private static boolean holds(Circuit circuit, int[] source, int[] sign) {
        int number = 0;
        for (Element element : circuit.elements()) {
            switch (element) {
                case Element.Voltage voltage -> {
                    boolean up = voltage.minus() == 0;
                    int node = up ? voltage.plus() : voltage.minus();
                    if (!up && voltage.plus() != 0 || source[node] != FREE) {
                        return false;
                    }
                    source[node] = number++;
                    sign[node] = up ? 1 : -1;
                }
                case Element.Current unused -> number++;
                case Element.Resistor unused -> {}
                case Element.IdealDiode unused -> {}
                case Element.Diode unused -> {
                    return false;
                }
                case Element.Amplifier unused -> {
                    return false;
                }
                case Element.OpAmp unused -> {
                    return false;
                }
                case Element.Mosfet unused -> {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean diodesFit(Circuit circuit, int[] source) {
        return circuit.elements().stream()
                .filter(Element.IdealDiode.class::isInstance)
                .map(Element.IdealDiode.class::cast)
                .allMatch(diode -> (source[diode.anode()] == FREE) != (source[diode.cathode()] == FREE));
    }

    /** The free nodes that a source reaches through a resistor. */
    private static List<Integer> driven(Circuit circuit, int[] source) {
        boolean[] driven = new boolean[source.length];
        for (Element element : circuit.elements()) {
            if (element instanceof Element.Resistor resistor) {
                driven[resistor.a()] |= source[resistor.b()] >= 0;
                driven[resistor.b()] |= source[resistor.a()] >= 0;
            }
        }
        return IntStream.range(0, source.length)
                .filter(node -> driven[node] && source[node] == FREE)
                .boxed()
                .toList();
    }

    /**
     * The free nodes of a layer at one end, where every node of a layer has the same neighbours: those whose neighbours all
     * have the same neighbours. Empty where there are none.
     */
    private static List<Integer> outermost(int[] source, Edges edges) {
        long[] kin = new long[source.length];
        for (int node = 0; node < source.length; node++) {
            for (int e = edges.from[node]; e < edges.from[node + 1]; e++) {
                // A sum of scrambled numbers tells sets apart but for a chance of one in 2^64; what it suggests is
                // checked.
                long mixed = (edges.to[e] + 1) * 0x9E3779B97F4A7C15L;
                mixed = (mixed ^ (mixed >>> 31)) * 0xBF58476D1CE4E5B9L;
                kin[node] += mixed ^ (mixed >>> 29);
            }
        }
        for (int node = 0; node < source.length; node++) {
            if (source[node] == FREE && edges.oneKin(node, kin)) {
                long same = kin[node];
                return IntStream.range(0, source.length)
                        .filter(other -> source[other] == FREE && kin[other] == same)
                        .boxed()
                        .toList();
            }
        }
        return List.of();
    }

    private static boolean fits(Circuit circuit, int[] source, int[] layer, Edges edges) {
        int layers = 0;
        for (int node = 0; node < source.length; node++) {
            if (source[node] == FREE) {
                if (layer[node] < 0) {
                    return false;
                }
                layers = Math.max(layers, layer[node] + 1);
                for (int e = edges.from[node]; e < edges.from[node + 1]; e++) {
                    if (Math.abs(layer[edges.to[e]] - layer[node]) != 1) {
                        return false;
                    }
                }
            }
        }
        if (layers == 0 || layers > MOST_LAYERS) {
            return false;
        }
        long[] size = new long[layers];
        for (int node = 0; node < source.length; node++) {
            if (source[node] == FREE) {
                size[layer[node]]++;
            }
        }
        long numbers = 0;
        for (int l = 0; l + 1 < layers; l++) {
            numbers += size[l] * size[l + 1];
        }
        boolean[][] reached = new boolean[layers][source.length];
        long resistors = 0;
        for (Element element : circuit.elements()) {
            if (element instanceof Element.Resistor resistor) {
                resistors++;
                numbers += firstOf(source, layer, size, reached, resistor.a(), resistor.b());
                numbers += firstOf(source, layer, size, reached, resistor.b(), resistor.a());
            }
        }
        return numbers <= Math.max(FEW, SPARSEST * resistors);
    }

    /** How many numbers a source's row to a layer takes, at the first resistor between them. */
    private static long firstOf(int[] source, int[] layer, long[] size, boolean[][] reached, int held, int free) {
        if (source[held] >= 0 && source[free] == FREE && !reached[layer[free]][held]) {
            reached[layer[free]][held] = true;
            return size[layer[free]];
        }
        return 0;
    }

    private static Layering placed(int[] source, int[] sign, int[] layer) {
        int[] place = new int[layer.length];
        List<List<Integer>> nodes = new ArrayList<>();
        for (int node = 0; node < layer.length; node++) {
            if (layer[node] >= 0) {
                while (nodes.size() <= layer[node]) {
                    nodes.add(new ArrayList<>());
                }
                place[node] = nodes.get(layer[node]).size();
                nodes.get(layer[node]).add(node);
            }
        }
        return new Layering(
                source,
                sign,
                layer,
                place,
                nodes.stream()
                        .map(all -> all.stream().mapToInt(Integer::intValue).toArray())
                        .toArray(int[][]::new));
    }

    /** The resistors between free nodes, by node: the neighbours of a node lie in {@code to} between two of {@code from}. */
    private record Edges(int[] from, int[] to) {

        static Edges of(Circuit circuit, int[] source) {
            int[] from = new int[source.length + 1];
            for (Element element : circuit.elements()) {
                if (element instanceof Element.Resistor r && joins(r, source)) {
                    from[r.a() + 1]++;
                    from[r.b() + 1]++;
                }
            }
            for (int node = 0; node < source.length; node++) {
                from[node + 1] += from[node];
            }
            int[] next = from.clone();
            int[] to = new int[from[source.length]];
            for (Element element : circuit.elements()) {
                if (element instanceof Element.Resistor r && joins(r, source)) {
                    to[next[r.a()]++] = r.b();
                    to[next[r.b()]++] = r.a();
                }
            }
            return new Edges(from, to);
        }

        private static boolean joins(Element.Resistor r, int[] source) {
            return r.a() != r.b() && source[r.a()] == FREE && source[r.b()] == FREE;
        }

        /** How many resistors away from the nearest of some nodes each node lies; -1 where there is no way. */
        int[] distances(List<Integer> start) {
            int[] distance = new int[from.length - 1];
            Arrays.fill(distance, -1);
            int[] queue = new int[distance.length];
            int last = 0;
            for (int node : start) {
                distance[node] = 0;
                queue[last++] = node;
            }
            for (int first = 0; first < last; first++) {
                int node = queue[first];
                for (int e = from[node]; e < from[node + 1]; e++) {
                    if (distance[to[e]] < 0) {
                        distance[to[e]] = distance[node] + 1;
                        queue[last++] = to[e];
                    }
                }
            }
            return distance;
        }

        boolean oneKin(int node, long[] kin) {
            for (int e = from[node] + 1; e < from[node + 1]; e++) {
                if (kin[to[e]] != kin[to[from[node]]]) {
                    return false;
                }
            }
            return true;
        }
    }
}
