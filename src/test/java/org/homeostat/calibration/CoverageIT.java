package org.homeostat.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongFunction;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.device.Channel;
import org.homeostat.device.Role;
import org.homeostat.twin.TwinDevice;
import org.junit.jupiter.api.Test;

/**
 * Two hundred boards, each with its own hidden gains, offsets and tolerances: gain within 0.1 %, offset within half a step, and
 * intervals that hold the truth as often as they say.
 */
final class CoverageIT {

    private static final int TRIALS = 200;

    /** Intervals are wider where converters bend: fewer trials show that. */
    private static final int BENT_TRIALS = 60;

    /** How well one kind of channel was measured, over all trials. */
    private static final class Tally {
        private int channels;
        private int gainsHeld;
        private int offsetsHeld;
        private double worstGain;
        private double worstOffset;
        private double gainReach;

        private void add(Entry entry, double[] truth, double step) {
            Estimate gain = Objects.requireNonNull(entry.gain());
            Estimate offset = Objects.requireNonNull(entry.offset());
            channels++;
            gainsHeld += gain.holds(truth[0]) ? 1 : 0;
            offsetsHeld += offset.holds(truth[1]) ? 1 : 0;
            worstGain = Math.max(worstGain, Math.abs(gain.value() - truth[0]));
            worstOffset = Math.max(worstOffset, Math.abs(offset.value() - truth[1]) / step);
            gainReach += gain.reach();
        }

        private void print(String kind, Role role, int trials) {
            System.out.printf(
                    Locale.ROOT,
                    "%s, %s: %d channels in %d trials, intervals hold gain %.2f %%, offset %.2f %%; worst gain %.4f %%, "
                            + "offset %.3f codes; gain +- %.4f %% on the mean%n",
                    kind,
                    role,
                    channels,
                    trials,
                    100.0 * gainsHeld / channels,
                    100.0 * offsetsHeld / channels,
                    100 * worstGain,
                    worstOffset,
                    100 * gainReach / channels);
        }
    }

    private static void trials(String kind, int count, LongFunction<TwinDevice> specimens) {
        Map<Role, Tally> tallies = new EnumMap<>(Role.class);
        for (long seed = 1; seed <= count; seed++) {
            TwinDevice twin = specimens.apply(seed);
            Map<String, Entry> found =
                    new Calibrator(twin, Specimens.care(21, 16), Map.of()).measure(Specimens.metered(twin, seed));
            for (Role role : List.of(Role.INPUT, Role.OUTPUT, Role.MONITOR)) {
                for (Channel channel : twin.descriptor().channels(role)) {
                    Entry entry = Objects.requireNonNull(found.get(channel.name()));
                    tallies.computeIfAbsent(role, unused -> new Tally())
                            .add(entry, Specimens.truth(twin, channel, entry), channel.resolution());
                }
            }
        }
        tallies.forEach((role, tally) -> tally.print(kind, role, count));
        tallies.forEach((role, tally) -> {
            assertThat(tally.worstGain).as("gain of %s", role).isLessThan(1e-3);
            assertThat(tally.worstOffset).as("offset of %s", role).isLessThan(0.5);
            assertThat((double) tally.gainsHeld / tally.channels).isGreaterThanOrEqualTo(0.93);
            assertThat((double) tally.offsetsHeld / tally.channels).isGreaterThanOrEqualTo(0.93);
        });
    }

    @Test
    void ofConvertersThatAreStraight() {
        trials("straight", TRIALS, Specimens::straight);
    }

    @Test
    void ofConvertersThatBend() {
        trials("bent", BENT_TRIALS, Specimens::bent);
    }
}
