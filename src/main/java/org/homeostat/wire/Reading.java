package org.homeostat.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Takes little-endian numbers from bytes that nobody vouches for. */
final class Reading {

    private static final VarHandle SHORTS =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int position;

    Reading(byte[] bytes, int from, int length) {
        this.bytes = bytes;
        this.position = from;
        this.end = from + length;
    }

    int remaining() {
        return end - position;
    }

    int take8() throws MalformedException {
        return bytes[take(1)] & 0xFF;
    }

    boolean takeFlag() throws MalformedException {
        int value = take8();
        if (value > 1) {
            throw new MalformedException("expected 0 or 1, not " + value);
        }
        return value == 1;
    }

    int take16() throws MalformedException {
        return (short) SHORTS.get(bytes, take(Short.BYTES)) & 0xFFFF;
    }

    long take32() throws MalformedException {
        return (int) INTS.get(bytes, take(Integer.BYTES)) & 0xFFFF_FFFFL;
    }

    long take64() throws MalformedException {
        return (long) LONGS.get(bytes, take(Long.BYTES));
    }

    double takeF64() throws MalformedException {
        return Double.longBitsToDouble(take64());
    }

    byte[] takeBytes(int count) throws MalformedException {
        int from = take(count);
        return Arrays.copyOfRange(bytes, from, from + count);
    }

    /** What is not UTF-8 is replaced: the text is for people only. */
    String takeText() throws MalformedException {
        int count = take16();
        return new String(bytes, take(count), count, StandardCharsets.UTF_8);
    }

    /** Refuses what is too short, before room is made for it. */
    void require(long count) throws MalformedException {
        if (count > remaining()) {
            throw new MalformedException("expected " + count + " more bytes, not " + remaining());
        }
    }

    void requireEnd() throws MalformedException {
        if (remaining() > 0) {
            throw new MalformedException("expected the end, not " + remaining() + " more bytes");
        }
    }

    private int take(int count) throws MalformedException {
        require(count);
        int from = position;
        position += count;
        return from;
    }
}
