package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import tools.jackson.databind.JsonNode;

/** The rules side by side, on few settles and small networks. */
final class RulesBenchTest {

    private static final List<String> RULES = List.of("ep-centered", "finite-differences", "hadamard", "spsa", "mgd");

    @TempDir
    Path home;

    @Test
    void everyRuleIsGivenTheSameSettlesAndAllAreDrawn() throws Exception {
        Path plot = home.resolve("rules.svg");
        JsonNode json = new Session(home)
                .run(
                        "bench",
                        "rules",
                        "--most",
                        "30",
                        "--settles",
                        "40",
                        "--trials",
                        "1",
                        "--plot",
                        plot.toString(),
                        "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("sizes").size()).isEqualTo(2);
        for (JsonNode size : json.get("sizes")) {
            int parameters = size.get("parameters").asInt();
            assertThat(parameters).isBetween(9, 30);
            for (String rule : RULES) {
                assertThat(size.get(rule).get("lossRatio").asDouble()).as(rule).isBetween(0.0, 1.5);
            }
            assertThat(size.get("ep-centered").get("lossRatio").asDouble()).isLessThan(0.9);
            // A free reading and two nudged ones; a reading for each parameter and one more.
            assertThat(size.get("ep-centered").get("steps").asInt()).isEqualTo(13);
            assertThat(size.get("finite-differences").get("steps").asInt()).isEqualTo(40 / (parameters + 1));
        }
        Document drawn =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Files.newInputStream(plot));
        assertThat(drawn.getElementsByTagName("polyline").getLength()).isEqualTo(RULES.size());
    }

    @Test
    void aRuleThatCannotTakeOneStepIsSaidNotTo() {
        Session.Ended ended = new Session(home)
                .run("bench", "rules", "--most", "30", "--settles", "20", "--trials", "1")
                .ended(Main.DONE);
        assertThat(ended.out()).contains("not one step").contains("parameters");
    }

    @Test
    void whatCannotBeIsRefused() {
        Session session = new Session(home);
        assertThat(session.run("bench", "rules", "--settles", "5")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--settles");
        assertThat(session.run("bench", "rules", "--most", "3")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--most");
        assertThat(session.run("bench", "rules", "--trials", "0")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--trials");
    }
}
