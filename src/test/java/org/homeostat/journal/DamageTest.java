package org.homeostat.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.homeostat.device.Descriptor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What crashes and bad disks leave behind: a torn end is cut off, anything else is an error, and nothing is made up.
 */
class DamageTest {

    private static final Descriptor CARD = Samples.card();
    private static final int COUNT = 6;
    private static final List<Exchange> EXCHANGES = Samples.exchanges(COUNT);
    private static final List<Exchange> ONE_MORE = Samples.exchanges(COUNT + 1);

    @TempDir
    Path folder;

    private Path file;
    private byte[] whole;
    private List<Integer> starts;

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("run.journal");
        Samples.write(file, CARD, EXCHANGES);
        whole = Files.readAllBytes(file);
        starts = Samples.frameStarts(file);
        assertThat(starts).hasSize(COUNT + 2).last().isEqualTo(whole.length);
    }

    @Test
    void anEndTornAnywhereIsCutOff() throws IOException {
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            if (length < starts.get(1)) {
                assertThatIOException().isThrownBy(() -> Journal.read(file)).withMessageContaining(file.toString());
                assertThatIOException().isThrownBy(() -> Journal.open(file)).withMessageContaining(file.toString());
            } else {
                requireTorn(wholeFrames(length) - 1, !starts.contains(length));
            }
        }
    }

    @Test
    void zerosAtTheEndAreCutOff() throws IOException {
        for (int zeros : new int[] {1, 7, 8, 9, 4096, 1 << 20}) {
            Files.write(file, Arrays.copyOf(whole, whole.length + zeros));
            requireTorn(COUNT, true);
        }
        // The file got its length, but the last blocks never reached the disk.
        for (int length = starts.get(COUNT - 1); length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(Arrays.copyOf(whole, length), whole.length + 100));
            requireTorn(wholeFrames(length) - 1, true);
        }
    }

    @Test
    void garbageAtTheEndIsCutOff() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = Arrays.copyOf(whole, whole.length + 1 + random.nextInt(20_000));
            for (int at = whole.length; at < bytes.length; at++) {
                bytes[at] = (byte) random.nextInt();
            }
            Files.write(file, bytes);
            requireTorn(COUNT, true);
        }
    }

    private int wholeFrames(int length) {
        return (int) starts.stream().filter(start -> start <= length).count() - 1;
    }

    private void requireTorn(int exchanges, boolean torn) throws IOException {
        try (JournalReader reader = Journal.read(file)) {
            for (Exchange expected : EXCHANGES.subList(0, exchanges)) {
                assertThat(reader.next()).isEqualTo(expected);
            }
            assertThat(reader.next()).isNull();
            assertThat(reader.torn()).isEqualTo(torn);
            assertThat(reader.number()).isEqualTo(exchanges);
        }
        try (Journal journal = Journal.open(file)) {
            assertThat(journal.exchanges()).isEqualTo(exchanges);
            journal.append(ONE_MORE.get(exchanges));
        }
        assertThat(Samples.readAll(file)).isEqualTo(ONE_MORE.subList(0, exchanges + 1));
    }

    @Test
    void everyFlippedByteIsNoticed() throws IOException {
        for (int at = 0; at < whole.length; at++) {
            for (int flip : new int[] {0x01, 0x10, 0x80, 0xFF}) {
                byte[] bytes = whole.clone();
                bytes[at] ^= (byte) flip;
                Files.write(file, bytes);
                if (at >= starts.get(COUNT)) {
                    // The last frame: nobody can tell it from one that was torn.
                    requireTorn(COUNT - 1, true);
                } else {
                    requireNoticed(at);
                }
            }
        }
    }

    private void requireNoticed(int at) throws IOException {
        int frame = wholeFrames(at);
        List<Exchange> read = new ArrayList<>();
        assertThatIOException()
                .isThrownBy(() -> readInto(read))
                .withMessageContaining(file.toString())
                .satisfies(error -> requirePlace(error, at, frame));
        assertThat(read).isEqualTo(EXCHANGES.subList(0, Math.max(0, frame - 1 + (at < 12 ? 1 : 0))));
        assertThatIOException().isThrownBy(() -> Journal.open(file)).satisfies(error -> requirePlace(error, at, frame));
        assertThat(file).hasSize(whole.length);
    }

    private void requirePlace(IOException error, int at, int frame) {
        if (at >= 12) {
            DamagedJournalException damage = (DamagedJournalException) error;
            assertThat(damage.exchange()).isEqualTo(frame);
            assertThat(damage.offset()).isEqualTo((long) starts.get(frame));
        }
    }

    private void readInto(List<Exchange> read) throws IOException {
        try (JournalReader reader = Journal.read(file)) {
            for (Exchange next = reader.next(); next != null; next = reader.next()) {
                read.add(next);
            }
        }
    }

    @Test
    void damageInTheMiddleTellsPlaceAndRemedy() throws IOException {
        byte[] bytes = whole.clone();
        bytes[starts.get(3) + 9] ^= 4;
        Files.write(file, bytes);
        String remedy = "truncate -s " + starts.get(3) + " " + file;
        assertThatExceptionOfType(DamagedJournalException.class)
                .isThrownBy(() -> Journal.open(file))
                .withMessage(
                        "journal " + file + ": a damaged frame, although whole ones follow, at byte " + starts.get(3)
                                + ", in exchange 3; restore the file from a copy, or give up this exchange and all"
                                + " after it with: " + remedy);

        // The remedy helps.
        Files.write(file, Arrays.copyOf(bytes, starts.get(3)));
        assertThat(Samples.readAll(file)).isEqualTo(EXCHANGES.subList(0, 2));
    }

    @Test
    void aFrameThatIsMissingRepeatedOrMovedIsDamage() throws IOException {
        for (int frame = 1; frame < COUNT; frame++) {
            int from = starts.get(frame);
            int to = starts.get(frame + 1);
            Files.write(file, joined(Arrays.copyOf(whole, from), Arrays.copyOfRange(whole, to, whole.length)));
            assertNothingMadeUp(frame - 1);
            Files.write(file, joined(Arrays.copyOf(whole, to), Arrays.copyOfRange(whole, from, whole.length)));
            assertNothingMadeUp(frame);
        }
        // A hole of zeros with whole frames behind it is no torn end.
        byte[] bytes = whole.clone();
        Arrays.fill(bytes, starts.get(2), starts.get(4), (byte) 0);
        Files.write(file, bytes);
        assertThatExceptionOfType(DamagedJournalException.class).isThrownBy(() -> Journal.open(file));
    }

    private void assertNothingMadeUp(int most) throws IOException {
        List<Exchange> read = new ArrayList<>();
        try {
            readInto(read);
        } catch (DamagedJournalException noticed) {
            assertThat(noticed.exchange()).isEqualTo(most + 1);
        }
        assertThat(read).isEqualTo(EXCHANGES.subList(0, most));
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    @Property(tries = 300)
    void whateverHappensNothingIsMadeUp(@ForAll Random random) throws IOException {
        Path place = Files.createTempFile("homeostat", ".journal");
        try {
            Files.delete(place);
            Samples.write(place, CARD, EXCHANGES);
            byte[] bytes = Files.readAllBytes(place);
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes = spoiled(bytes, random);
            }
            Files.write(place, bytes);
            List<Exchange> read = new ArrayList<>();
            try (JournalReader reader = Journal.read(place)) {
                for (Exchange next = reader.next(); next != null; next = reader.next()) {
                    read.add(next);
                }
            } catch (IOException noticed) {
                assertThat(noticed).hasMessageContaining(place.toString());
            }
            assertThat(read).isEqualTo(EXCHANGES.subList(0, read.size()));
        } finally {
            Files.deleteIfExists(place);
        }
    }

    private static byte[] spoiled(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int count = random.nextInt(40);
        byte[] added = new byte[count];
        if (random.nextBoolean()) {
            random.nextBytes(added);
        }
        byte[] head = Arrays.copyOf(bytes, at);
        int skipped = Math.min(bytes.length, at + random.nextInt(3) * count);
        return joined(joined(head, added), Arrays.copyOfRange(bytes, skipped, bytes.length));
    }
}
