package org.homeostat.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.homeostat.board.BoardDevice.Limits;
import org.homeostat.board.BoardDevice.Settings;
import org.homeostat.board.FaultyLink.Faults;
import org.homeostat.catalog.Catalog;
import org.homeostat.control.Compliant;
import org.homeostat.control.Gauged;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A board whose parameters move a little further in every FREE exchange, behind a line that loses, doubles, damages and delays
 * what is said: every answer is, to the last bit, that of a good line, so that no exchange was made twice or not at all.
 */
class FaultyLineTest {

    private static final int STIMULI = 1500;
    private static final Settings PATIENT = new Settings(Duration.ofSeconds(2), Duration.ofSeconds(5));

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final List<Limits> NARROW = List.of(new Limits(Role.INPUT, -1, 1, Double.POSITIVE_INFINITY, 0));

    @TempDir
    Path runs;

    private Device compliant() {
        Catalog.Opened bare = new Catalog(new RunStore(runs)).open("twin:resistor-array-v1");
        return new Compliant(
                new Gauged(bare.device()),
                bare.teaching().softness(),
                bare.teaching().softest(),
                Compliant.Motion.ONE_STEP);
    }

    private static Stimulus drawn(Descriptor card, SplittableRandom random) {
        double[] inputs = new double[card.count(Role.INPUT)];
        Arrays.setAll(inputs, i -> 2 * random.nextDouble() - 1);
        double[] force = new double[card.count(Role.NUDGE)];
        Arrays.setAll(force, i -> 1e-4 * (random.nextDouble() - 0.5));
        Stimulus stimulus =
                Stimulus.of(Levels.of(Role.INPUT, inputs)).settling(new Settling.Usual(1 + random.nextInt(3)));
        return random.nextInt(3) == 0
                ? stimulus
                : stimulus.nudged(new Nudge.Force(Levels.of(Role.NUDGE, force))).when(Plasticity.FREE);
    }

    private static List<Response> answers(BoardDevice board, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Response> answers = new ArrayList<>();
        while (answers.size() < STIMULI) {
            List<Stimulus> batch = new ArrayList<>();
            for (int i = random.nextInt(12); i >= 0; i--) {
                batch.add(drawn(board.descriptor(), random));
            }
            if (random.nextInt(8) == 0) {
                // Refused as a whole, with what was sent behind it; its number is the next one's.
                batch.addFirst(Stimulus.of(
                        Levels.of(Role.INPUT, filled(board.descriptor().count(Role.INPUT), 1.5))));
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> board.presentAll(batch, Deadline.in(PATIENCE)))
                        .withMessageContaining("limits");
            } else {
                answers.addAll(board.presentAll(batch, Deadline.in(PATIENCE)));
            }
        }
        return answers;
    }

    private static double[] filled(int count, double level) {
        double[] filled = new double[count];
        Arrays.fill(filled, level);
        return filled;
    }

    @ParameterizedTest
    @CsvSource({
        // lost, doubled, cut, damaged, late, broken
        "0.02, 0, 0, 0, 0, 0",
        "0, 0.2, 0, 0, 0.02, 0",
        "0, 0, 0.01, 0.01, 0, 0",
        "0, 0.05, 0, 0, 0, 0.01",
        "0.005, 0.05, 0.005, 0.005, 0.01, 0.003",
    })
    void everyAnswerIsThatOfAGoodLine(
            double lost, double doubled, double cut, double damaged, double late, double broken) throws Exception {
        List<Response> expected;
        try (Bench good = new Bench(compliant())) {
            BoardDevice board = good.host(good.port::open, PATIENT);
            board.arm(NARROW);
            expected = answers(board, 7);
        }
        Faults faults = new Faults(lost, doubled, cut, damaged, late, 150_000_000, broken);
        SplittableRandom random = new SplittableRandom(11);
        try (Bench bad = new Bench(compliant())) {
            BoardDevice board = bad.host(() -> new FaultyLink(bad.port.open(), faults, random.split()), PATIENT);
            board.arm(NARROW);
            List<Response> answers = answers(board, 7);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(answers.get(i)).as("answer %s", i).isEqualTo(expected.get(i));
            }
            System.out.println("faulty line " + faults + ": " + answers.size() + " answers, frames sent again, replies "
                    + "dropped, frames damaged: " + Arrays.toString(board.troubles()));
            assertThat(Arrays.stream(board.troubles()).sum()).isGreaterThan(20);
        }
    }
}
