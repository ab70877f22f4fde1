package org.homeostat.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Every implementation of rows agrees with exact sums and touches nothing but its result. */
class RowsTest {

    private static final int[] COUNTS = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 17};
    private static final int[] LENGTHS = {0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 64, 100};

    static final Rows[] rows = {ScalarRows.INSTANCE, VectorRows.INSTANCE};

    private static double[] drawn(int length, Random random) {
        double[] numbers = new double[length];
        for (int k = 0; k < length; k++) {
            numbers[k] = random.nextInt(4) == 0 ? 0 : random.nextDouble() * 2 - 1;
        }
        return numbers;
    }

    private static void assertNear(double[] terms, double value) {
        BigDecimal sum = BigDecimal.ZERO;
        double size = 0;
        for (int k = 0; k < terms.length; k += 2) {
            sum = sum.add(new BigDecimal(terms[k]).multiply(new BigDecimal(terms[k + 1])));
            size += Math.abs(terms[k] * terms[k + 1]);
        }
        // N. Higham, Accuracy and Stability, (3.5).
        assertThat(Math.abs(value - sum.doubleValue())).isLessThanOrEqualTo((terms.length + 2) * Math.ulp(1.0) * size);
    }

    @ParameterizedTest
    @FieldSource("rows")
    void dotsAgreeWithExactSums(Rows rows) {
        Random random = new Random(1);
        for (int count : COUNTS) {
            for (int length : LENGTHS) {
                int stride = length + random.nextInt(5);
                int at = random.nextInt(5);
                int xAt = random.nextInt(5);
                int sumsAt = random.nextInt(5);
                double[] matrix = drawn(at + count * stride + 5, random);
                double[] x = drawn(xAt + length + 3, random);
                double[] sums = drawn(sumsAt + count + 3, random);
                double[] before = sums.clone();
                double[] matrix0 = matrix.clone();
                double[] x0 = x.clone();
                rows.dots(matrix, at, stride, count, length, x, xAt, sums, sumsAt);
                for (int r = 0; r < count; r++) {
                    double[] terms = new double[2 * length];
                    for (int k = 0; k < length; k++) {
                        terms[2 * k] = matrix[at + r * stride + k];
                        terms[2 * k + 1] = x[xAt + k];
                    }
                    assertNear(terms, sums[sumsAt + r]);
                }
                assertThat(matrix).isEqualTo(matrix0);
                assertThat(x).isEqualTo(x0);
                System.arraycopy(before, sumsAt, sums, sumsAt, count);
                assertThat(sums).isEqualTo(before);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("rows")
    void sumsOfRowsAgreeWithExactSums(Rows rows) {
        Random random = new Random(2);
        for (int count : COUNTS) {
            for (int length : LENGTHS) {
                int stride = length + random.nextInt(5);
                int at = random.nextInt(5);
                int timesAt = random.nextInt(5);
                int yAt = random.nextInt(5);
                double[] matrix = drawn(at + count * stride + 5, random);
                double[] times = drawn(timesAt + count + 3, random);
                double[] y = drawn(yAt + length + 3, random);
                double[] before = y.clone();
                double[] matrix0 = matrix.clone();
                double[] times0 = times.clone();
                rows.addRows(matrix, at, stride, count, length, times, timesAt, y, yAt);
                for (int k = 0; k < length; k++) {
                    double[] terms = new double[2 * count + 2];
                    for (int r = 0; r < count; r++) {
                        terms[2 * r] = matrix[at + r * stride + k];
                        terms[2 * r + 1] = times[timesAt + r];
                    }
                    terms[2 * count] = before[yAt + k];
                    terms[2 * count + 1] = 1;
                    assertNear(terms, y[yAt + k]);
                }
                assertThat(matrix).isEqualTo(matrix0);
                assertThat(times).isEqualTo(times0);
                System.arraycopy(before, yAt, y, yAt, length);
                assertThat(y).isEqualTo(before);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("rows")
    void aRowWithoutAPartIsNotRead(Rows rows) {
        double[] matrix = new double[9 * 20];
        Arrays.fill(matrix, 20, 160, Double.NaN);
        Arrays.fill(matrix, 0, 20, 2);
        Arrays.fill(matrix, 160, 180, 3);
        double[] y = new double[20];
        rows.addRows(matrix, 0, 20, 9, 20, new double[] {1, 0, 0, 0, 0, 0, 0, 0, 1}, 0, y, 0);
        assertThat(y).containsOnly(5);
    }

    @ParameterizedTest
    @FieldSource("rows")
    void squaresOfRowsAgreeWithExactSums(Rows rows) {
        Random random = new Random(3);
        for (int count : COUNTS) {
            for (int length : LENGTHS) {
                for (int columns : new int[] {0, 1, Math.min(6, length), length}) {
                    if (columns <= length) {
                        squaresAgree(rows, random, count, length, columns);
                    }
                }
            }
        }
    }

    private static void squaresAgree(Rows rows, Random random, int count, int length, int columns) {
        int stride = length + random.nextInt(5);
        int at = random.nextInt(5);
        int cAt = random.nextInt(5);
        int cStride = length + random.nextInt(5);
        double[] matrix = drawn(at + count * stride + 5, random);
        double[] c = drawn(cAt + columns * cStride + 5, random);
        double[] before = c.clone();
        double[] matrix0 = matrix.clone();
        rows.subtractSquares(matrix, at, stride, count, length, columns, c, cAt, cStride);
        for (int j = 0; j < columns; j++) {
            for (int i = j; i < length; i++) {
                double[] terms = new double[2 * count + 2];
                for (int r = 0; r < count; r++) {
                    terms[2 * r] = -matrix[at + r * stride + i];
                    terms[2 * r + 1] = matrix[at + r * stride + j];
                }
                terms[2 * count] = before[cAt + j * cStride + i];
                terms[2 * count + 1] = 1;
                assertNear(terms, c[cAt + j * cStride + i]);
            }
            // The diagonal and what is below it are seen; above it three numbers may be anything.
            int from = cAt + j * cStride + Math.max(0, j - 3);
            System.arraycopy(before, from, c, from, cAt + j * cStride + length - from);
        }
        assertThat(c).isEqualTo(before);
        assertThat(matrix).isEqualTo(matrix0);
    }

    @Test
    void theBestAreTheVectors() {
        assertThat(Rows.best()).isSameAs(VectorRows.INSTANCE);
    }
}
