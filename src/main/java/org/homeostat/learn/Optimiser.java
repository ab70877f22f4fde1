package org.homeostat.learn;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.homeostat.device.Channel;
import org.homeostat.device.Restorable;

/** Makes a move of a gradient, for all rules that write parameters. Moves stay inside the ranges of the channels. */
public final class Optimiser implements Restorable {

    /** The kinds. */
    public enum Kind {
        /** Down the gradient. */
        SGD,
        /** Down the gradient, with a part of the last move (Polyak's heavy ball). */
        MOMENTUM,
        /** Down the gradient in units of its own running size (Kingma and Ba, arXiv 1412.6980, algorithm 1). */
        ADAM,
        /** Adam that remembers nothing (both its memories 0): every parameter moves by the rate, whatever its gradient. */
        SIGN
    }

    /** How the rate changes from epoch to epoch. */
    public enum Schedule {
        /** By the same factor each time. */
        DECAY,
        /** Along half a cosine from its full height to 0. */
        COSINE
    }

    /**
     * How to move.
     *
     * @param rate a parameter's move, in its unit, per unit of gradient; for {@link Kind#ADAM} the size of a move
     * @param factors factors on the rate by the {@linkplain Channel#stem() stem} of a parameter's name
     * @param momentum the part of the last move that is kept, for {@link Kind#MOMENTUM}
     * @param weightDecay how strongly parameters are drawn to 0: added to the gradient per unit of the parameter
     * @param decay the factor on the rate after each epoch, for {@link Schedule#DECAY}
     * @param horizon the epochs after which {@link Schedule#COSINE} has run out
     */
    public record Settings(
            Kind kind,
            double rate,
            Map<String, Double> factors,
            double momentum,
            double weightDecay,
            Schedule schedule,
            double decay,
            int horizon) {

        /** Plain descent at a fixed rate. */
        public static Settings sgd(double rate) {
            return new Settings(Kind.SGD, rate, Map.of(), 0, 0, Schedule.DECAY, 1, 1);
        }
    }

    private static final double FIRST_MEMORY = 0.9;
    private static final double SECOND_MEMORY = 0.999;
    private static final double LEAST = 1e-8;

    private final Settings settings;
    private double[] factor = new double[0];
    private double[] first = new double[0];
    private double[] second = new double[0];
    private long steps;
    private long epochs;

    public Optimiser(Settings settings) {
        this.settings = settings;
    }

    /** How far each parameter moves now per unit of its gradient; for {@link Kind#ADAM} per unit of its running size. */
    public double[] rates(List<Channel> channels) {
        learn(channels);
        double[] rates = factor.clone();
        for (int k = 0; k < rates.length; k++) {
            rates[k] *= scheduled();
        }
        return rates;
    }

    private double scheduled() {
        return switch (settings.schedule) {
            case DECAY -> settings.rate * Math.pow(settings.decay, epochs);
            case COSINE ->
                settings.rate * 0.5 * (1 + Math.cos(Math.PI * Math.min(epochs, settings.horizon) / settings.horizon));
        };
    }

    private void learn(List<Channel> channels) {
        if (factor.length != channels.size()) {
            factor = channels.stream()
                    .mapToDouble(channel -> settings.factors.getOrDefault(channel.stem(), 1.0))
                    .toArray();
        }
    }

    /** Moves {@code theta} in place, by one step down a gradient. */
    public void move(double[] theta, double[] gradient, List<Channel> channels) {
        learn(channels);
        if ((settings.kind == Kind.MOMENTUM || settings.kind == Kind.ADAM) && first.length != theta.length) {
            first = new double[theta.length];
            second = new double[settings.kind == Kind.ADAM ? theta.length : 0];
        }
        steps++;
        double rate = scheduled();
        double firstWhole = 1 - Math.pow(FIRST_MEMORY, steps);
        double secondWhole = 1 - Math.pow(SECOND_MEMORY, steps);
        for (int k = 0; k < theta.length; k++) {
            double g = gradient[k] + settings.weightDecay * theta[k];
            double move = switch (settings.kind) {
                case SGD -> g;
                case SIGN -> g / (Math.abs(g) + LEAST);
                case MOMENTUM -> first[k] = settings.momentum * first[k] + g;
                case ADAM -> {
                    first[k] = FIRST_MEMORY * first[k] + (1 - FIRST_MEMORY) * g;
                    second[k] = SECOND_MEMORY * second[k] + (1 - SECOND_MEMORY) * g * g;
                    yield first[k] / firstWhole / (Math.sqrt(second[k] / secondWhole) + LEAST);
                }
            };
            Channel channel = channels.get(k);
            theta[k] = Math.clamp(theta[k] - rate * factor[k] * move, channel.min(), channel.max());
        }
    }

    /** Tells that all examples have been seen once more. */
    public void epochEnded() {
        epochs++;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(steps);
        out.writeLong(epochs);
        save(first, out);
        save(second, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        steps = in.readLong();
        epochs = in.readLong();
        first = restored(in);
        second = restored(in);
    }

    private static void save(double[] values, DataOutput out) throws IOException {
        out.writeInt(values.length);
        for (double value : values) {
            out.writeDouble(value);
        }
    }

    private static double[] restored(DataInput in) throws IOException {
        double[] values = new double[in.readInt()];
        for (int k = 0; k < values.length; k++) {
            values[k] = in.readDouble();
        }
        return values;
    }
}
