package org.homeostat.app;

import java.time.Duration;
import java.util.Random;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.link.Backoff;
import org.homeostat.run.RunRecord;

/**
 * Takes a run up again by itself when its device was lost, or went to its safe levels because host and board lost each other: what
 * a person would do with {@code --resume}, and just as whole. It arms the board anew, so it is only done when it was asked for.
 * Thread rule: one caller.
 */
final class Perseverance {

    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final long LOOK_MILLIS = 50;

    private final Shared shared;
    private final Catalog catalog;
    private final Interrupt interrupt;
    private final Duration checkpointEvery;
    private long leftNanos;

    /**
     * @param inAll how much time may be spent without the device, over the whole run; 0 gives up at once
     */
    Perseverance(Shared shared, Catalog catalog, Interrupt interrupt, Duration checkpointEvery, Duration inAll) {
        this.shared = shared;
        this.catalog = catalog;
        this.interrupt = interrupt;
        this.checkpointEvery = checkpointEvery;
        leftNanos = inAll.toNanos();
    }

    /**
     * Teaches to the end, with a progress bar.
     *
     * @param who the device, where several are taught at once; else empty
     * @param begun is closed when it loses its device, else by the caller
     * @throws DeviceException if the device is lost for good
     */
    RunRecord taught(String who, Training begun) {
        DeviceException lost;
        try {
            return watched(who, begun);
        } catch (DeviceException failed) {
            lost = failed;
        }
        if (mayReturn(lost)) {
            letGo(begun, lost);
        }
        while (true) {
            Training again = found(who, begun, lost);
            try (again) {
                return watched(who, again);
            } catch (DeviceException failed) {
                lost = failed;
            }
        }
    }

    private RunRecord watched(String who, Training training) {
        return Train.watched(who, training, shared, interrupt, checkpointEvery);
    }

    private boolean mayReturn(DeviceException lost) {
        boolean passing =
                lost.fault() == Fault.DISCONNECTED || lost.fault() == Fault.TIMEOUT || lost.fault() == Fault.LATCHED;
        return passing && leftNanos > 0 && !interrupt.requested();
    }

    private static void letGo(Training training, DeviceException lost) {
        try {
            training.close();
        } catch (DeviceException unconfirmed) {
            lost.addSuppressed(unconfirmed);
        }
    }

    /** The run, taken up as soon as its device is there. */
    private Training found(String who, Training begun, DeviceException first) {
        DeviceException lost = first;
        Backoff backoff = new Backoff(FIRST, LONGEST, new Random());
        while (mayReturn(lost)) {
            shared.say(Words.about(
                    who,
                    lost.getMessage() + ". Trying to take the run up again, for "
                            + Math.max(1, Duration.ofNanos(leftNanos).toSeconds()) + " s at most."));
            long since = System.nanoTime();
            rest(backoff.next());
            try {
                Training again = Training.resume(begun.folder(), catalog);
                again.shownAs(begun);
                return again;
            } catch (DeviceException still) {
                lost = still;
            } finally {
                leftNanos += since - System.nanoTime();
            }
        }
        throw lost;
    }

    private void rest(Duration pause) {
        long until = System.nanoTime() + Math.min(pause.toNanos(), leftNanos);
        try {
            while (System.nanoTime() - until < 0 && !interrupt.requested()) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException told) {
            Thread.currentThread().interrupt();
        }
    }
}
