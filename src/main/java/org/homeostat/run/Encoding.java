package org.homeostat.run;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Example;
import org.homeostat.run.Dataset.Answers;
import org.homeostat.run.Teaching.Scaling;

/**
 * How a row of a data set becomes levels, and how outputs become an answer. Fitted on training rows alone.
 *
 * @param features the names of the features, in the order of the input channels
 * @param mean what stands at level 0 of each feature: its mean, where it is standardised
 * @param spread how far from there it stands at the level {@code amplitude}: its standard deviation, where it is
 *     standardised; 1 for one that never changes
 * @param amplitude the input level of a feature one spread above, in the unit of the inputs
 * @param classes the names of the classes in the order of the outputs; empty for numbers. Two classes on a board with one
 *     output share it: high means the second
 * @param high the target of the output of the right class, in the terms of the cost
 * @param low the target of the outputs of the wrong classes
 * @param numberMean the mean of each number to be learned; one 0 for classes
 * @param numberSpread the standard deviation of each; one 1 for classes
 * @param numberLevel the output level that stands for one standard deviation above the mean
 */
public record Encoding(
        List<String> features,
        double[] mean,
        double[] spread,
        double amplitude,
        List<String> classes,
        double high,
        double low,
        double[] numberMean,
        double[] numberSpread,
        double numberLevel) {

    /** Where features and numbers stand in levels. */
    record Scales(double[] mean, double[] spread) {}

    /** An encoding that standardises features; see {@link #fit(Dataset, Descriptor, Scaling, double, double, Cost)}. */
    public static Encoding fit(Dataset train, Descriptor card, double amplitude, double swing, Cost cost) {
        return fit(train, card, Scaling.STANDARDISED, amplitude, swing, cost);
    }

    /**
     * Fits an encoding.
     *
     * @param amplitude the input level of a feature one spread above level 0; without meaning for values as they are
     * @param swing the distance between the targets of right and wrong, in the unit of the outputs; two standard
     *     deviations of a number
     * @throws BadInput if the device has too few channels, or values that are levels as they are lie outside their channel
     */
    public static Encoding fit(
            Dataset train, Descriptor card, Scaling scaling, double amplitude, double swing, Cost cost) {
        int features = train.features().size();
        if (features > card.count(Role.INPUT)) {
            throw new BadInput(train.name() + " has " + features + " features, board " + card.board() + " has "
                    + card.count(Role.INPUT) + " inputs; choose a device with more inputs, for a twin by ?inputs="
                    + features);
        }
        boolean probabilities = cost instanceof Cost.CrossEntropy;
        boolean shared = train.answers() instanceof Answers.Labels
                && train.outputs() == 2
                && card.count(Role.OUTPUT) == 1
                && !probabilities;
        if (train.outputs() > card.count(Role.OUTPUT) && !shared) {
            throw new BadInput(train.name() + " needs " + train.outputs() + " outputs, board " + card.board() + " has "
                    + card.count(Role.OUTPUT) + "; choose a device with more outputs, for a twin by ?outputs="
                    + train.outputs());
        }
        boolean asIs = scaling == Scaling.AS_IS;
        Scales inputs = inputs(train, card, scaling);
        double high = probabilities ? 1 : swing / 2;
        double low = probabilities ? 0 : -swing / 2;
        Encoding encoding = switch (train.answers()) {
            case Answers.Labels labels ->
                new Encoding(
                        train.features(),
                        inputs.mean,
                        inputs.spread,
                        asIs ? 1 : amplitude,
                        labels.classes(),
                        high,
                        low,
                        new double[] {0},
                        new double[] {1},
                        0);
            case Answers.Numbers numbers -> {
                Scales answers = asIs ? unscaled(train.outputs()) : standardised(numbers.values());
                yield new Encoding(
                        train.features(),
                        inputs.mean,
                        inputs.spread,
                        asIs ? 1 : amplitude,
                        List.of(),
                        0,
                        0,
                        answers.mean,
                        answers.spread,
                        asIs ? 1 : swing / 2);
            }
        };
        if (asIs) {
            requireWithin(train, card);
        }
        return encoding;
    }

    /**
     * Refuses values that are to be levels as they are, but lie outside the range of their channel: clipped, they would be
     * others.
     *
     * @throws BadInput if there is such a value, naming row and column
     */
    public static void requireWithin(Dataset data, Descriptor card) {
        requireWithin(data.name(), data.rows(), data.features(), card.channels(Role.INPUT));
        if (data.answers() instanceof Answers.Numbers numbers) {
            requireWithin(data.name(), numbers.values(), numbers.names(), card.channels(Role.OUTPUT));
        }
    }

    /** Refuses rows of which a value lies outside the range of its channel. */
    public static void requireWithin(String name, Rows rows, List<String> columns, List<Channel> channels) {
        double[] values = new double[rows.width()];
        for (int row = 0; row < rows.size(); row++) {
            rows.read(row, values);
            for (int c = 0; c < values.length; c++) {
                Channel channel = channels.get(c);
                if (!(values[c] >= channel.min() && values[c] <= channel.max())) {
                    throw new BadInput(name + ": in a row '" + columns.get(c) + "' is " + values[c] + ", channel "
                            + channel.name() + " takes " + channel.min() + " to " + channel.max() + " "
                            + channel.unit() + "; with 'encoding: as_is' values are levels, so scale them, or choose"
                            + " 'encoding: range'");
                }
            }
        }
    }

    private static Scales inputs(Dataset train, Descriptor card, Scaling scaling) {
        Rows rows = train.rows();
        int features = train.features().size();
        return switch (scaling) {
            case STANDARDISED -> standardised(rows);
            case AS_IS -> unscaled(features);
            case RANGE, COMMON_RANGE -> {
                double[] least = new double[features];
                double[] most = new double[features];
                Arrays.fill(least, Double.POSITIVE_INFINITY);
                Arrays.fill(most, Double.NEGATIVE_INFINITY);
                double[] values = new double[features];
                for (int row = 0; row < rows.size(); row++) {
                    rows.read(row, values);
                    for (int c = 0; c < features; c++) {
                        least[c] = Math.min(least[c], values[c]);
                        most[c] = Math.max(most[c], values[c]);
                    }
                }
                if (scaling == Scaling.COMMON_RANGE) {
                    Arrays.fill(least, Arrays.stream(least).min().orElse(0));
                    Arrays.fill(most, Arrays.stream(most).max().orElse(1));
                }
                double[] mean = new double[features];
                double[] spread = new double[features];
                for (int c = 0; c < features; c++) {
                    boolean upwards = card.channels(Role.INPUT).get(c).min() >= 0;
                    mean[c] = upwards ? least[c] : (least[c] + most[c]) / 2;
                    double width = upwards ? most[c] - least[c] : (most[c] - least[c]) / 2;
                    spread[c] = width > 0 ? width : 1;
                }
                yield new Scales(mean, spread);
            }
        };
    }

    private static Scales unscaled(int columns) {
        double[] ones = new double[columns];
        Arrays.fill(ones, 1);
        return new Scales(new double[columns], ones);
    }

    /**
     * The mean and the standard deviation of each column, by going through the rows twice: about a mean known beforehand
     * squares do not cancel.
     */
    static Scales standardised(Rows rows) {
        double[] mean = means(rows);
        double[] spread = new double[mean.length];
        double[] values = new double[mean.length];
        for (int row = 0; row < rows.size(); row++) {
            rows.read(row, values);
            for (int c = 0; c < values.length; c++) {
                spread[c] += (values[c] - mean[c]) * (values[c] - mean[c]);
            }
        }
        for (int c = 0; c < spread.length; c++) {
            double deviation = Math.sqrt(spread[c] / rows.size());
            spread[c] = deviation > 1e-12 * (1 + Math.abs(mean[c])) ? deviation : 1;
        }
        return new Scales(mean, spread);
    }

    /** The mean of each column; 0 without rows. */
    static double[] means(Rows rows) {
        DoubleSummaryStatistics[] columns = new DoubleSummaryStatistics[rows.width()];
        Arrays.setAll(columns, c -> new DoubleSummaryStatistics());
        double[] values = new double[columns.length];
        for (int row = 0; row < rows.size(); row++) {
            rows.read(row, values);
            for (int c = 0; c < values.length; c++) {
                columns[c].accept(values[c]);
            }
        }
        return Arrays.stream(columns)
                .mapToDouble(DoubleSummaryStatistics::getAverage)
                .toArray();
    }

    /** The input levels of rows, one a lane; channels without a feature rest at their safe level. */
    public Levels inputs(Rows rows, int[] positions, Descriptor card) {
        List<Channel> channels = card.channels(Role.INPUT);
        if (rows.width() > channels.size()) {
            throw new BadInput("rows of " + rows.width() + " features, but board " + card.board() + " has "
                    + channels.size() + " inputs; choose a device with more inputs");
        }
        double[][] levels = new double[positions.length][channels.size()];
        for (int lane = 0; lane < positions.length; lane++) {
            double[] level = levels[lane];
            rows.read(positions[lane], level);
            for (int i = 0; i < level.length; i++) {
                Channel channel = channels.get(i);
                level[i] = i < mean.length
                        ? Math.clamp(amplitude * (level[i] - mean[i]) / spread[i], channel.min(), channel.max())
                        : channel.safe();
            }
        }
        return Levels.of(Role.INPUT, levels);
    }

    /** Rows of a data set as an example, one a lane. */
    public Example example(Dataset data, int[] positions, Descriptor card) {
        double[][] targets = new double[positions.length][];
        for (int lane = 0; lane < positions.length; lane++) {
            targets[lane] = target(data.answers(), positions[lane], card.count(Role.OUTPUT));
        }
        return new Example(inputs(data.rows(), positions, card), targets);
    }

    /** The targets of one row, one an output; {@link Cost#ANY} for outputs that the answer does not use. */
    public double[] target(Answers answers, int row, int outputs) {
        double[] target = new double[outputs];
        Arrays.fill(target, Cost.ANY);
        switch (answers) {
            case Answers.Labels labels
            when outputs < classes.size() ->
                target[0] = classes.indexOf(labels.classes().get(labels.label()[row])) == 1 ? high : low;
            case Answers.Labels labels -> {
                Arrays.fill(target, 0, classes.size(), low);
                target[classes.indexOf(labels.classes().get(labels.label()[row]))] = high;
            }
            case Answers.Numbers numbers -> {
                numbers.values().read(row, target);
                for (int k = 0; k < numberMean.length; k++) {
                    target[k] = numberLevel * (target[k] - numberMean[k]) / numberSpread[k];
                }
            }
        }
        return target;
    }

    /** True if this encodes classes. */
    public boolean classifies() {
        return !classes.isEmpty();
    }

    /** The position of the class that the outputs name: the highest of them; of one for two, the nearer target. */
    public int winner(double[] outputs) {
        if (outputs.length < classes.size()) {
            return outputs[0] > (high + low) / 2 ? 1 : 0;
        }
        int best = 0;
        for (int k = 1; k < classes.size(); k++) {
            best = outputs[k] > outputs[best] ? k : best;
        }
        return best;
    }

    /** The numbers that the outputs stand for. */
    public double[] numbers(double[] outputs) {
        double[] numbers = new double[numberMean.length];
        for (int k = 0; k < numbers.length; k++) {
            numbers[k] = numberMean[k] + outputs[k] / numberLevel * numberSpread[k];
        }
        return numbers;
    }

    /** True if the outputs name the right class of a row; false for numbers. */
    public boolean right(double[] outputs, Answers answers, int row) {
        return answers instanceof Answers.Labels labels
                && classes.get(winner(outputs)).equals(labels.classes().get(labels.label()[row]));
    }
}
