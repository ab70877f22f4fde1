package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.DataInput;
import java.io.DataOutput;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.catalog.Dressed;
import org.homeostat.catalog.ExperimentFile;
import org.homeostat.catalog.Learners;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Example;
import org.homeostat.learn.Learner;
import org.homeostat.learn.Step;
import org.homeostat.run.Audit.Care;
import org.homeostat.run.Audit.Report;
import org.junit.jupiter.api.Test;

/** The audit finds what is wrong, and by how much, on a device whose every figure can be worked out by hand. */
final class AuditTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final double[] START = {2, 3};
    private static final double[] INPUT = {1.5, -0.5};
    private static final double[] TARGET = {1, 2};
    private static final Example EXAMPLE = new Example(Levels.of(Role.INPUT, INPUT), new double[][] {TARGET});

    private final Lever lever = new Lever();

    /** betaUnit (o - t) x, with o = theta x: the gradient of betaUnit times the squared error. */
    private double[] gradient() {
        double unit = lever.descriptor().betaUnit();
        double[] gradient = new double[2];
        for (int k = 0; k < 2; k++) {
            gradient[k] = unit * (START[k] * INPUT[k] - TARGET[k]) * INPUT[k];
        }
        return gradient;
    }

    private Report audit(DoubleUnaryOperator secondIsOffBy, double... betas) {
        List<Double> list = java.util.Arrays.stream(betas).boxed().toList();
        return new Audit(
                        lever,
                        beta -> new Descent(secondIsOffBy.applyAsDouble(beta)),
                        EXAMPLE,
                        new Care(1, 2, betas[0], list, LIMIT))
                .at(START);
    }

    @Test
    void aStepAlongTheGradientIsFoundFaultless() {
        Report report = audit(beta -> 1, 0.1);

        assertThat(report.cosine()).isCloseTo(1, within(1e-12));
        assertThat(report.relativeError()).isLessThan(1e-8);
        assertThat(report.quality()).isEqualTo(Quality.SETTLED);
        assertThat(report.slope()).isNaN();
        assertThat(report.noise()).isZero();
        assertThat(report.unsettled()).isZero();
        assertThat(report.reciprocityError()).isLessThan(1e-12);
    }

    @Test
    void aStepWithOneSignWrongIsFoundOutWithItsSize() {
        double[] g = gradient();
        double square = g[0] * g[0] + g[1] * g[1];

        Report report = audit(beta -> -1, 0.1);

        assertThat(report.cosine()).isCloseTo((g[0] * g[0] - g[1] * g[1]) / square, within(1e-8));
        assertThat(report.relativeError()).isCloseTo(2 * Math.abs(g[1]) / Math.sqrt(square), within(1e-8));
    }

    @Test
    void theOrderOfTheErrorIsFoundFromTheSweep() {
        assertThat(audit(beta -> 1 + beta * beta, 0.4, 0.2, 0.1, 0.05).slope()).isCloseTo(2, within(1e-4));
        assertThat(audit(beta -> 1 - beta, 0.4, 0.2, 0.1, 0.05).slope()).isCloseTo(1, within(1e-4));
    }

    @Test
    void theMainFigureIsThatOfTheNudgeAskedFor() {
        Report report = new Audit(
                        lever,
                        beta -> new Descent(1 + beta),
                        EXAMPLE,
                        new Care(1, 1, 0.2, List.of(0.4, 0.2, 0.1), LIMIT))
                .at(START);

        assertThat(report.sweep()).hasSize(3);
        assertThat(report.relativeError()).isEqualTo(report.sweep().get(1).relativeError());
        assertThat(report.sweep().get(1).beta()).isEqualTo(0.2);
    }

    @Test
    void aStepThatDoesNotMoveHasNoDirection() {
        Report report = new Audit(lever, beta -> new Descent(0, 0), EXAMPLE, new Care(1, 1, 0.1, List.of(0.1), LIMIT))
                .at(START);

        assertThat(report.cosine()).isNaN();
        assertThat(report.relativeError()).isCloseTo(1, within(1e-12));
    }

    @Test
    void outputsThatAnswerEachOtherUnequallyAreFoundOut() {
        lever.answers = new double[][] {{1, 0.5}, {0.1, 2}};

        // Half the skew part over the whole: |A - A'| = 0.4 sqrt 2, |A| = sqrt(1 + 0.25 + 0.01 + 4).
        assertThat(audit(beta -> 1, 0.1).reciprocityError())
                .isCloseTo(0.4 * Math.sqrt(2) / (2 * Math.sqrt(5.26)), within(1e-9));
    }

    @Test
    void whatADeviceWithoutForcesCannotTellIsNotANumber() {
        lever.card = new Descriptor(
                "lever",
                "none",
                1,
                Map.of(
                        Role.INPUT, lever.card.channels(Role.INPUT),
                        Role.OUTPUT, lever.card.channels(Role.OUTPUT),
                        Role.PARAMETER, lever.card.channels(Role.PARAMETER)),
                EnumSet.of(Ability.HOMEOSTASIS),
                Set.of(),
                2,
                1e-3,
                List.of());

        assertThat(audit(beta -> 1, 0.1).reciprocityError()).isNaN();
    }

    @Test
    void noiseIsTheSpreadOfRepeatedReadings() {
        // Readings lie by turns 0.25 above and below: over 30 of them the sample's deviation is 0.25 sqrt(30/29).
        lever.swing = 0.25;

        assertThat(audit(beta -> 1, 0.1).noise()).isCloseTo(0.25 * Math.sqrt(30.0 / 29), within(1e-9));
    }

    @Test
    void outputsStillOnTheirWayAreFoundOut() {
        lever.lag = 0.125;

        assertThat(audit(beta -> 1, 0.1).unsettled()).isCloseTo(0.125, within(1e-12));
    }

    @Test
    void theWorstQualityIsReported() {
        lever.quality = new Quality(Verdict.CLIPPED, "o1", "channel o1 reads the end of its range");

        assertThat(audit(beta -> 1, 0.1).quality().remark()).isEqualTo("channel o1 reads the end of its range");
    }

    @Test
    void theDeviceIsLeftWhereItWas() {
        var unused = audit(beta -> 1, 0.1);

        assertThat(lever.theta).containsExactly(START);
    }

    @Test
    void onTheTwinOfASmallCompliantNetworkTheTheoryHolds() {
        Catalog catalog = new Catalog(new RunStore(java.nio.file.Path.of("no-runs")));
        Opened opened = catalog.open("twin:hopfield-compliant?inputs=2&hidden=3&outputs=2");
        Teaching stiff = ExperimentFile.changed(opened.teaching(), Map.of("softness", "1e-7", "holdPart", "1e-12"));
        Cost cost = new Cost.SquaredError();
        Learner first = Learners.of("aeqprop-centered", stiff, cost, 1);
        Example example = new Example(Levels.of(Role.INPUT, 0.7, -0.3), new double[][] {{0.4, -0.2}});
        try (Dressed dressed = Dressed.of(opened.device(), first, stiff, opened.limits(), null)) {
            double[] start = new double[opened.device().descriptor().count(Role.PARAMETER)];
            for (int k = 0; k < start.length; k++) {
                start[k] = 0.3 * Math.sin(1 + k);
            }
            Report report = new Audit(
                            dressed.device(),
                            beta -> Learners.of(
                                    "aeqprop-centered",
                                    ExperimentFile.changed(stiff, Map.of("beta", String.valueOf(beta))),
                                    cost,
                                    1),
                            example,
                            new Care(1, 1, 0.05, List.of(0.05, 0.02, 0.01), LIMIT))
                    .at(start);

            // Nudges so small that no hidden unit reaches its limit on the way.
            assertThat(report.cosine()).isGreaterThan(0.9999);
            assertThat(report.slope()).isBetween(1.8, 2.2);
            assertThat(report.quality().held()).isTrue();
        }
    }

    /** A learner that goes down the gradient, off by a factor in the second parameter. */
    private final class Descent implements Learner {
        private final double[] factor;

        Descent(double second) {
            this(1, second);
        }

        Descent(double first, double second) {
            factor = new double[] {first, second};
        }

        @Override
        public String name() {
            return "descent";
        }

        @Override
        public Set<Ability> needs() {
            return EnumSet.noneOf(Ability.class);
        }

        @Override
        public Cost cost() {
            return new Cost.SquaredError();
        }

        @Override
        public Step step(Device device, Example example, Deadline deadline) {
            double[] parameters =
                    device.present(Stimulus.of(example.inputs()), deadline).parameters();
            double[] g = gradient();
            for (int k = 0; k < 2; k++) {
                parameters[k] -= rates(device.descriptor())[k] * factor[k] * g[k];
            }
            Response moved =
                    device.present(Stimulus.of(example.inputs().and(Levels.of(Role.PARAMETER, parameters))), deadline);
            return new Step(0, new double[][] {moved.outputs(0)}, parameters, moved.quality(), 2, true);
        }

        @Override
        public double[] rates(Descriptor card) {
            return new double[] {0.01, 0.02};
        }

        @Override
        public void epochEnded() {}

        @Override
        public void save(DataOutput out) {}

        @Override
        public void restore(DataInput in) {}
    }

    /** o = theta x + answers n, held by itself, and off as told. */
    private static final class Lever implements Device {
        Descriptor card = Cards.of(2, 2, 2, 1);
        double[] theta = {1, 1};
        double[][] answers = {{1, 0.5}, {0.5, 2}};
        double swing;
        double lag;
        Quality quality = Quality.SETTLED;
        private long asked;

        @Override
        public Descriptor descriptor() {
            return card;
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            card.accepted(stimulus);
            asked++;
            if (stimulus.levels().has(Role.PARAMETER)) {
                theta = stimulus.levels().row(Role.PARAMETER);
            }
            double[] outputs = new double[2];
            for (int k = 0; k < 2; k++) {
                outputs[k] = theta[k] * stimulus.levels().at(Role.INPUT, 0, k)
                        + (asked % 2 == 0 ? swing : -swing)
                        + (stimulus.settling() instanceof Settling.Dwell ? 0 : lag);
                if (stimulus.nudge() instanceof Nudge.Force force) {
                    for (int j = 0; j < 2; j++) {
                        outputs[k] += answers[k][j] * force.levels().at(Role.NUDGE, 0, j);
                    }
                }
            }
            return new Response(
                    Levels.of(Role.OUTPUT, outputs).and(Levels.of(Role.PARAMETER, theta)),
                    Levels.NONE,
                    1,
                    asked,
                    quality);
        }

        @Override
        public void close() {}
    }
}
