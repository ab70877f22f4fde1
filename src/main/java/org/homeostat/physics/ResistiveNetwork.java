package org.homeostat.physics;

import java.util.ArrayList;
import java.util.List;

/**
 * A nonlinear resistive network of ideal elements: resistors, voltage sources, diodes, amplifiers.
 *
 * <p>Its steady state minimises half the dissipated power less the power of the currents injected,
 *
 * <pre>   E(g, x, v) = sum_edges g_e / 2 (drop_e)^2 - sum_k I_k v_k     subject to the diodes' inequalities,</pre>
 *
 * a convex quadratic programme in the free node voltages v (arXiv 2402.11674, section 2). The parameters are conductances
 * g in siemens, so that dE/dg_e = drop_e^2 / 2 in watt per siemens. An amplifier is a gain in front of one end of a
 * resistor: at an input it makes, say, -x of x; at a free node it is the reciprocal (transformer-like) amplifier, the
 * only kind that keeps an energy.
 *
 * <p>Where every diode joins a node to a fixed supply, exact coordinate descent settles the network. Descent freezes at a
 * wrong point if an ideal diode joins two free nodes, so such a network is solved through its dual instead. Outputs can be
 * held at any voltage that their own diodes let them have.
 */
public final class ResistiveNetwork implements Physics {

    /** One end of a resistor. */
    public sealed interface Terminal {
        /** The voltage source of an input, behind an amplifier. */
        record Source(int input, double gain) implements Terminal {}

        /** A fixed supply. */
        record Rail(double volts) implements Terminal {}

        /** A free node, behind an amplifier. */
        record Node(int index, double gain) implements Terminal {
            public Node(int index) {
                this(index, 1);
            }
        }
    }

    /** A resistor; {@code parameter} is -1 where its conductance is fixed. */
    record Edge(Terminal a, Terminal b, int parameter, double fixedSiemens) {
        double siemens(double[] theta) {
            return parameter < 0 ? fixedSiemens : theta[parameter];
        }
    }

    /** An ideal diode between two free nodes: {@code v_anode <= v_cathode}. */
    record Diode(int anode, int cathode) {}

    private static final int MOST_SWEEPS = 100_000;

    /** A node that moves so many times further than any voltage asked for will never come back. */
    private static final double RUNAWAY = 1e12;

    private final int inputs;
    private final int parameters;
    private final double[] lowest;
    private final double[] highest;
    private final int[] outputs;
    private final Edge[] edges;
    private final List<Diode> diodes;

    // Per free node, flattened: its edges to sources and rails, and its edges to other free nodes.
    private final int[][] drivenEdge;
    private final int[][] drivenInput;
    private final double[][] drivenGain;
    private final double[][] drivenVolts;
    private final double[][] drivenSelf;
    private final int[][] freeEdge;
    private final int[][] freeNode;
    private final double[][] freeGain;
    private final double[][] freeSelf;

    private ResistiveNetwork(Builder built) {
        inputs = built.inputs;
        parameters = built.parameters;
        int nodes = built.lowest.size();
        lowest = built.lowest.stream().mapToDouble(Double::doubleValue).toArray();
        highest = built.highest.stream().mapToDouble(Double::doubleValue).toArray();
        outputs = built.outputs.stream().mapToInt(Integer::intValue).toArray();
        edges = built.edges.toArray(Edge[]::new);
        diodes = List.copyOf(built.diodes);
        drivenEdge = new int[nodes][];
        drivenInput = new int[nodes][];
        drivenGain = new double[nodes][];
        drivenVolts = new double[nodes][];
        drivenSelf = new double[nodes][];
        freeEdge = new int[nodes][];
        freeNode = new int[nodes][];
        freeGain = new double[nodes][];
        freeSelf = new double[nodes][];
        List<List<Integer>> driven = new ArrayList<>();
        List<List<Integer>> free = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
            driven.add(new ArrayList<>());
            free.add(new ArrayList<>());
        }
        for (int e = 0; e < edges.length; e++) {
            attach(e, edges[e].a, edges[e].b, driven, free);
            attach(e, edges[e].b, edges[e].a, driven, free);
        }
        for (int node = 0; node < nodes; node++) {
            flatten(node, driven.get(node), free.get(node));
        }
    }

    private static void attach(
            int edge, Terminal here, Terminal there, List<List<Integer>> driven, List<List<Integer>> free) {
        if (here instanceof Terminal.Node node) {
            (there instanceof Terminal.Node ? free : driven).get(node.index).add(edge);
        }
    }

    private void flatten(int node, List<Integer> driven, List<Integer> free) {
        drivenEdge[node] = driven.stream().mapToInt(Integer::intValue).toArray();
        drivenInput[node] = new int[driven.size()];
        drivenGain[node] = new double[driven.size()];
        drivenVolts[node] = new double[driven.size()];
        drivenSelf[node] = new double[driven.size()];
        for (int i = 0; i < driven.size(); i++) {
            Edge edge = edges[driven.get(i)];
            boolean first = edge.a instanceof Terminal.Node;
            Terminal.Node here = (Terminal.Node) (first ? edge.a : edge.b);
            drivenSelf[node][i] = here.gain * here.gain;
            switch (first ? edge.b : edge.a) {
                case Terminal.Source source -> {
                    drivenInput[node][i] = source.input;
                    drivenGain[node][i] = here.gain * source.gain;
                }
                case Terminal.Rail rail -> {
                    drivenInput[node][i] = -1;
                    drivenVolts[node][i] = here.gain * rail.volts;
                }
                case Terminal.Node other -> throw new IllegalStateException("a free node is not driven: " + other);
            }
        }
        freeEdge[node] = free.stream().mapToInt(Integer::intValue).toArray();
        freeNode[node] = new int[free.size()];
        freeGain[node] = new double[free.size()];
        freeSelf[node] = new double[free.size()];
        for (int i = 0; i < free.size(); i++) {
            Edge edge = edges[free.get(i)];
            Terminal.Node a = (Terminal.Node) edge.a;
            Terminal.Node b = (Terminal.Node) edge.b;
            boolean first = a.index == node;
            freeNode[node][i] = first ? b.index : a.index;
            freeGain[node][i] = a.gain * b.gain;
            freeSelf[node][i] = first ? a.gain * a.gain : b.gain * b.gain;
        }
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public int states() {
        return lowest.length;
    }

    @Override
    public int parameters() {
        return parameters;
    }

    @Override
    public int[] outputs() {
        return outputs.clone();
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        double energy = drive.nudgeEnergy(state, outputs);
        for (Edge edge : edges) {
            double drop = drop(edge, drive, state);
            energy += 0.5 * edge.siemens(theta) * drop * drop;
        }
        return energy;
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        for (Edge edge : edges) {
            if (edge.parameter >= 0) {
                double drop = drop(edge, drive, state);
                forces[edge.parameter] = 0.5 * drop * drop;
            }
        }
    }

    private static double drop(Edge edge, Drive drive, double[] state) {
        return volts(edge.a, drive, state) - volts(edge.b, drive, state);
    }

    private static double volts(Terminal terminal, Drive drive, double[] state) {
        return switch (terminal) {
            case Terminal.Source source -> source.gain * drive.input()[source.input];
            case Terminal.Rail rail -> rail.volts;
            case Terminal.Node node -> node.gain * state[node.index];
        };
    }

    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        double[] pull = new double[state.length];
        double[] total = new double[state.length];
        load(theta, drive, pull, total);
        Range range = range(drive);
        return diodes.isEmpty()
                ? descend(theta, pull, total, range, state, tolerance)
                : new DiodeDual(this, theta, pull, total, range).solve(state, tolerance);
    }

    /** Between which voltages each node must stay. */
    record Range(double[] lowest, double[] highest) {}

    /** The diodes' ranges, and of an output that is held the voltage it is held at. */
    Range range(Drive drive) {
        Range range = new Range(lowest.clone(), highest.clone());
        double[] clamp = drive.clamp();
        for (int k = 0; clamp != null && k < outputs.length; k++) {
            int node = outputs[k];
            if (!(clamp[k] >= lowest[node] && clamp[k] <= highest[node])) {
                throw new IllegalArgumentException("output " + k + " cannot be held at " + clamp[k]
                        + " V: its diodes keep it between " + lowest[node] + " V and " + highest[node] + " V");
            }
            range.lowest[node] = clamp[k];
            range.highest[node] = clamp[k];
        }
        return range;
    }

    /**
     * What acts on each free node from the parts whose voltage is given: {@code pull} in ampere (the current that would
     * flow in at 0 V), and {@code total}, the sum of all conductances attached, in siemens.
     */
    private void load(double[] theta, Drive drive, double[] pull, double[] total) {
        for (int node = 0; node < pull.length; node++) {
            double current = 0;
            double siemens = 0;
            for (int i = 0; i < drivenEdge[node].length; i++) {
                double g = edges[drivenEdge[node][i]].siemens(theta);
                int input = drivenInput[node][i];
                current += g * (input < 0 ? drivenVolts[node][i] : drivenGain[node][i] * drive.input()[input]);
                siemens += g * drivenSelf[node][i];
            }
            for (int i = 0; i < freeEdge[node].length; i++) {
                siemens += edges[freeEdge[node][i]].siemens(theta) * freeSelf[node][i];
            }
            pull[node] = current;
            total[node] = siemens;
        }
        for (int k = 0; k < outputs.length; k++) {
            pull[outputs[k]] += drive.current()[k] + drive.stiffness() * drive.target()[k];
            total[outputs[k]] += drive.stiffness();
        }
        for (int node = 0; node < total.length; node++) {
            if (!(total[node] > 0)) {
                throw new IllegalArgumentException("node " + node + ": the conductance attached to it sums to "
                        + total[node] + " S; a negative nudge must stay weaker than the network at its output");
            }
        }
    }

    /** The current that flows into a node from its free neighbours, were it at 0 V. */
    double inflow(double[] theta, int node, double[] state) {
        double current = 0;
        int[] edge = freeEdge[node];
        int[] other = freeNode[node];
        double[] gain = freeGain[node];
        for (int i = 0; i < edge.length; i++) {
            current += edges[edge[i]].siemens(theta) * gain[i] * state[other[i]];
        }
        return current;
    }

    /** Exact coordinate descent: v_k <- clip((sum_j g_kj v_j + I_k) / sum_j g_kj), arXiv 2402.11674, section 4. */
    private Rest descend(double[] theta, double[] pull, double[] total, Range range, double[] state, double tolerance) {
        double scale = Double.MIN_NORMAL;
        double start = 0;
        for (int node = 0; node < state.length; node++) {
            scale = Math.max(scale, Math.abs(pull[node]) / total[node]);
            // Only of an output that is held are both bounds the same.
            scale = range.lowest[node] == range.highest[node] ? Math.max(scale, Math.abs(range.lowest[node])) : scale;
            start = Math.max(start, Math.abs(state[node]));
        }
        double runaway = RUNAWAY * Math.max(scale, start);
        int sweeps = 0;
        double residual = Double.POSITIVE_INFINITY;
        while (residual > tolerance && sweeps < MOST_SWEEPS) {
            double move = 0;
            for (int node = 0; node < state.length; node++) {
                double current = pull[node] + inflow(theta, node, state);
                double volts = Math.clamp(current / total[node], range.lowest[node], range.highest[node]);
                // The current that Kirchhoff's law misses here before the node moves is total * |move|.
                move = Math.max(move, Math.abs(volts - state[node]));
                state[node] = volts;
            }
            // As a part of the current that the largest voltage asked for would drive through the same conductance.
            residual = move / scale;
            sweeps++;
            if (move > runaway) {
                return new Rest(sweeps, Double.POSITIVE_INFINITY, false);
            }
        }
        return new Rest(sweeps, residual, residual <= tolerance);
    }

    List<Diode> diodes() {
        return diodes;
    }

    /** Adds the coupling of free nodes to a matrix: {@code matrix[a][b] -= g gain_a gain_b} for each edge. */
    void coupling(double[] theta, double[][] matrix) {
        for (int node = 0; node < matrix.length; node++) {
            for (int i = 0; i < freeEdge[node].length; i++) {
                matrix[node][freeNode[node][i]] -= edges[freeEdge[node][i]].siemens(theta) * freeGain[node][i];
            }
        }
    }

    /** Lays out a network, element by element. */
    public static final class Builder {
        private final int inputs;
        private int parameters;
        private final List<Double> lowest = new ArrayList<>();
        private final List<Double> highest = new ArrayList<>();
        private final List<Integer> outputs = new ArrayList<>();
        private final List<Edge> edges = new ArrayList<>();
        private final List<Diode> diodes = new ArrayList<>();

        /** A network with so many input sources and nothing else yet. */
        public Builder(int inputs) {
            this.inputs = inputs;
        }

        /** Adds a free node without diodes and returns its index. */
        public int node() {
            return node(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        }

        /** Adds a free node that ideal diodes keep between two voltages, and returns its index. */
        public int node(double lowestVolts, double highestVolts) {
            if (!(lowestVolts <= highestVolts)) {
                throw new IllegalArgumentException(
                        "a node's lowest voltage " + lowestVolts + " lies above its highest " + highestVolts);
            }
            lowest.add(lowestVolts);
            highest.add(highestVolts);
            return lowest.size() - 1;
        }

        /** Makes a node the next output. */
        public Builder output(int node) {
            require(node);
            outputs.add(node);
            return this;
        }

        /** Adds a resistor whose conductance is the next parameter, and returns that parameter's index. */
        public int adjustable(Terminal a, Terminal b) {
            edges.add(edge(a, b, parameters, 0));
            return parameters++;
        }

        /** Adds a resistor with a fixed conductance. */
        public Builder fixed(Terminal a, Terminal b, double siemens) {
            if (!(siemens >= 0)) {
                throw new IllegalArgumentException("a resistor's conductance is not negative, as " + siemens + " S is");
            }
            edges.add(edge(a, b, -1, siemens));
            return this;
        }

        /** Adds an ideal diode between two free nodes: current flows from anode to cathode only. */
        public Builder diode(int anode, int cathode) {
            require(anode);
            require(cathode);
            if (anode == cathode) {
                throw new IllegalArgumentException("a diode joins two different nodes");
            }
            diodes.add(new Diode(anode, cathode));
            return this;
        }

        private Edge edge(Terminal a, Terminal b, int parameter, double siemens) {
            for (Terminal end : List.of(a, b)) {
                switch (end) {
                    case Terminal.Source source
                    when source.input < 0 || source.input >= inputs ->
                        throw new IllegalArgumentException("no input " + source.input + " among " + inputs);
                    case Terminal.Node node -> require(node.index);
                    default -> {}
                }
            }
            if (a instanceof Terminal.Node one && b instanceof Terminal.Node two && one.index == two.index) {
                throw new IllegalArgumentException("a resistor joins two different nodes");
            }
            return new Edge(a, b, parameter, siemens);
        }

        private void require(int node) {
            if (node < 0 || node >= lowest.size()) {
                throw new IllegalArgumentException("no node " + node + " among " + lowest.size());
            }
        }

        /** The network. */
        public ResistiveNetwork build() {
            return new ResistiveNetwork(this);
        }
    }
}
