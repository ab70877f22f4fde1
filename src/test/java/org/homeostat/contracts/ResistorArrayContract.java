package org.homeostat.contracts;

import java.util.Arrays;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;

/** What can be asked of a {@code resistor-array-v1}, real or not: 12-bit converters with 0.5 mV of noise. */
interface ResistorArrayContract extends DeviceContract {

    @Override
    default double[] parameters(Descriptor card, int which) {
        return Opened.mixed(card, 15e-6, 250e-6, which);
    }

    /** Starts a device that has been opened. */
    default Device opened(Device device) {
        return Opened.started(device, parameters(device.descriptor(), 0));
    }

    @Override
    default double tolerance(Role role) {
        return switch (role) {
            // A step is 1 mV. Six times the noise, a step for either reading, and a step of a DAC that is off by one.
            case OUTPUT, MONITOR -> 6e-3;
            // A force is half the square of a drop of up to 4 V, from two readings of up to 6 mV.
            case FORCE -> 50e-3;
            default -> 0.5e-6;
        };
    }

    @Override
    default double gentleForce() {
        return 50e-6;
    }

    @Override
    default double gentleBeta() {
        return 0.2;
    }

    @Override
    default double gentleDistance() {
        return 0.2;
    }

    /** The first hidden node is tied to the first input as well as can be, and that goes to the end of its range. */
    @Override
    default List<Stimulus> clipping(Descriptor card) {
        double[] parameters =
                card.channels(Role.PARAMETER).stream().mapToDouble(Channel::min).toArray();
        parameters[0] = card.channels(Role.PARAMETER).getFirst().max();
        double[] inputs =
                card.channels(Role.INPUT).stream().mapToDouble(Channel::safe).toArray();
        inputs[0] = card.channels(Role.INPUT).getFirst().max();
        Levels levels = Levels.of(Role.INPUT, inputs).and(Levels.of(Role.PARAMETER, parameters));
        return Arrays.asList(Stimulus.of(levels).when(Plasticity.HELD));
    }
}
