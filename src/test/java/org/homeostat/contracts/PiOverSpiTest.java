package org.homeostat.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.homeostat.catalog.PiBoards;
import org.homeostat.device.Device;
import org.homeostat.pi.ScriptedPi;
import org.junit.jupiter.api.AfterEach;

/**
 * The resistor array on the SPI bus of a Raspberry Pi, through Pi4J's own types to scripted chips; one specimen, switched on anew
 * for each opening. No limit of a data sheet is broken in any of the checks.
 */
class PiOverSpiTest implements ResistorArrayContract {

    private static final PiBoards BOARD = PiBoards.of("resistor-array-pi-spi");
    private static final long SPECIMEN = 6;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void switchOff() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
            if (each instanceof ScriptedPi bench) {
                assertThat(bench.flags()).isEmpty();
            }
        }
    }

    private Device bare() {
        ScriptedPi bench = BOARD.specimen(SPECIMEN);
        open.add(bench);
        Device device = bench.open();
        open.add(device);
        return device;
    }

    @Override
    public Device open() {
        return opened(bare());
    }

    @Override
    public Optional<Device> unread() {
        return Optional.of(bare());
    }

    @Override
    public boolean reproducible() {
        return true;
    }
}
