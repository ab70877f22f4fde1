package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several devices in one word. */
class SeveralTest {

    private static final String ARRAY = "twin:resistor-array-v1";

    @TempDir
    Path folder;

    private Catalog catalog;

    @BeforeEach
    void begin() {
        catalog = new Catalog(new RunStore(folder.resolve("runs")));
    }

    @Test
    void specimensOfOneBoardAreOneDevice() {
        String two = ARRAY + "?seed=1&lanes=2," + ARRAY + "?lanes=2&seed=2";
        assertThat(catalog.apartBecause(DeviceUri.list(two))).isNull();
        Opened opened = catalog.open(two);
        try (Device device = opened.device()) {
            assertThat(device.descriptor().lanes()).isEqualTo(4);
            assertThat(opened.known()).isEqualTo(catalog.known(ARRAY)).isEqualTo(catalog.known(two));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "twin:resistor-array-v1,twin:resistor-compliant | twin:resistor-compliant is a resistor-compliant with card",
                "twin:resistor-array-v1,twin:resistor-array-v1?seed=2&hidden=8 | hidden=8 is a resistor-array-v1 with card",
                "twin:resistor-compliant,twin:resistor-compliant?seed=9 | the parameters of a resistor-compliant move by themselves",
                "twin:hopfield-compliant,twin:hopfield-compliant?seed=9 | the parameters of a hopfield-compliant move by themselves"
            })
    void whatCannotShareParametersSaysWhy(String devices, String why) {
        assertThat(catalog.apartBecause(DeviceUri.list(devices))).contains(why);
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog.open(devices))
                .withMessageContainingAll(devices, "cannot be one", why, "--apart");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "twin:resistor-array-v1,twin:resistor-array-v1",
                "twin:resistor-array-v1,twin:resistor-array-v1?seed=1",
                "twin:resistor-array-v1?lanes=1&seed=4,twin:resistor-array-v1?seed=4&lanes=1",
                "process:board a,process:board a",
                "serial:/dev/null,serial:/dev/null?baud=9600",
                "serial:/dev/null,serial:/dev/../dev/null"
            })
    void theSameTwiceIsRefused(String devices) {
        List<String> names = DeviceUri.list(devices);
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog.apartBecause(names))
                .withMessageStartingWith("device '" + names.get(1) + "' is the same as '" + names.get(0) + "': ");
        assertThatExceptionOfType(BadInput.class).isThrownBy(() -> catalog.open(devices));
    }

    @Test
    void aLinkToAPortIsThatPort() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("board"), Path.of("/dev/null"));
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog.open("serial:/dev/null,serial:" + link))
                .withMessageContaining("a board is there only once");
    }

    @Test
    void aRecordingStandsAlone() {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog.open(ARRAY + ",replay:latest"))
                .withMessageContaining("name it alone");
    }

    @Test
    void allOrNoneAreOpened() {
        String gone = "serial:" + folder.resolve("nowhere");
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> catalog.open(ARRAY + "," + gone))
                .withMessageContaining("nowhere");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> catalog.open(ARRAY + ",twin:nobody"))
                .withMessageContaining("there is no twin 'nobody'");
    }
}
