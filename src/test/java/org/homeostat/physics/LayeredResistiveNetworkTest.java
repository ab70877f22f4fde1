package org.homeostat.physics;

import java.util.random.RandomGenerator;
import org.homeostat.contracts.PhysicsContract;

/** The contract for layers of resistors whose hidden nodes have diodes to ground: settled by coordinate descent. */
class LayeredResistiveNetworkTest implements PhysicsContract {

    private final Circuit circuit = Circuit.layered(2, 4, 2);

    @Override
    public Case draw(RandomGenerator random) {
        return new Case(
                circuit.network(),
                circuit.conductances(random, 0.1, 1),
                random.doubles(2, -1, 1).toArray(),
                random.doubles(2, -0.5, 0.5).toArray(),
                0.2);
    }

    @Override
    public double[] allowed(Case drawn, RandomGenerator random) {
        return circuit.allowed(random);
    }

    @Override
    public boolean free(Case drawn, double[] state, int unit) {
        return unit >= 4 || state[unit] != 0;
    }

    @Override
    public double tolerance() {
        return 1e-14;
    }

    @Override
    public double slopeTolerance() {
        return 1e-9;
    }
}
