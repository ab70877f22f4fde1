package org.homeostat.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.homeostat.wire.Message.Arm;
import org.homeostat.wire.Message.Batch;
import org.homeostat.wire.Message.Beat;
import org.homeostat.wire.Message.Hello;
import org.homeostat.wire.Message.Refusal;
import org.homeostat.wire.Message.Request;
import org.homeostat.wire.Message.Result;
import org.homeostat.wire.Message.Welcome;
import org.homeostat.wire.WireResponse.Readings;
import org.homeostat.wire.WireStimulus.Block;
import org.homeostat.wire.WireStimulus.WireNudge;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the codec refuses, in both directions, and the ends of its numbers. */
class CodecTest {

    private static final Layout LAYOUT = new Layout(
            2,
            Map.of(
                    WireRole.INPUT, new int[] {1, 2, 4, 8},
                    WireRole.OUTPUT, new int[] {2, 4, 8},
                    WireRole.NUDGE, new int[] {2, 2, 2},
                    WireRole.PARAMETER, new int[] {1}),
            Set.of(WireRole.OUTPUT));

    private final Codec codec = new Codec(LAYOUT);

    private static WireStimulus imposing(Block... blocks) {
        return new WireStimulus(false, 1, WireStimulus.NO_DWELL, List.of(blocks), WireNudge.NONE);
    }

    private static Block inputs(double... row) {
        return new Block(WireRole.INPUT, false, null, new double[][] {row});
    }

    private byte[] encoded(Message message) {
        Bytes payload = new Bytes();
        codec.encode(1, 1, message, payload);
        return payload.copy();
    }

    static Stream<Request> mistakes() {
        double[][] oneInput = {{1}};
        double[][] one = {{1}};
        return Stream.of(
                new Batch(List.of(imposing(inputs(1, 2, 3)))),
                new Batch(List.of(imposing(inputs(256, 2, 3, 4)))),
                new Batch(List.of(imposing(inputs(-1, 2, 3, 4)))),
                new Batch(List.of(imposing(inputs(1.5, 2, 3, 4)))),
                new Batch(List.of(imposing(inputs(Double.NaN, 2, 3, 4)))),
                new Batch(List.of(imposing(inputs(1, 65536, 3, 4)))),
                new Batch(List.of(imposing(inputs(1, 2, 0x1p32, 4)))),
                new Batch(List.of(imposing(inputs(0x1p40, 2, 3, 4)))),
                new Batch(List.of(imposing(new Block(WireRole.INPUT, false, new int[] {-1}, oneInput)))),
                new Batch(List.of(imposing(
                        new Block(WireRole.INPUT, false, new int[] {1, 1}, new double[][] {{1, 2}})))),
                new Batch(List.of(imposing(new Block(WireRole.INPUT, true, null, new double[][] {{1, 2, 3, 4}})))),
                new Batch(List.of(imposing(new Block(WireRole.INPUT, false, new int[] {4}, oneInput)))),
                new Batch(List.of(imposing(
                        new Block(WireRole.INPUT, false, new int[] {1, 0}, new double[][] {{1, 2}})))),
                new Batch(List.of(imposing(new Block(WireRole.PARAMETER, true, null, new double[][] {{1}, {1}})))),
                new Batch(List.of(imposing(new Block(WireRole.PARAMETER, false, null, one), inputs(1, 2, 3, 4)))),
                new Batch(List.of(new WireStimulus(false, 0, 0, List.of(), WireNudge.NONE))),
                new Batch(List.of(new WireStimulus(false, 65536, 0, List.of(), WireNudge.NONE))),
                new Batch(List.of(new WireStimulus(false, 1, -2, List.of(), WireNudge.NONE))),
                new Batch(Collections.nCopies(256, imposing())),
                new Arm(1, 65536, List.of()),
                new Arm(-1, 500, List.of()),
                new Arm(
                        1,
                        500,
                        List.of(new Arm.Limits(WireRole.INPUT, 0, new double[4], new double[3], new double[4]))));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void ourOwnMistakesAreCaughtBeforeAByteMoves(Request mistake) {
        assertThatThrownBy(() -> encoded(mistake)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "00 01000000 01000000, expected a type from 1 to 6",
        "07 01000000 01000000, expected a type from 1 to 6",
        "84 01000000 01000000, expected a type from 1 to 6",
        "05 00000000 01000000, session other than 0",
        "05 01000000 010000, 4 more bytes",
        "05 01000000 01000000 00, expected the end",
        "01 01000000 01000000 484D5355 0100, letters HMST",
        "03 01000000 01000000 01000000 F401 01 01 0000, INPUT or NUDGE",
        "03 01000000 01000000 01000000 F401 01 09 0000, role",
        "04 01000000 01000000 01, 1 more bytes",
        "04 01000000 01000000 01 40 0100 00, bits 6 and 7",
        "04 01000000 01000000 01 14 0100 00, expected a nudge from 0 to 5",
        "04 01000000 01000000 01 00 0000 00, 1 read or more",
        "04 01000000 01000000 01 00 0100 01 08, bits 3 to 5",
        "04 01000000 01000000 01 00 0100 01 01 000000000000, a role that is imposed",
        "04 01000000 01000000 01 00 0100 01 45 0000, which all lanes share",
        "04 01000000 01000000 01 00 0100 01 80 10, unused bits",
        "04 01000000 01000000 01 00 0100 02 85 00 85 00, once more",
        "04 01000000 01000000 01 02 0100 00 02, expected 0 or 1",
        "04 01000000 01000000 01 04 0100 00 0000000000000000 01, 48 more bytes",
    })
    void aRequestThatMakesNoSenseIsMalformed(String payload, String sentence) {
        byte[] bytes = HexFormat.of().parseHex(payload.replace(" ", ""));
        assertThatThrownBy(() -> codec.request(bytes, 0, bytes.length))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(sentence);
    }

    @ParameterizedTest
    @CsvSource({
        "85 01000000 01000000 00, 04, expected a reply of type 132",
        "84 01000000 01000000 0000000000000000 02 00, 04, expected 1 responses",
        "84 01000000 01000000 0000000000000000 00 00, 04, expected 1 responses",
        "84 01000000 01000000 0000000000000000 00 06, 04, expected a reason",
        "84 01000000 01000000 0000000000000000 01 00 00000000 07, 04, expected a verdict",
        "84 01000000 01000000 0000000000000000 01 00 00000000 01 01 0300, 04, a channel of the board",
        "84 01000000 01000000 0000000000000000 01 00 00000000 01 01 FFFF, 04, 28 more bytes",
        "84 01000000 01000000 0000000000000000 01 00 00000000 01 FF 0000, 04, a channel of the board",
        "85 01000000 01000000 02, 05, expected 0 or 1",
        "85 01000000 01000000 01 05, 05, expected a reason",
        "FF 01000000 01000000 00 FF FF FFFF 0000, 05, expected an error code",
        "FF 01000000 01000000 0C FF FF FFFF 0000, 05, expected an error code",
        "FF 01000000 01000000 01 FF 08 FFFF 0000, 05, expected a role",
        "FF 01000000 01000000 01 FF FF FFFF 0100, 05, 1 more bytes",
    })
    void aReplyThatMakesNoSenseIsMalformed(String payload, int asked, String sentence) {
        byte[] bytes = HexFormat.of().parseHex(payload.replace(" ", ""));
        Request request = asked == 4 ? new Batch(List.of(imposing())) : new Beat();
        assertThatThrownBy(() -> codec.reply(bytes, 0, bytes.length, request))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void aHelloOfAnotherVersionMaySayMore() throws MalformedException {
        byte[] bytes = HexFormat.of().parseHex("010100000001000000484D53540207AABBCC");
        assertThat(codec.request(bytes, 0, bytes.length)).isEqualTo(new Hello(2, 7));
    }

    @Test
    void theLargestSumsAreExactAndSquaresSaturate() throws MalformedException {
        Batch asked = new Batch(List.of(new WireStimulus(false, 65535, 0, List.of(), WireNudge.NONE)));
        double[] sums = {65535.0 * 65535, 65535.0 * 0xFFFF_FFFFL, -1};
        double[] squares = {0x1p40, 0x1p80, 1};
        Result said = new Result(
                -1,
                null,
                List.of(WireResponse.settled(
                        0xFFFF_FFFFL,
                        List.of(new Readings(
                                WireRole.OUTPUT, new double[][] {sums, sums}, new double[][] {squares, squares})))));
        byte[] bytes = encoded(said);
        Result heard = (Result) codec.reply(bytes, 0, bytes.length, asked);
        Readings readings = heard.responses().getFirst().readings().getFirst();
        assertThat(readings.values()[1]).containsExactly(sums);
        assertThat(readings.spreads()[1]).containsExactly(0xFFFF_FFFFL, 0x1p64, 1);
        assertThat(HexFormat.of().formatHex(bytes)).contains("ffffffffffffffff");
        assertThat(encoded(heard)).isEqualTo(bytes);
    }

    @Test
    void aSumThatNoReadingsCanGiveIsMalformed() {
        Batch asked = new Batch(List.of(new WireStimulus(false, 2, 0, List.of(), WireNudge.NONE)));
        byte[] bytes = HexFormat.of()
                .parseHex("840100000001000000" + "0000000000000000" + "0100" + "0000000000"
                        + ("FFFF0200" + "00000000" + "00".repeat(32)).repeat(2));
        assertThatThrownBy(() -> codec.reply(bytes, 0, bytes.length, asked))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("sum of 2 codes");
    }

    @Test
    void valuesOfLanesAndOfSomeChannelsAreLaidOutRowByRow() {
        Block block = new Block(WireRole.INPUT, true, new int[] {0, 1, 3}, new double[][] {{1, 2, -0.0}, {3, 4, 1}});
        byte[] bytes = encoded(new Batch(List.of(imposing(block))));
        assertThat(HexFormat.of().formatHex(bytes, Codec.BATCH_HEAD, bytes.length))
                .isEqualTo("00010001" + "c00b" + "010200" + "0000000000000080" + "030400" + "000000000000f03f");
    }

    @Test
    void sentencesAndDigestsComeBack() throws MalformedException {
        Refusal refusal = new Refusal(ErrorCode.LIMIT, 3, WireRole.NUDGE, 2, "größer");
        byte[] bytes = encoded(refusal);
        assertThat(codec.reply(bytes, 0, bytes.length, new Beat())).isEqualTo(refusal);
        State state = new State(false, Reason.FAULT, 1, 2, 3, 4, 5);
        Welcome welcome = new Welcome(1, 0, 0xFFFF_FFFFL, 255, 1, 65535, 7, "00ff10203040506a", state);
        byte[] more = encoded(welcome);
        assertThat(codec.reply(more, 0, more.length, new Hello(1, 0))).isEqualTo(welcome);
    }

    @Test
    void widthsFollowFromTheCodes() {
        assertThat(List.of(2L, 256L, 257L, 65536L, 65537L, 0L).stream().map(Layout::width))
                .containsExactly(1, 1, 2, 2, 4, 8);
    }

    @Test
    void aLayoutRefusesWhatCannotBe() {
        assertThatThrownBy(() -> new Layout(0, Map.of(), Set.of())).hasMessageContaining("1 lane");
        assertThatThrownBy(() -> new Layout(1, Map.of(WireRole.INPUT, new int[] {3}), Set.of()))
                .hasMessageContaining("1, 2, 4 or 8");
        assertThatThrownBy(() -> new Layout(1, Map.of(), Set.of(WireRole.INPUT)))
                .hasMessageContaining("never read");
        assertThat(new Layout(1, Map.of(), Set.of(WireRole.FORCE)).read()).isEmpty();
        assertThat(LAYOUT.rows(WireRole.PARAMETER)).isEqualTo(1);
        assertThat(LAYOUT.rows(WireRole.MONITOR)).isEqualTo(2);
    }
}
