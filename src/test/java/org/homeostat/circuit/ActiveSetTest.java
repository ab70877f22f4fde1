package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Circuits that can be solved on paper, and the conditions of the optimum on circuits that cannot. */
class ActiveSetTest {

    private static final String IDEAL = "\n.model ideal d(ideal=1)";
    private static final double TOLERANCE = 1e-12;

    static double[] values(Circuit circuit) {
        return circuit.sources().stream()
                .mapToDouble(source ->
                        source instanceof Element.Voltage v ? v.volts() : ((Element.Current) source).amperes())
                .toArray();
    }

    private static Map<String, Double> solved(String... lines) throws UnsolvableException {
        Circuit circuit = Netlist.read("title\n" + String.join("\n", lines) + IDEAL, "test.cir");
        Solution solution = ActiveSet.of(circuit).solve(values(circuit), TOLERANCE);
        assertThat(solution.residual()).isLessThanOrEqualTo(TOLERANCE);
        assertThat(solution.solver()).isEqualTo("active-set");
        Map<String, Double> volts = new TreeMap<>();
        for (int node = 0; node < solution.volts().length; node++) {
            volts.put(circuit.nodes().get(node), solution.volts()[node]);
        }
        return volts;
    }

    private static void unsolvable(String part, String... lines) {
        assertThatExceptionOfType(UnsolvableException.class)
                .isThrownBy(() -> solved(lines))
                .withMessageContaining(part);
    }

    @Test
    void aDividerDivides() throws Exception {
        assertThat(solved("v1 in 0 6", "r1 in mid 1k", "r2 mid 0 2k").get("mid"))
                .isCloseTo(4, within(1e-12));
    }

    @Test
    void aDiodeToARailClampsAndOneThatBlocksDoesNot() throws Exception {
        String[] divider = {"v1 in 0 6", "r1 in mid 1k", "r2 mid 0 2k", "v2 rail 0 {rail}", "d1 mid rail ideal"};
        String[] low = divider.clone();
        low[3] = "v2 rail 0 3";
        assertThat(solved(low).get("mid")).isEqualTo(3);
        low[3] = "v2 rail 0 5";
        assertThat(solved(low).get("mid")).isCloseTo(4, within(1e-12));
    }

    @Test
    void twoDiodesInSeriesAreOneWherebyTheNodeBetweenHasNoResistor() throws Exception {
        // 6 V through 1k, two diodes, 2k to ground: 2 mA.
        Map<String, Double> volts = solved("v1 in 0 6", "r1 in a 1k", "d1 a b ideal", "d2 b c ideal", "r2 c 0 2k");
        assertThat(volts.get("a")).isCloseTo(4, within(1e-9));
        assertThat(volts.get("b")).isCloseTo(4, within(1e-9));
        assertThat(volts.get("c")).isCloseTo(4, within(1e-9));
    }

    @Test
    void aBridgeRectifiesBothWays() throws Exception {
        for (String input : new String[] {"5", "-5"}) {
            Map<String, Double> volts = solved(
                    "v1 in 0 " + input,
                    "r1 in a 1k",
                    "d1 a plus ideal",
                    "d2 0 plus ideal",
                    "d3 minus a ideal",
                    "d4 minus 0 ideal",
                    "rload plus minus 4k");
            // 1 mA flows, the load drops 4 V; the side that conducts to ground is at 0 V.
            assertThat(volts.get("plus") - volts.get("minus")).as(input).isCloseTo(4, within(1e-9));
            assertThat(volts.get("a")).isCloseTo(input.equals("5") ? 4 : -4, within(1e-9));
        }
    }

    @Test
    void aCurrentWhoseOnlyWayIsADiodeTakesIt() throws Exception {
        assertThat(solved("i1 0 a 1m", "d1 a 0 ideal").get("a")).isZero();
    }

    @Test
    void diodesThatShareTheirNodesAreOne() throws Exception {
        Map<String, Double> volts =
                solved("v1 in 0 6", "r1 in a 1k", "d1 a b ideal", "d2 a b ideal", "d3 b a ideal", "r2 b 0 2k");
        assertThat(volts.get("b")).isCloseTo(4, within(1e-12));
        assertThat(volts.get("a")).isEqualTo(volts.get("b"));
    }

    @Test
    void noNodeWithoutAWayToGroundIsGivenAVoltage() {
        unsolvable("nodes a, b", "v1 in 0 1", "r0 in 0 1k", "r1 a b 1k");
        unsolvable("the voltage of node b", "v1 in 0 6", "r1 in a 1k", "r2 a 0 1k", "d1 b a ideal", "d2 b 0 ideal");
        unsolvable("the current into node a has nowhere to go", "i1 a 0 1m", "d1 a 0 ideal");
    }

    @Test
    void sourcesThatDiodesShortAreNamed() {
        unsolvable("diode d1 shorts node a", "v1 a 0 2", "v2 b 0 1", "d1 a b ideal");
        unsolvable("short two sources", "v1 a 0 2", "v2 b 0 1", "r1 c 0 1k", "d1 a c ideal", "d2 c b ideal");
    }

    @Test
    void otherElementsAreNotForIt() {
        assertThat(ActiveSet.of(Netlist.read("t\nv1 a b 1\nr1 a 0 1\nr2 b 0 1", "t")))
                .isNull();
        assertThat(ActiveSet.of(Netlist.read("t\nv1 a 0 1\ne1 b 0 a 0 2", "t"))).isNull();
    }

    @Test
    void wrongCountsAreRefused() {
        ActiveSet solver = ActiveSet.of(Netlist.read("t\nv1 a 0 1\nr1 a 0 1", "t"));
        assertThatIllegalArgumentException().isThrownBy(() -> solver.resistors(new double[2]));
        assertThatIllegalArgumentException().isThrownBy(() -> solver.solve(new double[2], TOLERANCE));
    }

    /**
     * The conditions of the optimum, from the elements alone: no diode in forward bias; at every node that no diode at zero
     * bias touches, Kirchhoff's law; at one with diodes to rails alone, a current only in their direction.
     */
    private static void requireOptimum(Circuit circuit, double[] sources, double[] siemens, double[] volts) {
        int nodes = volts.length;
        double[] in = new double[nodes];
        double[] unit = new double[nodes];
        boolean[] held = new boolean[nodes];
        held[0] = true;
        int resistor = 0;
        int source = 0;
        for (Element element : circuit.elements()) {
            if (element instanceof Element.Resistor r) {
                double g = siemens[resistor++];
                in[r.a()] += g * (volts[r.b()] - volts[r.a()]);
                in[r.b()] += g * (volts[r.a()] - volts[r.b()]);
                unit[r.a()] += g * 5;
                unit[r.b()] += g * 5;
            } else if (element instanceof Element.Voltage v) {
                assertThat(volts[v.plus()]).isEqualTo(sources[source++]);
                held[v.plus()] = true;
            } else if (element instanceof Element.Current i) {
                in[i.minus()] += sources[source];
                in[i.plus()] -= sources[source++];
            }
        }
        // Groups of free nodes joined by diodes at zero bias: together they obey Kirchhoff's law, unless a rail is
        // among them.
        int[] group = new int[nodes];
        Arrays.setAll(group, node -> node);
        boolean[] mayLeave = new boolean[nodes];
        boolean[] mayEnter = new boolean[nodes];
        for (Element element : circuit.elements()) {
            if (element instanceof Element.IdealDiode d) {
                double bias = volts[d.anode()] - volts[d.cathode()];
                assertThat(bias).as(d.name()).isLessThan(1e-10);
                if (Math.abs(bias) < 1e-10) {
                    if (held[d.anode()] || held[d.cathode()]) {
                        mayLeave[held[d.anode()] ? d.cathode() : d.anode()] |= held[d.cathode()];
                        mayEnter[held[d.anode()] ? d.cathode() : d.anode()] |= held[d.anode()];
                    } else {
                        int from = group[d.anode()];
                        int to = group[d.cathode()];
                        for (int node = 0; node < nodes; node++) {
                            group[node] = group[node] == from ? to : group[node];
                        }
                    }
                }
            }
        }
        for (int g = 0; g < nodes; g++) {
            double sum = 0;
            double scale = 1e-9;
            boolean leave = false;
            boolean enter = false;
            boolean free = false;
            for (int node = 0; node < nodes; node++) {
                if (group[node] == g && !held[node]) {
                    free = true;
                    sum += in[node];
                    scale += unit[node];
                    leave |= mayLeave[node];
                    enter |= mayEnter[node];
                }
            }
            if (free && !leave) {
                assertThat(sum).as("into the group of node %d", g).isLessThan(1e-9 * scale);
            }
            if (free && !enter) {
                assertThat(sum).as("into the group of node %d", g).isGreaterThan(-1e-9 * scale);
            }
        }
    }

    private static double[] siemens(Circuit circuit) {
        return circuit.resistors().stream()
                .mapToDouble(Element.Resistor::siemens)
                .toArray();
    }

    @Property(tries = 60)
    void answersMeetTheConditionsOfTheOptimum(@ForAll @IntRange(min = 2, max = 80) int nodes, @ForAll int seed)
            throws UnsolvableException {
        Circuit circuit = Nets.random(nodes, seed);
        ActiveSet solver = ActiveSet.of(circuit);
        double[] sources = values(circuit);
        double[] siemens = siemens(circuit);
        SplittableRandom random = new SplittableRandom(seed);
        for (int input = 0; input < 3; input++) {
            Solution solution = solver.solve(sources, TOLERANCE);
            assertThat(solution.residual()).isLessThan(TOLERANCE);
            requireOptimum(circuit, sources, siemens, solution.volts());
            for (int s = 0; s < sources.length; s++) {
                // Voltages are kept, as diodes between two sources' nodes were drawn for them.
                sources[s] *= circuit.sources().get(s) instanceof Element.Current ? random.nextDouble(-1, 1) : 1;
            }
            for (int r = 0; r < siemens.length; r++) {
                siemens[r] *= random.nextDouble(0.5, 2);
            }
            solver.resistors(siemens);
        }
    }

    @Property(tries = 40)
    void warmAnswersAreColdOnes(@ForAll @IntRange(min = 2, max = 24) int side, @ForAll int seed)
            throws UnsolvableException {
        Circuit circuit = Nets.grid(side, seed);
        ActiveSet warm = ActiveSet.of(circuit);
        SplittableRandom random = new SplittableRandom(seed);
        double[] sources = values(circuit);
        for (int input = 0; input < 3; input++) {
            double[] volts = warm.solve(sources, TOLERANCE).volts();
            assertThat(volts)
                    .containsExactly(
                            ActiveSet.of(circuit).solve(sources, TOLERANCE).volts(), within(1e-9));
            for (int s = 0; s < sources.length - 2; s++) {
                sources[s] = random.nextDouble(-5, 5);
            }
        }
    }

    /** What is fallen back on where sets go in circles, from the first set on. */
    @Property(tries = 60)
    void oneDiodeAtATimeEndsThereToo(@ForAll @IntRange(min = 2, max = 60) int nodes, @ForAll int seed)
            throws UnsolvableException {
        Circuit circuit = Nets.random(nodes, seed);
        double[] sources = values(circuit);
        Solution solution = ActiveSet.of(circuit, 0).solve(sources, TOLERANCE);
        assertThat(solution.residual()).isLessThan(TOLERANCE);
        assertThat(solution.volts())
                .containsExactly(ActiveSet.of(circuit).solve(sources, TOLERANCE).volts(), within(1e-9));
    }

    /** Three diodes a node between free nodes, conductances over five decades, a current into each node. */
    private static Circuit tangled(int nodes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Wiring wiring = new Wiring();
        for (int k = 1; k <= nodes; k++) {
            int node = wiring.node("n" + k);
            if (k > 1) {
                int other = 1 + random.nextInt(k - 1);
                wiring.add(new Element.Resistor("rt" + k, other, node, Math.pow(10, random.nextDouble(-6, -2))));
            }
            wiring.add(new Element.Resistor("rg" + k, node, 0, Math.pow(10, random.nextDouble(-7, -3))));
            wiring.add(new Element.Current("i" + k, 0, node, random.nextDouble(-1e-3, 1e-3)));
        }
        for (int k = 0; k < 3 * nodes; k++) {
            int a = 1 + random.nextInt(nodes);
            int b = 1 + random.nextInt(nodes);
            if (a != b) {
                wiring.add(new Element.IdealDiode("d" + k, Math.min(a, b), Math.max(a, b)));
            }
        }
        return wiring.circuit();
    }

    /** On half of these sets go in circles; residuals and iterations say that the fall-back took over and arrived. */
    @Test
    void tangledDiodesAreSolvedAsWell() throws Exception {
        int most = 0;
        for (int seed = 0; seed < 60; seed++) {
            Circuit circuit = tangled(20 + seed, seed);
            Solution solution = ActiveSet.of(circuit).solve(values(circuit), 1e-11);
            assertThat(solution.residual()).as("seed %d", seed).isLessThan(1e-11);
            most = Math.max(most, solution.iterations());
        }
        assertThat(most).isGreaterThan(60);
    }

    @Property(tries = 40)
    void denseNewtonAgrees(@ForAll @IntRange(min = 2, max = 60) int nodes, @ForAll int seed)
            throws UnsolvableException {
        Circuit circuit = Nets.random(nodes, seed);
        double[] sources = values(circuit);
        assertThat(ActiveSet.of(circuit).solve(sources, TOLERANCE).volts())
                .containsExactly(
                        new DenseNewton(circuit).solve(sources, TOLERANCE).volts(), within(1e-9));
    }

    /** A grid with a current into every node and a diode to ground from it, and some between neighbours. */
    private static Circuit flooded(int side, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Wiring wiring = new Wiring();
        for (int k = 0; k < side * side; k++) {
            int node = wiring.node("n" + k);
            wiring.add(new Element.Current("i" + k, 0, node, random.nextDouble(-1e-3, 2e-3)));
            wiring.add(new Element.Resistor("rg" + k, node, 0, 1e-6));
            wiring.add(new Element.IdealDiode("d" + k, node, 0));
            if (k % side > 0) {
                wiring.add(new Element.Resistor("rh" + k, node - 1, node, random.nextDouble(1e-5, 1e-3)));
            }
            if (k >= side) {
                wiring.add(new Element.Resistor("rv" + k, node - side, node, random.nextDouble(1e-5, 1e-3)));
            }
            if (k > 0 && random.nextInt(10) == 0) {
                wiring.add(new Element.IdealDiode("dh" + k, node - 1, node));
            }
        }
        return wiring.circuit();
    }

    /** Many conducting diodes are solved by another way than few; the few are asked here one by one. */
    @Test
    void manyDiodesAreSolvedAsFewAre() throws Exception {
        Circuit circuit = flooded(16, 3);
        double[] sources = values(circuit);
        Solution many = ActiveSet.of(circuit).solve(sources, TOLERANCE);
        Solution few = ActiveSet.of(circuit, 0).solve(sources, TOLERANCE);
        assertThat(few.iterations()).as("one at a time").isGreaterThan(100);
        assertThat(many.iterations()).as("at once").isLessThan(40);
        assertThat(many.residual()).isLessThan(1e-14);
        assertThat(few.residual()).isLessThan(1e-14);
        assertThat(few.volts()).containsExactly(many.volts(), within(1e-9));
        requireOptimum(circuit, sources, siemens(circuit), many.volts());
    }

    @Test
    void manyDiodesAreSolvedWarmAsTheyAreCold() throws Exception {
        Circuit circuit = flooded(40, 5);
        ActiveSet warm = ActiveSet.of(circuit);
        double[] sources = values(circuit);
        SplittableRandom random = new SplittableRandom(5);
        for (int input = 0; input < 4; input++) {
            double[] volts = warm.solve(sources, TOLERANCE).volts();
            requireOptimum(circuit, sources, siemens(circuit), volts);
            assertThat(volts)
                    .containsExactly(
                            ActiveSet.of(circuit).solve(sources, TOLERANCE).volts(), within(1e-9));
            Arrays.setAll(sources, s -> random.nextDouble(-1e-3, 2e-3));
        }
    }
}
