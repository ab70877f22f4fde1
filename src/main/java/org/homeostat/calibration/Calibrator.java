package org.homeostat.calibration;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.stat.StatUtils;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Start;
import org.homeostat.device.Stimulus;
import org.jspecify.annotations.Nullable;

/**
 * Measures one specimen of a board, through the seam alone.
 *
 * <p>Noise, settling time and resolution are seen in the readings themselves. Gain, offset and bend need a {@link Reference}
 * that knows the true level. A channel that is imposed is stepped through its range while all others stand at their safe
 * levels; a channel that is read is brought to levels all over what it reaches by random inputs, nudges and parameters. What
 * it cannot reach is not calibrated: the entry says from where to where it is.
 *
 * <p>Thread rule: one caller at a time, and nobody else asks the device meanwhile.
 */
public final class Calibrator {

    /** A reading this near to the end of its range, in parts of it, may be clipped. */
    private static final double NEAR_END = 0.02;

    /** So many random states are tried to reach all over the range. */
    private static final int STATES = 300;

    /** So often each end of each channel's reach is sought further out, by changing some of what reached furthest. */
    private static final int FURTHER = 24;

    private static final double CHANGED = 0.3;

    /** So many readings tell noise to within a sixth. */
    private static final int REPEATS = 64;

    /** So many times of dwell over the first part of the settling time, where a step can still be told from noise. */
    private static final int DWELLS = 12;

    private static final double EARLY = 0.6;

    private static final int JUMPS = 4;

    /** A distance from rest of so many standard errors can be told from noise. */
    private static final double CLEAR = 15;

    /** The settling time is where a step has decayed to a ten-thousandth. */
    private static final double SETTLED = Math.log(1e4);

    /** Readings closer together than this, in parts of the range, are the same. */
    private static final double SAME = 1e-9;

    /**
     * How a board is measured.
     *
     * @param points at how many levels a channel is compared with its reference
     * @param reads how many readings are averaged there
     * @param bend true to note distances from the straight line, to be corrected too
     * @param seed draws the states
     * @param deadline for each exchange
     */
    public record Care(int points, int reads, boolean bend, long seed, Supplier<Deadline> deadline) {
        public Care {
            if (points < StraightLine.FEWEST) {
                throw new IllegalArgumentException(
                        "points: expected " + StraightLine.FEWEST + " or more, not " + points);
            }
            if (reads < 1) {
                throw new IllegalArgumentException("reads: expected 1 or more, not " + reads);
            }
        }
    }

    /** Between which levels the host may go; the whole range for roles that are left out. */
    public record Range(double min, double max) {}

    private final Device device;
    private final Descriptor card;
    private final Care care;
    private final Map<Role, Range> ranges;
    private final Map<String, List<Double>> singles = new LinkedHashMap<>();
    private final Map<String, Entry> found = new LinkedHashMap<>();
    private long exchanges;

    /**
     * @param ranges between which levels the host may go
     * @throws IllegalArgumentException if the device has more than one lane
     */
    public Calibrator(Device device, Care care, Map<Role, Range> ranges) {
        this.device = device;
        this.care = care;
        this.ranges = Map.copyOf(ranges);
        card = device.descriptor();
        if (card.lanes() != 1) {
            throw new IllegalArgumentException("board " + card.board() + " has " + card.lanes()
                    + " lanes; calibrate one board at a time, in one lane");
        }
    }

    /** How many exchanges were made so far. */
    public long exchanges() {
        return exchanges;
    }

    /** The channels that are read. */
    public List<Channel> read() {
        List<Channel> read = new ArrayList<>(card.channels(Role.OUTPUT));
        read.addAll(card.channels(Role.MONITOR));
        if (card.can(Ability.COMPLIANCE) || card.can(Ability.PLASTICITY)) {
            read.addAll(card.channels(Role.PARAMETER));
        }
        return read;
    }

    /**
     * Measures.
     *
     * @param references what knows the true level, by the channel's name; channels without one are only read
     * @return what was found, by the channel's name: of all channels that are read, and of those with a reference
     */
    public Map<String, Entry> measure(Map<String, Reference> references) {
        found.clear();
        try {
            seek(references);
        } catch (RuntimeException failure) {
            try {
                rest();
            } catch (RuntimeException unconfirmed) {
                failure.addSuppressed(unconfirmed);
            }
            throw failure;
        }
        rest();
        return new LinkedHashMap<>(found);
    }

    private void seek(Map<String, Reference> references) {
        List<Channel> read = read();
        for (Channel channel : card.allChannels()) {
            Reference reference = references.get(channel.name());
            if (reference != null && !read.contains(channel)) {
                found.put(channel.name(), imposed(channel, reference));
            }
        }
        List<Asked> states = states();
        SplittableRandom further = new SplittableRandom(care.seed + 1);
        for (Channel channel : read) {
            Reference reference = references.get(channel.name());
            if (reference != null) {
                reach(channel, 1, states, further);
                reach(channel, -1, states, further);
            }
            found.put(channel.name(), reference == null ? Entry.of(channel) : read(channel, reference, states));
        }
        double[] noise = noise();
        Estimate[] settling = settling(noise);
        for (int c = 0; c < read.size(); c++) {
            Channel channel = read.get(c);
            OptionalDouble nearest = nearest(channel);
            // Readings that are all the same tell of noise only that it is below a step.
            boolean still = noise[c] == 0 && channel.scale().codes() > 0;
            Entry entry = Objects.requireNonNull(found.get(channel.name()));
            found.put(
                    channel.name(),
                    entry.reading(
                            still ? null : spread(noise[c], REPEATS),
                            settling[c],
                            nearest.isEmpty() || channel.scale().codes() == 0 ? null : nearest.getAsDouble()));
        }
    }

    /**
     * The level that a stimulus really imposes on a channel, by the law that was found for it so far; as asked where none was.
     * For loops of wire from a channel that is imposed to one that is read.
     *
     * @param presented one that imposes a level on the channel
     */
    public double imposed(Channel channel, Stimulus presented) {
        double asked = presented
                .levels()
                .at(channel.role(), 0, card.channels(channel.role()).indexOf(channel));
        return Correction.of(channel, found.get(channel.name())).made(asked);
    }

    /** Leaves the device at its safe levels, written parameters too. */
    private void rest() {
        Levels levels = card.safe().levels();
        if (writable()) {
            levels = levels.and(safe(Role.PARAMETER));
        }
        ask(card.safe().with(levels).when(card.plasticity()));
    }

    private boolean writable() {
        return card.can(Ability.WRITABLE_PARAMETERS) && card.count(Role.PARAMETER) > 0;
    }

    private Levels safe(Role role) {
        return Levels.of(
                role, card.channels(role).stream().mapToDouble(Channel::safe).toArray());
    }

    private Response ask(Stimulus stimulus) {
        exchanges++;
        return device.present(stimulus, care.deadline.get());
    }

    private Settling averaged() {
        return new Settling.Usual(care.reads);
    }

    private double low(Channel channel) {
        Range range = ranges.get(channel.role());
        return range == null ? channel.min() : Math.clamp(range.min, channel.min(), channel.max());
    }

    private double high(Channel channel) {
        Range range = ranges.get(channel.role());
        return range == null ? channel.max() : Math.clamp(range.max, channel.min(), channel.max());
    }

    // What is imposed

    /** A level in part of a channel's range; of potentiometers in part of their codes, of which resistance is a line. */
    private double along(Channel channel, double part) {
        double low = low(channel);
        double high = high(channel);
        double level = channel.scale() instanceof Scale.Rheostat
                ? 1 / (1 / low + part * (1 / high - 1 / low))
                : low + part * (high - low);
        return Math.clamp(channel.scale().quantised(level), low, high);
    }

    private Entry imposed(Channel channel, Reference reference) {
        List<double[]> pairs = new ArrayList<>();
        int index = card.channels(channel.role()).indexOf(channel);
        for (int p = 0; p < care.points; p++) {
            double level = along(channel, p / (care.points - 1.0));
            Stimulus stimulus = alone(channel.role(), index, level);
            ask(stimulus);
            pairs.add(new double[] {level, reference.level(channel, stimulus)});
        }
        return law(channel, pairs, care, true);
    }

    private Stimulus alone(Role role, int index, double level) {
        Stimulus still = card.safe().when(card.plasticity());
        double[] row = card.channels(role).stream().mapToDouble(Channel::safe).toArray();
        if (role == Role.NUDGE) {
            Arrays.fill(row, 0);
        }
        row[index] = level;
        Levels levels = Levels.of(role, row);
        return role == Role.NUDGE
                ? still.nudged(new Nudge.Force(levels))
                : still.with(still.levels().and(levels));
    }

    // What is read

    /** A question, and what was read when it was asked once. */
    private record Asked(Stimulus stimulus, Levels read) {}

    private Asked tried(Stimulus stimulus) {
        Levels read = ask(stimulus).levels();
        note(read);
        return new Asked(stimulus, read);
    }

    private List<Asked> states() {
        SplittableRandom draw = new SplittableRandom(care.seed);
        List<Asked> states = new ArrayList<>();
        for (int s = 0; s < STATES; s++) {
            states.add(tried(drawn(draw)));
        }
        return states;
    }

    /** Seeks states that bring a channel further up, or down with a sign of -1, without reaching the end of its range. */
    private void reach(Channel channel, int sign, List<Asked> states, SplittableRandom draw) {
        double end = sign * (sign > 0 ? channel.max() : channel.min()) - NEAR_END * (channel.max() - channel.min());
        Asked furthest = states.stream()
                .filter(state -> sign * at(state.read, channel) < end)
                .max(Comparator.comparingDouble(state -> sign * at(state.read, channel)))
                .orElse(states.getFirst());
        for (int i = 0; i < FURTHER; i++) {
            Asked next = tried(mixed(furthest.stimulus, drawn(draw), draw));
            states.add(next);
            double level = sign * at(next.read, channel);
            if (level < end && level > sign * at(furthest.read, channel)) {
                furthest = next;
            }
        }
    }

    /** One stimulus with some of the levels of another that speaks of the same channels. */
    private static Stimulus mixed(Stimulus one, Stimulus other, SplittableRandom draw) {
        Levels levels = mixed(one.levels(), other.levels(), draw);
        return one.nudge() instanceof Nudge.Force push && other.nudge() instanceof Nudge.Force pull
                ? one.with(levels).nudged(new Nudge.Force(mixed(push.levels(), pull.levels(), draw)))
                : one.with(levels);
    }

    private static Levels mixed(Levels one, Levels other, SplittableRandom draw) {
        Levels mixed = Levels.NONE;
        for (Role role : one.roles()) {
            double[] row = one.row(role);
            for (int i = 0; i < row.length; i++) {
                row[i] = draw.nextDouble() < CHANGED ? other.at(role, 0, i) : row[i];
            }
            mixed = mixed.and(Levels.of(role, row));
        }
        return mixed;
    }

    /** A random state. It says everything that can be said, so that it is the same whatever came before. */
    public Stimulus drawn(SplittableRandom draw) {
        Levels levels = Levels.of(Role.INPUT, each(Role.INPUT, draw));
        if (writable()) {
            levels = levels.and(Levels.of(Role.PARAMETER, each(Role.PARAMETER, draw)));
        }
        if (card.count(Role.KNOB) > 0) {
            levels = levels.and(Levels.of(Role.KNOB, each(Role.KNOB, draw)));
        }
        double[] push = each(Role.NUDGE, draw);
        Stimulus stimulus = card.question(levels).when(card.plasticity());
        return card.realises(Nudge.Kind.FORCE)
                ? stimulus.nudged(new Nudge.Force(Levels.of(Role.NUDGE, push)))
                : stimulus;
    }

    private double[] each(Role role, SplittableRandom draw) {
        return card.channels(role).stream()
                .mapToDouble(channel -> along(channel, draw.nextDouble()))
                .toArray();
    }

    private void note(Levels read) {
        for (Channel channel : read()) {
            singles.computeIfAbsent(channel.name(), name -> new ArrayList<>()).add(at(read, channel));
        }
    }

    private double at(Levels read, Channel channel) {
        return read.at(channel.role(), 0, card.channels(channel.role()).indexOf(channel));
    }

    /** Compares a channel at states that lie as evenly as they can between the lowest and the highest that it reached. */
    private Entry read(Channel channel, Reference reference, List<Asked> states) {
        double margin = NEAR_END * (channel.max() - channel.min());
        List<Asked> inside = states.stream()
                .filter(state -> {
                    double level = at(state.read, channel);
                    return level > channel.min() + margin && level < channel.max() - margin;
                })
                .sorted(Comparator.comparingDouble(state -> at(state.read, channel)))
                .toList();
        List<double[]> pairs = new ArrayList<>();
        for (Asked state : evenly(inside, channel)) {
            double reading = at(ask(state.stimulus.settling(averaged())).levels(), channel);
            // A machine with several rests may come to another one, beyond the end of the range.
            if (reading > channel.min() + margin && reading < channel.max() - margin) {
                pairs.add(new double[] {reference.level(channel, state.stimulus), reading});
            }
        }
        return law(channel, pairs, care, false);
    }

    private List<Asked> evenly(List<Asked> sorted, Channel channel) {
        if (sorted.size() <= care.points) {
            return sorted;
        }
        double low = at(sorted.getFirst().read, channel);
        double high = at(sorted.getLast().read, channel);
        List<Asked> left = new ArrayList<>(sorted);
        List<Asked> chosen = new ArrayList<>();
        for (int p = 0; p < care.points; p++) {
            double wanted = low + (high - low) * p / (care.points - 1.0);
            Asked nearest = left.stream()
                    .min(Comparator.comparingDouble(state -> Math.abs(at(state.read, channel) - wanted)))
                    .orElseThrow();
            left.remove(nearest);
            chosen.add(nearest);
        }
        return chosen;
    }

    // The law

    /**
     * The law of a channel from pairs of levels that somebody noted.
     *
     * @param pairs of what the device said and what was true
     * @throws IllegalArgumentException if they are too few or all at one level
     */
    public static Entry law(Channel channel, List<double[]> pairs, Care care) {
        boolean imposed = switch (channel.role()) {
            case INPUT, NUDGE, KNOB, SOFTNESS, PARAMETER -> true;
            case OUTPUT, FORCE, MONITOR -> false;
        };
        return law(
                channel,
                imposed
                        ? pairs
                        : pairs.stream()
                                .map(pair -> new double[] {pair[1], pair[0]})
                                .toList(),
                care,
                imposed);
    }

    /**
     * @param pairs of the level that the law is a function of, and the one that it gives
     */
    private static Entry law(Channel channel, List<double[]> pairs, Care care, boolean imposed) {
        boolean turned = channel.scale() instanceof Scale.Rheostat;
        double[] x = pairs.stream()
                .mapToDouble(pair -> turned ? 1 / pair[0] : pair[0])
                .toArray();
        double[] y = pairs.stream()
                .mapToDouble(pair -> turned ? 1 / pair[1] : pair[1])
                .toArray();
        StraightLine line;
        try {
            line = StraightLine.through(x, y);
        } catch (IllegalArgumentException tooFew) {
            throw new IllegalArgumentException(
                    "channel " + channel.name() + ": " + tooFew.getMessage()
                            + "; compare more of them"
                            + (imposed ? "" : ", unless no state brings it away from the ends of its range"),
                    tooFew);
        }
        if (!(line.gain().low() > 0)) {
            throw new IllegalArgumentException("channel " + channel.name() + ": its gain comes out as "
                    + (float) line.gain().value() + " (" + (float) line.gain().low() + " to "
                    + (float) line.gain().high()
                    + "), and cannot be told from 0; look whether the reference is at this "
                    + "channel's wire, and in its unit");
        }
        double step = turned ? 0 : channel.scale().codes() > 0 ? channel.resolution() : 1;
        double worst = Arrays.stream(line.residuals()).map(Math::abs).max().orElse(0);
        double[] levels = pairs.stream().mapToDouble(pair -> pair[0]).toArray();
        return new Entry(
                channel.role(),
                channel.unit(),
                null,
                line.gain(),
                line.offset(),
                turned ? null : worst / step,
                StatUtils.min(levels),
                StatUtils.max(levels),
                pairs.size(),
                null,
                null,
                null,
                care.bend && !turned ? bend(levels, line.residuals()) : null);
    }

    private static List<List<Double>> bend(double[] levels, double[] residuals) {
        List<List<Double>> pairs = new ArrayList<>();
        Integer[] order = new Integer[levels.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> levels[i]));
        for (int i : order) {
            if (pairs.isEmpty() || levels[i] > pairs.getLast().getFirst()) {
                pairs.add(List.of(levels[i], residuals[i]));
            }
        }
        return pairs;
    }

    // What the readings tell by themselves

    /** The standard deviation of single readings of each channel that is read, all levels at their safe ones. */
    private double[] noise() {
        List<Channel> read = read();
        Levels levels = card.safe().levels();
        if (writable()) {
            levels = levels.and(safe(Role.PARAMETER));
        }
        Stimulus still = card.question(levels).when(card.plasticity());
        double[][] readings = new double[read.size()][REPEATS];
        for (int r = 0; r < REPEATS; r++) {
            Levels answer = ask(still).levels();
            note(answer);
            for (int c = 0; c < readings.length; c++) {
                readings[c][r] = at(answer, read.get(c));
            }
        }
        return Arrays.stream(readings)
                .mapToDouble(row -> Math.sqrt(StatUtils.variance(row)))
                .toArray();
    }

    /** A standard deviation of normal readings with its chi-squared interval. */
    static Estimate spread(double deviation, int readings) {
        ChiSquaredDistribution law = new ChiSquaredDistribution(readings - 1.0);
        double tail = (1 - Estimate.CONFIDENCE) / 2;
        return new Estimate(
                deviation,
                deviation * Math.sqrt((readings - 1) / law.inverseCumulativeProbability(1 - tail)),
                deviation * Math.sqrt((readings - 1) / law.inverseCumulativeProbability(tail)));
    }

    /** The smallest distance between two different single readings; none where all are the same. */
    private OptionalDouble nearest(Channel channel) {
        double[] sorted = Objects.requireNonNullElse(singles.get(channel.name()), List.<Double>of()).stream()
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        double least = Double.POSITIVE_INFINITY;
        for (int i = 1; i < sorted.length; i++) {
            double distance = sorted[i] - sorted[i - 1];
            if (distance > SAME * (channel.max() - channel.min())) {
                least = Math.min(least, distance);
            }
        }
        return Double.isInfinite(least) ? OptionalDouble.empty() : OptionalDouble.of(least);
    }

    /** How long each channel that is read takes until a step of the inputs has decayed to a ten-thousandth; null unknown. */
    private @Nullable Estimate[] settling(double[] noise) {
        List<Channel> read = read();
        @Nullable Estimate[] found = new Estimate[read.size()];
        double usual = card.settleSeconds();
        if (usual == 0) {
            return found;
        }
        SplittableRandom draw = new SplittableRandom(~care.seed);
        for (int jump = 0; jump < JUMPS; jump++) {
            Stimulus before = drawn(draw).nudged(Nudge.NONE).starting(Start.ONWARD);
            Stimulus after = before.with(Levels.of(Role.INPUT, opposite(before)));
            double[][] distance = new double[DWELLS][];
            Levels rest = reach(before, after, 4 * usual);
            for (int d = 0; d < DWELLS; d++) {
                distance[d] = new double[found.length];
                Levels early = reach(before, after, EARLY * usual * (d + 1) / DWELLS);
                for (int c = 0; c < found.length; c++) {
                    distance[d][c] = Math.abs(at(early, read.get(c)) - at(rest, read.get(c)));
                }
            }
            for (int c = 0; c < found.length; c++) {
                // Both are means of several readings; a step is as much as rounding can do to them.
                double doubt = Math.sqrt(2.0 / care.reads)
                        * Math.max(noise[c], read.get(c).resolution() / 2);
                int channel = c;
                Estimate one = decay(
                        Arrays.stream(distance).mapToDouble(row -> row[channel]).toArray(),
                        doubt,
                        EARLY * usual / DWELLS);
                Estimate best = found[c];
                if (one != null && (best == null || one.reach() * best.value() < best.reach() * one.value())) {
                    found[c] = one;
                }
            }
        }
        return found;
    }

    /** Every input at the other side of the middle of its range. */
    private double[] opposite(Stimulus stimulus) {
        double[] row = stimulus.levels().row(Role.INPUT);
        for (int i = 0; i < row.length; i++) {
            Channel channel = card.channels(Role.INPUT).get(i);
            row[i] = Math.clamp(low(channel) + high(channel) - row[i], low(channel), high(channel));
        }
        return row;
    }

    private Levels reach(Stimulus before, Stimulus after, double dwellSeconds) {
        ask(before.settling(new Settling.Dwell(4 * card.settleSeconds(), 1)));
        return ask(after.settling(new Settling.Dwell(dwellSeconds, care.reads))).levels();
    }

    /**
     * The settling time from distances to rest at equal steps of time; null where fewer than three can be told from noise. The
     * logarithm of a decay is a straight line.
     */
    private static @Nullable Estimate decay(double[] distance, double doubt, double stepSeconds) {
        int clear = 0;
        while (clear < distance.length && distance[clear] > CLEAR * doubt) {
            clear++;
        }
        if (clear < StraightLine.FEWEST) {
            return null;
        }
        double[] x = new double[clear];
        double[] y = new double[clear];
        for (int d = 0; d < clear; d++) {
            x[d] = (d + 1) * stepSeconds;
            y[d] = Math.log(distance[d]);
        }
        Estimate slope = StraightLine.through(x, y).gain();
        // Time runs backward through the slope: a steep fall is a short time. A slope that may be none tells nothing.
        return slope.high() < 0
                ? new Estimate(SETTLED / -slope.value(), SETTLED / -slope.low(), SETTLED / -slope.high())
                : null;
    }
}
