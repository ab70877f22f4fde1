package org.homeostat.physics;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * The second derivative of an energy at a place, factorised where it is positive definite: only there is the energy a bowl,
 * and only there does a force tell where its floor is.
 */
final class Stiffness {

    /** A pivot smaller than this part of the largest diagonal element is rounding, not stiffness. */
    private static final double ROUNDING = 1e-13;

    private static final double ASYMMETRY = 1e-9;

    private final CholeskyDecomposition factors;
    private final double scale;

    private Stiffness(CholeskyDecomposition factors, double scale) {
        this.factors = factors;
        this.scale = scale;
    }

    /** The factors of a symmetric matrix, or null if it is not safely positive definite. */
    static @Nullable Stiffness of(double[][] matrix) {
        double scale = scale(matrix);
        if (!(scale > 0) || !Double.isFinite(scale)) {
            return null;
        }
        try {
            RealMatrix scaled = new Array2DRowRealMatrix(matrix, false).scalarMultiply(1 / scale);
            return new Stiffness(new CholeskyDecomposition(scaled, ASYMMETRY, ROUNDING), scale);
        } catch (NonPositiveDefiniteMatrixException indefinite) {
            return null;
        }
    }

    private static double scale(double[][] matrix) {
        double scale = 0;
        for (int i = 0; i < matrix.length; i++) {
            scale = Math.max(scale, Math.abs(matrix[i][i]));
        }
        return scale;
    }

    /** The displacement that a force makes. */
    double[] solve(double[] force) {
        double[] moved =
                factors.getSolver().solve(new ArrayRealVector(force, false)).toArray();
        for (int i = 0; i < moved.length; i++) {
            moved[i] /= scale;
        }
        return moved;
    }

    /**
     * The softest direction of a symmetric matrix and how stiff it is.
     *
     * @param value the least eigenvalue, as a part of the largest diagonal element
     * @param direction its eigenvector, of length 1
     */
    record Softest(double value, double[] direction) {
        static Softest of(double[][] matrix) {
            double scale = scale(matrix);
            if (!(scale > 0)) {
                double[] any = new double[matrix.length];
                any[0] = 1;
                return new Softest(0, any);
            }
            EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(matrix, true));
            int least = 0;
            for (int i = 1; i < matrix.length; i++) {
                least = eigen.getRealEigenvalue(i) < eigen.getRealEigenvalue(least) ? i : least;
            }
            return new Softest(
                    eigen.getRealEigenvalue(least) / scale,
                    eigen.getEigenvector(least).toArray());
        }
    }
}
