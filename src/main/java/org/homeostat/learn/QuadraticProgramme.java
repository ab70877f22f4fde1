package org.homeostat.learn;

import java.util.Arrays;

/**
 * Quadratic programming with someone else's linear solver: least {@code x' Q x / 2 + c' x} where {@code G x <= h}, by
 * Mehrotra's predictor-corrector interior-point method (SIAM J. Optim. 2 (1992) 575). Every step solves two systems with the
 * matrix {@code Q + G' diag(z / s) G}, which is positive definite; with a thermodynamic device as the solver this is the
 * hybrid loop of arXiv 2411.14224.
 *
 * @param q symmetric and positive definite
 * @param c one number a variable
 * @param g one row a constraint
 * @param h one number a constraint
 */
public record QuadraticProgramme(double[][] q, double[] c, double[][] g, double[] h) {

    private static final int MOST_ROUNDS = 60;

    /** How far towards the boundary a step goes. */
    private static final double SHORT_OF = 0.995;

    /** Solves a symmetric positive definite system. */
    public interface Solver {
        double[] solve(double[][] a, double[] b);
    }

    /**
     * A solution.
     *
     * @param x the variables
     * @param multipliers how hard each constraint pushes; 0 where it does not
     * @param gap mean complementarity, in the unit of the objective: 0 at the optimum
     * @param rounds steps made
     * @param solved false if the gap did not fall as far as was asked
     */
    public record Solution(double[] x, double[] multipliers, double gap, int rounds, boolean solved) {}

    public QuadraticProgramme {
        int n = c.length;
        if (n < 1 || q.length != n || g.length != h.length) {
            throw new IllegalArgumentException("a quadratic programme of " + n + " variables and " + h.length
                    + " constraints has " + q.length + " rows of Q and " + g.length + " rows of G");
        }
        for (double[] row : q) {
            requireLength(row, n, "Q");
        }
        for (double[] row : g) {
            requireLength(row, n, "G");
        }
    }

    private static void requireLength(double[] row, int n, String what) {
        if (row.length != n) {
            throw new IllegalArgumentException(
                    "a row of " + what + " has " + row.length + " numbers; expected " + n + ", one a variable");
        }
    }

    /**
     * Solves it.
     *
     * @param tolerance the gap and the violations allowed, in parts of the largest number in the programme
     */
    public Solution solved(Solver solver, double tolerance) {
        int n = c.length;
        int m = h.length;
        double size = 1;
        for (double[][] block : new double[][][] {q, g, {c}, {h}}) {
            for (double[] row : block) {
                for (double value : row) {
                    size = Math.max(size, Math.abs(value));
                }
            }
        }
        double[] negative = Arrays.stream(c).map(value -> -value).toArray();
        double[] x = solver.solve(q, negative);
        double[] slack = new double[m];
        double[] z = new double[m];
        if (m == 0) {
            return new Solution(x, z, 0, 1, true);
        }
        double[] over = times(g, x);
        for (int i = 0; i < m; i++) {
            slack[i] = Math.max(1, h[i] - over[i]);
            z[i] = 1;
        }
        double gap = Double.POSITIVE_INFINITY;
        for (int round = 1; round <= MOST_ROUNDS; round++) {
            double[] dual = plus(plus(times(q, x), c), timesTransposed(g, z));
            double[] primal = minus(plus(times(g, x), slack), h);
            gap = dot(slack, z) / m;
            if (gap <= tolerance * size && largest(dual) <= tolerance * size && largest(primal) <= tolerance * size) {
                return new Solution(x, z, gap, round, true);
            }
            double[][] matrix = matrix(slack, z);
            double[] predicted = products(slack, z, 0);
            Step affine = step(solver, matrix, dual, primal, predicted, slack, z);
            double reach = Math.min(reach(slack, affine.slack), reach(z, affine.z));
            double after = 0;
            for (int i = 0; i < m; i++) {
                after += (slack[i] + reach * affine.slack[i]) * (z[i] + reach * affine.z[i]) / m;
            }
            double centring = Math.pow(after / gap, 3) * gap;
            double[] corrected = products(slack, z, centring);
            for (int i = 0; i < m; i++) {
                corrected[i] += affine.slack[i] * affine.z[i];
            }
            Step step = step(solver, matrix, dual, primal, corrected, slack, z);
            double length = Math.min(1, SHORT_OF * Math.min(reach(slack, step.slack), reach(z, step.z)));
            for (int j = 0; j < n; j++) {
                x[j] += length * step.x[j];
            }
            for (int i = 0; i < m; i++) {
                slack[i] += length * step.slack[i];
                z[i] += length * step.z[i];
            }
        }
        return new Solution(x, z, gap, MOST_ROUNDS, false);
    }

    private record Step(double[] x, double[] slack, double[] z) {}

    private double[][] matrix(double[] slack, double[] z) {
        int n = c.length;
        double[][] matrix = new double[n][];
        Arrays.setAll(matrix, j -> q[j].clone());
        for (int i = 0; i < slack.length; i++) {
            for (int j = 0; j < n; j++) {
                for (int k = 0; k < n; k++) {
                    matrix[j][k] += g[i][j] * z[i] / slack[i] * g[i][k];
                }
            }
        }
        return matrix;
    }

    /** What of slack times multiplier is to go. */
    private static double[] products(double[] slack, double[] z, double kept) {
        double[] products = new double[slack.length];
        Arrays.setAll(products, i -> slack[i] * z[i] - kept);
        return products;
    }

    /** Newton's step on {@code Q x + c + G' z = 0, G x + s = h, s z = kept}, all but x put in. */
    private Step step(
            Solver solver,
            double[][] matrix,
            double[] dual,
            double[] primal,
            double[] products,
            double[] slack,
            double[] z) {
        int m = slack.length;
        double[] weighted = new double[m];
        Arrays.setAll(weighted, i -> (z[i] * primal[i] - products[i]) / slack[i]);
        double[] load = plus(dual, timesTransposed(g, weighted));
        double[] dx =
                solver.solve(matrix, Arrays.stream(load).map(value -> -value).toArray());
        double[] moved = times(g, dx);
        double[] ds = new double[m];
        double[] dz = new double[m];
        for (int i = 0; i < m; i++) {
            ds[i] = -primal[i] - moved[i];
            dz[i] = (-products[i] - z[i] * ds[i]) / slack[i];
        }
        return new Step(dx, ds, dz);
    }

    /** How much of a step leaves everything above 0. */
    private static double reach(double[] at, double[] step) {
        double reach = 1;
        for (int i = 0; i < at.length; i++) {
            reach = step[i] < 0 ? Math.min(reach, -at[i] / step[i]) : reach;
        }
        return reach;
    }

    private static double[] times(double[][] a, double[] x) {
        double[] product = new double[a.length];
        Arrays.setAll(product, i -> dot(a[i], x));
        return product;
    }

    private double[] timesTransposed(double[][] a, double[] y) {
        double[] product = new double[c.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < product.length; j++) {
                product[j] += a[i][j] * y[i];
            }
        }
        return product;
    }

    private static double[] plus(double[] a, double[] b) {
        double[] sum = new double[a.length];
        Arrays.setAll(sum, i -> a[i] + b[i]);
        return sum;
    }

    private static double[] minus(double[] a, double[] b) {
        double[] difference = new double[a.length];
        Arrays.setAll(difference, i -> a[i] - b[i]);
        return difference;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }
}
