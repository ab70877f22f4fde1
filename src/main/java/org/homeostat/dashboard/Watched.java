package org.homeostat.dashboard;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Stimulus;

/**
 * A device whose answers a page may look at. It changes nothing and keeps nothing of its own, so that a checkpoint made
 * with it is one made without it.
 */
final class Watched implements Device, Restorable {

    private final Device held;
    private final Live live;

    Watched(Device held, Live live) {
        this.held = held;
        this.live = live;
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
     * Presents a stimulus, unless somebody waits for the device to stop and the step under way takes too long.
     *
     * @throws MidStepException if it is asked in the middle of a step that is no longer wanted
     */
    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        live.goOnWithStep();
        Response response = held.present(stimulus, deadline);
        live.seen(response);
        return response;
    }

    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        live.goOnWithStep();
        List<Response> responses = held.presentAll(stimuli, deadline);
        responses.forEach(live::seen);
        return responses;
    }

    @Override
    public void save(DataOutput out) throws IOException {
        Restorable.save(held, out);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        Restorable.restore(held, in);
    }

    @Override
    public void close() {
        held.close();
    }
}
