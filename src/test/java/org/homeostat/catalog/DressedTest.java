package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.data.Offset.offset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Spied;
import org.homeostat.journal.Journal;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Learner;
import org.homeostat.run.BadInput;
import org.homeostat.run.Limits;
import org.homeostat.run.RunStore;
import org.homeostat.run.Teaching;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a device wears, and what its journal holds. */
final class DressedTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private Path journal() {
        return folder.resolve("journal");
    }

    private Opened open(String uri) {
        return new Catalog(new RunStore(folder)).open(uri);
    }

    private Dressed dressed(String uri, String learner, Path journal) {
        Opened opened = open(uri);
        return Dressed.of(opened.device(), learner(opened, learner), opened.teaching(), opened.limits(), journal);
    }

    private static Learner learner(Opened opened, String name) {
        return Learners.of(name, opened.teaching(), new Cost.SquaredError(), 1);
    }

    /** Parameters drawn as a run draws them. */
    private Stimulus start(Device device, String uri) {
        Teaching teaching = new Catalog(new RunStore(folder)).teaching(uri);
        Random draw = new Random(1);
        double[] parameters = new double[device.descriptor().count(Role.PARAMETER)];
        for (int k = 0; k < parameters.length; k++) {
            Channel channel = device.descriptor().channels(Role.PARAMETER).get(k);
            double drawn = draw.nextDouble(teaching.startLowest(), teaching.startHighest());
            parameters[k] = Math.clamp(drawn, channel.min(), channel.max());
        }
        Stimulus safe = device.descriptor().safe();
        return safe.with(safe.levels().and(Levels.of(Role.PARAMETER, parameters)));
    }

    @ParameterizedTest
    @CsvSource({
        "twin:resistor-array-v1, aeqprop-centered, true",
        "twin:resistor-array-v1, spsa, false",
        "twin:resistor-compliant, aeqprop-optimistic, true",
        "twin:hopfield-compliant, hadamard, true"
    })
    void everyLearnerGetsADeviceItCanTeach(String uri, String name, boolean holds) {
        Opened opened = open(uri);
        Learner learner = learner(opened, name);
        try (Dressed dressed = Dressed.of(opened.device(), learner, opened.teaching(), opened.limits(), null)) {
            learner.require(dressed.device().descriptor());
            assertThat(dressed.device().descriptor().can(Ability.HOMEOSTASIS)).isEqualTo(holds);
        }
    }

    @Test
    void whatWasSaidToTheHardwareIsWrittenDownAndCounted() throws IOException {
        try (Dressed dressed = dressed("twin:resistor-compliant", "aeqprop-centered", journal())) {
            var unused = dressed.device().present(start(dressed.device(), "twin:resistor-compliant"), Deadline.NEVER);
            // Holding takes several exchanges with the hardware.
            assertThat(dressed.exchanges()).isGreaterThan(1);
            try (var reader = Journal.read(journal())) {
                int written = 0;
                while (reader.next() != null) {
                    written++;
                }
                assertThat(written).isEqualTo((int) dressed.exchanges());
            }
        }
    }

    @Test
    void aJournalAppearsWholeAndWhatACrashLeftDoesNotMatter() throws IOException {
        Files.write(folder.resolve("journal.new"), new byte[] {'H', 'S'});

        try (Dressed dressed = dressed("twin:resistor-compliant", "aeqprop-centered", journal())) {
            var unused = dressed.device().present(start(dressed.device(), "twin:resistor-compliant"), Deadline.NEVER);
        }

        assertThat(folder.resolve("journal.new")).doesNotExist();
        try (Journal journal = Journal.open(journal())) {
            assertThat(journal.exchanges()).isPositive();
        }
    }

    @Test
    void theJournalOfAnotherDeviceIsRefused() {
        dressed("twin:resistor-compliant", "aeqprop-centered", journal()).close();

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> dressed("twin:resistor-compliant?inputs=3", "aeqprop-centered", journal()))
                .withMessageStartingWith(journal() + ": it was written with another device (card ")
                .withMessageEndingWith("); open the device of that run");
    }

    @Test
    void aFileThatIsNoJournalIsRefused() throws IOException {
        Files.writeString(journal(), "dear diary, today I trained");

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> dressed("twin:resistor-compliant", "aeqprop-centered", journal()))
                .withMessageStartingWith("journal " + journal() + ": ");
    }

    @ParameterizedTest
    @CsvSource({"twin:resistor-array-v1", "twin:resistor-compliant", "twin:hopfield-compliant"})
    void restLeavesTheDeviceAtItsSafeLevelsAndSaysNothingInTheJournal(String uri) {
        try (Dressed dressed = dressed(uri, "aeqprop-centered", journal())) {
            Device device = dressed.device();
            Device bare = dressed.bare();
            Descriptor card = bare.descriptor();
            double[] far = card.channels(Role.INPUT).stream()
                    .mapToDouble(channel -> channel.max() / 2)
                    .toArray();
            Stimulus away = start(device, uri).with(start(device, uri).levels().and(Levels.of(Role.INPUT, far)));
            double[] atFar = device.present(away, Deadline.NEVER).outputs(0);
            long exchanges = dressed.exchanges();

            dressed.rest(LIMIT);

            assertThat(dressed.exchanges()).isEqualTo(exchanges);
            // Channels that a stimulus does not mention keep their levels.
            Stimulus nothing =
                    Stimulus.of(Levels.NONE).when(card.can(Ability.COMPLIANCE) ? Plasticity.FREE : Plasticity.HELD);
            double[] left = bare.present(nothing, Deadline.NEVER).outputs(0);
            double[] safe = bare.present(nothing.with(card.safe().levels()), Deadline.NEVER)
                    .outputs(0);
            // Ten times the read noise of the one twin that has any, and far less than the inputs make.
            assertThat(left).containsExactly(safe, offset(5e-3));
            double most = 0;
            for (int k = 0; k < safe.length; k++) {
                most = Math.max(most, Math.abs(atFar[k] - safe[k]));
            }
            assertThat(most).isGreaterThan(20e-3);
        }
    }

    @Test
    void aRecordingIsLeftAlone() throws IOException {
        RunStore store = new RunStore(folder);
        Path run = Files.createDirectory(folder.resolve("run"));
        dressed("twin:resistor-compliant", "aeqprop-centered", run.resolve("journal"))
                .close();
        assertThat(store.list()).isEmpty();

        Opened opened = open("twin:resistor-compliant");
        Device recording = org.homeostat.journal.Replayed.open(run.resolve("journal"));
        try (Dressed dressed =
                Dressed.of(recording, learner(opened, "aeqprop-centered"), opened.teaching(), opened.limits(), null)) {
            // It has no exchange to answer with: asked for anything, it would fail.
            dressed.rest(LIMIT);
            assertThat(dressed.exchanges()).isZero();
        }
    }

    // Limits

    private static Limits inputs(Double min, Double max, Double slew) {
        return new Limits(new Limits.Limit(min, max, slew), null, null, null, null);
    }

    private Dressed guarded(Device bare, Limits limits, Path journal) {
        Opened opened = open("twin:resistor-array-v1");
        return Dressed.of(bare, learner(opened, "aeqprop-centered"), opened.teaching(), limits, journal);
    }

    private static Stimulus far(Device device, double volts) {
        double[] row = new double[device.descriptor().count(Role.INPUT)];
        Arrays.fill(row, volts);
        return Stimulus.of(Levels.of(Role.INPUT, row));
    }

    @Test
    void theWayToASetPointIsInTheJournalAndTheWayToTheSafeLevelsIsNot() throws IOException {
        Spied bare = new Spied(open("twin:resistor-array-v1").device());
        try (Dressed dressed = guarded(bare, inputs(null, null, 0.5), journal())) {
            var unused = dressed.device().present(far(dressed.device(), 1.2), Deadline.NEVER);
            assertThat(dressed.exchanges()).isEqualTo(3);
            dressed.rest(LIMIT);
            assertThat(dressed.exchanges()).isEqualTo(3);
        }
        assertThat(bare.asked.stream().map(s -> s.levels().at(Role.INPUT, 0, 0)))
                .usingElementComparator((a, b) -> Math.abs(a - b) < 2e-3 ? 0 : Double.compare(a, b))
                .containsExactly(0.5, 1.0, 1.2, 0.7, 0.2, 0.0);
        try (Journal journal = Journal.open(journal())) {
            assertThat(journal.exchanges()).isEqualTo(3);
        }
    }

    @Test
    void whatLiesOutsideTheLimitsIsNotWrittenDownEither() throws IOException {
        try (Dressed dressed = guarded(open("twin:resistor-array-v1").device(), inputs(-1.0, 1.0, null), journal())) {
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> dressed.device().present(far(dressed.device(), 1.2), Deadline.NEVER))
                    .extracting(DeviceException::fault)
                    .isEqualTo(Fault.LIMIT);
            try (Journal journal = Journal.open(journal())) {
                assertThat(journal.exchanges()).isZero();
            }
        }
    }

    @Test
    void aBoardThatIsToldAgainWhereItStoodWalksThereFromItsSafeLevels() {
        Limits limits = inputs(null, null, 0.5);
        guardedRun(new Board(open("twin:resistor-array-v1").device()), limits);
        Board board = new Board(open("twin:resistor-array-v1").device());
        guardedRun(board, limits);
        // 0.5, 1.0, 1.2 once to be where it was; then the question, which was one step away for all that it knew.
        assertThat(board.inputs.subList(0, 3))
                .usingElementComparator((a, b) -> Math.abs(a - b) < 2e-3 ? 0 : Double.compare(a, b))
                .containsExactly(0.5, 1.0, 1.2);
    }

    private void guardedRun(Board board, Limits limits) {
        try (Dressed dressed = guarded(board, limits, journal())) {
            var unused = dressed.device().present(far(dressed.device(), 1.2), Deadline.NEVER);
        }
    }

    // Resting

    /** A device that lives on by itself, and can be broken. */
    private static final class Board implements Device {
        private final Device held;
        private final List<Double> inputs = new ArrayList<>();
        private boolean broken;
        private Fault fault = Fault.DISCONNECTED;
        private boolean closed;

        Board(Device held) {
            this.held = held;
        }

        @Override
        public Descriptor descriptor() {
            return held.descriptor();
        }

        @Override
        public Response present(Stimulus stimulus, Deadline deadline) {
            if (broken) {
                throw new DeviceException(fault, "the cable was pulled");
            }
            inputs.add(stimulus.levels().at(Role.INPUT, 0, 0));
            return held.present(stimulus, deadline);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Test
    void whoeverForgetsToRestRestsWhenClosing() {
        Board board = new Board(open("twin:resistor-array-v1").device());
        Dressed dressed = guarded(board, Limits.NONE, null);
        var unused = dressed.device().present(far(dressed.device(), 1.2), Deadline.NEVER);
        dressed.close();
        dressed.close();
        assertThat(board.inputs).containsExactly(1.2, 0.0);
        assertThat(board.closed).isTrue();
    }

    @Test
    void whoRestedRestsOnceOnly() {
        Board board = new Board(open("twin:resistor-array-v1").device());
        try (Dressed dressed = guarded(board, Limits.NONE, null)) {
            var unused = dressed.device().present(far(dressed.device(), 1.2), Deadline.NEVER);
            dressed.rest(LIMIT);
        }
        assertThat(board.inputs).containsExactly(1.2, 0.0);
    }

    @Test
    void aBoardThatDoesNotConfirmThatItRestsIsToBeCheckedByHand() {
        Board board = new Board(open("twin:resistor-array-v1").device());
        Dressed dressed = guarded(board, Limits.NONE, null);
        var unused = dressed.device().present(far(dressed.device(), 1.2), Deadline.NEVER);
        board.broken = true;
        String sentence =
                "could not confirm that board resistor-array-v1 is at its safe levels (the cable was pulled): "
                        + "check the board by hand; its own watchdog puts its outputs there within 500 ms of silence";
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> dressed.rest(LIMIT))
                .withMessage(sentence)
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
        // It was said once; the device is let go all the same.
        dressed.close();
        assertThat(board.closed).isTrue();
    }

    @Test
    void aBoardThatLatchedByItselfRests() {
        Board board = new Board(open("twin:resistor-array-v1").device());
        try (Dressed dressed = guarded(board, Limits.NONE, null)) {
            board.broken = true;
            board.fault = Fault.LATCHED;
            dressed.rest(LIMIT);
        }
        assertThat(board.closed).isTrue();
    }

    @Test
    void aBoardThatFailedMeanwhileIsToBeCheckedByHandToo() {
        Board board = new Board(open("twin:resistor-array-v1").device());
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> {
                    try (Dressed dressed = guarded(board, Limits.NONE, null)) {
                        board.broken = true;
                        dressed.device().present(far(dressed.device(), 1.2), Deadline.NEVER);
                    }
                })
                .withMessage("the cable was pulled")
                .satisfies(e -> assertThat(e.getSuppressed())
                        .singleElement()
                        .satisfies(s -> assertThat(s).hasMessageContaining("check the board by hand")));
        assertThat(board.closed).isTrue();
    }
}
