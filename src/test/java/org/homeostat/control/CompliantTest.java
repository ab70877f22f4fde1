package org.homeostat.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.homeostat.control.Compliant.Motion;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Able;
import org.homeostat.fixtures.Memory;
import org.homeostat.fixtures.Net;
import org.homeostat.fixtures.Sensor;
import org.homeostat.fixtures.Spied;
import org.homeostat.physics.Drive;
import org.homeostat.physics.JointRelaxation;
import org.homeostat.physics.ResistiveNetwork;
import org.homeostat.twin.Imperfections;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CompliantTest {

    private static final Stimulus HELD = Stimulus.of(Levels.of(Role.INPUT, 0));
    private static final Stimulus FREE = HELD.when(Plasticity.FREE);

    private static Stimulus at(Stimulus stimulus, double... parameters) {
        return stimulus.with(stimulus.levels().and(Levels.of(Role.PARAMETER, parameters)));
    }

    private static Response ask(Device device, Stimulus stimulus) {
        return device.present(stimulus, Deadline.NEVER);
    }

    private static Compliant springs(Sensor sensor, double softness) {
        return new Compliant(sensor, softness, 10, Motion.ONE_STEP);
    }

    /** algorithms.md, section 2.2, option A1: {@code u = theta + eps f1}, then {@code theta = clip(u - eps f2)}. */
    @Nested
    class OneStep {

        private final Sensor sensor = new Sensor(3, Scale.CONTINUOUS);
        private final Compliant compliant = springs(sensor, 0.1);

        @Test
        void aReleaseMovesEachParameterByTheSoftnessTimesTheChangeOfItsForce() {
            ask(compliant, at(HELD, 5, 5, 5));
            sensor.forces = levels -> new double[] {1, -2, 30};
            ask(compliant, HELD);
            sensor.forces = levels -> new double[] {3, -2, 20};
            assertThat(ask(compliant, FREE).parameters()).containsExactly(new double[] {4.8, 5, 6}, within(1e-15));
        }

        @Test
        void holdingIsExactInOneExchange() {
            sensor.forces = levels -> new double[] {1, -2, 30};
            ask(compliant, at(HELD, 5, 5, 5));
            int before = sensor.written.size();
            assertThat(ask(compliant, HELD).parameters()).containsExactly(5, 5, 5);
            assertThat(ask(compliant, FREE).parameters()).containsExactly(new double[] {5, 5, 5}, within(1e-15));
            assertThat(sensor.written).hasSize(before + 2);
        }

        @Test
        void theLastHoldCounts() {
            ask(compliant, at(HELD, 5, 5, 5));
            sensor.forces = levels -> new double[] {100, 100, 100};
            ask(compliant, HELD);
            sensor.forces = levels -> new double[] {1, 1, 1};
            ask(compliant, HELD);
            sensor.forces = levels -> new double[] {2, 0, 1};
            assertThat(ask(compliant, FREE).parameters()).containsExactly(new double[] {4.9, 5.1, 5}, within(1e-15));
        }

        @Test
        void releasesInARowShareOneKnob() {
            ask(compliant, at(HELD, 5, 5, 5));
            sensor.forces = levels -> new double[] {2, 2, 2};
            ask(compliant, FREE);
            // Not another 0.2 further: the spring is still anchored at 5.
            assertThat(ask(compliant, FREE).parameters()).containsExactly(new double[] {4.8, 4.8, 4.8}, within(1e-15));
        }

        @Test
        void parametersStopAtTheEndsOfTheirRange() {
            ask(compliant, at(HELD, 5, 0.1, 9.9));
            sensor.forces = levels -> new double[] {0, 40, -40};
            assertThat(ask(compliant, FREE).parameters()).containsExactly(5, 0, 10);
        }

        @Test
        void theSoftnessIsTheOneImposedLast() {
            ask(compliant, at(HELD, 5, 5, 5));
            sensor.forces = levels -> new double[] {1, 1, 1};
            Stimulus softer = FREE.with(FREE.levels().and(Levels.of(Role.SOFTNESS, 0.5)));
            assertThat(ask(compliant, softer).parameters())
                    .containsExactly(new double[] {4.5, 4.5, 4.5}, within(1e-15));
            ask(compliant, HELD);
            sensor.forces = levels -> new double[] {2, 2, 2};
            assertThat(ask(compliant, FREE).parameters()).containsExactly(new double[] {4, 4, 4}, within(1e-15));
        }

        @Test
        void withoutAnyImposedTheParametersStartInTheMiddle() {
            assertThat(ask(compliant, HELD).parameters()).containsExactly(5, 5, 5);
            assertThat(sensor.levels()).containsExactly(5, 5, 5);
        }
    }

    /** algorithms.md, section 2.2: keep the residue of the code, or steps below half a code vanish. */
    @Nested
    class Codes {

        private final Sensor sensor = new Sensor(2, new Scale.Linear(0, 1, 11));
        private final Compliant compliant = springs(sensor, 1);

        @Test
        void stepsBelowHalfACodeAddUp() {
            ask(compliant, at(HELD, 5, 5));
            double[] codes = IntStream.rangeClosed(1, 10)
                    .mapToDouble(i -> {
                        sensor.forces = levels -> new double[] {0, 0};
                        ask(compliant, HELD);
                        sensor.forces = levels -> new double[] {-0.3, 0.3};
                        ask(compliant, FREE);
                        return sensor.levels()[0];
                    })
                    .toArray();
            // What is written after step i is the code nearest to 5 + 0.3 (i - 1): the last step waits for the next
            // exchange.
            assertThat(codes).containsExactly(5, 5, 6, 6, 6, 6, 7, 7, 7, 8);
            assertThat(ask(compliant, HELD).parameters()).containsExactly(new double[] {8, 2}, within(1e-12));
            assertThat(sensor.levels()).containsExactly(8, 2);
        }

        @Test
        void thePositionToldIsTheRealNumberAndNotTheCode() {
            assertThat(ask(compliant, at(HELD, 5.3, 2.8)).parameters()).containsExactly(5.3, 2.8);
            assertThat(sensor.levels()).containsExactly(5, 3);
        }

        @Test
        void onlyCodesThatChangedAreSent() {
            ask(compliant, at(HELD, 5, 5));
            assertThat(sensor.written.getLast()).isEqualTo(Levels.some(Role.PARAMETER, new int[] {0, 1}, 5, 5));
            ask(compliant, HELD);
            assertThat(sensor.written.getLast()).isNull();
            sensor.forces = levels -> new double[] {0.2, -1};
            ask(compliant, FREE);
            assertThat(sensor.written.getLast()).isNull();
            ask(compliant, HELD);
            assertThat(sensor.written.getLast()).isEqualTo(Levels.some(Role.PARAMETER, new int[] {1}, 6));
            ask(compliant, at(HELD, 4.8, 6.4));
            assertThat(sensor.written.getLast()).isNull();
        }

        @Test
        void codesOfAnExchangeThatWasLostAreSentAgain() {
            ask(compliant, at(HELD, 5, 5));
            sensor.broken = true;
            assertThatThrownBy(() -> ask(compliant, at(HELD, 7, 5))).isInstanceOf(DeviceException.class);
            ask(compliant, HELD);
            assertThat(sensor.written.getLast()).isEqualTo(Levels.some(Role.PARAMETER, new int[] {0}, 7));
        }

        @Test
        void codesWhoseAnswerWasLostAreNotTrustedEither() {
            ask(compliant, at(HELD, 5, 5));
            sensor.mute = true;
            assertThatThrownBy(() -> ask(compliant, at(HELD, 7, 5))).isInstanceOf(DeviceException.class);
            // Back to the code that was known before: it must be sent, for the 7 did arrive.
            ask(compliant, at(HELD, 5, 5));
            assertThat(sensor.levels()).containsExactly(5, 5);
        }

        @Test
        void thePotentiometerGetsTheCodeNearestInConductance() {
            Scale.Rheostat scale = new Scale.Rheostat(60, 1000, 64);
            Net net = Net.linear(1, 1, 1);
            Descriptor card = net.digitalCard(Scale.CONTINUOUS, 1);
            List<Channel> potentiometers = card.channels(Role.PARAMETER).stream()
                    .map(c -> new Channel(c.name(), c.role(), "S", 1e-3, 15e-3, 2e-3, scale))
                    .toList();
            Spied bare = new Spied(net.twin(card.with(Role.PARAMETER, potentiometers), Imperfections.NONE));
            double[] wanted = {1.1e-3, 2.2e-3, 5.5e-3, 9.1e-3, 14e-3};
            ask(new Compliant(new Gauged(bare), 1e-6, 1, Motion.ONE_STEP), at(HELD, wanted));
            assertThat(bare.last().levels().row(Role.PARAMETER))
                    .containsExactly(Arrays.stream(wanted).map(scale::quantised).toArray());
        }
    }

    /** algorithms.md, section 2.2, option A2: repeated until it stops moving, which is the joint relaxation of the theory. */
    @Nested
    class ToRest {

        private static final double SOFTNESS = 0.2;

        private final Net net = Net.rectifying(2, 4, 2);
        private final ResistiveNetwork physics = net.physics();
        private final double[] start = net.start();

        private Compliant dressed() {
            return Net.started(new Compliant(new Gauged(net.digital()), SOFTNESS, 1, Motion.TO_REST), start);
        }

        private static Stimulus inputs(double... x) {
            return Stimulus.of(Levels.of(Role.INPUT, x));
        }

        @Test
        void itEndsWhereStateAndParametersComeToRestTogether() {
            double[] x = {1.5, -1};
            double[] push = {0.8, -0.8};
            Compliant compliant = dressed();
            double[] force = ask(compliant, inputs(x)).levels().row(Role.FORCE);
            double[] ended = ask(
                            compliant,
                            inputs(x)
                                    .nudged(new Nudge.Force(Levels.of(Role.NUDGE, push)))
                                    .when(Plasticity.FREE))
                    .parameters();

            // u = theta + eps f1, then the physics' own joint relaxation under the nudge.
            double[] knob = new double[start.length];
            Arrays.setAll(knob, k -> start[k] + SOFTNESS * force[k]);
            double[] softness = new double[start.length];
            Arrays.fill(softness, SOFTNESS);
            double[] theta = start.clone();
            double[][] state = new double[1][physics.states()];
            Drive drive = Drive.free(x, 2).pushed(push);
            double[] lowest = new double[start.length];
            double[] highest = new double[start.length];
            Arrays.fill(lowest, Net.LOWEST);
            Arrays.fill(highest, Net.HIGHEST);
            var rest = new JointRelaxation(physics, lowest, highest)
                    .settle(knob, softness, new Drive[] {drive}, theta, state, 1e-13);
            assertThat(rest.settled()).isTrue();

            double way = 0;
            double error = 0;
            double oneStep = 0;
            double[] single = oneStep(x, push);
            for (int k = 0; k < theta.length; k++) {
                way = Math.max(way, Math.abs(theta[k] - start[k]));
                error = Math.max(error, Math.abs(theta[k] - ended[k]));
                oneStep = Math.max(oneStep, Math.abs(theta[k] - single[k]));
            }
            // It stops when it moves by a thousandth of its way; what would have followed is less than that again.
            assertThat(error).isLessThan(1e-3 * way);
            // A single step is another thing.
            assertThat(oneStep).isGreaterThan(1e-2 * way);
        }

        private double[] oneStep(double[] x, double[] push) {
            Compliant compliant =
                    Net.started(new Compliant(new Gauged(net.digital()), SOFTNESS, 1, Motion.ONE_STEP), start);
            ask(compliant, inputs(x));
            return ask(
                            compliant,
                            inputs(x)
                                    .nudged(new Nudge.Force(Levels.of(Role.NUDGE, push)))
                                    .when(Plasticity.FREE))
                    .parameters();
        }

        @Test
        void aReleaseToRestLowersTheCost() {
            Compliant compliant = dressed();
            Stimulus held = inputs(1.5, -1);
            Levels target = Levels.of(Role.OUTPUT, 0.5, -0.5);
            double before = cost(ask(compliant, held).outputs(0));
            ask(compliant, held.nudged(new Nudge.Coupling(-0.25, target)));
            ask(compliant, held.nudged(new Nudge.Coupling(0.25, target)).when(Plasticity.FREE));
            double after = cost(ask(compliant, held).outputs(0));
            assertThat(after).isLessThan(before);
        }

        private static double cost(double[] outputs) {
            return Math.pow(outputs[0] - 0.5, 2) + Math.pow(outputs[1] + 0.5, 2);
        }

        @Test
        void whereNothingPullsNothingMoves() {
            Spied bare = new Spied(net.digital());
            Compliant compliant = Net.started(new Compliant(new Gauged(bare), SOFTNESS, 1, Motion.TO_REST), start);
            ask(compliant, inputs(1, 1));
            bare.forget();
            assertThat(ask(compliant, inputs(1, 1).when(Plasticity.FREE)).parameters())
                    .containsExactly(start, within(1e-12));
            assertThat(bare.asked).hasSizeLessThan(5);
        }

        @Test
        void noiseDoesNotKeepItFromComingToRest() {
            Spied bare = new Spied(net.noisyDigital(1e-4));
            Compliant compliant = Net.started(new Compliant(new Gauged(bare), SOFTNESS, 1, Motion.TO_REST), start);
            ask(compliant, inputs(1.5, -1));
            bare.forget();
            Response response = ask(
                    compliant,
                    inputs(1.5, -1)
                            .nudged(new Nudge.Force(Levels.of(Role.NUDGE, 0.8, -0.8)))
                            .when(Plasticity.FREE));
            assertThat(response.quality()).isEqualTo(Quality.SETTLED);
            assertThat(bare.asked).hasSizeLessThan(100);
        }

        @Test
        void parametersThatNeverComeToRestAreSaidNotTo() {
            Sensor sensor = new Sensor(1, Scale.CONTINUOUS);
            // The force grows with the position three times as fast as the spring's: a stride throws it ever further.
            sensor.forces = levels -> new double[] {3 * (levels[0] - 5)};
            Compliant compliant = new Compliant(sensor, 1, 1, Motion.TO_REST);
            ask(compliant, at(HELD, 6));
            sensor.forces = levels -> new double[] {3 * (levels[0] - 5.1)};
            Response response = ask(compliant, FREE);
            assertThat(response.quality().verdict()).isEqualTo(Verdict.UNSETTLED);
            assertThat(response.quality().remark())
                    .contains("did not come to rest")
                    .contains("make the springs stiffer");
        }
    }

    @Nested
    class Batches {

        private final Net net = Net.rectifying(2, 4, 2);
        private final Scale codes = Scale.Linear.of(6, Net.LOWEST, Net.HIGHEST);

        private Stimulus random(Random random) {
            Levels levels = Levels.NONE;
            if (random.nextBoolean()) {
                levels = levels.and(Levels.of(Role.INPUT, random.nextDouble(-1, 1), random.nextDouble(-1, 1)));
            }
            if (random.nextInt(3) == 0) {
                levels = levels.and(Levels.of(Role.SOFTNESS, random.nextDouble(0.5)));
            }
            if (random.nextInt(4) == 0) {
                levels = levels.and(
                        Levels.some(Role.PARAMETER, new int[] {random.nextInt(5), 7}, random.nextDouble(0.2, 1), 1));
            }
            Nudge nudge = switch (random.nextInt(3)) {
                case 0 -> Nudge.NONE;
                case 1 -> new Nudge.Force(Levels.of(Role.NUDGE, random.nextDouble(), -random.nextDouble()));
                default -> new Nudge.Difference(random.nextDouble(-1, 1), Levels.of(Role.OUTPUT, 0.3, -0.2));
            };
            return Stimulus.of(levels).nudged(nudge).when(random.nextInt(3) == 0 ? Plasticity.FREE : Plasticity.HELD);
        }

        @Test
        void areAnsweredBitForBitLikeTheirStimuliOneByOne() {
            for (Motion motion : Motion.values()) {
                for (int seed = 0; seed < 50; seed++) {
                    Random random = new Random(seed);
                    List<Stimulus> stimuli =
                            Stream.generate(() -> random(random)).limit(12).toList();
                    Spied oneByOne = new Spied(net.digital(codes, 1));
                    Spied batched = new Spied(net.digital(codes, 1));
                    Compliant single = Net.started(new Compliant(new Gauged(oneByOne), 0.1, 1, motion), net.start());
                    Compliant together = Net.started(new Compliant(new Gauged(batched), 0.1, 1, motion), net.start());
                    List<Response> expected =
                            stimuli.stream().map(one -> ask(single, one)).toList();
                    assertThat(together.presentAll(stimuli, Deadline.NEVER)).isEqualTo(expected);
                    assertThat(batched.asked).isEqualTo(oneByOne.asked);
                    assertThat(Memory.of(together)).isEqualTo(Memory.of(single));
                }
            }
        }

        @Test
        void endWhereParametersWentFree() {
            Spied bare = new Spied(net.digital(codes, 1));
            Compliant compliant = Net.started(new Compliant(new Gauged(bare), 0.1, 1, Motion.ONE_STEP), net.start());
            bare.forget();
            Stimulus held = Stimulus.of(Levels.of(Role.INPUT, 1, -0.5));
            Stimulus free = held.when(Plasticity.FREE);
            var unused = compliant.presentAll(List.of(held, held, free, free, held, held), Deadline.NEVER);
            assertThat(bare.batches).containsExactly(3, 1, 2);
            assertThat(compliant.presentAll(List.of(), Deadline.NEVER)).isEmpty();
            assertThat(bare.batches).hasSize(3);
        }

        @Test
        void codesThatChangedTravelWithTheFirstStimulusThatNeedsThem() {
            Sensor sensor = new Sensor(3, Scale.CONTINUOUS);
            Compliant compliant = springs(sensor, 0.1);
            var unused =
                    compliant.presentAll(List.of(at(HELD, 1, 2, 3), HELD, at(HELD, 1, 4, 3), HELD), Deadline.NEVER);
            assertThat(sensor.written)
                    .containsExactly(
                            Levels.some(Role.PARAMETER, new int[] {0, 1, 2}, 1, 2, 3),
                            null,
                            Levels.some(Role.PARAMETER, new int[] {1}, 4),
                            null);
        }

        @Test
        void thatBrokeSendEverythingOfThemAgain() {
            Sensor sensor = new Sensor(3, Scale.CONTINUOUS);
            Compliant compliant = springs(sensor, 0.1);
            ask(compliant, at(HELD, 1, 2, 3));
            sensor.broken = true;
            assertThatThrownBy(
                            () -> compliant.presentAll(List.of(at(HELD, 1, 7, 3), at(HELD, 1, 7, 8)), Deadline.NEVER))
                    .isInstanceOf(DeviceException.class);
            assertThat(ask(compliant, HELD).parameters()).containsExactly(1, 7, 8);
            assertThat(sensor.levels()).containsExactly(1, 7, 8);
        }

        @Test
        void withOneThatIsRefusedImposeNothing() {
            Sensor sensor = new Sensor(3, Scale.CONTINUOUS);
            Compliant compliant = springs(sensor, 0.1);
            ask(compliant, at(HELD, 1, 2, 3));
            int asked = sensor.written.size();
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> compliant.presentAll(List.of(at(HELD, 4, 5, 6), at(HELD, 4, 5, 11)), Deadline.NEVER));
            assertThat(sensor.written).hasSize(asked);
            assertThat(ask(compliant, HELD).parameters()).containsExactly(1, 2, 3);
        }
    }

    @Nested
    class WhatItIs {

        @Test
        void itsCardPromisesHomeostasisAndASoftness() {
            Compliant compliant = springs(new Sensor(2, Scale.CONTINUOUS), 0.1);
            assertThat(compliant.descriptor().can(Ability.HOMEOSTASIS)).isTrue();
            assertThat(compliant.descriptor().channels(Role.SOFTNESS))
                    .singleElement()
                    .satisfies(channel -> {
                        assertThat(channel.safe()).isEqualTo(0.1);
                        assertThat(channel.max()).isEqualTo(10);
                        assertThat(channel.unit()).isEqualTo("1/1");
                    });
        }

        @Test
        void aSoftnessBeyondItsRangeIsRefused() {
            Sensor sensor = new Sensor(1, Scale.CONTINUOUS);
            Compliant compliant = springs(sensor, 0.1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ask(compliant, HELD.with(HELD.levels().and(Levels.of(Role.SOFTNESS, 11)))))
                    .withMessageContaining("softness");
            assertThat(sensor.written).isEmpty();
        }

        @Test
        void aDeviceWithoutForcesIsToldToBeGauged() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Compliant(Net.linear(1, 1, 1).digital(), 1, 1, Motion.ONE_STEP))
                    .withMessageContaining("shows no forces (wrap it in a Gauged)");
        }

        @Test
        void aDeviceThatCannotBeWrittenIsRefused() {
            Device sensor = new Sensor(1, Scale.CONTINUOUS);
            Device readOnly = new Able(sensor, EnumSet.of(Ability.FORCES));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Compliant(readOnly, 1, 1, Motion.ONE_STEP))
                    .withMessageContaining("this device cannot be written");
        }

        private List<Response> lessons(Device device) {
            return Stream.of(0.3, -1.0, 1.7, -0.2)
                    .flatMap(x -> Stream.of(
                            ask(device, Stimulus.of(Levels.of(Role.INPUT, x, -x))),
                            ask(
                                    device,
                                    Stimulus.of(Levels.of(Role.INPUT, x, -x))
                                            .nudged(new Nudge.Force(Levels.of(Role.NUDGE, x, 0.2)))
                                            .when(Plasticity.FREE))))
                    .toList();
        }

        @Test
        void savedAndRestoredItGoesOnBitForBit() {
            Net net = Net.rectifying(2, 4, 2);
            Scale codes = Scale.Linear.of(6, Net.LOWEST, Net.HIGHEST);
            Compliant one =
                    Net.started(new Compliant(new Gauged(net.digital(codes, 1)), 0.1, 1, Motion.TO_REST), net.start());
            lessons(one);
            byte[] memory = Memory.of(one);
            List<Response> wentOn = lessons(one);
            Spied bare = new Spied(net.digital(codes, 1));
            Compliant other = Memory.into(new Compliant(new Gauged(bare), 0.1, 1, Motion.TO_REST), memory);
            assertThat(lessons(other)).isEqualTo(wentOn);
            assertThat(Memory.of(other)).isEqualTo(Memory.of(one));
            // It remembers which codes are written: the first exchange sends few of them.
            assertThat(
                            bare.asked.getFirst().levels().has(Role.PARAMETER)
                                    ? bare.asked.getFirst().levels().size(Role.PARAMETER)
                                    : 0)
                    .isLessThan(net.parameters() / 2);
        }
    }
}
