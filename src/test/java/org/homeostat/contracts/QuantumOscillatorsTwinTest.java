package org.homeostat.contracts;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.junit.jupiter.api.io.TempDir;

/** A twin on paper whose parameters are written and whose forces are read; exact, without noise. */
class QuantumOscillatorsTwinTest implements DeviceContract {

    @TempDir
    Path runs;

    @Override
    public Device open() {
        Device device = Opened.bare("twin:quantum-oscillators", runs).device();
        return Opened.started(device, parameters(device.descriptor(), 0));
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(Opened.bare("twin:quantum-oscillators", runs).device());
    }

    @Override
    public double[] parameters(Descriptor card, int which) {
        return Opened.mixed(card, 0.2, 0.9, which);
    }

    @Override
    public double tolerance(Role role) {
        return 1e-9;
    }

    @Override
    public boolean reproducible() {
        return true;
    }

    @Override
    public double gentleForce() {
        return 0.2;
    }

    @Override
    public double gentleBeta() {
        return 0.2;
    }

    @Override
    public double gentleDistance() {
        return 0.2;
    }

    /** The strongest force there is, on the softest springs. */
    @Override
    public List<Stimulus> clipping(Descriptor card) {
        double[] parameters = card.channels(Role.PARAMETER).stream()
                .mapToDouble(channel -> channel.stem().equals("k") ? channel.min() : 0)
                .toArray();
        double[] force = {card.channels(Role.NUDGE).getFirst().max()};
        return Arrays.asList(Stimulus.of(Levels.of(Role.PARAMETER, parameters))
                .nudged(new Nudge.Force(Levels.of(Role.NUDGE, force))));
    }
}
