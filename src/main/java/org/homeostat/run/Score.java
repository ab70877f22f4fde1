package org.homeostat.run;

import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.learn.Cost;
import org.homeostat.run.Dataset.Answers;
import org.jspecify.annotations.Nullable;

/**
 * How good a device's answers to a data set are.
 *
 * @param loss the mean cost a row, in natural units of the cost: nats for cross-entropy, else half the squared output
 * @param accuracy the part of rows whose class is right; NaN for numbers
 * @param r2 the part of the variance of the numbers, of all together, that is explained; NaN for classes
 * @param rmse the root-mean-square error in the unit of the numbers; NaN for classes
 * @param rows how many rows were asked, each as often as it was
 * @param relativeError the mean square error of the numbers in parts of their variance, {@code 1 - r2} without its
 *     rounding; NaN for classes
 */
public record Score(
        double loss,
        double accuracy,
        double r2,
        double rmse,
        int rows,
        @Nullable Double relativeError) {

    public Score {
        // Runs from before it was stored.
        relativeError = relativeError == null ? 1 - r2 : relativeError;
    }

    /** A score of classes. */
    public Score(double loss, double accuracy, int rows) {
        this(loss, accuracy, Double.NaN, Double.NaN, rows, Double.NaN);
    }

    @Override
    public Double relativeError() {
        return Objects.requireNonNull(relativeError);
    }

    /**
     * Asks a device every row, parameters held and no nudge, afresh where it has more than one rest, and returns its
     * outputs.
     *
     * @param reads how many readings are averaged into each output; of a machine that takes the best of them, how many it
     *     chooses from
     * @throws NotHeldException if the device could not hold its parameters
     */
    public static double[][] outputs(Device device, Encoding encoding, double[][] rows, int reads, Duration limit) {
        Descriptor card = device.descriptor();
        int lanes = card.lanes();
        double[][] outputs = new double[rows.length][];
        for (int from = 0; from < rows.length; from += lanes) {
            double[][] batch = new double[lanes][];
            for (int lane = 0; lane < lanes; lane++) {
                // Lanes without a row of their own repeat the last one.
                batch[lane] = rows[Math.min(from + lane, rows.length - 1)];
            }
            Response response = device.present(
                    card.question(encoding.inputs(batch, card)).settling(new Settling.Usual(reads)),
                    Deadline.in(limit));
            if (!response.quality().held()) {
                throw new NotHeldException(response.quality());
            }
            for (int lane = 0; lane < lanes && from + lane < rows.length; lane++) {
                outputs[from + lane] = response.outputs(lane);
            }
        }
        return outputs;
    }

    /** Scores outputs against the answers. */
    public static Score of(double[][] outputs, Dataset data, Encoding encoding, Cost cost, Descriptor card) {
        int n = outputs.length;
        double total = 0;
        int right = 0;
        double squares = 0;
        for (int row = 0; row < n; row++) {
            total += cost.of(outputs[row], encoding.target(data.answers(), row, card.count(Role.OUTPUT)));
            right += encoding.right(outputs[row], data.answers(), row) ? 1 : 0;
            if (data.answers() instanceof Answers.Numbers numbers) {
                double[] found = encoding.numbers(outputs[row]);
                for (int k = 0; k < found.length; k++) {
                    double miss = found[k] - numbers.values()[row][k];
                    squares += miss * miss;
                }
            }
        }
        double loss = n == 0 ? Double.NaN : total / n / cost.unit();
        return switch (data.answers()) {
            case Answers.Labels labels -> new Score(loss, n == 0 ? Double.NaN : (double) right / n, n);
            case Answers.Numbers numbers -> {
                double relative = squares / spread(numbers);
                double rmse = Math.sqrt(squares / n / numbers.names().size());
                yield new Score(loss, Double.NaN, 1 - relative, rmse, n, relative);
            }
        };
    }

    /** The sum of the squares of how far numbers lie from the mean of their column. */
    static double spread(Answers.Numbers numbers) {
        double spread = 0;
        for (int k = 0; k < numbers.names().size(); k++) {
            double[] column = numbers.column(k);
            double mean = Arrays.stream(column).average().orElse(0);
            spread += Arrays.stream(column).map(v -> (v - mean) * (v - mean)).sum();
        }
        return spread;
    }
}
