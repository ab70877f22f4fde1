package org.homeostat.guard;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.jspecify.annotations.Nullable;

/**
 * A device that is asked nothing beyond its safety limits.
 *
 * <p>A level outside its envelope is refused with {@link Fault#LIMIT} before anything is imposed. A level too far from
 * where its channel stands is walked to, in exchanges of one slew each, whose readings are dropped: so no two set-points
 * in a row are more than the slew apart, as the converters make them. Nudges are limited likewise; no nudge counts as 0.
 * On the way the parameters are held and nothing pulls, except where the pull itself has to change slowly.
 *
 * <p>It takes every channel to stand at its safe level at first. After an exchange that was lost it counts with both: that
 * it was imposed, and that it was not. How strong a coupling pulls depends on the outputs, and so it counts as the
 * strongest that it can be within their range; so does a difference in the same batch as the reading that it rests on,
 * unless that would be too much, and then the batch is parted there.
 */
public final class Guarded implements Device, Restorable {

    private static final List<Role> IMPOSED = List.of(Role.INPUT, Role.KNOB, Role.SOFTNESS, Role.PARAMETER, Role.NUDGE);

    private static final int MOST_STEPS = 100_000;

    /** A code's level this much outside an envelope, in parts of a step, is rounding. */
    private static final double ROUNDING = 1e-6;

    /** One channel in one lane, or in all of them where they share it. */
    private record Slot(Role role, int lane, int index, Channel channel, Limit limit, double lowest, double highest) {

        /** The level that the converter makes, inside the envelope. */
        double made(double level) {
            return Math.clamp(channel.scale().quantised(level), lowest, highest);
        }

        /** One slew from a level on the way to another, or that one if it is no further. */
        double toward(double from, double target) {
            if (Math.abs(target - from) <= limit.slew()) {
                return target;
            }
            double far = from + Math.copySign(limit.slew(), target - from);
            Scale scale = channel.scale();
            if (scale.codes() == 0) {
                return Math.abs(far - from) > limit.slew() ? Math.nextAfter(far, from) : far;
            }
            int code = scale.code(far);
            double best = from;
            for (int near = Math.max(code - 1, 0); near <= Math.min(code + 1, scale.codes() - 1); near++) {
                double level = scale.level(near);
                if (Math.abs(level - from) <= limit.slew() && Math.abs(target - level) < Math.abs(target - best)) {
                    best = level;
                }
            }
            return best;
        }
    }

    /**
     * Where a stimulus leads: between these levels each slot will stand, apart only where a pull is not known yet.
     *
     * @param imposed true for the slots that the stimulus imposes a level on
     */
    private record Aim(double[] low, double[] high, boolean[] imposed) {}

    private final Device held;
    private final Descriptor card;
    private final List<Slot> slots = new ArrayList<>();

    /** Between these levels each slot stands; apart only after an exchange that was lost, or under a coupling. */
    private double[] low;

    private double[] high;

    /** The outputs last read without a nudge, one row a lane; null while there are none. */
    private double @Nullable [][] free;

    /** True if an exchange without a nudge was lost, so that the device may have read other outputs since. */
    private boolean doubtful;

    /**
     * @param limits the limits of all channels of a role; roles that are left out have none
     * @throws IllegalArgumentException if the device has no such channels, or an envelope does not lie inside their range
     *     and around their safe level, or a slew is finer than their resolution
     */
    public Guarded(Device held, Map<Role, Limit> limits) {
        this.held = held;
        card = held.descriptor();
        for (Role role : limits.keySet()) {
            if (!IMPOSED.contains(role) || card.count(role) == 0) {
                throw new IllegalArgumentException("limits: board " + card.board() + " has no channels of role "
                        + role.name().toLowerCase(Locale.ROOT) + " on which levels are imposed");
            }
        }
        for (Role role : IMPOSED) {
            Limit limit = limits.getOrDefault(role, Limit.NONE);
            for (int lane = 0; lane < (role.shared() ? 1 : card.lanes()); lane++) {
                for (int i = 0; i < card.count(role); i++) {
                    slots.add(slot(role, lane, i, limit));
                }
            }
        }
        low = slots.stream()
                .mapToDouble(slot -> slot.role == Role.NUDGE
                        ? slot.made(0)
                        : slot.channel.scale().quantised(slot.channel.safe()))
                .toArray();
        high = low.clone();
    }

    private Slot slot(Role role, int lane, int index, Limit limit) {
        Channel channel = card.channels(role).get(index);
        String name = "limits: channel " + channel.name();
        boolean narrower = limit.min() > channel.min() || limit.max() < channel.max();
        if (Double.isFinite(limit.min()) && limit.min() < channel.min()
                || Double.isFinite(limit.max()) && limit.max() > channel.max()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s: expected an envelope inside its range %.6g .. %.6g %s",
                    name,
                    channel.min(),
                    channel.max(),
                    channel.unit()));
        }
        double rest = role == Role.NUDGE ? 0 : channel.safe();
        if ((role == Role.INPUT || role == Role.NUDGE) && !(rest >= limit.min() && rest <= limit.max())) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s: expected an envelope around its safe level, %.6g %s",
                    name,
                    rest,
                    channel.unit()));
        }
        if (limit.slew() < channel.resolution()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s: expected a slew of at least its resolution, %.6g %s",
                    name,
                    channel.resolution(),
                    channel.unit()));
        }
        Scale scale = channel.scale();
        if (!narrower) {
            return new Slot(role, lane, index, channel, limit, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        }
        double lowest = Math.max(limit.min(), channel.min());
        double highest = Math.min(limit.max(), channel.max());
        if (scale.codes() > 0) {
            lowest = inside(scale, lowest, lowest, highest);
            highest = inside(scale, highest, lowest, highest);
        }
        return new Slot(role, lane, index, channel, limit, lowest, highest);
    }

    /** The level of the code nearest to an end of an envelope that does not lie outside it. */
    private static double inside(Scale scale, double end, double least, double most) {
        int code = scale.code(end);
        double best = Double.NaN;
        for (int near = Math.max(code - 1, 0); near <= Math.min(code + 1, scale.codes() - 1); near++) {
            double level = scale.level(near);
            double slack = ROUNDING * Math.abs(level - scale.level(near == 0 ? 1 : near - 1));
            boolean fits = level >= least - slack && level <= most + slack;
            if (fits && !(Math.abs(level - end) >= Math.abs(best - end))) {
                best = level;
            }
        }
        if (Double.isNaN(best)) {
            throw new IllegalArgumentException("limits: there is no code between " + least + " and " + most);
        }
        return best;
    }

    @Override
    public Device bare() {
        return held.bare();
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    /**
     * Presents a stimulus, after as many exchanges on the way there as the slews ask for.
     *
     * @throws DeviceException as the device says; LIMIT if a level lies outside its envelope, or a nudge cannot be walked
     *     to
     */
    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        return past(held, stimulus, deadline);
    }

    /** Presents a stimulus on another way to the same hardware: past wrappers that are not to see it. */
    public Response past(Device way, Stimulus stimulus, Deadline deadline) {
        return all(way, List.of(stimulus), deadline).getFirst();
    }

    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        return all(held, stimuli, deadline);
    }

    private List<Response> all(Device way, List<Stimulus> stimuli, Deadline deadline) {
        List<Stimulus> asked = new ArrayList<>(stimuli.size());
        boolean read = free != null;
        for (Stimulus stimulus : stimuli) {
            asked.add(inside(card.accepted(stimulus)));
            card.requireRead(stimulus.nudge(), read);
            read |= stimulus.nudge() instanceof Nudge.None;
        }
        List<Response> responses = new ArrayList<>(stimuli.size());
        List<Stimulus> batch = new ArrayList<>();
        List<Aim> aims = new ArrayList<>();
        boolean unread = false;
        double[] lowest = low;
        double[] highest = high;
        for (Stimulus stimulus : asked) {
            deadline.require(card.board());
            Aim aim = aims.isEmpty()
                    ? aim(low, high, stimulus, unread)
                    : aim(aims.getLast().low, aims.getLast().high, stimulus, unread);
            // Within reach of all that is in the batch: if it is lost, nobody knows how far it got.
            if (!allowed(lowest, highest, aim)) {
                responses.addAll(sent(way, batch, aims, deadline));
                unread = false;
                aim = aim(low, high, stimulus, false);
                walk(way, stimulus, aim, deadline);
                lowest = low;
                highest = high;
            }
            batch.add(stimulus);
            aims.add(aim);
            unread |= stimulus.nudge() instanceof Nudge.None;
            lowest = each(lowest, aim.low, true);
            highest = each(highest, aim.high, false);
        }
        responses.addAll(sent(way, batch, aims, deadline));
        return responses;
    }

    /** A stimulus whose every level lies inside its envelope, as the converters make it; or none, by {@link Fault#LIMIT}. */
    private Stimulus inside(Stimulus stimulus) {
        double[] asked = asked(stimulus);
        boolean rounded = false;
        for (int s = 0; s < asked.length; s++) {
            Slot slot = slots.get(s);
            if (asked[s] < slot.limit.min() || asked[s] > slot.limit.max()) {
                throw outside(slot, asked[s]);
            }
            rounded |= !Double.isNaN(asked[s])
                    && slot.made(asked[s]) != slot.channel.scale().quantised(asked[s]);
        }
        return rounded
                ? at(stimulus, aim(low, high, stimulus, true).low, stimulus.nudge() instanceof Nudge.Force)
                : stimulus;
    }

    private static DeviceException outside(Slot slot, double level) {
        return new DeviceException(
                Fault.LIMIT,
                String.format(
                        Locale.ROOT,
                        "channel %s: level %.6g %s lies outside its safety limits %.6g .. %.6g %s; make the signals "
                                + "smaller, or widen the limits if the hardware bears more",
                        slot.channel.name(),
                        level,
                        slot.channel.unit(),
                        Math.max(slot.limit.min(), slot.channel.min()),
                        Math.min(slot.limit.max(), slot.channel.max()),
                        slot.channel.unit()));
    }

    /** The level that a stimulus itself names for each slot; NaN where it names none. */
    private double[] asked(Stimulus stimulus) {
        double[] asked = new double[slots.size()];
        Arrays.fill(asked, Double.NaN);
        Levels levels = stimulus.nudge() instanceof Nudge.Force force
                ? stimulus.levels().and(force.levels())
                : stimulus.levels();
        int first = 0;
        for (Role role : IMPOSED) {
            int count = card.count(role);
            int lanes = role.shared() ? 1 : card.lanes();
            if (levels.has(role)) {
                int[] positions = levels.positions(role);
                int size = levels.size(role);
                for (int lane = 0; lane < lanes; lane++) {
                    for (int i = 0; i < size; i++) {
                        asked[first + lane * count + (positions == null ? i : positions[i])] = levels.at(role, lane, i);
                    }
                }
            }
            first += lanes * count;
        }
        return asked;
    }

    /**
     * Where a stimulus leads from where the slots stand.
     *
     * @param unread whether the outputs that a difference rests on are still to be read
     */
    private Aim aim(double[] fromLow, double[] fromHigh, Stimulus stimulus, boolean unread) {
        double[] asked = asked(stimulus);
        Aim aim = new Aim(fromLow.clone(), fromHigh.clone(), new boolean[asked.length]);
        for (int s = 0; s < asked.length; s++) {
            Slot slot = slots.get(s);
            aim.imposed[s] = slot.role == Role.NUDGE || !Double.isNaN(asked[s]);
            if (slot.role == Role.NUDGE) {
                pull(slot, s, stimulus.nudge(), unread, aim.low, aim.high);
            } else if (aim.imposed[s]) {
                aim.low[s] = slot.made(asked[s]);
                aim.high[s] = aim.low[s];
            }
        }
        return aim;
    }

    private void pull(Slot slot, int s, Nudge nudge, boolean unread, double[] least, double[] most) {
        double[][] outputs = free;
        switch (nudge) {
            case Nudge.None none -> {
                least[s] = slot.made(0);
                most[s] = least[s];
            }
            case Nudge.Force force -> {
                least[s] = slot.made(force.levels().at(Role.NUDGE, slot.lane, slot.index));
                most[s] = least[s];
            }
            case Nudge.Clamp clamp -> spreadAll(slot, s, least, most);
            case Nudge.Ramp ramp -> {
                spread(slot, s, ramp.from(), ramp.target(), least, most);
                double low = least[s];
                double high = most[s];
                spread(slot, s, ramp.to(), ramp.target(), least, most);
                least[s] = Math.min(low, least[s]);
                most[s] = Math.max(high, most[s]);
            }
            case Nudge.Coupling coupling -> {
                spread(slot, s, coupling.beta(), coupling.target(), least, most);
            }
            case Nudge.Difference difference -> {
                if (unread || doubtful || outputs == null) {
                    spread(slot, s, difference.beta(), difference.target(), least, most);
                } else {
                    double force = difference.from(outputs, card).levels().at(Role.NUDGE, slot.lane, slot.index);
                    least[s] = slot.channel.scale().quantised(force);
                    most[s] = least[s];
                }
            }
        }
    }

    /** What holds an output at a level may be any force at all. */
    private static void spreadAll(Slot slot, int s, double[] least, double[] most) {
        least[s] = slot.channel.min();
        most[s] = slot.channel.max();
    }

    /** All the force that a pull towards a target can be while the output stays within its range. */
    private void spread(Slot slot, int s, double beta, Levels target, double[] least, double[] most) {
        Channel output = card.channels(Role.OUTPUT).get(slot.index);
        double to = target.at(Role.OUTPUT, slot.lane, slot.index);
        double one = clamped(slot, beta * card.betaUnit() * (to - output.min()));
        double other = clamped(slot, beta * card.betaUnit() * (to - output.max()));
        least[s] = Math.min(one, other);
        most[s] = Math.max(one, other);
    }

    private static double clamped(Slot slot, double force) {
        return slot.channel.scale().quantised(Math.clamp(force, slot.channel.min(), slot.channel.max()));
    }

    /** True if one may follow at once where the slots stand. */
    private boolean allowed(double[] fromLow, double[] fromHigh, Aim to) {
        for (int s = 0; s < fromLow.length; s++) {
            Slot slot = slots.get(s);
            double slew = slot.limit.slew();
            boolean near = to.high[s] - fromLow[s] <= slew && fromHigh[s] - to.low[s] <= slew;
            boolean within = slot.role != Role.NUDGE || to.low[s] >= slot.lowest && to.high[s] <= slot.highest;
            if (to.imposed[s] && !(near && within)) {
                return false;
            }
        }
        return true;
    }

    /** Goes to within one slew of where a stimulus leads. */
    private void walk(Device way, Stimulus stimulus, Aim aim, Deadline deadline) {
        requireReachable(stimulus, aim);
        if (allowed(low, high, aim)) {
            return;
        }
        Plasticity still = card.plasticity();
        if (stimulus.plasticity() == Plasticity.FREE && still == Plasticity.HELD) {
            if (card.can(Ability.HOMEOSTASIS)) {
                throw new DeviceException(
                        Fault.LIMIT,
                        "board " + card.board() + ": what is imposed while the parameters are free lies further away "
                                + "than the slew, and holding them on the way would change the answer; make the nudge "
                                + "smaller, or allow a larger slew");
            }
            // It declines by itself; asked so, it does before anything has moved.
            var unused = way.present(Stimulus.of(Levels.NONE).when(Plasticity.FREE), deadline);
        }
        for (int step = 0; !allowed(low, high, aim); step++) {
            if (step == MOST_STEPS) {
                throw new DeviceException(
                        Fault.LIMIT,
                        "board " + card.board() + ": a level lies more than " + MOST_STEPS
                                + " exchanges of one slew away; allow a larger slew");
            }
            double[] next = new double[slots.size()];
            boolean pulled = stimulus.nudge() instanceof Nudge.Difference;
            for (int s = 0; s < next.length; s++) {
                Slot slot = slots.get(s);
                next[s] = next(slot, s, aim);
                pulled |= slot.role == Role.NUDGE && next[s] != slot.made(0);
            }
            Stimulus towards = new Stimulus(
                    at(stimulus, next, false).levels(),
                    pulled ? new Nudge.Force(block(Role.NUDGE, null, next)) : Nudge.NONE,
                    still,
                    Settling.USUAL);
            if (pulled && !card.realises(Nudge.Kind.FORCE)) {
                throw new DeviceException(
                        Fault.LIMIT,
                        "board " + card.board() + ": a nudge jumps further than the slew, and without a nudge by force "
                                + "it cannot be walked to; make it weaker, or allow a larger slew");
            }
            deadline.require(card.board());
            var unused = sent(
                    way,
                    new ArrayList<>(List.of(towards)),
                    new ArrayList<>(List.of(aim(low, high, towards, false))),
                    deadline);
        }
    }

    /** A level no further than one slew from wherever the slot may stand. */
    private double next(Slot slot, int s, Aim aim) {
        double target = aim.low[s] == aim.high[s] ? aim.low[s] : slot.made(Math.clamp(0.0, aim.low[s], aim.high[s]));
        if (low[s] == high[s]) {
            return slot.toward(low[s], target);
        }
        // Within reach of both ends: near the end that lies further from the target, or between them.
        double far = Math.abs(target - low[s]) > Math.abs(target - high[s]) ? low[s] : high[s];
        return high[s] - low[s] <= slot.limit.slew()
                ? slot.toward(far, target)
                : slot.made(low[s] + (high[s] - low[s]) / 2);
    }

    /** Refuses a pull that may lie outside its envelope, or that jumps further than any walk could prepare. */
    private void requireReachable(Stimulus stimulus, Aim aim) {
        for (int s = 0; s < slots.size(); s++) {
            Slot slot = slots.get(s);
            if (slot.role != Role.NUDGE) {
                continue;
            }
            if (aim.low[s] < slot.lowest || aim.high[s] > slot.highest) {
                throw outside(slot, aim.low[s] < slot.lowest ? aim.low[s] : aim.high[s]);
            }
            double rest = slot.made(Math.clamp(0.0, aim.low[s], aim.high[s]));
            if (aim.low[s] != aim.high[s] && Math.max(aim.high[s] - rest, rest - aim.low[s]) > slot.limit.slew()) {
                throw new DeviceException(
                        Fault.LIMIT,
                        "board " + card.board() + ": a nudge by "
                                + stimulus.nudge().getClass().getSimpleName().toLowerCase(Locale.ROOT)
                                + " may pull at channel " + slot.channel.name()
                                + " further than the slew at once; make it weaker, nudge by force, or allow a larger "
                                + "slew");
            }
        }
    }

    /** Presents what is pending and remembers where it led. */
    private List<Response> sent(Device way, List<Stimulus> batch, List<Aim> aims, Deadline deadline) {
        if (batch.isEmpty()) {
            return List.of();
        }
        List<Response> responses;
        try {
            responses = batch.size() == 1
                    ? List.of(way.present(batch.getFirst(), deadline))
                    : way.presentAll(batch, deadline);
        } catch (DeviceException e) {
            if (e.fault() != Fault.LIMIT && e.fault() != Fault.UNSUPPORTED) {
                // It was imposed, or it was not, or a batch in part, or on some of several boards.
                aims.forEach(aim -> {
                    low = each(low, aim.low, true);
                    high = each(high, aim.high, false);
                });
                doubtful |= batch.stream().anyMatch(stimulus -> stimulus.nudge() instanceof Nudge.None);
            }
            throw e;
        }
        for (int i = 0; i < responses.size(); i++) {
            if (batch.get(i).nudge() instanceof Nudge.None) {
                double[][] read = new double[card.lanes()][];
                Arrays.setAll(read, responses.get(i)::outputs);
                free = read;
                doubtful = false;
            }
        }
        low = aims.getLast().low;
        high = aims.getLast().high;
        batch.clear();
        aims.clear();
        return responses;
    }

    private static double[] each(double[] a, double[] b, boolean lower) {
        double[] ends = new double[a.length];
        Arrays.setAll(ends, s -> lower ? Math.min(a[s], b[s]) : Math.max(a[s], b[s]));
        return ends;
    }

    /** A stimulus with other levels on the channels that it names, and other forces if it pushes. */
    private Stimulus at(Stimulus stimulus, double[] levels, boolean pushed) {
        Levels others = Levels.NONE;
        for (Role role : stimulus.levels().roles()) {
            others = others.and(block(role, stimulus.levels().positions(role), levels));
        }
        Stimulus moved = stimulus.with(others);
        return pushed ? moved.nudged(new Nudge.Force(block(Role.NUDGE, null, levels))) : moved;
    }

    private Levels block(Role role, int @Nullable [] positions, double[] levels) {
        double[][] rows = new double[role.shared() ? 1 : card.lanes()][card.count(role)];
        for (int s = 0; s < levels.length; s++) {
            Slot slot = slots.get(s);
            if (slot.role == role) {
                rows[slot.lane][slot.index] = Math.clamp(levels[s], slot.channel.min(), slot.channel.max());
            }
        }
        // Lanes that stand apart can only be told apart in a whole block.
        return positions == null || rows.length > 1
                ? Levels.of(role, rows)
                : Levels.some(
                        role,
                        positions,
                        Arrays.stream(positions).mapToDouble(k -> rows[0][k]).toArray());
    }

    @Override
    public void save(DataOutput out) throws IOException {
        for (double[] ends : List.of(low, high)) {
            for (double level : ends) {
                out.writeDouble(level);
            }
        }
        out.writeBoolean(doubtful);
        Restorable.saveRows(free, out);
        Restorable.save(held, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        double[][] ends = new double[2][slots.size()];
        for (double[] end : ends) {
            for (int s = 0; s < end.length; s++) {
                end[s] = in.readDouble();
            }
        }
        low = ends[0];
        high = ends[1];
        doubtful = in.readBoolean();
        free = Restorable.restoreRows(in, card.lanes(), card.count(Role.OUTPUT));
        Restorable.restore(held, in);
    }

    @Override
    public void close() {
        held.close();
    }
}
