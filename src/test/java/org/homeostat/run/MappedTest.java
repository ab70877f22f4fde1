package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as they are mapped, and what becomes of them meanwhile. */
final class MappedTest {

    private static final int BYTES = 1 << 20;

    @TempDir
    Path folder;

    /** Byte i is i, modulo 251. */
    private static byte[] bytes() {
        byte[] bytes = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bytes[i] = (byte) (i % 251);
        }
        return bytes;
    }

    private static void check(Mapped file, long at, int count) {
        int from = file.bring(at, count);
        for (int i = 0; i < count; i++) {
            if (file.window()[from + i] != (byte) ((at + i) % 251)) {
                throw new AssertionError("byte " + (at + i) + " of " + count + " from " + at);
            }
        }
    }

    private static List<Path> left() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(path -> path.getFileName().toString().endsWith(".unpacked"))
                    .toList();
        }
    }

    @Test
    void anyPartIsBroughtWhateverItsSize() throws IOException {
        Mapped file = Mapped.of(Files.write(folder.resolve("plain"), bytes()));

        assertThat(file.size()).isEqualTo(BYTES);
        for (int count : new int[] {1, 7, 1023, 1024, 1025, 5000, BYTES / 2}) {
            check(file, 0, count);
            check(file, BYTES - count, count);
            check(file, (BYTES - count) / 3, count);
        }
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> file.bring(BYTES - 1, 2));
    }

    @Test
    void anEmptyFileHasNoBytes() throws IOException {
        assertThat(Mapped.of(Files.createFile(folder.resolve("empty"))).size()).isZero();
    }

    @Test
    void whatIsPackedIsUnpackedOnceAsFarAsItIsWantedAndLeavesNothingBehind() throws IOException {
        Path packed = folder.resolve("packed");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(bytes());
        }
        List<Path> before = left();

        Mapped whole = Mapped.of(packed);
        Mapped part = Mapped.of(packed, 100_000);
        Files.delete(packed);

        assertThat(left()).isEqualTo(before);
        assertThat(whole.size()).isEqualTo(BYTES);
        assertThat(part.size()).isEqualTo(100_000);
        check(whole, BYTES - 10, 10);
        check(part, 99_990, 10);
        whole.requireUnchanged();
    }

    @Test
    void fewerBytesThanAreWantedAreTooFew() throws IOException {
        Path plain = Files.write(folder.resolve("plain"), bytes());
        Path packed = folder.resolve("packed");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(bytes());
        }

        for (Path file : List.of(plain, packed)) {
            assertThat(Mapped.of(file, BYTES).size()).isEqualTo(BYTES);
            assertThatExceptionOfType(EOFException.class).isThrownBy(() -> Mapped.of(file, BYTES + 1));
        }
    }

    /** Were it not told, the whole program would end here, and every test with it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 40, 784, 5000})
    void aFileThatIsCutShortIsToldInASentence(int width) throws IOException {
        Path path = Files.write(folder.resolve("cut"), bytes());
        Mapped file = Mapped.of(path);
        // So often that it is compiled.
        for (int turn = 0; turn < 30_000; turn++) {
            var unused = file.bring((turn * 7919L) % (BYTES - width), width);
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(BYTES / 2);
        }

        for (int turn = 0; turn < 5; turn++) {
            check(file, 0, width);
            for (long at : new long[] {BYTES - width, BYTES / 2 + 8192, BYTES / 2 + 100_000}) {
                assertThatExceptionOfType(BadInput.class)
                        .isThrownBy(() -> file.bring(at, width))
                        .withMessage(path + ": it was cut short while it was in use;"
                                + " bring it back as it was and take up the run again");
            }
        }
        assertThatExceptionOfType(BadInput.class).isThrownBy(file::requireUnchanged);
    }

    private static long sum(Mapped file, int width) {
        long sum = 0;
        for (long at = 0; at + width <= BYTES; at += width) {
            int begin = file.bring(at, width);
            sum += file.window()[begin];
        }
        return sum;
    }

    /** Compiled into one piece with its callers, the error came out far behind, and what was not read was used. */
    @ParameterizedTest
    @ValueSource(ints = {16, 784, 2000})
    void nothingIsUsedThatWasNotRead(int width) throws IOException {
        Path path = Files.write(folder.resolve("cut"), bytes());
        Mapped file = Mapped.of(path);
        long whole = sum(file, width);
        for (int turn = 0; turn < 200; turn++) {
            assertThat(sum(file, width)).isEqualTo(whole);
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(BYTES / 2 + 100);
        }

        for (int turn = 0; turn < 20; turn++) {
            assertThatExceptionOfType(BadInput.class)
                    .isThrownBy(() -> sum(file, width))
                    .withMessageEndingWith(
                            "it was cut short while it was in use; bring it back as it was and take up the"
                                    + " run again");
        }
    }

    @Test
    void changesAreSeenAndOtherFilesOfTheSameNameAreNone() throws IOException {
        Path path = Files.write(folder.resolve("file"), bytes());
        Mapped file = Mapped.of(path);
        file.requireUnchanged();

        Path other = Files.write(folder.resolve("other"), new byte[3]);
        Files.move(path, folder.resolve("moved"));
        Files.move(other, path);
        file.requireUnchanged();
        check(file, BYTES - 9, 9);
        Files.delete(path);
        file.requireUnchanged();

        Files.move(folder.resolve("moved"), path);
        file.requireUnchanged();
        Files.setLastModifiedTime(path, FileTime.fromMillis(1));
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(file::requireUnchanged)
                .withMessage(path + ": it was changed while it was in use;"
                        + " bring it back as it was and take up the run again");
    }
}
