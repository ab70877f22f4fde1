package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.homeostat.physics.PhaseOscillators.Bias;
import org.homeostat.physics.PhaseOscillators.Topology;
import org.junit.jupiter.api.Test;

/** The XY model against its own formula, and against what Adler's equation says of one oscillator. */
class PhaseOscillatorsTest {

    private static final double[] TUNED = {};

    @Test
    void theEnergyOfAllToAllIsTheFormula() {
        PhaseOscillators physics = new PhaseOscillators(Topology.ALL_TO_ALL, Bias.POLAR, TUNED, 2, 2, 1);
        SplittableRandom random = new SplittableRandom(1);
        double[] theta = random.doubles(physics.parameters(), -1, 1).toArray();
        double[] x = {0.3, -1.1};
        double[] s = {0.5, 2, -2.5};
        double expected = 0;
        int k = 0;
        for (double input : x) {
            for (double phase : s) {
                expected -= theta[k++] * Math.cos(input - phase);
            }
        }
        for (int i = 0; i < 3; i++) {
            for (int j = i + 1; j < 3; j++) {
                expected -= theta[k++] * Math.cos(s[i] - s[j]);
            }
        }
        assertThat(physics.weights()).isEqualTo(k);
        for (int i = 0; i < 3; i++) {
            expected -= theta[k + i] * Math.cos(s[i] - theta[k + 3 + i]);
        }
        assertThat(physics.energy(theta, Drive.free(x, 1), s)).isCloseTo(expected, within(1e-14));
    }

    @Test
    void theEnergyOfLayersIsTheFormula() {
        PhaseOscillators physics = new PhaseOscillators(
                Topology.LAYERED, Bias.CARTESIAN, new double[] {0.1, 0.2, 0.3, 0.4, 0.5}, 2, 2, 2, 1);
        SplittableRandom random = new SplittableRandom(2);
        double[] theta = random.doubles(physics.parameters(), -1, 1).toArray();
        double[] x = {0.3, -1.1};
        double[] s = {0.5, 2, -2.5, 1.2, 0.1};
        double[][] layers = {x, {s[0], s[1]}, {s[2], s[3]}, {s[4]}};
        double expected = 0;
        int k = 0;
        for (int layer = 1; layer < layers.length; layer++) {
            for (double before : layers[layer - 1]) {
                for (double phase : layers[layer]) {
                    expected -= theta[k++] * Math.cos(before - phase);
                }
            }
        }
        assertThat(physics.weights()).isEqualTo(k);
        for (int i = 0; i < s.length; i++) {
            expected -= theta[k + i] * Math.cos(s[i]) + theta[k + s.length + i] * Math.sin(s[i]);
            expected -= 0.1 * (i + 1) * s[i];
        }
        assertThat(physics.energy(theta, Drive.free(x, 1), s)).isCloseTo(expected, within(1e-14));
    }

    /** Adler: dphi/dt = w - h sin(phi - psi) locks at psi + asin(w / h) where |w| is below h, and nowhere else. */
    @Test
    void oneOscillatorLocksWhereAdlerSaysAndReportsWhereNot() {
        PhaseOscillators physics = new PhaseOscillators(Topology.LAYERED, Bias.POLAR, new double[] {0.5}, 1, 1);
        for (double h : new double[] {0.51, 0.6, 2}) {
            double[] theta = {0, h, 0.2};
            for (double start : new double[] {-3, -1, 0, 1, 3}) {
                double[] state = {start};
                Rest rest = physics.settle(theta, Drive.free(new double[1], 1), state, 1e-9);
                assertThat(rest.ending()).as("h %s", h).isEqualTo(Rest.Ending.AT_REST);
                double phase = 0.2 + Math.asin(0.5 / h);
                assertThat(Math.IEEEremainder(state[0] - phase, 2 * Math.PI)).isCloseTo(0, within(1e-7));
            }
        }
        for (double h : new double[] {0.49, 0.3, 0}) {
            double[] state = {1};
            Rest rest = physics.settle(new double[] {0, h, 0.2}, Drive.free(new double[1], 1), state, 1e-9);
            assertThat(rest.ending()).as("h %s", h).isEqualTo(Rest.Ending.UNLOCKED);
            assertThat(rest.remark()).contains("oscillator 1 of 1 slips", "make couplings or biases stronger");
            assertThat(state[0]).isBetween(-Math.PI, Math.PI);
        }
    }

    /** The frequency that is reported is the one that Adler's equation gives: the square root of w^2 - h^2. */
    @Test
    void whatSlipsDoesSoAtAdlersFrequency() {
        PhaseOscillators physics = new PhaseOscillators(Topology.LAYERED, Bias.POLAR, new double[] {0.5}, 1, 1);
        Rest rest = physics.settle(new double[] {0, 0.3, 0}, Drive.free(new double[1], 1), new double[] {0}, 1e-9);
        assertThat(rest.remark()).contains("at 0.4");
    }

    /** Locked to each other, but not to the reference, is not locked: there is no phase to read. */
    @Test
    void aFlockWithoutReferenceIsReported() {
        PhaseOscillators physics = new PhaseOscillators(Topology.LAYERED, Bias.POLAR, new double[] {0.2, 0.3}, 1, 1, 1);
        double[] theta = {0, 5, 0, 0, 0, 0};
        Rest rest = physics.settle(theta, Drive.free(new double[1], 1), new double[2], 1e-9);
        assertThat(rest.ending()).isEqualTo(Rest.Ending.UNLOCKED);
    }

    /** A pull of -log(1 + o) at an output that is nearly wrong turns it round, as a force should. */
    @Test
    void aForceInjectsAtItsPhase() {
        PhaseOscillators physics = new PhaseOscillators(Topology.LAYERED, Bias.POLAR, TUNED, 1, 1);
        double[] state = {-1.5};
        physics.settle(new double[] {1, 0, 0}, Drive.free(new double[] {0}, 1).pushed(new double[] {2}), state, 1e-12);
        assertThat(state[0]).isCloseTo(Math.atan2(2, 1), within(1e-9));
    }

    @Test
    void aFreshStartIsAnywhereOnTheCircle() {
        PhaseOscillators physics = new PhaseOscillators(Topology.LAYERED, Bias.POLAR, TUNED, 1, 5000, 1);
        double[] state = new double[physics.states()];
        physics.begin(state, new SplittableRandom(3));
        assertThat(Arrays.stream(state).min().orElseThrow()).isBetween(-Math.PI, -3.1);
        assertThat(Arrays.stream(state).max().orElseThrow()).isBetween(3.1, Math.PI);
        assertThat(Arrays.stream(state).average().orElseThrow()).isCloseTo(0, within(0.1));
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PhaseOscillators(Topology.LAYERED, Bias.POLAR, new double[2], 1, 1))
                .withMessageContaining("natural frequency");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PhaseOscillators(Topology.LAYERED, Bias.POLAR, TUNED, 1))
                .withMessageContaining("layer");
        PhaseOscillators physics = new PhaseOscillators(Topology.LAYERED, Bias.POLAR, TUNED, 1, 1);
        Drive beyond = Drive.free(new double[1], 1).clamped(new double[] {1.01});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> physics.settle(new double[3], beyond, new double[1], 1e-6))
                .withMessageContaining("1.01");
    }
}
