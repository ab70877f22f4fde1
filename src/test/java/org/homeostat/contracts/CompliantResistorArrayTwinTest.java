package org.homeostat.contracts;

import java.nio.file.Path;
import org.homeostat.catalog.Catalog;
import org.homeostat.control.Compliant;
import org.homeostat.control.Gauged;
import org.homeostat.device.Device;
import org.junit.jupiter.api.io.TempDir;

/** The same twin with its forces gauged and its parameters on virtual springs. */
class CompliantResistorArrayTwinTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    @Override
    public Device open() {
        Catalog.Opened bare = Opened.bare("twin:resistor-array-v1", runs);
        Device dressed = new Compliant(
                new Gauged(bare.device()),
                bare.teaching().softness(),
                bare.teaching().softest(),
                Compliant.Motion.ONE_STEP);
        return opened(dressed);
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
