package org.homeostat.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {

    private static final Descriptor CARD = Samples.card();

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void place() {
        file = folder.resolve("run.journal");
    }

    @Test
    void whatIsAppendedIsRead() throws IOException {
        List<Exchange> exchanges = Samples.exchanges(50);
        try (Journal journal = Journal.create(file, CARD)) {
            for (Exchange exchange : exchanges) {
                journal.append(exchange);
            }
            journal.force();
            assertThat(journal.exchanges()).isEqualTo(50);
            assertThat(journal.descriptor()).isEqualTo(CARD);
            assertThat(journal.file()).isEqualTo(file);
        }
        try (JournalReader reader = Journal.read(file)) {
            assertThat(reader.descriptor()).isEqualTo(CARD);
            assertThat(reader.number()).isZero();
            assertThat(reader.next()).isEqualTo(exchanges.getFirst());
            assertThat(reader.number()).isEqualTo(1);
        }
        assertThat(Samples.readAll(file)).isEqualTo(exchanges);
    }

    @Test
    void anOpenedJournalGoesOnWhereItEnded() throws IOException {
        List<Exchange> exchanges = Samples.exchanges(30);
        Samples.write(file, CARD, exchanges.subList(0, 10));
        for (int i = 10; i < 30; i += 5) {
            try (Journal journal = Journal.open(file)) {
                assertThat(journal.exchanges()).isEqualTo(i);
                assertThat(journal.descriptor()).isEqualTo(CARD);
                for (Exchange exchange : exchanges.subList(i, i + 5)) {
                    journal.append(exchange);
                }
            }
        }
        assertThat(Samples.readAll(file)).isEqualTo(exchanges);
    }

    @Test
    void onlyTheNextNumberIsTaken() throws IOException {
        List<Exchange> exchanges = Samples.exchanges(3);
        try (Journal journal = Journal.create(file, CARD)) {
            journal.append(exchanges.getFirst());
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> journal.append(exchanges.get(2)))
                    .withMessageContaining("expected exchange 2, not 3");
            journal.append(exchanges.get(1));
        }
        assertThat(Samples.readAll(file)).isEqualTo(exchanges.subList(0, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Exchange(
                        0, exchanges.getFirst().stimulus(), exchanges.getFirst().response()))
                .withMessageContaining("numbered from 1");
    }

    @Test
    @Timeout(60)
    void aReaderFollowsAWriter() throws Exception {
        List<Exchange> exchanges = Samples.exchanges(3000);
        try (Journal journal = Journal.create(file, CARD);
                var threads = Executors.newSingleThreadExecutor()) {
            Future<List<Exchange>> read = threads.submit(() -> {
                List<Exchange> seen = new ArrayList<>();
                try (JournalReader reader = Journal.read(file)) {
                    while (seen.size() < exchanges.size()) {
                        Exchange next = reader.next();
                        if (next != null) {
                            seen.add(next);
                        }
                    }
                }
                return seen;
            });
            for (Exchange exchange : exchanges) {
                journal.append(exchange);
            }
            assertThat(read.get(50, TimeUnit.SECONDS)).isEqualTo(exchanges);
        }
    }

    @Test
    void anInterruptDoesNotBreakIt() throws IOException {
        List<Exchange> exchanges = Samples.exchanges(2);
        try (Journal journal = Journal.create(file, CARD)) {
            Thread.currentThread().interrupt();
            try {
                journal.append(exchanges.get(0));
                journal.force();
                journal.append(exchanges.get(1));
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
        }
        assertThat(Samples.readAll(file)).isEqualTo(exchanges);
    }

    @Test
    @Timeout(60)
    void aKilledWriterLosesAtMostOneExchange() throws Exception {
        Path told = folder.resolve("told");
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Endless.class.getName(),
                        file.toString())
                .redirectOutput(told.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            boolean ended = false;
            while (Files.size(told) < 5000 && !ended) {
                ended = writer.waitFor(2, TimeUnit.MILLISECONDS);
            }
        } finally {
            writer.destroyForcibly().waitFor();
        }
        // Each whole line says that an exchange was appended.
        long appended = Files.readString(told).chars().filter(c -> c == '\n').count();
        assertThat(appended).isPositive();
        try (Journal journal = Journal.open(file)) {
            assertThat(journal.exchanges()).isBetween(appended, appended + 1);
            List<Exchange> expected = Samples.exchanges(Math.toIntExact(journal.exchanges()) + 1);
            journal.append(expected.getLast());
            assertThat(Samples.readAll(file)).isEqualTo(expected);
        }
    }

    /** Appends until it is killed. */
    static final class Endless {
        private Endless() {}

        public static void main(String[] arguments) throws IOException {
            StandIn device = new StandIn();
            try (Journal journal = Journal.create(Path.of(arguments[0]), CARD)) {
                for (int i = 1; ; i++) {
                    journal.append(new Exchange(i, Samples.stimulus(i), device.answer(Samples.stimulus(i))));
                    System.out.println(i);
                    System.out.flush();
                }
            }
        }
    }

    @Test
    void aFullDiskIsToldAndStopsIt() throws IOException {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "this system has no " + full);
        List<Exchange> exchanges = Samples.exchanges(1);
        try (Journal journal = new Journal(full, new RandomAccessFile(full.toFile(), "rw"), CARD, 0, 0)) {
            for (int i = 0; i < 2; i++) {
                assertThatIOException()
                        .isThrownBy(() -> journal.append(exchanges.getFirst()))
                        .withMessageContaining("journal /dev/full: exchange 1 could not be written (No space left")
                        .withMessageContaining("MB left; make room");
            }
            assertThat(journal.exchanges()).isZero();
            assertThatIOException().isThrownBy(journal::force).withMessageContaining("No space left");
        }
    }

    @Test
    void aSecondWriterIsNoticed() throws IOException {
        List<Exchange> exchanges = Samples.exchanges(2);
        try (Journal first = Journal.create(file, CARD);
                Journal second = Journal.open(file)) {
            second.append(exchanges.get(0));
            assertThatIOException()
                    .isThrownBy(() -> first.append(exchanges.get(0)))
                    .withMessageContaining("another program has written to the file");
            second.append(exchanges.get(1));
        }
        assertThat(Samples.readAll(file)).isEqualTo(exchanges);
    }

    @Test
    void aClosedJournalSaysSo() throws IOException {
        Journal journal = Journal.create(file, CARD);
        journal.close();
        journal.close();
        assertThatIOException()
                .isThrownBy(() -> journal.append(Samples.exchanges(1).getFirst()))
                .withMessageContaining("it is closed");
        assertThatIOException().isThrownBy(journal::force).withMessageContaining("it is closed");
    }

    @Test
    void anExistingFileIsNeverOverwritten() throws IOException {
        Files.writeString(file, "precious");
        assertThatIOException()
                .isThrownBy(() -> Journal.create(file, CARD))
                .withMessageContaining(file.toString())
                .withMessageContaining("the file exists; choose another");
        assertThat(file).hasContent("precious");
    }

    @Test
    void aMissingFolderIsTold() {
        assertThatIOException()
                .isThrownBy(() -> Journal.create(folder.resolve("none").resolve("run.journal"), CARD))
                .withMessageContaining("there is no folder " + folder.resolve("none"));
    }

    @Test
    void whatIsNoJournalIsToldInOneSentence() throws IOException {
        refused(folder.resolve("missing"), "there is no such journal");
        refused(folder, "expected a file, not a folder");
        refused(Files.createFile(folder.resolve("empty")), "the file is empty; delete it");
        refused(Files.writeString(folder.resolve("text"), "x1,x2,y\n1,2,3\n"), "starts with HSTATJNL");
        refused(Files.writeString(folder.resolve("short"), "HST"), "ends after 3 bytes");

        Samples.write(file, CARD, Samples.exchanges(2));
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(8);
            bytes.write(1);
        }
        refused(file, "expected version 2 of the format, not 1; read it with the Homeostat that wrote it");
    }

    private static void refused(Path file, String sentence) {
        assertThatIOException()
                .isThrownBy(() -> Journal.read(file).close())
                .withMessageContaining(file.toString())
                .withMessageContaining(sentence);
        assertThatIOException()
                .isThrownBy(() -> Journal.open(file).close())
                .withMessageContaining(file.toString())
                .withMessageContaining(sentence);
    }

    @Test
    void exchangesOfManyLanesMayBeLarge() throws IOException {
        Descriptor many = new Descriptor(
                "batch", "none", 50_000, CARD.channels(), CARD.abilities(), CARD.nudges(), 1, 0, List.of());
        Random random = new Random(1);
        List<Exchange> exchanges = new ArrayList<>();
        for (int i = 1; i <= 6; i++) {
            // Some raw, some in codes, some of a single row: frames of 800 kB, 200 kB and less.
            double[][] rows = new double[i % 3 == 0 ? 1 : 50_000][2];
            for (double[] row : rows) {
                row[0] = i % 3 == 1
                        ? random.nextDouble()
                        : Scale.Linear.of(12, 0, 5).level(random.nextInt(4096));
            }
            exchanges.add(new Exchange(
                    i,
                    Stimulus.of(Levels.of(Role.INPUT, rows)),
                    new Response(Levels.NONE, Levels.NONE, 1, i, Quality.SETTLED)));
        }
        Samples.write(file, many, exchanges);
        assertThat(Files.size(file)).isBetween(2_000_000L, 2_010_000L);
        assertThat(Samples.readAll(file)).isEqualTo(exchanges);

        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.setLength(bytes.length() - 500_000);
        }
        try (Journal journal = Journal.open(file)) {
            assertThat(journal.exchanges()).isEqualTo(3);
        }
    }

    @Test
    void aDescriptionThatThisVersionDoesNotUnderstandIsTold() throws IOException {
        Payload start = new Payload();
        Frames.putStart(start);
        Frames.begin(start, Frames.CARD);
        start.putText("a board");
        Frames.seal(start, Frames.START, Frames.START);
        Files.write(file, Arrays.copyOf(start.bytes(), start.position()));
        refused(file, "does not understand at byte 12, in the description of the device; restore the file from a copy");
    }

    @Test
    void anExchangeThatThisVersionDoesNotUnderstandIsDamage() throws IOException {
        Samples.write(file, CARD, Samples.exchanges(1));
        long offset = Files.size(file);
        Payload frame = new Payload();
        Frames.begin(frame, Frames.EXCHANGE);
        new ExchangeCodec(CARD).put(Samples.exchanges(1).getFirst(), frame);
        frame.putByte(0);
        Frames.seal(frame, 0, offset);
        Files.write(file, Arrays.copyOf(frame.bytes(), frame.position()), StandardOpenOption.APPEND);

        try (JournalReader reader = Journal.read(file)) {
            assertThat(reader.next()).isNotNull();
            for (int i = 0; i < 2; i++) {
                assertThatIOException()
                        .isThrownBy(reader::next)
                        .isInstanceOfSatisfying(DamagedJournalException.class, damage -> {
                            assertThat(damage.file()).isEqualTo(file);
                            assertThat(damage.offset()).isEqualTo(offset);
                            assertThat(damage.exchange()).isEqualTo(2);
                        })
                        .withMessageContaining("a frame that this version does not understand");
            }
        }
    }
}
