package org.homeostat.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.run.BadInput;
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
        Path scratch = scratch();
        try (Training training = Training.replay(folder, stored, catalog, new RunStore(scratch))) {
            RunRecord again = training.run(null, () -> false, Training.CHECKPOINT_EVERY);
            Result before = stored.result();
            Result after = again.result();
            boolean scores = before != null
                    && after != null
                    && before.train().equals(after.train())
                    && before.test().equals(after.test());
            boolean parameters = Arrays.equals(
                    folder.parameters().orElse(new double[0]),
                    training.folder().parameters().orElse(new double[0]));
            return new Rerun(training.dressed().exchanges(), parameters, scores);
        } catch (DeviceException e) {
            throw e.fault() == Fault.DISCONNECTED ? new BadInput(String.valueOf(e.getMessage()), e) : e;
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
        try {
            new RunFolder(folder).delete();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the temporary files could not be deleted: " + e.getMessage(), e);
        }
    }
}
