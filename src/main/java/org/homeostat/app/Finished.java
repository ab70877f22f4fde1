package org.homeostat.app;

import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Dressed;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.journal.Unrecorded;
import org.homeostat.learn.Learner;
import org.homeostat.run.BadInput;
import org.homeostat.run.Dataset;
import org.homeostat.run.Encoding;
import org.homeostat.run.Provenance.Changed;
import org.homeostat.run.Rows;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.Score;
import org.homeostat.run.Teaching.Scaling;
import org.jspecify.annotations.Nullable;

/** A device that carries what a run has learned. */
final class Finished implements AutoCloseable {

    private final RunRecord record;
    private final Learner learner;
    private final Dressed dressed;

    private Finished(RunRecord record, Learner learner, Dressed dressed) {
        this.record = record;
        this.learner = learner;
        this.dressed = dressed;
    }

    /**
     * Opens the run's own device or another one, and writes the learned parameters to it. A calibration that is no longer that of
     * the run is worn and told of.
     *
     * @throws BadInput if the run has no checkpoint, or the other device has other parameters
     */
    static Finished open(RunFolder folder, @Nullable String other, Shared shared) {
        RunRecord record = folder.record();
        if (!folder.hasCheckpoint()) {
            throw new BadInput("run " + folder.name() + " has no checkpoint yet; let it train first");
        }
        String uri = other == null ? record.experiment().device() : other;
        Learner learner =
                Training.learner(record.experiment(), record.encoding().classifies());
        if (other == null) {
            for (Changed changed : Training.changed(record)) {
                shared.complain(
                        "run " + record.run() + ": " + changed
                                + ", and the answers come through the new one; bring the old file back to ask what it was taught with");
            }
        }
        Catalog.Opened opened = shared.catalog().open(uri);
        // What it has learned in place only the device itself can carry, as the run left it.
        boolean inPlace = opened.device().descriptor().count(Role.PARAMETER) == 0;
        Dressed dressed = Dressed.of(
                inPlace && record.experiment().journal() ? opened.with(new Unrecorded(opened.device())) : opened,
                learner,
                record.experiment().teaching(),
                other == null ? record.experiment().limits() : opened.limits(),
                null);
        try {
            if (inPlace) {
                folder.restore(learner, dressed.device());
            } else {
                write(dressed.device(), folder.parameters().orElse(new double[0]), folder, uri);
            }
        } catch (RuntimeException e) {
            dressed.close();
            throw e;
        }
        return new Finished(record, learner, dressed);
    }

    private static void write(Device device, double[] parameters, RunFolder folder, String uri) {
        int count = device.descriptor().count(Role.PARAMETER);
        if (count != parameters.length) {
            throw new BadInput("run " + folder.name() + " learned " + parameters.length + " parameters, device " + uri
                    + " has " + count + "; choose a device of the same sizes");
        }
        Stimulus safe = device.descriptor().safe();
        device.present(
                safe.with(safe.levels().and(Levels.of(Role.PARAMETER, parameters))),
                Deadline.in(Training.EXCHANGE_LIMIT));
    }

    /** What the device answers to rows of features. */
    double[][] outputs(Rows rows) {
        return Score.outputs(
                dressed.device(),
                record.encoding(),
                rows,
                record.experiment().teaching().reads(),
                Training.EXCHANGE_LIMIT);
    }

    /** What it answers to a data set, scored. */
    Score score(Dataset data) {
        return Training.score(dressed, record, learner, data);
    }

    /**
     * Refuses rows that are to be levels as they are, but would be clipped.
     *
     * @throws BadInput if there is such a row
     */
    void require(Rows rows, String name) {
        if (record.experiment().teaching().encoding() == Scaling.AS_IS) {
            Encoding.requireWithin(
                    name,
                    rows,
                    record.encoding().features(),
                    dressed.device().descriptor().channels(Role.INPUT));
        }
    }

    RunRecord record() {
        return record;
    }

    Learner learner() {
        return learner;
    }

    Dressed dressed() {
        return dressed;
    }

    @Override
    public void close() {
        dressed.close();
    }
}
