package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.app.Session.Ended;
import org.homeostat.catalog.Learners;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** With {@code --json} a command prints one object with the fields that scripts rely on, and nothing else. */
final class JsonTest {

    private static final double LINEAR_ON_MOONS = 0.93;

    @TempDir
    Path home;

    private Session session;

    @BeforeEach
    void begin() {
        session = new Session(home);
    }

    private static List<String> names(JsonNode object) {
        return new ArrayList<>(object.propertyNames());
    }

    private static void score(JsonNode score, int rows) {
        assertThat(names(score)).contains("loss", "accuracy");
        assertThat(score.get("loss").isNumber()).isTrue();
        assertThat(score.get("accuracy").asDouble()).isBetween(0.0, 1.0);
        assertThat(score.get("rows").asInt()).isEqualTo(rows);
    }

    /** The fields that train, demo and evaluate share. */
    private static void result(JsonNode json, String device, int epochs) {
        assertThat(names(json))
                .contains("run", "device", "learner", "seed", "epochs", "exchanges", "wallSeconds", "train", "test");
        assertThat(json.get("run").asString()).matches("\\d{8}-\\d{6}-\\d{3}-[a-z0-9-]+");
        assertThat(json.get("device").asString()).isEqualTo(device);
        assertThat(json.get("learner").asString()).isEqualTo("aeqprop-centered");
        assertThat(json.get("epochs").asInt()).isEqualTo(epochs);
        assertThat(json.get("exchanges").asLong()).isPositive();
        assertThat(json.get("wallSeconds").asDouble()).isPositive();
    }

    @Test
    void demo() {
        Ended ended = session.run("demo", "--json").ended(Main.DONE);

        JsonNode json = ended.json();
        result(json, "twin:resistor-array-v1", 40);
        score(json.get("train"), 300);
        score(json.get("test"), 100);
        assertThat(json.get("seed").asInt()).isEqualTo(1);
        assertThat(json.get("test").get("accuracy").asDouble()).isGreaterThanOrEqualTo(0.95);
        assertThat(json.get("linear").asDouble()).isLessThan(LINEAR_ON_MOONS);
        assertThat(ended.err()).contains("Teaching twin:resistor-array-v1").contains("epoch 40/40");
    }

    @Test
    void trainOnClasses() throws IOException {
        JsonNode json = session.run(
                        "train",
                        "--data",
                        session.clouds(40).toString(),
                        "--target",
                        "kind",
                        "--epochs",
                        "6",
                        "--seed",
                        "3",
                        "--json")
                .ended(Main.DONE)
                .json();

        result(json, "twin:resistor-array-v1", 6);
        score(json.get("train"), 30);
        score(json.get("test"), 10);
        assertThat(json.get("seed").asInt()).isEqualTo(3);
        assertThat(json.get("status").asString()).isEqualTo("done");
        assertThat(json.get("test").get("r2").isNull()).isTrue();
        // Three exchanges a row taught, one to draw the start, one for each row scored.
        assertThat(json.get("exchanges").asLong()).isEqualTo(3 * 6 * 30 + 1 + 40);
    }

    @Test
    void trainOnNumbers() throws IOException {
        JsonNode json = session.run(
                        "train",
                        "--data",
                        session.plane(60).toString(),
                        "--target",
                        "height",
                        "--epochs",
                        "3",
                        "--json")
                .ended(Main.DONE)
                .json();

        assertThat(json.get("train").get("accuracy").isNull()).isTrue();
        assertThat(json.get("test").get("r2").isNumber()).isTrue();
        assertThat(json.get("test").get("rmse").asDouble()).isPositive();
        assertThat(json.get("linear").asDouble()).isCloseTo(1, within(1e-6));
    }

    @Test
    void evaluateAndPredict() throws IOException {
        JsonNode trained = session.run(
                        "train", "--data", session.clouds(40).toString(), "--target", "kind", "--epochs", "6", "--json")
                .ended(Main.DONE)
                .json();

        JsonNode scored =
                session.run("evaluate", "latest", "--json").ended(Main.DONE).json();
        result(scored, "twin:resistor-array-v1", 6);
        score(scored.get("train"), 30);
        score(scored.get("test"), 10);
        assertThat(scored.get("run")).isEqualTo(trained.get("run"));
        // Half a millivolt of noise, and the drift of a training: nearly the same.
        assertThat(scored.get("train").get("loss").asDouble())
                .isCloseTo(trained.get("train").get("loss").asDouble(), within(0.02));

        Path ask = session.file("ask.csv", "y,other,x\n-3,?,-3\n3,?,3\n");
        JsonNode answers = session.run("predict", "latest", "--data", ask.toString(), "--json")
                .ended(Main.DONE)
                .json();
        assertThat(names(answers)).containsExactly("run", "predictions");
        assertThat(answers.get("predictions").valueStream().map(JsonNode::asString))
                .containsExactly("low", "high");

        JsonNode elsewhere = session.run("evaluate", "latest", "--device", "twin:resistor-array-v1?seed=4", "--json")
                .ended(Main.DONE)
                .json();
        assertThat(elsewhere.get("device").asString()).isEqualTo("twin:resistor-array-v1?seed=4");
    }

    @Test
    void predictNumbers() throws IOException {
        session.run("train", "--data", session.plane(60).toString(), "--target", "height", "--epochs", "6")
                .ended(Main.DONE);

        JsonNode answers = session.run(
                        "predict", "latest", "--data", session.plane(60).toString(), "--json")
                .ended(Main.DONE)
                .json();

        assertThat(answers.get("predictions").size()).isEqualTo(60);
        assertThat(answers.get("predictions").valueStream())
                .allSatisfy(number -> assertThat(number.asDouble()).isBetween(80.0, 120.0));
    }

    @Test
    void probe() {
        JsonNode json = session.run("probe", "twin:resistor-array-v1?lanes=2", "--json")
                .ended(Main.DONE)
                .json();

        assertThat(names(json)).contains("device", "board", "firmware", "digest", "channels", "abilities", "lanes");
        assertThat(json.get("board").asString()).isEqualTo("resistor-array-v1");
        assertThat(json.get("digest").asString()).matches("[0-9a-f]{16}");
        assertThat(json.get("lanes").asInt()).isEqualTo(2);
        assertThat(json.get("abilities").valueStream().map(JsonNode::asString)).containsExactly("writable_parameters");
        assertThat(json.get("channels").size()).isEqualTo(4 + 3 + 3 + 156 + 12);
        for (JsonNode channel : json.get("channels")) {
            assertThat(names(channel)).containsExactly("name", "role", "unit", "min", "max");
            assertThat(channel.get("min").asDouble())
                    .isLessThan(channel.get("max").asDouble());
        }
        assertThat(json.get("outputs").size()).isEqualTo(3);
    }

    @Test
    void devices() {
        JsonNode json = session.run("devices", "--json").ended(Main.DONE).json();

        assertThat(names(json)).contains("boards", "twins", "learners", "reachable");
        assertThat(json.get("boards").valueStream().map(JsonNode::asString)).contains("resistor-array-v1");
        assertThat(json.get("twins").valueStream().map(JsonNode::asString))
                .contains("resistor-array-v1", "resistor-compliant", "hopfield-compliant");
        assertThat(json.get("learners").valueStream().map(JsonNode::asString).toList())
                .isEqualTo(Learners.names());
        assertThat(json.get("reachable").isArray()).isTrue();
    }

    @Test
    void auditOfADeviceWithoutNoise() {
        JsonNode json = session.run("audit", "twin:hopfield-compliant?hidden=4", "--json")
                .ended(Main.DONE)
                .json();

        assertThat(names(json))
                .contains("device", "learner", "cosine", "relativeError", "reciprocityError", "noise", "exchanges");
        assertThat(json.get("learner").asString()).isEqualTo("aeqprop-centered");
        assertThat(json.get("cosine").asDouble()).isGreaterThanOrEqualTo(0.9999);
        assertThat(json.get("slope").asDouble()).isBetween(1.8, 2.2);
        assertThat(json.get("noise").asDouble()).isLessThan(1e-12);
        assertThat(json.get("exchanges").asLong()).isPositive();
    }

    @Test
    void auditOfADeviceWithNoise() {
        JsonNode json = session.run("audit", "twin:resistor-array-v1", "--learner", "aeqprop-optimistic", "--json")
                .ended(Main.DONE)
                .json();

        assertThat(json.get("cosine").asDouble()).isBetween(0.5, 1.0);
        // Half a millivolt, read through a converter whose step is a millivolt.
        assertThat(json.get("noise").asDouble()).isBetween(0.3e-3, 0.9e-3);
        assertThat(json.get("slope").isNull()).isTrue();
    }

    @Test
    void replay() throws IOException {
        session.trained();

        JsonNode json =
                session.run("replay", "latest", "--json").ended(Main.DONE).json();

        assertThat(json.get("run").asString()).isEqualTo(session.latest().name());
        assertThat(json.get("sameParameters").asBoolean()).isTrue();
        assertThat(json.get("sameScores").asBoolean()).isTrue();
        assertThat(json.get("exchanges").asLong())
                .isEqualTo(session.latest().record().result().exchanges());
    }

    @Test
    void runsListAndShow() throws IOException {
        assertThat(session.run("runs", "list", "--json")
                        .ended(Main.DONE)
                        .json()
                        .get("runs")
                        .size())
                .isZero();
        session.trained();
        session.trained();

        JsonNode list = session.run("runs", "list", "--json").ended(Main.DONE).json();
        assertThat(list.get("runs").size()).isEqualTo(2);
        result(list.get("runs").get(0), "twin:resistor-array-v1", 2);

        JsonNode show =
                session.run("runs", "show", "latest", "--json").ended(Main.DONE).json();
        result(show, "twin:resistor-array-v1", 2);
        assertThat(show.get("run")).isEqualTo(list.get("runs").get(1).get("run"));
        assertThat(show.get("trace").size()).isEqualTo(2);
        assertThat(names(show)).contains("created", "teaching", "data", "digest", "version", "jdk");
    }

    @Test
    void theResultIsTheOneStored() throws IOException {
        JsonNode printed = session.run(
                        "train", "--data", session.clouds(40).toString(), "--target", "kind", "--epochs", "2", "--json")
                .json();

        assertThat(printed.get("train").get("loss").asDouble())
                .isEqualTo(session.latest().record().result().train().loss());
        assertThat(Files.readString(session.latest().path().resolve("run.json")))
                .contains(printed.get("exchanges").asString());
    }
}
