package org.homeostat.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.homeostat.board.BoardDevice.Limits;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.link.LinkException;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may move a board, and when. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BoardDeviceTest {

    private static final Duration SECONDS = Duration.ofSeconds(5);

    @TempDir
    Path runs;

    private Device twin(String uri) {
        return new Catalog(new RunStore(runs)).open(uri).device();
    }

    private Bench bench() {
        return new Bench(twin("twin:resistor-array-v1"));
    }

    private static Stimulus inputs(Descriptor card, double level) {
        double[] row = new double[card.count(Role.INPUT)];
        Arrays.fill(row, level);
        return Stimulus.of(Levels.of(Role.INPUT, row));
    }

    private static Response ask(BoardDevice board, double level) {
        return board.present(inputs(board.descriptor(), level), Deadline.in(SECONDS));
    }

    private static void assertLatched(ThrowingCallable asking, String why) {
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(asking)
                .withMessageContainingAll("resistor-array-v1", "serial:port", "latched at its safe levels", why)
                .satisfies(
                        latched -> assertThat(latched.fault().retrySensible()).isFalse());
    }

    private static void await(BooleanSupplier condition) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(limit);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** What was imposed, without what the board does by itself to go to its safe levels. */
    private static List<Stimulus> moves(Bench bench, Descriptor card) {
        List<Stimulus> moves = bench.imposed();
        moves.removeIf(card.safe()::equals);
        return moves;
    }

    // Arming

    @Test
    void nothingMovesBeforeItIsArmed() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.host();
            assertThat(board.ready()).isFalse();
            assertLatched(() -> ask(board, 1), "not been armed yet");
            assertThat(bench.imposed()).isEmpty();
            board.arm();
            assertThat(board.ready()).isTrue();
            ask(board, 1);
            assertThat(bench.imposed()).hasSize(1);
        }
    }

    @Test
    void armedOnceMoreItGoesOn() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            double before = ask(board, 1).deviceSeconds();
            board.arm();
            assertThat(ask(board, 1).deviceSeconds()).isGreaterThan(before);
        }
    }

    @Test
    void stoppedItIsAtItsSafeLevelsUntilItIsArmedAgain() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            ask(board, 1);
            assertThat(board.stop()).isTrue();
            assertThat(bench.imposed().getLast()).isEqualTo(board.descriptor().safe());
            assertThat(board.ready()).isFalse();
            assertLatched(() -> ask(board, 1), "it was stopped");
            assertThat(board.stop()).isTrue();
            board.arm();
            ask(board, 1);
            assertThat(moves(bench, board.descriptor())).hasSize(2);
        }
    }

    @Test
    void closedItLeavesTheBoardAtItsSafeLevels() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            ask(board, 1);
            board.close();
            assertThat(bench.imposed().getLast()).isEqualTo(board.descriptor().safe());
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(board::arm)
                    .withMessageContaining("was closed")
                    .extracting(DeviceException::fault)
                    .isEqualTo(Fault.DISCONNECTED);
            assertThat(board.stop()).isFalse();
        }
    }

    @Test
    void closedByAnotherThreadItStopsTheBoardAndWhoeverWaitsIsTold() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            ask(board, 1);
            bench.stall(Duration.ofMillis(300));
            CompletableFuture<Response> waiting =
                    CompletableFuture.supplyAsync(() -> board.present(inputs(board.descriptor(), -1), Deadline.NEVER));
            LockSupport.parkNanos(50_000_000);
            board.close();
            assertThat(waiting).failsWithin(SECONDS).withThrowableThat().withMessageContaining("was closed");
            assertThat(bench.imposed().getLast()).isEqualTo(board.descriptor().safe());
        }
    }

    // Restarts, other hosts, silence

    @Test
    void aRestartedBoardIsNotTakenForTheSame() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            double before = ask(board, 1).deviceSeconds();
            bench.restart();
            int imposed = bench.imposed().size();
            assertLatched(() -> ask(board, -1), "restarted");
            assertThat(bench.imposed()).hasSize(imposed);
            board.arm();
            assertThat(ask(board, -1).deviceSeconds()).isGreaterThanOrEqualTo(before);
        }
    }

    @Test
    void aRestartIsNoticedWithoutAQuestion() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            bench.restart();
            await(() -> !board.ready());
            assertLatched(() -> ask(board, -1), "restarted");
        }
    }

    @Test
    void aRestartWhileTheCableIsOutIsNoticed() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            ask(board, 1);
            bench.port.unplug();
            bench.restart();
            bench.port.plug();
            int imposed = bench.imposed().size();
            assertLatched(() -> ask(board, -1), "restarted");
            assertThat(bench.imposed()).hasSize(imposed);
        }
    }

    @Test
    void aBoardThatAnotherHostTookOverIsLeftToIt() throws Exception {
        try (Bench bench = bench()) {
            boolean[] away = {false};
            BoardDevice first = bench.host(() -> {
                if (away[0]) {
                    throw new LinkException(LinkException.Trouble.ABSENT, "port: there is nothing");
                }
                return bench.port.open();
            });
            first.arm();
            ask(first, 1);
            away[0] = true;
            bench.port.unplug();
            await(() -> !first.ready());
            bench.port.plug();
            BoardDevice second = bench.armed();
            ask(second, -1);
            away[0] = false;
            LockSupport.parkNanos(300_000_000);
            ask(second, -0.5);
            assertThat(second.ready()).isTrue();
            second.close();
            int imposed = bench.imposed().size();
            assertLatched(() -> ask(first, 1), "");
            assertThat(bench.imposed()).hasSize(imposed);
        }
    }

    @Test
    void aHostThatIsSilentLosesTheBoard() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            ask(board, 1);
            bench.port.unplug();
            await(() -> bench.imposed().getLast().equals(board.descriptor().safe()));
            bench.port.plug();
            await(() -> !board.ready());
            int imposed = bench.imposed().size();
            assertLatched(() -> ask(board, -1), "had not heard from this program for too long");
            assertThat(bench.imposed()).hasSize(imposed);
            board.arm();
            ask(board, -1);
            assertThat(bench.imposed()).hasSize(imposed + 1);
        }
    }

    @Test
    void aHostThatHasNothingToSayKeepsTheBoardArmed() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            ask(board, 1);
            LockSupport.parkNanos(1_500_000_000);
            ask(board, -1);
            assertThat(bench.imposed()).hasSize(2);
        }
    }

    @Test
    void aCableThatIsBackInTimeIsNoMatter() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            for (int pull = 0; pull < 20; pull++) {
                bench.port.unplug();
                bench.port.plug();
                ask(board, 0.01 * pull);
            }
            assertThat(bench.imposed()).hasSize(20);
        }
    }

    @Test
    void anotherKindOfBoardBehindTheSamePathIsRefused() throws Exception {
        try (Bench bench = bench();
                Bench other = new Bench(twin("twin:resistor-compliant"))) {
            boolean[] swapped = {false};
            BoardDevice board = bench.host(() -> swapped[0] ? other.port.open() : bench.port.open());
            board.arm();
            swapped[0] = true;
            bench.port.unplug();
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> ask(board, 1))
                        .withMessageContainingAll("another board now", "open it anew");
            }
            assertThat(other.imposed()).isEmpty();
        }
    }

    // Deadlines

    @Test
    void anAnswerThatCameTooLateIsHadByAskingAgain() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            ask(board, 1);
            List<Stimulus> question = List.of(inputs(board.descriptor(), -1), inputs(board.descriptor(), 0.5));
            bench.stall(Duration.ofMillis(300));
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> board.presentAll(question, Deadline.in(Duration.ofMillis(50))))
                    .withMessageContaining("ask the same again")
                    .extracting(DeviceException::fault)
                    .isEqualTo(Fault.TIMEOUT);
            assertThat(board.presentAll(question, Deadline.in(SECONDS))).hasSize(2);
            assertThat(bench.imposed()).hasSize(3);
            // From then on it is another question.
            assertThat(board.presentAll(question, Deadline.in(SECONDS))).hasSize(2);
            assertThat(bench.imposed()).hasSize(5);
        }
    }

    @Test
    void anotherQuestionWaitsForTheAnswerThatCameTooLate() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            bench.stall(Duration.ofMillis(300));
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(
                            () -> board.present(inputs(board.descriptor(), -1), Deadline.in(Duration.ofMillis(50))));
            Response answer = ask(board, 1);
            assertThat(bench.imposed()).hasSize(2);
            assertThat(ask(board, 1).outputs(0)[0])
                    .isCloseTo(answer.outputs(0)[0], org.assertj.core.data.Offset.offset(6e-3));
        }
    }

    @Test
    void aPortThatTakesLongToOpenKeepsNobodyWaitingBeyondItsDeadline() throws Exception {
        try (Bench bench = bench()) {
            boolean[] slow = {false};
            BoardDevice board = bench.host(() -> {
                if (slow[0]) {
                    LockSupport.parkNanos(2_000_000_000);
                }
                return bench.port.open();
            });
            board.arm();
            slow[0] = true;
            bench.port.unplug();
            bench.port.plug();
            long began = System.nanoTime();
            for (int i = 0; i < 3; i++) {
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(
                                () -> board.present(inputs(board.descriptor(), 1), Deadline.in(Duration.ofMillis(100))))
                        .extracting(DeviceException::fault)
                        .isEqualTo(Fault.DISCONNECTED);
            }
            board.close();
            // Three deadlines and a close, and a second of scheduling on a busy machine; less than one opening.
            assertThat(System.nanoTime() - began).isLessThan(1_800_000_000L);
        }
    }

    @Test
    void anAbsentBoardIsSaidToBeGone() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.armed();
            bench.port.unplug();
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> board.present(inputs(board.descriptor(), 1), Deadline.in(Duration.ofMillis(200))))
                    .withMessageContainingAll("serial:port", "gone", "plug the board in")
                    .extracting(DeviceException::fault)
                    .isEqualTo(Fault.DISCONNECTED);
            bench.port.plug();
        }
    }

    // Limits

    @Test
    void whatLiesBeyondTheLimitsIsRefusedAndNothingOfItsBatchIsImposed() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.host();
            board.arm(List.of(new Limits(Role.INPUT, -1, 1, Double.POSITIVE_INFINITY, 0)));
            Descriptor card = board.descriptor();
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(
                            () -> board.presentAll(List.of(inputs(card, 0.5), inputs(card, 1.1)), Deadline.in(SECONDS)))
                    .withMessageContaining("limits");
            assertThat(bench.imposed()).isEmpty();
            board.presentAll(List.of(inputs(card, -1), inputs(card, 1)), Deadline.in(SECONDS));
            board.arm();
            ask(board, 1.1);
            assertThat(bench.imposed()).hasSize(3);
        }
    }

    @Test
    void aLimitThatDoesNotEncloseTheSafeLevelIsTheCallersMistake() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.host();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> board.arm(List.of(new Limits(Role.INPUT, 0.5, 1, 1, 0))))
                    .withMessageContainingAll("x1", "safe level");
            assertThatIllegalArgumentException().isThrownBy(() -> new Limits(Role.OUTPUT, 0, 1, 1, 0));
            assertThatIllegalArgumentException().isThrownBy(() -> new Limits(Role.INPUT, 0, 1, 0, 0));
        }
    }

    @Test
    void aSlewIsWalkedAndNotJumped() throws Exception {
        try (Bench bench = bench()) {
            BoardDevice board = bench.host();
            double slew = 0.1;
            board.arm(List.of(
                    new Limits(Role.INPUT, -2, 2, slew, 1e-3), new Limits(Role.NUDGE, -1e-4, 1e-4, 1e-5, 2e-3)));
            Descriptor card = board.descriptor();
            double[] force = new double[card.count(Role.NUDGE)];
            Arrays.fill(force, 1e-4);
            Nudge push = new Nudge.Force(Levels.of(Role.NUDGE, force));
            List<Stimulus> asked = List.of(
                    inputs(card, 1.5),
                    inputs(card, -1.5).nudged(push),
                    inputs(card, -1.5).settling(new Settling.Usual(4)));
            double began = ask(board, 0).deviceSeconds();
            List<Response> responses = board.presentAll(asked, Deadline.in(SECONDS));
            List<Double> levels = new ArrayList<>(List.of(0.0));
            List<Double> forces = new ArrayList<>(List.of(0.0));
            for (Stimulus each : bench.imposed()) {
                levels.add(each.levels().has(Role.INPUT) ? each.levels().row(Role.INPUT)[0] : levels.getLast());
                forces.add(
                        each.nudge() instanceof Nudge.Force pull ? pull.levels().row(Role.NUDGE)[0] : 0.0);
            }
            for (int i = 1; i < levels.size(); i++) {
                assertThat(Math.abs(levels.get(i) - levels.get(i - 1))).isLessThanOrEqualTo(slew + 1e-9);
                assertThat(Math.abs(forces.get(i) - forces.get(i - 1))).isLessThanOrEqualTo(1e-5 + 1e-12);
            }
            assertThat(levels).anyMatch(level -> level > 1.499);
            assertThat(levels.getLast()).isLessThan(-1.499);
            assertThat(forces).anyMatch(pull -> pull > 0.999e-4);
            assertThat(forces.getLast()).isZero();
            // 45 moves of 1 ms, while the nudge makes 10 of 2 ms; back it makes another 10.
            double took = responses.getLast().deviceSeconds() - began;
            assertThat(took).isBetween(0.055, 0.090);
        }
    }
}
