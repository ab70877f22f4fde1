package org.homeostat.physics;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.homeostat.contracts.PhysicsContract;

/** The contract for meshes with diodes between free nodes: settled through the dual. */
class MeshedResistiveNetworkTest implements PhysicsContract {

    private final Circuit circuit = Circuit.meshed(new SplittableRandom(7));

    @Override
    public Case draw(RandomGenerator random) {
        return new Case(
                circuit.network(),
                circuit.conductances(random, 0.1, 1),
                random.doubles(2, -1, 1).toArray(),
                random.doubles(2, -0.5, 0.5).toArray(),
                0.05);
    }

    @Override
    public double[] allowed(Case drawn, RandomGenerator random) {
        return circuit.allowed(random);
    }

    @Override
    public boolean free(Case drawn, double[] state, int unit) {
        return circuit.free(state, unit);
    }

    @Override
    public double tolerance() {
        return 1e-13;
    }

    @Override
    public double slopeTolerance() {
        return 1e-9;
    }
}
