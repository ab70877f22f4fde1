package org.homeostat.device;

import java.util.ArrayList;
import java.util.List;

/**
 * A black box that answers stimuli: a board, a twin, a recording, or a device that holds another one.
 *
 * <p>Thread rule: one caller at a time. A call blocks until the device has settled and was read, or the deadline passed.
 */
public interface Device extends AutoCloseable {

    /** Its identity card; the same object for as long as the device is open. */
    Descriptor descriptor();

    /**
     * Imposes a stimulus, lets the device settle, and reads it.
     *
     * @return what was read; what the world did is in its {@link Quality}
     * @throws IllegalArgumentException if the stimulus does not fit the descriptor; nothing was imposed
     * @throws DeviceException if the channel to the device broke
     */
    Response present(Stimulus stimulus, Deadline deadline);

    /**
     * Presents stimuli in order, as one batch where the device can take one.
     *
     * @return one response a stimulus, in order
     * @throws IllegalArgumentException if one of them does not fit the descriptor; nothing was imposed
     * @throws DeviceException if the channel to the device broke; how many were imposed is then unknown
     */
    default List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        stimuli.forEach(descriptor()::accepted);
        List<Response> responses = new ArrayList<>(stimuli.size());
        for (Stimulus stimulus : stimuli) {
            responses.add(present(stimulus, deadline));
        }
        return responses;
    }

    /** The device underneath all wrappers: itself, unless it holds another one. */
    default Device bare() {
        return this;
    }

    /** Lets the device go. Idempotent; further stimuli meet a {@link DeviceException}. */
    @Override
    void close();
}
