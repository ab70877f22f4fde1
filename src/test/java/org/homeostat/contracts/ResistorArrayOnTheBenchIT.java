package org.homeostat.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.homeostat.device.Device;
import org.homeostat.firmware.EmulatedBench;
import org.homeostat.firmware.EmulatedBench.Pace;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The firmware that one would flash, on an emulated microcontroller wired to a simulated circuit; one specimen, switched on
 * anew for each opening. No limit of a data sheet is broken, and no byte lost, in any of the checks.
 */
class ResistorArrayOnTheBenchIT implements ResistorArrayContract {

    private static final long SPECIMEN = 6;

    @TempDir
    Path home;

    private final List<EmulatedBench> benches = new ArrayList<>();
    private final List<Device> devices = new ArrayList<>();

    @AfterEach
    void switchOff() {
        devices.forEach(Device::close);
        for (EmulatedBench bench : benches) {
            try (bench) {
                assertThat(bench.truth().flags().values()).containsOnly(0L);
                assertThat(bench.truth().counters())
                        .containsEntry("overruns", 0L)
                        .containsEntry("watchdog", 0L);
            }
        }
    }

    private Device bare() {
        try {
            EmulatedBench bench = EmulatedBench.start(Files.createTempDirectory(home, "bench"), SPECIMEN, Pace.FREE);
            benches.add(bench);
            Device device = Opened.bare("serial:" + bench.path(), home).device();
            devices.add(device);
            return device;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        return false;
    }
}
