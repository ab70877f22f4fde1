package org.homeostat.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import org.homeostat.wire.Golden.Entry;
import org.junit.jupiter.api.Test;

/** The worked exchange of section 8: it is the golden one, and the example board says exactly that. */
class SpecTest {

    @Test
    void sectionEightShowsTheGoldenBytes() {
        String spec = Golden.text(Golden.PROTOCOL.resolve("SPEC.md"));
        String shown = spec.substring(spec.indexOf("\n## 8."))
                .lines()
                .filter(line -> line.startsWith("    "))
                .map(line -> line.substring(4))
                .collect(Collectors.joining("\n"));
        String golden = Golden.text(Golden.FOLDER.resolve("frames/worked.txt"))
                .lines()
                .skip(1)
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining("\n"));
        assertThat(shown).isEqualTo(golden);
    }

    @Test
    void theExampleBoardSaysIt() {
        ExampleBoard board = new ExampleBoard(42);
        List<byte[]> frames = new ArrayList<>();
        for (Entry entry : Golden.frames("worked.txt")) {
            if (entry.word().equals("frame")) {
                frames.add(entry.bytes());
            }
        }
        long[] waits = {1_000_000, 10_000, 10_000};
        assertThat(frames).hasSize(2 * waits.length);
        for (int i = 0; i < waits.length; i++) {
            board.advance(waits[i]);
            board.take(frames.get(2 * i));
            if (i == 2) {
                board.advance(3000);
            }
            assertThat(HexFormat.of().formatHex(board.sent()))
                    .isEqualTo(HexFormat.of().formatHex(frames.get(2 * i + 1)));
        }
    }

    @Test
    void theCardHasTheDigestThatTheBoardTells() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Golden.card());
        assertThat(HexFormat.of().formatHex(Arrays.copyOf(digest, 8))).isEqualTo(Golden.digest());
    }

    @Test
    void examplesInTheTextAreRight() {
        String spec = Golden.text(Golden.PROTOCOL.resolve("SPEC.md"));
        assertThat(spec).contains("`123456789` give E3069283").contains("`11 22 00 33` gives `03 11 22 02 33`");
        assertThat(Frames.check("123456789".getBytes(StandardCharsets.US_ASCII), 0, 9))
                .isEqualTo(0xE3069283L);
    }
}
