package org.homeostat.pi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.homeostat.catalog.PiBoards;
import org.homeostat.device.Channel;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A board of chips as a device: what moves when, and what is left behind. */
class PiDeviceTest {

    private static final String SPI = "resistor-array-pi-spi";
    private static final String I2C = "resistor-array-pi-i2c";
    private static final String TWO = "src/test/resources/boards/two-buses.yaml";

    private static final String ENABLE = "gpio 16";
    private static final String LOAD = "gpio 25";

    private ScriptedPi bench = PiBoards.of(SPI).specimen(3);

    @AfterEach
    void switchOff() {
        assertThat(bench.flags()).isEmpty();
        bench.close();
    }

    private void carry(String board) {
        bench.close();
        bench = PiBoards.of(board).specimen(3);
    }

    private static Stimulus inputs(double... volts) {
        return Stimulus.of(Levels.of(Role.INPUT, volts));
    }

    private static Nudge force(double... amperes) {
        return new Nudge.Force(Levels.of(Role.NUDGE, amperes));
    }

    private static Response ask(Device device, Stimulus stimulus) {
        return device.present(stimulus, Deadline.NEVER);
    }

    // Opening and closing

    @Test
    void itIsEnabledLastAndDisabledFirst() {
        List<String> opening = bench.logged();
        Device device = bench.open();
        assertThat(opening.getLast()).isEqualTo(ENABLE + " high");
        assertThat(opening)
                .filteredOn(what -> what.startsWith(ENABLE))
                .containsExactly(ENABLE + " low", ENABLE + " high");
        ask(device, inputs(1, 1, 1, 1).nudged(force(1e-4, 0, 0)));
        List<String> closing = bench.logged();
        device.close();
        assertThat(closing.getFirst()).isEqualTo(ENABLE + " low");
        for (int i = 0; i < 4; i++) {
            assertThat(bench.specimen().inputVolts(i)).isCloseTo(0, within(6e-3));
        }
        assertThat(bench.specimen().connected(0)).isFalse();
        assertThat(bench.specimen().enabled()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {SPI, I2C, TWO})
    void whatItTookItGivesBack(String board) {
        carry(board);
        for (int opening = 0; opening < 3; opening++) {
            try (Device device = bench.open()) {
                ask(device, device.descriptor().safe());
                assertThat(bench.context().registry().all()).isNotEmpty();
            }
            assertThat(bench.context().registry().all()).isEmpty();
        }
    }

    /** The chips cannot all be read back, and what a board has learned it keeps. */
    @Test
    void openingAndClosingMovesNoParameter() {
        try (Device device = bench.open()) {
            double[] parameters = device.descriptor().channels(Role.PARAMETER).stream()
                    .mapToDouble(Channel::max)
                    .toArray();
            ask(device, Stimulus.of(Levels.of(Role.PARAMETER, parameters)));
        }
        double learned = bench.specimen().siemens(17);
        try (Device device = bench.open()) {
            ask(device, device.descriptor().safe());
        }
        assertThat(bench.specimen().siemens(17)).isEqualTo(learned).isGreaterThan(2e-4);
    }

    @Test
    void aBoardThatIsOpenCannotBeOpenedAgain() {
        try (Device device = bench.open()) {
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(bench::open)
                    .withMessageContaining("GPIO 16 cannot be had");
            // And the one that is open has lost nothing by it.
            assertThat(bench.specimen().enabled()).isTrue();
            assertThat(ask(device, inputs(1, 0, 0, 0)).outputs(0)).hasSize(3);
        }
    }

    @Test
    void closedWhileItWaitsItStopsWaiting() throws InterruptedException {
        Device device = bench.open();
        AtomicReference<Thread> closing = new AtomicReference<>();
        bench.clock().whenPaused(() -> {
            if (closing.get() == null) {
                Thread thread = new Thread(device::close);
                closing.set(thread);
                thread.start();
                while (bench.specimen().enabled()) {
                    Thread.onSpinWait();
                }
            }
        });
        long before = bench.clock().nanos();
        Stimulus hour = inputs(0, 0, 0, 0).settling(new Settling.Dwell(3600, 1));
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(device, hour))
                .withMessageContaining("closed")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
        closing.get().join();
        assertThat(bench.clock().nanos() - before).isLessThan(1_000_000_000L);
        assertThat(bench.context().registry().all()).isEmpty();
    }

    // The end of the program

    private PiDevice opened(Duration grace) {
        PiBoards board = PiBoards.of(SPI);
        return PiDevice.open("pi:" + SPI, board.card(), board.rig(), bench.surroundings(grace));
    }

    @Test
    void aProgramThatEndsDisablesTheBoardWhateverItIsDoing() {
        try (PiDevice device = opened(Duration.ZERO)) {
            assertThat(bench.specimen().enabled()).isTrue();
            device.hook().run();
            assertThat(bench.specimen().enabled()).isFalse();
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> ask(device, inputs(0, 0, 0, 0)))
                    .withMessageContaining("the program was told to end");
        }
    }

    @Test
    void aProgramThatEndsLeavesARunTheTimeToEndInOrder() throws InterruptedException {
        PiDevice device = opened(Duration.ofMinutes(1));
        Thread hook = new Thread(device.hook());
        hook.start();
        assertThat(ask(device, inputs(1, 0, 0, 0)).outputs(0)).hasSize(3);
        assertThat(bench.specimen().enabled()).isTrue();
        device.close();
        hook.join();
        assertThat(bench.specimen().enabled()).isFalse();
    }

    // What goes wrong on the way

    @ParameterizedTest
    @ValueSource(strings = {SPI, I2C})
    void aFaultDisablesTheBoardUntilItIsOpenedAgain(String board) {
        carry(board);
        Device device = bench.open();
        Stimulus safe = device.descriptor().safe();
        ask(device, safe);
        bench.fail("Remote I/O error");
        List<String> log = bench.logged();
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(device, safe))
                .withMessageContainingAll("pi:" + board, "the board was disabled")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
        assertThat(log).contains(ENABLE + " low");
        bench.fail(null);
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(device, safe))
                .withMessageContaining("open it again")
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
        assertThat(bench.specimen().enabled()).isFalse();
        device.close();
        try (Device again = bench.open()) {
            assertThat(ask(again, safe).reads()).isEqualTo(1);
            assertThat(bench.specimen().enabled()).isTrue();
        }
    }

    /** A bus that is dead on closing keeps nobody from disabling the board. */
    @Test
    void aDeadBusDoesNotKeepItFromClosing() {
        Device device = bench.open();
        ask(device, inputs(1, 1, 1, 1).nudged(force(1e-4, 1e-4, 1e-4)));
        bench.fail("Bad file descriptor");
        device.close();
        assertThat(bench.specimen().enabled()).isFalse();
        assertThat(bench.specimen().connected(0)).isFalse();
        assertThat(bench.context().registry().all()).isEmpty();
        bench.fail(null);
    }

    @Test
    void anExchangeThatTakesLongerThanThereIsTimeImposesNothing() {
        try (Device device = bench.open()) {
            ask(device, inputs(0, 0, 0, 0));
            long before = bench.frames();
            Stimulus slow = inputs(1, 1, 1, 1).settling(new Settling.Dwell(2, 1));
            Deadline second = Deadline.in(Duration.ofSeconds(1), bench.clock()::nanos);
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> device.present(slow, second))
                    .withMessageContaining("allow more")
                    .extracting(DeviceException::fault)
                    .isEqualTo(Fault.TIMEOUT);
            assertThat(bench.frames()).isEqualTo(before);
            // It is none the worse for that.
            assertThat(ask(device, inputs(0, 0, 0, 0)).reads()).isEqualTo(1);
        }
    }

    @Test
    void aLevelOutOfRangeIsRefusedBeforeAByteMoves() {
        try (Device device = bench.open()) {
            long before = bench.frames();
            assertThatIllegalArgumentException().isThrownBy(() -> ask(device, inputs(0, 0, 0, 2.1)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ask(device, inputs(0, 0, 0, 0).nudged(force(0, 0, 3e-4))));
            assertThat(bench.frames()).isEqualTo(before);
        }
    }

    // What moves when

    @Test
    void inputsAndNudgesChangeWithOneEdgeAndSwitchesAfterIt() {
        try (Device device = bench.open()) {
            List<String> log = bench.logged();
            ask(device, inputs(1, 0.5, -0.5, -1).nudged(force(1e-4, 0, -1e-4)));
            List<String> moves =
                    log.stream().filter(what -> !what.startsWith("spi 3")).toList();
            // Four inputs, two nudges that pull, then /LDAC, then the switches of those two.
            assertThat(moves.subList(moves.indexOf(LOAD + " low"), moves.size()))
                    .filteredOn(what -> !decoder(what))
                    .startsWith(LOAD + " low", LOAD + " high", "gpio 5 high", "gpio 13 high")
                    .doesNotContain("gpio 6 high");
            assertThat(moves).filteredOn(what -> what.equals(LOAD + " low")).hasSize(1);
            assertThat(bench.specimen().inputVolts(0)).isCloseTo(1, within(0.02));
            assertThat(bench.specimen().connected(0)).isTrue();
            assertThat(bench.specimen().connected(1)).isFalse();
            assertThat(bench.specimen().nudgeVolts(2)).isCloseTo(-1, within(0.02));

            log = bench.logged();
            ask(device, Stimulus.of(Levels.NONE));
            assertThat(log.stream()
                            .filter(what -> !decoder(what) && !what.startsWith("spi"))
                            .toList())
                    .startsWith("gpio 5 low", "gpio 13 low", LOAD + " low", LOAD + " high");
            assertThat(bench.specimen().connected(0)).isFalse();
            assertThat(bench.specimen().nudgeVolts(0)).isCloseTo(0, within(6e-3));
            assertThat(bench.specimen().inputVolts(0)).isCloseTo(1, within(0.02));
        }
    }

    private static boolean decoder(String what) {
        return List.of(17, 27, 22, 23, 24).stream().anyMatch(pin -> what.startsWith("gpio " + pin + " "));
    }

    @Test
    void onlyWhatChangedIsWritten() {
        try (Device device = bench.open()) {
            ask(device, inputs(1, 1, 1, 1));
            long before = bench.frames();
            ask(device, inputs(1, 1, 1, 0.5));
            // One DAC and fifteen conversions.
            assertThat(bench.frames() - before).isEqualTo(16);
        }
    }

    @Test
    void itWaitsForAsLongAsItIsToldAndAveragesWhatItReads() {
        try (Device device = bench.open()) {
            long before = bench.clock().nanos();
            Response response = ask(device, inputs(0.5, 0, 0, 0).settling(new Settling.Dwell(0.2, 25)));
            assertThat(bench.clock().nanos() - before).isGreaterThanOrEqualTo(200_000_000L);
            assertThat(response.reads()).isEqualTo(25);
            assertThat(Arrays.stream(response.errors().row(Role.OUTPUT)))
                    .allMatch(error -> error > 1e-5 && error < 2e-4);
            assertThat(ask(device, Stimulus.of(Levels.NONE)).errors()).isEqualTo(Levels.NONE);
        }
    }

    /** What the chips make of a code is what the card says of it. */
    @ParameterizedTest
    @ValueSource(strings = {SPI, I2C, TWO})
    void aCodeMeansTheSameToTheCardAndToTheChips(String board) {
        carry(board);
        try (Device device = bench.open()) {
            Descriptor card = device.descriptor();
            List<Channel> all = card.channels(Role.PARAMETER);
            for (double part : new double[] {0.01, 0.3, 1}) {
                double[] levels = all.stream()
                        .mapToDouble(channel -> channel.min() + part * (channel.max() - channel.min()))
                        .toArray();
                double[] inputs = card.channels(Role.INPUT).stream()
                        .mapToDouble(channel -> part * channel.max())
                        .toArray();
                ask(device, Stimulus.of(Levels.of(Role.PARAMETER, levels).and(Levels.of(Role.INPUT, inputs))));
                double mean = 0;
                for (int k = 0; k < all.size(); k++) {
                    mean += bench.specimen().siemens(k) / all.get(k).scale().quantised(levels[k]) / all.size();
                }
                assertThat(mean).isCloseTo(1, within(board.equals(I2C) ? 0.01 : 0.2));
                for (int i = 0; i < inputs.length; i++) {
                    assertThat(bench.specimen().inputVolts(i)).isCloseTo(inputs[i], within(0.01));
                }
            }
        }
    }

    /** Whoever cannot be enabled is let go. */
    @Test
    void aBoardThatCannotBeEnabledIsNotLeftHalfOpen() {
        bench.seize(16);
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(bench::open)
                .withMessageContaining("it cannot be enabled (Operation not permitted)");
        assertThat(bench.context().registry().all()).isEmpty();
        assertThat(bench.specimen().enabled()).isFalse();
    }

    /** Two chip selects of the same number on two buses, which one context of Pi4J's would take for one. */
    @Test
    void twoSpiBusesAreTwo() {
        carry(TWO);
        try (Device device = bench.open()) {
            Response free = ask(device, inputs(1));
            Response pushed = ask(device, inputs(1).nudged(force(1e-4)));
            assertThat(pushed.outputs(0)[0] - free.outputs(0)[0]).isGreaterThan(0.05);
        }
    }
}
