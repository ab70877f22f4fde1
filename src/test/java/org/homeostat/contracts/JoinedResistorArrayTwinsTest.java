package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.device.Device;
import org.junit.jupiter.api.io.TempDir;

/** Three specimens as one device. */
class JoinedResistorArrayTwinsTest implements ResistorArrayContract {

    private static final String RACK =
            "twin:resistor-array-v1?seed=1,twin:resistor-array-v1?seed=2,twin:resistor-array-v1?seed=3";

    @TempDir
    Path runs;

    @Override
    public Device open() {
        return opened(Opened.bare(RACK, runs).device());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(Opened.bare(RACK, runs).device());
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
