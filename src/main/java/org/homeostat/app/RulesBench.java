package org.homeostat.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.catalog.Dressed;
import org.homeostat.catalog.ExperimentFile;
import org.homeostat.catalog.Learners;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Example;
import org.homeostat.learn.Learner;
import org.homeostat.learn.Step;
import org.homeostat.run.BadInput;
import org.homeostat.run.Teaching;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Equilibrium propagation against the rules that try things out, on the same budget of settles: a network learns what another
 * of its kind answers, at growing numbers of parameters. Each rule is tried with several choices of its rate, and shown at its best.
 */
@Command(
        name = "rules",
        sortOptions = false,
        description = {
            "Compares equilibrium propagation with learners that only try things out, on the same budget of settles.",
            "A simulated network learns what another of its kind answers. Each rule is shown at the best of several choices of its rate."
        })
final class RulesBench implements Callable<Integer> {

    /** Inputs, hidden units and outputs for about 10, 30, 100 ... 10,000 parameters. */
    private static final int[][] SIZES = {
        {2, 2, 1}, {4, 4, 1}, {9, 9, 2}, {16, 16, 4}, {28, 28, 7}, {48, 48, 12}, {88, 88, 22}
    };

    private static final int LANES = 8;

    /** How often in a run the rate is lowered, and by what. */
    private static final int EPOCHS = 20;

    private static final String DECAY = "0.9";

    /** The part of its first value that the loss must come down to, to say when. */
    private static final double GOAL = 0.1;

    private static final double PERTURBATION = 0.001;

    /** A rule. */
    private enum Contestant {
        EP("ep-centered"),
        FINITE_DIFFERENCES("finite-differences"),
        HADAMARD("hadamard"),
        SPSA("spsa"),
        MGD("mgd");

        private final String learner;

        Contestant(String learner) {
            this.learner = learner;
        }

        boolean triesOut() {
            return this != EP;
        }

        /** How many perturbations a step takes, where that can be chosen. */
        int pairs() {
            return this == MGD ? 2 : 1;
        }

        /** What is tried, as changes of the teaching; the best counts. */
        List<Map<String, String>> choices(int parameters) {
            List<Map<String, String>> choices = new ArrayList<>();
            switch (this) {
                case EP, FINITE_DIFFERENCES, MGD -> {
                    // The estimate by random signs is longer than the gradient by the root of parameters over
                    // perturbations.
                    double part = this == MGD ? 2.0 / (parameters + 2) : 1;
                    for (double rate : new double[] {3, 1, 0.3, 0.1}) {
                        choices.add(Map.of("optimiser", "sgd", "learningRate", String.valueOf(part * rate)));
                    }
                    for (double rate : new double[] {0.1, 0.03, 0.01}) {
                        choices.add(Map.of("optimiser", "adam", "learningRate", String.valueOf(rate)));
                    }
                }
                // The length of a step, whatever the gradient.
                case SPSA, HADAMARD -> {
                    double part = 1 / (8 * Math.sqrt(parameters));
                    for (double rate : new double[] {1, 0.3, 0.1, 0.03, 0.01}) {
                        choices.add(Map.of("rate", String.valueOf(part * rate)));
                    }
                }
            }
            return choices;
        }
    }

    /**
     * What a rule came to at one size.
     *
     * @param ratio the last loss over the first
     * @param settles how many settles brought the loss down to the goal; NaN if it did not always come there
     * @param steps how many steps the budget was enough for
     */
    private record Outcome(double ratio, double settles, int steps) {
        /** The geometric means of several. */
        static Outcome middle(List<Outcome> outcomes) {
            double ratio = 0;
            double settles = 0;
            for (Outcome outcome : outcomes) {
                ratio += Math.log(outcome.ratio) / outcomes.size();
                settles += Math.log(outcome.settles) / outcomes.size();
            }
            return new Outcome(Math.exp(ratio), Math.exp(settles), outcomes.getFirst().steps);
        }

        Outcome better(Outcome other) {
            return other.ratio < ratio ? other : this;
        }
    }

    private record Row(int parameters, Map<Contestant, Outcome> outcomes) {
        Outcome of(Contestant contestant) {
            return outcomes.getOrDefault(contestant, new Outcome(1, Double.NaN, 0));
        }

        double bestOfOthers() {
            return outcomes.entrySet().stream()
                    .filter(entry -> entry.getKey().triesOut())
                    .mapToDouble(entry -> entry.getValue().ratio)
                    .min()
                    .orElse(1);
        }
    }

    @Mixin
    Shared shared;

    @Option(
            names = "--settles",
            paramLabel = "N",
            description = "The budget of each run: how often the device may settle (default: ${DEFAULT-VALUE}).",
            defaultValue = "600")
    int settles;

    @Option(
            names = "--most",
            paramLabel = "N",
            description = "The largest number of parameters (default: ${DEFAULT-VALUE}).",
            defaultValue = "10000")
    int most;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Draws teachers, pupils and questions (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    long seed;

    @Option(
            names = "--trials",
            paramLabel = "N",
            description =
                    "How many teachers and pupils each figure is the geometric mean of (default: ${DEFAULT-VALUE}).",
            defaultValue = "3")
    int trials;

    @Option(names = "--plot", paramLabel = "FILE", description = "Draws loss against parameters, as SVG.")
    @Nullable
    Path plot;

    @Override
    public Integer call() {
        if (settles < 20 || settles > 1_000_000) {
            throw new BadInput("--settles: expected 20 to 1000000, not " + settles);
        }
        if (most < 9) {
            throw new BadInput("--most: expected 9 or more, not " + most);
        }
        if (trials < 1 || trials > 100) {
            throw new BadInput("--trials: expected 1 to 100, not " + trials);
        }
        List<Row> rows = new ArrayList<>();
        for (int[] size : SIZES) {
            int parameters = (size[0] + 1) * size[1] + (size[1] + 1) * size[2];
            if (parameters <= most) {
                shared.say(parameters + " parameters ...");
                rows.add(row(size, parameters));
            }
        }
        if (plot != null) {
            Shared.write("--plot", plot, svg(rows));
        }
        shared.print(json(rows), lines(rows));
        return Main.DONE;
    }

    private Row row(int[] size, int parameters) {
        Map<Contestant, Outcome> outcomes = new LinkedHashMap<>();
        for (Contestant contestant : Contestant.values()) {
            Outcome best = new Outcome(Double.POSITIVE_INFINITY, Double.NaN, 0);
            for (Map<String, String> choice : contestant.choices(parameters)) {
                List<Outcome> tried = new ArrayList<>();
                for (int trial = 0; trial < trials && needed(contestant, parameters) <= settles; trial++) {
                    tried.add(run(contestant, choice, size, seed * 1_000_003 + trial));
                }
                best = tried.isEmpty() ? best : best.better(Outcome.middle(tried));
            }
            outcomes.put(contestant, best.steps == 0 ? new Outcome(1, Double.NaN, 0) : best);
        }
        return new Row(parameters, outcomes);
    }

    /** How many settles its first step takes. */
    private static int needed(Contestant contestant, int parameters) {
        return switch (contestant) {
            case EP, SPSA, MGD -> 3;
            case FINITE_DIFFERENCES -> parameters + 1;
            case HADAMARD -> 1 + (Integer.highestOneBit(parameters) << 1);
        };
    }

    private Outcome run(Contestant contestant, Map<String, String> choice, int[] size, long drawnFrom) {
        String uri = String.format(
                Locale.ROOT, "twin:hopfield?inputs=%d&hidden=%d&outputs=%d&lanes=%d", size[0], size[1], size[2], LANES);
        Opened opened = shared.catalog().open(uri);
        Map<String, String> changes = new LinkedHashMap<>(choice);
        changes.put("perturbation", String.valueOf(PERTURBATION));
        changes.put("pairs", String.valueOf(contestant.pairs()));
        changes.put("decay", DECAY);
        Teaching teaching = ExperimentFile.changed(opened.teaching(), changes);
        Learner learner = Learners.of(contestant.learner, teaching, new Cost.SquaredError(), drawnFrom);
        SplittableRandom draw = new SplittableRandom(drawnFrom);
        try (Dressed dressed = Dressed.of(opened, learner, teaching, opened.limits(), null)) {
            Device device = dressed.device();
            Descriptor card = device.descriptor();
            learner.require(card);
            Example example = example(device, draw, size);
            double first = Double.NaN;
            double[] theta = {};
            double reached = Double.NaN;
            begin(device, draw, size);
            int spent = 0;
            int steps = 0;
            int epochs = 0;
            int cost = needed(contestant, card.count(Role.PARAMETER));
            while (spent + cost <= settles) {
                Step step = learner.step(device, example, Deadline.NEVER);
                theta = step.parameters();
                first = steps == 0 ? step.cost() : first;
                if (Double.isNaN(reached) && step.cost() <= GOAL * first) {
                    // Known by the reading with which this step begins.
                    reached = spent;
                }
                spent += step.exchanges();
                steps++;
                while (epochs < EPOCHS * (long) spent / settles) {
                    learner.epochEnded();
                    epochs++;
                }
                cost = step.exchanges();
                if (!step.quality().held() || !Double.isFinite(step.cost())) {
                    return new Outcome(Double.POSITIVE_INFINITY, Double.NaN, steps);
                }
            }
            // Where the last step led: looked at, not paid for.
            double end = loss(device, example, theta);
            return new Outcome(end / first, Double.isNaN(reached) && end <= GOAL * first ? spent : reached, steps);
        }
    }

    private static double loss(Device device, Example example, double[] theta) {
        Response response =
                device.present(Stimulus.of(example.inputs().and(Levels.of(Role.PARAMETER, theta))), Deadline.NEVER);
        double sum = 0;
        for (int lane = 0; lane < example.lanes(); lane++) {
            sum += new Cost.SquaredError().of(response.outputs(lane), example.targets()[lane]);
        }
        return sum / example.lanes();
    }

    /** Questions at random, and what a network with other parameters answers. */
    private static Example example(Device device, SplittableRandom draw, int[] size) {
        Descriptor card = device.descriptor();
        double[][] inputs = new double[LANES][];
        for (int lane = 0; lane < LANES; lane++) {
            inputs[lane] = card.channels(Role.INPUT).stream()
                    .mapToDouble(channel -> Math.clamp(draw.nextGaussian(), channel.min(), channel.max()))
                    .toArray();
        }
        Levels asked = Levels.of(Role.INPUT, inputs);
        Response answer = device.present(
                Stimulus.of(asked.and(Levels.of(Role.PARAMETER, drawn(card, draw, size)))), Deadline.NEVER);
        double[][] targets = new double[LANES][];
        Arrays.setAll(targets, answer::outputs);
        return new Example(asked, targets);
    }

    private static void begin(Device device, SplittableRandom draw, int[] size) {
        var unused = device.present(
                Stimulus.of(Levels.of(Role.PARAMETER, drawn(device.descriptor(), draw, size))), Deadline.NEVER);
    }

    /** Small enough for the energy to have one minimum, whatever the size. */
    private static double[] drawn(Descriptor card, SplittableRandom draw, int[] size) {
        double reach = 0.5 / Math.sqrt(Math.max(size[0], size[1]));
        return card.channels(Role.PARAMETER).stream()
                .mapToDouble((Channel channel) -> reach * (2 * draw.nextDouble() - 1))
                .toArray();
    }

    /** Where two straight lines through logarithms of settles over parameters meet; NaN where one of them is not known. */
    private static double crossing(List<Row> rows) {
        SimpleRegression ep = fit(rows, true);
        SimpleRegression others = fit(rows, false);
        if (ep.getN() < 2 || others.getN() < 2 || !(others.getSlope() > ep.getSlope())) {
            return Double.NaN;
        }
        return Math.exp((ep.getIntercept() - others.getIntercept()) / (others.getSlope() - ep.getSlope()));
    }

    private static SimpleRegression fit(List<Row> rows, boolean ep) {
        SimpleRegression line = new SimpleRegression();
        for (Row row : rows) {
            double settles = ep ? row.of(Contestant.EP).settles : soonest(row);
            if (settles > 0) {
                line.addData(Math.log(row.parameters), Math.log(settles));
            }
        }
        return line;
    }

    /** How many settles the soonest of those that try things out took to the goal. */
    private static double soonest(Row row) {
        return row.outcomes.entrySet().stream()
                .filter(entry -> entry.getKey().triesOut())
                .mapToDouble(entry -> entry.getValue().settles)
                .filter(settles -> settles > 0)
                .min()
                .orElse(Double.NaN);
    }

    /** The smallest size from which on equilibrium propagation ends lowest; NaN where it does not at the largest. */
    private static double ahead(List<Row> rows) {
        double from = Double.NaN;
        for (Row row : rows.reversed()) {
            if (row.of(Contestant.EP).ratio >= row.bestOfOthers()) {
                break;
            }
            from = row.parameters;
        }
        return from;
    }

    private Map<String, Object> json(List<Row> rows) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("settles", settles);
        object.put("trials", trials);
        object.put("seed", seed);
        List<Map<String, Object>> sizes = new ArrayList<>();
        for (Row row : rows) {
            Map<String, Object> size = new LinkedHashMap<>();
            size.put("parameters", row.parameters);
            row.outcomes.forEach((contestant, outcome) -> {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("lossRatio", Summary.number(outcome.ratio));
                one.put("settlesToTenth", Summary.number(outcome.settles));
                one.put("steps", outcome.steps);
                size.put(contestant.learner, one);
            });
            sizes.add(size);
        }
        object.put("sizes", sizes);
        object.put("aheadFrom", Summary.number(ahead(rows)));
        object.put("crossover", Summary.number(crossing(rows)));
        object.put("exponent", Summary.number(fit(rows, false).getSlope()));
        Row last = rows.getLast();
        object.put("advantage", Summary.number(last.bestOfOthers() / last.of(Contestant.EP).ratio));
        return object;
    }

    private List<String> lines(List<Row> rows) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "Last loss over first after %d settles of a batch of %d, mean of %d; in brackets the settles to a tenth of the first",
                settles,
                LANES,
                trials));
        StringBuilder head = new StringBuilder(String.format(Locale.ROOT, "%11s", "parameters"));
        for (Contestant contestant : Contestant.values()) {
            head.append(String.format(Locale.ROOT, "  %19s", contestant.learner));
        }
        lines.add(head.toString());
        for (Row row : rows) {
            StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%11d", row.parameters));
            for (Contestant contestant : Contestant.values()) {
                Outcome outcome = row.of(contestant);
                line.append(String.format(
                        Locale.ROOT,
                        "  %19s",
                        outcome.steps == 0
                                ? "not one step"
                                : String.format(
                                        Locale.ROOT,
                                        "%.2e %9s",
                                        outcome.ratio,
                                        Double.isNaN(outcome.settles)
                                                ? "(-)"
                                                : String.format(Locale.ROOT, "(%.0f)", outcome.settles))));
            }
            lines.add(line.toString());
        }
        double from = ahead(rows);
        lines.add(
                Double.isNaN(from)
                        ? "Equilibrium propagation does not end lowest at the largest size."
                        : String.format(
                                Locale.ROOT,
                                "Equilibrium propagation ends lowest from %.0f parameters on%s.",
                                from,
                                from == rows.getFirst().parameters ? ", the smallest size tried" : ""));
        double crossing = crossing(rows);
        if (!Double.isNaN(crossing)) {
            lines.add(String.format(
                    Locale.ROOT,
                    "Settles to a tenth of the loss grow as parameters to the power %.2f for the soonest of the others and %.2f for "
                            + "equilibrium propagation; the lines cross at %.2g parameters%s.",
                    fit(rows, false).getSlope(),
                    fit(rows, true).getSlope(),
                    crossing,
                    crossing < rows.getFirst().parameters ? ", below all that was tried" : ""));
        }
        return lines;
    }

    // Drawing

    private String svg(List<Row> rows) {
        List<Plot.Curve> curves = new ArrayList<>();
        double[] parameters = rows.stream().mapToDouble(Row::parameters).toArray();
        for (Contestant contestant : Contestant.values()) {
            curves.add(new Plot.Curve(
                    contestant.learner,
                    parameters,
                    rows.stream().mapToDouble(row -> row.of(contestant).ratio).toArray()));
        }
        return Plot.svg(List.of(
                Plot.Panel.logarithmic("last loss over first after " + settles + " settles", "parameters", curves)));
    }
}
