package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.app.Jar.Running;
import org.homeostat.app.Session.Ended;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A twin in one process, at the far end of a pseudo terminal, and those who use it as a board in others. */
@Timeout(600)
final class ServedTwinIT {

    private static final String BOARD = "serial:board";

    @TempDir
    Path home;

    private Path data;
    private Running twin;

    @BeforeEach
    void begin() throws Exception {
        data = Clouds.write(home.resolve("clouds.csv"), 120, 3, 2, 0.8, 1);
        twin = served();
    }

    @AfterEach
    void end() {
        twin.process().destroyForcibly();
    }

    private Running served() throws Exception {
        Running running = new Jar(home).start("twin", "serve", "resistor-array-v1", "--pty", "board");
        long limit = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!Files.readString(running.out()).contains("READY")) {
            assertThat(running.process().isAlive())
                    .as(Files.readString(running.err()))
                    .isTrue();
            assertThat(System.nanoTime()).isLessThan(limit);
            Thread.sleep(20);
        }
        return running;
    }

    private String[] train(String epochs) {
        return new String[] {
            "train",
            "--device",
            BOARD,
            "--data",
            data.toString(),
            "--target",
            "4",
            "--epochs",
            epochs,
            "--runs",
            "runs",
            "--json"
        };
    }

    private RunFolder latest() {
        return new RunStore(home.resolve("runs")).find("latest");
    }

    private void awaitTraining(Running running) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (System.nanoTime() < end && running.process().isAlive()) {
            List<RunFolder> begun = new RunStore(home.resolve("runs")).list();
            if (!begun.isEmpty()
                    && Files.exists(begun.getFirst().journal())
                    && Files.size(begun.getFirst().journal()) > 40_000) {
                return;
            }
            Thread.sleep(5);
        }
        throw new AssertionError("it never came to train: " + running.await());
    }

    @Test
    void itIsProbedTaughtAndUsedLikeABoard() throws Exception {
        Ended probe = new Jar(home).run("probe", BOARD, "--json").ended(Main.DONE);
        assertThat(probe.json().get("board").asString()).isEqualTo("resistor-array-v1");
        Ended trained = new Jar(home).run(train("5")).ended(Main.DONE);
        double accuracy = trained.json().get("test").get("accuracy").asDouble();
        assertThat(accuracy).isGreaterThan(0.8);
        Ended evaluated = new Jar(home)
                .run("evaluate", "latest", "--runs", "runs", "--device", BOARD, "--json")
                .ended(Main.DONE);
        assertThat(evaluated.json().get("test").get("accuracy").asDouble()).isGreaterThan(accuracy - 0.15);

        twin.signal("INT");
        assertThat(twin.await().code()).isIn(Main.DONE, Main.INTERRUPTED);
        assertThat(Files.exists(home.resolve("board"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
        assertThat(new Jar(home).run("probe", BOARD).code()).isEqualTo(3);
    }

    @Test
    void ctrlCLeavesARunThatCanBeTakenUp() throws Exception {
        Running running = new Jar(home).start(train("60"));
        awaitTraining(running);
        running.signal("INT");
        assertThat(running.await().code()).isEqualTo(Main.INTERRUPTED);
        assertThat(latest().record().status()).isEqualTo(Status.INTERRUPTED);
        resumed();
    }

    @Test
    void aRunWhoseBoardLostPowerIsTakenUpOnTheSame() throws Exception {
        Running running = new Jar(home).start(train("60"));
        awaitTraining(running);
        twin.process().destroyForcibly().waitFor();
        twin = served();
        Ended lost = running.await();
        assertThat(lost.code()).as(lost.err()).isIn(3, 4);
        assertThat(lost.err()).contains("resistor-array-v1", "restarted");
        resumed();
    }

    /** With patience the run does by itself what the user would do, also twice, and says so. */
    @Test
    void aRunWithPatienceTakesItselfUp() throws Exception {
        List<String> patient = new ArrayList<>(List.of(train("60")));
        patient.addAll(List.of("--patience", "120"));
        Running running = new Jar(home).start(patient.toArray(String[]::new));
        for (int i = 0; i < 2; i++) {
            awaitTraining(running);
            twin.process().destroyForcibly().waitFor();
            Thread.sleep(500);
            twin = served();
            long grown = Files.size(latest().journal()) + 40_000;
            while (running.process().isAlive() && Files.size(latest().journal()) < grown) {
                Thread.sleep(5);
            }
        }
        Ended ended = running.await().ended(Main.DONE);
        assertThat(latest().record().status()).isEqualTo(Status.DONE);
        assertThat(ended.err().lines().filter(line -> line.contains("Trying to take the run up again")))
                .hasSizeGreaterThanOrEqualTo(2)
                .allMatch(line -> line.contains("resistor-array-v1"));
        assertThat(new RunStore(home.resolve("runs")).list()).hasSize(1);
    }

    @Test
    void patienceHasAnEnd() throws Exception {
        List<String> patient = new ArrayList<>(List.of(train("60")));
        patient.addAll(List.of("--patience", "1.5"));
        Running running = new Jar(home).start(patient.toArray(String[]::new));
        awaitTraining(running);
        twin.process().destroyForcibly().waitFor();
        Ended lost = running.await();
        assertThat(lost.code()).as(lost.err()).isIn(3, 4);
        assertThat(lost.err()).contains("Trying to take the run up again, for 1 s at most");
        assertThat(latest().record().status()).isEqualTo(Status.INTERRUPTED);
    }

    private void resumed() {
        Ended ended = new Jar(home).run("train", "--resume", "runs/" + latest().name(), "--json");
        assertThat(ended.code()).as(ended.err()).isEqualTo(Main.DONE);
        assertThat(latest().record().status()).isEqualTo(Status.DONE);
    }
}
