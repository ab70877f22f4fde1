package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.homeostat.firmware.EmulatedBench;
import org.homeostat.firmware.EmulatedBench.Pace;
import org.homeostat.firmware.Firmware;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * One experiment file teaches the twin and, unchanged, real firmware in an emulated microcontroller, on specimens whose
 * elements nobody has measured. This is emulation, not a hardware measurement.
 */
final class IrisOnTheBenchIT {

    private static final int[] SPECIMENS = {11, 12, 13};

    @TempDir
    Path home;

    @Test
    void whatTaughtTheTwinTeachesTheBoard() throws Exception {
        Firmware.requireBench();
        String data = Clouds.realOr("iris/bezdekIris.data", Clouds.write(home.resolve("iris.csv"), 150, 4, 3, 0.4, 1))
                .toString();
        Path experiment = Files.writeString(home.resolve("iris.yaml"), """
                experiment: iris
                device: twin:resistor-array-v1
                learner: aeqprop-centered
                data: {csv: '%s', target: '5'}
                testPart: 0.25
                epochs: 40
                seed: 1
                """.formatted(data));
        double twin = accuracy(new Jar(home)
                .run("train", experiment.toString(), "--runs", "twin", "--json")
                .ended(Main.DONE)
                .json());
        List<Double> accuracies = new ArrayList<>();
        try (ExecutorService two = Executors.newFixedThreadPool(2)) {
            List<Future<Double>> runs = new ArrayList<>();
            for (int specimen : SPECIMENS) {
                runs.add(two.submit(() -> taught(experiment, specimen)));
            }
            for (Future<Double> run : runs) {
                accuracies.add(run.get());
            }
        }
        System.out.println(
                "iris: test accuracy " + accuracies + " on specimens of the emulated bench, " + twin + " on the twin");
        assertThat(twin).isGreaterThanOrEqualTo(0.90);
        assertThat(accuracies).allMatch(accuracy -> accuracy >= 0.90);
    }

    private double taught(Path experiment, int specimen) {
        try (EmulatedBench bench = EmulatedBench.start(Files.createTempDirectory(home, "bench"), specimen, Pace.FREE)) {
            JsonNode json = new Jar(home)
                    .run(
                            "train",
                            experiment.toString(),
                            "--device",
                            "serial:" + bench.path(),
                            "--runs",
                            "bench-" + specimen,
                            "--json")
                    .ended(Main.DONE)
                    .json();
            assertThat(json.get("device").asString()).isEqualTo("serial:" + bench.path());
            assertThat(bench.truth().flags().values()).containsOnly(0L);
            System.out.printf(
                    Locale.ROOT,
                    "iris on specimen %d: %d exchanges in %.1f s, of which the board lived %.1f s%n",
                    specimen,
                    json.get("exchanges").asInt(),
                    json.get("wallSeconds").asDouble(),
                    1e-6 * bench.truth().counters().get("micros"));
            return accuracy(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double accuracy(JsonNode json) {
        return json.get("test").get("accuracy").asDouble();
    }
}
