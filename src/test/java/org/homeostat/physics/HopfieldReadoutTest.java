package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The readout of arXiv 2006.03824, nudged through its logits by the gradient of the cross-entropy. */
class HopfieldReadoutTest {

    private static final int RIGHT = 1;
    private static final HopfieldReadout NETWORK = new HopfieldReadout(3, 5, 4, 3);

    private final SplittableRandom random = new SplittableRandom(1);
    private final double[] theta = theta();
    private final double[] input = {0.4, -0.7, 0.9};

    private double[] theta() {
        double[] drawn = random.doubles(NETWORK.parameters(), -0.3, 0.3).toArray();
        for (int unit = 0; unit < 5; unit++) {
            drawn[NETWORK.bias(1, unit)] += 0.4;
        }
        for (int unit = 0; unit < 4; unit++) {
            drawn[NETWORK.bias(2, unit)] += 0.4;
        }
        return drawn;
    }

    private double[] settled(double[] parameters, Drive drive) {
        double[] state = new double[NETWORK.states()];
        assertThat(NETWORK.settle(parameters, drive, state, 1e-15).settled()).isTrue();
        return state;
    }

    /** Probabilities less one for the right class: the gradient of the cross-entropy over the logits. */
    private double[] wrong(double[] state) {
        double[] p = Arrays.copyOfRange(state, NETWORK.states() - 3, NETWORK.states());
        double sum = Arrays.stream(p).map(Math::exp).sum();
        Arrays.setAll(p, k -> Math.exp(p[k]) / sum - (k == RIGHT ? 1 : 0));
        return p;
    }

    private double loss(double[] parameters) {
        double[] wrong = wrong(settled(parameters, Drive.free(input, 3)));
        return -Math.log(1 + wrong[RIGHT]);
    }

    private Drive nudged(double beta) {
        double[] push = wrong(settled(theta, Drive.free(input, 3)));
        Arrays.setAll(push, k -> -beta * push[k]);
        return Drive.free(input, 3).pushed(push);
    }

    private double[] gradient(double beta) {
        double[] sum = new double[theta.length];
        NETWORK.addForces(theta, nudged(beta), settled(theta, nudged(beta)), 1 / (2 * beta), sum);
        NETWORK.addForces(theta, nudged(-beta), settled(theta, nudged(-beta)), -1 / (2 * beta), sum);
        return sum;
    }

    @Test
    void allWeightsLearnTheGradientOfTheCrossEntropy() {
        double[] truth = new double[theta.length];
        Arrays.setAll(
                truth, k -> (loss(Machines.moved(theta, k, 1e-5)) - loss(Machines.moved(theta, k, -1e-5))) / 2e-5);
        assertThat(Machines.relative(gradient(0.05), truth)).isLessThan(1e-6);
    }

    @Test
    void theReadoutLearnsByItsOwnGradientAtTheNudgedStates() {
        double beta = 0.3;
        double[] gradient = gradient(beta);
        double[] up = settled(theta, nudged(beta));
        double[] down = settled(theta, nudged(-beta));
        double[] wrong = wrong(settled(theta, Drive.free(input, 3)));
        for (int k = 0; k < 3; k++) {
            assertThat(gradient[NETWORK.bias(3, k)]).isCloseTo(wrong[k], within(1e-14));
            for (int from = 0; from < 4; from++) {
                assertThat(gradient[NETWORK.weight(3, from, k)])
                        .isCloseTo(wrong[k] * 0.5 * (up[5 + from] + down[5 + from]), within(1e-14));
            }
        }
    }

    @Test
    void freeTheNetworkDoesNotFeelItsReadout() {
        double[] before = settled(theta, Drive.free(input, 3));
        double[] other = theta.clone();
        other[NETWORK.weight(3, 0, 0)] += 5;
        double[] after = settled(other, Drive.free(input, 3));
        assertThat(Arrays.copyOf(after, 9)).containsExactly(Arrays.copyOf(before, 9));
        assertThat(after[9]).isCloseTo(before[9] + 5 * before[5], within(1e-12));
    }

    @Test
    void theForcesAreSlopesOfTheWholeEnergyAndSettlingFindsItsLeast() {
        Drive drive = nudged(0.8);
        double[] state = settled(theta, drive);
        double[] forces = new double[theta.length];
        NETWORK.forces(theta, drive, state, forces);
        for (int k = 0; k < theta.length; k++) {
            double up = NETWORK.energy(Machines.moved(theta, k, 1e-5), drive, state);
            double down = NETWORK.energy(Machines.moved(theta, k, -1e-5), drive, state);
            assertThat((up - down) / 2e-5).isCloseTo(forces[k], within(1e-9));
        }
        double least = NETWORK.energy(theta, drive, state);
        for (int i = 0; i < 100; i++) {
            double[] elsewhere = state.clone();
            int unit = random.nextInt(9);
            elsewhere[unit] = Math.clamp(elsewhere[unit] + random.nextDouble(-0.2, 0.2), 0, 1);
            assertThat(NETWORK.energy(theta, drive, elsewhere)).isGreaterThanOrEqualTo(least - 1e-14);
        }
    }

    @Test
    void springsAndClampsOnLogitsAreRefusedWithNothingMoved() {
        double[] state = new double[NETWORK.states()];
        Drive free = Drive.free(input, 3);
        for (Drive drive : new Drive[] {free.coupled(0.1, new double[3]), free.clamped(new double[3])}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NETWORK.settle(theta, drive, state, 1e-9))
                    .withMessageContaining("force");
        }
        assertThat(state).containsOnly(0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HopfieldReadout(3, 2))
                .withMessageContaining("hidden");
    }
}
