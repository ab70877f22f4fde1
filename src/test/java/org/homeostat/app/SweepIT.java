package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

/** A sweep on local cores that is stopped or killed, and begun again by the same command. */
@Timeout(600)
final class SweepIT {

    private static final String[] SWEEP = {"sweep", "moons.yaml", "--jobs", "2", "--runs"};

    @TempDir
    Path home;

    @BeforeEach
    void begin() throws IOException {
        Files.writeString(home.resolve("moons.yaml"), """
                sweep: moons
                experiment:
                  device: twin:resistor-array-v1
                  data: {generate: two-moons, rows: 200, noise: 0.1}
                  epochs: 100
                grid:
                  seed: [1, 2, 3]
                """);
    }

    private static String[] sweep(String... more) {
        String[] all = java.util.Arrays.copyOf(SWEEP, SWEEP.length + more.length);
        System.arraycopy(more, 0, all, SWEEP.length, more.length);
        return all;
    }

    private RunStore store(String runs) {
        return new RunStore(home.resolve(runs).resolve("moons"));
    }

    /** Waits until two runs have taught for a while. */
    private void awaitTraining(String runs, Running running) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (System.nanoTime() < end && running.process().isAlive()) {
            int teaching = 0;
            for (RunFolder run : store(runs).list()) {
                teaching += Files.exists(run.journal()) && Files.size(run.journal()) > 200_000 ? 1 : 0;
            }
            if (teaching >= 2) {
                return;
            }
            Thread.sleep(5);
        }
        throw new AssertionError("it never came to train: " + running.await());
    }

    private void requireTheSame() throws IOException {
        for (RunFolder run : store("whole").list()) {
            End.of(run).same(End.of(store("stopped").begun(run.name()).orElseThrow()));
        }
        assertThat(home.resolve("stopped.csv")).hasSameBinaryContentAs(home.resolve("whole.csv"));
    }

    @ParameterizedTest
    @CsvSource({"INT, 130", "KILL, 137"})
    void aSweepGoesOnWhereItStopped(String signal, int code) throws Exception {
        new Jar(home).run(sweep("whole", "--output", "whole.csv")).ended(Main.DONE);
        Running running = new Jar(home).start(sweep("stopped"));
        awaitTraining("stopped", running);

        running.signal(signal);
        Ended ended = running.await();

        assertThat(ended.code()).isEqualTo(code);
        if (code == Main.INTERRUPTED) {
            assertThat(ended.err())
                    .endsWith("Stopped; what was begun has a checkpoint. Go on with: homeostat sweep moons.yaml --runs"
                            + " stopped\n");
            assertThat(ended.out()).contains("moons-0000  interrupted", "moons-0002  waiting", "0 of 3 done");
            assertThat(store("stopped").list())
                    .hasSize(2)
                    .allMatch(run -> run.record().status() == Status.INTERRUPTED);
        }

        new Jar(home).run(sweep("stopped", "--output", "stopped.csv")).ended(Main.DONE);
        requireTheSame();
    }

    @Test
    void twoProcessesAtOnceShareTheWork() throws Exception {
        new Jar(home).run(sweep("whole", "--output", "whole.csv")).ended(Main.DONE);

        Running one = new Jar(home).start(sweep("stopped"));
        Running other = new Jar(home).start(sweep("stopped"));
        Ended first = one.await().ended(Main.DONE);
        Ended second = other.await().ended(Main.DONE);

        assertThat(first.err() + second.err()).doesNotContain("failed");
        new Jar(home).run(sweep("stopped", "--output", "stopped.csv")).ended(Main.DONE);
        requireTheSame();
    }
}
