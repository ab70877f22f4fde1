package org.homeostat.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.homeostat.run.RunsOnDisk;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whether a run that another program trains still goes on, whatever happens to the clock on the wall. */
final class ShelfTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    @TempDir
    Path path;

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicReference<Instant> wall = new AtomicReference<>(NOW);
    private Path file;
    private Shelf shelf;

    @BeforeEach
    void begin() throws IOException {
        RunFolder folder = new RunFolder(Files.createDirectory(path.resolve("r")));
        folder.write(RunsOnDisk.record("r", Status.RUNNING, null));
        file = folder.path().resolve("run.json");
        written(NOW);
        shelf = new Shelf(new RunStore(path), path, null, nanos::get, wall::get);
    }

    private void written(Instant when) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(when));
    }

    private void pass(Duration span) {
        nanos.addAndGet(span.toNanos());
        wall.set(wall.get().plus(span));
    }

    /** What the list says of the run, once it is looked through again. */
    private String status() {
        pass(Duration.ofSeconds(1));
        JsonNode run = JsonMapper.builder()
                .build()
                .readTree(shelf.runs().json())
                .get("runs")
                .get(0);
        assertThat(run.get("resumable").asBoolean())
                .isEqualTo(run.get("status").asString().equals("killed"));
        return run.get("status").asString();
    }

    @Test
    void aRunThatFallsSilentWasKilled() throws IOException {
        assertThat(status()).isEqualTo("running");
        pass(Duration.ofSeconds(50));
        assertThat(status()).isEqualTo("running");
        pass(Duration.ofSeconds(10));
        assertThat(status()).isEqualTo("killed");
        written(wall.get());
        assertThat(status()).isEqualTo("running");
    }

    @Test
    void oneThatWasSilentBeforeAnybodyLookedWasKilled() throws IOException {
        written(NOW.minusSeconds(120));
        assertThat(status()).isEqualTo("killed");
    }

    @Test
    void aClockThatIsSetForwardKillsNoRun() throws IOException {
        assertThat(status()).isEqualTo("running");
        wall.set(wall.get().plus(Duration.ofHours(1)));
        assertThat(status()).isEqualTo("running");
        // Written before the clock was set, and seen afterwards.
        written(NOW.plusSeconds(5));
        assertThat(status()).isEqualTo("running");
    }

    @Test
    void aClockThatIsSetBackKeepsNoneAlive() throws IOException {
        wall.set(NOW.minus(Duration.ofHours(1)));
        assertThat(status()).isEqualTo("running");
        pass(Duration.ofSeconds(61));
        assertThat(status()).isEqualTo("killed");
    }
}
