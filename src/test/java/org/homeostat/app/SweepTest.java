package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.homeostat.app.Session.Ended;
import org.homeostat.catalog.SweepFile;
import org.homeostat.run.Claims;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.homeostat.run.Sweep;
import org.homeostat.run.Sweep.Point;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Sweeps on this machine's cores: every point as if it had been trained alone, whatever came between. */
final class SweepTest {

    private static final String SWEEP = """
            sweep: clouds
            experiment:
              device: twin:resistor-array-v1
              epochs: 2
              data: {csv: clouds.csv, target: kind}
            grid:
              teaching.beta: [0.1, 0.5, 2]
              seed: [1, 2]
            """;

    @TempDir
    Path home;

    private Session session;
    private Path file;

    @BeforeEach
    void begin() throws IOException {
        session = new Session(home);
        session.clouds(40);
        file = session.file("clouds.yaml", SWEEP);
    }

    private Ended sweep(String... more) {
        List<String> all = new ArrayList<>(List.of("sweep", file.toString()));
        all.addAll(List.of(more));
        return session.run(all.toArray(new String[0]));
    }

    private Sweep read() {
        return SweepFile.read(file, Interrupted.catalog(session));
    }

    private RunStore store() {
        return new RunStore(session.runs().resolve("clouds"));
    }

    private RunFolder run(int point) {
        return store().begun(String.format(Locale.ROOT, "clouds-%04d", point)).orElseThrow();
    }

    private Path table() throws IOException {
        Path table = home.resolve("table.csv");
        Files.deleteIfExists(table);
        return table;
    }

    /** What a point ends with that is trained by itself. */
    private End alone(Point point) throws IOException {
        Session other = new Session(home.resolve("alone"));
        try (Training training =
                Training.begin(point.experiment(), Interrupted.catalog(other), new RunStore(other.runs()))) {
            var unused = training.run(null, () -> false, Duration.ofHours(1));
            return End.of(training.folder());
        }
    }

    private void stopped(Point point, int steps) {
        try (Training training =
                Training.begin(point.experiment(), Interrupted.catalog(session), store(), point.name())) {
            var unused = training.run(null, Interrupted.stop(steps), Duration.ZERO);
        }
    }

    @Test
    void everyPointEndsAsIfItHadBeenTrainedAlone() throws IOException {
        sweep("--jobs", "3").ended(Main.DONE);

        assertThat(read().points()).hasSize(6);
        for (Point point : read().points()) {
            alone(point).same(End.of(run(point.number())));
        }
    }

    @Test
    void theBestPointComesFirst() throws IOException {
        Path table = table();
        Ended ended = sweep("--json", "--output", table.toString()).ended(Main.DONE);

        JsonNode json = ended.json();
        assertThat(json.get("sweep").asString()).isEqualTo("clouds");
        assertThat(json.get("points").asInt()).isEqualTo(6);
        assertThat(json.get("done").asInt()).isEqualTo(6);
        List<JsonNode> rows = json.get("table").valueStream().toList();
        assertThat(rows).hasSize(6);
        assertThat(rows)
                .isSortedAccordingTo(Comparator.<JsonNode>comparingDouble(
                                row -> -row.get("test").get("accuracy").asDouble())
                        .thenComparingDouble(row -> row.get("test").get("loss").asDouble()));
        assertThat(rows.stream()
                        .map(row -> row.get("test").get("loss").asDouble())
                        .distinct())
                .hasSizeGreaterThan(1);
        JsonNode first = rows.getFirst();
        Point point = read().points().stream()
                .filter(one -> one.name().equals(first.get("run").asString()))
                .findFirst()
                .orElseThrow();
        assertThat(first.get("values").get("seed").asLong())
                .isEqualTo(point.experiment().seed());
        assertThat(first.get("values").get("teaching.beta").asDouble())
                .isEqualTo(point.experiment().teaching().beta());

        List<String> lines = Files.readAllLines(table);
        assertThat(lines.getFirst()).startsWith("point,status,teaching.beta,seed,testAccuracy,");
        assertThat(lines.subList(1, 7).stream().map(line -> line.split(",", -1)[0]))
                .containsExactlyElementsOf(
                        rows.stream().map(row -> row.get("run").asString()).toList());
        int columns = lines.getFirst().split(",", -1).length;
        assertThat(lines).allMatch(line -> line.split(",", -1).length == columns);

        List<String> shown = sweep("--gather").ended(Main.DONE).out().lines().toList();
        assertThat(shown.getFirst()).matches("point +test +training +loss +teaching.beta +seed");
        assertThat(shown.get(1)).startsWith(first.get("run").asString());
        assertThat(shown.getLast())
                .isEqualTo("6 of 6 done; stored in " + session.runs().resolve("clouds"));
    }

    @Test
    void numbersAreComparedByTheVarianceTheyExplain() throws IOException {
        session.plane(40);
        file = session.file(
                "clouds.yaml",
                SWEEP.replace("clouds.csv, target: kind", "plane.csv, target: height")
                        .replace("[0.1, 0.5, 2]", "[0.5]"));

        List<JsonNode> rows = sweep("--json")
                .ended(Main.DONE)
                .json()
                .get("table")
                .valueStream()
                .toList();

        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).get("test").get("r2").asDouble())
                .isGreaterThan(rows.get(1).get("test").get("r2").asDouble());
    }

    @Test
    void neitherTheNumberOfWorkersNorTheLocaleChangesAnything() throws IOException {
        Path table = table();
        sweep("--jobs", "1", "--output", table.toString()).ended(Main.DONE);
        byte[] one = Files.readAllBytes(table);
        session = new Session(Files.createDirectories(home.resolve("other")));
        Locale usual = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            sweep("--jobs", "4", "--output", table.toString()).ended(Main.DONE);
        } finally {
            Locale.setDefault(usual);
        }

        assertThat(Files.readAllBytes(table)).isEqualTo(one);
    }

    @Test
    void whatIsDoneIsNotDoneAgain() throws IOException {
        sweep().ended(Main.DONE);
        Map<String, byte[]> before = session.contents();

        Ended ended = sweep().ended(Main.DONE);

        assertThat(ended.err()).isEmpty();
        Map<String, byte[]> after = session.contents();
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((name, bytes) ->
                assertThat(Arrays.equals(after.get(name), bytes)).as(name).isTrue());
    }

    @Test
    void whatWasStoppedOrKilledGoesOn() throws IOException {
        List<Point> points = read().points();
        stopped(points.get(0), 0);
        stopped(points.get(1), 17);
        stopped(points.get(2), 45);
        // Killed: the record still says that it runs.
        RunRecord record = run(2).record();
        run(2).write(record.with(Status.RUNNING, "", null));
        // Killed before there was a record.
        Files.createDirectories(session.runs().resolve("clouds/clouds-0003"));
        Files.writeString(session.runs().resolve("clouds/clouds-0003/run.json.new"), "{\"form");

        JsonNode partial = sweep("--gather", "--json").ended(Main.DONE).json();
        assertThat(partial.get("interrupted").asInt()).isEqualTo(2);
        assertThat(partial.get("running").asInt()).isEqualTo(1);
        assertThat(partial.get("waiting").asInt()).isEqualTo(3);
        assertThat(partial.get("done").asInt()).isZero();

        sweep().ended(Main.DONE);

        for (int i = 0; i < 4; i++) {
            alone(points.get(i)).same(End.of(run(i)));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "epochs: 2 | epochs: 3 | epochs 2, which is now 3",
                "[0.1, | [0.2, | teaching.beta 0.1, which is now 0.2",
                "seed: [1, 2] | seed: [3, 2] | seed 1, which is now 3",
                "array-v1 | compliant | device twin:resistor-array-v1, which is now twin:resistor-compliant",
            })
    void aPointBegunWithOtherValuesIsRefused(String was, String is, String difference) throws IOException {
        stopped(read().points().getFirst(), 3);
        Files.writeString(file, SWEEP.replace(was, is));
        Map<String, byte[]> before = session.contents();

        for (String[] way : new String[][] {{}, {"--gather"}, {"--script"}, {"--task", "0"}}) {
            Ended ended = sweep(way).ended(Main.BAD_INPUT);

            assertThat(ended.out()).isEmpty();
            assertThat(ended.err())
                    .isEqualTo("homeostat: " + session.runs().resolve("clouds/clouds-0000")
                            + ": this run was begun with " + difference
                            + "; give the sweep another name, or delete the runs that are out of date\n");
        }
        assertThat(session.contents().keySet()).isEqualTo(before.keySet());
    }

    @Test
    void aPointThatFailsDoesNotStopTheOthers() throws IOException {
        Files.writeString(file, SWEEP.replace("seed: [1, 2]", "data.target: [none, kind]"));

        Ended ended = sweep("--json").ended(Main.FAILED);

        String sentence = home.resolve("clouds.csv") + ": there is no column 'none'; it has the columns x, y, kind";
        assertThat(ended.json().get("done").asInt()).isEqualTo(3);
        assertThat(ended.json().get("failed").asInt()).isEqualTo(3);
        JsonNode last = ended.json().get("table").get(5);
        assertThat(last.get("status").asString()).isEqualTo("failed");
        assertThat(last.get("remark").asString()).isEqualTo(sentence);
        assertThat(ended.err().lines().filter(line -> line.startsWith("homeostat:")))
                .containsExactly(
                        "homeostat: clouds-0000 failed: " + sentence,
                        "homeostat: clouds-0002 failed: " + sentence,
                        "homeostat: clouds-0004 failed: " + sentence);
    }

    @Test
    void resultsOnOtherDataAreNotMixed() throws IOException {
        sweep("--tasks", "6", "--task", "2").ended(Main.DONE);
        session.clouds(44);

        Ended ended = sweep().ended(Main.FAILED);

        assertThat(ended.out()).contains("5 of 6 done");
        assertThat(ended.err()).contains("clouds-0002 failed: run clouds-0002: its data has changed since it began");
    }

    @Test
    void aDamagedRecordDoesNotHideTheOthers() throws IOException {
        sweep().ended(Main.DONE);
        Files.writeString(run(1).path().resolve("run.json"), "{");

        Ended ended = sweep("--gather").ended(Main.FAILED);

        assertThat(ended.out()).contains("5 of 6 done");
        assertThat(ended.err()).contains("clouds-0001 failed: ", "the record of the run was changed or damaged");
    }

    @Test
    void whatAnotherProcessIsAtIsLeftAlone() throws IOException {
        try (Claims claims = Claims.in(session.runs().resolve("clouds"))) {
            var unused = claims.take(4).orElseThrow();

            Ended ended = sweep().ended(Main.DONE);

            assertThat(ended.err()).contains("clouds-0004: another process is at it; left alone");
            assertThat(ended.out()).contains("5 of 6 done");
        }
    }

    @Test
    void tasksTogetherAreTheWholeSweep() throws IOException {
        Path table = table();
        sweep("--output", table.toString()).ended(Main.DONE);
        byte[] whole = Files.readAllBytes(table);
        session = new Session(Files.createDirectories(home.resolve("tasks")));

        for (int task = 3; task >= 0; task--) {
            Ended ended = sweep("--tasks", "4", "--task", String.valueOf(task)).ended(Main.DONE);
            assertThat(ended.out()).contains(task < 2 ? "2 of 2 done" : "1 of 1 done");
        }

        sweep("--gather", "--output", table.toString()).ended(Main.DONE);
        assertThat(Files.readAllBytes(table)).isEqualTo(whole);
    }

    @Test
    void theScriptNamesTheTasksThatAreNotDone() throws IOException {
        sweep("--tasks", "6", "--task", "1").ended(Main.DONE);
        sweep("--tasks", "6", "--task", "4").ended(Main.DONE);

        String path = sweep("--script", "--jobs", "2").ended(Main.DONE).out().strip();

        assertThat(path).isEqualTo(session.runs().resolve("clouds/clouds.slurm").toString());
        assertThat(Files.readAllLines(Path.of(path)))
                .startsWith("#!/bin/bash")
                .contains(
                        "#SBATCH --array=0,2-3,5%2",
                        "#SBATCH --requeue",
                        "#SBATCH --chdir=\"" + session.runs().resolve("clouds") + "\"")
                .anyMatch(line -> line.endsWith("'sweep' '" + file + "' '--runs' '" + session.runs()
                        + "' '--tasks' '6' '--task' \"$SLURM_ARRAY_TASK_ID\" &"));

        assertThat(sweep("--script", "--tasks", "2", "--json")
                        .ended(Main.DONE)
                        .json()
                        .get("tasks")
                        .asInt())
                .isEqualTo(2);
        assertThat(Files.readString(Path.of(path))).contains("#SBATCH --array=0-1\n", "'--tasks' '2'");
        sweep().ended(Main.DONE);
        assertThat(sweep("--script").ended(Main.DONE).err())
                .isEqualTo("All points are at their end: there is nothing to submit.\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--gather --slurm | give one of --gather, --slurm, --script and --task, not several",
                "--script --task 1 | give one of --gather, --slurm, --script and --task, not several",
                "--wait | --wait waits for a job: it goes with --slurm",
                "--tasks 3 | --tasks divides a job: it goes with --slurm, --script or --task",
                "--jobs 0 | --jobs: expected 1 or more, not 0",
                "--script --tasks 0 | --tasks: expected 1 or more, not 0",
                "--task 6 | --task: expected 0 to 5, not 6",
                "--task 2 --tasks 2 | --task: expected 0 to 1, not 2",
                "--task -1 | --task: expected 0 to 5, not -1",
            })
    void optionsThatDoNotGoTogether(String options, String sentence) throws IOException {
        Ended ended = sweep(options.split(" ", -1)).ended(Main.BAD_INPUT);

        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).isEqualTo("homeostat: " + sentence + "\n");
        assertThat(session.runs()).doesNotExist();
    }

    @Test
    void aBoardIsNotSwept() throws IOException {
        Files.writeString(file, SWEEP.replace("twin:resistor-array-v1", "serial:/dev/ttyACM0"));

        assertThat(sweep().ended(Main.BAD_INPUT).err())
                .startsWith("homeostat: " + file + ", line 3, experiment.device: only twins can be swept")
                .hasLineCount(1);
    }

    @Test
    void aTableThatCannotBeWrittenIsSaid() throws IOException {
        assertThat(sweep("--gather", "--output", home.toString())
                        .ended(Main.BAD_INPUT)
                        .err())
                .startsWith("homeostat: " + home + ": the table cannot be written there (")
                .endsWith("; give another file\n");
    }

    @ParameterizedTest
    @EnumSource(Sweep.State.class)
    void everyStateIsCounted(Sweep.State state) throws IOException {
        JsonNode json = sweep("--gather", "--json").ended(Main.DONE).json();

        assertThat(json.get(state.name().toLowerCase(Locale.ROOT)).asInt())
                .isEqualTo(state == Sweep.State.WAITING ? 6 : 0);
        assertThat(Stream.of(session.runs().toFile())).noneMatch(java.io.File::exists);
    }
}
