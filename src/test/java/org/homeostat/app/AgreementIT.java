package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Element;
import org.homeostat.circuit.Nets;
import org.homeostat.circuit.Norton;
import org.homeostat.circuit.Solution;
import org.homeostat.circuit.Solvers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The solvers against ngspice with nearly ideal diodes (IS=1e-12 N=1e-4), where it is installed. Such a diode drops about
 * 7e-5 V at the currents of these networks, so 1e-4 V is all that can be asked. Driven nodes are folded (Norton), which
 * moves no voltage and keeps ngspice quick.
 */
final class AgreementIT {

    private static final double BAR_VOLTS = 1e-4;
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @BeforeEach
    void installed() {
        assumeTrue(SpicePeer.version() != null, "ngspice is not installed here");
    }

    private static void agree(Circuit circuit, String what) throws Exception {
        double[] sources = circuit.sources().stream()
                .mapToDouble(source ->
                        source instanceof Element.Voltage v ? v.volts() : ((Element.Current) source).amperes())
                .toArray();
        Solution solution = Solvers.of(circuit).solve(sources, 1e-9);
        assertThat(solution.residual()).as(what).isLessThanOrEqualTo(1e-9);
        Circuit folded = Norton.of(circuit).circuit();
        try (SpicePeer peer = SpicePeer.start(folded, PATIENCE)) {
            double[] theirs = peer.cold().volts();
            Map<String, Integer> place = new HashMap<>();
            for (int node = 0; node < circuit.nodes().size(); node++) {
                place.put(circuit.nodes().get(node), node);
            }
            double most = 0;
            double largest = 0;
            for (int node = 1; node < theirs.length; node++) {
                double ours = solution.volts()[place.get(folded.nodes().get(node))];
                most = Math.max(most, Math.abs(theirs[node] - ours));
                largest = Math.max(largest, Math.abs(ours));
            }
            System.out.printf(
                    "%s: %d nodes, %s, max difference %.3g V%n", what, theirs.length, solution.solver(), most);
            assertThat(most).as(what).isLessThanOrEqualTo(BAR_VOLTS);
            // Not all at rest.
            assertThat(largest).as(what).isGreaterThan(100 * BAR_VOLTS);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "784-32-10",
                "784-128-10",
                "784-512-10",
                "784-1024-10",
                "784-32-32-10",
                "784-128-128-10",
                "784-256-256-10"
            })
    void layeredNetworksAgree(String sizes) throws Exception {
        agree(
                Nets.dense(
                        Arrays.stream(sizes.split("-"))
                                .mapToInt(Integer::parseInt)
                                .toArray(),
                        1),
                sizes);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 32, 64})
    void gridsAgree(int side) throws Exception {
        agree(Nets.grid(side, 1), "grid of " + side * side);
    }

    /** Takes ngspice 39 about half a minute: {@code -Dhomeostat.large=true}. */
    @Test
    void theLargeGridAgrees() throws Exception {
        assumeTrue(Boolean.getBoolean("homeostat.large"), "takes long: ask for it by -Dhomeostat.large=true");
        agree(Nets.grid(100, 1), "grid of 10000");
    }

    @Test
    void twoHundredRandomNetworksWithDiodesBetweenFreeNodesAgree() throws Exception {
        for (int seed = 0; seed < 200; seed++) {
            agree(Nets.random(10 + seed % 50, seed), "random network " + seed);
        }
    }
}
