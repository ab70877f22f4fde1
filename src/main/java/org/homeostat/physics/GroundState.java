package org.homeostat.physics;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * The state of least energy of qubits.
 *
 * @param energy its energy E0
 * @param gap how far above it the next state lies, E1 - E0; 0 where it is degenerate
 * @param amplitudes the state, of length 1; its sign means nothing
 * @param products how often the Hamiltonian was applied, or 1 where it was diagonalised whole
 * @param residual how long (H - E0) times the state is left, as a part of the Hamiltonian's width
 */
record GroundState(double energy, double gap, double[] amplitudes, int products, double residual) {

    /** Up to this many amplitudes all states are found at once, which is then faster. */
    private static final int DENSE = 16;

    /** The Krylov space is begun anew from its best vector when it has this many. */
    private static final int MOST_VECTORS = 120;

    private static final int MOST_PRODUCTS = 6_000;

    /** An energy is wrong only by the square of the residual, so that the gap needs no closer one. */
    private static final double GAP_RESIDUAL = 1e-7;

    /** The state of least energy, to a residual of {@code tolerance} in parts of the Hamiltonian's width. */
    static GroundState of(QubitHamiltonian hamiltonian, double tolerance) {
        if (hamiltonian.dimension() <= DENSE) {
            return dense(hamiltonian);
        }
        double width = Math.max(hamiltonian.width(), Double.MIN_NORMAL);
        Ritz ground = lanczos(hamiltonian, new double[0], tolerance * width);
        // A Krylov space holds one state of a degenerate pair. What is left beside the first shows the other.
        Ritz next = lanczos(hamiltonian, ground.vector, Math.max(tolerance, GAP_RESIDUAL) * width);
        return new GroundState(
                ground.energy,
                Math.max(0, next.energy - ground.energy),
                ground.vector,
                ground.products + next.products,
                ground.residual / width);
    }

    /** All states by Householder reduction and QL, from which the two lowest. */
    static GroundState dense(QubitHamiltonian hamiltonian) {
        int size = hamiltonian.dimension();
        double[][] matrix = new double[size][size];
        double[] unit = new double[size];
        for (int s = 0; s < size; s++) {
            unit[s] = 1;
            hamiltonian.apply(unit, 0, matrix[s], 0, 0, 1);
            unit[s] = 0;
        }
        EigenDecomposition states = new EigenDecomposition(new Array2DRowRealMatrix(matrix, false));
        double[] energies = states.getRealEigenvalues();
        int lowest = 0;
        for (int k = 1; k < size; k++) {
            lowest = energies[k] < energies[lowest] ? k : lowest;
        }
        double next = Double.POSITIVE_INFINITY;
        for (int k = 0; k < size; k++) {
            next = k == lowest ? next : Math.min(next, energies[k]);
        }
        double[] vector = states.getEigenvector(lowest).toArray();
        double[] left = new double[size];
        hamiltonian.apply(vector, 0, left, 0, energies[lowest], 1);
        double width = Math.max(hamiltonian.width(), Double.MIN_NORMAL);
        return new GroundState(
                energies[lowest], next - energies[lowest], vector, 1, Math.sqrt(dot(left, left)) / width);
    }

    /** The best approximation from a Krylov space. */
    private record Ritz(double energy, double[] vector, int products, double residual) {}

    /**
     * The lowest state of those at right angles to {@code beside}, by the Lanczos iteration with every vector kept at right
     * angles to all before it: without that, copies of states already found would come up and pass for a degeneracy.
     */
    private static Ritz lanczos(QubitHamiltonian hamiltonian, double[] beside, double tolerance) {
        int size = hamiltonian.dimension();
        int room = beside.length == 0 ? size : size - 1;
        double[] start = new double[size];
        // Another one for the second search: in the Krylov space of the first a degenerate pair is one state only.
        SplittableRandom random = new SplittableRandom(beside.length);
        for (int s = 0; s < size; s++) {
            // Near the state where all transverse fields have their way, but in no corner that a symmetry keeps apart.
            start[s] = 1 + random.nextDouble(-0.5, 0.5);
        }
        int products = 0;
        while (true) {
            int most = Math.min(room, MOST_VECTORS);
            double[][] basis = new double[most][];
            double[] alpha = new double[most];
            double[] beta = new double[most];
            double[] vector = start;
            for (int m = 0; ; m++) {
                if (beside.length > 0) {
                    add(vector, beside, -dot(vector, beside));
                }
                scale(vector, 1 / Math.sqrt(dot(vector, vector)));
                basis[m] = vector;
                double[] next = new double[size];
                hamiltonian.apply(vector, 0, next, 0, 0, 1);
                products++;
                alpha[m] = dot(vector, next);
                add(next, vector, -alpha[m]);
                if (m > 0) {
                    add(next, basis[m - 1], -beta[m - 1]);
                }
                for (int k = 0; k <= m; k++) {
                    add(next, basis[k], -dot(next, basis[k]));
                }
                if (beside.length > 0) {
                    add(next, beside, -dot(next, beside));
                }
                beta[m] = Math.sqrt(dot(next, next));
                boolean full = m + 1 == most;
                boolean exhausted = m + 1 == room || beta[m] <= 1e-15 * hamiltonian.width();
                if (full || exhausted || m % 5 == 4) {
                    EigenDecomposition small = small(alpha, beta, m + 1);
                    int lowest = lowest(small);
                    double[] weights = small.getEigenvector(lowest).toArray();
                    double residual = exhausted ? 0 : beta[m] * Math.abs(weights[m]);
                    boolean over = residual <= tolerance || products >= MOST_PRODUCTS;
                    if (over || full) {
                        double[] best = new double[size];
                        for (int k = 0; k <= m; k++) {
                            add(best, basis[k], weights[k]);
                        }
                        scale(best, 1 / Math.sqrt(dot(best, best)));
                        if (over) {
                            return new Ritz(small.getRealEigenvalue(lowest), best, products, residual);
                        }
                        start = best;
                        break;
                    }
                }
                vector = next;
            }
        }
    }

    private static EigenDecomposition small(double[] alpha, double[] beta, int size) {
        double[] main = Arrays.copyOf(alpha, size);
        double[] secondary = Arrays.copyOf(beta, size - 1);
        return new EigenDecomposition(main, secondary);
    }

    private static int lowest(EigenDecomposition states) {
        double[] energies = states.getRealEigenvalues();
        int lowest = 0;
        for (int k = 1; k < energies.length; k++) {
            lowest = energies[k] < energies[lowest] ? k : lowest;
        }
        return lowest;
    }

    static double dot(double[] a, double[] b) {
        // Four sums: one alone would wait for itself at each addition.
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int s = 0;
        for (; s + 3 < a.length; s += 4) {
            s0 += a[s] * b[s];
            s1 += a[s + 1] * b[s + 1];
            s2 += a[s + 2] * b[s + 2];
            s3 += a[s + 3] * b[s + 3];
        }
        for (; s < a.length; s++) {
            s0 += a[s] * b[s];
        }
        return s0 + s1 + (s2 + s3);
    }

    static void add(double[] to, double[] what, double factor) {
        for (int s = 0; s < to.length; s++) {
            to[s] += factor * what[s];
        }
    }

    private static void scale(double[] vector, double factor) {
        for (int s = 0; s < vector.length; s++) {
            vector[s] *= factor;
        }
    }
}
