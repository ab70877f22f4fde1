package org.homeostat.engine;

/** Rows in plain Java. */
enum ScalarRows implements Rows {
    INSTANCE;

    @Override
    public String word() {
        return "scalar";
    }

    @Override
    public void dots(
            double[] matrix,
            int at,
            int stride,
            int count,
            int length,
            double[] x,
            int xAt,
            double[] sums,
            int sumsAt) {
        for (int r = 0; r < count; r++) {
            sums[sumsAt + r] = along(matrix, at + r * stride, x, xAt, length);
        }
    }

    private static double along(double[] a, int i, double[] b, int j, int length) {
        double first = 0;
        double second = 0;
        double third = 0;
        double fourth = 0;
        int k = 0;
        for (; k < length - 3; k += 4) {
            first += a[i + k] * b[j + k];
            second += a[i + k + 1] * b[j + k + 1];
            third += a[i + k + 2] * b[j + k + 2];
            fourth += a[i + k + 3] * b[j + k + 3];
        }
        for (; k < length; k++) {
            first += a[i + k] * b[j + k];
        }
        return first + second + (third + fourth);
    }

    @Override
    public void addRows(
            double[] matrix,
            int at,
            int stride,
            int count,
            int length,
            double[] times,
            int timesAt,
            double[] y,
            int yAt) {
        for (int r = 0; r < count; r++) {
            double t = times[timesAt + r];
            if (t != 0) {
                int row = at + r * stride;
                for (int k = 0; k < length; k++) {
                    y[yAt + k] += t * matrix[row + k];
                }
            }
        }
    }

    @Override
    public void subtractSquares(
            double[] matrix, int at, int stride, int count, int length, int columns, double[] c, int cAt, int cStride) {
        for (int j = 0; j < columns; j++) {
            int column = cAt + j * cStride;
            for (int r = 0; r < count; r++) {
                int row = at + r * stride;
                double t = matrix[row + j];
                if (t != 0) {
                    for (int i = j; i < length; i++) {
                        c[column + i] -= t * matrix[row + i];
                    }
                }
            }
        }
    }
}
