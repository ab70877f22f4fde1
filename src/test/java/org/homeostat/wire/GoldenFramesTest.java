package org.homeostat.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.homeostat.wire.Golden.Entry;
import org.homeostat.wire.Message.Arm;
import org.homeostat.wire.Message.Batch;
import org.homeostat.wire.Message.Beat;
import org.homeostat.wire.Message.Hello;
import org.homeostat.wire.Message.ReadCard;
import org.homeostat.wire.Message.Request;
import org.homeostat.wire.Message.Stop;
import org.homeostat.wire.WireStimulus.WireNudge;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The golden frames, in both directions. */
class GoldenFramesTest {

    private final Codec codec = new Codec(ExampleBoard.LAYOUT);

    private static String hex(byte[] bytes) {
        return HexFormat.of().withUpperCase().formatHex(bytes);
    }

    @Test
    void checksAreTheCrc32cLowestByteFirst() {
        List<Entry> entries = Golden.frames("check.txt");
        assertThat(entries).hasSizeGreaterThan(10);
        for (int i = 0; i < entries.size(); i += 2) {
            byte[] plain = entries.get(i).bytes();
            Bytes check = new Bytes().put32(Frames.check(plain, 0, plain.length));
            assertThat(hex(check.copy())).isEqualTo(entries.get(i + 1).digits());
        }
    }

    @Test
    void stuffedBytesAreWhatTheyShould() {
        List<Entry> entries = Golden.frames("cobs.txt");
        assertThat(entries).hasSizeGreaterThan(20);
        for (int i = 0; i < entries.size(); i += 2) {
            byte[] plain = entries.get(i).bytes();
            byte[] stuffed = entries.get(i + 1).bytes();
            Bytes ours = new Bytes();
            Cobs.encode(plain, 0, plain.length, ours);
            assertThat(hex(ours.copy())).isEqualTo(hex(stuffed));
            assertThat(stuffed.length).isLessThanOrEqualTo(Cobs.most(plain.length));
            int length = Cobs.decode(stuffed, 0, stuffed.length);
            assertThat(hex(Arrays.copyOf(stuffed, length))).isEqualTo(hex(plain));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"requests.txt", "replies.txt", "worked.txt"})
    void everyPayloadBecomesItsFrameAndComesBack(String file) {
        List<Entry> entries = Golden.frames(file);
        byte[] payload = {};
        for (Entry entry : entries) {
            switch (entry.word()) {
                case "payload" -> payload = entry.bytes();
                case "check" ->
                    assertThat(hex(new Bytes()
                                    .put32(Frames.check(payload, 0, payload.length))
                                    .copy()))
                            .isEqualTo(entry.digits());
                case "frame" -> {
                    Bytes frame = new Bytes();
                    Frames.encode(new Bytes().put(payload, 0, payload.length), frame);
                    assertThat(hex(frame.copy())).isEqualTo(entry.digits());
                    Heard heard = new Heard(640);
                    heard.feed(entry.bytes());
                    assertThat(heard.payloads()).containsExactly(hex(payload));
                }
                default -> throw new AssertionError(entry.word());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"requests.txt", "replies.txt", "worked.txt"})
    void everyPayloadIsUnderstoodAndSaidAgainInTheSameBytes(String file) throws MalformedException {
        int seen = 0;
        for (Entry entry : Golden.frames(file)) {
            if (entry.word().equals("payload")) {
                assertThat(hex(again(entry.bytes()))).isEqualTo(entry.digits());
                seen++;
            }
        }
        assertThat(seen).isGreaterThan(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"requests.txt", "replies.txt"})
    void whatIsCutShortOrTooLongIsMalformed(String file) {
        for (Entry entry : Golden.frames(file)) {
            byte[] payload = entry.bytes();
            if (entry.word().equals("payload") && payload[0] != (byte) 0x82) {
                for (int length = 0; length < payload.length; length++) {
                    byte[] cut = Arrays.copyOf(payload, length);
                    assertThatThrownBy(() -> again(cut)).isInstanceOf(MalformedException.class);
                }
                byte[] longer = Arrays.copyOf(payload, payload.length + 1);
                assertThatThrownBy(() -> again(longer)).isInstanceOf(MalformedException.class);
            }
        }
    }

    @Test
    void damagedFramesAreDroppedAndCounted() {
        for (Entry entry : Golden.frames("damaged.txt")) {
            Heard heard = new Heard(640);
            heard.feed(entry.bytes());
            assertThat(heard.payloads()).as(entry.digits()).isEmpty();
            assertThat(heard.dropped()).as(entry.digits()).isEqualTo(1);
        }
    }

    @Test
    void streamsHoldTheirPayloadsHoweverTheyAreCut() {
        List<Entry> entries = Golden.frames("streams.txt");
        for (int piece : new int[] {1, 2, 3, 7, 1000}) {
            Heard heard = new Heard(640);
            List<String> expected = new ArrayList<>();
            for (Entry entry : entries) {
                switch (entry.word()) {
                    case "stream" -> {
                        heard = new Heard(640);
                        expected.clear();
                        byte[] bytes = entry.bytes();
                        for (int from = 0; from < bytes.length; from += piece) {
                            heard.feed(Arrays.copyOfRange(bytes, from, Math.min(from + piece, bytes.length)));
                        }
                    }
                    case "payload" -> expected.add(entry.digits());
                    case "dropped" -> {
                        assertThat(heard.payloads()).containsExactlyElementsOf(expected);
                        assertThat(heard.dropped()).isEqualTo(entry.number());
                    }
                    default -> throw new AssertionError(entry.word());
                }
            }
        }
    }

    /** Decodes a payload and encodes what it said. */
    private byte[] again(byte[] payload) throws MalformedException {
        Header header = Header.of(payload, 0, payload.length);
        Message message = header.type() < Header.REPLY
                ? codec.request(payload, 0, payload.length)
                : codec.reply(payload, 0, payload.length, asked(header.type(), payload));
        Bytes bytes = new Bytes();
        codec.encode(header.session(), header.number(), message, bytes);
        return bytes.copy();
    }

    private static Request asked(int type, byte[] payload) {
        return switch (type) {
            case 0x81 -> new Hello(1, 0);
            case 0x82 -> new ReadCard(0, 64);
            case 0x83 -> new Arm(1, 500, List.of());
            case 0x84 ->
                payload.length > 17 && payload[17] == 3
                        ? new Batch(List.of(reads(1), reads(1), reads(2)))
                        : new Batch(List.of(reads(1), reads(4)));
            case 0x86 -> new Stop();
            default -> new Beat();
        };
    }

    private static WireStimulus reads(int reads) {
        return new WireStimulus(false, reads, WireStimulus.NO_DWELL, List.of(), WireNudge.NONE);
    }
}
