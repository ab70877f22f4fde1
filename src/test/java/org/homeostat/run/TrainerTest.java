package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.learn.Step;
import org.homeostat.run.Dataset.Answers;
import org.homeostat.run.Trainer.Ending;
import org.homeostat.run.Trainer.Outcome;
import org.homeostat.run.Trainer.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Teaching: what is taught when, and how it goes on after it stopped. */
final class TrainerTest {

    private static final int ROWS = 10;
    private static final int EPOCHS = 3;
    private static final Duration LONG = Duration.ofHours(1);

    @TempDir
    Path path;

    private final Pupil pupil = new Pupil();
    private Slate slate = new Slate(Cards.of(1, 2, 3, 1));

    /** Row i has the feature i / 100, so that what was taught can be told; every other row is of class b. */
    private static Dataset rows() {
        double[][] rows = new double[ROWS][];
        int[] labels = new int[ROWS];
        for (int i = 0; i < ROWS; i++) {
            rows[i] = new double[] {i / 100.0};
            labels[i] = i % 2;
        }
        return new Dataset("rows", List.of("x"), rows, new Answers.Labels(List.of("a", "b"), labels));
    }

    private static final Encoding PLAIN = new Encoding(
            List.of("x"),
            new double[] {0},
            new double[] {1},
            1,
            List.of("a", "b"),
            1,
            -1,
            new double[] {0},
            new double[] {1},
            0);

    private Trainer trainer(Pupil learner, Slate device, long seed, Duration checkpointEvery, Observer... observers) {
        return new Trainer(
                device,
                learner,
                rows(),
                PLAIN,
                new Plan(EPOCHS, seed, channel -> new Teaching.Range(2, 4), Duration.ofSeconds(10), checkpointEvery),
                new RunFolder(path),
                List.of(observers));
    }

    private Ending train(long seed) {
        return trainer(pupil, slate, seed, LONG).train(() -> false);
    }

    /** Says yes once it was asked so many times. */
    private static BooleanSupplier after(int steps) {
        int[] asked = {0};
        return () -> asked[0]++ >= steps;
    }

    /** The numbers of the rows taught, step by step. */
    private static List<Integer> taught(Pupil learner) {
        List<Integer> rows = new ArrayList<>();
        for (double[] lanes : learner.taught) {
            for (double input : lanes) {
                rows.add((int) Math.round(100 * input));
            }
        }
        return rows;
    }

    @Test
    void everyRowIsTaughtOnceAnEpochInAnOrderOfItsOwn() {
        Ending ending = train(1);

        assertThat(ending.outcome()).isEqualTo(Outcome.DONE);
        assertThat(ending.epochs()).isEqualTo(EPOCHS);
        assertThat(ending.remark()).isEmpty();
        assertThat(pupil.epochs()).isEqualTo(EPOCHS);
        List<List<Integer>> epochs = new ArrayList<>();
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            epochs.add(taught(pupil).subList(epoch * ROWS, (epoch + 1) * ROWS));
            assertThat(epochs.getLast()).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        }
        assertThat(epochs).doesNotHaveDuplicates();
    }

    @Test
    void theSeedAloneDecidesTheOrderAndTheStart() throws IOException {
        train(7);
        Pupil same = new Pupil();
        Slate sameSlate = new Slate(Cards.of(1, 2, 3, 1));
        Files.delete(path.resolve("checkpoint"));
        trainer(same, sameSlate, 7, LONG).train(() -> false);
        assertThat(taught(same)).isEqualTo(taught(pupil));
        assertThat(sameSlate.parameters()).isEqualTo(slate.parameters());

        Pupil other = new Pupil();
        Slate otherSlate = new Slate(Cards.of(1, 2, 3, 1));
        Files.delete(path.resolve("checkpoint"));
        trainer(other, otherSlate, 8, LONG).train(() -> false);
        assertThat(taught(other)).isNotEqualTo(taught(pupil));
        assertThat(otherSlate.parameters()).isNotEqualTo(slate.parameters());
    }

    @Test
    void parametersAreDrawnBetweenTheEndsGivenAndKeptInTheirRange() {
        trainer(pupil, slate, 1, LONG).train(() -> true);
        assertThat(slate.parameters()).hasSize(3).doesNotHaveDuplicates();
        for (double parameter : slate.parameters()) {
            assertThat(parameter).isBetween(2.0, 4.0);
        }
    }

    @Test
    void aStartBeyondTheRangeIsDrawnAtItsEnd() {
        Plan plan = new Plan(1, 1, channel -> new Teaching.Range(50, 60), LONG, LONG);
        new Trainer(slate, pupil, rows(), PLAIN, plan, new RunFolder(path), List.of()).train(() -> true);

        assertThat(slate.parameters()).containsOnly(10);
    }

    @Test
    void theFirstCheckpointIsOlderThanTheFirstExchange() {
        List<Boolean> seen = new ArrayList<>();
        Slate watched = new Slate(Cards.of(1, 2, 3, 1));
        trainer(pupil, watched, 1, LONG).train(() -> {
            seen.add(Files.exists(path.resolve("checkpoint")));
            return true;
        });
        assertThat(seen).containsExactly(true);
        assertThat(watched.stimuli).hasSize(1);
    }

    @Test
    void itStopsWhenAskedAndGoesOnAsIfItHadNot() throws IOException {
        train(3);
        double[] parameters = new RunFolder(path).parameters().orElseThrow();

        for (int stop = 0; stop <= EPOCHS * ROWS; stop++) {
            Files.delete(path.resolve("checkpoint"));
            Pupil first = new Pupil();
            Slate before = new Slate(Cards.of(1, 2, 3, 1));
            Ending ending = trainer(first, before, 3, LONG).train(after(stop));
            if (stop == EPOCHS * ROWS) {
                assertThat(ending.outcome()).isEqualTo(Outcome.DONE);
                break;
            }
            assertThat(ending.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(ending.remark()).isNotEmpty();
            assertThat(first.taught).hasSize(stop);

            Pupil second = new Pupil();
            Slate after = new Slate(Cards.of(1, 2, 3, 1));
            assertThat(trainer(second, after, 3, LONG).train(() -> false).outcome())
                    .isEqualTo(Outcome.DONE);

            List<Integer> both = new ArrayList<>(taught(first));
            both.addAll(taught(second));
            assertThat(both).isEqualTo(taught(pupil));
            assertThat(second.epochs()).isEqualTo(EPOCHS);
            assertThat(new RunFolder(path).parameters().orElseThrow()).isEqualTo(parameters);
        }
    }

    @Test
    void anEpochLoggedInTwoSittingsCountsAllItsRows() throws IOException {
        Notes whole = new Notes();
        trainer(pupil, slate, 3, LONG, whole).train(() -> false);
        Files.delete(path.resolve("checkpoint"));
        Notes parts = new Notes();
        trainer(new Pupil(), new Slate(Cards.of(1, 2, 3, 1)), 3, LONG, parts).train(after(13));

        trainer(new Pupil(), new Slate(Cards.of(1, 2, 3, 1)), 3, LONG, parts).train(() -> false);

        assertThat(parts.epochs).isEqualTo(whole.epochs);
        assertThat(whole.epochs).hasSize(EPOCHS);
        assertThat(whole.steps)
                .hasSize(EPOCHS * ROWS)
                .startsWith("1:1/10", "1:2/10")
                .endsWith("3:10/10");
        // A slate answers with its input on the first output, so that class a always wins; every third step is
        // rejected.
        assertThat(whole.epochs)
                .extracting(Observer.Epoch::accuracy)
                .allSatisfy(a -> assertThat(a).isBetween(0.5, 0.6));
        assertThat(whole.epochs.getFirst().rejected()).isEqualTo(3);
    }

    @Test
    void checkpointsAreWrittenAsOftenAsAsked() {
        trainer(pupil, slate, 1, Duration.ZERO).train(() -> {
            // After every step the checkpoint knows where the parameters stand.
            if (!pupil.taught.isEmpty()) {
                assertThat(new RunFolder(path).parameters().orElseThrow()).isEqualTo(slate.parameters());
            }
            return false;
        });
        assertThat(pupil.taught).hasSize(EPOCHS * ROWS);
    }

    @Test
    void whatIsNotHeldEndsTheRunAndLeavesTheLastGoodCheckpoint() {
        Quality lost = new Quality(Verdict.SATURATED, "g2", "parameter g2 is lost; make the springs stiffer");
        pupil.quality = step -> step == 5 ? lost : Quality.SETTLED;

        Ending ending = trainer(pupil, slate, 1, Duration.ZERO).train(() -> false);

        assertThat(ending.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(ending.remark()).isEqualTo("parameter g2 is lost; make the springs stiffer");
        assertThat(ending.epochs()).isZero();
        assertThat(pupil.taught).hasSize(5);
        // A step moves the first parameter by a thousandth: the fifth is not in the checkpoint.
        double[] known = new RunFolder(path).parameters().orElseThrow();
        assertThat(known[0]).isCloseTo(slate.parameters()[0] - 1e-3, within(1e-12));
    }

    @Test
    void clippedAndUnsettledReadingsDoNotEndIt() {
        pupil.quality =
                step -> new Quality(step % 2 == 0 ? Verdict.CLIPPED : Verdict.UNSETTLED, "o1", "something to remark");

        assertThat(train(1).outcome()).isEqualTo(Outcome.DONE);
    }

    @Test
    void lanesTakeSeveralRowsAndTheLastStepIsFilledUpFromTheBeginning() {
        Descriptor card = Cards.of(1, 2, 3, 4);
        slate = new Slate(card);

        Notes notes = new Notes();
        trainer(pupil, slate, 1, LONG, notes).train(() -> false);

        assertThat(pupil.taught).hasSize(EPOCHS * 3);
        List<Integer> all = taught(pupil);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            List<Integer> shown = all.subList(12 * epoch, 12 * epoch + 12);
            assertThat(shown.subList(0, 10)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
            assertThat(shown.subList(10, 12)).isEqualTo(shown.subList(0, 2));
        }
        assertThat(notes.steps.subList(0, 3)).containsExactly("1:4/10", "1:8/10", "1:10/10");
    }

    @Test
    void moreLanesThanRowsRepeatTheRows() {
        slate = new Slate(Cards.of(1, 2, 3, 25));

        train(1);

        assertThat(pupil.taught).hasSize(EPOCHS);
        assertThat(Arrays.stream(pupil.taught.getFirst()).distinct().count()).isEqualTo(ROWS);
    }

    @Test
    void aDamagedCheckpointIsRefusedBeforeAnythingIsAsked() throws IOException {
        Files.writeString(path.resolve("checkpoint"), "this was a checkpoint once");

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> train(1))
                .withMessage(path.resolve("checkpoint") + ": the checkpoint is damaged (its checksum does not match); "
                        + "bring it back from a copy, or train a new run");
        assertThat(slate.stimuli).isEmpty();
    }

    /** An observer that writes everything down. */
    private static final class Notes implements Observer {
        final List<String> steps = new ArrayList<>();
        final List<Epoch> epochs = new ArrayList<>();

        @Override
        public void stepped(int epoch, int done, int rows, Step step) {
            steps.add(epoch + ":" + done + "/" + rows);
        }

        @Override
        public void epochEnded(Epoch epoch) {
            epochs.add(epoch);
        }
    }

    /** A slow disk must not hold a board up; and what the device does then is not part of the checkpoint. */
    @Test
    void aStoppedDeviceIsCalmedBeforeTheCheckpointIsWritten() throws IOException {
        Path file = path.resolve("checkpoint");
        byte[][] seen = {{}};

        Ending ending = trainer(pupil, slate, 1, LONG).train(after(4), () -> {
            try {
                seen[0] = Files.readAllBytes(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            var unused = slate.present(slate.descriptor().safe(), Deadline.in(LONG));
        });

        assertThat(ending.outcome()).isEqualTo(Outcome.INTERRUPTED);
        assertThat(Files.readAllBytes(file)).isNotEqualTo(seen[0]);
        Path calmed = file.resolveSibling("calmed");
        Files.move(file, calmed);
        slate = new Slate(Cards.of(1, 2, 3, 1));
        var unused = trainer(new Pupil(), slate, 1, LONG).train(after(4));
        assertThat(timeless(calmed)).isEqualTo(timeless(file));
    }

    /** A checkpoint without the time that was spent and without the checksum over it. */
    private static byte[] timeless(Path checkpoint) throws IOException {
        byte[] bytes = Files.readAllBytes(checkpoint);
        int seconds = 8 + 4 + 4 + 8 + 4 + 4;
        Arrays.fill(bytes, seconds, seconds + 8, (byte) 0);
        Arrays.fill(bytes, bytes.length - 8, bytes.length, (byte) 0);
        return bytes;
    }

    @Test
    void aDeviceThatCannotBeCalmedDoesNotCostTheCheckpoint() throws IOException {
        Path file = path.resolve("checkpoint");
        byte[][] before = {{}};

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> trainer(pupil, slate, 1, LONG).train(after(4), () -> {
                    try {
                        before[0] = Files.readAllBytes(file);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    throw new IllegalStateException("no word from the board");
                }));

        assertThat(Files.readAllBytes(file)).isNotEqualTo(before[0]);
    }
}
