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
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
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
        Descriptor other = CARD.with(org.homeostat.device.Ability.COMPLIANCE);
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
