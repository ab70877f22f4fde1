package org.homeostat.wire;

import java.util.zip.CRC32C;

/** Frames (section 1): a payload and its check, stuffed, and a zero byte at the end. {@link FrameReader} reads them. */
public final class Frames {

    /** How many bytes the check has. */
    static final int CHECK = 4;

    private Frames() {}

    /** The largest number of bytes that a payload can become. */
    public static int most(int payload) {
        return Cobs.most(payload + CHECK) + 1;
    }

    /**
     * Appends the frame of a payload. Whoever writes the first bytes to a line should put a zero in front of them, to
     * end what the other side had collected.
     *
     * @param payload what the frame shall hold; its check is put behind it and taken away again
     */
    public static void encode(Bytes payload, Bytes out) {
        int length = payload.length();
        payload.put32(check(payload.array(), 0, length));
        Cobs.encode(payload.array(), 0, payload.length(), out);
        payload.length(length);
        out.put8(0);
    }

    /** The CRC-32C of some bytes. */
    static long check(byte[] bytes, int from, int count) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, count);
        return crc.getValue();
    }
}
