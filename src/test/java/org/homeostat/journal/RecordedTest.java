package org.homeostat.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.homeostat.device.Ability;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.run.Counted;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedTest {

    private static final Descriptor CARD = Samples.card();

    @TempDir
    Path folder;

    private Path file;
    private final StandIn standIn = new StandIn();

    @BeforeEach
    void place() {
        file = folder.resolve("run.journal");
    }

    private static void ask(Device device, int from, int to) {
        for (int i = from; i <= to; i++) {
            device.present(Samples.stimulus(i), Deadline.NEVER);
        }
    }

    private static byte[] saved(Restorable restorable) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        restorable.save(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static void restore(Restorable restorable, byte[] checkpoint) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(checkpoint));
        restorable.restore(in);
        assertThat(in.read()).isEqualTo(-1);
    }

    /** Runs to the 12th exchange with a checkpoint after the 5th. */
    private byte[] crashedRun(Device device) throws IOException {
        try (Recorded recorded = new Recorded(device, Journal.create(file, CARD))) {
            ask(recorded, 1, 5);
            byte[] checkpoint = saved(recorded);
            ask(recorded, 6, 12);
            return checkpoint;
        }
    }

    @Test
    void everyExchangeIsWrittenDown() throws IOException {
        try (Recorded recorded = new Recorded(standIn.new Twin(), Journal.create(file, CARD))) {
            assertThat(recorded.descriptor()).isEqualTo(CARD);
            for (Exchange exchange : Samples.exchanges(10)) {
                assertThat(recorded.present(exchange.stimulus(), Deadline.NEVER))
                        .isEqualTo(exchange.response());
                assertThat(Samples.readAll(file)).last().isEqualTo(exchange);
            }
        }
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(10));
    }

    @Test
    void aStimulusThatTheDeviceRefusesIsNotWrittenDown() throws IOException {
        try (Recorded recorded = new Recorded(standIn.new Board(), Journal.create(file, CARD))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> recorded.present(Stimulus.of(Levels.of(Role.INPUT, 99, 0)), Deadline.NEVER));
            ask(recorded, 1, 3);
        }
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(3));
    }

    @Test
    void aTwinIsAskedAgainAndGoesOn() throws IOException {
        byte[] checkpoint = crashedRun(standIn.new Twin());
        StandIn fresh = new StandIn();
        try (Recorded resumed = new Recorded(fresh.new Twin(), Journal.open(file))) {
            restore(resumed, checkpoint);
            ask(resumed, 6, 8);
            // A checkpoint on the way counts what was answered, not what the journal knows.
            byte[] onTheWay = saved(resumed);
            ask(resumed, 9, 20);
            assertThat(fresh.asked).isEqualTo(15);
            restore(resumed, onTheWay);
            ask(resumed, 9, 21);
        }
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(21));
    }

    @Test
    void aBoardIsNotAskedWhatTheJournalKnows() throws IOException {
        byte[] checkpoint = crashedRun(standIn.new Board());
        assertThat(checkpoint).hasSize(8);
        try (Recorded resumed = new Recorded(standIn.new Board(), Journal.open(file))) {
            restore(resumed, checkpoint);
            for (Exchange exchange : Samples.exchanges(12).subList(5, 12)) {
                assertThat(resumed.present(exchange.stimulus(), Deadline.NEVER)).isEqualTo(exchange.response());
            }
            assertThat(standIn.asked).isEqualTo(12);
            ask(resumed, 13, 15);
            assertThat(standIn.asked).isEqualTo(15);
        }
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(15));
    }

    @Test
    void withoutACheckpointItGoesOnBehindTheJournal() throws IOException {
        crashedRun(standIn.new Board());
        try (Recorded resumed = new Recorded(standIn.new Board(), Journal.open(file))) {
            ask(resumed, 13, 14);
        }
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(14));
    }

    @Test
    void anotherQuestionThanTheRecordedOneIsRefused() throws IOException {
        byte[] checkpoint = crashedRun(standIn.new Board());
        try (Recorded resumed = new Recorded(standIn.new Board(), Journal.open(file))) {
            restore(resumed, checkpoint);
            ask(resumed, 6, 7);
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> ask(resumed, 20, 20))
                    .withMessageContaining("exchange 8 of journal " + file + " was made with another stimulus")
                    .extracting(DeviceException::fault)
                    .isEqualTo(Fault.REFUSED);
            ask(resumed, 8, 13);
        }
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(13));
    }

    @Test
    void aTwinThatAnswersOtherwiseIsFoundOut() throws IOException {
        byte[] checkpoint = crashedRun(standIn.new Twin());
        StandIn other = new StandIn();
        try (Recorded resumed = new Recorded(other.new Twin(), Journal.open(file))) {
            restore(resumed, checkpoint);
            ask(resumed, 6, 9);
            other.upset();
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> ask(resumed, 10, 10))
                        .withMessageContaining(
                                "the twin no longer answers as its journal says: in exchange 10 of " + file)
                        .withMessageContaining("y1 was at ")
                        .extracting(DeviceException::fault)
                        .isEqualTo(Fault.CORRUPT);
            }
            assertThat(other.asked).as("asked no more after it was found out").isEqualTo(5);
        }
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(12));
    }

    @Test
    void aCheckpointBehindTheEndOfTheJournalIsRefused() throws IOException {
        byte[] checkpoint = crashedRun(standIn.new Twin());
        Path other = folder.resolve("other.journal");
        Samples.write(other, CARD, Samples.exchanges(4));
        try (Recorded resumed = new Recorded(standIn.new Twin(), Journal.open(other))) {
            assertThatIOException()
                    .isThrownBy(() -> restore(resumed, checkpoint))
                    .withMessageContaining(
                            "journal " + other + " holds 4 exchanges, but the checkpoint was made after exchange 5");
        }
    }

    @Test
    void aJournalOfAnotherDeviceIsRefused() throws IOException {
        Descriptor other = CARD.with(Ability.COMPLIANCE);
        try (Journal journal = Journal.create(file, other)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Recorded(standIn.new Twin(), journal))
                    .withMessageContaining("describes another device")
                    .withMessageContaining(CARD.digest())
                    .withMessageContaining(other.digest());
        }
    }

    @Test
    void anExchangeThatCouldNotBeWrittenDownIsToldAndTheLast() throws IOException {
        try (Recorded recorded = new Recorded(standIn.new Board(), Journal.create(file, CARD))) {
            ask(recorded, 1, 2);
            Files.write(file, new byte[1], StandardOpenOption.APPEND);
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(UncheckedIOException.class)
                        .isThrownBy(() -> ask(recorded, 3, 3))
                        .withMessageContaining("exchange 3 was made but not written down")
                        .withMessageContaining(file.toString())
                        .withMessageContaining("MB left");
            }
            assertThatThrownBy(() -> recorded.presentAll(List.of(Samples.stimulus(3)), Deadline.NEVER))
                    .isInstanceOf(UncheckedIOException.class);
            assertThat(standIn.asked).isEqualTo(3);
            assertThatIOException().isThrownBy(() -> saved(recorded));
        }
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(2));
    }

    @Test
    void aBatchStaysABatchBehindTheJournal() throws IOException {
        byte[] checkpoint = crashedRun(standIn.new Board());
        List<Exchange> expected = Samples.exchanges(16);
        try (Recorded resumed = new Recorded(standIn.new Board(), Journal.open(file))) {
            restore(resumed, checkpoint);
            List<Stimulus> stimuli =
                    expected.subList(5, 16).stream().map(Exchange::stimulus).toList();
            List<Response> responses = resumed.presentAll(stimuli, Deadline.NEVER);
            assertThat(responses)
                    .isEqualTo(expected.subList(5, 16).stream()
                            .map(Exchange::response)
                            .toList());
            assertThat(standIn.batches).isEqualTo(1);
            assertThat(resumed.presentAll(List.of(), Deadline.NEVER)).isEmpty();
            assertThat(standIn.batches).isEqualTo(1);
        }
        assertThat(Samples.readAll(file)).isEqualTo(expected);
    }

    // A board that nobody watched

    private static final double HIGH = new Scale.Rheostat(60, 10_000, 256).level(10);
    private static final double LOW = new Scale.Rheostat(60, 10_000, 256).level(200);

    /** Four readings, so that the stand-in takes it for a question. */
    private static Stimulus asking(Levels levels) {
        return Stimulus.of(levels).settling(new Settling.Usual(4));
    }

    private static Levels g(int position, double level) {
        return Levels.some(Role.PARAMETER, new int[] {position}, level);
    }

    @Test
    void aBoardIsToldAgainAllThatWasImposedBeforeItIsAskedAnythingNew() throws IOException {
        byte[] checkpoint;
        try (Recorded recorded = new Recorded(standIn.new Board(), Journal.create(file, CARD))) {
            recorded.present(asking(Levels.of(Role.INPUT, 1, 2).and(g(0, LOW))), Deadline.NEVER);
            checkpoint = saved(recorded);
            recorded.present(asking(Levels.some(Role.INPUT, new int[] {1}, 3)), Deadline.NEVER);
            recorded.present(
                    asking(g(2, LOW))
                            .nudged(new Nudge.Force(Levels.of(Role.NUDGE, 0.5)))
                            .when(Plasticity.FREE),
                    Deadline.NEVER);
            recorded.present(asking(g(0, HIGH)), Deadline.NEVER);
        }
        assertThat(standIn.reminders).isEmpty();
        List<Exchange> before = Samples.readAll(file);
        try (Recorded resumed = new Recorded(standIn.new Board(), Journal.open(file))) {
            restore(resumed, checkpoint);
            for (Exchange exchange : before.subList(1, 4)) {
                resumed.present(exchange.stimulus(), Deadline.NEVER);
            }
            assertThat(standIn.reminders).as("as long as the journal answers").isEmpty();
            ask(resumed, 5, 6);
        }
        // The second potentiometer was never spoken of: it is where it was.
        assertThat(standIn.reminders)
                .containsExactly(Stimulus.of(
                        Levels.of(Role.INPUT, 1, 3).and(Levels.some(Role.PARAMETER, new int[] {0, 2}, HIGH, LOW))));
        assertThat(Samples.readAll(file)).hasSize(6).startsWith(before.toArray(Exchange[]::new));
    }

    @Test
    void aBoardIsToldAgainAlsoWhereNothingIsReplayedAndBeforeABatch() throws IOException {
        crashedRun(standIn.new Board());
        try (Recorded resumed = new Recorded(standIn.new Board(), Journal.open(file))) {
            resumed.presentAll(List.of(Samples.stimulus(13), Samples.stimulus(14)), Deadline.NEVER);
            ask(resumed, 15, 15);
        }
        assertThat(standIn.reminders).hasSize(1);
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(15));
    }

    @Test
    void aNewRunAndATwinAreToldNothing() throws IOException {
        byte[] checkpoint = crashedRun(standIn.new Board());
        assertThat(standIn.reminders).isEmpty();
        StandIn other = new StandIn();
        try (Recorded resumed = new Recorded(other.new Twin(), Journal.open(file))) {
            restore(resumed, checkpointOf(checkpoint, 5));
            ask(resumed, 6, 14);
        }
        assertThat(other.reminders).isEmpty();
        assertThat(other.asked).isEqualTo(9);
    }

    /** What a twin that had been asked the first stimuli would have put behind the number of exchanges. */
    private static byte[] checkpointOf(byte[] number, int asked) throws IOException {
        StandIn twin = new StandIn();
        for (int i = 1; i <= asked; i++) {
            twin.answer(Samples.stimulus(i));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(number);
        twin.new Twin().save(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    /** The reminder is lost: it is sent again before the next question, and no question is asked without it. */
    @Test
    void aReminderThatIsLostIsGivenAgain() throws IOException {
        crashedRun(standIn.new Board());
        int[] lost = {2};
        Device way = new Device() {
            @Override
            public Descriptor descriptor() {
                return CARD;
            }

            @Override
            public Response present(Stimulus stimulus, Deadline deadline) {
                if (lost[0]-- > 0) {
                    throw new DeviceException(Fault.TIMEOUT, "board test-board: no answer");
                }
                return standIn.new Board().present(stimulus, deadline);
            }

            @Override
            public void close() {}
        };
        try (Recorded resumed = new Recorded(standIn.new Board(), Journal.open(file), way)) {
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(DeviceException.class).isThrownBy(() -> ask(resumed, 13, 13));
            }
            assertThat(standIn.asked).isEqualTo(12);
            ask(resumed, 13, 14);
        }
        assertThat(standIn.reminders).hasSize(1);
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(14));
    }

    /** Parameters that a board let go stand where they went, not where they were told to be. */
    @Test
    void whereParametersWentFreeIsWhereABoardIsToldToHoldThem() throws IOException {
        Descriptor card = CARD.with(Ability.HOMEOSTASIS);
        Levels read = Levels.of(Role.OUTPUT, 0).and(Levels.of(Role.PARAMETER, LOW, HIGH, HIGH));
        Response response = new Response(read, Levels.NONE, 1, 0, Quality.SETTLED);
        Stimulus told = asking(Levels.of(Role.PARAMETER, HIGH, HIGH, HIGH));
        Samples.write(file, card, List.of(new Exchange(1, told, response)));
        assertThat(Imposed.last(file).levels().row(Role.PARAMETER)).containsExactly(HIGH, HIGH, HIGH);
        Files.delete(file);
        Samples.write(
                file,
                card,
                List.of(
                        new Exchange(1, told, response),
                        new Exchange(2, asking(Levels.NONE).when(Plasticity.FREE), response)));
        assertThat(Imposed.last(file).levels().row(Role.PARAMETER)).containsExactly(LOW, HIGH, HIGH);
    }

    @Test
    void lanesAreToldEachTheirOwnAndABoardThatCannotHoldIsNotToldTo() throws IOException {
        Descriptor wide = new Descriptor(
                "wide", "none", 2, CARD.channels(), Set.of(Ability.COMPLIANCE), CARD.nudges(), 1, 0, List.of());
        Response response = new Response(Levels.NONE, Levels.NONE, 1, 0, Quality.SETTLED);
        Samples.write(
                file,
                wide,
                List.of(
                        new Exchange(1, asking(Levels.some(Role.INPUT, new int[] {1}, 4)), response),
                        new Exchange(2, asking(Levels.of(Role.INPUT, new double[][] {{1, 2}, {3, 4}})), response),
                        new Exchange(3, asking(Levels.some(Role.INPUT, new int[] {0}, 5)), response)));
        assertThat(Imposed.last(file))
                .isEqualTo(Stimulus.of(Levels.of(Role.INPUT, new double[][] {{5, 2}, {5, 4}}))
                        .when(Plasticity.FREE));
    }

    @Test
    void aWrapperIsNotRecordedBecauseItWouldPassABoardOffAsATwin() throws IOException {
        Device wrapped = new Counted(standIn.new Board());
        assertThat(wrapped).isInstanceOf(Restorable.class);
        try (Journal journal = Journal.create(file, CARD)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Recorded(wrapped, journal))
                    .withMessageContaining("only a bare device is recorded, not a Counted")
                    .withMessageContaining("put the wrappers around the recorded device");
        }
    }

    // A batch that broke

    @Test
    void aBatchThatBrokeEndsTheRecordingAndTheRunIsTakenUpBehindTheLastExchangeWrittenDown() throws IOException {
        byte[] checkpoint;
        List<Stimulus> batch = List.of(Samples.stimulus(6), Samples.stimulus(7), Samples.stimulus(8));
        try (Recorded recorded = new Recorded(standIn.new Board(), Journal.create(file, CARD))) {
            ask(recorded, 1, 3);
            checkpoint = saved(recorded);
            ask(recorded, 4, 5);
            standIn.breaksAfter = 2;
            assertThatExceptionOfType(DeviceException.class)
                    .isThrownBy(() -> recorded.presentAll(batch, Deadline.NEVER))
                    .withMessage("board test-board: no answer; plug it in");
            standIn.breaksAfter = -1;
            assertThat(standIn.asked).isEqualTo(7);
            for (int i = 0; i < 2; i++) {
                assertThatExceptionOfType(DeviceException.class)
                        .isThrownBy(() -> ask(recorded, 6, 6))
                        .withMessage("a batch of 3 exchanges broke after exchange 5 of " + file
                                + ", and how far it got is unknown; resume the run")
                        .extracting(DeviceException::fault)
                        .isEqualTo(Fault.TIMEOUT);
                assertThatIOException().isThrownBy(() -> saved(recorded)).withMessageContaining("how far it got");
            }
            assertThat(standIn.asked).isEqualTo(7);
        }
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(5));
        try (Recorded resumed = new Recorded(standIn.new Board(), Journal.open(file))) {
            restore(resumed, checkpoint);
            ask(resumed, 4, 5);
            assertThat(resumed.presentAll(batch, Deadline.NEVER)).hasSize(3);
        }
        assertThat(standIn.reminders).hasSize(1);
        assertThat(Samples.readAll(file).stream().map(Exchange::stimulus))
                .isEqualTo(Samples.exchanges(8).stream().map(Exchange::stimulus).toList());
    }

    @Test
    void aBatchThatIsRefusedWasNotImposedAndRecordingGoesOn() throws IOException {
        Stimulus wrong = Stimulus.of(Levels.of(Role.INPUT, 99, 0));
        try (Recorded recorded = new Recorded(standIn.new Twin(), Journal.create(file, CARD))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> recorded.presentAll(List.of(Samples.stimulus(1), wrong), Deadline.NEVER));
            ask(recorded, 1, 3);
        }
        assertThat(Samples.readAll(file)).isEqualTo(Samples.exchanges(3));
    }

    @Test
    void closingClosesBoth() throws IOException {
        Journal journal = Journal.create(file, CARD);
        Recorded recorded = new Recorded(standIn.new Board(), journal);
        recorded.close();
        recorded.close();
        assertThat(standIn.closed).isTrue();
        assertThatIOException().isThrownBy(journal::force).withMessageContaining("closed");
        assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> ask(recorded, 1, 1))
                .extracting(DeviceException::fault)
                .isEqualTo(Fault.DISCONNECTED);
        assertThat(standIn.asked).isZero();
    }

    /**
     * Crashes anywhere, with the journal cut at any byte behind the checkpoint; the resumed run ends as if nothing
     * was.
     */
    @Property(tries = 100)
    void aResumedRunEndsAsIfItHadNeverCrashed(@ForAll Random random) throws IOException {
        Path place = Files.createTempDirectory("homeostat").resolve("run.journal");
        try {
            int last = 30;
            StandIn body = new StandIn();
            boolean twin = random.nextBoolean();
            int checkpointAt = random.nextInt(10);
            byte[] checkpoint;
            long safe;
            try (Recorded recorded =
                    new Recorded(twin ? body.new Twin() : body.new Board(), Journal.create(place, CARD))) {
                ask(recorded, 1, checkpointAt);
                checkpoint = saved(recorded);
                safe = Files.size(place);
                ask(recorded, checkpointAt + 1, checkpointAt + random.nextInt(10));
            }
            StandIn resumedBody = new StandIn();
            if (twin) {
                try (var bytes = Files.newByteChannel(place, StandardOpenOption.WRITE)) {
                    bytes.truncate(safe + random.nextLong(bytes.size() - safe + 1));
                }
            } else {
                // A board is where it was; only its clock would tell.
                resumedBody = body;
            }
            try (Recorded resumed =
                    new Recorded(twin ? resumedBody.new Twin() : resumedBody.new Board(), Journal.open(place))) {
                restore(resumed, checkpoint);
                ask(resumed, checkpointAt + 1, last);
            }
            assertThat(Samples.readAll(place)).isEqualTo(new ArrayList<>(Samples.exchanges(last)));
        } finally {
            Files.deleteIfExists(place);
            Files.delete(place.getParent());
        }
    }
}
