package org.homeostat.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.run.RunStore;
import org.homeostat.twin.Specimen;
import org.homeostat.twin.Specimen.Errors;
import org.homeostat.twin.TwinDevice;
import org.junit.jupiter.api.Test;

/** What a calibrated device is asked for really appears, and what it reads was really there. */
final class CalibratedTest {

    /** A board whose converters are 5 % off. */
    private static TwinDevice wild() {
        TwinDevice twin = Specimens.straight(1);
        Specimen specimen = twin.specimen();
        for (Role role : Specimen.CONVERTED) {
            for (int i = 0; i < twin.descriptor().count(role); i++) {
                double sign = i % 2 == 0 ? 1 : -1;
                double step = twin.descriptor().channels(role).get(i).resolution();
                specimen = specimen.with(role, i, new Errors(1 + 0.05 * sign, 20 * sign * step, 0, 0));
            }
        }
        twin.become(specimen);
        return twin;
    }

    private static Calibrated calibrated(TwinDevice twin) {
        return new Calibrated(
                twin,
                Worn.of(
                        twin,
                        new Calibrator(twin, Specimens.care(21, 16), Map.of()).measure(Specimens.metered(twin, 1))));
    }

    @Test
    void levelsAreTrueBothWays() {
        TwinDevice twin = wild();
        Calibrated device = calibrated(twin);
        SplittableRandom draw = new SplittableRandom(2);
        for (int i = 0; i < 20; i++) {
            double[] inputs = device.descriptor().channels(Role.INPUT).stream()
                    .mapToDouble(channel -> draw.nextDouble(channel.min(), channel.max()))
                    .toArray();
            double[] push = {50e-6, -50e-6, 20e-6};
            Response answer = device.present(
                    Stimulus.of(Levels.of(Role.INPUT, inputs))
                            .nudged(new Nudge.Force(Levels.of(Role.NUDGE, push)))
                            .settling(new Settling.Usual(64)),
                    Deadline.NEVER);
            for (int x = 0; x < inputs.length; x++) {
                // Half a step of 2 mV, and what the calibration leaves.
                assertThat(twin.onWire(Role.INPUT, x)).isCloseTo(inputs[x], within(1.3e-3));
            }
            for (int o = 0; o < 3; o++) {
                assertThat(answer.levels().at(Role.OUTPUT, 0, o))
                        .isCloseTo(twin.onWire(Role.OUTPUT, o), within(0.6e-3));
            }
            for (int h = 0; h < 12; h++) {
                if (Math.abs(twin.onWire(Role.MONITOR, h)) < 1.8) {
                    assertThat(answer.levels().at(Role.MONITOR, 0, h))
                            .isCloseTo(twin.onWire(Role.MONITOR, h), within(0.8e-3));
                }
            }
        }
    }

    @Test
    void aForceIsWhatIsAddedToNoNudge() {
        TwinDevice twin = wild();
        Calibrated device = calibrated(twin);
        var unused = device.present(
                Stimulus.of(Levels.NONE).nudged(new Nudge.Force(Levels.of(Role.NUDGE, 0, 0, 0))), Deadline.NEVER);
        double still = twin.onWire(Role.NUDGE, 0);
        unused = device.present(
                Stimulus.of(Levels.NONE).nudged(new Nudge.Force(Levels.of(Role.NUDGE, 60e-6, 0, 0))), Deadline.NEVER);

        assertThat(twin.onWire(Role.NUDGE, 0) - still).isCloseTo(60e-6, within(0.11e-6));
    }

    @Test
    void rangesAndConvertersOnItsCardFollow() {
        TwinDevice twin = wild();
        Channel before = twin.descriptor().channels(Role.INPUT).getFirst();
        Channel after = calibrated(twin).descriptor().channels(Role.INPUT).getFirst();

        assertThat(after.max()).isCloseTo(1.05 * before.max() + 0.04, within(1e-3));
        assertThat(after.safe()).isCloseTo(0.04, within(1e-3));
        assertThat(after.resolution()).isCloseTo(2.1e-3, within(1e-6));
        assertThat(after.scale().codes()).isEqualTo(before.scale().codes());
        for (int code : new int[] {0, 1, 1000, 4095}) {
            double level = Math.clamp(after.scale().level(code), after.min(), after.max());
            assertThat(after.scale().code(level)).isEqualTo(code);
            assertThat(after.accepted(level)).isEqualTo(level);
        }
    }

    @Test
    void aPotentiometerGetsTheConductanceThatIsAskedFor() {
        TwinDevice twin = wild();
        Reference meter = (channel, presented) -> twin.onWire(
                Role.PARAMETER, twin.descriptor().channels(Role.PARAMETER).indexOf(channel));
        Map<String, Entry> found = new Calibrator(twin, Specimens.care(9, 1), Map.of()).measure(Map.of("g3", meter));
        Calibrated device = new Calibrated(twin, Worn.of(twin, found));
        Scale.Rheostat scale = (Scale.Rheostat)
                device.descriptor().channels(Role.PARAMETER).get(2).scale();
        for (int code : new int[] {8, 20, 77, 200, 255}) {
            var unused = device.present(
                    Stimulus.of(Levels.some(Role.PARAMETER, new int[] {2}, scale.level(code))), Deadline.NEVER);
            assertThat(twin.onWire(Role.PARAMETER, 2)).isCloseTo(scale.level(code), within(1e-4 * scale.level(code)));
        }
    }

    @Test
    void theCalibrationOfAnotherBoardIsRefused() {
        Device other = new Catalog(new RunStore(Path.of("runs")))
                .open("twin:resistor-array-v1?inputs=5")
                .device();
        Calibration worn = Worn.of(Specimens.straight(1), Map.of());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Calibrated(other, worn))
                .withMessageContaining("calibration one is of a board resistor-array-v1 with card")
                .withMessageContaining("calibrate this one, or give the file that belongs to it");
    }

    @Test
    void channelsThatItSaysNothingOfPassUnchanged() {
        TwinDevice twin = wild();
        TwinDevice same = wild();
        Calibrated device = new Calibrated(same, Worn.of(same, Map.of()));

        assertThat(device.descriptor()).isEqualTo(twin.descriptor());
        Stimulus stimulus = Stimulus.of(Levels.of(Role.INPUT, 1, -2, 3, 0.5));
        assertThat(device.present(stimulus, Deadline.NEVER)).isEqualTo(twin.present(stimulus, Deadline.NEVER));
    }

    @Test
    void anOldOneTellsWhichChannelDrifted() {
        TwinDevice twin = Specimens.straight(2);
        Calibration before = Worn.of(
                twin, new Calibrator(twin, Specimens.care(21, 16), Map.of()).measure(Specimens.metered(twin, 1)));
        Errors old = twin.specimen().errors(Role.MONITOR, 4);
        twin.become(twin.specimen()
                .with(Role.MONITOR, 4, new Errors(old.gain() * 1.004, old.offset(), old.inl(), old.bow())));
        Calibration after = Worn.of(
                twin, new Calibrator(twin, Specimens.care(21, 16), Map.of()).measure(Specimens.metered(twin, 2)));
        Calibration coarse =
                Worn.of(twin, new Calibrator(twin, Specimens.care(3, 1), Map.of()).measure(Specimens.metered(twin, 2)));

        Drift.Allowed allowed = new Drift.Allowed(1e-3, 0.5);
        assertThat(Drift.between(before, after, twin.descriptor(), allowed))
                .hasSize(22)
                .allSatisfy(drift -> assertThat(drift.verdict())
                        .as(drift.channel())
                        .isEqualTo(drift.channel().equals("h5") ? Drift.Verdict.DRIFTED : Drift.Verdict.WITHIN));
        assertThat(Drift.between(before, coarse, twin.descriptor(), allowed))
                .as("three single readings tell little")
                .anyMatch(drift -> drift.verdict() == Drift.Verdict.UNCERTAIN)
                .noneMatch(drift -> drift.verdict() == Drift.Verdict.DRIFTED
                        && !drift.channel().equals("h5"));
    }

    @Test
    void calibrationsWithoutACommonReferenceCannotBeCompared() {
        TwinDevice twin = Specimens.straight(2);
        Calibration nothing = Worn.of(twin, Map.of());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drift.between(nothing, nothing, twin.descriptor(), new Drift.Allowed(1e-3, 0.5)))
                .withMessageContaining("have no channel in common whose gain was measured");
    }

    @Test
    void itGoesOnAsItWouldHaveWhenItIsRestored() throws Exception {
        TwinDevice twin = wild();
        Calibrated device = new Calibrated(twin, Worn.of(twin, Map.of()));
        Response free = device.present(Stimulus.of(Levels.of(Role.INPUT, 1, -2, 3, 0.5)), Deadline.NEVER);
        java.io.ByteArrayOutputStream saved = new java.io.ByteArrayOutputStream();
        device.save(new java.io.DataOutputStream(saved));
        Stimulus next = Stimulus.of(Levels.NONE)
                .nudged(new Nudge.Difference(0.1, free.levels().only(Role.OUTPUT)));
        Response expected = device.present(next, Deadline.NEVER);

        TwinDevice again = wild();
        Calibrated restored = new Calibrated(again, Worn.of(again, Map.of()));
        restored.restore(new java.io.DataInputStream(new java.io.ByteArrayInputStream(saved.toByteArray())));

        assertThat(restored.present(next, Deadline.NEVER)).isEqualTo(expected);
        assertThat(Objects.requireNonNull(restored.bare())).isSameAs(again);
    }
}
