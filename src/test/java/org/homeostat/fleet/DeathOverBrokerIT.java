package org.homeostat.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.homeostat.app.Main;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.fixtures.Noted;
import org.homeostat.fixtures.Noted.Made;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A controller that teaches a board through a broker is killed, or the broker is and does not come back: the board behind the
 * agent goes to its safe levels by itself, within 20 ms of its silence limit.
 */
@Timeout(300)
final class DeathOverBrokerIT {

    private static final int TRIALS = 5;
    private static final int SILENCE_MILLIS = 400;
    private static final double LATE_SECONDS = 0.02;

    /** A machine that did not let this process run for so long says nothing about the board. */
    private static final double OVERSLEPT_SECONDS = 0.005;

    private static final int MOST_OVERSLEPT = 60;
    private static final long PATIENCE_NANOS = Duration.ofSeconds(90).toNanos();

    @TempDir
    Path home;

    private final Metronome metronome = new Metronome();

    @BeforeAll
    static void broker() {
        Mosquitto.require();
    }

    /** What is late by more than this process was kept from running. */
    private record Seen(double late, double overslept) {
        boolean tells() {
            return late <= LATE_SECONDS || overslept < OVERSLEPT_SECONDS;
        }
    }

    @Test
    void aBoardOutlivesItsController() throws Exception {
        outlived("controller killed", false);
    }

    @Test
    void aBoardOutlivesTheBroker() throws Exception {
        outlived("broker killed", true);
    }

    private void outlived(String what, boolean brokerDies) throws Exception {
        Path data = clouds();
        SplittableRandom random = new SplittableRandom(1);
        double longest = Double.NEGATIVE_INFINITY;
        int overslept = 0;
        for (int done = 0; done < TRIALS; ) {
            Path folder = home.resolve(what.substring(0, 4) + done + "-" + overslept);
            Seen seen = trial(folder, data, brokerDies, random.nextInt(300));
            if (seen.tells()) {
                assertThat(seen.late).isLessThanOrEqualTo(LATE_SECONDS);
                longest = Math.max(longest, seen.late);
                done++;
            } else {
                assertThat(++overslept).isLessThan(MOST_OVERSLEPT);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%s, %d times: at safe levels at the latest %.1f ms after the silence limit of %d ms (%d trials in which the "
                        + "machine kept this process waiting were made again)%n",
                what,
                TRIALS,
                1e3 * longest,
                SILENCE_MILLIS,
                overslept);
    }

    private Seen trial(Path folder, Path data, boolean brokerDies, int millis) throws Exception {
        try (Mosquitto broker = Mosquitto.open(folder);
                Bench bench = new Bench(broker.broker(), "board-7", folder)) {
            Process controller = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Xmx128m",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            Main.class.getName(),
                            "train",
                            "--data",
                            data.toString(),
                            "--target",
                            "3",
                            "--epochs",
                            "100000",
                            "--device",
                            broker.broker() + "/board-7?silence=" + SILENCE_MILLIS,
                            "--runs",
                            folder.resolve("runs").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("controller.txt").toFile())
                    .start();
            try {
                long limit = System.nanoTime() + PATIENCE_NANOS;
                while (bench.truth().steps() < 100) {
                    assertThat(controller.isAlive())
                            .as(Files.readString(folder.resolve("controller.txt")))
                            .isTrue();
                    assertThat(System.nanoTime()).isLessThan(limit);
                    LockSupport.parkNanos(1_000_000);
                }
                Thread.sleep(millis);
                metronome.clear();
                if (brokerDies) {
                    broker.kill();
                } else {
                    controller.destroyForcibly().waitFor();
                }
                return seen(bench.truth(), System.nanoTime());
            } finally {
                controller.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
            }
        }
    }

    /** Nothing moves after the death but to safe levels. */
    private Seen seen(Noted truth, long deathNanos) throws InterruptedException {
        long limit = System.nanoTime() + PATIENCE_NANOS;
        while (truth.last().number() != Noted.SAFE) {
            assertThat(System.nanoTime()).isLessThan(limit);
            Thread.sleep(5);
        }
        Made safe = truth.last();
        return new Seen(1e-9 * (safe.nanos() - deathNanos) - 1e-3 * SILENCE_MILLIS, metronome.longestSeconds());
    }

    private Path clouds() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        StringBuilder text = new StringBuilder("x,y,kind\n");
        for (int i = 0; i < 60; i++) {
            int centre = i % 2 == 0 ? -2 : 2;
            text.append(centre + random.nextDouble())
                    .append(',')
                    .append(centre - random.nextDouble())
                    .append(i % 2 == 0 ? ",low\n" : ",high\n");
        }
        return Files.writeString(home.resolve("clouds.csv"), text);
    }

    /** Notices when this process is not let run. */
    private static final class Metronome {
        private static final long TICK_NANOS = 1_000_000;
        private volatile long longestNanos;

        Metronome() {
            Thread.ofPlatform().daemon().start(() -> {
                long before = System.nanoTime();
                while (true) {
                    LockSupport.parkNanos(TICK_NANOS);
                    long now = System.nanoTime();
                    longestNanos = Math.max(longestNanos, now - before - TICK_NANOS);
                    before = now;
                }
            });
        }

        void clear() {
            longestNanos = 0;
        }

        double longestSeconds() {
            return 1e-9 * longestNanos;
        }
    }
}
