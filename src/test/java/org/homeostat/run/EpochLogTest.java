package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.homeostat.run.Observer.Epoch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One line an epoch, whatever happened on the way. */
final class EpochLogTest {

    @TempDir
    Path path;

    private EpochLog log() {
        return new EpochLog(new RunFolder(path));
    }

    private Path file() {
        return path.resolve("epochs.csv");
    }

    @Test
    void epochsComeBackAsTheyWere() {
        Epoch classes = new Epoch(1, 0.123456789012345, 0.75, 2);
        Epoch numbers = new Epoch(2, 1.5e-12, Double.NaN, 0);
        Epoch astray = new Epoch(3, Double.POSITIVE_INFINITY, 0, 0);
        log().epochEnded(classes);
        log().epochEnded(numbers);
        log().epochEnded(astray);

        assertThat(log().read()).containsExactly(classes, numbers, astray);
        assertThat(path).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void anEpochTaughtAgainReplacesItsLineAndAllAfterIt() {
        log().epochEnded(new Epoch(1, 0.5, 0.5, 0));
        log().epochEnded(new Epoch(2, 0.4, 0.6, 0));
        log().epochEnded(new Epoch(3, 0.3, 0.7, 0));

        log().epochEnded(new Epoch(2, 0.45, 0.65, 1));

        assertThat(log().read()).containsExactly(new Epoch(1, 0.5, 0.5, 0), new Epoch(2, 0.45, 0.65, 1));
    }

    @Test
    void aFileCutShortAnywhereIsReadAsFarAsItGoes() throws IOException {
        Epoch first = new Epoch(1, 0.5, 0.25, 3);
        log().epochEnded(first);
        log().epochEnded(new Epoch(2, 0.25, Double.NaN, 0));
        String whole = Files.readString(file());
        int second = whole.indexOf("2,0.25");

        for (int length = 0; length < whole.length() - 1; length++) {
            Files.writeString(file(), whole.substring(0, length));
            assertThat(log().read()).hasSizeLessThanOrEqualTo(1);
            if (length >= second) {
                assertThat(log().read()).containsExactly(first);
            }
        }
    }

    @Test
    void withoutAFileThereWereNoEpochs() {
        assertThat(log().read()).isEmpty();
    }
}
