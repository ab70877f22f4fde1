package org.homeostat.physics;

import java.util.List;
import java.util.random.RandomGenerator;
import org.homeostat.contracts.PhysicsContract;
import org.homeostat.physics.TransverseIsing.Axis;
import org.homeostat.physics.TransverseIsing.Site;

/** The contract for three qubits with fields of both kinds; their states are the means of density matrices. */
class TransverseIsingContractTest implements PhysicsContract {

    private static final TransverseIsing QUBITS = new TransverseIsing(
            3,
            List.of(new Site(Axis.Z, 0), new Site(Axis.X, 1)),
            List.of(new Site(Axis.Z, 2), new Site(Axis.X, 0)),
            null);

    @Override
    public Case draw(RandomGenerator random) {
        double[] theta = random.doubles(QUBITS.parameters(), -1, 1).toArray();
        for (int g = QUBITS.parameters() - 3; g < theta.length; g++) {
            theta[g] = 0.5 + Math.abs(theta[g]);
        }
        return new Case(
                QUBITS,
                theta,
                random.doubles(2, -1, 1).toArray(),
                random.doubles(2, -0.9, 0.9).toArray(),
                0.3);
    }

    /** An even mixture of two random pure states. The gap says nothing here. */
    @Override
    public double[] allowed(Case drawn, RandomGenerator random) {
        double[] mixed = new double[QUBITS.states()];
        for (int state = 0; state < 2; state++) {
            double[] re = random.doubles(8, -1, 1).toArray();
            double[] im = random.doubles(8, -1, 1).toArray();
            double length = Math.sqrt(GroundState.dot(re, re) + GroundState.dot(im, im));
            for (int s = 0; s < 8; s++) {
                re[s] /= length;
                im[s] /= length;
            }
            double[] means = new double[QUBITS.states()];
            QUBITS.means(re, im, means);
            for (int k = 0; k < means.length; k++) {
                mixed[k] += means[k] / 2;
            }
        }
        return mixed;
    }

    /** No mean can move alone. */
    @Override
    public boolean free(Case drawn, double[] state, int unit) {
        return false;
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
