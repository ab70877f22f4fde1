package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleBiFunction;
import org.homeostat.contracts.PhysicsContract.Case;
import org.homeostat.physics.QuantumOscillators.Spring;
import org.homeostat.physics.TransverseIsing.Axis;
import org.homeostat.physics.TransverseIsing.Site;
import org.junit.jupiter.api.Test;

/** Quantum EP against central differences of the cost: one-sided it errs as beta, centred as beta squared. */
class QuantumGradientTest {

    /** A machine and the cost that its springs add, which for particles has the variance in it. */
    private record Learning(Case machine, ToDoubleBiFunction<Case, double[]> cost) {

        double costAt(double[] theta) {
            return cost.applyAsDouble(machine, machine.settled(theta, machine.free(), Machines.TOLERANCE));
        }

        double[] truth() {
            double h = Machines.STEP;
            double[] theta = machine.theta();
            double[] gradient = new double[theta.length];
            for (int k = 0; k < gradient.length; k++) {
                gradient[k] = (8 * (at(k, h) - at(k, -h)) - (at(k, 2 * h) - at(k, -2 * h))) / (12 * h);
            }
            return gradient;
        }

        private double at(int k, double step) {
            return costAt(Machines.moved(machine.theta(), k, step));
        }

        double error(double[] truth, Drive first, Drive second, double beta) {
            double[] one = Machines.forces(machine, machine.theta(), first);
            double[] two = Machines.forces(machine, machine.theta(), second);
            double[] gradient = new double[one.length];
            Arrays.setAll(gradient, k -> (two[k] - one[k]) / beta);
            return Machines.relative(gradient, truth);
        }

        double bySprings(double[] truth, double first, double second) {
            return error(truth, machine.nudged(first), machine.nudged(second), second - first);
        }
    }

    /** Six qubits in a transverse field of 1. */
    static Case qubits(SplittableRandom random) {
        TransverseIsing net = TransverseIsingTest.net(6, 2);
        return new Case(
                net,
                random.doubles(net.parameters(), -0.5, 0.5).toArray(),
                random.doubles(2, -1, 1).toArray(),
                random.doubles(1, -0.8, 0.8).toArray(),
                0.3);
    }

    /** Six particles of different masses. */
    static Case particles(SplittableRandom random, double hbar, Spring spring) {
        QuantumOscillators net =
                new QuantumOscillators(2, 1, random.doubles(6, 0.5, 2).toArray(), 0.5, hbar, spring);
        double[] theta = random.doubles(net.parameters(), 0.2, 1).toArray();
        for (int l = net.springs(); l < theta.length; l++) {
            theta[l] = random.nextDouble(-1, 1);
        }
        return new Case(
                net,
                theta,
                random.doubles(2, -1, 1).toArray(),
                random.doubles(1, -1, 1).toArray(),
                0.3);
    }

    private static double springEnergy(Case machine, double[] state) {
        return machine.physics().energy(machine.theta(), machine.nudged(1), state)
                - machine.physics().energy(machine.theta(), machine.free(), state);
    }

    private static List<Learning> machines() {
        SplittableRandom random = new SplittableRandom(7);
        List<Learning> list = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            list.add(new Learning(qubits(random), Case::cost));
            for (Spring spring : Spring.values()) {
                list.add(new Learning(particles(random, 1, spring), QuantumGradientTest::springEnergy));
            }
        }
        return list;
    }

    @Test
    void theErrorOfOneSidedSpringsHalvesWithBeta() {
        for (Learning learning : machines()) {
            double[] truth = learning.truth();
            for (int side : new int[] {1, -1}) {
                double whole = learning.bySprings(truth, Math.min(0, side * 0.004), Math.max(0, side * 0.004));
                double half = learning.bySprings(truth, Math.min(0, side * 0.002), Math.max(0, side * 0.002));
                assertThat(whole / half).as("side %s", side).isBetween(1.97, 2.03);
            }
        }
    }

    @Test
    void theErrorOfCentredSpringsQuartersWithBeta() {
        for (Learning learning : machines()) {
            double[] truth = learning.truth();
            double whole = learning.bySprings(truth, -0.05, 0.05);
            double half = learning.bySprings(truth, -0.025, 0.025);
            assertThat(whole / half).isBetween(3.9, 4.1);
        }
    }

    /** A constant force is the nudge of the mean: of qubits too its centred error falls as beta squared. */
    @Test
    void theErrorOfCentredForcesOnQubitsQuartersWithBeta() {
        SplittableRandom random = new SplittableRandom(11);
        for (int i = 0; i < 3; i++) {
            Learning learning = new Learning(qubits(random), Case::cost);
            Case machine = learning.machine;
            double[] truth = learning.truth();
            double free = machine.settled(machine.theta(), machine.free(), Machines.TOLERANCE)[
                    machine.physics().outputs()[0]];
            double away = machine.target()[0] - free;
            double[] error = new double[2];
            for (int k = 0; k < 2; k++) {
                double beta = 0.1 / (1 + k);
                error[k] = learning.error(
                        truth,
                        machine.free().pushed(new double[] {-beta / 2 * away}),
                        machine.free().pushed(new double[] {beta / 2 * away}),
                        beta);
            }
            assertThat(error[0]).isLessThan(0.01);
            assertThat(error[0] / error[1]).isBetween(3.9, 4.1);
        }
    }

    /**
     * Agnostic EP with the parameters moved by the physics alone: how far they go from where the first nudge held them, divided
     * by epsilon beta, misses the gradient by an error of the order of epsilon (the springs' softness, not the nudge, decides).
     */
    @Test
    void whatMovesByItselfMissesTheGradientInProportionToTheSoftness() {
        SplittableRandom random = new SplittableRandom(13);
        for (int i = 0; i < 4; i++) {
            Learning learning = new Learning(
                    i % 2 == 0 ? qubits(random) : particles(random, 1, Spring.ON_THE_PARTICLE),
                    QuantumGradientTest::springEnergy);
            double[] truth = learning.truth();
            double[] error = new double[3];
            for (int k = 0; k < 3; k++) {
                error[k] = missOfMotion(learning.machine, truth, 0.04 / (1 << k), 0.02);
            }
            assertThat(error[0] / error[1]).as("%s", error).isBetween(1.8, 2.2);
            assertThat(error[1] / error[2]).as("%s", error).isBetween(1.9, 2.1);
        }
    }

    /** Without fields all forces are 0 to rounding, and so is what the springs are stretched by. */
    @Test
    void parametersWithoutForceOnThemComeToRest() {
        TransverseIsing net = TransverseIsingTest.net(4, 2);
        int n = net.parameters();
        double[] theta = new double[n];
        Rest rest = new JointRelaxation(net, Machines.filled(n, -4), Machines.filled(n, 4))
                .settle(
                        new double[n],
                        Machines.filled(n, 0.2),
                        new Drive[] {Drive.free(new double[2], 1)},
                        theta,
                        new double[1][net.states()],
                        1e-12);
        assertThat(rest.settled()).as("%s", rest).isTrue();
        assertThat(rest.sweeps()).isLessThan(10);
    }

    /** What keeps the state from rest is told as the state tells it. */
    @Test
    void aGapTooSmallIsToldWhereParametersMoveToo() {
        TransverseIsing magnet = new TransverseIsing(3, List.of(), List.of(new Site(Axis.Z, 2)), 0.0);
        double[] knob = {1, 1, 1, 0, 0, 0};
        Rest rest = new JointRelaxation(magnet, Machines.filled(6, -4), Machines.filled(6, 4))
                .settle(
                        knob,
                        Machines.filled(6, 0),
                        new Drive[] {Drive.free(new double[0], 1)},
                        knob.clone(),
                        new double[1][magnet.states()],
                        1e-12);
        assertThat(rest.settled()).isFalse();
        assertThat(rest.remark()).contains("gap");
    }

    private static double missOfMotion(Case machine, double[] truth, double epsilon, double beta) {
        int n = machine.theta().length;
        double[] force = Machines.forces(machine, machine.theta(), machine.nudged(-beta / 2));
        double[] knob = new double[n];
        Arrays.setAll(knob, k -> machine.theta()[k] + epsilon * force[k]);
        double[] theta = machine.theta().clone();
        Rest rest = new JointRelaxation(machine.physics(), Machines.filled(n, -100), Machines.filled(n, 100))
                .settle(
                        knob,
                        Machines.filled(n, epsilon),
                        new Drive[] {machine.nudged(beta / 2)},
                        theta,
                        new double[1][machine.physics().states()],
                        1e-11);
        assertThat(rest.settled()).as("%s", rest).isTrue();
        double[] gradient = new double[n];
        Arrays.setAll(gradient, k -> (machine.theta()[k] - theta[k]) / (epsilon * beta));
        return Machines.relative(gradient, truth);
    }

    /** The bar of the particles, in both meanings of centred: a gap of beta here, of twice beta elsewhere. */
    @Test
    void centredGradientsOfParticlesAreRightToATenthOfAPercent() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 10; i++) {
            Learning learning =
                    new Learning(particles(random, 1, Spring.values()[i % 2]), QuantumGradientTest::springEnergy);
            double[] truth = learning.truth();
            assertThat(learning.bySprings(truth, -0.015, 0.015)).isLessThan(1e-3);
            assertThat(learning.bySprings(truth, -0.03, 0.03)).isLessThan(1e-3);
        }
    }
}
