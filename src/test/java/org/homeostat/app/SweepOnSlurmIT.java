package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.homeostat.app.Session.Ended;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sweep of sixteen twins as a job array on a real Slurm of one node: the same as on local cores, bit for bit, also when
 * a task is put back into the queue and another one killed.
 */
@Timeout(900)
@TestMethodOrder(OrderAnnotation.class)
final class SweepOnSlurmIT {

    private static final int POINTS = 16;

    /** So many bytes of journal are a run in the midst of its work. */
    private static final long UNDER_WAY = 1_000_000;

    private static final String SWEEP = """
            sweep: moons
            experiment:
              device: twin:resistor-array-v1
              data: {generate: two-moons, rows: 200, noise: 0.1}
            grid:
              epochs: [120, 10]
              seed: [1, 2, 3, 4, 5, 6, 7, 8]
            """;

    @TempDir
    static Path folder;

    private static OneNodeSlurm slurm;
    private static Path home;
    private static Path local;

    @BeforeAll
    static void begin() throws Exception {
        slurm = OneNodeSlurm.start(folder.resolve("slurm"));
        home = Files.createDirectories(folder.resolve("a home"));
        Files.writeString(home.resolve("moons.yaml"), SWEEP);
        local = home.resolve("local.csv");
        long began = System.nanoTime();
        new Jar(home)
                .run("sweep", "moons.yaml", "--runs", "local", "--output", local.toString())
                .ended(Main.DONE);
        System.out.printf(Locale.ROOT, "sweep: %d points on local cores %.1f s%n", POINTS, seconds(began));
    }

    @AfterAll
    static void end() throws Exception {
        if (slurm != null) {
            slurm.close();
        }
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private static Jar jar() {
        return new Jar(home, List.of(), slurm.environment());
    }

    private static RunStore store(String runs) {
        return new RunStore(home.resolve(runs).resolve("moons"));
    }

    private static void requireTheSame(String runs, Path table) throws IOException {
        assertThat(Files.readAllBytes(table)).isEqualTo(Files.readAllBytes(local));
        List<RunFolder> wanted = store("local").list();
        assertThat(wanted).hasSize(POINTS);
        for (RunFolder run : wanted) {
            End.of(run).same(End.of(store(runs).begun(run.name()).orElseThrow()));
        }
    }

    @Test
    @Order(1)
    void aJobArrayEndsAsTheSweepOnLocalCores() throws Exception {
        Path table = home.resolve("slurm.csv");
        long began = System.nanoTime();

        Ended ended = jar().run(
                        "sweep", "moons.yaml", "--slurm", "--wait", "--runs", "array", "--output", table.toString())
                .ended(Main.DONE);

        System.out.printf(
                Locale.ROOT, "sweep: %d points as %d tasks of Slurm %.1f s%n", POINTS, POINTS, seconds(began));
        assertThat(ended.err()).matches("(?s)Submitted as job \\d+, 16 tasks; .*");
        assertThat(ended.out()).contains("16 of 16 done; stored in array/moons");
        requireTheSame("array", table);
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

    /** Where a point's run stands, and whether it is at work. */
    private static boolean underWay(int point) throws IOException {
        RunFolder run = store("hurt")
                .begun(String.format(Locale.ROOT, "moons-%04d", point))
                .orElse(null);
        return run != null && Files.exists(run.journal()) && Files.size(run.journal()) > UNDER_WAY;
    }

    @Test
    @Order(2)
    void tasksThatAreRequeuedOrKilledEndTheSame() throws Exception {
        String job = jar().run("sweep", "moons.yaml", "--slurm", "--runs", "hurt", "--json")
                .ended(Main.DONE)
                .json()
                .get("job")
                .asString();
        slurm.await("first two runs at work", () -> underWay(0) && underWay(1));

        ProcessHandle killed = ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(home.resolve("hurt") + " ") && line.endsWith("--task 1"))
                        .isPresent())
                .filter(process -> process.info().command().orElse("").endsWith("java"))
                .findFirst()
                .orElseThrow();
        assertThat(killed.destroyForcibly()).isTrue();
        slurm.tell("scontrol", "requeue", job + "_0");
        slurm.await(
                "end of the killed task",
                () -> !slurm.said("squeue", "-h", "-t", "R", "-j", job + "_1").contains("moons"));
        assertThat(store("hurt").begun("moons-0001").orElseThrow().record().status())
                .isEqualTo(Status.RUNNING);

        Ended partial =
                jar().run("sweep", "moons.yaml", "--gather", "--runs", "hurt").ended(Main.DONE);
        assertThat(partial.out()).doesNotContain("16 of 16");

        // Slurm would let it wait for two minutes.
        slurm.await(
                "requeued task",
                () -> slurm.said("squeue", "-h", "-t", "PD", "-j", job + "_0").contains("moons"));
        slurm.tell("scontrol", "update", "JobId=" + job + "_0", "StartTime=now");
        slurm.awaitEmpty();
        assertThat(slurm.said("scontrol", "show", "job", job + "_0")).contains("JobState=COMPLETED", "Restarts=1");
        assertThat(slurm.said("scontrol", "show", "job", job + "_1")).contains("JobState=FAILED", "ExitCode=137");

        Path table = home.resolve("hurt.csv");
        Ended ended = jar().run(
                        "sweep", "moons.yaml", "--slurm", "--wait", "--runs", "hurt", "--output", table.toString())
                .ended(Main.DONE);

        assertThat(ended.err()).matches("(?s)Submitted as job \\d+, 1 task; .*");
        requireTheSame("hurt", table);
    }

    @Test
    @Order(3)
    void manyPointsAreBundledIntoFewTasks() throws Exception {
        Path table = home.resolve("bundled.csv");

        jar().run("sweep", "moons.yaml", "--slurm", "--tasks", "3", "--jobs", "2", "--runs", "bundled")
                .ended(Main.DONE);
        slurm.awaitEmpty();
        jar().run("sweep", "moons.yaml", "--gather", "--runs", "bundled", "--output", table.toString())
                .ended(Main.DONE);

        requireTheSame("bundled", table);
        assertThat(home.resolve("bundled/moons/task-2.txt")).content().contains("5 of 5 done");
        assertThat(home.resolve("bundled/moons/task-3.txt")).doesNotExist();
    }

    @Test
    @Order(4)
    void anArrayThatSlurmDoesNotTakeIsSaidWithTheRemedy() throws Exception {
        Files.writeString(
                home.resolve("many.yaml"), SWEEP.replace("moons\n", "many\n").replace("8]", "8, 9, 10, 11]"));

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
    @Order(5)
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
