package org.homeostat.contracts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.homeostat.board.BoardDevice;
import org.homeostat.board.Served;
import org.homeostat.device.Device;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.link.PtyLink;
import org.homeostat.link.SerialLink;

/** Twins that answer as boards at the far end of pseudo terminals, until all are closed. */
final class Far implements AutoCloseable {

    private final List<AutoCloseable> open = Collections.synchronizedList(new ArrayList<>());

    /** Serves a twin and opens it as a serial board, armed. */
    Device over(Device twin) {
        try {
            PtyLink pty = PtyLink.open();
            Thread server = new Thread(() -> serve(twin, pty), "served twin");
            server.start();
            open.add(() -> {
                pty.close();
                server.join();
                twin.close();
            });
            return armed("serial:" + pty.path(), SerialLink.opener(pty.path(), SerialLink.BAUD, true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Opens a board and arms it. */
    BoardDevice armed(String name, Link.Opener opener) {
        BoardDevice board = BoardDevice.open(name, opener, BoardDevice.Settings.USUAL);
        open.add(board);
        board.arm();
        return board;
    }

    private static void serve(Device twin, PtyLink pty) {
        try {
            new Served(twin, 1).serve(pty, () -> false);
        } catch (LinkException closed) {
            // That is how it ends.
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        open.clear();
    }
}
