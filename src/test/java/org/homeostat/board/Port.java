package org.homeostat.board;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.link.LinkException.Trouble;

/**
 * A serial port in memory: the board's end stays open for as long as the board has power, the host's is opened anew as often
 * as the host likes. What is said while the other is away is lost.
 */
final class Port {

    /** Bytes on their way. */
    private static final class Pipe {
        private byte[] bytes = new byte[256];
        private int count;

        synchronized void put(byte[] from, int offset, int length) {
            if (count + length > bytes.length) {
                bytes = Arrays.copyOf(bytes, 2 * (count + length));
            }
            System.arraycopy(from, offset, bytes, count, length);
            count += length;
            notifyAll();
        }

        synchronized int take(byte[] into, int offset, int length, long nanos, BooleanSupplier ended) {
            long limit = System.nanoTime() + Math.min(nanos, TimeUnit.DAYS.toNanos(1));
            while (count == 0 && !ended.getAsBoolean()) {
                long left = limit - System.nanoTime();
                if (left <= 0) {
                    return 0;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return 0;
                }
            }
            int taken = Math.min(length, count);
            System.arraycopy(bytes, 0, into, offset, taken);
            System.arraycopy(bytes, taken, bytes, 0, count - taken);
            count -= taken;
            return taken;
        }

        synchronized void empty() {
            count = 0;
            notifyAll();
        }
    }

    private final Pipe toBoard = new Pipe();
    private final Pipe toHost = new Pipe();
    private volatile End host;
    private volatile boolean plugged = true;
    private final End board = new End(toBoard, toHost);

    private final class End implements Link {
        private final Pipe in;
        private final Pipe out;
        private volatile boolean ended;

        End(Pipe in, Pipe out) {
            this.in = in;
            this.out = out;
        }

        @Override
        public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
            requireOpen();
            if (this != board || host != null) {
                out.put(bytes, offset, length);
            }
        }

        @Override
        public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
            requireOpen();
            int count = in.take(into, offset, length, nanos, () -> ended);
            requireOpen();
            return count;
        }

        private void requireOpen() throws LinkException {
            if (ended) {
                throw new LinkException(Trouble.GONE, "port: its far end has gone; plug it in again");
            }
        }

        @Override
        public boolean alive() {
            return !ended;
        }

        @Override
        public String name() {
            return "port";
        }

        @Override
        public void close() {
            ended = true;
            if (this == host) {
                host = null;
            }
            in.empty();
        }
    }

    /** The board's end. */
    Link board() {
        return board;
    }

    /** Opens the host's end, as long as the cable is plugged in and nobody else has it. */
    Link open() throws LinkException {
        if (!plugged) {
            throw new LinkException(Trouble.ABSENT, "port: there is nothing; plug the board in");
        }
        if (host != null) {
            throw new LinkException(Trouble.BUSY, "port: somebody else has it open; close it there");
        }
        toHost.empty();
        End opened = new End(toHost, toBoard);
        host = opened;
        return opened;
    }

    /** Pulls the cable; the board keeps its power. */
    void unplug() {
        plugged = false;
        End before = host;
        if (before != null) {
            before.close();
        }
    }

    void plug() {
        plugged = true;
    }
}
