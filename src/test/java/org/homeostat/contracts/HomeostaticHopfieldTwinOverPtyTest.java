package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** The twin at the far end of a pseudo terminal, held by a homeostat here. */
class HomeostaticHopfieldTwinOverPtyTest implements HomeostaticContract {

    @TempDir
    Path runs;

    private final Far far = new Far();

    @AfterEach
    void hangUp() throws Exception {
        far.close();
    }

    @Override
    public Device open() {
        return opened(far("twin:hopfield-compliant"));
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(held(far("twin:hopfield-compliant")));
    }

    private Catalog.Opened far(String uri) {
        Catalog.Opened bare = Opened.bare(uri, runs);
        return new Catalog.Opened(far.over(bare.device()), bare.known());
    }

    @Override
    public double[] parameters(Descriptor card, int which) {
        return Opened.mixed(card, -0.1, 0.25, which);
    }

    @Override
    public double parameterRange() {
        return 4;
    }

    @Override
    public double gentleForce() {
        return 0.1;
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
