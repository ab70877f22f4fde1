package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.device.Ability;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.homeostat.pi.ScriptedPi;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Boards on a Raspberry Pi by their URI, and what is said of files that cannot be. */
class PisTest {

    private static final Path SPI = Path.of("devices", "resistor-array-pi-spi", "board.yaml");
    private static final Path I2C = Path.of("devices", "resistor-array-pi-i2c", "board.yaml");

    @TempDir
    Path home;

    private Catalog catalog() {
        return new Catalog(new RunStore(home));
    }

    @ParameterizedTest
    @ValueSource(strings = {"resistor-array-pi-spi", "resistor-array-pi-i2c"})
    void aBoardIsOpenedByNameAndByFile(String name) {
        for (String uri : new String[] {"pi:" + name, "pi:devices/" + name + "/board.yaml"}) {
            PiBoards board = PiBoards.of(uri.substring(3));
            try (ScriptedPi bench = board.specimen(1)) {
                Catalog catalog = PiBoards.catalog(new RunStore(home), bench);
                Opened opened = catalog.open(uri);
                Descriptor card = opened.device().descriptor();
                assertThat(card.board()).isEqualTo(name);
                assertThat(card).isEqualTo(catalog.card(name));
                assertThat(card.abilities()).containsExactly(Ability.WRITABLE_PARAMETERS);
                assertThat(card.forceLaws()).hasSize(card.count(Role.PARAMETER));
                assertThat(opened.teaching()).isEqualTo(catalog.teaching(uri));
                // Its twin is the same to whoever teaches it.
                assertThat(catalog.open("twin:" + name).device().descriptor()).isEqualTo(card);
                opened.device().close();
            }
        }
    }

    @Test
    void howItIsTaughtIsKnownWithoutARaspberryPi() {
        assertThat(catalog().teaching("pi:resistor-array-pi-spi").beta()).isPositive();
        assertThat(catalog().known("pi:resistor-array-pi-i2c").limits()).isNotNull();
    }

    private void refused(String uri, String sentence) {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog().open(uri))
                .withMessage(sentence);
    }

    @Test
    void whatIsNoBoardOnARaspberryPiIsRefused() {
        refused(
                "pi:resistor-array-pi-spi?speed=2",
                "device 'pi:resistor-array-pi-spi?speed=2': there is no option 'speed'; pi takes none");
        refused(
                "pi:resistor-array-v1",
                "device 'pi:resistor-array-v1': the file of board resistor-array-v1 does not say on which pins and buses its "
                        + "chips are; expected the key bus, see devices/README.md");
        refused("pi:missing.yaml", "missing.yaml: there is no such file; check the path");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog().open("pi:nope"))
                .withMessageStartingWith("there is no board 'nope'; the boards are ");
    }

    @ParameterizedTest(name = "{1} becomes {2}")
    @CsvSource(
            delimiter = '>',
            value = {
                // What a file says by itself is told with its line.
                "spi > load: 25 > load: 24 > file.yaml, LINE, bus.load: GPIO 24 cannot be both bit 4 of the decoder address and load; "
                        + "give one of them another pin",
                "spi > enable: 16 > enable: 9 > file.yaml, LINE, bus.enable: GPIO 9 cannot be both SPI bus 0 and enable; give "
                        + "one of them another pin",
                "spi > nudgeSwitches: \\[5, 6, 13\\] > nudgeSwitches: [5, 6, 5] > file.yaml, LINE, bus.nudgeSwitches: GPIO 5 "
                        + "cannot be both switch 1 of the nudges and switch 3 of the nudges; give one of them another pin",
                "spi > enable: 16 > enable: 40 > file.yaml, LINE, bus.enable: the header has GPIO 0 to 27, and no GPIO 40",
                "spi > enable: 16 > enable: high > file.yaml, LINE, bus.enable: expected a whole number, not 'high'",
                "spi > \\n  enable: 16 > > file.yaml, LINE, bus.enable: the key is missing; expected a whole number",
                "spi > chip: AD5206, bus: 0, decoded: 0, > chip: AD5207, bus: 0, decoded: 0, > file.yaml, LINE, "
                        + "bus.chips[0].chip: expected one of mcp3208, mcp4922, ad5206, mcp4261, ads1115, mcp4728, ad5272, "
                        + "not 'AD5207'",
                "spi > decoded: 30 > decoded: 29 > file.yaml, LINE, bus.chips: the MCP3208 of h1, h2, h3, h4, h5, h6, h7, h8 "
                        + "(chip select 0 of SPI bus 0, decoder address 29) answers at the same place as the MCP4922 of n3 "
                        + "(chip select 0 of SPI bus 0, decoder address 29); give one of them another",
                "spi > bus: 0, decoded: 30 > bus: 0 > file.yaml, LINE, bus.chips: the MCP3208 of h1, h2, h3, h4, h5, h6, h7, h8 "
                        + "(chip select 0 of SPI bus 0) shares its chip select with the AD5206 of g1, g2, g3, g4, g5, g6 "
                        + "(chip select 0 of SPI bus 0, decoder address 0); give one of them another, or both a decoder address",
                "spi > decoded: 30 > decoded: 32 > file.yaml, LINE, bus.chips: the MCP3208 of h1, h2, h3, h4, h5, h6, h7, h8 "
                        + "(chip select 0 of SPI bus 0, decoder address 32): a decoder of 5 lines has no address 32",
                "spi > bus: 0, decoded: 30 > bus: 1, decoded: 30 > file.yaml, LINE, bus.chips: the MCP3208 of h1, h2, h3, h4, "
                        + "h5, h6, h7, h8 (chip select 0 of SPI bus 1, decoder address 30) is on SPI bus 1, which is not "
                        + "among the buses",
                "spi > bus: 0, decoded: 30 > bus: 0, address: 0x48 > file.yaml, LINE, bus.chips[30].address: an MCP3208 is on an "
                        + "SPI bus; expected select or decoded",
                "spi > bus: 0, decoded: 29 > bus: 0, select: 3 > file.yaml, LINE, bus.chips[29].select: expected 0, 1 or 2, "
                        + "not 3",
                "spi > \\[x3, x4\\] > [x3, x4, n3] > file.yaml, LINE, bus.chips[27].channels: an MCP4922 carries 1 to 2 "
                        + "channels here, not 3",
                "spi > \\[x3, x4\\] > [x3, x1] > file.yaml, LINE, bus.chips: channel x1 sits on two chips",
                "i2c > bus: 1, address: 0x48 > bus: 1, decoded: 4 > file.yaml, LINE, bus.chips[20].decoded: an ADS1115 is on an "
                        + "I2C bus; expected address",
                "i2c > address: 0x48 > address: 0x7c > file.yaml, LINE, bus.chips[20].address: expected 0x08 to 0x77, not 0x7c",
                "i2c > address: 0x48 > address: none > file.yaml, LINE, bus.chips[20].address: expected 0x08 to 0x77, not none",
                "i2c > address: 0x61 > address: 0x60 > file.yaml, LINE, bus.chips: the MCP4728 of n1, n2, n3 (address 0x60 on I2C "
                        + "bus 1) answers at the same place as the MCP4728 of x1, x2 (address 0x60 on I2C bus 1); give one of "
                        + "them another",
                "i2c > pins: \\[4, 5\\] > pins: [3, 5] > file.yaml, LINE, bus.buses: GPIO 3 cannot be both I2C bus 1 and I2C bus "
                        + "3; give one of them another pin",
                // What does not fit the card is told with the device.
                "spi > h8\\] > h9] > file.yaml, LINE, bus.chips: channel h9 sits on two chips",
                "spi > , h8\\] > ] > device 'pi:file.yaml': the file of board resistor-array-pi-spi, bus.chips: channel h8 of board "
                        + "resistor-array-pi-spi sits on no chip; list it under the one that carries it",
                "spi > \\[n3\\] > [n3, n4] > device 'pi:file.yaml': the file of board resistor-array-pi-spi, bus.chips: board "
                        + "resistor-array-pi-spi has no channel n4",
                "spi > nudgeSwitches: \\[5, 6, 13\\] > nudgeSwitches: [5] > device 'pi:file.yaml': the file of board "
                        + "resistor-array-pi-spi, bus.nudgeSwitches: expected one pin for each of the 3 nudges, not 1",
                "spi > chip: MCP3208, bits: 12} > chip: MCP3208, bits: 10} > device 'pi:file.yaml': the file of board "
                        + "resistor-array-pi-spi, bus.chips: channel h1 has 1024 codes, but its MCP3208 has 4096; give it the "
                        + "bits, or the potentiometer, of that chip",
                "i2c > max: 0.511984375 > max: 0.6 > device 'pi:file.yaml': the file of board resistor-array-pi-i2c, bus.chips: "
                        + "channel o1 is read by an ADS1115, whose range from -0.512 V ends at 0.511984375 V, not at 0.6 V",
                "i2c > min: -0.512, max: 0.511984375 > min: -1.0, max: 1.0 > device 'pi:file.yaml': the file of board "
                        + "resistor-array-pi-i2c, bus.chips: channel o1: an ADS1115 reads from -6.144, -4.096, -2.048, -1.024, "
                        + "-0.512 or -0.256 V, not from -1.0 V",
                "i2c > \\[x1, x2\\] > [x1, o1] > file.yaml, LINE, bus.chips: channel o1 sits on two chips",
            })
    void aFileThatCannotBeIsToldWhatAndWhere(String bus, String from, String to, String sentence) throws IOException {
        String good = Files.readString(bus.equals("spi") ? SPI : I2C);
        String bad = good.replaceFirst(from, to == null ? "" : to);
        assertThat(bad).isNotEqualTo(good);
        Path file = Files.writeString(home.resolve("file.yaml"), bad);
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog().open("pi:" + file))
                .satisfies(refused -> assertThat(String.valueOf(refused.getMessage())
                                .replace(home + "/", "")
                                .replaceAll("line \\d+", "LINE"))
                        .isEqualTo(sentence.strip()));
    }
}
