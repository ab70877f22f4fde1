package org.homeostat.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.homeostat.run.BadInput;
import org.homeostat.run.EpochLog;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.Teaching;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "runs",
        sortOptions = false,
        description = "The catalogue of runs.",
        subcommands = {Runs.ListRuns.class, Runs.ShowRun.class})
final class Runs implements Runnable {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    boolean help;

    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "expected 'runs list' or 'runs show RUN'");
    }

    @Command(name = "list", sortOptions = false, description = "Lists the runs, oldest first.")
    static final class ListRuns implements Callable<Integer> {

        @Mixin
        Shared shared;

        @Override
        public Integer call() {
            List<Map<String, Object>> objects = new ArrayList<>();
            List<List<String>> table = new ArrayList<>();
            for (RunFolder folder : shared.store().list()) {
                try {
                    RunRecord record = folder.record();
                    objects.add(Summary.json(record));
                    table.add(List.of(
                            record.run(),
                            record.status().name().toLowerCase(Locale.ROOT),
                            Summary.brief(record),
                            record.experiment().learner(),
                            record.experiment().device()));
                } catch (BadInput e) {
                    // One damaged run must not hide the others.
                    objects.add(Map.of(
                            "run", folder.name(), "status", "unreadable", "remark", String.valueOf(e.getMessage())));
                    table.add(List.of(folder.name(), "unreadable", "", "", ""));
                    shared.complain(String.valueOf(e.getMessage()));
                }
            }
            List<String> lines = new ArrayList<>(Table.aligned(table));
            if (lines.isEmpty()) {
                lines.add("there are no runs in " + shared.runs + "; train one with 'homeostat demo'");
            }
            shared.print(Map.of("runs", objects), lines);
            return Main.DONE;
        }
    }

    @Command(name = "show", sortOptions = false, description = "Shows one run: what decided it, and how it went.")
    static final class ShowRun implements Callable<Integer> {

        private static final int WIDTH = 100;
        private static final String RAMP = "▁▂▃▄▅▆▇█";

        @Mixin
        Shared shared;

        @Parameters(index = "0", paramLabel = "RUN", description = "A run: its name, the beginning of it, or 'latest'.")
        String run;

        @Override
        public Integer call() {
            RunFolder folder = shared.store().find(run);
            RunRecord record = folder.record();
            List<Epoch> epochs = new EpochLog(folder).read();
            Map<String, Object> object = new LinkedHashMap<>(Summary.json(record));
            object.put("created", record.created());
            object.put("teaching", record.experiment().teaching());
            object.put("data", record.experiment().data());
            object.put("digest", record.descriptorDigest());
            object.put("version", record.version());
            object.put("jdk", record.jdk());
            List<Map<String, Object>> trace = new ArrayList<>();
            for (Epoch epoch : epochs) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("epoch", epoch.number());
                one.put("loss", Summary.number(epoch.loss()));
                one.put("accuracy", Summary.number(epoch.accuracy()));
                trace.add(one);
            }
            object.put("trace", trace);

            List<String> lines = new ArrayList<>(Summary.lines(record));
            lines.add("  begun " + record.created() + ", seed "
                    + record.experiment().seed() + ", version " + record.version() + ", Java " + record.jdk() + ", "
                    + record.os());
            lines.addAll(teaching(record.experiment().teaching()));
            if (!epochs.isEmpty()) {
                lines.add("  loss     "
                        + sparkline(epochs.stream().mapToDouble(Epoch::loss).toArray())
                        + String.format(
                                Locale.ROOT,
                                "  %.4f to %.4f",
                                epochs.getFirst().loss(),
                                epochs.getLast().loss()));
                if (!Double.isNaN(epochs.getFirst().accuracy())) {
                    lines.add("  accuracy "
                            + sparkline(
                                    epochs.stream().mapToDouble(Epoch::accuracy).toArray())
                            + String.format(
                                    Locale.ROOT,
                                    "  %.1f %% to %.1f %%",
                                    100 * epochs.getFirst().accuracy(),
                                    100 * epochs.getLast().accuracy()));
                }
            }
            lines.add("  stored as " + folder.path());
            shared.print(object, lines);
            return Main.DONE;
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

        private static String sparkline(double[] values) {
            double least = java.util.Arrays.stream(values).min().orElse(0);
            double most = java.util.Arrays.stream(values).max().orElse(0);
            StringBuilder line = new StringBuilder();
            for (double value : values) {
                double height = most > least ? (value - least) / (most - least) : 0;
                line.append(RAMP.charAt((int) Math.round(height * (RAMP.length() - 1))));
            }
            return line.toString();
        }
    }
}
