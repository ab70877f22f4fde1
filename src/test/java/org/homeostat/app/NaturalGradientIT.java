package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The bars of thermodynamic natural gradient on real digits, in two epochs; skipped where the data are absent. */
final class NaturalGradientIT {

    @TempDir
    Path home;

    @Test
    void theBoardGoesTheWayOfTheExactNaturalGradient() {
        Path digits = Path.of("..", "shared", "data", "digits8x8", "optdigits.tes");
        assumeThat(Files.exists(digits)).as("the digits in %s", digits).isTrue();
        JsonNode arms = new Session(home)
                .run(
                        "ngd",
                        "--data",
                        digits.toString(),
                        "--target",
                        "65",
                        "--epochs",
                        "2",
                        "--arms",
                        "ngd,tngd:50,tngd:1",
                        "--json")
                .ended(Main.DONE)
                .json()
                .get("arms");
        System.out.println("natural gradient: " + arms.get("tngd:50").get("gap") + " from exact after 50 tau a batch");
        assertThat(arms.get("tngd:50").get("gap").asDouble()).isLessThan(0.005);
        assertThat(arms.get("tngd:1").get("train").get("loss").asDouble())
                .isLessThanOrEqualTo(arms.get("ngd").get("train").get("loss").asDouble());
    }
}
