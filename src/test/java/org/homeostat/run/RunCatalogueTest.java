package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunRecord.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalogue says what the folders say, whatever becomes of it. */
final class RunCatalogueTest {

    private static final Instant THEN = Instant.parse("2026-03-04T05:06:07.089Z");

    @TempDir
    Path place;

    private final List<String> said = new ArrayList<>();

    private RunStore store() {
        return new RunStore(place);
    }

    private List<Facts> listed() {
        said.clear();
        return store().catalogue(said::add).list();
    }

    private Path file() {
        return place.resolve(RunCatalogue.FILE);
    }

    private RunFolder made(int second) {
        RunFolder folder = store().create("moons", THEN.plusSeconds(second));
        folder.write(RunsOnDisk.record(folder.name(), Status.DONE, RunsOnDisk.result()));
        EpochLog log = new EpochLog(folder);
        log.epochEnded(new Epoch(1, 0.5, Double.NaN, 0));
        log.epochEnded(new Epoch(2, 0.25, 1e-300, 3));
        return folder;
    }

    private List<Facts> truth() {
        return store().list().stream().map(Facts::of).toList();
    }

    @Test
    void withoutRunsThereIsNoCatalogue() {
        assertThat(listed()).isEmpty();
        assertThat(said).isEmpty();
        assertThat(file()).doesNotExist();
    }

    @Test
    void itIsMadeOnceAndReadAfterwards() throws IOException {
        made(0);
        made(1);
        assertThat(listed()).isEqualTo(truth()).hasSize(2);
        assertThat(said).containsExactly(file() + ": there was no catalogue of the runs; made anew from 2 runs");

        byte[] before = Files.readAllBytes(file());
        assertThat(listed()).isEqualTo(truth());
        assertThat(said).isEmpty();
        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @Test
    void whatIsReadFromItIsWhatWasReadFromTheFolders() {
        made(0);
        List<Facts> fromFolders = listed();
        List<Facts> fromFile = listed();
        assertThat(fromFile).isEqualTo(fromFolders);
        Facts run = fromFile.getFirst();
        assertThat(run.value("seed")).isEqualTo(7L);
        assertThat(run.value("teaching.beta")).isEqualTo(0.5);
        assertThat(run.value("teaching.cost")).isEqualTo("cross-entropy");
        assertThat(run.value("test.accuracy")).isEqualTo(0.8);
        assertThat(run.value("test.r2")).isNull();
        assertThat(run.value("status")).isEqualTo("done");
        assertThat(run.value("epochs")).isEqualTo(3L);
        assertThat(run.epochs()).hasSize(2);
        assertThat(run.epochs().getFirst().accuracy()).isNaN();
        assertThat(run.epochs().getLast()).isEqualTo(new Epoch(2, 0.25, 1e-300, 3));
    }

    @Test
    void runsThatComeChangeAndGoAreNoticed() throws IOException {
        RunFolder first = made(0);
        RunFolder second = made(1);
        listed();

        first.write(RunsOnDisk.record(first.name(), Status.INTERRUPTED, null));
        made(2);
        assertThat(listed()).isEqualTo(truth()).hasSize(3);
        assertThat(said).isEmpty();
        assertThat(listed().getFirst().text("status")).isEqualTo("interrupted");

        new EpochLog(second).epochEnded(new Epoch(3, 0.125, 0.75, 0));
        assertThat(listed().get(1).epochs()).hasSize(3);

        first.delete();
        assertThat(listed()).isEqualTo(truth()).hasSize(2);
        assertThat(said).isEmpty();
    }

    @Test
    void damagedByAnythingItIsMadeAnew() throws IOException {
        made(0);
        made(1);
        listed();
        byte[] whole = Files.readAllBytes(file());
        Random random = new Random(11);
        int noticed = 0;
        for (int k = 0; k < 60; k++) {
            byte[] bytes = whole.clone();
            if (k % 3 == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                // A page overwritten with nonsense.
                int at = random.nextInt(bytes.length / 4096) * 4096;
                byte[] nonsense = new byte[k % 3 == 1 ? 4096 : 64];
                random.nextBytes(nonsense);
                System.arraycopy(nonsense, 0, bytes, at, nonsense.length);
            }
            Files.write(file(), bytes);
            assertThat(listed()).isEqualTo(truth());
            assertThat(said).hasSizeLessThanOrEqualTo(1);
            for (String sentence : said) {
                noticed++;
                assertThat(sentence).startsWith(file() + ": it ").endsWith("; made anew from 2 runs");
            }
            // And it is whole again.
            assertThat(listed()).isEqualTo(truth());
            assertThat(said).isEmpty();
        }
        // Most of them; the rest met a place that holds nothing.
        assertThat(noticed).isGreaterThan(50);
    }

    @Test
    void anotherProgramsFileIsReplaced() throws Exception {
        made(0);
        try (Connection foreign = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement tell = foreign.createStatement()) {
            tell.execute("CREATE TABLE run (run TEXT)");
        }
        assertThat(listed()).isEqualTo(truth());
        assertThat(said)
                .containsExactly(file()
                        + ": it was written by another program, or another version of this one; made anew from 1 run");
    }

    @Test
    void whereItCannotBeWrittenTheRunsAreListedAllTheSame() throws IOException {
        made(0);
        Files.createDirectories(file().resolve("in its place"));
        assertThat(listed()).isEqualTo(truth());
        assertThat(said)
                .singleElement()
                .asString()
                .contains("the runs are listed without their catalogue, which could not");
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void aRunThatCannotBeReadIsListedWithTheReason() throws IOException {
        RunFolder damaged = made(0);
        made(1);
        Files.writeString(damaged.path().resolve("run.json"), "{}");
        List<Facts> runs = listed();
        assertThat(runs.getFirst().text("status")).isEqualTo(Facts.UNREADABLE);
        assertThat(runs.getFirst().text("remark")).contains("run.json");
        assertThat(runs.getLast().text("status")).isEqualTo("done");
        assertThat(listed()).isEqualTo(runs);
    }

    @Test
    void otherProgramsCanQueryIt() throws SQLException {
        made(0);
        listed();
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement ask = other.createStatement();
                ResultSet row = ask.executeQuery("SELECT learner, seed, test_accuracy FROM runs")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getString(1)).isEqualTo("spsa");
            assertThat(row.getLong(2)).isEqualTo(7);
            assertThat(row.getDouble(3)).isEqualTo(0.8);
        }
    }

    @Test
    void manyWhoListWhileRunsComeSeeEveryRunThatWasThereBefore() throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> done = new ArrayList<>();
            for (int k = 0; k < 40; k++) {
                int second = k;
                if (k % 2 == 0) {
                    made(second);
                }
                int there = k / 2 + 1;
                done.add(pool.submit(
                        () -> store().catalogue(sentence -> {}).list().size() - there));
            }
            for (Future<Integer> more : done) {
                assertThat(more.get()).isGreaterThanOrEqualTo(0);
            }
        }
        assertThat(listed()).isEqualTo(truth()).hasSize(20);
        assertThat(leftovers()).isEmpty();
    }

    private List<Path> leftovers() throws IOException {
        try (Stream<Path> all = Files.list(place)) {
            return all.filter(path -> path.toString().endsWith(".new")).toList();
        }
    }
}
