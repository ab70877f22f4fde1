package org.homeostat.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.homeostat.control.Compliant.Motion;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Net;
import org.homeostat.physics.Drive;

class CompliantPropertiesTest {

    private final Net net = Net.rectifying(2, 3, 2);

    /** F_beta(theta) = min over states of E + beta C, with C = |o - y|^2 / 2. */
    private double free(double[] theta, double[] x, double[] y, double beta) {
        Drive drive = Drive.free(x, 2).coupled(beta, y);
        double[] state = new double[net.physics().states()];
        assertThat(net.physics().settle(theta, drive, state, 1e-13).settled()).isTrue();
        return net.physics().energy(theta, drive, state);
    }

    /** L = (F_beta2 - F_beta1) / (beta2 - beta1), algorithms.md, section 1.3. */
    private double lyapunov(double[] theta, double[] x, double[] y, double first, double second) {
        return (free(theta, x, y, second) - free(theta, x, y, first)) / (second - first);
    }

    /**
     * algorithms.md, section 1.3 (theorem on monotone improvement) and section 6, oracle 3: a step by joint relaxation
     * never raises L, whatever the nudges, as long as softness times the curvature of -F stays below one half. The
     * curvature is about sum(drop^2) / S for a node with total conductance S, here at the very worst 8 (4 V)^2 / 0.8 S = 160
     * V2/S; a softness of 0.002 is well within.
     */
    @Property(tries = 60)
    void aReleaseToRestNeverRaisesTheLyapunovValue(
            @ForAll long seed,
            @ForAll @DoubleRange(min = 0.01, max = 2) double beta,
            @ForAll @DoubleRange(min = 0, max = 1) double sidedness) {
        Random random = new Random(seed);
        double[] theta =
                random.doubles(net.parameters(), Net.LOWEST, Net.HIGHEST).toArray();
        double[] x = random.doubles(2, -2, 2).toArray();
        double[] y = random.doubles(2, -1, 1).toArray();
        // From wholly optimistic (0, beta) to a little pessimistic; a network of 0.1 S elements bears no more than
        // -0.25.
        double first = -Math.min(sidedness * beta, 0.25);
        double second = first + beta;

        Device compliant = Net.started(new Compliant(new Gauged(net.digital()), 0.002, 1, Motion.TO_REST), theta);
        Stimulus held = Stimulus.of(Levels.of(Role.INPUT, x));
        var unused =
                compliant.present(held.nudged(new Nudge.Coupling(first, Levels.of(Role.OUTPUT, y))), Deadline.NEVER);
        double[] moved = compliant
                .present(
                        held.nudged(new Nudge.Coupling(second, Levels.of(Role.OUTPUT, y)))
                                .when(Plasticity.FREE),
                        Deadline.NEVER)
                .parameters();

        double before = lyapunov(theta, x, y, first, second);
        double after = lyapunov(moved, x, y, first, second);
        assertThat(after).isLessThanOrEqualTo(before + 1e-11 / beta);
    }
}
