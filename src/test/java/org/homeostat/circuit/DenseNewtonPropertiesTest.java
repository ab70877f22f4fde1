package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Circuits drawn at random, of all kinds of elements. */
class DenseNewtonPropertiesTest {

    private static final double TOLERANCE = 1e-10;

    /**
     * Minimal dissipation, apart from any bookkeeping of currents: with ideal diodes the operating point minimises a convex
     * function of the free voltages under {@code v_anode <= v_cathode}, so no admissible direction leads downhill.
     */
    @Property(tries = 60)
    void noAdmissibleChangeOfVoltagesDissipatesLess(@ForAll @IntRange(min = 2, max = 40) int nodes, @ForAll long seed)
            throws UnsolvableException {
        Circuit circuit = Nets.random(nodes, seed);
        Solution solution = new DenseNewton(circuit).solve(DenseNewtonTest.sources(circuit), TOLERANCE);
        assertThat(solution.residual()).isLessThanOrEqualTo(TOLERANCE);
        double[] v = solution.volts();
        boolean[] held = new boolean[v.length];
        held[0] = true;
        for (Element element : circuit.elements()) {
            switch (element) {
                case Element.Voltage source -> {
                    held[source.plus()] = true;
                    assertThat(v[source.plus()] - v[source.minus()]).isEqualTo(source.volts());
                }
                case Element.IdealDiode diode ->
                    assertThat(v[diode.anode()] - v[diode.cathode()]).isLessThanOrEqualTo(1e-12);
                default -> {}
            }
        }
        double least = dissipated(circuit, v);
        SplittableRandom random = new SplittableRandom(seed);
        for (int trial = 0; trial < 50; trial++) {
            double[] other = v.clone();
            for (int node = 0; node < v.length; node++) {
                other[node] += held[node] ? 0 : 1e-3 * random.nextDouble(-1, 1);
            }
            // Made admissible: no anode above its cathode.
            for (int pass = 0; pass < 100; pass++) {
                for (Element element : circuit.elements()) {
                    if (element instanceof Element.IdealDiode(String unused, int anode, int cathode)
                            && other[anode] > other[cathode]) {
                        double mean = held[anode]
                                ? other[anode]
                                : held[cathode] ? other[cathode] : 0.5 * (other[anode] + other[cathode]);
                        other[anode] = held[anode] ? other[anode] : mean;
                        other[cathode] = held[cathode] ? other[cathode] : mean;
                    }
                }
            }
            assertThat(dissipated(circuit, other)).isGreaterThanOrEqualTo(least - 1e-14);
        }
    }

    private static double dissipated(Circuit circuit, double[] v) {
        double sum = 0;
        for (Element element : circuit.elements()) {
            switch (element) {
                case Element.Resistor r -> sum += 0.5 * r.siemens() * (v[r.a()] - v[r.b()]) * (v[r.a()] - v[r.b()]);
                case Element.Current c -> sum += c.amperes() * (v[c.plus()] - v[c.minus()]);
                default -> {}
            }
        }
        return sum;
    }

    @Property(tries = 60)
    void twoSolversAgree(@ForAll @IntRange(min = 2, max = 60) int nodes, @ForAll long seed) throws UnsolvableException {
        Circuit circuit = Nets.random(nodes, seed);
        double[] sources = DenseNewtonTest.sources(circuit);
        Solver other = ActiveSet.of(circuit);
        assertThat(other).isNotNull();
        assertThat(new DenseNewton(circuit).solve(sources, 1e-12).volts())
                .containsExactly(other.solve(sources, 1e-12).volts(), within(1e-9));
    }

    @Property(tries = 100)
    void kirchhoffsLawHoldsAtEveryNodeWhateverTheElements(
            @ForAll @IntRange(min = 2, max = 25) int nodes, @ForAll long seed) throws UnsolvableException {
        Circuit circuit = mixed(nodes, seed);
        double[] sources = DenseNewtonTest.sources(circuit);
        DenseNewton solver = new DenseNewton(circuit);
        SplittableRandom random = new SplittableRandom(seed);
        for (int input = 0; input < 5; input++) {
            Solution solution = solver.solve(sources, TOLERANCE);
            assertThat(solution.residual()).isLessThanOrEqualTo(TOLERANCE);
            assertThat(missed(circuit, sources, solution.volts())).isLessThanOrEqualTo(1e-8);
            for (int s = 0; s < sources.length; s++) {
                sources[s] *= random.nextDouble(-1.5, 1.5);
            }
        }
    }

    /** The largest sum of currents at a node without a source, in parts of the largest current. */
    private static double missed(Circuit circuit, double[] sources, double[] v) {
        double[] sum = new double[v.length];
        boolean[] free = new boolean[v.length];
        java.util.Arrays.fill(free, true);
        free[0] = false;
        double largest = 0;
        int source = 0;
        for (Element element : circuit.elements()) {
            int from = 0;
            int to = 0;
            double amperes = 0;
            switch (element) {
                case Element.Resistor r -> {
                    from = r.a();
                    to = r.b();
                    amperes = r.siemens() * (v[from] - v[to]);
                }
                case Element.Voltage s -> {
                    free[s.plus()] = false;
                    free[s.minus()] = false;
                    source++;
                }
                case Element.Current c -> {
                    from = c.plus();
                    to = c.minus();
                    amperes = sources[source++];
                }
                case Element.Diode d -> {
                    from = d.anode();
                    to = d.cathode();
                    amperes = d.saturationAmperes() * Math.expm1((v[from] - v[to]) / d.slopeVolts());
                }
                case Element.Mosfet m -> {
                    from = m.drain();
                    to = m.source();
                    amperes = level1(m, v[m.drain()], v[m.gate()], v[m.source()]);
                }
                case Element.Amplifier a -> {
                    free[a.plus()] = false;
                    free[a.minus()] = false;
                    double control = v[a.controlPlus()] - v[a.controlMinus()];
                    assertThat(v[a.plus()] - v[a.minus()]).isCloseTo(a.gain() * control, within(1e-8));
                }
                case Element.OpAmp a -> {
                    free[a.out()] = false;
                    assertThat(v[a.out()])
                            .isCloseTo(5 * Math.tanh(a.gain() * (v[a.plus()] - v[a.minus()]) / 5), within(1e-7));
                }
                case Element.IdealDiode d -> {
                    free[d.anode()] = false;
                    free[d.cathode()] = false;
                    assertThat(v[d.anode()] - v[d.cathode()]).isLessThanOrEqualTo(1e-9);
                }
            }
            sum[from] += amperes;
            sum[to] -= amperes;
            largest = Math.max(largest, Math.abs(amperes));
        }
        double worst = 0;
        for (int node = 0; node < v.length; node++) {
            worst = free[node] ? Math.max(worst, Math.abs(sum[node])) : worst;
        }
        return largest == 0 ? 0 : worst / largest;
    }

    /** The transistor's law written down once more, region by region. */
    private static double level1(Element.Mosfet m, double drain, double gate, double source) {
        double d = m.sign() * drain;
        double g = m.sign() * gate;
        double s = m.sign() * source;
        if (d < s) {
            return -level1(m, source, gate, drain);
        }
        double over = g - s - m.sign() * m.thresholdVolts();
        double ds = d - s;
        double current = over <= 0
                ? 0
                : ds < over ? m.transconductance() * (over * ds - ds * ds / 2) : m.transconductance() / 2 * over * over;
        return m.sign() * current * (1 + m.lambda() * ds);
    }

    /** A tree of resistors to ground, and elements of all kinds between random nodes; operational amplifiers have feedback. */
    static Circuit mixed(int nodes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Wiring wiring = new Wiring();
        List<Integer> free = new ArrayList<>(List.of(0));
        for (int k = 0; k < nodes; k++) {
            int node = wiring.node("n" + k);
            wiring.add(new Element.Resistor(
                    "r" + k, node, free.get(random.nextInt(free.size())), Math.pow(10, random.nextDouble(-5, -3))));
            free.add(node);
        }
        int supply = wiring.node("supply");
        wiring.add(new Element.Voltage("vs", supply, 0, 5));
        wiring.add(new Element.Resistor("rs", supply, free.get(1), 1e-4));
        for (int k = 0; k < nodes; k++) {
            int a = free.get(random.nextInt(free.size()));
            int b = free.get(random.nextInt(free.size()));
            int c = free.get(random.nextInt(free.size()));
            if (a == b) {
                continue;
            }
            switch (random.nextInt(8)) {
                case 0 -> wiring.add(new Element.Diode("d" + k, a, b, 1e-14, 0.02585));
                case 1 -> wiring.add(new Element.Diode("d" + k, a, b, 1e-12, 2.585e-6));
                case 2 -> wiring.add(new Element.Mosfet("m" + k, a, c, b, 1, 0.7, 1e-4, 0.02));
                case 3 -> wiring.add(new Element.Mosfet("m" + k, a, c, b, -1, -0.7, 1e-4, 0.02));
                case 4 -> wiring.add(new Element.Current("i" + k, a, b, random.nextDouble(-1e-4, 1e-4)));
                case 5 -> {
                    int source = wiring.node("s" + k);
                    wiring.add(new Element.Voltage("v" + k, source, a, random.nextDouble(-2, 2)));
                    wiring.add(new Element.Resistor("rv" + k, source, b, 1e-4));
                }
                case 6 -> {
                    int out = wiring.node("e" + k);
                    wiring.add(new Element.Amplifier("e" + k, out, 0, a, b, random.nextDouble(-0.5, 0.5)));
                    wiring.add(new Element.Resistor("re" + k, out, c, 1e-5));
                }
                default -> {
                    int out = wiring.node("o" + k);
                    wiring.add(new Element.OpAmp("u" + k, a, out, out, 1e4, -5, 5));
                    wiring.add(new Element.Resistor("ro" + k, out, supply, 1e-5));
                }
            }
        }
        return wiring.circuit();
    }
}
