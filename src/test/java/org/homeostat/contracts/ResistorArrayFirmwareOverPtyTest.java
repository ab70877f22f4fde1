package org.homeostat.contracts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.homeostat.device.Device;
import org.homeostat.firmware.PosixRig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The reference firmware at a pseudo terminal, opened as a serial port; it is switched on anew for each opening. */
class ResistorArrayFirmwareOverPtyTest implements ResistorArrayContract {

    @TempDir
    Path home;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void switchOff() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private Device bare() {
        try {
            PosixRig rig = PosixRig.start(Files.createTempDirectory(home, "rig"), "--free", "--seed", "5");
            open.add(rig);
            Device device = Opened.bare("serial:" + rig.path(), home).device();
            open.add(device);
            return device;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
