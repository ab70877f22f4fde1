package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Element;
import org.homeostat.circuit.Norton;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** ngspice as a peer, where it is installed. */
final class SpicePeerIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Two inputs through 1 and 2 mS to a node with 1 mS to ground and a diode that keeps it at 0 or above. */
    private static final Circuit SUM = new Circuit(
            List.of("0", "a", "b", "sum"),
            List.of(
                    new Element.Voltage("va", 1, 0, 1),
                    new Element.Voltage("vb", 0, 2, 0.5),
                    new Element.Resistor("r1", 1, 3, 1e-3),
                    new Element.Resistor("r2", 2, 3, 2e-3),
                    new Element.Resistor("r3", 3, 0, 1e-3),
                    new Element.IdealDiode("d1", 0, 3)));

    @TempDir
    Path home;

    @BeforeEach
    void installed() {
        assumeTrue(SpicePeer.version() != null, "ngspice is not installed here");
    }

    @Test
    void answersAreThoseOfTheCircuitInEitherForm() throws Exception {
        Norton norton = Norton.of(SUM);
        try (SpicePeer full = SpicePeer.start(SUM, PATIENCE);
                SpicePeer folded = SpicePeer.start(norton.circuit(), PATIENCE)) {
            // (1 mS 1 V + 2 mS -0.5 V) / 4 mS
            assertThat(full.cold().volts()[3]).isCloseTo(0, within(1e-4));
            assertThat(folded.cold().volts()[1]).isCloseTo(0, within(1e-4));
            double[] sources = {2, 0.5};
            SpicePeer.Answer answer = full.warm(sources);
            assertThat(answer.volts()[3]).isCloseTo(0.25, within(1e-8));
            assertThat(folded.warm(norton.sources(sources)).volts()[1]).isCloseTo(0.25, within(1e-8));
            assertThat(answer.iterations()).isPositive();
            assertThat(answer.opSeconds()).isPositive();
            assertThat(full.mostMemory()).isGreaterThan(1e6);
            // The diode conducts: held at 0 but for what a near-ideal one drops.
            double[] below = {-2, 0.5};
            assertThat(full.warm(below).volts()[3]).isNegative().isCloseTo(0, within(1e-4));
        }
    }

    @Test
    void aCircuitThatHasNoAnswerIsSaidWithItsLastWords() throws Exception {
        Circuit loop = new Circuit(
                List.of("0", "a"),
                List.of(
                        new Element.Voltage("v1", 1, 0, 1),
                        new Element.Voltage("v2", 1, 0, 2),
                        new Element.Resistor("r1", 1, 0, 1)));
        try (SpicePeer peer = SpicePeer.start(loop, PATIENCE)) {
            assertThatThrownBy(peer::cold).isInstanceOf(IOException.class).hasMessageContaining("ngspice");
        }
    }

    @Test
    void patienceEnds() throws Exception {
        try (SpicePeer peer = SpicePeer.start(SUM, Duration.ofMillis(1))) {
            assertThatThrownBy(() -> {
                        // The first answer may be there in time on a machine faster than any of today.
                        while (true) {
                            var unused = peer.cold();
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("ngspice");
        }
    }

    @Test
    void theBenchAgreesWithNgspiceAndTellsRatios() {
        JsonNode json = new Session(home)
                .run("bench", "solve", "60-40-30-5", "grid:400", "--full", "--turns", "2", "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("peer").asString()).contains("ngspice").contains("reltol=1e-6");
        for (JsonNode net : json.get("nets")) {
            for (String form : List.of("norton", "full")) {
                assertThat(net.get(form).get("maxDifferenceVolts").asDouble())
                        .as("%s, %s", net.get("net"), form)
                        .isBetween(0.0, 1e-4);
                assertThat(net.get("ratios").get(form + "OpOverInput").asDouble())
                        .isPositive();
            }
        }
    }
}
