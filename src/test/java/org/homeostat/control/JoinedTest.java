package org.homeostat.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.homeostat.control.Joined.Member;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Memory;
import org.homeostat.fixtures.Net;
import org.homeostat.fixtures.Sensor;
import org.homeostat.fixtures.Spied;
import org.homeostat.learn.AgnosticEqProp;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Example;
import org.homeostat.learn.Sidedness;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JoinedTest {

    private static final double[][] INPUTS = {{1, -0.5}, {-1.5, 0.2}, {0.3, 0.7}};

    /** A twin whose answer or end something befalls; it lives on by itself, as a board does. */
    private static final class Board implements Device {
        private final Device held;
        private final UnaryOperator<Response> befalls;
        private boolean endsBadly;
        private boolean closed;
        private int asked;

        Board(Device held, UnaryOperator<Response> befalls) {
            this.held = held;
            this.befalls = befalls;
        }

        @Override
        public Descriptor descriptor() {
            return held.descriptor();
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            asked++;
            return befalls.apply(held.present(stimulus, deadline));
        }

        @Override
        public void close() {
            closed = true;
            held.close();
            if (endsBadly) {
                throw new DeviceException(Fault.TIMEOUT, "it did not say that it is safe");
            }
        }
    }

    private static Net net() {
        return Net.rectifying(2, 3, 2);
    }

    private static Board board(UnaryOperator<Response> befalls) {
        return new Board(net().digital(), befalls);
    }

    private static Board broken(Fault fault) {
        return board(response -> {
            throw new DeviceException(fault, "it is " + fault);
        });
    }

    private static Device joined(Device... devices) {
        List<Member> members = new ArrayList<>();
        for (Device device : devices) {
            members.add(new Member("bench:" + (char) ('a' + members.size()), device));
        }
        return Joined.of(members);
    }

    private static Device twins(int count) {
        Device[] twins = new Device[count];
        Arrays.setAll(twins, i -> net().noisyDigital(0.01 * i));
        return joined(twins);
    }

    private static Response ask(Device device, Stimulus stimulus) {
        return device.present(stimulus, Deadline.NEVER);
    }

    private static Stimulus inputs(double[]... rows) {
        return Stimulus.of(Levels.of(Role.INPUT, rows));
    }

    private static Nudge force(double[]... rows) {
        return new Nudge.Force(Levels.of(Role.NUDGE, rows));
    }

    @Test
    void theCardIsTheirsWithAllTheirLanes() {
        Descriptor one = net().digital(Scale.CONTINUOUS, 2).descriptor();
        Device three = joined(
                net().digital(Scale.CONTINUOUS, 2),
                net().digital(Scale.CONTINUOUS, 2),
                net().digital(Scale.CONTINUOUS, 2));
        assertThat(three.descriptor().lanes()).isEqualTo(6);
        assertThat(three.descriptor().channels()).isEqualTo(one.channels());
        assertThat(three.descriptor().forceLaws()).isEqualTo(one.forceLaws());
        assertThat(three.bare()).isSameAs(three);
    }

    @Test
    void eachIsAskedItsOwnRowsAndAllAreGivenTheSameParameters() {
        Spied first = new Spied(net().digital(Scale.CONTINUOUS, 2));
        Spied second = new Spied(net().digital(Scale.CONTINUOUS, 2));
        Levels rows = Levels.of(Role.INPUT, new double[][] {{1, 0}, {0.5, 0}, {-1, 0.2}, {-0.5, 0}});
        Levels some = Levels.some(Role.PARAMETER, new int[] {3, 5}, 0.4, 0.6);
        Nudge push = force(new double[] {0.1, 0}, new double[] {0.2, 0}, new double[] {0.3, 0}, new double[] {0, 0.4});
        ask(joined(first, second), new Stimulus(rows.and(some), push, Plasticity.HELD, new Settling.Usual(4)));

        assertThat(first.last())
                .isEqualTo(new Stimulus(
                        Levels.of(Role.INPUT, new double[][] {{1, 0}, {0.5, 0}}).and(some),
                        force(new double[] {0.1, 0}, new double[] {0.2, 0}),
                        Plasticity.HELD,
                        new Settling.Usual(4)));
        assertThat(second.last())
                .isEqualTo(new Stimulus(
                        Levels.of(Role.INPUT, new double[][] {{-1, 0.2}, {-0.5, 0}})
                                .and(some),
                        force(new double[] {0.3, 0}, new double[] {0, 0.4}),
                        Plasticity.HELD,
                        new Settling.Usual(4)));
    }

    @Test
    void whatABoardAnswersAloneItAnswersAmongOthers() {
        Device together = Net.started(twins(3), net().start());
        Response response = ask(together, inputs(INPUTS));
        for (int i = 0; i < INPUTS.length; i++) {
            Device alone = Net.started(net().noisyDigital(0.01 * i), net().start());
            Response expected = ask(alone, inputs(INPUTS[i]));
            assertThat(response.outputs(i)).containsExactly(expected.outputs(0));
            assertThat(response.levels().row(Role.MONITOR, i))
                    .containsExactly(expected.levels().row(Role.MONITOR));
            assertThat(response.errors().row(Role.OUTPUT, i))
                    .containsExactly(expected.errors().row(Role.OUTPUT));
        }
    }

    @Test
    void aBatchIsABatchForEach() {
        Spied first = new Spied(net().digital());
        Spied second = new Spied(net().digital());
        List<Stimulus> step = List.of(
                inputs(new double[] {1, 0}, new double[] {0, 1}),
                inputs(new double[] {0, 0}, new double[] {1, 1}).nudged(force(new double[] {0.1, 0.1})));
        List<Response> responses = joined(first, second).presentAll(step, Deadline.NEVER);
        assertThat(responses).hasSize(2);
        assertThat(first.batches).containsExactly(2);
        assertThat(second.batches).containsExactly(2);
        assertThat(responses.get(1).outputs(1))
                .containsExactly(second.answered.get(1).outputs(0));
    }

    /** Each waits until the other has been asked too: one after the other would wait for ever. */
    @Test
    void allAreAskedAtTheSameTime() {
        CyclicBarrier both = new CyclicBarrier(2);
        UnaryOperator<Response> meets = response -> {
            try {
                var unused = both.await(20, TimeUnit.SECONDS);
                return response;
            } catch (Exception e) {
                throw new AssertionError("asked alone", e);
            }
        };
        Response response = ask(joined(board(meets), board(meets)), inputs(INPUTS[0]));
        assertThat(response.levels().rows(Role.OUTPUT)).isEqualTo(2);
    }

    @Test
    void whatLanesShareIsTheMeanOverTheBoards() {
        Sensor first = new Sensor(2, Scale.CONTINUOUS);
        Sensor second = new Sensor(2, Scale.CONTINUOUS);
        first.forces = levels -> new double[] {1, -4};
        second.forces = levels -> new double[] {4, 2};
        Response response = ask(joined(first, second), Stimulus.of(Levels.of(Role.PARAMETER, 3, 7)));
        assertThat(response.levels().row(Role.FORCE)).containsExactly(2.5, -1);
        assertThat(first.levels()).containsExactly(3, 7);
        assertThat(second.levels()).containsExactly(3, 7);
    }

    @Test
    void theLongestTimeAndTheWorstQualityCountWithTheNameOfTheBoard() {
        Device three = joined(
                board(response -> response),
                board(response -> new Response(
                        response.levels(),
                        response.errors(),
                        response.reads(),
                        7,
                        new Quality(Verdict.UNSETTLED, "h2", "it swings; dwell longer"))),
                board(response -> response.with(new Quality(Verdict.CLIPPED, "o1", "it clips"))));
        Response response = ask(three, inputs(INPUTS));
        assertThat(response.deviceSeconds()).isEqualTo(7);
        assertThat(response.quality())
                .isEqualTo(new Quality(Verdict.UNSETTLED, "h2", "bench:b: it swings; dwell longer"));
    }

    @Test
    void oneThatFailsIsNamedAndTheOthersHaveBeenAsked() {
        Board first = board(response -> response);
        Board third = board(response -> response);
        Device three = joined(first, broken(Fault.TIMEOUT), third);
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(three, inputs(INPUTS)))
                .withMessage("bench:b: it is TIMEOUT")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.TIMEOUT);
        assertThat(first.asked).isEqualTo(1);
        assertThat(third.asked).isEqualTo(1);
    }

    /** One that latched is at its safe levels, of one that is gone nobody knows. */
    @Test
    void oneThatIsGoneIsWorseThanOneThatLatched() {
        Device three = joined(broken(Fault.LATCHED), board(response -> response), broken(Fault.DISCONNECTED));
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(three, inputs(INPUTS)))
                .withMessage("bench:c: it is DISCONNECTED")
                .satisfies(failure -> assertThat(failure.getSuppressed())
                        .singleElement()
                        .extracting(Throwable::getMessage)
                        .isEqualTo("bench:a: it is LATCHED"));
    }

    @Test
    void whatOneAloneRefusesWasImposedOnTheOthers() {
        Device two = joined(board(response -> response), board(response -> {
            throw new IllegalArgumentException("too large for me");
        }));
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(two, inputs(INPUTS[0])))
                .withMessageContainingAll("bench:b: too large for me", "other boards took the same")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.REFUSED);
    }

    @Test
    void whatAllRefuseIsTheCallersMistake() {
        Stimulus early = inputs(INPUTS[0]).nudged(new Nudge.Difference(0.1, Levels.of(Role.OUTPUT, 1, 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ask(twins(2), early))
                .withMessageContainingAll("bench:a", "without a nudge");
    }

    @Test
    void allAreClosedWhateverHappensToOne() {
        Board first = board(response -> response);
        Board second = board(response -> response);
        Board third = board(response -> response);
        second.endsBadly = true;
        Device three = joined(first, second, third);
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(three::close)
                .withMessage("bench:b: it did not say that it is safe");
        three.close();
        assertThat(first.closed).isTrue();
        assertThat(third.closed).isTrue();
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(three, inputs(INPUTS)))
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
    }

    @Test
    void twinsGoOnFromTheirMemoryBitForBit() {
        Device one = Net.started(twins(3), net().start());
        ask(one, inputs(INPUTS));
        byte[] memory = Memory.of((Restorable) one);
        Response expected = ask(one, Stimulus.of(Levels.NONE));
        Device other = (Device) Memory.into((Restorable) twins(3), memory);
        assertThat(ask(other, Stimulus.of(Levels.NONE))).isEqualTo(expected);
    }

    /** The journal answers for a board, and a twin is asked again: a rack with a board in it is a board. */
    @Test
    void aRackWithABoardInItIsNotPutBack() {
        assertThat(twins(2)).isInstanceOf(Restorable.class);
        assertThat(joined(net().digital(), board(response -> response))).isNotInstanceOf(Restorable.class);
    }

    @Test
    void whatCannotShareParametersIsNotJoined() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> joined(net().digital(), Net.rectifying(2, 4, 2).digital()))
                .withMessageContainingAll("bench:b is a digital-net with card", "bench:a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> joined(net().compliant(), net().compliant()))
                .withMessageContaining("the parameters of a compliant-net move by themselves");
        assertThatIllegalArgumentException().isThrownBy(() -> joined(net().digital()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> joined(net().digital(), new Written(net().digital())))
                .withMessageContainingAll("bench:b", "only bare devices");
    }

    /** Data-parallel learning: from the same parameters, boards together move by the mean of how each moves alone. */
    @Test
    void aStepTogetherIsTheMeanOfTheStepsAlone() {
        double[][] targets = {{0.3, -0.1}, {-0.2, 0.1}, {0, 0.4}};
        double[] start = net().start();
        double[] mean = new double[start.length];
        for (int i = 0; i < INPUTS.length; i++) {
            double[] alone = taught(net().digital(), new double[][] {INPUTS[i]}, new double[][] {targets[i]});
            for (int k = 0; k < mean.length; k++) {
                mean[k] += (alone[k] - start[k]) / INPUTS.length;
            }
        }
        double[] together = taught(joined(net().digital(), net().digital(), net().digital()), INPUTS, targets);
        for (int k = 0; k < mean.length; k++) {
            together[k] -= start[k];
        }
        assertThat(Arrays.stream(mean).map(Math::abs).max().orElse(0)).isGreaterThan(1e-4);
        assertThat(together).containsExactly(mean, within(1e-12));
    }

    private static double[] taught(Device bare, double[][] inputs, double[][] targets) {
        Device device =
                Net.started(new Compliant(new Gauged(bare), 0.05, 10, Compliant.Motion.ONE_STEP), net().start());
        AgnosticEqProp learner = new AgnosticEqProp(
                new AgnosticEqProp.Settings(Sidedness.CENTERED, 0.5, 0.05, 1, Settling.USUAL, Nudge.Kind.FORCE),
                new Cost.SquaredError(),
                null);
        return learner.step(device, new Example(Levels.of(Role.INPUT, inputs), targets), Deadline.NEVER)
                .parameters();
    }
}
