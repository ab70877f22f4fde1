package org.homeostat.wire;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A frame reader, and what it handed out, as hexadecimal digits. */
final class Heard {

    private final FrameReader reader;
    private final List<String> payloads = new ArrayList<>();

    Heard(int largest) {
        reader = new FrameReader(largest);
    }

    void feed(byte[] bytes) {
        reader.feed(
                bytes,
                0,
                bytes.length,
                (from, at, length) ->
                        payloads.add(HexFormat.of().withUpperCase().formatHex(from, at, at + length)));
    }

    List<String> payloads() {
        return payloads;
    }

    long dropped() {
        return reader.dropped();
    }
}
