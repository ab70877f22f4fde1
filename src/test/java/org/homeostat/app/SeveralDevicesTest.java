package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.app.Session.Ended;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Several devices at the command line: taught as one, or each by itself. */
final class SeveralDevicesTest {

    private static final String FIRST = "twin:resistor-array-v1?seed=1";
    private static final String SECOND = "twin:resistor-array-v1?seed=2";
    private static final String THIRD = "twin:resistor-array-v1?seed=3";
    private static final String RACK = FIRST + "," + SECOND + "," + THIRD;

    @TempDir
    Path home;

    private Session session;

    @BeforeEach
    void begin() {
        session = new Session(home);
    }

    private Ended train(String devices, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "train", "--device", devices, "--data", session.clouds(40).toString(), "--target", "kind"));
        words.addAll(List.of("--epochs", "6"));
        words.addAll(List.of(more));
        return session.run(words.toArray(new String[0]));
    }

    private int runs() {
        return new RunStore(session.runs()).list().size();
    }

    @Test
    void boardsOfOneKindAreTaughtAsOne() throws IOException {
        Ended ended = train(RACK, "--json").ended(Main.DONE);

        JsonNode json = ended.json();
        assertThat(ended.err()).contains("Teaching 3 devices as one: each step is the mean of theirs.");
        assertThat(json.get("device").asString()).isEqualTo(RACK);
        assertThat(json.get("test").get("accuracy").asDouble()).isGreaterThanOrEqualTo(0.9);
        // Three rows a step: ten steps of three exchanges an epoch, one to draw the start, 10 and 4 to score 30 and 10.
        assertThat(json.get("exchanges").asLong()).isEqualTo(6 * 10 * 3 + 1 + 10 + 4);
        assertThat(runs()).isEqualTo(1);
        assertThat(session.run("replay", "latest").ended(Main.DONE).out()).contains("bit for bit");
    }

    /** What they learned together each of them knows, and so does a specimen that was not there. */
    @Test
    void whatTheyLearnedIsAskedOfAllOrOfOne() throws IOException {
        train(RACK).ended(Main.DONE);

        JsonNode all =
                session.run("evaluate", "latest", "--json").ended(Main.DONE).json();
        assertThat(all.get("device").asString()).isEqualTo(RACK);
        assertThat(all.get("test").get("accuracy").asDouble()).isGreaterThanOrEqualTo(0.9);
        for (String one : List.of(FIRST, THIRD, "twin:resistor-array-v1?seed=9", FIRST + "," + SECOND)) {
            JsonNode json = session.run("evaluate", "latest", "--device", one, "--json")
                    .ended(Main.DONE)
                    .json();
            assertThat(json.get("test").get("accuracy").asDouble()).isGreaterThanOrEqualTo(0.9);
        }
        Path ask = session.file("ask.csv", "x,y\n-3,-3\n3,3\n-3,-3\n3,3\n");
        assertThat(session.run("predict", "latest", "--data", ask.toString())
                        .ended(Main.DONE)
                        .out())
                .isEqualTo("low\nhigh\nlow\nhigh\n");
    }

    @Test
    void anExperimentFileNamesSeveralToo() throws IOException {
        Path file = session.file("rack.yaml", """
                experiment: rack
                device: >-
                  %s,
                  %s
                data: {generate: two-moons, rows: 40}
                epochs: 1
                """.formatted(FIRST, SECOND));
        JsonNode json =
                session.run("train", file.toString(), "--json").ended(Main.DONE).json();
        assertThat(json.get("device").asString()).isEqualTo(FIRST + "," + SECOND);
    }

    @Test
    void whatCannotBeOneIsTaughtApart() throws IOException {
        Ended ended = train(FIRST + ",twin:resistor-compliant", "--json").ended(Main.DONE);

        assertThat(ended.err())
                .startsWith(
                        "Teaching 2 devices apart, because twin:resistor-compliant is a resistor-compliant with card ")
                .contains(FIRST + ": epoch 6/6", "twin:resistor-compliant: epoch 6/6");
        JsonNode all = ended.json().get("runs");
        assertThat(all.valueStream().map(run -> run.get("device").asString()))
                .containsExactly(FIRST, "twin:resistor-compliant");
        assertThat(all.valueStream().map(run -> run.get("status").asString())).containsOnly("done");
        assertThat(runs()).isEqualTo(2);
    }

    /** Each run is what it would have been alone. */
    @Test
    void apartEachIsTaughtAsIfItWereAlone() throws IOException {
        JsonNode all = train(FIRST + "," + SECOND, "--apart", "--json")
                .ended(Main.DONE)
                .json()
                .get("runs");
        List<String> names =
                all.valueStream().map(run -> run.get("run").asString()).toList();
        for (int i = 0; i < names.size(); i++) {
            End apart = End.of(new RunStore(session.runs()).find(names.get(i)));
            train(i == 0 ? FIRST : SECOND).ended(Main.DONE);
            apart.same(End.of(session.latest()));
        }
    }

    @Test
    void theWorstEndIsTheExitCodeAndTheOthersGoOn() throws IOException {
        // Springs so soft that the second cannot hold its parameters; the first has none.
        Ended ended = train(FIRST + ",twin:resistor-compliant", "--set", "softness=1e-3", "--apart", "--json")
                .ended(Main.FAILED);

        JsonNode all = ended.json().get("runs");
        assertThat(all.valueStream().map(run -> run.get("status").asString())).containsExactly("done", "failed");
        assertThat(ended.err()).contains("homeostat: twin:resistor-compliant: the run was stopped");
    }

    @Test
    void theyBeginAllOrNone() throws IOException {
        Ended ended =
                train(FIRST + ",serial:" + home.resolve("nowhere"), "--apart").ended(Main.UNREACHABLE);
        assertThat(ended.err()).contains("nowhere").hasLineCount(1);
        ended = train(FIRST + ",twin:resistor-array-v1?seed=2&inputs=1").ended(Main.BAD_INPUT);
        assertThat(ended.err()).contains("apart, because", "homeostat: ").hasLineCount(2);
        assertThat(runs()).isZero();
    }

    @Test
    void whatMakesNoSenseIsRefused() throws IOException {
        assertThat(train(FIRST, "--apart").ended(Main.BAD_INPUT).err())
                .isEqualTo(
                        "homeostat: --apart: expected several devices, separated by commas, not " + FIRST + " alone\n");
        assertThat(train(FIRST + "," + FIRST).ended(Main.BAD_INPUT).err())
                .contains("one specimen")
                .hasLineCount(1);
        assertThat(session.run("train", "--resume", "latest", "--apart")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("leave out everything but --resume");
        assertThat(session.run("probe", FIRST + ",twin:resistor-compliant")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("cannot be one");
        assertThat(runs()).isZero();
    }
}
