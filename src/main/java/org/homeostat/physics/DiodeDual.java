package org.homeostat.physics;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.DecompositionSolver;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.linear.SingularValueDecomposition;

/**
 * Settles a small resistive network with ideal diodes anywhere, through the dual of its quadratic programme.
 *
 * <p>The voltages are {@code v = H^-1 (r - C' lambda)}, with one current lambda >= 0 a diode; Hildreth's method (a
 * projected Gauss-Seidel iteration on the dual, Quart. Appl. Math. 4 (1957) 79) finds which diodes conduct, and one linear
 * solve with those makes the answer exact. Cost grows with the cube of the number of nodes.
 */
final class DiodeDual {

    private static final int MOST_SWEEPS = 200_000;

    private record Limit(double[] normal, double bound) {}

    private final RealVector loads;
    private final RealMatrix curvature;
    private final List<Limit> limits = new ArrayList<>();
    private final double[] total;

    DiodeDual(ResistiveNetwork network, double[] theta, double[] pull, double[] total, ResistiveNetwork.Range range) {
        int nodes = pull.length;
        double[][] matrix = new double[nodes][nodes];
        network.coupling(theta, matrix);
        for (int node = 0; node < nodes; node++) {
            matrix[node][node] += total[node];
            if (range.lowest()[node] > Double.NEGATIVE_INFINITY) {
                limits.add(limit(nodes, node, -1, -1, -range.lowest()[node]));
            }
            if (range.highest()[node] < Double.POSITIVE_INFINITY) {
                limits.add(limit(nodes, node, 1, -1, range.highest()[node]));
            }
        }
        for (ResistiveNetwork.Diode diode : network.diodes()) {
            limits.add(limit(nodes, diode.anode(), 1, diode.cathode(), 0));
        }
        this.total = total;
        loads = new ArrayRealVector(pull, false);
        curvature = new Array2DRowRealMatrix(matrix, false);
    }

    private static Limit limit(int nodes, int node, double sign, int minus, double bound) {
        double[] normal = new double[nodes];
        normal[node] = sign;
        if (minus >= 0) {
            normal[minus] = -sign;
        }
        return new Limit(normal, bound);
    }

    Rest solve(double[] state, double tolerance) {
        DecompositionSolver hessian;
        try {
            hessian = new CholeskyDecomposition(curvature, 1e-9, 0).getSolver();
        } catch (NonPositiveDefiniteMatrixException noMinimum) {
            return new Rest(0, Double.POSITIVE_INFINITY, false);
        }
        int n = limits.size();
        RealVector unlimited = hessian.solve(loads);
        RealMatrix normals = new Array2DRowRealMatrix(n, state.length);
        double[] excess = new double[n];
        for (int i = 0; i < n; i++) {
            normals.setRow(i, limits.get(i).normal);
            excess[i] = normals.getRowVector(i).dotProduct(unlimited) - limits.get(i).bound;
        }
        RealMatrix dual = normals.multiply(hessian.solve(normals.transpose()));
        double[] lambda = new double[n];
        int sweeps = 0;
        double change = Double.POSITIVE_INFINITY;
        while (change > 1e-12 && sweeps < MOST_SWEEPS) {
            change = hildreth(dual, excess, lambda);
            sweeps++;
        }
        double[] polished = polish(dual, excess, lambda);
        double[] best = violation(dual, excess, polished) <= violation(dual, excess, lambda) ? polished : lambda;
        RealVector currents = normals.preMultiply(new ArrayRealVector(best, false));
        RealVector volts = hessian.solve(loads.subtract(currents));
        System.arraycopy(volts.toArray(), 0, state, 0, state.length);
        double residual = violation(dual, excess, best) / scale(state);
        return new Rest(sweeps, residual, residual <= tolerance);
    }

    /** One sweep; returns the largest change of a diode's voltage, relative to the largest voltage asked for. */
    private static double hildreth(RealMatrix dual, double[] excess, double[] lambda) {
        double change = 0;
        double scale = Double.MIN_NORMAL;
        for (int i = 0; i < lambda.length; i++) {
            double left = excess[i];
            for (int j = 0; j < lambda.length; j++) {
                left -= dual.getEntry(i, j) * lambda[j];
            }
            double moved = Math.max(0, lambda[i] + left / dual.getEntry(i, i));
            change = Math.max(change, Math.abs(moved - lambda[i]) * dual.getEntry(i, i));
            scale = Math.max(scale, Math.abs(excess[i]));
            lambda[i] = moved;
        }
        return change / scale;
    }

    /** Solves exactly for the diodes that conduct, leaving out those to which that gives a current of the wrong sign. */
    private static double[] polish(RealMatrix dual, double[] excess, double[] lambda) {
        int[] active =
                IntStream.range(0, lambda.length).filter(i -> lambda[i] > 0).toArray();
        double[] polished = new double[lambda.length];
        while (active.length > 0) {
            RealVector wanted = new ArrayRealVector(active.length);
            for (int i = 0; i < active.length; i++) {
                wanted.setEntry(i, excess[active[i]]);
            }
            // Diodes in parallel share a current in no unique way: the pseudo-inverse picks one.
            RealVector solved = new SingularValueDecomposition(dual.getSubMatrix(active, active))
                    .getSolver()
                    .solve(wanted);
            if (solved.getMinValue() >= 0) {
                for (int i = 0; i < active.length; i++) {
                    polished[active[i]] = solved.getEntry(i);
                }
                return polished;
            }
            int[] all = active;
            active = IntStream.range(0, all.length)
                    .filter(i -> solved.getEntry(i) >= 0)
                    .map(i -> all[i])
                    .toArray();
        }
        return polished;
    }

    /** The largest violation of a diode's law, in volts. */
    private static double violation(RealMatrix dual, double[] excess, double[] lambda) {
        double worst = 0;
        for (int i = 0; i < lambda.length; i++) {
            double left = excess[i];
            for (int j = 0; j < lambda.length; j++) {
                left -= dual.getEntry(i, j) * lambda[j];
            }
            // A blocking diode may have any reverse voltage (left < 0); a conducting one has none.
            worst = Math.max(worst, lambda[i] > 0 ? Math.abs(left) : left);
        }
        return worst;
    }

    /** The largest voltage in the network, or asked of it. */
    private double scale(double[] state) {
        double scale = Double.MIN_NORMAL;
        for (int node = 0; node < state.length; node++) {
            scale = Math.max(scale, Math.max(Math.abs(state[node]), Math.abs(loads.getEntry(node)) / total[node]));
        }
        return scale;
    }
}
