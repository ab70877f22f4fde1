package org.homeostat.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.homeostat.control.Joined;
import org.homeostat.control.Joined.Member;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Able;
import org.homeostat.fixtures.Memory;
import org.homeostat.fixtures.Net;
import org.homeostat.fixtures.Spied;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuardedTest {

    private static final double INFINITY = Double.POSITIVE_INFINITY;

    private final Net net = Net.rectifying(2, 4, 2);
    private final Spied bare = new Spied(net.digital());

    private static Stimulus inputs(double... x) {
        return Stimulus.of(Levels.of(Role.INPUT, x));
    }

    private static Nudge force(double... n) {
        return new Nudge.Force(Levels.of(Role.NUDGE, n));
    }

    private static Response ask(Device device, Stimulus stimulus) {
        return device.present(stimulus, Deadline.NEVER);
    }

    private Guarded guarded(Role role, double min, double max, double slew) {
        return new Guarded(bare, Map.of(role, new Limit(min, max, slew)));
    }

    private List<Double> firstInputs() {
        return bare.asked.stream()
                .map(stimulus -> stimulus.levels().at(Role.INPUT, 0, 0))
                .toList();
    }

    private static void stopped(Runnable asking, String... words) {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(asking::run)
                .withMessageContainingAll(words)
                .satisfies(e -> assertThat(e.fault().retrySensible()).isFalse())
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.LIMIT);
    }

    @Nested
    class Envelopes {

        @Test
        void whatLiesOutsideIsRefusedByNameBeforeAnythingIsImposed() {
            Guarded device = guarded(Role.INPUT, -1, 1.5, INFINITY);
            ask(device, inputs(-1, 1.5));
            stopped(
                    () -> ask(device, inputs(0.3, 1.6)),
                    "channel x2: level 1.60000 V lies outside its safety limits -1.00000 .. 1.50000 V",
                    "make the signals smaller",
                    "widen the limits");
            stopped(() -> ask(device, Stimulus.of(Levels.some(Role.INPUT, new int[] {0}, -1.1))), "x1");
            stopped(() -> device.presentAll(List.of(inputs(0, 0), inputs(-1.1, 0)), Deadline.NEVER), "x1");
            assertThat(bare.asked).containsExactly(inputs(-1, 1.5));
        }

        @Test
        void whatTheChannelDoesNotBearIsTheCallersMistakeAsEver() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ask(guarded(Role.INPUT, -1, 1.5, INFINITY), inputs(0, 2.1)))
                    .withMessageContaining("outside its range");
            assertThat(bare.asked).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
        void whatIsNoLevelIsNotEvenAStimulus(double none) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> inputs(0, none))
                    .withMessageContaining("is not a level");
            assertThatIllegalArgumentException().isThrownBy(() -> force(none, 0));
        }

        @Test
        void nudgesHaveOnesOfTheirOwn() {
            Guarded device = guarded(Role.NUDGE, -0.5, 0.5, INFINITY);
            double[] free = ask(device, inputs(1, 0)).outputs(0);
            ask(device, inputs(1, 0).nudged(force(0.5, -0.5)));
            stopped(() -> ask(device, inputs(1, 0).nudged(force(0.6, 0))), "channel n1");
            // A difference counts as the force that it comes to, a coupling as the strongest that it can be.
            Levels near = Levels.of(Role.OUTPUT, free[0] + 0.1, free[1]);
            ask(device, inputs(1, 0).nudged(new Nudge.Difference(4.9, near)));
            stopped(() -> ask(device, inputs(1, 0).nudged(new Nudge.Difference(5.1, near))), "channel n1", "0.51");
            ask(device, inputs(1, 0).nudged(new Nudge.Coupling(0.1, near)));
            stopped(() -> ask(device, inputs(1, 0).nudged(new Nudge.Coupling(0.2, near))), "channel n1");
            assertThat(bare.asked).hasSize(4);
        }

        /** The converter's nearest code may lie outside although the level does not: the last one inside is put out. */
        @Test
        void theCodeLiesInsideToo() {
            Scale coarse = Scale.Linear.of(3, Net.LOWEST, Net.HIGHEST);
            Spied coded = new Spied(net.digital(coarse, 1));
            double step = coarse.level(1) - coarse.level(0);
            double top = coarse.level(4) + 0.9 * step;
            Guarded device = new Guarded(coded, Map.of(Role.PARAMETER, new Limit(Net.LOWEST, top, INFINITY)));
            ask(device, Stimulus.of(Levels.some(Role.PARAMETER, new int[] {2, 5}, top, coarse.level(1))));
            Levels put = coded.last().levels();
            assertThat(put.positions(Role.PARAMETER)).containsExactly(2, 5);
            assertThat(put.row(Role.PARAMETER)).containsExactly(coarse.level(4), coarse.level(1));
        }
    }

    @Nested
    class Slews {

        @Test
        void whatIsFarIsWalkedToAndOnlyTheLastReadingCounts() {
            Guarded device = guarded(Role.INPUT, -2, 2, 0.5);
            Stimulus far = inputs(1.2, -0.1).nudged(force(0.2, 0)).settling(new Settling.Usual(3));
            Response response = ask(device, far);
            assertThat(firstInputs()).containsExactly(0.5, 1.0, 1.2);
            assertThat(bare.last()).isEqualTo(far);
            assertThat(response).isEqualTo(bare.answered.getLast());
            for (Stimulus onTheWay : bare.asked.subList(0, 2)) {
                assertThat(onTheWay.plasticity()).isEqualTo(Plasticity.HELD);
                assertThat(onTheWay.settling()).isEqualTo(Settling.USUAL);
            }
            bare.forget();
            ask(device, inputs(0.9, 0.2));
            assertThat(bare.asked).containsExactly(inputs(0.9, 0.2));
        }

        @Test
        void nothingPullsOnTheWayIfNothingHasToChangeSlowly() {
            Guarded device = guarded(Role.INPUT, -2, 2, 0.5);
            ask(device, inputs(0.4, 0).nudged(force(0.2, 0)));
            ask(device, inputs(-1, 0));
            assertThat(bare.asked.get(1).nudge()).isEqualTo(Nudge.NONE);
        }

        @Test
        void whereASafeLevelIsFarItIsWalkedToAsWell() {
            Guarded device = guarded(Role.INPUT, -2, 2, 0.5);
            ask(device, inputs(1.2, 0));
            bare.forget();
            ask(device, device.descriptor().safe());
            assertThat(firstInputs()).containsExactly(0.7, 1.2 - 0.5 - 0.5, 0.0);
        }

        @Test
        void aNudgeCountsFromNothing() {
            Guarded device = guarded(Role.NUDGE, -4, 4, 0.3);
            ask(device, inputs(1, 0));
            bare.forget();
            ask(device, inputs(1, 0).nudged(force(0.7, -0.1)));
            ask(device, inputs(1, 0));
            List<Double> pushes = bare.asked.stream()
                    .map(s -> s.nudge() instanceof Nudge.Force f ? f.levels().at(Role.NUDGE, 0, 0) : 0.0)
                    .toList();
            assertThat(pushes).hasSize(6);
            double[] expected = {0.3, 0.6, 0.7, 0.4, 0.1, 0};
            for (int i = 0; i < expected.length; i++) {
                assertThat(pushes.get(i)).isCloseTo(expected[i], within(1e-12));
            }
        }

        /** The walk to a difference must not renew the reading that it rests on. */
        @Test
        void aDifferenceIsWalkedToByForces() {
            Guarded device = guarded(Role.NUDGE, -4, 4, 0.3);
            double[] free = ask(device, inputs(1, 0)).outputs(0);
            Nudge far = new Nudge.Difference(10, Levels.of(Role.OUTPUT, free[0] + 0.1, free[1]));
            double[] pulled = ask(device, inputs(1, 0).nudged(far)).outputs(0);
            assertThat(bare.asked.stream().map(s -> s.nudge().getClass().getSimpleName()))
                    .containsExactly("None", "Force", "Force", "Force", "Difference");
            Spied plain = new Spied(net.digital());
            ask(plain, inputs(1, 0));
            assertThat(pulled)
                    .containsExactly(ask(plain, inputs(1, 0).nudged(far)).outputs(0), within(1e-12));
        }

        @Test
        void aCouplingThatMayPullFurtherIsRefused() {
            Guarded device = guarded(Role.NUDGE, -4, 4, 0.3);
            ask(device, inputs(1, 0));
            stopped(
                    () -> ask(device, inputs(1, 0).nudged(new Nudge.Coupling(0.2, Levels.of(Role.OUTPUT, 0, 0)))),
                    "a nudge by coupling may pull",
                    "channel n1",
                    "further than the slew");
            assertThat(bare.asked).hasSize(1);
        }

        /** Holding on the way would anchor the springs elsewhere. */
        @Test
        void nothingIsWalkedToWhileParametersAreFree() {
            Device able = new Able(bare, java.util.Set.of(Ability.HOMEOSTASIS));
            Guarded device = new Guarded(able, Map.of(Role.NUDGE, new Limit(-4, 4, 0.3)));
            ask(device, inputs(1, 0));
            stopped(
                    () -> ask(device, inputs(1, 0).nudged(force(0.4, 0)).when(Plasticity.FREE)),
                    "while the parameters are free",
                    "make the nudge smaller");
            assertThat(bare.asked).hasSize(1);
        }

        @Test
        void whereParametersAreNeverHeldTheyAreFreeOnTheWay() {
            Spied compliant = new Spied(net.compliant());
            Guarded device = new Guarded(compliant, Map.of(Role.INPUT, new Limit(-2, 2, 0.5)));
            ask(device, inputs(1.2, 0).when(Plasticity.FREE));
            assertThat(compliant.asked).hasSize(3);
            assertThat(compliant.asked).allMatch(stimulus -> stimulus.plasticity() == Plasticity.FREE);
        }

        @Test
        void whatTheDeviceCannotDoIsDeclinedBeforeTheFirstStep() {
            Guarded device = guarded(Role.INPUT, -2, 2, 0.5);
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> ask(device, inputs(2, 0).when(Plasticity.FREE)))
                    .extracting(DeviceException::fault)
                    .isEqualTo(Fault.UNSUPPORTED);
            assertThat(bare.answered).isEmpty();
            ask(device, inputs(0.5, 0));
            assertThat(bare.answered).hasSize(1);
        }

        @Test
        void channelsThatAreNotNamedStayWhereTheyAre() {
            Guarded device = guarded(Role.INPUT, -2, 2, 0.5);
            ask(device, Stimulus.of(Levels.some(Role.INPUT, new int[] {1}, 0.9)));
            assertThat(bare.asked)
                    .containsExactly(
                            Stimulus.of(Levels.some(Role.INPUT, new int[] {1}, 0.5)),
                            Stimulus.of(Levels.some(Role.INPUT, new int[] {1}, 0.9)));
        }

        @Test
        void savedAndRestoredItKnowsWhereEverythingStands() {
            Guarded device = guarded(Role.INPUT, -2, 2, 0.5);
            ask(device, inputs(1.2, 0));
            Spied other = new Spied(net.digital());
            Guarded restored =
                    Memory.into(new Guarded(other, Map.of(Role.INPUT, new Limit(-2, 2, 0.5))), Memory.of(device));
            ask(restored, inputs(1.6, 0));
            assertThat(other.asked).containsExactly(inputs(1.6, 0));
            Levels target = Levels.of(Role.OUTPUT, 0.1, 0.1);
            ask(restored, inputs(1.6, 0).nudged(new Nudge.Difference(0.1, target)));
        }
    }

    /** Two boards as one, of which the second declines a single time: the first has moved all the same. */
    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"LIMIT", "UNSUPPORTED"},
            mode = EnumSource.Mode.EXCLUDE)
    void whatOneOfSeveralBoardsDeclinedTheOthersMayHaveTaken(Fault fault) {
        Declining second = new Declining(Net.rectifying(2, 4, 2).digital());
        Device both = Joined.of(List.of(new Member("first", bare), new Member("second", second)));
        Guarded device = new Guarded(both, Map.of(Role.INPUT, new Limit(-2, 2, 0.5)));
        ask(device, inputs(0.4, 0));
        second.once = fault;
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(device, inputs(0.9, 0)))
                .extracting(DeviceException::fault)
                .isEqualTo(fault);
        ask(device, inputs(0, 0));
        assertThat(firstInputs()).containsExactly(0.4, 0.9, 0.4, 0.0);
    }

    /** A device that declines when it is told to, and then no more. */
    private static final class Declining implements Device {
        private final Device held;
        private @Nullable Fault once;

        Declining(Device held) {
            this.held = held;
        }

        @Override
        public Descriptor descriptor() {
            return held.descriptor();
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            Fault fault = once;
            once = null;
            if (fault != null) {
                throw new DeviceException(fault, "not now");
            }
            return held.present(stimulus, deadline);
        }

        @Override
        public void close() {
            held.close();
        }
    }

    @Nested
    class Batches {

        @Test
        void staysWholeWhereNothingIsFar() {
            Guarded device = guarded(Role.INPUT, -2, 2, 0.5);
            Levels target = Levels.of(Role.OUTPUT, 0.1, 0.1);
            List<Stimulus> step = List.of(
                    inputs(0.4, 0),
                    inputs(0.4, 0).nudged(new Nudge.Difference(-0.1, target)),
                    inputs(0.4, 0).nudged(new Nudge.Difference(0.1, target)));
            assertThat(device.presentAll(step, Deadline.NEVER)).isEqualTo(bare.answered);
            assertThat(bare.batches).containsExactly(3);
            assertThat(device.presentAll(List.of(), Deadline.NEVER)).isEmpty();
        }

        @Test
        void isPartedWhereAWalkIsNeeded() {
            Guarded device = guarded(Role.INPUT, -2, 2, 0.5);
            List<Response> responses =
                    device.presentAll(List.of(inputs(0.4, 0), inputs(1.2, 0), inputs(1.3, 0)), Deadline.NEVER);
            assertThat(bare.batches).containsExactly(1, 1, 2);
            assertThat(firstInputs()).containsExactly(0.4, 0.9, 1.2, 1.3);
            assertThat(responses).containsExactly(bare.answered.get(0), bare.answered.get(2), bare.answered.get(3));
        }

        /** What a difference comes to is not known before the reading; where the worst would be too much, it is waited for. */
        @Test
        void isPartedBeforeADifferenceThatMightBeTooStrong() {
            Guarded device = guarded(Role.NUDGE, -1, 1, INFINITY);
            ask(device, inputs(1, 0));
            double[] free = bare.answered.getLast().outputs(0);
            bare.forget();
            Levels near = Levels.of(Role.OUTPUT, free);
            List<Stimulus> step = List.of(inputs(1, 0), inputs(1, 0).nudged(new Nudge.Difference(1, near)));
            assertThat(device.presentAll(step, Deadline.NEVER)).hasSize(2);
            assertThat(bare.batches).containsExactly(1, 1);
        }
    }

    @Nested
    class Settings {

        private void refused(Role role, Limit limit, String... words) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Guarded(
                            net.digital(Scale.Linear.of(4, Net.LOWEST, Net.HIGHEST), 1), Map.of(role, limit)))
                    .withMessageContainingAll(words);
        }

        @Test
        void thatDoNotFitTheCardAreRefused() {
            refused(Role.INPUT, new Limit(-3, 1, 1), "limits: channel x1", "inside its range -2.00000 .. 2.00000 V");
            refused(Role.INPUT, new Limit(-1, 3, 1), "limits: channel x1", "inside its range");
            refused(Role.INPUT, new Limit(0.5, 1, 1), "limits: channel x1", "around its safe level");
            refused(Role.NUDGE, new Limit(0.5, 1, 1), "limits: channel n1", "around its safe level");
            refused(Role.PARAMETER, new Limit(0.2, 1, 0.01), "limits: channel g1", "at least its resolution");
            refused(Role.PARAMETER, new Limit(0.11, 0.12, 1), "no code between");
            refused(Role.KNOB, new Limit(0, 1, 1), "digital-net", "no channels of role knob");
            refused(Role.OUTPUT, new Limit(0, 1, 1), "no channels of role output");
        }

        @Test
        void thatCannotBeAreRefused() {
            for (double bad : new double[] {0, -1, Double.NaN}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> new Limit(0, 1, bad))
                        .withMessageContaining("slew");
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Limit(1, 1, 1))
                    .withMessageContaining("min");
        }
    }

    @Nested
    class HostileSetPoints {

        @Test
        void neverReachAConverter() {
            for (int lanes : new int[] {1, 3}) {
                Codes codes = new Codes(lanes, 1);
                codes.losing = 50;
                Guarded guarded = new Guarded(codes, Codes.LIMITS);
                Hostile hostile = new Hostile(lanes);
                long asked = 0;
                long answered = 0;
                for (; hostile.setPoints < 50_000; asked++) {
                    answered += hostile.asks(guarded) ? 1 : 0;
                }
                assertThat(codes.violations()).as(codes.worst).isZero();
                assertThat((double) answered / asked).isBetween(0.2, 0.9);
                assertThat(codes.exchanges).isGreaterThan(answered);
                assertThat(codes.lost).isPositive();
            }
        }

        /** The same without a guard, so that the test above can fail. */
        @Test
        void doReachAConverterThatNobodyGuards() {
            Codes codes = new Codes(1, 1);
            Hostile hostile = new Hostile(1);
            for (int i = 0; i < 1000; i++) {
                hostile.asks(codes);
            }
            assertThat(codes.outside).isPositive();
            assertThat(codes.jumps).isPositive();
        }
    }
}
