package org.homeostat.circuit;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.homeostat.engine.Rows;
import org.jspecify.annotations.Nullable;

/**
 * Layered resistive networks: free nodes in layers, resistors between neighbouring layers, each ideal diode between a node and
 * a fixed voltage. Exact block coordinate descent (arXiv 2402.11674, section 4): as no two nodes of a layer touch, every other
 * layer moves at once, then the layers in between, each node to where Kirchhoff's law holds, as far as its diodes let it:
 *
 * <pre>   v_k &lt;- clip((sum_j g_kj v_j + I_k) / sum_j g_kj).</pre>
 *
 * <p>What the sources send is worked out once per input; where two sources are opposite, as inputs x and -x are, from the
 * difference of their conductances. A sweep then reads every conductance between free nodes once: a row's scalar product with
 * the layers beside it, the node's move, and its share of their sums. Where the sweeps contract slowly they are over-relaxed
 * by Young's rule, which holds as the two halves of a sweep are the two colours of the network; with the diodes' clip it
 * converges all the same (C. Cryer, SIAM J. Control 9, 1971). Voltages are kept from one answer to the next.
 *
 * <p>Thread rule: one caller at a time.
 */
public final class LayeredDescent implements Solver {

    private static final int MOST_SWEEPS = 100_000;

    /** So many sweeps tell how fast the next ones will be. */
    private static final int TRIAL = 6;

    /** Over-relaxation pays from here on: the part of the error that a sweep leaves. */
    private static final double SLOW = 0.3;

    private static final double MOST_RELAXED = 1.995;

    /** After so many sweeps without getting closer it is rounding that remains, if what is missing is as little as that. */
    private static final int PATIENCE = 300;

    private static final double ROUNDING = 1e-11;

    /** So many rows of a matrix at a time: they stay in the nearest cache between their two uses. */
    private static final int TOGETHER = 4;

    private static final int NOWHERE = -1;

    private final Rows rows = Rows.best();
    private final Circuit circuit;
    private final Layering layering;
    private final int layers;

    /** Where the nodes of a layer begin among all free ones. */
    private final int[] start;

    private final int[] size;

    /** The parity of the layers that lie row by row in the matrices. */
    private final int leading;

    // Resistors: their ends, the matrix that they are part of, and where in it.
    private final int[] endA;
    private final int[] endB;
    private final int[] matrixOf;
    private final int[] cellOf;

    /** First what sources send to each layer, one row a source; then what joins each layer and the next. */
    private final double[][] matrix;

    // Per layer: the nodes that send to it, and how many of them, in order, stand for themselves and one opposite to
    // them.
    private final int[][] senders;
    private final int[] paired;
    private final double[][] sent;

    // Current sources and diodes, where they touch free nodes.
    private final int[] currentSource;
    private final int[] currentPlus;
    private final int[] currentMinus;
    private final int[] diodeNode;
    private final int[] diodeRail;
    private final boolean[] diodeLifts;

    // By free node.
    private final double[] volts;
    private final double[] total;
    private final double[] drive;
    private final double[] lowest;
    private final double[] highest;
    private final double[] sums;

    private final double[] held;
    private final double[] siemens;
    private final double[] below = new double[TOGETHER];
    private final double[] above = new double[TOGETHER];
    private double mostSiemens;
    private int floating;

    /** Whether a circuit is such a network, joined closely enough that full matrices serve it. */
    public static boolean suits(Circuit circuit) {
        return Layering.of(circuit) != null;
    }

    /** A solver of a circuit that {@link #suits}; null of another. */
    public static @Nullable LayeredDescent of(Circuit circuit) {
        Layering layering = Layering.of(circuit);
        return layering == null ? null : new LayeredDescent(circuit, layering);
    }

    private LayeredDescent(Circuit circuit, Layering layering) {
        this.circuit = circuit;
        this.layering = layering;
        layers = layering.nodes().length;
        size = new int[layers];
        start = new int[layers + 1];
        int[] ofParity = new int[2];
        for (int l = 0; l < layers; l++) {
            size[l] = layering.nodes()[l].length;
            start[l + 1] = start[l] + size[l];
            ofParity[l % 2] += size[l];
        }
        // Fewer rows are longer ones.
        leading = layers == 1 || ofParity[0] <= ofParity[1] ? 0 : 1;
        int free = start[layers];
        volts = new double[free];
        total = new double[free];
        drive = new double[free];
        lowest = new double[free];
        highest = new double[free];
        sums = new double[free];
        held = new double[circuit.nodes().size()];
        siemens = new double[held.length];

        List<Element.Resistor> resistors = circuit.resistors();
        endA = resistors.stream().mapToInt(Element.Resistor::a).toArray();
        endB = resistors.stream().mapToInt(Element.Resistor::b).toArray();
        matrixOf = new int[endA.length];
        cellOf = new int[endA.length];
        senders = new int[layers][];
        paired = new int[layers];
        sent = new double[layers][];
        matrix = new double[2 * layers - 1][];
        layOut();

        int[][] currents = currents();
        currentSource = currents[0];
        currentPlus = currents[1];
        currentMinus = currents[2];
        List<Element.IdealDiode> diodes = circuit.elements().stream()
                .filter(Element.IdealDiode.class::isInstance)
                .map(Element.IdealDiode.class::cast)
                .toList();
        diodeNode = new int[diodes.size()];
        diodeRail = new int[diodes.size()];
        diodeLifts = new boolean[diodes.size()];
        for (int d = 0; d < diodeNode.length; d++) {
            Element.IdealDiode diode = diodes.get(d);
            diodeLifts[d] = layering.layer()[diode.cathode()] >= 0;
            diodeNode[d] = at(diodeLifts[d] ? diode.cathode() : diode.anode());
            diodeRail[d] = diodeLifts[d] ? diode.anode() : diode.cathode();
        }
        resistors(resistors.stream().mapToDouble(Element.Resistor::siemens).toArray());
    }

    /** Where a free node stands among all free ones; {@link #NOWHERE} for one that is held. */
    private int at(int node) {
        int l = layering.layer()[node];
        return l < 0 ? NOWHERE : start[l] + layering.place()[node];
    }

    private int[][] currents() {
        int number = 0;
        int count = 0;
        List<Element> sources = circuit.sources();
        int[][] found = new int[3][sources.size()];
        for (Element element : sources) {
            if (element instanceof Element.Current current) {
                found[0][count] = number;
                found[1][count] = at(current.plus());
                found[2][count++] = at(current.minus());
            }
            number++;
        }
        for (int i = 0; i < found.length; i++) {
            found[i] = Arrays.copyOf(found[i], count);
        }
        return found;
    }

    /** Finds out which source sends to which layer, which are opposite to each other, and where each resistor lies. */
    private void layOut() {
        boolean[][] sends = new boolean[layers][held.length];
        for (int r = 0; r < endA.length; r++) {
            int a = layering.layer()[endA[r]];
            int b = layering.layer()[endB[r]];
            if (a >= 0 && b < 0) {
                sends[a][endB[r]] = true;
            } else if (b >= 0 && a < 0) {
                sends[b][endA[r]] = true;
            }
        }
        double[] first = circuit.sources().stream()
                .mapToDouble(source -> source instanceof Element.Voltage voltage ? voltage.volts() : 0)
                .toArray();
        int[] row = new int[held.length];
        int[][] rowOf = new int[layers][];
        for (int l = 0; l < layers; l++) {
            order(l, sends[l], first);
            for (int i = 0; i < senders[l].length; i++) {
                row[senders[l][i]] = i;
            }
            rowOf[l] = row.clone();
            sent[l] = new double[senders[l].length];
            matrix[l] = new double[Math.multiplyExact(senders[l].length, size[l])];
            if (l + 1 < layers) {
                matrix[layers + l] = new double[Math.multiplyExact(size[l], size[l + 1])];
            }
        }
        for (int r = 0; r < endA.length; r++) {
            matrixOf[r] = NOWHERE;
            int a = layering.layer()[endA[r]];
            int b = layering.layer()[endB[r]];
            if (endA[r] != endB[r] && a >= 0 && b >= 0) {
                int low = Math.min(a, b);
                int lower = layering.place()[a == low ? endA[r] : endB[r]];
                int upper = layering.place()[a == low ? endB[r] : endA[r]];
                matrixOf[r] = layers + low;
                cellOf[r] = low % 2 == leading ? lower * size[low + 1] + upper : upper * size[low] + lower;
            } else if (a >= 0 != b >= 0) {
                int free = a >= 0 ? endA[r] : endB[r];
                int source = a >= 0 ? endB[r] : endA[r];
                if (source != 0) {
                    int l = Math.max(a, b);
                    matrixOf[r] = l;
                    cellOf[r] = rowOf[l][source] * size[l] + layering.place()[free];
                }
            }
        }
    }

    /** Puts those senders of a layer first that have an opposite, then those without, then the opposites in the same order. */
    private void order(int l, boolean[] sends, double[] values) {
        int[] nodes = new int[sends.length];
        int count = 0;
        for (int node = 1; node < sends.length; node++) {
            if (sends[node]) {
                nodes[count++] = node;
            }
        }
        int[] opposite = opposites(nodes, count, values);
        senders[l] = new int[count];
        int next = 0;
        for (int i = 0; i < count; i++) {
            if (opposite[i] > i) {
                senders[l][next++] = nodes[i];
            }
        }
        paired[l] = next;
        for (int i = 0; i < count; i++) {
            if (opposite[i] == NOWHERE) {
                senders[l][next++] = nodes[i];
            }
        }
        for (int i = 0; i < count; i++) {
            if (opposite[i] > i) {
                senders[l][next++] = nodes[opposite[i]];
            }
        }
    }

    /**
     * Guesses from the circuit's own values which senders are opposite to each other. A wrong guess costs nothing: two rows
     * are read then as two rows were.
     */
    private int[] opposites(int[] nodes, int count, double[] values) {
        int[] opposite = new int[count];
        Arrays.fill(opposite, NOWHERE);
        Map<Double, Integer> open = new HashMap<>();
        Map<Integer, Integer> apart = new HashMap<>();
        for (int i = 0; i < count; i++) {
            double value = layering.sign()[nodes[i]] * values[layering.source()[nodes[i]]];
            if (value != 0) {
                Integer other = open.remove(-value);
                if (other == null) {
                    open.putIfAbsent(value, i);
                } else {
                    opposite[i] = other;
                    opposite[other] = i;
                    apart.merge(i - other, 1, Integer::sum);
                }
            }
        }
        // Sources at 0 are opposite to those that are as far away as most others from theirs.
        int distance = apart.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(count);
        for (int i = 0; i + distance < count; i++) {
            if (opposite[i] == NOWHERE && opposite[i + distance] == NOWHERE) {
                opposite[i] = i + distance;
                opposite[i + distance] = i;
            }
        }
        return opposite;
    }

    @Override
    public String word() {
        return "layered-descent";
    }

    @Override
    public void resistors(double[] conductances) {
        if (conductances.length != endA.length) {
            throw new IllegalArgumentException(
                    conductances.length + " conductances for a circuit of " + endA.length + " resistors");
        }
        for (double[] numbers : matrix) {
            Arrays.fill(numbers, 0);
        }
        Arrays.fill(siemens, 0);
        for (int r = 0; r < conductances.length; r++) {
            double g = conductances[r];
            if (!(g >= 0 && g < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("resistor "
                        + circuit.resistors().get(r).name() + " of " + g + " S: expected a conductance of 0 or more");
            }
            if (endA[r] != endB[r]) {
                siemens[endA[r]] += g;
                siemens[endB[r]] += g;
                if (matrixOf[r] != NOWHERE) {
                    matrix[matrixOf[r]][cellOf[r]] += g;
                }
            }
        }
        mostSiemens = 0;
        for (int node = 0; node < siemens.length; node++) {
            mostSiemens = Math.max(mostSiemens, siemens[node]);
            int k = at(node);
            if (k != NOWHERE) {
                total[k] = siemens[node];
            }
        }
        floating = floatingNode(conductances);
        for (int l = 0; l < layers; l++) {
            fold(l);
        }
    }

    /**
     * Of two opposite sources at v and w with rows a and b, {@code v a + w b = -w (a - b) + (v + w) a}: the first row becomes
     * a - b, the second a, whose factor is 0 as long as they are opposite.
     */
    private void fold(int l) {
        double[] numbers = matrix[l];
        int width = size[l];
        int opposite = senders[l].length - paired[l];
        for (int i = 0; i < paired[l]; i++) {
            int one = i * width;
            int two = (opposite + i) * width;
            for (int k = 0; k < width; k++) {
                double a = numbers[one + k];
                numbers[one + k] = a - numbers[two + k];
                numbers[two + k] = a;
            }
        }
    }

    /** A free node from which no current finds its way to a fixed voltage; {@link #NOWHERE} if there is none. */
    private int floatingNode(double[] conductances) {
        boolean[] tied = new boolean[held.length];
        int open = 0;
        for (int node = 0; node < tied.length; node++) {
            tied[node] = layering.layer()[node] < 0;
            open += tied[node] ? 0 : 1;
        }
        for (int before = open + 1; open > 0 && open < before; ) {
            before = open;
            for (int r = 0; r < conductances.length; r++) {
                if (tied[endA[r]] != tied[endB[r]] && conductances[r] > 0) {
                    tied[endA[r]] = true;
                    tied[endB[r]] = true;
                    open--;
                }
            }
        }
        for (int node = 0; node < tied.length; node++) {
            if (!tied[node]) {
                return node;
            }
        }
        return NOWHERE;
    }

    @Override
    public Solution solve(double[] sources, double tolerance) throws UnsolvableException {
        if (!(tolerance > 0)) {
            throw new IllegalArgumentException("a tolerance of " + tolerance + ": expected one above 0");
        }
        if (floating != NOWHERE) {
            throw new UnsolvableException("node " + circuit.nodes().get(floating)
                    + " floats: no resistor above 0 S leads from it, or from those it is joined to, to a fixed voltage;"
                    + " tie it to ground by a small conductance");
        }
        load(sources);
        for (int k = 0; k < volts.length; k++) {
            volts[k] = Math.clamp(volts[k], lowest[k], highest[k]);
        }
        double relaxation = 1;
        double begun = Double.POSITIVE_INFINITY;
        double rate = 1;
        double best = Double.POSITIVE_INFINITY;
        int lately = 0;
        int since = 0;
        int sweeps = 0;
        double goal = tolerance;
        while (sweeps < MOST_SWEEPS) {
            double missing = sweep(relaxation);
            sweeps++;
            double scale = scaleAmperes();
            boolean stuck = ++lately > PATIENCE && best <= ROUNDING * scale;
            if (missing <= goal * scale || stuck) {
                Solution solution = certified(sweeps);
                if (solution.residual() <= tolerance || stuck) {
                    return solution;
                }
                goal *= 0.1;
            }
            if (missing < best) {
                best = missing;
                lately = 0;
            }
            if (!(missing < Double.POSITIVE_INFINITY)) {
                Arrays.fill(volts, 0);
                throw new UnsolvableException("the voltages grow without bound: a source or a conductance is too large"
                        + " for double precision");
            }
            // The more relaxed, the longer a change of relaxation echoes.
            int echo = 1 + (int) (1 / (2 - relaxation));
            if (++since == echo) {
                begun = missing;
            } else if (since == echo + Math.max(TRIAL, 2 * echo)) {
                double left = Math.pow(missing / begun, 1.0 / (since - echo));
                relaxation = relaxed(relaxation, left, rate);
                rate = left;
                since = 0;
            }
        }
        Solution solution = certified(sweeps);
        if (solution.residual() <= tolerance) {
            return solution;
        }
        throw new UnsolvableException(
                "no operating point found in " + MOST_SWEEPS + " sweeps: Kirchhoff's law still misses "
                        + solution.residual() + " of the largest current, " + tolerance
                        + " was asked for; ask for less, or give the"
                        + " nodes stronger ties to the sources");
    }

    /**
     * The next relaxation by Young's rule: of a sweep that leaves the part lambda of an error at relaxation w, the Jacobi sweep
     * would leave {@code mu = (lambda + w - 1) / (w sqrt(lambda))}, and {@code 2 / (1 + sqrt(1 - mu^2))} is best (D. Young,
     * Iterative Solution of Large Linear Systems, 1971, chapter 6).
     */
    private static double relaxed(double relaxation, double lambda, double before) {
        if (!(lambda < 1) || lambda < SLOW) {
            return relaxation;
        }
        if (relaxation > 1 && lambda > before) {
            // It was not the error of the linear network that was slow, but diodes that changed.
            return 1 + (relaxation - 1) / 2;
        }
        if (lambda <= relaxation - 1) {
            return relaxation;
        }
        double mu = Math.min((lambda + relaxation - 1) / (relaxation * Math.sqrt(lambda)), 1);
        return Math.min(MOST_RELAXED, Math.max(relaxation, 2 / (1 + Math.sqrt(1 - mu * mu))));
    }

    /** Sets what sources and diodes ask of every free node. */
    private void load(double[] sources) throws UnsolvableException {
        int[] source = layering.source();
        for (int node = 1; node < held.length; node++) {
            if (source[node] >= 0) {
                held[node] = layering.sign()[node] * sources[source[node]];
            }
        }
        Arrays.fill(drive, 0);
        for (int l = 0; l < layers; l++) {
            int count = senders[l].length;
            int opposite = count - paired[l];
            for (int i = 0; i < count; i++) {
                sent[l][i] = held[senders[l][i]];
            }
            for (int i = 0; i < paired[l]; i++) {
                double one = sent[l][i];
                double two = sent[l][opposite + i];
                sent[l][i] = -two;
                sent[l][opposite + i] = one + two;
            }
            rows.addRows(matrix[l], 0, size[l], count, size[l], sent[l], 0, drive, start[l]);
        }
        for (int i = 0; i < currentSource.length; i++) {
            double amperes = sources[currentSource[i]];
            if (currentPlus[i] != NOWHERE) {
                drive[currentPlus[i]] -= amperes;
            }
            if (currentMinus[i] != NOWHERE) {
                drive[currentMinus[i]] += amperes;
            }
        }
        Arrays.fill(lowest, Double.NEGATIVE_INFINITY);
        Arrays.fill(highest, Double.POSITIVE_INFINITY);
        for (int d = 0; d < diodeNode.length; d++) {
            int k = diodeNode[d];
            double rail = held[diodeRail[d]];
            if (diodeLifts[d]) {
                lowest[k] = Math.max(lowest[k], rail);
            } else {
                highest[k] = Math.min(highest[k], rail);
            }
            if (lowest[k] > highest[k]) {
                throw new UnsolvableException("the ideal diodes at node " + name(k) + " hold it above " + lowest[k]
                        + " V and below " + highest[k] + " V at once: change a source that they lead to");
            }
        }
    }

    private String name(int k) {
        int l = 0;
        while (start[l + 1] <= k) {
            l++;
        }
        return circuit.nodes().get(layering.nodes()[l][k - start[l]]);
    }

    /** The largest current that would flow at any node. */
    private double scaleAmperes() {
        double largest = 0;
        for (double v : held) {
            largest = Math.max(largest, Math.abs(v));
        }
        for (double v : volts) {
            largest = Math.max(largest, Math.abs(v));
        }
        return mostSiemens * largest;
    }

    /** What was reached: one more pass in which no node moves. */
    private Solution certified(int sweeps) {
        double missing = sweep(0);
        double scale = scaleAmperes();
        double[] all = held.clone();
        for (int l = 0; l < layers; l++) {
            int[] nodes = layering.nodes()[l];
            for (int i = 0; i < nodes.length; i++) {
                all[nodes[i]] = volts[start[l] + i];
            }
        }
        return new Solution(all, sweeps, scale > 0 ? missing / scale : missing, word());
    }

    /**
     * Moves the leading layers, then those in between; with a relaxation of 0 none moves.
     *
     * @return the largest current in amperes that Kirchhoff's law missed at a node when its turn came
     */
    private double sweep(double relaxation) {
        Arrays.fill(sums, 0);
        double missing = 0;
        for (int l = leading; l < layers; l += 2) {
            for (int i = 0; i < size[l]; i += TOGETHER) {
                missing = Math.max(missing, lead(l, i, Math.min(TOGETHER, size[l] - i), relaxation));
            }
        }
        for (int l = 1 - leading; l < layers; l += 2) {
            for (int k = start[l]; k < start[l + 1]; k++) {
                missing = Math.max(missing, move(k, sums[k], relaxation));
            }
        }
        return missing;
    }

    /** Moves some nodes of a leading layer, and adds what they send to the sums of the layers beside it. */
    private double lead(int l, int i, int count, double relaxation) {
        int k = start[l] + i;
        Arrays.fill(below, 0);
        Arrays.fill(above, 0);
        if (l > 0) {
            int width = size[l - 1];
            rows.dots(matrix[layers + l - 1], i * width, width, count, width, volts, start[l - 1], below, 0);
        }
        if (l + 1 < layers) {
            int width = size[l + 1];
            rows.dots(matrix[layers + l], i * width, width, count, width, volts, start[l + 1], above, 0);
        }
        double missing = 0;
        for (int r = 0; r < count; r++) {
            missing = Math.max(missing, move(k + r, below[r] + above[r], relaxation));
        }
        if (l > 0) {
            int width = size[l - 1];
            rows.addRows(matrix[layers + l - 1], i * width, width, count, width, volts, k, sums, start[l - 1]);
        }
        if (l + 1 < layers) {
            int width = size[l + 1];
            rows.addRows(matrix[layers + l], i * width, width, count, width, volts, k, sums, start[l + 1]);
        }
        return missing;
    }

    /** Moves a node, and tells the current that was missing there, less what its diodes may supply. */
    private double move(int k, double inflow, double relaxation) {
        double v = volts[k];
        double rest = (drive[k] + inflow) / total[k];
        double next = relaxation == 1 ? rest : v + relaxation * (rest - v);
        volts[k] = Math.min(highest[k], Math.max(lowest[k], next));
        double missing = total[k] * (rest - v);
        if (v <= lowest[k]) {
            missing = Math.max(missing, 0);
        }
        if (v >= highest[k]) {
            missing = Math.min(missing, 0);
        }
        return Math.abs(missing);
    }
}
