package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.DenseNewton;
import org.homeostat.circuit.Element;
import org.homeostat.circuit.Netlist;
import org.homeostat.circuit.Nets;
import org.homeostat.circuit.Solution;
import org.homeostat.circuit.UnsolvableException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Shockley diodes, transistors in all regions and amplifiers against ngspice, to a microvolt. The two laws are the same but for
 * gmin (1e-15 S) at every junction, so that a difference is ngspice's own tolerance.
 */
final class DenseNewtonOnSpiceIT {

    private static final double MICROVOLT = 1e-6;

    @BeforeAll
    static void ngspice() {
        assumeTrue(SpicePeer.version() != null, "ngspice is not installed here: nothing to compare with");
    }

    private static double[] values(Circuit circuit) {
        return circuit.sources().stream()
                .mapToDouble(source ->
                        source instanceof Element.Voltage v ? v.volts() : ((Element.Current) source).amperes())
                .toArray();
    }

    /** Solves at the circuit's own sources and at some others, each against ngspice. */
    private static void agrees(Circuit circuit, int inputs, int changed, double from, double to)
            throws IOException, UnsolvableException {
        SplittableRandom random = new SplittableRandom(7);
        DenseNewton solver = new DenseNewton(circuit);
        double[] sources = values(circuit);
        try (SpicePeer peer = SpicePeer.start(circuit, Duration.ofSeconds(30))) {
            double[] theirs = peer.cold().volts();
            for (int input = 0; input <= inputs; input++) {
                Solution ours = solver.solve(sources, 1e-10);
                assertThat(ours.volts()).as("input %d", input).containsExactly(theirs, within(MICROVOLT));
                for (int s = 0; s < changed; s++) {
                    sources[s] = random.nextDouble(from, to);
                }
                theirs = peer.warm(sources.clone()).volts();
            }
        }
    }

    private static Circuit circuit(String lines) {
        return Netlist.read("a circuit\n" + lines + "\n.end\n", "test");
    }

    @Test
    void aBridgeRectifierOfSiliconDiodes() throws Exception {
        agrees(
                circuit("v1 a b 0\nd1 a p m\nd2 b p m\nd3 n a m\nd4 n b m\nrl p n 1k\nrg n 0 1meg\nrb b 0 10k\n"
                        + ".model m d(is=1e-14 n=1)"),
                12,
                1,
                -8,
                8);
    }

    @Test
    void diodesOfAllKindsInALadder() throws Exception {
        agrees(
                circuit(
                        "v1 in 0 1\nr1 in a 1k\nd1 a 0 soft\nr2 a b 2.2k\nd2 0 b hard\nr3 b c 4.7k\nd3 c b soft\nd4 c d hard\n"
                                + "r4 d 0 10k\n.model soft d(is=1e-9 n=1.8)\n.model hard d(is=1e-12 n=1e-3)"),
                12,
                1,
                -10,
                10);
    }

    @Test
    void transistorsOfBothKindsInAllRegionsBothWays() throws Exception {
        // One of each between two driven nodes through resistors: gate, drain and source run over everything.
        for (String kind :
                new String[] {"nmos(level=1 vto=0.7 kp=1e-4 lambda=0.05)", "pmos(level=1 vto=-0.7 kp=1e-4 lambda=0.05)"
                }) {
            agrees(
                    circuit("vg g 0 2\nva a 0 1\nvb b 0 0\nr1 a d 5k\nr2 s b 5k\nm1 d g s s fet\n.model fet " + kind),
                    40,
                    3,
                    -5,
                    5);
        }
    }

    @Test
    void anInverterPairOfComplementaryTransistors() throws Exception {
        agrees(
                circuit("vin in 0 1\nvdd dd 0 5\nm1 x in 0 0 n\nm2 x in dd dd p\nm3 out x 0 0 n\nm4 out x dd dd p\n"
                        + "rl out 0 1meg\n"
                        + ".model n nmos(level=1 vto=1 kp=1e-4 lambda=0.02)\n"
                        + ".model p pmos(level=1 vto=-1 kp=5e-5 lambda=0.02)"),
                12,
                1,
                0,
                5);
    }

    @Test
    void amplifiersWithAndWithoutFeedback() throws Exception {
        agrees(
                circuit(
                        "v1 in 0 1\ne1 out 0 in fb 1e4\nr1 out fb 10k\nr2 fb 0 1k\ne2 c d out in 0.5\nr3 c 0 1k\nr4 d 0 3k\n"
                                + "r5 c out 5k\nd1 c 0 m\n.model m d(is=1e-14)"),
                12,
                1,
                -1,
                1);
    }

    @Test
    void boardsOfTransistors() throws Exception {
        for (long seed = 1; seed <= 5; seed++) {
            agrees(Nets.transistors(16, 32, seed), 8, 4, 0, 0.45);
        }
    }

    @Test
    void theCircuitOfAReluNetworkAnswersInSpiceAsHere(@TempDir Path home) throws Exception {
        JsonNode json = new Session(home)
                .run("bench", "universal", "--only", "diodes,gain,layers", "--points", "41", "--side", "5", "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("ngspice").isNumber()).isTrue();
        for (JsonNode row : json.get("rows")) {
            // Near-ideal diodes in place of ideal ones are worth tens of microvolts.
            double bar = row.get("emission").asDouble() > 0 ? MICROVOLT : 1e-4;
            assertThat(row.get("fromNgspice").asDouble()).as(row.toString()).isLessThan(bar);
        }
    }
}
