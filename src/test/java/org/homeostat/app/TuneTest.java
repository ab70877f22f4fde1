package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The command {@code tune}: where bias and noise of a step balance. */
final class TuneTest {

    private static JsonNode tuned(String... arguments) {
        List<String> all = new ArrayList<>(List.of("tune"));
        all.addAll(Arrays.asList(arguments));
        all.add("--json");
        return Session.plain(all.toArray(String[]::new)).ended(Main.DONE).json();
    }

    @Test
    void noiseFallsAsBetaAndBiasGrows() {
        JsonNode tried = tuned("twin:resistor-array-v1", "--repeats", "16").get("tried");
        JsonNode least = tried.get(0);
        JsonNode most = tried.get(tried.size() - 1);
        double times = most.get("beta").asDouble() / least.get("beta").asDouble();
        assertThat(least.get("noise").asDouble() / most.get("noise").asDouble()).isBetween(0.5 * times, 2 * times);
        assertThat(most.get("bias").asDouble())
                .isGreaterThan(10 * least.get("bias").asDouble());
    }

    @Test
    void lessNoiseAsksForASmallerBeta() {
        double noisy = tuned("twin:resistor-array-v1").get("beta").asDouble();
        double quiet =
                tuned("twin:resistor-array-v1", "--set", "reads=64").get("beta").asDouble();
        assertThat(quiet).isLessThan(noisy);
    }
}
