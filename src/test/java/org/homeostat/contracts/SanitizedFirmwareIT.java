package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.device.Device;
import org.homeostat.firmware.Firmware;
import org.junit.jupiter.api.io.TempDir;

/** The reference firmware with every access and every operation watched: a mistake ends it, and so the test. */
class SanitizedFirmwareIT implements ResistorArrayContract {

    @TempDir
    Path runs;

    private Device bare() {
        String command = "process:'" + Firmware.process(Firmware.SANITIZED) + "' --free --seed 4";
        return Opened.bare(command, runs).device();
    }

    @Override
    public Device open() {
        return opened(bare());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(bare());
    }

    @Override
    public boolean reproducible() {
        return false;
    }
}
