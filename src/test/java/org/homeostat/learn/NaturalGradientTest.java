package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Learners;
import org.homeostat.control.Written;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.learn.Preconditioner.Begin;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;

/** Natural gradient with a board as its solver, against the one reckoned on the host. */
class NaturalGradientTest {

    private static final double TAU = 1e-6;
    private static final double DAMPING = 0.2;
    private static final Cost COST = new Cost.CrossEntropy(1, 1);
    private static final int LANES = 5;

    private final SplittableRandom random = new SplittableRandom(99);

    private static Device network() {
        return new Written(new Catalog(new RunStore(Path.of("runs")))
                .open("twin:digital-network?inputs=3&hidden=6&outputs=3&lanes=" + LANES)
                .device());
    }

    private double[] start(Device device) {
        double[] theta = random.doubles(device.descriptor().count(Role.PARAMETER), -0.8, 0.8)
                .toArray();
        var unused = device.present(Stimulus.of(Levels.of(Role.PARAMETER, theta)), Deadline.NEVER);
        return theta;
    }

    private Example example() {
        double[][] inputs = new double[LANES][];
        double[][] targets = new double[LANES][3];
        for (int lane = 0; lane < LANES; lane++) {
            inputs[lane] = random.doubles(3, -1, 1).toArray();
            targets[lane][random.nextInt(3)] = 1;
        }
        return new Example(Levels.of(Role.INPUT, inputs), targets);
    }

    private static NaturalGradient learner(Preconditioner preconditioner) {
        return new NaturalGradient(
                new NaturalGradient.Settings("tngd", DAMPING, Optimiser.Settings.sgd(0.1), Settling.USUAL),
                COST,
                preconditioner);
    }

    private static Preconditioner solver(double tau, Begin begin) {
        return new Preconditioner.Solver(Learners.solver("twin:thermodynamic-solver"), tau * TAU, 1, begin);
    }

    @Test
    void theSlopesOfTheModelAreThoseOfTheDevice() {
        try (Device device = network()) {
            double[] theta = start(device);
            LayeredModel model = LayeredModel.of(device.descriptor());
            assertThat(model.parameters()).isEqualTo(theta.length);
            double[] input = {0.3, -0.7, 0.9};
            double[][] slopes = model.jacobian(theta, model.shown(theta, input));
            for (int k = 0; k < theta.length; k++) {
                double[] up = outputs(device, theta, k, 1e-5, input);
                double[] down = outputs(device, theta, k, -1e-5, input);
                for (int o = 0; o < 3; o++) {
                    assertThat(slopes[o][k]).isCloseTo((up[o] - down[o]) / 2e-5, within(1e-9));
                }
            }
        }
    }

    private static double[] outputs(Device device, double[] theta, int k, double by, double[] input) {
        double[] moved = theta.clone();
        moved[k] += by;
        return device.present(
                        Stimulus.of(Levels.of(Role.PARAMETER, moved).and(Levels.of(Role.INPUT, input))), Deadline.NEVER)
                .outputs(0);
    }

    @Test
    void theCurvatureOfTheCostIsTheSlopeOfItsGradient() {
        double[] outputs = {0.4, -1.2, 0.7};
        double[] target = {0, 1, 0};
        for (Cost cost : new Cost[] {COST, new Cost.CrossEntropy(0.3, 2), new Cost.SquaredError()}) {
            double[][] h = Curvature.of(cost, outputs, target);
            for (int j = 0; j < 3; j++) {
                double[] up = outputs.clone();
                double[] down = outputs.clone();
                up[j] += 1e-5;
                down[j] -= 1e-5;
                double[] after = cost.gradient(up, target);
                double[] before = cost.gradient(down, target);
                for (int i = 0; i < 3; i++) {
                    assertThat(h[i][j]).isCloseTo((after[i] - before[i]) / 2e-5, within(1e-8));
                }
            }
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Curvature.of(new Cost.Alignment(), outputs, target))
                .withMessageContaining("squared_error or cross_entropy");
    }

    @Test
    void woodburySolvesTheSystemMultipliedOut() {
        int n = 7;
        double[][] jacobian = new double[6][];
        Arrays.setAll(jacobian, row -> random.doubles(n, -1, 1).toArray());
        double[][][] blocks = new double[3][][];
        Arrays.setAll(blocks, s -> Curvature.of(COST, random.doubles(2, -1, 1).toArray(), new double[] {1, 0}));
        double[][] a = new double[n][n];
        for (int s = 0; s < 3; s++) {
            for (int p = 0; p < 2; p++) {
                for (int q = 0; q < 2; q++) {
                    for (int i = 0; i < n; i++) {
                        for (int j = 0; j < n; j++) {
                            a[i][j] += jacobian[2 * s + p][i] * blocks[s][p][q] * jacobian[2 * s + q][j] / 3;
                        }
                    }
                }
            }
        }
        for (int i = 0; i < n; i++) {
            a[i][i] += DAMPING;
        }
        double[] v = random.doubles(n, -1, 1).toArray();
        double[] wanted = new LUDecomposition(new Array2DRowRealMatrix(a))
                .getSolver()
                .solve(new ArrayRealVector(v))
                .toArray();
        assertThat(new Curvature(jacobian, blocks, DAMPING).solved(v)).containsExactly(wanted, within(1e-12));
    }

    /** One step from the same place: what the parameters moved by. */
    private double[] moved(Preconditioner preconditioner, double[] theta, Example example) {
        try (Device device = network();
                NaturalGradient learner = learner(preconditioner)) {
            var unused = device.present(Stimulus.of(Levels.of(Role.PARAMETER, theta)), Deadline.NEVER);
            Step step = learner.step(device, example, Deadline.NEVER);
            assertThat(step.accepted()).isTrue();
            double[] moved = new double[theta.length];
            Arrays.setAll(moved, k -> step.parameters()[k] - theta[k]);
            return moved;
        }
    }

    @Test
    void afterNoTimeItIsPlainDescentAndAfterALongOneTheNaturalGradient() {
        double[] theta;
        try (Device device = network()) {
            theta = start(device);
        }
        Example example = example();
        double[] plain = moved(new Preconditioner.None(), theta, example);
        double[] exact = moved(new Preconditioner.Exact(), theta, example);
        assertThat(moved(solver(0, Begin.GRADIENT), theta, example)).containsExactly(plain, within(1e-15));
        assertThat(moved(solver(200, Begin.GRADIENT), theta, example)).containsExactly(exact, within(1e-12));
        assertThat(moved(solver(200, Begin.ZERO), theta, example)).containsExactly(exact, within(1e-12));
        assertThat(distance(plain, exact)).isGreaterThan(0.01);
        double before = distance(plain, exact);
        for (double tau : new double[] {1, 5, 20}) {
            double after = distance(moved(solver(tau, Begin.GRADIENT), theta, example), exact);
            assertThat(after).isLessThan(before);
            before = after;
        }
    }

    private static double distance(double[] a, double[] b) {
        return new ArrayRealVector(a).getDistance(new ArrayRealVector(b));
    }

    @Test
    void aKeptStartRemembersTheBatchBefore() {
        try (Device device = network();
                NaturalGradient kept = learner(solver(2, Begin.KEPT));
                Device other = network();
                NaturalGradient reset = learner(solver(2, Begin.GRADIENT))) {
            double[] theta = start(device);
            var unused = other.present(Stimulus.of(Levels.of(Role.PARAMETER, theta)), Deadline.NEVER);
            Example one = example();
            Example two = example();
            double[] first = kept.step(device, one, Deadline.NEVER).parameters();
            assertThat(first)
                    .containsExactly(reset.step(other, one, Deadline.NEVER).parameters(), within(1e-15));
            double[] second = kept.step(device, two, Deadline.NEVER).parameters();
            assertThat(distance(second, reset.step(other, two, Deadline.NEVER).parameters()))
                    .isGreaterThan(1e-4);
        }
    }

    @Test
    void aLearnerPutBackGoesOnBitForBit() throws IOException {
        Example one = example();
        Example two = example();
        try (Device device = network();
                NaturalGradient learner = learner(solver(2, Begin.KEPT));
                NaturalGradient restored = learner(solver(2, Begin.KEPT))) {
            var unused = start(device);
            var unusedFirst = learner.step(device, one, Deadline.NEVER);
            ByteArrayOutputStream saved = new ByteArrayOutputStream();
            learner.save(new DataOutputStream(saved));
            double[] went = learner.step(device, two, Deadline.NEVER).parameters();
            restored.restore(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));
            assertThat(restored.step(device, two, Deadline.NEVER).parameters()).containsExactly(went);
        }
    }

    @Test
    void itRefusesWhatItHasNoModelOf() {
        NaturalGradient learner = learner(new Preconditioner.Exact());
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> learner.require(new Catalog(new RunStore(Path.of("runs"))).card("thermodynamic-board")))
                .withMessageContaining("twin:digital-network");
        try (Device device = network();
                NaturalGradient wrong = learner(new Preconditioner.Solver(
                        (parameters, samples, width) -> new Catalog(new RunStore(Path.of("runs")))
                                .open("twin:thermodynamic-solver")
                                .device(),
                        1e-6,
                        1,
                        Begin.KEPT))) {
            var unused = start(device);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> wrong.step(device, example(), Deadline.NEVER))
                    .withMessageContaining("is no solver for 45 parameters, 5 samples a batch and 3 outputs");
        }
    }
}
