package org.homeostat.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Plasticity;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayedTest {

    private static final Descriptor CARD = Samples.card();
    private static final List<Exchange> EXCHANGES = Samples.exchanges(8);

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void place() {
        file = folder.resolve("run.journal");
    }

    private static void requireFault(Replayed replayed, Stimulus stimulus, Fault fault, String... words) {
        var complaint = assertThatExceptionOfType(DeviceException.class)
                .isThrownBy(() -> replayed.present(stimulus, Deadline.NEVER));
        for (String word : words) {
            complaint.withMessageContaining(word);
        }
        complaint.extracting(DeviceException::fault).isEqualTo(fault);
    }

    @Test
    void itAnswersAsTheDeviceDid() throws IOException {
        Samples.write(file, CARD, EXCHANGES);
        try (Replayed replayed = Replayed.open(file)) {
            assertThat(replayed.descriptor()).isEqualTo(CARD).isSameAs(replayed.descriptor());
            for (Exchange exchange : EXCHANGES) {
                assertThat(replayed.present(exchange.stimulus(), Deadline.NEVER))
                        .isEqualTo(exchange.response());
            }
            requireFault(
                    replayed,
                    Samples.stimulus(1),
                    Fault.DISCONNECTED,
                    "the journal ends after 8 exchanges (" + file + "); ask fewer");
        }
    }

    @Test
    void aTornEndIsMentioned() throws IOException {
        Samples.write(file, CARD, EXCHANGES.subList(0, 1));
        Files.write(file, new byte[5], StandardOpenOption.APPEND);
        try (Replayed replayed = Replayed.open(file)) {
            replayed.present(Samples.stimulus(1), Deadline.NEVER);
            requireFault(
                    replayed,
                    Samples.stimulus(2),
                    Fault.DISCONNECTED,
                    "the journal ends after 1 exchanges and a torn one");
        }
    }

    @Test
    void itFollowsARunThatGoesOn() throws IOException {
        try (Journal journal = Journal.create(file, CARD);
                Replayed replayed = Replayed.open(file)) {
            requireFault(replayed, Samples.stimulus(1), Fault.DISCONNECTED, "ends after 0 exchanges");
            journal.append(EXCHANGES.getFirst());
            assertThat(replayed.present(Samples.stimulus(1), Deadline.NEVER))
                    .isEqualTo(EXCHANGES.getFirst().response());
        }
    }

    @Test
    void aStimulusThatNoDeviceTakesIsACallersMistake() throws IOException {
        Samples.write(file, CARD, EXCHANGES);
        try (Replayed replayed = Replayed.open(file)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> replayed.present(Stimulus.of(Levels.of(Role.KNOB, 1)), Deadline.NEVER));
        }
    }

    @Test
    void anotherStimulusIsRefusedAndSaysWhatDiffers() throws IOException {
        Levels inputs = Levels.of(Role.INPUT, 1, 2);
        Levels target = Levels.of(Role.OUTPUT, 3);
        Stimulus plain = Stimulus.of(inputs);
        Stimulus pushed = plain.nudged(new Nudge.Force(Levels.of(Role.NUDGE, 0.5)));
        Stimulus coupled = plain.nudged(new Nudge.Coupling(0.25, target));
        Stimulus partial = plain.with(inputs.and(Levels.some(Role.PARAMETER, new int[] {1}, 1e-3)));

        requireDifference(plain, Stimulus.of(Levels.of(Role.INPUT, 1, 2.5)), "channel x2 was at 2.0, not at 2.5");
        requireDifference(
                Stimulus.of(Levels.of(Role.INPUT, 0.0, 2)),
                Stimulus.of(Levels.of(Role.INPUT, -0.0, 2)),
                "x1 was at 0.0, not at -0.0");
        requireDifference(plain, partial, "its levels were of roles [INPUT], not [INPUT, PARAMETER]");
        requireDifference(
                partial,
                plain.with(inputs.and(Levels.some(Role.PARAMETER, new int[] {2}, 1e-3))),
                "its levels of role PARAMETER were on other channels");
        requireDifference(
                partial,
                plain.with(inputs.and(Levels.some(Role.PARAMETER, new int[] {1}, 2e-3))),
                "channel g2 was at 0.001, not at 0.002");
        requireDifference(plain, coupled, "its nudge was a None, not a Coupling");
        requireDifference(
                pushed,
                plain.nudged(new Nudge.Force(Levels.of(Role.NUDGE, -0.5))),
                "in its nudge, channel n1 was at 0.5, not at -0.5");
        requireDifference(
                coupled, plain.nudged(new Nudge.Coupling(-0.25, target)), "its nudge had beta 0.25, not -0.25");
        requireDifference(
                coupled,
                plain.nudged(new Nudge.Coupling(0.25, Levels.of(Role.OUTPUT, 4))),
                "in the target of its nudge, channel y1 was at 3.0, not at 4.0");
        Stimulus differing = plain.nudged(new Nudge.Difference(0.25, target));
        requireDifference(coupled, differing, "its nudge was a Coupling, not a Difference");
        requireDifference(
                differing, plain.nudged(new Nudge.Difference(0.5, target)), "its nudge had beta 0.25, not 0.5");
        requireDifference(
                differing,
                plain.nudged(new Nudge.Difference(0.25, Levels.of(Role.OUTPUT, 4))),
                "in the target of its nudge, channel y1 was at 3.0, not at 4.0");
        requireDifference(plain, plain.when(Plasticity.FREE), "its parameters were HELD, not FREE");
        requireDifference(
                plain, plain.settling(new Settling.Usual(8)), "its settling was Usual[reads=1], not Usual[reads=8]");
    }

    private void requireDifference(Stimulus then, Stimulus now, String sentence) throws IOException {
        Response response = new Response(Levels.of(Role.OUTPUT, 1), Levels.NONE, 1, 0, Quality.SETTLED);
        Files.deleteIfExists(file);
        Samples.write(file, CARD, List.of(new Exchange(1, then, response)));
        try (Replayed replayed = Replayed.open(file)) {
            requireFault(replayed, now, Fault.REFUSED, "exchange 1 of journal " + file, sentence);
            assertThat(replayed.present(then, Deadline.NEVER)).isEqualTo(response);
        }
    }

    @Test
    void rowsOfLanesAreTold() throws IOException {
        Descriptor lanes =
                new Descriptor("batch", "none", 2, CARD.channels(), CARD.abilities(), CARD.nudges(), 1, 0, List.of());
        Stimulus one = Stimulus.of(Levels.of(Role.INPUT, 1, 2));
        Stimulus two = Stimulus.of(Levels.of(Role.INPUT, new double[][] {{1, 2}, {3, 4}}));
        Samples.write(
                file, lanes, List.of(new Exchange(1, two, EXCHANGES.getFirst().response())));
        try (Replayed replayed = Replayed.open(file)) {
            requireFault(replayed, one, Fault.REFUSED, "its levels of role INPUT had 2 rows, not 1");
        }
    }

    @Test
    void responsesAreComparedInWordsToo() throws IOException {
        Samples.write(file, CARD, EXCHANGES);
        Response a = new Response(Levels.of(Role.OUTPUT, 1), Levels.NONE, 1, 0.5, Quality.SETTLED);
        Levels beyond = Levels.some(Role.OUTPUT, new int[] {9}, 1);
        try (Replayed replayed = Replayed.open(file)) {
            assertThat(replayed.difference(a, a.with(Levels.of(Role.OUTPUT, 2))))
                    .isEqualTo("channel y1 was at 1.0, not at 2.0");
            assertThat(replayed.difference(a.with(beyond), a.with(Levels.some(Role.OUTPUT, new int[] {9}, 2))))
                    .isEqualTo("channel 9 of role OUTPUT was at 1.0, not at 2.0");
            assertThat(replayed.difference(
                            a, new Response(a.levels(), Levels.of(Role.OUTPUT, 0), 1, 0.5, Quality.SETTLED)))
                    .startsWith("in its standard errors, its levels were of roles");
            assertThat(replayed.difference(a, new Response(a.levels(), Levels.NONE, 2, 0.75, Quality.SETTLED)))
                    .isEqualTo("it took 1 reads until 0.5 s, not 2 until 0.75 s");
            assertThat(replayed.difference(a, a.with(new Quality(Quality.Verdict.CLIPPED, "y1", "It clipped."))))
                    .contains("CLIPPED");
        }
    }

    @Test
    void itsPlaceCanBeSavedAndRestored() throws IOException {
        Samples.write(file, CARD, EXCHANGES);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Replayed replayed = Replayed.open(file)) {
            for (Exchange exchange : EXCHANGES.subList(0, 3)) {
                replayed.present(exchange.stimulus(), Deadline.NEVER);
            }
            // A refused question does not move it.
            requireFault(replayed, Samples.stimulus(99), Fault.REFUSED, "exchange 4");
            replayed.save(new DataOutputStream(bytes));
            replayed.present(Samples.stimulus(4), Deadline.NEVER);
        }
        try (Replayed replayed = Replayed.open(file)) {
            Descriptor before = replayed.descriptor();
            replayed.restore(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
            assertThat(replayed.descriptor()).isSameAs(before);
            for (Exchange exchange : EXCHANGES.subList(3, 8)) {
                assertThat(replayed.present(exchange.stimulus(), Deadline.NEVER))
                        .isEqualTo(exchange.response());
            }
            assertThatIOException()
                    .isThrownBy(() -> replayed.rewind(9))
                    .withMessageContaining("expected at least 9 exchanges, found 8");
        }
    }

    @Test
    void damageIsACorruptChannel() throws IOException {
        Samples.write(file, CARD, EXCHANGES);
        int second = Samples.frameStarts(file).get(2);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(second + 10);
            int before = bytes.read();
            bytes.seek(second + 10);
            bytes.write(~before);
        }
        try (Replayed replayed = Replayed.open(file)) {
            replayed.present(Samples.stimulus(1), Deadline.NEVER);
            requireFault(replayed, Samples.stimulus(2), Fault.CORRUPT, "at byte " + second + ", in exchange 2");
        }
    }

    @Test
    void aClosedOneSaysSo() throws IOException {
        Samples.write(file, CARD, EXCHANGES);
        Replayed replayed = Replayed.open(file);
        replayed.close();
        replayed.close();
        requireFault(replayed, Samples.stimulus(1), Fault.DISCONNECTED, "is closed");
    }
}
