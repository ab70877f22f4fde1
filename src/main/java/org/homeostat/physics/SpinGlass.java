package org.homeostat.physics;

import java.util.random.RandomGenerator;

/**
 * Spins s = -1 or +1 on a graph, with fields and couplings of either sign:
 *
 * <pre>   E(s) = sum_(i,j) J_ij s_i s_j + sum_i h_i s_i,   each pair once,</pre>
 *
 * the sign of annealing machines (Laydevant, Markovic, Grollier, arXiv 2305.18321): a positive coupling wants its spins to differ. Here is
 * what such a machine does to its spins; what they mean is for others to say. Immutable; the arrays of spins are the
 * caller's and are moved in place.
 */
public final class SpinGlass {

    /** A single tiny weight must not make the end of an anneal so cold that the rest of it is wasted. */
    private static final double LEAST_PART = 1e-3;

    /** An acceptance rarer than this is as good as none, and is not worth drawing a number for. */
    private static final double NEVER = 40;

    /**
     * Which spins are coupled. Made once, it serves any couplings.
     *
     * @param spins how many there are
     * @param start where the neighbours of each spin begin in the two lists, and at the end the length of the lists
     * @param neighbour the neighbours of one spin after the other
     * @param edge the number of the pair that joins them
     */
    private record Joints(int spins, int[] start, int[] neighbour, int[] edge) {}

    /** Which spins are coupled with which. */
    public static final class Graph {
        private final Joints joints;
        private final int edges;

        /**
         * @param spins how many spins there are
         * @param from one end of each pair
         * @param to its other end
         * @throws IllegalArgumentException if a pair names no two different spins
         */
        public Graph(int spins, int[] from, int[] to) {
            if (from.length != to.length) {
                throw new IllegalArgumentException(from.length + " first spins of pairs, but " + to.length + " second");
            }
            edges = from.length;
            int[] start = new int[spins + 1];
            for (int k = 0; k < edges; k++) {
                if (from[k] < 0 || from[k] >= spins || to[k] < 0 || to[k] >= spins || from[k] == to[k]) {
                    throw new IllegalArgumentException("pair " + k + " joins spin " + from[k] + " with spin " + to[k]
                            + "; expected two different ones of " + spins);
                }
                start[from[k] + 1]++;
                start[to[k] + 1]++;
            }
            for (int i = 0; i < spins; i++) {
                start[i + 1] += start[i];
            }
            int[] next = start.clone();
            int[] neighbour = new int[2 * edges];
            int[] edge = new int[2 * edges];
            for (int k = 0; k < edges; k++) {
                neighbour[next[from[k]]] = to[k];
                edge[next[from[k]]++] = k;
                neighbour[next[to[k]]] = from[k];
                edge[next[to[k]]++] = k;
            }
            joints = new Joints(spins, start, neighbour, edge);
        }

        /** How many pairs there are. */
        public int edges() {
            return edges;
        }
    }

    private final int spins;
    private final int[] start;
    private final int[] neighbour;
    private final double[] coupling;
    private final double[] field;
    private final double hottest;
    private final double coldest;

    /**
     * @param couplings one for each pair of the graph, in its order
     * @param fields one for each spin
     * @throws IllegalArgumentException if a count is wrong or one of them is not a finite number
     */
    public SpinGlass(Graph graph, double[] couplings, double[] fields) {
        spins = graph.joints.spins;
        if (couplings.length != graph.edges || fields.length != spins) {
            throw new IllegalArgumentException("expected " + graph.edges + " couplings and " + spins + " fields, not "
                    + couplings.length + " and " + fields.length);
        }
        start = graph.joints.start;
        neighbour = graph.joints.neighbour;
        field = fields.clone();
        coupling = new double[neighbour.length];
        for (int k = 0; k < coupling.length; k++) {
            coupling[k] = couplings[graph.joints.edge[k]];
        }
        double strongest = 0;
        double weakest = Double.POSITIVE_INFINITY;
        double largest = 0;
        for (int i = 0; i < spins; i++) {
            double sum = Math.abs(field[i]);
            largest = Math.max(largest, sum);
            weakest = sum > 0 ? Math.min(weakest, sum) : weakest;
            for (int k = start[i]; k < start[i + 1]; k++) {
                double size = Math.abs(coupling[k]);
                sum += size;
                largest = Math.max(largest, size);
                weakest = size > 0 ? Math.min(weakest, size) : weakest;
            }
            if (!Double.isFinite(sum)) {
                throw new IllegalArgumentException(
                        "spin " + i + " has a coupling or a field that is not a finite number");
            }
            strongest = Math.max(strongest, sum);
        }
        // Without any force all temperatures are the same.
        hottest = strongest > 0 ? Math.log(2) / strongest : 1;
        coldest = strongest > 0 ? Math.log(100) / Math.max(weakest, LEAST_PART * largest) : 1;
    }

    /**
     * Spins that may all be coupled.
     *
     * @param couplings a symmetric matrix with a diagonal of zeros
     * @throws IllegalArgumentException if it is something else: couplings that differ by direction have no energy
     */
    public static SpinGlass of(double[][] couplings, double[] fields) {
        int n = fields.length;
        int[] from = new int[n * (n - 1) / 2];
        int[] to = new int[from.length];
        double[] pairs = new double[from.length];
        if (couplings.length != n) {
            throw new IllegalArgumentException(couplings.length + " rows of couplings for " + n + " spins");
        }
        int k = 0;
        for (int i = 0; i < n; i++) {
            if (couplings[i].length != n || couplings[i][i] != 0) {
                throw new IllegalArgumentException(
                        "row " + i + " of the couplings: expected " + n + " numbers, 0 on the diagonal");
            }
            for (int j = 0; j < i; j++) {
                if (couplings[i][j] != couplings[j][i]) {
                    throw new IllegalArgumentException("the coupling of spins " + j + " and " + i + " is "
                            + couplings[j][i] + " one way and " + couplings[i][j]
                            + " the other; expected a symmetric matrix, as others have no energy");
                }
                from[k] = j;
                to[k] = i;
                pairs[k++] = couplings[i][j];
            }
        }
        return new SpinGlass(new Graph(n, from, to), pairs, fields);
    }

    /** The energy. */
    public double energy(double[] s) {
        double[] pull = pulls(s);
        double twice = 0;
        for (int i = 0; i < spins; i++) {
            twice += s[i] * (pull[i] + field[i]);
        }
        return twice / 2;
    }

    /** What would be gained by the flip of a spin that gains most by it; 0 or less where no flip alone lowers the energy. */
    public double restless(double[] s) {
        double[] pull = pulls(s);
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < spins; i++) {
            most = Math.max(most, 2 * s[i] * pull[i]);
        }
        return most;
    }

    /** dE/ds_i at each spin: flipping it changes the energy by {@code - 2 s_i} times this. */
    private double[] pulls(double[] s) {
        double[] pull = field.clone();
        for (int i = 0; i < spins; i++) {
            for (int k = start[i]; k < start[i + 1]; k++) {
                pull[i] += coupling[k] * s[neighbour[k]];
            }
        }
        return pull;
    }

    /** Every spin up or down by chance. */
    public static void shuffle(double[] s, RandomGenerator chance) {
        for (int i = 0; i < s.length; i++) {
            s[i] = chance.nextBoolean() ? 1 : -1;
        }
    }

    /**
     * The inverse temperatures of a forward anneal, one a sweep: geometric, from where even the most strongly held spin flips
     * in every second try to where the weakest force that counts is disobeyed in one of a hundred.
     */
    public double[] forward(int sweeps) {
        double[] inverse = new double[sweeps];
        for (int t = 0; t < sweeps; t++) {
            inverse[t] = sweeps == 1 ? coldest : hottest * Math.pow(coldest / hottest, (double) t / (sweeps - 1));
        }
        return inverse;
    }

    /**
     * The inverse temperatures of a reverse anneal: from cold back to the point that a forward anneal passes after a part of
     * its sweeps, and forward again. What was found before is kept where nothing better is near.
     */
    public double[] reverse(int sweeps, double part) {
        double[] forward = forward(sweeps);
        int turn = Math.clamp((int) (part * sweeps), 0, sweeps - 1);
        double[] inverse = new double[2 * (sweeps - turn)];
        for (int t = turn; t < sweeps; t++) {
            inverse[sweeps - 1 - t] = forward[t];
            inverse[sweeps - 2 * turn + t] = forward[t];
        }
        return inverse;
    }

    /** One sweep of Metropolis moves over all spins for each inverse temperature. */
    public void anneal(double[] s, double[] inverseTemperatures, RandomGenerator chance) {
        double[] pull = pulls(s);
        for (double inverse : inverseTemperatures) {
            for (int i = 0; i < spins; i++) {
                double rise = -2 * s[i] * pull[i] * inverse;
                if (rise <= 0 || rise < NEVER && chance.nextDouble() < Math.exp(-rise)) {
                    flip(i, s, pull);
                }
            }
        }
    }

    /** Sweeps of heat-bath moves at one temperature: each spin in turn is drawn from its distribution given the others. */
    public void bathe(double[] s, double temperature, int sweeps, RandomGenerator chance) {
        double[] pull = pulls(s);
        for (int sweep = 0; sweep < sweeps; sweep++) {
            for (int i = 0; i < spins; i++) {
                double drawn = chance.nextDouble() * (1 + Math.exp(2 * pull[i] / temperature)) < 1 ? 1 : -1;
                if (drawn != s[i]) {
                    flip(i, s, pull);
                }
            }
        }
    }

    /**
     * Flips one spin after the other as long as that lowers the energy.
     *
     * @return how many sweeps that took
     */
    public int quench(double[] s) {
        double[] pull = pulls(s);
        // What rounding may leave of a force that is really zero.
        double least = 1e-12 * Math.log(2) / hottest;
        int sweeps = 0;
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int i = 0; i < spins; i++) {
                if (s[i] * pull[i] > least) {
                    flip(i, s, pull);
                    moved = true;
                }
            }
            sweeps++;
        }
        return sweeps;
    }

    private void flip(int i, double[] s, double[] pull) {
        s[i] = -s[i];
        double twice = 2 * s[i];
        for (int k = start[i]; k < start[i + 1]; k++) {
            pull[neighbour[k]] += twice * coupling[k];
        }
    }
}
