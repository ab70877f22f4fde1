package org.homeostat.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.homeostat.catalog.PiBoards;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.pi.ScriptedPi;
import org.junit.jupiter.api.AfterEach;

/** The small array on the I2C buses of a Raspberry Pi, through Pi4J's own types to scripted chips. */
class PiOverI2cTest implements DeviceContract {

    private static final PiBoards BOARD = PiBoards.of("resistor-array-pi-i2c");
    private static final long SPECIMEN = 6;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void switchOff() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
            if (each instanceof ScriptedPi bench) {
                assertThat(bench.flags()).isEmpty();
            }
        }
    }

    private Device bare() {
        ScriptedPi bench = BOARD.specimen(SPECIMEN);
        open.add(bench);
        Device device = bench.open();
        open.add(device);
        return device;
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
    public boolean reproducible() {
        return true;
    }

    @Override
    public double[] parameters(Descriptor card, int which) {
        return Opened.mixed(card, 15e-6, 250e-6, which);
    }

    @Override
    public double tolerance(Role role) {
        return switch (role) {
            // A step of a DAC is 0.5 mV and may be off by one; the noise is a tenth of that.
            case OUTPUT, MONITOR -> 2e-3;
            default -> 0.5e-6;
        };
    }

    @Override
    public double gentleForce() {
        return 20e-6;
    }

    @Override
    public double gentleBeta() {
        return 0.2;
    }

    @Override
    public double gentleDistance() {
        return 0.1;
    }

    /** The first output is tied to the first input as well as can be, and that goes to the end of its range. */
    @Override
    public List<Stimulus> clipping(Descriptor card) {
        double[] parameters =
                card.channels(Role.PARAMETER).stream().mapToDouble(Channel::min).toArray();
        parameters[0] = card.channels(Role.PARAMETER).getFirst().max();
        double[] inputs =
                card.channels(Role.INPUT).stream().mapToDouble(Channel::safe).toArray();
        inputs[0] = card.channels(Role.INPUT).getFirst().max();
        return Arrays.asList(Stimulus.of(Levels.of(Role.INPUT, inputs).and(Levels.of(Role.PARAMETER, parameters))));
    }
}
