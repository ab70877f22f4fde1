package org.homeostat.learn;

import java.util.Arrays;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Role;

/**
 * What to learn from: inputs in levels, and targets in the terms of the cost.
 *
 * @param inputs levels of role INPUT, one row a lane
 * @param targets what each lane should answer, one row a lane, one number an output
 */
public record Example(Levels inputs, double[][] targets) {

    public Example {
        if (!inputs.has(Role.INPUT) || inputs.rows(Role.INPUT) != targets.length) {
            throw new IllegalArgumentException(
                    "an example needs a row of inputs for each of its " + targets.length + " targets");
        }
    }

    /** How many lanes it fills. */
    public int lanes() {
        return targets.length;
    }

    /** A copy of the outputs of a response, one row for each lane that it fills. */
    double[][] outputs(Response response) {
        double[][] outputs = new double[lanes()][];
        Arrays.setAll(outputs, response::outputs);
        return outputs;
    }

    /** The mean cost of a response over the lanes that it fills. */
    double cost(Cost cost, Response response) {
        double sum = 0;
        for (int lane = 0; lane < lanes(); lane++) {
            sum += cost.of(response.outputs(lane), targets[lane]);
        }
        return sum / lanes();
    }

    /** True if every output of every lane has a target. */
    boolean asksForEveryOutput() {
        for (double[] target : targets) {
            for (double one : target) {
                if (Double.isNaN(one)) {
                    return false;
                }
            }
        }
        return true;
    }
}
