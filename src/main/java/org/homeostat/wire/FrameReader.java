package org.homeostat.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Finds the whole frames among bytes that arrive in pieces. Any bytes may come; what is no whole frame is dropped and
 * counted. Holds one frame at most, in memory that it takes when it is made. Not thread-safe.
 */
public final class FrameReader {

    /** Takes payloads as they are found. */
    @FunctionalInterface
    public interface Sink {

        /** A payload of {@link Header#BYTES} or more; the bytes are valid, and may be changed, during the call only. */
        void payload(byte[] bytes, int from, int length);
    }

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final int largest;
    private final byte[] collected;
    private final CRC32C crc = new CRC32C();
    private int count;
    private boolean overflowing;
    private long dropped;

    /** A reader of frames whose payloads have at most so many bytes. */
    public FrameReader(int largest) {
        this.largest = largest;
        collected = new byte[Cobs.most(largest + Frames.CHECK)];
    }

    /** Takes the next bytes, and hands on the payload of each frame that they complete. */
    public void feed(byte[] bytes, int from, int length, Sink sink) {
        int end = from + length;
        int start = from;
        for (int i = from; i < end; i++) {
            if (bytes[i] == 0) {
                collect(bytes, start, i - start);
                start = i + 1;
                complete(sink);
            }
        }
        collect(bytes, start, end - start);
    }

    /** How many frames were dropped since the reader was made. */
    public long dropped() {
        return dropped;
    }

    private void collect(byte[] bytes, int from, int length) {
        if (overflowing || length > collected.length - count) {
            overflowing = true;
        } else {
            System.arraycopy(bytes, from, collected, count, length);
            count += length;
        }
    }

    private void complete(Sink sink) {
        int had = count;
        boolean tooLong = overflowing;
        count = 0;
        overflowing = false;
        if (had == 0 && !tooLong) {
            return;
        }
        int payload = tooLong ? Cobs.BROKEN : Cobs.decode(collected, 0, had) - Frames.CHECK;
        if (payload < Header.BYTES || payload > largest || !checked(payload)) {
            dropped++;
        } else {
            sink.payload(collected, 0, payload);
        }
    }

    private boolean checked(int payload) {
        crc.reset();
        crc.update(collected, 0, payload);
        return (int) crc.getValue() == (int) INTS.get(collected, payload);
    }
}
