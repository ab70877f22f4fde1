package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.homeostat.contracts.PhysicsContract;
import org.homeostat.physics.Sampled.Run;
import org.homeostat.physics.Sampled.Sample;
import org.junit.jupiter.api.Test;

/** Overdamped cells in a heat bath, against linear algebra done otherwise. */
class OrnsteinUhlenbeckTest implements PhysicsContract {

    private static final int CELLS = 5;
    private static final double TAU = 2;

    private static int[] all(int cells) {
        return IntStream.range(0, cells).toArray();
    }

    private static OrnsteinUhlenbeck board(double heat) {
        return new OrnsteinUhlenbeck(CELLS, all(CELLS), all(CELLS), false, TAU, heat, 1);
    }

    /** Diagonals of 1.5 to 2.5 and couplings small enough for every such matrix to be positive definite. */
    private static double[] theta(RandomGenerator random, OrnsteinUhlenbeck board, int cells) {
        double[] theta = random.doubles(board.parameters(), -0.3, 0.3).toArray();
        for (int i = 0; i < cells; i++) {
            theta[i] = 2 + 1.5 * theta[i];
        }
        return theta;
    }

    private static RealMatrix matrix(double[] theta, int cells) {
        RealMatrix a = new Array2DRowRealMatrix(cells, cells);
        int k = cells;
        for (int i = 0; i < cells; i++) {
            a.setEntry(i, i, theta[i]);
            for (int j = i + 1; j < cells; j++) {
                a.setEntry(i, j, theta[k]);
                a.setEntry(j, i, theta[k++]);
            }
        }
        return a;
    }

    private static RealMatrix inverse(RealMatrix a) {
        return new LUDecomposition(a).getSolver().getInverse();
    }

    @Override
    public Case draw(RandomGenerator random) {
        OrnsteinUhlenbeck board =
                new OrnsteinUhlenbeck(CELLS, new int[] {0, 1, 2}, new int[] {3, 4}, true, TAU, 0.1, 1);
        return new Case(
                board,
                theta(random, board, CELLS),
                random.doubles(3, -2, 2).toArray(),
                random.doubles(2, -1, 1).toArray(),
                0.2);
    }

    @Override
    public double[] allowed(Case drawn, RandomGenerator random) {
        return random.doubles(CELLS, -1, 1).toArray();
    }

    @Override
    public double tolerance() {
        return 1e-13;
    }

    @Override
    public double slopeTolerance() {
        return 1e-9;
    }

    @Override
    public boolean free(Case drawn, double[] state, int unit) {
        return true;
    }

    private static Sample run(
            Sampled board, double[] theta, double[] input, double[] state, double seconds, int reads, long seed) {
        return board.sample(
                theta,
                Drive.free(input, board.outputs().length),
                state,
                new Run(false, seconds, reads, new SplittableRandom(seed)));
    }

    @Test
    void withoutHeatItSolvesTheSystem() {
        SplittableRandom random = new SplittableRandom(1);
        OrnsteinUhlenbeck board = board(0);
        double[] theta = theta(random, board, CELLS);
        double[] b = random.doubles(CELLS, -1, 1).toArray();
        Sample sample = run(board, theta, b, new double[CELLS], 100 * TAU, 1, 1);
        assertThat(sample.outputs())
                .containsExactly(inverse(matrix(theta, CELLS)).operate(b), within(1e-12));
        assertThat(sample.outputErrors()).containsOnly(0.0);
        assertThat(sample.rest().settled()).isTrue();
    }

    /** The exact step against a fine march of the differential equation (Runge-Kutta of fourth order). */
    @Test
    void theWayThereIsTheOneOfTheEquation() {
        SplittableRandom random = new SplittableRandom(2);
        OrnsteinUhlenbeck board = board(0);
        double[] theta = theta(random, board, CELLS);
        RealMatrix a = matrix(theta, CELLS);
        double[] b = random.doubles(CELLS, -1, 1).toArray();
        double[] begun = random.doubles(CELLS, -1, 1).toArray();
        double[] marched = Marched.from(begun, 0.7 * TAU, 2000, x -> {
            double[] rate = a.operate(x);
            Arrays.setAll(rate, i -> (b[i] - rate[i]) / TAU);
            return rate;
        });
        double[] state = begun.clone();
        Sample sample = run(board, theta, b, state, 0.7 * TAU, 1, 1);
        assertThat(state).containsExactly(marched, within(1e-11));
        assertThat(sample.outputs()).containsExactly(state);
        assertThat(sample.rest().ending()).isEqualTo(Rest.Ending.NOT_AT_REST);
        assertThat(sample.rest().remark()).contains("dwell longer");
    }

    @Test
    void twoHalvesOfAWayAreTheWay() {
        SplittableRandom random = new SplittableRandom(3);
        OrnsteinUhlenbeck board = board(0);
        double[] theta = theta(random, board, CELLS);
        double[] b = random.doubles(CELLS, -1, 1).toArray();
        double[] whole = new double[CELLS];
        double[] halves = new double[CELLS];
        run(board, theta, b, whole, 1, 1, 1);
        run(board, theta, b, halves, 0.5, 1, 1);
        run(board, theta, b, halves, 0.5, 1, 2);
        assertThat(halves).containsExactly(whole, within(1e-14));
    }

    @Test
    void inAHeatBathTheSecondMomentsInvertTheMatrix() {
        SplittableRandom random = new SplittableRandom(4);
        double heat = 0.25;
        OrnsteinUhlenbeck board = board(heat);
        double[] theta = theta(random, board, CELLS);
        RealMatrix wanted = inverse(matrix(theta, CELLS)).scalarMultiply(heat);
        Sample sample = run(board, theta, new double[CELLS], new double[CELLS], 20 * TAU, 200_000, 5);
        double[] errors = sample.forceErrors();
        double worst = 0;
        int k = CELLS;
        for (int i = 0; i < CELLS; i++) {
            worst = Math.max(worst, Math.abs(sample.forces()[i] - 0.5 * wanted.getEntry(i, i)) / errors[i]);
            for (int j = i + 1; j < CELLS; j++, k++) {
                worst = Math.max(worst, Math.abs(sample.forces()[k] - wanted.getEntry(i, j)) / errors[k]);
            }
        }
        // Fifteen estimates: the largest deviation lies within a few of their own standard errors, and is not nothing.
        assertThat(worst).isBetween(0.5, 4.5);
        assertThat(Arrays.stream(errors).max().orElse(1)).isLessThan(1.5e-3);
    }

    /** Readings that remember each other: errors that took them as independent would be far too small. */
    @Test
    void theStandardErrorsHoldForReadingsThatRememberEachOther() {
        OrnsteinUhlenbeck board = new OrnsteinUhlenbeck(1, all(1), all(1), false, 1, 1, 0.1);
        double squares = 0;
        int trials = 400;
        for (int trial = 0; trial < trials; trial++) {
            Sample sample = run(board, new double[] {1}, new double[] {0.5}, new double[1], 20, 8000, trial);
            double off = (sample.outputs()[0] - 0.5) / sample.outputErrors()[0];
            squares += off * off / trials;
        }
        // Taken as independent they would give about 20 here; Student's t with 31 degrees of freedom gives 31/29.
        assertThat(squares).isBetween(0.85, 1.3);
    }

    @Test
    void aSingleReadingIsOffByTheSpread() {
        OrnsteinUhlenbeck board = new OrnsteinUhlenbeck(1, all(1), all(1), false, 1, 0.04, 0.1);
        Sample sample = run(board, new double[] {4}, new double[] {0}, new double[1], 20, 1, 1);
        assertThat(sample.outputErrors()[0]).isCloseTo(0.1, within(1e-12));
        assertThat(sample.outputs()[0]).isNotZero();
    }

    @Test
    void aMatrixThatIsNotPositiveDefiniteIsReportedAndNothingRunsAway() {
        OrnsteinUhlenbeck board = new OrnsteinUhlenbeck(2, all(2), all(2), false, 1, 0.1, 1);
        double[] state = {0.3, -0.2};
        for (double[] theta : new double[][] {{1, 1, 1.5}, {1, -1, 0}, {1, 1, 1}, {0, 0, 0}}) {
            Rest rest = board.settle(theta, Drive.free(new double[2], 2), state, 1e-9);
            Sample sample = run(board, theta, new double[2], state, 100, 3, 1);
            for (Rest one : new Rest[] {rest, sample.rest()}) {
                assertThat(one.residual()).isInfinite();
                assertThat(one.settled()).isFalse();
                assertThat(one.remark()).contains("not positive definite");
            }
            assertThat(state).containsExactly(0.3, -0.2);
            assertThat(sample.outputs()).containsExactly(0.3, -0.2);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(board, new double[] {1, Double.NaN, 0}, new double[2], state, 1, 1, 1))
                .withMessageContaining("no number");
    }

    @Test
    void aClampHoldsTheOutputsAndTheRestSettlesAroundThem() {
        SplittableRandom random = new SplittableRandom(6);
        OrnsteinUhlenbeck board = new OrnsteinUhlenbeck(CELLS, new int[] {0, 1, 2}, new int[] {3, 4}, true, TAU, 0, 1);
        double[] theta = theta(random, board, CELLS);
        Drive held = Drive.free(new double[] {1, -1, 0.5}, 2).clamped(new double[] {0.25, -0.75});
        double[] state = new double[CELLS];
        assertThat(board.settle(theta, held, state, 1e-12).settled()).isTrue();
        assertThat(state[3]).isEqualTo(0.25);
        assertThat(state[4]).isEqualTo(-0.75);
        double[] sampled = new double[CELLS];
        board.sample(theta, held, sampled, new Run(true, 100 * TAU, 1, random));
        assertThat(sampled).containsExactly(state, within(1e-12));
        double least = board.energy(theta, held, state);
        for (int i = 0; i < 3; i++) {
            double[] moved = state.clone();
            moved[i] += 1e-3;
            assertThat(board.energy(theta, held, moved)).isGreaterThan(least);
        }
    }

    @Test
    void aStartAfreshForgets() {
        SplittableRandom random = new SplittableRandom(7);
        OrnsteinUhlenbeck board = board(0);
        double[] theta = theta(random, board, CELLS);
        double[] b = random.doubles(CELLS, -1, 1).toArray();
        double[] kept = random.doubles(CELLS, 5, 6).toArray();
        double[] fresh = kept.clone();
        Drive drive = Drive.free(b, CELLS);
        board.sample(theta, drive, kept, new Run(false, TAU, 1, random));
        board.sample(theta, drive, fresh, new Run(true, TAU, 1, random));
        double[] fromZero = new double[CELLS];
        board.sample(theta, drive, fromZero, new Run(false, TAU, 1, random));
        assertThat(fresh).containsExactly(fromZero);
        assertThat(kept[0]).isGreaterThan(fresh[0] + 0.1);
    }

    /** Agnostic EP with true motion of the parameters: held at -beta/2, let go at beta/2; the error is of first order in epsilon. */
    @Test
    void theErrorOfParametersThatMoveByThemselvesFallsWithTheirSoftness() {
        SplittableRandom random = new SplittableRandom(20);
        Case drawn = draw(random);
        double[] wanted = new double[drawn.theta().length];
        for (int k = 0; k < wanted.length; k++) {
            double[] up = drawn.theta().clone();
            double[] down = drawn.theta().clone();
            up[k] += 1e-5;
            down[k] -= 1e-5;
            wanted[k] = (drawn.cost(drawn.settled(up, drawn.free(), tolerance()))
                            - drawn.cost(drawn.settled(down, drawn.free(), tolerance())))
                    / 2e-5;
        }
        double coarse = errorOfMotion(drawn, wanted, 0.02);
        double fine = errorOfMotion(drawn, wanted, 0.01);
        double finer = errorOfMotion(drawn, wanted, 0.005);
        assertThat(coarse).isBetween(1e-4, 0.3);
        assertThat(coarse / fine).isCloseTo(2, within(0.15));
        assertThat(fine / finer).isCloseTo(2, within(0.1));
    }

    private static double errorOfMotion(Case drawn, double[] wanted, double epsilon) {
        double beta = 1e-3;
        int count = wanted.length;
        double[] low = new double[count];
        double[] high = new double[count];
        Arrays.fill(low, -10);
        Arrays.fill(high, 10);
        JointRelaxation relaxation = new JointRelaxation(drawn.physics(), low, high);
        double[] softness = new double[count];
        Arrays.fill(softness, epsilon);
        Drive before = drawn.nudged(-beta / 2);
        double[] state = drawn.settled(drawn.theta(), before, 1e-13);
        double[] force = new double[count];
        drawn.physics().forces(drawn.theta(), before, state, force);
        double[] knob = new double[count];
        Arrays.setAll(knob, k -> drawn.theta()[k] + epsilon * force[k]);
        double[] theta = drawn.theta().clone();
        relaxation.settle(knob, softness, new Drive[] {drawn.nudged(beta / 2)}, theta, new double[][] {state}, 1e-12);
        double off = 0;
        double size = 0;
        for (int k = 0; k < count; k++) {
            double seen = (drawn.theta()[k] - theta[k]) / epsilon / beta;
            off += (seen - wanted[k]) * (seen - wanted[k]);
            size += wanted[k] * wanted[k];
        }
        return Math.sqrt(off / size);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OrnsteinUhlenbeck(2, new int[] {2}, all(2), false, 1, 0, 1))
                .withMessageContaining("no cell 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OrnsteinUhlenbeck(2, all(2), new int[] {1, 1}, false, 1, 0, 1))
                .withMessageContaining("at most one output");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OrnsteinUhlenbeck(2, all(2), all(2), false, 1, -1, 1))
                .withMessageContaining("heat");
    }
}
