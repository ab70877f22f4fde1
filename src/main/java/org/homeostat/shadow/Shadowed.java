package org.homeostat.shadow;

import java.io.DataInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Stimulus;
import org.homeostat.device.Wrapper;
import org.homeostat.shadow.Divergence.Difference;
import org.jspecify.annotations.Nullable;

/**
 * A device with a second one in its shadow, which is asked all that the first one is asked, behind it. Whoever asks gets the
 * first one's answers; how far the shadow's lie apart is told meanwhile. A shadow that fails is asked no more; the work goes on.
 *
 * <p>What a shadow knows is not written down by {@link #save}: it belongs to those who watch, not to the run.
 */
public final class Shadowed implements Wrapper {

    /** Who is told; called by the thread that asks. */
    public interface Watcher {

        /** The answers to a question lie further apart than is allowed. */
        void diverged(Difference difference);

        /** The shadow failed and is asked no more. */
        void lost(String why);
    }

    private final Device held;
    private final Device shadow;
    private final Divergence divergence;
    private final Watcher watcher;
    private boolean lost;

    /**
     * Puts a device into the shadow of another; closing this closes both.
     *
     * @param shadow a twin of the same channels, which stands where the other one does
     * @throws IllegalArgumentException if the two cannot be asked the same
     */
    public Shadowed(Device held, Device shadow, Tolerance tolerance, Watcher watcher) {
        Divergence.requireAlike(held.descriptor(), shadow.descriptor());
        this.held = held;
        this.shadow = shadow;
        divergence = new Divergence(held.descriptor(), tolerance);
        this.watcher = watcher;
    }

    /** How far the two lie apart so far. */
    public Divergence divergence() {
        return divergence;
    }

    @Override
    public Device held() {
        return held;
    }

    @Override
    public Response present(Stimulus stimulus, Deadline deadline) {
        Response answer = held.present(stimulus, deadline);
        follow(stimulus, answer, deadline);
        return answer;
    }

    @Override
    public List<Response> presentAll(List<Stimulus> stimuli, Deadline deadline) {
        List<Response> answers = new ArrayList<>(held.presentAll(stimuli, deadline));
        for (int i = 0; i < answers.size(); i++) {
            follow(stimuli.get(i), answers.get(i), deadline);
        }
        return answers;
    }

    private void follow(Stimulus stimulus, Response answer, Deadline deadline) {
        if (lost) {
            return;
        }
        @Nullable Difference difference;
        try {
            difference = divergence.add(answer, shadow.present(stimulus, deadline));
        } catch (DeviceException | IllegalArgumentException gone) {
            lose("failed: " + gone.getMessage());
            return;
        }
        if (difference != null) {
            watcher.diverged(difference);
        }
    }

    private void lose(String why) {
        lost = true;
        watcher.lost("the shadow " + shadow.descriptor().board() + " is asked no more after " + divergence.exchanges()
                + " exchanges, for it " + why);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        Restorable.restore(held, in);
        if (!lost) {
            lose("does not stand where the other one was put back to");
        }
    }

    @Override
    public void close() {
        try (shadow) {
            held.close();
        }
    }
}
