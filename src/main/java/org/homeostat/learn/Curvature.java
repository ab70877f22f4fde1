package org.homeostat.learn;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The damped Gauss-Newton matrix of a batch, as factors: {@code A = J' H J / b + lambda I} (arXiv 2405.13817, section 3). For
 * losses of the exponential family it is the damped Fisher matrix.
 *
 * @param jacobian J: the slopes of each output over each parameter, the outputs of one sample after those of another
 * @param blocks H: for each sample the curvature of the cost over its outputs
 * @param damping lambda
 */
public record Curvature(double[][] jacobian, double[][][] blocks, double damping) {

    public Curvature {
        if (!(damping > 0)) {
            throw new IllegalArgumentException("damping: expected a number above 0, not " + damping);
        }
    }

    /** How many parameters there are. */
    public int parameters() {
        return jacobian[0].length;
    }

    /** How many samples there are. */
    public int samples() {
        return blocks.length;
    }

    /** How many outputs each sample has. */
    public int width() {
        return blocks[0].length;
    }

    /**
     * The curvature of a cost over the outputs.
     *
     * @throws IllegalArgumentException if the cost has none that is known here
     */
    static double[][] of(Cost cost, double[] outputs, double[] target) {
        double[][] h = new double[outputs.length][outputs.length];
        switch (cost) {
            case Cost.SquaredError squared -> {
                for (int k = 0; k < h.length; k++) {
                    h[k][k] = Double.isNaN(target[k]) ? 0 : 1;
                }
            }
            case Cost.CrossEntropy entropy -> {
                // The gradient is swing (p - target); its slope swing / temperature (diag p - p p').
                double[] p = entropy.gradient(outputs, target);
                for (int k = 0; k < p.length; k++) {
                    p[k] = Double.isNaN(target[k]) ? 0 : p[k] / entropy.swing() + target[k];
                }
                double scale = entropy.swing() / entropy.temperature();
                for (int i = 0; i < h.length; i++) {
                    for (int j = 0; j < h.length; j++) {
                        h[i][j] = scale * ((i == j ? p[i] : 0) - p[i] * p[j]);
                    }
                }
            }
            default ->
                throw new IllegalArgumentException(
                        "natural gradient needs a cost whose curvature is known: squared_error or cross_entropy");
        }
        return h;
    }

    /**
     * {@code A^-1 v} by Woodbury's identity: {@code v / lambda - U (I + V U / lambda)^-1 V v / lambda^2} with {@code U = J'}
     * and {@code V = H J / b}.
     */
    public double[] solved(double[] v) {
        RealMatrix j = new Array2DRowRealMatrix(jacobian, false);
        int rows = jacobian.length;
        double[][] gram = new double[rows][rows];
        for (int p = 0; p < rows; p++) {
            for (int q = 0; q <= p; q++) {
                gram[p][q] = dot(jacobian[p], jacobian[q]);
                gram[q][p] = gram[p][q];
            }
        }
        double[] reached = j.operate(v);
        double[][] small = new double[rows][rows];
        double[] weighted = new double[rows];
        int width = width();
        for (int p = 0; p < rows; p++) {
            int first = p / width * width;
            for (int q = 0; q < width; q++) {
                double factor = blocks[p / width][p % width][q] / samples();
                weighted[p] += factor * reached[first + q];
                for (int r = 0; r < rows; r++) {
                    small[p][r] += factor * gram[first + q][r] / damping;
                }
            }
            small[p][p] += 1;
        }
        double[] middle = new LUDecomposition(new Array2DRowRealMatrix(small, false))
                .getSolver()
                .solve(new ArrayRealVector(weighted, false))
                .toArray();
        double[] back = j.preMultiply(middle);
        double[] solved = new double[v.length];
        Arrays.setAll(solved, n -> v[n] / damping - back[n] / damping / damping);
        return solved;
    }

    /** Four sums at once: one alone would wait for itself. */
    private static double dot(double[] a, double[] b) {
        double one = 0;
        double two = 0;
        double three = 0;
        double four = 0;
        int n = 0;
        for (; n + 3 < a.length; n += 4) {
            one += a[n] * b[n];
            two += a[n + 1] * b[n + 1];
            three += a[n + 2] * b[n + 2];
            four += a[n + 3] * b[n + 3];
        }
        for (; n < a.length; n++) {
            one += a[n] * b[n];
        }
        return one + two + three + four;
    }
}
