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
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.firmware.EmulatedBench.Pace;
import org.homeostat.link.SerialLink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How many whole steps of learning (free, nudged one way, nudged the other) a paced bench at 1 Mbaud makes in a second, against
 * what its line could carry. Counted in the bench's own time, which stands still where the machine cannot keep up. Measures and
 * reports; how fast it is hangs on the machine, so nothing is asserted of the time.
 */
final class BenchThroughputIT {

    private static final int STEPS = 1000;
    private static final double SECONDS_A_BYTE = 10e-6;

    @TempDir
    Path home;

    @Test
    void stepsPerSecond() {
        try (EmulatedBench bench = EmulatedBench.start(home, 31, Pace.REAL);
                BoardDevice board = BoardDevice.open(
                        "serial:" + bench.path(),
                        SerialLink.opener(bench.path(), SerialLink.BAUD, true),
                        BoardDevice.Settings.USUAL)) {
            board.arm();
            for (boolean codes : new boolean[] {false, true}) {
                List<Stimulus> steps = steps(board.descriptor(), codes);
                ran(board, steps.subList(0, 300), 3); // warms the machine up
                for (boolean windowed : new boolean[] {false, true}) {
                    Map<String, Long> before = bench.truth().counters();
                    long begun = System.nanoTime();
                    ran(board, steps, windowed ? steps.size() : 3);
                    double wall = 1e-9 * (System.nanoTime() - begun);
                    Map<String, Long> after = bench.truth().counters();
                    report(codes, windowed, wall, before, after);
                    assertThat(after.get("conversions") - before.get("conversions"))
                            .isEqualTo(15L * 3 * STEPS);
                }
            }
            assertThat(bench.truth().counters()).containsEntry("overruns", 0L);
            System.out.println(
                    "frames sent again, replies dropped, frames damaged: " + Arrays.toString(board.troubles()));
        }
    }

    private static void ran(BoardDevice board, List<Stimulus> steps, int atOnce) {
        for (int from = 0; from < steps.size(); from += atOnce) {
            var unused = board.presentAll(steps.subList(from, from + atOnce), Deadline.in(Duration.ofMinutes(2)));
        }
    }

    private static void report(
            boolean codes, boolean windowed, double wall, Map<String, Long> before, Map<String, Long> after) {
        double seconds = 1e-6 * delta("micros", before, after);
        double in = (double) delta("in", before, after) / STEPS;
        double out = (double) delta("out", before, after) / STEPS;
        double rate = STEPS / seconds;
        double both = 1 / (SECONDS_A_BYTE * Math.max(in, out));
        double turns = 1 / (SECONDS_A_BYTE * (in + out));
        System.out.printf(
                Locale.ROOT,
                "steps of 3 stimuli %s 156 codes, %s: %.0f a second (%.0f by the wall, %d times time was given up); %.1f"
                        + " bytes in and %.1f out a step: %.1f %% of what one direction of the line carries (%.0f), %.1f %%"
                        + " of what it carries taking turns (%.0f); the processor slept %.0f %% of the time%n",
                codes ? "with" : "without",
                windowed ? "windowed" : "one a round trip",
                rate,
                STEPS / wall,
                delta("rebases", before, after),
                in,
                out,
                100 * rate / both,
                both,
                100 * rate / turns,
                turns,
                1e-6 * delta("asleep", before, after) / 0.16 / seconds);
    }

    private static long delta(String name, Map<String, Long> before, Map<String, Long> after) {
        return after.get(name) - before.get(name);
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
