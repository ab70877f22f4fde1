package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.catalog.Catalog;
import org.homeostat.control.Compliant;
import org.homeostat.control.Gauged;
import org.homeostat.device.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The twin at the far end of a pseudo terminal, with its forces gauged and its parameters on virtual springs here. */
class CompliantResistorArrayTwinOverPtyTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    private final Far far = new Far();

    @AfterEach
    void hangUp() throws Exception {
        far.close();
    }

    @Override
    public Device open() {
        return opened(dressed());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(dressed());
    }

    private Device dressed() {
        Catalog.Opened bare = Opened.bare("twin:resistor-array-v1", runs);
        return new Compliant(
                new Gauged(far.over(bare.device())),
                bare.teaching().softness(),
                bare.teaching().softest(),
                Compliant.Motion.ONE_STEP);
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
