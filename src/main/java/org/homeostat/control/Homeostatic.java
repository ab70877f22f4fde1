package org.homeostat.control;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.device.Wrapper;
import org.jspecify.annotations.Nullable;

/**
 * A device whose parameters are held by a feedback loop on its knobs, from measured positions only.
 *
 * <p>HELD presents the stimulus again and again, each time moving every knob against the deviation of its parameter,
 * until all deviations are within tolerance: an integrator of gain one, {@code u <- u - (theta - target)}, started from
 * where the knobs held the same stimulus before ({@link Recollection}) or else the last one, and sped up by the secant
 * (Anderson's mixing of depth one). It never computes a force. With gain one the loop contracts while softness times the
 * curvature of the energy is below one half, and with the smaller gains that it then tries up to nearly one; beyond that a
 * parameter snaps away from its knob, which is seen and said in the {@link Quality}. FREE leaves the knobs alone; where
 * the parameters come to rest is where they are held next.
 */
public final class Homeostatic implements Wrapper {

    /**
     * How well to hold.
     *
     * @param partOfStep the deviation allowed, as a part of the largest move that a parameter made in recent steps
     * @param floor the deviation allowed in any case, in parts of the parameter's range; readback cannot do better
     *     than its resolution
     * @param mostExchanges give up after so many exchanges
     */
    public record Tolerance(double partOfStep, double floor, int mostExchanges) {
        public Tolerance {
            if (!(partOfStep >= 0) || !(floor > 0) || mostExchanges < 1) {
                throw new IllegalArgumentException(
                        "a tolerance needs a part of the step of 0 or more, a floor above 0 and "
                                + "at least one exchange, not " + partOfStep + ", " + floor + ", " + mostExchanges);
            }
        }
    }

    /** A parameter that moves by more than this part of its range in one exchange has snapped away from its knob. */
    private static final double SNAP = 0.25;

    /** So many exchanges in a row without the deviation shrinking mean that the gain is too high. */
    private static final int PATIENCE = 3;

    /** Below this gain the loop is given up. */
    private static final double LEAST_GAIN = 1.0 / 8;

    /** A deviation this small, in parts of the range, that no longer shrinks is rounding in the physics, not a loop astray. */
    private static final double ROUNDING = 1e-12;

    /** How fast the memory of the size of recent steps fades, a step. */
    private static final double FADE = 0.9;

    private final Device held;
    private final Descriptor card;
    private final Tolerance tolerance;
    private final List<Channel> parameters;
    private final List<Channel> knobs;
    private final double[] range;
    private final double[] knob;
    private final double[] target;
    private final double[] offset;
    private final Recollection recollection;
    private long lastInputs;
    private long lastPrint;
    private double @Nullable [] lastThen;
    private double recentStep;
    private long holds;
    private long exchanges;

    /**
     * @throws IllegalArgumentException if the device has no parameters that move, or no knob for each of them
     */
    public Homeostatic(Device held, Tolerance tolerance) {
        this.held = held;
        this.tolerance = tolerance;
        Descriptor bare = held.descriptor();
        if (!bare.can(Ability.COMPLIANCE) || bare.count(Role.KNOB) != bare.count(Role.PARAMETER)) {
            throw new IllegalArgumentException("board " + bare.board()
                    + ": a homeostat needs parameters that move under force, and one knob for each; this device has "
                    + bare.count(Role.PARAMETER) + " parameters and " + bare.count(Role.KNOB) + " knobs");
        }
        parameters = bare.channels(Role.PARAMETER);
        knobs = bare.channels(Role.KNOB);
        card = bare.with(Ability.HOMEOSTASIS).with(Ability.WRITABLE_PARAMETERS);
        range = parameters.stream().mapToDouble(p -> p.max() - p.min()).toArray();
        knob = knobs.stream().mapToDouble(Channel::safe).toArray();
        target = parameters.stream().mapToDouble(Channel::safe).toArray();
        offset = new double[knob.length];
        recollection = new Recollection(knob.length);
    }

    @Override
    public Device held() {
        return held;
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    /** How many exchanges with the device one hold has taken on average. */
    public double exchangesPerHold() {
        return holds == 0 ? 0 : (double) exchanges / holds;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        card.accepted(stimulus);
        deadline.require(card.board());
        double[] knobBefore = knob.clone();
        double[] targetBefore = target.clone();
        long inputsBefore = lastInputs;
        long printBefore = lastPrint;
        double[] thenBefore = lastThen;
        try {
            return accepted(stimulus, deadline);
        } catch (IllegalArgumentException refused) {
            // The device below may refuse a nudge that this card allows: then nothing was imposed.
            System.arraycopy(knobBefore, 0, knob, 0, knob.length);
            System.arraycopy(targetBefore, 0, target, 0, target.length);
            lastInputs = inputsBefore;
            lastPrint = printBefore;
            lastThen = thenBefore;
            throw refused;
        }
    }

    private Response accepted(Stimulus stimulus, Deadline deadline) {
        Levels levels = stimulus.levels();
        if (levels.has(Role.PARAMETER)) {
            int[] positions = levels.positions(Role.PARAMETER);
            double[] row = levels.row(Role.PARAMETER);
            for (int i = 0; i < row.length; i++) {
                int k = positions == null ? i : positions[i];
                target[k] = row[i];
                turn(k, target[k] + offset[k]);
            }
        }
        Stimulus moving =
                stimulus.with(levels.without(Role.PARAMETER).without(Role.KNOB)).when(Plasticity.FREE);
        return stimulus.plasticity() == Plasticity.HELD ? hold(moving, deadline) : release(moving, deadline);
    }

    private void turn(int k, double level) {
        knob[k] = Math.clamp(level, knobs.get(k).min(), knobs.get(k).max());
    }

    private Response release(Stimulus moving, Deadline deadline) {
        Response response = ask(moving, deadline);
        double[] position = response.parameters();
        double step = 0;
        Quality quality = Quality.SETTLED;
        for (int k = 0; k < position.length; k++) {
            double move = Math.abs(position[k] - target[k]);
            if (move > SNAP * range[k]) {
                quality = quality.worst(snapped(k));
            }
            step = Math.max(step, move / range[k]);
            target[k] = position[k];
        }
        recentStep = Math.max(step, FADE * recentStep);
        return response.with(quality);
    }

    private Response hold(Stimulus moving, Deadline deadline) {
        holds++;
        double allowed = Math.max(tolerance.floor, tolerance.partOfStep * recentStep);
        long print = begin(moving);
        Loop loop = new Loop(allowed);
        for (int round = 1; ; round++) {
            Response response = ask(moving, deadline);
            exchanges++;
            double[] position = response.parameters();
            double[] deviation = new double[position.length];
            int worst = 0;
            for (int k = 0; k < position.length; k++) {
                deviation[k] = position[k] - target[k];
                worst = Math.abs(deviation[k]) / range[k] > Math.abs(deviation[worst]) / range[worst] ? k : worst;
            }
            double largest = Math.abs(deviation[worst]) / range[worst];
            if (largest <= allowed) {
                return held(response, print);
            }
            if (round > 1 && largest > SNAP && largest > 10 * loop.best) {
                return response.with(snapped(worst));
            }
            if (round == tolerance.mostExchanges || !loop.correct(deviation, largest)) {
                return largest <= ROUNDING
                        ? held(response, print)
                        : response.with(lost(worst, deviation[worst], round < tolerance.mostExchanges));
            }
        }
    }

    /** Turns the knobs to where they should hold a stimulus, as far as can be told, and returns its fingerprint. */
    private long begin(Stimulus moving) {
        long inputs = Recollection.inputs(moving, lastInputs);
        long print = Recollection.nudged(inputs, moving.nudge());
        double[] then = recollection.of(print);
        for (int k = 0; k < knob.length; k++) {
            double guess = offset[k];
            if (then != null && inputs != lastInputs) {
                guess = then[k];
            } else if (then != null && lastThen != null && print != lastPrint) {
                // The same inputs under another nudge: what that made of them then, it makes of them now.
                guess += then[k] - lastThen[k];
            }
            turn(k, target[k] + guess);
        }
        lastInputs = inputs;
        lastPrint = print;
        lastThen = then;
        return print;
    }

    private Response held(Response response, long print) {
        for (int k = 0; k < knob.length; k++) {
            offset[k] = knob[k] - target[k];
        }
        recollection.remember(print, offset);
        return response;
    }

    /**
     * Moves the knobs against the deviations of one hold, until it sees no way.
     *
     * <p>A parameter in contact with the end of its range does not follow its knob until that has come back over a distance
     * that nobody can see: such a knob is pushed, first as far as the worst parameter deviates, then in strides that double,
     * and left out of the secant until its parameter follows again.
     */
    private final class Loop {
        private final double allowed;
        private final double[] push = new double[knob.length];
        private final boolean[] follows = new boolean[knob.length];
        private double gain = 1;
        private double best = Double.POSITIVE_INFINITY;
        private double[] bestKnob = knob;
        private double[] bestDeviation = knob;
        private int sinceBest;
        private boolean begun;
        private double[] lastKnob = knob;
        private double @Nullable [] lastDeviation;

        Loop(double allowed) {
            this.allowed = allowed;
        }

        /** Turns the knobs; false, with the knobs left alone, if that brings nothing any more. */
        boolean correct(double[] deviation, double largest) {
            if (largest < best) {
                best = largest;
                bestKnob = knob.clone();
                bestDeviation = deviation;
                sinceBest = 0;
            } else if (!fetching(deviation)) {
                sinceBest++;
            }
            if (sinceBest < PATIENCE) {
                move(deviation, largest);
                return true;
            }
            if (gain <= LEAST_GAIN || best <= ROUNDING) {
                return false;
            }
            gain /= 2;
            sinceBest = 0;
            lastDeviation = null;
            System.arraycopy(bestKnob, 0, knob, 0, knob.length);
            move(bestDeviation, best);
            return true;
        }

        private void move(double[] deviation, double largest) {
            double[] here = knob.clone();
            for (int k = 0; k < push.length; k++) {
                // The last push out of contact says nothing of how the parameter follows its knob.
                boolean pushed = push[k] != 0;
                double least = begun ? Math.abs(deviation[k]) / range[k] : largest;
                push[k] = inContact(k, deviation[k])
                        ? Math.copySign(fetching(k, deviation[k]) ? 2 * push[k] : least, deviation[k])
                        : 0;
                follows[k] = !pushed && push[k] == 0;
            }
            begun = true;
            double[] last = lastDeviation;
            double mix = last == null ? 0 : mix(deviation, last);
            for (int k = 0; k < deviation.length; k++) {
                double moved = here[k] - (push[k] != 0 ? push[k] * range[k] : gain * deviation[k]);
                if (last != null && follows[k]) {
                    moved -= mix * (here[k] - lastKnob[k] - gain * (deviation[k] - last[k]));
                }
                turn(k, moved);
            }
            lastKnob = here;
            lastDeviation = deviation;
        }

        private double mix(double[] deviation, double[] last) {
            double along = 0;
            double length = 0;
            for (int k = 0; k < deviation.length; k++) {
                if (follows[k]) {
                    double change = (deviation[k] - last[k]) / range[k];
                    along += deviation[k] / range[k] * change;
                    length += change * change;
                }
            }
            // Beyond these bounds the secant is noise speaking.
            return length > 0 ? Math.clamp(along / length, -1, 1) : 0;
        }

        /** True while a parameter stays in contact with one end although it was pushed off, and its knob has some way left. */
        private boolean fetching(int k, double deviation) {
            return push[k] * deviation > 0
                    && inContact(k, deviation)
                    && knob[k] > knobs.get(k).min()
                    && knob[k] < knobs.get(k).max();
        }

        private boolean fetching(double[] deviation) {
            for (int k = 0; k < deviation.length; k++) {
                if (Math.abs(deviation[k]) > allowed * range[k] && fetching(k, deviation[k])) {
                    return true;
                }
            }
            return false;
        }
    }

    /** True if a parameter reads an end of its range while it is wanted inside. */
    private boolean inContact(int k, double deviation) {
        Channel parameter = parameters.get(k);
        double position = target[k] + deviation;
        double rounding = ROUNDING * range[k];
        // A converter's last code lies one step below the end of the range.
        return deviation < 0
                ? position <= parameter.min() + rounding
                : deviation > 0 && position >= parameter.max() - 1.5 * parameter.resolution() - rounding;
    }

    private Response ask(Stimulus moving, Deadline deadline) {
        return held.present(moving.with(moving.levels().and(Levels.of(Role.KNOB, knob))), deadline);
    }

    private Quality snapped(int k) {
        String name = parameters.get(k).name();
        return new Quality(
                Verdict.SNAPPED,
                name,
                "parameter " + name + " snapped away from its knob; make the springs stiffer (a smaller softness)");
    }

    private Quality lost(int k, double deviation, boolean diverging) {
        Channel parameter = parameters.get(k);
        Channel at = knobs.get(k);
        String off = String.format(
                Locale.ROOT,
                "parameter %s stays %.3g %s away from where it is held",
                parameter.name(),
                deviation,
                parameter.unit());
        if (knob[k] <= at.min() || knob[k] >= at.max()) {
            return new Quality(
                    Verdict.SATURATED,
                    parameter.name(),
                    off + ": its knob " + at.name()
                            + " is at the end of its range; make the springs stiffer (a smaller "
                            + "softness) or the signals smaller");
        }
        return new Quality(
                Verdict.UNSTABLE,
                parameter.name(),
                off + (diverging ? ": the deviation no longer shrinks" : ": the loop is too slow")
                        + "; make the springs stiffer (a smaller softness), or allow a larger tolerance");
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeDouble(recentStep);
        for (double[] values : List.of(knob, target, offset)) {
            for (double value : values) {
                out.writeDouble(value);
            }
        }
        out.writeLong(lastInputs);
        out.writeLong(lastPrint);
        double[] then = lastThen;
        out.writeBoolean(then != null);
        for (int k = 0; then != null && k < then.length; k++) {
            out.writeDouble(then[k]);
        }
        recollection.save(out);
        Restorable.save(held, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        recentStep = in.readDouble();
        for (double[] values : List.of(knob, target, offset)) {
            for (int k = 0; k < values.length; k++) {
                values[k] = in.readDouble();
            }
        }
        lastInputs = in.readLong();
        lastPrint = in.readLong();
        double[] then = in.readBoolean() ? new double[knob.length] : null;
        for (int k = 0; then != null && k < then.length; k++) {
            then[k] = in.readDouble();
        }
        lastThen = then;
        recollection.restore(in);
        Restorable.restore(held, in);
    }
}
