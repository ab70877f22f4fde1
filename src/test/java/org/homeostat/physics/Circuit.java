package org.homeostat.physics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.DecompositionSolver;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealVector;
import org.homeostat.physics.ResistiveNetwork.Terminal;

/**
 * A resistive circuit written down a second time, as the plain matrices of its nodal analysis, so that an oracle can solve
 * what {@link ResistiveNetwork} solves: minimise {@code v'Hv/2 - r'v} subject to {@code normal'v <= bound} (arXiv
 * 2402.11674, section 2). Every resistor is adjustable.
 */
final class Circuit {

    private static final double BLOCKED = 1e-9;

    private record Resistor(Terminal a, Terminal b) {}

    private record Limit(double[] normal, double bound) {}

    private record Diode(int anode, int cathode) {}

    private final int inputs;
    private final List<double[]> ranges = new ArrayList<>();
    private final List<Integer> outputs = new ArrayList<>();
    private final List<Resistor> resistors = new ArrayList<>();
    private final List<Diode> diodes = new ArrayList<>();

    Circuit(int inputs) {
        this.inputs = inputs;
    }

    /** Layers with every input as x and -x and two supplies; hidden nodes with one diode to ground, up and down in turn. */
    static Circuit layered(int inputs, int hidden, int outputs) {
        Circuit circuit = new Circuit(inputs);
        for (int unit = 0; unit < hidden; unit++) {
            int node = unit % 2 == 0
                    ? circuit.node(0, Double.POSITIVE_INFINITY)
                    : circuit.node(Double.NEGATIVE_INFINITY, 0);
            for (int input = 0; input < inputs; input++) {
                circuit.resistor(new Terminal.Source(input, 1), new Terminal.Node(node));
                circuit.resistor(new Terminal.Source(input, -1), new Terminal.Node(node));
            }
            circuit.resistor(new Terminal.Rail(0.5), new Terminal.Node(node));
            circuit.resistor(new Terminal.Rail(-0.5), new Terminal.Node(node));
        }
        for (int output = 0; output < outputs; output++) {
            int node = circuit.node(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
            circuit.output(node);
            for (int unit = 0; unit < hidden; unit++) {
                circuit.resistor(new Terminal.Node(unit), new Terminal.Node(node));
            }
            circuit.resistor(new Terminal.Rail(0), new Terminal.Node(node));
        }
        return circuit;
    }

    /**
     * Nodes that are each joined to a source, to a supply and to about half of the others, some of these through an
     * amplifier. Diodes lead from nodes of lower to nodes of higher index; some of the lower half of the nodes are kept at
     * or below 0 V, some of the upper half at or above, but neither of the outputs, which are the first and the last.
     */
    static Circuit meshed(RandomGenerator random) {
        int nodes = 4 + random.nextInt(3);
        Circuit circuit = new Circuit(2);
        for (int node = 0; node < nodes; node++) {
            boolean clamped = node != 0 && node != nodes - 1 && random.nextInt(3) == 0;
            boolean low = node < nodes / 2;
            circuit.node(clamped && !low ? 0 : Double.NEGATIVE_INFINITY, clamped && low ? 0 : Double.POSITIVE_INFINITY);
        }
        for (int node = 0; node < nodes; node++) {
            Terminal here = new Terminal.Node(node);
            circuit.resistor(here, new Terminal.Source(random.nextInt(2), random.nextBoolean() ? 1 : -1));
            circuit.resistor(here, new Terminal.Rail(random.nextGaussian()));
            for (int other = 0; other < node; other++) {
                if (random.nextBoolean()) {
                    double gain = random.nextInt(3) == 0 ? random.nextGaussian() : 1;
                    circuit.resistor(new Terminal.Node(other, gain), here);
                }
                if (random.nextInt(5) < 2) {
                    circuit.diode(other, node);
                }
            }
        }
        if (circuit.diodes.isEmpty()) {
            circuit.diode(0, nodes - 1);
        }
        circuit.output(0);
        circuit.output(nodes - 1);
        return circuit;
    }

    int node(double lowestVolts, double highestVolts) {
        ranges.add(new double[] {lowestVolts, highestVolts});
        return ranges.size() - 1;
    }

    void output(int node) {
        outputs.add(node);
    }

    void resistor(Terminal a, Terminal b) {
        resistors.add(new Resistor(a, b));
    }

    void diode(int anode, int cathode) {
        diodes.add(new Diode(anode, cathode));
    }

    int resistors() {
        return resistors.size();
    }

    int outputs() {
        return outputs.size();
    }

    int inputs() {
        return inputs;
    }

    /** The same circuit as the product knows it. */
    ResistiveNetwork network() {
        ResistiveNetwork.Builder built = new ResistiveNetwork.Builder(inputs);
        ranges.forEach(range -> built.node(range[0], range[1]));
        resistors.forEach(resistor -> built.adjustable(resistor.a, resistor.b));
        diodes.forEach(diode -> built.diode(diode.anode, diode.cathode));
        outputs.forEach(built::output);
        return built.build();
    }

    /** Conductances drawn evenly between two bounds. */
    double[] conductances(RandomGenerator random, double least, double most) {
        double[] theta = new double[resistors.size()];
        Arrays.setAll(theta, k -> random.nextDouble(least, most));
        return theta;
    }

    /** Some state that all diodes allow. */
    double[] allowed(RandomGenerator random) {
        double[] volts = random.doubles(ranges.size(), -1, 1).toArray();
        if (!diodes.isEmpty()) {
            // As meshed circuits are laid out: low nodes below 0 V, high ones above, and ascending.
            Arrays.setAll(volts, node -> node < volts.length / 2 ? -Math.abs(volts[node]) : Math.abs(volts[node]));
            Arrays.sort(volts);
        }
        for (int node = 0; node < volts.length; node++) {
            volts[node] = Math.clamp(volts[node], ranges.get(node)[0], ranges.get(node)[1]);
        }
        return volts;
    }

    /** The matrix H, stamped resistor by resistor, with the springs of the nudge. */
    double[][] stiffness(double[] theta, Drive drive) {
        double[][] h = new double[ranges.size()][ranges.size()];
        for (int k = 0; k < theta.length; k++) {
            double[] drop = drop(resistors.get(k));
            for (int i = 0; i < h.length; i++) {
                for (int j = 0; j < h.length; j++) {
                    h[i][j] += theta[k] * drop[i] * drop[j];
                }
            }
        }
        for (int output : outputs) {
            h[output][output] += drive.stiffness();
        }
        return h;
    }

    /** The currents r that flow into the nodes while all of them are at 0 V. */
    double[] loads(double[] theta, Drive drive) {
        double[] r = new double[ranges.size()];
        for (int k = 0; k < theta.length; k++) {
            Resistor resistor = resistors.get(k);
            double[] drop = drop(resistor);
            double given = given(resistor.a, drive.input()) - given(resistor.b, drive.input());
            for (int i = 0; i < r.length; i++) {
                r[i] -= theta[k] * drop[i] * given;
            }
        }
        for (int k = 0; k < outputs.size(); k++) {
            r[outputs.get(k)] += drive.current()[k] + drive.stiffness() * drive.target()[k];
        }
        return r;
    }

    /** The drop across a resistor is this row times v, plus what sources and supplies give. */
    private double[] drop(Resistor resistor) {
        double[] row = new double[ranges.size()];
        if (resistor.a instanceof Terminal.Node a) {
            row[a.index()] += a.gain();
        }
        if (resistor.b instanceof Terminal.Node b) {
            row[b.index()] -= b.gain();
        }
        return row;
    }

    private static double given(Terminal terminal, double[] input) {
        return switch (terminal) {
            case Terminal.Source source -> source.gain() * input[source.input()];
            case Terminal.Rail rail -> rail.volts();
            case Terminal.Node node -> 0;
        };
    }

    /** The voltage across a resistor at a state. */
    double volts(int resistor, double[] input, double[] state) {
        Resistor part = resistors.get(resistor);
        return given(part.a, input)
                - given(part.b, input)
                + new ArrayRealVector(drop(part), false).dotProduct(new ArrayRealVector(state, false));
    }

    private List<Limit> allLimits() {
        List<Limit> limits = new ArrayList<>();
        for (int node = 0; node < ranges.size(); node++) {
            double[] range = ranges.get(node);
            double[] up = new double[ranges.size()];
            up[node] = 1;
            double[] down = new double[ranges.size()];
            down[node] = -1;
            if (range[1] < Double.POSITIVE_INFINITY) {
                limits.add(new Limit(up, range[1]));
            }
            if (range[0] > Double.NEGATIVE_INFINITY) {
                limits.add(new Limit(down, -range[0]));
            }
        }
        for (Diode diode : diodes) {
            double[] normal = new double[ranges.size()];
            normal[diode.anode] = 1;
            normal[diode.cathode] = -1;
            limits.add(new Limit(normal, 0));
        }
        return limits;
    }

    /** How many diodes there are, to supplies and between nodes. */
    int limits() {
        return allLimits().size();
    }

    /** How many of the diodes conduct at a state, or are about to. */
    int conducting(double[] state) {
        RealVector v = new ArrayRealVector(state, false);
        return (int) allLimits().stream()
                .filter(limit -> new ArrayRealVector(limit.normal, false).dotProduct(v) > limit.bound - BLOCKED)
                .count();
    }

    /** True if no bound and no diode at the edge of conducting keeps a node from moving by itself. */
    boolean free(double[] state, int node) {
        RealVector v = new ArrayRealVector(state, false);
        return allLimits().stream()
                .noneMatch(limit -> limit.normal[node] != 0
                        && new ArrayRealVector(limit.normal, false).dotProduct(v) > limit.bound - BLOCKED);
    }

    /** What moving one node at a time, each as far as its diodes allow, makes of it from 0 V: not always the minimum. */
    double[] descended(double[] theta, Drive drive) {
        double[][] h = stiffness(theta, drive);
        double[] r = loads(theta, drive);
        double[] state = new double[r.length];
        for (int sweep = 0; sweep < 2000; sweep++) {
            for (int node = 0; node < r.length; node++) {
                double left = r[node];
                for (int other = 0; other < r.length; other++) {
                    left -= other == node ? 0 : h[node][other] * state[other];
                }
                double lowest = ranges.get(node)[0];
                double highest = ranges.get(node)[1];
                for (Diode diode : diodes) {
                    lowest = diode.cathode == node ? Math.max(lowest, state[diode.anode]) : lowest;
                    highest = diode.anode == node ? Math.min(highest, state[diode.cathode]) : highest;
                }
                state[node] = Math.max(lowest, Math.min(highest, left / h[node][node]));
            }
        }
        return state;
    }

    /**
     * The oracle: tries every combination of conducting and blocking diodes, solves each by one linear solve of {@code Hv +
     * A'lambda = r, Av = b}, and returns the one whose diodes obey their law (the Karush-Kuhn-Tucker signs): no conducting
     * diode carries a reverse current, no blocking one a forward voltage.
     */
    double[] solvedByBruteForce(double[] theta, Drive drive) {
        List<Limit> limits = allLimits();
        double[][] h = stiffness(theta, drive);
        double[] r = loads(theta, drive);
        for (int combination = 0; combination < 1 << limits.size(); combination++) {
            List<Limit> active = new ArrayList<>();
            for (int i = 0; i < limits.size(); i++) {
                if ((combination >> i & 1) == 1) {
                    active.add(limits.get(i));
                }
            }
            double[] found = solved(h, r, active);
            if (found.length > 0 && obeys(found, limits, active.size())) {
                return Arrays.copyOf(found, h.length);
            }
        }
        throw new AssertionError("a convex programme has a solution");
    }

    /** Voltages, then the currents of the active diodes; empty where those do not depend on each other uniquely. */
    private static double[] solved(double[][] h, double[] r, List<Limit> active) {
        int n = h.length;
        int size = n + active.size();
        double[][] matrix = new double[size][size];
        double[] right = Arrays.copyOf(r, size);
        for (int i = 0; i < n; i++) {
            System.arraycopy(h[i], 0, matrix[i], 0, n);
        }
        for (int i = 0; i < active.size(); i++) {
            right[n + i] = active.get(i).bound;
            for (int j = 0; j < n; j++) {
                matrix[n + i][j] = active.get(i).normal[j];
                matrix[j][n + i] = active.get(i).normal[j];
            }
        }
        DecompositionSolver solver = new LUDecomposition(new Array2DRowRealMatrix(matrix, false), 1e-10).getSolver();
        return solver.isNonSingular()
                ? solver.solve(new ArrayRealVector(right, false)).toArray()
                : new double[0];
    }

    private static boolean obeys(double[] found, List<Limit> limits, int active) {
        int n = found.length - active;
        for (int i = n; i < found.length; i++) {
            if (found[i] < -BLOCKED) {
                return false;
            }
        }
        RealVector v = new ArrayRealVector(Arrays.copyOf(found, n), false);
        return limits.stream()
                .allMatch(limit -> new ArrayRealVector(limit.normal, false).dotProduct(v) <= limit.bound + BLOCKED);
    }
}
