package org.homeostat.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.run.RunStore;
import org.homeostat.twin.TwinDevice;
import org.junit.jupiter.api.Test;

/** What a calibrator finds is what is there, and it finds nothing where nothing can be known. */
final class CalibratorTest {

    private static Entry entry(Map<String, Entry> found, String name) {
        return Objects.requireNonNull(found.get(name), name);
    }

    @Test
    void itFindsTheGainAndTheOffsetOfEveryConverter() {
        TwinDevice twin = Specimens.straight(3);

        Map<String, Entry> found =
                new Calibrator(twin, Specimens.care(21, 16), Map.of()).measure(Specimens.metered(twin, 3));

        assertThat(found).hasSize(4 + 3 + 3 + 12);
        found.forEach((name, entry) -> {
            Channel channel = twin.descriptor().channels(entry.role()).stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            double[] truth = Specimens.truth(twin, channel, entry);
            assertThat(Objects.requireNonNull(entry.gain()).value()).as(name).isCloseTo(truth[0], within(1e-3));
            assertThat(Objects.requireNonNull(entry.offset()).value())
                    .as(name)
                    .isCloseTo(truth[1], within(0.5 * channel.resolution()));
        });
    }

    @Test
    void noiseSettlingAndResolutionAreSeenWithoutAReference() {
        TwinDevice twin = Specimens.straight(4);

        Map<String, Entry> found = new Calibrator(twin, Specimens.care(21, 16), Map.of()).measure(Map.of());

        assertThat(found).hasSize(15);
        // Half a millivolt of noise, and rounding to steps of one.
        double truth = Math.sqrt(0.5e-3 * 0.5e-3 + 1e-6 / 12);
        long held = found.values().stream()
                .filter(entry -> Objects.requireNonNull(entry.noise()).holds(truth))
                .count();
        assertThat(held).isGreaterThanOrEqualTo(12);
        for (Entry entry : found.values()) {
            assertThat(entry.gain()).isNull();
            assertThat(entry.offset()).isNull();
            assertThat(Objects.requireNonNull(entry.resolution())).isCloseTo(1e-3, within(1e-9));
        }
        assertThat(Objects.requireNonNull(entry(found, "h1").settle()).value()).isCloseTo(50e-6, within(2.5e-6));
    }

    @Test
    void aPotentiometerIsAStraightLineInOhms() {
        TwinDevice twin = Specimens.straight(5);
        Reference ohmmeter = (channel, presented) -> twin.onWire(
                Role.PARAMETER, twin.descriptor().channels(Role.PARAMETER).indexOf(channel));

        Entry entry = entry(new Calibrator(twin, Specimens.care(9, 1), Map.of()).measure(Map.of("g7", ohmmeter)), "g7");

        double element = twin.specimen().elements()[6];
        double wiper = twin.specimen().wipers()[6];
        assertThat(Objects.requireNonNull(entry.gain()).value()).isCloseTo(element, within(1e-5));
        // R = wiper' + R' c/256 = gain (60 + R c/256) + offset
        assertThat(Objects.requireNonNull(entry.offset()).value()).isCloseTo(60 * (wiper - element), within(0.1));
    }

    @Test
    void aWireFromAnInputCountsTheInputAsItWasFound() {
        TwinDevice twin = Specimens.straight(6);
        Calibrator calibrator = new Calibrator(twin, Specimens.care(21, 16), Map.of());
        Channel x1 = twin.descriptor().channels(Role.INPUT).getFirst();
        Reference meter = Objects.requireNonNull(Specimens.metered(twin, 1).get("x1"));
        List<Double> missed = new ArrayList<>();

        // There is no wire: o1 is compared with the truth, and what the loop would have said is noted.
        var unused = calibrator.measure(Map.of("x1", meter, "o1", (channel, presented) -> {
            missed.add(calibrator.imposed(x1, presented) - twin.onWire(Role.INPUT, 0));
            return twin.onWire(Role.OUTPUT, 0);
        }));

        assertThat(missed)
                .hasSizeGreaterThan(10)
                .allSatisfy(miss -> assertThat(miss).isCloseTo(0, within(2e-4)));
    }

    @Test
    void aReferenceAtAnotherWireIsRefused() {
        TwinDevice twin = Specimens.straight(7);
        SplittableRandom draw = new SplittableRandom(1);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Calibrator(twin, Specimens.care(21, 4), Map.of())
                        .measure(Map.of("o2", (channel, presented) -> draw.nextGaussian())))
                .withMessageContaining("channel o2: its gain comes out as")
                .withMessageContaining("look whether the reference is at this channel's wire");
    }

    @Test
    void severalLanesAreRefused() {
        Device lanes = new Catalog(new RunStore(Path.of("runs")))
                .open("twin:resistor-array-v1?lanes=2")
                .device();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Calibrator(lanes, Specimens.care(21, 4), Map.of()))
                .withMessageContaining("2 lanes; calibrate one board at a time");
    }

    @Test
    void itStaysWithinTheRangesItIsGiven() {
        TwinDevice twin = Specimens.straight(8);
        List<Double> asked = new ArrayList<>();
        Map<String, Reference> meters = Map.of("x1", (channel, presented) -> {
            asked.add(presented.levels().at(Role.INPUT, 0, 0));
            return twin.onWire(Role.INPUT, 0);
        });

        var unused = new Calibrator(twin, Specimens.care(11, 4), Map.of(Role.INPUT, new Calibrator.Range(-1, 0.5)))
                .measure(meters);

        assertThat(asked).hasSize(11).allSatisfy(level -> assertThat(level).isBetween(-1.0, 0.5));
    }

    @Test
    void aMeterThatFailsLeavesTheBoardAtItsSafeLevels() {
        TwinDevice twin = Specimens.straight(9);

        assertThatIllegalStateException()
                .isThrownBy(() -> new Calibrator(twin, Specimens.care(11, 4), Map.of())
                        .measure(Map.of("x1", (channel, presented) -> {
                            throw new IllegalStateException("the battery is empty");
                        })));

        for (int i = 0; i < 4; i++) {
            assertThat(twin.onWire(Role.INPUT, i)).isCloseTo(0, within(0.02));
        }
    }

    @Test
    void whatBendsCanBeWornAway() {
        TwinDevice twin = Specimens.bent(11);
        Calibrator.Care bends = new Calibrator.Care(41, 64, true, 1, () -> Deadline.NEVER);
        Map<String, Entry> found = new Calibrator(twin, bends, Map.of()).measure(Specimens.metered(twin, 1));
        Calibration whole = Worn.of(twin, found);
        found.replaceAll((name, entry) -> entry.straight());

        assertThat(missed(twin, whole)).isLessThan(0.6 * missed(twin, Worn.of(twin, found)));
    }

    /** The rms by which inputs miss what was asked for. */
    private static double missed(TwinDevice twin, Calibration worn) {
        Calibrated calibrated = new Calibrated(twin, worn);
        double squares = 0;
        for (int i = 0; i < 200; i++) {
            // Where a code lies, so that rounding does not hide the bend.
            double level = new Calibrated(twin, worn)
                    .descriptor()
                    .channels(Role.INPUT)
                    .get(1)
                    .scale()
                    .level(100 + 19 * i);
            double[] row = {0, level, 0, 0};
            var unused = calibrated.present(Stimulus.of(Levels.of(Role.INPUT, row)), Deadline.NEVER);
            squares += Math.pow(twin.onWire(Role.INPUT, 1) - level, 2);
        }
        return Math.sqrt(squares / 200);
    }
}
