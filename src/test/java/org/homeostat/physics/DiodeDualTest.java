package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Networks with diodes between free nodes, against every combination of conducting and blocking diodes. */
class DiodeDualTest {

    private static final int NETWORKS = 300;

    private final SplittableRandom random = new SplittableRandom(1957);

    private Drive drive(Circuit circuit) {
        Drive free = Drive.free(random.doubles(circuit.inputs(), -2, 2).toArray(), circuit.outputs());
        double[] around = random.doubles(circuit.outputs(), -1, 1).toArray();
        return switch (random.nextInt(3)) {
            case 0 -> free;
            case 1 -> free.pushed(around);
            default -> free.coupled(0.2, around);
        };
    }

    private static double[] diagonal(double[][] matrix) {
        double[] diagonal = new double[matrix.length];
        java.util.Arrays.setAll(diagonal, i -> matrix[i][i]);
        return diagonal;
    }

    @Test
    void itFindsWhichDiodesConduct() {
        int conducting = 0;
        int blocking = 0;
        int frozen = 0;
        for (int i = 0; i < NETWORKS; i++) {
            Circuit circuit = Circuit.meshed(random);
            ResistiveNetwork network = circuit.network();
            double[] theta = circuit.conductances(random, 0.05, 1);
            Drive drive = drive(circuit);
            double[] truth = circuit.solvedByBruteForce(theta, drive);
            double[] state = new double[truth.length];
            Rest rest = network.settle(theta, drive, state, 1e-12);
            assertThat(rest.settled()).isTrue();
            // As exact as a linear solve, not merely as the iteration that finds which diodes conduct.
            assertThat(rest.residual()).as("network %s", i).isLessThan(2e-14);
            assertThat(state).as("network %s", i).containsExactly(truth, within(1e-13));
            conducting += circuit.conducting(truth);
            blocking += circuit.limits() - circuit.conducting(truth);
            frozen += distance(circuit.descended(theta, drive), truth) > 1e-3 ? 1 : 0;
        }
        // The trial means something only if diodes do both, and if moving one node at a time would go wrong.
        assertThat(conducting).isGreaterThan(NETWORKS);
        assertThat(blocking).isGreaterThan(NETWORKS);
        assertThat(frozen).isGreaterThan(NETWORKS / 2);
    }

    private static double distance(double[] a, double[] b) {
        double distance = 0;
        for (int i = 0; i < a.length; i++) {
            distance = Math.max(distance, Math.abs(a[i] - b[i]));
        }
        return distance;
    }

    @Test
    void whereDiodesLeadToSuppliesOnlyBothSolversAgree() {
        for (int i = 0; i < NETWORKS; i++) {
            Circuit circuit = Circuit.layered(3, 2 + i % 5, 2);
            ResistiveNetwork network = circuit.network();
            double[] theta = circuit.conductances(random, 0.05, 1);
            Drive drive = drive(circuit);
            double[] descended = new double[network.states()];
            network.settle(theta, drive, descended, 1e-14);
            double[] dual = new double[network.states()];
            Rest rest = new DiodeDual(
                            network,
                            theta,
                            circuit.loads(theta, drive),
                            diagonal(circuit.stiffness(theta, drive)),
                            network.range(drive))
                    .solve(dual, 1e-12);
            assertThat(rest.settled()).isTrue();
            assertThat(dual).as("network %s", i).containsExactly(descended, within(1e-10));
        }
    }

    @Test
    void itIsNotCalledSettledWhenItMissesTheToleranceAskedFor() {
        Circuit circuit = Circuit.meshed(random);
        double[] theta = circuit.conductances(random, 0.05, 1);
        double[] state = new double[circuit.network().states()];
        Rest rest = circuit.network().settle(theta, drive(circuit), state, 0);
        assertThat(rest.settled()).isEqualTo(rest.residual() == 0);
    }

    @Test
    void diodesInParallelShareACurrentInSomeWay() {
        Circuit circuit = new Circuit(1);
        int a = circuit.node(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        int b = circuit.node(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        circuit.resistor(new ResistiveNetwork.Terminal.Source(0, 1), new ResistiveNetwork.Terminal.Node(a));
        circuit.resistor(new ResistiveNetwork.Terminal.Node(b), new ResistiveNetwork.Terminal.Rail(0));
        circuit.diode(a, b);
        circuit.diode(a, b);
        double[] state = new double[2];
        Rest rest = circuit.network().settle(new double[] {1, 3}, Drive.free(new double[] {1}, 0), state, 1e-12);
        assertThat(rest.settled()).isTrue();
        assertThat(state).containsExactly(new double[] {0.25, 0.25}, within(1e-12));
    }

    @Test
    void twoDiodesBackToBackAreAWire() {
        Circuit circuit = new Circuit(1);
        int a = circuit.node(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        int b = circuit.node(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        circuit.resistor(new ResistiveNetwork.Terminal.Source(0, 1), new ResistiveNetwork.Terminal.Node(a));
        circuit.resistor(new ResistiveNetwork.Terminal.Node(b), new ResistiveNetwork.Terminal.Rail(0));
        circuit.diode(a, b);
        circuit.diode(b, a);
        for (double volts : new double[] {1, -1}) {
            double[] state = new double[2];
            Rest rest =
                    circuit.network().settle(new double[] {1, 3}, Drive.free(new double[] {volts}, 0), state, 1e-12);
            assertThat(rest.settled()).isTrue();
            assertThat(state).containsExactly(new double[] {0.25 * volts, 0.25 * volts}, within(1e-12));
        }
    }

    @Test
    void aNodeBoundToOneVoltageStaysThere() {
        Circuit circuit = new Circuit(1);
        int bound = circuit.node(0.5, 0.5);
        int free = circuit.node(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        circuit.resistor(new ResistiveNetwork.Terminal.Source(0, 1), new ResistiveNetwork.Terminal.Node(bound));
        circuit.resistor(new ResistiveNetwork.Terminal.Source(0, 1), new ResistiveNetwork.Terminal.Node(free));
        circuit.diode(free, bound);
        double[] state = new double[2];
        Rest rest = circuit.network().settle(new double[] {1, 1}, Drive.free(new double[] {2}, 0), state, 1e-12);
        assertThat(rest.settled()).isTrue();
        assertThat(state).containsExactly(new double[] {0.5, 0.5}, within(1e-12));
    }
}
