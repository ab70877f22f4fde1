package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.homeostat.contracts.PhysicsContract.Case;
import org.homeostat.physics.ResistiveNetwork.Terminal;
import org.junit.jupiter.api.Test;

class JointRelaxationTest {

    private static final double TOLERANCE = 1e-13;

    private final SplittableRandom random = new SplittableRandom(2205_15021);

    /** Wider than any parameter goes here. */
    private static JointRelaxation unbounded(Case machine) {
        int n = machine.theta().length;
        return new JointRelaxation(machine.physics(), Machines.filled(n, -9), Machines.filled(n, 9));
    }

    private static double softness(Case machine, double part, double beta) {
        return part / Machines.largestCurvature(machine, machine.theta(), beta);
    }

    private static double[] anchored(double[] theta, double[] softness, double[] force) {
        double[] knob = new double[theta.length];
        Arrays.setAll(knob, k -> theta[k] + softness[k] * force[k]);
        return knob;
    }

    private static double[][] fresh(Case machine) {
        return new double[1][machine.physics().states()];
    }

    /** Oracle 10, the plant's side: at u = theta + epsilon dE/dtheta the parameters rest where they are. */
    @Test
    void parametersHeldByTheirKnobsStayPut() {
        for (int i = 0; i < 20; i++) {
            Case machine = i % 2 == 0 ? Machines.resistive(random) : Machines.hopfield(random);
            double beta = (i % 3 - 1) * machine.strength();
            double[] softness = Machines.filled(machine.theta().length, softness(machine, 0.5, beta));
            double[] knob = anchored(
                    machine.theta(), softness, Machines.forces(machine, machine.theta(), machine.nudged(beta)));
            double[] theta = machine.theta().clone();
            Rest rest = unbounded(machine)
                    .settle(knob, softness, new Drive[] {machine.nudged(beta)}, theta, fresh(machine), TOLERANCE);
            assertThat(rest.settled()).isTrue();
            assertThat(theta).containsExactly(machine.theta(), within(1e-12));
        }
    }

    @Test
    void parametersPushedAsideComeBackToWhereTheyAreHeld() {
        for (int i = 0; i < 20; i++) {
            Case machine = i % 2 == 0 ? Machines.resistive(random) : Machines.hopfield(random);
            double[] softness = Machines.filled(machine.theta().length, softness(machine, 0.3, 0));
            double[] knob =
                    anchored(machine.theta(), softness, Machines.forces(machine, machine.theta(), machine.free()));
            double[] theta = machine.theta().clone();
            Arrays.setAll(theta, k -> theta[k] + 0.01 * (random.nextDouble() - 0.5));
            unbounded(machine).settle(knob, softness, new Drive[] {machine.free()}, theta, fresh(machine), TOLERANCE);
            assertThat(theta).containsExactly(machine.theta(), within(1e-11));
        }
    }

    /** Oracle 4. The resistive forces are recomputed from the voltages of the two states, drop by drop. */
    @Test
    void onePassIsTheStepOfEquilibriumPropagation() {
        for (int i = 0; i < 20; i++) {
            Circuit circuit = Circuit.layered(3, 5, 2);
            Case machine = new Case(
                    circuit.network(),
                    circuit.conductances(random, 0.05, 1),
                    random.doubles(3, -1, 1).toArray(),
                    random.doubles(2, -0.5, 0.5).toArray(),
                    0.03);
            double first = -machine.strength() / 2;
            double second = machine.strength() / 2;
            double[] one = machine.settled(machine.theta(), machine.nudged(first), Machines.TOLERANCE);
            double[] two = machine.settled(machine.theta(), machine.nudged(second), Machines.TOLERANCE);
            double epsilon = 0.1;
            double[] softness = Machines.filled(machine.theta().length, epsilon);
            double[] knob = anchored(
                    machine.theta(), softness, Machines.forces(machine, machine.theta(), machine.nudged(first)));
            double[] theta = machine.theta().clone();
            onePass(machine, knob, softness, machine.nudged(second), theta, two.clone());
            for (int k = 0; k < theta.length; k++) {
                double before = circuit.volts(k, machine.input(), one);
                double after = circuit.volts(k, machine.input(), two);
                double gradient = 0.5 * (after * after - before * before) / (second - first);
                assertThat(theta[k] - machine.theta()[k])
                        .isCloseTo(-epsilon * (second - first) * gradient, within(1e-14));
            }
            assertThat(theta).isNotEqualTo(machine.theta());
        }
    }

    /** A tolerance beyond any move ends the relaxation after its first pass. */
    private static void onePass(
            Case machine, double[] knob, double[] softness, Drive drive, double[] theta, double[] state) {
        unbounded(machine).settle(knob, softness, new Drive[] {drive}, theta, new double[][] {state}, 1e300);
    }

    @Test
    void everyPassLowersTheTotalEnergyOfSpringsAndMachine() {
        for (int i = 0; i < 20; i++) {
            Case machine = i % 2 == 0 ? Machines.resistive(random) : Machines.hopfield(random);
            double[] softness = Machines.filled(machine.theta().length, softness(machine, 0.4, 0));
            double[] knob =
                    anchored(machine.theta(), softness, Machines.forces(machine, machine.theta(), machine.nudged(0)));
            Drive drive = machine.nudged(machine.strength());
            double[] theta = machine.theta().clone();
            double[] state = machine.settled(theta, drive, Machines.TOLERANCE);
            double before = total(machine, knob, softness, drive, theta, state);
            for (int pass = 0; pass < 6; pass++) {
                onePass(machine, knob, softness, drive, theta, state);
                double after = total(machine, knob, softness, drive, theta, state);
                assertThat(after).isLessThan(before + 1e-15);
                before = after;
            }
        }
    }

    private static double total(
            Case machine, double[] knob, double[] softness, Drive drive, double[] theta, double[] state) {
        double total = machine.physics().energy(theta, drive, state);
        for (int k = 0; k < knob.length; k++) {
            total += (knob[k] - theta[k]) * (knob[k] - theta[k]) / (2 * softness[k]);
        }
        return total;
    }

    @Test
    void atRestEverySpringBalancesTheForceOnItsParameter() {
        for (int i = 0; i < 20; i++) {
            Case machine = i % 2 == 0 ? Machines.resistive(random) : Machines.hopfield(random);
            double least = softness(machine, 0.05, 0);
            double[] softness =
                    random.doubles(machine.theta().length, least, 8 * least).toArray();
            double[] theta = machine.theta().clone();
            double[][] state = fresh(machine);
            Drive drive = machine.nudged(machine.strength());
            Rest rest =
                    unbounded(machine).settle(machine.theta(), softness, new Drive[] {drive}, theta, state, TOLERANCE);
            assertThat(rest.settled()).isTrue();
            assertThat(rest.residual()).isLessThanOrEqualTo(TOLERANCE);
            double[] force = Machines.forces(machine, theta, drive);
            for (int k = 0; k < theta.length; k++) {
                assertThat(machine.theta()[k] - theta[k]).isCloseTo(softness[k] * force[k], within(1e-12));
            }
            assertThat(state[0]).containsExactly(machine.settled(theta, drive, Machines.TOLERANCE), within(1e-11));
        }
    }

    /**
     * Section 1.2 of the algorithms sheet: theta moves by -epsilon (beta2 - beta1) (I + epsilon d2F/dtheta2)^-1 dC/dtheta,
     * here with centred nudges, whose error is of second order. A single pass lacks the matrix and is far off.
     */
    @Test
    void theRestIsTheStepThatTheTheoryPredictsAndNotThatOfOnePass() {
        for (int i = 0; i < 4; i++) {
            Case machine = i % 2 == 0 ? Machines.resistive(random) : Machines.hopfield(random);
            double beta = 1e-3;
            int n = machine.theta().length;
            double epsilon = softness(machine, 0.3, 0);
            double[] softness = Machines.filled(n, epsilon);
            double[] knob = anchored(
                    machine.theta(), softness, Machines.forces(machine, machine.theta(), machine.nudged(-beta / 2)));
            double[] theta = machine.theta().clone();
            unbounded(machine)
                    .settle(knob, softness, new Drive[] {machine.nudged(beta / 2)}, theta, fresh(machine), TOLERANCE);
            double[] gradient = Machines.gradient(machine);
            double[] predicted = new LUDecomposition(MatrixUtils.createRealIdentityMatrix(n)
                            .add(Machines.curvature(machine, machine.theta(), 0).scalarMultiply(epsilon)))
                    .getSolver()
                    .solve(new ArrayRealVector(gradient).mapMultiply(-epsilon * beta))
                    .toArray();
            double[] step = new ArrayRealVector(theta)
                    .subtract(new ArrayRealVector(machine.theta()))
                    .toArray();
            double[] plain =
                    new ArrayRealVector(gradient).mapMultiply(-epsilon * beta).toArray();
            assertThat(Machines.relative(step, predicted)).isLessThan(1e-3);
            assertThat(Machines.relative(plain, predicted)).isGreaterThan(1e-2);
        }
    }

    @Test
    void aParameterStopsAtTheEndOfItsBox() {
        // One conductance between 2 V and a node tied to ground by 1 S: the force on it is positive and draws it down.
        Circuit circuit = new Circuit(1);
        int node = circuit.node(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        circuit.resistor(new Terminal.Source(0, 1), new Terminal.Node(node));
        circuit.resistor(new Terminal.Node(node), new Terminal.Rail(0));
        JointRelaxation relaxation =
                new JointRelaxation(circuit.network(), new double[] {0.4, 0.9}, new double[] {2, 3});
        double[] theta = {1, 1};
        double[][] state = new double[1][1];
        Rest rest = relaxation.settle(
                new double[] {0.5, 9},
                new double[] {1, 1e-3},
                new Drive[] {Drive.free(new double[] {2}, 0)},
                theta,
                state,
                TOLERANCE);
        assertThat(rest.settled()).isTrue();
        assertThat(theta).containsExactly(0.4, 3);
        assertThat(state[0][0]).isCloseTo(2 * 0.4 / 3.4, within(1e-12));
    }

    @Test
    void aSpringWithoutSoftnessTakesItsParameterToTheKnob() {
        Case machine = Machines.resistive(random);
        int n = machine.theta().length;
        double[] knob = random.doubles(n, 0.1, 1).toArray();
        double[] theta = machine.theta().clone();
        Rest rest = unbounded(machine)
                .settle(knob, new double[n], new Drive[] {machine.free()}, theta, fresh(machine), TOLERANCE);
        assertThat(rest.settled()).isTrue();
        assertThat(theta).containsExactly(knob);
    }

    @Test
    void lanesPullWithTheirMeanForce() {
        Case machine = Machines.resistive(random);
        double[] softness = Machines.filled(machine.theta().length, softness(machine, 0.1, 0));
        Drive one = machine.nudged(machine.strength());
        Drive other = Drive.free(random.doubles(3, -1, 1).toArray(), machine.target().length);
        double[] theta = machine.theta().clone();
        double[][] states = new double[2][machine.physics().states()];
        unbounded(machine).settle(machine.theta(), softness, new Drive[] {one, other}, theta, states, TOLERANCE);
        double[] first = Machines.forces(machine, theta, one);
        double[] second = Machines.forces(machine, theta, other);
        for (int k = 0; k < theta.length; k++) {
            double pulled = softness[k] * 0.5 * (first[k] + second[k]);
            assertThat(machine.theta()[k] - theta[k]).isCloseTo(pulled, within(1e-12));
        }
        assertThat(states[1]).containsExactly(machine.settled(theta, other, Machines.TOLERANCE), within(1e-11));
    }

    @Test
    void threeEqualLanesStepAsOne() {
        Case machine = Machines.hopfield(random);
        double[] softness = Machines.filled(machine.theta().length, softness(machine, 0.3, 0));
        Drive drive = machine.nudged(machine.strength());
        double[] alone = machine.theta().clone();
        unbounded(machine).settle(machine.theta(), softness, new Drive[] {drive}, alone, fresh(machine), TOLERANCE);
        double[] together = machine.theta().clone();
        unbounded(machine)
                .settle(
                        machine.theta(),
                        softness,
                        new Drive[] {drive, drive, drive},
                        together,
                        new double[3][machine.physics().states()],
                        TOLERANCE);
        assertThat(together).containsExactly(alone, within(1e-13));
        assertThat(alone).isNotEqualTo(machine.theta());
    }

    @Test
    void aMachineThatRunsAwayStopsItWithParametersThatAreNumbers() {
        // 0.1 S each to the outside, 10 S across, springs of -1 S: each node bears it, both together do not.
        Circuit circuit = new Circuit(1);
        int a = circuit.node(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        int b = circuit.node(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        circuit.output(a);
        circuit.output(b);
        circuit.resistor(new Terminal.Source(0, 1), new Terminal.Node(a));
        circuit.resistor(new Terminal.Node(b), new Terminal.Rail(0));
        circuit.resistor(new Terminal.Node(a), new Terminal.Node(b));
        double[] theta = {0.1, 0.1, 10};
        double[][] state = new double[1][2];
        Drive drive = Drive.free(new double[] {1}, 2).coupled(-1, new double[] {0.5, 0.5});
        Rest rest = new JointRelaxation(circuit.network(), new double[3], Machines.filled(3, 20))
                .settle(theta.clone(), Machines.filled(3, 0.01), new Drive[] {drive}, theta, state, TOLERANCE);
        assertThat(rest.residual()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(rest.settled()).isFalse();
        assertThat(theta).containsExactly(0.1, 0.1, 10);
        assertThat(state[0]).doesNotContain(Double.NaN);
    }

    @Test
    void aNudgeThatNoOutputBearsIsRefusedWithNothingMoved() {
        Case machine = Machines.resistive(random);
        double[] theta = machine.theta().clone();
        double[][] state = fresh(machine);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unbounded(machine)
                        .settle(
                                Machines.filled(theta.length, 2),
                                Machines.filled(theta.length, 0.1),
                                new Drive[] {machine.nudged(-100)},
                                theta,
                                state,
                                TOLERANCE))
                .withMessageContaining("nudge");
        assertThat(theta).containsExactly(machine.theta());
        assertThat(state[0]).containsOnly(0);
    }

    @Test
    void theBoxItWasBuiltWithCannotBeChangedFromOutside() {
        Case machine = Machines.resistive(random);
        int n = machine.theta().length;
        double[] lowest = Machines.filled(n, 0.05);
        double[] highest = Machines.filled(n, 1);
        JointRelaxation relaxation = new JointRelaxation(machine.physics(), lowest, highest);
        Arrays.fill(highest, 100);
        Arrays.fill(lowest, -100);
        double[] theta = machine.theta().clone();
        relaxation.settle(
                Machines.filled(n, 50), new double[n], new Drive[] {machine.free()}, theta, fresh(machine), TOLERANCE);
        assertThat(theta).containsOnly(1);
    }
}
