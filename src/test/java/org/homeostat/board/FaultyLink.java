package org.homeostat.board;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.link.LinkException.Trouble;

/**
 * A link on which things go wrong, drawn from a seed: pieces are lost, doubled, cut, damaged and late, arrive in any portions,
 * and now and then the link breaks. What arrives, arrives in order.
 */
final class FaultyLink implements Link {

    /** How often each fault happens, for each piece that is written or read; and how late a late piece is at most. */
    record Faults(
            double lost, double doubled, double cut, double damaged, double late, long lateNanos, double broken) {}

    private record Piece(byte[] bytes, long dueNanos) {}

    private final Link held;
    private final Faults faults;
    private final SplittableRandom random;
    private final Deque<Piece> coming = new ArrayDeque<>();
    private int offset;
    private volatile boolean broken;

    FaultyLink(Link held, Faults faults, SplittableRandom random) {
        this.held = held;
        this.faults = faults;
        this.random = random;
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length, long nanos) throws LinkException {
        breakDown();
        byte[] sent = faulty(Arrays.copyOfRange(bytes, from, from + length));
        if (sent.length > 0) {
            held.write(sent, 0, sent.length, nanos);
        }
    }

    private void breakDown() throws LinkException {
        if (broken || random.nextDouble() < faults.broken) {
            broken = true;
            held.close();
            throw new LinkException(Trouble.GONE, "faulty link: it broke; open it again");
        }
    }

    private byte[] faulty(byte[] bytes) {
        byte[] piece = bytes;
        if (random.nextDouble() < faults.lost) {
            return new byte[0];
        }
        if (random.nextDouble() < faults.cut) {
            piece = Arrays.copyOfRange(piece, random.nextInt(piece.length), piece.length);
        }
        if (piece.length > 0 && random.nextDouble() < faults.damaged) {
            for (int flips = 1 + random.nextInt(5); flips > 0; flips--) {
                piece[random.nextInt(piece.length)] ^= (byte) (1 << random.nextInt(8));
            }
        }
        if (random.nextDouble() < faults.doubled) {
            byte[] twice = Arrays.copyOf(piece, 2 * piece.length);
            System.arraycopy(piece, 0, twice, piece.length, piece.length);
            piece = twice;
        }
        return piece;
    }

    @Override
    public synchronized int read(byte[] into, int at, int length, long nanos) throws LinkException {
        long limit = System.nanoTime() + Math.min(nanos, 1L << 60);
        byte[] buffer = new byte[length];
        while (true) {
            long now = System.nanoTime();
            Piece first = coming.peekFirst();
            if (first != null && now - first.dueNanos >= 0) {
                int most = Math.min(length, first.bytes.length - offset);
                int count = most == 1 ? 1 : 1 + random.nextInt(most);
                System.arraycopy(first.bytes, offset, into, at, count);
                offset += count;
                if (offset == first.bytes.length) {
                    coming.removeFirst();
                    offset = 0;
                }
                return count;
            }
            if (now - limit >= 0 && first == null) {
                return take(buffer, 0) ? read(into, at, length, 0) : 0;
            }
            if (now - limit >= 0) {
                return 0;
            }
            if (!take(buffer, Math.min(limit - now, first == null ? 1L << 60 : first.dueNanos - now))) {
                LockSupport.parkNanos(1000);
            }
        }
    }

    private boolean take(byte[] buffer, long nanos) throws LinkException {
        int count = held.read(buffer, 0, buffer.length, nanos);
        if (count == 0) {
            return false;
        }
        breakDown();
        byte[] piece = faulty(Arrays.copyOf(buffer, count));
        if (piece.length == 0) {
            return false;
        }
        long late = random.nextDouble() < faults.late ? random.nextLong(faults.lateNanos) : 0;
        long after = coming.isEmpty() ? System.nanoTime() : coming.getLast().dueNanos;
        coming.addLast(new Piece(piece, Math.max(after, System.nanoTime() + late)));
        return true;
    }

    @Override
    public boolean alive() {
        return !broken && held.alive();
    }

    @Override
    public String name() {
        return "faulty " + held.name();
    }

    @Override
    public void close() {
        held.close();
    }
}
