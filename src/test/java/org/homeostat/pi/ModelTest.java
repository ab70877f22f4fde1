package org.homeostat.pi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.homeostat.catalog.PiBoards;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each flag of the scripted chips is raised by what it names, and by nothing that the data sheets allow. */
class ModelTest {

    private static final int MEGAHERTZ = 1_000_000;
    private static final int[] DECODER = {17, 27, 22, 23, 24};

    private static byte[] bytes(String hex) {
        return HexFormat.ofDelimiter(" ").parseHex(hex);
    }

    private static byte[] spi(ScriptedPi bench, int address, int mode, int hertz, String hex) {
        for (int line = 0; line < DECODER.length; line++) {
            bench.pin(DECODER[line], (address >> line & 1) != 0);
        }
        return bench.exchange(0, 0, mode, hertz, bytes(hex));
    }

    private static Arguments spi(Flag flag, String what, int address, int mode, int hertz, String hex) {
        return Arguments.of(flag, what, "resistor-array-pi-spi", (Consumer<ScriptedPi>)
                bench -> spi(bench, address, mode, hertz, hex));
    }

    private static Arguments i2c(Flag flag, String what, Consumer<ScriptedPi> doing) {
        return Arguments.of(flag, what, "resistor-array-pi-i2c", doing);
    }

    static Stream<Arguments> misdeeds() {
        return Stream.of(
                spi(Flag.FAST, "an ADC at 4 MHz", 30, 0, 4 * MEGAHERTZ, "06 00 00"),
                spi(Flag.FAST, "a DAC at 25 MHz", 26, 0, 25 * MEGAHERTZ, "30 00"),
                spi(Flag.SHORT, "eight bits for a potentiometer", 0, 0, MEGAHERTZ, "00"),
                spi(Flag.SHORT, "eight bits for a DAC", 26, 0, MEGAHERTZ, "30"),
                spi(Flag.SHORT, "sixteen bits for an ADC", 30, 0, MEGAHERTZ, "06 00"),
                spi(Flag.LONG, "24 bits for a potentiometer", 0, 0, MEGAHERTZ, "00 00 00"),
                spi(Flag.LONG, "32 bits for an ADC", 30, 0, MEGAHERTZ, "06 00 00 00"),
                spi(Flag.MODE, "SPI mode 1", 0, 1, MEGAHERTZ, "00 00"),
                spi(Flag.DROOP, "a sample held for more than 1.2 ms", 30, 0, 10_000, "06 00 00"),
                spi(Flag.COMMAND, "a seventh potentiometer", 0, 0, MEGAHERTZ, "06 00"),
                spi(Flag.COMMAND, "a DAC switched off", 26, 0, MEGAHERTZ, "20 00"),
                spi(Flag.COMMAND, "gain 2", 26, 0, MEGAHERTZ, "10 00"),
                spi(Flag.COMMAND, "an input that is not connected", 31, 0, MEGAHERTZ, "07 c0 00"),
                spi(Flag.COMMAND, "an ADC asked in differential mode", 30, 0, MEGAHERTZ, "04 00 00"),
                Arguments.of(Flag.NOBODY, "a chip that was taken out", "resistor-array-pi-spi", (Consumer<ScriptedPi>)
                        bench -> {
                            bench.remove("h1");
                            spi(bench, 30, 0, MEGAHERTZ, "06 00 00");
                        }),
                i2c(
                        Flag.LOCKED,
                        "a wiper written before it is unlocked",
                        bench -> bench.write(1, 0x2c, bytes("05 00"))),
                i2c(Flag.COMMAND, "a memory unlocked that wears out", bench -> bench.write(1, 0x2c, bytes("1c 03"))),
                i2c(Flag.COMMAND, "a position stored", bench -> bench.write(1, 0x2c, bytes("0c 00"))),
                i2c(Flag.SHORT, "one byte for an AD5272", bench -> bench.write(1, 0x2c, bytes("08"))),
                i2c(Flag.COMMAND, "a DAC's memory written", bench -> bench.write(1, 0x60, bytes("59 88 00"))),
                i2c(
                        Flag.COMMAND,
                        "a DAC on the supply instead of its reference",
                        bench -> bench.write(1, 0x60, bytes("41 08 00"))),
                i2c(Flag.STALE, "a conversion read at once", bench -> {
                    bench.write(1, 0x48, bytes("01 99 e3"));
                    bench.write(1, 0x48, bytes("00"));
                    bench.read(1, 0x48, 2);
                }),
                i2c(Flag.STALE, "a conversion begun during another", bench -> {
                    bench.write(1, 0x48, bytes("01 99 e3"));
                    bench.write(1, 0x48, bytes("01 99 e3"));
                }),
                i2c(Flag.COMMAND, "an input read against ground", bench -> {
                    bench.write(1, 0x48, bytes("01 c9 e3"));
                    bench.clock().pause(0.01);
                    bench.read(1, 0x48, 2);
                }));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("misdeeds")
    void isRaisedByWhatItNames(Flag flag, String what, String board, Consumer<ScriptedPi> doing) {
        try (ScriptedPi bench = PiBoards.of(board).specimen(1)) {
            doing.accept(bench);
            assertThat(bench.flags()).containsOnlyKeys(flag);
        }
    }

    /** The pause between frames cannot be too short behind an operating system, so the ADC is told by itself. */
    @Test
    void anAdcThatIsHurriedSaysSo() {
        try (ScriptedPi bench = PiBoards.of("resistor-array-pi-spi").specimen(1)) {
            Model adc = bench.chip("h1");
            adc.frame(bytes("06 00 00"), 1_000_000, 2 * MEGAHERTZ);
            assertThat(bench.flags()).isEmpty();
            adc.frame(bytes("06 00 00"), 1_012_100, 2 * MEGAHERTZ);
            assertThat(bench.flags()).containsOnlyKeys(Flag.EARLY);
        }
    }

    @Test
    void nothingGoesOutBeforeLdac() {
        try (ScriptedPi bench = PiBoards.of("resistor-array-pi-spi").specimen(1)) {
            bench.pin(25, true);
            double before = bench.specimen().inputVolts(0);
            spi(bench, 26, 0, MEGAHERTZ, "3f ff");
            assertThat(bench.specimen().inputVolts(0)).isEqualTo(before);
            bench.pin(25, false);
            assertThat(bench.specimen().inputVolts(0)).isBetween(2.0, 2.1);
            assertThat(bench.flags()).isEmpty();
        }
    }
}
