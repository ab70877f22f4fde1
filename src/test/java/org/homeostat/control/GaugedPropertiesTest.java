package org.homeostat.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Net;
import org.homeostat.physics.Drive;

class GaugedPropertiesTest {

    private final Net net = Net.rectifying(2, 3, 2);

    /** dE/dg = drop^2 / 2 (algorithms.md, section 2.2): worked out from readings, it is what the physics says. */
    @Property(tries = 100)
    void forcesFromReadingsAreTheForcesOfThePhysics(
            @ForAll long seed,
            @ForAll @DoubleRange(min = -2, max = 2) double x1,
            @ForAll @DoubleRange(min = -2, max = 2) double x2,
            @ForAll @DoubleRange(min = -1, max = 1) double push) {
        double[] theta = new Random(seed)
                .doubles(net.parameters(), Net.LOWEST, Net.HIGHEST)
                .toArray();
        Device gauged = new Gauged(net.digital());
        double[] read = gauged.present(
                        Stimulus.of(Levels.of(Role.INPUT, x1, x2).and(Levels.of(Role.PARAMETER, theta)))
                                .nudged(new Nudge.Force(Levels.of(Role.NUDGE, push, -push))),
                        Deadline.NEVER)
                .levels()
                .row(Role.FORCE);

        Drive drive = Drive.free(new double[] {x1, x2}, 2).pushed(new double[] {push, -push});
        double[] state = new double[net.physics().states()];
        var rest = net.physics().settle(theta, drive, state, 1e-13);
        double[] force = new double[theta.length];
        net.physics().forces(theta, drive, state, force);
        assertThat(rest.settled()).isTrue();
        assertThat(read).containsExactly(force, within(1e-11));
        assertThat(Arrays.stream(read).min().orElseThrow()).isNotNegative();
    }
}
