package org.homeostat.run;

import org.homeostat.device.Nudge;

/**
 * How a board is best taught: the choices that depend on the physics of a board and not on the data. A board's file gives
 * them, an experiment may change any of them.
 *
 * @param amplitude the input level of a feature one standard deviation above its mean, in the unit of the inputs
 * @param cost what is lowered when classes are learned; numbers always use the squared error
 * @param swing how far apart the outputs of right and wrong should be, in the unit of the outputs
 * @param temperature the difference between outputs that counts as a factor e in probability, for cross-entropy
 * @param nudge the kind of nudge
 * @param beta how strongly outputs are nudged, in the board's betaUnit
 * @param softness how soft the springs of the parameters are
 * @param softest the largest softness that may be asked for
 * @param decay the factor on softness (or rate) after each epoch
 * @param motion how digital parameters move: one-step or to-rest
 * @param reads how many readings are averaged into each level
 * @param acceptEvery check one step in so many by the Lyapunov value, and take it back if that rose; 0 never checks
 * @param holdPart how well a homeostat holds, in parts of a recent step
 * @param startLowest the least parameter drawn at the start
 * @param startHighest the greatest
 * @param perturbation how far learners without physics move parameters to see what happens, in parts of their range
 * @param pairs how many random patterns such a learner tries a step
 * @param rate how far such a learner moves a parameter in a step, in parts of its range
 */
public record Teaching(
        double amplitude,
        CostKind cost,
        double swing,
        double temperature,
        Nudge.Kind nudge,
        double beta,
        double softness,
        double softest,
        double decay,
        Motion motion,
        int reads,
        int acceptEvery,
        double holdPart,
        double startLowest,
        double startHighest,
        double perturbation,
        int pairs,
        double rate) {

    /** What is lowered. */
    public enum CostKind {
        SQUARED_ERROR,
        CROSS_ENTROPY
    }

    /** How digital parameters move when they are free. */
    public enum Motion {
        ONE_STEP,
        TO_REST
    }

    public Teaching {
        above0("amplitude", amplitude);
        above0("swing", swing);
        above0("temperature", temperature);
        above0("beta", beta);
        above0("softness", softness);
        if (!(softness <= softest)) {
            throw new IllegalArgumentException(
                    "softness: expected at most " + softest + ", the softest allowed, not " + softness);
        }
        if (!(decay > 0 && decay <= 1)) {
            throw new IllegalArgumentException("decay: expected a number above 0 and not above 1, not " + decay);
        }
        atLeast("reads", reads, 1);
        atLeast("acceptEvery", acceptEvery, 0);
        above0("holdPart", holdPart);
        if (!(startLowest <= startHighest)) {
            throw new IllegalArgumentException(
                    "startLowest: expected at most startHighest, which is " + startHighest + ", not " + startLowest);
        }
        above0("perturbation", perturbation);
        atLeast("pairs", pairs, 1);
        above0("rate", rate);
    }

    private static void above0(String key, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(key + ": expected a number above 0, not " + value);
        }
    }

    private static void atLeast(String key, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(key + ": expected " + least + " or more, not " + value);
        }
    }
}
