package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.device.Device;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The twin as a board behind an agent behind a broker. */
class ResistorArrayTwinOverMqttIT implements ResistorArrayContract {

    @TempDir
    Path home;

    private FarBroker far;

    @BeforeEach
    void begin() {
        far = new FarBroker(home);
    }

    @AfterEach
    void hangUp() throws Exception {
        if (far != null) {
            far.close();
        }
    }

    @Override
    public Device open() {
        return opened(far.over(Opened.bare("twin:resistor-array-v1", home).device()));
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(far.over(Opened.bare("twin:resistor-array-v1", home).device()));
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
