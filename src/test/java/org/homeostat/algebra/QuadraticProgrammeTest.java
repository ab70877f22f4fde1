package org.homeostat.algebra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Device;
import org.homeostat.physics.Drive;
import org.homeostat.physics.ResistiveNetwork;
import org.homeostat.physics.ResistiveNetwork.Terminal;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;

/** Quadratic programmes, their linear systems solved on the host and on a board in a heat bath. */
class QuadraticProgrammeTest {

    private static final QuadraticProgramme.Solver DIGITAL = (a, b) -> new LUDecomposition(new Array2DRowRealMatrix(a))
            .getSolver()
            .solve(new ArrayRealVector(b))
            .toArray();

    private final SplittableRandom random = new SplittableRandom(2411);

    /** A circuit of resistors and ideal diodes, as its own physics and as the programme that its voltages solve. */
    private record Circuit(ResistiveNetwork network, double[] theta, double[] input, QuadraticProgramme programme) {}

    private Circuit circuit(int nodes) {
        ResistiveNetwork.Builder builder = new ResistiveNetwork.Builder(2);
        double[] input = random.doubles(2, -2, 2).toArray();
        double[][] q = new double[nodes][nodes];
        double[] c = new double[nodes];
        List<double[]> g = new ArrayList<>();
        List<Double> theta = new ArrayList<>();
        for (int node = 0; node < nodes; node++) {
            // Alternately kept above and below 0 V by a diode to ground; the last is free.
            var unused = node == nodes - 1
                    ? builder.node()
                    : node % 2 == 0
                            ? builder.node(0, Double.POSITIVE_INFINITY)
                            : builder.node(Double.NEGATIVE_INFINITY, 0);
            if (node < nodes - 1) {
                double[] normal = new double[nodes];
                normal[node] = node % 2 == 0 ? -1 : 1;
                g.add(normal);
            }
        }
        for (int node = 0; node < nodes; node++) {
            for (int source = 0; source < 2; source++) {
                double siemens = 0.1 + random.nextDouble();
                var unused = builder.adjustable(new Terminal.Source(source, 1), new Terminal.Node(node));
                theta.add(siemens);
                q[node][node] += siemens;
                c[node] -= siemens * input[source];
            }
            for (int other = 0; other < node; other++) {
                double siemens = 0.1 + random.nextDouble();
                var unused = builder.adjustable(new Terminal.Node(other), new Terminal.Node(node));
                theta.add(siemens);
                q[node][node] += siemens;
                q[other][other] += siemens;
                q[node][other] -= siemens;
                q[other][node] -= siemens;
            }
        }
        var unused = builder.diode(0, 2).output(nodes - 1);
        double[] across = new double[nodes];
        across[0] = 1;
        across[2] = -1;
        g.add(across);
        return new Circuit(
                builder.build(),
                theta.stream().mapToDouble(Double::doubleValue).toArray(),
                input,
                new QuadraticProgramme(q, c, g.toArray(double[][]::new), new double[g.size()]));
    }

    private static double[] volts(Circuit circuit) {
        double[] state = new double[circuit.network.states()];
        assertThat(circuit.network
                        .settle(circuit.theta, Drive.free(circuit.input, 1), state, 1e-12)
                        .settled())
                .isTrue();
        return state;
    }

    @Test
    void aDiodeNetworkIsAProgrammeThatTheHostSolves() {
        int pushing = 0;
        for (int i = 0; i < 30; i++) {
            Circuit circuit = circuit(4 + i % 4);
            QuadraticProgramme.Solution found = circuit.programme.solved(DIGITAL, 1e-12);
            assertThat(found.solved()).isTrue();
            assertThat(found.x()).containsExactly(volts(circuit), within(1e-6));
            pushing += (int)
                    Arrays.stream(found.multipliers()).filter(z -> z > 1e-4).count();
        }
        // The trial means something only if diodes conduct.
        assertThat(pushing).isGreaterThan(30);
    }

    @Test
    void aDiodeNetworkIsSolvedByABoardInAHeatBath() {
        try (Device device = new Catalog(new RunStore(Path.of("runs")))
                .open("twin:thermodynamic-board")
                .device()) {
            ThermodynamicAlgebra board = new ThermodynamicAlgebra(device, Duration.ofMinutes(1));
            for (int i = 0; i < 4; i++) {
                Circuit circuit = circuit(6);
                QuadraticProgramme.Solution found = circuit.programme.solved(
                        (a, b) -> board.refined(a, b, 100, 1e-11).values(), 1e-8);
                assertThat(found.solved()).isTrue();
                assertThat(found.x()).containsExactly(volts(circuit), within(1e-4));
            }
        }
    }

    @Test
    void withoutConstraintsThatMatterItIsALinearSystem() {
        double[][] q = {{2, 0.5}, {0.5, 1}};
        double[] c = {1, -1};
        double[] free = DIGITAL.solve(q, new double[] {-1, 1});
        QuadraticProgramme.Solution found = new QuadraticProgramme(
                        q, c, new double[][] {{1, 0}, {0, 1}}, new double[] {9, 9})
                .solved(DIGITAL, 1e-12);
        assertThat(found.x()).containsExactly(free, within(1e-9));
        assertThat(found.multipliers()[0]).isCloseTo(0, within(1e-9));
        assertThat(new QuadraticProgramme(q, c, new double[0][], new double[0])
                        .solved(DIGITAL, 1e-12)
                        .x())
                .containsExactly(free, within(1e-12));
    }

    @Test
    void constraintsThatNothingMeetsAreReported() {
        QuadraticProgramme.Solution found = new QuadraticProgramme(
                        new double[][] {{1}}, new double[] {0}, new double[][] {{1}, {-1}}, new double[] {-1, -1})
                .solved(DIGITAL, 1e-9);
        assertThat(found.solved()).isFalse();
    }

    @Test
    void partsThatDoNotFitAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QuadraticProgramme(
                        new double[][] {{1}}, new double[] {0}, new double[][] {{1, 2}}, new double[] {1}))
                .withMessageContaining("a row of G has 2 numbers");
    }
}
