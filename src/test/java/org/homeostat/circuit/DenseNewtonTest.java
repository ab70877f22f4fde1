package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Circuits that can be solved by hand, and circuits that have no operating point. */
class DenseNewtonTest {

    private static final double TOLERANCE = 1e-11;
    private static final String IDEAL = ".model ideal d(is=1e-12 n=1e-4 ideal=1)\n";

    private static Circuit circuit(String lines) {
        return Netlist.read("a circuit\n" + lines + "\n.end\n", "test");
    }

    static double[] sources(Circuit circuit) {
        return circuit.sources().stream()
                .mapToDouble(source ->
                        source instanceof Element.Voltage v ? v.volts() : ((Element.Current) source).amperes())
                .toArray();
    }

    private static Solution solved(Circuit circuit) throws UnsolvableException {
        Solution solution = new DenseNewton(circuit).solve(sources(circuit), TOLERANCE);
        assertThat(solution.residual()).isLessThanOrEqualTo(TOLERANCE);
        assertThat(solution.solver()).isEqualTo("dense-newton");
        return solution;
    }

    private static double volts(Circuit circuit, Solution solution, String node) {
        return solution.volts()[circuit.nodes().indexOf(node)];
    }

    private static double volts(String lines, String node) throws UnsolvableException {
        Circuit circuit = circuit(lines);
        return volts(circuit, solved(circuit), node);
    }

    @Test
    void aDividerDividesInOneStep() throws UnsolvableException {
        Circuit circuit = circuit("v1 in 0 3\nr1 in out 1k\nr2 out 0 2k");
        Solution solution = solved(circuit);
        assertThat(volts(circuit, solution, "out")).isCloseTo(2, within(1e-15));
        assertThat(solution.iterations()).isEqualTo(1);
    }

    @Test
    void aCurrentGoesThroughItsSourceFromPlusToMinus() throws UnsolvableException {
        assertThat(volts("i1 0 a 2m\nr1 a 0 1k", "a")).isCloseTo(2, within(1e-14));
    }

    @Test
    void aDiodeBehindAResistorIsLambertsFunction() throws UnsolvableException {
        for (double volts : new double[] {-5, 0, 0.3, 5, 1000}) {
            for (double n : new double[] {1, 1e-2, 1e-4}) {
                double slope = n * Netlist.THERMAL_VOLTS;
                double i = 1e-12;
                double r = 1000;
                // v = V + r i0 - s W(r i0 / s exp((V + r i0) / s))
                double right = (volts + r * i) / slope + Math.log(r * i / slope);
                double expected = volts + r * i - slope * ShockleyCurve.lambert(right);
                assertThat(volts(
                                "v1 in 0 " + volts + "\nr1 in a 1k\nd1 a 0 mod\n.model mod d(is=1e-12 n=" + n + ")",
                                "a"))
                        .as("%s V, n = %s", volts, n)
                        .isCloseTo(expected, within(1e-12 * Math.max(1, Math.abs(volts))));
            }
        }
    }

    @Test
    void lambertsFunctionSolvesItsEquation() {
        assertThat(ShockleyCurve.lambert(1)).isCloseTo(1, within(1e-15));
        for (double right : new double[] {-700, -41, -39, -5, -0.5, 0, 0.7, 1.9, 2.1, 10, 1e3, 1e8}) {
            double x = ShockleyCurve.lambert(right);
            assertThat(x + Math.log(x)).isCloseTo(right, within(1e-15 * Math.max(1, Math.abs(right))));
        }
    }

    @Test
    void aCommonSourceStageInSaturationAndInTriode() throws UnsolvableException {
        String stage = "vdd dd 0 5\nrd dd d 10k\nm1 d g 0 0 fet\n.model fet nmos(level=1 vto=1 kp=1e-4)\nvg g 0 ";
        // k/2 (2 - 1)^2 = 50 uA through 10 kOhm.
        assertThat(volts(stage + "2", "d")).isCloseTo(4.5, within(1e-12));
        // Triode: 5 - v = 1e4 1e-4 ((4 - 1) v - v^2 / 2), so v^2 / 2 - 4 v + 5 = 0.
        assertThat(volts(stage + "4", "d")).isCloseTo(4 - Math.sqrt(6), within(1e-12));
        assertThat(volts(stage + "0.5", "d")).isCloseTo(5, within(1e-12));
    }

    @Test
    void aPChannelStageIsItsMirrorImage() throws UnsolvableException {
        String stage = "vss ss 0 -5\nrd ss d 10k\nm1 d g 0 0 fet\n.model fet pmos(level=1 vto=-1 kp=1e-4)\nvg g 0 ";
        assertThat(volts(stage + "-2", "d")).isCloseTo(-4.5, within(1e-12));
        assertThat(volts(stage + "-4", "d")).isCloseTo(Math.sqrt(6) - 4, within(1e-12));
    }

    @Test
    void aTransistorConductsBothWays() throws UnsolvableException {
        String law = "\nvg g 0 3\nr1 in a 10k\n.model fet nmos(level=1 vto=1 kp=1e-4 lambda=0.1)\nv1 in 0 ";
        for (double volts : new double[] {1, -1, 0.01, -0.01}) {
            assertThat(volts("m1 a g 0 0 fet" + law + volts, "a"))
                    .isCloseTo(volts("m1 0 g a a fet" + law + volts, "a"), within(1e-14));
        }
    }

    private static Circuit amplifier(double gain, boolean inverting, double volts) {
        Wiring wiring = new Wiring();
        int in = wiring.node("in");
        int out = wiring.node("out");
        int minus = inverting ? wiring.node("minus") : out;
        wiring.add(new Element.Voltage("v1", in, 0, volts));
        wiring.add(new Element.OpAmp("u1", inverting ? 0 : in, minus, out, gain, -12, 12));
        if (inverting) {
            wiring.add(new Element.Resistor("r1", in, minus, 1e-3));
            wiring.add(new Element.Resistor("r2", minus, out, 1e-4));
        }
        wiring.add(new Element.Resistor("load", out, 0, 1e-3));
        return wiring.circuit();
    }

    @Test
    void aFollowerFollowsUpToItsGain() throws UnsolvableException {
        for (double gain : new double[] {10, 1e3, 1e5}) {
            Circuit circuit = amplifier(gain, false, 3);
            double out = volts(circuit, solved(circuit), "out");
            // out = 12 tanh(gain (3 - out) / 12)
            assertThat(out).isCloseTo(12 * Math.tanh(gain * (3 - out) / 12), within(1e-9));
            assertThat(out).isCloseTo(3, within(4 / gain));
        }
    }

    @Test
    void anInvertingAmplifierInvertsUntilItsRails() throws UnsolvableException {
        Circuit circuit = amplifier(1e6, true, 0.5);
        assertThat(volts(circuit, solved(circuit), "out")).isCloseTo(-5, within(1e-4));
        circuit = amplifier(1e6, true, 5);
        Solution solution = solved(circuit);
        assertThat(volts(circuit, solution, "out")).isCloseTo(-12, within(1e-9));
        // The input is no longer a virtual ground: 10 : 1 between 5 V and -12 V.
        assertThat(volts(circuit, solution, "minus")).isCloseTo((50 - 12) / 11.0, within(1e-9));
    }

    @Test
    void idealAmplifiersHoldAndSetNodes() throws UnsolvableException {
        assertThat(volts("v1 in 0 2\ne1 a 0 in 0 3\ne2 b a a in 2\nr1 b 0 1k", "b"))
                .isCloseTo(14, within(1e-14));
        // A follower of gain 1000 around a divider.
        assertThat(volts("v1 in 0 1\ne1 out 0 in fb 1000\nr1 out fb 1k\nr2 fb 0 1k", "out"))
                .isCloseTo(1000.0 / 501, within(1e-12));
        // Between two free nodes, controlled by one of them.
        assertThat(volts("v1 in 0 1\nr1 in a 1k\ne1 b a a 0 1\nr2 b 0 1k", "b")).isCloseTo(2.0 / 3, within(1e-14));
    }

    @Test
    void aBridgeWithASourceBetweenTwoFreeNodes() throws UnsolvableException {
        // Both ends hang on 1 kOhm and 3 kOhm; 2 V between them.
        Circuit circuit = circuit("v1 a b 2\nr1 a 0 1k\nr2 b 0 3k\ni1 0 a 1m");
        Solution solution = solved(circuit);
        // a / 1k + (a - 2) / 3k = 1 mA
        assertThat(volts(circuit, solution, "a")).isCloseTo(1.25, within(1e-14));
        assertThat(volts(circuit, solution, "b")).isCloseTo(-0.75, within(1e-14));
    }

    @Test
    void idealDiodesClampAndLetGo() throws UnsolvableException {
        String clamp = IDEAL + "r1 in a 1k\nr2 a 0 1k\nd1 0 a ideal\nd2 a top ideal\nv2 top 0 1\nv1 in 0 ";
        assertThat(volts(clamp + "-3", "a")).isZero();
        assertThat(volts(clamp + "1", "a")).isCloseTo(0.5, within(1e-15));
        assertThat(volts(clamp + "5", "a")).isEqualTo(1);
    }

    @Test
    void twoIdealDiodesInSeries() throws UnsolvableException {
        String chain = IDEAL + "d1 in m ideal\nd2 m out ideal\nr1 out 0 1k\nr2 in 0 1k\ni1 0 in 2m";
        Circuit circuit = circuit(chain);
        Solution solution = solved(circuit);
        assertThat(volts(circuit, solution, "m")).isCloseTo(1, within(1e-12));
        assertThat(volts(circuit, solution, "out")).isCloseTo(1, within(1e-12));
        // The other way round nothing flows, and where the node between them lies is open: anywhere is right.
        circuit = circuit(chain.replace("2m", "-2m"));
        solution = solved(circuit);
        assertThat(volts(circuit, solution, "out")).isCloseTo(0, within(1e-12));
        assertThat(volts(circuit, solution, "in")).isCloseTo(-2, within(1e-12));
        assertThat(volts(circuit, solution, "m")).isBetween(-2 - 1e-12, 1e-12);
    }

    @Test
    void aBridgeRectifierBetweenFreeNodes() throws UnsolvableException {
        String bridge = IDEAL
                + "rs s a 100\nrb b 0 10\nd1 a p ideal\nd2 b p ideal\nd3 n a ideal\nd4 n b ideal\nrl p n 1k\nv1 s 0 ";
        for (double volts : new double[] {11.1, -11.1}) {
            Circuit circuit = circuit(bridge + volts);
            Solution solution = solved(circuit);
            assertThat(volts(circuit, solution, "p") - volts(circuit, solution, "n"))
                    .isCloseTo(10, within(1e-11));
        }
    }

    @Test
    void parallelIdealDiodesShareTheirCurrent() throws UnsolvableException {
        assertThat(volts(IDEAL + "i1 0 a 1m\nd1 a b ideal\nd2 a b ideal\nr1 b 0 1k\nr2 a 0 1meg", "a"))
                .isCloseTo(1 / 1.001, within(1e-11));
    }

    @Test
    void aPrecisionRectifierHasADiodeInItsLoop() throws UnsolvableException {
        String loop = IDEAL + "e1 o 0 in out 1e5\nd1 o out ideal\nr1 out 0 1k\nv1 in 0 ";
        assertThat(volts(loop + "1", "out")).isCloseTo(1e5 / (1e5 + 1), within(1e-10));
        assertThat(volts(loop + "-1", "out")).isCloseTo(0, within(1e-10));
    }

    @Test
    void circuitsWithoutAnOperatingPointAreToldByElement() {
        refuses("i1 0 a 1m\nd1 0 a ideal\nr1 b 0 1k\nd2 b a ideal", "node a", "d1");
        refuses("v1 a 0 1\nd1 a 0 ideal", "d1");
        refuses("v1 a 0 1\nr1 a 0 1k\nr2 b c 1k", "nodes b, c", "ground");
        refuses("v1 a 0 1\nv2 a 0 2\nr1 a 0 1k", "v2");
        refuses("v1 a b 1\nv2 a b 1\nr1 a 0 1k\nr2 b 0 1k", "v2");
        refuses("v1 a 0 1\nr1 a b 1k\nd1 l b ideal\nd2 b h ideal\nv2 l 0 2\nv3 h 0 1", "d2");
    }

    private static void refuses(String lines, String... words) {
        Circuit circuit = circuit(IDEAL + lines);
        assertThatThrownBy(() -> new DenseNewton(circuit).solve(sources(circuit), 1e-9))
                .isInstanceOf(UnsolvableException.class)
                .hasMessageContainingAll(words);
    }

    @Test
    void badArgumentsAreRefused() {
        DenseNewton solver = new DenseNewton(circuit("v1 a 0 1\nr1 a b 1k\nr2 b 0 1k"));
        assertThatThrownBy(() -> solver.solve(new double[2], 1e-9)).hasMessageContaining("1 sources, not 2");
        assertThatThrownBy(() -> solver.solve(new double[1], 0)).hasMessageContaining("tolerance");
        assertThatThrownBy(() -> solver.resistors(new double[1])).hasMessageContaining("2 resistors, not 1");
        assertThatThrownBy(() -> solver.resistors(new double[] {1, -1})).hasMessageContaining("r2");
    }

    @Test
    void resistorsAndSourcesCanChangeBetweenAnswers() throws UnsolvableException {
        Circuit circuit = circuit("v1 in 0 3\nr1 in out 1k\nr2 out 0 2k");
        DenseNewton solver = new DenseNewton(circuit);
        assertThat(volts(circuit, solver.solve(new double[] {3}, 1e-12), "out")).isCloseTo(2, within(1e-14));
        solver.resistors(new double[] {1e-3, 1e-3});
        assertThat(volts(circuit, solver.solve(new double[] {4}, 1e-12), "out")).isCloseTo(2, within(1e-14));
        solver.resistors(new double[] {0, 0});
        assertThatThrownBy(() -> solver.solve(new double[] {4}, 1e-12)).hasMessageContaining("out");
        solver.resistors(new double[] {1e-3, 3e-3});
        assertThat(volts(circuit, solver.solve(new double[] {4}, 1e-12), "out")).isCloseTo(1, within(1e-14));
    }

    @Test
    void aBoardOfTransistorsIsSolvedFromColdAndFromTheLastAnswer() throws UnsolvableException {
        SplittableRandom random = new SplittableRandom(3);
        Circuit circuit = Nets.transistors(16, 32, 1);
        DenseNewton warm = new DenseNewton(circuit);
        for (int input = 0; input < 20; input++) {
            double[] sources = sources(circuit);
            for (int s = 0; s < 4; s++) {
                sources[s] = random.nextDouble(0.45);
            }
            Solution again = warm.solve(sources, 1e-10);
            Solution cold = new DenseNewton(circuit).solve(sources, 1e-10);
            assertThat(again.volts()).containsExactly(cold.volts(), within(1e-8));
            assertThat(again.residual()).isLessThanOrEqualTo(1e-10);
        }
    }

    @Test
    void aNodeThatATransistorChargesUpToItsThresholdSettles() throws UnsolvableException {
        // Nothing flows in the end: where the current vanishes, so does its derivative.
        assertThat(volts("v1 in 0 5\nvg g 0 3\nm1 in g out 0 fet\n.model fet nmos(level=1 vto=0.7 kp=1e-3)", "out"))
                .isCloseTo(2.3, within(1e-6));
    }
}
