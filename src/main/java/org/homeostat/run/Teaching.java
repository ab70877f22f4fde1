package org.homeostat.run;

import java.util.Map;
import java.util.Objects;
import org.homeostat.device.Channel;
import org.homeostat.device.Nudge;
import org.homeostat.learn.Optimiser;
import org.homeostat.learn.Preconditioner;
import org.jspecify.annotations.Nullable;

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
 * @param optimiser how learners that write parameters make a move of a gradient
 * @param learningRate a parameter's move, in its unit, per unit of the gradient of betaUnit times the cost; null
 *     for softness times beta
 * @param rateFactors factors on the learning rate by the stem of a parameter's name, such as {@code w1}
 * @param momentum the part of the last move that is kept, for momentum
 * @param weightDecay how strongly parameters are drawn to 0, in parts of the learning rate
 * @param schedule how the learning rate changes from epoch to epoch
 * @param horizon the epochs after which a cosine schedule has run out
 * @param starts where parameters are drawn at the start, by the stem of their names; the others as startLowest and
 *     startHighest say
 * @param encoding how the values of features and numbers become levels; standardised where nothing is said
 * @param asks how often each row is asked when answers are scored: more than once where a device answers differently each
 *     time; 1 where nothing is said
 * @param model the URI of the twin that physics-aware training goes backward through; null where there is none
 * @param solver the thermodynamic device that solves for the natural gradient; sized by the learner where it is a twin
 * @param damping what natural gradient adds to the diagonal of the curvature
 * @param dwellSeconds how long the solver runs for each batch, in seconds of its own
 * @param begin from where the solver goes
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
        double rate,
        Optimiser.@Nullable Kind optimiser,
        @Nullable Double learningRate,
        @Nullable Map<String, Double> rateFactors,
        @Nullable Double momentum,
        @Nullable Double weightDecay,
        Optimiser.@Nullable Schedule schedule,
        @Nullable Integer horizon,
        @Nullable Map<String, Range> starts,
        @Nullable Scaling encoding,
        @Nullable Integer asks,
        @Nullable String model,
        @Nullable String solver,
        @Nullable Double damping,
        @Nullable Double dwellSeconds,
        Preconditioner.@Nullable Begin begin) {

    private static final double USUAL_MOMENTUM = 0.9;
    private static final int USUAL_HORIZON = 100;

    private static final String USUAL_SOLVER = "twin:thermodynamic-solver";
    private static final double USUAL_DAMPING = 0.1;
    private static final double USUAL_DWELL_SECONDS = 5e-6;

    /** Where parameters are drawn at the start. */
    public record Range(double lowest, double highest) {
        public Range {
            if (!(lowest <= highest)) {
                throw new IllegalArgumentException(
                        "lowest: expected at most highest, not " + lowest + " and " + highest);
            }
        }
    }

    /** What is lowered. */
    public enum CostKind {
        SQUARED_ERROR,
        CROSS_ENTROPY,
        LOG_OVERLAP,
        ALIGNMENT
    }

    /** How digital parameters move when they are free. */
    public enum Motion {
        ONE_STEP,
        TO_REST
    }

    /** How the values of a data set become levels. */
    public enum Scaling {
        /** One standard deviation above the mean is the level {@code amplitude}; numbers likewise, to half the swing. */
        STANDARDISED,
        /** Values are levels, in the unit of their channel; so are numbers to be learned. */
        AS_IS,
        /**
         * The range of each feature becomes -amplitude to amplitude, or 0 to amplitude where the channel takes nothing
         * below 0; numbers are standardised.
         */
        RANGE,
        /** The same with one range for all features, such as the pixels of an image. */
        COMMON_RANGE
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
        optimiser = Objects.requireNonNullElse(optimiser, Optimiser.Kind.SGD);
        rateFactors = Map.copyOf(Objects.requireNonNullElse(rateFactors, Map.of()));
        momentum = Objects.requireNonNullElse(momentum, USUAL_MOMENTUM);
        weightDecay = Objects.requireNonNullElse(weightDecay, 0.0);
        schedule = Objects.requireNonNullElse(schedule, Optimiser.Schedule.DECAY);
        horizon = Objects.requireNonNullElse(horizon, USUAL_HORIZON);
        starts = Map.copyOf(Objects.requireNonNullElse(starts, Map.of()));
        if (learningRate != null) {
            above0("learningRate", learningRate);
        }
        if (!(momentum >= 0 && momentum < 1)) {
            throw new IllegalArgumentException("momentum: expected 0 or more and below 1, not " + momentum);
        }
        if (!(weightDecay >= 0)) {
            throw new IllegalArgumentException("weightDecay: expected 0 or more, not " + weightDecay);
        }
        atLeast("horizon", horizon, 1);
        // Boards and runs from before there was a choice say nothing.
        encoding = Objects.requireNonNullElse(encoding, Scaling.STANDARDISED);
        asks = Objects.requireNonNullElse(asks, 1);
        atLeast("asks", asks, 1);
        solver = Objects.requireNonNullElse(solver, USUAL_SOLVER);
        damping = Objects.requireNonNullElse(damping, USUAL_DAMPING);
        above0("damping", damping);
        dwellSeconds = Objects.requireNonNullElse(dwellSeconds, USUAL_DWELL_SECONDS);
        if (!(dwellSeconds >= 0) || Double.isInfinite(dwellSeconds)) {
            throw new IllegalArgumentException("dwellSeconds: expected 0 or more, not " + dwellSeconds);
        }
        begin = Objects.requireNonNullElse(begin, Preconditioner.Begin.KEPT);
    }

    @Override
    public String solver() {
        return Objects.requireNonNull(solver);
    }

    @Override
    public Double damping() {
        return Objects.requireNonNull(damping);
    }

    @Override
    public Double dwellSeconds() {
        return Objects.requireNonNull(dwellSeconds);
    }

    @Override
    public Preconditioner.Begin begin() {
        return Objects.requireNonNull(begin);
    }

    @Override
    public Scaling encoding() {
        return Objects.requireNonNull(encoding);
    }

    @Override
    public Integer asks() {
        return Objects.requireNonNull(asks);
    }

    /** How learners that write parameters make a move of a gradient. */
    public Optimiser.Settings optimising() {
        return new Optimiser.Settings(
                Objects.requireNonNull(optimiser),
                // Worked out only here, so that whoever changes beta or softness changes it too.
                learningRate == null ? softness * beta : learningRate,
                Objects.requireNonNull(rateFactors),
                Objects.requireNonNull(momentum),
                Objects.requireNonNull(weightDecay),
                Objects.requireNonNull(schedule),
                decay,
                Objects.requireNonNull(horizon));
    }

    /** Where a parameter is drawn at the start. */
    public Range start(Channel parameter) {
        Range own = Objects.requireNonNull(starts).get(parameter.stem());
        return own == null ? new Range(startLowest, startHighest) : own;
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
