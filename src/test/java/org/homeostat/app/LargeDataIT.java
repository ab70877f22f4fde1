package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.homeostat.run.Idx;
import org.homeostat.run.Rows;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Data sets many times larger than the heap: five gigabytes of images in a file that is mostly holes, and a table of a million
 * cells.
 */
class LargeDataIT {

    private static final int PIXELS = 28 * 28;
    private static final int IMAGES = 6_400_000;
    private static final long BYTES = 16 + (long) IMAGES * PIXELS;
    private static final int OTHERS = 40;
    private static final long PATIENCE_SECONDS = 120;

    @TempDir
    Path folder;

    private Path images;
    private Path labels;

    /** All images are black and a zero, but for the last ones, which are white and a one. */
    @BeforeEach
    void fiveGigabytes() {
        images = folder.resolve("images-idx3-ubyte");
        labels = folder.resolve("labels-idx1-ubyte");
        try (RandomAccessFile pictures = new RandomAccessFile(images.toFile(), "rw");
                RandomAccessFile names = new RandomAccessFile(labels.toFile(), "rw")) {
            for (int number : new int[] {0x803, IMAGES, 28, 28}) {
                pictures.writeInt(number);
            }
            pictures.setLength(BYTES);
            pictures.seek(BYTES - OTHERS * PIXELS);
            pictures.write(filled(OTHERS * PIXELS, 255));
            names.writeInt(0x801);
            names.writeInt(IMAGES);
            names.setLength(8 + IMAGES);
            names.seek(8 + IMAGES - OTHERS);
            names.write(filled(OTHERS, 1));
        } catch (IOException e) {
            assumeTrue(false, "no file of five gigabytes, even of holes, can be made in " + folder + ": " + e);
        }
    }

    private static byte[] filled(int count, int value) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void everyImageIsReadWhereverItLies() {
        Rows rows = Idx.images(images);

        assertThat(rows.size()).isEqualTo(IMAGES);
        double[] row = new double[PIXELS];
        // 2 and 4 GiB are where narrower numbers end.
        for (long at : new long[] {0, 1L << 31, 1L << 32, BYTES - 16 - (OTHERS + 1) * PIXELS}) {
            rows.read((int) (at / PIXELS), row);
            assertThat(row).containsOnly(0.0);
        }
        for (int last = 1; last <= OTHERS; last++) {
            rows.read(IMAGES - last, row);
            assertThat(row).containsOnly(1.0);
        }
    }

    @Test
    void theyAreTaughtOnAHeapOf64Megabytes() throws Exception {
        Path experiment = Files.writeString(folder.resolve("large.yaml"), """
                experiment: large
                device: twin:hopfield-in-place?inputs=784&hidden=16&outputs=2&lanes=4
                learner: aeqprop-centered
                data:
                  images: "%s"
                  labels: "%s"
                  perClass: %d
                testPart: 0.25
                epochs: 3
                seed: 1
                teaching: {encoding: as_is, nudge: coupling, beta: 0.5, softness: 0.1}
                """.formatted(images, labels, OTHERS));

        RunRecord run = trained("train", experiment.toString());

        assertThat(run.status()).isEqualTo(Status.DONE);
        assertThat(run.result().test().rows()).isEqualTo(OTHERS / 2);
        assertThat(run.result().test().accuracy()).isEqualTo(1);
    }

    /** In memory its numbers alone would take 80 MB, as text more. */
    @Test
    void aTableIsTaughtOnAHeapOf64Megabytes() throws Exception {
        Path table = folder.resolve("table.csv");
        StringBuilder line = new StringBuilder();
        try (var out = Files.newBufferedWriter(table)) {
            for (int row = 0; row < 10_000; row++) {
                line.setLength(0);
                for (int column = 0; column < 1000; column++) {
                    line.append(column % 7 == 0 ? "0.5," : column % 5 == row % 2 ? "1," : "0,");
                }
                out.write(line.append(row % 2 == 0 ? "even\n" : "odd\n").toString());
            }
        }
        RunRecord run = trained(
                "train",
                "--data",
                table.toString(),
                "--target",
                "1001",
                "--device",
                "twin:hopfield-in-place?inputs=1000&hidden=16&outputs=2&lanes=32",
                "--epochs",
                "1",
                "--no-journal");

        assertThat(run.status()).isEqualTo(Status.DONE);
        assertThat(run.result().test().rows()).isEqualTo(2500);
    }

    private RunRecord trained(String... words) throws IOException, InterruptedException {
        Path runs = folder.resolve("runs");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.homeostat.app.Main"));
        command.addAll(List.of(words));
        command.addAll(List.of("--runs", runs.toString()));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        } finally {
            process.destroyForcibly();
        }
        return new RunStore(runs).find("latest").record();
    }
}
