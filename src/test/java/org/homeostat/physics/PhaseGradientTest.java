package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What machines made of phases owe the algorithms: true forces, a descent that only descends, gradients to their order. */
class PhaseGradientTest {

    private static final Phases[] SOME = Phases.some();

    @Test
    void theForceIsTheSlopeOfTheEnergyAtAnyState() {
        SplittableRandom random = new SplittableRandom(1);
        for (Phases machine : SOME) {
            double[] state = random.doubles(machine.physics().states(), -3, 3).toArray();
            double[] forces = new double[machine.theta().length];
            machine.physics().forces(machine.theta(), machine.free(), state, forces);
            for (int k = 0; k < forces.length; k++) {
                double slope = (machine.physics()
                                        .energy(Machines.moved(machine.theta(), k, 1e-5), machine.free(), state)
                                - machine.physics()
                                        .energy(Machines.moved(machine.theta(), k, -1e-5), machine.free(), state))
                        / 2e-5;
                assertThat(forces[k]).as("%s, force %s", machine.name(), k).isCloseTo(slope, within(1e-9));
            }
        }
    }

    @Test
    void theErrorOfOneSidedSpringsHalvesWithBeta() {
        for (Phases machine : SOME) {
            double[] truth = machine.gradient();
            for (int side : new int[] {1, -1}) {
                double whole = machine.error(truth, 0, side * 2e-3);
                double half = machine.error(truth, 0, side * 1e-3);
                assertThat(whole / half).as("%s, side %s", machine.name(), side).isBetween(1.9, 2.1);
            }
        }
    }

    @Test
    void theErrorOfCentredSpringsQuartersWithBeta() {
        for (Phases machine : SOME) {
            double[] truth = machine.gradient();
            double whole = machine.error(truth, -1e-2, 1e-2);
            double half = machine.error(truth, -5e-3, 5e-3);
            assertThat(whole / half).as("%s: %s", machine.name(), whole).isBetween(3.7, 4.3);
        }
    }

    /** A single sweep is asked for by a tolerance that anything meets. */
    @Test
    void noSweepRaisesTheEnergy() {
        SplittableRandom random = new SplittableRandom(2);
        for (Phases machine : SOME) {
            if (machine.name().contains("frequencies")) {
                continue;
            }
            double[] push = random.doubles(machine.target().length, -2, 2).toArray();
            for (Drive drive : new Drive[] {
                machine.free(),
                machine.free().pushed(push),
                machine.free().coupled(3, machine.target()),
                machine.free().coupled(-3, machine.target())
            }) {
                double[] state =
                        random.doubles(machine.physics().states(), -3, 3).toArray();
                double before = machine.physics().energy(machine.theta(), drive, state);
                double first = before;
                for (int sweep = 0; sweep < 40; sweep++) {
                    assertThat(machine.physics()
                                    .settle(machine.theta(), drive, state, 1e9)
                                    .sweeps())
                            .isEqualTo(1);
                    double after = machine.physics().energy(machine.theta(), drive, state);
                    assertThat(after).as(machine.name()).isLessThanOrEqualTo(before + 1e-12);
                    before = after;
                }
                assertThat(before).isLessThan(first - 1e-3);
            }
        }
    }

    @Test
    void nothingPullsAtRest() {
        for (Phases machine : SOME) {
            for (Drive drive : new Drive[] {
                machine.free(),
                machine.free().coupled(0.2, machine.target()),
                machine.free().coupled(-0.2, machine.target())
            }) {
                double[] rest = machine.settled(machine.theta(), drive);
                for (int i = 0; i < rest.length; i++) {
                    double slope = (machine.physics().energy(machine.theta(), drive, Machines.moved(rest, i, 1e-5))
                                    - machine.physics().energy(machine.theta(), drive, Machines.moved(rest, i, -1e-5)))
                            / 2e-5;
                    assertThat(slope).as("%s, phase %s", machine.name(), i).isCloseTo(0, within(1e-9));
                }
            }
        }
    }

    @Test
    void outputsThatAreHeldShowWhatTheyAreHeldAt() {
        for (Phases machine : SOME) {
            if (machine.name().contains("frequencies")) {
                continue;
            }
            Drive held = machine.free().clamped(machine.target());
            double[] state = machine.settled(machine.theta(), held);
            double[] observed = new double[machine.target().length];
            machine.physics().observe(state, observed);
            assertThat(observed).as(machine.name()).containsExactly(machine.target(), within(1e-12));
            // Of the two phases that show it, the lower one: its mirror image is no better.
            double[] mirrored = state.clone();
            int output = machine.physics().outputs()[0];
            mirrored[output] = machine.name().equals("Ising") ? -state[output] : Math.PI - state[output];
            assertThat(machine.physics().energy(machine.theta(), machine.free(), state))
                    .isLessThanOrEqualTo(machine.physics().energy(machine.theta(), machine.free(), mirrored));
        }
    }

    @Test
    void numbersThatAreNoneAreNoRest() {
        for (Phases machine : SOME) {
            double[] broken = machine.theta().clone();
            Arrays.fill(broken, Double.NaN);
            Rest rest = machine.physics()
                    .settle(broken, machine.free(), machine.rest().clone(), 1e-6);
            assertThat(rest.settled()).as(machine.name()).isFalse();
        }
    }

    /**
     * Agnostic EP: held at the free rest by its knobs, then let go under a nudge, a parameter moves by -epsilon times the
     * difference of the forces, up to an error that falls as epsilon.
     */
    @Test
    void theErrorOfTrueMotionHalvesWithSoftness() {
        for (Phases machine : SOME) {
            if (machine.name().contains("frequencies")) {
                continue;
            }
            double whole = motionError(machine, 2e-4);
            double half = motionError(machine, 1e-4);
            assertThat(whole / half).as("%s: %s", machine.name(), whole).isBetween(1.9, 2.1);
        }
    }

    private static double motionError(Phases machine, double epsilon) {
        double[] theta = machine.theta();
        double beta = 0.1;
        Drive nudged = machine.free().coupled(beta, machine.target());
        double[] first = machine.forces(machine.free());
        double[] second = machine.forces(nudged);
        double[] knob = new double[theta.length];
        Arrays.setAll(knob, k -> theta[k] + epsilon * first[k]);
        double[] softness = Machines.filled(theta.length, epsilon);
        JointRelaxation joint = new JointRelaxation(
                machine.physics(), Machines.filled(theta.length, -100), Machines.filled(theta.length, 100));
        double[] moved = theta.clone();
        double[][] state = {machine.rest().clone()};
        assertThat(joint.settle(knob, softness, new Drive[] {nudged}, moved, state, 1e-12)
                        .settled())
                .isTrue();
        double[] asMoved = new double[theta.length];
        double[] asForced = new double[theta.length];
        Arrays.setAll(asMoved, k -> (theta[k] - moved[k]) / epsilon / beta);
        Arrays.setAll(asForced, k -> (second[k] - first[k]) / beta);
        return Machines.relative(asMoved, asForced);
    }
}
