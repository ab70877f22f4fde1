package org.homeostat.link;

import org.homeostat.link.Posix.Scratch;
import org.jspecify.annotations.Nullable;

/**
 * Waits at a terminal until there is something to read, woken by the system itself and on time; the serial library waits in
 * tenths of a second, and asking it again and again costs the processor that the far end may need. Linux only. Thread rule: one
 * waiter; {@link #ring} from anywhere; {@link #close} once nobody waits.
 */
final class Sentry {

    private static final short GONE = Posix.POLLHUP | Posix.POLLERR;

    private final Posix posix;
    private final int terminal;
    private final int bell;
    private final Scratch waiting = new Scratch(Long.BYTES);

    private Sentry(Posix posix, int terminal, int bell) {
        this.posix = posix;
        this.terminal = terminal;
        this.bell = bell;
    }

    /** Stands at a terminal; null where that cannot be done. */
    static @Nullable Sentry at(String path) {
        Posix posix;
        try {
            posix = Posix.here("a serial port");
        } catch (LinkException elsewhere) {
            return null;
        }
        Scratch scratch = new Scratch(Long.BYTES);
        int terminal = posix.openTerminal(scratch, path, false);
        if (terminal < 0) {
            return null;
        }
        int bell = posix.openBell(scratch);
        if (bell < 0) {
            posix.close(scratch, terminal);
            return null;
        }
        return new Sentry(posix, terminal, bell);
    }

    /** Waits; false if the far end has hung up. */
    boolean await(long nanos) {
        posix.poll(waiting, terminal, Posix.POLLIN, bell, nanos);
        return (waiting.found(0) & GONE) == 0;
    }

    /** Wakes the waiter, now and for ever. */
    void ring() {
        posix.ring(new Scratch(Long.BYTES), bell);
    }

    void close() {
        Scratch scratch = new Scratch(Long.BYTES);
        posix.close(scratch, terminal);
        posix.close(scratch, bell);
    }
}
