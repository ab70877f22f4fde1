package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.homeostat.run.RunRecord.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The record of a run, on disk. */
final class RunFolderTest {

    @TempDir
    Path path;

    private Path json() {
        return path.resolve("run.json");
    }

    private void refused(String sentence) {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> new RunFolder(path).record())
                .withMessageStartingWith(sentence)
                .withMessageNotContainingAny("\n", "Exception", "`");
    }

    @Test
    void aRecordComesBackAsItWas() {
        RunFolder folder = new RunFolder(path);
        RunRecord running = RunsOnDisk.record(folder.name(), Status.RUNNING, null);
        folder.write(running);

        RunRecord read = folder.record();

        // Arrays are equal by identity: everything else is compared by the records themselves.
        assertThat(read.encoding().mean()).isEqualTo(running.encoding().mean());
        assertThat(read.encoding().spread()).isEqualTo(running.encoding().spread());
        assertThat(read).usingRecursiveComparison().isEqualTo(running);
        assertThat(path).isDirectoryContaining("glob:**run.json").isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void aResultWithFiguresThatDoNotApplyComesBackAsItWas() {
        RunFolder folder = new RunFolder(path);
        folder.write(RunsOnDisk.record("r", Status.DONE, RunsOnDisk.result()));

        assertThat(folder.record().result()).isEqualTo(RunsOnDisk.result());
        assertThat(folder.record().status()).isEqualTo(Status.DONE);
    }

    @Test
    void withoutARecordItIsNoRun() {
        refused(path + ": this is no run, it holds no run.json; see 'runs list'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{", "{}", "[]", "3", "\"run\"", "\0\0\0\0", "{\"format\":1,\"run\":\"x\"}"})
    void aDamagedRecordIsRefusedWithItsFile(String text) throws IOException {
        Files.writeString(json(), text);

        refused(json().toString());
    }

    @Test
    void everyRecordCutShortIsRefused() throws IOException {
        RunFolder folder = new RunFolder(path);
        folder.write(RunsOnDisk.record("r", Status.DONE, RunsOnDisk.result()));
        String whole = Files.readString(json());

        for (int length = 0; length < whole.stripTrailing().length(); length += 7) {
            Files.writeString(json(), whole.substring(0, length));
            refused(json().toString());
        }
    }

    @Test
    void aFieldThatIsMissingUnknownOrOfAnotherTypeIsRefusedWithItsLine() throws IOException {
        RunFolder folder = new RunFolder(path);
        folder.write(RunsOnDisk.record("r", Status.DONE, RunsOnDisk.result()));
        String whole = Files.readString(json());

        Files.writeString(json(), whole.replace("\"epochs\" : 3", "\"epochs\" : \"three\""));
        refused(json() + ", line " + lineOf(whole, "\"epochs\" : 3")
                + ", experiment.epochs: the record of the run was");
        Files.writeString(json(), whole.replaceFirst("\"board\" : [^\n]*\n", ""));
        refused(json() + ", line ");
        Files.writeString(json(), whole.replaceFirst("\"board\"", "\"bored\" : 1, \"board\""));
        refused(json() + ", bored: the record of the run was");
        Files.writeString(json(), whole.replaceFirst("(?s)\"experiment\" : \\{.*?\n  \\}", "\"experiment\" : null"));
        refused(json() + ": the record of the run was changed or damaged; bring it back, or train anew");
    }

    private static int lineOf(String whole, String part) {
        return (int) whole.substring(0, whole.indexOf(part)).lines().count();
    }

    @Test
    void aRecordOfAnotherFormatIsRefusedWithoutReadingOn() throws IOException {
        Files.writeString(json(), "{\"format\": 2, \"novelty\": true}");

        refused(json() + ": format 2 is not known to this version, which reads format 1; "
                + "read it with the version that wrote it, or a newer one");
    }

    @Test
    void parametersAreKnownOnceTheFirstWereDrawn() throws IOException {
        RunFolder folder = new RunFolder(path);
        Slate slate = new Slate(Cards.of(1, 1, 2, 1));
        assertThat(folder.parameters()).isEmpty();

        folder.checkpoint().write(Checkpoint.Place.START, new double[0], new Pupil(), slate);
        assertThat(folder.parameters()).isEmpty();

        folder.checkpoint().write(Checkpoint.Place.START, new double[] {1, 2}, new Pupil(), slate);
        assertThat(folder.parameters())
                .hasValueSatisfying(known -> assertThat(known).containsExactly(1, 2));
    }

    @Test
    void aDamagedCheckpointIsBadInput() throws IOException {
        Files.writeString(path.resolve("checkpoint"), "this was a checkpoint once");

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> new RunFolder(path).parameters())
                .withMessage(path.resolve("checkpoint") + ": the checkpoint is damaged (its checksum does not match); "
                        + "bring it back from a copy, or train a new run");
    }

    @Test
    void itIsDeletedWithAllItHolds() throws IOException {
        Path run = Files.createDirectory(path.resolve("run"));
        Files.writeString(run.resolve("journal"), "x");
        Files.createDirectory(run.resolve("inner"));

        new RunFolder(run).delete();

        assertThat(run).doesNotExist();
        assertThat(path).isEmptyDirectory();
    }

    @Test
    void aRecordFromBeforeAllThisComesBackWithDefaults() throws IOException {
        RunFolder folder = new RunFolder(path);
        RunRecord now = RunsOnDisk.record("r", Status.DONE, RunsOnDisk.result());
        folder.write(now);
        JsonMapper json = new JsonMapper();
        ObjectNode tree = (ObjectNode) json.readTree(json().toFile());
        ObjectNode experiment = (ObjectNode) tree.get("experiment");
        experiment.remove("limits");
        ((ObjectNode) experiment.get("teaching")).remove(List.of("encoding", "asks", "optimiser", "starts"));
        ((ObjectNode) experiment.get("data")).remove(List.of("bits", "images"));
        experiment.remove("journal");
        ((ObjectNode) tree.get("encoding")).put("numberMean", 0.0).put("numberSpread", 1.0);
        ((ObjectNode) tree.get("result").get("test")).remove("relativeError");
        json.writeValue(json().toFile(), tree);

        RunRecord old = folder.record();

        assertThat(old.experiment()).isEqualTo(now.experiment());
        assertThat(old.result()).isEqualTo(now.result());
        assertThat(old.encoding().numberSpread()).containsExactly(1);
    }
}
