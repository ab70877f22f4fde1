package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import tools.jackson.databind.JsonNode;

/** The command that measures the circuits of ReLU networks, on few points and without another program. */
final class UniversalBenchTest {

    @TempDir
    Path home;

    @Test
    void slopesAreThoseOfTheTheoryAndAreDrawn() throws Exception {
        Path plot = home.resolve("universal.svg");
        JsonNode json = new Session(home)
                .run(
                        "bench",
                        "universal",
                        "--only",
                        "eps,diodes,gain,layers",
                        "--points",
                        "101",
                        "--side",
                        "7",
                        "--spice-points",
                        "0",
                        "--plot",
                        plot.toString(),
                        "--json")
                .ended(Main.DONE)
                .json();
        JsonNode slopes = json.get("slopes");
        assertThat(slopes.get("eps").asDouble()).isBetween(0.9, 1.1);
        assertThat(slopes.get("diodes").asDouble()).isBetween(0.9, 1.1);
        assertThat(slopes.get("gain").asDouble()).isBetween(-1.1, -0.9);
        assertThat(slopes.get("layers").asDouble()).isBetween(0.9, 1.1);
        assertThat(json.get("rows").size()).isEqualTo(5 + 5 + 4 + 4);
        for (JsonNode row : json.get("rows")) {
            assertThat(row.get("residual").asDouble()).isLessThan(1e-9);
            assertThat(row.get("fromNgspice").isNull()).isTrue();
            assertThat(row.get("diodes").asInt()).isEqualTo(2 * row.get("units").asInt());
        }
        Document drawn =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Files.newInputStream(plot));
        assertThat(drawn.getElementsByTagName("polyline").getLength()).isEqualTo(4);
    }

    @Test
    void unknownPartsAndNonsenseAreRefused() {
        Session session = new Session(home);
        assertThat(session.run("bench", "universal", "--only", "hedges")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("hedges", "hinges, eps, diodes, gain, plane, layers");
        assertThat(session.run("bench", "universal", "--points", "1")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--points");
        assertThat(session.run("bench", "universal", "--spice-points", "-1")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--spice-points");
    }
}
