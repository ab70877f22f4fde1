package org.homeostat.calibration;

import java.util.Map;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.device.Device;

/** Calibrations made of entries, for devices in tests. */
final class Worn {

    private Worn() {}

    static Calibration of(Device device, Map<String, Entry> entries) {
        return new Calibration(
                "one",
                device.descriptor().board(),
                device.descriptor().digest(),
                "a device",
                "2026-11-22T00:00:00Z",
                "",
                Estimate.CONFIDENCE,
                16,
                1,
                entries);
    }
}
