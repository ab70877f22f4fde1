package org.homeostat.physics;

import java.util.random.RandomGenerator;
import org.homeostat.contracts.PhysicsContract;

/** The contract for flow networks on random graphs. */
class FlowNetworkContractTest implements PhysicsContract {

    private static final int NODES = 9;

    @Override
    public Case draw(RandomGenerator random) {
        FlowNetwork.Builder built = new FlowNetwork.Builder(NODES);
        for (int node = 1; node < NODES; node++) {
            built.pipe(random.nextInt(node), node);
        }
        for (int more = 0; more < 8; more++) {
            int a = random.nextInt(NODES);
            built.pipe(a, (a + 1 + random.nextInt(NODES - 1)) % NODES);
        }
        built.input(0).input(1).ground(2).output(NODES - 1).output(NODES - 2);
        FlowNetwork network = built.build();
        return new Case(
                network,
                random.doubles(network.parameters(), 0.5, 1.5).toArray(),
                random.doubles(2, -1, 1).toArray(),
                random.doubles(2, -1, 1).toArray(),
                0.04);
    }

    @Override
    public double[] allowed(Case drawn, RandomGenerator random) {
        return random.doubles(drawn.physics().states(), -2, 2).toArray();
    }

    @Override
    public boolean free(Case drawn, double[] state, int unit) {
        return true;
    }

    @Override
    public double tolerance() {
        return 1e-14;
    }

    @Override
    public double slopeTolerance() {
        return 1e-8;
    }
}
