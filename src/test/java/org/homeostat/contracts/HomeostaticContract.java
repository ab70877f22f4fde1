package org.homeostat.contracts;

import java.util.Arrays;
import java.util.List;
import org.homeostat.catalog.Catalog;
import org.homeostat.control.Homeostatic;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;

/** What can be asked of the twins on paper, whose parameters move under force, once a homeostat holds them. */
interface HomeostaticContract extends DeviceContract {

    /** The unit in which its tolerances are counted: how much one of its parameters may change. */
    double parameterRange();

    /** Dresses and starts a device that has been opened. */
    default Device opened(Catalog.Opened bare) {
        Device held = held(bare);
        return Opened.started(held, parameters(held.descriptor(), 0));
    }

    /** Dresses a device that has been opened. */
    default Device held(Catalog.Opened bare) {
        return new Homeostatic(bare.device(), new Homeostatic.Tolerance(0, 1e-11, 300));
    }

    /** No noise; parameters held to 1e-11 of their range. */
    @Override
    default double tolerance(Role role) {
        return role == Role.PARAMETER ? 1e-10 * parameterRange() : 1e-9;
    }

    @Override
    default boolean reproducible() {
        return true;
    }

    /** The strongest force that the first output can be given, on springs too stiff to give way. */
    @Override
    default List<Stimulus> clipping(Descriptor card) {
        double[] force = new double[card.count(Role.NUDGE)];
        force[0] = card.channels(Role.NUDGE).getFirst().max();
        Levels stiff = Levels.of(
                Role.SOFTNESS, 1e-4 * card.channels(Role.SOFTNESS).getFirst().safe());
        return Arrays.asList(Stimulus.of(stiff).nudged(new Nudge.Force(Levels.of(Role.NUDGE, force))));
    }
}
