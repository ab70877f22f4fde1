package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.homeostat.app.Session.Ended;
import org.homeostat.catalog.Listed;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever people get wrong ends with exit code 2 (3 for a device that cannot be reached), one clear sentence and no stack
 * trace, and leaves nothing half-written behind.
 */
final class BadInputTest {

    private static final String MOONS = "experiment: m\ndevice: twin:resistor-array-v1\ndata: {generate: two-moons}\n";

    @TempDir
    Path home;

    private Session session;

    @BeforeEach
    void begin() {
        session = new Session(home);
    }

    /** Runs a command that must be refused with a sentence, in which HOME stands for the session's folder. */
    private void refused(int code, String sentence, String... arguments) throws IOException {
        Map<String, byte[]> before = session.contents();

        Ended ended = session.run(arguments).ended(code);

        assertThat(ended.out()).isEmpty();
        List<String> lines = new ArrayList<>(ended.err().lines().toList());
        lines.removeIf(line -> line.startsWith("Teaching twin:"));
        assertThat(lines).containsExactly("homeostat: " + sentence.replace("HOME", home.toString()));
        unchanged(before);
    }

    private void unchanged(Map<String, byte[]> before) throws IOException {
        Map<String, byte[]> after = session.contents();
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((name, bytes) -> assertThat(Arrays.equals(after.get(name), bytes))
                .as("%s is unchanged", name)
                .isTrue());
    }

    private void train(String csv, String target, String sentence, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("train", "--data", session.file("d.csv", csv).toString(), "--target", target));
        arguments.addAll(List.of(more));
        refused(Main.BAD_INPUT, sentence, arguments.toArray(new String[0]));
    }

    private static final String TABLE = "x,y,kind\n1,2,a\n3,4,b\n5,6,a\n7,8,b\n9,1,a\n2,2,b\n4,4,a\n1,3,b\n";

    @Test
    void aWrongKeyInAnExperiment() throws IOException {
        Path file = session.file("e.yaml", MOONS + "epoch: 3\n");
        refused(
                Main.BAD_INPUT,
                "HOME/e.yaml, line 4, epoch: there is no such key; expected one of experiment, device, learner, teaching, "
                        + "data, testPart, epochs, seed, limits, journal",
                "train",
                file.toString());
    }

    @Test
    void aWrongTypeInAnExperiment() throws IOException {
        Path file = session.file("e.yaml", MOONS + "teaching:\n  beta: strong\n");
        refused(
                Main.BAD_INPUT,
                "HOME/e.yaml, line 5, teaching.beta: expected a number, not 'strong'",
                "train",
                file.toString());
    }

    @Test
    void anExperimentWhoseDataIsMissing() throws IOException {
        Path file = session.file(
                "e.yaml", "experiment: m\ndevice: twin:resistor-array-v1\ndata: {csv: sub/d.csv, target: y}\n");
        refused(Main.BAD_INPUT, "HOME/sub/d.csv: there is no such file; check the path", "train", file.toString());
    }

    @Test
    void aMissingColumn() throws IOException {
        train(TABLE, "species", "HOME/d.csv: there is no column 'species'; it has the columns x, y, kind");
    }

    @Test
    void aNanCell() throws IOException {
        train(
                TABLE.replace("5,6", "5,NaN"),
                "kind",
                "HOME/d.csv, line 4, column 'y': 'NaN' is not a number; correct it or remove the line");
    }

    @Test
    void anEmptyCell() throws IOException {
        train(
                TABLE.replace("5,6", "5,"),
                "kind",
                "HOME/d.csv, line 4, column 'y': the cell is empty; fill it in or remove the line");
    }

    @Test
    void aMissingFile() throws IOException {
        refused(
                Main.BAD_INPUT,
                "HOME/none.csv: there is no such file; check the path",
                "train",
                "--data",
                home.resolve("none.csv").toString(),
                "--target",
                "y");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "twin:nope | there is no twin 'nope'; the twins are {twins}",
                "resistor-array-v1 | device 'resistor-array-v1': expected SCHEME:NAME, such as twin:resistor-array-v1",
                "usb:1 | device 'usb:1': there is no scheme 'usb'; expected serial, process, mqtt, mqtts, pi, twin or replay, such as twin:resistor-array-v1",
                "twin:resistor-array-v1?speed=3 | device 'twin:resistor-array-v1?speed=3': there is no option 'speed'; "
                        + "expected one of {options}",
                "twin:resistor-array-v1?lanes=x | device 'twin:resistor-array-v1?lanes=x': option lanes=x: expected a "
                        + "whole number, 1 to 100000",
                "replay:never | HOME/runs: there are no runs here; train one first, or say where with --runs",
            })
    void anUnknownDevice(String uri, String listed) throws IOException {
        String sentence = Listed.in(listed);
        refused(Main.BAD_INPUT, sentence, "probe", uri);
        refused(Main.BAD_INPUT, sentence, "audit", uri);
        train(TABLE, "kind", sentence, "--device", uri);
    }

    /** On a Raspberry Pi it would be looked for, and pins would move. */
    @Test
    void aBoardOnTheBusesOfWhatIsNoRaspberryPi() throws IOException {
        assumeFalse(Files.exists(Path.of("/proc/device-tree/model")));
        String uri = "pi:resistor-array-pi-spi";
        String sentence =
                "device '" + uri + "': this computer is no Raspberry Pi (it does not say what it is); start it on the "
                        + "Raspberry Pi that carries the board";
        refused(Main.UNREACHABLE, sentence, "probe", uri);
        refused(Main.UNREACHABLE, sentence, "audit", uri);
    }

    @Test
    void tooManyFeaturesForTheDevice() throws IOException {
        train(
                "a,b,c,d,e,kind\n1,2,3,4,5,u\n2,3,4,5,6,v\n1,2,3,4,5,u\n2,3,4,5,6,v\n",
                "kind",
                "d.csv has 5 features, board resistor-array-v1 has 4 inputs; choose a device with more inputs, "
                        + "for a twin by ?inputs=5",
                "--device",
                "twin:resistor-array-v1");
    }

    @Test
    void anUnknownLearner() throws IOException {
        String sentence = Listed.in("there is no learner 'magic'; the learners are {learners}");
        train(TABLE, "kind", sentence, "--learner", "magic");
        refused(Main.BAD_INPUT, sentence, "audit", "twin:resistor-compliant", "--learner", "magic");
    }

    @Test
    void aNudgeThatTheBoardDoesNotRealise() throws IOException {
        Map<String, byte[]> before = session.contents();
        Ended ended = session.run(
                        "train",
                        "--data",
                        session.plane(20).toString(),
                        "--target",
                        "height",
                        "--set",
                        "nudge=coupling")
                .ended(Main.BAD_INPUT);

        assertThat(ended.err())
                .contains("board resistor-array-v1 realises only")
                .doesNotContain("Exception");
        unchanged(before);
    }

    @Test
    void choicesOutOfRange() throws IOException {
        train(TABLE, "kind", "epochs: expected 1 or more, not -3", "--epochs", "-3");
        train(TABLE, "kind", "epochs: expected 1 or more, not 0", "--epochs", "0");
        train(TABLE, "kind", "--set beta: expected a number above 0, not -1.0", "--set", "beta=-1");
        train(TABLE, "kind", "--set reads: expected a whole number, not 'many'", "--set", "reads=many");
        train(
                TABLE,
                "kind",
                "--set softness: expected at most 1.0, the softest allowed, not 2.0",
                "--set",
                "softness=2");
        train(
                TABLE,
                "kind",
                "--checkpoint-every: expected a number of seconds, 0 or more, not -1.0",
                "--checkpoint-every",
                "-1");
        train(TABLE, "kind", "--patience: expected a number of seconds, 0 or more, not -1.0", "--patience", "-1");
        refused(
                Main.BAD_INPUT,
                "--beta: expected a number above 0, not 0.0",
                "audit",
                "twin:resistor-compliant",
                "--beta",
                "0");
    }

    @Test
    void nothingToLearnFrom() throws IOException {
        String sentence = "nothing to learn from: give an experiment file, or --data CSV with --target COLUMN";
        refused(Main.BAD_INPUT, sentence, "train");
        refused(Main.BAD_INPUT, sentence, "train", "--target", "y");
        refused(
                Main.BAD_INPUT,
                "give either an experiment file or --data and --target, not both",
                "train",
                session.file("e.yaml", MOONS).toString(),
                "--data",
                "d.csv");
    }

    @Test
    void aFolderOfRunsThatCannotBe() throws IOException {
        Path file = session.file("occupied", "a file where a folder should be");
        Ended ended = Session.plain(
                        "train",
                        "--data",
                        session.file("d.csv", TABLE).toString(),
                        "--target",
                        "kind",
                        "--runs",
                        file.toString())
                .ended(Main.BAD_INPUT);

        assertThat(ended.err())
                .contains("homeostat: " + file + ": a run cannot be stored there (")
                .endsWith("; give another folder with --runs\n");
        assertThat(file).hasContent("a file where a folder should be");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evaluate", "replay", "runs show", "predict", "train"})
    void aMissingRun(String command) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(command.split(" ", -1)));
        if (command.equals("train")) {
            arguments.add("--resume");
        }
        arguments.add("20250101");
        if (command.equals("predict")) {
            arguments.addAll(List.of("--data", session.file("d.csv", TABLE).toString()));
        }
        String[] all = arguments.toArray(new String[0]);
        refused(Main.BAD_INPUT, "HOME/runs: there are no runs here; train one first, or say where with --runs", all);

        session.trained();
        refused(Main.BAD_INPUT, "HOME/runs: there is no run '20250101'; see 'runs list'", all);
    }

    @Test
    void aRunThatIsDoneIsNotTakenUp() throws IOException {
        session.trained();
        String name = session.latest().name();

        refused(
                Main.BAD_INPUT,
                "run " + name + " is done; evaluate it, or train a new one",
                "train",
                "--resume",
                "latest");
    }

    @Test
    void aRunIsTakenUpAsItWasBegun() throws IOException {
        session.trained();
        refused(
                Main.BAD_INPUT,
                "--resume goes on with what the run began with; leave out everything but --resume, or train a new run",
                "train",
                "--resume",
                "latest",
                "--epochs",
                "9");
        refused(
                Main.BAD_INPUT,
                "--resume goes on with what the run began with; leave out everything but --resume, or train a new run",
                "train",
                "--resume",
                "latest",
                "--ignore",
                "x");
    }

    @Test
    void aRunNotDoneIsNotReplayed() throws IOException {
        String name = Interrupted.after(3, session).name();

        refused(
                Main.BAD_INPUT,
                "run " + name + " is not done; take it up with 'train --resume " + name + "'",
                "replay",
                "latest");
    }

    @Test
    void anUnreadableJournal() throws IOException {
        session.trained();
        Path journal = session.latest().journal();
        byte[] whole = Files.readAllBytes(journal);

        Files.writeString(journal, "dear diary");
        refused(
                Main.BAD_INPUT,
                "journal " + journal + ": expected a journal, which starts with HSTATJNL; give the path of a journal",
                "replay",
                "latest");
        refused(
                Main.BAD_INPUT,
                "journal " + journal + ": expected a journal, which starts with HSTATJNL; give the path of a journal",
                "probe",
                "replay:latest");

        byte[] spoiled = whole.clone();
        spoiled[whole.length / 2] ^= 4;
        Files.write(journal, spoiled);
        Map<String, byte[]> before = session.contents();
        Ended ended = session.run("replay", "latest").ended(Main.BAD_INPUT);
        assertThat(ended.err())
                .startsWith("homeostat: journal " + journal + ": a damaged frame, although whole ones follow, at byte ")
                .hasLineCount(1);
        unchanged(before);

        // Cut in its middle it is a journal that ends too early.
        Files.write(journal, java.util.Arrays.copyOf(whole, whole.length / 2));
        before = session.contents();
        ended = session.run("replay", "latest").ended(Main.BAD_INPUT);
        assertThat(ended.err())
                .startsWith("homeostat: the journal ends after ")
                .contains(journal.toString())
                .hasLineCount(1);
        unchanged(before);

        Files.delete(journal);
        refused(Main.BAD_INPUT, journal + ": there is no such journal; give the path of one", "replay", "latest");
    }

    @Test
    void aDamagedJournalStopsAResumeBeforeItChangesAnything() throws IOException {
        Path journal = Interrupted.after(20, session).journal();
        byte[] whole = Files.readAllBytes(journal);
        whole[whole.length / 2] ^= 4;
        Files.write(journal, whole);
        Map<String, byte[]> before = session.contents();

        Ended ended = session.run("train", "--resume", "latest").ended(Main.BAD_INPUT);

        assertThat(ended.err())
                .startsWith("homeostat: journal " + journal + ": a damaged frame")
                .hasLineCount(1);
        unchanged(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"evaluate", "predict"})
    void aDamagedCheckpoint(String command) throws IOException {
        session.trained();
        Path checkpoint = session.latest().path().resolve("checkpoint");
        byte[] whole = Files.readAllBytes(checkpoint);
        whole[40] ^= 1;
        Files.write(checkpoint, whole);

        List<String> arguments = new ArrayList<>(List.of(command, "latest"));
        if (command.equals("predict")) {
            arguments.addAll(List.of("--data", session.file("d.csv", TABLE).toString()));
        }
        refused(
                Main.BAD_INPUT,
                checkpoint + ": the checkpoint is damaged (its checksum does not match); "
                        + "bring it back from a copy, or train a new run",
                arguments.toArray(new String[0]));
    }

    @Test
    void aDamagedCheckpointStopsAResume() throws IOException {
        Path checkpoint = Interrupted.after(20, session).path().resolve("checkpoint");
        byte[] whole = Files.readAllBytes(checkpoint);
        whole[40] ^= 1;
        Files.write(checkpoint, whole);

        refused(
                Main.BAD_INPUT,
                checkpoint + ": the checkpoint is damaged (its checksum does not match); "
                        + "bring it back from a copy, or train a new run",
                "train",
                "--resume",
                "latest");
    }

    @Test
    void aMissingCheckpointStopsAResume() throws IOException {
        Path run = Interrupted.after(20, session).path();
        Files.delete(run.resolve("checkpoint"));

        refused(
                Main.BAD_INPUT,
                run + ": it has taught already, but its checkpoint is missing; "
                        + "bring it back from a copy, or train a new run",
                "train",
                "--resume",
                "latest");
        refused(
                Main.BAD_INPUT,
                "run " + run.getFileName() + " has no checkpoint yet; let it train first",
                "evaluate",
                "latest");
    }

    @Test
    void dataThatChangedSinceTheRunBegan() throws IOException {
        Interrupted.after(20, session);
        String name = session.latest().name();
        Path data = home.resolve("clouds.csv");
        String sentence = "run " + name + ": its data has changed since it began (" + data
                + "); bring back the data, or train a new run";
        String whole = Files.readString(data);

        // Any row: those kept for the test count as well.
        for (int row : new int[] {1, 2, 7, 12, 40}) {
            String[] lines = whole.split("\n", -1);
            lines[row] = "0.5" + lines[row].substring(lines[row].indexOf(','));
            Files.writeString(data, String.join("\n", lines));
            refused(Main.BAD_INPUT, sentence, "train", "--resume", "latest");
            refused(Main.BAD_INPUT, sentence, "evaluate", "latest");
        }
        Files.writeString(data, whole);
        session.run("train", "--resume", "latest").ended(Main.DONE);

        Files.writeString(data, whole.replace("low", "deep"));
        refused(Main.BAD_INPUT, sentence, "replay", "latest");
        Files.delete(data);
        refused(Main.BAD_INPUT, data + ": there is no such file; check the path", "evaluate", "latest");
    }

    @Test
    void aDamagedRecord() throws IOException {
        session.trained();
        Path json = session.latest().path().resolve("run.json");
        Files.writeString(json, Files.readString(json).replace("\"epochs\" : 2", "\"epochs\" : \"two\""));
        Map<String, byte[]> before = session.contents();

        for (String[] command : new String[][] {
            {"evaluate", "latest"}, {"replay", "latest"}, {"runs", "show", "latest"}, {"train", "--resume", "latest"}
        }) {
            assertThat(session.run(command).ended(Main.BAD_INPUT).err())
                    .startsWith("homeostat: " + json + ", line ")
                    .contains(", experiment.epochs: the record of the run was changed or damaged")
                    .hasLineCount(1);
        }
        unchanged(before);
    }

    @Test
    void anotherDeviceOfAnotherSize() throws IOException {
        session.trained();

        refused(
                Main.BAD_INPUT,
                "run " + session.latest().name()
                        + " learned 156 parameters, device twin:resistor-array-v1?hidden=2 has 26; "
                        + "choose a device of the same sizes",
                "evaluate",
                "latest",
                "--device",
                "twin:resistor-array-v1?hidden=2");
    }

    @Test
    void aColumnThatWasLearnedFromIsMissing() throws IOException {
        session.trained();
        Path ask = session.file("ask.csv", "x,z\n1,2\n3,4\n");

        refused(
                Main.BAD_INPUT,
                "HOME/ask.csv: there is no column 'y'; it has the columns x, z",
                "predict",
                "latest",
                "--data",
                ask.toString());
    }

    /** Slips in the use of the command line itself: a sentence and where to look. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train --epoch 3 | unknown option: '--epoch' | homeostat train",
                "demo --quick | unknown option: '--quick' | homeostat demo",
                "trian | unmatched argument at index 0: 'trian' | homeostat",
                "runs lst | unmatched argument at index 1: 'lst' | homeostat runs",
                "runs | expected 'runs list', 'runs show RUN', 'runs compare RUN RUN' or 'runs export RUN' | homeostat runs",
                "probe | missing required parameter: 'DEVICE' | homeostat probe",
                "predict latest | missing required option: '--data=CSV' | homeostat predict",
                "train --epochs many | invalid value for option '--epochs': expected a whole number, not 'many' "
                        + "| homeostat train",
                "demo --seed 1.5 | invalid value for option '--seed': expected a whole number, not '1.5' | homeostat demo",
                "audit twin:x --beta big | invalid value for option '--beta': expected a number, not 'big' "
                        + "| homeostat audit",
                "train --set beta | value for option '--set' (KEY=VALUE) should be in KEY=VALUE format but was beta "
                        + "| homeostat train",
                "train --task rank | invalid value for option '--task': expected one of [CLASSIFICATION, REGRESSION] "
                        + "(case-insensitive) but was 'rank' | homeostat train",
            })
    void wrongUse(String arguments, String sentence, String command) throws IOException {
        Ended ended = Session.plain(arguments.split(" ")).ended(Main.BAD_INPUT);

        assertThat(ended.out()).isEmpty();
        List<String> lines = ended.err().lines().toList();
        assertThat(lines.getFirst()).isEqualTo("homeostat: " + sentence);
        assertThat(lines.getLast()).isEqualTo("See '" + command + " --help'.");
        assertThat(lines).hasSizeLessThanOrEqualTo(3);
        unchanged(Map.of());
    }

    @Test
    void aFolderOfRunsThatIsNotThere() throws IOException {
        refused(
                Main.BAD_INPUT,
                "--runs HOME/runs: there is no such folder; train a run there first, or name another",
                "dashboard");
    }

    @Test
    void aPageWhosePortIsTaken() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String port = String.valueOf(other.getLocalPort());
            train(
                    TABLE,
                    "kind",
                    "--port " + port
                            + ": another program has it; choose another one, or leave --port out for one that is free",
                    "--watch",
                    "--port",
                    port);
        }
    }

    @Test
    void aPageAtAnAddressOfAnotherComputer() throws IOException {
        train(
                TABLE,
                "kind",
                "--bind 192.0.2.1: this is not an address of this computer; expected one of its own, such as 127.0.0.1"
                        + " or 0.0.0.0",
                "--watch",
                "--bind",
                "192.0.2.1");
    }

    @Test
    void aPortThatIsNone() throws IOException {
        train(
                TABLE,
                "kind",
                "--port: expected 1 to 65535, or 0 for any that is free, not 65536",
                "--watch",
                "--port",
                "65536");
    }

    @Test
    void aPortWithoutAPage() throws IOException {
        train(TABLE, "kind", "--port goes with --watch; give both, or neither", "--port", "8080");
    }

    @Test
    void aTypingErrorIsAnsweredWithWhatWasMeant() {
        assertThat(Session.plain("trian").err()).contains("Did you mean: homeostat train?");
        assertThat(Session.plain("train", "--epoch", "3").err()).contains("Possible solutions: --epochs");
    }
}
