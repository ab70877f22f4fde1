package org.homeostat.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Stream;
import org.homeostat.catalog.Catalog;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Result;
import org.homeostat.run.RunStore;

/**
 * A finished run, run again with its device answered from its journal.
 *
 * @param exchanges how many exchanges were answered
 * @param sameParameters whether it ended with the parameters stored, bit for bit
 * @param sameScores whether it ended with the scores stored
 */
record Rerun(long exchanges, boolean sameParameters, boolean sameScores) {

    static Rerun of(RunFolder folder, RunRecord stored, Catalog catalog) {
        Experiment experiment = stored.experiment();
        Experiment replayed = new Experiment(
                experiment.name(),
                "replay:" + folder.path(),
                experiment.learner(),
                experiment.teaching(),
                experiment.data(),
                experiment.testPart(),
                experiment.epochs(),
                experiment.seed());
        Path scratch = scratch();
        try (Training training = Training.begin(replayed, catalog, new RunStore(scratch))) {
            RunRecord again = training.run(null, () -> false);
            Result before = stored.result();
            Result after = again.result();
            boolean scores = before != null
                    && after != null
                    && before.train().equals(after.train())
                    && before.test().equals(after.test());
            boolean parameters = Arrays.equals(
                    folder.parameters().orElseThrow(),
                    training.folder().parameters().orElseThrow());
            return new Rerun(training.dressed().exchanges(), parameters, scores);
        } finally {
            delete(scratch);
        }
    }

    private static Path scratch() {
        try {
            return Files.createTempDirectory("homeostat-replay");
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for temporary files: " + e.getMessage(), e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
