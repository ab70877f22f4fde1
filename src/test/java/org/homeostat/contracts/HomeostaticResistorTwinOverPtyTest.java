package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The twin at the far end of a pseudo terminal, held by a homeostat here. */
class HomeostaticResistorTwinOverPtyTest implements HomeostaticContract {

    @TempDir
    Path runs;

    private final Far far = new Far();

    @AfterEach
    void hangUp() throws Exception {
        far.close();
    }

    @Override
    public Device open() {
        return opened(far("twin:resistor-compliant"));
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(held(far("twin:resistor-compliant")));
    }

    private Catalog.Opened far(String uri) {
        Catalog.Opened bare = Opened.bare(uri, runs);
        return new Catalog.Opened(far.over(bare.device()), bare.known());
    }

    @Override
    public double[] parameters(Descriptor card, int which) {
        return Opened.mixed(card, 50e-6, 300e-6, which);
    }

    @Override
    public double parameterRange() {
        return 460e-6;
    }

    @Override
    public double gentleForce() {
        return 50e-6;
    }

    @Override
    public double gentleBeta() {
        return 0.1;
    }

    @Override
    public double gentleDistance() {
        return 0.1;
    }
}
