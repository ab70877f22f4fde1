package org.homeostat.physics;

import java.util.random.RandomGenerator;
import org.homeostat.contracts.PhysicsContract;

/** The contract for Hopfield networks. Their weights are small enough for the energy to have one minimum. */
interface HopfieldContract extends PhysicsContract {

    HopfieldNetwork network();

    @Override
    default Case draw(RandomGenerator random) {
        HopfieldNetwork network = network();
        return new Case(
                network,
                random.doubles(network.parameters(), -0.4, 0.4).toArray(),
                random.doubles(network.inputs(), -2, 2).toArray(),
                random.doubles(network.outputs().length, -1, 1).toArray(),
                0.3);
    }

    @Override
    default double[] allowed(Case drawn, RandomGenerator random) {
        double[] state = random.doubles(network().states(), -1, 1).toArray();
        for (int unit = 0; unit < network().outputs()[0]; unit++) {
            state[unit] = Math.abs(state[unit]);
        }
        return state;
    }

    @Override
    default boolean free(Case drawn, double[] state, int unit) {
        return unit >= network().outputs()[0] || state[unit] > 0 && state[unit] < 1;
    }

    @Override
    default double tolerance() {
        return 1e-15;
    }

    @Override
    default double slopeTolerance() {
        return 1e-9;
    }
}
