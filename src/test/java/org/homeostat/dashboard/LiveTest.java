package org.homeostat.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.StreamSupport;
import org.homeostat.catalog.Catalog;
import org.homeostat.dashboard.Live.Phase;
import org.homeostat.dashboard.Worn.Span;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.learn.Step;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.homeostat.run.RunsOnDisk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A run that is watched: what is seen of it, and the reins. */
@Timeout(60)
final class LiveTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path path;

    private Device twin;
    private RunRecord record;
    private Live live;

    @BeforeEach
    void begin() {
        twin = new Catalog(new RunStore(path)).open("twin:resistor-array-v1").device();
        record = RunsOnDisk.record("r", Status.RUNNING, null);
        live = new Live(new RunFolder(path), record, twin.descriptor(), 10, 2);
    }

    @AfterEach
    void end() {
        twin.close();
    }

    private static Step step(double cost) {
        return new Step(cost, new double[1][3], new double[] {1, 2}, Quality.SETTLED, 3, true);
    }

    private JsonNode told(Told told, String name) {
        return live.news(told).stream()
                .filter(event -> event.name().equals(name))
                .map(event -> JSON.readTree(event.json()))
                .findFirst()
                .orElse(null);
    }

    private void awaitPhase(Phase phase) throws InterruptedException {
        while (live.phase() != phase) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    @Test
    void nobodyAsksForAnythingAndItGoesOn() {
        assertThat(live.stopAsked(() -> false)).isFalse();
        assertThat(live.phase()).isEqualTo(Phase.TRAINING);
        assertThat(live.resume()).isFalse();
    }

    @Test
    void aPauseHoldsTheRunBetweenTwoStepsUntilItIsResumed() throws Exception {
        assertThat(live.pause()).isTrue();
        CompletableFuture<Boolean> trainer = CompletableFuture.supplyAsync(() -> live.stopAsked(() -> false));
        awaitPhase(Phase.PAUSED);
        assertThat(trainer).isNotDone();

        assertThat(live.resume()).isTrue();

        assertThat(trainer.get(10, TimeUnit.SECONDS)).isFalse();
        assertThat(live.phase()).isEqualTo(Phase.TRAINING);
    }

    @Test
    void aPausedRunIsStoppedFromThePageOrTheKeyboard() throws Exception {
        live.pause();
        CompletableFuture<Boolean> trainer = CompletableFuture.supplyAsync(() -> live.stopAsked(() -> false));
        awaitPhase(Phase.PAUSED);
        assertThat(live.stop()).isTrue();
        assertThat(trainer.get(10, TimeUnit.SECONDS)).isTrue();

        Live other = new Live(new RunFolder(path), record, twin.descriptor(), 10, 2);
        other.pause();
        AtomicBoolean keyboard = new AtomicBoolean();
        CompletableFuture<Boolean> second = CompletableFuture.supplyAsync(() -> other.stopAsked(keyboard::get));
        keyboard.set(true);
        assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void stoppedIsSaidOnlyOnceTheDeviceHasConfirmedIt() {
        live.stop();
        assertThat(live.stopAsked(() -> false)).isTrue();
        JsonNode before = told(new Told(), "state");
        assertThat(before.get("phase").asString()).isEqualTo("stopping");
        assertThat(before.get("safe").asBoolean()).isFalse();
        assertThat(live.stopMillis()).isNaN();

        live.atRest();

        JsonNode after = told(new Told(), "state");
        assertThat(after.get("phase").asString()).isEqualTo("stopped");
        assertThat(after.get("safe").asBoolean()).isTrue();
        assertThat(after.get("stopMillis").asDouble())
                .isEqualTo(live.stopMillis())
                .isGreaterThanOrEqualTo(0);
        assertThat(after.get("sentence").asString()).startsWith("Stopped: the device confirmed its safe levels after ");
        assertThat(live.stop()).isFalse();
        assertThat(live.pause()).isFalse();
    }

    @Test
    void aDeviceThatDoesNotConfirmIsNeverSaidToBeStopped() {
        live.stop();

        live.broke("could not confirm that board x is at its safe levels");
        live.ended(record.with(Status.INTERRUPTED, "lost", null));

        JsonNode state = told(new Told(), "state");
        assertThat(state.get("phase").asString()).isEqualTo("failed");
        assertThat(state.get("safe").asBoolean()).isFalse();
    }

    @Test
    void aStepThatTakesLongIsBrokenOffBetweenTwoExchanges() throws InterruptedException {
        Device watched = live.around(twin);
        live.stop();
        TimeUnit.MILLISECONDS.sleep(50);

        assertThatExceptionOfType(MidStepException.class)
                .isThrownBy(() -> watched.present(twin.descriptor().safe(), Deadline.in(Duration.ofSeconds(1))));
    }

    @Test
    void itIsToldWhatIsNewAndNothingTwice() {
        Device watched = live.around(twin);
        var unused = watched.present(twin.descriptor().safe(), Deadline.in(Duration.ofSeconds(10)));
        live.stepped(1, 1, 10, step(3));
        live.stepped(1, 2, 10, step(1));
        Told told = new Told();

        List<Event> first = live.news(told);

        assertThat(first)
                .extracting(Event::name)
                .containsExactly("hello", "progress", "traces", "parameters", "health", "state");
        JsonNode progress = JSON.readTree(first.get(1).json());
        assertThat(progress.get("row").asInt()).isEqualTo(2);
        assertThat(progress.get("part").asDouble()).isEqualTo(2 / 30.0);
        assertThat(progress.get("loss").asDouble()).isEqualTo((3 + 1) / 2.0 / 2);
        assertThat(progress.get("exchanges").asInt()).isEqualTo(1);
        assertThat(JSON.readTree(first.get(0).json())
                        .get("channels")
                        .get(0)
                        .get("name")
                        .asString())
                .isEqualTo(twin.descriptor().channels(Role.OUTPUT).getFirst().name());
        // Time goes on; nothing else does.
        assertThat(live.news(told)).extracting(Event::name).isSubsetOf("progress");

        live.stepped(1, 10, 10, step(1));
        live.epochEnded(new Epoch(1, 0.25, Double.NaN, 0));
        JsonNode epochs = told(told, "epochs");
        assertThat(epochs.get("from").asInt()).isEqualTo(1);
        assertThat(epochs.get("loss").get(0).asDouble()).isEqualTo(0.25);
        assertThat(epochs.get("accuracy").get(0).isNull()).isTrue();
        assertThat(told(told, "epochs")).isNull();
    }

    @Test
    void theNextEpochBeginsItsLossAnew() {
        live.stepped(1, 10, 10, step(8));
        live.stepped(2, 1, 10, step(2));

        JsonNode progress = told(new Told(), "progress");

        assertThat(progress.get("epoch").asInt()).isEqualTo(2);
        assertThat(progress.get("loss").asDouble()).isEqualTo(1);
    }

    @Test
    void whatADeviceSaysOfItselfIsAWarning() {
        Device watched = live.around(twin);
        var response = watched.present(twin.descriptor().safe(), Deadline.in(Duration.ofSeconds(10)));
        live.seen(response.with(new Quality(Verdict.CLIPPED, "o2", "lower the swing")));

        JsonNode findings = told(new Told(), "health").get("findings");

        assertThat(findings.get(0).get("state").asString()).isEqualTo("ok");
        assertThat(findings.get(1).get("state").asString()).isEqualTo("warn");
        assertThat(findings.get(1).get("sentence").asString())
                .isEqualTo("clipped in 50.0 % of the latest 2 answers, lately on o2: lower the swing");
    }

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    /** What is told of a calibration of this date that compared every output from -0.5 to 0.5 V, after a reading of the first. */
    private JsonNode calibration(String date, double... levels) {
        List<Span> spans = Collections.nCopies(twin.descriptor().count(Role.OUTPUT), new Span(-0.5, 0.5, 0.001));
        Health health = new Health(new Worn("board-7", date, Map.of(Role.OUTPUT, spans)));
        var response = twin.present(twin.descriptor().safe(), Deadline.in(Duration.ofSeconds(10)));
        for (double level : levels) {
            double[] row = new double[spans.size()];
            row[1] = level;
            health.saw(new Response(Levels.of(Role.OUTPUT, row), Levels.NONE, 1, 0, response.quality()));
        }
        return StreamSupport.stream(
                        JSON.readTree(health.event(twin.descriptor(), NOW).json())
                                .get("findings")
                                .spliterator(),
                        false)
                .filter(line -> line.get("what").asString().equals("Calibration"))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2026-11-22T11:00:00Z | ok | board-7, less than a day old",
                "2026-11-21 | ok | board-7, 1 day old",
                "2026-08-24T12:00:00Z | ok | board-7, 90 days old",
                "2026-08-23T11:00:00Z | warn | board-7, 91 days old; 'calibrate --against' tells how far the board has"
                        + " drifted",
                "2027-01-01 | warn | board-7, made on 2027-01-01, which is yet to come; a clock was wrong then or is now",
                "last summer | ok | board-7, which does not say when it was made"
            })
    void theAgeOfTheCalibrationIsTold(String date, String state, String sentence) {
        JsonNode told = calibration(date);

        assertThat(told.get("sentence").asString()).isEqualTo(sentence);
        assertThat(told.get("state").asString()).isEqualTo(state);
    }

    @Test
    void aReadingBeyondWhatWasComparedIsAWarning() {
        // Five times the noise beyond the end may be chance.
        assertThat(calibration("2026-11-20", 0.5049, -0.5049).get("state").asString())
                .isEqualTo("ok");
        JsonNode told = calibration("2026-11-20", 0.1, 0.506, 0.2, 0.3);
        assertThat(told.get("state").asString()).isEqualTo("warn");
        assertThat(told.get("sentence").asString())
                .isEqualTo("board-7, 2 days old; 25.0 % of the latest 4 answers beyond it, lately "
                        + twin.descriptor().channels(Role.OUTPUT).get(1).name()
                        + " at 0.506 V (compared from -0.500 to 0.500)");
        // So many answers later it is no longer spoken of.
        double[] many = new double[1026];
        many[0] = 0.6;
        assertThat(calibration("2026-11-20", many).get("sentence").asString()).isEqualTo("board-7, 2 days old");
    }

    @Test
    void withoutACalibrationNothingIsSaidOfOne() {
        assertThat(told(new Told(), "health").toString()).doesNotContain("Calibration");
    }

    @Test
    void aLossThatRisesAgainIsAWarning() {
        for (int epoch = 1; epoch <= 12; epoch++) {
            live.epochEnded(new Epoch(epoch, epoch < 7 ? 1.0 / epoch : 0.2 * epoch, 0.5, 0));
        }

        JsonNode drift = told(new Told(), "health").get("findings").get(4);

        assertThat(drift.get("what").asString()).isEqualTo("Drift");
        assertThat(drift.get("state").asString()).isEqualTo("warn");
    }

    @Test
    void aCheckpointOfAWatchedDeviceIsOneOfTheDevice() throws Exception {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        ByteArrayOutputStream seen = new ByteArrayOutputStream();

        Restorable.save(twin, new DataOutputStream(plain));
        Restorable.save(live.around(twin), new DataOutputStream(seen));

        assertThat(seen.toByteArray()).isEqualTo(plain.toByteArray()).isNotEmpty();
    }
}
