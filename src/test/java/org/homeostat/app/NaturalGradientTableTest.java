package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.homeostat.app.Session.Ended;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The command ngd, on a small generated set; and the same learner from the command train. */
final class NaturalGradientTableTest {

    @TempDir
    Path home;

    @Test
    void longEnoughTheBoardGoesTheWayOfTheExactOne() throws Exception {
        Path data = Clouds.write(home.resolve("clouds.csv"), 120, 4, 3, 0.5, 1);
        JsonNode json = new Session(home)
                .run(
                        "ngd",
                        "--data",
                        data.toString(),
                        "--target",
                        "5",
                        "--arms",
                        "sgd,ngd,tngd:200,tngd:1,tngd-reset:0,tngd-adam:5,adam",
                        "--batch",
                        "8",
                        "--hidden",
                        "5",
                        "--epochs",
                        "3",
                        "--json")
                .ended(Main.DONE)
                .json();
        JsonNode arms = json.get("arms");
        assertThat(arms.get("ngd").get("gap").asDouble()).isZero();
        assertThat(arms.get("tngd:200").get("gap").asDouble()).isLessThan(1e-6);
        assertThat(arms.get("tngd:1").get("gap").asDouble()).isGreaterThan(1e-3);
        for (String arm : new String[] {"sgd", "ngd", "tngd:1", "tngd-adam:5", "adam"}) {
            JsonNode losses = arms.get(arm).get("losses");
            assertThat(losses.get(losses.size() - 1).asDouble())
                    .as(arm)
                    .isLessThan(0.8 * losses.get(0).asDouble());
        }
    }

    @Test
    void theLearnerIsOneOfTheLearners() throws Exception {
        Path data = Clouds.write(home.resolve("clouds.csv"), 120, 4, 3, 0.5, 1);
        JsonNode json = new Session(home)
                .run(
                        "train",
                        "--device",
                        "twin:digital-network?lanes=8",
                        "--learner",
                        "tngd",
                        "--data",
                        data.toString(),
                        "--target",
                        "5",
                        "--epochs",
                        "10",
                        "--set",
                        "dwellSeconds=1e-6",
                        "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("learner").asString()).isEqualTo("tngd");
        assertThat(json.get("train").get("accuracy").asDouble()).isGreaterThan(0.9);
    }

    @Test
    void whatCannotBeIsSaid() throws Exception {
        Path data = Clouds.write(home.resolve("clouds.csv"), 60, 4, 3, 0.5, 1);
        Ended arm = new Session(home).run("ngd", "--data", data.toString(), "--target", "5", "--arms", "magic");
        assertThat(arm.code()).isEqualTo(Main.BAD_INPUT);
        assertThat(arm.err()).contains("--arms: ");
        Ended device = new Session(home)
                .run(
                        "train",
                        "--device",
                        "twin:resistor-compliant",
                        "--learner",
                        "tngd",
                        "--data",
                        data.toString(),
                        "--target",
                        "5");
        assertThat(device.code()).isEqualTo(Main.BAD_INPUT);
    }
}
