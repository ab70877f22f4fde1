package org.homeostat.pi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the chips are told and what they say, byte by byte, as their data sheets have it. */
class ChipsTest {

    private static byte[] bytes(String hex) {
        return HexFormat.ofDelimiter(" ").parseHex(hex);
    }

    /** DS21298, figure 6-1: start bit, single-ended, D2, D1, D0. */
    @ParameterizedTest
    @CsvSource({"0, 06 00 00", "1, 06 40 00", "3, 06 c0 00", "4, 07 00 00", "5, 07 40 00", "7, 07 c0 00"})
    void mcp3208IsAsked(int input, String hex) {
        assertThat(Mcp3208.request(input)).isEqualTo(bytes(hex));
    }

    /** What is shifted out before the null bit means nothing. */
    @ParameterizedTest
    @CsvSource({
        "ff ea bc, 2748, false",
        "00 00 00, 0, false",
        "ff ef ff, 4095, false",
        "00 08 00, 2048, false",
        "ff ff ff, 4095, true"
    })
    void mcp3208Answers(String hex, int code, boolean nobody) {
        assertThat(Mcp3208.code(bytes(hex))).isEqualTo(code);
        assertThat(Mcp3208.nobody(bytes(hex))).isEqualTo(nobody);
    }

    /** DS22250, register 5-1: A/B, BUF, GA, SHDN, D11 .. D0. */
    @ParameterizedTest
    @CsvSource({"0, 0, 30 00", "0, 2048, 38 00", "0, 4095, 3f ff", "1, 0, b0 00", "1, 4095, bf ff", "1, 1, b0 01"})
    void mcp4922IsTold(int output, int code, String hex) {
        assertThat(Mcp4922.frame(output, code)).isEqualTo(bytes(hex));
    }

    /** Three bits of address and eight of data, the last of sixteen. */
    @ParameterizedTest
    @CsvSource({"0, 0, 00 00", "0, 255, 00 ff", "5, 128, 05 80", "3, 8, 03 08"})
    void ad5206IsTold(int wiper, int code, String hex) {
        assertThat(Ad5206.frame(wiper, code)).isEqualTo(bytes(hex));
    }

    /** DS22059: AD3 .. AD0, C1 C0 (00 write, 11 read), D9 .. D0. */
    @ParameterizedTest
    @CsvSource({"0, 0, 00 00, 0f ff", "0, 128, 00 80, 0f ff", "1, 255, 10 ff, 1f ff", "1, 256, 11 00, 1f ff"})
    void mcp4261IsTold(int wiper, int code, String write, String read) {
        assertThat(Mcp4261.write(wiper, code)).isEqualTo(bytes(write));
        assertThat(Mcp4261.read(wiper)).isEqualTo(bytes(read));
    }

    @ParameterizedTest
    @CsvSource({"ff 00, 256, true", "fe 80, 128, true", "fe 00, 0, true", "fc 00, 0, false", "00 00, 0, false"})
    void mcp4261Answers(String hex, int code, boolean understood) {
        assertThat(Mcp4261.code(bytes(hex))).isEqualTo(code);
        assertThat(Mcp4261.understood(bytes(hex))).isEqualTo(understood);
    }

    /** SBAS444, config register: OS, MUX, PGA, MODE; DR, comparator off. Pointer 1 before it. */
    @ParameterizedTest
    @CsvSource({
        "0, -2.048, 01 95 e3",
        "1, -2.048, 01 a5 e3",
        "2, -0.512, 01 b9 e3",
        "0, -6.144, 01 91 e3",
        "0, -0.256, 01 9b e3"
    })
    void ads1115IsTold(int input, double lowestVolts, String hex) {
        assertThat(Ads1115.start(input, Ads1115.gain(lowestVolts))).isEqualTo(bytes(hex));
    }

    @Test
    void ads1115HasNoOtherRange() {
        assertThat(Ads1115.gain(-1.0)).isNegative();
    }

    /** SBAS444, "input signal versus ideal output code". */
    @ParameterizedTest
    @CsvSource({"7f ff, 32767", "00 01, 1", "00 00, 0", "ff ff, -1", "80 00, -32768", "80 01, -32767"})
    void ads1115Answers(String hex, int value) {
        assertThat(Ads1115.value(bytes(hex))).isEqualTo(value);
    }

    /** At power-on the config register is 0x8583: nothing is under way. */
    @Test
    void ads1115SaysWhenItIsReady() {
        assertThat(Ads1115.ready(bytes("85 83"))).isTrue();
        assertThat(Ads1115.ready(bytes("05 83"))).isFalse();
    }

    /** DS22187, multi-write: 01000 DAC1 DAC0 UDAC, VREF PD1 PD0 GX D11 .. D8, D7 .. D0. */
    @ParameterizedTest
    @CsvSource({"0, 2048, 41 88 00", "1, 0, 43 80 00", "2, 1, 45 80 01", "3, 4095, 47 8f ff"})
    void mcp4728IsTold(int output, int code, String hex) {
        assertThat(Mcp4728.latchFrame(output, code)).isEqualTo(bytes(hex));
    }

    /** DS22187, read command: RDY POR DAC1 DAC0 0 A2 A1 A0, then what was written, for register and memory of each. */
    @Test
    void mcp4728Answers() {
        byte[] all = bytes("c0 88 00 c8 80 00 d0 80 01 d8 80 00 e0 8f ff e8 80 00 f0 81 23 f8 80 00");
        assertThat(Mcp4728.code(all, 0)).isEqualTo(0x800);
        assertThat(Mcp4728.code(all, 1)).isEqualTo(1);
        assertThat(Mcp4728.code(all, 2)).isEqualTo(4095);
        assertThat(Mcp4728.code(all, 3)).isEqualTo(0x123);
        for (int output = 0; output < 4; output++) {
            assertThat(Mcp4728.named(all, output)).isTrue();
        }
        assertThat(Mcp4728.named(new byte[24], 1)).isFalse();
    }

    /**
     * AD5272 data sheet, command table and its example of writing 0x100 to the RDAC (0x0500) and reading it (0x0800). The example
     * unlocks with 0x1C03, which would let the fifty-times memory be written as well; we leave that bit out.
     */
    @Test
    void ad5272IsTold() {
        assertThat(Ad5272.writeRdac(0x100)).isEqualTo(bytes("05 00"));
        assertThat(Ad5272.writeRdac(1023)).isEqualTo(bytes("07 ff"));
        assertThat(Ad5272.readRdac()).isEqualTo(bytes("08 00"));
        assertThat(Ad5272.unlock()).isEqualTo(bytes("1c 02"));
        assertThat(Ad5272.readControl()).isEqualTo(bytes("20 00"));
    }

    @ParameterizedTest
    @CsvSource({"01 00, 256", "03 ff, 1023", "00 00, 0", "fd 01, 257"})
    void ad5272Answers(String hex, int data) {
        assertThat(Ad5272.data(bytes(hex))).isEqualTo(data);
    }
}
