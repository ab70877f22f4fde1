package org.homeostat.journal;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.jspecify.annotations.Nullable;

/**
 * A journal in the place of the device that it was recorded from: it answers each stimulus as the device did, provided
 * that the stimuli are the recorded ones in the recorded order. It answers at once, whatever the deadline.
 */
public final class Replayed implements Device, Restorable {

    private final Path file;
    private final Descriptor descriptor;
    private JournalReader reader;
    private @Nullable Exchange next;
    private boolean closed;

    private Replayed(Path file, JournalReader reader) {
        this.file = file;
        this.reader = reader;
        descriptor = reader.descriptor();
    }

    /**
     * Opens a journal before its first exchange.
     *
     * @throws IOException if it is not a journal that can be read
     */
    public static Replayed open(Path file) throws IOException {
        return new Replayed(file, Journal.read(file));
    }

    @Override
    public Descriptor descriptor() {
        return descriptor;
    }

    /**
     * The recorded answer.
     *
     * @throws DeviceException REFUSED if the stimulus is not the next recorded one, which may then still be presented;
     *     DISCONNECTED at the end of the journal; CORRUPT if the journal is damaged
     */
    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        Exchange exchange = expect(stimulus);
        pass();
        return exchange.response();
    }

    /** The next exchange, if it has this stimulus. */
    Exchange expect(Stimulus stimulus) {
        descriptor.accepted(stimulus);
        Exchange recorded = next();
        if (!recorded.stimulus().equals(stimulus)) {
            throw new DeviceException(
                    Fault.REFUSED,
                    "exchange " + recorded.number() + " of journal " + file + " was made with another stimulus: "
                            + difference(recorded.stimulus(), stimulus) + "; ask exactly what was asked then");
        }
        return recorded;
    }

    /** Goes on behind the exchange that was expected. */
    void pass() {
        next = null;
    }

    /** How many exchanges lie behind. */
    long answered() {
        return next == null ? reader.number() : reader.number() - 1;
    }

    /** Goes to the place behind a number of exchanges. */
    void rewind(long answered) throws IOException {
        reader.close();
        next = null;
        reader = Journal.read(file);
        while (reader.number() < answered) {
            if (reader.next() == null) {
                throw new IOException("journal " + file + ": expected at least " + answered + " exchanges, found "
                        + reader.number() + "; give the journal that belongs to this checkpoint");
            }
        }
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(answered());
    }

    @Override
    public void restore(DataInput in) throws IOException {
        rewind(in.readLong());
    }

    @Override
    public void close() {
        closed = true;
        try {
            reader.close();
        } catch (IOException notClosed) {
            throw new UncheckedIOException(notClosed);
        }
    }

    private Exchange next() {
        if (closed) {
            throw new DeviceException(Fault.DISCONNECTED, "journal " + file + " is closed; open it again");
        }
        try {
            if (next == null) {
                next = reader.next();
            }
        } catch (IOException unreadable) {
            throw new DeviceException(Fault.CORRUPT, String.valueOf(unreadable.getMessage()), unreadable);
        }
        if (next == null) {
            throw new DeviceException(
                    Fault.DISCONNECTED,
                    "the journal ends after " + reader.number() + " exchanges"
                            + (reader.torn() ? " and a torn one" : "") + " (" + file + "); ask fewer, or record more");
        }
        return next;
    }

    /** The first thing in which two stimuli differ, in words. */
    private String difference(Stimulus then, Stimulus now) {
        if (!then.levels().equals(now.levels())) {
            return difference(then.levels(), now.levels());
        }
        if (then.nudge() instanceof Nudge.Force a && now.nudge() instanceof Nudge.Force b) {
            if (!a.equals(b)) {
                return "in its nudge, " + difference(a.levels(), b.levels());
            }
        } else if (then.nudge() instanceof Nudge.Coupling a && now.nudge() instanceof Nudge.Coupling b) {
            if (!a.equals(b)) {
                return difference(a.beta(), a.target(), b.beta(), b.target());
            }
        } else if (then.nudge() instanceof Nudge.Difference a && now.nudge() instanceof Nudge.Difference b) {
            if (!a.equals(b)) {
                return difference(a.beta(), a.target(), b.beta(), b.target());
            }
        } else if (!then.nudge().equals(now.nudge())) {
            return "its nudge was a " + then.nudge().getClass().getSimpleName() + ", not a "
                    + now.nudge().getClass().getSimpleName();
        }
        if (then.start() != now.start()) {
            return "it began " + then.start() + ", not " + now.start();
        }
        return then.plasticity() == now.plasticity()
                ? "its settling was " + then.settling() + ", not " + now.settling()
                : "its parameters were " + then.plasticity() + ", not " + now.plasticity();
    }

    private String difference(double beta, Levels target, double otherBeta, Levels otherTarget) {
        return Double.compare(beta, otherBeta) == 0
                ? "in the target of its nudge, " + difference(target, otherTarget)
                : "its nudge had beta " + beta + ", not " + otherBeta;
    }

    /** The first thing in which two responses differ, in words. */
    String difference(Response then, Response now) {
        if (!then.levels().equals(now.levels())) {
            return difference(then.levels(), now.levels());
        }
        if (!then.errors().equals(now.errors())) {
            return "in its standard errors, " + difference(then.errors(), now.errors());
        }
        return then.quality().equals(now.quality())
                ? "it took " + then.reads() + " reads until " + then.deviceSeconds() + " s, not " + now.reads()
                        + " until " + now.deviceSeconds() + " s"
                : "its quality was " + then.quality() + ", not " + now.quality();
    }

    private String difference(Levels then, Levels now) {
        if (!then.roles().equals(now.roles())) {
            return "its levels were of roles " + then.roles() + ", not " + now.roles();
        }
        for (Role role : then.roles()) {
            int[] positions = then.positions(role);
            if (!Arrays.equals(positions, now.positions(role)) || then.size(role) != now.size(role)) {
                return "its levels of role " + role + " were on other channels";
            }
            if (then.rows(role) != now.rows(role)) {
                return "its levels of role " + role + " had " + then.rows(role) + " rows, not " + now.rows(role);
            }
            for (int lane = 0; lane < then.rows(role); lane++) {
                for (int i = 0; i < then.size(role); i++) {
                    double a = then.at(role, lane, i);
                    double b = now.at(role, lane, i);
                    if (Double.compare(a, b) != 0) {
                        return named(role, positions == null ? i : positions[i]) + " was at " + a + ", not at " + b;
                    }
                }
            }
        }
        throw new IllegalArgumentException("the levels are equal");
    }

    private String named(Role role, int position) {
        List<Channel> channels = descriptor.channels(role);
        return position >= 0 && position < channels.size()
                ? "channel " + channels.get(position).name()
                : "channel " + position + " of role " + role;
    }
}
