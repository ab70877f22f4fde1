package org.homeostat.contracts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.homeostat.catalog.Schematic;
import org.homeostat.circuit.Netlist;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.junit.jupiter.api.io.TempDir;

/** A twin of a netlist is a device like any other. */
class ImportedTwinTest implements DeviceContract {

    @TempDir
    Path home;

    private String uri() {
        Path file = Path.of("sim", "netlists", "xor.cir");
        Path folder = home.resolve("xor");
        try {
            if (!Files.exists(folder)) {
                Schematic schematic =
                        new Schematic("xor", file.toString(), Files.readString(file), Netlist.Included.NONE, Map.of());
                Files.createDirectories(folder);
                Files.writeString(folder.resolve("board.yaml"), schematic.board());
                Files.writeString(folder.resolve("twin.yaml"), schematic.twin());
            }
            return "twin:" + folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Device bare() {
        return Opened.bare(uri(), home).device();
    }

    @Override
    public Device open() {
        Device device = bare();
        return Opened.started(device, parameters(device.descriptor(), 0));
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(bare());
    }

    @Override
    public double[] parameters(Descriptor card, int which) {
        return Opened.mixed(card, 15e-6, 250e-6, which);
    }

    @Override
    public double tolerance(Role role) {
        return role == Role.PARAMETER ? 1e-12 : 1e-6;
    }

    @Override
    public boolean reproducible() {
        return true;
    }

    @Override
    public double gentleForce() {
        return 50e-6;
    }

    @Override
    public double gentleBeta() {
        return 0.2;
    }

    @Override
    public double gentleDistance() {
        return 0.2;
    }

    /** The strongest nudge into an output that hardly anything else holds. */
    @Override
    public List<Stimulus> clipping(Descriptor card) {
        double[] parameters =
                card.channels(Role.PARAMETER).stream().mapToDouble(Channel::min).toArray();
        double[] force = new double[card.count(Role.NUDGE)];
        force[0] = card.channels(Role.NUDGE).getFirst().max();
        return Arrays.asList(Stimulus.of(Levels.of(Role.PARAMETER, parameters))
                .nudged(new org.homeostat.device.Nudge.Force(Levels.of(Role.NUDGE, force))));
    }
}
