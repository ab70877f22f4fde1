package org.homeostat.calibration;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.device.Wrapper;
import org.jspecify.annotations.Nullable;

/**
 * A device whose levels are true: what is asked for really appears, and what is read was really there, as well as its
 * calibration knows. Channels that the calibration says nothing of pass unchanged. Ranges, safe levels and converters on its
 * card follow: a board whose gain is 0.99 reaches 1 % less far.
 *
 * <p>A force is corrected by its gain alone, for it counts from no nudge, which the device itself leaves at its own zero.
 * The target of a {@link Nudge.Difference} is what the device's own readings are compared with, and is told in those;
 * couplings, clamps and ramps act on the outputs themselves, and their targets pass as they are.
 */
public final class Calibrated implements Wrapper {

    private final Device held;
    private final Descriptor bare;
    private final Descriptor card;
    private final List<List<Correction>> corrections = new ArrayList<>();

    /** The outputs last read without a nudge, one row a lane, as the device said; null while there are none. */
    private double @Nullable [][] free;

    /**
     * @throws IllegalArgumentException if the calibration is of another board, or of other channels
     */
    public Calibrated(Device held, Calibration worn) {
        this.held = held;
        bare = held.descriptor();
        worn.require(bare);
        Descriptor changed = bare;
        for (Role role : Role.values()) {
            List<Correction> list = new ArrayList<>();
            List<Channel> channels = new ArrayList<>();
            for (Channel channel : bare.channels(role)) {
                Correction correction = Correction.of(channel, worn.channels().get(channel.name()));
                list.add(correction);
                channels.add(correction.channel());
            }
            corrections.add(list);
            changed = channels.isEmpty() ? changed : changed.with(role, channels);
        }
        card = changed;
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
        Stimulus asked = asked(card.accepted(stimulus));
        return read(asked, held.present(asked, deadline));
    }

    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        stimuli.forEach(card::accepted);
        List<Stimulus> asked = stimuli.stream().map(this::asked).toList();
        List<Response> responses = new ArrayList<>(held.presentAll(asked, deadline));
        for (int i = 0; i < responses.size(); i++) {
            responses.set(i, read(asked.get(i), responses.get(i)));
        }
        return responses;
    }

    /** The same question in the device's own levels. */
    private Stimulus asked(Stimulus stimulus) {
        Levels levels = Levels.NONE;
        for (Role role : stimulus.levels().roles()) {
            levels = levels.and(each(stimulus.levels(), role, Correction::asked));
        }
        Nudge nudge = switch (stimulus.nudge()) {
            case Nudge.Force force -> new Nudge.Force(each(force.levels(), Role.NUDGE, Correction::asked));
            case Nudge.Difference difference -> new Nudge.Difference(difference.beta(), target(difference.target()));
            case Nudge.Coupling coupling ->
                new Nudge.Coupling(coupling.beta(), each(coupling.target(), Role.OUTPUT, Correction::inside));
            case Nudge.Clamp clamp -> new Nudge.Clamp(each(clamp.at(), Role.OUTPUT, Correction::inside));
            case Nudge.Ramp ramp ->
                new Nudge.Ramp(
                        ramp.from(), ramp.to(), ramp.seconds(), each(ramp.target(), Role.OUTPUT, Correction::inside));
            case Nudge.None none -> none;
        };
        return stimulus.with(levels).nudged(nudge);
    }

    /** A target in the device's own readings. What was read last without a nudge is exactly that again. */
    private Levels target(Levels target) {
        double[][] read = free;
        double[][] rows = new double[read == null ? target.rows(Role.OUTPUT) : card.lanes()][];
        List<Correction> own = corrections.get(Role.OUTPUT.ordinal());
        for (int lane = 0; lane < rows.length; lane++) {
            rows[lane] = target.row(Role.OUTPUT, lane);
            for (int k = 0; k < rows[lane].length; k++) {
                double level = rows[lane][k];
                rows[lane][k] = read != null && own.get(k).level(read[lane][k]) == level
                        ? read[lane][k]
                        : own.get(k).reading(level);
            }
        }
        return Levels.of(Role.OUTPUT, rows);
    }

    private Response read(Stimulus asked, Response response) {
        if (asked.nudge() instanceof Nudge.None) {
            double[][] read = new double[card.lanes()][];
            Arrays.setAll(read, response::outputs);
            free = read;
        }
        Levels levels = Levels.NONE;
        for (Role role : response.levels().roles()) {
            levels = levels.and(each(response.levels(), role, Correction::level));
        }
        Levels errors = Levels.NONE;
        for (Role role : response.errors().roles()) {
            errors = errors.and(each(response.errors(), role, Correction::error));
        }
        return new Response(levels, errors, response.reads(), response.deviceSeconds(), response.quality());
    }

    /** What one correction makes of one level. */
    private interface Step {
        double of(Correction correction, double level);
    }

    private Levels each(Levels levels, Role role, Step step) {
        int[] positions = levels.positions(role);
        List<Correction> own = corrections.get(role.ordinal());
        double[][] rows = new double[levels.rows(role)][];
        for (int lane = 0; lane < rows.length; lane++) {
            rows[lane] = levels.row(role, lane);
            for (int i = 0; i < rows[lane].length; i++) {
                rows[lane][i] = step.of(own.get(positions == null ? i : positions[i]), rows[lane][i]);
            }
        }
        return positions == null ? Levels.of(role, rows) : Levels.some(role, positions, rows[0]);
    }

    @Override
    public void save(DataOutput out) throws IOException {
        Restorable.saveRows(free, out);
        Restorable.save(held, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        free = Restorable.restoreRows(in, card.lanes(), card.count(Role.OUTPUT));
        Restorable.restore(held, in);
    }
}
