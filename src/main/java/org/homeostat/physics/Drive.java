package org.homeostat.physics;

import org.jspecify.annotations.Nullable;

/**
 * What acts on a machine from outside.
 *
 * @param input the input x
 * @param current a constant force on each output; zero where not nudged
 * @param stiffness the strength of a spring between each output and its target; zero where not coupled
 * @param target where the springs pull
 * @param clamp where the outputs are held, whatever it takes; null where they are free
 */
public record Drive(double[] input, double[] current, double stiffness, double[] target, double @Nullable [] clamp) {

    /** An input and nothing else. */
    public static Drive free(double[] input, int outputs) {
        return new Drive(input, new double[outputs], 0, new double[outputs], null);
    }

    /** The same input with a constant force on each output. */
    public Drive pushed(double[] force) {
        return new Drive(input, force, stiffness, target, clamp);
    }

    /** The same input with a spring between each output and its target. */
    public Drive coupled(double strength, double[] towards) {
        return new Drive(input, current, strength, towards, clamp);
    }

    /** The same input with the outputs held. */
    public Drive clamped(double[] at) {
        return new Drive(input, current, stiffness, target, at);
    }

    /** The energy that the nudge adds where the outputs are as observed. */
    double nudgeEnergy(double[] observed) {
        double energy = 0;
        for (int k = 0; k < observed.length; k++) {
            double o = observed[k];
            energy += -current[k] * o + 0.5 * stiffness * (o - target[k]) * (o - target[k]);
        }
        return energy;
    }

    /** The energy that the nudge adds at a state of which some units are the outputs. */
    double nudgeEnergy(double[] state, int[] outputs) {
        double[] observed = new double[outputs.length];
        for (int k = 0; k < outputs.length; k++) {
            observed[k] = state[outputs[k]];
        }
        return nudgeEnergy(observed);
    }
}
