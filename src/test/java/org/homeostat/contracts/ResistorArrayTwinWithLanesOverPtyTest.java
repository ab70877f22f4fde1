package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.device.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Four copies of the twin as a board at the far end of a pseudo terminal. */
class ResistorArrayTwinWithLanesOverPtyTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    private final Far far = new Far();

    @AfterEach
    void hangUp() throws Exception {
        far.close();
    }

    @Override
    public Device open() {
        return opened(
                far.over(Opened.bare("twin:resistor-array-v1?lanes=4", runs).device()));
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(
                far.over(Opened.bare("twin:resistor-array-v1?lanes=4", runs).device()));
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
