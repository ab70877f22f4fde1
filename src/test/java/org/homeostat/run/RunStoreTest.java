package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.run.RunRecord.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs are found again by what people call them. */
final class RunStoreTest {

    private static final Instant THEN = Instant.parse("2026-03-04T05:06:07.089Z");

    @TempDir
    Path place;

    private Path runs() {
        return place.resolve("runs");
    }

    private RunStore store() {
        return new RunStore(runs());
    }

    private RunFolder made(String experiment, Instant when) {
        RunFolder folder = store().create(experiment, when);
        folder.write(RunsOnDisk.record(folder.name(), Status.DONE, null));
        return folder;
    }

    private void refused(String name, String sentence) {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> store().find(name))
                .withMessage(sentence);
    }

    @ParameterizedTest
    @CsvSource({
        "two-moons, two-moons",
        "Two Moons!, two-moons",
        "'../etc/passwd', etc-passwd",
        "IRIS.2026, iris-2026",
        "'日本', run",
        "'', run"
    })
    void aRunIsNamedAfterTheMomentAndTheExperiment(String experiment, String words) {
        assertThat(store().create(experiment, THEN).name()).isEqualTo("20260304-050607-089-" + words);
    }

    @Test
    void runsOfOneMomentGetNumbers() {
        assertThat(store().create("a", THEN).name()).isEqualTo("20260304-050607-089-a");
        assertThat(store().create("a", THEN).name()).isEqualTo("20260304-050607-089-a-2");
        assertThat(store().create("a", THEN).name()).isEqualTo("20260304-050607-089-a-3");
    }

    private List<String> saidAt(Instant now) {
        List<String> said = new ArrayList<>();
        var unused = new RunStore(runs(), said::add).create("a", now);
        return said;
    }

    @Test
    void aClockThatIsBehindTheNewestRunIsDoubted() {
        made("moons", THEN);
        RunFolder newest = made("iris", THEN.plusSeconds(60));
        // A sweep's points have no date, and a run that was killed at once is no run.
        store().named("sweep-0001").write(RunsOnDisk.record("sweep-0001", Status.DONE, null));
        var unused = store().create("killed", THEN.plusSeconds(3600));

        assertThat(saidAt(THEN))
                .containsExactly(
                        "the clock of this computer shows 2026-03-04T05:06:07Z, but run " + newest.name() + " in "
                                + runs()
                                + " was begun later, so that the names of new runs are out of order and 'latest' may mean another one;"
                                + " likely the clock was not set since the computer was switched on, or was ahead before: set it with"
                                + " 'sudo timedatectl set-ntp true', and until then name runs in full");
        // Machines that share a folder are never of one opinion.
        assertThat(saidAt(THEN.plusSeconds(51))).isEmpty();
        assertThat(saidAt(THEN.plusSeconds(61))).isEmpty();
    }

    @Test
    void aClockOfAComputerWithoutOneIsDoubted() {
        assertThat(saidAt(Instant.EPOCH.plusSeconds(12)))
                .singleElement()
                .asString()
                .startsWith("the clock of this computer shows 1970-01-01T00:00:12Z, which is long past, so that");
        assertThat(store().doubt(Instant.parse("2020-01-01T00:00:00Z"))).isEmpty();
    }

    @Test
    void aFolderThatCannotBeIsRefused() throws IOException {
        Files.writeString(runs(), "a file in its place");

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> store().create("a", THEN))
                .withMessageStartingWith(runs() + ": a run cannot be stored there (")
                .withMessageEndingWith("); give another folder with --runs");
    }

    @Test
    void theyAreListedOldestFirstAndNothingElseIs() throws IOException {
        RunFolder second = made("a", THEN.plusMillis(1));
        RunFolder first = made("b", THEN);
        RunFolder third = made("a", THEN.plusSeconds(3600));
        Files.createDirectory(runs().resolve("20260304-050607-089-empty"));
        Files.writeString(runs().resolve("notes.txt"), "not a run");

        assertThat(store().list())
                .extracting(RunFolder::name)
                .containsExactly(first.name(), second.name(), third.name());
    }

    @Test
    void withoutAFolderThereAreNoRuns() {
        assertThat(store().list()).isEmpty();
        refused("latest", runs() + ": there are no runs here; train one first, or say where with --runs");
        refused("x", runs() + ": there are no runs here; train one first, or say where with --runs");
    }

    @Test
    void theyAreFoundByNameByItsBeginningAndByLatest() {
        RunFolder moons = made("moons", THEN);
        RunFolder iris = made("iris", THEN.plusSeconds(1));

        assertThat(store().find(moons.name()).path()).isEqualTo(moons.path());
        assertThat(store().find("20260304-050608").path()).isEqualTo(iris.path());
        assertThat(store().find("latest").path()).isEqualTo(iris.path());
        assertThat(store().find(moons.path().toString()).path()).isEqualTo(moons.path());
    }

    @Test
    void aWholeNameIsMeantEvenIfOthersBeginLikeIt() {
        RunFolder first = made("a", THEN);
        made("a", THEN);

        assertThat(store().find(first.name()).path()).isEqualTo(first.path());
    }

    @Test
    void aNameThatFitsSeveralIsRefused() {
        RunFolder first = made("a", THEN);
        made("b", THEN);

        refused("2026", runs() + ": '2026' may mean 2 runs, the first " + first.name() + "; give more of the name");
    }

    @Test
    void aNameThatFitsNoneIsRefused() {
        made("a", THEN);

        refused("2025", runs() + ": there is no run '2025'; see 'runs list'");
    }

    @Test
    void aRunThatWasKilledBeforeItBeganIsNamedAsSuch() throws IOException {
        Files.createDirectories(runs().resolve("20260304-050607-089-a"));
        String sentence = runs().resolve("20260304-050607-089-a")
                + ": this run was stopped before it began, so that there is nothing to take up; train a new one";
        refused("20260304-050607-089-a", sentence);

        made("b", THEN);
        refused("20260304-050607-089-a", sentence);
        // And it is never the latest.
        assertThat(store().find("latest").name()).endsWith("-b");
    }
}
