package org.homeostat.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.homeostat.run.BadInput;
import org.homeostat.run.Csv;
import org.homeostat.run.Encoding;
import org.homeostat.run.Idx;
import org.homeostat.run.Rows;
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
            description = "A CSV file with the run's feature columns (other columns are ignored), or images (IDX).")
    Path data;

    @Option(
            names = "--device",
            paramLabel = "URI",
            description = "Another device, to which the parameters are written.")
    @Nullable
    String device;

    @Override
    public Integer call() {
        try (Finished finished = Finished.open(shared.store().find(run), device, shared)) {
            Encoding encoding = finished.record().encoding();
            Rows rows = rows(encoding);
            finished.require(rows, data.toString());
            double[][] outputs = finished.outputs(rows);
            finished.dressed().rest(Training.EXCHANGE_LIMIT);
            List<Object> answers = new ArrayList<>();
            for (double[] output : outputs) {
                if (encoding.classifies()) {
                    answers.add(encoding.classes().get(encoding.winner(output)));
                } else {
                    double[] numbers = encoding.numbers(output);
                    answers.add(
                            numbers.length == 1
                                    ? numbers[0]
                                    : Arrays.stream(numbers).boxed().toList());
                }
            }
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("run", finished.record().run());
            object.put("predictions", answers);
            shared.print(object, answers.stream().map(Predict::line).toList());
            return Main.DONE;
        }
    }

    private Rows rows(Encoding encoding) {
        if (!Idx.holdsImages(data)) {
            return Csv.read(data, encoding.features().getFirst()).features(encoding.features());
        }
        Rows rows = Idx.images(data);
        if (rows.width() != encoding.features().size()) {
            throw new BadInput(data + ": images of " + rows.width() + " pixels, the run learned from "
                    + encoding.features().size() + " features");
        }
        return rows;
    }

    /** Several numbers stand side by side as in a CSV file. */
    private static String line(Object answer) {
        return answer instanceof List<?> several
                ? several.stream().map(String::valueOf).collect(Collectors.joining(","))
                : String.valueOf(answer);
    }
}
