package org.homeostat.learn;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;

/**
 * Equilibrium propagation, contrastive and coupled learning on devices whose parameters the host writes and whose conjugate
 * forces can be read: the forces at two perturbations of the outputs, in a table of {@link Rule}s, are compared,
 *
 * <pre>   g = (dE/dtheta at the second - dE/dtheta at the first) / (beta2 - beta1),</pre>
 *
 * the gradient of betaUnit times the cost, and an {@link Optimiser} moves the parameters (arXiv 2312.15103, equations 3 to 8).
 * Only EP with small beta is gradient descent on the cost; the clamping rules follow no cost in general.
 *
 * <p>From what has no rest nothing is learned: the step is then not accepted, and the parameters stay.
 */
public final class Contrastive implements Learner {

    /**
     * How to learn.
     *
     * @param beta the strength of the perturbation, a pure number in the device's {@code betaUnit}; of a clamp the part of
     *     the way from the free output to the target; {@link Rule#CL} goes the whole way whatever this is
     * @param kind the kind of nudge, for rules that nudge
     * @param settling when to read, and how often
     * @param seed draws the signs of {@link Rule#EP_RANDOM}
     */
    public record Settings(
            Rule rule, double beta, Nudge.Kind kind, Settling settling, Optimiser.Settings optimising, long seed) {
        public Settings {
            if (!(beta > 0) || Double.isInfinite(beta)) {
                throw new IllegalArgumentException("beta must be above 0, not " + beta);
            }
        }
    }

    private final Settings settings;
    private final Cost cost;
    private final Parameters parameters;
    private long steps;

    public Contrastive(Settings settings, Cost cost) {
        if (!settings.rule.clamps() && settings.kind != Nudge.Kind.FORCE && !(cost instanceof Cost.SquaredError)) {
            throw new IllegalArgumentException("a "
                    + settings.kind.name().toLowerCase(Locale.ROOT)
                    + " pulls like the squared error and like no other cost; use a nudge by force");
        }
        this.settings = settings;
        this.cost = cost;
        parameters = new Parameters(settings.optimising);
    }

    @Override
    public String name() {
        return settings.rule.word();
    }

    @Override
    public Set<Ability> needs() {
        return EnumSet.of(Ability.WRITABLE_PARAMETERS, Ability.FORCES);
    }

    @Override
    public Cost cost() {
        return cost;
    }

    @Override
    public void require(Descriptor card) {
        Learner.super.require(card);
        Nudge.Kind kind = settings.rule.clamps() ? Nudge.Kind.CLAMP : settings.kind;
        if (!card.realises(kind)) {
            throw new IllegalArgumentException("learner " + name() + " perturbs outputs by " + kind + "; board "
                    + card.board() + " realises only " + card.nudges() + ": choose a rule or a nudge that it can do");
        }
        if (!settings.rule.clamps() && settings.rule.first(1) < 0 && !cost.pushes()) {
            throw new IllegalArgumentException("learner " + name()
                    + " pushes outputs away from their targets, where this cost has no lower bound; use ep-positive, or "
                    + "another cost");
        }
    }

    @Override
    public Step step(Device device, Example example, Deadline deadline) {
        Descriptor card = device.descriptor();
        List<Channel> channels = card.channels(Role.PARAMETER);
        Response free = parameters.ask(device, example, settings.settling, deadline);

        double[][] outputs = example.outputs(free);
        double[][] gradients = new double[outputs.length][];
        boolean wrong = false;
        for (int lane = 0; lane < gradients.length; lane++) {
            gradients[lane] = cost.gradient(outputs[lane], example.targets()[lane]);
            for (double slope : gradients[lane]) {
                wrong |= slope != 0;
            }
        }
        double loss = example.cost(cost, free);
        if (!wrong || !free.quality().locked()) {
            steps++;
            return new Step(
                    loss,
                    outputs,
                    parameters.theta().clone(),
                    free.quality(),
                    1,
                    free.quality().locked());
        }

        double sign =
                settings.rule == Rule.EP_RANDOM && new SplittableRandom(settings.seed + steps).nextBoolean() ? -1 : 1;
        double beta = settings.rule == Rule.CL ? 1 : sign * settings.beta;
        double first = settings.rule.first(beta);
        double second = settings.rule.second(beta);
        Stimulus perturbed = Stimulus.of(Levels.NONE).settling(settings.settling);
        Quality quality = free.quality();
        int exchanges = 1;
        Response[] compared = {free, free};
        double[] strengths = {first, second};
        for (int i = 0; i < strengths.length; i++) {
            if (strengths[i] != 0) {
                compared[i] = device.present(
                        perturbed.nudged(perturbation(strengths[i], example, free, outputs, gradients, card)),
                        deadline);
                exchanges++;
                quality = quality.worst(compared[i].quality());
            }
        }
        steps++;
        if (!quality.locked() || !quality.held()) {
            return new Step(loss, outputs, parameters.theta().clone(), quality, exchanges, false);
        }
        double[] gradient = compared[1].levels().row(Role.FORCE);
        double[] before = compared[0].levels().row(Role.FORCE);
        double scale = 1 / (second - first);
        for (int k = 0; k < gradient.length; k++) {
            gradient[k] = (gradient[k] - before[k]) * scale;
        }
        parameters.move(gradient, channels);
        return new Step(loss, outputs, parameters.theta().clone(), quality, exchanges, true);
    }

    private Nudge perturbation(
            double strength,
            Example example,
            Response free,
            double[][] outputs,
            double[][] gradients,
            Descriptor card) {
        if (!settings.rule.clamps()) {
            return Pull.towards(example.targets(), free, cost, settings.kind, card)
                    .by(strength);
        }
        // o_b = o* - b dC/do: for the squared error (1 - b) o* + b y.
        double[][] at = new double[outputs.length][];
        for (int lane = 0; lane < at.length; lane++) {
            at[lane] = outputs[lane].clone();
            for (int k = 0; k < at[lane].length; k++) {
                Channel channel = card.channels(Role.OUTPUT).get(k);
                at[lane][k] = Math.clamp(at[lane][k] - strength * gradients[lane][k], channel.min(), channel.max());
            }
        }
        return new Nudge.Clamp(Levels.of(Role.OUTPUT, at));
    }

    @Override
    public void moved() {
        parameters.forget();
    }

    @Override
    public double[] rates(Descriptor card) {
        return parameters.rates(card);
    }

    @Override
    public void epochEnded() {
        parameters.epochEnded();
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(steps);
        parameters.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        steps = in.readLong();
        parameters.restore(in);
    }
}
