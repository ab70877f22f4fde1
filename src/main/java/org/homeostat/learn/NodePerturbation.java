package org.homeostat.learn;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
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
 * Node perturbation: random forces are put on the nodes that can be pushed, and what the cost changes by is credited to each
 * parameter in proportion to how its own conjugate force dE/dtheta changed,
 *
 * <pre>   g = - mean over random signs xi of (C(+f xi) - C(-f xi)) (F(+f xi) - F(-f xi)) / (2 f)^2.</pre>
 *
 * The noise grows with the number of nodes pushed and not with the number of parameters. What it can and cannot do: only the
 * outputs have a nudge, so that hidden nodes are reached through them alone; and because dF/df = -do/dtheta while dC/df = R
 * dC/do, with R the outputs' response to forces on each other, it follows (do/dtheta)' R dC/do: the gradient with the
 * outputs' errors seen through their own response, which is the gradient itself only where all outputs answer alike and not to
 * each other. The cost need not be known, only measured.
 */
public final class NodePerturbation implements Learner {

    /**
     * How to learn.
     *
     * @param push the force, in parts of the range of a nudge channel
     * @param pairs how many patterns of signs make one step; each is tried both ways
     * @param settling when to read, and how often
     * @param seed where the random signs start
     */
    public record Settings(double push, int pairs, Settling settling, Optimiser.Settings optimising, long seed) {
        public Settings {
            if (!(push > 0 && push < 0.5) || pairs < 1) {
                throw new IllegalArgumentException(
                        "push must lie in 0 .. 0.5 and pairs be 1 or more, not " + push + " and " + pairs);
            }
        }
    }

    private final Settings settings;
    private final Cost cost;
    private final Parameters parameters;
    private long patterns;

    public NodePerturbation(Settings settings, Cost cost) {
        this.settings = settings;
        this.cost = cost;
        parameters = new Parameters(settings.optimising);
    }

    @Override
    public String name() {
        return "node-perturbation";
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
        if (!card.realises(Nudge.Kind.FORCE)) {
            throw new IllegalArgumentException("learner " + name() + " pushes outputs by a force; board " + card.board()
                    + " realises only " + card.nudges() + ": choose a learner that pushes nothing, such as mgd");
        }
    }

    @Override
    public Step step(Device device, Example example, Deadline deadline) {
        Descriptor card = device.descriptor();
        int lanes = example.lanes();
        Response free = parameters.ask(device, example, settings.settling, deadline);
        double[][] outputs = example.outputs(free);
        double before = example.cost(cost, free);
        Quality quality = free.quality();
        double[] gradient = new double[parameters.count()];
        List<Channel> nudges = card.channels(Role.NUDGE);
        double scale = 0;
        for (Channel nudge : nudges) {
            scale += size(nudge) * size(nudge) / nudges.size();
        }
        for (int pair = 0; pair < settings.pairs; pair++) {
            double[][] force = new double[lanes][nudges.size()];
            SplittableRandom signs = new SplittableRandom(settings.seed ^ patterns * 0x9E3779B97F4A7C15L);
            patterns++;
            for (double[] row : force) {
                for (int k = 0; k < row.length; k++) {
                    row[k] = size(nudges.get(k)) * (signs.nextBoolean() ? 1 : -1);
                }
            }
            Response up = device.present(pushed(force), deadline);
            for (double[] row : force) {
                for (int k = 0; k < row.length; k++) {
                    row[k] = -row[k];
                }
            }
            Response down = device.present(pushed(force), deadline);
            quality = quality.worst(up.quality()).worst(down.quality());
            double change = example.cost(cost, up) - example.cost(cost, down);
            double[] above = up.levels().row(Role.FORCE);
            double[] below = down.levels().row(Role.FORCE);
            for (int k = 0; k < gradient.length; k++) {
                // Costs and forces are means over lanes, whose signs are their own: their product is one
                // lane\'s share of the mean.
                gradient[k] -= lanes * card.betaUnit() * change * (above[k] - below[k]) / (4 * scale) / settings.pairs;
            }
        }
        int exchanges = 1 + 2 * settings.pairs;
        if (!quality.locked() || !quality.held()) {
            return new Step(before, outputs, parameters.theta().clone(), quality, exchanges, false);
        }
        parameters.move(gradient, card.channels(Role.PARAMETER));
        return new Step(before, outputs, parameters.theta().clone(), quality, exchanges, true);
    }

    private double size(Channel nudge) {
        double reach = Math.min(nudge.max(), -nudge.min());
        return Math.min(reach, settings.push * (nudge.max() - nudge.min()));
    }

    private Stimulus pushed(double[][] force) {
        return Stimulus.of(Levels.NONE)
                .settling(settings.settling)
                .nudged(new Nudge.Force(Levels.of(Role.NUDGE, force)));
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
        out.writeLong(patterns);
        parameters.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        patterns = in.readLong();
        parameters.restore(in);
    }
}
