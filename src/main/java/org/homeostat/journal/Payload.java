package org.homeostat.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/**
 * A row of bytes that numbers and texts are put into, and taken from in the same order. Little-endian. Putting makes it
 * grow; taking beyond its end is an {@link IndexOutOfBoundsException}. Not thread-safe.
 */
final class Payload {

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int position;
    private int limit;

    /** An empty one, to put into. */
    Payload() {
        this(new byte[1024], 0, 0);
    }

    /** One over bytes that are there, to take from. */
    Payload(byte[] bytes, int from, int length) {
        this.bytes = bytes;
        this.position = from;
        this.limit = from + length;
    }

    /** Where the next byte is put or taken. */
    int position() {
        return position;
    }

    /** Puts the next byte elsewhere. */
    void position(int elsewhere) {
        room(elsewhere - position);
        position = elsewhere;
    }

    /** How many bytes can still be taken. */
    int remaining() {
        return limit - position;
    }

    /** The bytes themselves, valid until the next put. */
    byte[] bytes() {
        return bytes;
    }

    void putByte(int value) {
        room(1);
        bytes[position++] = (byte) value;
    }

    void putInt(int value) {
        room(Integer.BYTES);
        INTS.set(bytes, position, value);
        position += Integer.BYTES;
    }

    void putLong(long value) {
        room(Long.BYTES);
        LONGS.set(bytes, position, value);
        position += Long.BYTES;
    }

    /** Eight bytes: every bit of it, so that even the two zeros stay apart. */
    void putDouble(double value) {
        putLong(Double.doubleToRawLongBits(value));
    }

    /** Seven bits a byte, lowest first; the top bit says that more follow. Negative numbers take five bytes. */
    void putVarint(int value) {
        room(5);
        int rest = value;
        while ((rest & ~0x7F) != 0) {
            bytes[position++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[position++] = (byte) rest;
    }

    /** A varint a character of Java, which also keeps what is not valid Unicode. */
    void putText(String text) {
        putVarint(text.length());
        for (int i = 0; i < text.length(); i++) {
            putVarint(text.charAt(i));
        }
    }

    void putBytes(byte[] more) {
        room(more.length);
        System.arraycopy(more, 0, bytes, position, more.length);
        position += more.length;
    }

    /** All that remains. */
    byte[] takeBytes() {
        int from = take(remaining());
        return Arrays.copyOfRange(bytes, from, position);
    }

    /** The low bytes of a number. */
    void putFixed(int value, int width) {
        room(width);
        for (int i = 0; i < width; i++) {
            bytes[position++] = (byte) (value >>> (8 * i));
        }
    }

    int takeByte() {
        return bytes[take(1)] & 0xFF;
    }

    int takeInt() {
        return (int) INTS.get(bytes, take(Integer.BYTES));
    }

    long takeLong() {
        return (long) LONGS.get(bytes, take(Long.BYTES));
    }

    double takeDouble() {
        return Double.longBitsToDouble(takeLong());
    }

    int takeVarint() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int next = takeByte();
            value |= (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than five bytes");
    }

    /**
     * A varint that counts things of at least one byte each, so that nonsense is refused before room is made for it.
     */
    int takeCount() {
        return Objects.checkIndex(takeVarint(), remaining() + 1);
    }

    String takeText() {
        char[] text = new char[takeCount()];
        for (int i = 0; i < text.length; i++) {
            text[i] = (char) takeVarint();
        }
        return new String(text);
    }

    int takeFixed(int width) {
        int from = take(width);
        int value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes[from + i] & 0xFF) << (8 * i);
        }
        return value;
    }

    private void room(int more) {
        if (position + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, position + more));
        }
    }

    private int take(int count) {
        if (count > remaining()) {
            throw new IndexOutOfBoundsException("the payload ends too early");
        }
        int from = position;
        position += count;
        return from;
    }
}
