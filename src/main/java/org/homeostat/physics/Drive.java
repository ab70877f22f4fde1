package org.homeostat.physics;

/**
 * What acts on a machine from outside.
 *
 * @param input the input x
 * @param current a constant force on each output; zero where not nudged
 * @param stiffness the strength of a spring between each output and its target; zero where not coupled
 * @param target where the springs pull
 */
public record Drive(double[] input, double[] current, double stiffness, double[] target) {

    /** An input and nothing else. */
    public static Drive free(double[] input, int outputs) {
        return new Drive(input, new double[outputs], 0, new double[outputs]);
    }

    /** The same input with a constant force on each output. */
    public Drive pushed(double[] force) {
        return new Drive(input, force, stiffness, target);
    }

    /** The same input with a spring between each output and its target. */
    public Drive coupled(double strength, double[] towards) {
        return new Drive(input, current, strength, towards);
    }

    /** The energy that the nudge adds at a state. */
    double nudgeEnergy(double[] state, int[] outputs) {
        double energy = 0;
        for (int k = 0; k < outputs.length; k++) {
            double o = state[outputs[k]];
            energy += -current[k] * o + 0.5 * stiffness * (o - target[k]) * (o - target[k]);
        }
        return energy;
    }
}
