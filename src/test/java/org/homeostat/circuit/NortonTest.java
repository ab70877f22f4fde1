package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NortonTest {

    private static void same(Circuit circuit, Circuit folded, double[] values, double[] foldedValues) throws Exception {
        double[] volts = ActiveSet.of(circuit).solve(values, 1e-12).volts();
        double[] after = ActiveSet.of(folded).solve(foldedValues, 1e-12).volts();
        for (int node = 1; node < after.length; node++) {
            String name = folded.nodes().get(node);
            assertThat(after[node]).as(name).isCloseTo(volts[circuit.nodes().indexOf(name)], within(1e-10));
        }
    }

    @Test
    void foldedNetworksHaveTheSameVoltagesAtEveryInput() throws Exception {
        for (Circuit circuit : new Circuit[] {
            Nets.dense(new int[] {30, 12, 8, 4}, 5),
            Nets.paired(new int[] {10, 6, 3}, 6),
            Nets.grid(9, 7),
            Nets.random(20, 8)
        }) {
            Norton norton = Norton.of(circuit);
            double[] values = ActiveSetTest.values(circuit);
            assertThat(norton.sources(values)).containsExactly(ActiveSetTest.values(norton.circuit()), within(1e-15));
            same(circuit, norton.circuit(), values, norton.sources(values));
            for (int s = 0; s < values.length; s++) {
                boolean rail = circuit.sources().get(s).name().matches("vhigh|vlow");
                values[s] = rail ? values[s] : -0.3 * values[s];
            }
            same(circuit, norton.circuit(), values, norton.sources(values));
        }
    }

    @Test
    void aDenseNetworkKeepsNoInput() {
        Circuit folded = Norton.of(Nets.dense(new int[] {100, 7, 3}, 1)).circuit();
        assertThat(folded.nodes()).hasSize(11);
        assertThat(folded.resistors()).hasSize(7 + 21);
        assertThat(folded.sources()).hasSize(7).allMatch(Element.Current.class::isInstance);
    }

    @Test
    void aSourceWithADiodeStays() {
        Circuit folded = Norton.of(
                        Netlist.read("t\nv1 a 0 1\nr1 a b 1k\nv2 0 c 2\nr2 c b 1k\nd1 b a x\n.model x d(ideal=1)", "t"))
                .circuit();
        assertThat(folded.nodes()).containsExactlyInAnyOrder("0", "a", "b");
    }
}
