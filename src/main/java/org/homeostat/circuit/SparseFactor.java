package org.homeostat.circuit;

import java.util.Arrays;
import org.ejml.data.DMatrixSparseCSC;
import org.ejml.sparse.csc.decomposition.chol.CholeskyUpLooking_DSCC;
import org.ejml.sparse.csc.misc.TriangularSolver_DSCC;

/**
 * The Cholesky factor of a sparse positive definite matrix of conductances, {@code L L'}, rows in the order given. The
 * factor is EJML's; the order is the caller's, as EJML has none that keeps a factor sparse.
 */
final class SparseFactor {

    private final DMatrixSparseCSC lower;

    /** Flops of making it, about: the sum of its squared column lengths. */
    private final double work;

    private SparseFactor(DMatrixSparseCSC lower) {
        this.lower = lower;
        double sum = 0;
        for (int column = 0; column < lower.numCols; column++) {
            double length = lower.col_idx[column + 1] - lower.col_idx[column];
            sum += length * length;
        }
        work = sum;
    }

    /**
     * Factors the matrix of a graph: {@code diagonal} and, for each edge, minus its siemens at both its places; edges between
     * the same two rows add up. Null where the matrix is not positive definite to working precision.
     *
     * @param a lower end of each edge
     * @param b higher end of each edge
     * @param edges how many of {@code a}, {@code b} and {@code siemens} count
     */
    static @org.jspecify.annotations.Nullable SparseFactor of(
            double[] diagonal, int[] a, int[] b, double[] siemens, int edges) {
        int n = diagonal.length;
        // Sorted by row a, then spread into the columns b: within a column rows rise, and edges between the same two
        // meet.
        int[] row = new int[n + 1];
        for (int e = 0; e < edges; e++) {
            row[a[e] + 1]++;
        }
        for (int i = 0; i < n; i++) {
            row[i + 1] += row[i];
        }
        int[] byRow = new int[edges];
        int[] put = Arrays.copyOf(row, n);
        for (int e = 0; e < edges; e++) {
            byRow[put[a[e]]++] = e;
        }
        int[] column = new int[n + 1];
        int[] seen = new int[n];
        Arrays.fill(seen, -1);
        for (int i = 0; i < n; i++) {
            for (int k = row[i]; k < row[i + 1]; k++) {
                int j = b[byRow[k]];
                if (seen[j] != i) {
                    seen[j] = i;
                    column[j + 1]++;
                }
            }
        }
        for (int j = 0; j < n; j++) {
            column[j + 1] += column[j] + 1;
        }
        DMatrixSparseCSC upper = new DMatrixSparseCSC(n, n, column[n]);
        System.arraycopy(column, 0, upper.col_idx, 0, n + 1);
        upper.nz_length = column[n];
        System.arraycopy(column, 0, put, 0, n);
        Arrays.fill(seen, -1);
        for (int i = 0; i < n; i++) {
            for (int k = row[i]; k < row[i + 1]; k++) {
                int e = byRow[k];
                int j = b[e];
                if (seen[j] != i) {
                    seen[j] = i;
                    upper.nz_rows[put[j]] = i;
                    upper.nz_values[put[j]] = 0;
                    put[j]++;
                }
                upper.nz_values[put[j] - 1] -= siemens[e];
            }
            upper.nz_rows[put[i]] = i;
            upper.nz_values[put[i]] = diagonal[i];
        }
        upper.indicesSorted = true;
        CholeskyUpLooking_DSCC cholesky = new CholeskyUpLooking_DSCC();
        return cholesky.decompose(upper) ? new SparseFactor(cholesky.getL()) : null;
    }

    int size() {
        return lower.numCols;
    }

    double work() {
        return work;
    }

    /** {@code x <- L^-1 x}. */
    void down(double[] x) {
        TriangularSolver_DSCC.solveL(lower, x);
    }

    /** {@code x <- L'^-1 x}. */
    void up(double[] x) {
        TriangularSolver_DSCC.solveTranL(lower, x);
    }

    /** A vector that is 0 but at its places, in rising order. */
    record Sparse(int[] at, double[] value) {

        /** The inner product with a dense vector. */
        double dot(double[] dense) {
            double sum = 0;
            for (int k = 0; k < at.length; k++) {
                sum += value[k] * dense[at[k]];
            }
            return sum;
        }

        /** {@code dense += times * this}. */
        void addTo(double[] dense, double times) {
            for (int k = 0; k < at.length; k++) {
                dense[at[k]] += times * value[k];
            }
        }

        /** {@code dense = 0} at its places. */
        void clear(double[] dense) {
            for (int place : at) {
                dense[place] = 0;
            }
        }
    }

    /**
     * {@code L^-1 c} where c is 1 at {@code plus} and -1 at {@code minus}, either of which may be -1 for nowhere. Only places
     * on their paths to the root of the elimination tree are touched.
     *
     * @param zeros a vector of zeros, left as such
     */
    Sparse down(int plus, int minus, double[] zeros) {
        int[] path = new int[16];
        int count = 0;
        int i = plus;
        int j = minus;
        // Parents lie higher: the two paths are merged in rising order, and are one from where they meet.
        while (i >= 0 || j >= 0) {
            int at = i < 0 ? j : j < 0 ? i : Math.min(i, j);
            if (count == path.length) {
                path = Arrays.copyOf(path, 2 * count);
            }
            path[count++] = at;
            int parent = parent(at);
            i = i == at ? parent : i;
            j = j == at ? parent : j;
        }
        if (plus >= 0) {
            zeros[plus] += 1;
        }
        if (minus >= 0) {
            zeros[minus] -= 1;
        }
        int[] at = Arrays.copyOf(path, count);
        double[] value = new double[count];
        int[] columns = lower.col_idx;
        int[] rows = lower.nz_rows;
        double[] values = lower.nz_values;
        for (int k = 0; k < count; k++) {
            int column = at[k];
            int from = columns[column];
            double x = zeros[column] / values[from];
            value[k] = x;
            zeros[column] = 0;
            for (int p = from + 1; p < columns[column + 1]; p++) {
                zeros[rows[p]] -= values[p] * x;
            }
        }
        return new Sparse(at, value);
    }

    private int parent(int column) {
        int below = lower.col_idx[column] + 1;
        return below < lower.col_idx[column + 1] ? lower.nz_rows[below] : -1;
    }
}
