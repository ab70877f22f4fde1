package org.homeostat.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.homeostat.board.BoardDevice;
import org.homeostat.calibration.Calibrated;
import org.homeostat.calibration.Calibration;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.control.Compliant;
import org.homeostat.control.Gauged;
import org.homeostat.control.Homeostatic;
import org.homeostat.control.Written;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.guard.Guarded;
import org.homeostat.guard.Limit;
import org.homeostat.journal.Journal;
import org.homeostat.journal.Recorded;
import org.homeostat.journal.Replayed;
import org.homeostat.learn.Learner;
import org.homeostat.pi.PiDevice;
import org.homeostat.run.BadInput;
import org.homeostat.run.Counted;
import org.homeostat.run.Limits;
import org.homeostat.run.Teaching;
import org.jspecify.annotations.Nullable;

/**
 * A device dressed for a learner, from the inside out: recorded, counted, guarded, calibrated, and given what the hardware
 * lacks.
 *
 * <p>This is the one place where wrappers are put together. Recording comes first because what is written down must be
 * what was said to the hardware: were the guard inside, the exchanges on its way to a set-point would be in no journal,
 * and whoever resumed the run would not know of them. The guard comes next, so that no wrapper outside it can get past.
 * Limits are therefore in the board's own levels, and a calibration stands outside them.
 */
public final class Dressed implements AutoCloseable {

    private static final int MOST_EXCHANGES_A_HOLD = 200;

    /** Without converters, positions are held as well as a double can tell, in parts of the range. */
    private static final double FINEST = 1e-16;

    /** How long going to safe levels may take when nobody said. */
    private static final Duration REST_LIMIT = Duration.ofSeconds(10);

    private final Device bare;
    private final Counted counted;
    private final @Nullable Guarded guarded;
    private final Device device;

    /** How many exchanges had been answered when it was last sent to its safe levels; below 0 if it never was. */
    private long restedAfter = -1;

    private boolean closed;

    private Dressed(Device bare, Counted counted, @Nullable Guarded guarded, Device device) {
        this.bare = bare;
        this.counted = counted;
        this.guarded = guarded;
        this.device = device;
    }

    /**
     * Dresses a bare device, with its calibration if it has one.
     *
     * @param journal where exchanges are written down; null to write nothing
     * @throws IllegalArgumentException if the limits do not fit the device
     */
    public static Dressed of(Opened opened, Learner learner, Teaching teaching, Limits limits, @Nullable Path journal) {
        return of(opened, learner, teaching, limits, journal, UnaryOperator.identity());
    }

    /**
     * The same with a shadow.
     *
     * @param beside puts another device into the shadow of the recorded one, so that it is asked exactly what the hardware is
     */
    public static Dressed of(
            Opened opened,
            Learner learner,
            Teaching teaching,
            Limits limits,
            @Nullable Path journal,
            UnaryOperator<Device> beside) {
        return of(opened.device(), opened.calibration(), learner, teaching, limits, journal, beside);
    }

    /** A bare device that is asked nothing beyond what its board bears, and nothing else around it. */
    public static Device guarded(Opened opened) {
        Map<Role, Limit> kept = opened.known() == null ? Map.of() : byRole(opened.limits());
        return kept.isEmpty() ? opened.device() : new Guarded(opened.device(), kept);
    }

    /**
     * Dresses a bare device that has no calibration.
     *
     * @param journal where exchanges are written down; null to write nothing
     * @throws IllegalArgumentException if the limits do not fit the device
     */
    public static Dressed of(Device bare, Learner learner, Teaching teaching, Limits limits, @Nullable Path journal) {
        return of(bare, null, learner, teaching, limits, journal, UnaryOperator.identity());
    }

    private static Dressed of(
            Device bare,
            @Nullable Calibration calibration,
            Learner learner,
            Teaching teaching,
            Limits limits,
            @Nullable Path journal,
            UnaryOperator<Device> beside) {
        Map<Role, Limit> kept = byRole(limits);
        if (kept.isEmpty()) {
            Counted counted = new Counted(journal == null ? bare : new Recorded(bare, journal(journal, bare)));
            return new Dressed(bare, counted, null, dress(worn(beside.apply(counted), calibration), learner, teaching));
        }
        // A board that is told again where it stood walks there from its safe levels.
        Device reminded = new Guarded(bare, kept);
        Counted counted = new Counted(journal == null ? bare : new Recorded(bare, journal(journal, bare), reminded));
        Guarded guarded = new Guarded(beside.apply(counted), kept);
        return new Dressed(bare, counted, guarded, dress(worn(guarded, calibration), learner, teaching));
    }

    private static Device worn(Device device, @Nullable Calibration calibration) {
        return calibration == null ? device : new Calibrated(device, calibration);
    }

    private static Map<Role, Limit> byRole(Limits limits) {
        Map<Role, Limit> kept = new EnumMap<>(Role.class);
        limits.byRole()
                .forEach((role, limit) -> kept.put(
                        role,
                        new Limit(
                                Objects.requireNonNullElse(limit.min(), Limit.NONE.min()),
                                Objects.requireNonNullElse(limit.max(), Limit.NONE.max()),
                                Objects.requireNonNullElse(limit.slew(), Limit.NONE.slew()))));
        return kept;
    }

    private static Journal journal(Path file, Device bare) {
        try {
            if (!Files.exists(file)) {
                Journal.create(file, bare.descriptor()).close();
            }
            Journal journal = Journal.open(file);
            if (!journal.descriptor().equals(bare.descriptor())) {
                journal.close();
                throw new BadInput(file + ": it was written with another device (card "
                        + journal.descriptor().digest() + ", this one has "
                        + bare.descriptor().digest() + "); open the device of that run");
            }
            return journal;
        } catch (IOException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
    }

    private static Device dress(Device device, Learner learner, Teaching teaching) {
        if (device.descriptor().can(Ability.HOMEOSTASIS)) {
            return device;
        }
        if (device.descriptor().can(Ability.COMPLIANCE)) {
            double resolution = device.descriptor().channels(Role.PARAMETER).stream()
                    .mapToDouble(p -> p.resolution() / (p.max() - p.min()))
                    .max()
                    .orElse(0);
            return new Homeostatic(
                    device,
                    new Homeostatic.Tolerance(
                            teaching.holdPart(), Math.max(resolution, FINEST), MOST_EXCHANGES_A_HOLD));
        }
        boolean reads = device.descriptor().can(Ability.FORCES);
        boolean gauges = !reads && !device.descriptor().forceLaws().isEmpty();
        if (learner.needs().contains(Ability.HOMEOSTASIS) && (reads || gauges)) {
            return new Compliant(
                    reads ? device : new Gauged(device),
                    teaching.softness(),
                    teaching.softest(),
                    Compliant.Motion.valueOf(teaching.motion().name()));
        }
        if (!device.descriptor().can(Ability.WRITABLE_PARAMETERS)
                || device.descriptor().can(Ability.PLASTICITY)) {
            return device;
        }
        return new Written(learner.needs().contains(Ability.FORCES) && gauges ? new Gauged(device) : device);
    }

    /** The dressed device. */
    public Device device() {
        return device;
    }

    /** The device underneath all clothes. */
    public Device bare() {
        return bare;
    }

    /** How many exchanges the bare device has answered. */
    public long exchanges() {
        return counted.exchanges();
    }

    /**
     * Leaves the device at its safe levels. Goes past the journal: the journal holds what was learned from, and a run
     * taken up later asks what it would have asked. A recording has no levels to be at.
     *
     * @throws DeviceException if the device did not confirm it
     */
    public void rest(Duration limit) {
        restedAfter = counted.exchanges();
        rest(bare, guarded, limit);
    }

    /**
     * Leaves a device at its safe levels, where what was found out must be told whatever becomes of that.
     *
     * @param device bare, or {@linkplain #guarded guarded}
     * @return what the device failed with; empty if it confirmed it
     */
    public static Optional<DeviceException> rest(Device device, Duration limit) {
        try {
            rest(device.bare(), device instanceof Guarded guarded ? guarded : null, limit);
            return Optional.empty();
        } catch (DeviceException unconfirmed) {
            return Optional.of(unconfirmed);
        }
    }

    private static void rest(Device bare, @Nullable Guarded guarded, Duration limit) {
        if (bare instanceof Replayed) {
            return;
        }
        Stimulus still = bare.descriptor().safe();
        try {
            var unused = guarded == null
                    ? bare.present(still, Deadline.in(limit))
                    : guarded.past(bare, still, Deadline.in(limit));
        } catch (DeviceException e) {
            if (e.fault() == Fault.LATCHED) {
                // It says itself that it is there.
                return;
            }
            throw new DeviceException(
                    e.fault(),
                    "could not confirm that board " + bare.descriptor().board() + " is at its safe levels ("
                            + e.getMessage()
                            + "): check the board by hand; "
                            + (bare instanceof PiDevice
                                    ? "its enable pin was lowered if that could still be done"
                                    : "its own watchdog puts its outputs there within "
                                            + BoardDevice.Settings.USUAL
                                                    .silence()
                                                    .toMillis() + " ms of silence"),
                    e);
        }
    }

    /**
     * Lets the device go, at its safe levels.
     *
     * @throws DeviceException if the device did not confirm it
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (device) {
            if (restedAfter != counted.exchanges()) {
                rest(REST_LIMIT);
            }
        }
    }
}
