package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Yesterday's run, asked again today. */
class RegressTest {

    private static final String OTHER = "twin:resistor-array-v1?inputs=2&hidden=4&outputs=2&seed=2";

    @TempDir
    Path home;

    private Session session;
    private String run;

    @BeforeEach
    void train() throws IOException {
        session = new Session(home);
        Path file = home.resolve("moons.yaml");
        Files.writeString(file, """
                experiment: moons
                device: twin:resistor-array-v1?inputs=2&hidden=4&outputs=2
                learner: aeqprop-centered
                data: {generate: two-moons, rows: 12, noise: 0.1}
                epochs: 1
                seed: 1
                """);
        run = session.run("train", file.toString(), "--json")
                .ended(Main.DONE)
                .json()
                .get("run")
                .asString();
    }

    @Test
    void anUnchangedTwinPassesBitForBit() {
        Session.Ended ended = session.run("regress", "latest").ended(Main.DONE);
        assertThat(ended.out().strip())
                .isEqualTo("run " + run + ": all 37 exchanges are answered as they were, bit for bit");
    }

    @Test
    void anotherSpecimenFailsWithASentenceAndAPicture() throws IOException {
        Path picture = home.resolve("drift.svg");
        Session.Ended ended = session.run("regress", run, "--device", OTHER, "--plot", picture.toString())
                .ended(Main.FAILED);
        assertThat(ended.out())
                .contains("of 37 exchanges are answered otherwise than they were; first exchange 1: ")
                .contains("readings; apart by");
        assertThat(Files.readString(picture))
                .startsWith("<svg")
                .contains("run " + run + ", asked again of " + OTHER.replace("&", "&amp;"))
                .contains("of 37 exchanges are answered otherwise than they were; first exchange 1: ")
                .contains(">first: exchange 1, ")
                .contains("answered otherwise</text>")
                .contains("V in exchange ");

        JsonNode json = session.run("regress", run, "--device", OTHER, "--range", "0.5", "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("passed").asBoolean()).isTrue();
        assertThat(json.get("runs").get(0).get("channels").get(0).get("rms").asDouble())
                .isPositive();
    }

    @Test
    void aTwinInTheShadowTellsHowFarTheBoardIsFromIt() {
        String file = home.resolve("moons.yaml").toString();
        JsonNode same = session.run(
                        "train", file, "--shadow", "twin:resistor-array-v1?inputs=2&hidden=4&outputs=2", "--json")
                .ended(Main.DONE)
                .json();
        assertThat(same.get("shadow").get("exchanges")).isEqualTo(same.get("exchanges"));
        assertThat(same.get("shadow").get("differing").asInt()).isZero();

        Session.Ended other = session.run("train", file, "--shadow", OTHER).ended(Main.DONE);
        assertThat(other.err()).contains("Board and shadow differ in exchange 1 (the first that does): ");
        assertThat(other.out())
                .contains("  shadow " + OTHER + ": ")
                .contains("differ by more than is allowed; furthest ");

        assertThat(session.run("train", file, "--shadow", "twin:springs")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--shadow: board ")
                .contains("cannot be asked the same");
        assertThat(session.run("train", file, "--shadow", OTHER, "--patience", "3")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("leave out --patience");
        assertThat(session.run("train", "--resume", "latest", "--shadow", OTHER)
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("leave out everything but --resume");
    }

    @Test
    void badInputIsSaidBeforeAnythingIsAsked() {
        assertThat(session.run("regress", run, "--exact", "--steps", "2")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--exact: it allows nothing");
        assertThat(session.run("regress", run, "--steps", "-1")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("expected a tolerance of 0 or more, not -1.0");
        assertThat(session.run("regress", run, run, "--plot", "x.svg")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--plot: it draws one run");
        assertThat(session.run("regress", run, "--device", "twin:springs")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("cannot be asked the same");
        assertThat(session.run("regress", "nobody").ended(Main.BAD_INPUT).err()).contains("there is no run 'nobody'");
    }

    @Test
    void theRecordingOfARunAnswersToo() {
        assertThat(session.run(
                                "regress",
                                run,
                                "--device",
                                "replay:" + session.runs().resolve(run))
                        .ended(Main.DONE)
                        .out())
                .contains("all 37 exchanges are answered as they were, bit for bit");
    }

    @Test
    void aDeviceThatIsGoneTakesNothingAwayFromTheRunsBeforeIt() throws IOException {
        Path away = home.resolve("away");
        Files.createDirectory(away);
        Path stored = session.runs().resolve(run);
        Files.copy(stored.resolve("journal"), away.resolve("journal"));
        Files.writeString(
                away.resolve("run.json"),
                Files.readString(stored.resolve("run.json"))
                        .replace("twin:resistor-array-v1?inputs=2&hidden=4&outputs=2", "serial:nowhere"));
        Session.Ended ended = session.run("regress", run, away.toString()).ended(Main.UNREACHABLE);
        assertThat(ended.out().strip())
                .isEqualTo("run " + run + ": all 37 exchanges are answered as they were, bit for bit");
        assertThat(ended.err()).contains("serial port nowhere: there is no such device");

        JsonNode json = session.run("regress", run, away.toString(), "--json")
                .ended(Main.UNREACHABLE)
                .json();
        assertThat(json.get("passed").asBoolean()).isFalse();
        assertThat(json.get("runs")).hasSize(1);
        assertThat(json.get("runs").get(0).get("passed").asBoolean()).isTrue();
    }

    @Test
    void aRunWithoutAJournalAndADamagedOneAreRefused() throws IOException {
        Path journal = session.runs().resolve(run).resolve("journal");
        byte[] bytes = Files.readAllBytes(journal);
        bytes[bytes.length / 2] ^= 1;
        Files.write(journal, bytes);
        assertThat(session.run("regress", run).ended(Main.BAD_INPUT).err()).contains("damage");
        Files.delete(journal);
        assertThat(session.run("regress", run).ended(Main.BAD_INPUT).err()).contains("kept no journal");
    }

    /** A journal tells what another board bore. */
    @Test
    void aBoardIsAskedNothingBeyondItsLimits() throws IOException {
        Path netlist = Path.of("sim", "netlists", "xor.cir");
        Path folder = home.resolve("xor");
        Session.plain("twin", "import", netlist.toString(), "--to", folder.toString())
                .ended(Main.DONE);
        Path file = session.file("xor.yaml", """
                experiment: xor
                device: twin:%s
                data: {generate: two-moons, rows: 12, noise: 0.1}
                epochs: 1
                """.formatted(folder));
        session.run("train", file.toString()).ended(Main.DONE);
        assertThat(session.run("regress", "latest").ended(Main.DONE).out()).contains("bit for bit");

        Path board = folder.resolve("board.yaml");
        Files.writeString(board, Files.readString(board) + "\nlimits:\n  input: {min: -0.01, max: 0.01}\n");
        assertThat(session.run("regress", "latest").ended(Main.LIMIT).out())
                .contains(
                        "after 1 exchange answered as it was, exchange 2 was answered then, and failed now: channel v1")
                .contains("lies outside its safety limits");
    }
}
