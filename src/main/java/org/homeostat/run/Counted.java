package org.homeostat.run;

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

/** A device whose exchanges are counted. */
public final class Counted implements Wrapper {

    private final Device held;
    private long exchanges;

    public Counted(Device held) {
        this.held = held;
    }

    /** How many exchanges it has answered. */
    public long exchanges() {
        return exchanges;
    }

    @Override
    public Device held() {
        return held;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        Response response = held.present(stimulus, deadline);
        exchanges++;
        return response;
    }

    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        List<Response> responses = held.presentAll(stimuli, deadline);
        exchanges += responses.size();
        return responses;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        out.writeLong(exchanges);
        Restorable.save(held, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        exchanges = in.readLong();
        Restorable.restore(held, in);
    }
}
