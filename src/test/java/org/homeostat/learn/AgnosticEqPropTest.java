package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.homeostat.control.Compliant;
import org.homeostat.control.Compliant.Motion;
import org.homeostat.control.Gauged;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Net;
import org.homeostat.fixtures.Spied;
import org.homeostat.learn.AgnosticEqProp.Settings;
import org.homeostat.physics.Drive;
import org.homeostat.twin.Imperfections;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AgnosticEqPropTest {

    private static final double SOFTNESS = 0.02;
    private static final double BETA = 0.2;
    private static final Example EXAMPLE = new Example(Levels.of(Role.INPUT, 1.2, -0.7), new double[][] {{0.5, -0.4}});

    private final Net net = Net.rectifying(2, 4, 2);
    private final double[] start = net.start();

    private static AgnosticEqProp learner(Sidedness sidedness, Nudge.Kind kind, @Nullable Acceptance acceptance) {
        return new AgnosticEqProp(
                new Settings(sidedness, BETA, SOFTNESS, 0.9, Settling.USUAL, kind),
                new Cost.SquaredError(),
                acceptance);
    }

    private static AgnosticEqProp learner(Sidedness sidedness, Nudge.Kind kind) {
        return learner(sidedness, kind, null);
    }

    private Spied springs(Device bare, Motion motion) {
        Spied device = new Spied(Net.started(new Compliant(new Gauged(bare), SOFTNESS, 1e6, motion), start));
        device.forget();
        return device;
    }

    private Spied springs() {
        return springs(net.digital(), Motion.ONE_STEP);
    }

    private static Step step(Learner learner, Device device) {
        return learner.step(device, EXAMPLE, Deadline.NEVER);
    }

    /** The exchanges of a step: algorithms.md, section 1.1. */
    @Nested
    class Exchanges {

        private record Asked(double nudge, Plasticity plasticity) {}

        /** What was asked, with the strength of each coupling. */
        private static List<Asked> asked(Spied device) {
            List<Asked> asked = new ArrayList<>();
            for (Stimulus stimulus : device.asked) {
                double beta = stimulus.nudge() instanceof Nudge.Coupling coupling ? coupling.beta() : 0;
                asked.add(new Asked(beta, stimulus.plasticity()));
                assertThat(stimulus.levels().row(Role.INPUT)).containsExactly(1.2, -0.7);
                assertThat(stimulus.levels().row(Role.SOFTNESS)).containsExactly(SOFTNESS);
                assertThat(stimulus.levels().has(Role.PARAMETER)).isFalse();
            }
            return asked;
        }

        @Test
        void optimisticHoldsFreeAndReleasesNudged() {
            Spied device = springs();
            step(learner(Sidedness.OPTIMISTIC, Nudge.Kind.COUPLING), device);
            assertThat(asked(device)).containsExactly(new Asked(0, Plasticity.HELD), new Asked(BETA, Plasticity.FREE));
        }

        @Test
        void pessimisticHoldsPushedAwayAndReleasesFree() {
            Spied device = springs();
            step(learner(Sidedness.PESSIMISTIC, Nudge.Kind.COUPLING), device);
            assertThat(asked(device))
                    .containsExactly(
                            new Asked(0, Plasticity.HELD),
                            new Asked(-BETA, Plasticity.HELD),
                            new Asked(0, Plasticity.FREE));
        }

        @Test
        void centeredHoldsAndReleasesHalfOnEitherSide() {
            Spied device = springs();
            step(learner(Sidedness.CENTERED, Nudge.Kind.COUPLING), device);
            assertThat(asked(device))
                    .containsExactly(
                            new Asked(0, Plasticity.HELD),
                            new Asked(-BETA / 2, Plasticity.HELD),
                            new Asked(BETA / 2, Plasticity.FREE));
        }

        @Test
        void thePredictionIsWhatTheFreeOutputsWere() {
            Spied device = springs();
            Step step = step(learner(Sidedness.CENTERED, Nudge.Kind.FORCE), device);
            double[] outputs = device.answered.getFirst().outputs(0);
            assertThat(step.outputs()).isDeepEqualTo(new double[][] {outputs});
            assertThat(step.cost())
                    .isCloseTo(0.5 * (Math.pow(outputs[0] - 0.5, 2) + Math.pow(outputs[1] + 0.4, 2)), within(1e-15));
        }

        @Test
        void aDeviceThatKeepsItsOwnSoftnessIsNotToldOne() {
            Spied device = springs();
            Descriptor card = device.descriptor().with(Role.SOFTNESS, List.of());
            Device stubborn = new Device() {
                @Override
                public Descriptor descriptor() {
                    return card;
                }

                @Override
                public Response present(Stimulus stimulus, Deadline deadline) {
                    return device.present(card.accepted(stimulus), deadline);
                }

                @Override
                public void close() {}
            };
            AgnosticEqProp learner = learner(Sidedness.CENTERED, Nudge.Kind.FORCE);
            assertThat(step(learner, stubborn).parameters()).isNotEqualTo(start);
            learner.epochEnded();
            // What it does not impose it does not decay either.
            assertThat(learner.rates(card)).containsOnly(SOFTNESS * BETA);
        }

        @Test
        void severalReadingsAreAskedForWhereTheSettingsSaySo() {
            Spied device = springs();
            new AgnosticEqProp(
                            new Settings(
                                    Sidedness.CENTERED, BETA, SOFTNESS, 1, new Settling.Usual(7), Nudge.Kind.FORCE),
                            new Cost.SquaredError(),
                            null)
                    .step(device, EXAMPLE, Deadline.NEVER);
            assertThat(device.asked)
                    .allSatisfy(s -> assertThat(s.settling().reads()).isEqualTo(7));
        }
    }

    /**
     * The convention (algorithms.md, section 1.1 "convention trap", section 6, oracles 4 and 6): centred Aeqprop at beta is
     * equilibrium propagation between +-beta/2, and all three sides learn at the rate softness times beta.
     */
    @Nested
    class Convention {

        private double[] force(double beta) {
            Drive drive = Drive.free(new double[] {1.2, -0.7}, 2).coupled(beta, new double[] {0.5, -0.4});
            double[] state = new double[net.physics().states()];
            assertThat(net.physics().settle(start, drive, state, 1e-13).settled())
                    .isTrue();
            double[] force = new double[start.length];
            net.physics().forces(start, drive, state, force);
            return force;
        }

        /** (dE/dtheta at second - dE/dtheta at first) / (second - first): equilibrium propagation between two nudges. */
        private double[] equilibriumPropagation(double first, double second) {
            double[] before = force(first);
            double[] after = force(second);
            double[] gradient = new double[start.length];
            Arrays.setAll(gradient, k -> (after[k] - before[k]) / (second - first));
            return gradient;
        }

        private double[] learned(Sidedness sidedness) {
            double[] ended =
                    step(learner(sidedness, Nudge.Kind.COUPLING), springs()).parameters();
            double[] gradient = new double[start.length];
            Arrays.setAll(gradient, k -> -(ended[k] - start[k]) / (SOFTNESS * BETA));
            return gradient;
        }

        @Test
        void centeredAtBetaIsEquilibriumPropagationBetweenHalfBetas() {
            assertThat(learned(Sidedness.CENTERED))
                    .containsExactly(equilibriumPropagation(-BETA / 2, BETA / 2), within(1e-9));
        }

        @Test
        void optimisticAndPessimisticAreTheOneSidedOnes() {
            assertThat(learned(Sidedness.OPTIMISTIC)).containsExactly(equilibriumPropagation(0, BETA), within(1e-9));
            assertThat(learned(Sidedness.PESSIMISTIC)).containsExactly(equilibriumPropagation(-BETA, 0), within(1e-9));
        }

        @Test
        void theOtherConventionWouldBeSomethingElse() {
            double[] whole = equilibriumPropagation(-BETA, BETA);
            double[] learned = learned(Sidedness.CENTERED);
            double most = 0;
            for (int k = 0; k < whole.length; k++) {
                most = Math.max(most, Math.abs(whole[k] - learned[k]));
            }
            assertThat(most).isGreaterThan(1e-6);
        }

        @Test
        void theRatesAreSoftnessTimesBetaAndFadeWithTheEpochs() {
            AgnosticEqProp learner = learner(Sidedness.PESSIMISTIC, Nudge.Kind.FORCE);
            Descriptor card = springs().descriptor();
            assertThat(learner.rates(card)).hasSize(start.length).containsOnly(SOFTNESS * BETA);
            learner.epochEnded();
            assertThat(learner.rates(card)).containsOnly(0.9 * SOFTNESS * BETA);
        }
    }

    /** Steps are taken back when the measured Lyapunov value rose: algorithms.md, sections 1.3 and 2.3. */
    @Nested
    class TakingBack {

        /** One step at this softness throws the outputs far past a target close by. */
        private static final double FAR_TOO_SOFT = 1e4;

        private final Example close = close();

        private Example close() {
            double[] outputs = springs()
                    .present(Stimulus.of(EXAMPLE.inputs()), Deadline.NEVER)
                    .outputs(0);
            return new Example(EXAMPLE.inputs(), new double[][] {{outputs[0] + 0.01, outputs[1] - 0.01}});
        }

        private AgnosticEqProp soft(double softness, @Nullable Acceptance acceptance) {
            return new AgnosticEqProp(
                    new Settings(Sidedness.CENTERED, 0.5, softness, 1, Settling.USUAL, Nudge.Kind.COUPLING),
                    new Cost.SquaredError(),
                    acceptance);
        }

        private double cost(Device device) {
            double[] outputs = device.present(Stimulus.of(EXAMPLE.inputs()), Deadline.NEVER)
                    .outputs(0);
            return new Cost.SquaredError().of(outputs, close.targets()[0]);
        }

        @Test
        void farTooSoftAStepIsTakenBackToExactlyTheOldParametersAndTheSpringsStiffen() {
            Spied device = springs();
            double before = cost(device);
            Spied reckless = springs();
            soft(FAR_TOO_SOFT, null).step(reckless, close, Deadline.NEVER);
            assertThat(cost(reckless)).isGreaterThan(before);

            AgnosticEqProp learner = soft(FAR_TOO_SOFT, new Acceptance(1, 0.5, 1.05));
            device.forget();
            Step step = learner.step(device, close, Deadline.NEVER);
            assertThat(step.accepted()).isFalse();
            assertThat(step.parameters()).containsExactly(start);
            assertThat(step.exchanges()).isEqualTo(device.asked.size());
            assertThat(device.present(Stimulus.of(EXAMPLE.inputs()), Deadline.NEVER)
                            .parameters())
                    .containsExactly(start);
            assertThat(cost(device)).isCloseTo(before, within(1e-12));
            assertThat(learner.rates(device.descriptor())).containsOnly(FAR_TOO_SOFT / 2 * 0.5);
        }

        @Test
        void theSpringsStiffenUntilStepsAreAcceptedAndTheCostFalls() {
            Spied device = springs();
            double before = cost(device);
            AgnosticEqProp learner = soft(FAR_TOO_SOFT, new Acceptance(1, 0.5, 1.05));
            List<Boolean> accepted = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                accepted.add(learner.step(device, close, Deadline.NEVER).accepted());
            }
            assertThat(accepted.getFirst()).isFalse();
            assertThat(accepted).contains(true);
            assertThat(cost(device)).isLessThan(before);
            assertThat(learner.rates(device.descriptor())[0]).isLessThan(0.5 * FAR_TOO_SOFT);
        }

        @Test
        void gentleStepsAreAllAcceptedAndTheSoftnessStaysWhereItStarted() {
            Spied device = springs();
            AgnosticEqProp learner = soft(SOFTNESS, new Acceptance(1, 0.5, 1.05));
            for (int i = 0; i < 20; i++) {
                assertThat(learner.step(device, close, Deadline.NEVER).accepted())
                        .isTrue();
            }
            assertThat(learner.rates(device.descriptor())).containsOnly(0.5 * SOFTNESS);
        }

        @Test
        void onlyOneStepInSoManyIsChecked() {
            Spied device = springs();
            AgnosticEqProp learner = soft(SOFTNESS, new Acceptance(3, 0.5, 1.05));
            List<Integer> exchanges = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                exchanges.add(learner.step(device, close, Deadline.NEVER).exchanges());
            }
            // Each check measures the value before and after, in three exchanges each.
            assertThat(exchanges).containsExactly(9, 3, 3, 9, 3, 3, 9);
        }

        @ParameterizedTest
        @EnumSource
        void checkedStepsMoveTheParametersAsUncheckedOnesDo(Sidedness sidedness) {
            double[] plain =
                    step(learner(sidedness, Nudge.Kind.FORCE), springs()).parameters();
            double[] checked = step(learner(sidedness, Nudge.Kind.FORCE, new Acceptance(1, 0.5, 1)), springs())
                    .parameters();
            // The measurement before the step must leave the parameters held at the first nudge, not at its last one.
            assertThat(checked).containsExactly(plain, within(1e-12));
        }

        /**
         * Where the pull is nothing but noise the value rises by noise alone in half of all checks. Two standard deviations
         * of margin let one in twenty of these pass for a rise, two in a hundred on the upper side.
         */
        @Test
        void noiseAloneIsSeldomTakenForARise() {
            Spied device = springs(net.noisyDigital(1e-3), Motion.ONE_STEP);
            AgnosticEqProp learner = new AgnosticEqProp(
                    new Settings(Sidedness.CENTERED, 1, 1e-6, 1, new Settling.Usual(16), Nudge.Kind.FORCE),
                    new Cost.SquaredError(),
                    new Acceptance(1, 0.5, 2));
            int takenBack = 0;
            for (int i = 0; i < 200; i++) {
                takenBack += step(learner, device).accepted() ? 0 : 1;
            }
            assertThat(takenBack).isLessThan(12);
        }

        @Test
        void savedBetweenChecksItGoesOnCounting() {
            Acceptance everyThird = new Acceptance(3, 0.5, 1.05);
            AgnosticEqProp one = soft(SOFTNESS, everyThird);
            Spied device = springs();
            step(one, device);
            AgnosticEqProp other = org.homeostat.fixtures.Memory.into(
                    soft(SOFTNESS, everyThird), org.homeostat.fixtures.Memory.of(one));
            assertThat(step(other, device).exchanges()).isEqualTo(3);
            assertThat(step(other, device).exchanges()).isEqualTo(3);
            assertThat(step(other, device).exchanges()).isEqualTo(9);
        }
    }

    /** What the board is asked at once: nothing in a batch depends on what came back in it. */
    @Nested
    class RoundTrips {

        private final Spied bare = new Spied(net.digital());
        private final Device device =
                Net.started(new Compliant(new Gauged(bare), SOFTNESS, 1e6, Motion.ONE_STEP), start);

        private List<Integer> batches(AgnosticEqProp learner, Example example) {
            bare.forget();
            var unused = learner.step(device, example, Deadline.NEVER);
            return List.copyOf(bare.batches);
        }

        @ParameterizedTest
        @EnumSource(names = {"FORCE", "COUPLING"})
        void aStepIsTwoWhereTheNudgeRestsOnTheFreeReading(Nudge.Kind kind) {
            assertThat(batches(learner(Sidedness.OPTIMISTIC, kind), EXAMPLE)).containsExactly(1, 1);
            assertThat(batches(learner(Sidedness.PESSIMISTIC, kind), EXAMPLE)).containsExactly(1, 2);
            assertThat(batches(learner(Sidedness.CENTERED, kind), EXAMPLE)).containsExactly(1, 2);
        }

        @Test
        void aStepIsOneWhereTheDeviceWorksOutTheNudge() {
            assertThat(batches(learner(Sidedness.OPTIMISTIC, Nudge.Kind.DIFFERENCE), EXAMPLE))
                    .containsExactly(2);
            assertThat(batches(learner(Sidedness.PESSIMISTIC, Nudge.Kind.DIFFERENCE), EXAMPLE))
                    .containsExactly(3);
            assertThat(batches(learner(Sidedness.CENTERED, Nudge.Kind.DIFFERENCE), EXAMPLE))
                    .containsExactly(3);
        }

        @Test
        void anOutputWithoutATargetTakesTwo() {
            Example some = new Example(EXAMPLE.inputs(), new double[][] {{0.5, Cost.ANY}});
            assertThat(batches(learner(Sidedness.CENTERED, Nudge.Kind.DIFFERENCE), some))
                    .containsExactly(1, 2);
        }

        @ParameterizedTest
        @EnumSource(names = {"FORCE", "COUPLING", "DIFFERENCE"})
        void aCheckedStepMeasuresBeforeAndAfter(Nudge.Kind kind) {
            Acceptance always = new Acceptance(1, 0.5, 1);
            assertThat(batches(learner(Sidedness.CENTERED, kind, always), EXAMPLE))
                    .containsExactly(1, 3, 2, 3);
            assertThat(batches(learner(Sidedness.OPTIMISTIC, kind, always), EXAMPLE))
                    .containsExactly(1, 3, 2, 3);
        }

        /** A target that no output reaches pulls as far as its channel goes. */
        @Test
        void aTargetBeyondTheRangeOfTheOutputsIsStillTaught() {
            Example far = new Example(EXAMPLE.inputs(), new double[][] {{50, -50}});
            assertThat(batches(learner(Sidedness.CENTERED, Nudge.Kind.DIFFERENCE), far))
                    .containsExactly(3);
            Nudge.Difference last = (Nudge.Difference) bare.last().nudge();
            assertThat(last.target().row(Role.OUTPUT)).containsExactly(4, -4);
        }

        private Compliant noisyCodes() {
            Scale codes = Scale.Linear.of(8, Net.LOWEST, Net.HIGHEST);
            return Net.started(
                    new Compliant(
                            new Gauged(
                                    net.twin(net.digitalCard(codes, 2), new Imperfections(0, 0, 0, 0, 0, 1e-3, 0, 0))),
                            SOFTNESS,
                            1e6,
                            Motion.ONE_STEP),
                    start);
        }

        /** Noise and codes included: the very numbers that come of asking one by one and computing the force here. */
        @ParameterizedTest
        @EnumSource
        void batchesChangeNoNumber(Sidedness sidedness) {
            double[][] targets = {{0.5, -0.4}, {-0.1, 0.3}};
            Example both = new Example(Levels.of(Role.INPUT, new double[][] {{1.2, -0.7}, {0.2, 0.9}}), targets);
            for (Nudge.Kind kind : new Nudge.Kind[] {Nudge.Kind.FORCE, Nudge.Kind.DIFFERENCE}) {
                Compliant batched = noisyCodes();
                Compliant single = noisyCodes();
                AgnosticEqProp learner = learner(sidedness, kind);
                Stimulus held = Stimulus.of(both.inputs().and(Levels.of(Role.SOFTNESS, SOFTNESS)));
                for (int i = 0; i < 20; i++) {
                    Step step = learner.step(batched, both, Deadline.NEVER);
                    Response free = single.present(held, Deadline.NEVER);
                    if (sidedness.first(BETA) != 0) {
                        single.present(held.nudged(force(free, targets, sidedness.first(BETA))), Deadline.NEVER);
                    }
                    Response moved = single.present(
                            held.nudged(force(free, targets, sidedness.second(BETA)))
                                    .when(Plasticity.FREE),
                            Deadline.NEVER);
                    assertThat(step.outputs()).isDeepEqualTo(new double[][] {free.outputs(0), free.outputs(1)});
                    assertThat(step.parameters()).containsExactly(moved.parameters());
                }
            }
        }

        private Nudge force(Response free, double[][] targets, double beta) {
            double[][] force = new double[2][2];
            for (int lane = 0; lane < 2; lane++) {
                for (int k = 0; k < 2; k++) {
                    force[lane][k] = beta * (targets[lane][k] - free.outputs(lane)[k]);
                }
            }
            return new Nudge.Force(Levels.of(Role.NUDGE, force));
        }
    }

    @Nested
    class Refusing {

        private static final Cost CROSS_ENTROPY = new Cost.CrossEntropy(0.1, 1);

        private static Settings settings(double beta, double softness, double decay, Nudge.Kind kind) {
            return new Settings(Sidedness.CENTERED, beta, softness, decay, Settling.USUAL, kind);
        }

        @Test
        void settingsThatCannotBe() {
            for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> settings(bad, 1, 1, Nudge.Kind.FORCE))
                        .withMessageContaining("beta");
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> settings(1, bad, 1, Nudge.Kind.FORCE))
                        .withMessageContaining("softness");
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> settings(1, 1, bad, Nudge.Kind.FORCE))
                        .withMessageContaining("decay");
            }
            assertThatIllegalArgumentException().isThrownBy(() -> settings(1, 1, 1.1, Nudge.Kind.FORCE));
        }

        @Test
        void aCouplingOrADifferenceWithAnotherCostThanTheSquaredError() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new AgnosticEqProp(settings(1, 1, 1, Nudge.Kind.COUPLING), CROSS_ENTROPY, null))
                    .withMessageContaining("a coupling pulls like the squared error")
                    .withMessageContaining("use a nudge by force");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new AgnosticEqProp(settings(1, 1, 1, Nudge.Kind.DIFFERENCE), CROSS_ENTROPY, null))
                    .withMessageContaining("a difference pulls like the squared error")
                    .withMessageContaining("use a nudge by force");
            assertThat(new AgnosticEqProp(settings(1, 1, 1, Nudge.Kind.FORCE), CROSS_ENTROPY, null).cost())
                    .isEqualTo(CROSS_ENTROPY);
        }

        @Test
        void aNudgeThatTheBoardDoesNotRealise() {
            Descriptor card = new Compliant(new Gauged(net.digital()), 1, 1, Motion.ONE_STEP).descriptor();
            Descriptor forceOnly = new Descriptor(
                    card.board(),
                    card.firmware(),
                    1,
                    card.channels(),
                    card.abilities(),
                    EnumSet.of(Nudge.Kind.FORCE),
                    1,
                    0,
                    card.forceLaws());
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            learner(Sidedness.CENTERED, Nudge.Kind.COUPLING).require(forceOnly))
                    .withMessageContaining("learner aeqprop-centered was told to nudge by COUPLING")
                    .withMessageContaining("realises only [FORCE]");
            learner(Sidedness.CENTERED, Nudge.Kind.FORCE).require(forceOnly);
        }

        @Test
        void aSoftnessBeyondTheDevices() {
            Descriptor card = new Compliant(new Gauged(net.digital()), 1e-3, 1e-2, Motion.ONE_STEP).descriptor();
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> learner(Sidedness.CENTERED, Nudge.Kind.FORCE).require(card))
                    .withMessageContaining("softness");
        }

        @Test
        void namesAndNeedsAreThoseOfTheCommandLine() {
            assertThat(learner(Sidedness.OPTIMISTIC, Nudge.Kind.FORCE).name()).isEqualTo("aeqprop-optimistic");
            assertThat(learner(Sidedness.PESSIMISTIC, Nudge.Kind.FORCE).name()).isEqualTo("aeqprop-pessimistic");
            assertThat(learner(Sidedness.CENTERED, Nudge.Kind.FORCE).name()).isEqualTo("aeqprop-centered");
            assertThat(learner(Sidedness.CENTERED, Nudge.Kind.FORCE).needs())
                    .isEqualTo(Set.of(org.homeostat.device.Ability.HOMEOSTASIS));
        }
    }

    /** Lanes share the parameters: a step is taken on their mean. */
    @Test
    void twoLanesOfTheSameRowLearnWhatOneDoes() {
        Device two = Net.started(
                new Compliant(new Gauged(net.digital(Scale.CONTINUOUS, 2)), SOFTNESS, 10, Motion.ONE_STEP), start);
        Example twice = new Example(Levels.of(Role.INPUT, new double[][] {{1.2, -0.7}, {1.2, -0.7}}), new double[][] {
            {0.5, -0.4}, {0.5, -0.4}
        });
        Step one = step(learner(Sidedness.CENTERED, Nudge.Kind.FORCE), springs());
        Step both = learner(Sidedness.CENTERED, Nudge.Kind.FORCE).step(two, twice, Deadline.NEVER);
        assertThat(both.parameters()).containsExactly(one.parameters(), within(1e-10));
        assertThat(both.outputs()).hasNumberOfRows(2);
        assertThat(both.cost()).isCloseTo(one.cost(), within(1e-12));
    }
}
