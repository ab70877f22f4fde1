package org.homeostat.engine;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rows with the processor's vectors (JDK Vector API): four scalar products at a time, and sums of eight rows. Only to be
 * touched where the module jdk.incubator.vector is there.
 */
enum VectorRows implements Rows {
    INSTANCE;

    private static final VectorSpecies<Double> SPECIES = DoubleVector.SPECIES_PREFERRED;
    private static final int LENGTH = SPECIES.length();

    /** Turn a vector by so many places. */
    private static final VectorShuffle<Double> BY_4 = VectorShuffle.iota(SPECIES, 4, 1, true);

    private static final VectorShuffle<Double> BY_2 = VectorShuffle.iota(SPECIES, 2, 1, true);

    /** Eight rows and their factors. */
    private static final class Scratch {
        private final double[] times = new double[8];
        private final int[] from = new int[8];
    }

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** These, or plain Java's where this processor has no vectors worth the name. */
    static Rows fitting() {
        return LENGTH >= 2 ? INSTANCE : ScalarRows.INSTANCE;
    }

    @Override
    public String word() {
        return "vector-" + SPECIES.vectorBitSize();
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
        for (int r = 0; r < count; r += 4) {
            dots4(matrix, at + r * stride, stride, Math.min(4, count - r) - 1, length, x, xAt, sums, sumsAt + r);
        }
    }

    private static void dots4(
            double[] m, int at, int stride, int last, int length, double[] x, int xAt, double[] sums, int sumsAt) {
        int m1 = at + Math.min(1, last) * stride;
        int m2 = at + Math.min(2, last) * stride;
        int m3 = at + Math.min(3, last) * stride;
        DoubleVector s0 = DoubleVector.zero(SPECIES);
        DoubleVector s1 = DoubleVector.zero(SPECIES);
        DoubleVector s2 = DoubleVector.zero(SPECIES);
        DoubleVector s3 = DoubleVector.zero(SPECIES);
        int whole = SPECIES.loopBound(length);
        for (int k = 0; k < whole; k += LENGTH) {
            DoubleVector z = DoubleVector.fromArray(SPECIES, x, xAt + k);
            s0 = DoubleVector.fromArray(SPECIES, m, at + k).fma(z, s0);
            s1 = DoubleVector.fromArray(SPECIES, m, m1 + k).fma(z, s1);
            s2 = DoubleVector.fromArray(SPECIES, m, m2 + k).fma(z, s2);
            s3 = DoubleVector.fromArray(SPECIES, m, m3 + k).fma(z, s3);
        }
        int rest = length - whole;
        sums[sumsAt] = total(s0) + along(m, at + whole, x, xAt + whole, rest);
        if (last > 0) {
            sums[sumsAt + 1] = total(s1) + along(m, m1 + whole, x, xAt + whole, rest);
        }
        if (last > 1) {
            sums[sumsAt + 2] = total(s2) + along(m, m2 + whole, x, xAt + whole, rest);
        }
        if (last > 2) {
            sums[sumsAt + 3] = total(s3) + along(m, m3 + whole, x, xAt + whole, rest);
        }
    }

    private static double along(double[] a, int i, double[] b, int j, int length) {
        double sum = 0;
        for (int k = 0; k < length; k++) {
            sum += a[i + k] * b[j + k];
        }
        return sum;
    }

    /** The sum of a vector's numbers, always in the same order; a reduction of the API has another once it is compiled. */
    private static double total(DoubleVector sums) {
        DoubleVector folded = sums;
        if (LENGTH > 4) {
            folded = folded.add(folded.rearrange(BY_4));
        }
        if (LENGTH > 2) {
            folded = folded.add(folded.rearrange(BY_2));
        }
        return folded.lane(0) + folded.lane(1);
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
        Scratch scratch = SCRATCH.get();
        int found = 0;
        for (int r = 0; r < count; r++) {
            double t = times[timesAt + r];
            if (t != 0) {
                scratch.times[found] = t;
                scratch.from[found++] = at + r * stride;
                if (found == 8) {
                    addEight(scratch.times, scratch.from, matrix, length, y, yAt);
                    found = 0;
                }
            }
        }
        if (found > 0) {
            Arrays.fill(scratch.times, found, 8, 0);
            Arrays.fill(scratch.from, found, 8, scratch.from[0]);
            addEight(scratch.times, scratch.from, matrix, length, y, yAt);
        }
    }

    private static void addEight(double[] times, int[] from, double[] m, int length, double[] y, int yAt) {
        int m0 = from[0];
        int m1 = from[1];
        int m2 = from[2];
        int m3 = from[3];
        int m4 = from[4];
        int m5 = from[5];
        int m6 = from[6];
        int m7 = from[7];
        DoubleVector t0 = DoubleVector.broadcast(SPECIES, times[0]);
        DoubleVector t1 = DoubleVector.broadcast(SPECIES, times[1]);
        DoubleVector t2 = DoubleVector.broadcast(SPECIES, times[2]);
        DoubleVector t3 = DoubleVector.broadcast(SPECIES, times[3]);
        DoubleVector t4 = DoubleVector.broadcast(SPECIES, times[4]);
        DoubleVector t5 = DoubleVector.broadcast(SPECIES, times[5]);
        DoubleVector t6 = DoubleVector.broadcast(SPECIES, times[6]);
        DoubleVector t7 = DoubleVector.broadcast(SPECIES, times[7]);
        int whole = SPECIES.loopBound(length);
        for (int k = 0; k < whole; k += LENGTH) {
            // Two chains, so that a sum waits for four products and not for eight.
            DoubleVector sum = DoubleVector.fromArray(SPECIES, y, yAt + k);
            DoubleVector second = DoubleVector.fromArray(SPECIES, m, m4 + k).mul(t4);
            sum = DoubleVector.fromArray(SPECIES, m, m0 + k).fma(t0, sum);
            second = DoubleVector.fromArray(SPECIES, m, m5 + k).fma(t5, second);
            sum = DoubleVector.fromArray(SPECIES, m, m1 + k).fma(t1, sum);
            second = DoubleVector.fromArray(SPECIES, m, m6 + k).fma(t6, second);
            sum = DoubleVector.fromArray(SPECIES, m, m2 + k).fma(t2, sum);
            second = DoubleVector.fromArray(SPECIES, m, m7 + k).fma(t7, second);
            sum = DoubleVector.fromArray(SPECIES, m, m3 + k).fma(t3, sum);
            sum.add(second).intoArray(y, yAt + k);
        }
        for (int k = whole; k < length; k++) {
            double sum = y[yAt + k];
            for (int r = 0; r < 8; r++) {
                sum += times[r] * m[from[r] + k];
            }
            y[yAt + k] = sum;
        }
    }

    @Override
    public void subtractSquares(
            double[] matrix, int at, int stride, int count, int length, int columns, double[] c, int cAt, int cStride) {
        for (int j = 0; j < columns; j += 4) {
            int last = Math.min(4, columns - j) - 1;
            int i = j;
            for (; i + 2 * LENGTH <= length; i += 2 * LENGTH) {
                tile(matrix, at + i, at + j, stride, count, last, c, cAt + j * cStride + i, cStride);
            }
            for (; i < length; i += LENGTH) {
                part(matrix, at + i, at + j, stride, count, last, length - i, c, cAt + j * cStride + i, cStride);
            }
        }
    }

    /** Two vectors of each of up to four columns, that stay in registers while all rows are taken off. */
    private static void tile(
            double[] m, int along, int across, int stride, int count, int last, double[] c, int at, int cStride) {
        int c1 = Math.min(1, last);
        int c2 = Math.min(2, last);
        int c3 = Math.min(3, last);
        DoubleVector a0 = DoubleVector.zero(SPECIES);
        DoubleVector a1 = a0;
        DoubleVector a2 = a0;
        DoubleVector a3 = a0;
        DoubleVector b0 = a0;
        DoubleVector b1 = a0;
        DoubleVector b2 = a0;
        DoubleVector b3 = a0;
        for (int r = 0; r < count; r++) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, m, along + r * stride);
            DoubleVector y = DoubleVector.fromArray(SPECIES, m, along + r * stride + LENGTH);
            int from = across + r * stride;
            DoubleVector t0 = DoubleVector.broadcast(SPECIES, m[from]);
            DoubleVector t1 = DoubleVector.broadcast(SPECIES, m[from + c1]);
            DoubleVector t2 = DoubleVector.broadcast(SPECIES, m[from + c2]);
            DoubleVector t3 = DoubleVector.broadcast(SPECIES, m[from + c3]);
            a0 = x.fma(t0, a0);
            b0 = y.fma(t0, b0);
            a1 = x.fma(t1, a1);
            b1 = y.fma(t1, b1);
            a2 = x.fma(t2, a2);
            b2 = y.fma(t2, b2);
            a3 = x.fma(t3, a3);
            b3 = y.fma(t3, b3);
        }
        subtract(a0, b0, c, at);
        if (last > 0) {
            subtract(a1, b1, c, at + cStride);
        }
        if (last > 1) {
            subtract(a2, b2, c, at + 2 * cStride);
        }
        if (last > 2) {
            subtract(a3, b3, c, at + 3 * cStride);
        }
    }

    private static void subtract(DoubleVector first, DoubleVector second, double[] c, int at) {
        DoubleVector.fromArray(SPECIES, c, at).sub(first).intoArray(c, at);
        DoubleVector.fromArray(SPECIES, c, at + LENGTH).sub(second).intoArray(c, at + LENGTH);
    }

    /** The same of one vector, or of what is left of it. */
    private static void part(
            double[] m,
            int along,
            int across,
            int stride,
            int count,
            int last,
            int left,
            double[] c,
            int at,
            int cStride) {
        VectorMask<Double> mask = SPECIES.indexInRange(0, left);
        int c1 = Math.min(1, last);
        int c2 = Math.min(2, last);
        int c3 = Math.min(3, last);
        DoubleVector a0 = DoubleVector.zero(SPECIES);
        DoubleVector a1 = a0;
        DoubleVector a2 = a0;
        DoubleVector a3 = a0;
        for (int r = 0; r < count; r++) {
            DoubleVector x = DoubleVector.fromArray(SPECIES, m, along + r * stride, mask);
            int from = across + r * stride;
            a0 = x.fma(DoubleVector.broadcast(SPECIES, m[from]), a0);
            a1 = x.fma(DoubleVector.broadcast(SPECIES, m[from + c1]), a1);
            a2 = x.fma(DoubleVector.broadcast(SPECIES, m[from + c2]), a2);
            a3 = x.fma(DoubleVector.broadcast(SPECIES, m[from + c3]), a3);
        }
        subtract(a0, c, at, mask);
        if (last > 0) {
            subtract(a1, c, at + cStride, mask);
        }
        if (last > 1) {
            subtract(a2, c, at + 2 * cStride, mask);
        }
        if (last > 2) {
            subtract(a3, c, at + 3 * cStride, mask);
        }
    }

    private static void subtract(DoubleVector sum, double[] c, int at, VectorMask<Double> mask) {
        DoubleVector.fromArray(SPECIES, c, at, mask).sub(sum).intoArray(c, at, mask);
    }
}
