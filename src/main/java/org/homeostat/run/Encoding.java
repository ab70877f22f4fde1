package org.homeostat.run;

import java.util.Arrays;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Example;
import org.homeostat.run.Dataset.Answers;

/**
 * How a row of a data set becomes levels, and how outputs become an answer. Fitted on training rows alone.
 *
 * @param features the names of the features, in the order of the input channels
 * @param mean the mean of each feature
 * @param spread the standard deviation of each feature; 1 for one that never changes
 * @param amplitude the input level of a feature one standard deviation above its mean, in the unit of the inputs
 * @param classes the names of the classes in the order of the outputs; empty for a number
 * @param high the target of the output of the right class, in the terms of the cost
 * @param low the target of the outputs of the wrong classes
 * @param numberMean the mean of the number to be learned
 * @param numberSpread its standard deviation
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
        double numberMean,
        double numberSpread,
        double numberLevel) {

    /**
     * Fits an encoding.
     *
     * @param swing the distance between the targets of right and wrong, in the unit of the outputs; two standard
     *     deviations of a number
     * @throws BadInput if the device has too few channels
     */
    public static Encoding fit(Dataset train, Descriptor card, double amplitude, double swing, Cost cost) {
        int features = train.features().size();
        if (features > card.count(Role.INPUT)) {
            throw new BadInput(train.name() + " has " + features + " features, board " + card.board() + " has "
                    + card.count(Role.INPUT) + " inputs; choose a device with more inputs, for a twin by ?inputs="
                    + features);
        }
        boolean probabilities = cost instanceof Cost.CrossEntropy;
        boolean sign = train.outputs() == 2 && card.count(Role.OUTPUT) == 1 && !probabilities;
        if (train.outputs() > card.count(Role.OUTPUT) && !sign) {
            throw new BadInput(train.name() + " needs " + train.outputs() + " outputs, board " + card.board() + " has "
                    + card.count(Role.OUTPUT) + "; choose a device with more outputs, for a twin by ?outputs="
                    + train.outputs());
        }
        double[] mean = new double[features];
        double[] spread = new double[features];
        for (int c = 0; c < features; c++) {
            int column = c;
            double[] values =
                    Arrays.stream(train.rows()).mapToDouble(row -> row[column]).toArray();
            mean[c] = Arrays.stream(values).average().orElse(0);
            spread[c] = deviation(values, mean[c]);
        }
        double high = probabilities ? 1 : swing / 2;
        double low = probabilities ? 0 : -swing / 2;
        return switch (train.answers()) {
            case Answers.Labels labels ->
                new Encoding(train.features(), mean, spread, amplitude, labels.classes(), high, low, 0, 1, 0);
            case Answers.Numbers numbers -> {
                double average = Arrays.stream(numbers.value()).average().orElse(0);
                yield new Encoding(
                        train.features(),
                        mean,
                        spread,
                        amplitude,
                        List.of(),
                        0,
                        0,
                        average,
                        deviation(numbers.value(), average),
                        swing / 2);
            }
        };
    }

    private static double deviation(double[] values, double mean) {
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        double deviation = Math.sqrt(squares / values.length);
        return deviation > 1e-12 * (1 + Math.abs(mean)) ? deviation : 1;
    }

    /** The input levels of rows, one a lane; channels without a feature rest at their safe level. */
    public Levels inputs(double[][] rows, Descriptor card) {
        List<Channel> channels = card.channels(Role.INPUT);
        double[][] levels = new double[rows.length][channels.size()];
        for (int lane = 0; lane < rows.length; lane++) {
            for (int i = 0; i < channels.size(); i++) {
                Channel channel = channels.get(i);
                levels[lane][i] = i < mean.length
                        ? Math.clamp(amplitude * (rows[lane][i] - mean[i]) / spread[i], channel.min(), channel.max())
                        : channel.safe();
            }
        }
        return Levels.of(Role.INPUT, levels);
    }

    /** Rows of a data set as an example, one a lane. */
    public Example example(Dataset data, int[] positions, Descriptor card) {
        double[][] rows = new double[positions.length][];
        double[][] targets = new double[positions.length][];
        for (int lane = 0; lane < positions.length; lane++) {
            rows[lane] = data.rows()[positions[lane]];
            targets[lane] = target(data.answers(), positions[lane], card.count(Role.OUTPUT));
        }
        return new Example(inputs(rows, card), targets);
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
            case Answers.Numbers numbers ->
                target[0] = numberLevel * (numbers.value()[row] - numberMean) / numberSpread;
        }
        return target;
    }

    /** True if this encodes classes. */
    public boolean classifies() {
        return !classes.isEmpty();
    }

    /** The position of the class that the outputs name: the highest of them; of a single one, its sign tells two classes. */
    public int winner(double[] outputs) {
        if (outputs.length < classes.size()) {
            return outputs[0] > 0.5 * (high + low) ? 1 : 0;
        }
        int best = 0;
        for (int k = 1; k < classes.size(); k++) {
            best = outputs[k] > outputs[best] ? k : best;
        }
        return best;
    }

    /** The number that the outputs stand for. */
    public double number(double[] outputs) {
        return numberMean + outputs[0] / numberLevel * numberSpread;
    }

    /** True if the outputs name the right class of a row; false for numbers. */
    public boolean right(double[] outputs, Answers answers, int row) {
        return answers instanceof Answers.Labels labels
                && classes.get(winner(outputs)).equals(labels.classes().get(labels.label()[row]));
    }
}
