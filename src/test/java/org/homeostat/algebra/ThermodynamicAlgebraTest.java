package org.homeostat.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.homeostat.catalog.Catalog;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;

/** Linear algebra by boards, against linear algebra. */
class ThermodynamicAlgebraTest {

    private final SplittableRandom random = new SplittableRandom(31);

    private static ThermodynamicAlgebra on(String uri) {
        return new ThermodynamicAlgebra(
                new Catalog(new RunStore(Path.of("runs"))).open(uri).device(), Duration.ofMinutes(1));
    }

    /** A covariance matrix of random numbers, of condition about 10 to 30, with sizes that differ from row to row. */
    private double[][] matrix(int n) {
        double[][] m = new double[n][2 * n];
        for (double[] row : m) {
            Arrays.setAll(row, k -> random.nextGaussian());
        }
        double[][] a = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                for (int k = 0; k < 2 * n; k++) {
                    a[i][j] += m[i][k] * m[j][k] / 2 / n;
                }
                a[i][j] = (a[i][j] + (i == j ? 0.1 : 0)) * (1 + i) * (1 + j);
            }
        }
        return a;
    }

    private static RealMatrix inverse(double[][] a) {
        return new LUDecomposition(new Array2DRowRealMatrix(a)).getSolver().getInverse();
    }

    private static double apart(double[][] a, RealMatrix b) {
        return new Array2DRowRealMatrix(a).subtract(b).getFrobeniusNorm() / b.getFrobeniusNorm();
    }

    @Test
    void aColdBoardSolvesExactlyAndAWarmOneWithinItsErrors() {
        double[][] a = matrix(6);
        double[] b = random.doubles(6, -1, 1).toArray();
        double[] x = inverse(a).operate(b);
        double[] cold = on("twin:thermodynamic-board?heat=0").solve(a, b, 1).values();
        assertThat(cold).containsExactly(x, within(1e-12));
        ThermodynamicAlgebra.Vector warm = on("twin:thermodynamic-board").solve(a, b, 20_000);
        double worst = 0;
        for (int i = 0; i < x.length; i++) {
            worst = Math.max(worst, Math.abs(warm.values()[i] - x[i]) / warm.errors()[i]);
        }
        assertThat(worst).isBetween(0.1, 4.0);
    }

    @Test
    void whatIsLeftOverIsTakenBackUntilItIsSmall() {
        double[][] a = matrix(8);
        double[] b = random.doubles(8, -1, 1).toArray();
        double[] x = inverse(a).operate(b);
        ThermodynamicAlgebra board = on("twin:thermodynamic-board");
        double[] once = board.solve(a, b, 10).values();
        double[] refined = board.refined(a, b, 10, 1e-12).values();
        double size = new ArrayRealVector(x).getNorm();
        assertThat(new ArrayRealVector(once).getDistance(new ArrayRealVector(x)) / size)
                .isBetween(1e-6, 1e-1);
        assertThat(new ArrayRealVector(refined).getDistance(new ArrayRealVector(x)) / size)
                .isLessThan(1e-9);
    }

    @Test
    void theErrorOfAnInverseFallsAsTheRootOfTheReadings() {
        double[][] a = matrix(8);
        RealMatrix wanted = inverse(a);
        SimpleRegression law = new SimpleRegression();
        for (int seed = 1; seed <= 3; seed++) {
            ThermodynamicAlgebra board = on("twin:thermodynamic-board?seed=" + seed);
            for (int reads : new int[] {300, 3000, 30_000}) {
                law.addData(
                        Math.log(reads), Math.log(apart(board.inverse(a, reads).values(), wanted)));
            }
        }
        assertThat(law.getSlope()).isBetween(-0.6, -0.4);
    }

    @Test
    void theStandardErrorsOfAnInverseAreTrue() {
        double[][] a = matrix(5);
        RealMatrix wanted = inverse(a);
        ThermodynamicAlgebra.Matrix found = on("twin:thermodynamic-board").inverse(a, 20_000);
        double squares = 0;
        for (int i = 0; i < 5; i++) {
            for (int j = 0; j < 5; j++) {
                double off = (found.values()[i][j] - wanted.getEntry(i, j)) / found.errors()[i][j];
                squares += off * off / 25;
            }
        }
        // Elements of one inverse err together, so that this mean is far from sharp; it is of the order of 1.
        assertThat(squares).isBetween(0.1, 4.0);
    }

    @Test
    void theDeterminantIsAnIntegralOverTheCoupling() {
        double[][] a = matrix(6);
        double wanted = Math.log(new LUDecomposition(new Array2DRowRealMatrix(a)).getDeterminant());
        ThermodynamicAlgebra.Scalar found = on("twin:thermodynamic-board").logDeterminant(a, 20_000);
        assertThat(Math.abs(found.value() - wanted)).isLessThan(4 * found.error());
        assertThat(found.error()).isBetween(1e-4, 0.05);
        assertThat(on("twin:thermodynamic-board")
                        .logDeterminant(new double[][] {{5}}, 2)
                        .value())
                .isCloseTo(Math.log(5), within(1e-12));
    }

    @Test
    void drawsHaveTheMeanAndTheCovarianceAskedFor() {
        double[][] a = matrix(3);
        double[] b = {1, -2, 3};
        RealMatrix covariance = inverse(a);
        double[] mean = covariance.operate(b);
        int count = 4000;
        double[][] draws = on("twin:thermodynamic-board").draws(a, b, count, 50_000);
        assertThat(draws.length).isEqualTo(count);
        for (int i = 0; i < 3; i++) {
            int column = i;
            double spread = Math.sqrt(covariance.getEntry(i, i));
            double[] drawn =
                    Arrays.stream(draws).mapToDouble(row -> row[column]).toArray();
            double average = Arrays.stream(drawn).average().orElseThrow();
            double variance = Arrays.stream(drawn)
                    .map(x -> (x - average) * (x - average))
                    .average()
                    .orElseThrow();
            assertThat(average).isCloseTo(mean[i], within(4.5 * spread / Math.sqrt(count)));
            assertThat(variance / spread / spread).isCloseTo(1, within(4.5 * Math.sqrt(2.0 / count)));
        }
        assertThat(draws[0]).isNotEqualTo(draws[1]);
    }

    @Test
    void aUnitOfCapacitorsInvertsWhatItsCodesAllowAndErrsForGoodWhereTheyStray() {
        double[][] c = new double[8][8];
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < i; j++) {
                c[i][j] = -0.25 * random.nextInt(4);
                c[j][i] = c[i][j];
            }
        }
        for (int i = 0; i < 8; i++) {
            c[i][i] = 1 + random.nextInt(4) - Arrays.stream(c[i]).sum();
        }
        ThermodynamicAlgebra unit = on("twin:spu-8");
        assertThat(apart(unit.realised(c), new Array2DRowRealMatrix(c))).isLessThan(1e-9);
        double[][] found = unit.inverse(c, 400_000).values();
        // The law alone would leave about 4 / sqrt(400000 / a few), the frozen errors of 2 % leave more than that.
        assertThat(apart(found, inverse(c))).isBetween(0.003, 0.05);
        double[][] between = {{2, -1.1}, {-1.1, 2}};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unit.inverse(between, 10))
                .withMessageContaining("8 cells");
        c[0][1] = 0.5;
        c[1][0] = 0.5;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unit.inverse(c, 10))
                .withMessageContaining("never negative");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unit.solve(c, new double[8], 10))
                .withMessageContaining("flows off");
    }

    @Test
    void whatHasNoAnswerIsRefusedInASentence() {
        ThermodynamicAlgebra board = on("twin:thermodynamic-board");
        double[] b = {1, 1};
        assertThatIllegalArgumentException()
                .isThrownBy(() -> board.solve(new double[][] {{1, 0.5}, {0.4, 1}}, b, 10))
                .withMessageContaining("not symmetric: row 2 column 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> board.inverse(new double[][] {{1, 2}, {2, 1}}, 10))
                .withMessageContaining("not positive definite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> board.solve(new double[][] {{1, 0}, {0, -1}}, b, 10))
                .withMessageContaining("row 2 has -1.0 on the diagonal");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> board.inverse(matrix(9), 10))
                .withMessageContaining("?inputs=9&outputs=9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> on("twin:thermodynamic-board?heat=0").inverse(matrix(2), 10))
                .withMessageContaining("cold");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> on("twin:resistor-array-v1"))
                .withMessageContaining("holds no matrix");
        assertThat(board.solve(matrix(2), new double[2], 10).values()).containsOnly(0.0);
    }
}
