package org.homeostat.engine;

/** The inner loops in plain Java. */
enum ScalarKernels implements Kernels {
    INSTANCE;

    @Override
    public String word() {
        return "scalar";
    }

    @Override
    public void addProduct(Matrix a, Matrix b, Matrix c) {
        for (int i = 0; i < a.rows(); i++) {
            for (int p = 0; p < a.columns(); p++) {
                addRow(a.get(i, p), b, p, c, i);
            }
        }
    }

    @Override
    public void addProductTransposed(Matrix a, Matrix b, Matrix c) {
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < b.rows(); j++) {
                c.set(i, j, c.get(i, j) + along(a.values(), a.row(i), b.values(), b.row(j), a.columns()));
            }
        }
    }

    @Override
    public void addOuterProducts(float scale, Matrix a, Matrix b, Matrix c) {
        for (int p = 0; p < a.rows(); p++) {
            for (int i = 0; i < a.columns(); i++) {
                addRow(scale * a.get(p, i), b, p, c, i);
            }
        }
    }

    private static void addRow(float times, Matrix b, int from, Matrix c, int to) {
        // Most pixels of a picture and many units are at 0.
        if (times != 0) {
            float[] read = b.values();
            float[] sum = c.values();
            int i = b.row(from);
            int j = c.row(to);
            for (int k = 0; k < b.columns(); k++) {
                sum[j + k] += times * read[i + k];
            }
        }
    }

    private static float along(float[] a, int i, float[] b, int j, int length) {
        float first = 0;
        float second = 0;
        float third = 0;
        float fourth = 0;
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
}
