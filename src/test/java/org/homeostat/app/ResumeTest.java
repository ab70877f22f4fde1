package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.homeostat.app.Session.Ended;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A run taken up where it stopped, or where a crash left it, ends as if nothing had happened: bit for bit. */
final class ResumeTest {

    private static final int EPOCHS = 2;
    private static final String ARRAY = "twin:resistor-array-v1";

    @TempDir
    Path home;

    private Session session;

    @BeforeEach
    void begin() {
        session = new Session(home);
    }

    private End uninterrupted(Experiment experiment) throws IOException {
        Session other = new Session(Files.createDirectories(home.resolve("uninterrupted")));
        try (Training training = Training.begin(experiment, Interrupted.catalog(other), new RunStore(other.runs()))) {
            var unused = training.run(null, () -> false, Duration.ofHours(1));
            return End.of(training.folder());
        }
    }

    private End resumed() throws IOException {
        session.run("train", "--resume", "latest").ended(Main.DONE);
        return End.of(session.latest());
    }

    private Experiment experiment(String device, String learner) throws IOException {
        return Interrupted.clouds(session, device, learner, EPOCHS);
    }

    static Stream<Integer> steps() {
        return Stream.of(0, 1, 2, 29, 30, 31, 59);
    }

    @ParameterizedTest
    @MethodSource("steps")
    void wheneverItWasStopped(int steps) throws IOException {
        Experiment experiment = experiment(ARRAY, "aeqprop-centered");
        End expected = uninterrupted(experiment);

        RunFolder run = Interrupted.after(steps, session, experiment, Duration.ofHours(1));
        assertThat(run.record().status()).isEqualTo(Status.INTERRUPTED);

        expected.same(resumed());
    }

    @ParameterizedTest
    @CsvSource({
        "twin:resistor-array-v1, aeqprop-optimistic",
        "twin:resistor-array-v1?lanes=4, aeqprop-centered",
        "twin:resistor-array-v1, spsa",
        "twin:resistor-array-v1, hadamard",
        "twin:hopfield-compliant, aeqprop-centered",
        "twin:resistor-compliant, aeqprop-centered",
        "twin:hopfield-compliant?lanes=2, aeqprop-optimistic",
        "'twin:resistor-array-v1?seed=1,twin:resistor-array-v1?seed=2,twin:resistor-array-v1?seed=3', aeqprop-centered",
        "'twin:resistor-array-v1?seed=1&lanes=2,twin:resistor-array-v1?seed=2&lanes=2', spsa"
    })
    void whateverWasTaughtByWhom(String device, String learner) throws IOException {
        Experiment experiment = experiment(device, learner);
        End expected = uninterrupted(experiment);

        var unused = Interrupted.after(7, session, experiment, Duration.ofHours(1));

        expected.same(resumed());
        assertThat(session.run("replay", "latest").ended(Main.DONE).out()).contains("bit for bit");
    }

    @Test
    void stoppedAgainAndAgain() throws IOException {
        Experiment experiment = experiment(ARRAY, "aeqprop-centered");
        End expected = uninterrupted(experiment);
        RunFolder run = Interrupted.after(5, session, experiment, Duration.ofHours(1));
        for (int steps : new int[] {0, 1, 13, 25, 2}) {
            try (Training training = Training.resume(run, Interrupted.catalog(session))) {
                assertThat(training.run(null, Interrupted.stop(steps), Duration.ZERO)
                                .status())
                        .isEqualTo(Status.INTERRUPTED);
            }
        }

        expected.same(resumed());
    }

    /** What a crash can leave between the making of a run's folder and its first checkpoint. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "record alone",
                "half a journal under another name",
                "journal without exchanges",
                "checkpoint of the start, half written",
                "checkpoint of the start"
            })
    void aCrashWhileItBegan(String left) throws IOException {
        Experiment experiment = experiment(ARRAY, "aeqprop-centered");
        End expected = uninterrupted(experiment);
        Path run;
        try (Training training =
                Training.begin(experiment, Interrupted.catalog(session), new RunStore(session.runs()))) {
            run = training.folder().path();
        }
        assertThat(run).isDirectoryContaining("glob:**journal").isDirectoryNotContaining("glob:**checkpoint");
        switch (left) {
            case "record alone" -> Files.delete(run.resolve("journal"));
            case "half a journal under another name" -> {
                Files.write(run.resolve("journal.new"), Arrays.copyOf(Files.readAllBytes(run.resolve("journal")), 100));
                Files.delete(run.resolve("journal"));
            }
            case "checkpoint of the start, half written" -> Files.write(run.resolve("checkpoint.new"), new byte[50]);
            case "checkpoint of the start" -> {
                // Killed after the first checkpoint and before the first exchange was written down.
                byte[] empty = Files.readAllBytes(run.resolve("journal"));
                try (Training training = Training.resume(new RunFolder(run), Interrupted.catalog(session))) {
                    var unused = training.run(null, () -> true, Duration.ofHours(1));
                }
                Files.write(run.resolve("journal"), empty);
                Files.copy(
                        startOfARun(experiment),
                        run.resolve("checkpoint"),
                        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
            default -> assertThat(left).isEqualTo("journal without exchanges");
        }

        expected.same(resumed());
    }

    /** The checkpoint that is written before the first exchange. */
    private Path startOfARun(Experiment experiment) throws IOException {
        Session other = new Session(Files.createDirectories(home.resolve("start")));
        Path[] copied = {other.home().resolve("checkpoint")};
        try (Training training = Training.begin(experiment, Interrupted.catalog(other), new RunStore(other.runs()))) {
            Path checkpoint = training.folder().path().resolve("checkpoint");
            // The journal cannot be written to: the run ends after its first checkpoint.
            training.dressed().bare().close();
            try {
                var unused = training.run(null, () -> false, Duration.ofHours(1));
            } catch (org.homeostat.device.DeviceException closed) {
                Files.copy(checkpoint, copied[0]);
            }
        }
        return copied[0];
    }

    /** After a crash the journal knows more than the checkpoint, and may end in the middle of an exchange. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 100, 5000})
    void aJournalThatIsAheadAndTorn(int bytesLost) throws IOException {
        Experiment experiment = experiment(ARRAY, "aeqprop-centered");
        End expected = uninterrupted(experiment);
        Path run =
                Interrupted.after(10, session, experiment, Duration.ofHours(1)).path();
        byte[] early = Files.readAllBytes(run.resolve("checkpoint"));
        try (Training training = Training.resume(new RunFolder(run), Interrupted.catalog(session))) {
            var unused = training.run(null, Interrupted.stop(25), Duration.ofHours(1));
        }
        byte[] journal = Files.readAllBytes(run.resolve("journal"));
        Files.write(run.resolve("journal"), Arrays.copyOf(journal, journal.length - bytesLost));
        Files.write(run.resolve("checkpoint"), early);

        expected.same(resumed());
    }

    @Test
    void aCrashAfterTheLastStep() throws IOException {
        Experiment experiment = experiment(ARRAY, "aeqprop-centered");
        End expected = uninterrupted(experiment);
        // It was scored, and killed before that was written down.
        Path run;
        try (Training training =
                Training.begin(experiment, Interrupted.catalog(session), new RunStore(session.runs()))) {
            run = training.folder().path();
            byte[] running = Files.readAllBytes(run.resolve("run.json"));
            var unused = training.run(null, () -> false, Duration.ofHours(1));
            Files.write(run.resolve("run.json"), running);
        }

        expected.same(resumed());
    }

    @Test
    void aJournalShorterThanTheCheckpointIsRefused() throws IOException {
        Path run = Interrupted.after(20, session).path();
        byte[] journal = Files.readAllBytes(run.resolve("journal"));
        Files.write(run.resolve("journal"), Arrays.copyOf(journal, journal.length * 9 / 10));

        Ended ended = session.run("train", "--resume", "latest").ended(Main.BAD_INPUT);

        assertThat(ended.err())
                .startsWith("homeostat: journal " + run.resolve("journal") + " holds ")
                .contains("but the checkpoint was made after exchange 61")
                .hasLineCount(1);
    }

    @Test
    void aJournalThatTellsOtherwiseIsRefused() throws IOException {
        // The same run on another specimen: its answers are not those of this journal.
        Experiment other = experiment("twin:resistor-array-v1?seed=2", "aeqprop-centered");
        Path run = Interrupted.after(10, session, other, Duration.ofHours(1)).path();
        byte[] early = Files.readAllBytes(run.resolve("checkpoint"));
        try (Training training = Training.resume(new RunFolder(run), Interrupted.catalog(session))) {
            var unused = training.run(null, Interrupted.stop(5), Duration.ofHours(1));
        }
        Files.write(run.resolve("checkpoint"), early);
        Path json = run.resolve("run.json");
        Files.writeString(json, Files.readString(json).replace("v1?seed=2", "v1?seed=3"));
        byte[] before = Files.readAllBytes(json);

        Ended ended = session.run("train", "--resume", "latest").ended(Main.BAD_INPUT);

        assertThat(ended.err())
                .startsWith("homeostat: the twin no longer answers as its journal says: in exchange 3")
                .hasLineCount(1);
        assertThat(json).hasBinaryContent(before);
    }

    /** A run on a specimen that wears its calibration, stopped on its way. */
    private RunFolder calibrated(Path calibration, int steps) throws IOException {
        session.run("calibrate", ARRAY, "--meter", "twin", "--points", "9", "--output", calibration.toString())
                .ended(Main.DONE);
        Experiment experiment = experiment(ARRAY + "?calibration=" + calibration, "aeqprop-centered");
        return Interrupted.after(steps, session, experiment, Duration.ofHours(1));
    }

    @Test
    void anotherCalibrationIsRefusedAndTheOldOneGoesOn() throws IOException {
        Path file = home.resolve("seven.yaml");
        RunFolder run = calibrated(file, 20);
        byte[] old = Files.readAllBytes(file);
        String digest = String.valueOf(run.record().provenance().calibrationDigest());
        Files.writeString(
                file,
                Files.readString(file).replaceFirst("offset: \\{.*", "offset: {value: 0.01, low: 0, high: 0.02}"));
        var before = session.contents();

        Ended ended = session.run("train", "--resume", "latest").ended(Main.BAD_INPUT);

        assertThat(ended.err())
                .matches("homeostat: run " + run.name() + ": its calibration " + file
                        + " has changed since it began \\(fingerprint " + digest
                        + " then, [0-9a-f]{16} now\\), and what it"
                        + " has learned came through the old one; bring the old file back, or train a new run\n")
                .hasLineCount(1);
        assertThat(session.contents()).containsExactlyEntriesOf(before);

        // It can be asked, but says what it is asked through.
        assertThat(session.run("evaluate", "latest").ended(Main.DONE).err())
                .startsWith(
                        "homeostat: run " + run.name() + ": its calibration " + file + " has changed since it began")
                .contains("the answers come through the new one");
        Files.write(file, old);
        assertThat(session.run("evaluate", "latest").ended(Main.DONE).err()).doesNotContain("has changed");

        End expected = uninterrupted(experiment(ARRAY + "?calibration=" + file, "aeqprop-centered"));
        expected.same(resumed());
    }

    @Test
    void aReplayThroughAnotherCalibrationIsRefused() throws IOException {
        Path file = home.resolve("seven.yaml");
        RunFolder run = calibrated(file, 5);
        var unused = resumed();
        assertThat(session.run("replay", "latest").ended(Main.DONE).err()).isEmpty();
        Files.writeString(
                file, Files.readString(file).replaceAll("offset: \\{.*", "offset: {value: 0.01, low: 0, high: 0.02}"));

        Ended ended = session.run("replay", "latest").ended(Main.BAD_INPUT);

        assertThat(ended.err())
                .startsWith(
                        "homeostat: run " + run.name() + ": its calibration " + file + " has changed since it began")
                .hasLineCount(1);
        // What the board said is compared below any calibration.
        session.run("regress", "latest").ended(Main.DONE);
    }

    @Test
    void anotherSpecimenUnderTheSameNameIsRefused() throws IOException {
        Path specimen = home.resolve("specimen.yaml");
        session.run("twin", "fit", ARRAY, "--exchanges", "60", "--output", specimen.toString())
                .ended(Main.DONE);
        Experiment experiment = experiment(ARRAY + "?specimen=" + specimen, "aeqprop-centered");
        var unused = Interrupted.after(20, session, experiment, Duration.ofHours(1));
        Files.writeString(specimen, Files.readString(specimen) + "# another one\n");

        Ended ended = session.run("train", "--resume", "latest").ended(Main.BAD_INPUT);

        assertThat(ended.err()).contains(": its specimen " + specimen + " has changed since it began (fingerprint ");
    }

    @Test
    void aRunThatWasInterruptedCanBeAskedAlready() throws IOException {
        var unused = Interrupted.after(20, session);

        JsonNode show =
                session.run("runs", "show", "latest", "--json").ended(Main.DONE).json();
        assertThat(show.get("status").asString()).isEqualTo("interrupted");
        assertThat(show.get("remark").asString()).isEqualTo("stopped on request; a checkpoint was written");
        assertThat(session.run("evaluate", "latest", "--json")
                        .ended(Main.DONE)
                        .json()
                        .get("test")
                        .get("rows")
                        .asInt())
                .isEqualTo(10);
    }

    @Test
    void whatADeviceBrokeOffIsTakenUpToo() throws IOException {
        Experiment experiment = experiment(ARRAY, "aeqprop-centered");
        End expected = uninterrupted(experiment);
        try (Training training =
                Training.begin(experiment, Interrupted.catalog(session), new RunStore(session.runs()))) {
            int[] asked = {0};
            org.assertj.core.api.Assertions.assertThatExceptionOfType(org.homeostat.device.DeviceException.class)
                    .isThrownBy(() -> training.run(
                            null,
                            () -> {
                                if (asked[0]++ == 12) {
                                    training.dressed().bare().close();
                                }
                                return false;
                            },
                            Duration.ofHours(1)))
                    .withMessage("twin resistor-array-v1 is closed; open it again");
        }

        assertThat(session.latest().record().status()).isEqualTo(Status.INTERRUPTED);
        assertThat(session.latest().record().remark()).isEqualTo("twin resistor-array-v1 is closed; open it again");
        expected.same(resumed());
    }
}
