package org.homeostat.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.homeostat.app.Main;
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.homeostat.firmware.EmulatedBench.Pace;
import org.homeostat.link.SerialLink;
import org.homeostat.wire.ErrorCode;
import org.homeostat.wire.Message.Alive;
import org.homeostat.wire.Message.Arm;
import org.homeostat.wire.Message.Armed;
import org.homeostat.wire.Message.Batch;
import org.homeostat.wire.Message.Beat;
import org.homeostat.wire.Message.Refusal;
import org.homeostat.wire.Message.Result;
import org.homeostat.wire.Reason;
import org.homeostat.wire.State;
import org.homeostat.wire.WireRole;
import org.homeostat.wire.WireStimulus;
import org.homeostat.wire.WireStimulus.Block;
import org.homeostat.wire.WireStimulus.WireNudge;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hosts that drive or teach a board die at random instants: killed, stopped, or their cable pulled. The board goes to safe levels
 * within 20 ms of its silence limit, by its own clock, and nothing moves again before somebody arms it anew: not when a stopped
 * host goes on, not when the cable is back, not for another host that does not arm.
 */
final class HostDeathIT {

    private static final int POSIX_TRIALS = 150;
    private static final int BENCH_TRIALS = 50;
    private static final int AT_ONCE = 2;
    private static final long LATE_MICROS = 20_000;

    /** The firmware looks at its clock before it takes in up to 128 bytes, at 10 us each. */
    private static final long EARLY_MICROS = -1_500;

    /**
     * A board may latch early, which is the safe side: how early is printed, and the only bound is that it was not before the
     * last frame came, in hundredths of the silence limit.
     */
    private static final int MOST_BLIND = 100;

    private static final long OVERSLEPT_MICROS = 5_000;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    /** How the program ends when a board is at its safe levels. */
    private static final int LIMIT = 4;

    /** The silence limit of the program itself. */
    private static final int USUAL_MILLIS =
            (int) BoardDevice.Settings.USUAL.silence().toMillis();

    @TempDir
    Path home;

    /** Trials in which the system did not let the firmware run in time, so that they say nothing about it; tried again. */
    private final Queue<Seen> overslept = new ConcurrentLinkedQueue<>();

    private final AtomicInteger deadBefore = new AtomicInteger();

    private enum Death {
        KILLED,
        STOPPED,
        CABLE
    }

    /**
     * One host and how it dies.
     *
     * @param teaching whether it is the program itself that teaches, or one that drives the board in all ways
     * @param after how long it drives before it dies
     */
    private record Trial(
            int number, boolean bench, Death death, boolean teaching, int limitMillis, long seed, Duration after) {}

    /**
     * What was seen, in microseconds of the board's clock.
     *
     * @param late from the silence limit after the last frame to the last output at its safe level
     * @param overslept of these, how much later than it had asked for the firmware was let run
     */
    private record Seen(Trial trial, long late, long overslept) {}

    @Test
    void aProcessOutlivesItsHosts() throws Exception {
        Firmware.process(Firmware.POSIX);
        outlived(POSIX_TRIALS, false, "firmware as a process");
    }

    @Test
    void aBoardOnTheBenchOutlivesItsHosts() throws Exception {
        Firmware.requireBench();
        outlived(BENCH_TRIALS, true, "emulated bench");
    }

    /** A board that has two batches in hand looks no further; its host may die meanwhile. */
    @Test
    void aFrameBehindTwoBatchesCountsFromWhenItCame() throws Exception {
        Firmware.requireBench();
        Descriptor card = card();
        try (EmulatedBench bench = EmulatedBench.start(Files.createTempDirectory(home, "bench"), 1, Pace.REAL);
                Stranger host = new Stranger(SerialLink.open(bench.path(), SerialLink.BAUD, true), card, 1)) {
            Armed armed = (Armed) host.ask(new Arm(host.welcome().state().arming() + 1, 500, List.of()));
            assertThat(armed.state().armed()).isTrue();
            host.say(batch(200_000), 1);
            host.say(batch(WireStimulus.NO_DWELL), 2);
            host.say(new Beat(), 0x9000_0000L);
            Thread.sleep(200);
            Trial trial = new Trial(0, true, Death.KILLED, false, 500, 1, Duration.ZERO);
            assertThat(safe(trial, card, bench).late).isBetween(EARLY_MICROS - 10_000, LATE_MICROS);
        }
    }

    private void outlived(int count, boolean bench, String what) throws Exception {
        Path flowers = flowers();
        Descriptor card = card();
        SplittableRandom random = new SplittableRandom(20);
        List<Callable<Seen>> trials = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean teaching = i % 10 == 7;
            Trial trial = new Trial(
                    i,
                    bench,
                    Death.values()[i % 3],
                    teaching,
                    teaching ? USUAL_MILLIS : 100 + random.nextInt(401),
                    random.nextLong(1, 1L << 40),
                    Duration.ofMillis(random.nextInt(400)));
            trials.add(() -> tried(trial, card, flowers, count));
        }
        List<Seen> seen = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE)) {
            for (Future<Seen> each : pool.invokeAll(trials)) {
                seen.add(each.get());
            }
        }
        report(what, seen);
        if (!overslept.isEmpty()) {
            report(what + ", more, in which it was let run over 5 ms too late", List.copyOf(overslept));
        }
        if (deadBefore.get() > 0) {
            System.out.println(
                    "host death, " + what + ": " + deadBefore + " more hosts were refused before it was their time;"
                            + " the machine was too busy to let them speak within a short limit");
        }
        assertThat(seen).hasSize(count);
        assertThat(seen)
                .allSatisfy(each -> assertThat(each.late)
                        .isBetween(EARLY_MICROS - MOST_BLIND * 1000L * each.trial.limitMillis / 100, LATE_MICROS));
    }

    private static void report(String what, List<Seen> seen) {
        System.out.printf(
                Locale.ROOT,
                "host death, %s: %d trials (%s), %d of them teaching; safe after the silence limit: %s;"
                        + " of that the system let it run too late: %s%n",
                what,
                seen.size(),
                Arrays.stream(Death.values())
                        .map(death -> seen.stream()
                                        .filter(s -> s.trial.death == death)
                                        .count() + " " + death)
                        .toList(),
                seen.stream().filter(s -> s.trial.teaching).count(),
                distribution(seen.stream().mapToLong(Seen::late).sorted().toArray()),
                distribution(seen.stream().mapToLong(Seen::overslept).sorted().toArray()));
    }

    private static String distribution(long[] micros) {
        int last = micros.length - 1;
        return String.format(
                Locale.ROOT,
                "least %.3f ms, median %.3f ms, p90 %.3f ms, p99 %.3f ms, most %.3f ms",
                1e-3 * micros[0],
                1e-3 * micros[last / 2],
                1e-3 * micros[(int) (0.9 * last)],
                1e-3 * micros[(int) (0.99 * last)],
                1e-3 * micros[last]);
    }

    private Descriptor card() throws IOException {
        try (PosixRig rig = PosixRig.start(Files.createDirectory(home.resolve("card")));
                BoardDevice board = BoardDevice.open(
                        "serial:" + rig.path(),
                        SerialLink.opener(rig.path(), SerialLink.BAUD, true),
                        BoardDevice.Settings.USUAL)) {
            return board.descriptor();
        }
    }

    private Path flowers() throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        List<String> rows = IntStream.range(0, 90)
                .mapToObj(i -> (i % 3 + random.nextDouble()) + "," + (i % 2 + random.nextDouble()) + ",kind" + i % 3)
                .toList();
        return Files.write(home.resolve("flowers.csv"), rows);
    }

    private Seen tried(Trial trial, Descriptor card, Path flowers, int most) throws Exception {
        while (true) {
            try {
                Seen seen = attempted(trial, card, flowers);
                if (seen.overslept <= OVERSLEPT_MICROS) {
                    return seen;
                }
                overslept.add(seen);
                assertThat(overslept).hasSizeLessThan(most);
            } catch (DeadBefore untried) {
                assertThat(deadBefore.incrementAndGet()).isLessThan(most);
            }
        }
    }

    private Seen attempted(Trial trial, Descriptor card, Path flowers) throws Exception {
        try {
            Path folder = Files.createTempDirectory(home, "trial");
            if (trial.bench) {
                try (EmulatedBench bench = EmulatedBench.start(folder, trial.seed, Pace.REAL)) {
                    return died(
                            trial,
                            card,
                            flowers,
                            folder,
                            bench,
                            bench.path(),
                            () -> bench.truth().ask("unplug"),
                            () -> bench.truth().ask("plug"));
                }
            }
            try (PosixRig rig = PosixRig.traced(folder, "--seed", String.valueOf(trial.seed))) {
                if (trial.death != Death.CABLE) {
                    return died(trial, card, flowers, folder, rig, rig.path(), () -> {}, () -> {});
                }
                try (Relay relay = new Relay(folder.resolve("cable"), rig.path())) {
                    return died(trial, card, flowers, folder, rig, relay.path(), relay::unplug, relay::plug);
                }
            }
        } catch (DeadBefore untried) {
            throw untried;
        } catch (AssertionError | Exception e) {
            throw new AssertionError(trial + ": " + e.getMessage(), e);
        }
    }

    /** A host was refused before it was its time to die: nothing was tried. */
    private static final class DeadBefore extends Exception {
        private static final long serialVersionUID = 1;
    }

    /** Something done to a cable. */
    private interface Handling {
        void done() throws Exception;
    }

    private Seen died(
            Trial trial,
            Descriptor card,
            Path flowers,
            Path folder,
            Rig rig,
            String port,
            Handling unplug,
            Handling plug)
            throws Exception {
        Path said = folder.resolve("host");
        Process host = new ProcessBuilder(command(trial, flowers, folder, port))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        Seen seen;
        int moves;
        try {
            awaitDriven(rig, host, said);
            Thread.sleep(trial.after);
            requireAlive(host, said);
            switch (trial.death) {
                case KILLED -> host.destroyForcibly().waitFor();
                case STOPPED -> signal(host, "STOP");
                case CABLE -> unplug.done();
            }
            seen = safe(trial, card, rig);
            moves = rig.changes().count();
            if (trial.death == Death.STOPPED) {
                signal(host, "CONT");
            } else if (trial.death == Death.CABLE) {
                plug.done();
            }
            if (trial.death != Death.KILLED) {
                // It goes on where it was, and is refused.
                assertThat(host.waitFor(PATIENCE_NANOS, TimeUnit.NANOSECONDS)).isTrue();
                assertThat(Files.readString(said)).contains("latched");
                assertThat(host.exitValue()).isEqualTo(trial.teaching ? LIMIT : 0);
            }
        } finally {
            host.destroyForcibly().waitFor();
        }
        if (trial.death == Death.CABLE) {
            unplug.done();
            plug.done();
        }
        assertThat(rig.changes().count()).isEqualTo(moves);
        strangerMovesNothingUnlessItArms(trial, card, rig, port, moves);
        return seen;
    }

    private static List<String> command(Trial trial, Path flowers, Path folder, String port) {
        List<String> command = Firmware.words(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        if (trial.teaching) {
            command.addAll(Firmware.words(
                    Main.class.getName(),
                    "train",
                    "--data",
                    flowers,
                    "--target",
                    3,
                    "--epochs",
                    100_000,
                    "--device",
                    "serial:" + port,
                    "--runs",
                    folder.resolve("runs")));
        } else {
            command.addAll(Firmware.words(DrivingHost.class.getName(), port, trial.limitMillis, trial.seed));
        }
        return command;
    }

    private static void signal(Process process, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    /** On a busy machine a host may be kept from speaking for longer than a short limit. */
    private static void requireAlive(Process host, Path said) throws Exception {
        if (!host.isAlive()) {
            assertThat(Files.readString(said)).contains("it had not heard from this program for too long");
            throw new DeadBefore();
        }
    }

    private static void awaitDriven(Rig rig, Process host, Path said) throws Exception {
        long begun = System.nanoTime();
        while (rig.changes().count() < 60) {
            requireAlive(host, said);
            assertThat(System.nanoTime() - begun).isLessThan(PATIENCE_NANOS);
            Thread.sleep(5);
        }
    }

    private static int[] safeCodes(Descriptor card) {
        return IntStream.concat(
                        card.channels(Role.INPUT).stream().mapToInt(HostDeathIT::safeCode),
                        card.channels(Role.NUDGE).stream().mapToInt(HostDeathIT::safeCode))
                .toArray();
    }

    private static int safeCode(Channel channel) {
        return channel.scale().code(channel.safe());
    }

    private static Seen safe(Trial trial, Descriptor card, Rig rig) throws InterruptedException {
        int[] safe = safeCodes(card);
        long begun = System.nanoTime();
        Thread.sleep(trial.limitMillis);
        while (!Arrays.equals(rig.changes().codes(), safe)) {
            assertThat(System.nanoTime() - begun).as("outputs at safe levels").isLessThan(PATIENCE_NANOS);
            Thread.sleep(5);
        }
        // Whoever gave up early might still move.
        Thread.sleep(20);
        Rig.Changes last = rig.changes();
        assertThat(rig.changes().codes()).containsExactly(safe);
        long late = last.lastMicros() - rig.lastFrameMicros() - 1000L * trial.limitMillis;
        return new Seen(trial, late, last.lastOversleptMicros());
    }

    private static void strangerMovesNothingUnlessItArms(Trial trial, Descriptor card, Rig rig, String port, int moves)
            throws Exception {
        try (Stranger stranger = new Stranger(SerialLink.open(port, SerialLink.BAUD, true), card, trial.seed)) {
            State state = stranger.welcome().state();
            assertThat(state.armed()).isFalse();
            assertThat(state.reason()).isEqualTo(Reason.SILENCE);
            assertThat(((Refusal) stranger.ask(batch(), 1)).code()).isEqualTo(ErrorCode.LATCHED);
            // An old number arms nothing.
            assertThat(((Refusal) stranger.ask(new Arm(state.arming(), trial.limitMillis, List.of()))).code())
                    .isEqualTo(ErrorCode.ARMING);
            assertThat(((Alive) stranger.ask(new Beat())).state().armed()).isFalse();
            assertThat(rig.changes().count()).isEqualTo(moves);

            Armed armed = (Armed) stranger.ask(new Arm(state.arming() + 1, 2000, List.of()));
            assertThat(armed.state().armed()).isTrue();
            assertThat(stranger.ask(batch(), 1)).isInstanceOf(Result.class);
            // What was counted does count.
            assertThat(rig.changes().count()).isGreaterThan(moves);
        }
    }

    private static Batch batch() {
        return batch(WireStimulus.NO_DWELL);
    }

    private static Batch batch(long dwellMicros) {
        Block inputs = new Block(WireRole.INPUT, false, null, new double[][] {{1000, 3000, 1000, 3000}});
        return new Batch(List.of(new WireStimulus(false, 1, dwellMicros, List.of(inputs), WireNudge.NONE)));
    }
}
