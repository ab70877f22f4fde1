package org.homeostat.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ObjDoubleConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import org.homeostat.physics.Drive;
import org.homeostat.physics.Physics;
import org.homeostat.physics.Rest;
import org.junit.jupiter.api.Test;

/**
 * What every physics owes the algorithms. Write F(theta, beta) for the least of E + beta C over the states, s(beta) for
 * the state where it is reached, and C = |o - y|^2 / 2 for the cost that a spring of strength beta adds. All numbers are of
 * the order of one; states settle as closely as {@link #tolerance()} says.
 */
public interface PhysicsContract {

    /** How many random machines each promise is tried on. */
    int CASES = 12;

    /**
     * A machine with random parameters, put to a random question.
     *
     * @param strength a spring that it bears in both directions: with {@code -strength} its energy still has a minimum
     */
    record Case(Physics physics, double[] theta, double[] input, double[] target, double strength) {

        /** The question without a nudge. */
        public Drive free() {
            return Drive.free(input, target.length);
        }

        /** The question with a spring to the target. */
        public Drive nudged(double beta) {
            return free().coupled(beta, target);
        }

        /** The state at rest. */
        public double[] settled(double[] parameters, Drive drive, double tolerance) {
            double[] state = new double[physics.states()];
            Rest rest = physics.settle(parameters, drive, state, tolerance);
            assertThat(rest.settled()).as("settled: %s", rest).isTrue();
            return state;
        }

        /** The cost |o - y|^2 / 2 of a state. */
        public double cost(double[] state) {
            int[] outputs = physics.outputs();
            double cost = 0;
            for (int k = 0; k < outputs.length; k++) {
                cost += 0.5 * (state[outputs[k]] - target[k]) * (state[outputs[k]] - target[k]);
            }
            return cost;
        }

        /** The free energy F. */
        public double freeEnergy(double[] parameters, Drive drive, double tolerance) {
            return physics.energy(parameters, drive, settled(parameters, drive, tolerance));
        }
    }

    /** A random machine and question. */
    Case draw(RandomGenerator random);

    /** A random state that the machine of a case may take; the set of these must be convex and hold the zero state. */
    double[] allowed(Case drawn, RandomGenerator random);

    /** How closely states settle here. */
    double tolerance();

    /** How closely a central difference of the energy meets a force, absolutely. */
    double slopeTolerance();

    /** Runs a check on random cases, with a random number of its own for each. */
    private void forEachCase(ObjDoubleConsumer<Case> check) {
        SplittableRandom random = new SplittableRandom(20260101);
        for (int i = 0; i < CASES; i++) {
            check.accept(draw(random.split()), random.nextDouble());
        }
    }

    private static double slope(DoubleUnaryOperator f, double at, double step) {
        return (f.applyAsDouble(at + step) - f.applyAsDouble(at - step)) / (2 * step);
    }

    private static double[] with(double[] values, int index, double value) {
        double[] changed = values.clone();
        changed[index] = value;
        return changed;
    }

    /** Oracle 1, first half: dF/dtheta_k = dE/dtheta_k at the settled state. */
    @Test
    default void theForceOnAParameterIsTheSlopeOfTheFreeEnergy() {
        forEachCase((drawn, random) -> {
            for (double beta : new double[] {0, drawn.strength, -drawn.strength}) {
                Drive drive = drawn.nudged(beta);
                double[] force = new double[drawn.theta.length];
                drawn.physics.forces(drawn.theta, drive, drawn.settled(drawn.theta, drive, tolerance()), force);
                for (int k = 0; k < force.length; k++) {
                    int moved = k;
                    double slope = slope(
                            theta -> drawn.freeEnergy(with(drawn.theta, moved, theta), drive, tolerance()),
                            drawn.theta[k],
                            1e-5);
                    assertThat(force[k]).as("force %s at beta %s", k, beta).isCloseTo(slope, within(slopeTolerance()));
                }
            }
        });
    }

    /** Oracle 1, second half: dF/dbeta = C at the settled state. */
    @Test
    default void theCostIsTheSlopeOfTheFreeEnergyOverTheNudge() {
        forEachCase((drawn, random) -> {
            double beta = (2 * random - 1) * drawn.strength;
            double cost = drawn.cost(drawn.settled(drawn.theta, drawn.nudged(beta), tolerance()));
            double slope = slope(b -> drawn.freeEnergy(drawn.theta, drawn.nudged(b), tolerance()), beta, 1e-5);
            assertThat(cost).isCloseTo(slope, within(slopeTolerance()));
        });
    }

    /** The same for a constant force: it adds -force * o, so dF/dforce = -o. */
    @Test
    default void theOutputIsTheSlopeOfTheFreeEnergyOverAConstantForce() {
        forEachCase((drawn, random) -> {
            double[] push = new double[drawn.target.length];
            Arrays.fill(push, 0.1 * (random - 0.5));
            double[] state = drawn.settled(drawn.theta, drawn.free().pushed(push), tolerance());
            for (int k = 0; k < push.length; k++) {
                int pushed = k;
                double slope = slope(
                        force -> drawn.freeEnergy(
                                drawn.theta, drawn.free().pushed(with(push, pushed, force)), tolerance()),
                        push[k],
                        1e-5);
                assertThat(-state[drawn.physics.outputs()[k]]).isCloseTo(slope, within(slopeTolerance()));
            }
        });
    }

    /** Oracle 2: pulling harder never costs more. */
    @Test
    default void theCostNeverRisesWithTheNudge() {
        forEachCase((drawn, random) -> {
            double before = Double.POSITIVE_INFINITY;
            for (double part = -1; part <= 1; part += 0.125) {
                double cost = drawn.cost(drawn.settled(drawn.theta, drawn.nudged(part * drawn.strength), tolerance()));
                assertThat(cost).isLessThanOrEqualTo(before + 1e-11);
                before = cost;
            }
        });
    }

    /**
     * Oracle 2: with L over [b1, b2] the secant (F(b2) - F(b1)) / (b2 - b1), L over [0, beta] is at most the loss and L over
     * [-beta, 0] at least. Both gaps must be there: a machine that ignores its nudge would pass with equality.
     */
    @Test
    default void theLossLiesBetweenTheOptimisticAndThePessimisticValue() {
        forEachCase((drawn, random) -> {
            double beta = (0.2 + 0.8 * random) * drawn.strength;
            double free = drawn.freeEnergy(drawn.theta, drawn.free(), tolerance());
            double loss = drawn.cost(drawn.settled(drawn.theta, drawn.free(), tolerance()));
            double optimistic = (drawn.freeEnergy(drawn.theta, drawn.nudged(beta), tolerance()) - free) / beta;
            double pessimistic = (free - drawn.freeEnergy(drawn.theta, drawn.nudged(-beta), tolerance())) / beta;
            assertThat(optimistic).isLessThan(loss);
            assertThat(pessimistic).isGreaterThan(loss);
        });
    }

    /** Settling ends at an energy no higher than that of any state it may start from. */
    @Test
    default void settlingNeverRaisesTheEnergy() {
        forEachCase((drawn, random) -> {
            SplittableRandom starts = new SplittableRandom((long) (1e9 * random));
            double least = Double.POSITIVE_INFINITY;
            for (double beta : new double[] {0, -drawn.strength}) {
                Drive drive = drawn.nudged(beta);
                for (int i = 0; i < 5; i++) {
                    double[] state = allowed(drawn, starts);
                    double before = drawn.physics.energy(drawn.theta, drive, state);
                    drawn.physics.settle(drawn.theta, drive, state, tolerance());
                    assertThat(drawn.physics.energy(drawn.theta, drive, state)).isLessThan(before);
                    least = Math.min(least, before);
                }
            }
            assertThat(least).isFinite();
        });
    }

    /** The starting point is forgotten: the minimum is one. */
    @Test
    default void itSettlesToTheSameStateFromAnywhere() {
        forEachCase((drawn, random) -> {
            double[] settled = drawn.settled(drawn.theta, drawn.nudged(drawn.strength), tolerance());
            double[] state = allowed(drawn, new SplittableRandom((long) (1e9 * random)));
            drawn.physics.settle(drawn.theta, drawn.nudged(drawn.strength), state, tolerance());
            assertThat(state).containsExactly(settled, within(1e-9));
        });
    }

    @Test
    default void aSettledStateStaysWhereItIs() {
        forEachCase((drawn, random) -> {
            double[] settled = drawn.settled(drawn.theta, drawn.nudged(drawn.strength), tolerance());
            double[] again = settled.clone();
            Rest rest = drawn.physics.settle(drawn.theta, drawn.nudged(drawn.strength), again, tolerance());
            assertThat(rest.settled()).isTrue();
            assertThat(again).containsExactly(settled, within(1e-11));
        });
    }

    /** No allowed step away from rest lowers the energy, however small. */
    @Test
    default void noStepAwayFromRestLowersTheEnergy() {
        forEachCase((drawn, random) -> {
            SplittableRandom away = new SplittableRandom((long) (1e9 * random));
            for (double beta : new double[] {0, drawn.strength, -drawn.strength}) {
                Drive drive = drawn.nudged(beta);
                double[] rest = drawn.settled(drawn.theta, drive, tolerance());
                double energy = drawn.physics.energy(drawn.theta, drive, rest);
                for (double size : new double[] {1, 0.1, 1e-3, 1e-5}) {
                    double[] towards = allowed(drawn, away);
                    double[] moved = new double[rest.length];
                    Arrays.setAll(moved, i -> rest[i] + size * (towards[i] - rest[i]));
                    assertThat(drawn.physics.energy(drawn.theta, drive, moved)).isGreaterThanOrEqualTo(energy - 1e-13);
                }
            }
        });
    }

    /**
     * What is certified is true: where a unit is free to move, the move that would still lower the energy is within the
     * tolerance. The energy is quadratic in each unit, so that differences give slope and curvature exactly.
     */
    @Test
    default void theResidualIsHonoured() {
        forEachCase((drawn, random) -> {
            for (double asked : new double[] {1e-3, 1e-6, 1e-9}) {
                double[] state = new double[drawn.physics.states()];
                Rest rest = drawn.physics.settle(drawn.theta, drawn.free(), state, asked);
                assertThat(rest.settled()).isTrue();
                assertThat(rest.residual()).isBetween(0.0, asked);
                assertThat(rest.sweeps()).isPositive();
                double scale = 1 + DoubleStream.of(state).map(Math::abs).max().orElse(0);
                for (double left : movesLeft(drawn, state)) {
                    assertThat(Math.abs(left)).isLessThanOrEqualTo(asked * scale + 1e-11);
                }
            }
        });
    }

    private double[] movesLeft(Case drawn, double[] state) {
        double h = 1e-2;
        double energy = drawn.physics.energy(drawn.theta, drawn.free(), state);
        double[] left = new double[state.length];
        for (int i = 0; i < state.length; i++) {
            double up = drawn.physics.energy(drawn.theta, drawn.free(), with(state, i, state[i] + h)) - energy;
            double down = drawn.physics.energy(drawn.theta, drawn.free(), with(state, i, state[i] - h)) - energy;
            double move = h * (down - up) / (2 * (up + down));
            left[i] = free(drawn, state, i) ? move : 0;
        }
        return left;
    }

    /** True if no bound or diode keeps a unit of this state from moving either way by itself. */
    boolean free(Case drawn, double[] state, int unit);

    @Test
    default void aLooserToleranceTakesNoMoreSweeps() {
        forEachCase((drawn, random) -> {
            int before = 0;
            for (double asked : new double[] {1e-2, 1e-5, 1e-8, 1e-11}) {
                Rest rest = drawn.physics.settle(drawn.theta, drawn.free(), new double[drawn.physics.states()], asked);
                assertThat(rest.sweeps()).isGreaterThanOrEqualTo(before);
                before = rest.sweeps();
            }
        });
    }

    @Test
    default void aNegativeSpringTooStrongForTheOutputsIsRefusedWithNothingMoved() {
        forEachCase((drawn, random) -> {
            double[] state = allowed(drawn, new SplittableRandom((long) (1e9 * random)));
            double[] before = state.clone();
            double[] theta = drawn.theta.clone();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> drawn.physics.settle(drawn.theta, drawn.nudged(-1000), state, tolerance()))
                    .withMessageContaining("nudge");
            assertThat(state).containsExactly(before);
            assertThat(drawn.theta).containsExactly(theta);
        });
    }

    @Test
    default void everyParameterGetsAForceAndNothingElseIsTouched() {
        forEachCase((drawn, random) -> {
            double[] state = allowed(drawn, new SplittableRandom((long) (1e9 * random)));
            double[] before = state.clone();
            double[] force = new double[drawn.physics.parameters()];
            Arrays.fill(force, Double.NaN);
            drawn.physics.forces(drawn.theta, drawn.free(), state, force);
            assertThat(force).hasSize(drawn.theta.length).doesNotContain(Double.NaN);
            assertThat(state).containsExactly(before);
        });
    }

    @Test
    default void outputsAreSomeOfTheState() {
        forEachCase((drawn, random) -> {
            assertThat(drawn.physics.outputs()).hasSize(drawn.target.length).doesNotHaveDuplicates();
            assertThat(Arrays.stream(drawn.physics.outputs())).allMatch(i -> i >= 0 && i < drawn.physics.states());
            drawn.physics.outputs()[0] = -1;
            assertThat(drawn.physics.outputs()[0]).isNotNegative();
            assertThat(drawn.physics.inputs()).isEqualTo(drawn.input.length);
        });
    }
}
