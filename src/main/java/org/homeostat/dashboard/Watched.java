package org.homeostat.dashboard;

import java.util.List;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Response;
import org.homeostat.device.Stimulus;
import org.homeostat.device.Wrapper;

/**
 * A device whose answers a page may look at. It changes nothing and keeps nothing of its own, so that a checkpoint made
 * with it is one made without it.
 */
final class Watched implements Wrapper {

    private final Device held;
    private final Live live;

    Watched(Device held, Live live) {
        this.held = held;
        this.live = live;
    }

    @Override
    public Device held() {
        return held;
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
}
