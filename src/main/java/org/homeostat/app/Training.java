package org.homeostat.app;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.catalog.Dressed;
import org.homeostat.catalog.Learners;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Learner;
import org.homeostat.run.BadInput;
import org.homeostat.run.Dataset;
import org.homeostat.run.Dataset.Split;
import org.homeostat.run.Encoding;
import org.homeostat.run.EpochLog;
import org.homeostat.run.Experiment;
import org.homeostat.run.LinearBaseline;
import org.homeostat.run.Observer;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Result;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.homeostat.run.Score;
import org.homeostat.run.Trainer;
import org.homeostat.run.Trainer.Ending;
import org.homeostat.run.Trainer.Plan;
import org.jspecify.annotations.Nullable;

/** One run from an experiment to its result. Everything the user gave is checked before anything is written. */
final class Training implements AutoCloseable {

    /** How long one exchange may take before the device counts as lost. */
    static final Duration EXCHANGE_LIMIT = Duration.ofSeconds(10);

    private static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(2);

    private final RunFolder folder;
    private final RunRecord record;
    private final Split split;
    private final Learner learner;
    private final Dressed dressed;

    private Training(RunFolder folder, RunRecord record, Split split, Learner learner, Dressed dressed) {
        this.folder = folder;
        this.record = record;
        this.split = split;
        this.learner = learner;
        this.dressed = dressed;
    }

    /** The learner of an experiment. */
    static Learner learner(Experiment experiment, boolean classes) {
        Cost cost = Learners.cost(experiment.teaching(), classes);
        return Learners.of(experiment.learner(), experiment.teaching(), cost, experiment.seed());
    }

    /**
     * Prepares a new run.
     *
     * @throws BadInput if something the user gave cannot be used; nothing was written
     */
    static Training begin(Experiment experiment, Catalog catalog, RunStore store) {
        Split split = experiment.data().load(experiment.testPart(), experiment.seed());
        Learner learner = learner(experiment, split.train().answers() instanceof Dataset.Answers.Labels);
        Opened opened = catalog.open(experiment.device());
        try {
            Descriptor card = opened.device().descriptor();
            Encoding encoding = Encoding.fit(
                    split.train(),
                    card,
                    experiment.teaching().amplitude(),
                    experiment.teaching().swing(),
                    learner.cost());
            learner.require(Dressed.of(opened.device(), learner, experiment.teaching(), null)
                    .device()
                    .descriptor());
            RunFolder folder = store.create(experiment.name(), Instant.now());
            RunRecord record = new RunRecord(
                    RunRecord.FORMAT,
                    folder.name(),
                    Status.RUNNING,
                    "",
                    Instant.now().toString(),
                    experiment,
                    encoding,
                    card.board(),
                    card.digest(),
                    split.train().digest(),
                    Main.version(),
                    Runtime.version().toString(),
                    System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                    null);
            folder.write(record);
            Dressed dressed = Dressed.of(opened.device(), learner, experiment.teaching(), folder.journal());
            return new Training(folder, record, split, learner, dressed);
        } catch (RuntimeException e) {
            opened.device().close();
            throw e;
        }
    }

    /**
     * Prepares to take up a run where it stopped.
     *
     * @throws BadInput if it is done already, or its data or device changed
     */
    static Training resume(RunFolder folder, Catalog catalog) {
        RunRecord record = folder.record();
        if (record.status() == Status.DONE) {
            throw new BadInput("run " + folder.name() + " is done; evaluate it, or train a new one");
        }
        Experiment experiment = record.experiment();
        Split split = experiment.data().load(experiment.testPart(), experiment.seed());
        if (!split.train().digest().equals(record.dataDigest())) {
            throw new BadInput("run " + folder.name() + ": its data has changed since it began ("
                    + split.train().name() + "); bring back the data, or train a new run");
        }
        Learner learner = learner(experiment, record.encoding().classifies());
        Opened opened = catalog.open(experiment.device());
        Dressed dressed = Dressed.of(opened.device(), learner, experiment.teaching(), folder.journal());
        return new Training(folder, record.with(Status.RUNNING, "", null), split, learner, dressed);
    }

    RunFolder folder() {
        return folder;
    }

    RunRecord record() {
        return record;
    }

    Split split() {
        return split;
    }

    Dressed dressed() {
        return dressed;
    }

    Learner learner() {
        return learner;
    }

    /** Trains to the end, or until asked to stop; writes down how it ended and leaves the device at its safe levels. */
    RunRecord run(@Nullable Observer watcher, BooleanSupplier stop) {
        folder.write(record);
        Experiment experiment = record.experiment();
        List<Observer> observers = new ArrayList<>();
        observers.add(new EpochLog(folder));
        if (watcher != null) {
            observers.add(watcher);
        }
        Trainer trainer = new Trainer(
                dressed.device(),
                learner,
                split.train(),
                record.encoding(),
                new Plan(
                        experiment.epochs(),
                        experiment.seed(),
                        experiment.teaching().startLowest(),
                        experiment.teaching().startHighest(),
                        EXCHANGE_LIMIT,
                        CHECKPOINT_EVERY),
                folder,
                observers);
        RunRecord ended;
        try {
            Ending ending = trainer.train(stop);
            ended = switch (ending.outcome()) {
                case DONE -> record.with(Status.DONE, "", result(ending));
                case INTERRUPTED -> record.with(Status.INTERRUPTED, ending.remark(), null);
                case FAILED -> record.with(Status.FAILED, ending.remark(), null);
            };
        } finally {
            dressed.rest(EXCHANGE_LIMIT);
        }
        folder.write(ended);
        return ended;
    }

    private Result result(Ending ending) {
        Score train = score(split.train());
        Score test = score(split.test());
        return new Result(
                ending.epochs(),
                dressed.exchanges(),
                ending.seconds(),
                dressed.device().descriptor().count(Role.PARAMETER),
                train,
                test,
                LinearBaseline.score(split.train(), split.test(), record.encoding()));
    }

    /** Asks the device a data set as it is now, and scores the answers. */
    Score score(Dataset data) {
        double[][] outputs = Score.outputs(dressed.device(), record.encoding(), data.rows(), EXCHANGE_LIMIT);
        return Score.of(
                outputs,
                data,
                record.encoding(),
                learner.cost(),
                dressed.device().descriptor());
    }

    @Override
    public void close() {
        dressed.close();
    }
}
