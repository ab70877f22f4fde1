package org.homeostat.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.calibration.Calibrator.Care;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.firmware.EmulatedBench;
import org.homeostat.firmware.EmulatedBench.Pace;
import org.homeostat.firmware.Firmware;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real firmware in an emulated microcontroller, whose converters stray by nobody knows how much: with a meter at the nodes a
 * calibration brings its readings to the truth. This is emulation, not a hardware measurement.
 */
final class CalibrateOnTheBenchIT {

    @TempDir
    Path home;

    @Test
    void calibratedReadingsAreNearerTheTruth() {
        Firmware.requireBench();
        try (EmulatedBench bench = EmulatedBench.start(home, 5, Pace.REAL);
                Device board = new Catalog(new RunStore(home))
                        .open("serial:" + bench.path())
                        .device()) {
            Descriptor card = board.descriptor();
            Calibrator calibrator = new Calibrator(
                    board, new Care(15, 16, false, 1, () -> Deadline.in(Duration.ofSeconds(10))), Map.of());
            Map<String, Reference> meters = new LinkedHashMap<>();
            for (Channel channel : card.channels(Role.OUTPUT)) {
                meters.put(channel.name(), (asked, presented) -> volts(bench, card, asked));
            }
            Map<String, Entry> found = calibrator.measure(meters);

            double bare = missed(board, bench, calibrator);
            double worn = missed(new Calibrated(board, Worn.of(board, found)), bench, calibrator);

            System.out.printf(Locale.ROOT, "readings miss the nodes by %.3g V rms, calibrated by %.3g V%n", bare, worn);
            assertThat(bare).isGreaterThan(1e-3);
            assertThat(worn).isLessThan(0.5e-3);
        }
    }

    private static double volts(EmulatedBench bench, Descriptor card, Channel channel) {
        List<String> nodes = bench.truth().ask("nodes");
        return Double.parseDouble(
                nodes.get(card.count(Role.MONITOR) + card.channels(Role.OUTPUT).indexOf(channel)));
    }

    /** How far readings of the outputs are from the nodes, rms over states that no calibration has seen. */
    private static double missed(Device device, EmulatedBench bench, Calibrator calibrator) {
        SplittableRandom draw = new SplittableRandom(77);
        Descriptor card = device.descriptor();
        double squares = 0;
        int count = 0;
        for (int i = 0; i < 30; i++) {
            Stimulus stimulus = calibrator.drawn(draw);
            Response answer = device.present(
                    stimulus.with(stimulus.levels().only(Role.PARAMETER))
                            .nudged(Nudge.NONE)
                            .settling(new Settling.Usual(16)),
                    Deadline.in(Duration.ofSeconds(10)));
            for (Channel channel : card.channels(Role.OUTPUT)) {
                double level = answer.levels()
                        .at(Role.OUTPUT, 0, card.channels(Role.OUTPUT).indexOf(channel));
                squares += Math.pow(level - volts(bench, card, channel), 2);
                count++;
            }
        }
        return Math.sqrt(squares / count);
    }
}
