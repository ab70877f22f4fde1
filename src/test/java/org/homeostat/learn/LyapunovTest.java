package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.homeostat.device.Deadline;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Net;
import org.homeostat.fixtures.Spied;
import org.homeostat.learn.Lyapunov.Value;
import org.homeostat.physics.Drive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LyapunovTest {

    private final Net net = Net.linear(2, 3, 2);

    /** algorithms.md, section 1.3: L = (F_beta2 - F_beta1) / (beta2 - beta1) with F from the energy of the physics. */
    @ParameterizedTest
    @EnumSource
    void itIsTheSlopeOfTheFreeEnergy(Sidedness sidedness) {
        double[] x = {1, -0.6};
        double[] y = {0.4, -0.3};
        double first = sidedness.first(0.2);
        double second = sidedness.second(0.2);
        Spied device = new Spied(Net.started(net.digital(), net.start()));
        Stimulus held = Stimulus.of(Levels.of(Role.INPUT, x));
        Response free = device.present(held, Deadline.NEVER);
        Pull pull = Pull.towards(
                new double[][] {y}, free, new Cost.SquaredError(), Nudge.Kind.COUPLING, device.descriptor());
        device.forget();
        Value value = new Lyapunov(pull, held, first, second).measure(device, Deadline.NEVER);

        assertThat(device.asked).hasSize(Lyapunov.EXCHANGES);
        assertThat(value.variance()).isZero();
        // Simpson's rule is exact to third order in beta; with an output held by 1.5 S what is left is (0.2 / 1.5)^4 /
        // 2880.
        assertThat(value.mean()).isCloseTo((energy(x, y, second) - energy(x, y, first)) / 0.2, within(1e-6));
    }

    private double energy(double[] x, double[] y, double beta) {
        Drive drive = Drive.free(x, 2).coupled(beta, y);
        double[] state = new double[net.physics().states()];
        assertThat(net.physics().settle(net.start(), drive, state, 1e-13).settled())
                .isTrue();
        return net.physics().energy(net.start(), drive, state);
    }

    @Test
    void aRiseWithinTheNoiseIsNoRise() {
        Value before = new Value(1, 0.01 * 0.01);
        assertThat(new Value(1.025, 0.01 * 0.01).above(before)).isFalse();
        assertThat(new Value(1.030, 0.01 * 0.01).above(before)).isTrue();
        assertThat(new Value(0.5, 0).above(before)).isFalse();
    }

    @Test
    void aRiseByRoundingIsNoRise() {
        assertThat(new Value(1 + 1e-15, 0).above(new Value(1, 0))).isFalse();
        assertThat(new Value(1 + 1e-10, 0).above(new Value(1, 0))).isTrue();
    }

    @Test
    void nothingIsAboveTheUnknown() {
        assertThat(new Value(1e9, 0).above(Lyapunov.UNKNOWN)).isFalse();
    }
}
