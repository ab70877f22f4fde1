package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.catalog.Catalog;
import org.homeostat.control.Compliant;
import org.homeostat.control.Gauged;
import org.homeostat.device.Device;
import org.junit.jupiter.api.io.TempDir;

/** Two specimens as one device, with their forces gauged and one set of parameters on virtual springs: what learners see. */
class CompliantJoinedResistorArrayTwinsTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    @Override
    public Device open() {
        return opened(dressed());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(dressed());
    }

    private Device dressed() {
        Catalog.Opened bare = Opened.bare("twin:resistor-array-v1?seed=1,twin:resistor-array-v1?seed=2", runs);
        return new Compliant(
                new Gauged(bare.device()),
                bare.teaching().softness(),
                bare.teaching().softest(),
                Compliant.Motion.ONE_STEP);
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
