package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.homeostat.circuit.Circuit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bench of solvers without its peer. */
final class SolveBenchTest {

    @TempDir
    Path home;

    @Test
    void eachNetworkIsSolvedToTheResidualAskedFor() throws Exception {
        Path output = home.resolve("figures.json");
        JsonNode json = new Session(home)
                .run(
                        "bench",
                        "solve",
                        "12-8-3",
                        "grid:100",
                        "--alone",
                        "--turns",
                        "2",
                        "--inputs",
                        "3",
                        "--output",
                        output.toString(),
                        "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("peer").isNull()).isTrue();
        assertThat(json.get("machine").get("processor").asString()).isNotEmpty();
        assertThat(json.get("nets").size()).isEqualTo(2);
        assertThat(json.get("nets").get(0).get("nodes").asInt()).isEqualTo(12 + 8 + 3);
        assertThat(json.get("nets").get(0).get("resistors").asInt()).isEqualTo(12 * 8 + 8 * 3);
        assertThat(json.get("nets").get(1).get("nodes").asInt()).isEqualTo(100 + 16 + 2);
        for (JsonNode net : json.get("nets")) {
            assertThat(net.get("ours").get("residual").asDouble()).isBetween(0.0, 1e-9);
            assertThat(net.get("ours").get("inputSeconds").get("median").asDouble())
                    .isGreaterThan(0);
            assertThat(net.has("norton")).isFalse();
            assertThat(net.get("ratios").size()).isZero();
        }
        assertThat(JsonMapper.shared().readTree(Files.readString(output))).isEqualTo(json);
    }

    @Test
    void growthIsFittedAndDrawn() throws Exception {
        Path plot = home.resolve("growth.svg");
        JsonNode json = new Session(home)
                .run(
                        "bench",
                        "solve",
                        "--alone",
                        "--turns",
                        "1",
                        "--inputs",
                        "1",
                        "--most",
                        "3200",
                        "--plot",
                        plot.toString(),
                        "--json")
                .ended(Main.DONE)
                .json();
        JsonNode growth = json.get("growth");
        assertThat(growth.get("sizes").size()).isEqualTo(4);
        assertThat(growth.get("exponents").get("cold").isNumber()).isTrue();
        assertThat(growth.get("exponents").get("peerCold").isNull()).isTrue();
        Document drawn =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Files.newInputStream(plot));
        assertThat(drawn.getElementsByTagName("polyline").getLength()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nothing        | network 'nothing': expected layers such as 784-1024-10",
                "784-0-10       | expected layers of 1 or more",
                "9999-9999-10   | up to 20 million resistors",
                "grid:3         | expected 4 to 2000000 nodes",
                "grid:many      | expected a number of nodes, such as grid:10000",
                "--turns=0      | --turns: expected 1 to 10000, not 0",
                "--inputs=0     | --inputs: expected 1 to 1000000, not 0",
                "--tolerance=1  | --tolerance: expected a number above 0 and below 1, not 1.0",
                "--most=99      | --most: expected 100 to 2000000, not 99",
            })
    void whatCannotBeMeasuredIsSaid(String argument, String sentence) {
        Session.Ended ended =
                new Session(home).run("bench", "solve", "--alone", argument).ended(Main.BAD_INPUT);
        assertThat(ended.err()).contains(sentence);
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void nodesAreComparedByName() {
        Circuit ours = new Circuit(List.of("0", "a", "b"), List.of());
        Circuit theirs = new Circuit(List.of("0", "b", "other", "a"), List.of());
        assertThat(SolveBench.difference(ours, new double[] {0, 1, 2}, theirs, new double[] {0, 2.25, 9, 0.5}))
                .isEqualTo(0.5);
    }
}
