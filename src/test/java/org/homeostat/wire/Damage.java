package org.homeostat.wire;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Frames that were damaged on the way, in eight families. */
final class Damage {

    /** How many ways there are to damage a frame. */
    static final int FAMILIES = 8;

    private static final int[] LENGTHS = {4, 9, 16, 64, 256, 512};

    private final SplittableRandom random;
    private final Bytes payload = new Bytes();
    private final Bytes other = new Bytes();
    private final Bytes frame = new Bytes();
    private final Bytes otherFrame = new Bytes();
    private byte[] damaged = new byte[2048];
    private int length;

    Damage(SplittableRandom random) {
        this.random = random;
    }

    /** Draws new payloads of 4 to 512 bytes, a quarter of them zeros. */
    void draw() {
        fill(payload);
        fill(other);
        frame.clear();
        otherFrame.clear();
        Frames.encode(payload, frame);
        Frames.encode(other, otherFrame);
    }

    private void fill(Bytes bytes) {
        bytes.clear();
        int count = random.nextBoolean() ? LENGTHS[random.nextInt(LENGTHS.length)] : random.nextInt(4, 513);
        for (int i = 0; i < count; i += 4) {
            long bits = random.nextLong();
            for (int k = 0; k < 4 && i + k < count; k++) {
                boolean zero = (bits >>> 32 + 2 * k & 3) == 0;
                bytes.put8(zero ? 0 : (int) (bits >>> 8 * k) & 0xFF);
            }
        }
    }

    /** Damages the frame in one of the ways. */
    void damage(int family) {
        length = frame.length();
        System.arraycopy(frame.array(), 0, damaged, 0, length);
        switch (family) {
            case 0 -> flip(random.nextInt(1, 4));
            case 1 -> flip(random.nextInt(4, 16));
            case 2 -> lose(random.nextInt(length), 1);
            case 3 -> insert(random.nextInt(length + 1), random.nextInt(256));
            case 4 -> {
                int from = random.nextInt(length);
                lose(from, Math.min(random.nextInt(2, 40), length - from));
            }
            case 5 -> {
                int from = random.nextInt(length);
                noise(from, Math.min(from + random.nextInt(2, 40), length));
            }
            case 6 -> {
                int head = random.nextInt(1, length);
                int tail = random.nextInt(1, otherFrame.length());
                System.arraycopy(otherFrame.array(), otherFrame.length() - tail, damaged, head, tail);
                length = head + tail;
            }
            case 7 -> {
                length = random.nextInt(1, 600);
                noise(0, length);
            }
            default -> throw new IllegalArgumentException("no family " + family);
        }
    }

    byte[] bytes() {
        return damaged;
    }

    int length() {
        return length;
    }

    /** The frame before it was damaged. */
    Bytes frame() {
        return frame;
    }

    /** Another whole frame. */
    Bytes otherFrame() {
        return otherFrame;
    }

    /** True if these bytes are what was sent, before the damage. */
    boolean sent(byte[] bytes, int from, int count) {
        return same(payload, bytes, from, count) || same(other, bytes, from, count);
    }

    /** True if these bytes are the other payload. */
    boolean other(byte[] bytes, int from, int count) {
        return same(other, bytes, from, count);
    }

    /** True if the other payload is long enough for a payload of the protocol. */
    boolean otherIsWhole() {
        return other.length() >= Header.BYTES;
    }

    private static boolean same(Bytes sent, byte[] bytes, int from, int count) {
        return Arrays.equals(sent.array(), 0, sent.length(), bytes, from, from + count);
    }

    private void flip(int bits) {
        for (int i = 0; i < bits; i++) {
            int bit = random.nextInt(8 * length);
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
        }
    }

    private void lose(int from, int count) {
        System.arraycopy(damaged, from + count, damaged, from, length - from - count);
        length -= count;
    }

    private void insert(int at, int value) {
        System.arraycopy(damaged, at, damaged, at + 1, length - at);
        damaged[at] = (byte) value;
        length++;
    }

    private void noise(int from, int to) {
        for (int i = from; i < to; i++) {
            damaged[i] = (byte) random.nextInt();
        }
    }
}
