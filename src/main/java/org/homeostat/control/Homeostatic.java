package org.homeostat.control;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
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

/**
 * A device whose parameters are held by a feedback loop on its knobs, from measured positions only.
 *
 * <p>HELD presents the stimulus again and again, each time moving every knob against the deviation of its parameter,
 * until all deviations are within tolerance: an integrator of gain one, {@code u <- u - (theta - target)}, started from
 * where the knobs held last time and sped up by the secant (Anderson's mixing of depth one). It never computes a force.
 * The loop contracts while softness times the curvature of the energy stays well below one; beyond that a parameter
 * snaps away from its knob, which is seen and said in the {@link Quality}. FREE leaves the knobs alone; where the
 * parameters come to rest is where they are held next.
 */
public final class Homeostatic implements Device, Restorable {

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

    /** So many exchanges in a row without the deviation shrinking mean that the loop does not contract. */
    private static final int PATIENCE = 16;

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
        Levels levels = stimulus.levels();
        if (levels.has(Role.PARAMETER)) {
            int[] positions = levels.positions(Role.PARAMETER);
            double[] row = levels.row(Role.PARAMETER);
            for (int i = 0; i < row.length; i++) {
                int k = positions == null ? i : positions[i];
                // The knob goes along, so that the loop starts from a deviation no larger than before.
                knob[k] = Math.clamp(
                        knob[k] + row[i] - target[k],
                        knobs.get(k).min(),
                        knobs.get(k).max());
                target[k] = row[i];
            }
        }
        Stimulus moving =
                stimulus.with(levels.without(Role.PARAMETER).without(Role.KNOB)).when(Plasticity.FREE);
        return stimulus.plasticity() == Plasticity.HELD ? hold(moving, deadline) : release(moving, deadline);
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
        Secant secant = new Secant();
        double best = Double.POSITIVE_INFINITY;
        int sinceBest = 0;
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
                return response;
            }
            if (round > 1 && largest > SNAP && largest > 10 * best) {
                return response.with(snapped(worst));
            }
            sinceBest = largest < best ? 0 : sinceBest + 1;
            best = Math.min(best, largest);
            if (sinceBest >= PATIENCE && largest <= ROUNDING) {
                return response;
            }
            if (sinceBest >= PATIENCE || round == tolerance.mostExchanges) {
                return response.with(lost(worst, deviation[worst], sinceBest >= PATIENCE));
            }
            secant.correct(deviation);
        }
    }

    /**
     * Moves every knob against its parameter's deviation, with a secant through the last two deviations.
     *
     * <p>A parameter in contact with the end of its range does not follow its knob until the knob has come back over a
     * distance that nobody can see; such a knob goes back in strides that double.
     */
    private final class Secant {
        private double[] lastKnob = new double[0];
        private double[] lastDeviation = new double[0];
        private final double[] stride = new double[knob.length];
        private final boolean[] follows = new boolean[knob.length];

        Secant() {
            Arrays.fill(stride, 1);
        }

        void correct(double[] deviation) {
            double[] here = knob.clone();
            for (int k = 0; k < stride.length; k++) {
                // The last stride out of contact says nothing of how the parameter follows its knob.
                follows[k] = stride[k] == 1;
                stride[k] = lastKnob.length > 0 && inContact(k, deviation[k]) ? 2 * stride[k] : 1;
                follows[k] &= stride[k] == 1;
            }
            double mix = lastKnob.length == 0 ? 0 : mix(deviation);
            for (int k = 0; k < deviation.length; k++) {
                double moved = here[k] - stride[k] * deviation[k];
                if (mix != 0 && follows[k]) {
                    moved -= mix * (here[k] - lastKnob[k] - (deviation[k] - lastDeviation[k]));
                }
                knob[k] = Math.clamp(moved, knobs.get(k).min(), knobs.get(k).max());
            }
            lastKnob = here;
            lastDeviation = deviation;
        }

        /** True if a parameter sits at an end of its range while it is wanted inside. */
        private boolean inContact(int k, double deviation) {
            Channel channel = parameters.get(k);
            double position = target[k] + deviation;
            double resolution = Math.max(channel.resolution() / 2, ROUNDING * range[k]);
            return deviation < 0 ? position <= channel.min() + resolution : position >= channel.max() - resolution;
        }

        private double mix(double[] deviation) {
            double along = 0;
            double length = 0;
            for (int k = 0; k < deviation.length; k++) {
                if (follows[k]) {
                    double change = (deviation[k] - lastDeviation[k]) / range[k];
                    along += deviation[k] / range[k] * change;
                    length += change * change;
                }
            }
            // Beyond these bounds the secant is noise speaking.
            return length > 0 ? Math.clamp(along / length, -1, 1) : 0;
        }
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
        for (double[] values : List.of(knob, target)) {
            for (double value : values) {
                out.writeDouble(value);
            }
        }
        Restorable.save(held, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        recentStep = in.readDouble();
        for (double[] values : List.of(knob, target)) {
            for (int k = 0; k < values.length; k++) {
                values[k] = in.readDouble();
            }
        }
        Restorable.restore(held, in);
    }

    @Override
    public void close() {
        held.close();
    }
}
