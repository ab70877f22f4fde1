package org.homeostat.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;
import org.homeostat.physics.Drive;
import org.homeostat.physics.Physics;
import org.homeostat.physics.Rest;
import org.junit.jupiter.api.Test;

/** One synapse at a time: what is left of a sawtooth of its signal (arXiv 2312.17723). */
class PlasticElementsTest {

    private static final double KERNEL_SECONDS = 0.05;
    private static final double GRID = 0.001;

    /** A machine whose output is the strength of the nudge, and whose signals are amplitudes times that, on a mean. */
    private record Straight(double[] amplitude, double mean) implements Physics {
        @Override
        public int inputs() {
            return 1;
        }

        @Override
        public int states() {
            return 1;
        }

        @Override
        public int parameters() {
            return amplitude.length;
        }

        @Override
        public int[] outputs() {
            return new int[] {0};
        }

        @Override
        public double energy(double[] theta, Drive drive, double[] state) {
            return 0;
        }

        @Override
        public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
            Arrays.setAll(forces, k -> -amplitude[k] * state[0] - mean);
        }

        @Override
        public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
            if (drive.stiffness() <= -2) {
                throw new IllegalArgumentException("a nudge too strong");
            }
            state[0] = drive.stiffness();
            return new Rest(1, 0, true);
        }
    }

    private static Channel channel(String name, Role role) {
        return new Channel(name, role, "1", -1000, 1000, 0, Scale.CONTINUOUS);
    }

    private static TwinDevice device(double[] amplitude, double mean, double threshold, double area) {
        List<Channel> parameters = new ArrayList<>();
        for (int k = 1; k <= amplitude.length; k++) {
            parameters.add(channel("w" + k, Role.PARAMETER));
        }
        Descriptor card = new Descriptor(
                "straight",
                "none",
                1,
                Map.of(
                        Role.INPUT,
                        List.of(channel("x1", Role.INPUT)),
                        Role.OUTPUT,
                        List.of(channel("o1", Role.OUTPUT)),
                        Role.PARAMETER,
                        parameters),
                EnumSet.of(Ability.PLASTICITY, Ability.WRITABLE_PARAMETERS),
                EnumSet.of(Nudge.Kind.RAMP, Nudge.Kind.COUPLING),
                1,
                20 * KERNEL_SECONDS,
                List.of());
        double[] ones = new double[amplitude.length];
        Arrays.fill(ones, 1);
        double[] thresholds = new double[amplitude.length];
        Arrays.fill(thresholds, threshold);
        return new TwinDevice(
                card,
                new Straight(amplitude, mean),
                new int[0],
                Imperfections.NONE,
                1e-9,
                1,
                new Synapses(KERNEL_SECONDS, area, 8, 8, thresholds, ones));
    }

    private static Response present(TwinDevice device, Nudge nudge, Plasticity plasticity) {
        return device.present(
                Stimulus.of(Levels.of(Role.INPUT, 0)).nudged(nudge).when(plasticity),
                Deadline.in(Duration.ofSeconds(9)));
    }

    private static Nudge.Ramp ramp(double from, double to, double seconds) {
        return new Nudge.Ramp(from, to, seconds, Levels.of(Role.OUTPUT, 0.0));
    }

    /** Where the synapses stand after one cycle: how far their signal rose and fell is their amplitude. */
    private static double[] afterACycle(TwinDevice device, double rise, double fall, Plasticity plasticity) {
        present(device, Nudge.NONE, Plasticity.HELD);
        present(device, ramp(0, 1, rise), plasticity);
        return present(device, ramp(1, 0, fall), plasticity).parameters();
    }

    @Test
    void whatRisesFastAndFallsSlowlyIsLearnedWithinItsRange() {
        double[] amplitude = {0.5, 1.1, 1.2, 2, 4, 9.9, 10.1, -2};
        double[] moved = afterACycle(device(amplitude, 0, 10.0 / 9, 0), 1, 9, Plasticity.FREE);
        double[] unit = convolved();
        for (int k = 0; k < moved.length; k++) {
            double expected = 0;
            for (double u : unit) {
                expected += Math.abs(u * amplitude[k]) > 10.0 / 9 ? u * amplitude[k] * GRID : 0;
            }
            assertThat(moved[k] / amplitude[k])
                    .as("amplitude %s", amplitude[k])
                    .isCloseTo(expected / amplitude[k], within(0.02));
        }
    }

    /** The kernel of area 0 folded by brute force with a rise of 1 s, a fall of 9 s, and a second of rest after each. */
    private static double[] convolved() {
        double pole = 1 / KERNEL_SECONDS;
        double[] u = new double[(int) (12 / GRID)];
        for (int i = 0; i < u.length; i++) {
            for (int back = 0; back <= Math.min(i, (int) (1 / GRID)); back++) {
                double age = (back + 0.5) * GRID;
                double at = (i + 0.5) * GRID - age;
                double signal = at < 1 ? at : at < 2 ? 1 : Math.max(0, 1 - (at - 2) / 9);
                u[i] += pole * pole * pole * Math.exp(-pole * age) * (age - 0.5 * pole * age * age) * signal * GRID;
            }
        }
        return u;
    }

    @Test
    void withoutAThresholdNothingIsLearned() {
        double[] moved = afterACycle(device(new double[] {0.5, 3, -20}, 0, 0, 0), 1, 9, Plasticity.FREE);
        assertThat(moved).containsExactly(new double[3], within(1e-3));
    }

    @Test
    void withoutAKernelOfAreaZeroTheMeanOfTheSignalIsLearnedToo() {
        double[] balanced = afterACycle(device(new double[] {4}, 25, 10.0 / 9, 0), 1, 9, Plasticity.FREE);
        double[] offset = afterACycle(device(new double[] {4}, 25, 10.0 / 9, 0.01), 1, 9, Plasticity.FREE);
        assertThat(offset[0] - balanced[0]).isGreaterThan(0.2);
    }

    @Test
    void aRiseFasterThanTheKernelIsMissed() {
        double[] parts = new double[4];
        double[] rises = {1, 4, 20, 160};
        for (int i = 0; i < rises.length; i++) {
            double rise = rises[i] * KERNEL_SECONDS;
            // The same signal and the same place in the working range, on another scale of time.
            parts[i] = afterACycle(device(new double[] {4}, 0, 10.0 / 9 / rise, 0), rise, 9 * rise, Plasticity.FREE)[0]
                    / 4;
        }
        assertThat(parts).isSorted();
        assertThat(parts[3]).isBetween(0.97, 1.0);
        assertThat(parts[0]).isLessThan(0.5 * parts[3]);
    }

    @Test
    void heldSynapsesStayAndAreWritten() {
        TwinDevice device = device(new double[] {4}, 0, 1, 0);
        assertThat(afterACycle(device, 1, 9, Plasticity.HELD)).containsExactly(0);
        device.present(Stimulus.of(Levels.of(Role.PARAMETER, 7)), Deadline.in(Duration.ofSeconds(9)));
        assertThat(afterACycle(device, 1, 9, Plasticity.HELD)).containsExactly(7);
    }

    @Test
    void aJumpOutsideARampIsNotLearned() {
        TwinDevice device = device(new double[] {4}, 0, 1, 0);
        present(device, Nudge.NONE, Plasticity.HELD);
        Response jumped = present(device, new Nudge.Coupling(1, Levels.of(Role.OUTPUT, 0.0)), Plasticity.FREE);
        assertThat(jumped.parameters()).containsExactly(0);
    }

    @Test
    void aRampThatThePhysicsCannotBearIsRefused() {
        TwinDevice device = device(new double[] {4}, 0, 1, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> present(device, ramp(0, -3, 1), Plasticity.FREE))
                .withMessageContaining("too strong");
        assertThat(present(device, Nudge.NONE, Plasticity.HELD).parameters()).containsExactly(0);
    }

    @Test
    void synapsesThatMakeNoSenseAreRefused() {
        double[] one = {1};
        assertThatIllegalArgumentException().isThrownBy(() -> new Synapses(0, 0, 8, 8, one, one));
        assertThatIllegalArgumentException().isThrownBy(() -> new Synapses(0.1, 0, 0, 8, one, one));
        assertThatIllegalArgumentException().isThrownBy(() -> new Synapses(0.1, 0, 8, 8, new double[] {-1}, one));
        assertThatIllegalArgumentException().isThrownBy(() -> new Synapses(0.1, 0, 8, 8, new double[2], one));
    }
}
