package org.homeostat.algebra;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Quadratic programming with someone else's linear solver: least {@code x' Q x / 2 + c' x} where {@code G x <= h}, by
 * Mehrotra's predictor-corrector interior-point method (SIAM J. Optim. 2 (1992) 575). Every step solves two systems with the
 * matrix {@code Q + G' diag(z / s) G}, which is positive definite; with a thermodynamic device as the solver this is the
 * hybrid loop of arXiv 2411.14224. Near the optimum that matrix becomes as badly conditioned as the answer is good, which no
 * analog solver bears; so from a moderate gap on the constraints that push are taken as equations, and the systems are with
 * Q and with {@code G_a Q^-1 G_a'}. If that answer does not meet every condition of the optimum, the steps go on.
 *
 * @param q symmetric and positive definite
 * @param c one number a variable
 * @param g one row a constraint
 * @param h one number a constraint
 */
public record QuadraticProgramme(double[][] q, double[] c, double[][] g, double[] h) {

    private static final int MOST_ROUNDS = 60;

    /** From which gap on the constraints that push are taken as equations, in parts of the largest number. */
    private static final double MODERATE = 1e-3;

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
        double unit = largest(q);
        if (!(unit > 0)) {
            throw new IllegalArgumentException("Q has no number other than 0; expected it positive definite");
        }
        double[][] scaled = new double[q.length][];
        Arrays.setAll(
                scaled, j -> Arrays.stream(q[j]).map(value -> value / unit).toArray());
        Solution found = new QuadraticProgramme(
                        scaled, Arrays.stream(c).map(value -> value / unit).toArray(), g, h)
                .inward(solver, tolerance);
        return new Solution(
                found.x,
                Arrays.stream(found.multipliers).map(value -> value * unit).toArray(),
                found.gap * unit,
                found.rounds,
                found.solved);
    }

    /** With Q of the order of one. */
    private Solution inward(Solver solver, double tolerance) {
        int n = c.length;
        int m = h.length;
        double size = Math.max(1, Math.max(Math.max(largest(c), largest(g)), largest(h)));
        double[] x = solver.solve(q, negative(c));
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
        double crossing = MODERATE;
        for (int round = 1; round <= MOST_ROUNDS; round++) {
            double[] dual = plus(plus(times(q, x), c), timesTransposed(g, z));
            double[] primal = minus(plus(times(g, x), slack), h);
            gap = dot(slack, z) / m;
            double off = Math.max(gap, Math.max(largest(dual), largest(primal)));
            if (off <= tolerance * size) {
                return new Solution(x, z, gap, round, true);
            }
            if (off <= crossing * size) {
                Solution crossed = crossed(solver, slack, z, tolerance * size, round);
                if (crossed != null) {
                    return crossed;
                }
                crossing *= MODERATE;
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

    /** The optimum if the constraints that push are those that push now; null if they are not. */
    private @Nullable Solution crossed(Solver solver, double[] slack, double[] z, double allowed, int round) {
        int[] active = independent(IntStream.range(0, z.length)
                .filter(i -> z[i] > slack[i])
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -z[i]))
                .mapToInt(Integer::intValue)
                .toArray());
        double[] x = solver.solve(q, negative(c));
        double[] multipliers = new double[z.length];
        if (active.length > 0) {
            double[][] columns = new double[active.length][];
            Arrays.setAll(columns, i -> solver.solve(q, g[active[i]]));
            double[][] small = new double[active.length][active.length];
            double[] load = new double[active.length];
            for (int i = 0; i < active.length; i++) {
                load[i] = dot(g[active[i]], x) - h[active[i]];
                for (int j = 0; j <= i; j++) {
                    // The two halves differ by what the solver leaves over; the matrix must be symmetric.
                    small[i][j] = 0.5 * (dot(g[active[i]], columns[j]) + dot(g[active[j]], columns[i]));
                    small[j][i] = small[i][j];
                }
            }
            double[] push = solver.solve(small, load);
            for (int i = 0; i < active.length; i++) {
                multipliers[active[i]] = push[i];
                for (int j = 0; j < x.length; j++) {
                    x[j] -= push[i] * columns[i][j];
                }
            }
        }
        double[] beyond = minus(times(g, x), h);
        double gap = 0;
        for (int i = 0; i < beyond.length; i++) {
            if (beyond[i] > allowed || multipliers[i] < -allowed) {
                return null;
            }
            gap += Math.abs(multipliers[i] * beyond[i]) / beyond.length;
        }
        double[] dual = plus(plus(times(q, x), c), timesTransposed(g, multipliers));
        return largest(dual) <= allowed && gap <= allowed ? new Solution(x, multipliers, gap, round, true) : null;
    }

    /** Those constraints, in that order, whose normals are not made of those before them. */
    private int[] independent(int[] some) {
        List<double[]> basis = new ArrayList<>();
        List<Integer> kept = new ArrayList<>();
        for (int i : some) {
            double[] rest = g[i].clone();
            for (double[] unit : basis) {
                double along = dot(unit, rest);
                for (int j = 0; j < rest.length; j++) {
                    rest[j] -= along * unit[j];
                }
            }
            double length = Math.sqrt(dot(rest, rest));
            if (length > 1e-6 * Math.sqrt(dot(g[i], g[i]))) {
                basis.add(Arrays.stream(rest).map(value -> value / length).toArray());
                kept.add(i);
            }
        }
        return kept.stream().mapToInt(Integer::intValue).toArray();
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

    private static double[] negative(double[] values) {
        return Arrays.stream(values).map(value -> -value).toArray();
    }

    private static double largest(double[][] rows) {
        return Arrays.stream(rows)
                .mapToDouble(QuadraticProgramme::largest)
                .max()
                .orElse(0);
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }
}
