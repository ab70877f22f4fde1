package org.homeostat.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.physics.HopfieldNetwork;
import org.homeostat.physics.ResistiveNetwork;
import org.homeostat.twin.Bench.Scales;
import org.junit.jupiter.api.Test;

class TwinDeviceTest {

    private static final Imperfections ALL = new Imperfections(0.1, 0.1, 0.01, 2, 2, 1e-3, 1e-6, 0.01);

    private static List<Response> session(TwinDevice twin) {
        SplittableRandom random = new SplittableRandom(42);
        return java.util.stream.IntStream.range(0, 20)
                .mapToObj(i -> {
                    Stimulus stimulus = Bench.reads(
                            Bench.volts(random.nextDouble(-2, 2), random.nextDouble(1e-4, 1e-2)), 1 + i % 3);
                    return Bench.ask(
                            twin,
                            i % 4 == 0 ? stimulus.nudged(new Nudge.Force(Levels.of(Role.NUDGE, 1e-4))) : stimulus);
                })
                .toList();
    }

    // Seeds

    @Test
    void twoTwinsOfOneSeedAnswerAlikeToTheLastBit() {
        for (long seed = 0; seed < 5; seed++) {
            assertThat(session(Bench.digital(Scales.FINE, ALL, seed)))
                    .isEqualTo(session(Bench.digital(Scales.FINE, ALL, seed)));
        }
    }

    @Test
    void twinsOfDifferentSeedsAreDifferentSpecimens() {
        Imperfections noiseless = new Imperfections(0.1, 0.1, 0.01, 2, 2, 0, 0, 0);
        double one = Bench.output(Bench.digital(Scales.FINE, noiseless, 1), Bench.volts(3, 1e-3));
        double other = Bench.output(Bench.digital(Scales.FINE, noiseless, 2), Bench.volts(3, 1e-3));
        assertThat(other).isNotCloseTo(one, within(1e-3));
    }

    @Test
    void anExchangeThatFailedLeavesTheNoiseToCome() {
        TwinDevice twin = Bench.digital(Scales.FINE, ALL, 3);
        TwinDevice other = Bench.digital(Scales.FINE, ALL, 3);
        assertThatIllegalArgumentException().isThrownBy(() -> Bench.ask(twin, Bench.volts(9)));
        assertThatExceptionOfType(DeviceException.class).isThrownBy(() -> Bench.ask(twin, Bench.free(1)));
        assertThat(session(twin)).isEqualTo(session(other));
    }

    // Plasticity

    @Test
    void digitalParametersCannotMoveAndItSaysWhatToWrap() {
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, Imperfections.NONE, 1);
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> Bench.ask(twin, Bench.free(1)))
                .withMessage("device bench: its parameters are set by codes and cannot move under force; wrap it in a "
                        + "Compliant, which gives them virtual springs")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.UNSUPPORTED);
    }

    @Test
    void compliantParametersCannotBeHeldAndItSaysWhatToWrap() {
        TwinDevice twin = Bench.compliant(Imperfections.NONE, 1);
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> Bench.ask(twin, Bench.volts(1)))
                .withMessage("device bench: it cannot hold its parameters by itself; wrap it in a Homeostatic, which "
                        + "holds them with the knobs")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.UNSUPPORTED);
    }

    @Test
    void compliantParametersCannotBeWrittenAndItSaysWhatToWrap() {
        TwinDevice twin = Bench.compliant(Imperfections.NONE, 1);
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> Bench.ask(twin, Bench.volts(1, 1e-3).when(Plasticity.FREE)))
                .withMessage("device bench: its parameters follow their knobs and cannot be written; wrap it in a "
                        + "Homeostatic, which brings them where they are wanted")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.UNSUPPORTED);
        Response after = Bench.ask(twin, Bench.free(0));
        assertThat(after.outputs(0)[0]).isZero();
        assertThat(after.parameters()[0]).isEqualTo(1e-3);
    }

    // Parameters

    @Test
    void digitalParametersStandAtMidScaleAtPowerOn() {
        Scale.Rheostat pot = new Scale.Rheostat(100, 10e3, 256);
        Scales pots = new Scales(Scale.CONTINUOUS, Scale.CONTINUOUS, Scale.CONTINUOUS, pot);
        TwinDevice potted = Bench.digital(pots, Imperfections.NONE, 1);
        assertThat(Bench.siemens(3, Bench.output(potted, Bench.volts(3)))).isCloseTo(pot.level(128), within(1e-12));
        TwinDevice plain = Bench.digital(Scales.CONTINUOUS, Imperfections.NONE, 1);
        assertThat(Bench.siemens(3, Bench.output(plain, Bench.volts(3)))).isCloseTo(0.5 * (1e-5 + 1e-2), within(1e-11));
    }

    @Test
    void aCompliantParameterRestsWhereItsSpringBalancesTheForce() {
        TwinDevice twin = Bench.compliant(Imperfections.NONE, 1);
        double knob = 1e-3;
        double softness = 1e-5;
        Response response = Bench.ask(twin, Bench.free(2));
        double drop = 2 - response.outputs(0)[0];
        assertThat(response.parameters()[0]).isCloseTo(knob - softness * drop * drop / 2, within(1e-16));
        assertThat(Bench.siemens(2, response.outputs(0)[0])).isCloseTo(response.parameters()[0], within(1e-15));
    }

    @Test
    void knobsAndSoftnessStayWhereTheyWerePut() {
        TwinDevice twin = Bench.compliant(Imperfections.NONE, 1);
        Levels moved = Levels.of(Role.INPUT, 2).and(Levels.of(Role.KNOB, 3e-3)).and(Levels.of(Role.SOFTNESS, 5e-5));
        Response first = Bench.ask(twin, Stimulus.of(moved).when(Plasticity.FREE));
        double drop = 2 - first.outputs(0)[0];
        assertThat(first.parameters()[0]).isCloseTo(3e-3 - 5e-5 * drop * drop / 2, within(1e-15));
        Response second = Bench.ask(twin, Stimulus.of(Levels.NONE).when(Plasticity.FREE));
        assertThat(second.parameters()[0]).isCloseTo(first.parameters()[0], within(1e-15));
    }

    @Test
    void knobsCanBeMovedOneByOne() {
        // o = w x + b, with weight and bias on springs too stiff to give way.
        List<Channel> parameters = List.of(
                new Channel("w", Role.PARAMETER, "1", -9, 9, 0, Scale.CONTINUOUS),
                new Channel("b", Role.PARAMETER, "1", -9, 9, 0, Scale.CONTINUOUS));
        List<Channel> knobs = List.of(
                new Channel("uw", Role.KNOB, "1", -9, 9, 0, Scale.CONTINUOUS),
                new Channel("ub", Role.KNOB, "1", -9, 9, 0, Scale.CONTINUOUS));
        Descriptor card = Bench.card(Scales.CONTINUOUS, Ability.COMPLIANCE)
                .with(Role.MONITOR, List.of())
                .with(Role.PARAMETER, parameters)
                .with(Role.KNOB, knobs);
        TwinDevice twin = new TwinDevice(card, new HopfieldNetwork(1, 1), new int[0], Imperfections.NONE, 1e-14, 1);
        Levels stiff = Levels.of(Role.SOFTNESS, 0).and(Levels.of(Role.INPUT, 2));
        Stimulus bias = Stimulus.of(stiff.and(Levels.some(Role.KNOB, new int[] {1}, 0.5)))
                .when(Plasticity.FREE);
        assertThat(Bench.ask(twin, bias).parameters()).containsExactly(0, 0.5);
        Stimulus weight = Stimulus.of(stiff.and(Levels.some(Role.KNOB, new int[] {0}, 0.75)))
                .when(Plasticity.FREE);
        Response response = Bench.ask(twin, weight);
        assertThat(response.parameters()).containsExactly(0.75, 0.5);
        assertThat(response.outputs(0)).containsExactly(2);
    }

    @Test
    void aCompliantParameterStopsAtTheEndOfItsChannel() {
        TwinDevice twin = Bench.compliant(Imperfections.NONE, 1);
        Levels levels = Levels.of(Role.INPUT, 1).and(Levels.of(Role.KNOB, 0.5));
        assertThat(Bench.ask(twin, Stimulus.of(levels).when(Plasticity.FREE)).parameters()[0])
                .isEqualTo(1e-2);
        Levels low = Levels.of(Role.KNOB, -0.5);
        assertThat(Bench.ask(twin, Stimulus.of(low).when(Plasticity.FREE)).parameters()[0])
                .isEqualTo(1e-5);
    }

    // Nudges

    @Test
    void aForceIsACurrentAndACouplingAConductanceInItsUnit() {
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, Imperfections.NONE, 1);
        Stimulus still = Bench.volts(2, 1e-3);
        Nudge current = new Nudge.Force(Levels.of(Role.NUDGE, 0.5e-3));
        assertThat(Bench.output(twin, still.nudged(current))).isCloseTo(1 + 0.25, within(1e-12));
        // betaUnit is 1 mS here: three equal conductances to 2 V, 0 V and the target of 3 V.
        Nudge coupling = new Nudge.Coupling(1, Levels.of(Role.OUTPUT, 3));
        assertThat(Bench.output(twin, still.nudged(coupling))).isCloseTo(5.0 / 3, within(1e-12));
        Nudge away = new Nudge.Coupling(-1, Levels.of(Role.OUTPUT, 3));
        assertThat(Bench.output(twin, still.nudged(away))).isCloseTo(-1, within(1e-12));
    }

    @Test
    void aCouplingThatTheOutputDoesNotBearIsRefusedAndUndone() {
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, Imperfections.NONE, 1);
        TwinDevice other = Bench.digital(Scales.CONTINUOUS, Imperfections.NONE, 1);
        Response before = Bench.ask(twin, Bench.volts(2, 1e-3));
        assertThat(Bench.ask(other, Bench.volts(2, 1e-3))).isEqualTo(before);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Bench.ask(
                        twin, Bench.volts(3, 1.5e-3).nudged(new Nudge.Coupling(-2.6, Levels.of(Role.OUTPUT, 1)))))
                .withMessageContaining("nudge");
        assertThat(Bench.ask(twin, Stimulus.of(Levels.NONE))).isEqualTo(Bench.ask(other, Stimulus.of(Levels.NONE)));
    }

    @Test
    void physicsWithoutAMinimumIsCalledUnstable() {
        // Two outputs on 0.1 S each and 10 S apart: each bears a spring of -1 S, both together do not.
        ResistiveNetwork.Builder built = new ResistiveNetwork.Builder(1);
        ResistiveNetwork.Terminal a = new ResistiveNetwork.Terminal.Node(built.node());
        ResistiveNetwork.Terminal b = new ResistiveNetwork.Terminal.Node(built.node());
        built.output(0).output(1);
        built.fixed(new ResistiveNetwork.Terminal.Source(0, 1), a, 0.1);
        built.fixed(b, new ResistiveNetwork.Terminal.Rail(0), 0.1).fixed(a, b, 10);
        Descriptor one = Bench.card(Scales.CONTINUOUS, Ability.WRITABLE_PARAMETERS);
        Channel output = one.channels(Role.OUTPUT).getFirst();
        Channel second = new Channel("o2", Role.OUTPUT, "V", -4, 4, 0, Scale.CONTINUOUS);
        Descriptor card = one.with(Role.NUDGE, List.of())
                .with(Role.PARAMETER, List.of())
                .with(Role.MONITOR, List.of())
                .with(Role.OUTPUT, List.of(output, second));
        TwinDevice twin = new TwinDevice(card, built.build(), new int[0], Imperfections.NONE, 1e-12, 1);
        Nudge away = new Nudge.Coupling(-1 / card.betaUnit(), Levels.of(Role.OUTPUT, 0.5, 0.5));
        Response response = Bench.ask(twin, Bench.volts(1).nudged(away));
        assertThat(response.quality().verdict()).isEqualTo(Verdict.UNSTABLE);
        assertThat(response.quality().held()).isFalse();
        assertThat(response.quality().remark()).contains("weaker");
        Response after = Bench.ask(twin, Bench.volts(1));
        assertThat(after.quality()).isEqualTo(Quality.SETTLED);
        double i = 1 / (10 + 0.1 + 10);
        assertThat(after.outputs(0)).containsExactly(new double[] {1 - 10 * i, 10 * i}, within(1e-9));
    }

    // Time

    @Test
    void readEarlyItShowsWhatHasNotDecayedYet() {
        // At the settling time the slowest mode has decayed to 1e-4, so at half of it to 1e-2.
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, Imperfections.NONE, 1);
        assertThat(Bench.output(twin, Bench.volts(2, 1e-3))).isCloseTo(1, within(1e-12));
        Stimulus early = Bench.volts(-2, 1e-3).settling(new Settling.Dwell(Bench.SETTLE_SECONDS / 2, 1));
        Response response = Bench.ask(twin, early);
        assertThat(response.outputs(0)[0]).isCloseTo(-1 + 2e-2, within(1e-12));
        assertThat(response.quality().verdict()).isEqualTo(Verdict.UNSETTLED);
        assertThat(Bench.output(twin, early)).isCloseTo(-1 + 2e-4, within(1e-12));
        Stimulus now = Bench.volts(2, 1e-3).settling(new Settling.Dwell(0, 1));
        assertThat(Bench.output(twin, now)).isCloseTo(-1 + 2e-4, within(1e-12));
        Stimulus inTime = Bench.volts(2, 1e-3).settling(new Settling.Dwell(Bench.SETTLE_SECONDS, 1));
        assertThat(Bench.ask(twin, inTime).quality()).isEqualTo(Quality.SETTLED);
    }

    @Test
    void itsClockCountsDwellAndReadings() {
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, Imperfections.NONE, 1);
        double once = Bench.SETTLE_SECONDS + 2 * 10e-6;
        assertThat(Bench.ask(twin, Bench.volts(1)).deviceSeconds()).isCloseTo(once, within(1e-12));
        Stimulus long5 = Bench.volts(1).settling(new Settling.Dwell(0.5, 5));
        assertThat(Bench.ask(twin, long5).deviceSeconds()).isCloseTo(once + 0.5 + 5 * 2 * 10e-6, within(1e-12));
    }

    // Ranges

    @Test
    void aReadingBeyondItsRangeIsCutOffAndNamed() {
        TwinDevice twin = Bench.digital(Scales.FINE, Imperfections.NONE, 1);
        Stimulus high = Bench.volts(4, 1e-2).nudged(new Nudge.Force(Levels.of(Role.NUDGE, 1e-2)));
        Response above = Bench.ask(twin, high);
        assertThat(above.outputs(0)[0]).isEqualTo(4);
        assertThat(above.quality())
                .isEqualTo(new Quality(
                        Verdict.CLIPPED,
                        "o",
                        "channel o reads the end of its range; make the inputs or nudges smaller"));
        Stimulus low = Bench.volts(-4, 1e-2).nudged(new Nudge.Force(Levels.of(Role.NUDGE, -1e-2)));
        Response below = Bench.ask(twin, low);
        assertThat(below.outputs(0)[0]).isEqualTo(-4);
        assertThat(below.quality().channel()).isEqualTo("o");
    }

    @Test
    void aMonitorThatClipsIsNamedToo() {
        Descriptor narrow = Bench.card(Scales.CONTINUOUS, Ability.WRITABLE_PARAMETERS)
                .with(Role.MONITOR, List.of(new Channel("h", Role.MONITOR, "V", -1, 1, 0, Scale.CONTINUOUS)));
        TwinDevice twin = new TwinDevice(narrow, Bench.physics(), new int[] {1}, Imperfections.NONE, 1e-12, 1);
        assertThat(Bench.ask(twin, Bench.volts(1.9, 1e-3)).quality()).isEqualTo(Quality.SETTLED);
        Response response = Bench.ask(twin, Bench.volts(2.1, 1e-3));
        assertThat(response.quality().verdict()).isEqualTo(Verdict.CLIPPED);
        assertThat(response.quality().channel()).isEqualTo("h");
        assertThat(response.levels().at(Role.MONITOR, 0, 0)).isEqualTo(1);
    }

    @Test
    void theLastButOneCodeIsNoEnd() {
        Scale three = Scale.Linear.of(3, -4, 3);
        Descriptor coarse = Bench.card(Scales.CONTINUOUS, Ability.WRITABLE_PARAMETERS)
                .with(Role.OUTPUT, List.of(new Channel("o", Role.OUTPUT, "V", -4, 3, 0, three)));
        TwinDevice twin = new TwinDevice(coarse, Bench.physics(), new int[] {1}, Imperfections.NONE, 1e-12, 1);
        for (double volts : new double[] {2.2, -3.2}) {
            Nudge push = new Nudge.Force(Levels.of(Role.NUDGE, volts * 2e-3));
            Response response = Bench.ask(twin, Bench.volts(0, 1e-3).nudged(push));
            assertThat(response.outputs(0)[0]).isEqualTo(Math.rint(volts));
            assertThat(response.quality()).isEqualTo(Quality.SETTLED);
        }
        Nudge push = new Nudge.Force(Levels.of(Role.NUDGE, 2.8 * 2e-3));
        assertThat(Bench.ask(twin, Bench.volts(0, 1e-3).nudged(push)).quality().verdict())
                .isEqualTo(Verdict.CLIPPED);
    }

    // The card and the physics

    @Test
    void itsCardMustSpeakOfItsPhysics() {
        Descriptor card = Bench.card(Scales.CONTINUOUS, Ability.WRITABLE_PARAMETERS);
        Channel more = new Channel("x2", Role.INPUT, "V", -1, 1, 0, Scale.CONTINUOUS);
        Channel input = card.channels(Role.INPUT).getFirst();
        assertMismatch(card.with(Role.INPUT, List.of(input, more)), "INPUT", 2, 1);
        assertMismatch(card.with(Role.PARAMETER, List.of()), "PARAMETER", 0, 1);
        assertMismatch(card.with(Role.NUDGE, List.of()).with(Role.OUTPUT, List.of()), "OUTPUT", 0, 1);
        assertMismatch(card.with(Role.MONITOR, List.of()), "MONITOR", 0, 1);
    }

    private static void assertMismatch(Descriptor card, String role, int listed, int physical) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TwinDevice(card, Bench.physics(), new int[] {1}, Imperfections.NONE, 1e-12, 1))
                .withMessage(
                        "board bench lists " + listed + " channels of role " + role + ", its physics has " + physical);
    }
}
