package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.homeostat.contracts.PhysicsContract.Case;
import org.junit.jupiter.api.Test;

/** Oracle 5: the gradient of equilibrium propagation against central differences of the loss C(s(theta, 0)). */
class EqPropGradientTest {

    private static final int MACHINES = 8;

    /** Half of them resistive, half Hopfield; in none does a unit reach or leave a bound within what is tried here. */
    private static final List<Case> QUIET = quiet();

    private static List<Case> quiet() {
        SplittableRandom random = new SplittableRandom(1);
        List<Case> quiet = new ArrayList<>();
        while (quiet.size() < MACHINES) {
            Case machine = quiet.size() % 2 == 0 ? Machines.resistive(random) : Machines.hopfield(random);
            if (nothingSwitches(machine)) {
                quiet.add(machine);
            }
        }
        return quiet;
    }

    private static boolean nothingSwitches(Case machine) {
        String before = atBounds(machine, machine.theta(), machine.free());
        boolean same = true;
        for (double beta : new double[] {machine.strength(), -machine.strength()}) {
            same &= atBounds(machine, machine.theta(), machine.nudged(beta)).equals(before);
            same &= atBounds(machine, machine.theta(), pushed(machine, beta)).equals(before);
        }
        for (int k = 0; k < machine.theta().length && same; k++) {
            for (double step : new double[] {2 * Machines.STEP, -2 * Machines.STEP}) {
                same &= atBounds(machine, Machines.moved(machine.theta(), k, step), machine.free())
                        .equals(before);
            }
        }
        return same;
    }

    /** Which units are at a bound, which is at 0 or 1 exactly. */
    private static String atBounds(Case machine, double[] theta, Drive drive) {
        return Arrays.stream(machine.settled(theta, drive, Machines.TOLERANCE))
                .mapToObj(unit -> unit == 0 || unit == 1 ? "|" : ".")
                .collect(Collectors.joining());
    }

    /** A constant force -beta dC/do, the gradient of the cost taken at the free outputs. */
    private static Drive pushed(Case machine, double beta) {
        double[] free = machine.settled(machine.theta(), machine.free(), Machines.TOLERANCE);
        int[] outputs = machine.physics().outputs();
        double[] force = new double[outputs.length];
        Arrays.setAll(force, k -> -beta * (free[outputs[k]] - machine.target()[k]));
        return machine.free().pushed(force);
    }

    private static double[] difference(Case machine, Drive first, Drive second, double beta) {
        double[] one = Machines.forces(machine, machine.theta(), first);
        double[] two = Machines.forces(machine, machine.theta(), second);
        double[] gradient = new double[one.length];
        Arrays.setAll(gradient, k -> (two[k] - one[k]) / beta);
        return gradient;
    }

    private static double errorBySprings(Case machine, double[] truth, double first, double second) {
        return Machines.relative(
                difference(machine, machine.nudged(first), machine.nudged(second), second - first), truth);
    }

    @Test
    void theErrorOfOneSidedSpringsHalvesWithBeta() {
        for (Case machine : QUIET) {
            double[] truth = Machines.gradient(machine);
            double beta = machine.strength() / 100;
            for (int side : new int[] {1, -1}) {
                double whole = errorBySprings(machine, truth, Math.min(0, side * beta), Math.max(0, side * beta));
                double half =
                        errorBySprings(machine, truth, Math.min(0, side * beta / 2), Math.max(0, side * beta / 2));
                assertThat(whole / half).as("side %s", side).isBetween(1.97, 2.03);
            }
        }
    }

    @Test
    void theErrorOfCentredSpringsQuartersWithBeta() {
        for (Case machine : QUIET) {
            double[] truth = Machines.gradient(machine);
            double beta = machine.strength() / 5;
            double whole = errorBySprings(machine, truth, -beta / 2, beta / 2);
            double half = errorBySprings(machine, truth, -beta / 4, beta / 4);
            assertThat(whole / half).isBetween(3.9, 4.1);
        }
    }

    /** Section 2.1: states are linear in a constant force until a diode switches, and forces are quadratic in states. */
    @Test
    void centredConstantForcesAreExactWhileNothingSwitches() {
        for (Case machine : QUIET) {
            double[] truth = Machines.gradient(machine);
            for (double part : new double[] {0.01, 0.1, 1}) {
                double beta = part * machine.strength();
                double[] gradient = difference(machine, pushed(machine, -beta / 2), pushed(machine, beta / 2), beta);
                assertThat(Machines.relative(gradient, truth))
                        .as("beta %s", beta)
                        .isLessThan(1e-8);
            }
        }
    }

    @Test
    void oneSidedConstantForcesAreNot() {
        for (Case machine : QUIET) {
            double beta = machine.strength();
            double[] gradient = difference(machine, machine.free(), pushed(machine, beta), beta);
            assertThat(Machines.relative(gradient, Machines.gradient(machine))).isGreaterThan(1e-3);
        }
    }
}
