package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which solver a circuit is given to; and that all who can solve one agree. */
class SolversTest {

    private static String word(Circuit circuit) {
        return Solvers.of(circuit).word();
    }

    @Test
    void theStructureChooses() {
        assertThat(word(Nets.dense(new int[] {20, 10, 5}, 1))).isEqualTo("layered-descent");
        assertThat(word(Nets.grid(10, 1))).isEqualTo("active-set");
        assertThat(word(Nets.random(10, 1))).isEqualTo("active-set");
        assertThat(word(Netlist.read("t\nv1 a 0 1\ne1 b 0 a 0 2\nr1 b 0 1", "t")))
                .isEqualTo("dense-newton");
    }

    @Test
    void whatIsTooLargeForDenseMatricesIsRefused() {
        Wiring wiring = new Wiring();
        for (int k = 1; k < 6000; k++) {
            wiring.add(new Element.Diode("d" + k, 0, wiring.node("n" + k), 1e-14, 0.026));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Solvers.of(wiring.circuit()))
                .withMessageContaining("6000 nodes");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void allAgreeOnLayers(long seed) throws Exception {
        for (Circuit circuit :
                new Circuit[] {Nets.dense(new int[] {30, 20, 6}, seed), Nets.paired(new int[] {10, 12, 9, 4}, seed)}) {
            double[] sources = ActiveSetTest.values(circuit);
            double[] descended = Solvers.of(circuit).solve(sources, 1e-13).volts();
            assertThat(descended)
                    .containsExactly(ActiveSet.of(circuit).solve(sources, 1e-12).volts(), within(1e-9));
            assertThat(descended)
                    .containsExactly(
                            new DenseNewton(circuit).solve(sources, 1e-12).volts(), within(1e-9));
        }
    }

    /** A ladder of good conductors, hardly tied to the source: descent would take millions of sweeps. */
    @Test
    void whereDescentDoesNotArriveTheActiveSetDoes() throws Exception {
        StringBuilder text = new StringBuilder("ladder\nv1 in 0 1\nr0 in a 1g\nr1 a b 1\nr2 b 0 3g\nd1 0 b ideal\n");
        Circuit circuit = Netlist.read(text + ".model ideal d(ideal=1)", "t");
        Solution solution = Solvers.of(circuit).solve(new double[] {1}, 1e-12);
        assertThat(solution.volts()[circuit.nodes().indexOf("a")]).isCloseTo(0.75, within(1e-6));
        assertThat(solution.residual()).isLessThan(1e-12);
    }
}
