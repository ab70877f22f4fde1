package org.homeostat.engine;

/** The inner loops in plain Java. */
enum ScalarKernels implements Kernels {
    INSTANCE;

    /** How many units a sweep takes at a time, so that their weights are still near when it needs them again. */
    private static final int BLOCK = 128;

    @Override
    public String word() {
        return "scalar";
    }

    @Override
    public void addProduct(Matrix a, Matrix b, Matrix c) {
        Kernels.require(a.columns() == b.rows() && c.rows() == a.rows() && c.columns() == b.columns(), a, b, c);
        for (int i = 0; i < a.rows(); i++) {
            for (int p = 0; p < a.columns(); p++) {
                addRow(a.get(i, p), b, p, c, i);
            }
        }
    }

    @Override
    public void addProductTransposed(Matrix a, Matrix b, Matrix c) {
        Kernels.require(a.columns() == b.columns() && c.rows() == a.rows() && c.columns() == b.rows(), a, b, c);
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < b.rows(); j++) {
                c.set(i, j, c.get(i, j) + along(a.values(), a.row(i), b.values(), b.row(j), a.columns()));
            }
        }
    }

    @Override
    public void addOuterProducts(float scale, Matrix a, Matrix b, Matrix c) {
        Kernels.require(a.rows() == b.rows() && c.rows() == a.columns() && c.columns() == b.columns(), a, b, c);
        for (int p = 0; p < a.rows(); p++) {
            for (int i = 0; i < a.columns(); i++) {
                addRow(scale * a.get(p, i), b, p, c, i);
            }
        }
    }

    @Override
    public float sweep(Matrix drift, Matrix top, Matrix transposed, Units units, Matrix state, Matrix up) {
        Kernels.require(drift, top, transposed, units, state, up);
        float change = 0;
        for (int lane = 0; lane < state.rows(); lane++) {
            for (int p = 0; p < top.columns(); p++) {
                up.set(lane, p, 0);
            }
            for (int from = 0; from < units.count(); from += BLOCK) {
                int length = Math.min(BLOCK, units.count() - from);
                change = Math.max(change, sweep(drift, top, transposed, units, state, up, lane, from, length));
            }
        }
        return change;
    }

    private static float sweep(
            Matrix drift,
            Matrix top,
            Matrix transposed,
            Units units,
            Matrix state,
            Matrix up,
            int lane,
            int from,
            int length) {
        float[] w = transposed.values();
        float[] h = state.values();
        int at = state.row(lane) + from;
        float change = 0;
        for (int k = 0; k < length; k++) {
            float reached = drift.get(lane, from + k);
            for (int p = 0; p < top.columns(); p++) {
                reached += top.get(lane, p) * w[transposed.row(p) + from + k];
            }
            float lowest = units.lowest()[from + k];
            float highest = units.highest()[from + k];
            float rest = Math.min(highest, Math.max(lowest, reached * units.compliance()[from + k]));
            change = Math.max(change, Math.abs(rest - h[at + k]));
            h[at + k] = rest;
        }
        for (int p = 0; p < top.columns(); p++) {
            up.set(lane, p, up.get(lane, p) + along(h, at, w, transposed.row(p) + from, length));
        }
        return change;
    }

    @Override
    public void movePairs(Matrix change, Matrix ofInput, Matrix ofUnit, Pairs pairs) {
        Kernels.require(change, ofInput, ofUnit, pairs);
        for (int row = 0; row < change.rows(); row++) {
            for (int k = 0; k < change.columns(); k++) {
                float asked = change.get(row, k);
                float less = ofInput.get(0, row) + ofUnit.get(0, k);
                float up = Math.max(0, pairs.plus().get(row, k) + asked - less);
                float down = Math.max(0, pairs.minus().get(row, k) - asked - less);
                pairs.plus().set(row, k, up);
                pairs.minus().set(row, k, down);
                pairs.effective().set(row, k, pairs.gain() * (up - down));
                pairs.sums().set(0, k, pairs.sums().get(0, k) + (up + down));
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
