package org.homeostat.app;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.homeostat.calibration.Calibration;
import org.homeostat.calibration.Calibration.Entry;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.catalog.DeviceUri;
import org.homeostat.catalog.Dressed;
import org.homeostat.catalog.Learners;
import org.homeostat.dashboard.Live;
import org.homeostat.dashboard.MidStepException;
import org.homeostat.dashboard.Worn;
import org.homeostat.dashboard.Worn.Span;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Restorable;
import org.homeostat.device.Role;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Learner;
import org.homeostat.learn.NaturalGradient;
import org.homeostat.run.BadInput;
import org.homeostat.run.Dataset;
import org.homeostat.run.Dataset.Split;
import org.homeostat.run.Diagnosis;
import org.homeostat.run.Diagnosis.Finding;
import org.homeostat.run.Encoding;
import org.homeostat.run.EpochLog;
import org.homeostat.run.Experiment;
import org.homeostat.run.LinearBaseline;
import org.homeostat.run.NotHeldException;
import org.homeostat.run.Observer;
import org.homeostat.run.Provenance;
import org.homeostat.run.Provenance.Changed;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Result;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.homeostat.run.Score;
import org.homeostat.run.Teaching.Scaling;
import org.homeostat.run.Trainer;
import org.homeostat.run.Trainer.Ending;
import org.homeostat.run.Trainer.Plan;
import org.jspecify.annotations.Nullable;

/** One run from an experiment to its result. Everything the user gave is checked before anything is written. */
final class Training implements AutoCloseable {

    /** How long one exchange may take before the device counts as lost. */
    static final Duration EXCHANGE_LIMIT = Duration.ofSeconds(10);

    /** How much work a crash may cost, unless the user wants something else. */
    static final Duration CHECKPOINT_EVERY = Duration.ofSeconds(2);

    private final RunFolder folder;
    private final RunRecord before;
    private final RunRecord record;
    private final Split split;
    private final Learner learner;
    private final Dressed dressed;
    private final @Nullable Calibration calibration;
    private final Diagnosis diagnosis = new Diagnosis();

    /** What pages see of it; null if nobody watches. */
    private @Nullable Live live;

    /** True once the device has confirmed its safe levels at the end. */
    private boolean rested;

    /**
     * @param before the record as it is stored
     * @param calibration what the device wears; null if it wears none
     */
    private Training(
            RunFolder folder,
            RunRecord before,
            Split split,
            Learner learner,
            Dressed dressed,
            @Nullable Calibration calibration) {
        this.folder = folder;
        this.before = before;
        record = before.with(Status.RUNNING, "", null);
        this.split = split;
        this.learner = learner;
        this.dressed = dressed;
        this.calibration = calibration;
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
        return begin(experiment, catalog, store, UnaryOperator.identity());
    }

    /** Prepares a new run with another device in the shadow of its own, see {@link Dressed}. */
    static Training begin(Experiment experiment, Catalog catalog, RunStore store, UnaryOperator<Device> beside) {
        return begin(experiment, catalog, now -> store.create(experiment.name(), now), true, beside);
    }

    /** Prepares a new run under a name that is known beforehand, such as that of a sweep's point. */
    static Training begin(Experiment experiment, Catalog catalog, RunStore store, String name) {
        return begin(experiment, catalog, now -> store.named(name), true, UnaryOperator.identity());
    }

    /** Prepares to run a run again, its device answered from its journal; no second journal is kept. */
    static Training replay(RunFolder folder, RunRecord record, Catalog catalog, RunStore scratch) {
        var unused = data(record);
        Experiment experiment = record.experiment();
        return begin(
                new Experiment(
                        experiment.name(),
                        "replay:" + folder.path(),
                        experiment.learner(),
                        experiment.teaching(),
                        experiment.data(),
                        experiment.testPart(),
                        experiment.epochs(),
                        experiment.seed(),
                        experiment.limits(),
                        experiment.journal()),
                catalog,
                now -> scratch.create(experiment.name(), now),
                false,
                UnaryOperator.identity());
    }

    private static Training begin(
            Experiment experiment,
            Catalog catalog,
            Function<Instant, RunFolder> place,
            boolean recorded,
            UnaryOperator<Device> beside) {
        Split split = experiment.data().load(experiment.testPart(), experiment.seed());
        Learner learner = learner(experiment, split.train().answers() instanceof Dataset.Answers.Labels);
        Opened opened = catalog.open(experiment.device());
        try {
            Descriptor card = opened.device().descriptor();
            Descriptor worn = opened.worn().descriptor();
            Encoding encoding = Encoding.fit(
                    split.train(),
                    worn,
                    experiment.teaching().encoding(),
                    experiment.teaching().amplitude(),
                    experiment.teaching().swing(),
                    learner.cost());
            if (experiment.teaching().encoding() == Scaling.AS_IS) {
                Encoding.requireWithin(split.test(), worn);
            }
            learner.require(Dressed.of(opened, learner, experiment.teaching(), experiment.limits(), null)
                    .device()
                    .descriptor());
            Instant now = Instant.now();
            RunFolder folder = place.apply(now);
            RunRecord record = new RunRecord(
                    RunRecord.FORMAT,
                    folder.name(),
                    Status.RUNNING,
                    "",
                    now.truncatedTo(ChronoUnit.MILLIS).toString(),
                    experiment,
                    encoding,
                    card.board(),
                    card.digest(),
                    split.digest(),
                    Main.version(),
                    Runtime.version().toString(),
                    System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                    Provenance.of(Main.commit(), card.firmware(), experiment, options(experiment.device())),
                    null);
            try {
                folder.write(record);
                Dressed dressed = Dressed.of(
                        opened,
                        learner,
                        experiment.teaching(),
                        experiment.limits(),
                        recorded && experiment.journal() ? folder.journal() : null,
                        beside);
                return new Training(folder, record, split, learner, dressed, opened.calibration());
            } catch (RuntimeException e) {
                discard(folder, e);
                throw e;
            }
        } catch (RuntimeException e) {
            opened.device().close();
            throw e;
        }
    }

    /** The options of one or several devices. */
    private static Map<String, String> options(String devices) {
        Map<String, String> options = new LinkedHashMap<>();
        List<String> uris = DeviceUri.list(devices);
        for (int k = 0; k < uris.size(); k++) {
            String number = uris.size() == 1 ? "" : "-" + (k + 1);
            DeviceUri.of(uris.get(k)).options().forEach((key, value) -> options.put(key + number, value));
        }
        return options;
    }

    /** Leaves nothing half-written behind. */
    static void discard(RunFolder folder, RuntimeException why) {
        try {
            folder.delete();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /**
     * The data of a run.
     *
     * @throws BadInput if it is not what it was when the run began
     */
    static Split data(RunRecord record) {
        Experiment experiment = record.experiment();
        Split split = experiment.data().load(experiment.testPart(), experiment.seed());
        if (!split.digest().equals(record.dataDigest())) {
            throw new BadInput("run " + record.run() + ": its data has changed since it began ("
                    + Objects.requireNonNullElse(
                            experiment.data().file(), split.train().name())
                    + "); bring back the data, or train a new run");
        }
        return split;
    }

    /** Which files that the answers of a run's own device go through, such as its calibration, are no longer what they were. */
    static List<Changed> changed(RunRecord record) {
        Provenance from = record.provenance();
        return from == null
                ? List.of()
                : from.changed(options(record.experiment().device()));
    }

    /**
     * Prepares to take up a run where it stopped.
     *
     * @throws BadInput if it is at its end already, or its data, its device or what the device wears has changed
     */
    static Training resume(RunFolder folder, Catalog catalog) {
        RunRecord record = folder.record();
        if (record.status() == Status.DONE) {
            throw new BadInput("run " + folder.name() + " is done; evaluate it, or train a new one");
        }
        if (record.status() == Status.FAILED) {
            throw new BadInput(
                    "run " + folder.name() + " cannot be taken up: " + record.remark() + "; then train a new run");
        }
        if (!folder.hasCheckpoint() && taught(folder)) {
            throw new BadInput(folder.path() + ": it has taught already, but its checkpoint is missing; "
                    + "bring it back from a copy, or train a new run");
        }
        Split split = data(record);
        List<Changed> changed = changed(record);
        if (!changed.isEmpty()) {
            throw new BadInput(
                    "run " + folder.name() + ": " + changed.getFirst()
                            + ", and what it has learned came through the old one; bring the old file back, or train a new run");
        }
        Experiment experiment = record.experiment();
        Learner learner = learner(experiment, record.encoding().classifies());
        Opened opened = catalog.open(experiment.device());
        try {
            if (!experiment.journal() && !(opened.device() instanceof Restorable)) {
                throw new BadInput("run " + folder.name() + " kept no journal, and a board cannot be put back where it"
                        + " stood; train a new run");
            }
            Dressed dressed = Dressed.of(
                    opened,
                    learner,
                    experiment.teaching(),
                    experiment.limits(),
                    experiment.journal() ? folder.journal() : null);
            return new Training(folder, record, split, learner, dressed, opened.calibration());
        } catch (RuntimeException e) {
            opened.device().close();
            throw e;
        }
    }

    /** True if the journal of a run holds an exchange. */
    private static boolean taught(RunFolder folder) {
        if (!Files.exists(folder.journal())) {
            return false;
        }
        try (JournalReader reader = Journal.read(folder.journal())) {
            return reader.next() != null;
        } catch (IOException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
    }

    /** The run as one JSON object, and what it looked like from epoch to epoch in this sitting. */
    Map<String, Object> json(RunRecord ended) {
        Map<String, Object> object = Summary.json(ended);
        Finding finding = diagnosis.finding();
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT));
        told.put("turn", Summary.number(finding.turn()));
        told.put("remark", finding.remark());
        object.put("diagnosis", told);
        return object;
    }

    /** The same for people. */
    List<String> lines(RunRecord ended) {
        List<String> lines = new ArrayList<>(Summary.ended(ended, folder));
        if (!diagnosis.finding().remark().isEmpty()) {
            lines.add("  " + diagnosis.finding().remark());
        }
        return lines;
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

    /** What pages see of it from now on; they may pause and stop it. */
    Live shown() {
        Live shown = new Live(
                folder,
                record,
                dressed.device().descriptor(),
                split.train().size(),
                learner.cost().unit(),
                calibration == null ? null : worn(calibration, dressed.device().descriptor()));
        live = shown;
        return shown;
    }

    /** What a page tells of a calibration: of the channels that are read, in the order of the device's card. */
    private static Worn worn(Calibration calibration, Descriptor card) {
        Map<Role, List<Span>> compared = new EnumMap<>(Role.class);
        for (Role role : List.of(Role.OUTPUT, Role.MONITOR)) {
            compared.put(
                    role,
                    card.channels(role).stream()
                            .map(channel -> span(calibration.channels().get(channel.name())))
                            .toList());
        }
        return new Worn(calibration.calibration(), calibration.date(), compared);
    }

    private static Span span(@Nullable Entry entry) {
        return entry == null || entry.from() == null || entry.to() == null
                ? Span.UNKNOWN
                : new Span(
                        entry.from(),
                        entry.to(),
                        entry.noise() == null ? 0 : entry.noise().value());
    }

    /** Goes on being seen as a run that was taken up again. */
    void shownAs(Training before) {
        live = before.live;
    }

    /**
     * Trains to the end, or until asked to stop; writes down how it ended and leaves the device at its safe levels.
     *
     * @param watcher who watches; null for nobody
     * @param checkpointEvery how much time may pass between checkpoints
     */
    RunRecord run(@Nullable Observer watcher, BooleanSupplier stop, Duration checkpointEvery) {
        folder.write(record);
        Experiment experiment = record.experiment();
        List<Observer> observers = new ArrayList<>();
        observers.add(new EpochLog(folder));
        observers.add(diagnosis);
        if (watcher != null) {
            observers.add(watcher);
        }
        Live seen = live;
        if (seen != null) {
            observers.add(seen);
        }
        Trainer trainer = new Trainer(
                seen == null ? dressed.device() : seen.around(dressed.device()),
                learner,
                split.train(),
                record.encoding(),
                new Plan(
                        experiment.epochs(),
                        experiment.seed(),
                        experiment.teaching()::start,
                        EXCHANGE_LIMIT,
                        checkpointEvery),
                folder,
                observers);
        RunRecord ended;
        try {
            ended = taught(trainer, seen == null ? stop : () -> seen.stopAsked(stop));
        } catch (DeviceException e) {
            brokenBy(e);
            // Beyond a limit it would come again: there is nothing to go on with.
            Status status = e.fault() == Fault.LIMIT ? Status.FAILED : Status.INTERRUPTED;
            folder.write(record.with(status, String.valueOf(e.getMessage()), null));
            throw e;
        } catch (BadInput e) {
            // What the run is to go on from cannot be used: it stays as it was.
            brokenBy(e);
            folder.write(before);
            throw e;
        } catch (RuntimeException e) {
            brokenBy(e);
            throw e;
        }
        // What was learned stands, even if the device does not confirm that it is at rest.
        folder.write(ended);
        try {
            rest();
        } catch (RuntimeException e) {
            if (seen != null) {
                seen.broke(String.valueOf(e.getMessage()));
            }
            throw e;
        }
        if (seen != null) {
            seen.ended(ended);
        }
        return ended;
    }

    /** Leaves the device at its safe levels, unless it is there. */
    private void rest() {
        if (!rested) {
            dressed.rest(EXCHANGE_LIMIT);
            rested = true;
            if (live != null) {
                live.atRest();
            }
        }
    }

    private RunRecord taught(Trainer trainer, BooleanSupplier stop) {
        try {
            Ending ending = trainer.train(stop, this::rest);
            return switch (ending.outcome()) {
                case DONE -> record.with(Status.DONE, "", result(ending));
                case INTERRUPTED -> record.with(Status.INTERRUPTED, ending.remark(), null);
                case FAILED -> record.with(Status.FAILED, ending.remark(), null);
            };
        } catch (MidStepException stopped) {
            rest();
            return record.with(Status.INTERRUPTED, String.valueOf(stopped.getMessage()), null);
        } catch (NotHeldException e) {
            return record.with(Status.FAILED, String.valueOf(e.getMessage()), null);
        } catch (DeviceException e) {
            // A twin's answers cannot be corrupted on the way: the journal or the twin's files were changed.
            throw e.fault() == Fault.CORRUPT && dressed.bare() instanceof Restorable
                    ? new BadInput(String.valueOf(e.getMessage()), e)
                    : e;
        }
    }

    /** Tries to leave a device safe that has just failed; what it failed of is what people should read. */
    private void brokenBy(RuntimeException failure) {
        try {
            rest();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
        if (live != null) {
            live.broke(String.valueOf(failure.getMessage()));
        }
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
                LinearBaseline.score(split.train(), split.test()));
    }

    /** Asks the device a data set as it is now, and scores the answers. */
    Score score(Dataset data) {
        return score(dressed, record, learner, data);
    }

    /** The same of any device that a run's questions can be put to. */
    static Score score(Dressed dressed, RunRecord record, Learner learner, Dataset data) {
        return Score.of(
                dressed.device(),
                data.repeated(record.experiment().teaching().asks()),
                record.encoding(),
                learner.cost(),
                record.experiment().teaching().reads(),
                EXCHANGE_LIMIT);
    }

    @Override
    public void close() {
        try (dressed) {
            if (learner instanceof NaturalGradient holding) {
                holding.close();
            }
        }
    }
}
