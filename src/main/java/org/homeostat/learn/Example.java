package org.homeostat.learn;

import org.homeostat.device.Levels;
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
