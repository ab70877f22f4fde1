package org.homeostat.app;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.DeviceUri;
import org.homeostat.catalog.ExperimentFile;
import org.homeostat.dashboard.Dashboard;
import org.homeostat.dashboard.Shelf;
import org.homeostat.run.BadInput;
import org.homeostat.run.Csv;
import org.homeostat.run.Dataset.Split;
import org.homeostat.run.Experiment;
import org.homeostat.run.Idx;
import org.homeostat.run.RunRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "train",
        sortOptions = false,
        description = "Teaches a device, from an experiment file or from a CSV file alone.",
        footer = {
            "",
            "Examples:",
            "  homeostat train --data flowers.csv --target species",
            "  homeostat train --data train-images-idx3-ubyte.gz --test t10k-images-idx3-ubyte.gz",
            "  homeostat train sim/experiments/two-moons.yaml --seed 3",
            "  homeostat train sim/experiments/two-moons.yaml --device serial:/dev/ttyACM0,serial:/dev/ttyACM1",
            "  homeostat train --resume latest"
        })
final class Train implements Callable<Integer> {

    private static final String TWIN = "resistor-array-v1";
    private static final String LEARNER = "aeqprop-centered";
    private static final double TEST_PART = 0.25;

    /** About so many steps teach a small board a small task. */
    private static final int STEPS = 20_000;

    private static final int FEWEST_EPOCHS = 8;
    private static final int MOST_EPOCHS = 60;

    @Mixin
    Shared shared;

    @Parameters(index = "0", arity = "0..1", paramLabel = "EXPERIMENT", description = "An experiment file (YAML).")
    @Nullable
    Path file;

    @Option(
            names = "--device",
            paramLabel = "URI",
            description = "The device to teach; several, separated by commas, are taught as one.")
    @Nullable
    String device;

    @Option(names = "--apart", description = "Teach each of several devices by itself, in a run of its own.")
    boolean apart;

    @Option(names = "--learner", paramLabel = "NAME", description = "The learner; see 'homeostat devices'.")
    @Nullable
    String learner;

    @Option(
            names = "--data",
            paramLabel = "CSV",
            description = "A CSV file, whose header is recognised, or images (IDX, as of MNIST).")
    @Nullable
    Path data;

    @Option(
            names = "--target",
            paramLabel = "COLUMN",
            description =
                    "The column to learn, by name or 1-based number, or several numbers separated by commas; for images "
                            + "the file of labels (default: the one beside them).")
    @Nullable
    String target;

    @Option(
            names = "--ignore",
            paramLabel = "COLUMN",
            split = ",",
            description = "Columns to leave out, such as row numbers, by name or 1-based number.")
    List<String> ignored = new ArrayList<>();

    @Option(
            names = "--test",
            paramLabel = "CSV",
            description = "A file of its own for the test (default: a quarter of the rows is kept).")
    @Nullable
    Path test;

    @Option(
            names = "--task",
            paramLabel = "TASK",
            description = "classification or regression (default: as the target column looks).")
    Csv.@Nullable Task task;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "What $${data} means in an experiment file: the folder of public data sets (default: "
                    + "$$HOMEOSTAT_DATA, or ../shared/data).")
    @Nullable
    Path dataFolder;

    @Option(names = "--epochs", paramLabel = "N", description = "How often every row is taught.")
    @Nullable
    Integer epochs;

    @Option(names = "--seed", paramLabel = "N", description = "Draws the split, the order and the start.")
    @Nullable
    Long seed;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Changes one choice of how the board is taught, such as beta=0.2; may be repeated.")
    Map<String, String> changes = new LinkedHashMap<>();

    @Option(
            names = "--no-journal",
            description = "Write down no exchanges: no replay then, and only a twin's run can be taken up again.")
    boolean noJournal;

    @Option(names = "--resume", paramLabel = "RUN", description = "Takes up a run where it stopped.")
    @Nullable
    String resume;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "SECONDS",
            description = "The most that a crash may cost, in seconds (default: 2).")
    @Nullable
    Double checkpointSeconds;

    @Option(
            names = "--patience",
            paramLabel = "SECONDS",
            description =
                    "When the device is lost or has gone to its safe levels by itself, take the run up again as soon "
                            + "as it is back, which arms it anew; for so long in all (default: 0, the run stops).")
    double patienceSeconds;

    @Option(
            names = "--shadow",
            paramLabel = "URI",
            description = "Ask this twin all that the device is asked, and say how far the two lie apart.")
    @Nullable
    String shadowUri;

    @Option(
            names = "--watch",
            description = "Serve a page that shows the run live, and from which it is paused and stopped.")
    boolean watch;

    @Mixin
    PageAddress place;

    @Override
    public Integer call() {
        if (!watch) {
            place.requireUnused();
            return train(training -> {});
        }
        Shelf shelf = new Shelf(shared.store(), shared.runs, null);
        try (Dashboard page = place.open(shelf)) {
            return train(training -> {
                shelf.put(training.shown());
                shared.say("Watch it at " + page.address(training.record().run()));
            });
        }
    }

    /**
     * @param show is told of each run before it trains
     */
    private int train(Consumer<Training> show) {
        Catalog catalog = shared.catalog();
        Duration checkpointEvery = checkpointSeconds == null
                ? Training.CHECKPOINT_EVERY
                : checked("--checkpoint-every", checkpointSeconds);
        Duration patience = checked("--patience", patienceSeconds);
        if (resume != null) {
            return finished(resumed(resume, catalog), null, catalog, checkpointEvery, patience, show);
        }
        Experiment experiment = experiment(device, catalog);
        List<String> devices = DeviceUri.list(experiment.device());
        if (shadowUri != null && (devices.size() > 1 || !patience.isZero())) {
            throw new BadInput("--shadow: a twin shadows one device that is taught in one sitting; leave out "
                    + (devices.size() > 1 ? "all devices but one" : "--patience"));
        }
        if (apart(devices, catalog)) {
            List<Experiment> experiments =
                    devices.stream().map(one -> experiment(one, catalog)).toList();
            return new Apart(shared, catalog, checkpointEvery, patience).train(experiments, show);
        }
        Shadow shadow = shadowUri == null ? null : new Shadow(shadowUri, catalog, shared);
        Training training = shadow == null
                ? Training.begin(experiment, catalog, shared.store())
                : Training.begin(experiment, catalog, shared.store(), shadow);
        return finished(training, shadow, catalog, checkpointEvery, patience, show);
    }

    /** The process must not end before the device was let go, and with it the lease that others wait for. */
    private int finished(
            Training training,
            @Nullable Shadow shadow,
            Catalog catalog,
            Duration checkpointEvery,
            Duration patience,
            Consumer<Training> show) {
        try (Interrupt interrupt = new Interrupt();
                training) {
            show.accept(training);
            RunRecord record =
                    new Perseverance(shared, catalog, interrupt, checkpointEvery, patience).taught("", training);
            Map<String, Object> object = training.json(record);
            List<String> lines = training.lines(record);
            if (shadow != null) {
                object.put("shadow", shadow.json());
                lines.add(shadow.line());
            }
            shared.print(object, lines);
            return exitCode(record);
        }
    }

    /** Whether these devices are taught each by itself; says why if nobody asked for it. */
    private boolean apart(List<String> devices, Catalog catalog) {
        if (devices.size() == 1) {
            if (apart) {
                throw new BadInput(
                        "--apart: expected several devices, separated by commas, not " + devices.getFirst() + " alone");
            }
            return false;
        }
        String reason = catalog.apartBecause(devices);
        if (reason != null && !apart) {
            shared.say("Teaching " + devices.size() + " devices apart, because " + reason + ".");
        }
        if (reason == null && !apart) {
            shared.say("Teaching " + devices.size() + " devices as one: each step is the mean of theirs.");
        }
        return apart || reason != null;
    }

    private static Duration checked(String option, double seconds) {
        if (!(seconds >= 0 && seconds <= 1e6)) {
            throw new BadInput(option + ": expected a number of seconds, 0 or more, not " + seconds);
        }
        return Duration.ofNanos((long) (seconds * 1e9));
    }

    private Training resumed(String run, Catalog catalog) {
        boolean more = Stream.of(file, device, learner, data, target, test, task, epochs, seed, shadowUri)
                        .anyMatch(Objects::nonNull)
                || apart
                || noJournal
                || !changes.isEmpty()
                || !ignored.isEmpty();
        if (more) {
            throw new BadInput("--resume goes on with what the run began with; leave out everything but --resume,"
                    + " or train a new run");
        }
        return Training.resume(shared.store().find(run), catalog);
    }

    /**
     * Runs with a progress bar, and stops on Ctrl-C.
     *
     * @param who the device, where several are taught at once; else empty
     */
    static RunRecord watched(
            String who, Training training, Shared shared, Interrupt interrupt, Duration checkpointEvery) {
        RunRecord record;
        try (Progress progress = new Progress(
                who,
                training.record().experiment().epochs(),
                training.split().train().size(),
                shared.err())) {
            record = training.run(progress, interrupt::requested, checkpointEvery);
        }
        if (record.status() == RunRecord.Status.INTERRUPTED) {
            shared.say(Words.about(
                    who,
                    "Stopped; the device is at its safe levels. Go on with: homeostat train --resume "
                            + training.folder().path()));
        }
        if (record.status() == RunRecord.Status.FAILED) {
            shared.complain(
                    Words.about(who, "the run was stopped and the device left at its safe levels: " + record.remark()));
        }
        return record;
    }

    static int exitCode(RunRecord record) {
        return switch (record.status()) {
            case DONE, RUNNING -> Main.DONE;
            case INTERRUPTED -> Main.INTERRUPTED;
            case FAILED -> Main.FAILED;
        };
    }

    /**
     * What the user asked for, on a device.
     *
     * @param uri null for the experiment's own, or one large enough
     */
    private Experiment experiment(@Nullable String uri, Catalog catalog) {
        Experiment base = file != null ? fromFile(file, uri, catalog) : fromData(uri, catalog);
        return new Experiment(
                base.name(),
                String.join(",", DeviceUri.list(base.device())),
                learner == null ? base.learner() : learner,
                ExperimentFile.changed(base.teaching(), changes),
                base.data(),
                base.testPart(),
                epochs == null ? base.epochs() : epochs,
                seed == null ? base.seed() : seed,
                base.limits(),
                base.journal() && !noJournal);
    }

    private Experiment fromFile(Path path, @Nullable String uri, Catalog catalog) {
        if (data != null || target != null || test != null || task != null || !ignored.isEmpty()) {
            throw new BadInput("give either an experiment file or --data and --target, not both");
        }
        return ExperimentFile.read(path, uri, Shared.dataFolder(dataFolder), catalog);
    }

    private Experiment.Source source(Path file) {
        if (!Idx.holdsImages(file)) {
            return Experiment.Source.csv(file, String.valueOf(target), task, ignored, test);
        }
        if (task != null || !ignored.isEmpty()) {
            throw new BadInput("--task and --ignore go with a CSV file; leave them out with images");
        }
        return Experiment.Source.images(new Idx.Source(
                absolute(file),
                absolute(target == null ? Idx.labelsFor(file) : Path.of(target)),
                test == null ? null : absolute(test),
                test == null ? null : absolute(Idx.labelsFor(test)),
                null,
                null,
                null));
    }

    private static String absolute(Path file) {
        return file.toAbsolutePath().normalize().toString();
    }

    private Experiment fromData(@Nullable String given, Catalog catalog) {
        if (data == null || (target == null && !Idx.holdsImages(data))) {
            throw new BadInput("nothing to learn from: give an experiment file, or --data CSV with --target COLUMN");
        }
        long drawn = seed == null ? 1 : seed;
        Experiment.Source source = source(data);
        Split split = source.load(TEST_PART, drawn);
        String uri = given != null
                ? given
                : catalog.largeEnough(
                        TWIN, split.train().features().size(), split.train().outputs());
        if (given == null) {
            shared.say("Teaching " + uri + ", a simulated board large enough for "
                    + split.train().features().size() + " features and "
                    + split.train().outputs() + (split.train().outputs() == 1 ? " output." : " outputs."));
        }
        Catalog.Known known = catalog.known(uri);
        return new Experiment(
                String.valueOf(data.getFileName()).replaceAll("\\.[^.]*$", ""),
                uri,
                LEARNER,
                known.teaching(),
                source,
                TEST_PART,
                Math.clamp(STEPS / split.train().size(), FEWEST_EPOCHS, MOST_EPOCHS),
                drawn,
                known.limits());
    }
}
