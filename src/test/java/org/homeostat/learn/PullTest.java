package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.fixtures.Net;
import org.junit.jupiter.api.Test;

class PullTest {

    private final Descriptor wide = Net.linear(1, 2, 3).digitalCard(Scale.CONTINUOUS, 2);

    private static Response answer(double[][] outputs, double[][] errors) {
        return new Response(Levels.of(Role.OUTPUT, outputs), Levels.of(Role.OUTPUT, errors), 1, 0, Quality.SETTLED);
    }

    private static Response answer(double[]... outputs) {
        return answer(outputs, new double[outputs.length][outputs[0].length]);
    }

    private static double[] force(Nudge nudge, int lane) {
        return ((Nudge.Force) nudge).levels().row(Role.NUDGE, lane);
    }

    @Test
    void aForceIsMinusBetaTimesTheUnitTimesTheGradientLaneByLane() {
        Descriptor card = with(1e-3, 4);
        double[][] targets = {{0, 1, Cost.ANY}, {1, 1, 1}};
        Response free = answer(new double[] {0.5, 0.5, 0.5}, new double[] {0, 2, 1});
        Nudge nudge = Pull.towards(targets, free, new Cost.SquaredError(), Nudge.Kind.FORCE, card)
                .by(0.2);
        assertThat(force(nudge, 0)).containsExactly(new double[] {-0.2e-3 * 0.5, 0.2e-3 * 0.5, 0}, within(1e-18));
        assertThat(force(nudge, 1)).containsExactly(new double[] {0.2e-3, -0.2e-3, 0}, within(1e-18));
    }

    private Descriptor with(double betaUnit, double strongest) {
        List<Channel> nudges = wide.channels(Role.NUDGE).stream()
                .map(c -> new Channel(c.name(), c.role(), c.unit(), -strongest, strongest, 0, c.scale()))
                .toList();
        Descriptor card = wide.with(Role.NUDGE, nudges);
        return new Descriptor(
                card.board(),
                card.firmware(),
                card.lanes(),
                card.channels(),
                card.abilities(),
                card.nudges(),
                betaUnit,
                0,
                card.forceLaws());
    }

    /** A current beyond the hardware's range becomes its strongest; each output keeps its direction. */
    @Test
    void aForceBeyondTheHardwareIsClippedOutputByOutput() {
        Descriptor card = with(1, 0.25);
        double[][] targets = {{-1, 1, 0.4}, {1, -1, 0.5}};
        Response free = answer(new double[] {0.5, 0.5, 0.5}, new double[] {0.5, 0.5, 0.5});
        Pull pull = Pull.towards(targets, free, new Cost.SquaredError(), Nudge.Kind.FORCE, card);
        for (double beta : new double[] {1, -1}) {
            Nudge nudge = pull.by(beta);
            assertThat(force(nudge, 0))
                    .containsExactly(new double[] {-0.25 * beta, 0.25 * beta, -0.1 * beta}, within(1e-15));
            assertThat(force(nudge, 1)).containsExactly(new double[] {0.25 * beta, -0.25 * beta, 0}, within(1e-15));
        }
    }

    @Test
    void aForceIsTheNudgeOfACostLinearInTheOutputs() {
        double[][] targets = {{0, 1, Cost.ANY}, {1, 1, 1}};
        Response free = answer(new double[] {0.5, 0.5, 0.5}, new double[] {0, 2, 1});
        Pull pull = Pull.towards(targets, free, new Cost.SquaredError(), Nudge.Kind.FORCE, wide);
        Response now = answer(
                new double[][] {{0.1, 0.2, 9}, {0.3, 0.4, 0.5}},
                new double[][] {{0.01, 0.02, 0.03}, {0.04, 0.05, 0.06}});
        // Gradients (0.5, -0.5, 0) and (-1, 1, 0), mean over lanes.
        assertThat(pull.cost(now)).isCloseTo((0.05 - 0.1 - 0.3 + 0.4) / 2, within(1e-15));
        assertThat(pull.variance(now)).isCloseTo((0.25 * 1e-4 + 0.25 * 4e-4 + 16e-4 + 25e-4) / 4, within(1e-15));
    }

    @Test
    void aCouplingPullsToTheTargetsAndTiesOutputsNotAskedForToWhereTheyStand() {
        double[][] targets = {{0, 1, Cost.ANY}, {1, 1, 1}};
        Response free = answer(new double[] {0.5, 0.5, 0.7}, new double[] {0, 2, 1});
        Nudge nudge = Pull.towards(targets, free, new Cost.SquaredError(), Nudge.Kind.COUPLING, wide)
                .by(-0.3);
        Nudge.Coupling coupling = (Nudge.Coupling) nudge;
        assertThat(coupling.beta()).isEqualTo(-0.3);
        assertThat(coupling.target().row(Role.OUTPUT, 0)).containsExactly(0, 1, 0.7);
        assertThat(coupling.target().row(Role.OUTPUT, 1)).containsExactly(1, 1, 1);
    }

    @Test
    void aCouplingIsTheNudgeOfTheSquaredError() {
        double[][] targets = {{0, 1, Cost.ANY}};
        Response free = answer(new double[][] {{0.5, 0.5, 0.7}});
        Pull pull = Pull.towards(targets, free, new Cost.SquaredError(), Nudge.Kind.COUPLING, wide);
        Response now = answer(new double[][] {{0.2, 0.4, 0.8}}, new double[][] {{0.1, 0.1, 0.1}});
        assertThat(pull.cost(now)).isCloseTo(0.5 * (0.04 + 0.36 + 0.01), within(1e-15));
        assertThat(pull.variance(now)).isCloseTo(0.01 * (0.04 + 0.36 + 0.01), within(1e-15));
    }

    /** The device works out the force: the same one as here, and the same cost goes with it. */
    @Test
    void aDifferenceIsTheForceOfTheSquaredErrorWorkedOutByTheDevice() {
        double[][] targets = {{0, 1, Cost.ANY}, {1, 1, 1}};
        Response free = answer(new double[] {0.5, 0.5, 0.7}, new double[] {0, 9, 1});
        Pull difference = Pull.towards(targets, free, new Cost.SquaredError(), Nudge.Kind.DIFFERENCE, wide);
        Pull force = Pull.towards(targets, free, new Cost.SquaredError(), Nudge.Kind.FORCE, wide);
        Nudge.Difference nudge = (Nudge.Difference) difference.by(-0.6);
        assertThat(nudge.beta()).isEqualTo(-0.6);
        assertThat(nudge.target().row(Role.OUTPUT, 0)).containsExactly(0, 1, 0.7);
        double[][] read = {free.outputs(0), free.outputs(1)};
        for (int lane = 0; lane < 2; lane++) {
            assertThat(force(nudge.from(read, wide), lane)).containsExactly(force(force.by(-0.6), lane));
        }
        // Eight volts away at 0.6 A/V is more than the 4 A that there are.
        assertThat(force(nudge.from(read, wide), 1)[1]).isEqualTo(4);
        Response now = answer(
                new double[][] {{0.1, 0.2, 9}, {0.3, 0.4, 0.5}},
                new double[][] {{0.01, 0.02, 0.03}, {0.04, 0.05, 0.06}});
        assertThat(difference.cost(now)).isEqualTo(force.cost(now));
        assertThat(difference.variance(now)).isEqualTo(force.variance(now));
    }
}
