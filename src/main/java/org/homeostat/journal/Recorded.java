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
 * <p>Once it has failed it fails again in the same way, without asking the device: an exchange that the journal does
 * not know would make it useless for resuming. A batch is written down when all of it has come back.
 */
public final class Recorded implements Device, Restorable {

    private final Device held;
    private final Journal journal;
    private @Nullable Replayed past;
    private @Nullable RuntimeException failure;

    /**
     * Records a device behind what the journal already holds.
     *
     * @throws IllegalArgumentException if the journal describes another device
     */
    public Recorded(Device held, Journal journal) {
        if (!held.descriptor().equals(journal.descriptor())) {
            throw new IllegalArgumentException("journal " + journal.file() + " describes another device: expected "
                    + named(held.descriptor()) + ", found " + named(journal.descriptor())
                    + "; use the device of that run, or start a new run");
        }
        this.held = held;
        this.journal = journal;
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
        return past == null ? write(stimulus, held.present(stimulus, deadline)) : again(past, stimulus, deadline);
    }

    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        List<Response> responses = new ArrayList<>(stimuli.size());
        while (responses.size() < stimuli.size() && (past != null || failure != null)) {
            responses.add(present(stimuli.get(responses.size()), deadline));
        }
        List<Stimulus> fresh = stimuli.subList(responses.size(), stimuli.size());
        if (!fresh.isEmpty()) {
            List<Response> answers = held.presentAll(fresh, deadline);
            for (int i = 0; i < answers.size(); i++) {
                responses.add(write(fresh.get(i), answers.get(i)));
            }
        }
        return responses;
    }

    /** Writes the number of exchanges so far and the device's memory, once the disk holds all those exchanges. */
    @Override
    public void save(DataOutput out) throws IOException {
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
