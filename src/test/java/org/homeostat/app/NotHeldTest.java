package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.homeostat.app.Session.Ended;
import org.homeostat.catalog.ExperimentFile;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Stimulus;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** With springs far too soft the parameters cannot be held: the run stops, at safe levels, and says what to do. */
final class NotHeldTest {

    private static final String SENTENCE =
            "parameter [gw]\\d+ (snapped away from its knob|stays \\S+ \\S+ away from where it "
                    + "is held: .+); make the springs stiffer \\(a smaller softness\\).*";

    @TempDir
    Path home;

    private Session session;

    @BeforeEach
    void begin() {
        session = new Session(home);
    }

    private Ended trainedTooSoft(String device, String softness, String... more) throws IOException {
        String[] arguments = {
            "train",
            "--data",
            session.clouds(40).toString(),
            "--target",
            "kind",
            "--epochs",
            "5",
            "--device",
            device,
            "--set",
            "softness=" + softness
        };
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return session.run(all);
    }

    @ParameterizedTest
    @CsvSource({"twin:resistor-compliant, 1e-3", "twin:hopfield-compliant, 1"})
    void theRunStopsWithParameterAndRemedy(String device, String softness) throws IOException {
        Ended ended = trainedTooSoft(device, softness).ended(Main.FAILED);

        assertThat(ended.err().lines().toList().getLast())
                .matches("homeostat: the run was stopped and the device left at its safe levels: " + SENTENCE);
        assertThat(ended.out()).isEqualTo("  stored as " + session.latest().path() + "\n");
        assertThat(session.latest().record().status()).isEqualTo(Status.FAILED);
        assertThat(session.latest().record().remark()).matches(SENTENCE);
        assertThat(session.run("runs", "list").ended(Main.DONE).out()).contains("  failed  ");
    }

    @Test
    void scriptsSeeThatItFailedAndWhy() throws IOException {
        JsonNode json = trainedTooSoft("twin:hopfield-compliant", "1", "--json")
                .ended(Main.FAILED)
                .json();

        assertThat(json.get("status").asString()).isEqualTo("failed");
        assertThat(json.get("remark").asString()).matches(SENTENCE);
        assertThat(json.get("test")).isNull();
    }

    @ParameterizedTest
    @CsvSource({"twin:resistor-compliant, 1e-3", "twin:hopfield-compliant, 1"})
    void theDeviceIsAtItsSafeLevels(String device, String softness) throws IOException {
        Experiment base = Interrupted.clouds(session, device, "aeqprop-centered", 5);
        Experiment soft = new Experiment(
                base.name(),
                device,
                base.learner(),
                ExperimentFile.changed(base.teaching(), Map.of("softness", softness)),
                base.data(),
                base.testPart(),
                base.epochs(),
                base.seed(),
                base.limits());
        try (Training training = Training.begin(soft, Interrupted.catalog(session), new RunStore(session.runs()))) {
            assertThat(training.run(null, () -> false, Duration.ofHours(1)).status())
                    .isEqualTo(Status.FAILED);

            // Channels that a stimulus does not mention keep their levels: nothing said, and the safe levels said, are
            // one and the same, and other inputs are not.
            Device bare = training.dressed().bare();
            Descriptor card = bare.descriptor();
            Stimulus nothing = Stimulus.of(Levels.NONE).when(Plasticity.FREE);
            double[] left = bare.present(nothing, Deadline.NEVER).outputs(0);
            double[] safe = bare.present(nothing.with(card.safe().levels()), Deadline.NEVER)
                    .outputs(0);
            assertThat(left).containsExactly(safe, offset(1e-9));
        }
    }

    @Test
    void aRunThatFailedIsNotTakenUp() throws IOException {
        trainedTooSoft("twin:hopfield-compliant", "1").ended(Main.FAILED);
        byte[] before = Files.readAllBytes(session.latest().path().resolve("run.json"));

        Ended ended = session.run("train", "--resume", "latest").ended(Main.BAD_INPUT);

        assertThat(ended.err())
                .startsWith("homeostat: run " + session.latest().name() + " cannot be taken up: parameter ")
                .endsWith("; then train a new run\n");
        assertThat(session.latest().path().resolve("run.json")).hasBinaryContent(before);
    }

    @Test
    void aRunKilledAfterItFailedFailsAgain() throws IOException {
        trainedTooSoft("twin:hopfield-compliant", "1").ended(Main.FAILED);
        String remark = session.latest().record().remark();
        Path json = session.latest().path().resolve("run.json");
        Files.writeString(json, Files.readString(json).replace("\"FAILED\"", "\"RUNNING\""));

        Ended ended = session.run("train", "--resume", "latest").ended(Main.FAILED);

        assertThat(ended.err()).contains(remark);
    }
}
