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
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;

/**
 * Learning from outputs alone: all parameters are perturbed at once by a known pattern of signs, and each is credited with
 * the part of the cost's change that follows its own signs. It needs no nudge and no physics, and pays for it in
 * exchanges; it is the floor that every device supports.
 *
 * <p>Parameters are measured in parts of their range, and the estimated gradient by its own running size, so that {@code
 * rate} is the root-mean-square move of a parameter in one step, in parts of its range, on every device.
 */
public final class ZeroOrder implements Learner {

    /** Which signs are tried. */
    public enum Code {
        /** Random signs and their opposites (Spall 1992): relative error about sqrt(parameters / pairs). */
        RANDOM("spsa"),
        /** The columns of a Hadamard matrix: every exchange tells something of every parameter, exact to second order. */
        HADAMARD("hadamard");

        private final String word;

        Code(String word) {
            this.word = word;
        }
    }

    /**
     * How to learn.
     *
     * @param perturbation how far parameters are moved to see what happens, in parts of their range
     * @param pairs how many random patterns make one estimate; ignored by {@link Code#HADAMARD}
     * @param rate the root-mean-square move of a parameter in one step, in parts of its range
     * @param decay the factor on the rate after each epoch
     * @param settling when to read, and how often
     * @param seed where the random signs start
     */
    public record Settings(
            Code code, double perturbation, int pairs, double rate, double decay, Settling settling, long seed) {
        public Settings {
            if (!(perturbation > 0 && perturbation < 0.5) || pairs < 1 || !(rate > 0) || !(decay > 0 && decay <= 1)) {
                throw new IllegalArgumentException(
                        "perturbation must lie in 0 .. 0.5, pairs be 1 or more, rate above 0 "
                                + "and decay in 0 .. 1, not " + perturbation + ", " + pairs + ", " + rate + ", "
                                + decay);
            }
        }
    }

    /** How long the running size of the gradient remembers, in steps. */
    private static final double MEMORY = 0.9;

    private final Settings settings;
    private final Cost cost;
    private double[] theta = new double[0];
    private double size;
    private double rate;
    private long steps;

    public ZeroOrder(Settings settings, Cost cost) {
        this.settings = settings;
        this.cost = cost;
        rate = settings.rate;
    }

    @Override
    public String name() {
        return settings.code.word;
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
    public Step step(Device device, Example example, Deadline deadline) {
        List<Channel> channels = device.descriptor().channels(Role.PARAMETER);
        Stimulus held = Stimulus.of(example.inputs()).settling(settings.settling);
        Response free;
        if (theta.length == 0) {
            free = device.present(held, deadline);
            theta = free.parameters();
        } else {
            free = device.present(at(held, theta), deadline);
        }
        Probing probing = new Probing(device, held, example, deadline, free.quality());
        double[] gradient = settings.code == Code.HADAMARD ? hadamard(probing, channels) : random(probing, channels);

        double squares = 0;
        for (double g : gradient) {
            squares += g * g;
        }
        double now = Math.sqrt(squares / gradient.length);
        size = steps == 0 ? now : MEMORY * size + (1 - MEMORY) * now;
        steps++;
        for (int k = 0; k < theta.length && size > 0; k++) {
            Channel channel = channels.get(k);
            double range = channel.max() - channel.min();
            theta[k] = Math.clamp(theta[k] - rate * range * gradient[k] / size, channel.min(), channel.max());
        }
        return new Step(
                example.cost(cost, free),
                example.outputs(free),
                theta.clone(),
                probing.quality,
                probing.exchanges + 1,
                true);
    }

    /** g = mean over patterns r of r (C(theta + d r) - C(theta - d r)) / (2 d), in costs per part of the range. */
    private double[] random(Probing probing, List<Channel> channels) {
        SplittableRandom signs = new SplittableRandom(settings.seed ^ (steps * 0x9E3779B97F4A7C15L));
        double[] gradient = new double[theta.length];
        double[] pattern = new double[theta.length];
        for (int pair = 0; pair < settings.pairs; pair++) {
            for (int k = 0; k < pattern.length; k++) {
                pattern[k] = signs.nextBoolean() ? 1 : -1;
            }
            double up = probing.cost(moved(pattern, settings.perturbation, channels));
            double down = probing.cost(moved(pattern, -settings.perturbation, channels));
            for (int k = 0; k < gradient.length; k++) {
                gradient[k] += pattern[k] * (up - down) / (2 * settings.perturbation) / settings.pairs;
            }
        }
        return gradient;
    }

    /** g = S' C / (N d), with S the sign columns 1 .. P of a Hadamard matrix of size N >= P + 1. */
    private double[] hadamard(Probing probing, List<Channel> channels) {
        int n = Integer.highestOneBit(theta.length) << 1;
        double[] gradient = new double[theta.length];
        double[] pattern = new double[theta.length];
        for (int row = 0; row < n; row++) {
            for (int k = 0; k < pattern.length; k++) {
                // Sylvester's matrix: the sign is the parity of the bits that row and column share. Column 0 is all
                // ones.
                pattern[k] = (Integer.bitCount(row & (k + 1)) & 1) == 0 ? 1 : -1;
            }
            double seen = probing.cost(moved(pattern, settings.perturbation, channels));
            for (int k = 0; k < gradient.length; k++) {
                gradient[k] += pattern[k] * seen / (n * settings.perturbation);
            }
        }
        return gradient;
    }

    private double[] moved(double[] pattern, double by, List<Channel> channels) {
        double[] moved = new double[theta.length];
        for (int k = 0; k < moved.length; k++) {
            Channel channel = channels.get(k);
            double range = channel.max() - channel.min();
            moved[k] = Math.clamp(theta[k] + by * range * pattern[k], channel.min(), channel.max());
        }
        return moved;
    }

    private static Stimulus at(Stimulus held, double[] parameters) {
        return held.with(held.levels().and(Levels.of(Role.PARAMETER, parameters)));
    }

    /** Measures costs at parameters, and remembers what that took. */
    private final class Probing {
        private final Device device;
        private final Stimulus held;
        private final Example example;
        private final Deadline deadline;
        private Quality quality;
        private int exchanges;

        Probing(Device device, Stimulus held, Example example, Deadline deadline, Quality quality) {
            this.device = device;
            this.held = held;
            this.example = example;
            this.deadline = deadline;
            this.quality = quality;
        }

        double cost(double[] parameters) {
            Response response = device.present(at(held, parameters), deadline);
            exchanges++;
            quality = quality.worst(response.quality());
            return example.cost(cost, response);
        }
    }

    @Override
    public void moved() {
        theta = new double[0];
    }

    @Override
    public double[] rates(Descriptor card) {
        double[] rates = new double[card.count(Role.PARAMETER)];
        for (int k = 0; k < rates.length; k++) {
            Channel channel = card.channels(Role.PARAMETER).get(k);
            double range = channel.max() - channel.min();
            // Costs here are in outputs squared; an energy is betaUnit times that.
            rates[k] = size > 0 ? rate * range * range / size / card.betaUnit() : 0;
        }
        return rates;
    }

    @Override
    public void epochEnded() {
        rate *= settings.decay;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeDouble(size);
        out.writeDouble(rate);
        out.writeLong(steps);
        out.writeInt(theta.length);
        for (double value : theta) {
            out.writeDouble(value);
        }
    }

    @Override
    public void restore(DataInput in) throws IOException {
        size = in.readDouble();
        rate = in.readDouble();
        steps = in.readLong();
        theta = new double[in.readInt()];
        for (int k = 0; k < theta.length; k++) {
            theta[k] = in.readDouble();
        }
    }
}
