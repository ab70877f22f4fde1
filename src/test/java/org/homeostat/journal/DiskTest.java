package org.homeostat.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a disk that fails in the middle does is in {@code DiskFaultsIT}. */
class DiskTest {

    @TempDir
    Path folder;

    private interface Replacing {
        void replace(Path file, byte[] bytes) throws IOException;
    }

    private static final List<Replacing> BOTH = List.of(Disk::replace, Disk::replaceForGood);

    private List<Path> files() throws IOException {
        try (var paths = Files.list(folder)) {
            return paths.toList();
        }
    }

    @Test
    void aFileIsMadeAndReplaced() throws IOException {
        Path file = folder.resolve("file");
        for (Replacing way : BOTH) {
            for (String text : List.of("one", "", "a longer one")) {
                way.replace(file, text.getBytes(UTF_8));
                assertThat(file).hasContent(text);
                assertThat(files()).containsExactly(file);
            }
        }
    }

    @Test
    void whatCannotBeReplacedIsAsItWasAndNothingIsLeftBeside() throws IOException {
        Path taken = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(taken.resolve("inside"), "inside");
        for (Replacing way : BOTH) {
            assertThatThrownBy(() -> way.replace(taken, new byte[3]))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessageMatching("(?s)" + taken + ": could not be written \\(.+\\); its disk has \\d+ MB left; "
                            + "make room if that is the reason");
            assertThat(files()).containsExactly(taken);
            assertThat(taken.resolve("inside")).hasContent("inside");
            assertThatThrownBy(() -> way.replace(folder.resolve("none").resolve("file"), new byte[3]))
                    .hasMessageContaining("it is not there and cannot be made");
        }
    }

    @Test
    void aReasonIsSaidWithoutTheNameOfTheFile() {
        assertThat(Disk.why(new FileSystemException("/a/file", null, "No space left on device")))
                .isEqualTo("No space left on device");
        assertThat(Disk.why(new AccessDeniedException("/a/file"))).isEqualTo("you may not write there");
        assertThat(Disk.why(new FileNotFoundException("/a (b)/file (Permission denied)")))
                .isEqualTo("Permission denied");
        assertThat(Disk.why(new IOException("Input/output error"))).isEqualTo("Input/output error");
    }
}
