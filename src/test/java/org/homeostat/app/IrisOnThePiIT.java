package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.ExperimentFile;
import org.homeostat.catalog.PiBoards;
import org.homeostat.pi.ScriptedPi;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A whole run, journal and all, through Pi4J's own types to scripted chips, on specimens whose elements nobody has measured. This
 * is emulation, not a hardware measurement.
 */
final class IrisOnThePiIT {

    private static final int[] SPECIMENS = {11, 12, 13};

    @TempDir
    Path home;

    /** The small board has two inputs, for the petals, and no hidden node. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"resistor-array-pi-spi, '[]', 0.92", "resistor-array-pi-i2c, '[\"1\", \"2\"]', 0.92"})
    void whatIsCarriedByChipsLearns(String board, String ignored, double bar) throws IOException {
        String data = Clouds.realOr("iris/bezdekIris.data", Clouds.write(home.resolve("iris.csv"), 150, 4, 3, 0.4, 1))
                .toString();
        Path file = Files.writeString(home.resolve("iris.yaml"), """
                experiment: iris
                device: pi:%s
                data: {csv: '%s', target: '5', ignore: %s}
                epochs: 40
                seed: 1
                """.formatted(board, data, ignored));
        List<Double> accuracies = new ArrayList<>();
        for (int specimen : SPECIMENS) {
            RunStore store = new RunStore(home.resolve(board + "-" + specimen));
            try (ScriptedPi bench = PiBoards.of(board).specimen(specimen)) {
                Catalog catalog = PiBoards.catalog(store, bench);
                Experiment experiment = ExperimentFile.read(file, null, catalog);
                RunRecord ended;
                try (Training training = Training.begin(experiment, catalog, store)) {
                    ended = training.run(null, () -> false, Duration.ofSeconds(2));
                }
                assertThat(ended.status()).isEqualTo(Status.DONE);
                assertThat(bench.flags()).isEmpty();
                System.out.printf(
                        Locale.ROOT,
                        "iris on %s, specimen %d: test accuracy %.3f, train %.3f; %d exchanges, %d frames, in %.1f s%n",
                        board,
                        specimen,
                        ended.result().test().accuracy(),
                        ended.result().train().accuracy(),
                        ended.result().exchanges(),
                        bench.frames(),
                        ended.result().wallSeconds());
                accuracies.add(ended.result().test().accuracy());
            }
        }
        assertThat(accuracies).allMatch(accuracy -> accuracy >= bar);
    }
}
