package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Result;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training run killed at fifty random instants, from the start of its process to beyond its end: taken up again, it ends
 * with the parameters, scores and exchanges of the run that nobody disturbed, bit for bit.
 */
class KilledIT {

    private static final int INSTANTS = 50;
    private static final int AT_ONCE = 2;
    private static final long SEED = 20_221_016;
    private static final long PATIENCE_SECONDS = 120;

    private static final String EXPERIMENT = """
            experiment: moons
            device: twin:resistor-array-v1
            data: {generate: two-moons, rows: 200, noise: 0.1}
            epochs: 40
            """;

    @TempDir
    Path folder;

    @Test
    void aRunKilledAtAnyInstantEndsAsIfNothingHadHappened() throws Exception {
        Path experiment = Files.writeString(folder.resolve("moons.yaml"), EXPERIMENT);
        Path undisturbed = folder.resolve("undisturbed");
        long began = System.nanoTime();
        assertThat(finished(start(undisturbed, "train", experiment.toString()))).isZero();
        long wall = System.nanoTime() - began;
        Run wanted = Run.in(undisturbed);

        Random random = new Random(SEED);
        List<Callable<Instant>> tries = new ArrayList<>();
        for (int i = 0; i < INSTANTS; i++) {
            Path runs = folder.resolve("killed" + i);
            // By the clock a kill meets start-up, training and evaluation alike; by the journal it surely meets
            // training.
            Moment moment = i % 3 == 0
                    ? new Moment((long) (random.nextDouble() * wall), 0)
                    : new Moment(0, (long) (random.nextDouble() * Files.size(wanted.folder.journal())));
            // Every fifth is killed once more while it is being taken up.
            long again = i % 5 == 0 ? (long) (random.nextDouble() * wall) : -1;
            tries.add(() -> killedAndResumed(runs, experiment, moment, again, wanted));
        }
        List<Instant> instants = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE)) {
            for (Future<Instant> done : pool.invokeAll(tries)) {
                instants.add(done.get());
            }
        }
        // The kills must have met runs at work, or nothing was shown.
        assertThat(instants).hasSize(INSTANTS);
        assertThat(instants.stream().filter(Instant.UNDER_WAY::equals)).hasSizeGreaterThan(INSTANTS / 5);
        System.out.println("killed: " + count(instants, Instant.BEFORE) + " before anything was stored, "
                + count(instants, Instant.UNDER_WAY) + " under way, " + count(instants, Instant.AFTER)
                + " after the end");
    }

    private static long count(List<Instant> instants, Instant one) {
        return instants.stream().filter(one::equals).count();
    }

    /** When a kill struck. */
    private enum Instant {
        BEFORE,
        UNDER_WAY,
        AFTER
    }

    /** When to kill: so long after the start, or once the journal has so many bytes. */
    private record Moment(long nanos, long bytes) {}

    private static Instant killedAndResumed(Path runs, Path experiment, Moment moment, long again, Run wanted)
            throws Exception {
        Process first = start(runs, "train", experiment.toString());
        while (first.isAlive() && journalled(runs) < moment.bytes) {
            var unused = first.waitFor(1, TimeUnit.MILLISECONDS);
        }
        kill(first, moment.nanos);
        List<RunFolder> stored = new RunStore(runs).list();
        if (stored.isEmpty()) {
            // Nothing was stored, so nothing was lost: one starts anew.
            assertThat(finished(start(runs, "train", experiment.toString()))).isZero();
            requireSame(Run.in(runs), wanted);
            return Instant.BEFORE;
        }
        if (stored.getFirst().record().status() == Status.DONE) {
            requireSame(Run.in(runs), wanted);
            return Instant.AFTER;
        }
        if (again >= 0) {
            kill(start(runs, "train", "--resume", "latest"), again);
        }
        if (stored.getFirst().record().status() != Status.DONE) {
            assertThat(finished(start(runs, "train", "--resume", "latest"))).isZero();
        }
        requireSame(Run.in(runs), wanted);
        return Instant.UNDER_WAY;
    }

    private static void requireSame(Run run, Run wanted) throws IOException {
        assertThat(run.result.train()).isEqualTo(wanted.result.train());
        assertThat(run.result.test()).isEqualTo(wanted.result.test());
        assertThat(run.result.exchanges()).isEqualTo(wanted.result.exchanges());
        assertThat(run.folder.parameters().orElseThrow())
                .containsExactly(wanted.folder.parameters().orElseThrow());
        try (JournalReader mine = Journal.read(run.folder.journal());
                JournalReader theirs = Journal.read(wanted.folder.journal())) {
            for (Exchange expected = theirs.next(); expected != null; expected = theirs.next()) {
                assertThat(mine.next()).isEqualTo(expected);
            }
            assertThat(mine.next()).isNull();
        }
    }

    private static long journalled(Path runs) throws IOException {
        List<RunFolder> stored = new RunStore(runs).list();
        return stored.isEmpty() || !Files.exists(stored.getFirst().journal())
                ? 0
                : Files.size(stored.getFirst().journal());
    }

    private record Run(RunFolder folder, Result result) {
        static Run in(Path runs) {
            RunFolder folder = new RunStore(runs).list().getLast();
            RunRecord record = folder.record();
            assertThat(record.status()).isEqualTo(Status.DONE);
            return new Run(folder, record.result());
        }
    }

    private static Process start(Path runs, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC",
                "-jar",
                System.getProperty("homeostat.jar")));
        command.addAll(List.of(words));
        command.addAll(List.of("--runs", runs.toString()));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.to(new File(runs + "." + System.nanoTime() + ".log")))
                .start();
    }

    private static int finished(Process process) throws InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** SIGKILL, unless it ends by itself before. */
    private static void kill(Process process, long afterNanos) throws InterruptedException {
        if (!process.waitFor(afterNanos, TimeUnit.NANOSECONDS)) {
            process.destroyForcibly();
        }
        finished(process);
    }
}
