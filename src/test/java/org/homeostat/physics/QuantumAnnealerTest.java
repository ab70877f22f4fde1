package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.homeostat.physics.QuantumAnnealer.Preparation;
import org.homeostat.physics.Sampled.Run;
import org.homeostat.physics.Sampled.Sample;
import org.homeostat.physics.TransverseIsing.Axis;
import org.homeostat.physics.TransverseIsing.Site;
import org.junit.jupiter.api.Test;

/** Ramps and shots on four qubits. */
class QuantumAnnealerTest {

    private static final TransverseIsing NET = TransverseIsingTest.net(4, 2);
    private static final double[] THETA =
            new SplittableRandom(4).doubles(NET.parameters(), -0.7, 0.7).toArray();
    private static final Drive FREE = Drive.free(new double[] {0.6, -0.4}, 1);
    private static final double TARGET = -0.8;

    private static Run run(boolean afresh, double seconds, int shots, int seed) {
        return new Run(afresh, seconds, shots, new SplittableRandom(seed));
    }

    private static double[] exact(TransverseIsing net, double[] theta, Drive drive) {
        double[] means = new double[net.states()];
        net.settle(theta, drive, means, 1e-13);
        return means;
    }

    private static double[] forces(TransverseIsing net, double[] theta, Drive drive) {
        double[] forces = new double[net.parameters()];
        net.forces(exact(net, theta, drive), forces);
        return forces;
    }

    /** The true gradient of the cost of the mean, by a small centred nudge. */
    private static double[] truth(TransverseIsing net, double[] theta, Drive free) {
        double away = TARGET - exact(net, theta, free)[net.outputs()[0]];
        double[] up = forces(net, theta, free.pushed(new double[] {1e-4 * away}));
        double[] down = forces(net, theta, free.pushed(new double[] {-1e-4 * away}));
        double[] gradient = new double[up.length];
        Arrays.setAll(gradient, k -> (up[k] - down[k]) / 2e-4);
        return gradient;
    }

    static double cosine(double[] a, double[] b) {
        return GroundState.dot(a, b) / Math.sqrt(GroundState.dot(a, a) * GroundState.dot(b, b));
    }

    @Test
    void shotsScatterAboutTheMeansAsTheirErrorsSay() {
        QuantumAnnealer annealer = new QuantumAnnealer(NET, Preparation.GROUND, 1);
        double[] truth = forces(NET, THETA, FREE);
        double[] state = new double[annealer.states()];
        double squares = 0;
        int count = 0;
        for (int seed = 0; seed < 100; seed++) {
            Sample sample = annealer.sample(THETA, FREE, state, run(true, 0, 200, seed));
            assertThat(sample.rest().settled()).isTrue();
            for (int k = 0; k < truth.length; k++) {
                double off = (sample.forces()[k] - truth[k]) / sample.forceErrors()[k];
                squares += off * off;
                count++;
            }
            assertThat(sample.outputs()[0]).isEqualTo(-sample.forces()[NET.parameters() - 1]);
        }
        assertThat(squares / count).isBetween(0.85, 1.1);
    }

    @Test
    void manyShotsComeToTheMeansAlongBothAxes() {
        TransverseIsing both =
                new TransverseIsing(2, List.of(), List.of(new Site(Axis.Z, 0), new Site(Axis.X, 1)), null);
        double[] theta = {0.4, 0.3, -0.5, 0.6, 0.9};
        QuantumAnnealer annealer = new QuantumAnnealer(both, Preparation.GROUND, 1);
        Drive free = Drive.free(new double[0], 2);
        double[] state = new double[annealer.states()];
        Sample sample = annealer.sample(theta, free, state, run(true, 0, 400_000, 1));
        double[] means = exact(both, theta, free);
        assertThat(sample.outputs()[0]).isCloseTo(means[0], within(0.006));
        assertThat(sample.outputs()[1]).isCloseTo(means[3], within(0.006));
        assertThat(sample.forces()).containsExactly(forces(both, theta, free), within(0.006));
    }

    /** One shot along Z is of all qubits at once: the sign of a pair is the product of the signs. */
    @Test
    void oneShotIsOneAnswerOfAllQubits() {
        QuantumAnnealer annealer = new QuantumAnnealer(NET, Preparation.GROUND, 1);
        double[] state = new double[annealer.states()];
        for (int seed = 0; seed < 50; seed++) {
            double[] f =
                    annealer.sample(THETA, FREE, state, run(true, 0, 1, seed)).forces();
            int c = 0;
            for (int i = 0; i < 4; i++) {
                for (int j = i + 1; j < 4; j++) {
                    assertThat(-f[c++]).isEqualTo(f[6 + i] * f[6 + j]);
                }
            }
        }
    }

    @Test
    void aReadOfManyShotsIsAsGoodAsManyReadsOfOne() {
        double[] state = new double[new QuantumAnnealer(NET, Preparation.GROUND, 1).states()];
        double[] many = new QuantumAnnealer(NET, Preparation.GROUND, 1)
                .sample(THETA, FREE, state, run(true, 0, 600, 5))
                .forces();
        assertThat(new QuantumAnnealer(NET, Preparation.GROUND, 300)
                        .sample(THETA, FREE, state, run(true, 0, 2, 5))
                        .forces())
                .containsExactly(many);
    }

    @Test
    void sameChanceSameShots() {
        QuantumAnnealer annealer = new QuantumAnnealer(NET, Preparation.RAMP, 1);
        double[] one = new double[annealer.states()];
        double[] other = new double[annealer.states()];
        double[] first = annealer.sample(THETA, FREE, one, run(true, 5, 100, 3)).forces();
        assertThat(annealer.sample(THETA, FREE, other, run(true, 5, 100, 3)).forces())
                .containsExactly(first);
        assertThat(other).containsExactly(one);
    }

    /** The state keeps its length, and slower is nearer to the ground state. */
    @Test
    void slowRampsEndInTheGroundState() {
        QuantumAnnealer annealer = new QuantumAnnealer(NET, Preparation.RAMP, 1);
        double[] truth = exact(NET, THETA, FREE);
        double before = Double.POSITIVE_INFINITY;
        for (double seconds : new double[] {1, 4, 16, 64}) {
            double[] state = new double[annealer.states()];
            annealer.sample(THETA, FREE, state, run(true, seconds, 1, 1));
            double worst = 0;
            for (int k = 0; k < NET.terms(); k++) {
                worst = Math.max(worst, Math.abs(state[k] - truth[k]));
            }
            assertThat(worst).as("%s s", seconds).isLessThan(before);
            before = worst;
        }
        assertThat(before).isLessThan(1e-3);
    }

    @Test
    void aRampFarTooFastIsReported() {
        TransverseIsing magnet = new TransverseIsing(3, List.of(), List.of(new Site(Axis.Z, 0)), 0.1);
        double[] theta = {-2, -2, -2, 1.1, -1.3, 0.9};
        QuantumAnnealer annealer = new QuantumAnnealer(magnet, Preparation.RAMP, 1);
        Sample sample = annealer.sample(
                theta, Drive.free(new double[0], 1), new double[annealer.states()], run(true, 0.01, 100, 1));
        assertThat(sample.rest().settled()).isFalse();
        assertThat(sample.rest().remark()).contains("too fast").contains("dwell longer");
    }

    /** Gradient from means at the ends of ramps, without the noise of shots. */
    private static double[] ramped(Preparation preparation, double seconds, boolean cached) {
        QuantumAnnealer annealer = new QuantumAnnealer(NET, preparation, 1);
        double beta = 0.1;
        double away = TARGET - exact(NET, THETA, FREE)[NET.outputs()[0]];
        double[][] forces = new double[2][NET.parameters()];
        for (int side = 0; side < 2; side++) {
            double[] state = new double[annealer.states()];
            Drive nudged = FREE.pushed(new double[] {(side - 0.5) * beta * away});
            if (cached) {
                annealer.settle(THETA, FREE, state, 1e-13);
            }
            annealer.sample(THETA, nudged, state, run(!cached, seconds, 1, 1));
            NET.forces(state, forces[side]);
        }
        double[] gradient = new double[NET.parameters()];
        Arrays.setAll(gradient, k -> (forces[1][k] - forces[0][k]) / beta);
        return gradient;
    }

    @Test
    void aRampedNudgeGivesTheGradientTheBetterTheSlower() {
        double[] truth = truth(NET, THETA, FREE);
        assertThat(cosine(ramped(Preparation.RAMP, 80, false), truth)).isGreaterThan(0.998);
        assertThat(Machines.relative(ramped(Preparation.RAMP, 80, false), truth))
                .isLessThan(0.2 * Machines.relative(ramped(Preparation.RAMP, 5, false), truth));
    }

    @Test
    void fromTheFreeStateTheNudgeAloneIsRamped() {
        double[] truth = truth(NET, THETA, FREE);
        assertThat(Machines.relative(ramped(Preparation.RAMP, 40, true), truth)).isLessThan(0.02);
    }

    /** An excitation of the order of beta, divided by beta, stays however slow the rest of the ramp is. */
    @Test
    void aNudgeThereAtOnceBiasesTheGradientHoweverSlow() {
        double[] truth = truth(NET, THETA, FREE);
        for (double seconds : new double[] {20, 80, 200}) {
            assertThat(Machines.relative(ramped(Preparation.NUDGED_AT_ONCE, seconds, false), truth))
                    .as("%s s", seconds)
                    .isGreaterThan(0.1);
        }
    }

    /** With few shots a larger nudge is better: the noise is divided by beta, the bias is only beta squared. */
    @Test
    void fewShotsAskForALargerNudge() {
        TransverseIsing net = TransverseIsingTest.net(6, 2);
        double[] theta =
                new SplittableRandom(21).doubles(net.parameters(), -0.5, 0.5).toArray();
        double[] truth = truth(net, theta, FREE);
        double small = cosineWithShots(net, theta, truth, 0.05);
        double larger = cosineWithShots(net, theta, truth, 0.2);
        assertThat(larger).isGreaterThan(small + 0.1);
    }

    /** Mean over draws of the cosine at 1000 shots along each axis, nudged by -beta and +beta. */
    private static double cosineWithShots(TransverseIsing net, double[] theta, double[] truth, double beta) {
        QuantumAnnealer annealer = new QuantumAnnealer(net, Preparation.GROUND, 1);
        double away = TARGET - exact(net, theta, FREE)[net.outputs()[0]];
        double sum = 0;
        int draws = 20;
        for (int draw = 0; draw < draws; draw++) {
            double[] state = new double[annealer.states()];
            double[] up = annealer.sample(
                            theta, FREE.pushed(new double[] {beta * away}), state, run(true, 0, 1000, 2 * draw))
                    .forces();
            double[] down = annealer.sample(
                            theta, FREE.pushed(new double[] {-beta * away}), state, run(true, 0, 1000, 2 * draw + 1))
                    .forces();
            double[] gradient = new double[up.length];
            Arrays.setAll(gradient, k -> up[k] - down[k]);
            sum += cosine(gradient, truth) / draws;
        }
        return sum;
    }

    @Test
    void noShotAtAllIsRefused() {
        QuantumAnnealer annealer = new QuantumAnnealer(NET, Preparation.GROUND, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> annealer.sample(THETA, FREE, new double[annealer.states()], run(true, 0, 0, 1)))
                .withMessageContaining("one read or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QuantumAnnealer(NET, Preparation.GROUND, 0))
                .withMessageContaining("one shot or more");
    }
}
