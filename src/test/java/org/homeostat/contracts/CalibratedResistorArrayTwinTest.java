package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.homeostat.calibration.Calibrated;
import org.homeostat.calibration.Calibration;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.calibration.Estimate;
import org.homeostat.device.Channel;
import org.homeostat.device.Device;
import org.homeostat.device.Role;
import org.junit.jupiter.api.io.TempDir;

/** The bare twin with corrections far larger than any converter needs, and of either sign. */
class CalibratedResistorArrayTwinTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    private static Estimate exactly(double value) {
        return new Estimate(value, value, value);
    }

    private Device calibrated() {
        Device twin = Opened.bare("twin:resistor-array-v1", runs).device();
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (Role role : List.of(Role.INPUT, Role.NUDGE, Role.OUTPUT, Role.MONITOR, Role.PARAMETER)) {
            List<Channel> channels = twin.descriptor().channels(role);
            for (int i = 0; i < channels.size(); i++) {
                Channel channel = channels.get(i);
                boolean pot = role == Role.PARAMETER;
                double sign = i % 2 == 0 ? 1 : -1;
                double step = pot ? 400 : channel.resolution();
                entries.put(
                        channel.name(),
                        new Entry(
                                role,
                                channel.unit(),
                                "thin air",
                                exactly(1 + 0.02 * sign),
                                exactly(pot ? 20 * sign : 5 * sign * step),
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                null,
                                pot ? null : List.of(List.of(-1.0, 2 * step), List.of(1.0, -step))));
            }
        }
        return new Calibrated(
                twin,
                new Calibration(
                        "one",
                        twin.descriptor().board(),
                        twin.descriptor().digest(),
                        "twin",
                        "2026-01-01T00:00:00Z",
                        "",
                        0.95,
                        1,
                        1,
                        entries));
    }

    @Override
    public Device open() {
        return opened(calibrated());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(calibrated());
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
