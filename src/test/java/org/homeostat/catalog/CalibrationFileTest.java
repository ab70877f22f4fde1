package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.homeostat.calibration.Calibration;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.calibration.Estimate;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.catalog.SpecimenFile.Part;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunStore;
import org.homeostat.twin.Specimen;
import org.homeostat.twin.TwinDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is written of a specimen is read as it was, and worn by whatever opens it. */
final class CalibrationFileTest {

    @TempDir
    Path folder;

    private Opened open(String uri) {
        return new Catalog(new RunStore(folder)).open(uri);
    }

    private Calibration calibration() {
        Descriptor card = open("twin:resistor-array-v1").device().descriptor();
        Map<String, Entry> entries = new LinkedHashMap<>();
        entries.put(
                "x1",
                new Entry(
                        Role.INPUT,
                        "V",
                        "meter, \"the good one\"",
                        new Estimate(1.01, 1.009, 1.011),
                        new Estimate(1e-3, -2e-5, 2e-3),
                        0.7,
                        -4.0,
                        4.0,
                        21,
                        null,
                        null,
                        null,
                        List.of(List.of(-1.0, 1e-4), List.of(1.0, -1e-4))));
        entries.put(
                "o1",
                new Entry(
                        Role.OUTPUT,
                        "V",
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        new Estimate(5.5e-4, 5e-4, 6e-4),
                        new Estimate(5e-5, 4.9e-5, 5.1e-5),
                        1e-3,
                        null));
        return new Calibration(
                "7",
                card.board(),
                card.digest(),
                "serial:/dev/ttyACM0",
                "2026-11-22T16:00:00Z",
                "22 C: \"warm\"",
                0.95,
                16,
                900,
                entries);
    }

    private Path written(String text) throws IOException {
        return Files.writeString(folder.resolve("c.yaml"), text);
    }

    @Test
    void itIsReadAsItWasWritten() throws IOException {
        Calibration calibration = calibration();
        assertThat(CalibrationFile.read(written(CalibrationFile.text(calibration))))
                .isEqualTo(calibration);
    }

    @Test
    void itBelongsBesideItsBoard() {
        assertThat(CalibrationFile.place(calibration()))
                .isEqualTo(Path.of("devices/resistor-array-v1/calibration/7-2026-11-22.yaml"));
    }

    @Test
    void aUriWearsIt() throws IOException {
        Path file = written(CalibrationFile.text(calibration()));
        Opened opened = open("twin:resistor-array-v1?calibration=" + file);

        assertThat(opened.device().descriptor())
                .isEqualTo(open("twin:resistor-array-v1").device().descriptor());
        assertThat(opened.worn().descriptor().channels(Role.INPUT).getFirst().max())
                .isEqualTo(1.01 * 4.094 + 1e-3);
        assertThat(new Catalog(new RunStore(folder))
                        .known("twin:resistor-array-v1?calibration=" + file)
                        .teaching())
                .isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gain: {value: 1.01| gain: {value: -1.01 |, line 16, channels.x1.gain.value: expected a number from low to high",
                "role: input | role: inputs |, line 13, channels.x1.role: expected one of input, output",
                "reads: 16 | reads: many |, line 9, reads: expected a whole number, not 'many'",
                "confidence: 0.95 | confidence: 95 |, line 8, confidence: expected a number between 0 and 1, not 95.0",
                "card: | cards: |, line 4, cards: there is no such key; expected one of calibration, board, card",
            })
    void aFileThatCannotBeUsedIsRefusedByItsLine(String old, String changed, String message) throws IOException {
        Path file =
                written(CalibrationFile.text(calibration()).replaceFirst(java.util.regex.Pattern.quote(old), changed));

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> CalibrationFile.read(file))
                .withMessageStartingWith(file + message);
    }

    @Test
    void theCalibrationOfAnotherBoardIsRefused() throws IOException {
        Path file = written(CalibrationFile.text(calibration()));

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> open("twin:resistor-array-v1?inputs=5&calibration=" + file))
                .withMessageContaining(file + ": calibration 7 is of a board resistor-array-v1 with card")
                .withMessageEndingWith("calibrate this one, or give the file that belongs to it");
    }

    @Test
    void severalBoardsAsOneCannotWearOne() throws IOException {
        Path file = written(CalibrationFile.text(calibration()));

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(
                        () -> open("twin:resistor-array-v1?seed=2,twin:resistor-array-v1?seed=3&calibration=" + file))
                .withMessageContaining("none of them can wear a calibration");
    }

    @Test
    void aTwinIsTheSpecimenThatAFileDescribes() throws IOException {
        TwinDevice drawing =
                (TwinDevice) open("twin:resistor-array-v1?specimen=drawing").device();
        Estimate twice = new Estimate(2, 2, 2);
        SpecimenFile file = new SpecimenFile(
                "odd",
                "resistor-array-v1",
                drawing.descriptor().digest(),
                "nowhere",
                "2026-11-22T16:00:00Z",
                0,
                Map.of(
                        "g1",
                        new Part(null, null, null, null, twice, null, List.of("element")),
                        "x1",
                        new Part(
                                new Estimate(1.5, 1.5, 1.5),
                                new Estimate(0.25, 0.25, 0.25),
                                null,
                                null,
                                null,
                                null,
                                null)));
        Path path = written(file.text());

        assertThat(SpecimenFile.read(path)).isEqualTo(file);
        TwinDevice twin =
                (TwinDevice) open("twin:resistor-array-v1?specimen=" + path).device();
        assertThat(twin.specimen().elements()).startsWith(2, 1, 1);
        var unused = twin.present(Stimulus.of(Levels.of(Role.INPUT, 1, 0, 0, 0)), Deadline.NEVER);
        assertThat(twin.onWire(Role.INPUT, 0)).isCloseTo(1.75, within(1e-9));
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> open("twin:resistor-array-v1?outputs=2&specimen=" + path))
                .withMessageContaining("this is a specimen of twin:resistor-array-v1 with card");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> open(
                        "twin:resistor-array-v1?specimen=" + written(file.text().replace("  g1:", "  k1:"))))
                .withMessageContaining("parts: there is no channel 'k1' with a part on board resistor-array-v1");
    }

    @Test
    void theDrawingHasNoErrors() {
        Specimen specimen = ((TwinDevice)
                        open("twin:resistor-array-v1?seed=9&specimen=drawing").device())
                .specimen();

        assertThat(specimen.readNoise()).isZero();
        assertThat(specimen.elements()).containsOnly(1);
        assertThat(specimen.errors(Role.OUTPUT, 1).gain()).isEqualTo(1);
    }

    @Test
    void aSpecimenIsDrawnAlikeTwice() {
        TwinDevice one = (TwinDevice) open("twin:resistor-array-v1?seed=9").device();
        TwinDevice other = (TwinDevice) open("twin:resistor-array-v1?seed=9").device();
        other.become(one.specimen());
        Stimulus stimulus = Stimulus.of(Levels.of(Role.INPUT, 1, 2, -1, -3));

        assertThat(other.present(stimulus, Deadline.NEVER)).isEqualTo(one.present(stimulus, Deadline.NEVER));
    }
}
