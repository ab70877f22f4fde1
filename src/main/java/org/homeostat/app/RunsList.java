package org.homeostat.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.homeostat.run.Facts;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunFilter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "list",
        sortOptions = false,
        description = {
            "Lists the runs, oldest first, with how the loss went.",
            "Conditions, order and columns go by what is known of a run: status, learner, device, seed, beta, name, created, "
                    + "test.accuracy, test.loss, exchanges, commit, ...; 'runs show RUN --json' names all."
        },
        footer = {
            "",
            "Examples:",
            "  homeostat runs list --where 'test.accuracy>=0.9' \\",
            "    --where device~resistor --sort test.accuracy:down",
            "  homeostat runs list --runs runs/sweep-two-moons --sort beta \\",
            "    --columns seed,beta,test.accuracy",
            "",
            "The catalogue, catalogue.sqlite in the folder of runs, is an SQLite database that you may query too; it is made "
                    + "anew from the folders of the runs whenever it is missing or damaged."
        })
final class RunsList implements Callable<Integer> {

    private static final int CURVE = 24;
    private static final String DOWN = ":down";

    @Mixin
    Shared shared;

    @Option(
            names = "--where",
            paramLabel = "CONDITION",
            description =
                    "Only runs for which it holds, such as learner=spsa or 'test.accuracy>=0.9'; ~ means contains. May "
                            + "be repeated: all must hold.")
    List<String> conditions = new ArrayList<>();

    @Option(
            names = "--sort",
            paramLabel = "KEY",
            description = "By this instead of by name, ascending; KEY:down descending.")
    @Nullable
    String order;

    @Option(
            names = "--columns",
            paramLabel = "KEY",
            split = ",",
            description = "Show these after the name of the run, instead of the usual ones.")
    List<String> columns = new ArrayList<>();

    @Override
    public Integer call() {
        List<Facts> all = shared.store().catalogue(shared::say).list();
        List<Facts> chosen = ordered(chosen("--where", conditions, all), all);
        List<String> keys = columns.stream()
                .map(key -> RunFilter.key("--columns", key, all))
                .toList();
        List<Map<String, Object>> objects = new ArrayList<>();
        List<List<String>> table = new ArrayList<>();
        for (Facts run : chosen) {
            Map<String, Object> object = new LinkedHashMap<>(Summary.json(run));
            for (String key : keys) {
                object.putIfAbsent(key, run.value(key));
            }
            objects.add(object);
            table.add(keys.isEmpty() ? usual(run) : row(run, keys));
            if (run.text("status").equals(Facts.UNREADABLE)) {
                // One damaged run must not hide the others.
                shared.complain(run.text("remark"));
            }
        }
        List<String> lines = new ArrayList<>();
        if (all.isEmpty()) {
            lines.add("there are no runs in " + shared.runs + "; train one with 'homeostat demo'");
        } else if (chosen.isEmpty()) {
            lines.add("none of the " + all.size() + " runs in " + shared.runs + " fits");
        } else {
            if (!keys.isEmpty()) {
                List<String> head = new ArrayList<>(List.of("run"));
                head.addAll(keys);
                table.addFirst(head);
            }
            lines.addAll(Table.aligned(table));
        }
        shared.print(Map.of("runs", objects), lines);
        return Main.DONE;
    }

    /** Those for which all conditions hold. */
    static List<Facts> chosen(String option, List<String> conditions, List<Facts> all) {
        List<RunFilter> filters = conditions.stream()
                .map(condition -> RunFilter.of(option, condition, all))
                .toList();
        return all.stream()
                .filter(run -> filters.stream().allMatch(filter -> filter.holds(run)))
                .toList();
    }

    private List<Facts> ordered(List<Facts> chosen, List<Facts> all) {
        if (order == null) {
            return chosen;
        }
        boolean down = order.endsWith(DOWN);
        String word = down ? order.substring(0, order.length() - DOWN.length()) : order;
        return chosen.stream()
                .sorted(RunFilter.by(RunFilter.key("--sort", word, all), down))
                .toList();
    }

    private static List<String> usual(Facts run) {
        return List.of(
                run.run(),
                run.text("status"),
                Summary.brief(run),
                Sparkline.of(run.epochs().stream().mapToDouble(Epoch::loss).toArray(), CURVE),
                run.text("learner"),
                run.text("device"));
    }

    private static List<String> row(Facts run, List<String> keys) {
        List<String> row = new ArrayList<>(List.of(run.run()));
        for (String key : keys) {
            row.add(Words.value(Objects.requireNonNullElse(run.value(key), "")));
        }
        return row;
    }
}
