package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The peers in PyTorch, where a Python has it. */
final class TorchPeerIT {

    @TempDir
    Path home;

    private String python = "";

    @BeforeEach
    void installed() {
        String found = TorchPeer.python(null);
        assumeTrue(found != null, "no Python with PyTorch is installed here");
        python = String.valueOf(found);
    }

    @Test
    void bothVariantsLearnTheSameAndSoDoWe() throws Exception {
        Path data = TrainBenchTest.mnist(home.resolve("data"));
        JsonNode json = new Session(home)
                .run(
                        "bench",
                        "train",
                        "--data-dir",
                        data.toString(),
                        "--hidden",
                        "64",
                        "--images",
                        "128",
                        "--turns",
                        "2",
                        "--steps",
                        "10",
                        "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("peer").asString()).contains("PyTorch").contains("one thread");
        assertThat(json.get("nets").size()).isEqualTo(3);
        for (JsonNode net : json.get("nets")) {
            String word = net.get("net").asString();
            JsonNode published = net.get("peers").get(0);
            JsonNode settled = net.get("peers").get(1);
            JsonNode cached = net.get("peers").get(2);
            assertThat(published.get("name").asString()).isEqualTo("pytorch, published");
            assertThat(cached.get("steps").asInt()).isEqualTo(20);
            for (int phase = 0; phase < 3; phase++) {
                double sweeps = settled.get("sweeps").get(phase).asDouble();
                assertThat(cached.get("sweeps").get(phase).asDouble())
                        .as("%s, phase %d", word, phase)
                        .isCloseTo(sweeps, within(0.6));
            }
            double error = published.get("trainingError").asDouble();
            assertThat(cached.get("trainingError").asDouble()).as(word).isCloseTo(error, within(0.05));
            // Parameters are drawn by another generator.
            assertThat(net.get("ours").get("trainingError").asDouble()).as(word).isCloseTo(error, within(0.2));
            assertThat(net.get("ratios")
                            .get("pytorch, cached, settled as ours")
                            .get("median")
                            .asDouble())
                    .isGreaterThan(0);
        }
    }

    @Test
    void aPeerThatEndsIsSaidWithItsLastWords() throws Exception {
        try (TorchPeer peer = TorchPeer.start(python, "drn", List.of("--data", home.toString()))) {
            assertThatThrownBy(peer::ready)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no train-images-idx3-ubyte there");
        }
    }
}
