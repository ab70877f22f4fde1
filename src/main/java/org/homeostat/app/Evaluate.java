package org.homeostat.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.run.Dataset.Split;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.Score;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "evaluate",
        sortOptions = false,
        description = "Scores what a run has learned, on its own device or on another one.")
final class Evaluate implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run: its name, the beginning of it, or 'latest'.")
    String run;

    @Option(
            names = "--device",
            paramLabel = "URI",
            description = "Another device, to which the parameters are written.")
    @Nullable
    String device;

    @Override
    public Integer call() {
        long start = System.nanoTime();
        RunFolder folder = shared.store().find(run);
        Split split = Training.data(folder.record());
        try (Finished finished = Finished.open(folder, device, shared)) {
            RunRecord record = finished.record();
            Experiment experiment = record.experiment();
            Score train = finished.score(split.train());
            Score test = finished.score(split.test());
            finished.dressed().rest(Training.EXCHANGE_LIMIT);
            String uri = device == null ? experiment.device() : device;

            Map<String, Object> object = new LinkedHashMap<>();
            object.put("run", record.run());
            object.put("device", uri);
            object.put("learner", experiment.learner());
            object.put("seed", experiment.seed());
            object.put("epochs", experiment.epochs());
            object.put("exchanges", finished.dressed().exchanges());
            object.put("wallSeconds", (System.nanoTime() - start) / 1e9);
            object.put("train", Summary.json(train));
            object.put("test", Summary.json(test));
            shared.print(
                    object,
                    List.of(
                            "run " + record.run() + " on " + uri,
                            Summary.score("test", test),
                            Summary.score("training", train)));
            return Main.DONE;
        }
    }
}
