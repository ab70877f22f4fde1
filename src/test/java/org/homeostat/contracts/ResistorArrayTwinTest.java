package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.device.Device;
import org.junit.jupiter.api.io.TempDir;

/** The bare twin: digital parameters that can be written and not read back. */
class ResistorArrayTwinTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    @Override
    public Device open() {
        return opened(Opened.bare("twin:resistor-array-v1", runs).device());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(Opened.bare("twin:resistor-array-v1", runs).device());
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
