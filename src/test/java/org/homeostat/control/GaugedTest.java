package org.homeostat.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.ForceLaw;
import org.homeostat.device.ForceLaw.Probe;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Memory;
import org.homeostat.fixtures.Net;
import org.homeostat.fixtures.Spied;
import org.homeostat.twin.Imperfections;
import org.junit.jupiter.api.Test;

class GaugedTest {

    private final Net net = Net.rectifying(2, 3, 2);

    private static double[] forces(Device device, Stimulus stimulus) {
        return device.present(stimulus, Deadline.NEVER).levels().row(Role.FORCE);
    }

    private static Stimulus inputs(double... x) {
        return Stimulus.of(Levels.of(Role.INPUT, x));
    }

    @Test
    void theCardNamesAForceForEachParameterInItsUnit() {
        Descriptor card = new Gauged(net.digital()).descriptor();
        assertThat(card.can(Ability.FORCES)).isTrue();
        assertThat(card.channels(Role.FORCE)).hasSize(net.parameters()).first().satisfies(channel -> {
            assertThat(channel.name()).isEqualTo("f.g1");
            assertThat(channel.unit()).isEqualTo("V2");
        });
    }

    @Test
    void lanesPullWithTheirMean() {
        Device both = Net.started(new Gauged(net.digital(Scale.CONTINUOUS, 2)), net.start());
        Device one = Net.started(new Gauged(net.digital()), net.start());
        double[] first = forces(one, inputs(1, -0.5));
        double[] second = forces(one, inputs(-1.5, 0.2));
        double[] mean = new double[first.length];
        for (int k = 0; k < mean.length; k++) {
            mean[k] = (first[k] + second[k]) / 2;
        }
        assertThat(forces(both, Stimulus.of(Levels.of(Role.INPUT, new double[][] {{1, -0.5}, {-1.5, 0.2}}))))
                .containsExactly(mean, within(1e-9));
    }

    @Test
    void aBatchStaysOneAndIsGaugedInOrder() {
        Spied bare = new Spied(net.digital());
        Device gauged = Net.started(new Gauged(bare), net.start());
        Device single = Net.started(new Gauged(net.digital()), net.start());
        bare.forget();
        List<Stimulus> stimuli = List.of(
                inputs(1, -0.5), Stimulus.of(Levels.some(Role.INPUT, new int[] {1}, 0.7)), Stimulus.of(Levels.NONE));
        List<Response> batch = gauged.presentAll(stimuli, Deadline.NEVER);
        for (int i = 0; i < stimuli.size(); i++) {
            assertThat(batch.get(i)).isEqualTo(single.present(stimuli.get(i), Deadline.NEVER));
        }
        assertThat(bare.batches).containsExactly(3);
    }

    @Test
    void anInputImposedEarlierStillCounts() {
        Device gauged = Net.started(new Gauged(net.digital()), net.start());
        double[] told = forces(gauged, inputs(1, -0.5));
        assertThat(forces(gauged, Stimulus.of(Levels.NONE))).containsExactly(told, within(1e-12));
        // The second input alone: the first is still at 1 V.
        double[] partly = forces(gauged, Stimulus.of(Levels.some(Role.INPUT, new int[] {1}, 0.7)));
        assertThat(partly).containsExactly(forces(gauged, inputs(1, 0.7)), within(1e-12));
    }

    @Test
    void aCouplingPullsByTheProductOfItsEndsTimesTheirGains() {
        Net small = Net.linear(1, 1, 1);
        Descriptor card = small.digitalCard(Scale.CONTINUOUS, 1);
        ForceLaw law = new ForceLaw.NegativeProduct(
                new Probe.OnChannel(Role.INPUT, 0, -2), new Probe.OnChannel(Role.MONITOR, 0, 3));
        Descriptor coupled = new Descriptor(
                card.board(),
                card.firmware(),
                1,
                card.channels(),
                card.abilities(),
                card.nudges(),
                1,
                1e-6,
                List.of(law, law, law, law, law));
        Device gauged = new Gauged(small.twin(coupled, Imperfections.NONE));
        Response response = gauged.present(inputs(1.5), Deadline.NEVER);
        double hidden = response.levels().at(Role.MONITOR, 0, 0);
        assertThat(response.levels().row(Role.FORCE)).containsOnly(new double[] {2 * 1.5 * 3 * hidden}, within(1e-12));
    }

    @Test
    void aBoardWhoseCardHasNoForceLawsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Gauged(net.compliant()))
                .withMessageContaining("compliant-net")
                .withMessageContaining("only learners that need outputs alone can teach it");
    }

    @Test
    void savedAndRestoredItRemembersTheInputs() {
        Gauged one = Net.started(new Gauged(net.digital()), net.start());
        double[] told = forces(one, inputs(1, -0.5));
        Gauged other = Memory.into(new Gauged(net.digital()), Memory.of(one));
        assertThat(forces(other, Stimulus.of(Levels.NONE))).containsExactly(told, within(1e-12));
        assertThat(Memory.of(other)).hasSameSizeAs(Memory.of(one));
    }
}
