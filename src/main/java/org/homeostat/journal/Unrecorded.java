package org.homeostat.journal;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Stimulus;
import org.homeostat.device.Wrapper;

/**
 * A device that stands where a {@link Recorded} one stood, of which only the memory is wanted: it is put back as that one was,
 * and passes over the place in the journal. For looking at what a run has learned, not for going on with it.
 */
public final class Unrecorded implements Wrapper {

    private final Device held;

    public Unrecorded(Device held) {
        this.held = held;
    }

    @Override
    public Device held() {
        return held;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        return held.present(stimulus, deadline);
    }

    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        return held.presentAll(stimuli, deadline);
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(0);
        Restorable.save(held, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        var unused = in.readLong();
        Restorable.restore(held, in);
    }
}
