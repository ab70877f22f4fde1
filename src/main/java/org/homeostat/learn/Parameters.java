package org.homeostat.learn;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;

/**
 * Parameters in a learner's own hands: where it has put them, to the last digit and not only to the nearest code, and the
 * optimiser that moves them. What was moved is written with the next question, so that a move costs no exchange.
 */
final class Parameters implements Restorable {

    private final Optimiser optimiser;
    private double[] theta = new double[0];

    /** True if the device does not stand where they do. */
    private boolean due;

    Parameters(Optimiser.Settings settings) {
        optimiser = new Optimiser(settings);
    }

    /** Asks the example without a nudge, at these parameters; the first time at those that the device has. */
    Response ask(Device device, Example example, Settling settling, Deadline deadline) {
        Levels asked = due ? example.inputs().and(Levels.of(Role.PARAMETER, theta)) : example.inputs();
        Response free = device.present(device.descriptor().question(asked).settling(settling), deadline);
        if (theta.length == 0) {
            theta = free.parameters();
        }
        due = false;
        return free;
    }

    /** Where they are; not a copy. */
    double[] theta() {
        return theta;
    }

    /** How many there are; 0 before the first question. */
    int count() {
        return theta.length;
    }

    /** Moves them by one step down a gradient. */
    void move(double[] gradient, List<Channel> channels) {
        optimiser.move(theta, gradient, channels);
        due = true;
    }

    /** Tells that the learner has left the device elsewhere. */
    void astray() {
        due = true;
    }

    /** Tells that somebody else moved them. */
    void forget() {
        theta = new double[0];
        due = false;
    }

    /** How far each moves now per unit of gradient. */
    double[] rates(Descriptor card) {
        return optimiser.rates(card.channels(Role.PARAMETER));
    }

    /** The same where gradients are those of the cost: costs are in outputs squared, an energy is betaUnit times that. */
    double[] ratesOfCost(Descriptor card) {
        double[] rates = rates(card);
        for (int k = 0; k < rates.length; k++) {
            rates[k] /= card.betaUnit();
        }
        return rates;
    }

    void epochEnded() {
        optimiser.epochEnded();
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeBoolean(due);
        out.writeInt(theta.length);
        for (double value : theta) {
            out.writeDouble(value);
        }
        optimiser.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        due = in.readBoolean();
        theta = new double[in.readInt()];
        for (int k = 0; k < theta.length; k++) {
            theta[k] = in.readDouble();
        }
        optimiser.restore(in);
    }
}
