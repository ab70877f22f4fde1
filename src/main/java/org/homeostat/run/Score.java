package org.homeostat.run;

import java.time.Duration;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
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

    /** Takes what a device answers to a row. */
    @FunctionalInterface
    public interface Heard {
        /**
         * Called for each row, in their order.
         *
         * @param row its position
         * @param outputs the levels of the outputs
         */
        void outputs(int row, double[] outputs);
    }

    /**
     * Asks a device every row, parameters held and no nudge, afresh where it has more than one rest.
     *
     * @param reads how many readings are averaged into each output; of a machine that takes the best of them, how many it
     *     chooses from
     * @param heard is handed the outputs
     * @throws NotHeldException if the device could not hold its parameters
     */
    public static void ask(Device device, Encoding encoding, Rows rows, int reads, Duration limit, Heard heard) {
        Descriptor card = device.descriptor();
        int lanes = card.lanes();
        int[] batch = new int[lanes];
        for (int from = 0; from < rows.size(); from += lanes) {
            for (int lane = 0; lane < lanes; lane++) {
                // Lanes without a row of their own repeat the last one.
                batch[lane] = Math.min(from + lane, rows.size() - 1);
            }
            Response response = device.present(
                    card.question(encoding.inputs(rows, batch, card)).settling(new Settling.Usual(reads)),
                    Deadline.in(limit));
            if (!response.quality().held()) {
                throw new NotHeldException(response.quality());
            }
            for (int lane = 0; lane < lanes && from + lane < rows.size(); lane++) {
                heard.outputs(from + lane, response.outputs(lane));
            }
        }
    }

    /** The same for few rows, of which it returns the outputs. */
    public static double[][] outputs(Device device, Encoding encoding, Rows rows, int reads, Duration limit) {
        double[][] outputs = new double[rows.size()][];
        ask(device, encoding, rows, reads, limit, (row, found) -> outputs[row] = found);
        return outputs;
    }

    /**
     * Asks a device every row, as {@link #ask}, and scores its outputs against the answers as they come.
     *
     * @throws NotHeldException if the device could not hold its parameters
     */
    public static Score of(Device device, Dataset data, Encoding encoding, Cost cost, int reads, Duration limit) {
        Tally tally = new Tally(data, encoding, cost, device.descriptor().count(Role.OUTPUT));
        ask(device, encoding, data.rows(), reads, limit, tally);
        return tally.score();
    }

    /** Scores outputs against the answers. */
    public static Score of(double[][] outputs, Dataset data, Encoding encoding, Cost cost, Descriptor card) {
        Tally tally = new Tally(data, encoding, cost, card.count(Role.OUTPUT));
        for (int row = 0; row < outputs.length; row++) {
            tally.outputs(row, outputs[row]);
        }
        return tally.score();
    }

    /** Adds up what the rows come to. */
    private static final class Tally implements Heard {
        private final Dataset data;
        private final Encoding encoding;
        private final Cost cost;
        private final int outputs;
        private final double[] wanted;
        private int rows;
        private double total;
        private int right;
        private double squares;

        Tally(Dataset data, Encoding encoding, Cost cost, int outputs) {
            this.data = data;
            this.encoding = encoding;
            this.cost = cost;
            this.outputs = outputs;
            wanted = new double[data.outputs()];
        }

        @Override
        public void outputs(int row, double[] found) {
            rows++;
            total += cost.of(found, encoding.target(data.answers(), row, outputs));
            right += encoding.right(found, data.answers(), row) ? 1 : 0;
            if (data.answers() instanceof Answers.Numbers numbers) {
                numbers.values().read(row, wanted);
                double[] told = encoding.numbers(found);
                for (int k = 0; k < told.length; k++) {
                    double miss = told[k] - wanted[k];
                    squares += miss * miss;
                }
            }
        }

        Score score() {
            double loss = rows == 0 ? Double.NaN : total / rows / cost.unit();
            return switch (data.answers()) {
                case Answers.Labels labels -> new Score(loss, rows == 0 ? Double.NaN : (double) right / rows, rows);
                case Answers.Numbers numbers -> {
                    double relative = squares / spread(numbers);
                    double rmse = Math.sqrt(squares / rows / numbers.names().size());
                    yield new Score(loss, Double.NaN, 1 - relative, rmse, rows, relative);
                }
            };
        }
    }

    /** The sum of the squares of how far numbers lie from the mean of their column. */
    static double spread(Answers.Numbers numbers) {
        double[] mean = Encoding.means(numbers.values());
        DoubleSummaryStatistics[] squares = new DoubleSummaryStatistics[mean.length];
        Arrays.setAll(squares, k -> new DoubleSummaryStatistics());
        double[] values = new double[mean.length];
        for (int row = 0; row < numbers.size(); row++) {
            numbers.values().read(row, values);
            for (int k = 0; k < values.length; k++) {
                squares[k].accept((values[k] - mean[k]) * (values[k] - mean[k]));
            }
        }
        double spread = 0;
        for (DoubleSummaryStatistics column : squares) {
            spread += column.getSum();
        }
        return spread;
    }
}
