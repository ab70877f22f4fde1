package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.device.Device;
import org.homeostat.firmware.Firmware;
import org.junit.jupiter.api.io.TempDir;

/** The reference firmware as a child process, each opening a power-on of its own. */
class ResistorArrayFirmwareOverPipeTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    private Device bare() {
        String command = "process:'" + Firmware.process(Firmware.POSIX) + "' --free --seed 3";
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
