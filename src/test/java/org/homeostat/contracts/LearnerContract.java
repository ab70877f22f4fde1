package org.homeostat.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Able;
import org.homeostat.fixtures.Memory;
import org.homeostat.fixtures.Net;
import org.homeostat.fixtures.Spied;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Example;
import org.homeostat.learn.Learner;
import org.homeostat.learn.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every learner keeps, whatever its rule. */
public interface LearnerContract {

    /** Without diodes: outputs are linear in the inputs, and the energy is a single bowl. */
    Net NET = Net.linear(2, 3, 2);

    /** A fresh learner of the kind, set up for {@link #NET}. */
    Learner learner(Cost cost);

    /** The bare network given what this kind of learner needs, and no more. */
    Device dressed(Device bare);

    /** How many epochs it is given to bring the cost down to a half. */
    int epochs();

    /** A card that lacks what the learner needs, and what the refusal must say. */
    record Refusal(Descriptor card, List<String> sentences) {}

    /** Cards that lack something. */
    Stream<Refusal> refusals();

    private static Response present(Device device, Levels levels) {
        return device.present(Stimulus.of(levels), Deadline.NEVER);
    }

    private static double[] parameters(long seed, double lowest, double highest) {
        return new Random(seed).doubles(NET.parameters(), lowest, highest).toArray();
    }

    /** What another set of conductances answers to eight questions: something that can be learned. */
    private static List<Example> examples(long seed) {
        Random random = new Random(100 + seed);
        Device teacher = Net.started(NET.digital(), parameters(200 + seed, 0.2, 1.8));
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Levels inputs = Levels.of(Role.INPUT, random.doubles(2, -1.5, 1.5).toArray());
            examples.add(
                    new Example(inputs, new double[][] {present(teacher, inputs).outputs(0)}));
        }
        return examples;
    }

    private static double cost(Device device, List<Example> examples) {
        double sum = 0;
        for (Example example : examples) {
            sum += new Cost.SquaredError().of(present(device, example.inputs()).outputs(0), example.targets()[0]);
        }
        return sum / examples.size();
    }

    private static List<Step> teach(Learner learner, Device device, List<Example> examples, int epochs) {
        List<Step> steps = new ArrayList<>();
        for (int epoch = 0; epoch < epochs; epoch++) {
            for (Example example : examples) {
                steps.add(learner.step(device, example, Deadline.NEVER));
            }
            learner.epochEnded();
        }
        return steps;
    }

    private Device started(long seed) {
        return Net.started(dressed(NET.digital()), parameters(seed, 0.3, 1.5));
    }

    @ParameterizedTest(name = "start {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    default void lowersTheCostFromAnyStart(long seed) {
        List<Example> examples = examples(seed);
        Device device = started(seed);
        double before = cost(device, examples);
        teach(learner(new Cost.SquaredError()), device, examples, epochs());
        assertThat(cost(device, examples)).isLessThan(0.5 * before);
    }

    @Test
    default void needsNoMoreThanTheAbilitiesThatItDeclares() {
        Learner learner = learner(new Cost.SquaredError());
        List<Example> examples = examples(1);
        Device bare = started(1);
        Device able = new Able(bare, learner.needs());
        learner.require(able.descriptor());
        double before = cost(able, examples);
        teach(learner, able, examples, epochs());
        assertThat(cost(able, examples)).isLessThan(0.5 * before);
    }

    @Test
    default void refusesADeviceThatLacksSomethingAndSaysWhatToWrap() {
        Learner learner = learner(new Cost.SquaredError());
        assertThat(refusals())
                .isNotEmpty()
                .allSatisfy(refusal -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> learner.require(refusal.card))
                        .satisfies(refused -> assertThat(refused.getMessage())
                                .contains("learner " + learner.name())
                                .contains("board " + refusal.card.board())
                                .contains(refusal.sentences)));
    }

    @Test
    default void acceptsTheDeviceItWasDressedFor() {
        learner(new Cost.SquaredError()).require(dressed(NET.digital()).descriptor());
    }

    @Test
    default void savedAndRestoredItGoesOnBitForBit() {
        List<Example> examples = examples(2);
        Learner one = learner(new Cost.SquaredError());
        Device device = started(2);
        teach(one, device, examples, 2);
        byte[] learned = Memory.of(one);
        byte[] lived = Memory.of((Restorable) device);
        List<Step> wentOn = teach(one, device, examples, 2);

        Learner other = Memory.into(learner(new Cost.SquaredError()), learned);
        Device same = (Device) Memory.into((Restorable) dressed(NET.digital()), lived);
        List<Step> again = teach(other, same, examples, 2);
        assertThat(again).usingRecursiveComparison().isEqualTo(wentOn);
        assertThat(Memory.of(other)).isEqualTo(Memory.of(one));
    }

    @Test
    default void imposesNothingOutsideTheRangesOfTheChannels() {
        // Spied checks every stimulus against the card, on both sides of the clothes.
        Spied bare = new Spied(NET.digital());
        double[] corner = new double[NET.parameters()];
        Arrays.setAll(corner, k -> k % 2 == 0 ? Net.LOWEST : Net.HIGHEST);
        Spied device = new Spied(Net.started(dressed(bare), corner));
        // Far beyond what can be reached, so that everything is pulled against its end.
        Example beyond = new Example(Levels.of(Role.INPUT, 2, -2), new double[][] {{4, -4}});
        Example opposite = new Example(Levels.of(Role.INPUT, 2, -2), new double[][] {{-4, 4}});
        teach(learner(new Cost.SquaredError()), device, List.of(beyond, beyond, beyond, opposite), 5);
        assertThat(device.asked).hasSizeGreaterThanOrEqualTo(20);
        assertThat(bare.asked).hasSizeGreaterThanOrEqualTo(20);
    }

    @Test
    default void leavesNothingBehindButTheParameters() {
        List<Example> examples = examples(3);
        Spied bare = new Spied(NET.digital());
        Device device = Net.started(dressed(bare), parameters(3, 0.3, 1.5));
        List<Step> steps = teach(learner(new Cost.SquaredError()), device, examples, 1);
        Levels question = Levels.of(Role.INPUT, 0.7, -0.3);
        double[] answer = present(
                        device,
                        question.and(Levels.of(Role.PARAMETER, steps.getLast().parameters())))
                .outputs(0);
        double[] fresh = present(
                        NET.digital(),
                        question.and(Levels.of(Role.PARAMETER, steps.getLast().parameters())))
                .outputs(0);
        assertThat(answer).containsExactly(fresh, within(1e-9));
        assertThat(bare.last().nudge()).isEqualTo(Nudge.NONE);
    }

    @Test
    default void itsStepsTellTheTruth() {
        List<Example> examples = examples(4);
        Spied device = new Spied(started(4));
        Learner learner = learner(new Cost.SquaredError());
        for (Example example : examples) {
            double before = cost(device, List.of(example));
            device.forget();
            Step step = learner.step(device, example, Deadline.NEVER);
            assertThat(step.exchanges()).isEqualTo(device.asked.size());
            // To the tolerance that the twin settles with.
            assertThat(step.cost()).isCloseTo(before, within(1e-11));
            assertThat(step.quality().held()).isTrue();
            assertThat(step.outputs())
                    .isDeepEqualTo(new double[][] {device.answered.getFirst().outputs(0)});
            double[] after = present(device, example.inputs().and(Levels.of(Role.PARAMETER, step.parameters())))
                    .parameters();
            assertThat(step.parameters()).isEqualTo(after);
        }
    }

    @Test
    default void itsRatesArePositiveOneAParameter() {
        Learner learner = learner(new Cost.SquaredError());
        Device device = started(1);
        teach(learner, device, examples(1), 1);
        double[] rates = learner.rates(device.descriptor());
        assertThat(rates).hasSize(NET.parameters());
        assertThat(Arrays.stream(rates)).allMatch(rate -> rate > 0);
    }
}
