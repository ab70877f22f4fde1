package org.homeostat.run;

import java.time.Duration;
import java.util.Arrays;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.learn.Cost;
import org.homeostat.run.Dataset.Answers;

/**
 * How good a device's answers to a data set are.
 *
 * @param loss the mean cost a row, in natural units of the cost: nats for cross-entropy, else half the squared output
 * @param accuracy the part of rows whose class is right; NaN for numbers
 * @param r2 the part of the variance of the numbers that is explained; NaN for classes
 * @param rmse the root-mean-square error in the unit of the numbers; NaN for classes
 * @param rows how many rows were asked
 */
public record Score(double loss, double accuracy, double r2, double rmse, int rows) {

    /**
     * Asks a device every row, parameters held and no nudge, and returns its outputs.
     *
     * @throws NotHeldException if the device could not hold its parameters
     */
    public static double[][] outputs(Device device, Encoding encoding, double[][] rows, Duration limit) {
        Descriptor card = device.descriptor();
        int lanes = card.lanes();
        double[][] outputs = new double[rows.length][];
        for (int from = 0; from < rows.length; from += lanes) {
            double[][] batch = new double[lanes][];
            for (int lane = 0; lane < lanes; lane++) {
                // Lanes without a row of their own repeat the last one.
                batch[lane] = rows[Math.min(from + lane, rows.length - 1)];
            }
            Response response = device.present(Stimulus.of(encoding.inputs(batch, card)), Deadline.in(limit));
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
                double miss = encoding.number(outputs[row]) - numbers.value()[row];
                squares += miss * miss;
            }
        }
        double loss = n == 0 ? Double.NaN : total / n / cost.unit();
        return switch (data.answers()) {
            case Answers.Labels labels ->
                new Score(loss, n == 0 ? Double.NaN : (double) right / n, Double.NaN, Double.NaN, n);
            case Answers.Numbers numbers -> {
                double mean = Arrays.stream(numbers.value()).average().orElse(0);
                double spread = Arrays.stream(numbers.value())
                        .map(v -> (v - mean) * (v - mean))
                        .sum();
                yield new Score(loss, Double.NaN, 1 - squares / spread, Math.sqrt(squares / n), n);
            }
        };
    }
}
