package org.homeostat.app;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.homeostat.catalog.Catalog;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        sortOptions = false,
        description =
                "Teaches the embedded resistor-array twin to tell two interleaved moons apart, in under a minute.")
final class Demo implements Callable<Integer> {

    private static final String DEVICE = "twin:resistor-array-v1";
    private static final int ROWS = 400;
    private static final double NOISE = 0.1;
    private static final double TEST_PART = 0.25;
    private static final int EPOCHS = 40;

    @Mixin
    Shared shared;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Draws data and start (default: 1).")
    long seed;

    @Override
    public Integer call() {
        Catalog catalog = shared.catalog();
        Experiment experiment = experiment(catalog, seed);
        shared.say("Teaching " + DEVICE + ", a simulated board, to tell two moons apart.");
        try (Interrupt interrupt = new Interrupt();
                Training training = Training.begin(experiment, catalog, shared.store())) {
            RunRecord record = Train.watched("", training, shared, interrupt, Training.CHECKPOINT_EVERY);
            List<String> lines = new ArrayList<>();
            if (record.result() != null && !shared.json) {
                lines.addAll(map(training));
            }
            lines.addAll(training.lines(record));
            if (record.result() != null) {
                lines.add("Next: homeostat train --data YOUR.csv --target COLUMN");
            }
            shared.print(training.json(record), lines);
            return Train.exitCode(record);
        }
    }

    /** What the demonstration teaches. */
    static Experiment experiment(Catalog catalog, long seed) {
        return new Experiment(
                "two-moons",
                DEVICE,
                "aeqprop-centered",
                catalog.teaching(DEVICE),
                Experiment.Source.moons(ROWS, NOISE),
                TEST_PART,
                EPOCHS,
                seed,
                catalog.known(DEVICE).limits());
    }

    /** Asks a device opened anew, so that the run's journal ends with the run. */
    private List<String> map(Training training) {
        try (Finished finished = Finished.open(training.folder(), null, shared)) {
            return DecisionMap.draw(finished, training.split().test());
        }
    }
}
