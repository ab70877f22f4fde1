package org.homeostat.learn;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
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
import org.homeostat.device.Nudge.Ramp;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;

/**
 * Contrastive learning with implicit memory (Falk, Strupp, Scellier, Murugan, arXiv 2312.17723). The driver only drives: it
 * asks without a nudge, then lets the nudge rise fast and fall slowly, a sawtooth, with the parameters free. The device
 * learns by itself, as its synapses answer fast changes and not slow ones; nothing is read of them, nothing is compared
 * here, and how far they move is the device's own affair.
 *
 * <p>The fast way always leads towards the target: from 0 to beta with the slow way after it, or from -beta to 0 with the
 * slow way before it, drawn anew for each step.
 */
public final class SawtoothMemory implements Learner {

    /** Its name in commands and files. */
    public static final String NAME = "sawtooth-memory";

    /** How much slower the nudge falls than it rises: changes between a threshold and so many times it are learned. */
    private static final double SLOWER = 30;

    /**
     * How to learn.
     *
     * @param beta how far the nudge goes, a pure number in the device's {@code betaUnit}
     * @param settling when to read the prediction, and how often
     * @param seed draws the side of each step
     */
    public record Settings(double beta, Settling settling, long seed) {
        public Settings {
            if (!(beta > 0) || Double.isInfinite(beta)) {
                throw new IllegalArgumentException("beta must be above 0, not " + beta);
            }
        }
    }

    private final Settings settings;
    private final Cost cost;
    private long steps;

    public SawtoothMemory(Settings settings, Cost cost) {
        if (!(cost instanceof Cost.SquaredError)) {
            throw new IllegalArgumentException("a sawtooth pulls like the squared error and like no other cost");
        }
        this.settings = settings;
        this.cost = cost;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<Ability> needs() {
        return EnumSet.of(Ability.PLASTICITY);
    }

    @Override
    public Cost cost() {
        return cost;
    }

    @Override
    public void require(Descriptor card) {
        Learner.super.require(card);
        if (!card.realises(Nudge.Kind.RAMP)) {
            throw new IllegalArgumentException("learner " + NAME + " changes the nudge steadily; board " + card.board()
                    + " realises only " + card.nudges());
        }
    }

    @Override
    public Step step(Device device, Example example, Deadline deadline) {
        Descriptor card = device.descriptor();
        Response free = device.present(card.question(example.inputs()).settling(settings.settling), deadline);
        double[][] outputs = example.outputs(free);
        double[][] towards = new double[outputs.length][];
        for (int lane = 0; lane < outputs.length; lane++) {
            towards[lane] = example.targets()[lane].clone();
            for (int k = 0; k < towards[lane].length; k++) {
                // An output that is not asked for is tied to where it stands.
                Channel channel = card.channels(Role.OUTPUT).get(k);
                double target = Double.isNaN(towards[lane][k]) ? outputs[lane][k] : towards[lane][k];
                towards[lane][k] = Math.clamp(target, channel.min(), channel.max());
            }
        }
        Levels target = Levels.of(Role.OUTPUT, towards);
        double rise = card.settleSeconds();
        boolean positive = new SplittableRandom(settings.seed * 0x9E3779B97F4A7C15L + steps).nextBoolean();
        List<Ramp> ramps = positive
                ? List.of(new Ramp(0, settings.beta, rise, target), new Ramp(settings.beta, 0, SLOWER * rise, target))
                : List.of(
                        new Ramp(0, -settings.beta, SLOWER * rise, target), new Ramp(-settings.beta, 0, rise, target));
        Stimulus asked = Stimulus.of(Levels.NONE).when(Plasticity.FREE).settling(settings.settling);
        List<Response> responses =
                device.presentAll(ramps.stream().map(ramp -> asked.nudged(ramp)).toList(), deadline);
        steps++;
        Quality quality = free.quality();
        for (Response response : responses) {
            quality = quality.worst(response.quality());
        }
        return new Step(
                example.cost(cost, free),
                outputs,
                responses.getLast().parameters(),
                quality,
                1 + responses.size(),
                true);
    }

    /** Not a number each: only the device knows how far it moves. */
    @Override
    public double[] rates(Descriptor card) {
        double[] rates = new double[card.count(Role.PARAMETER)];
        Arrays.fill(rates, Double.NaN);
        return rates;
    }

    @Override
    public void epochEnded() {}

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(steps);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        steps = in.readLong();
    }
}
