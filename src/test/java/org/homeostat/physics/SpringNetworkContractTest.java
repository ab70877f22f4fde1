package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.homeostat.contracts.PhysicsContract;
import org.junit.jupiter.api.Test;

/** The contract for small stretched lattices in the plane, near enough to their laid-out place that one bowl holds them. */
class SpringNetworkContractTest implements PhysicsContract {

    @Override
    public Case draw(RandomGenerator random) {
        return Springs.lattice(random);
    }

    @Override
    public double[] allowed(Case drawn, RandomGenerator random) {
        return random.doubles(drawn.physics().states(), -0.1, 0.1).toArray();
    }

    @Override
    public boolean free(Case drawn, double[] state, int unit) {
        return true;
    }

    @Override
    public double tolerance() {
        return 1e-13;
    }

    @Override
    public double slopeTolerance() {
        return 1e-8;
    }

    /** The energy is not quadratic in each coordinate, so that the force left is measured by a small central difference. */
    @Override
    @Test
    public void theResidualIsHonoured() {
        SplittableRandom random = new SplittableRandom(20260101);
        for (int i = 0; i < CASES; i++) {
            Case drawn = draw(random.split());
            for (double asked : new double[] {1e-3, 1e-6, 1e-9}) {
                double[] state = new double[drawn.physics().states()];
                Rest rest = drawn.physics().settle(drawn.theta(), drawn.free(), state, asked);
                assertThat(rest.settled()).isTrue();
                assertThat(rest.residual()).isBetween(0.0, asked);
                double attached = Arrays.stream(drawn.theta())
                        .limit(((SpringNetwork) drawn.physics()).stiffnesses())
                        .sum();
                for (int unit = 0; unit < state.length; unit++) {
                    assertThat(Math.abs(slope(drawn, state, unit))).isLessThanOrEqualTo(asked * attached + 1e-9);
                }
            }
        }
    }

    private static double slope(Case drawn, double[] state, int unit) {
        double h = 1e-5;
        double[] moved = state.clone();
        moved[unit] = state[unit] + h;
        double up = drawn.physics().energy(drawn.theta(), drawn.free(), moved);
        moved[unit] = state[unit] - h;
        double down = drawn.physics().energy(drawn.theta(), drawn.free(), moved);
        return (up - down) / (2 * h);
    }
}
