package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.homeostat.app.Jar.Running;
import org.homeostat.app.Session.Ended;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C and a polite kill: the device is left at safe levels, a checkpoint is written, and the run can be taken up. */
@Timeout(600)
final class InterruptIT {

    private static final String EPOCHS = "60";

    @TempDir
    Path home;

    private Path data;

    @BeforeEach
    void begin() throws IOException {
        data = Clouds.write(home.resolve("clouds.csv"), 200, 3, 2, 0.8, 1);
    }

    private String[] train(String runs, String... more) {
        String[] arguments = {
            "train",
            "--data",
            data.toString(),
            "--target",
            "4",
            "--epochs",
            EPOCHS,
            "--runs",
            runs,
            "--checkpoint-every",
            "3600"
        };
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return all;
    }

    private RunFolder latest(String runs) {
        return new RunStore(home.resolve(runs)).find("latest");
    }

    /** Waits until the first run in a folder has taught for a while. */
    private void awaitTraining(String runs, Running running) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (System.nanoTime() < end && running.process().isAlive()) {
            List<RunFolder> begun = new RunStore(home.resolve(runs)).list();
            if (!begun.isEmpty()
                    && Files.exists(begun.getFirst().journal())
                    && Files.size(begun.getFirst().journal()) > 200_000) {
                return;
            }
            Thread.sleep(5);
        }
        throw new AssertionError("it never came to train: " + running.await());
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143"})
    void aSignalEndsTheRunWithACheckpoint(String signal, int code) throws Exception {
        assertThat(new Jar(home).run(train("whole")).code()).isEqualTo(Main.DONE);
        Running running = new Jar(home).start(train("stopped"));
        awaitTraining("stopped", running);

        running.signal(signal);
        Ended ended = running.await();

        assertThat(ended.code()).as(ended.err()).isEqualTo(code);
        RunFolder run = latest("stopped");
        assertThat(ended.err())
                .contains("Stopped; the device is at its safe levels. Go on with: homeostat train --resume stopped/"
                        + run.name());
        assertThat(ended.out()).isEqualTo("  stored as stopped/" + run.name() + "\n");
        assertThat(run.record().status()).isEqualTo(Status.INTERRUPTED);
        assertThat(run.parameters()).isPresent();

        Ended resumed = new Jar(home)
                .run("train", "--resume", "stopped/" + run.name(), "--json")
                .ended(Main.DONE);
        assertThat(resumed.json().get("status").asString()).isEqualTo("done");
        End.of(latest("whole")).same(End.of(run));
    }

    @Test
    void scriptsGetTheirObjectAllTheSame() throws Exception {
        Running running = new Jar(home).start(train("stopped", "--json"));
        awaitTraining("stopped", running);

        running.signal("INT");
        Ended ended = running.await();

        assertThat(ended.code()).isEqualTo(Main.INTERRUPTED);
        assertThat(ended.json().get("status").asString()).isEqualTo("interrupted");
        assertThat(ended.json().get("run").asString())
                .isEqualTo(latest("stopped").name());
    }
}
