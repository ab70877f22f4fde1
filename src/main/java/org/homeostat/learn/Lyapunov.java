package org.homeostat.learn;

import java.util.ArrayList;
import java.util.List;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;

/**
 * The Lyapunov value of agnostic EP, measured from outside: the mean of the cost over the nudges between beta1 and beta2,
 * parameters held (arXiv 2205.15021, theorem on monotone improvement). Simpson's rule on three exchanges.
 */
record Lyapunov(Pull pull, Stimulus held, double first, double second) {

    /** How many exchanges one measurement takes. */
    static final int EXCHANGES = 3;

    /** A rise of so many standard deviations is a rise. */
    private static final double SIGMAS = 2;

    /** Not measured. */
    static final Value UNKNOWN = new Value(Double.POSITIVE_INFINITY, 0);

    /** A measured value with its variance. */
    record Value(double mean, double variance) {
        /** True if this value lies above the other by more than noise explains. */
        boolean above(Value other) {
            double noise = SIGMAS * Math.sqrt(variance + other.variance);
            double rounding = 1e-12 * (Math.abs(mean) + Math.abs(other.mean));
            return mean - other.mean > noise + rounding;
        }
    }

    Value measure(Device device, Deadline deadline) {
        List<Stimulus> nudged = new ArrayList<>();
        for (int i = 0; i < EXCHANGES; i++) {
            nudged.add(held.nudged(pull.by(first + (second - first) * i / (EXCHANGES - 1))));
        }
        List<Response> responses = device.presentAll(nudged, deadline);
        double[] weights = {1.0 / 6, 4.0 / 6, 1.0 / 6};
        double mean = 0;
        double variance = 0;
        for (int i = 0; i < EXCHANGES; i++) {
            Response response = responses.get(i);
            mean += weights[i] * pull.cost(response);
            variance += weights[i] * weights[i] * pull.variance(response);
        }
        return new Value(mean, variance);
    }

    /** The variance of a lane's cost whose gradient is given. */
    static double variance(Response response, int lane, double[] gradient) {
        if (!response.errors().has(Role.OUTPUT)) {
            return 0;
        }
        double[] error = response.errors().row(Role.OUTPUT, lane);
        double sum = 0;
        for (int k = 0; k < error.length; k++) {
            sum += gradient[k] * gradient[k] * error[k] * error[k];
        }
        return sum;
    }
}
