package org.homeostat.firmware;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.link.PtyLink;
import org.homeostat.link.SerialLink;

/** A cable that can be pulled, between a host and a board at a serial port. */
final class Relay implements AutoCloseable {

    private static final long TURN_NANOS = 20_000_000;

    private final Path path;
    private final String board;
    private final List<Link> links = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** Plugged in. */
    Relay(Path path, String board) throws LinkException {
        this.path = path;
        this.board = board;
        plug();
    }

    /** Where the host finds the board. */
    String path() {
        return path.toString();
    }

    void plug() throws LinkException {
        Link host = PtyLink.open(path);
        links.add(host);
        Link far = SerialLink.open(board, SerialLink.BAUD, true);
        links.add(far);
        threads.add(Thread.ofPlatform().daemon().start(() -> pump(host, far)));
        threads.add(Thread.ofPlatform().daemon().start(() -> pump(far, host)));
    }

    private static void pump(Link from, Link to) {
        byte[] bytes = new byte[4096];
        try {
            while (true) {
                int count = from.read(bytes, 0, bytes.length, TURN_NANOS);
                if (count > 0) {
                    to.write(bytes, 0, count, 50 * TURN_NANOS);
                }
            }
        } catch (LinkException pulled) {
            // That is what a cable is for.
        }
    }

    /** Pulls it; nothing passes any more. */
    void unplug() {
        links.forEach(Link::close);
        links.clear();
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        threads.clear();
    }

    @Override
    public void close() {
        unplug();
    }
}
