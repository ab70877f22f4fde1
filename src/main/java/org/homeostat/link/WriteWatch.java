package org.homeostat.link;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ends links whose write is overdue, since a blocked write ends in no other way. One daemon thread for the whole program,
 * there only while links are open; a write costs it nothing, and between writes it sleeps. Thread-safe.
 */
final class WriteWatch {

    /** A link whose writes may block. */
    interface Watched {

        /** When the write that is under way should be through, by {@link System#nanoTime}; {@link #NONE} if there is none. */
        long due();

        /** Ends the link, from the watch's own thread and without waiting. */
        void overdue();
    }

    /** No write is under way. */
    static final long NONE = Long.MIN_VALUE;

    private static final long LOOK_NANOS = 10_000_000;

    /** How many looks without any write it takes to fall asleep. */
    private static final int IDLE_LOOKS = 100;

    private static final Set<Watched> WATCHED = ConcurrentHashMap.newKeySet();
    private static final Object STARTING = new Object();
    private static @Nullable Thread running;
    private static volatile boolean asleep;
    private static volatile @Nullable Thread sleeper;

    private WriteWatch() {}

    static void watch(Watched link) {
        synchronized (STARTING) {
            WATCHED.add(link);
            if (running == null) {
                running = Thread.ofPlatform().daemon().name("link-write-watch").start(WriteWatch::look);
            }
        }
        wake();
    }

    static void forget(Watched link) {
        WATCHED.remove(link);
        wake();
    }

    /** To be called after a link's {@link Watched#due} has been set. */
    static void wake() {
        if (asleep) {
            LockSupport.unpark(sleeper);
        }
    }

    /** The moment that lies so many nanoseconds ahead, never {@link #NONE}. */
    static long due(long nanos) {
        long due = Door.limit(nanos);
        return due == NONE ? due + 1 : due;
    }

    private static void look() {
        sleeper = Thread.currentThread();
        int quiet = 0;
        while (true) {
            boolean writing = false;
            long now = System.nanoTime();
            for (Watched link : WATCHED) {
                long due = link.due();
                if (due != NONE) {
                    writing = true;
                    if (now - due > 0) {
                        WATCHED.remove(link);
                        link.overdue();
                    }
                }
            }
            if (WATCHED.isEmpty() && ended()) {
                return;
            }
            quiet = writing ? 0 : quiet + 1;
            if (quiet <= IDLE_LOOKS) {
                asleep = false;
                LockSupport.parkNanos(LOOK_NANOS);
            } else if (asleep) {
                LockSupport.park();
                quiet = 0;
            } else {
                // One more look after this, so that a write that began meanwhile is not overlooked.
                asleep = true;
            }
        }
    }

    private static boolean ended() {
        synchronized (STARTING) {
            if (!WATCHED.isEmpty()) {
                return false;
            }
            running = null;
            asleep = false;
            return true;
        }
    }
}
