package org.homeostat.physics;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * A linear flow network on any graph: pipes between nodes, or resistors without diodes.
 *
 * <pre>   E(k, x, p) = 1/2 sum_e k_e (p_a - p_b)^2 - sum_o current_o p_o,</pre>
 *
 * half the dissipated power, least where at every free node the flows add up to nothing (coupled learning: Stern, Hexner,
 * Rocks and Liu, arXiv 2011.03861; as an energy-based model: arXiv 2103.09985). Parameters: one conductance k_e a pipe, in
 * the order the pipes were laid, none negative; dE/dk_e = (p_a - p_b)^2 / 2. State: the pressures of the free nodes in
 * order of their numbers; input nodes are held at their input, grounded ones at 0. Outputs are free nodes.
 *
 * <p>A settle is one Cholesky factorisation of the free nodes' conductances, so that it is exact from anywhere.
 */
public final class FlowNetwork implements Physics {

    private static final int MOST_REFINEMENTS = 20;

    private static final int GROUND = -1;

    /** A pipe between two nodes. */
    private record Pipe(int a, int b) {}

    private final int inputs;
    private final Pipe[] pipes;
    private final int[] outputs;

    /** The place of each node in the state, or -1 where its pressure is given. */
    private final int[] place;

    /** The input that gives the pressure of a node, or GROUND; without meaning at a free node. */
    private final int[] given;

    private final int states;

    private FlowNetwork(Builder built, int[] place, int states) {
        inputs = built.inputs.size();
        pipes = built.pipes.toArray(Pipe[]::new);
        this.place = place;
        this.states = states;
        given = new int[built.nodes];
        Arrays.fill(given, GROUND);
        for (int i = 0; i < inputs; i++) {
            given[built.inputs.get(i)] = i;
        }
        outputs = built.outputs.stream().mapToInt(node -> place[node]).toArray();
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public int states() {
        return states;
    }

    @Override
    public int parameters() {
        return pipes.length;
    }

    @Override
    public int[] outputs() {
        return outputs.clone();
    }

    private double pressure(int node, Drive drive, double[] state) {
        if (place[node] >= 0) {
            return state[place[node]];
        }
        return given[node] == GROUND ? 0 : drive.input()[given[node]];
    }

    private double drop(Pipe pipe, Drive drive, double[] state) {
        return pressure(pipe.a, drive, state) - pressure(pipe.b, drive, state);
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        double energy = drive.nudgeEnergy(state, outputs);
        for (int e = 0; e < pipes.length; e++) {
            double drop = drop(pipes[e], drive, state);
            energy += 0.5 * theta[e] * drop * drop;
        }
        return energy;
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        for (int e = 0; e < pipes.length; e++) {
            double drop = drop(pipes[e], drive, state);
            forces[e] = 0.5 * drop * drop;
        }
    }

    /**
     * Solves Kirchhoff's law at the free nodes.
     *
     * @throws IllegalArgumentException if a conductance is negative, if a node hangs on pipes that do not conduct, or if
     *     the nudge is a spring so negative that the energy has no minimum; nothing was moved
     */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        for (int e = 0; e < theta.length; e++) {
            if (!(theta[e] >= 0) || !Double.isFinite(theta[e])) {
                throw new IllegalArgumentException(
                        "pipe " + e + ": a conductance is a number not below 0, as " + theta[e] + " is not");
            }
        }
        double[] clamp = drive.clamp();
        boolean[] held = new boolean[states];
        double[] p = state.clone();
        for (int k = 0; clamp != null && k < outputs.length; k++) {
            held[outputs[k]] = true;
            p[outputs[k]] = clamp[k];
        }
        double[][] matrix = conductances(theta, drive, held);
        Stiffness stiffness = Stiffness.of(matrix);
        if (states > 0 && stiffness == null) {
            throw new IllegalArgumentException(refusal(theta, drive, held));
        }
        double[] flow = new double[states];
        double[] total = new double[states];
        double residual = missing(theta, drive, held, p, flow, total);
        int sweeps = 0;
        do {
            double[] move = stiffness == null ? new double[0] : stiffness.solve(flow);
            for (int i = 0; i < states; i++) {
                p[i] += move[i];
            }
            residual = missing(theta, drive, held, p, flow, total);
            sweeps++;
        } while (residual > tolerance && sweeps < MOST_REFINEMENTS);
        System.arraycopy(p, 0, state, 0, states);
        return residual <= tolerance
                ? new Rest(sweeps, residual, true)
                : new Rest(
                        sweeps,
                        residual,
                        Rest.Ending.NOT_AT_REST,
                        "the network's conductances lie too far apart to be solved this closely; narrow their range");
    }

    private String refusal(double[] theta, Drive drive, boolean[] held) {
        if (drive.stiffness() < 0
                && Stiffness.of(conductances(theta, drive.coupled(0, drive.target()), held)) != null) {
            return "a nudge of strength " + drive.stiffness()
                    + " makes the outputs unstable: a negative nudge must stay weaker than the network at its outputs";
        }
        return "a node hangs on pipes that do not conduct: expected conductances above 0 between it and a node that is held";
    }

    /** The conductances between free nodes; a node that is held stands for itself alone. */
    private double[][] conductances(double[] theta, Drive drive, boolean[] held) {
        double[][] matrix = new double[states][states];
        for (int e = 0; e < pipes.length; e++) {
            int a = place[pipes[e].a];
            int b = place[pipes[e].b];
            boolean moveA = a >= 0 && !held[a];
            boolean moveB = b >= 0 && !held[b];
            if (moveA) {
                matrix[a][a] += theta[e];
            }
            if (moveB) {
                matrix[b][b] += theta[e];
            }
            if (moveA && moveB) {
                matrix[a][b] -= theta[e];
                matrix[b][a] -= theta[e];
            }
        }
        double largest = Double.MIN_NORMAL;
        for (int output : outputs) {
            matrix[output][output] += held[output] ? 0 : drive.stiffness();
        }
        for (int i = 0; i < states; i++) {
            largest = Math.max(largest, matrix[i][i]);
        }
        for (int i = 0; i < states; i++) {
            matrix[i][i] = held[i] ? largest : matrix[i][i];
        }
        return matrix;
    }

    /**
     * Writes the flow that Kirchhoff's law misses at each free node into {@code flow}.
     *
     * @return the largest, as a part of what the largest pressure would drive through the conductance attached there
     */
    private double missing(double[] theta, Drive drive, boolean[] held, double[] p, double[] flow, double[] total) {
        Arrays.fill(flow, 0);
        Arrays.fill(total, 0);
        double scale = Double.MIN_NORMAL;
        for (int e = 0; e < pipes.length; e++) {
            int a = place[pipes[e].a];
            int b = place[pipes[e].b];
            double pa = pressure(pipes[e].a, drive, p);
            double pb = pressure(pipes[e].b, drive, p);
            scale = Math.max(scale, Math.max(Math.abs(pa), Math.abs(pb)));
            if (a >= 0) {
                flow[a] -= theta[e] * (pa - pb);
                total[a] += theta[e];
            }
            if (b >= 0) {
                flow[b] += theta[e] * (pa - pb);
                total[b] += theta[e];
            }
        }
        for (int k = 0; k < outputs.length; k++) {
            int o = outputs[k];
            flow[o] += drive.current()[k] - drive.stiffness() * (p[o] - drive.target()[k]);
            total[o] += Math.abs(drive.stiffness());
            scale = drive.stiffness() == 0 ? scale : Math.max(scale, Math.abs(drive.target()[k]));
        }
        double residual = 0;
        for (int i = 0; i < states; i++) {
            flow[i] = held[i] ? 0 : flow[i];
            residual = Math.max(residual, Math.abs(flow[i]) / Math.max(total[i] * scale, Double.MIN_NORMAL));
        }
        return residual;
    }

    /** Lays out a network, pipe by pipe. */
    public static final class Builder {
        private final int nodes;
        private final List<Pipe> pipes = new ArrayList<>();
        private final List<Integer> inputs = new ArrayList<>();
        private final List<Integer> outputs = new ArrayList<>();
        private final boolean[] held;

        /** So many nodes, numbered from 0, all free, and no pipe yet. */
        public Builder(int nodes) {
            if (nodes < 1) {
                throw new IllegalArgumentException("a network has 1 node or more, not " + nodes);
            }
            this.nodes = nodes;
            held = new boolean[nodes];
        }

        /**
         * A rectangular grid: node {@code row * columns + column}, first all pipes along the rows, then all along the
         * columns.
         */
        public static Builder grid(int rows, int columns) {
            if (rows < 1 || columns < 1) {
                throw new IllegalArgumentException(
                        "a grid has 1 row and column or more, not " + rows + " x " + columns);
            }
            Builder built = new Builder(rows * columns);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column + 1 < columns; column++) {
                    built.pipe(row * columns + column, row * columns + column + 1);
                }
            }
            for (int row = 0; row + 1 < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    built.pipe(row * columns + column, (row + 1) * columns + column);
                }
            }
            return built;
        }

        /** Lays a pipe whose conductance is the next parameter. */
        public Builder pipe(int a, int b) {
            require(a);
            require(b);
            if (a == b) {
                throw new IllegalArgumentException("a pipe joins two different nodes, not node " + a + " with itself");
            }
            pipes.add(new Pipe(a, b));
            return this;
        }

        /** Holds a node at the next input. */
        public Builder input(int node) {
            hold(node);
            inputs.add(node);
            return this;
        }

        /** Holds a node at 0. */
        public Builder ground(int node) {
            hold(node);
            return this;
        }

        /** Makes a free node the next output. */
        public Builder output(int node) {
            require(node);
            if (outputs.contains(node)) {
                throw new IllegalArgumentException("node " + node + " is an output already");
            }
            outputs.add(node);
            return this;
        }

        private void hold(int node) {
            require(node);
            if (held[node]) {
                throw new IllegalArgumentException("node " + node + " is held already");
            }
            held[node] = true;
        }

        private void require(int node) {
            if (node < 0 || node >= nodes) {
                throw new IllegalArgumentException("no node " + node + " among " + nodes);
            }
        }

        /**
         * The network.
         *
         * @throws IllegalArgumentException if an output is held, or if no pipe leads from a node to one that is held
         */
        public FlowNetwork build() {
            for (int output : outputs) {
                if (held[output]) {
                    throw new IllegalArgumentException("node " + output + " is held, so that it cannot be an output");
                }
            }
            boolean[] reached = reached();
            int[] place = new int[nodes];
            int states = 0;
            for (int node = 0; node < nodes; node++) {
                if (!reached[node]) {
                    throw new IllegalArgumentException("no pipe leads from node " + node
                            + " to an input or ground: its pressure would be anything");
                }
                place[node] = held[node] ? -1 : states++;
            }
            return new FlowNetwork(this, place, states);
        }

        private boolean[] reached() {
            boolean[] reached = held.clone();
            Deque<Integer> front = new ArrayDeque<>();
            for (int node = 0; node < nodes; node++) {
                if (held[node]) {
                    front.add(node);
                }
            }
            while (!front.isEmpty()) {
                int here = front.remove();
                for (Pipe pipe : pipes) {
                    int there = pipe.a == here ? pipe.b : pipe.b == here ? pipe.a : here;
                    if (!reached[there]) {
                        reached[there] = true;
                        front.add(there);
                    }
                }
            }
            return reached;
        }
    }
}
