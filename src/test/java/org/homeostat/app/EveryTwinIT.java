package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * What the theory promises of every system without noise, asked with the command {@code audit}: the error of a one-sided
 * rule falls as beta and of a centred one as its square; where the physics moves the parameters, the error grows as the
 * softness of their springs (arXiv 2205.15021; 2006.03824, section 3).
 */
final class EveryTwinIT {

    /** Softness at which its error stands out from that of beta, where a thousandth is not the scale of the board. */
    private static final Map<String, Double> TELLING = Map.of("flow-compliant", 0.1, "resistor-compliant", 1e-7);

    private static JsonNode audit(String... arguments) {
        List<String> all = new ArrayList<>(List.of("audit"));
        all.addAll(Arrays.asList(arguments));
        all.add("--json");
        return Session.plain(all.toArray(String[]::new)).ended(Main.DONE).json();
    }

    @ParameterizedTest
    @CsvSource({
        "hopfield?inputs=4&hidden=8&outputs=3",
        "hopfield?inputs=4&hidden=6-5&outputs=3",
        "flow-5x5",
        "springs",
        "transverse-ising",
        "one-qubit",
        "thermodynamic-board?heat=0",
    })
    void oneSidedErrorsFallAsBetaAndCentredOnesAsItsSquare(String twin) {
        JsonNode centred = audit("twin:" + twin, "--learner", "ep-centered");
        assertThat(centred.get("slope").asDouble()).isCloseTo(2, within(0.1));
        assertThat(centred.get("cosine").asDouble()).isGreaterThan(0.99999);
        for (String rule : List.of("ep-positive", "ep-negative")) {
            JsonNode oneSided = audit("twin:" + twin, "--learner", rule);
            assertThat(oneSided.get("slope").asDouble()).as(rule).isCloseTo(1, within(0.15));
            assertThat(oneSided.get("relativeError").asDouble())
                    .as(rule)
                    .isGreaterThan(centred.get("relativeError").asDouble());
        }
    }

    /** A constant force is not the spring of the squared error, and is exact here: what it pulls on is linear. */
    @ParameterizedTest
    @CsvSource({"quantum-oscillators", "hopfield-softmax?inputs=4&hidden=8&outputs=3"})
    void whereOutputsAreLinearInTheNudgeCentredIsExact(String twin) {
        JsonNode report = audit("twin:" + twin, "--learner", "ep-centered", "--set", "nudge=force");
        assertThat(report.get("relativeError").asDouble()).isLessThan(1e-6);
    }

    @ParameterizedTest
    @CsvSource({
        "hopfield-compliant",
        "resistor-compliant",
        "flow-compliant",
        "springs-compliant",
        "oscillators-xy-compliant",
        "transverse-ising-compliant",
        "thermodynamic-compliant",
    })
    void wherePhysicsMovesTheParametersTheErrorGrowsAsTheirSoftness(String twin) {
        JsonNode stiff = audit("twin:" + twin, "--learner", "aeqprop-centered", "--beta", "0.02");
        assertThat(stiff.get("cosine").asDouble()).isGreaterThan(0.9999);
        double usual = TELLING.getOrDefault(twin, 1e-3);
        SimpleRegression law = new SimpleRegression();
        for (double part : new double[] {1, 2, 4}) {
            String softness = String.valueOf(part * usual);
            JsonNode soft =
                    audit("twin:" + twin, "--learner", "aeqprop-centered", "--beta", "0.02", "--softness", softness);
            law.addData(Math.log(part), Math.log(soft.get("relativeError").asDouble()));
        }
        assertThat(law.getSlope()).as("order of the error in the softness").isCloseTo(1, within(0.2));
    }
}
