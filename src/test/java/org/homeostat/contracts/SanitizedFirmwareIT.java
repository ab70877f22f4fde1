package org.homeostat.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.homeostat.device.Device;
import org.homeostat.firmware.Firmware;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The reference firmware with every access and every operation watched: there is nothing to be said against any. */
class SanitizedFirmwareIT implements ResistorArrayContract {

    @TempDir
    Path runs;

    @TempDir
    Path complaints;

    @AfterEach
    void nobodyComplained() throws IOException {
        try (Stream<Path> files = Files.list(complaints)) {
            for (Path file : files.toList()) {
                assertThat(Files.readString(file)).isEmpty();
            }
        }
    }

    private Device bare() {
        String options = "_OPTIONS=log_path=" + complaints.resolve("complaint");
        String command = "env 'ASAN" + options + "' 'UBSAN" + options + "' '" + Firmware.process(Firmware.SANITIZED)
                + "' --free --seed 4";
        return Opened.bare("process:" + command, runs).device();
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
