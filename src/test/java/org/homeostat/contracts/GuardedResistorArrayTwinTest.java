package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.homeostat.device.Device;
import org.homeostat.device.Role;
import org.homeostat.guard.Guarded;
import org.homeostat.guard.Limit;
import org.junit.jupiter.api.io.TempDir;

/** The bare twin behind slews that most exchanges have to walk for, and the widest envelopes. */
class GuardedResistorArrayTwinTest implements ResistorArrayContract {

    @TempDir
    Path runs;

    private static Limit slew(double slew) {
        return new Limit(Limit.NONE.min(), Limit.NONE.max(), slew);
    }

    private Device guarded() {
        return new Guarded(
                Opened.bare("twin:resistor-array-v1", runs).device(),
                Map.of(Role.INPUT, slew(0.8), Role.NUDGE, slew(40e-6), Role.PARAMETER, slew(100e-6)));
    }

    @Override
    public Device open() {
        return opened(guarded());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(guarded());
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
