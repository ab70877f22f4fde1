package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Real data sets, from the command line with no other file; generated ones stand in where those are absent. */
final class RealDataIT {

    @TempDir
    Path home;

    @Test
    void irisInFiveSeeds() throws Exception {
        String data = Clouds.realOr("iris/bezdekIris.data", Clouds.write(home.resolve("iris.csv"), 150, 4, 3, 0.4, 1))
                .toString();
        List<Double> accuracies = new ArrayList<>();
        try (ExecutorService two = Executors.newFixedThreadPool(2)) {
            List<Future<JsonNode>> runs = new ArrayList<>();
            for (int seed = 1; seed <= 5; seed++) {
                String drawn = String.valueOf(seed);
                runs.add(two.submit(() -> new Jar(home)
                        .run(
                                "train",
                                "--data",
                                data,
                                "--target",
                                "5",
                                "--seed",
                                drawn,
                                "--runs",
                                "seed-" + drawn,
                                "--json")
                        .ended(Main.DONE)
                        .json()));
            }
            for (Future<JsonNode> run : runs) {
                JsonNode json = run.get();
                assertThat(json.get("device").asString()).isEqualTo("twin:resistor-array-v1");
                accuracies.add(json.get("test").get("accuracy").asDouble());
            }
        }
        System.out.println("iris: test accuracies " + accuracies);

        assertThat(accuracies.stream().sorted().skip(2).findFirst().orElseThrow())
                .isGreaterThanOrEqualTo(0.95);
    }

    @Test
    void digits() throws IOException {
        Path train =
                Clouds.realOr("digits8x8/optdigits.tra", Clouds.write(home.resolve("train.csv"), 1000, 64, 10, 1.0, 1));
        Path test =
                Clouds.realOr("digits8x8/optdigits.tes", Clouds.write(home.resolve("test.csv"), 500, 64, 10, 1.0, 2));

        // Three epochs instead of the usual eight: what is reached early is reached.
        JsonNode json = new Jar(home)
                .run(
                        "train",
                        "--data",
                        train.toString(),
                        "--test",
                        test.toString(),
                        "--target",
                        "65",
                        "--epochs",
                        "3",
                        "--json")
                .ended(Main.DONE)
                .json();

        System.out.printf(
                "digits: test accuracy %s (linear %s), %s s%n",
                json.get("test").get("accuracy"), json.get("linear"), json.get("wallSeconds"));
        assertThat(json.get("device").asString()).isEqualTo("twin:resistor-array-v1?inputs=64&hidden=40&outputs=10");
        assertThat(json.get("test").get("accuracy").asDouble()).isGreaterThanOrEqualTo(0.90);
    }
}
