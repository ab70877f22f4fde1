package org.homeostat.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.homeostat.device.Device;
import org.homeostat.shadow.Divergence.Difference;
import org.homeostat.shadow.Shadowed;
import org.homeostat.shadow.Tolerance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A twin in the shadow of another of its kind, which answers the same whatever they are asked. */
class ShadowedResistorArrayTwinTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    private final Shadowed.Watcher nobody = new Shadowed.Watcher() {
        @Override
        public void diverged(Difference difference) {
            differences++;
        }

        @Override
        public void lost(String why) {
            // Put back to an earlier moment it goes on by itself.
        }
    };

    private int differences;

    private Device shadowed() {
        return new Shadowed(
                Opened.bare("twin:resistor-array-v1", runs).device(),
                Opened.bare("twin:resistor-array-v1", runs).device(),
                Tolerance.EXACT,
                nobody);
    }

    @AfterEach
    void theyNeverDiffered() {
        assertThat(differences).isZero();
    }

    @Override
    public Device open() {
        return opened(shadowed());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(shadowed());
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
