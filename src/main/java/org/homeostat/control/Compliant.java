package org.homeostat.control;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
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
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;
import org.homeostat.device.Wrapper;

/**
 * A device whose digital parameters hang on virtual springs: the force on each is measured, the spring is computed.
 *
 * <p>HELD reads the force f1 and sets the knob {@code u = theta + epsilon f1}: holding is exact in one exchange. FREE reads
 * the force f2 and lets the parameter go to {@code theta = clip(u - epsilon f2)}, in one step or, {@linkplain
 * Motion#TO_REST relaxed to rest}, until it stops moving. The parameter is a real number kept here; the device gets the
 * nearest code, and what the code cannot express is carried on, so that steps below half a code add up instead of being
 * lost. Only codes that changed are sent, with the next exchange.
 */
public final class Compliant implements Wrapper {

    /** How the parameters move when they are free. */
    public enum Motion {
        /** One step from the force read: plain equilibrium propagation. */
        ONE_STEP,
        /** Steps, each with new codes and a new reading, until nothing moves: the joint relaxation of the theory. */
        TO_REST
    }

    private static final int MOST_STEPS = 500;

    /**
     * The parameters are at rest when none moves by more than this part of the way that one has come; or, where noise keeps
     * them moving, of the largest spring's extension.
     */
    private static final double REST = 1e-3;

    /** Moves that shrink by less than this are kept up by noise. */
    private static final double SHRINKING = 0.9;

    private final Device held;
    private final Descriptor card;
    private final Motion motion;
    private final List<Channel> channels;
    private final double[] theta;
    private final double[] knob;
    private final double[] written;
    private final double[] least;
    private final double[] most;
    private double softness;

    /** True while some parameter may have a code that was not sent yet. */
    private boolean moved = true;

    /**
     * @param softness the spring softness at the start: the parameter's move per unit of force
     * @param softest the largest softness that may be asked for
     * @throws IllegalArgumentException if the device does not let the forces be read and its parameters be written
     */
    public Compliant(Device held, double softness, double softest, Motion motion) {
        this.held = held;
        this.motion = motion;
        this.softness = softness;
        Descriptor bare = held.descriptor();
        if (!bare.can(Ability.FORCES) || !bare.can(Ability.WRITABLE_PARAMETERS)) {
            throw new IllegalArgumentException("board " + bare.board()
                    + ": virtual springs need parameters that can be written and forces that can be read; this device "
                    + (bare.can(Ability.FORCES) ? "cannot be written" : "shows no forces (wrap it in a Gauged)"));
        }
        channels = bare.channels(Role.PARAMETER);
        Channel springs = new Channel(
                "softness",
                Role.SOFTNESS,
                channels.getFirst().unit() + "/"
                        + bare.channels(Role.FORCE).getFirst().unit(),
                0,
                softest,
                softness,
                Scale.CONTINUOUS);
        card = bare.with(Ability.HOMEOSTASIS).with(Role.SOFTNESS, List.of(springs));
        theta = new double[channels.size()];
        for (int k = 0; k < theta.length; k++) {
            Channel channel = channels.get(k);
            theta[k] = 0.5 * (channel.min() + channel.max());
        }
        knob = theta.clone();
        written = new double[theta.length];
        Arrays.fill(written, Double.NaN);
        least = written.clone();
        most = written.clone();
    }

    @Override
    public Device held() {
        return held;
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        return presentAll(List.of(stimulus), deadline).getFirst();
    }

    /**
     * Presents stimuli in order, in as few batches as can be: holding writes nothing, so that only what comes after a FREE
     * one must wait for the answer.
     */
    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        stimuli.forEach(card::accepted);
        List<Response> responses = new ArrayList<>(stimuli.size());
        while (responses.size() < stimuli.size()) {
            deadline.require(card.board());
            int end = responses.size() + 1;
            while (end < stimuli.size() && stimuli.get(end - 1).plasticity() == Plasticity.HELD) {
                end++;
            }
            batch(stimuli.subList(responses.size(), end), deadline, responses);
        }
        return responses;
    }

    /** Presents stimuli of which all but the last are HELD: what is written with each is known before the first answer. */
    private void batch(List<Stimulus> stimuli, Deadline deadline, List<Response> responses) {
        double softnessBefore = softness;
        double[] thetaBefore = theta.clone();
        double[] knobBefore = knob.clone();
        BitSet sent = new BitSet();
        List<Stimulus> asked = new ArrayList<>(stimuli.size());
        for (Stimulus stimulus : stimuli) {
            impose(stimulus.levels());
            asked.add(withCodes(plain(stimulus), sent));
        }
        List<Response> answers;
        try {
            answers = asked.size() == 1
                    ? List.of(held.present(asked.getFirst(), deadline))
                    : held.presentAll(asked, deadline);
        } catch (RuntimeException e) {
            forget(sent);
            if (e instanceof IllegalArgumentException) {
                // The device below may refuse a nudge that this card allows: then nothing was imposed.
                reset(softnessBefore, thetaBefore, knobBefore);
            }
            throw e;
        }
        // Once more, now each with its answer.
        reset(softnessBefore, thetaBefore, knobBefore);
        for (int i = 0; i < answers.size(); i++) {
            Stimulus stimulus = stimuli.get(i);
            impose(stimulus.levels());
            responses.add(
                    stimulus.plasticity() == Plasticity.HELD
                            ? hold(answers.get(i))
                            : release(plain(stimulus), answers.get(i), deadline));
        }
    }

    private void reset(double formerSoftness, double[] formerTheta, double[] formerKnob) {
        softness = formerSoftness;
        System.arraycopy(formerTheta, 0, theta, 0, theta.length);
        System.arraycopy(formerKnob, 0, knob, 0, knob.length);
    }

    private void impose(Levels levels) {
        if (levels.has(Role.SOFTNESS)) {
            softness = levels.at(Role.SOFTNESS, 0, 0);
        }
        if (levels.has(Role.PARAMETER)) {
            int[] positions = levels.positions(Role.PARAMETER);
            double[] row = levels.row(Role.PARAMETER);
            for (int i = 0; i < row.length; i++) {
                int k = positions == null ? i : positions[i];
                theta[k] = row[i];
                knob[k] = row[i];
            }
            moved = true;
        }
    }

    /** What the device below is asked, parameters aside. */
    private static Stimulus plain(Stimulus stimulus) {
        return stimulus.with(stimulus.levels().without(Role.SOFTNESS).without(Role.PARAMETER))
                .when(Plasticity.HELD);
    }

    private Response hold(Response response) {
        double[] force = response.levels().row(Role.FORCE);
        for (int k = 0; k < theta.length; k++) {
            knob[k] = theta[k] + softness * force[k];
        }
        return withPositions(response);
    }

    private Response release(Stimulus plain, Response first, Deadline deadline) {
        double[] start = theta.clone();
        double last = Double.POSITIVE_INFINITY;
        Response response = first;
        for (int step = 1; ; step++) {
            double move = follow(response);
            if (motion == Motion.ONE_STEP
                    || move <= REST * largestDistance(start)
                    || move <= REST * largestDistance(knob) && move > SHRINKING * last) {
                return withPositions(response);
            }
            if (step == MOST_STEPS) {
                return withPositions(response.with(new Quality(
                        Verdict.UNSETTLED,
                        "",
                        "the parameters did not come to rest in " + MOST_STEPS + " steps; make the springs stiffer")));
            }
            last = move;
            response = ask(plain, deadline);
        }
    }

    /** Lets every parameter follow its spring; returns the largest move. */
    private double follow(Response response) {
        double[] force = response.levels().row(Role.FORCE);
        double move = 0;
        for (int k = 0; k < theta.length; k++) {
            Channel channel = channels.get(k);
            double next = Math.clamp(knob[k] - softness * force[k], channel.min(), channel.max());
            move = Math.max(move, Math.abs(next - theta[k]));
            theta[k] = next;
        }
        moved = true;
        return move;
    }

    private double largestDistance(double[] from) {
        double most = 0;
        for (int k = 0; k < theta.length; k++) {
            most = Math.max(most, Math.abs(theta[k] - from[k]));
        }
        return most;
    }

    private Response ask(Stimulus plain, Deadline deadline) {
        BitSet sent = new BitSet();
        Stimulus asked = withCodes(plain, sent);
        try {
            return held.present(asked, deadline);
        } catch (RuntimeException e) {
            forget(sent);
            throw e;
        }
    }

    /** A stimulus together with the codes that have changed since they were last sent. */
    private Stimulus withCodes(Stimulus plain, BitSet sent) {
        if (!moved) {
            return plain;
        }
        int[] changed = new int[theta.length];
        double[] levels = new double[theta.length];
        int count = 0;
        for (int k = 0; k < theta.length; k++) {
            if (!(theta[k] >= least[k] && theta[k] <= most[k])) {
                Channel channel = channels.get(k);
                changed[count] = k;
                levels[count] = Math.clamp(channel.scale().quantised(theta[k]), channel.min(), channel.max());
                know(k, levels[count++]);
                sent.set(k);
            }
        }
        moved = false;
        return count == 0
                ? plain
                : plain.with(plain.levels()
                        .and(Levels.some(Role.PARAMETER, Arrays.copyOf(changed, count), Arrays.copyOf(levels, count))));
    }

    /** Until an answer is there nobody knows which of the codes that were sent have arrived. */
    private void forget(BitSet sent) {
        sent.stream().forEach(k -> know(k, Double.NaN));
        moved = true;
    }

    /** Remembers the level that was sent, and between which positions its code remains the nearest. */
    private void know(int k, double level) {
        written[k] = level;
        Scale scale = channels.get(k).scale();
        if (scale.codes() == 0 || Double.isNaN(level)) {
            least[k] = level;
            most[k] = level;
            return;
        }
        int code = scale.code(level);
        double below = (scale.level(Math.max(code - 1, 0)) + scale.level(code)) / 2;
        double above = (scale.level(Math.min(code + 1, scale.codes() - 1)) + scale.level(code)) / 2;
        // Conductance falls as a potentiometer's code rises.
        least[k] = Math.min(below, above);
        most[k] = Math.max(below, above);
    }

    private Response withPositions(Response response) {
        return response.with(response.levels().and(Levels.of(Role.PARAMETER, theta)));
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeDouble(softness);
        for (double[] values : List.of(theta, knob, written)) {
            for (double value : values) {
                out.writeDouble(value);
            }
        }
        Restorable.save(held, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        moved = true;
        softness = in.readDouble();
        for (double[] values : List.of(theta, knob, written)) {
            for (int k = 0; k < values.length; k++) {
                values[k] = in.readDouble();
            }
        }
        for (int k = 0; k < theta.length; k++) {
            know(k, written[k]);
        }
        Restorable.restore(held, in);
    }
}
