package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.homeostat.physics.Rest.Ending;
import org.junit.jupiter.api.Test;

class VectorFieldTest {

    private static final VectorField FIELD = new VectorField(3, 5, 4, 2);
    private static final HopfieldNetwork SAME = new HopfieldNetwork(3, 5, 4, 2);

    private final double[] theta =
            new SplittableRandom(1).doubles(FIELD.parameters(), -0.4, 0.4).toArray();
    private final Drive drive = Drive.free(new double[] {0.5, 1, -0.3}, 2).coupled(0.2, new double[] {1, -1});

    private void align() {
        for (int from = 0; from < 5; from++) {
            for (int to = 0; to < 4; to++) {
                theta[FIELD.back(2, from, to)] = theta[FIELD.weight(2, from, to)];
            }
        }
        for (int from = 0; from < 4; from++) {
            for (int to = 0; to < 2; to++) {
                theta[FIELD.back(3, from, to)] = theta[FIELD.weight(3, from, to)];
            }
        }
    }

    private double[] settled(Physics physics, double[] parameters) {
        double[] state = new double[physics.states()];
        assertThat(physics.settle(parameters, drive, state, 1e-14).settled()).isTrue();
        return state;
    }

    @Test
    void withEqualWeightsBothWaysItIsAHopfieldNetwork() {
        align();
        assertThat(settled(FIELD, theta))
                .containsExactly(settled(SAME, Arrays.copyOf(theta, SAME.parameters())), within(1e-12));
    }

    @Test
    void whatComesBackComesThroughTheWeightsOfThatDirection() {
        double[] before = settled(FIELD, theta);
        align();
        assertThat(Machines.relative(settled(FIELD, theta), before)).isGreaterThan(1e-3);
    }

    @Test
    void bothWeightsOfAPairAreMovedAlike() {
        double[] forces = new double[theta.length];
        double[] state = settled(FIELD, theta);
        FIELD.forces(theta, drive, state, forces);
        assertThat(forces[FIELD.back(2, 3, 1)])
                .isEqualTo(forces[FIELD.weight(2, 3, 1)])
                .isEqualTo(-state[3] * state[6]);
        assertThat(forces[FIELD.back(3, 2, 1)]).isEqualTo(forces[FIELD.weight(3, 2, 1)]);
        assertThat(forces[FIELD.bias(3, 1)]).isEqualTo(-state[10]);
        assertThat(FIELD.inputs()).isEqualTo(3);
        assertThat(FIELD.outputs()).containsExactly(9, 10);
    }

    @Test
    void thereIsNoEnergyAndItSaysSo() {
        assertThat(FIELD.energy(theta, drive, new double[11])).isNaN();
    }

    @Test
    void whatGoesRoundAndRoundIsReported() {
        VectorField pair = new VectorField(1, 1, 1);
        double[] turning = new double[pair.parameters()];
        turning[pair.bias(1, 0)] = 0.5;
        turning[pair.weight(2, 0, 0)] = 5;
        turning[pair.back(2, 0, 0)] = -5;
        Rest rest = pair.settle(turning, Drive.free(new double[] {0}, 1), new double[2], 1e-9);
        assertThat(rest.ending()).isEqualTo(Ending.NOT_AT_REST);
        assertThat(rest.remark()).contains("round and round");
    }
}
