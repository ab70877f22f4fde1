package org.homeostat.fleet;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.homeostat.board.Served;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.link.PipeLink;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device that is no board behind a link, answering as one: each link that is opened to it is a pipe with {@link Served} at its
 * far end, and ends the one before, as if the board had been started anew. Closing it closes the device. Thread-safe.
 */
public final class Hosted implements Link.Opener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Hosted.class);
    private static final long END_MILLIS = 2000;

    private final String name;
    private final Device device;
    private @Nullable PipeLink far;
    private @Nullable Thread server;

    /**
     * @param name what the user calls it
     */
    public Hosted(String name, Device device) {
        this.name = name;
        this.device = device;
    }

    @Override
    public synchronized Link open() throws LinkException {
        end();
        PipeLink.Ends pipe = PipeLink.pair(name);
        Served served = new Served(device, System.nanoTime());
        far = pipe.far();
        server = Thread.ofPlatform().daemon().name("served " + name).start(() -> serve(served, pipe.far()));
        return pipe.near();
    }

    private void serve(Served served, Link link) {
        try {
            served.serve(link, () -> false);
        } catch (LinkException ended) {
            // Closed by whoever opened it, or here.
        } catch (DeviceException failed) {
            LOG.warn("{} no longer answers: {}", name, failed.getMessage());
        } finally {
            link.close();
        }
    }

    private void end() throws LinkException {
        Thread running = server;
        if (far == null || running == null) {
            return;
        }
        far.close();
        boolean ended = false;
        try {
            ended = running.join(Duration.ofMillis(END_MILLIS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!ended) {
            throw new LinkException(
                    LinkException.Trouble.BUSY,
                    name + " still works on an earlier exchange after " + TimeUnit.MILLISECONDS.toSeconds(END_MILLIS)
                            + " s; try again");
        }
        far = null;
        server = null;
    }

    @Override
    public synchronized void close() {
        try {
            end();
        } catch (LinkException busy) {
            LOG.warn("{}", busy.getMessage());
        }
        device.close();
    }
}
