package org.homeostat.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.run.Csv;
import org.homeostat.run.Encoding;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "predict",
        sortOptions = false,
        description = "Answers the rows of a CSV file with what a run has learned; one answer a line.")
final class Predict implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run: its name, the beginning of it, or 'latest'.")
    String run;

    @Option(
            names = "--data",
            paramLabel = "CSV",
            required = true,
            description = "A CSV file with the run's feature columns; other columns are ignored.")
    Path data;

    @Option(
            names = "--device",
            paramLabel = "URI",
            description = "Another device, to which the parameters are written.")
    @Nullable
    String device;

    @Override
    public Integer call() {
        try (Finished finished = Finished.open(shared.store().find(run), device, shared.catalog())) {
            Encoding encoding = finished.record().encoding();
            double[][] rows = Csv.read(data, encoding.features().getFirst()).features(encoding.features());
            double[][] outputs = finished.outputs(rows);
            finished.dressed().rest(Training.EXCHANGE_LIMIT);
            List<Object> answers = new ArrayList<>();
            for (double[] output : outputs) {
                if (encoding.classifies()) {
                    answers.add(encoding.classes().get(encoding.winner(output)));
                } else {
                    answers.add(encoding.number(output));
                }
            }
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("run", finished.record().run());
            object.put("predictions", answers);
            shared.print(object, answers.stream().map(String::valueOf).toList());
            return Main.DONE;
        }
    }
}
