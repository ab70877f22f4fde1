package org.homeostat.engine;

/**
 * The inner loops: products of matrices, in single precision. An implementation may add up in any order, so results of two
 * agree to rounding; one and the same always answers the same, bit for bit, whatever the number of threads.
 *
 * <p>Thread-safe. Matrices must not overlap unless a method says so. Nothing is allocated.
 */
public interface Kernels {

    /** The fastest that runs here: with the processor's vectors where the JVM was started with them, else plain Java. */
    static Kernels best() {
        return ScalarKernels.INSTANCE;
    }

    /** Its name, for benchmarks: {@code vector-512}, {@code scalar}. */
    String word();

    /**
     * {@code c += a b}: a has m x k, b has k x n, c has m x n numbers. Lanes are the rows of a and c; weights lie in b, one row
     * a unit of the layer before.
     */
    void addProduct(Matrix a, Matrix b, Matrix c);

    /** {@code c += a b'}: a has m x k, b has n x k, c has m x n numbers. */
    void addProductTransposed(Matrix a, Matrix b, Matrix c);

    /** {@code c += scale a' b}: a has k x m, b has k x n, c has m x n numbers: the sum over k lanes of outer products. */
    void addOuterProducts(float scale, Matrix a, Matrix b, Matrix c);
}
