package org.homeostat.wire;

/**
 * Consistent overhead byte stuffing (section 1): turns any bytes into bytes without zeros, at most one in 254 more and
 * one besides. After Cheshire and Baker, "Consistent Overhead Byte Stuffing", SIGCOMM 1997.
 */
public final class Cobs {

    /** What {@link #decode} returns where the bytes cannot come from {@link #encode}. */
    public static final int BROKEN = -1;

    private static final int FULL = 0xFF;

    private Cobs() {}

    /** The largest number of bytes that so many bytes can become. */
    public static int most(int count) {
        return Math.addExact(count, count / (FULL - 1) + 1);
    }

    /** Appends bytes, stuffed, to others. */
    public static void encode(byte[] bytes, int from, int count, Bytes out) {
        out.room(most(count));
        byte[] target = out.array();
        int length = out.length();
        int at = length++;
        for (int i = from; i < from + count; i++) {
            if (length - at == FULL) {
                target[at] = (byte) FULL;
                at = length++;
            }
            byte next = bytes[i];
            if (next == 0) {
                target[at] = (byte) (length - at);
                at = length++;
            } else {
                target[length++] = next;
            }
        }
        target[at] = (byte) (length - at);
        out.length(length);
    }

    /**
     * Undoes {@link #encode} in place: what it was starts at {@code from}.
     *
     * @return how many bytes it was, or {@link #BROKEN}
     */
    public static int decode(byte[] bytes, int from, int count) {
        int read = from;
        int end = from + count;
        int written = from;
        while (read < end) {
            int piece = (bytes[read++] & 0xFF) - 1;
            if (piece < 0 || piece > end - read) {
                return BROKEN;
            }
            System.arraycopy(bytes, read, bytes, written, piece);
            read += piece;
            written += piece;
            if (piece < FULL - 1 && read < end) {
                bytes[written++] = 0;
            }
        }
        return written - from;
    }
}
