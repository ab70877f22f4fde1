package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.homeostat.contracts.PhysicsContract.Case;
import org.junit.jupiter.api.Test;

/**
 * Oracle 3: agnostic EP with exact joint relaxation never raises its Lyapunov value L = (F(beta2) - F(beta1)) / (beta2 -
 * beta1), the mean of C over the nudges between beta1 and beta2 (arXiv 2205.15021, theorem on monotone improvement).
 *
 * <p>Which steps count. The theorem asks that the old parameters minimise springs + F(beta1) over the box, and that the new
 * ones minimise springs + F(beta2) over the same box; parameters that reach the end of the box are part of it. The second
 * is what joint relaxation does, and on trial here. The first is a fact about the machine: the knobs make the old
 * parameters a stationary point, and F is concave, so that epsilon must stay below one over the largest curvature, not
 * only here but up to where the parameters go. On the resistive networks half of the curvature measured at the old
 * parameters was always enough, and all steps count, also those that reach the end of the box. On the Hopfield networks a
 * hidden unit that rests at its bound shows no curvature until a parameter has moved far enough to free it; there the
 * largest curvature of several places in the box is taken, and all steps count again. No step is left out anywhere; that
 * the first phase was a minimum is asserted at the only point where the theorem needs it: where the second phase went.
 */
class MonotoneDescentTest {

    /** Into how many panels Simpson's rule divides the nudges to begin with. */
    private static final int PANELS = 4;

    /** Panels are halved until that changes the mean of C over them by less than this. */
    private static final double SIMPSON = 1e-11;

    /** How the nudges of one step lie, in parts of beta. */
    private enum Sides {
        PESSIMISTIC(-1, 0),
        CENTRED(-0.5, 0.5),
        OPTIMISTIC(0, 1);

        private final double first;
        private final double second;

        Sides(double first, double second) {
            this.first = first;
            this.second = second;
        }
    }

    /** A kind of machine, the box of its parameters, and in how many places its curvature is measured. */
    private record Kind(Function<SplittableRandom, Case> draw, double lowest, double highest, int places) {}

    private static final Kind RESISTIVE = new Kind(Machines::resistive, 0.1, 1, 3);
    private static final Kind HOPFIELD = new Kind(Machines::hopfield, -0.3, 0.3, 8);

    @Test
    void pessimisticStepsOfResistiveNetworksNeverRaiseIt() {
        never(RESISTIVE, Sides.PESSIMISTIC, 1000);
    }

    @Test
    void centredStepsOfResistiveNetworksNeverRaiseIt() {
        never(RESISTIVE, Sides.CENTRED, 250);
    }

    @Test
    void optimisticStepsOfResistiveNetworksNeverRaiseIt() {
        never(RESISTIVE, Sides.OPTIMISTIC, 250);
    }

    @Test
    void pessimisticStepsOfHopfieldNetworksNeverRaiseIt() {
        never(HOPFIELD, Sides.PESSIMISTIC, 250);
    }

    @Test
    void centredStepsOfHopfieldNetworksNeverRaiseIt() {
        never(HOPFIELD, Sides.CENTRED, 100);
    }

    @Test
    void optimisticStepsOfHopfieldNetworksNeverRaiseIt() {
        never(HOPFIELD, Sides.OPTIMISTIC, 100);
    }

    private static void never(Kind kind, Sides sides, int steps) {
        SplittableRandom random = new SplittableRandom(sides.ordinal());
        int atTheEnd = 0;
        for (int step = 0; step < steps; step++) {
            Case machine = kind.draw.apply(random);
            double part = random.nextDouble(0.05, 0.5);
            double epsilon = part / curvature(kind, machine, sides.first * machine.strength(), random);
            double[] after = step(kind, sides, machine, epsilon);
            atTheEnd += Arrays.stream(after).anyMatch(theta -> theta == kind.lowest || theta == kind.highest) ? 1 : 0;
            new Judged(machine, sides, after, String.format("step %d, part %.3f", step, part)).fell();
        }
        // Otherwise the guarantee at the end of the box would go untried.
        assertThat(atTheEnd).isGreaterThanOrEqualTo(steps / 100);
    }

    private static double curvature(Kind kind, Case machine, double beta, SplittableRandom random) {
        double largest = 0;
        double[] theta = machine.theta();
        for (int place = 0; place < kind.places; place++) {
            largest = Math.max(largest, Machines.largestCurvature(machine, theta, beta));
            theta = random.doubles(theta.length, kind.lowest, kind.highest).toArray();
        }
        return largest;
    }

    /** Phase 1 sets the knobs at beta1, phase 2 lets state and parameters go to rest together at beta2. */
    private static double[] step(Kind kind, Sides sides, Case machine, double epsilon) {
        int n = machine.theta().length;
        Drive first = machine.nudged(sides.first * machine.strength());
        Drive second = machine.nudged(sides.second * machine.strength());
        double[] force = Machines.forces(machine, machine.theta(), first);
        double[] knob = new double[n];
        Arrays.setAll(knob, k -> machine.theta()[k] + epsilon * force[k]);
        double[] theta = machine.theta().clone();
        Rest rest = new JointRelaxation(
                        machine.physics(), Machines.filled(n, kind.lowest), Machines.filled(n, kind.highest))
                .settle(
                        knob,
                        Machines.filled(n, epsilon),
                        new Drive[] {second},
                        theta,
                        new double[1][machine.physics().states()],
                        1e-13);
        assertThat(rest.settled()).as("%s", rest).isTrue();
        double heldHere = springs(knob, machine.theta(), epsilon)
                + Machines.freeEnergy(machine, machine.theta(), sides.first * machine.strength());
        double heldThere =
                springs(knob, theta, epsilon) + Machines.freeEnergy(machine, theta, sides.first * machine.strength());
        assertThat(heldHere).as("phase 1 is a minimum").isLessThan(heldThere);
        return theta;
    }

    private static double springs(double[] knob, double[] theta, double epsilon) {
        double energy = 0;
        for (int k = 0; k < knob.length; k++) {
            energy += (knob[k] - theta[k]) * (knob[k] - theta[k]) / (2 * epsilon);
        }
        return energy;
    }

    /** A step taken, and what it did to the Lyapunov value. */
    private record Judged(Case machine, Sides sides, double[] after, String name) {

        void fell() {
            double beta = machine.strength();
            double before = mean(machine.theta(), sides.first * beta, sides.second * beta);
            double now = mean(after, sides.first * beta, sides.second * beta);
            assertThat(now).as(name).isLessThan(before);
            // Oracle 2, on the very machines that learned.
            for (double[] theta : new double[][] {machine.theta(), after}) {
                double loss = machine.cost(machine.settled(theta, machine.free(), Machines.TOLERANCE));
                assertThat(mean(theta, 0, beta)).as(name).isLessThan(loss);
                assertThat(mean(theta, -beta, 0)).as(name).isGreaterThan(loss);
            }
        }

        /** The mean of C between two nudges by adaptive Simpson, which must agree with the secant of F. */
        private double mean(double[] theta, double first, double second) {
            double mean = 0;
            for (int panel = 0; panel < PANELS; panel++) {
                double from = first + (second - first) * panel / PANELS;
                double to = first + (second - first) * (panel + 1) / PANELS;
                double[] ends = {cost(theta, from), cost(theta, 0.5 * (from + to)), cost(theta, to)};
                mean += refined(theta, from, to, ends, 40) / PANELS;
            }
            double secant = (Machines.freeEnergy(machine, theta, second) - Machines.freeEnergy(machine, theta, first))
                    / (second - first);
            assertThat(mean).as(name).isCloseTo(secant, within(10 * SIMPSON));
            return mean;
        }

        private double cost(double[] theta, double beta) {
            return machine.cost(machine.settled(theta, machine.nudged(beta), Machines.TOLERANCE));
        }

        /** The mean over an interval whose ends and middle are known; halved until halving changes nothing. */
        private double refined(double[] theta, double from, double to, double[] c, int depth) {
            double middle = 0.5 * (from + to);
            double left = cost(theta, 0.5 * (from + middle));
            double right = cost(theta, 0.5 * (middle + to));
            double whole = (c[0] + 4 * c[1] + c[2]) / 6;
            double halves = (c[0] + 4 * left + 2 * c[1] + 4 * right + c[2]) / 12;
            if (Math.abs(halves - whole) < SIMPSON || depth == 0) {
                return halves;
            }
            return 0.5 * refined(theta, from, middle, new double[] {c[0], left, c[1]}, depth - 1)
                    + 0.5 * refined(theta, middle, to, new double[] {c[1], right, c[2]}, depth - 1);
        }
    }
}
