package org.homeostat.engine;

/**
 * The conductances between m inputs, each of them two sources +gain x and -gain x, and the n nodes of a layer.
 *
 * @param plus to the source of +gain x; m x n
 * @param minus to the source of -gain x; m x n
 * @param gain of the inputs
 * @param effective what both together are to the input, {@code gain (plus - minus)}; m x n
 * @param sums of all conductances at each node; 1 x n
 */
public record Pairs(Matrix plus, Matrix minus, float gain, Matrix effective, Matrix sums) {

    public Pairs {
        for (Matrix one : new Matrix[] {minus, effective}) {
            if (one.rows() != plus.rows() || one.columns() != plus.columns()) {
                throw new IllegalArgumentException("pairs of " + plus.rows() + " x " + plus.columns()
                        + " conductances and " + one.rows() + " x " + one.columns());
            }
        }
        if (sums.rows() != 1 || sums.columns() != plus.columns()) {
            throw new IllegalArgumentException(
                    "sums of " + sums.rows() + " x " + sums.columns() + " for " + plus.columns() + " nodes");
        }
    }

    /** Some inputs and nodes of it, sharing their numbers. */
    Pairs part(int row, int rows, int column, int columns) {
        return new Pairs(
                plus.rows(row, rows).columns(column, columns),
                minus.rows(row, rows).columns(column, columns),
                gain,
                effective.rows(row, rows).columns(column, columns),
                sums.columns(column, columns));
    }
}
