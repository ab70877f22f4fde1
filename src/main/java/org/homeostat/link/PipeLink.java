package org.homeostat.link;

import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.homeostat.link.LinkException.Trouble;

/**
 * One end of a pipe between two parts of this program: what is written at one end is read at the other. The far end is gone
 * when it was closed; what it had written and nobody has read is lost then.
 */
public final class PipeLink implements Link {

    /** The two ends of a pipe. */
    public record Ends(PipeLink near, PipeLink far) {}

    private static final int CAPACITY = 1 << 15;

    /** What goes one way and was not read yet. */
    private static final class Way {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition moved = lock.newCondition();
        private final byte[] bytes = new byte[CAPACITY];
        private int first;
        private int count;

        int put(byte[] from, int offset, int length) {
            int taken = Math.min(length, CAPACITY - count);
            int start = (first + count) % CAPACITY;
            int straight = Math.min(taken, CAPACITY - start);
            System.arraycopy(from, offset, bytes, start, straight);
            System.arraycopy(from, offset + straight, bytes, 0, taken - straight);
            count += taken;
            moved.signalAll();
            return taken;
        }

        int take(byte[] into, int offset, int length) {
            int given = Math.min(length, count);
            int straight = Math.min(given, CAPACITY - first);
            System.arraycopy(bytes, first, into, offset, straight);
            System.arraycopy(bytes, 0, into, offset + straight, given - straight);
            first = (first + given) % CAPACITY;
            count -= given;
            moved.signalAll();
            return given;
        }

        void wake() {
            lock.lock();
            try {
                moved.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private final String name;
    private final Way in;
    private final Way out;
    private final Door door;
    private final Door farDoor;

    private PipeLink(String name, Way in, Way out, Door door, Door farDoor) {
        this.name = name;
        this.in = in;
        this.out = out;
        this.door = door;
        this.farDoor = farDoor;
    }

    /**
     * Makes a pipe.
     *
     * @param name what both ends are called
     */
    public static Ends pair(String name) {
        Way one = new Way();
        Way other = new Way();
        Door near = new Door();
        Door far = new Door();
        return new Ends(new PipeLink(name, one, other, near, far), new PipeLink(name, other, one, far, near));
    }

    @Override
    public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        long limit = Door.limit(nanos);
        int done = 0;
        out.lock.lock();
        try {
            while (done < length) {
                long left = limit - System.nanoTime();
                while (door.open() && out.count == CAPACITY && left > 0) {
                    left = out.moved.awaitNanos(left);
                }
                requireOpen();
                if (out.count == CAPACITY) {
                    break;
                }
                done += out.put(bytes, offset + done, length - done);
            }
        } catch (InterruptedException interrupted) {
            throw interrupted();
        } finally {
            out.lock.unlock();
        }
        requireOpen();
        if (done < length) {
            giveUp(done, length);
        }
    }

    private void giveUp(int done, int length) throws LinkException {
        door.shut(
                Trouble.STUCK,
                name + " took only " + done + " of " + length
                        + " bytes in time; whoever reads it hangs: start it anew");
        farDoor.shut(Trouble.GONE, name + ": its far end has given it up, since nobody read");
        in.wake();
        out.wake();
        throw door.reason();
    }

    @Override
    public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
        Objects.checkFromIndexSize(offset, length, into.length);
        long left = Door.limit(nanos) - System.nanoTime();
        in.lock.lock();
        try {
            while (door.open() && in.count == 0 && left > 0) {
                left = in.moved.awaitNanos(left);
            }
            requireOpen();
            return in.take(into, offset, length);
        } catch (InterruptedException interrupted) {
            throw interrupted();
        } finally {
            in.lock.unlock();
        }
    }

    private LinkException interrupted() {
        Thread.currentThread().interrupt();
        return new LinkException(Trouble.CLOSED, name + " was left: this thread was interrupted");
    }

    private void requireOpen() throws LinkException {
        if (!door.open()) {
            throw door.reason();
        }
    }

    @Override
    public boolean alive() {
        return door.open();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void close() {
        if (door.shut(Trouble.CLOSED, name + " was closed here")) {
            farDoor.shut(Trouble.GONE, name + ": its far end was closed; open it anew");
            in.wake();
            out.wake();
        }
    }
}
