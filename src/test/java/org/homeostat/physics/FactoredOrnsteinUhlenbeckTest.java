package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.homeostat.contracts.PhysicsContract;
import org.homeostat.physics.Sampled.Run;
import org.homeostat.physics.Sampled.Sample;
import org.junit.jupiter.api.Test;

/** The solver that never multiplies its matrix out, against the board that holds the whole matrix. */
class FactoredOrnsteinUhlenbeckTest implements PhysicsContract {

    private static final int CELLS = 9;
    private static final int SAMPLES = 3;
    private static final int WIDTH = 2;
    private static final double LAMBDA = 1;

    private static FactoredOrnsteinUhlenbeck solver(double heat) {
        return new FactoredOrnsteinUhlenbeck(CELLS, SAMPLES, WIDTH, 1, heat, 0.5);
    }

    private static double[] theta(RandomGenerator random) {
        double[] theta = random.doubles(solver(0).parameters(), -1, 1).toArray();
        int k = SAMPLES * WIDTH * CELLS;
        for (int s = 0; s < SAMPLES; s++) {
            // The curvature of softmax with cross-entropy for two classes, as far as from degenerate as they come.
            double p = 0.2 + 0.3 * random.nextDouble();
            theta[k++] = p + 0.1;
            theta[k++] = -0.5 * p;
            theta[k++] = p;
        }
        theta[k] = LAMBDA;
        return theta;
    }

    /** The same matrix multiplied out, in the order of the board that holds it. */
    private static double[] multipliedOut(double[] theta) {
        double[][] a = new double[CELLS][CELLS];
        int h = SAMPLES * WIDTH * CELLS;
        for (int s = 0; s < SAMPLES; s++) {
            double[][] block = {{theta[h + 3 * s], theta[h + 3 * s + 1]}, {theta[h + 3 * s + 1], theta[h + 3 * s + 2]}};
            for (int p = 0; p < WIDTH; p++) {
                for (int q = 0; q < WIDTH; q++) {
                    for (int m = 0; m < CELLS; m++) {
                        for (int n = 0; n < CELLS; n++) {
                            a[m][n] += theta[(s * WIDTH + p) * CELLS + m]
                                    * block[p][q]
                                    * theta[(s * WIDTH + q) * CELLS + n]
                                    / SAMPLES;
                        }
                    }
                }
            }
        }
        double[] whole = new double[CELLS * (CELLS + 1) / 2];
        int k = CELLS;
        for (int m = 0; m < CELLS; m++) {
            whole[m] = a[m][m] + LAMBDA;
            for (int n = m + 1; n < CELLS; n++) {
                whole[k++] = a[m][n];
            }
        }
        return whole;
    }

    private static OrnsteinUhlenbeck whole(double heat) {
        int[] all = IntStream.range(0, CELLS).toArray();
        return new OrnsteinUhlenbeck(CELLS, all, all, false, 1, heat, 0.5);
    }

    @Override
    public Case draw(RandomGenerator random) {
        return new Case(
                solver(0.1),
                theta(random),
                random.doubles(CELLS, -1, 1).toArray(),
                random.doubles(CELLS, -1, 1).toArray(),
                0.1);
    }

    @Override
    public double[] allowed(Case drawn, RandomGenerator random) {
        return random.doubles(CELLS, -1, 1).toArray();
    }

    @Override
    public double tolerance() {
        return 1e-12;
    }

    @Override
    public double slopeTolerance() {
        return 1e-8;
    }

    @Override
    public boolean free(Case drawn, double[] state, int unit) {
        return true;
    }

    @Test
    void itGoesTheWayOfTheBoardThatHoldsTheWholeMatrix() {
        SplittableRandom random = new SplittableRandom(8);
        double[] theta = theta(random);
        double[] input = random.doubles(CELLS, -1, 1).toArray();
        Drive drive = Drive.free(input, CELLS);
        double[] one = random.doubles(CELLS, -1, 1).toArray();
        double[] other = one.clone();
        for (double seconds : new double[] {0, 0.1, 1, 5, 200}) {
            solver(0).sample(theta, drive, one, new Run(false, seconds, 1, random));
            whole(0).sample(multipliedOut(theta), drive, other, new Run(false, seconds, 1, random));
            assertThat(one).as("after %s s", seconds).containsExactly(other, within(1e-11));
        }
        double[] settled = new double[CELLS];
        assertThat(solver(0).settle(theta, drive, settled, 1e-10).settled()).isTrue();
        assertThat(one).containsExactly(settled, within(1e-10));
    }

    @Test
    void heatSpreadsItLikeTheBoardThatHoldsTheWholeMatrix() {
        SplittableRandom random = new SplittableRandom(9);
        double[] theta = theta(random);
        int reads = 20_000;
        Drive drive = Drive.free(new double[CELLS], CELLS);
        Sample one = solver(0.5).sample(theta, drive, new double[CELLS], new Run(true, 20, reads, random));
        Sample other = whole(0.5)
                .sample(multipliedOut(theta), drive, new double[CELLS], new Run(true, 20, 10 * reads, random));
        double trace = 0;
        for (int n = 0; n < CELLS; n++) {
            trace += other.forces()[n];
        }
        int lambda = theta.length - 1;
        assertThat(one.forces()[lambda])
                .isCloseTo(trace, within(4 * Math.hypot(one.forceErrors()[lambda], other.forceErrors()[0] * CELLS)));
        assertThat(one.forceErrors()[lambda] / trace).isLessThan(0.05);
    }

    @Test
    void whatHasNoRestIsReported() {
        SplittableRandom random = new SplittableRandom(10);
        double[] undamped = theta(random);
        undamped[undamped.length - 1] = 0;
        double[] concave = theta(random);
        concave[SAMPLES * WIDTH * CELLS] = -1;
        Drive drive = Drive.free(new double[CELLS], CELLS);
        double[] state = new double[CELLS];
        Arrays.fill(state, 0.5);
        for (double[] theta : new double[][] {undamped, concave}) {
            Sample sample = solver(0.1).sample(theta, drive, state, new Run(false, 10, 2, random));
            assertThat(sample.rest().residual()).isInfinite();
            assertThat(sample.rest().remark()).containsAnyOf("lambda", "positive semidefinite");
            assertThat(solver(0.1).settle(theta, drive, state, 1e-9).residual()).isInfinite();
            assertThat(state).containsOnly(0.5);
        }
        double[] nothing = theta(random);
        nothing[4] = Double.NaN;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> solver(0).settle(nothing, drive, state, 1e-9))
                .withMessageContaining("no number");
    }
}
