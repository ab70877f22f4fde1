package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.device.Device;
import org.junit.jupiter.api.io.TempDir;

/** Four copies of the bare twin that share their parameters. */
class ResistorArrayTwinWithLanesTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    @Override
    public Device open() {
        return opened(Opened.bare("twin:resistor-array-v1?lanes=4", runs).device());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(Opened.bare("twin:resistor-array-v1?lanes=4", runs).device());
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
