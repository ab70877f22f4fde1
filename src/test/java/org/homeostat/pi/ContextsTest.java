package org.homeostat.pi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.homeostat.catalog.PiBoards;
import org.homeostat.device.DeviceException;
import org.junit.jupiter.api.Test;

/** The providers of Pi4J's that a Raspberry Pi is reached with, where there is none. */
class ContextsTest {

    private static Set<String> providers(int bus) {
        return Contexts.HERE.apply(bus).providers().all().keySet();
    }

    @Test
    void areTheOnesThatWereNamedAndNoMocks() {
        assumeFalse(Files.exists(Path.of("/proc/device-tree/model")), "on a Raspberry Pi pins would be taken");
        assertThat(providers(0)).containsExactlyInAnyOrder("linuxfs-spi", "linuxfs-i2c", "gpiod-digital-output");
        assertThat(providers(1)).containsExactly("linuxfs-spi");
        assertThat(Contexts.HERE.apply(0)).isSameAs(Contexts.HERE.apply(0)).isNotSameAs(Contexts.HERE.apply(1));
    }

    /** Were the check for a Raspberry Pi passed by mistake, nobody would answer for the board. */
    @Test
    void answerForNobody() {
        assumeFalse(Files.exists(Path.of("/proc/device-tree/model")), "on a Raspberry Pi pins would be taken");
        PiBoards board = PiBoards.of("resistor-array-pi-i2c");
        try (ScriptedPi bench = board.specimen(1)) {
            PiDevice.Surroundings scripted = bench.surroundings(Duration.ZERO);
            PiDevice.Surroundings real =
                    new PiDevice.Surroundings(scripted.computer(), Contexts.HERE, scripted.clock(), scripted.grace());
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> PiDevice.open("pi:board", board.card(), board.rig(), real))
                    .withMessageContaining("device 'pi:board': GPIO 16 cannot be had");
            assertThat(Contexts.HERE.apply(0).registry().all()).isEmpty();
        }
    }
}
