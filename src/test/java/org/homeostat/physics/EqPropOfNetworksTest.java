package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.homeostat.contracts.PhysicsContract.Case;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The gradient of equilibrium propagation on flow and spring networks against central differences of the loss: the error
 * of one-sided springs falls as beta, that of centred ones as beta^2, and that of one-sided forces as beta too.
 */
class EqPropOfNetworksTest {

    private static final double TOLERANCE = 1e-13;

    static Stream<Case> machines() {
        SplittableRandom random = new SplittableRandom(11);
        FlowNetworkContractTest flows = new FlowNetworkContractTest();
        return Stream.concat(
                Stream.generate(() -> flows.draw(random)).limit(4),
                Stream.generate(() -> Springs.lattice(random)).limit(4));
    }

    private static double loss(Case machine, double[] theta) {
        return machine.cost(machine.settled(theta, machine.free(), TOLERANCE));
    }

    /** Central differences of fourth order. */
    private static double[] truth(Case machine) {
        double h = 1e-3;
        double[] gradient = new double[machine.theta().length];
        for (int k = 0; k < gradient.length; k++) {
            double near = loss(machine, Machines.moved(machine.theta(), k, h))
                    - loss(machine, Machines.moved(machine.theta(), k, -h));
            double far = loss(machine, Machines.moved(machine.theta(), k, 2 * h))
                    - loss(machine, Machines.moved(machine.theta(), k, -2 * h));
            gradient[k] = (8 * near - far) / (12 * h);
        }
        return gradient;
    }

    private static double[] forces(Case machine, Drive drive) {
        double[] state = machine.settled(machine.theta(), machine.free(), TOLERANCE);
        Rest rest = machine.physics().settle(machine.theta(), drive, state, TOLERANCE);
        assertThat(rest.settled()).as("%s", rest).isTrue();
        double[] forces = new double[machine.theta().length];
        machine.physics().forces(machine.theta(), drive, state, forces);
        return forces;
    }

    private static double error(Case machine, double[] truth, double first, double second) {
        double[] one = forces(machine, machine.nudged(first));
        double[] two = forces(machine, machine.nudged(second));
        double[] gradient = new double[one.length];
        Arrays.setAll(gradient, k -> (two[k] - one[k]) / (second - first));
        return Machines.relative(gradient, truth);
    }

    @ParameterizedTest
    @MethodSource("machines")
    void oneSidedErrorsFallAsBetaAndCentredOnesAsItsSquare(Case machine) {
        double[] truth = truth(machine);
        double b = machine.strength() / 4;
        double oneSided = error(machine, truth, 0, b);
        assertThat(oneSided).isBetween(1e-6, 1.0);
        assertThat(oneSided / error(machine, truth, 0, b / 4)).isBetween(3.4, 4.6);
        double centred = error(machine, truth, -b, b);
        assertThat(centred).isBetween(1e-7, 1.0);
        assertThat(centred / error(machine, truth, -b / 4, b / 4)).isBetween(14.0, 18.0);
    }

    /**
     * Agnostic EP: parameters on springs of softness epsilon, moved by the physics alone, go down the gradient times
     * epsilon beta, but for an error that falls as epsilon (arXiv 2205.15021). Constant forces of opposite sign keep the
     * error of the nudge out of sight.
     */
    @ParameterizedTest
    @MethodSource("machines")
    void whatParametersMoveByThemselvesMissesTheGradientByEpsilon(Case machine) {
        double[] truth = truth(machine);
        double soft = moved(machine, truth, 0.04);
        assertThat(soft).isBetween(1e-5, 0.3);
        assertThat(soft / moved(machine, truth, 0.01)).isBetween(3.5, 4.6);
    }

    private static double moved(Case machine, double[] truth, double epsilon) {
        double beta = 1e-2;
        int n = machine.theta().length;
        Drive[] nudges = {pushed(machine, -beta / 2), pushed(machine, beta / 2)};
        double[] held = forces(machine, nudges[0]);
        double[] knob = new double[n];
        Arrays.setAll(knob, k -> machine.theta()[k] + epsilon * held[k]);
        double[] theta = machine.theta().clone();
        double[][] state = {machine.settled(theta, machine.free(), TOLERANCE)};
        Rest rest = new JointRelaxation(machine.physics(), Machines.filled(n, 1e-3), Machines.filled(n, 10))
                .settle(knob, Machines.filled(n, epsilon), new Drive[] {nudges[1]}, theta, state, 1e-11);
        assertThat(rest.settled()).as("%s", rest).isTrue();
        double[] gradient = new double[n];
        Arrays.setAll(gradient, k -> -(theta[k] - machine.theta()[k]) / epsilon / beta);
        return Machines.relative(gradient, truth);
    }

    /** A constant force -beta dC/do. */
    private static Drive pushed(Case machine, double beta) {
        double[] free = machine.settled(machine.theta(), machine.free(), TOLERANCE);
        int[] outputs = machine.physics().outputs();
        double[] force = new double[outputs.length];
        Arrays.setAll(force, k -> -beta * (free[outputs[k]] - machine.target()[k]));
        return machine.free().pushed(force);
    }
}
