package org.homeostat.app;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Learners;
import org.homeostat.control.Written;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.learn.Cost;
import org.homeostat.learn.NaturalGradient;
import org.homeostat.learn.Optimiser;
import org.homeostat.learn.Preconditioner;
import org.homeostat.learn.Step;
import org.homeostat.run.BadInput;
import org.homeostat.run.Csv;
import org.homeostat.run.Dataset;
import org.homeostat.run.Dataset.Split;
import org.homeostat.run.Encoding;
import org.homeostat.run.Teaching;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "ngd",
        sortOptions = false,
        description = {
            "Natural gradient on a thermodynamic board beside the exact one, SGD and Adam.",
            "All teach the same network from the same start,",
            "the same batches (arXiv 2405.13817). An ARM is sgd[:RATE], adam[:RATE], ngd[:RATE] (exact, on the host) or",
            "tngd:TAU[:HEAT[:RATE]], run for so many time constants a batch from where it stood;",
            "tngd-reset and tngd-adam likewise, from the gradient each time, or with Adam that remembers nothing."
        })
final class NaturalGradientCommand implements Callable<Integer> {

    /** The time constant of the solver that ships. */
    private static final double TAU_SECONDS = 1e-6;

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final String NETWORK = "twin:digital-network";

    @Mixin
    Shared shared;

    @Option(names = "--data", paramLabel = "CSV", required = true, description = "A CSV file with a column of classes.")
    Path data;

    @Option(
            names = "--target",
            paramLabel = "COLUMN",
            required = true,
            description = "The column of classes, by name or 1-based number.")
    String target;

    @Option(
            names = "--arms",
            paramLabel = "ARM",
            split = ",",
            defaultValue = "sgd,adam,ngd,tngd:50,tngd:20,tngd:5,tngd:1,tngd:5:1e-4",
            description = "What to compare (default: ${DEFAULT-VALUE}).")
    List<String> arms = new ArrayList<>();

    @Option(
            names = "--hidden",
            paramLabel = "N",
            defaultValue = "16",
            description = "Hidden units (default: ${DEFAULT-VALUE}).")
    int hidden;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "32",
            description = "Rows a step (default: ${DEFAULT-VALUE}).")
    int batch;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "5",
            description = "Epochs (default: ${DEFAULT-VALUE}).")
    int epochs;

    @Option(
            names = "--damping",
            paramLabel = "L",
            defaultValue = "0.1",
            description = "Added to the diagonal of the curvature (default: ${DEFAULT-VALUE}).")
    double damping;

    @Option(
            names = "--rate",
            paramLabel = "R",
            defaultValue = "0.1",
            description = "The learning rate of natural gradients (default: ${DEFAULT-VALUE}).")
    double rate;

    @Option(
            names = "--test-part",
            paramLabel = "P",
            defaultValue = "0.3322",
            description = "The part of the rows that is kept for the test (default: ${DEFAULT-VALUE}).")
    double testPart;

    @Option(
            names = "--encoding",
            paramLabel = "E",
            defaultValue = "common_range",
            description = "How features become levels, see devices/README.md (default: ${DEFAULT-VALUE}, -1 .. 1).")
    Teaching.Scaling encoding = Teaching.Scaling.COMMON_RANGE;

    @Option(
            names = "--log-every",
            paramLabel = "N",
            defaultValue = "5",
            description = "Steps between looks at the loss of all training rows (default: ${DEFAULT-VALUE}).")
    int logEvery;

    @Option(
            names = "--solver",
            paramLabel = "URI",
            defaultValue = "twin:thermodynamic-solver",
            description = "The thermodynamic device (default: ${DEFAULT-VALUE}).")
    String solver;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Draws the split, the start and the batches (default: ${DEFAULT-VALUE}).")
    long seed;

    /**
     * What one arm did.
     *
     * @param losses the loss of all training rows after 0 steps, and then every so many and at the end
     */
    private record Ran(String arm, double[] losses, double accuracy, double seconds) {
        double last() {
            return losses[losses.length - 1];
        }
    }

    @Override
    public Integer call() {
        if (hidden < 1 || batch < 1 || epochs < 1 || logEvery < 1 || !(damping > 0) || !(rate > 0)) {
            throw new BadInput(
                    "--hidden, --batch, --epochs and --log-every must be 1 or more, --damping and --rate above 0");
        }
        if (!(testPart >= 0 && testPart < 1)) {
            throw new BadInput("--test-part: expected 0 or more and below 1, not " + testPart);
        }
        Split split = Csv.read(data, target)
                .dataset(target, List.of(), Csv.Task.CLASSIFICATION)
                .split(testPart, seed);
        if (split.train().size() < batch) {
            throw new BadInput(
                    data + " has " + split.train().size() + " training rows, fewer than one batch of " + batch);
        }
        List<Ran> table = new ArrayList<>();
        for (String arm : arms) {
            Ran ran = run(arm, split);
            shared.say(String.format(
                    Locale.ROOT,
                    "%-16s loss %.4f, test accuracy %.1f %%, %.1f s",
                    arm,
                    ran.last(),
                    100 * ran.accuracy,
                    ran.seconds));
            table.add(ran);
        }
        shared.print(json(table, split), lines(table, split));
        return Main.DONE;
    }

    private Preconditioner preconditioner(String[] words) {
        return switch (words[0]) {
            case "sgd", "adam" -> new Preconditioner.None();
            case "ngd" -> new Preconditioner.Exact();
            default -> {
                double tau = number(words, 1, Double.NaN);
                double heat = number(words, 2, 0);
                if (!(tau >= 0)) {
                    throw new BadInput("--arms: " + words[0] + " needs a time, such as " + words[0] + ":5");
                }
                yield new Preconditioner.Solver(
                        Learners.solver(
                                heat > 0 ? solver + (solver.contains("?") ? "&" : "?") + "heat=" + heat : solver),
                        tau * TAU_SECONDS,
                        1,
                        words[0].equals("tngd-reset") ? Preconditioner.Begin.GRADIENT : Preconditioner.Begin.KEPT);
            }
        };
    }

    private Optimiser.Settings optimising(String[] words) {
        Optimiser.Kind kind = switch (words[0]) {
            case "sgd", "ngd", "tngd", "tngd-reset" -> Optimiser.Kind.SGD;
            case "adam" -> Optimiser.Kind.ADAM;
            case "tngd-adam" -> Optimiser.Kind.SIGN;
            default ->
                throw new BadInput("--arms: there is no arm '" + words[0]
                        + "'; expected sgd, adam, ngd, tngd, tngd-reset or tngd-adam");
        };
        double own = switch (words[0]) {
            case "sgd" -> number(words, 1, 0.5);
            case "adam" -> number(words, 1, 0.01);
            case "ngd" -> number(words, 1, rate);
            case "tngd-adam" -> number(words, 3, 0.01);
            default -> number(words, 3, rate);
        };
        return new Optimiser.Settings(kind, own, Map.of(), 0, 0, Optimiser.Schedule.DECAY, 1, 1);
    }

    private static double number(String[] words, int at, double usual) {
        if (words.length <= at) {
            return usual;
        }
        try {
            double value = Double.parseDouble(words[at]);
            if (value >= 0 && Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new BadInput("--arms: expected a number of 0 or more, not '" + words[at] + "'");
    }

    private Ran run(String arm, Split split) {
        String[] words = arm.strip().split(":", -1);
        Dataset train = split.train();
        Cost cost = new Cost.CrossEntropy(1, 1);
        String uri = String.format(
                Locale.ROOT,
                "%s?inputs=%d&hidden=%d&outputs=%d&lanes=%d",
                NETWORK,
                train.features().size(),
                hidden,
                train.outputs(),
                batch);
        Catalog catalog = shared.catalog();
        NaturalGradient learner = new NaturalGradient(
                new NaturalGradient.Settings(words[0], damping, optimising(words), Settling.USUAL),
                cost,
                preconditioner(words));
        long begun = System.nanoTime();
        try (learner;
                Device device = new Written(catalog.open(uri).worn())) {
            learner.require(device.descriptor());
            Encoding fitted = Encoding.fit(train, device.descriptor(), encoding, 1, 1, cost);
            var unused = device.present(
                    Stimulus.of(Levels.of(Role.PARAMETER, start(device, new Random(seed)))), Deadline.in(LIMIT));
            List<Double> losses = new ArrayList<>();
            losses.add(loss(device, fitted, train, cost));
            Random order = new Random(seed + 1);
            int steps = train.size() / batch;
            for (int step = 0; step < epochs * steps; step++) {
                int[] rows = step % steps == 0 ? shuffled(train.size(), order) : current;
                current = rows;
                int first = step % steps * batch;
                Step done = learner.step(
                        device,
                        fitted.example(train, Arrays.copyOfRange(rows, first, first + batch), device.descriptor()),
                        Deadline.in(LIMIT));
                if (!done.accepted()) {
                    throw new IllegalStateException(arm + " stopped at step " + (step + 1) + ": "
                            + done.quality().remark());
                }
                boolean last = step == epochs * steps - 1;
                if ((step + 1) % logEvery == 0 || last) {
                    var unusedAnswer = device.present(
                            Stimulus.of(Levels.of(Role.PARAMETER, done.parameters())), Deadline.in(LIMIT));
                    losses.add(loss(device, fitted, train, cost));
                }
            }
            return new Ran(
                    arm,
                    losses.stream().mapToDouble(Double::doubleValue).toArray(),
                    accuracy(device, fitted, split.test()),
                    (System.nanoTime() - begun) / 1e9);
        }
    }

    private int[] current = {};

    private static int[] shuffled(int count, Random random) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            order.add(i);
        }
        java.util.Collections.shuffle(order, random);
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Weights of standard deviation one over the root of what comes in; biases 0. */
    private double[] start(Device device, Random random) {
        List<Channel> channels = device.descriptor().channels(Role.PARAMETER);
        double[] start = new double[channels.size()];
        for (int k = 0; k < start.length; k++) {
            String stem = channels.get(k).stem();
            int fan = stem.equals("w1") ? device.descriptor().count(Role.INPUT) : hidden;
            start[k] = stem.startsWith("w") ? random.nextGaussian() / Math.sqrt(fan) : 0;
        }
        return start;
    }

    /** The outputs for every row, as many at once as there are lanes. */
    private double[][] outputs(Device device, Encoding encoding, Dataset rows) {
        double[][] outputs = new double[rows.size()][];
        for (int from = 0; from < rows.size(); from += batch) {
            int[] positions = new int[batch];
            int first = from;
            Arrays.setAll(positions, lane -> Math.min(first + lane, rows.size() - 1));
            Response response = device.present(
                    Stimulus.of(encoding.example(rows, positions, device.descriptor())
                            .inputs()),
                    Deadline.in(LIMIT));
            for (int lane = 0; lane < batch && from + lane < rows.size(); lane++) {
                outputs[from + lane] = response.outputs(lane);
            }
        }
        return outputs;
    }

    private double loss(Device device, Encoding encoding, Dataset rows, Cost cost) {
        double[][] outputs = outputs(device, encoding, rows);
        double sum = 0;
        for (int row = 0; row < outputs.length; row++) {
            sum += cost.of(outputs[row], encoding.target(rows.answers(), row, outputs[row].length)) / outputs.length;
        }
        return sum;
    }

    private double accuracy(Device device, Encoding encoding, Dataset rows) {
        double[][] outputs = outputs(device, encoding, rows);
        int right = 0;
        for (int row = 0; row < outputs.length; row++) {
            right += encoding.right(outputs[row], rows.answers(), row) ? 1 : 0;
        }
        return outputs.length == 0 ? Double.NaN : (double) right / outputs.length;
    }

    private static double gap(Ran a, Ran b) {
        double gap = 0;
        for (int i = 0; i < a.losses.length; i++) {
            gap = Math.max(gap, Math.abs(a.losses[i] - b.losses[i]));
        }
        return gap;
    }

    private Map<String, Object> json(List<Ran> table, Split split) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("data", data.toString());
        object.put("trainRows", split.train().size());
        object.put("testRows", split.test().size());
        object.put("seed", seed);
        Map<String, Object> all = new LinkedHashMap<>();
        Ran exact = exact(table);
        for (Ran ran : table) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("train", Map.of("loss", ran.last()));
            one.put("test", Map.of("accuracy", Summary.number(ran.accuracy) == null ? "none" : ran.accuracy));
            one.put("gap", exact == null ? null : gap(ran, exact));
            one.put("seconds", ran.seconds);
            one.put("losses", ran.losses);
            all.put(ran.arm, one);
        }
        object.put("arms", all);
        Ran last = table.getLast();
        object.put("train", Map.of("loss", last.last()));
        object.put("test", Map.of("accuracy", last.accuracy));
        if (exact != null) {
            object.put("gapToExact", gap(last, exact));
        }
        object.put("excessLoss", last.last() - table.getFirst().last());
        return object;
    }

    private static @org.jspecify.annotations.Nullable Ran exact(List<Ran> table) {
        return table.stream()
                .filter(ran -> ran.arm.split(":", -1)[0].equals("ngd"))
                .findFirst()
                .orElse(null);
    }

    private List<String> lines(List<Ran> table, Split split) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s: %d training and %d test rows, %d hidden units, batches of %d, %d epochs, lambda %s, seed %d",
                data.getFileName(),
                split.train().size(),
                split.test().size(),
                hidden,
                batch,
                epochs,
                Words.number(damping),
                seed));
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("arm", "loss after an epoch", "at the end", "test", "from exact", "seconds"));
        Ran exact = exact(table);
        for (Ran ran : table) {
            int epoch = Math.min(ran.losses.length - 1, split.train().size() / batch / logEvery);
            rows.add(List.of(
                    ran.arm,
                    String.format(Locale.ROOT, "%.4f", ran.losses[epoch]),
                    String.format(Locale.ROOT, "%.4f", ran.last()),
                    String.format(Locale.ROOT, "%.1f %%", 100 * ran.accuracy),
                    exact == null ? "" : String.format(Locale.ROOT, "%.4f", gap(ran, exact)),
                    String.format(Locale.ROOT, "%.1f", ran.seconds)));
        }
        lines.addAll(Table.aligned(rows));
        return lines;
    }
}
