package org.homeostat.catalog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.homeostat.control.Compliant;
import org.homeostat.control.Gauged;
import org.homeostat.control.Homeostatic;
import org.homeostat.control.Written;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Stimulus;
import org.homeostat.journal.Journal;
import org.homeostat.journal.Recorded;
import org.homeostat.journal.Replayed;
import org.homeostat.learn.Learner;
import org.homeostat.run.BadInput;
import org.homeostat.run.Counted;
import org.homeostat.run.Teaching;
import org.jspecify.annotations.Nullable;

/**
 * A device dressed for a learner, from the inside out: recorded (what is written down is what was said to the hardware),
 * counted, and given what the hardware lacks.
 *
 * <p>This is the one place where wrappers are put together.
 */
public final class Dressed implements AutoCloseable {

    private static final int MOST_EXCHANGES_A_HOLD = 200;

    /** Without converters, positions are held as well as a double can tell, in parts of the range. */
    private static final double FINEST = 1e-16;

    private final Device bare;
    private final Counted counted;
    private final Device device;

    private Dressed(Device bare, Counted counted, Device device) {
        this.bare = bare;
        this.counted = counted;
        this.device = device;
    }

    /**
     * Dresses a bare device.
     *
     * @param journal where exchanges are written down; null to write nothing
     */
    public static Dressed of(Device bare, Learner learner, Teaching teaching, @Nullable Path journal) {
        Device recorded = journal == null ? bare : new Recorded(bare, journal(journal, bare));
        Counted counted = new Counted(recorded);
        return new Dressed(bare, counted, dress(counted, learner, teaching));
    }

    private static Journal journal(Path file, Device bare) {
        try {
            if (!Files.exists(file)) {
                // Under another name until it says whose journal it is: killed meanwhile, none was begun.
                Path fresh = file.resolveSibling(file.getFileName() + ".new");
                Files.deleteIfExists(fresh);
                Journal.create(fresh, bare.descriptor()).close();
                Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
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
            double resolution = device.descriptor().channels(org.homeostat.device.Role.PARAMETER).stream()
                    .mapToDouble(p -> p.resolution() / (p.max() - p.min()))
                    .max()
                    .orElse(0);
            return new Homeostatic(
                    device,
                    new Homeostatic.Tolerance(
                            teaching.holdPart(), Math.max(resolution, FINEST), MOST_EXCHANGES_A_HOLD));
        }
        if (learner.needs().contains(Ability.HOMEOSTASIS)
                && !device.descriptor().forceLaws().isEmpty()) {
            return new Compliant(
                    new Gauged(device),
                    teaching.softness(),
                    teaching.softest(),
                    Compliant.Motion.valueOf(teaching.motion().name()));
        }
        return device.descriptor().can(Ability.WRITABLE_PARAMETERS) ? new Written(device) : device;
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
     */
    public void rest(Duration limit) {
        if (bare instanceof Replayed) {
            return;
        }
        Stimulus safe = bare.descriptor().safe();
        boolean moves =
                bare.descriptor().can(Ability.COMPLIANCE) && !bare.descriptor().can(Ability.HOMEOSTASIS);
        bare.present(moves ? safe.when(Plasticity.FREE) : safe, Deadline.in(limit));
    }

    @Override
    public void close() {
        device.close();
    }
}
