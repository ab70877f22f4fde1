package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.homeostat.app.Session.Ended;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.homeostat.firmware.EmulatedBench;
import org.homeostat.firmware.EmulatedBench.Pace;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What becomes of a run when the line to the board, or the board itself, is not what it should be. */
final class FaultsOnTheBenchIT {

    private static final long SPECIMEN = 21;

    /** Outputs and hidden nodes, each read once in every exchange. */
    private static final int CONVERSIONS = 15;

    @TempDir
    Path home;

    private Path data() throws IOException {
        return Clouds.write(home.resolve("clouds.csv"), 60, 4, 3, 0.3, 2);
    }

    private EmulatedBench bench(String name, Pace pace) throws IOException {
        return EmulatedBench.start(Files.createDirectory(home.resolve(name)), SPECIMEN, pace);
    }

    private String[] training(EmulatedBench bench, int epochs) throws IOException {
        return new String[] {
            "train",
            "--data",
            data().toString(),
            "--target",
            "5",
            "--epochs",
            String.valueOf(epochs),
            "--device",
            "serial:" + bench.path(),
            "--json"
        };
    }

    /** The codes that a run's parameters came to, as the host has them. */
    private static int[] believed(RunFolder folder, Descriptor card) {
        double[] parameters = folder.parameters().orElseThrow();
        List<Channel> channels = card.channels(Role.PARAMETER);
        return IntStream.range(0, parameters.length)
                .map(k -> channels.get(k).scale().code(parameters[k]))
                .toArray();
    }

    private Descriptor card() {
        return new Catalog(new RunStore(home.resolve("none")))
                .open("twin:resistor-array-v1")
                .device()
                .descriptor();
    }

    private RunFolder latest() {
        return new RunStore(home.resolve("runs")).find("latest");
    }

    @Test
    void onABadLineEveryExchangeIsMadeExactlyOnce() throws IOException {
        double[] accuracy = new double[2];
        for (int bad = 0; bad < 2; bad++) {
            try (EmulatedBench bench = bench("bench" + bad, Pace.FREE)) {
                if (bad == 1) {
                    for (String kind : List.of("flip", "drop", "duplicate")) {
                        bench.truth().ask("fault in " + kind + " 0.0002");
                        bench.truth().ask("fault out " + kind + " 0.0002");
                    }
                }
                JsonNode json =
                        new Jar(home).run(training(bench, 25)).ended(Main.DONE).json();
                accuracy[bad] = json.get("test").get("accuracy").asDouble();
                Map<String, Long> counters = bench.truth().counters();
                long exchanges = json.get("exchanges").asLong();
                long struck = counters.entrySet().stream()
                        .filter(entry -> entry.getKey().matches("(flip|drop|duplicate)(In|Out)"))
                        .mapToLong(Map.Entry::getValue)
                        .sum();
                int[] stand = bench.truth().potentiometers();
                int[] believed = believed(latest(), card());
                System.out.printf(
                        "a line with %d faults in %d bytes: %d exchanges, test accuracy %s%n",
                        struck, counters.get("in") + counters.get("out"), exchanges, accuracy[bad]);
                assertThat(exchanges).isGreaterThan(2000);
                // After the last exchange of the run one more leaves the board at its safe levels.
                assertThat(counters).containsEntry("conversions", CONVERSIONS * (exchanges + 1));
                assertThat(stand).containsExactly(believed);
                assertThat(counters).containsEntry("resets", 1L);
                if (bad == 1) {
                    assertThat(struck).isGreaterThan(100);
                } else {
                    assertThat(struck).isZero();
                }
            }
        }
        assertThat(accuracy[1]).isGreaterThan(accuracy[0] - 0.1);
    }

    @Test
    void aBoardThatIsResetStopsTheRunWhichCanBeTakenUp() throws Exception {
        try (EmulatedBench bench = bench("bench", Pace.FREE)) {
            Jar jar = new Jar(home);
            Jar.Running running = jar.start(training(bench, 25));
            while (bench.truth().counters().get("conversions") < 1000L * CONVERSIONS) {
                assertThat(running.process().isAlive()).isTrue();
                Thread.sleep(5);
            }
            bench.truth().ask("reset");
            Ended stopped = running.await();
            System.out.println("reset in the midst of a run: exit code " + stopped.code() + ", "
                    + stopped.err().lines().toList().getLast());
            assertThat(stopped.code()).isIn(3, 4);
            assertThat(stopped.err()).contains("restarted", "--resume");
            assertThat(latest().record().status()).isEqualTo(Status.INTERRUPTED);

            bench.truth().ask("power");
            long written = bench.truth().counters().get("potWrites");
            assertThat(bench.truth().potentiometers()).containsOnly(128);
            JsonNode json = jar.run("train", "--resume", "latest", "--json")
                    .ended(Main.DONE)
                    .json();
            assertThat(json.get("test").get("accuracy").asDouble()).isGreaterThan(0.8);
            assertThat(bench.truth().counters().get("potWrites") - written).isGreaterThanOrEqualTo(156);
            int[] stand = bench.truth().potentiometers();
            assertThat(stand).containsExactly(believed(latest(), card()));
            assertThat(Arrays.stream(stand).filter(code -> code != 128).count()).isGreaterThan(100);
        }
    }
}
