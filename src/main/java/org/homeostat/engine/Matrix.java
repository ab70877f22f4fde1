package org.homeostat.engine;

/**
 * A matrix that lies row by row in an array, or a part of one; views share their numbers.
 *
 * @param values where it lies
 * @param at where its first number is
 * @param rows how many rows
 * @param columns how many columns
 * @param stride how far apart the beginnings of two rows are, {@code columns} or more
 */
public record Matrix(float[] values, int at, int rows, int columns, int stride) {

    public Matrix {
        if (rows < 0 || columns < 0 || stride < columns || at < 0) {
            throw new IllegalArgumentException(
                    "a matrix of " + rows + " x " + columns + ", stride " + stride + ", from " + at);
        }
        if (rows > 0 && at + (rows - 1L) * stride + columns > values.length) {
            throw new IllegalArgumentException("a matrix of " + rows + " x " + columns + ", stride " + stride
                    + ", from " + at + " does not fit in " + values.length + " numbers");
        }
    }

    /** One of its own, all 0. */
    public static Matrix of(int rows, int columns) {
        return new Matrix(new float[Math.multiplyExact(rows, columns)], 0, rows, columns, columns);
    }

    /** Some of its rows, sharing their numbers. */
    public Matrix rows(int from, int count) {
        return new Matrix(values, at + from * stride, count, columns, stride);
    }

    /** Some of its columns, sharing their numbers. */
    public Matrix columns(int from, int count) {
        return new Matrix(values, at + from, rows, count, stride);
    }

    /** Where a row begins in the array. */
    public int row(int row) {
        return at + row * stride;
    }

    public float get(int row, int column) {
        return values[at + row * stride + column];
    }

    public void set(int row, int column, float value) {
        values[at + row * stride + column] = value;
    }
}
