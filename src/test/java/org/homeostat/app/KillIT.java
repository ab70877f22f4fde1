package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.homeostat.app.Jar.Running;
import org.homeostat.app.Session.Ended;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed at any instant, from its start to the end of its last evaluation, loses at most the unfinished
 * step: the run taken up again ends bit for bit like one that nothing happened to.
 */
@Timeout(1200)
final class KillIT {

    private static final int KILLS = 50;
    private static final int STARTING = 6;
    private static final int EPOCHS = 80;

    /** Every so many runs are killed a second time, while they go on. */
    private static final int TWICE_EVERY = 5;

    @TempDir
    Path home;

    private Path data;
    private Path test;

    /** Where a kill found the run. */
    private enum Where {
        BEFORE_THE_RUN,
        BEFORE_THE_FIRST_CHECKPOINT,
        TRAINING,
        EVALUATING,
        DONE
    }

    @Test
    void fiftyInstants() throws Exception {
        // As many test rows as make the evaluation a good part of the run.
        data = Clouds.write(home.resolve("train.csv"), 60, 3, 2, 0.8, 1);
        test = Clouds.write(home.resolve("test.csv"), 5000, 3, 2, 0.8, 2);
        long start = System.nanoTime();
        Running one = new Jar(home).start(train("whole"));
        Running other = new Jar(home).start(train("again"));
        assertThat(one.await().code()).isEqualTo(Main.DONE);
        assertThat(other.await().code()).isEqualTo(Main.DONE);
        // How long a run takes while another one is under way.
        double span = (System.nanoTime() - start) / 1e9;
        End whole = End.of(only("whole"));
        whole.same(End.of(only("again")));

        SplittableRandom draw = new SplittableRandom(20260101);
        Map<Where, Integer> found = new TreeMap<>();
        try (ExecutorService two = Executors.newFixedThreadPool(2)) {
            List<Future<Where>> kills = new ArrayList<>();
            for (int i = 0; i < KILLS; i++) {
                String runs = "runs-" + i;
                // A few while it starts, the others while it teaches and evaluates.
                double first = span * (i < STARTING ? draw.nextDouble(0, 0.4) : draw.nextDouble(0.3, 1));
                double second = i % TWICE_EVERY == 0 ? span * draw.nextDouble() : -1;
                kills.add(two.submit(() -> killed(runs, first, second, whole)));
            }
            for (Future<Where> kill : kills) {
                found.merge(kill.get(), 1, Integer::sum);
            }
        }
        System.out.printf("kill -9: a run takes %.1f s; found by the first kill: %s%n", span, found);

        // Were most of them too early or too late, this would prove little.
        assertThat(found.getOrDefault(Where.TRAINING, 0) + found.getOrDefault(Where.EVALUATING, 0))
                .as("kills that found the run under way: %s", found)
                .isGreaterThanOrEqualTo(KILLS / 3);
    }

    private String[] train(String runs) {
        return new String[] {
            "train",
            "--data",
            data.toString(),
            "--test",
            test.toString(),
            "--target",
            "4",
            "--epochs",
            String.valueOf(EPOCHS),
            "--checkpoint-every",
            "0.02",
            "--runs",
            runs
        };
    }

    private RunFolder only(String runs) {
        List<RunFolder> all = new RunStore(home.resolve(runs)).list();
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    /** One run, killed once or twice and taken up until it is done. */
    private Where killed(String runs, double firstSeconds, double secondSeconds, End whole) throws Exception {
        kill(new Jar(home).start(train(runs)), firstSeconds);
        Where where = where(runs);
        if (where == Where.BEFORE_THE_RUN) {
            // Nothing was begun that could go on: said in a sentence, and a new run is a whole one.
            Ended refused = new Jar(home).run("train", "--resume", "latest", "--runs", runs);
            assertThat(refused.code()).isEqualTo(Main.BAD_INPUT);
            assertThat(refused.err()).startsWith("homeostat: ").hasLineCount(1).contains("there are no runs here");
            assertThat(new Jar(home).run(train(runs)).code()).isEqualTo(Main.DONE);
        } else if (where != Where.DONE) {
            if (secondSeconds >= 0) {
                kill(
                        new Jar(home)
                                .start("train", "--resume", "latest", "--runs", runs, "--checkpoint-every", "0.02"),
                        secondSeconds);
            }
            if (where(runs) != Where.DONE) {
                Ended resumed = new Jar(home).run("train", "--resume", "latest", "--runs", runs);
                assertThat(resumed.code())
                        .as("resumed after %s: %s", where, resumed.err())
                        .isEqualTo(Main.DONE);
            }
        }
        whole.same(End.of(only(runs)));
        Ended replayed =
                Session.plain("replay", "latest", "--runs", home.resolve(runs).toString());
        assertThat(replayed.code()).as(replayed.err()).isEqualTo(Main.DONE);
        delete(home.resolve(runs));
        return where;
    }

    private static void kill(Running running, double afterSeconds) throws InterruptedException {
        var unused = running.process().waitFor((long) (afterSeconds * 1e6), TimeUnit.MICROSECONDS);
        running.process().destroyForcibly();
        assertThat(running.process().waitFor(1, TimeUnit.MINUTES)).isTrue();
    }

    private Where where(String runs) throws IOException {
        List<RunFolder> all = new RunStore(home.resolve(runs)).list();
        if (all.isEmpty()) {
            return Where.BEFORE_THE_RUN;
        }
        RunFolder run = all.getFirst();
        if (run.record().status() == Status.DONE) {
            return Where.DONE;
        }
        if (!run.hasCheckpoint()) {
            return Where.BEFORE_THE_FIRST_CHECKPOINT;
        }
        Path epochs = run.path().resolve("epochs.csv");
        return Files.exists(epochs) && Files.readString(epochs).contains("\n" + EPOCHS + ",")
                ? Where.EVALUATING
                : Where.TRAINING;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
