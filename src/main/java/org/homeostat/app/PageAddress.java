package org.homeostat.app;

import org.homeostat.dashboard.Dashboard;
import org.homeostat.dashboard.Shelf;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the live page is served. */
final class PageAddress {

    private static final String LOOPBACK = "127.0.0.1";
    private static final int LAST_PORT = 65_535;

    @Option(names = "--port", paramLabel = "N", description = "The port of the page (default: any that is free).")
    @Nullable
    Integer port;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            description =
                    "Serve the page at another address than this computer's own, such as 0.0.0.0; who opens it then needs "
                            + "the token that is printed with it. It is not encrypted (default: " + LOOPBACK + ").")
    @Nullable
    String bind;

    /**
     * Serves the page.
     *
     * @throws BadInput if it cannot be served there
     */
    Dashboard open(Shelf shelf) {
        int wanted = port == null ? 0 : port;
        if (wanted < 0 || wanted > LAST_PORT) {
            throw new BadInput("--port: expected 1 to " + LAST_PORT + ", or 0 for any that is free, not " + wanted);
        }
        return Dashboard.open(shelf, bind == null ? LOOPBACK : bind, wanted);
    }

    /** Refuses what has no meaning without a page. */
    void requireUnused() {
        if (port != null || bind != null) {
            throw new BadInput((port != null ? "--port" : "--bind") + " goes with --watch; give both, or neither");
        }
    }
}
