package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.homeostat.run.Experiment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Twins that show no parameters are taught, evaluated and refused from the command line like all others. */
final class InPlaceTest {

    private static final String SIZES = "?inputs=2&hidden=12&outputs=2&lanes=4";

    @TempDir
    Path home;

    private JsonNode train(Session session, String twin) throws IOException {
        return session.run(
                        "train",
                        "--data",
                        session.clouds(60).toString(),
                        "--target",
                        "kind",
                        "--device",
                        "twin:" + twin + SIZES,
                        "--learner",
                        "aeqprop-centered",
                        "--epochs",
                        "4",
                        "--json")
                .ended(Main.DONE)
                .json();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hopfield-in-place", "drn"})
    void whatWasLearnedInPlaceIsThereWhenItIsOpenedAgain(String twin) throws IOException {
        Session session = new Session(home);
        JsonNode trained = train(session, twin);
        assertThat(trained.get("test").get("accuracy").asDouble()).isGreaterThan(0.9);
        JsonNode again =
                session.run("evaluate", "latest", "--json").ended(Main.DONE).json();
        assertThat(again.get("test")).isEqualTo(trained.get("test"));
        assertThat(again.get("train")).isEqualTo(trained.get("train"));
    }

    /** Taken up again a run goes on where it stood, and not from its beginning with what it has learned. */
    @ParameterizedTest
    @ValueSource(strings = {"hopfield-in-place", "drn"})
    void aRunThatWasStoppedEndsAsOneThatWasNot(String twin) throws IOException {
        Session whole = new Session(home.resolve("whole"));
        Session halves = new Session(home.resolve("halves"));
        Files.createDirectories(whole.home());
        Files.createDirectories(halves.home());
        Experiment experiment = Interrupted.clouds(whole, "twin:" + twin + SIZES, "aeqprop-centered", 4);
        var unused = Interrupted.after(1000, whole, experiment, Duration.ofHours(1));
        Experiment stopped = Interrupted.clouds(halves, "twin:" + twin + SIZES, "aeqprop-centered", 4);
        // In the third of four epochs, of eight steps each.
        var unusedEither = Interrupted.after(21, halves, stopped, Duration.ofHours(1));

        JsonNode resumed = halves.run("train", "--resume", "latest", "--json")
                .ended(Main.DONE)
                .json();

        JsonNode other =
                whole.run("runs", "show", "latest", "--json").ended(Main.DONE).json();
        assertThat(resumed.get("exchanges")).isEqualTo(other.get("exchanges"));
        assertThat(resumed.get("train")).isEqualTo(other.get("train"));
        assertThat(resumed.get("test")).isEqualTo(other.get("test"));
    }

    @Test
    void itCannotBeCarriedToADeviceOfOtherSizes() throws IOException {
        Session session = new Session(home);
        var unused = train(session, "drn");
        Session.Ended ended =
                session.run("evaluate", "latest", "--device", "twin:drn?inputs=2&hidden=9&outputs=2&lanes=4");
        assertThat(ended.code()).isEqualTo(Main.BAD_INPUT);
        assertThat(ended.err()).contains("the checkpoint of another learner or device");
    }

    @Test
    void learnersThatWriteParametersRefuseIt() throws IOException {
        Session session = new Session(home);
        Session.Ended ended = session.run(
                "train",
                "--data",
                session.clouds(20).toString(),
                "--target",
                "kind",
                "--device",
                "twin:drn" + SIZES,
                "--learner",
                "ep-centered");
        assertThat(ended.code()).isEqualTo(Main.BAD_INPUT);
        assertThat(ended.err()).contains("learner ep-centered needs a device that", "board drn does not");
        assertThat(Files.exists(session.runs())).isFalse();
    }

    /** Softness of each layer and kind; what is not named stays as it is. */
    @Test
    void factorsSetTheSpringsApart() throws IOException {
        Session session = new Session(home);
        String file = session.file("still.yaml", """
                        experiment: still
                        device: "twin:hopfield-in-place%s"
                        learner: aeqprop-centered
                        data: {csv: "%s", target: kind}
                        epochs: 2
                        teaching: {rateFactors: {w1: 0, b1: 0, w2: 0, b2: 0}}
                        """.formatted(SIZES, session.clouds(40)))
                .toString();
        JsonNode still = session.run("train", file, "--json").ended(Main.DONE).json();
        JsonNode more = session.run("train", file, "--epochs", "5", "--json")
                .ended(Main.DONE)
                .json();
        assertThat(more.get("train")).isEqualTo(still.get("train"));
    }
}
