package org.homeostat.circuit;

/** The Cholesky factor of a small dense matrix, by rows of its lower triangle. */
final class DenseCholesky {

    private final double[][] lower;

    /**
     * Factors in place. A pivot that is not positive is taken for the least there is.
     *
     * @param matrix its lower triangle by rows, row i of {@code i + 1} numbers; taken over
     */
    DenseCholesky(double[][] matrix) {
        lower = matrix;
        for (int i = 0; i < lower.length; i++) {
            double[] mine = lower[i];
            for (int j = 0; j <= i; j++) {
                double[] other = lower[j];
                double sum = mine[j];
                for (int k = 0; k < j; k++) {
                    sum -= mine[k] * other[k];
                }
                mine[j] = j < i ? sum / other[j] : Math.sqrt(Math.max(sum, Double.MIN_NORMAL));
            }
        }
    }

    /** {@code x <- A^-1 x}. */
    void solve(double[] x) {
        for (int i = 0; i < lower.length; i++) {
            double sum = x[i];
            for (int k = 0; k < i; k++) {
                sum -= lower[i][k] * x[k];
            }
            x[i] = sum / lower[i][i];
        }
        for (int i = lower.length - 1; i >= 0; i--) {
            x[i] /= lower[i][i];
            for (int k = 0; k < i; k++) {
                x[k] -= lower[i][k] * x[i];
            }
        }
    }
}
