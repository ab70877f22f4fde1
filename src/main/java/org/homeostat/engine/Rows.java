package org.homeostat.engine;

/**
 * The inner loops of solvers, over rows of a matrix in double precision. One and the same answers the same call the same, bit
 * for bit; results of two agree to rounding.
 *
 * <p>Thread-safe. Nothing is allocated, but for a thread's first call.
 */
public interface Rows {

    /** The fastest that runs here: with the processor's vectors where the JVM was started with them, else plain Java. */
    static Rows best() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? VectorRows.fitting()
                : ScalarRows.INSTANCE;
    }

    /** Its name, for benchmarks: {@code vector-512}, {@code scalar}. */
    String word();

    /**
     * Writes the scalar product of each of some rows with one vector.
     *
     * @param matrix where the rows lie
     * @param at where the first of them begins
     * @param stride how far apart their beginnings are
     * @param count how many
     * @param x the vector, {@code length} numbers from {@code xAt}
     * @param sums where the {@code count} products go, from {@code sumsAt}
     */
    void dots(
            double[] matrix, int at, int stride, int count, int length, double[] x, int xAt, double[] sums, int sumsAt);

    /**
     * Adds some rows, each times its factor, to one vector. A row whose factor is 0 is not read.
     *
     * @param times the {@code count} factors, from {@code timesAt}
     * @param y the vector, {@code length} numbers from {@code yAt}
     */
    void addRows(
            double[] matrix,
            int at,
            int stride,
            int count,
            int length,
            double[] times,
            int timesAt,
            double[] y,
            int yAt);

    /**
     * Takes from a symmetric matrix the outer product of each of some rows with itself:
     * {@code c_ij -= sum over r of m_ri m_rj}, for the first columns of c, from the diagonal on. Above the diagonal, up to the
     * third number in a column, c may be changed in any way.
     *
     * @param matrix where the {@code count} rows lie, {@code length} numbers each
     * @param at where the first of them begins
     * @param stride how far apart their beginnings are
     * @param columns how many columns of c are changed
     * @param c column by column, {@code length} numbers each; it may lie in the same array, apart from the rows
     * @param cAt where the first column begins
     * @param cStride how far apart columns begin
     */
    void subtractSquares(
            double[] matrix, int at, int stride, int count, int length, int columns, double[] c, int cAt, int cStride);
}
