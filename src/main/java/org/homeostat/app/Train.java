package org.homeostat.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.ExperimentFile;
import org.homeostat.run.BadInput;
import org.homeostat.run.Csv;
import org.homeostat.run.Dataset.Split;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunRecord;
import org.homeostat.run.Teaching;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Teaches a device, from an experiment file or from a CSV file alone.",
        footer = {
            "",
            "Examples:",
            "  homeostat train --data flowers.csv --target species",
            "  homeostat train sim/experiments/two-moons.yaml --seed 3",
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

    @Option(names = "--device", paramLabel = "URI", description = "The device to teach.")
    @Nullable
    String device;

    @Option(names = "--learner", paramLabel = "NAME", description = "The learner; see 'homeostat devices'.")
    @Nullable
    String learner;

    @Option(names = "--data", paramLabel = "CSV", description = "A CSV file; a header is recognised.")
    @Nullable
    Path data;

    @Option(names = "--target", paramLabel = "COLUMN", description = "The column to learn, by name or 1-based number.")
    @Nullable
    String target;

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

    @Option(names = "--resume", paramLabel = "RUN", description = "Takes up a run where it stopped.")
    @Nullable
    String resume;

    @Override
    public Integer call() {
        Catalog catalog = shared.catalog();
        try (Training training = resume == null
                ? Training.begin(experiment(catalog), catalog, shared.store())
                : Training.resume(shared.store().find(resume), catalog)) {
            RunRecord record = watched(training, shared);
            List<String> lines = new ArrayList<>(Summary.lines(record));
            lines.add("  stored as " + training.folder().path());
            shared.print(Summary.json(record), lines);
            return exitCode(record);
        }
    }

    /** Runs with a progress bar, and stops on Ctrl-C. */
    static RunRecord watched(Training training, Shared shared) {
        RunRecord begun = training.record();
        try (Interrupt interrupt = new Interrupt();
                Progress progress = new Progress(
                        begun.experiment().epochs(), training.split().train().size(), shared.err())) {
            RunRecord record = training.run(progress, interrupt::requested);
            if (record.status() == RunRecord.Status.INTERRUPTED) {
                progress.close();
                shared.err()
                        .println("stopped; the device is at its safe levels; go on with: homeostat train --resume "
                                + record.run());
                shared.err().flush();
            }
            if (record.status() == RunRecord.Status.FAILED) {
                progress.close();
                shared.err()
                        .println("homeostat: the run was stopped and the device left at its safe levels: "
                                + record.remark());
                shared.err().flush();
            }
            return record;
        }
    }

    static int exitCode(RunRecord record) {
        return switch (record.status()) {
            case DONE, RUNNING -> Main.DONE;
            case INTERRUPTED -> Main.INTERRUPTED;
            case FAILED -> Main.FAILED;
        };
    }

    private Experiment experiment(Catalog catalog) {
        Experiment base = file != null ? fromFile(file, catalog) : fromData(catalog);
        String uri = device == null ? base.device() : device;
        Teaching teaching = device == null ? base.teaching() : catalog.teaching(uri);
        return new Experiment(
                base.name(),
                uri,
                learner == null ? base.learner() : learner,
                ExperimentFile.changed(teaching, changes),
                base.data(),
                base.testPart(),
                epochs == null ? base.epochs() : epochs,
                seed == null ? base.seed() : seed);
    }

    private Experiment fromFile(Path path, Catalog catalog) {
        if (data != null || target != null || test != null || task != null) {
            throw new BadInput("give either an experiment file or --data and --target, not both");
        }
        return ExperimentFile.read(path, catalog);
    }

    private Experiment fromData(Catalog catalog) {
        if (data == null || target == null) {
            throw new BadInput("nothing to learn from: give an experiment file, or --data CSV with --target COLUMN");
        }
        long drawn = seed == null ? 1 : seed;
        Experiment.Source source = Experiment.Source.csv(data, target, task, test);
        Split split = source.load(TEST_PART, drawn);
        String uri = device != null
                ? device
                : catalog.largeEnough(
                        TWIN, split.train().features().size(), split.train().outputs());
        if (device == null) {
            shared.err()
                    .println("device: " + uri + " (large enough for "
                            + split.train().features().size() + " features and "
                            + split.train().outputs() + " outputs)");
            shared.err().flush();
        }
        return new Experiment(
                String.valueOf(data.getFileName()).replaceAll("\\.[^.]*$", ""),
                uri,
                LEARNER,
                catalog.teaching(uri),
                source,
                TEST_PART,
                Math.clamp(STEPS / split.train().size(), FEWEST_EPOCHS, MOST_EPOCHS),
                drawn);
    }
}
