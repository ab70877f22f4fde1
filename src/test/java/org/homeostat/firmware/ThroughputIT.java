package org.homeostat.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.firmware.EmulatedBench.Pace;
import org.homeostat.link.SerialLink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many whole steps of learning (free, nudged one way, nudged the other, in one frame) a board makes in a second at the end of
 * a line of 1 Mbaud, against what the line carries at ten bits a byte. Measures and reports; how fast it is hangs on the
 * machine, so all that is asserted of
 * it is that sending ahead pays.
 */
final class ThroughputIT {

    private static final int STEPS = 1000;
    private static final int STIMULI = 3;
    private static final double SECONDS_A_BYTE = 10e-6;

    @TempDir
    Path home;

    /** Firmware that works in no time, so that the line is the limit. */
    @Test
    void ofAProcessOnAPacedLine() {
        try (PosixRig rig = PosixRig.start(home, "--baud", "1000000")) {
            measured("process on a paced line", rig, () -> 1e-9 * System.nanoTime());
        }
    }

    /** A microcontroller that has to work for it; in its own time, which stands still where the machine cannot keep up. */
    @Test
    void ofTheEmulatedBench() {
        try (EmulatedBench bench = EmulatedBench.start(home, 31, Pace.REAL)) {
            measured(
                    "emulated bench",
                    bench,
                    () -> 1e-6 * bench.truth().counters().get("micros"));
            Map<String, Long> counters = bench.truth().counters();
            System.out.printf(
                    Locale.ROOT,
                    "emulated bench: given up time %d times, asleep for %.0f %% of all%n",
                    counters.get("rebases"),
                    100.0 * counters.get("asleep") / counters.get("cycles"));
            assertThat(counters).containsEntry("overruns", 0L);
        }
    }

    private static void measured(String what, Rig rig, DoubleSupplier seconds) {
        Metered line = new Metered(SerialLink.opener(rig.path(), SerialLink.BAUD, true));
        try (BoardDevice board = BoardDevice.open("serial:" + rig.path(), line, BoardDevice.Settings.USUAL)) {
            board.arm();
            for (boolean codes : new boolean[] {false, true}) {
                List<Stimulus> steps = steps(board.descriptor(), codes);
                ran(board, steps.subList(0, 300 * STIMULI), STIMULI); // warms the machine up
                double[] rate = new double[2];
                for (int windowed = 0; windowed < 2; windowed++) {
                    long written = line.written();
                    long read = line.read();
                    double begun = seconds.getAsDouble();
                    ran(board, steps, windowed == 1 ? steps.size() : STIMULI);
                    rate[windowed] = STEPS / (seconds.getAsDouble() - begun);
                    report(
                            what + ", " + (codes ? "with" : "without") + " 156 codes, "
                                    + (windowed == 1 ? "windowed" : "one a round trip"),
                            rate[windowed],
                            (double) (line.written() - written) / STEPS,
                            (double) (line.read() - read) / STEPS);
                }
                assertThat(rate[1]).isGreaterThan(rate[0]);
            }
            System.out.println(what + ": frames sent again, replies dropped, frames damaged: "
                    + Arrays.toString(board.troubles()));
        }
    }

    private static void ran(BoardDevice board, List<Stimulus> steps, int atOnce) {
        for (int from = 0; from < steps.size(); from += atOnce) {
            List<Response> responses =
                    board.presentAll(steps.subList(from, from + atOnce), Deadline.in(Duration.ofMinutes(2)));
            assertThat(responses).hasSize(atOnce);
        }
    }

    private static void report(String what, double rate, double in, double out) {
        double both = 1 / (SECONDS_A_BYTE * Math.max(in, out));
        double turns = 1 / (SECONDS_A_BYTE * (in + out));
        System.out.printf(
                Locale.ROOT,
                "%s: %.0f steps a second; %.1f bytes in and %.1f out a step; %.1f %% of what the line carries both ways at"
                        + " once (%.0f), %.1f %% of what it carries taking turns (%.0f)%n",
                what,
                rate,
                in,
                out,
                100 * rate / both,
                both,
                100 * rate / turns,
                turns);
    }

    private static List<Stimulus> steps(Descriptor card, boolean codes) {
        SplittableRandom random = new SplittableRandom(1);
        List<Stimulus> steps = new ArrayList<>();
        Levels target = Levels.of(Role.OUTPUT, 0.2, -0.1, 0.1);
        for (int i = 0; i < STEPS; i++) {
            Levels levels = Levels.of(Role.INPUT, drawn(card, Role.INPUT, random));
            if (codes) {
                levels = levels.and(Levels.of(Role.PARAMETER, drawn(card, Role.PARAMETER, random)));
            }
            steps.add(Stimulus.of(levels));
            steps.add(Stimulus.of(Levels.NONE).nudged(new Nudge.Difference(0.1, target)));
            steps.add(Stimulus.of(Levels.NONE).nudged(new Nudge.Difference(-0.1, target)));
        }
        return steps;
    }

    private static double[] drawn(Descriptor card, Role role, SplittableRandom random) {
        List<Channel> channels = card.channels(role);
        double[] levels = new double[channels.size()];
        Arrays.setAll(
                levels,
                i -> random.nextDouble(channels.get(i).min(), channels.get(i).max()));
        return levels;
    }
}
