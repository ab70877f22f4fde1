package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** All benches of the twin engine in one object: quick, without other programs, and without images. */
class BenchAllIT {

    @TempDir
    Path home;

    @Test
    void everyBenchIsInOneFileOrSaysWhyItIsNot() throws Exception {
        Path output = home.resolve("figures.json");
        Path none = home.resolve("none");

        JsonNode json = new Session(home)
                .run(
                        "bench",
                        "all",
                        "--quick",
                        "--alone",
                        "--data-dir",
                        none.toString(),
                        "--output",
                        output.toString(),
                        "--json")
                .ended(Main.DONE)
                .json();

        assertThat(JsonMapper.shared().readTree(Files.readString(output))).isEqualTo(json);
        assertThat(json.get("machine").get("cores").asInt()).isPositive();
        assertThat(json.get("versions").get("java").asString())
                .isEqualTo(Runtime.version().toString());
        assertThat(json.get("peers").isEmpty()).isTrue();
        List<String> kinds = new ArrayList<>();
        for (JsonNode bench : json.get("benches")) {
            String kind = bench.get("command").asString().split(" ")[1];
            kinds.add(kind);
            if (kind.equals("train")) {
                assertThat(bench.get("leftOut").asString())
                        .startsWith(none.resolve("mnist") + ": no train-images-idx3-ubyte there");
                continue;
            }
            JsonNode figures = bench.get("figures");
            assertThat(figures.get("machine")).isEqualTo(json.get("machine"));
            switch (kind) {
                case "solve" -> assertThat(figures.get("nets").size()).isEqualTo(2);
                case "twin" ->
                    assertThat(figures.get("medianSeconds").asDouble()).isPositive();
                default ->
                    assertThat(figures.get("slopes").get("eps").asDouble()).isBetween(0.9, 1.1);
            }
        }
        assertThat(kinds).startsWith("solve", "train", "twin").endsWith("twin", "universal");
    }

    @Test
    void aFileThatCannotBeMadeIsToldBeforeAnythingIsMeasured() {
        Path output = home.resolve("none").resolve("figures.json");

        assertThat(new Session(home)
                        .run("bench", "all", "--output", output.toString())
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--output: there is no folder " + home.resolve("none") + "; make it, or name another file");
    }
}
