package org.homeostat.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.commons.math3.stat.StatUtils;
import org.homeostat.run.BadInput;
import org.homeostat.run.Facts;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "compare",
        sortOptions = false,
        description = {
            "Compares runs: what they differ in, and their scores side by side.",
            "Runs that differ in nothing but their seed are one arm; each arm is compared with the first, seed by seed where "
                    + "both have the same seeds, and it is said how likely the difference is by chance."
        },
        footer = {
            "",
            "Examples:",
            "  homeostat runs compare 20260304-050607 latest --plot both.svg",
            "  homeostat runs compare --runs runs/sweep-two-moons --where 'beta<1'"
        })
final class RunsCompare implements Callable<Integer> {

    private static final List<String> SCORES = List.of(
            "test.accuracy",
            "test.r2",
            "test.rmse",
            "test.loss",
            "train.accuracy",
            "train.r2",
            "train.loss",
            "exchanges",
            "wallSeconds");

    /** Those of which chance is asked. */
    private static final List<String> TESTED = List.of("test.accuracy", "test.r2", "test.loss");

    private static final int MOST_ARMS = 26;
    private static final int WIDEST = 44;

    @Mixin
    Shared shared;

    @Parameters(
            arity = "0..*",
            paramLabel = "RUN",
            description = "Runs: their names, or the beginnings of them, or 'latest'.")
    List<String> names = new ArrayList<>();

    @Option(
            names = "--where",
            paramLabel = "CONDITION",
            description = "All runs for which it holds, such as learner=spsa; may be repeated. See 'runs list --help'.")
    List<String> conditions = new ArrayList<>();

    @Option(
            names = "--plot",
            paramLabel = "FILE.svg",
            description = "Draws loss and accuracy from epoch to epoch, the mean of each arm, as SVG.")
    @Nullable
    Path plot;

    /** Runs that differ in nothing but their seed. */
    private record Arm(String name, List<Facts> runs) {

        String title() {
            return name + ": " + (runs.size() == 1 ? runs.getFirst().run() : runs.size() + " runs");
        }

        /** What all its runs have under a key, or the different ones. */
        String text(String key) {
            Set<String> texts = new LinkedHashSet<>();
            for (Facts run : runs) {
                Object value = run.value(key);
                texts.add(value == null ? "-" : Words.value(value));
            }
            String all = String.join(", ", texts);
            return all.length() <= WIDEST ? all : all.substring(0, WIDEST - 3) + "...";
        }
    }

    @Override
    public Integer call() {
        List<Arm> arms = arms(runs());
        Set<String> settings = differing(arms, Facts::isSetting);
        settings.removeAll(Set.of("seed", "name"));
        Set<String> circumstances = differing(arms, Facts::isCircumstance);
        // They follow from the rest.
        circumstances.remove("configurationDigest");
        if (followsFromSeed("dataDigest", arms)) {
            circumstances.remove("dataDigest");
        }
        List<Map.Entry<Arm, Comparison>> comparisons = comparisons(arms);
        if (plot != null) {
            Shared.write("--plot", plot, svg(arms, settings));
        }
        shared.print(
                json(arms, settings, circumstances, comparisons), lines(arms, settings, circumstances, comparisons));
        return Main.DONE;
    }

    private List<Facts> runs() {
        RunStore store = shared.store();
        List<Facts> chosen = new ArrayList<>();
        for (String name : names) {
            RunFolder folder = store.find(name);
            // A run that cannot be read says so here, by its file.
            var unused = folder.record();
            Facts facts = Facts.of(folder);
            if (chosen.stream().noneMatch(facts::equals)) {
                chosen.add(facts);
            }
        }
        if (!conditions.isEmpty()) {
            List<Facts> all = store.catalogue(shared::say).list();
            for (Facts run : RunsList.chosen("--where", conditions, all)) {
                if (!run.text("status").equals(Facts.UNREADABLE)
                        && chosen.stream().noneMatch(run::equals)) {
                    chosen.add(run);
                }
            }
        }
        if (chosen.size() < 2) {
            throw new BadInput("runs compare: expected two runs or more, by name or by --where, not "
                    + (chosen.isEmpty() ? "none" : "only " + chosen.getFirst().run()) + "; 'runs list' names them");
        }
        return chosen;
    }

    private static List<Arm> arms(List<Facts> runs) {
        Map<String, List<Facts>> groups = new LinkedHashMap<>();
        for (Facts run : runs) {
            Map<String, Object> settings = new TreeMap<>();
            run.values().forEach((key, value) -> {
                if (Facts.isSetting(key) && !key.equals("seed") && !key.equals("name")) {
                    settings.put(key, value);
                }
            });
            groups.computeIfAbsent(settings.toString(), fresh -> new ArrayList<>())
                    .add(run);
        }
        if (groups.size() > MOST_ARMS) {
            throw new BadInput("runs compare: these " + runs.size() + " runs have " + groups.size()
                    + " different settings, which is more than " + MOST_ARMS
                    + " to lay side by side; choose fewer with --where, or see 'runs list --columns'");
        }
        List<Arm> arms = new ArrayList<>();
        for (List<Facts> group : groups.values()) {
            arms.add(new Arm(String.valueOf((char) ('A' + arms.size())), group));
        }
        return arms;
    }

    private static Set<String> differing(List<Arm> arms, Predicate<String> kind) {
        Set<String> keys = new TreeSet<>();
        List<Facts> runs = arms.stream().flatMap(arm -> arm.runs.stream()).toList();
        for (Facts run : runs) {
            for (String key : run.values().keySet()) {
                if (kind.test(key)
                        && runs.stream().anyMatch(other -> !run.text(key).equals(other.text(key)))) {
                    keys.add(key);
                }
            }
        }
        return keys;
    }

    /** True if runs of one seed have one value. */
    private static boolean followsFromSeed(String key, List<Arm> arms) {
        Map<String, Set<String>> bySeed = new TreeMap<>();
        for (Arm arm : arms) {
            for (Facts run : arm.runs) {
                bySeed.computeIfAbsent(run.text("seed"), fresh -> new TreeSet<>())
                        .add(run.text(key));
            }
        }
        return bySeed.values().stream().allMatch(values -> values.size() == 1);
    }

    private static List<Map.Entry<Arm, Comparison>> comparisons(List<Arm> arms) {
        List<Map.Entry<Arm, Comparison>> all = new ArrayList<>();
        for (String metric : TESTED) {
            List<Arm> others = arms.stream()
                    .skip(1)
                    .filter(arm -> Comparison.values(metric, arm.runs).length > 0)
                    .toList();
            if (others.isEmpty() || Comparison.values(metric, arms.getFirst().runs).length == 0) {
                continue;
            }
            List<Comparison> corrected = Comparison.corrected(others.stream()
                    .map(arm -> Comparison.of(metric, arms.getFirst().runs, arm.runs))
                    .toList());
            for (int k = 0; k < others.size(); k++) {
                all.add(Map.entry(others.get(k), corrected.get(k)));
            }
        }
        return all;
    }

    private static String svg(List<Arm> arms, Set<String> settings) {
        List<Curves.Named> curves = new ArrayList<>();
        for (Arm arm : arms) {
            String different = settings.stream()
                    .limit(3)
                    .map(key -> key.replaceFirst("^teaching\\.", "") + " " + arm.text(key))
                    .collect(Collectors.joining(", "));
            curves.add(new Curves.Named(
                    arm.title() + (different.isEmpty() ? "" : ", " + different),
                    arm.runs.stream().map(Facts::epochs).toList()));
        }
        return Curves.svg("", curves);
    }

    private static Map<String, Object> json(
            List<Arm> arms,
            Set<String> settings,
            Set<String> circumstances,
            List<Map.Entry<Arm, Comparison>> comparisons) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Arm arm : arms) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("name", arm.name);
            object.put("runs", arm.runs.stream().map(Facts::run).toList());
            object.put("seeds", arm.runs.stream().map(run -> run.value("seed")).toList());
            Map<String, Object> chosen = new LinkedHashMap<>();
            settings.forEach(key -> chosen.put(key, arm.runs.getFirst().value(key)));
            object.put("settings", chosen);
            Map<String, Object> scores = new LinkedHashMap<>();
            for (String metric : SCORES) {
                double[] values = Comparison.values(metric, arm.runs);
                if (values.length > 0) {
                    Map<String, Object> score = new LinkedHashMap<>();
                    score.put("mean", StatUtils.mean(values));
                    score.put("min", StatUtils.min(values));
                    score.put("max", StatUtils.max(values));
                    score.put("deviation", values.length < 2 ? null : Math.sqrt(StatUtils.variance(values)));
                    score.put("runs", values.length);
                    scores.put(metric, score);
                }
            }
            object.put("scores", scores);
            all.add(object);
        }
        List<Map<String, Object>> differences = new ArrayList<>();
        for (Map.Entry<Arm, Comparison> one : comparisons) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("arm", one.getKey().name);
            object.put("against", arms.getFirst().name);
            object.putAll(one.getValue().json());
            differences.add(object);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("arms", all);
        object.put("differing", settings);
        object.put("circumstances", circumstances);
        object.put("comparisons", differences);
        return object;
    }

    private static List<String> lines(
            List<Arm> arms,
            Set<String> settings,
            Set<String> circumstances,
            List<Map.Entry<Arm, Comparison>> comparisons) {
        List<List<String>> table = new ArrayList<>();
        table.add(row("", arms.stream().map(Arm::title).toList()));
        for (String key : settings) {
            table.add(row(key, arms.stream().map(arm -> arm.text(key)).toList()));
        }
        table.add(row("seed", arms.stream().map(arm -> arm.text("seed")).toList()));
        if (arms.stream().anyMatch(arm -> !arm.text("status").equals("done"))) {
            table.add(row("status", arms.stream().map(arm -> arm.text("status")).toList()));
        }
        for (String metric : SCORES) {
            List<String> scores = arms.stream()
                    .map(arm -> Comparison.spread(Comparison.values(metric, arm.runs)))
                    .toList();
            if (scores.stream().anyMatch(score -> !score.isEmpty())) {
                table.add(row(metric, scores));
            }
        }
        for (String key : circumstances) {
            table.add(row(key, arms.stream().map(arm -> arm.text(key)).toList()));
        }
        List<String> lines = new ArrayList<>(Table.aligned(table));
        if (settings.isEmpty()) {
            lines.add("they were set alike" + (arms.getFirst().runs.size() > 1 ? ", but for their seeds" : ""));
        }
        for (Map.Entry<Arm, Comparison> one : comparisons) {
            lines.add(one.getValue().sentence(one.getKey().name, arms.getFirst().name));
        }
        return lines;
    }

    private static List<String> row(String head, List<String> cells) {
        List<String> row = new ArrayList<>(List.of(head));
        row.addAll(cells);
        return row;
    }
}
