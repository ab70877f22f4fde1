package org.homeostat.pi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.function.Consumer;
import java.util.stream.Stream;
import org.homeostat.catalog.PiBoards;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What can be wrong between the program and the chips: one sentence each, with the remedy, and nothing is enabled. */
class WiringTest {

    private static final String SPI = "resistor-array-pi-spi";
    private static final String I2C = "resistor-array-pi-i2c";
    private static final String TWO = "src/test/resources/boards/two-buses.yaml";
    private static final String USER = System.getProperty("user.name");

    private static Arguments wrong(String what, String board, Consumer<ScriptedPi> mishap, String sentence) {
        return Arguments.of(what, board, mishap, sentence);
    }

    private static String chip(String board, String rest) {
        return "device 'pi:" + board + "', board " + board + ": " + rest;
    }

    static Stream<Arguments> mishaps() {
        return Stream.of(
                wrong(
                        "no Raspberry Pi",
                        SPI,
                        bench -> bench.model = "QEMU Virtual Machine",
                        "device 'pi:resistor-array-pi-spi': this computer is no Raspberry Pi (QEMU Virtual Machine); start it on "
                                + "the Raspberry Pi that carries the board"),
                wrong(
                        "a computer without a name",
                        SPI,
                        bench -> bench.model = "",
                        "device 'pi:resistor-array-pi-spi': this computer is no Raspberry Pi (it does not say what it is); start "
                                + "it on the Raspberry Pi that carries the board"),
                wrong(
                        "SPI switched off",
                        SPI,
                        bench -> bench.missing.add("/dev/spidev0.0"),
                        "device 'pi:resistor-array-pi-spi': SPI bus 0 is switched off: there is no /dev/spidev0.0; put "
                                + "dtparam=spi=on into /boot/firmware/config.txt (or use raspi-config, Interface Options) and "
                                + "start the Raspberry Pi again"),
                wrong(
                        "the second SPI bus switched off",
                        TWO,
                        bench -> bench.missing.add("/dev/spidev1.1"),
                        "device 'pi:two-buses': SPI bus 1 is switched off: there is no /dev/spidev1.1; put "
                                + "dtoverlay=spi1-3cs into /boot/firmware/config.txt and start the Raspberry Pi again"),
                wrong(
                        "I2C switched off",
                        I2C,
                        bench -> bench.missing.add("/dev/i2c-1"),
                        "device 'pi:resistor-array-pi-i2c': I2C bus 1 is switched off: there is no /dev/i2c-1; put "
                                + "dtparam=i2c_arm=on into /boot/firmware/config.txt (or use raspi-config, Interface Options) "
                                + "and start the Raspberry Pi again"),
                wrong(
                        "another I2C bus switched off",
                        I2C,
                        bench -> bench.missing.add("/dev/i2c-6"),
                        "device 'pi:resistor-array-pi-i2c': I2C bus 6 is switched off: there is no /dev/i2c-6; put the "
                                + "dtoverlay line of bus 6, see the README of the board, into /boot/firmware/config.txt and "
                                + "start the Raspberry Pi again"),
                wrong(
                        "no permission for SPI",
                        SPI,
                        bench -> bench.forbidden.add("/dev/spidev0.0"),
                        "device 'pi:resistor-array-pi-spi': you may not use /dev/spidev0.0; run 'sudo usermod -a -G spi "
                                + USER + "', log out and in again"),
                wrong(
                        "no permission for I2C",
                        I2C,
                        bench -> bench.forbidden.add("/dev/i2c-3"),
                        "device 'pi:resistor-array-pi-i2c': you may not use /dev/i2c-3; run 'sudo usermod -a -G i2c "
                                + USER + "', log out and in again"),
                wrong(
                        "no permission for pins",
                        SPI,
                        bench -> bench.forbidden.add("/dev/gpiochip0"),
                        "device 'pi:resistor-array-pi-spi': you may not use /dev/gpiochip0; run 'sudo usermod -a -G gpio "
                                + USER + "', log out and in again"),
                wrong(
                        "no pins at all",
                        SPI,
                        bench -> {
                            bench.missing.add("/dev/gpiochip0");
                            bench.missing.add("/dev/gpiochip4");
                        },
                        "device 'pi:resistor-array-pi-spi': there is no /dev/gpiochip0, so that no pin can be moved; install a "
                                + "kernel with GPIO character devices"),
                wrong(
                        "a pin in use",
                        SPI,
                        bench -> bench.hold(25),
                        "device 'pi:resistor-array-pi-spi': GPIO 25 cannot be had, likely because another program has it "
                                + "(Device or resource busy); see 'gpioinfo' for who holds it"),
                wrong(
                        "MISO tied high",
                        SPI,
                        bench -> bench.stick(0xff),
                        chip(
                                SPI,
                                "the MCP3208 of h1, h2, h3, h4, h5, h6, h7, h8 (chip select 0 of SPI bus 0, decoder address "
                                        + "30) does not answer: its line reads all ones; look at its supply, MISO and chip "
                                        + "select")),
                wrong(
                        "MISO tied low",
                        SPI,
                        bench -> bench.stick(0x00),
                        chip(
                                SPI,
                                "the MCP3208 of h1, h2, h3, h4, h5, h6, h7, h8 (chip select 0 of SPI bus 0, decoder address "
                                        + "30) answers zeros only, and the board is at rest; look at its supply, its "
                                        + "reference, MISO and chip select")),
                wrong(
                        "no ADC",
                        SPI,
                        bench -> bench.remove("h9"),
                        chip(
                                SPI,
                                "the MCP3208 of h9, h10, h11, h12, o1, o2, o3 (chip select 0 of SPI bus 0, decoder address "
                                        + "31) does not answer: its line reads all ones; look at its supply, MISO and chip "
                                        + "select")),
                wrong(
                        "no MCP4261",
                        TWO,
                        bench -> {
                            bench.remove("g3");
                            bench.stick(0x00);
                        },
                        chip(
                                "two-buses",
                                "the MCP4261 of g1, g2 (chip select 0 of SPI bus 0) does not answer as an MCP4261 does when "
                                        + "wiper 0 is read; look at its supply, MISO and chip select, and whether it is that "
                                        + "chip")),
                wrong(
                        "an MCP4261 that hears nothing",
                        TWO,
                        bench -> bench.deafen("g3"),
                        chip(
                                "two-buses",
                                "the MCP4261 of g3, g4 (chip select 1 of SPI bus 0) was told position 127 of wiper 0 and reads "
                                        + "back 128; look at MOSI, MISO and the chip select, and whether another chip shares it")),
                wrong(
                        "no ADS1115",
                        I2C,
                        bench -> bench.remove("o1"),
                        chip(
                                I2C,
                                "the ADS1115 of o1, o2, o3 (address 0x48 on I2C bus 1) does not answer at its address, but somebody "
                                        + "does at 0x2c, 0x2e, 0x2f, 0x60, 0x61; look at its supply, and at its address pins")),
                wrong(
                        "an MCP4728 with another address",
                        I2C,
                        bench -> bench.move("n1", 1, 0x63),
                        chip(
                                I2C,
                                "the MCP4728 of n1, n2, n3 (address 0x61 on I2C bus 1) does not answer at its address, but somebody "
                                        + "does at 0x2c, 0x2e, 0x2f, 0x48, 0x60, 0x63; look at its supply, and at its address pins")),
                wrong(
                        "a bus on which nobody is",
                        I2C,
                        bench -> {
                            bench.remove("g4");
                            bench.remove("g5");
                            bench.remove("g6");
                        },
                        chip(
                                I2C,
                                "the AD5272 of g4 (address 0x2c on I2C bus 3) does not answer, and nobody else does on that "
                                        + "bus; look at the supply, and at SDA, SCL and their pull-ups")),
                wrong(
                        "another chip at the address of an AD5272",
                        I2C,
                        bench -> {
                            bench.remove("g1");
                            bench.move("o1", 1, 0x2c);
                        },
                        chip(
                                I2C,
                                "the AD5272 of g1 (address 0x2c on I2C bus 1) does not let its wiper be written although it "
                                        + "was told to; look whether it is an AD5272")),
                wrong(
                        "an AD5272 that hears nothing",
                        I2C,
                        bench -> bench.deafen("g2"),
                        chip(
                                I2C,
                                "the AD5272 of g2 (address 0x2e on I2C bus 1) was told position 513 and reads back 512; look "
                                        + "at the pull-ups of the bus, and whether another chip has the same address")),
                wrong(
                        "another chip at the address of an MCP4728",
                        I2C,
                        bench -> {
                            bench.remove("x1");
                            bench.move("o1", 1, 0x60);
                        },
                        chip(
                                I2C,
                                "the MCP4728 of x1, x2 (address 0x60 on I2C bus 1) does not answer as an MCP4728 does when "
                                        + "its registers are read; look whether it is that chip")),
                wrong(
                        "a chip that refuses",
                        I2C,
                        bench -> bench.refuse("n1"),
                        chip(
                                I2C,
                                "the MCP4728 of n1, n2, n3 (address 0x61 on I2C bus 1) does not acknowledge its address; the "
                                        + "board was disabled: look at its wiring and supply, then open it again")),
                wrong(
                        "an AD5272 that refuses",
                        I2C,
                        bench -> bench.refuse("g18"),
                        chip(
                                I2C,
                                "the AD5272 of g18 (address 0x2f on I2C bus 7) answers at its address, but refuses what it is "
                                        + "told; look whether it is that chip, and at the pull-ups of SDA and SCL")),
                wrong(
                        "a bus that refuses",
                        SPI,
                        bench -> bench.fail("Bad file descriptor"),
                        chip(
                                SPI,
                                "the MCP3208 of h1, h2, h3, h4, h5, h6, h7, h8 (chip select 0 of SPI bus 0, decoder address "
                                        + "30) cannot be spoken to (Bad file descriptor)")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mishaps")
    void isOneSentenceWithTheRemedy(String what, String board, Consumer<ScriptedPi> mishap, String sentence) {
        PiBoards boards = PiBoards.of(board);
        try (ScriptedPi bench = boards.specimen(1)) {
            mishap.accept(bench);
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(bench::open)
                    .withMessage(sentence)
                    .extracting(DeviceException::fault)
                    .isEqualTo(Fault.DISCONNECTED);
            assertThat(sentence).doesNotContain("\n").doesNotEndWith(".");
            assertThat(bench.high(boards.rig().enable())).isFalse();
            assertThat(bench.context().registry().all()).isEmpty();
        }
    }

    /** Whatever was wrong, a board that is mended is opened by the same program. */
    @ParameterizedTest
    @MethodSource("boards")
    void whatIsRightIsOpened(String board) {
        try (ScriptedPi bench = PiBoards.of(board).specimen(1)) {
            bench.fail("Bad file descriptor");
            assertThatExceptionOfType(DeviceException.class).isThrownBy(bench::open);
            bench.fail(null);
            try (Device device = bench.open()) {
                assertThat(device.present(device.descriptor().safe(), Deadline.NEVER)
                                .reads())
                        .isEqualTo(1);
            }
            assertThat(bench.flags()).isEmpty();
        }
    }

    static Stream<String> boards() {
        return Stream.of(SPI, I2C, TWO);
    }
}
