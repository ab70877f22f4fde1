package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.EpochLog;
import org.homeostat.run.Facts;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunFolder;
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
        StoredRun wanted = StoredRun.in(undisturbed);

        Random random = new Random(SEED);
        List<Callable<Instant>> tries = new ArrayList<>();
        for (int i = 0; i < INSTANTS; i++) {
            Path runs = folder.resolve("killed" + i);
            // By the clock a kill meets start-up, training and evaluation alike; by the journal it surely meets
            // training.
            Moment moment = i % 3 == 0
                    ? new Moment((long) (random.nextDouble() * wall), 0)
                    : new Moment(0, (long)
                            (random.nextDouble() * Files.size(wanted.folder().journal())));
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

    /** So many kills that only look at what is left; {@code -Dhomeostat.kills=1000} for a thorough search. */
    private static final int KILLS = Integer.getInteger("homeostat.kills", 12);

    /** One of so many listings is killed too. */
    private static final int LISTING = 4;

    @Test
    void whateverInstantARunIsKilledAtWhatItStoredCanBeRead() throws Exception {
        Path experiment = Files.writeString(folder.resolve("moons.yaml"), EXPERIMENT);
        Path undisturbed = folder.resolve("undisturbed");
        long began = System.nanoTime();
        assertThat(finished(start(undisturbed, "train", experiment.toString()))).isZero();
        long wall = System.nanoTime() - began;
        RunFolder wanted = StoredRun.in(undisturbed).folder();
        Path runs = folder.resolve("runs");
        RunStore store = new RunStore(runs);
        Random random = new Random(SEED + 1);
        Set<String> seen = new HashSet<>();
        int underWay = 0;
        for (int k = 0; k < KILLS; k++) {
            // By the clock start-up is met, by the journal training.
            long bytes = k % 5 == 0 ? 0 : (long) (random.nextDouble() * Files.size(wanted.journal()));
            Process training = start(runs, "train", experiment.toString());
            while (training.isAlive() && bytes > 0 && newest(store, seen) < bytes) {
                var unused = training.waitFor(1, TimeUnit.MILLISECONDS);
            }
            kill(training, bytes > 0 ? 0 : (long) (random.nextDouble() * wall));
            if (k % LISTING == 0) {
                kill(start(runs, "runs", "list"), (long) (random.nextDouble() * wall / 2));
            }
            for (Facts run : store.catalogue(sentence -> {}).list()) {
                if (seen.add(run.run())) {
                    assertThat(run.text("status")).as(run.toString()).isNotEqualTo(Facts.UNREADABLE);
                    underWay += run.text("status").equals("running") ? 1 : 0;
                    requireBeginning(store.find(run.run()), wanted);
                }
            }
        }
        assertThat(seen).hasSizeGreaterThan(KILLS / 3);
        System.out.println("killed " + KILLS + " times: " + seen.size() + " runs stored, " + underWay
                + " of them under way, all can be read");
    }

    private static long newest(RunStore store, Set<String> seen) throws IOException {
        List<RunFolder> stored = store.list();
        return stored.isEmpty()
                        || seen.contains(stored.getLast().name())
                        || !Files.exists(stored.getLast().journal())
                ? 0
                : Files.size(stored.getLast().journal());
    }

    /** What a killed run has stored is the beginning of what it would have stored: nothing else, and no gap. */
    private static void requireBeginning(RunFolder killed, RunFolder wanted) throws IOException {
        assertThat(killed.record().experiment()).isEqualTo(wanted.record().experiment());
        List<Epoch> epochs = new EpochLog(killed).read();
        assertThat(epochs).isEqualTo(new EpochLog(wanted).read().subList(0, epochs.size()));
        var unused = killed.parameters();
        if (!Files.exists(killed.journal())) {
            // Killed before the first exchange.
            assertThat(epochs).isEmpty();
            return;
        }
        try (JournalReader mine = Journal.read(killed.journal());
                JournalReader theirs = Journal.read(wanted.journal())) {
            for (Exchange exchange = mine.next(); exchange != null; exchange = mine.next()) {
                assertThat(exchange).isEqualTo(theirs.next());
            }
        }
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

    private static Instant killedAndResumed(Path runs, Path experiment, Moment moment, long again, StoredRun wanted)
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
            StoredRun.in(runs).requireSameAs(wanted);
            return Instant.BEFORE;
        }
        if (stored.getFirst().record().status() == Status.DONE) {
            StoredRun.in(runs).requireSameAs(wanted);
            return Instant.AFTER;
        }
        if (again >= 0) {
            kill(start(runs, "train", "--resume", "latest"), again);
        }
        if (stored.getFirst().record().status() != Status.DONE) {
            assertThat(finished(start(runs, "train", "--resume", "latest"))).isZero();
        }
        StoredRun.in(runs).requireSameAs(wanted);
        return Instant.UNDER_WAY;
    }

    private static long journalled(Path runs) throws IOException {
        List<RunFolder> stored = new RunStore(runs).list();
        return stored.isEmpty() || !Files.exists(stored.getFirst().journal())
                ? 0
                : Files.size(stored.getFirst().journal());
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
