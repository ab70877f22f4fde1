package org.homeostat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Every implementation of the inner loops agrees with double precision and touches nothing but its result. */
class KernelsTest {

    /** What a sum of k products of numbers below 1 may be off, whatever the order. */
    private static final double EPSILON = Math.ulp(1f);

    /** Around the tiles, blocks and thresholds of the vector kernels, and the shapes in between. */
    private static final int[] EDGES = {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100};

    private static final int[] LONG = {255, 256, 257, 300, 511, 513, 600};

    static final Kernels[] kernels = {ScalarKernels.INSTANCE, VectorKernels.INSTANCE};

    /** Puts a matrix of random numbers somewhere into an array of which every other number is a mark. */
    private static Matrix framed(int rows, int columns, Random random) {
        int at = random.nextInt(20);
        int stride = columns + random.nextInt(4) * random.nextInt(10);
        float[] values = new float[at + rows * stride + random.nextInt(20)];
        Arrays.fill(values, Float.NaN);
        Matrix matrix = new Matrix(values, at, rows, columns, stride);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                // Some are 0, as pixels and units are.
                matrix.set(i, j, random.nextInt(4) == 0 ? 0 : random.nextFloat() * 2 - 1);
            }
        }
        return matrix;
    }

    private static void assertFramed(Matrix matrix) {
        boolean[] inside = new boolean[matrix.values().length];
        for (int i = 0; i < matrix.rows(); i++) {
            Arrays.fill(inside, matrix.row(i), matrix.row(i) + matrix.columns(), true);
        }
        for (int i = 0; i < inside.length; i++) {
            assertThat(Float.isNaN(matrix.values()[i]))
                    .as("number %d is a mark", i)
                    .isEqualTo(!inside[i]);
        }
    }

    private static Matrix copy(Matrix matrix) {
        return new Matrix(matrix.values().clone(), matrix.at(), matrix.rows(), matrix.columns(), matrix.stride());
    }

    private static int[] shape(int trial, Random random) {
        IntUnaryOperator edge = unused -> EDGES[random.nextInt(EDGES.length)];
        int[] shape = {edge.applyAsInt(0), edge.applyAsInt(1), edge.applyAsInt(2)};
        if (trial % 4 == 0) {
            shape[random.nextInt(3)] = LONG[random.nextInt(LONG.length)];
        }
        if (trial % 50 == 0) {
            shape = new int[] {1 + random.nextInt(9), 1 + random.nextInt(9), 1 + random.nextInt(9)};
            shape[random.nextInt(3)] = 1000 + random.nextInt(100);
        }
        return shape;
    }

    /** One of the products, and where in a and b the factors of a sum lie. */
    private enum Product {
        PLAIN {
            @Override
            Matrix[] factors(int m, int k, int n, Random random) {
                return new Matrix[] {framed(m, k, random), framed(k, n, random)};
            }

            @Override
            double term(Matrix a, Matrix b, int i, int j, int p) {
                return (double) a.get(i, p) * b.get(p, j);
            }

            @Override
            void add(Kernels kernels, Matrix a, Matrix b, Matrix c) {
                kernels.addProduct(a, b, c);
            }
        },
        TRANSPOSED {
            @Override
            Matrix[] factors(int m, int k, int n, Random random) {
                return new Matrix[] {framed(m, k, random), framed(n, k, random)};
            }

            @Override
            double term(Matrix a, Matrix b, int i, int j, int p) {
                return (double) a.get(i, p) * b.get(j, p);
            }

            @Override
            void add(Kernels kernels, Matrix a, Matrix b, Matrix c) {
                kernels.addProductTransposed(a, b, c);
            }
        },
        OUTER {
            @Override
            Matrix[] factors(int m, int k, int n, Random random) {
                return new Matrix[] {framed(k, m, random), framed(k, n, random)};
            }

            @Override
            double term(Matrix a, Matrix b, int i, int j, int p) {
                return -0.75 * a.get(p, i) * b.get(p, j);
            }

            @Override
            void add(Kernels kernels, Matrix a, Matrix b, Matrix c) {
                kernels.addOuterProducts(-0.75f, a, b, c);
            }
        };

        abstract Matrix[] factors(int m, int k, int n, Random random);

        abstract double term(Matrix a, Matrix b, int i, int j, int p);

        abstract void add(Kernels kernels, Matrix a, Matrix b, Matrix c);
    }

    @ParameterizedTest
    @FieldSource("kernels")
    void productsAgreeWithDoublePrecision(Kernels kernels) {
        Random random = new Random(1);
        for (int trial = 0; trial < 200; trial++) {
            int[] shape = shape(trial, random);
            for (Product product : Product.values()) {
                check(kernels, product, shape[0], shape[1], shape[2], random);
            }
        }
    }

    private static void check(Kernels kernels, Product product, int m, int k, int n, Random random) {
        Matrix[] factors = product.factors(m, k, n, random);
        Matrix a = factors[0];
        Matrix b = factors[1];
        Matrix c = framed(m, n, random);
        Matrix before = copy(c);
        Matrix a0 = copy(a);
        Matrix b0 = copy(b);
        product.add(kernels, a, b, c);
        assertFramed(c);
        assertThat(a.values()).isEqualTo(a0.values());
        assertThat(b.values()).isEqualTo(b0.values());
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = before.get(i, j);
                double size = Math.abs(sum);
                for (int p = 0; p < k; p++) {
                    double term = product.term(a, b, i, j, p);
                    sum += term;
                    size += Math.abs(term);
                }
                // N. Higham, Accuracy and Stability, (3.5); one more for the scale.
                if (!(Math.abs(c.get(i, j) - sum) <= (k + 2) * EPSILON * size)) {
                    throw new AssertionError(String.format(
                            "%s %s %d x %d x %d: (%d, %d) is %s, not %s",
                            kernels.word(), product, m, k, n, i, j, c.get(i, j), sum));
                }
            }
        }
        Matrix again = copy(before);
        product.add(kernels, a, b, again);
        assertThat(again.values()).isEqualTo(c.values());
    }

    @ParameterizedTest
    @FieldSource("kernels")
    void sweepsAgreeWithDoublePrecision(Kernels kernels) {
        Random random = new Random(2);
        for (int trial = 0; trial < 200; trial++) {
            int[] shape = shape(trial, random);
            int lanes = shape[0] % 40;
            int units = shape[1] + (trial % 9 == 0 ? 700 : 0);
            sweep(kernels, lanes, units, shape[2] % 33, random);
        }
    }

    private static Units units(int count, Random random) {
        float[] compliance = new float[count];
        float[] lowest = new float[count];
        float[] highest = new float[count];
        for (int k = 0; k < count; k++) {
            compliance[k] = 0.1f + random.nextFloat();
            lowest[k] = random.nextBoolean() ? Float.NEGATIVE_INFINITY : random.nextFloat() - 0.5f;
            highest[k] = random.nextBoolean() ? Float.POSITIVE_INFINITY : Math.max(0, lowest[k]) + random.nextFloat();
        }
        return new Units(compliance, lowest, highest);
    }

    private static void sweep(Kernels kernels, int lanes, int count, int tops, Random random) {
        Matrix drift = framed(lanes, count, random);
        Matrix top = framed(lanes, tops, random);
        Matrix weights = framed(tops, count, random);
        Units units = units(count, random);
        Matrix state = framed(lanes, count, random);
        Matrix up = framed(lanes, tops, random);
        Matrix before = copy(state);
        Matrix drift0 = copy(drift);
        Matrix top0 = copy(top);
        float change = kernels.sweep(drift, top, weights, units, state, up);
        String what = String.format("%s sweep %d x %d x %d", kernels.word(), lanes, count, tops);
        assertFramed(state);
        assertFramed(up);
        assertThat(drift.values()).isEqualTo(drift0.values());
        assertThat(top.values()).isEqualTo(top0.values());
        float largest = 0;
        for (int lane = 0; lane < lanes; lane++) {
            for (int k = 0; k < count; k++) {
                double reached = drift.get(lane, k);
                double size = Math.abs(reached);
                for (int p = 0; p < tops; p++) {
                    reached += (double) top.get(lane, p) * weights.get(p, k);
                    size += Math.abs(top.get(lane, p) * weights.get(p, k));
                }
                double rest = Math.clamp(reached * units.compliance()[k], units.lowest()[k], units.highest()[k]);
                assertThat(Math.abs(state.get(lane, k) - rest))
                        .as(what)
                        .isLessThanOrEqualTo((tops + 2) * EPSILON * size * units.compliance()[k]);
                largest = Math.max(largest, Math.abs(state.get(lane, k) - before.get(lane, k)));
            }
            for (int p = 0; p < tops; p++) {
                double sum = 0;
                double size = 0;
                for (int k = 0; k < count; k++) {
                    double term = (double) state.get(lane, k) * weights.get(p, k);
                    sum += term;
                    size += Math.abs(term);
                }
                assertThat(Math.abs(up.get(lane, p) - sum)).as(what).isLessThanOrEqualTo((count + 2) * EPSILON * size);
            }
        }
        // One difference of the same two numbers: there is no rounding to allow for.
        assertThat(change).as(what).isEqualTo(largest);
    }

    @ParameterizedTest
    @FieldSource("kernels")
    void aSweepTellsOfANumberThatIsNone(Kernels kernels) {
        for (int bad : new int[] {0, 40, 127, 128, 129, 299}) {
            for (int lanes : new int[] {1, 4, 5}) {
                Random random = new Random(3);
                Matrix drift = Matrix.of(lanes, 300);
                drift.set(lanes - 1, bad, Float.NaN);
                float change = kernels.sweep(
                        drift,
                        Matrix.of(lanes, 3),
                        Matrix.of(3, 300),
                        units(300, random),
                        Matrix.of(lanes, 300),
                        Matrix.of(lanes, 3));
                assertThat(change).as("unit %d of %d lanes", bad, lanes).isNaN();
            }
        }
    }

    @ParameterizedTest
    @FieldSource("kernels")
    void pairsMoveAndStayConductances(Kernels kernels) {
        Random random = new Random(7);
        for (int trial = 0; trial < 200; trial++) {
            int[] shape = shape(trial, random);
            Matrix change = framed(shape[0], shape[1], random);
            Matrix ofInput = framed(1, shape[0], random);
            Matrix ofUnit = framed(1, shape[1], random);
            Pairs pairs = new Pairs(
                    framed(shape[0], shape[1], random),
                    framed(shape[0], shape[1], random),
                    3,
                    framed(shape[0], shape[1], random),
                    framed(1, shape[1], random));
            Matrix plus = copy(pairs.plus());
            Matrix minus = copy(pairs.minus());
            Matrix sums = copy(pairs.sums());

            kernels.movePairs(change, ofInput, ofUnit, pairs);

            for (int j = 0; j < shape[1]; j++) {
                double sum = sums.get(0, j);
                double size = Math.abs(sum);
                for (int i = 0; i < shape[0]; i++) {
                    double less = (double) ofInput.get(0, i) + ofUnit.get(0, j);
                    double up = Math.max(0, plus.get(i, j) + change.get(i, j) - less);
                    double down = Math.max(0, minus.get(i, j) - change.get(i, j) - less);
                    assertThat((double) pairs.plus().get(i, j)).isCloseTo(up, within(4 * EPSILON));
                    assertThat((double) pairs.minus().get(i, j)).isCloseTo(down, within(4 * EPSILON));
                    assertThat((double) pairs.effective().get(i, j)).isCloseTo(3 * (up - down), within(40 * EPSILON));
                    sum += up + down;
                    size += up + down + 4;
                }
                assertThat((double) pairs.sums().get(0, j)).isCloseTo(sum, within((shape[0] + 2) * EPSILON * size));
            }
            for (Matrix written : new Matrix[] {pairs.plus(), pairs.minus(), pairs.effective(), pairs.sums()}) {
                assertFramed(written);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("kernels")
    void refusesShapesThatDoNotFit(Kernels kernels) {
        Matrix a = Matrix.of(2, 3);
        assertThatThrownBy(() -> kernels.addProduct(a, Matrix.of(4, 5), Matrix.of(2, 5)))
                .hasMessage("a product of 2 x 3 and 4 x 5 does not make 2 x 5");
        assertThatThrownBy(() -> kernels.addProductTransposed(a, Matrix.of(3, 5), Matrix.of(2, 3)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> kernels.addOuterProducts(1, a, Matrix.of(2, 5), Matrix.of(2, 5)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> kernels.sweep(
                        a, Matrix.of(2, 1), Matrix.of(3, 1), units(3, new Random(1)), Matrix.of(2, 3), Matrix.of(2, 1)))
                .hasMessageContaining("weights 3 x 1");
        Pairs pairs = new Pairs(a, Matrix.of(2, 3), 1, Matrix.of(2, 3), Matrix.of(1, 3));
        assertThatThrownBy(() -> kernels.movePairs(Matrix.of(3, 2), Matrix.of(1, 3), Matrix.of(1, 2), pairs))
                .hasMessageContaining("does not move pairs of 2 x 3");
        assertThatThrownBy(() -> new Pairs(a, Matrix.of(3, 2), 1, Matrix.of(2, 3), Matrix.of(1, 3)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theBestIsTheVectors() {
        assertThat(Kernels.best()).isSameAs(VectorKernels.INSTANCE);
        assertThat(Kernels.best().word()).matches("vector-\\d+");
    }

    /** Run in a JVM of its own. */
    static final class Word {
        private Word() {}

        public static void main(String[] arguments) {
            Matrix c = Matrix.of(1, 1);
            Kernels.best()
                    .addProduct(new Matrix(new float[] {2}, 0, 1, 1, 1), new Matrix(new float[] {3}, 0, 1, 1, 1), c);
            System.out.print(Kernels.best().word() + " " + c.get(0, 0));
        }
    }

    @Test
    void withoutTheModuleItIsPlainJava() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Word.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).isEqualTo("scalar 6.0");
    }
}
