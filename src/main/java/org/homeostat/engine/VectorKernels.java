package org.homeostat.engine;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops with the processor's vectors (JDK Vector API). Only to be touched where the module jdk.incubator.vector is
 * there.
 *
 * <p>Many lanes: tiles of eight rows by two vectors stay in registers while they run over a packed panel of b that stays in
 * the nearest cache (K. Goto and R. van de Geijn, Anatomy of high-performance matrix multiplication, 2008). Few lanes: b is
 * read once, as it lies, eight rows at a time.
 */
enum VectorKernels implements Kernels {
    INSTANCE;

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LENGTH = SPECIES.length();

    /** Turn a vector by so many places. */
    private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(SPECIES, 8, 1, true);

    private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(SPECIES, 4, 1, true);
    private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(SPECIES, 2, 1, true);

    /** Columns of a tile: two vectors. */
    private static final int TILE = 2 * LENGTH;

    /** Rows of a tile: its sums leave room for two vectors of b and one of a in 32 registers, or in 16. */
    private static final int HEIGHT = LENGTH == 8 ? 4 : 8;

    /** How much of k a packed panel holds: with 16 numbers in a vector 32 kB. */
    private static final int DEPTH = 256;

    /** How many columns of b are packed at a time: half of a second-level cache of 2 MB. */
    private static final int WIDTH = 1024;

    /** How many units a sweep takes at a time: their weights are still in the nearest cache when it needs them again. */
    private static final int BLOCK = 8 * TILE;

    /** How many units of a single lane are summed at once: eight vectors, so that no sum waits for its last product. */
    private static final int ALONE = 8 * LENGTH;

    /**
     * Scalar products longer than so many times the lanes are worth the adding up of a vector at their end; of shorter ones the
     * packing of b' is cheaper.
     */
    private static final int LONG = 16;

    /** From so many lanes on, packing b pays. */
    private static final int MANY = 8;

    /** What one thread packs into. */
    private static final class Scratch {
        private final float[] panels = new float[DEPTH * (WIDTH + TILE)];
        private final float[] rows = new float[DEPTH * 8];
        private final float[] tile = new float[8 * TILE];
        private final float[] reached = new float[4 * BLOCK];
        private final float[] times = new float[8];
        private final int[] from = new int[8];
        private float[] sums = new float[64 * LENGTH];

        /** Room for so many sums. */
        float[] room(int count) {
            if (sums.length < count) {
                sums = new float[count];
            }
            return sums;
        }
    }

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** These, or plain Java's where this processor has no vectors worth the name. */
    static Kernels fitting() {
        return LENGTH >= 4 ? INSTANCE : ScalarKernels.INSTANCE;
    }

    @Override
    public String word() {
        return "vector-" + SPECIES.vectorBitSize();
    }

    @Override
    public void addProduct(Matrix a, Matrix b, Matrix c) {
        Kernels.require(a.columns() == b.rows() && c.rows() == a.rows() && c.columns() == b.columns(), a, b, c);
        if (a.rows() < MANY) {
            streamed(a, b, c);
            return;
        }
        Scratch scratch = SCRATCH.get();
        for (int j = 0; j < b.columns(); j += WIDTH) {
            int width = Math.min(WIDTH, b.columns() - j);
            for (int p = 0; p < b.rows(); p += DEPTH) {
                int depth = Math.min(DEPTH, b.rows() - p);
                pack(b, p, depth, j, width, scratch.panels);
                for (int i = 0; i < a.rows(); i += HEIGHT) {
                    int rows = Math.min(HEIGHT, a.rows() - i);
                    tiles(a.values(), a.row(i) + p, a.stride(), rows, depth, width, c, i, j, scratch);
                }
            }
        }
    }

    @Override
    public void addProductTransposed(Matrix a, Matrix b, Matrix c) {
        Kernels.require(a.columns() == b.columns() && c.rows() == a.rows() && c.columns() == b.rows(), a, b, c);
        if (a.rows() < MANY || b.columns() > LONG * a.rows()) {
            dots(a, b, c);
            return;
        }
        Scratch scratch = SCRATCH.get();
        for (int j = 0; j < b.rows(); j += WIDTH) {
            int width = Math.min(WIDTH, b.rows() - j);
            for (int p = 0; p < b.columns(); p += DEPTH) {
                int depth = Math.min(DEPTH, b.columns() - p);
                packTransposed(b, p, depth, j, width, scratch.panels);
                for (int i = 0; i < a.rows(); i += HEIGHT) {
                    int rows = Math.min(HEIGHT, a.rows() - i);
                    tiles(a.values(), a.row(i) + p, a.stride(), rows, depth, width, c, i, j, scratch);
                }
            }
        }
    }

    @Override
    public void addOuterProducts(float scale, Matrix a, Matrix b, Matrix c) {
        Kernels.require(a.rows() == b.rows() && c.rows() == a.columns() && c.columns() == b.columns(), a, b, c);
        Scratch scratch = SCRATCH.get();
        if (a.rows() < MANY) {
            outer(scale, a, b, c, scratch);
            return;
        }
        for (int j = 0; j < b.columns(); j += WIDTH) {
            int width = Math.min(WIDTH, b.columns() - j);
            for (int p = 0; p < b.rows(); p += DEPTH) {
                int depth = Math.min(DEPTH, b.rows() - p);
                pack(b, p, depth, j, width, scratch.panels);
                for (int i = 0; i < a.columns(); i += HEIGHT) {
                    int rows = Math.min(HEIGHT, a.columns() - i);
                    turn(scale, a, p, depth, i, rows, scratch.rows);
                    tiles(scratch.rows, 0, DEPTH, rows, depth, width, c, i, j, scratch);
                }
            }
        }
    }

    /** A part of b, column tile by column tile, each of them row by row; the last is filled up with zeros. */
    private static void pack(Matrix b, int p, int depth, int j, int width, float[] panels) {
        float[] values = b.values();
        for (int tile = 0; tile < width; tile += TILE) {
            int columns = Math.min(TILE, width - tile);
            int to = tile * depth;
            int from = b.row(p) + j + tile;
            if (columns == TILE) {
                for (int i = 0; i < depth; i++) {
                    FloatVector.fromArray(SPECIES, values, from + i * b.stride())
                            .intoArray(panels, to + i * TILE);
                    FloatVector.fromArray(SPECIES, values, from + i * b.stride() + LENGTH)
                            .intoArray(panels, to + i * TILE + LENGTH);
                }
            } else {
                for (int i = 0; i < depth; i++) {
                    System.arraycopy(values, from + i * b.stride(), panels, to + i * TILE, columns);
                    Arrays.fill(panels, to + i * TILE + columns, to + (i + 1) * TILE, 0);
                }
            }
        }
    }

    /** A part of b', packed alike. */
    private static void packTransposed(Matrix b, int p, int depth, int j, int width, float[] panels) {
        float[] values = b.values();
        for (int tile = 0; tile < width; tile += TILE) {
            int columns = Math.min(TILE, width - tile);
            int to = tile * depth;
            if (columns < TILE) {
                Arrays.fill(panels, to, to + depth * TILE, 0);
            }
            for (int column = 0; column < columns; column++) {
                int from = b.row(j + tile + column) + p;
                for (int i = 0; i < depth; i++) {
                    panels[to + column + i * TILE] = values[from + i];
                }
            }
        }
    }

    /** Some columns of a as rows, times a factor. */
    private static void turn(float scale, Matrix a, int p, int depth, int i, int rows, float[] turned) {
        float[] values = a.values();
        for (int q = 0; q < depth; q++) {
            int from = a.row(p + q) + i;
            for (int r = 0; r < rows; r++) {
                turned[r * DEPTH + q] = scale * values[from + r];
            }
        }
    }

    /** Adds to some rows of c what the packed panels make of as many rows of a. */
    private static void tiles(
            float[] a, int at, int stride, int rows, int depth, int width, Matrix c, int i, int j, Scratch scratch) {
        float[] sums = c.values();
        float[] tile = scratch.tile;
        for (int column = 0; column < width; column += TILE) {
            if (rows > 4) {
                tile8(a, at, stride, rows - 1, depth, scratch.panels, column * depth, tile);
            } else {
                tile4(a, at, stride, rows - 1, depth, scratch.panels, column * depth, tile);
            }
            int columns = Math.min(TILE, width - column);
            int to = c.row(i) + j + column;
            if (columns == TILE) {
                for (int r = 0; r < rows; r++) {
                    int row = to + r * c.stride();
                    FloatVector.fromArray(SPECIES, sums, row)
                            .add(FloatVector.fromArray(SPECIES, tile, r * TILE))
                            .intoArray(sums, row);
                    FloatVector.fromArray(SPECIES, sums, row + LENGTH)
                            .add(FloatVector.fromArray(SPECIES, tile, r * TILE + LENGTH))
                            .intoArray(sums, row + LENGTH);
                }
            } else {
                for (int r = 0; r < rows; r++) {
                    int row = to + r * c.stride();
                    for (int k = 0; k < columns; k++) {
                        sums[row + k] += tile[r * TILE + k];
                    }
                }
            }
        }
    }

    /** A tile of 8 rows and two vectors: what lies over {@code depth} in the rows of a, times the packed panel of b. */
    private static void tile8(
            float[] a, int at, int stride, int last, int depth, float[] panel, int from, float[] tile) {
        int r0 = at;
        int r1 = at + Math.min(1, last) * stride;
        int r2 = at + Math.min(2, last) * stride;
        int r3 = at + Math.min(3, last) * stride;
        int r4 = at + Math.min(4, last) * stride;
        int r5 = at + Math.min(5, last) * stride;
        int r6 = at + Math.min(6, last) * stride;
        int r7 = at + Math.min(7, last) * stride;
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector t2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector t3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector t4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector t5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        FloatVector t6 = FloatVector.zero(SPECIES);
        FloatVector s7 = FloatVector.zero(SPECIES);
        FloatVector t7 = FloatVector.zero(SPECIES);
        for (int p = 0; p < depth; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, panel, from + p * TILE);
            FloatVector y = FloatVector.fromArray(SPECIES, panel, from + p * TILE + LENGTH);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[r0 + p]);
            s0 = a0.fma(x, s0);
            t0 = a0.fma(y, t0);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[r1 + p]);
            s1 = a1.fma(x, s1);
            t1 = a1.fma(y, t1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[r2 + p]);
            s2 = a2.fma(x, s2);
            t2 = a2.fma(y, t2);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[r3 + p]);
            s3 = a3.fma(x, s3);
            t3 = a3.fma(y, t3);
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[r4 + p]);
            s4 = a4.fma(x, s4);
            t4 = a4.fma(y, t4);
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[r5 + p]);
            s5 = a5.fma(x, s5);
            t5 = a5.fma(y, t5);
            FloatVector a6 = FloatVector.broadcast(SPECIES, a[r6 + p]);
            s6 = a6.fma(x, s6);
            t6 = a6.fma(y, t6);
            FloatVector a7 = FloatVector.broadcast(SPECIES, a[r7 + p]);
            s7 = a7.fma(x, s7);
            t7 = a7.fma(y, t7);
        }
        s0.intoArray(tile, 0);
        t0.intoArray(tile, LENGTH);
        s1.intoArray(tile, 1 * TILE);
        t1.intoArray(tile, 1 * TILE + LENGTH);
        s2.intoArray(tile, 2 * TILE);
        t2.intoArray(tile, 2 * TILE + LENGTH);
        s3.intoArray(tile, 3 * TILE);
        t3.intoArray(tile, 3 * TILE + LENGTH);
        s4.intoArray(tile, 4 * TILE);
        t4.intoArray(tile, 4 * TILE + LENGTH);
        s5.intoArray(tile, 5 * TILE);
        t5.intoArray(tile, 5 * TILE + LENGTH);
        s6.intoArray(tile, 6 * TILE);
        t6.intoArray(tile, 6 * TILE + LENGTH);
        s7.intoArray(tile, 7 * TILE);
        t7.intoArray(tile, 7 * TILE + LENGTH);
    }

    /** A tile of 4 rows and two vectors: what lies over {@code depth} in the rows of a, times the packed panel of b. */
    private static void tile4(
            float[] a, int at, int stride, int last, int depth, float[] panel, int from, float[] tile) {
        int r0 = at;
        int r1 = at + Math.min(1, last) * stride;
        int r2 = at + Math.min(2, last) * stride;
        int r3 = at + Math.min(3, last) * stride;
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector t2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector t3 = FloatVector.zero(SPECIES);
        for (int p = 0; p < depth; p++) {
            FloatVector x = FloatVector.fromArray(SPECIES, panel, from + p * TILE);
            FloatVector y = FloatVector.fromArray(SPECIES, panel, from + p * TILE + LENGTH);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[r0 + p]);
            s0 = a0.fma(x, s0);
            t0 = a0.fma(y, t0);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[r1 + p]);
            s1 = a1.fma(x, s1);
            t1 = a1.fma(y, t1);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[r2 + p]);
            s2 = a2.fma(x, s2);
            t2 = a2.fma(y, t2);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[r3 + p]);
            s3 = a3.fma(x, s3);
            t3 = a3.fma(y, t3);
        }
        s0.intoArray(tile, 0);
        t0.intoArray(tile, LENGTH);
        s1.intoArray(tile, 1 * TILE);
        t1.intoArray(tile, 1 * TILE + LENGTH);
        s2.intoArray(tile, 2 * TILE);
        t2.intoArray(tile, 2 * TILE + LENGTH);
        s3.intoArray(tile, 3 * TILE);
        t3.intoArray(tile, 3 * TILE + LENGTH);
    }

    /** Few lanes: eight rows of b at a time, as they lie. */
    private static void streamed(Matrix a, Matrix b, Matrix c) {
        Scratch scratch = SCRATCH.get();
        float[] times = scratch.times;
        int[] from = scratch.from;
        if (a.rows() == 1) {
            // Most pixels of a picture and many units are at 0: their rows need not be read.
            int found = 0;
            for (int p = 0; p < a.columns(); p++) {
                float x = a.get(0, p);
                if (x != 0) {
                    times[found] = x;
                    from[found++] = b.row(p);
                    if (found == 8) {
                        addRows(times, from, b.values(), b.columns(), c.values(), c.row(0));
                        found = 0;
                    }
                }
            }
            addFewRows(found, times, from, b, c, 0);
            return;
        }
        for (int p = 0; p < b.rows(); p += 8) {
            int found = Math.min(8, b.rows() - p);
            for (int r = 0; r < found; r++) {
                from[r] = b.row(p + r);
            }
            for (int i = 0; i < a.rows(); i++) {
                System.arraycopy(a.values(), a.row(i) + p, times, 0, found);
                if (found == 8) {
                    addRows(times, from, b.values(), b.columns(), c.values(), c.row(i));
                } else {
                    addFewRows(found, times, from, b, c, i);
                }
            }
        }
    }

    /** Few lanes of outer products: eight lanes at most make one pass over c. */
    private static void outer(float scale, Matrix a, Matrix b, Matrix c, Scratch scratch) {
        float[] times = scratch.times;
        int[] from = scratch.from;
        for (int i = 0; i < a.columns(); i++) {
            int found = 0;
            for (int p = 0; p < a.rows(); p++) {
                float x = scale * a.get(p, i);
                if (x != 0) {
                    times[found] = x;
                    from[found++] = b.row(p);
                }
            }
            addFewRows(found, times, from, b, c, i);
        }
    }

    /** Adds to a row of c eight rows of b, each times its factor. */
    private static void addRows(float[] times, int[] from, float[] b, int length, float[] c, int to) {
        int b0 = from[0];
        int b1 = from[1];
        int b2 = from[2];
        int b3 = from[3];
        int b4 = from[4];
        int b5 = from[5];
        int b6 = from[6];
        int b7 = from[7];
        FloatVector t0 = FloatVector.broadcast(SPECIES, times[0]);
        FloatVector t1 = FloatVector.broadcast(SPECIES, times[1]);
        FloatVector t2 = FloatVector.broadcast(SPECIES, times[2]);
        FloatVector t3 = FloatVector.broadcast(SPECIES, times[3]);
        FloatVector t4 = FloatVector.broadcast(SPECIES, times[4]);
        FloatVector t5 = FloatVector.broadcast(SPECIES, times[5]);
        FloatVector t6 = FloatVector.broadcast(SPECIES, times[6]);
        FloatVector t7 = FloatVector.broadcast(SPECIES, times[7]);
        int whole = SPECIES.loopBound(length);
        for (int k = 0; k < whole; k += LENGTH) {
            // Two chains, so that a sum waits for four products and not for eight.
            FloatVector sum = FloatVector.fromArray(SPECIES, c, to + k);
            FloatVector second = FloatVector.fromArray(SPECIES, b, b4 + k).mul(t4);
            sum = FloatVector.fromArray(SPECIES, b, b0 + k).fma(t0, sum);
            second = FloatVector.fromArray(SPECIES, b, b5 + k).fma(t5, second);
            sum = FloatVector.fromArray(SPECIES, b, b1 + k).fma(t1, sum);
            second = FloatVector.fromArray(SPECIES, b, b6 + k).fma(t6, second);
            sum = FloatVector.fromArray(SPECIES, b, b2 + k).fma(t2, sum);
            second = FloatVector.fromArray(SPECIES, b, b7 + k).fma(t7, second);
            sum = FloatVector.fromArray(SPECIES, b, b3 + k).fma(t3, sum);
            sum.add(second).intoArray(c, to + k);
        }
        for (int k = whole; k < length; k++) {
            c[to + k] += times[0] * b[b0 + k]
                    + times[1] * b[b1 + k]
                    + times[2] * b[b2 + k]
                    + times[3] * b[b3 + k]
                    + times[4] * b[b4 + k]
                    + times[5] * b[b5 + k]
                    + times[6] * b[b6 + k]
                    + times[7] * b[b7 + k];
        }
    }

    private static void addFewRows(int count, float[] times, int[] from, Matrix b, Matrix c, int row) {
        for (int r = 0; r < count; r++) {
            addRow(times[r], from[r], b.values(), b.columns(), c.values(), c.row(row));
        }
    }

    private static void addRow(float times, int from, float[] b, int length, float[] c, int to) {
        int whole = SPECIES.loopBound(length);
        FloatVector t = FloatVector.broadcast(SPECIES, times);
        for (int k = 0; k < whole; k += LENGTH) {
            FloatVector.fromArray(SPECIES, b, from + k)
                    .fma(t, FloatVector.fromArray(SPECIES, c, to + k))
                    .intoArray(c, to + k);
        }
        for (int k = whole; k < length; k++) {
            c[to + k] += times * b[from + k];
        }
    }

    /** Scalar products of rows of a and rows of b: four rows of b at a time, and of a two where there are two. */
    private static void dots(Matrix a, Matrix b, Matrix c) {
        int columns = a.columns();
        for (int j = 0; j < b.rows(); j += 4) {
            int last = Math.min(4, b.rows() - j) - 1;
            int b0 = b.row(j);
            int b1 = b.row(j + Math.min(1, last));
            int b2 = b.row(j + Math.min(2, last));
            int b3 = b.row(j + Math.min(3, last));
            int i = 0;
            for (; i + 1 < a.rows(); i += 2) {
                dots2(a.values(), a.row(i), a.row(i + 1), b.values(), b0, b1, b2, b3, columns, last, c, i, j);
            }
            if (i < a.rows()) {
                dots1(a.values(), a.row(i), b.values(), b0, b1, b2, b3, columns, last, c, i, j);
            }
        }
    }

    private static void dots2(
            float[] a,
            int a0,
            int a1,
            float[] b,
            int b0,
            int b1,
            int b2,
            int b3,
            int length,
            int last,
            Matrix c,
            int i,
            int j) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        FloatVector t2 = FloatVector.zero(SPECIES);
        FloatVector t3 = FloatVector.zero(SPECIES);
        int whole = SPECIES.loopBound(length);
        for (int k = 0; k < whole; k += LENGTH) {
            FloatVector x = FloatVector.fromArray(SPECIES, a, a0 + k);
            FloatVector y = FloatVector.fromArray(SPECIES, a, a1 + k);
            FloatVector z = FloatVector.fromArray(SPECIES, b, b0 + k);
            s0 = z.fma(x, s0);
            t0 = z.fma(y, t0);
            z = FloatVector.fromArray(SPECIES, b, b1 + k);
            s1 = z.fma(x, s1);
            t1 = z.fma(y, t1);
            z = FloatVector.fromArray(SPECIES, b, b2 + k);
            s2 = z.fma(x, s2);
            t2 = z.fma(y, t2);
            z = FloatVector.fromArray(SPECIES, b, b3 + k);
            s3 = z.fma(x, s3);
            t3 = z.fma(y, t3);
        }
        float[] sums = c.values();
        int to = c.row(i) + j;
        sums[to] += total(s0) + along(a, a0 + whole, b, b0 + whole, length - whole);
        if (last > 0) {
            sums[to + 1] += total(s1) + along(a, a0 + whole, b, b1 + whole, length - whole);
        }
        if (last > 1) {
            sums[to + 2] += total(s2) + along(a, a0 + whole, b, b2 + whole, length - whole);
        }
        if (last > 2) {
            sums[to + 3] += total(s3) + along(a, a0 + whole, b, b3 + whole, length - whole);
        }
        to = c.row(i + 1) + j;
        sums[to] += total(t0) + along(a, a1 + whole, b, b0 + whole, length - whole);
        if (last > 0) {
            sums[to + 1] += total(t1) + along(a, a1 + whole, b, b1 + whole, length - whole);
        }
        if (last > 1) {
            sums[to + 2] += total(t2) + along(a, a1 + whole, b, b2 + whole, length - whole);
        }
        if (last > 2) {
            sums[to + 3] += total(t3) + along(a, a1 + whole, b, b3 + whole, length - whole);
        }
    }

    private static void dots1(
            float[] a,
            int a0,
            float[] b,
            int b0,
            int b1,
            int b2,
            int b3,
            int length,
            int last,
            Matrix c,
            int i,
            int j) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        int whole = SPECIES.loopBound(length);
        for (int k = 0; k < whole; k += LENGTH) {
            FloatVector x = FloatVector.fromArray(SPECIES, a, a0 + k);
            s0 = FloatVector.fromArray(SPECIES, b, b0 + k).fma(x, s0);
            s1 = FloatVector.fromArray(SPECIES, b, b1 + k).fma(x, s1);
            s2 = FloatVector.fromArray(SPECIES, b, b2 + k).fma(x, s2);
            s3 = FloatVector.fromArray(SPECIES, b, b3 + k).fma(x, s3);
        }
        float[] sums = c.values();
        int to = c.row(i) + j;
        sums[to] += total(s0) + along(a, a0 + whole, b, b0 + whole, length - whole);
        if (last > 0) {
            sums[to + 1] += total(s1) + along(a, a0 + whole, b, b1 + whole, length - whole);
        }
        if (last > 1) {
            sums[to + 2] += total(s2) + along(a, a0 + whole, b, b2 + whole, length - whole);
        }
        if (last > 2) {
            sums[to + 3] += total(s3) + along(a, a0 + whole, b, b3 + whole, length - whole);
        }
    }

    private static float along(float[] a, int i, float[] b, int j, int length) {
        float sum = 0;
        for (int k = 0; k < length; k++) {
            sum += a[i + k] * b[j + k];
        }
        return sum;
    }

    @Override
    public void movePairs(Matrix change, Matrix ofInput, Matrix ofUnit, Pairs pairs) {
        Kernels.require(change, ofInput, ofUnit, pairs);
        for (int row = 0; row < change.rows(); row++) {
            movePairs(change, row, ofInput.get(0, row), ofUnit, pairs);
        }
    }

    private static void movePairs(Matrix change, int row, float ofInput, Matrix ofUnit, Pairs pairs) {
        float[] asked = change.values();
        float[] units = ofUnit.values();
        float[] plus = pairs.plus().values();
        float[] minus = pairs.minus().values();
        float[] effective = pairs.effective().values();
        float[] sums = pairs.sums().values();
        int a = change.row(row);
        int u = ofUnit.at();
        int p = pairs.plus().row(row);
        int m = pairs.minus().row(row);
        int e = pairs.effective().row(row);
        int s = pairs.sums().at();
        FloatVector input = FloatVector.broadcast(SPECIES, ofInput);
        FloatVector gain = FloatVector.broadcast(SPECIES, pairs.gain());
        FloatVector zero = FloatVector.zero(SPECIES);
        int length = change.columns();
        int whole = SPECIES.loopBound(length);
        for (int k = 0; k < whole; k += LENGTH) {
            FloatVector less = input.add(FloatVector.fromArray(SPECIES, units, u + k));
            FloatVector x = FloatVector.fromArray(SPECIES, asked, a + k);
            FloatVector up = FloatVector.fromArray(SPECIES, plus, p + k).add(x).sub(less);
            FloatVector down =
                    FloatVector.fromArray(SPECIES, minus, m + k).sub(x).sub(less);
            up = up.blend(zero, up.lt(zero));
            down = down.blend(zero, down.lt(zero));
            up.intoArray(plus, p + k);
            down.intoArray(minus, m + k);
            gain.mul(up.sub(down)).intoArray(effective, e + k);
            FloatVector.fromArray(SPECIES, sums, s + k).add(up.add(down)).intoArray(sums, s + k);
        }
        for (int k = whole; k < length; k++) {
            float less = ofInput + units[u + k];
            float up = Math.max(0, plus[p + k] + asked[a + k] - less);
            float down = Math.max(0, minus[m + k] - asked[a + k] - less);
            plus[p + k] = up;
            minus[m + k] = down;
            effective[e + k] = pairs.gain() * (up - down);
            sums[s + k] += up + down;
        }
    }

    @Override
    public float sweep(Matrix drift, Matrix top, Matrix transposed, Units units, Matrix state, Matrix up) {
        Kernels.require(drift, top, transposed, units, state, up);
        Scratch scratch = SCRATCH.get();
        int tops = top.columns();
        float[] sums = scratch.room(4 * tops * LENGTH);
        float change = 0;
        for (int lane = 0; lane < state.rows(); ) {
            int lanes = lane + 4 <= state.rows() ? 4 : 1;
            Arrays.fill(sums, 0, lanes * tops * LENGTH, 0);
            change = Math.max(change, sweepLanes(lanes, drift, top, transposed, units, state, lane, scratch));
            for (int r = 0; r < lanes; r++) {
                gather(sums, r * tops * LENGTH, up, lane + r);
            }
            lane += lanes;
        }
        return change;
    }

    /** Some lanes of a sweep; what they send up is left in sums, a vector for each top unit. */
    private static float sweepLanes(
            int lanes,
            Matrix drift,
            Matrix top,
            Matrix transposed,
            Units units,
            Matrix state,
            int lane,
            Scratch scratch) {
        float change = 0;
        int whole = units.count() - units.count() % (lanes == 4 ? TILE : ALONE);
        for (int from = 0; from < whole; from += BLOCK) {
            int to = Math.min(whole, from + BLOCK);
            if (lanes == 4) {
                reach4(drift, top, transposed, lane, from, to, scratch.reached);
            } else {
                reach1(drift, top, transposed, lane, from, to, scratch.reached);
            }
            for (int r = 0; r < lanes; r++) {
                change = Math.max(change, rest(scratch.reached, r * BLOCK, units, from, to, state, lane + r));
            }
            if (lanes == 4) {
                send4(state, transposed, lane, from, to, scratch.sums);
            } else {
                send1(state, transposed, lane, from, to, scratch.sums);
            }
        }
        for (int k = whole; k < units.count(); k += LENGTH) {
            for (int r = 0; r < lanes; r++) {
                int sum = r * top.columns() * LENGTH;
                change = Math.max(
                        change, sweepSome(drift, top, transposed, units, state, lane + r, k, scratch.sums, sum));
            }
        }
        return change;
    }

    /** Lets some units of a lane come to rest. */
    private static float rest(float[] reached, int at, Units units, int from, int to, Matrix state, int lane) {
        float[] h = state.values();
        int row = state.row(lane);
        FloatVector change = FloatVector.zero(SPECIES);
        for (int k = from; k < to; k += LENGTH) {
            FloatVector s = clip(
                    FloatVector.fromArray(SPECIES, reached, at + k - from)
                            .mul(FloatVector.fromArray(SPECIES, units.compliance(), k)),
                    FloatVector.fromArray(SPECIES, units.lowest(), k),
                    FloatVector.fromArray(SPECIES, units.highest(), k));
            change =
                    change.max(s.sub(FloatVector.fromArray(SPECIES, h, row + k)).abs());
            s.intoArray(h, row + k);
        }
        return change.reduceLanes(VectorOperators.MAX);
    }

    private static void addTo(float[] sums, int at, FloatVector sum) {
        FloatVector.fromArray(SPECIES, sums, at).add(sum).intoArray(sums, at);
    }

    /** What reaches some units of four lanes: the drift and what the top layer sends down. */
    private static void reach4(
            Matrix drift, Matrix top, Matrix transposed, int lane, int from, int to, float[] reached) {
        float[] d = drift.values();
        float[] o = top.values();
        float[] w = transposed.values();
        int tops = top.columns();
        int stride = transposed.stride();
        int d0 = drift.row(lane);
        int o0 = top.row(lane);
        int d1 = drift.row(lane + 1);
        int o1 = top.row(lane + 1);
        int d2 = drift.row(lane + 2);
        int o2 = top.row(lane + 2);
        int d3 = drift.row(lane + 3);
        int o3 = top.row(lane + 3);
        for (int k = from; k < to; k += TILE) {
            FloatVector s00 = FloatVector.fromArray(SPECIES, d, d0 + k);
            FloatVector s01 = FloatVector.fromArray(SPECIES, d, d0 + k + LENGTH);
            FloatVector s10 = FloatVector.fromArray(SPECIES, d, d1 + k);
            FloatVector s11 = FloatVector.fromArray(SPECIES, d, d1 + k + LENGTH);
            FloatVector s20 = FloatVector.fromArray(SPECIES, d, d2 + k);
            FloatVector s21 = FloatVector.fromArray(SPECIES, d, d2 + k + LENGTH);
            FloatVector s30 = FloatVector.fromArray(SPECIES, d, d3 + k);
            FloatVector s31 = FloatVector.fromArray(SPECIES, d, d3 + k + LENGTH);
            int row = transposed.at() + k;
            for (int p = 0; p < tops; p++) {
                FloatVector x0 = FloatVector.fromArray(SPECIES, w, row);
                FloatVector x1 = FloatVector.fromArray(SPECIES, w, row + LENGTH);
                FloatVector z0 = FloatVector.broadcast(SPECIES, o[o0 + p]);
                s00 = z0.fma(x0, s00);
                s01 = z0.fma(x1, s01);
                FloatVector z1 = FloatVector.broadcast(SPECIES, o[o1 + p]);
                s10 = z1.fma(x0, s10);
                s11 = z1.fma(x1, s11);
                FloatVector z2 = FloatVector.broadcast(SPECIES, o[o2 + p]);
                s20 = z2.fma(x0, s20);
                s21 = z2.fma(x1, s21);
                FloatVector z3 = FloatVector.broadcast(SPECIES, o[o3 + p]);
                s30 = z3.fma(x0, s30);
                s31 = z3.fma(x1, s31);
                row += stride;
            }
            s00.intoArray(reached, k - from);
            s01.intoArray(reached, k - from + LENGTH);
            s10.intoArray(reached, BLOCK + k - from);
            s11.intoArray(reached, BLOCK + k - from + LENGTH);
            s20.intoArray(reached, 2 * BLOCK + k - from);
            s21.intoArray(reached, 2 * BLOCK + k - from + LENGTH);
            s30.intoArray(reached, 3 * BLOCK + k - from);
            s31.intoArray(reached, 3 * BLOCK + k - from + LENGTH);
        }
    }

    /** Adds what some units of four lanes send up: two top units at a time, a vector of sums for each. */
    private static void send4(Matrix state, Matrix transposed, int lane, int from, int to, float[] sums) {
        float[] h = state.values();
        float[] w = transposed.values();
        int tops = transposed.rows();
        int h0 = state.row(lane);
        int h1 = state.row(lane + 1);
        int h2 = state.row(lane + 2);
        int h3 = state.row(lane + 3);
        int next = tops * LENGTH;
        for (int p = 0; p < tops; p += 2) {
            int last = tops - 1 - p;
            int w0 = transposed.row(p);
            int w1 = transposed.row(p + Math.min(1, last));
            FloatVector s00 = FloatVector.zero(SPECIES);
            FloatVector s01 = FloatVector.zero(SPECIES);
            FloatVector s10 = FloatVector.zero(SPECIES);
            FloatVector s11 = FloatVector.zero(SPECIES);
            FloatVector s20 = FloatVector.zero(SPECIES);
            FloatVector s21 = FloatVector.zero(SPECIES);
            FloatVector s30 = FloatVector.zero(SPECIES);
            FloatVector s31 = FloatVector.zero(SPECIES);
            for (int k = from; k < to; k += LENGTH) {
                FloatVector x0 = FloatVector.fromArray(SPECIES, w, w0 + k);
                FloatVector x1 = FloatVector.fromArray(SPECIES, w, w1 + k);
                FloatVector y0 = FloatVector.fromArray(SPECIES, h, h0 + k);
                s00 = y0.fma(x0, s00);
                s01 = y0.fma(x1, s01);
                FloatVector y1 = FloatVector.fromArray(SPECIES, h, h1 + k);
                s10 = y1.fma(x0, s10);
                s11 = y1.fma(x1, s11);
                FloatVector y2 = FloatVector.fromArray(SPECIES, h, h2 + k);
                s20 = y2.fma(x0, s20);
                s21 = y2.fma(x1, s21);
                FloatVector y3 = FloatVector.fromArray(SPECIES, h, h3 + k);
                s30 = y3.fma(x0, s30);
                s31 = y3.fma(x1, s31);
            }
            int sum = p * LENGTH;
            addTo(sums, sum, s00);
            addTo(sums, sum + next, s10);
            addTo(sums, sum + 2 * next, s20);
            addTo(sums, sum + 3 * next, s30);
            if (last > 0) {
                addTo(sums, sum + LENGTH, s01);
                addTo(sums, sum + LENGTH + next, s11);
                addTo(sums, sum + LENGTH + 2 * next, s21);
                addTo(sums, sum + LENGTH + 3 * next, s31);
            }
        }
    }

    /** What reaches some units of one lane: the drift and what the top layer sends down. */
    private static void reach1(
            Matrix drift, Matrix top, Matrix transposed, int lane, int from, int to, float[] reached) {
        float[] d = drift.values();
        float[] o = top.values();
        float[] w = transposed.values();
        int tops = top.columns();
        int stride = transposed.stride();
        int d0 = drift.row(lane);
        int o0 = top.row(lane);
        for (int k = from; k < to; k += ALONE) {
            FloatVector s0 = FloatVector.fromArray(SPECIES, d, d0 + k);
            FloatVector s1 = FloatVector.fromArray(SPECIES, d, d0 + k + LENGTH);
            FloatVector s2 = FloatVector.fromArray(SPECIES, d, d0 + k + 2 * LENGTH);
            FloatVector s3 = FloatVector.fromArray(SPECIES, d, d0 + k + 3 * LENGTH);
            FloatVector s4 = FloatVector.fromArray(SPECIES, d, d0 + k + 4 * LENGTH);
            FloatVector s5 = FloatVector.fromArray(SPECIES, d, d0 + k + 5 * LENGTH);
            FloatVector s6 = FloatVector.fromArray(SPECIES, d, d0 + k + 6 * LENGTH);
            FloatVector s7 = FloatVector.fromArray(SPECIES, d, d0 + k + 7 * LENGTH);
            int row = transposed.at() + k;
            for (int p = 0; p < tops; p++) {
                FloatVector z = FloatVector.broadcast(SPECIES, o[o0 + p]);
                s0 = FloatVector.fromArray(SPECIES, w, row).fma(z, s0);
                s1 = FloatVector.fromArray(SPECIES, w, row + LENGTH).fma(z, s1);
                s2 = FloatVector.fromArray(SPECIES, w, row + 2 * LENGTH).fma(z, s2);
                s3 = FloatVector.fromArray(SPECIES, w, row + 3 * LENGTH).fma(z, s3);
                s4 = FloatVector.fromArray(SPECIES, w, row + 4 * LENGTH).fma(z, s4);
                s5 = FloatVector.fromArray(SPECIES, w, row + 5 * LENGTH).fma(z, s5);
                s6 = FloatVector.fromArray(SPECIES, w, row + 6 * LENGTH).fma(z, s6);
                s7 = FloatVector.fromArray(SPECIES, w, row + 7 * LENGTH).fma(z, s7);
                row += stride;
            }
            s0.intoArray(reached, k - from);
            s1.intoArray(reached, k - from + LENGTH);
            s2.intoArray(reached, k - from + 2 * LENGTH);
            s3.intoArray(reached, k - from + 3 * LENGTH);
            s4.intoArray(reached, k - from + 4 * LENGTH);
            s5.intoArray(reached, k - from + 5 * LENGTH);
            s6.intoArray(reached, k - from + 6 * LENGTH);
            s7.intoArray(reached, k - from + 7 * LENGTH);
        }
    }

    /** Adds what some units of one lane send up, a vector of sums for each top unit. */
    private static void send1(Matrix state, Matrix transposed, int lane, int from, int to, float[] sums) {
        int tops = transposed.rows();
        int p = 0;
        for (; p + 4 < tops; p += 8) {
            eight(state.values(), state.row(lane), transposed, p, from, to, sums);
        }
        if (p < tops) {
            four(state.values(), state.row(lane), transposed, p, from, to, sums);
        }
    }

    private static void eight(float[] h, int h0, Matrix transposed, int p, int from, int to, float[] sums) {
        float[] w = transposed.values();
        int last = transposed.rows() - 1 - p;
        int w0 = transposed.row(p);
        int w1 = transposed.row(p + Math.min(1, last));
        int w2 = transposed.row(p + Math.min(2, last));
        int w3 = transposed.row(p + Math.min(3, last));
        int w4 = transposed.row(p + Math.min(4, last));
        int w5 = transposed.row(p + Math.min(5, last));
        int w6 = transposed.row(p + Math.min(6, last));
        int w7 = transposed.row(p + Math.min(7, last));
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        FloatVector s7 = FloatVector.zero(SPECIES);
        for (int k = from; k < to; k += LENGTH) {
            FloatVector y = FloatVector.fromArray(SPECIES, h, h0 + k);
            s0 = FloatVector.fromArray(SPECIES, w, w0 + k).fma(y, s0);
            s1 = FloatVector.fromArray(SPECIES, w, w1 + k).fma(y, s1);
            s2 = FloatVector.fromArray(SPECIES, w, w2 + k).fma(y, s2);
            s3 = FloatVector.fromArray(SPECIES, w, w3 + k).fma(y, s3);
            s4 = FloatVector.fromArray(SPECIES, w, w4 + k).fma(y, s4);
            s5 = FloatVector.fromArray(SPECIES, w, w5 + k).fma(y, s5);
            s6 = FloatVector.fromArray(SPECIES, w, w6 + k).fma(y, s6);
            s7 = FloatVector.fromArray(SPECIES, w, w7 + k).fma(y, s7);
        }
        int sum = p * LENGTH;
        addTo(sums, sum, s0);
        addTo(sums, sum + LENGTH, s1);
        addTo(sums, sum + 2 * LENGTH, s2);
        addTo(sums, sum + 3 * LENGTH, s3);
        addTo(sums, sum + 4 * LENGTH, s4);
        if (last > 4) {
            addTo(sums, sum + 5 * LENGTH, s5);
        }
        if (last > 5) {
            addTo(sums, sum + 6 * LENGTH, s6);
        }
        if (last > 6) {
            addTo(sums, sum + 7 * LENGTH, s7);
        }
    }

    private static void four(float[] h, int h0, Matrix transposed, int p, int from, int to, float[] sums) {
        float[] w = transposed.values();
        int last = transposed.rows() - 1 - p;
        int w0 = transposed.row(p);
        int w1 = transposed.row(p + Math.min(1, last));
        int w2 = transposed.row(p + Math.min(2, last));
        int w3 = transposed.row(p + Math.min(3, last));
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        for (int k = from; k < to; k += LENGTH) {
            FloatVector y = FloatVector.fromArray(SPECIES, h, h0 + k);
            s0 = FloatVector.fromArray(SPECIES, w, w0 + k).fma(y, s0);
            s1 = FloatVector.fromArray(SPECIES, w, w1 + k).fma(y, s1);
            s2 = FloatVector.fromArray(SPECIES, w, w2 + k).fma(y, s2);
            s3 = FloatVector.fromArray(SPECIES, w, w3 + k).fma(y, s3);
        }
        int sum = p * LENGTH;
        addTo(sums, sum, s0);
        if (last > 0) {
            addTo(sums, sum + LENGTH, s1);
        }
        if (last > 1) {
            addTo(sums, sum + 2 * LENGTH, s2);
        }
        if (last > 2) {
            addTo(sums, sum + 3 * LENGTH, s3);
        }
    }
    /** One vector of units of one lane, or what is left of one at the end. */
    private static float sweepSome(
            Matrix drift,
            Matrix top,
            Matrix transposed,
            Units units,
            Matrix state,
            int lane,
            int k,
            float[] sums,
            int sum) {
        VectorMask<Float> mask = SPECIES.indexInRange(k, units.count());
        FloatVector s = FloatVector.fromArray(SPECIES, drift.values(), drift.row(lane) + k, mask);
        for (int p = 0; p < top.columns(); p++) {
            FloatVector w = FloatVector.fromArray(SPECIES, transposed.values(), transposed.row(p) + k, mask);
            s = w.fma(FloatVector.broadcast(SPECIES, top.get(lane, p)), s);
        }
        s = clip(
                s.mul(FloatVector.fromArray(SPECIES, units.compliance(), k, mask)),
                FloatVector.fromArray(SPECIES, units.lowest(), k, mask),
                FloatVector.fromArray(SPECIES, units.highest(), k, mask));
        int at = state.row(lane) + k;
        float change = s.sub(FloatVector.fromArray(SPECIES, state.values(), at, mask))
                .abs()
                .reduceLanes(VectorOperators.MAX, mask);
        s.intoArray(state.values(), at, mask);
        for (int p = 0; p < top.columns(); p++) {
            FloatVector w = FloatVector.fromArray(SPECIES, transposed.values(), transposed.row(p) + k, mask);
            // Beyond the last unit both are 0.
            w.fma(s, FloatVector.fromArray(SPECIES, sums, sum + p * LENGTH)).intoArray(sums, sum + p * LENGTH);
        }
        return change;
    }

    /**
     * The sum of a vector's numbers, always in the same order; {@link FloatVector#reduceLanes} has another before it is
     * compiled than after.
     */
    private static float total(FloatVector sums) {
        FloatVector folded = sums;
        if (LENGTH > 8) {
            folded = folded.add(folded.rearrange(BY_8));
        }
        if (LENGTH > 4) {
            folded = folded.add(folded.rearrange(BY_4));
        }
        folded = folded.add(folded.rearrange(BY_2));
        return folded.lane(0) + folded.lane(1);
    }

    /** Keeps what is no number, and spares what Java asks of min and max about the two zeros. */
    private static FloatVector clip(FloatVector x, FloatVector lowest, FloatVector highest) {
        FloatVector above = x.blend(lowest, x.lt(lowest));
        return above.blend(highest, highest.lt(above));
    }

    private static void gather(float[] sums, int from, Matrix up, int lane) {
        for (int o = 0; o < up.columns(); o++) {
            up.set(lane, o, total(FloatVector.fromArray(SPECIES, sums, from + o * LENGTH)));
        }
    }
}
