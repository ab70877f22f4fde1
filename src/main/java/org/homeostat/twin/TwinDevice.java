package org.homeostat.twin;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Start;
import org.homeostat.device.Stimulus;
import org.homeostat.physics.Drive;
import org.homeostat.physics.Physics;
import org.homeostat.physics.Rest;
import org.homeostat.physics.Sampled;
import org.homeostat.physics.Sampled.Run;
import org.homeostat.physics.Sampled.Sample;
import org.jspecify.annotations.Nullable;

/**
 * A simulated board: physics behind a front end, with the imperfections of one specimen drawn from a seed.
 *
 * <p>Its clock is virtual. Every reading is drawn from the seed and the number of the exchange, so that two twins of one
 * seed that are asked the same answer the same, bit for bit. What a twin cannot tell: how long a real board takes.
 */
public final class TwinDevice implements Device, Restorable {

    /** One conversion of one channel by an MCP3208-class converter takes about this long. */
    private static final double SECONDS_A_READING = 10e-6;

    /** The settling time is where the slowest mode has decayed to a ten-thousandth: that many time constants. */
    static final double TIME_CONSTANTS_TO_SETTLE = Math.log(1e4);

    private final Descriptor card;
    private final Physics physics;
    private final double tolerance;
    private final long noiseSeed;
    private final int[] monitored;
    private final int[] outputs;
    private final Elements elements;
    private final List<Converter> inputConverters = new ArrayList<>();
    private final List<Converter> nudgeConverters = new ArrayList<>();
    private final List<Converter> outputConverters = new ArrayList<>();
    private final List<Converter> monitorConverters = new ArrayList<>();
    private final List<Converter> positionConverters = new ArrayList<>();

    private final double[][] input;
    private final double[][] rest;
    private final double[][] shown;
    private final @Nullable Sample[] samples;
    private Specimen specimen;
    private long exchanges;
    private double seconds;
    private boolean open = true;

    /** What acted on each lane in this exchange. */
    private Drive[] latest = {};

    /** The outputs last read without a nudge, one row a lane; null while there are none. */
    private double @Nullable [][] free;

    /**
     * @param card the card of the board that it mimics
     * @param physics what it is made of; inputs, outputs and parameters in the order of the card's channels
     * @param monitored which of the physical state each MONITOR channel shows
     * @param tolerance how far the physics is settled, see {@link Physics#settle}
     */
    public TwinDevice(
            Descriptor card, Physics physics, int[] monitored, Imperfections spread, double tolerance, long seed) {
        this(card, physics, monitored, spread, tolerance, seed, null);
    }

    /**
     * A given specimen.
     *
     * @throws IllegalArgumentException if the specimen has other channels than the card
     */
    public TwinDevice(Descriptor card, Physics physics, int[] monitored, Specimen specimen, double tolerance) {
        this(card, physics, monitored, specimen, tolerance, null);
    }

    /**
     * @param synapses what the parameters are made of where they learn by themselves; null where they do not
     */
    public TwinDevice(
            Descriptor card,
            Physics physics,
            int[] monitored,
            Imperfections spread,
            double tolerance,
            long seed,
            @Nullable Synapses synapses) {
        this(card, physics, monitored, Specimen.drawn(card, spread, seed), tolerance, synapses);
    }

    private TwinDevice(
            Descriptor card,
            Physics physics,
            int[] monitored,
            Specimen specimen,
            double tolerance,
            @Nullable Synapses synapses) {
        if (card.can(Ability.PLASTICITY) != (synapses != null)) {
            throw new IllegalArgumentException("board " + card.board()
                    + ": a twin needs synapses where parameters learn by themselves, and nowhere else");
        }
        requireCount(card, Role.INPUT, physics.inputs());
        requireCount(card, Role.OUTPUT, physics.outputs().length);
        requireCount(card, Role.PARAMETER, physics.parameters());
        requireCount(card, Role.MONITOR, monitored.length);
        if (card.can(Ability.FORCES)) {
            requireCount(card, Role.FORCE, physics.parameters());
        }
        this.card = card;
        this.physics = physics;
        this.tolerance = tolerance;
        this.specimen = specimen;
        this.monitored = monitored.clone();
        outputs = physics.outputs();
        if (synapses != null) {
            elements = new PlasticElements(card, physics, synapses);
        } else {
            elements = card.can(Ability.COMPLIANCE)
                    ? new CompliantElements(card, physics, tolerance)
                    : new DigitalElements(card, specimen);
        }
        for (Channel channel : card.channels(Role.PARAMETER)) {
            positionConverters.add(new Converter(channel, Specimen.Errors.NONE));
        }
        noiseSeed = specimen.noiseSeed();
        take(specimen);
        input = new double[card.lanes()][];
        rest = new double[card.lanes()][physics.states()];
        shown = new double[card.lanes()][physics.states()];
        samples = new Sample[card.lanes()];
        for (int lane = 0; lane < input.length; lane++) {
            input[lane] = card.channels(Role.INPUT).stream()
                    .mapToDouble(Channel::safe)
                    .toArray();
        }
    }

    private static void requireCount(Descriptor card, Role role, int wanted) {
        if (card.count(role) != wanted) {
            throw new IllegalArgumentException("board " + card.board() + " lists " + card.count(role)
                    + " channels of role " + role + ", its physics has " + wanted);
        }
    }

    private void take(Specimen other) {
        convert(Role.INPUT, inputConverters, other);
        convert(Role.NUDGE, nudgeConverters, other);
        convert(Role.OUTPUT, outputConverters, other);
        convert(Role.MONITOR, monitorConverters, other);
    }

    private void convert(Role role, List<Converter> converters, Specimen other) {
        List<Channel> channels = card.channels(role);
        if (other.errors().getOrDefault(role, List.of()).size() != channels.size()) {
            throw new IllegalArgumentException("board " + card.board() + ": the specimen is one of a board with other "
                    + "channels of role " + role);
        }
        converters.clear();
        for (int i = 0; i < channels.size(); i++) {
            converters.add(new Converter(channels.get(i), other.errors(role, i)));
        }
    }

    /** What it is a specimen of, part by part. */
    public Specimen specimen() {
        return specimen;
    }

    /**
     * Becomes another specimen: what was imposed stays imposed. For fitting, which tries many.
     *
     * @throws IllegalArgumentException if its parameters are not set by codes, or the other has other channels
     */
    public void become(Specimen other) {
        if (!(elements instanceof DigitalElements digital)) {
            throw new IllegalArgumentException(
                    "board " + card.board() + ": its parameters are not set by codes; there is nothing of it to fit");
        }
        take(other);
        digital.become(other);
        specimen = other;
    }

    /**
     * What a meter at the wire of a channel shows: the level that was really there in the last exchange, in the first lane.
     * For simulated instruments. Nothing that learns asks for it.
     *
     * @param role INPUT, NUDGE, OUTPUT, MONITOR or PARAMETER
     */
    public double onWire(Role role, int index) {
        return switch (role) {
            case INPUT -> inputConverters.get(index).putOut(input[0][index]);
            case NUDGE -> latest.length == 0 ? 0 : latest[0].current()[index];
            case OUTPUT -> observed(index);
            case MONITOR -> shown[0][monitored[index]];
            case PARAMETER -> elements.theta()[index];
            case KNOB, SOFTNESS, FORCE ->
                throw new IllegalArgumentException("board " + card.board() + ": a channel of role " + role
                        + " has no wire that a meter could be put to");
        };
    }

    /**
     * The mean of endlessly many readings of the last exchange in the first lane, not rounded to codes.
     *
     * @param role OUTPUT or MONITOR
     */
    public double expected(Role role, int index) {
        return (role == Role.OUTPUT ? outputConverters : monitorConverters)
                .get(index)
                .distorted(onWire(role, index));
    }

    private double observed(int index) {
        Sample sample = samples[0];
        if (sample != null) {
            return sample.outputs()[index];
        }
        double[] all = new double[outputs.length];
        physics.observe(shown[0], all);
        return all[index];
    }

    @Override
    public Descriptor descriptor() {
        return card;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        if (!open) {
            throw new DeviceException(Fault.DISCONNECTED, "twin " + card.board() + " is closed; open it again");
        }
        card.accepted(stimulus);
        Nudge nudge = realised(stimulus.nudge());
        deadline.require(card.board());
        double dwell = stimulus.nudge() instanceof Nudge.Ramp ramp
                ? ramp.seconds() + card.settleSeconds()
                : stimulus.settling() instanceof Settling.Dwell fixed ? fixed.dwellSeconds() : card.settleSeconds();
        // Only a coupling that pushes away can be one that the physics refuses, and that shows when it is all imposed.
        Rest settled = nudge instanceof Nudge.Coupling coupling && coupling.beta() < 0
                ? settledOrUndone(stimulus, nudge, dwell)
                : settled(stimulus, nudge, dwell);
        boolean early = show(dwell);
        exchanges++;
        Response response = read(stimulus.settling().reads(), quality(settled, early));
        if (nudge instanceof Nudge.None) {
            free = new double[card.lanes()][];
            Arrays.setAll(free, response::outputs);
        }
        return response;
    }

    private Nudge realised(Nudge nudge) {
        card.requireRead(nudge, free != null);
        return nudge instanceof Nudge.Difference difference
                ? difference.from(Objects.requireNonNull(free), card)
                : nudge;
    }

    private Rest settled(Stimulus stimulus, Nudge nudge, double dwell) {
        elements.impose(stimulus);
        Drive[] drives = drives(stimulus, nudge);
        seconds += dwell;
        // A stream of its own for each exchange and purpose: nothing but the counter needs remembering.
        SplittableRandom chance = new SplittableRandom(~noiseSeed - exchanges);
        boolean afresh = stimulus.start() == Start.AFRESH;
        for (int lane = 0; afresh && lane < rest.length; lane++) {
            physics.begin(rest[lane], chance);
        }
        Arrays.fill(samples, null);
        Rest settled = elements.settle(stimulus, drives, rest, seconds / 3600, (theta, drive, lane) -> {
            if (!(physics instanceof Sampled sampled)) {
                return physics.settle(theta, drive, rest[lane], tolerance);
            }
            Sample sample = sampled.sample(
                    theta,
                    drive,
                    rest[lane],
                    new Run(afresh, dwell, stimulus.settling().reads(), chance.split()));
            samples[lane] = sample;
            return sample.rest();
        });
        latest = drives;
        return settled;
    }

    private Rest settledOrUndone(Stimulus stimulus, Nudge nudge, double dwell) {
        try {
            ByteArrayOutputStream before = new ByteArrayOutputStream();
            save(new DataOutputStream(before));
            try {
                return settled(stimulus, nudge, dwell);
            } catch (IllegalArgumentException refused) {
                restore(new DataInputStream(new ByteArrayInputStream(before.toByteArray())));
                throw refused;
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private Drive[] drives(Stimulus stimulus, Nudge nudge) {
        Drive[] drives = new Drive[input.length];
        Levels levels = stimulus.levels();
        for (int lane = 0; lane < drives.length; lane++) {
            if (levels.has(Role.INPUT)) {
                imposeInput(lane, levels);
            }
            double[] x = new double[input[lane].length];
            for (int i = 0; i < x.length; i++) {
                x[i] = inputConverters.get(i).putOut(input[lane][i]);
            }
            Drive free = Drive.free(x, outputs.length);
            drives[lane] = switch (nudge) {
                case Nudge.None none -> free;
                case Nudge.Force force -> {
                    double[] imposed = force.levels().row(Role.NUDGE, lane);
                    for (int k = 0; k < imposed.length; k++) {
                        imposed[k] = nudgeConverters.get(k).putOut(imposed[k]);
                    }
                    yield free.pushed(imposed);
                }
                case Nudge.Coupling coupling ->
                    free.coupled(
                            coupling.beta() * card.betaUnit(), coupling.target().row(Role.OUTPUT, lane));
                case Nudge.Clamp clamp -> free.clamped(clamp.at().row(Role.OUTPUT, lane));
                case Nudge.Ramp ramp ->
                    free.coupled(ramp.to() * card.betaUnit(), ramp.target().row(Role.OUTPUT, lane));
                case Nudge.Difference difference ->
                    throw new IllegalStateException("a difference is realised as a force");
            };
        }
        return drives;
    }

    private void imposeInput(int lane, Levels levels) {
        int[] positions = levels.positions(Role.INPUT);
        for (int i = 0; i < levels.size(Role.INPUT); i++) {
            input[lane][positions == null ? i : positions[i]] = levels.at(Role.INPUT, lane, i);
        }
    }

    /** What the nodes show after the dwell: rest, less what has not decayed of the way there. */
    private boolean show(double dwell) {
        // A machine that is sampled has had its time while it ran.
        double left = !(physics instanceof Sampled) && card.settleSeconds() > 0 && dwell < card.settleSeconds()
                ? Math.exp(-TIME_CONSTANTS_TO_SETTLE * dwell / card.settleSeconds())
                : 0;
        for (int lane = 0; lane < rest.length; lane++) {
            for (int i = 0; i < rest[lane].length; i++) {
                shown[lane][i] = rest[lane][i] + left * (shown[lane][i] - rest[lane][i]);
            }
        }
        return left > 0;
    }

    private Quality quality(Rest settled, boolean early) {
        if (Double.isInfinite(settled.residual())) {
            return new Quality(
                    Verdict.UNSTABLE,
                    "",
                    told(settled, "the twin's energy has no minimum here; make its couplings or the nudge weaker"));
        }
        return switch (settled.ending()) {
            case UNLOCKED ->
                new Quality(
                        Verdict.UNLOCKED,
                        "",
                        told(settled, "the twin's oscillators are not locked; make the couplings stronger"));
            case NOT_AT_REST ->
                new Quality(
                        Verdict.UNSETTLED,
                        "",
                        told(settled, "the twin did not come to rest; its springs may be too soft for the forces"));
            case AT_REST ->
                early
                        ? new Quality(Verdict.UNSETTLED, "", "read before the settling time was over; dwell longer")
                        : Quality.SETTLED;
        };
    }

    private static String told(Rest settled, String otherwise) {
        return settled.remark().isEmpty() ? otherwise : settled.remark();
    }

    private Response read(int reads, Quality soFar) {
        // A stream of its own for each exchange: nothing but the counter needs remembering. (Seeds a multiple of the
        // generator's own increment apart would give the same stream, shifted.)
        SplittableRandom noise = new SplittableRandom(noiseSeed + exchanges);
        Reading outputReading = new Reading(card.lanes(), outputs.length, reads);
        Reading monitorReading = new Reading(card.lanes(), monitored.length, reads);
        Quality quality = soFar;
        for (int lane = 0; lane < card.lanes(); lane++) {
            Sample sample = samples[lane];
            double[] observed = new double[outputs.length];
            if (sample == null) {
                physics.observe(shown[lane], observed);
            } else {
                observed = sample.outputs();
            }
            for (int k = 0; k < outputs.length; k++) {
                boolean end =
                        outputReading.take(lane, k, outputConverters.get(k), observed[k], specimen.readNoise(), noise);
                if (sample != null) {
                    outputReading.doubt(lane, k, sample.outputErrors()[k]);
                }
                quality = end ? quality.worst(clipped(Role.OUTPUT, k)) : quality;
            }
            for (int k = 0; k < monitored.length; k++) {
                boolean end = monitorReading.take(
                        lane, k, monitorConverters.get(k), shown[lane][monitored[k]], specimen.readNoise(), noise);
                quality = end ? quality.worst(clipped(Role.MONITOR, k)) : quality;
            }
        }
        Levels levels = outputReading.levels(Role.OUTPUT);
        Levels errors = outputReading.errors(Role.OUTPUT);
        if (monitored.length > 0) {
            levels = levels.and(monitorReading.levels(Role.MONITOR));
            errors = errors.and(monitorReading.errors(Role.MONITOR));
        }
        if (card.can(Ability.FORCES)) {
            Reading forces = forces(reads, noise);
            levels = levels.and(forces.levels(Role.FORCE));
            errors = errors.and(forces.errors(Role.FORCE));
        }
        if (card.can(Ability.COMPLIANCE) || card.can(Ability.PLASTICITY)) {
            double[] positions = elements.positions();
            Reading position = new Reading(1, positions.length, reads);
            for (int k = 0; k < positions.length; k++) {
                position.take(0, k, positionConverters.get(k), positions[k], specimen.readbackNoise(), noise);
            }
            levels = levels.and(position.levels(Role.PARAMETER));
            errors = errors.and(position.errors(Role.PARAMETER));
        }
        seconds += reads * (outputs.length + monitored.length) * SECONDS_A_READING;
        return new Response(levels, errors, reads, seconds, quality);
    }

    /** The conjugate forces, mean over lanes as the parameters are shared. */
    private Reading forces(int reads, SplittableRandom noise) {
        double[] mean = new double[physics.parameters()];
        double[] variance = new double[mean.length];
        int lanes = card.lanes();
        for (int lane = 0; lane < lanes; lane++) {
            Sample sample = samples[lane];
            if (sample == null) {
                physics.addForces(elements.theta(), latest[lane], shown[lane], 1.0 / lanes, mean);
            }
            for (int k = 0; sample != null && k < mean.length; k++) {
                mean[k] += sample.forces()[k] / lanes;
            }
            for (int k = 0; sample != null && k < mean.length; k++) {
                variance[k] += sample.forceErrors()[k] * sample.forceErrors()[k] / lanes / lanes;
            }
        }
        double spent = specimen.readNoise() / Math.sqrt((double) reads * lanes);
        Reading reading = new Reading(1, mean.length, reads);
        for (int k = 0; k < mean.length; k++) {
            double doubt = spent == 0 ? 0 : spent * noise.nextGaussian();
            reading.exact(0, k, mean[k] + doubt, Math.sqrt(variance[k] + spent * spent));
        }
        return reading;
    }

    private Quality clipped(Role role, int index) {
        String name = card.channels(role).get(index).name();
        return new Quality(
                Verdict.CLIPPED,
                name,
                "channel " + name + " reads the end of its range; make the inputs or nudges smaller");
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(exchanges);
        out.writeDouble(seconds);
        elements.save(out);
        for (double[][] rows : List.of(input, rest, shown)) {
            for (double[] row : rows) {
                for (double value : row) {
                    out.writeDouble(value);
                }
            }
        }
        Restorable.saveRows(free, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        exchanges = in.readLong();
        seconds = in.readDouble();
        elements.restore(in);
        for (double[][] rows : List.of(input, rest, shown)) {
            for (double[] row : rows) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = in.readDouble();
                }
            }
        }
        free = Restorable.restoreRows(in, card.lanes(), outputs.length);
    }

    /** The physics inside, for tests that compare with the truth. */
    Physics physics() {
        return physics;
    }

    @Override
    public void close() {
        open = false;
    }
}
