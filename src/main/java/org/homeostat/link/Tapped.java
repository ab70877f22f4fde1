package org.homeostat.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a broker as Paho is given it: made already, and overheard. Its owner learns at once what Paho tells late or
 * not at all: which bytes are on the wire, when the far end was last heard, and why it ended. Closing it never waits.
 *
 * <p>Paho starts its threads one after the other and asks each time, ten times a second, whether the last one runs; one that has
 * ended by then it waits for without end. So nothing, not even the end, is read before Paho has written something: by then all run.
 */
final class Tapped extends Socket {

    /** Whom it tells. Both are called in threads that must go on: do little. */
    interface Owner {

        /** A message is on its way, all of it. */
        void sent();

        /** It has ended; told once. */
        void ended();
    }

    private static final int BUFFER = 8192;
    private static final int PUBLISH = 3;
    private static final byte[] GOODBYE = {(byte) 0xe0, 0};
    private static final long LISTEN_MILLIS = 100;

    private final Socket carrier;
    private final Owner owner;
    private final InputStream from;
    private final OutputStream to;
    private final Packets packets = new Packets();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch silent = new CountDownLatch(1);
    private final ReentrantLock writing = new ReentrantLock();
    private final Incoming incoming = new Incoming();
    private final Outgoing outgoing = new Outgoing();
    private volatile long heardNanos = System.nanoTime();
    private volatile boolean hungUp;
    private @Nullable IOException failure;
    private boolean over;

    /**
     * Over a connection that is made.
     *
     * @param wire what is read and written
     * @param carrier the plain socket below it, or the same: closing that never waits
     */
    Tapped(Socket wire, Socket carrier, Owner owner) throws IOException {
        this.carrier = carrier;
        this.owner = owner;
        from = wire.getInputStream();
        to = wire.getOutputStream();
    }

    /** What has come so far. */
    Packets packets() {
        return packets;
    }

    /** When something came last, by {@link System#nanoTime}. */
    long heardNanos() {
        return heardNanos;
    }

    /** What ended it; null if it was a word of the broker or of ours, or if it has not ended. */
    synchronized @Nullable IOException failure() {
        return failure;
    }

    /** Writes a whole packet, in between those of Paho. Whoever calls sees to it that it ends. */
    void put(byte[] packet) throws IOException {
        writing.lock();
        try {
            to.write(packet);
            to.flush();
        } catch (IOException broken) {
            outgoing.failed(broken);
            throw broken;
        } finally {
            writing.unlock();
        }
    }

    /** Says good-bye, if no one is in the midst of a packet, and waits until the broker has hung up. */
    void leave(long nanos) {
        long limit = Door.limit(nanos);
        Future<?> late = Clock.in(nanos, this::hangUp);
        try {
            if (!writing.tryLock(nanos, TimeUnit.NANOSECONDS)) {
                return;
            }
            try {
                to.write(GOODBYE);
                to.flush();
            } catch (IOException gone) {
                return;
            } finally {
                writing.unlock();
            }
            var unused = silent.await(limit - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            late.cancel(false);
        }
    }

    /** Ends it, whoever reads or writes. */
    void hangUp() {
        hungUp = true;
        try {
            carrier.close();
        } catch (IOException closed) {
            // It is as good as closed.
        }
        over(null);
    }

    private void over(@Nullable IOException why) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            failure = why;
        }
        owner.ended();
    }

    @Override
    public void connect(SocketAddress where, int millis) throws IOException {
        if (hungUp) {
            throw new SocketException("hung up");
        }
    }

    @Override
    public void setSoTimeout(int millis) {
        // A read that ends early would have Paho lose what came of a header.
    }

    @Override
    public void shutdownInput() {
        // The close that follows does it.
    }

    @Override
    public InputStream getInputStream() {
        return incoming;
    }

    @Override
    public OutputStream getOutputStream() {
        return outgoing;
    }

    /** Paho's close. */
    @Override
    public void close() {
        hangUp();
        begun.countDown();
    }

    private final class Incoming extends InputStream {

        private final byte[] buffer = new byte[BUFFER];
        private int next;
        private int end;

        private boolean filled() throws IOException {
            if (next < end) {
                return true;
            }
            try {
                begun.await();
                int count = from.read(buffer, 0, BUFFER);
                if (count >= 0) {
                    heardNanos = System.nanoTime();
                    packets.take(buffer, 0, count);
                    next = 0;
                    end = count;
                    return true;
                }
                over(null);
                silent.countDown();
                return false;
            } catch (IOException broken) {
                over(broken);
                silent.countDown();
                throw broken;
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }

        @Override
        public int read() throws IOException {
            return filled() ? buffer[next++] & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!filled()) {
                return -1;
            }
            int count = Math.min(length, end - next);
            System.arraycopy(buffer, next, into, offset, count);
            next += count;
            return count;
        }

        @Override
        public int available() {
            return end - next;
        }

        @Override
        public void close() {
            Tapped.this.close();
        }
    }

    /** Paho writes a packet in one or more parts, and then flushes. */
    private final class Outgoing extends OutputStream {

        private int type = -1;

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return;
            }
            if (type < 0) {
                writing.lock();
                type = (bytes[offset] & 0xff) >> 4;
            }
            try {
                to.write(bytes, offset, length);
            } catch (IOException broken) {
                type = -1;
                writing.unlock();
                failed(broken);
                throw broken;
            } finally {
                begun.countDown();
            }
        }

        @Override
        public void flush() throws IOException {
            if (type < 0) {
                return;
            }
            int written = type;
            type = -1;
            try {
                to.flush();
            } finally {
                writing.unlock();
            }
            if (written == PUBLISH) {
                owner.sent();
            }
        }

        /** Whoever hangs up may have said why: what is still to be read says more than that nothing can be written. */
        private void failed(IOException broken) {
            begun.countDown();
            try {
                var unused = silent.await(LISTEN_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
            over(broken);
        }

        @Override
        public void close() {
            Tapped.this.close();
        }
    }
}
