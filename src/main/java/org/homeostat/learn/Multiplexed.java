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
 * Multiplexed gradient descent, discrete (McCaughan et al. 2023): the parameters are perturbed by a code in time, and what
 * the cost changes by is credited to each parameter in proportion to its own perturbation,
 *
 * <pre>   C~(t) = C(theta + p(t)) - C(theta),   g_k = sum_t C~(t) p_k(t) / sum_t p_k(t)^2.</pre>
 *
 * The code decides what it is: one parameter after the other is finite differences, random signs are the one-sided kind of
 * simultaneous perturbation, Walsh functions and sinusoids keep the parameters apart exactly over a whole period. It needs no
 * nudge and no physics; the price is one exchange a perturbation. {@link ZeroOrder} has the two-sided kinds.
 *
 * <p>The code's clock ticks once an exchange; example and parameters change together, once a step.
 */
public final class Multiplexed implements Learner {

    /** How parameters are told apart. */
    public enum Code {
        /** One parameter after the other: forward differences, exact to first order in the perturbation. */
        COORDINATES("finite-differences"),
        /** Random signs. */
        RANDOM("mgd"),
        /** Walsh functions: the columns of a Hadamard matrix but the first. */
        WALSH("mgd-walsh"),
        /** Sinusoids of different frequencies, as a lock-in amplifier would. */
        SINUSOIDS("mgd-sinusoids");

        private final String word;

        Code(String word) {
            this.word = word;
        }

        /** Its name in commands and files. */
        public String word() {
            return word;
        }
    }

    /**
     * How to learn.
     *
     * @param perturbation how far parameters are moved to see what happens, in parts of their range
     * @param perturbations how many perturbations make one step; {@link Code#COORDINATES} takes one a parameter whatever this is
     * @param settling when to read, and how often
     * @param seed where random signs start
     */
    public record Settings(
            Code code,
            double perturbation,
            int perturbations,
            Settling settling,
            Optimiser.Settings optimising,
            long seed) {
        public Settings {
            if (!(perturbation > 0 && perturbation < 0.5) || perturbations < 1) {
                throw new IllegalArgumentException(
                        "perturbation must lie in 0 .. 0.5 and perturbations be 1 or more, not " + perturbation
                                + " and " + perturbations);
            }
        }
    }

    private final Settings settings;
    private final Cost cost;
    private final Parameters parameters;
    private long ticks;

    public Multiplexed(Settings settings, Cost cost) {
        this.settings = settings;
        this.cost = cost;
        parameters = new Parameters(settings.optimising);
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
        Descriptor card = device.descriptor();
        List<Channel> channels = card.channels(Role.PARAMETER);
        Stimulus question = card.question(example.inputs()).settling(settings.settling);
        Response free = parameters.ask(device, example, settings.settling, deadline);
        double[] theta = parameters.theta();
        double before = example.cost(cost, free);
        Quality quality = free.quality();
        int count = settings.code == Code.COORDINATES ? theta.length : settings.perturbations;
        // Whatever comes of it, the last of them leaves the device elsewhere.
        parameters.astray();
        double[] credit = new double[theta.length];
        double[] squares = new double[theta.length];
        double[] moved = new double[theta.length];
        for (int i = 0; i < count; i++) {
            perturb(theta, moved, channels);
            ticks++;
            Response response = device.present(at(question, moved), deadline);
            quality = quality.worst(response.quality());
            double change = example.cost(cost, response) - before;
            for (int k = 0; k < theta.length; k++) {
                double p = moved[k] - theta[k];
                credit[k] += change * p;
                squares[k] += p * p;
            }
        }
        double[][] outputs = example.outputs(free);
        if (!quality.locked() || !quality.held()) {
            return new Step(before, outputs, parameters.theta().clone(), quality, count + 1, false);
        }
        for (int k = 0; k < credit.length; k++) {
            credit[k] = squares[k] > 0 ? credit[k] / squares[k] : 0;
        }
        parameters.move(credit, channels);
        return new Step(before, outputs, parameters.theta().clone(), quality, count + 1, true);
    }

    /** Writes where the parameters are now moved to into {@code moved}. */
    private void perturb(double[] theta, double[] moved, List<Channel> channels) {
        int n = theta.length;
        SplittableRandom signs = new SplittableRandom(settings.seed ^ ticks * 0x9E3779B97F4A7C15L);
        int period = Integer.highestOneBit(n) << 1;
        for (int k = 0; k < n; k++) {
            double part = switch (settings.code) {
                case COORDINATES -> ticks % n == k ? 1 : 0;
                case RANDOM -> signs.nextBoolean() ? 1 : -1;
                case WALSH -> (Long.bitCount(ticks % period & (k + 1)) & 1) == 0 ? 1 : -1;
                // Below the highest frequency that ticks can tell, so that all are orthogonal over a period of 2 n + 2.
                case SINUSOIDS -> Math.sqrt(2) * Math.sin(Math.PI * (k + 1) * (ticks % (2L * n + 2)) / (n + 1));
            };
            Channel channel = channels.get(k);
            double by = part * settings.perturbation * (channel.max() - channel.min());
            // At the end of its range a parameter is moved the other way.
            double there = theta[k] + by;
            moved[k] = Math.clamp(
                    there > channel.max() || there < channel.min() ? theta[k] - by : there,
                    channel.min(),
                    channel.max());
        }
    }

    private static Stimulus at(Stimulus question, double[] parameters) {
        return question.with(question.levels().and(Levels.of(Role.PARAMETER, parameters)));
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
        out.writeLong(ticks);
        parameters.save(out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        ticks = in.readLong();
        parameters.restore(in);
    }
}
