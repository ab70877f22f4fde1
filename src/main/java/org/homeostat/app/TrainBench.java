package org.homeostat.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.homeostat.engine.Kernels;
import org.homeostat.engine.LayeredNetwork;
import org.homeostat.engine.LayeredNetwork.Law;
import org.homeostat.engine.LayeredNetwork.Rest;
import org.homeostat.engine.Matrix;
import org.homeostat.run.BadInput;
import org.homeostat.run.Dataset;
import org.homeostat.run.Idx;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A learning step of the engine against the same step in PyTorch, on the same images in the same order, by turns. */
@Command(
        name = "train",
        sortOptions = false,
        description = {
            "Measures one learning step of large twins, and the same step in PyTorch where Python has it.",
            "By turns on the same images in the same order; processor time, one thread."
        })
final class TrainBench implements Callable<Integer>, Measuring {

    private static final int CLASSES = 10;

    /** What PyTorch is told to be. */
    private enum Variant {
        /** As the authors' code works, with its own stopping rule. */
        PUBLISHED("published", false),
        /** The same, settled as far as ours. */
        SETTLED("published", true),
        /** Nothing is worked out twice; settled as far as ours. */
        CACHED("cached", true);

        private final String word;
        private final boolean asOurs;

        Variant(String word, boolean asOurs) {
            this.word = word;
            this.asOurs = asOurs;
        }

        String title() {
            return "pytorch, " + word + (asOurs ? ", settled as ours" : "");
        }
    }

    @Mixin
    Shared shared;

    @Parameters(
            paramLabel = "NET",
            arity = "0..*",
            description = {
                "hopfield (784-2048-10, batches of 32), drn (784 pairs of inputs, 1024, 10, batches of 4),",
                "drn-64 (the same, batches of 64) (default: all three)."
            })
    List<String> nets = List.of();

    @Option(
            names = "--turns",
            paramLabel = "N",
            description = "How many turns (default: ${DEFAULT-VALUE}).",
            defaultValue = "5")
    int turns;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "How many steps each does in a turn (default: ${DEFAULT-VALUE}).",
            defaultValue = "20")
    int steps;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            description =
                    "Steps that come before, while Java compiles and PyTorch chooses its products (default: ${DEFAULT-VALUE}).",
            defaultValue = "100")
    int warmUp;

    @Option(names = "--hidden", paramLabel = "N", description = "Hidden units (default: those of the networks above).")
    @Nullable
    Integer hidden;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            description = "How far ours settles, as a part of the largest state (default: ${DEFAULT-VALUE}).",
            defaultValue = "1e-6")
    double tolerance;

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "The first so many images, again and again (default: ${DEFAULT-VALUE}).",
            defaultValue = "3200")
    int images;

    @Mixin
    Torch torch;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Draws the parameters (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    long seed;

    @Option(names = "--alone", description = "Leave PyTorch out.")
    boolean alone;

    @Mixin
    Output output;

    /**
     * A task.
     *
     * @param word what people call it
     * @param script the peer's
     * @param batch images a step
     * @param hidden units
     * @param low the first nudge
     * @param high the second
     * @param weightSoftness of each layer after the input
     * @param biasSoftness the same of the biases
     */
    private record Task(
            String word,
            String script,
            Law law,
            int batch,
            int hidden,
            double low,
            double high,
            double gain,
            double[] start,
            double[] weightSoftness,
            double[] biasSoftness) {

        /** As the published code has them; that of a resistive network divides by twice the nudge. */
        static Task of(String word, @Nullable Integer hidden) {
            return switch (word) {
                case "hopfield" ->
                    new Task(
                            word,
                            "hopfield",
                            Law.HOPFIELD,
                            32,
                            hidden == null ? 2048 : hidden,
                            -0.25,
                            0.25,
                            1,
                            new double[] {0.8, 1.2},
                            new double[] {0.1, 0.05},
                            new double[] {0.02, 0.01});
                case "drn", "drn-64" ->
                    new Task(
                            word,
                            "drn",
                            Law.RESISTIVE,
                            word.equals("drn") ? 4 : 64,
                            hidden == null ? 1024 : hidden,
                            -1,
                            1,
                            480,
                            new double[] {1},
                            new double[] {0.003, 0.003},
                            new double[] {0.003, 0.003});
                default -> throw new BadInput("network '" + word + "': expected hopfield, drn or drn-64");
            };
        }
    }

    /**
     * What one of them came to.
     *
     * @param name who
     * @param step processor time of each step, by turns
     * @param sweeps of the free phase and of the two nudged ones, mean
     * @param trainingError the part of answers that were wrong before their step, after the warm-up
     */
    private record Figures(String name, List<Double> step, List<Double> sweeps, double trainingError) {
        Spread spread() {
            return Spread.of(step);
        }

        Map<String, Object> json() {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("name", name);
            object.put("steps", step.size());
            object.put("cpuSeconds", spread().json());
            object.put("sweeps", sweeps);
            object.put("trainingError", trainingError);
            return object;
        }
    }

    private record Row(Task task, Engine engine, Figures ours, List<Figures> peers, double programSeconds) {}

    @Override
    public Integer call() {
        return output.print(this, shared);
    }

    @Override
    public Measured measure() throws IOException {
        atLeast("--turns", turns, 1);
        atLeast("--steps", steps, 1);
        atLeast("--warm-up", warmUp, 0);
        atLeast("--images", images, 64);
        if (hidden != null) {
            atLeast("--hidden", hidden, 2);
        }
        if (!(tolerance > 0) || tolerance >= 1) {
            throw new BadInput("--tolerance: expected a number above 0 and below 1, not " + tolerance);
        }
        List<Task> tasks = (nets.isEmpty() ? List.of("hopfield", "drn", "drn-64") : nets)
                .stream().map(word -> Task.of(word, hidden)).toList();
        Path folder = Shared.dataFolder(torch.dataDir).resolve("mnist");
        Dataset data = data(folder);
        String program = alone ? null : TorchPeer.python(torch.python);
        if (program == null && !alone) {
            shared.say(
                    (torch.python == null ? "No Python with PyTorch was found here" : torch.python + " has no PyTorch")
                            + ": only our own figures are shown. Debian's package is called python3-torch; "
                            + "--python names another Python.");
        }
        List<Row> rows = new ArrayList<>();
        String[] peer = {""};
        for (Task task : tasks) {
            shared.say(task.word + " ...");
            rows.add(row(task, data, folder, program, peer));
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("machine", Machine.here().json());
        object.put("peer", program == null ? null : peer[0]);
        object.put("images", data.size());
        object.put("tolerance", tolerance);
        object.put("nets", rows.stream().map(TrainBench::json).toList());
        return new Measured(object, lines(rows, program == null ? null : peer[0]));
    }

    private static void atLeast(String option, int given, int least) {
        if (given < least || given > 10_000_000) {
            throw new BadInput(option + ": expected " + least + " to 10000000, not " + given);
        }
    }

    private Dataset data(Path folder) {
        Path pictures = folder.resolve("train-images-idx3-ubyte.gz");
        if (!Files.exists(pictures)) {
            pictures = folder.resolve("train-images-idx3-ubyte");
        }
        if (!Files.exists(pictures)) {
            throw new BadInput(folder + ": no train-images-idx3-ubyte there, packed or not; "
                    + "--data-dir names the folder in which the folder mnist is");
        }
        String labels = Idx.labelsFor(pictures).toString();
        String named = pictures.toString();
        Dataset data = new Idx.Source(named, labels, named, labels, images, 1, null)
                .load(0, 1)
                .train();
        if (data.size() < images || data.features().size() != 784) {
            throw new BadInput(pictures + ": " + data.size() + " images of "
                    + data.features().size() + " pixels; expected at least " + images + " (--images) of 784");
        }
        return data;
    }

    private Row row(Task task, Dataset data, Path folder, @Nullable String program, String[] against)
            throws IOException {
        Engine engine = new Engine(task, data, tolerance, seed);
        List<Variant> variants = program == null ? List.of() : List.of(Variant.values());
        List<TorchPeer> peers = new ArrayList<>();
        List<List<TorchPeer.Turn>> told = new ArrayList<>();
        try {
            for (Variant variant : variants) {
                peers.add(TorchPeer.start(program == null ? "" : program, task.script, told(task, folder, variant)));
                told.add(new ArrayList<>());
            }
            for (TorchPeer peer : peers) {
                peer.ready();
            }
            engine.learn(warmUp);
            engine.forget();
            double spent = 0;
            for (int turn = 0; turn < turns; turn++) {
                double before = CpuTime.ofThisProgram();
                engine.learn(steps);
                spent += CpuTime.ofThisProgram() - before;
                for (int k = 0; k < peers.size(); k++) {
                    told.get(k).add(peers.get(k).turn(steps));
                }
            }
            List<Figures> figures = new ArrayList<>();
            for (int k = 0; k < peers.size(); k++) {
                figures.add(figures(variants.get(k).title(), told.get(k)));
                TorchPeer.Turn last = told.get(k).getLast();
                against[0] = String.format(
                        Locale.ROOT,
                        "PyTorch %s, one thread, its products %.0f GFlop/s",
                        last.torch(),
                        last.productFlops() / 1e9);
            }
            return new Row(task, engine, engine.figures(), figures, spent / ((double) turns * steps));
        } finally {
            peers.forEach(TorchPeer::close);
        }
    }

    private List<String> told(Task task, Path folder, Variant variant) {
        List<String> told = new ArrayList<>(List.of(
                "--data",
                folder.toString(),
                "--variant",
                variant.word,
                "--batch",
                String.valueOf(task.batch),
                "--hidden",
                String.valueOf(task.hidden),
                "--images",
                String.valueOf(images),
                "--warmup",
                String.valueOf(warmUp)));
        if (variant.asOurs) {
            told.addAll(List.of("--largest", String.valueOf(tolerance)));
        }
        return told;
    }

    private static Figures figures(String name, List<TorchPeer.Turn> turns) {
        List<Double> all = new ArrayList<>();
        double[] sweeps = new double[3];
        double wrong = 0;
        for (TorchPeer.Turn turn : turns) {
            all.addAll(turn.cpuSeconds());
            for (int phase = 0; phase < sweeps.length; phase++) {
                sweeps[phase] += turn.sweeps().get(phase) / turns.size();
            }
            wrong += turn.trainingError() / turns.size();
        }
        return new Figures(name, all, List.of(sweeps[0], sweeps[1], sweeps[2]), wrong);
    }

    /** Ours at work. */
    private static final class Engine {
        private final Task task;
        private final Dataset data;
        private final Dataset.Answers.Labels labels;
        private final double[] image;
        private final double tolerance;
        private final LayeredNetwork network;
        private final Matrix none;
        private final Matrix push;
        private final List<Double> seconds = new ArrayList<>();
        private final double[] sweeps = new double[3];
        private int next;
        private int steps;
        private int wrong;
        private double stillMoving;

        Engine(Task task, Dataset data, double tolerance, long seed) {
            this.task = task;
            this.data = data;
            this.tolerance = tolerance;
            if (!(data.answers() instanceof Dataset.Answers.Labels classes)) {
                throw new IllegalArgumentException("expected labels");
            }
            labels = classes;
            image = new double[data.features().size()];
            int[] sizes = {data.features().size(), task.hidden, CLASSES};
            network = new LayeredNetwork(
                    task.law, sizes, task.gain, task.start, task.batch, Kernels.best(), 1, new SplittableRandom(seed));
            none = Matrix.of(task.batch, CLASSES);
            push = Matrix.of(task.batch, CLASSES);
        }

        void learn(int count) {
            for (int step = 0; step < count; step++) {
                double before = CpuTime.ofThisThread();
                present();
                settle(0, none, 0);
                wrong += missed();
                nudge(1, task.low);
                network.remember();
                nudge(2, task.high);
                network.move(task.weightSoftness, task.biasSoftness);
                seconds.add(CpuTime.ofThisThread() - before);
                steps++;
                next = (next + task.batch) % (data.size() / task.batch * task.batch);
            }
            stillMoving = Math.max(stillMoving, stillMoving());
        }

        private void present() {
            for (int lane = 0; lane < task.batch; lane++) {
                data.rows().read(next + lane, image);
                network.input(lane, image);
            }
        }

        private void settle(int phase, Matrix pushed, double beta) {
            Rest rest = network.settle(pushed, beta, tolerance);
            sweeps[phase] += rest.sweeps();
        }

        private void nudge(int phase, double beta) {
            for (int lane = 0; lane < task.batch; lane++) {
                for (int unit = 0; unit < CLASSES; unit++) {
                    push.set(lane, unit, labels.label()[next + lane] == unit ? (float) beta : 0);
                }
            }
            settle(phase, push, beta);
        }

        private int missed() {
            int missed = 0;
            for (int lane = 0; lane < task.batch; lane++) {
                int highest = 0;
                for (int unit = 1; unit < CLASSES; unit++) {
                    highest = network.output(lane, unit) > network.output(lane, highest) ? unit : highest;
                }
                missed += highest == labels.label()[next + lane] ? 0 : 1;
            }
            return missed;
        }

        /**
         * How far the network would still move in one more sweep of the free phase, summed over hidden units and batch: what
         * the published stopping rule looks at.
         */
        private double stillMoving() {
            present();
            var unused = network.settle(none, 0, tolerance);
            double[] before = new double[task.batch * task.hidden];
            for (int k = 0; k < before.length; k++) {
                before[k] = network.state(k / task.hidden, 1, k % task.hidden);
            }
            // Nothing is as far as this, so that it stops after one sweep.
            var unusedOnce = network.settle(none, 0, Float.MAX_VALUE);
            double sum = 0;
            for (int k = 0; k < before.length; k++) {
                sum += Math.abs(network.state(k / task.hidden, 1, k % task.hidden) - before[k]);
            }
            return sum;
        }

        /** Begins to count anew. */
        void forget() {
            seconds.clear();
            Arrays.fill(sweeps, 0);
            steps = 0;
            wrong = 0;
            stillMoving = 0;
        }

        Figures figures() {
            return new Figures(
                    "ours",
                    List.copyOf(seconds),
                    List.of(sweeps[0] / steps, sweeps[1] / steps, sweeps[2] / steps),
                    wrong / (double) (steps * task.batch));
        }
    }

    private static Map<String, Object> json(Row row) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("net", row.task.word);
        object.put("hidden", row.task.hidden);
        object.put("batch", row.task.batch);
        object.put("ours", row.ours.json());
        object.put("oursProgramSeconds", row.programSeconds);
        object.put("oursStillMoving", row.engine.stillMoving);
        object.put("peers", row.peers.stream().map(Figures::json).toList());
        Map<String, Object> ratios = new LinkedHashMap<>();
        for (Figures peer : row.peers) {
            ratios.put(
                    peer.name,
                    new TreeMap<>(Map.of(
                            "median", peer.spread().median() / row.ours.spread().median(),
                            "min", peer.spread().min() / row.ours.spread().min())));
        }
        object.put("ratios", ratios);
        return object;
    }

    private List<String> lines(List<Row> rows, @Nullable String against) {
        List<String> lines = new ArrayList<>();
        lines.add(Machine.here().line());
        if (against != null) {
            lines.add("peer: " + against);
        }
        lines.add("processor time of a step, median and span of " + turns + " turns of " + steps + " steps");
        for (Row row : rows) {
            lines.add("");
            lines.add(String.format(
                    Locale.ROOT,
                    "%s: 784 inputs, %d hidden units, 10 outputs, batches of %d",
                    row.task.word,
                    row.task.hidden,
                    row.task.batch));
            line(row.ours, "", lines);
            lines.add(String.format(
                    Locale.ROOT,
                    "    with compiler and collector %s a step; one more sweep would move all states together by %.1e",
                    Spread.time(row.programSeconds),
                    row.engine.stillMoving));
            for (Figures peer : row.peers) {
                line(
                        peer,
                        String.format(
                                Locale.ROOT,
                                "; over ours %.2f (by the least %.2f)",
                                peer.spread().median() / row.ours.spread().median(),
                                peer.spread().min() / row.ours.spread().min()),
                        lines);
            }
        }
        return lines;
    }

    private static void line(Figures figures, String ratio, List<String> lines) {
        lines.add(String.format(
                Locale.ROOT,
                "  %s: %s; sweeps %.1f, %.1f, %.1f; wrong while learning %.1f %%%s",
                figures.name,
                figures.spread().seconds(),
                figures.sweeps.get(0),
                figures.sweeps.get(1),
                figures.sweeps.get(2),
                100 * figures.trainingError,
                ratio));
    }
}
