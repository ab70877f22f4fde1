package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Element;
import org.junit.jupiter.api.Test;

/** What ngspice is told, and how its answer is found again, without ngspice. */
final class SpicePeerTest {

    private static final Circuit CIRCUIT = new Circuit(
            List.of("0", "in", "Out"),
            List.of(
                    new Element.Voltage("v1", 1, 0, 1),
                    new Element.Resistor("r1", 1, 2, 1e-3),
                    new Element.Current("inflow", 0, 2, 1e-3),
                    new Element.Voltage("x1.v2", 2, 1, 0)));

    @Test
    void onlyWhatChangedIsAltered() {
        assertThat(SpicePeer.altered(CIRCUIT.sources(), new double[] {1, 1e-3, 0}, new double[] {1, -2e-3, 0.1}))
                .containsExactly("alter inflow dc = -0.002", "alter v.x1.v2 dc = 0.1");
    }

    @Test
    void asManyValuesAsSourcesAreAsked() {
        assertThatThrownBy(() -> SpicePeer.altered(CIRCUIT.sources(), new double[3], new double[2]))
                .hasMessage("2 values for 3 sources");
    }

    @Test
    void voltagesAreFoundByTheNamesOfNodes() throws Exception {
        String raw = """
                Flags: real
                No. Variables: 3
                No. Points: 1
                Variables:
                \t0\tv(out)\tvoltage
                \t1\ti(v1)\tcurrent
                \t2\tv(in)\tvoltage
                Values:
                0 0.25 -1e-3 1.0
                """;
        assertThat(SpicePeer.volts(CIRCUIT, raw.getBytes(StandardCharsets.ISO_8859_1)))
                .containsExactly(0, 1, 0.25);
        byte[] without = raw.replace("v(in)", "v(on)").getBytes(StandardCharsets.ISO_8859_1);
        assertThatThrownBy(() -> SpicePeer.volts(CIRCUIT, without))
                .isInstanceOf(IOException.class)
                .hasMessage("ngspice's file of results has no voltage of node 'in'");
    }

    @Test
    void theConfigurationSaysWhetherThereIsKlu() {
        assertThat(SpicePeer.configuration(39)).contains("ngspice 39").contains("without KLU");
        assertThat(SpicePeer.configuration(47)).contains("asked for KLU");
    }
}
