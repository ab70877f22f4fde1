package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.homeostat.app.Session.Ended;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sweeps of twins as job arrays on a real Slurm of one node end as on local cores, bit for bit: sixteen points, as many
 * tasks and few; and points whose tasks are put back into the queue, killed, or stopped before their time limit.
 */
@Timeout(900)
final class SweepOnSlurmIT {

    private static final int POINTS = 16;

    /** So many bytes of journal are a run in the midst of its work: about a tenth of a long one. */
    private static final long UNDER_WAY = 1_000_000;

    @TempDir
    static Path folder;

    private static OneNodeSlurm slurm;
    private static Path home;

    @BeforeAll
    static void begin() throws Exception {
        slurm = OneNodeSlurm.start(folder.resolve("slurm"));
        home = Files.createDirectories(folder.resolve("a home"));
        long began = System.nanoTime();
        local("moons", POINTS, 10);
        System.out.printf(Locale.ROOT, "sweep: %d points on local cores %.1f s%n", POINTS, seconds(began));
    }

    @AfterAll
    static void end() throws Exception {
        if (slurm != null) {
            slurm.close();
        }
    }

    private static void write(String sweep, int points, int epochs) throws IOException {
        Files.writeString(home.resolve(sweep + ".yaml"), """
                sweep: %s
                experiment:
                  device: twin:resistor-array-v1
                  data: {generate: two-moons, rows: 200, noise: 0.1}
                  epochs: %d
                grid:
                  seed: [%s]
                """.formatted(
                sweep,
                epochs,
                IntStream.rangeClosed(1, points).mapToObj(String::valueOf).collect(Collectors.joining(", "))));
    }

    /** What a sweep comes to on local cores. */
    private static void local(String sweep, int points, int epochs) throws IOException {
        write(sweep, points, epochs);
        new Jar(home)
                .run("sweep", sweep + ".yaml", "--runs", "local", "--output", sweep + ".csv")
                .ended(Main.DONE);
        assertThat(store("local", sweep).list()).hasSize(points);
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private static Jar jar() {
        return new Jar(home, List.of(), slurm.environment());
    }

    private static RunStore store(String runs, String sweep) {
        return new RunStore(home.resolve(runs).resolve(sweep));
    }

    /** Submits, and returns the number of the job. */
    private static String submitted(String sweep, String runs, int tasks, String... more) {
        List<String> words = new java.util.ArrayList<>(List.of("sweep", sweep + ".yaml", "--slurm", "--json"));
        words.addAll(List.of("--runs", runs));
        words.addAll(List.of(more));
        Ended ended = jar().run(words.toArray(new String[0])).ended(Main.DONE);
        String job = ended.json().get("job").asString();
        assertThat(ended.json().get("tasks").asInt()).isEqualTo(tasks);
        assertThat(ended.err()).startsWith("Submitted as job " + job + ", " + tasks + " task");
        return job;
    }

    private static void requireTheSame(String runs, String sweep) throws IOException {
        Path table = home.resolve(runs + ".csv");
        jar().run("sweep", sweep + ".yaml", "--gather", "--runs", runs, "--output", table.toString())
                .ended(Main.DONE);
        assertThat(table).hasSameBinaryContentAs(home.resolve(sweep + ".csv"));
        for (RunFolder run : store("local", sweep).list()) {
            End.of(run).same(End.of(store(runs, sweep).begun(run.name()).orElseThrow()));
        }
    }

    @Test
    void aJobArrayEndsAsTheSweepOnLocalCores() throws Exception {
        long began = System.nanoTime();
        var unused = submitted("moons", "array", POINTS);
        slurm.awaitEmpty();
        System.out.printf(
                Locale.ROOT, "sweep: %d points as %d tasks of Slurm %.1f s%n", POINTS, POINTS, seconds(began));

        requireTheSame("array", "moons");
        for (int task = 0; task < POINTS; task++) {
            assertThat(home.resolve("array/moons/task-" + task + ".txt"))
                    .content()
                    .contains("1 of 1 done");
        }
        assertThat(jar().run("sweep", "moons.yaml", "--slurm", "--runs", "array")
                        .ended(Main.DONE)
                        .err())
                .isEqualTo("All points are at their end: there is nothing to submit.\n");
    }

    @Test
    void manyPointsAreBundledIntoFewTasks() throws Exception {
        var unused = submitted("moons", "bundled", 3, "--tasks", "3", "--jobs", "2");
        slurm.awaitEmpty();

        requireTheSame("bundled", "moons");
        assertThat(home.resolve("bundled/moons/task-2.txt")).content().contains("5 of 5 done");
        assertThat(home.resolve("bundled/moons/task-3.txt")).doesNotExist();
    }

    private static boolean underWay(int point) throws IOException {
        RunFolder run = store("hurt", "long").begun("long-000" + point).orElse(null);
        return run != null && Files.exists(run.journal()) && Files.size(run.journal()) > UNDER_WAY;
    }

    private static Status status(int point) {
        return store("hurt", "long")
                .begun("long-000" + point)
                .orElseThrow()
                .record()
                .status();
    }

    /** SIGKILL for the program of a task, whose script lives on and ends with 137. */
    private static void kill(int task) {
        ProcessHandle program = ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").endsWith("java"))
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(home.resolve("hurt") + " ") && line.endsWith("--task " + task))
                        .isPresent())
                .findFirst()
                .orElseThrow();
        assertThat(program.destroyForcibly()).isTrue();
    }

    @Test
    void tasksThatAreRequeuedKilledOrOutOfTimeEndTheSame() throws Exception {
        local("long", 3, 150);
        String job = submitted("long", "hurt", 3);
        slurm.await("first two runs at work", () -> underWay(0) && underWay(1));

        // As when a node is lost or wanted for something else.
        slurm.tell("scontrol", "requeue", job + "_0");
        kill(1);
        slurm.await("third run at work", () -> underWay(2));
        assertThat(status(1)).isEqualTo(Status.RUNNING);
        // What Slurm sends a minute before the time limit.
        slurm.tell("scancel", "--batch", "--signal=USR1", job + "_2");
        slurm.awaitEmpty();

        assertThat(slurm.said("scontrol", "show", "job", job + "_0")).contains("JobState=COMPLETED", "Restarts=1");
        assertThat(slurm.said("scontrol", "show", "job", job + "_1")).contains("JobState=FAILED", "ExitCode=137");
        assertThat(slurm.said("scontrol", "show", "job", job + "_2")).contains("JobState=COMPLETED", "Restarts=1");
        assertThat(home.resolve("hurt/long/task-2.txt"))
                .content()
                .contains("0 of 1 done", "Stopped; what was begun has a checkpoint", "1 of 1 done");
        Ended partial =
                jar().run("sweep", "long.yaml", "--gather", "--runs", "hurt").ended(Main.DONE);
        assertThat(partial.out()).contains("long-0001  running", "2 of 3 done");

        Ended rest = jar().run("sweep", "long.yaml", "--slurm", "--wait", "--runs", "hurt")
                .ended(Main.DONE);

        assertThat(rest.err()).matches("(?s)Submitted as job \\d+, 1 task; .*");
        assertThat(rest.out()).contains("3 of 3 done; stored in hurt/long");
        requireTheSame("hurt", "long");
    }

    @Test
    void anArrayThatSlurmDoesNotTakeIsSaidWithTheRemedy() throws Exception {
        write("many", OneNodeSlurm.MOST_TASKS + 2, 10);

        Ended ended =
                jar().run("sweep", "many.yaml", "--slurm", "--runs", "many").ended(Main.FAILED);

        assertThat(ended.out()).isEmpty();
        assertThat(ended.err())
                .startsWith("homeostat: sbatch did not take the job (exit code 1): ")
                .contains("Invalid job array specification")
                .endsWith("and fewer tasks are made with --tasks\n")
                .hasLineCount(1);
    }

    @Test
    void withoutSlurmOneIsToldWhatToDo() {
        Ended ended = new Jar(home, List.of(), Map.of("PATH", home.toString()))
                .run("sweep", "moons.yaml", "--slurm", "--runs", "nowhere")
                .ended(Main.BAD_INPUT);

        assertThat(ended.err())
                .isEqualTo(
                        "homeostat: there is no program sbatch here; run this on a machine of a Slurm cluster, write the"
                                + " job script alone with --script, or leave out --slurm to use this machine's cores\n");
    }
}
