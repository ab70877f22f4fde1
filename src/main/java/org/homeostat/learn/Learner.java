package org.homeostat.learn;

import java.util.Set;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Restorable;

/**
 * A rule that teaches a device from examples, seeing it through the seam alone. What it remembers between steps can be
 * saved and put back.
 *
 * <p>Thread rule: one caller at a time, and one device for as long as it learns.
 */
public interface Learner extends Restorable {

    /** Its name in commands and files. */
    String name();

    /** The abilities without which it cannot teach. */
    Set<Ability> needs();

    /** The cost that it lowers. */
    Cost cost();

    /**
     * Teaches one example: as many of them at once as the device has lanes.
     *
     * @throws org.homeostat.device.DeviceException if the channel to the device broke
     */
    Step step(Device device, Example example, Deadline deadline);

    /**
     * How far the next step moves each parameter for each unit of the gradient of {@code betaUnit} times the cost: the
     * learning rates.
     */
    double[] rates(Descriptor card);

    /** Tells the learner that somebody else moved the parameters: what it wants to write next it takes from the device. */
    default void moved() {}

    /** Tells the learner that all examples have been seen once more; schedules advance here. */
    void epochEnded();

    /**
     * Refuses a device that lacks something, before the first exchange.
     *
     * @throws IllegalArgumentException in a sentence that says what to wrap
     */
    default void require(Descriptor card) {
        for (Ability need : needs()) {
            if (!card.can(need)) {
                throw new IllegalArgumentException("learner " + name() + " needs a device that " + need.sentence()
                        + "; board " + card.board() + " does not: " + remedy(card));
            }
        }
    }

    private static String remedy(Descriptor card) {
        if (card.can(Ability.HOMEOSTASIS)) {
            return "teach it with aeqprop-optimistic, -pessimistic or -centered, which let the physics move its parameters";
        }
        if (card.can(Ability.COMPLIANCE)) {
            return "wrap it in a Homeostatic, which holds its parameters with the knobs";
        }
        if (card.can(Ability.WRITABLE_PARAMETERS) && !card.forceLaws().isEmpty()) {
            return "wrap it in a Compliant around a Gauged, which gives its parameters virtual springs";
        }
        return card.can(Ability.WRITABLE_PARAMETERS)
                ? "teach it with a learner that needs outputs alone, such as spsa or hadamard"
                : "its parameters can neither move nor be written, so that nothing can teach it";
    }
}
