package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layered networks: which they are, that Kirchhoff's law and the diodes' hold at what is answered, and what is refused. */
class LayeredDescentTest {

    private static final double TOLERANCE = 1e-12;

    static final List<int[]> sizes = List.of(
            new int[] {3, 2},
            new int[] {5, 7, 1},
            new int[] {20, 33, 10},
            new int[] {20, 16, 17, 5},
            new int[] {12, 9, 10, 11, 4},
            new int[] {8, 5, 6, 5, 6, 5, 3});

    private static double[] values(Circuit circuit) {
        return circuit.sources().stream()
                .mapToDouble(source -> switch (source) {
                    case Element.Voltage voltage -> voltage.volts();
                    case Element.Current current -> current.amperes();
                    default -> throw new AssertionError(source);
                })
                .toArray();
    }

    private static double[] siemens(Circuit circuit) {
        return circuit.resistors().stream()
                .mapToDouble(Element.Resistor::siemens)
                .toArray();
    }

    /** Kirchhoff's law and the diodes' at every node, straight from the circuit's elements. */
    private static void assertRest(
            Circuit circuit, double[] sources, double[] siemens, double[] volts, double tolerance) {
        int nodes = circuit.nodes().size();
        double[] into = new double[nodes];
        double[] total = new double[nodes];
        boolean[] held = new boolean[nodes];
        boolean[] mayRise = new boolean[nodes];
        boolean[] maySink = new boolean[nodes];
        held[0] = true;
        double largest = 0;
        for (double v : volts) {
            largest = Math.max(largest, Math.abs(v));
        }
        int s = 0;
        int r = 0;
        for (Element element : circuit.elements()) {
            switch (element) {
                case Element.Resistor resistor -> {
                    double g = siemens[r++];
                    double amperes = g * (volts[resistor.a()] - volts[resistor.b()]);
                    into[resistor.a()] -= amperes;
                    into[resistor.b()] += amperes;
                    total[resistor.a()] += g;
                    total[resistor.b()] += g;
                }
                case Element.Voltage voltage -> {
                    assertThat(volts[voltage.plus()] - volts[voltage.minus()]).isEqualTo(sources[s++]);
                    held[voltage.plus()] = true;
                    held[voltage.minus()] = true;
                }
                case Element.Current current -> {
                    into[current.plus()] -= sources[s];
                    into[current.minus()] += sources[s++];
                }
                case Element.IdealDiode diode -> {
                    assertThat(volts[diode.anode()]).isLessThanOrEqualTo(volts[diode.cathode()]);
                    if (volts[diode.anode()] == volts[diode.cathode()]) {
                        maySink[diode.anode()] = true;
                        mayRise[diode.cathode()] = true;
                    }
                }
                default -> throw new AssertionError(element);
            }
        }
        double unit = 0;
        for (double g : total) {
            unit = Math.max(unit, g);
        }
        for (int node = 0; node < nodes; node++) {
            if (!held[node]) {
                // A conducting diode takes what flows in too much, or gives what is missing.
                double missing = into[node];
                if (maySink[node]) {
                    missing = Math.min(missing, 0);
                }
                if (mayRise[node]) {
                    missing = Math.max(missing, 0);
                }
                assertThat(Math.abs(missing))
                        .as(circuit.nodes().get(node))
                        .isLessThanOrEqualTo(tolerance * unit * largest);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("sizes")
    void comesToRest(int[] layers) throws UnsolvableException {
        for (Circuit circuit : List.of(Nets.dense(layers, 1), Nets.paired(layers, 2))) {
            LayeredDescent solver = LayeredDescent.of(circuit);
            assertThat(solver).isNotNull();
            SplittableRandom random = new SplittableRandom(3);
            double[] sources = values(circuit);
            double[] siemens = siemens(circuit);
            for (int trial = 0; trial < 6; trial++) {
                Solution solution = solver.solve(sources, TOLERANCE);
                assertThat(solution.residual()).isLessThanOrEqualTo(TOLERANCE);
                assertRest(circuit, sources, siemens, solution.volts(), 2 * TOLERANCE);
                // The inputs that were opposite need not remain so; and some resistors open.
                for (int i = 0; i < sources.length; i++) {
                    sources[i] = trial % 2 == 0 && i > 0 ? -sources[i - 1] : random.nextDouble(-3, 3);
                }
                for (int r = 0; trial > 2 && r < siemens.length; r++) {
                    siemens[r] = random.nextInt(5) == 0 ? 0 : random.nextDouble();
                }
                solver.resistors(siemens);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("sizes")
    void agreesWithTheActiveSet(int[] layers) throws UnsolvableException {
        for (Circuit circuit : List.of(Nets.dense(layers, 8), Nets.paired(layers, 9), mixed())) {
            LayeredDescent solver = LayeredDescent.of(circuit);
            ActiveSet other = ActiveSet.of(circuit);
            assertThat(solver).isNotNull();
            assertThat(other).isNotNull();
            double[] volts = solver.solve(values(circuit), 1e-14).volts();
            assertThat(volts)
                    .containsExactly(other.solve(values(circuit), 1e-14).volts(), within(1e-9));
        }
    }

    /** A layered network with everything that may be in one: ties to ground and rails, diodes to rails, parallel resistors. */
    private static Circuit mixed() {
        Wiring wiring = new Wiring();
        int high = wiring.node("high");
        int low = wiring.node("low");
        wiring.add(new Element.Voltage("vhigh", high, 0, 1));
        wiring.add(new Element.Voltage("vlow", 0, low, 0.5));
        SplittableRandom random = new SplittableRandom(4);
        int[][] layers = new int[3][];
        for (int l = 0; l < 3; l++) {
            layers[l] = new int[] {wiring.node("a" + l), wiring.node("b" + l), wiring.node("c" + l)};
            for (int node : layers[l]) {
                String name = l + "_" + node;
                wiring.add(new Element.Resistor("g" + name, node, 0, random.nextDouble()));
                wiring.add(new Element.Resistor("h" + name, high, node, random.nextDouble()));
                wiring.add(new Element.Current("i" + name, l == 0 ? high : 0, node, random.nextDouble(-3, 3)));
                wiring.add(new Element.IdealDiode("d" + name, node, high));
                wiring.add(new Element.IdealDiode("e" + name, low, node));
                for (int i = 0; l > 0 && i < 3; i++) {
                    wiring.add(new Element.Resistor("r" + name + i, node, layers[l - 1][i], random.nextDouble()));
                    wiring.add(new Element.Resistor("p" + name + i, layers[l - 1][i], node, random.nextDouble()));
                }
            }
        }
        wiring.add(new Element.Current("between", layers[0][0], layers[2][1], 0.25));
        wiring.add(new Element.Resistor("self", layers[0][0], layers[0][0], 7));
        wiring.add(new Element.Resistor("rails", high, low, 0.1));
        return wiring.circuit();
    }

    @Test
    void tiesRailsAndCurrentsCount() throws UnsolvableException {
        Circuit circuit = mixed();
        LayeredDescent solver = LayeredDescent.of(circuit);
        assertThat(solver).isNotNull();
        Solution solution = solver.solve(values(circuit), TOLERANCE);
        assertRest(circuit, values(circuit), siemens(circuit), solution.volts(), 2 * TOLERANCE);
        assertThat(solution.volts()[circuit.nodes().indexOf("low")]).isEqualTo(-0.5);
        // The rails change what the diodes let through.
        double[] sources = values(circuit);
        sources[0] = 0.1;
        sources[1] = 0.05;
        Solution tighter = solver.solve(sources, TOLERANCE);
        assertRest(circuit, sources, siemens(circuit), tighter.volts(), 2 * TOLERANCE);
    }

    @Test
    void aHandSolvedDividerIsExact() throws UnsolvableException {
        Wiring wiring = new Wiring();
        int in = wiring.node("in");
        int out = wiring.node("out");
        wiring.add(new Element.Voltage("v", in, 0, 3));
        wiring.add(new Element.Resistor("r1", in, out, 1e-3));
        wiring.add(new Element.Resistor("r2", out, 0, 2e-3));
        LayeredDescent solver = LayeredDescent.of(wiring.circuit());
        assertThat(solver).isNotNull();
        Solution solution = solver.solve(new double[] {3}, 1e-14);
        assertThat(solution.volts()).containsExactly(new double[] {0, 3, 1}, within(1e-15));
        assertThat(solution.solver()).isEqualTo("layered-descent");
        assertThat(solution.residual()).isLessThanOrEqualTo(1e-14);
    }

    @Test
    void slowNetworksAreOverRelaxed() throws UnsolvableException {
        // Layers without diodes, tied to each other a hundred times more firmly than to the sources: plain descent
        // takes some
        // 20,000 sweeps.
        Circuit dense = Nets.dense(new int[] {4, 30, 30, 30, 30}, 5);
        Circuit circuit = new Circuit(
                dense.nodes(),
                dense.elements().stream()
                        .filter(element -> !(element instanceof Element.IdealDiode))
                        .toList());
        double[] siemens = siemens(circuit);
        for (int r = 0; r < siemens.length; r++) {
            siemens[r] *= circuit.resistors().get(r).name().startsWith("r1_") ? 0.01 : 1;
        }
        LayeredDescent solver = LayeredDescent.of(circuit);
        assertThat(solver).isNotNull();
        solver.resistors(siemens);
        Solution solution = solver.solve(values(circuit), 1e-9);
        assertRest(circuit, values(circuit), siemens, solution.volts(), 2e-9);
        assertThat(solution.iterations()).isLessThan(1000);
    }

    @Test
    void anotherAnswerBeginsAtTheLast() throws UnsolvableException {
        Circuit circuit = Nets.dense(new int[] {30, 20, 20, 5}, 6);
        LayeredDescent solver = LayeredDescent.of(circuit);
        assertThat(solver).isNotNull();
        int first = solver.solve(values(circuit), 1e-10).iterations();
        assertThat(solver.solve(values(circuit), 1e-10).iterations())
                .isEqualTo(1)
                .isLessThan(first);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void gridsAndNetworksWithoutAPlanAreForOthers(long seed) {
        assertThat(LayeredDescent.suits(Nets.grid(12, seed))).isFalse();
        assertThat(LayeredDescent.suits(Nets.random(60, seed))).isFalse();
        assertThat(LayeredDescent.of(Nets.random(60, seed))).isNull();
    }

    private static Circuit with(Circuit circuit, Element element) {
        List<Element> elements = new ArrayList<>(circuit.elements());
        elements.add(element);
        return new Circuit(circuit.nodes(), elements);
    }

    @Test
    void whatDoesNotFitIsForOthers() {
        Circuit net = Nets.dense(new int[] {4, 3, 3, 2}, 7);
        int a = net.nodes().indexOf("n1_0");
        int b = net.nodes().indexOf("n1_1");
        int c = net.nodes().indexOf("n2_0");
        int d = net.nodes().indexOf("n3_0");
        int source = net.nodes().indexOf("n0_0");
        assertThat(LayeredDescent.suits(net)).isTrue();
        assertThat(LayeredDescent.suits(with(net, new Element.IdealDiode("x", a, c))))
                .isFalse();
        assertThat(LayeredDescent.suits(with(net, new Element.IdealDiode("x", source, 0))))
                .isFalse();
        assertThat(LayeredDescent.suits(with(net, new Element.Resistor("x", a, b, 1))))
                .isFalse();
        assertThat(LayeredDescent.suits(with(net, new Element.Resistor("x", a, d, 1))))
                .isFalse();
        assertThat(LayeredDescent.suits(with(net, new Element.Diode("x", a, 0, 1e-12, 0.02))))
                .isFalse();
        assertThat(LayeredDescent.suits(with(net, new Element.Voltage("x", a, b, 1))))
                .isFalse();
        assertThat(LayeredDescent.suits(with(net, new Element.Voltage("x", source, 0, 1))))
                .isFalse();
    }

    @Test
    void sentencesTellWhatIsWrong() throws UnsolvableException {
        Circuit circuit = mixed();
        LayeredDescent solver = LayeredDescent.of(circuit);
        assertThat(solver).isNotNull();
        double[] sources = values(circuit);
        sources[0] = -1;
        assertThatThrownBy(() -> solver.solve(sources, 1e-9))
                .isInstanceOf(UnsolvableException.class)
                .hasMessageContaining("node a0")
                .hasMessageContaining("above -0.5 V and below -1.0 V");
        double[] siemens = siemens(circuit);
        assertThatThrownBy(() -> solver.resistors(new double[3])).hasMessageContaining("3 conductances");
        siemens[0] = -1;
        assertThatThrownBy(() -> solver.resistors(siemens)).hasMessageContaining("resistor g0_3 of -1.0 S");
        solver.resistors(new double[siemens.length]);
        assertThatThrownBy(() -> solver.solve(values(circuit), 1e-9))
                .isInstanceOf(UnsolvableException.class)
                .hasMessageContaining("node a0 floats");
        assertThatThrownBy(() -> solver.solve(values(circuit), 0)).hasMessageContaining("tolerance of 0.0");
    }
}
