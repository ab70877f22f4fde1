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
}
