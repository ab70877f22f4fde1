package org.homeostat.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A row of bytes that grows as little-endian numbers are put at its end. Made to be cleared and used again. A number
 * that does not fit is an {@link IllegalArgumentException}. Not thread-safe.
 */
public final class Bytes {

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] array = new byte[1024];
    private int length;

    /** The bytes themselves, from index 0; valid until the next put. */
    public byte[] array() {
        return array;
    }

    /** How many bytes there are. */
    public int length() {
        return length;
    }

    /** Removes all bytes. */
    public Bytes clear() {
        length = 0;
        return this;
    }

    /** A copy of the bytes. */
    public byte[] copy() {
        return Arrays.copyOf(array, length);
    }

    /** Puts a number from 0 to 2^8 - 1. */
    public Bytes put8(int value) {
        require(value, 0xFF);
        room(1);
        array[length++] = (byte) value;
        return this;
    }

    /** Puts a number from 0 to 2^16 - 1. */
    public Bytes put16(int value) {
        require(value, 0xFFFF);
        room(2);
        array[length++] = (byte) value;
        array[length++] = (byte) (value >>> 8);
        return this;
    }

    /** Puts a number from 0 to 2^32 - 1. */
    public Bytes put32(long value) {
        require(value, 0xFFFF_FFFFL);
        room(Integer.BYTES);
        INTS.set(array, length, (int) value);
        length += Integer.BYTES;
        return this;
    }

    /** Puts eight bytes; negative numbers are those from 2^63 up. */
    public Bytes put64(long value) {
        room(Long.BYTES);
        LONGS.set(array, length, value);
        length += Long.BYTES;
        return this;
    }

    /** Puts every bit of a double. */
    public Bytes putF64(double value) {
        return put64(Double.doubleToRawLongBits(value));
    }

    /** Puts some bytes as they are. */
    public Bytes put(byte[] bytes, int from, int count) {
        room(count);
        System.arraycopy(bytes, from, array, length, count);
        length += count;
        return this;
    }

    /** Makes room at the end without using it. */
    void room(int more) {
        if (more > array.length - length) {
            array = Arrays.copyOf(array, Math.max(array.length * 2, Math.addExact(length, more)));
        }
    }

    /** Says where the end is, after bytes were written into the array. */
    void length(int other) {
        length = other;
    }

    private static void require(long value, long most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException("expected a number from 0 to " + most + ", not " + value);
        }
    }
}
