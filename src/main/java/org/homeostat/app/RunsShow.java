package org.homeostat.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.homeostat.run.EpochLog;
import org.homeostat.run.Facts;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.Provenance;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.Teaching;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "show",
        sortOptions = false,
        description = "Shows one run: what decided it, where it came from, and how it went.")
final class RunsShow implements Callable<Integer> {

    private static final int WIDTH = 100;
    private static final int CURVE = 60;

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run: its name, the beginning of it, or 'latest'.")
    String run;

    @Option(
            names = "--plot",
            paramLabel = "FILE.svg",
            description = "Draws loss and accuracy from epoch to epoch, as SVG.")
    @Nullable
    Path plot;

    @Override
    public Integer call() {
        RunFolder folder = shared.store().find(run);
        RunRecord record = folder.record();
        List<Epoch> epochs = new EpochLog(folder).read();
        if (plot != null) {
            Shared.write("--plot", plot, Curves.svg(record, epochs));
        }
        shared.print(json(folder, record, epochs), lines(folder, record, epochs));
        return Main.DONE;
    }

    private static Map<String, Object> json(RunFolder folder, RunRecord record, List<Epoch> epochs) {
        Map<String, Object> object = new LinkedHashMap<>(Summary.json(record));
        object.put("created", record.created());
        object.put("teaching", record.experiment().teaching());
        object.put("data", record.experiment().data());
        object.put("digest", record.descriptorDigest());
        object.put("dataDigest", record.dataDigest());
        object.put("version", record.version());
        object.put("jdk", record.jdk());
        object.put("os", record.os());
        object.put("provenance", record.provenance());
        List<Map<String, Object>> trace = new ArrayList<>();
        for (Epoch epoch : epochs) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("epoch", epoch.number());
            one.put("loss", Summary.number(epoch.loss()));
            one.put("accuracy", Summary.number(epoch.accuracy()));
            trace.add(one);
        }
        object.put("trace", trace);
        // By these names 'runs list' and 'runs compare' know it.
        object.put("facts", Facts.of(folder).values());
        return object;
    }

    private static List<String> lines(RunFolder folder, RunRecord record, List<Epoch> epochs) {
        List<String> lines = new ArrayList<>(Summary.lines(record));
        lines.add(
                "  begun " + record.created() + ", seed " + record.experiment().seed() + ", version " + record.version()
                        + ", Java " + record.jdk() + ", " + record.os());
        lines.addAll(provenance(record));
        lines.addAll(teaching(record.experiment().teaching()));
        if (!epochs.isEmpty()) {
            lines.add(curve("loss", epochs, Epoch::loss, "%.4f", 1));
            if (!Double.isNaN(epochs.getFirst().accuracy())) {
                lines.add(curve("accuracy", epochs, Epoch::accuracy, "%.1f %%", 100));
            }
        }
        lines.add("  stored as " + folder.path());
        return lines;
    }

    private static String curve(
            String name, List<Epoch> epochs, ToDoubleFunction<Epoch> value, String format, double unit) {
        double first = unit * value.applyAsDouble(epochs.getFirst());
        double last = unit * value.applyAsDouble(epochs.getLast());
        return String.format(
                Locale.ROOT,
                "  %-8s %s  " + format + " to " + format,
                name,
                Sparkline.of(epochs.stream().mapToDouble(value).toArray(), CURVE),
                first,
                last);
    }

    private static List<String> provenance(RunRecord record) {
        List<String> lines = new ArrayList<>();
        Provenance from = record.provenance();
        StringBuilder line = new StringBuilder("  board " + record.board() + ", card " + record.descriptorDigest());
        if (from != null) {
            line.append(", firmware ").append(from.firmware());
        }
        lines.add(line.append(", data ").append(record.dataDigest()).toString());
        if (from != null) {
            lines.add("  configuration " + from.configurationDigest()
                    + (from.calibrationDigest() == null ? "" : ", calibration " + from.calibrationDigest())
                    + (from.commit().isEmpty() ? "" : ", built from commit " + from.commit()));
        }
        return lines;
    }

    private static List<String> teaching(Teaching teaching) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder("  taught with");
        String pairs = teaching.toString().replaceAll("^\\w+\\[|\\]$", "");
        for (String pair : pairs.split(", ", -1)) {
            if (line.length() + pair.length() > WIDTH) {
                lines.add(line.toString());
                line = new StringBuilder("             ");
            }
            line.append(' ').append(pair.matches(".*=[A-Z_]+") ? pair.toLowerCase(Locale.ROOT) : pair);
        }
        lines.add(line.toString());
        return lines;
    }
}
