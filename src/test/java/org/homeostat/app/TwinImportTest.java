package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.homeostat.app.Session.Ended;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The command {@code twin import}, as somebody uses it who comes with a netlist. */
final class TwinImportTest {

    /** As KiCad 8 writes it, with a text on the sheet that says what is what. */
    private static final String KICAD = """
            .title KiCad schematic
            .include "models/parts.lib"
            .save all
            .probe alli
            .probe p(R1)
            .tran 1u 10m
            * homeostat: input V1 V2 min=-3 max=3 bits=12
            * homeostat: output /OUT / trainable R1-R3 min=1k max=100k codes=256 wiper=60
            R1 Net-_D1-A_ /IN1 10k
            R2 Net-_D1-A_ /IN2 4.7K
            R3 /OUT Net-_D1-A_ 22k
            R4 /OUT GND 100k
            D1 Net-_D1-A_ GND 1N4148
            C1 /OUT GND 100n
            V1 /IN1 GND DC 1 SIN( 0 1 1k ) AC 1
            V2 /IN2 GND PULSE( 0.5 5 0 1n 1n 1m 2m )
            .end
            """;

    private static final String PARTS = """
            * a library, as the makers of parts give them
            .model 1N4148 D(IS=4.352n N=1.906 RS=0.6458 BV=110 IBV=0.0001 CJO=7.048e-13 TT=3.48e-9 M=0.03)
            """;

    @TempDir
    Path home;

    private Path kicad() throws IOException {
        Files.createDirectories(home.resolve("models"));
        Files.writeString(home.resolve("models").resolve("parts.lib"), PARTS);
        return Files.writeString(home.resolve("board.cir"), KICAD);
    }

    private Ended imported(Path file, String... more) {
        String[] all = new String[more.length + 3];
        all[0] = "twin";
        all[1] = "import";
        all[2] = file.toString();
        System.arraycopy(more, 0, all, 3, more.length);
        return Session.plain(all);
    }

    private static java.util.List<String> names(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }

    @Test
    void aBoardDrawnInKiCadIsADevice() throws Exception {
        JsonNode json = imported(kicad(), "--json").ended(Main.DONE).json();
        assertThat(names(json.get("inputs"))).containsExactly("v1", "v2");
        assertThat(names(json.get("outputs"))).containsExactly("/OUT");
        assertThat(names(json.get("monitors"))).containsExactly("Net-_D1-A_");
        assertThat(names(json.get("trainable"))).containsExactly("r1", "r2", "r3");
        assertThat(json.get("forces").asBoolean()).isTrue();
        String uri = json.get("twin").asString();
        JsonNode card = Session.plain("probe", uri, "--json").ended(Main.DONE).json();
        assertThat(StreamSupport.stream(card.get("channels").spliterator(), false)
                        .map(channel -> channel.get("name").asString()))
                .containsExactly("v1", "v2", "OUT", "nudge.OUT", "r1", "r2", "r3", "Net-_D1-A_");
        assertThat(card.get("channels").get(0).get("max").asDouble()).isEqualTo(3);
        JsonNode audit =
                new Session(home).run("audit", uri, "--json").ended(Main.DONE).json();
        assertThat(audit.get("cosine").asDouble()).isGreaterThan(0.9);
    }

    /** The same netlist, the same operating point: {@code twin solve} reads what {@code twin import} reads. */
    @Test
    void solveReadsItToo() throws Exception {
        JsonNode nodes = Session.plain("twin", "solve", kicad().toString(), "--json")
                .ended(Main.DONE)
                .json()
                .get("nodes");
        assertThat(nodes.get("/IN1").asDouble()).isEqualTo(1);
        assertThat(nodes.get("/IN2").asDouble()).isEqualTo(0.5);
        assertThat(nodes.get("Net-_D1-A_").asDouble()).isBetween(0.3, 0.7);
    }

    @Test
    void optionsCountInsteadOfComments() throws Exception {
        JsonNode json = imported(
                        kicad(),
                        "--json",
                        "--name",
                        "mine",
                        "--to",
                        home.resolve("other").toString(),
                        "--input",
                        "V2 min=0 max=1",
                        "--monitor",
                        "none")
                .ended(Main.DONE)
                .json();
        assertThat(names(json.get("inputs"))).containsExactly("v2");
        assertThat(json.get("monitors").size()).isZero();
        assertThat(json.get("forces").asBoolean()).isFalse();
        assertThat(Files.readString(home.resolve("other").resolve("board.yaml")))
                .contains("board: mine");
    }

    @Test
    void whatIsThereIsNotReplacedUnasked() throws Exception {
        Path file = kicad();
        imported(file).ended(Main.DONE);
        Path board = home.resolve("board").resolve("board.yaml");
        Files.writeString(board, "changed by hand");
        assertThat(imported(file).ended(Main.BAD_INPUT).err())
                .contains("board.yaml is there already")
                .contains("--overwrite");
        assertThat(board).hasContent("changed by hand");
        imported(file, "--overwrite").ended(Main.DONE);
        assertThat(Files.readString(board)).contains("system: circuit");
    }

    /** The board that ships learns the task that no straight line solves. */
    @Test
    void theBoardThatShipsLearnsXor() {
        String folder = home.resolve("xor-board").toString();
        imported(Path.of("sim", "netlists", "xor.cir"), "--to", folder).ended(Main.DONE);
        JsonNode json = new Session(home)
                .run("train", "sim/netlists/xor.yaml", "--device", "twin:" + folder, "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("train").get("accuracy").asDouble()).isEqualTo(1);
        assertThat(json.get("train").get("loss").asDouble()).isLessThan(0.05);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "input V1 / output o / trainable R9 | there is no resistor 'R9'; there are r1, r2, r3",
                "input V7 / output o / trainable R1 | there is no source 'V7'; there are v1, v2",
                "input V1 / output zz / trainable R1 | there is no node 'zz' besides ground; there are a, o, b",
                "input V1 / output 0 / trainable R1 | there is no node '0' besides ground",
                "input V1 / output b / trainable R1 | node b is held by v2",
                "input V1 / output o | it does not say which are the trainables",
                "output o / trainable R1 | it does not say which are the inputs",
                "input V1 / output o / trainable R1 max=5 | expected 0 < min < max",
                "input V1 / output o / trainable R1 sort=5 | 'sort=5': expected min=NUMBER, max=NUMBER",
                "input V1 min=3 max=2 / output o / trainable R1 | expected min below max",
                "input V1 / output o / trainable R1 R1 | resistor r1 is named twice",
                "input V1 / output o / learn R1 | 'learn' is no duty; expected '* homeostat: ' and one of input",
                "input V3 / output o / trainable R1 | how far the inputs go does not follow from the circuit",
                "input / output o / trainable R1 | nothing is named"
            })
    void whatDoesNotFitIsSaidInASentence(String duties, String expected) throws Exception {
        Path file = Files.writeString(
                home.resolve("small.cir"),
                "t\nv1 a 0 1\nr1 a o 1k\nr2 o b 2k\nv2 b 0 -1\nr3 o 0 1k\nv3 c 0 0\nr4 c o 5k\n* homeostat: " + duties
                        + "\n");
        assertThat(imported(file).ended(Main.BAD_INPUT).err().lines())
                .singleElement()
                .asString()
                .contains("small.cir")
                .contains(expected);
    }

    @Test
    void twinsOfOnesOwnAreNamedByTheirPath() {
        assertThat(Session.plain("probe", "twin:" + home.resolve("none"))
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("there is no such file");
        assertThat(Session.plain("probe", "twin:nowhere").ended(Main.BAD_INPUT).err())
                .contains("there is no twin 'nowhere'")
                .contains("the path of its twin.yaml");
    }

    @Test
    void rangesFollowFromTheCircuit() throws Exception {
        Path file = Files.writeString(
                home.resolve("small.cir"),
                "t\n* homeostat: input v1 / output o / trainable r1\nv1 a 0 2\nr1 a o 1k\nr2 o b 2k\nv2 b 0 -3\n");
        imported(file).ended(Main.DONE);
        JsonNode channels = Session.plain("probe", "twin:" + home.resolve("small"), "--json")
                .ended(Main.DONE)
                .json()
                .get("channels");
        assertThat(channels.get(0).get("max").asDouble()).isEqualTo(2);
        assertThat(channels.get(1).get("max").asDouble()).isEqualTo(3);
        assertThat(channels.get(3).get("min").asDouble()).isCloseTo(1e-4, within(1e-15));
        assertThat(channels.get(3).get("max").asDouble()).isCloseTo(1e-2, within(1e-15));
    }
}
