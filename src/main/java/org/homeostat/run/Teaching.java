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
        if (!(amplitude > 0) || !(swing > 0)) {
            throw new IllegalArgumentException(
                    "amplitude and swing must be above 0, not " + amplitude + " and " + swing);
        }
        if (!(startLowest <= startHighest)) {
            throw new IllegalArgumentException(
                    "startLowest " + startLowest + " lies above startHighest " + startHighest);
        }
        if (reads < 1 || acceptEvery < 0 || pairs < 1) {
            throw new IllegalArgumentException("reads and pairs must be 1 or more and acceptEvery 0 or more, not "
                    + reads + ", " + pairs + " and " + acceptEvery);
        }
    }
}
