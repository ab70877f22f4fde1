package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The command {@code twin solve}. */
final class TwinSolveTest {

    @TempDir
    Path home;

    private Session.Ended solve(String text, String... more) throws IOException {
        Path file = Files.writeString(home.resolve("a.cir"), text);
        String[] arguments = new String[3 + more.length];
        arguments[0] = "twin";
        arguments[1] = "solve";
        arguments[2] = file.toString();
        System.arraycopy(more, 0, arguments, 3, more.length);
        return Session.plain(arguments);
    }

    @Test
    void theNodesAreToldByTheirNames() throws Exception {
        String text = "divider\nv1 In 0 6\nr1 in Mid 1k\nr2 mid 0 2k\n.end\n";
        JsonNode json = solve(text, "--json").ended(Main.DONE).json();
        assertThat(json.get("nodes").propertyNames()).containsExactlyInAnyOrder("In", "Mid");
        assertThat(json.get("nodes").get("Mid").asDouble()).isCloseTo(4, within(1e-12));
        assertThat(json.get("iterations").asInt()).isPositive();
        assertThat(json.get("residual").asDouble()).isBetween(0.0, 1e-12);
        assertThat(json.get("seconds").asDouble()).isPositive();
        assertThat(json.get("solver").asString()).isEqualTo("layered-descent");
        Session.Ended plain = solve(text).ended(Main.DONE);
        assertThat(plain.out().lines()).containsExactly("In   6.00000000 V", "Mid  4.00000000 V");
        assertThat(plain.err()).contains("layered-descent").contains("residual");
    }

    @ParameterizedTest
    @CsvSource({"clamp, mid, 1.0", "neuron, out, 0.847863248", "follower, out, 1.17607016"})
    void theNetlistsThatShipAreSolved(String name, String node, double volts) {
        // The second and third figure are ngspice's.
        JsonNode json = Session.plain("twin", "solve", "sim/netlists/" + name + ".cir", "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("nodes").get(node).asDouble()).isCloseTo(volts, within(1e-6));
    }

    @Test
    void aBadLineIsBadInput() throws Exception {
        assertThat(solve("t\nr1 a 0 x\n").ended(Main.BAD_INPUT).err()).contains("a.cir, line 2: 'x'");
        assertThat(Session.plain("twin", "solve", home.resolve("none").toString())
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("no such file");
        assertThat(Session.plain("twin", "solve", home.toString())
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("this is a folder");
        assertThat(solve("t\nr1 a 0 1\n", "--tolerance", "0")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--tolerance");
    }

    @Test
    void aFloatingNodeFailsByName() throws Exception {
        assertThat(solve("t\nv1 a 0 1\nr1 a 0 1\nr2 b c 1\n").ended(Main.FAILED).err())
                .contains("nodes b, c");
    }

    @Test
    void aPrecisionThatIsNotReachedFails() throws Exception {
        assertThat(solve(
                                "t\nv1 a 0 1\nr1 a b 3\nr2 b c 7\nr3 c 0 11\nr4 b 0 13\nr5 b d 17\nr6 d c 19\n",
                                "--tolerance",
                                "1e-300")
                        .ended(Main.FAILED)
                        .err())
                .contains("the residual is");
    }
}
