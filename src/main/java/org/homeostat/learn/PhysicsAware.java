package org.homeostat.learn;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;

/**
 * Physics-aware training (Wright et al., Nature 601, 2022): forward through the device, backward through a model of it. The
 * error dC/do is that of the device's own outputs; what it means for the parameters is asked of the model, at the same
 * inputs and parameters. The model is a device too, and its backward pass is equilibrium propagation: the conjugate forces at
 * two opposite nudges by the error,
 *
 * <pre>   g = (dE/dtheta at +beta/2 - dE/dtheta at -beta/2) / beta / betaUnit,   all in the model.</pre>
 *
 * The device answers one question a step, and needs neither nudge nor forces. How far the model may stray from it before the
 * steps go wrong is a matter of trial.
 */
public final class PhysicsAware implements Learner {

    /**
     * How to learn.
     *
     * @param beta the distance between the two nudges of the model, a pure number in its {@code betaUnit}
     * @param settling when to read, and how often
     */
    public record Settings(double beta, Settling settling, Optimiser.Settings optimising) {
        public Settings {
            if (!(beta > 0) || Double.isInfinite(beta)) {
                throw new IllegalArgumentException("beta must be above 0, not " + beta);
            }
        }
    }

    private final Settings settings;
    private final Cost cost;
    private final Device model;
    private final Parameters parameters;

    /**
     * @param model what stands for the device on the way back; it is the learner's alone
     * @throws IllegalArgumentException if the model cannot tell what a force on its outputs does to its parameters
     */
    public PhysicsAware(Settings settings, Cost cost, Device model) {
        Descriptor card = model.descriptor();
        for (Ability need : EnumSet.of(Ability.WRITABLE_PARAMETERS, Ability.FORCES)) {
            if (!card.can(need)) {
                throw new IllegalArgumentException("model " + card.board()
                        + " of learner physics-aware: expected one that " + need.sentence() + "; choose another twin");
            }
        }
        if (!card.realises(Nudge.Kind.FORCE)) {
            throw new IllegalArgumentException("model " + card.board() + " of learner physics-aware realises only "
                    + card.nudges() + "; choose a twin that is nudged by force");
        }
        this.settings = settings;
        this.cost = cost;
        this.model = model;
        parameters = new Parameters(settings.optimising);
    }

    @Override
    public String name() {
        return "physics-aware";
    }

    @Override
    public Set<Ability> needs() {
        return EnumSet.of(Ability.WRITABLE_PARAMETERS);
    }

    @Override
    public Cost cost() {
        return cost;
    }

    @Override
    public void require(Descriptor card) {
        Learner.super.require(card);
        Descriptor other = model.descriptor();
        for (Role role : new Role[] {Role.INPUT, Role.OUTPUT, Role.PARAMETER}) {
            if (card.count(role) != other.count(role)) {
                throw new IllegalArgumentException("learner " + name() + ": board " + card.board() + " has "
                        + card.count(role) + " channels of role " + role + ", its model " + other.board() + " has "
                        + other.count(role) + "; choose a twin of the same sizes");
            }
        }
        if (card.lanes() != other.lanes()) {
            throw new IllegalArgumentException("learner " + name() + ": board " + card.board() + " has " + card.lanes()
                    + " lanes, its model " + other.lanes() + "; open the model with ?lanes=" + card.lanes());
        }
    }

    @Override
    public Step step(Device device, Example example, Deadline deadline) {
        Descriptor card = device.descriptor();
        Response free = parameters.ask(device, example, settings.settling, deadline);
        double[][] outputs = example.outputs(free);
        double[][] errors = new double[outputs.length][];
        Arrays.setAll(errors, lane -> cost.gradient(outputs[lane], example.targets()[lane]));
        boolean accepted = false;
        Quality quality = free.quality();
        if (quality.locked() && quality.held()) {
            Levels same = example.inputs().only(Role.INPUT).and(Levels.of(Role.PARAMETER, parameters.theta()));
            Descriptor other = model.descriptor();
            Stimulus question = other.question(same).settling(settings.settling);
            Pull.ByForce pull = new Pull.ByForce(errors, other);
            Response modelled = model.present(question, deadline);
            Stimulus onward = Stimulus.of(Levels.NONE).settling(settings.settling);
            Response up = model.present(onward.nudged(pull.by(settings.beta / 2)), deadline);
            Response down = model.present(onward.nudged(pull.by(-settings.beta / 2)), deadline);
            quality = quality.worst(modelled.quality()).worst(up.quality()).worst(down.quality());
            if (quality.locked() && quality.held()) {
                double[] gradient = up.levels().row(Role.FORCE);
                double[] below = down.levels().row(Role.FORCE);
                for (int k = 0; k < gradient.length; k++) {
                    gradient[k] = (gradient[k] - below[k]) / settings.beta / other.betaUnit();
                }
                parameters.move(gradient, card.channels(Role.PARAMETER));
                accepted = true;
            }
        }
        return new Step(example.cost(cost, free), outputs, parameters.theta().clone(), quality, 1, accepted);
    }

    @Override
    public void moved() {
        parameters.forget();
    }

    @Override
    public double[] rates(Descriptor card) {
        return parameters.ratesOfCost(card);
    }

    @Override
    public void epochEnded() {
        parameters.epochEnded();
    }

    @Override
    public void save(DataOutput out) throws IOException {
        parameters.save(out);
        // Where the model goes on from decides the last digits of what it says next.
        if (model instanceof Restorable lasting) {
            lasting.save(out);
        }
    }

    @Override
    public void restore(DataInput in) throws IOException {
        parameters.restore(in);
        if (model instanceof Restorable lasting) {
            lasting.restore(in);
        }
    }
}
