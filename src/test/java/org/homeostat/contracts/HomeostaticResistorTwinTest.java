package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.junit.jupiter.api.io.TempDir;

class HomeostaticResistorTwinTest implements HomeostaticContract {

    @TempDir
    Path runs;

    @Override
    public Device open() {
        return opened(Opened.bare("twin:resistor-compliant", runs));
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(held(Opened.bare("twin:resistor-compliant", runs)));
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
