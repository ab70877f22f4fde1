package org.homeostat.journal;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Stimulus;
import org.jspecify.annotations.Nullable;

/**
 * A device whose every exchange is written down in a journal.
 *
 * <p>Resuming: a crash leaves a checkpoint, and a journal that knows of exchanges made after it. {@link #restore}
 * goes back to the checkpoint; the learner then asks again what it asked after it. As long as the journal knows the
 * answers, a device that is not {@link Restorable} (a board, which has already moved on) is not asked: the journal
 * answers in its place. One that is (a twin, which was put back too) is asked again, and must answer the same. Then
 * recording goes on.
 *
 * <p>Nobody knows what a board did before its run was taken up again: it may have lost its power, or gone to its safe
 * levels. Before it is asked anything new it is therefore told once more, in an exchange that is not written down, all
 * that the journal says was imposed on it last.
 *
 * <p>Once it has failed it fails again in the same way, without asking the device: an exchange that the journal does
 * not know would make it useless for resuming. A batch is written down when all of it has come back; one that broke may
 * have been imposed in part, so that the run can only be taken up behind the last exchange written down.
 */
public final class Recorded implements Device, Restorable {

    private final Device held;
    private final Journal journal;
    private final Device reminded;
    private @Nullable Replayed past;
    private @Nullable RuntimeException failure;

    /** True while a board may stand elsewhere than its journal says. */
    private boolean unwatched;

    /**
     * Records a device behind what the journal already holds.
     *
     * @throws IllegalArgumentException if the journal describes another device, or the device is not a bare one
     */
    public Recorded(Device held, Journal journal) {
        this(held, journal, held);
    }

    /**
     * Records a device behind what the journal already holds.
     *
     * @param reminded the same hardware on the way on which a board is told again what was imposed on it last
     * @throws IllegalArgumentException if the journal describes another device, or the device is not a bare one
     */
    public Recorded(Device held, Journal journal, Device reminded) {
        if (!held.bare().equals(held)) {
            // A wrapper can be restored whatever it holds, and would pass a board off as a twin.
            throw new IllegalArgumentException("journal " + journal.file() + ": only a bare device is recorded, not a "
                    + held.getClass().getSimpleName() + "; put the wrappers around the recorded device");
        }
        if (!held.descriptor().equals(journal.descriptor())) {
            throw new IllegalArgumentException("journal " + journal.file() + " describes another device: expected "
                    + named(held.descriptor()) + ", found " + named(journal.descriptor())
                    + "; use the device of that run, or start a new run");
        }
        this.held = held;
        this.journal = journal;
        this.reminded = reminded;
        unwatched = journal.exchanges() > 0 && !(held instanceof Restorable);
    }

    @Override
    public Device bare() {
        return held.bare();
    }

    @Override
    public Descriptor descriptor() {
        return held.descriptor();
    }

    /**
     * Asks the device and writes the exchange down.
     *
     * @throws UncheckedIOException if the exchange was made but could not be written down
     * @throws DeviceException as the device says; also, while the journal still knows the answers, REFUSED if the
     *     stimulus is not the recorded one, and CORRUPT if a twin no longer answers as recorded
     */
    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        if (failure != null) {
            throw failure;
        }
        if (past != null) {
            return again(past, stimulus, deadline);
        }
        remind(deadline);
        return write(stimulus, held.present(stimulus, deadline));
    }

    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        List<Response> responses = new ArrayList<>(stimuli.size());
        while (responses.size() < stimuli.size() && (past != null || failure != null)) {
            responses.add(present(stimuli.get(responses.size()), deadline));
        }
        List<Stimulus> fresh = stimuli.subList(responses.size(), stimuli.size());
        if (fresh.size() == 1) {
            responses.add(present(fresh.getFirst(), deadline));
        } else if (!fresh.isEmpty()) {
            remind(deadline);
            List<Response> answers = batch(fresh, deadline);
            for (int i = 0; i < answers.size(); i++) {
                responses.add(write(fresh.get(i), answers.get(i)));
            }
        }
        return responses;
    }

    private List<Response> batch(List<Stimulus> stimuli, Deadline deadline) {
        try {
            return held.presentAll(stimuli, deadline);
        } catch (IllegalArgumentException refused) {
            throw refused;
        } catch (RuntimeException e) {
            failure = new DeviceException(
                    e instanceof DeviceException broken ? broken.fault() : Fault.DISCONNECTED,
                    "a batch of " + stimuli.size() + " exchanges broke after exchange " + journal.exchanges() + " of "
                            + journal.file() + ", and how far it got is unknown; resume the run",
                    e);
            throw e;
        }
    }

    /** Tells a board that nobody watched what was imposed on it last. */
    private void remind(Deadline deadline) {
        if (!unwatched) {
            return;
        }
        try {
            reminded.present(Imposed.last(journal.file()), deadline);
        } catch (IOException unreadable) {
            throw failed(new UncheckedIOException(unreadable.getMessage(), unreadable));
        }
        unwatched = false;
    }

    /** Writes the number of exchanges so far and the device's memory, once the disk holds all those exchanges. */
    @Override
    public void save(DataOutput out) throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        journal.force();
        out.writeLong(past == null ? journal.exchanges() : past.answered());
        Restorable.save(held, out);
    }

    /**
     * Goes back to a checkpoint of this run, to ask again what was asked after it.
     *
     * @throws IOException if the checkpoint speaks of exchanges that the journal does not hold, or the journal is
     *     damaged
     */
    @Override
    public void restore(DataInput in) throws IOException {
        long answered = in.readLong();
        if (answered < 0 || answered > journal.exchanges()) {
            throw new IOException("journal " + journal.file() + " holds " + journal.exchanges()
                    + " exchanges, but the checkpoint was made after exchange " + answered
                    + "; resume from an earlier checkpoint, or give the journal of the same run");
        }
        Restorable.restore(held, in);
        forget(past);
        past = null;
        if (answered < journal.exchanges()) {
            past = Replayed.open(journal.file());
            past.rewind(answered);
        }
        unwatched = journal.exchanges() > 0 && !(held instanceof Restorable);
    }

    /** Closes the device and the journal. */
    @Override
    public void close() {
        if (failure == null) {
            failure = new DeviceException(Fault.DISCONNECTED, "the device and its journal are closed; open them again");
        }
        forget(past);
        past = null;
        try (journal;
                held) {
        } catch (IOException notClosed) {
            throw new UncheckedIOException(notClosed);
        }
    }

    private Response again(Replayed replayed, Stimulus stimulus, Deadline deadline) {
        Exchange recorded = replayed.expect(stimulus);
        if (held instanceof Restorable) {
            Response answer = held.present(stimulus, deadline);
            if (!answer.equals(recorded.response())) {
                throw failed(new DeviceException(
                        Fault.CORRUPT,
                        "the twin no longer answers as its journal says: in exchange " + recorded.number() + " of "
                                + journal.file() + ", " + replayed.difference(recorded.response(), answer)
                                + "; resume with the version and the files that the run was started with"));
            }
        }
        replayed.pass();
        if (replayed.answered() == journal.exchanges()) {
            forget(replayed);
            past = null;
        }
        return recorded.response();
    }

    private Response write(Stimulus stimulus, Response response) {
        long number = journal.exchanges() + 1;
        try {
            journal.append(new Exchange(number, stimulus, response));
            return response;
        } catch (IOException cause) {
            throw failed(new UncheckedIOException(
                    "exchange " + number + " was made but not written down: " + cause.getMessage(), cause));
        }
    }

    private RuntimeException failed(RuntimeException reason) {
        failure = reason;
        return reason;
    }

    private static void forget(@Nullable Replayed replayed) {
        if (replayed != null) {
            replayed.close();
        }
    }

    private static String named(Descriptor descriptor) {
        return descriptor.board() + " (" + descriptor.firmware() + ", digest " + descriptor.digest() + ")";
    }
}
