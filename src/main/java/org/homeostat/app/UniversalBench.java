package org.homeostat.app;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Element;
import org.homeostat.circuit.ReluNetwork;
import org.homeostat.circuit.Solution;
import org.homeostat.circuit.Solver;
import org.homeostat.circuit.Solvers;
import org.homeostat.circuit.Universal;
import org.homeostat.circuit.UnsolvableException;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The theorem that circuits of sources, resistors, diodes and amplifiers approximate any function (arXiv 2312.15063), tried
 * out: the circuit made of a ReLU network against that network and the function it stands for, at growing numbers of elements
 * and of growing ideality.
 */
@Command(
        name = "universal",
        sortOptions = false,
        description = {
            "Builds the circuit of resistors, diodes and amplifiers that answers as a ReLU network does (arXiv 2312.15063), "
                    + "and measures how far it is off.",
            "Against the network and the function behind it: by the number of hinges, by eps (what a layer conducts, "
                    + "as a part of the one below), by the diodes' emission coefficient n and by the gain of the operational amplifiers.",
            "Where ngspice is installed it solves the same circuits at some points."
        },
        footer = {
            "",
            "Examples:",
            "  homeostat bench universal --plot universal.svg",
            "  homeostat bench universal --only eps,diodes --points 201 --json"
        })
final class UniversalBench implements Callable<Integer>, Measuring {

    private static final double TOLERANCE = 1e-11;

    /** Of the one-dimensional circuits that are not about the number of hinges. */
    private static final int HINGES = 40;

    private static final int HINGES_IN_THE_PLANE = 400;
    private static final int FITTED_ON = 41;

    /** Small enough to be no part of the error. */
    private static final double SMALL_EPS = 1e-6;

    /** From so many rectified units on ideal amplifiers are worked out beforehand, for the sparse solver. */
    private static final int MANY_UNITS = 100;

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** One family of circuits, in which one thing changes. */
    private enum Part {
        HINGES("hinges", "error against the function, by hinges"),
        EPS("eps", "error against the network, by eps"),
        DIODES("diodes", "error against the network, by n of the diodes"),
        GAIN("gain", "error against the network, by the gain of operational amplifiers"),
        PLANE("plane", "two inputs, 400 random hinges: error against the network, by eps"),
        LAYERS("layers", "two hidden layers of 16 units drawn at random: error against the network, by eps");

        private final String word;
        private final String title;

        Part(String word, String title) {
            this.word = word;
            this.title = title;
        }

        /** What the error is fitted against. */
        double along(Row row) {
            return switch (this) {
                case HINGES -> row.circuit.network().units();
                case EPS, PLANE, LAYERS -> row.circuit.eps();
                case DIODES -> row.circuit.reality().emission();
                case GAIN -> row.circuit.reality().gain();
            };
        }

        double error(Row row) {
            return this == HINGES ? row.fromFunction : row.fromNetwork;
        }

        static Part of(String word) {
            for (Part part : values()) {
                if (part.word.equals(word)) {
                    return part;
                }
            }
            throw new BadInput("--only: there is no '" + word + "'; expected "
                    + String.join(
                            ", ", Stream.of(values()).map(part -> part.word).toList()));
        }
    }

    /**
     * One circuit.
     *
     * @param fromNetwork the largest distance of its output from the network's, in volts
     * @param fromFunction from the function's; NaN where the network stands for none
     * @param residual the largest of all solutions
     * @param perPoint seconds of a solution
     * @param fromSpice the largest distance of its output from ngspice's, at some points, in volts; NaN where that was not
     *     asked
     */
    private record Row(
            Part part,
            Universal circuit,
            Circuit elements,
            double fromNetwork,
            double fromFunction,
            double residual,
            double perPoint,
            String solver,
            double fromSpice) {
        long count(Predicate<Element> kind) {
            return elements.elements().stream().filter(kind).count();
        }

        long resistors() {
            return count(element -> element instanceof Element.Resistor);
        }

        long diodes() {
            return count(element -> element instanceof Element.IdealDiode || element instanceof Element.Diode);
        }

        long amplifiers() {
            return count(element -> element instanceof Element.Amplifier || element instanceof Element.OpAmp);
        }
    }

    @Mixin
    Shared shared;

    @Option(
            names = "--points",
            paramLabel = "N",
            description = "How many points of the line each error is the largest over (default: ${DEFAULT-VALUE}).",
            defaultValue = "2001")
    int points;

    @Option(
            names = "--side",
            paramLabel = "N",
            description = "How many points along a side of the plane (default: ${DEFAULT-VALUE}).",
            defaultValue = "31")
    int side;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "Of hinges, eps, diodes, gain, plane, layers (default: all).")
    List<String> only = new ArrayList<>();

    @Option(
            names = "--spice-points",
            paramLabel = "N",
            description = "At how many points ngspice solves each circuit too, where it is installed; 0 for none "
                    + "(default: ${DEFAULT-VALUE}).",
            defaultValue = "5")
    int spicePoints;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Draws the hinges in the plane and the deep network (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    long seed;

    @Option(names = "--plot", paramLabel = "FILE", description = "Draws the errors, as SVG.")
    @Nullable
    Path plot;

    @Mixin
    Output output;

    private @Nullable Integer spice;

    @Override
    public Integer call() {
        return output.print(this, shared);
    }

    @Override
    public Measured measure() {
        if (points < 2 || points > 10_000_000) {
            throw new BadInput("--points: expected 2 to 10000000, not " + points);
        }
        if (side < 2 || side > 1000) {
            throw new BadInput("--side: expected 2 to 1000, not " + side);
        }
        if (spicePoints < 0 || spicePoints > 1000) {
            throw new BadInput("--spice-points: expected 0 to 1000, not " + spicePoints);
        }
        List<Part> parts = only.isEmpty()
                ? List.of(Part.values())
                : only.stream().map(Part::of).distinct().sorted().toList();
        spice = spicePoints == 0 ? null : SpicePeer.version();
        if (spicePoints > 0 && spice == null) {
            shared.say("ngspice is not installed; the column that compares with it stays empty");
        }
        List<Row> rows = new ArrayList<>();
        for (Part part : parts) {
            shared.say(part.title + " ...");
            rows.addAll(rows(part));
        }
        if (plot != null) {
            draw(plot, parts, rows);
        }
        return new Measured(json(parts, rows), lines(parts, rows));
    }

    /** The function on the line. */
    static double wave(double x) {
        return Math.sin(2 * Math.PI * x) + 0.5 * Math.cos(5 * Math.PI * x);
    }

    /** The function on the square from -1 to 1. */
    static double hills(double[] x) {
        return Math.sin(Math.PI * x[0]) * Math.cos(Math.PI * x[1]);
    }

    private List<Row> rows(Part part) {
        List<Row> rows = new ArrayList<>();
        Universal.Reality ideal = Universal.Reality.IDEAL;
        switch (part) {
            case HINGES -> {
                for (int hinges : new int[] {20, 40, 80, 160}) {
                    rows.add(onTheLine(part, hinges, SMALL_EPS, ideal));
                }
            }
            case EPS -> {
                for (double eps : new double[] {1e-2, 1e-3, 1e-4, 1e-5, 1e-6}) {
                    rows.add(onTheLine(part, HINGES, eps, ideal));
                }
            }
            case DIODES -> {
                for (double n : new double[] {1e-4, 1e-3, 1e-2, 1e-1, 1}) {
                    rows.add(onTheLine(part, HINGES, SMALL_EPS, new Universal.Reality(n, ideal.gain())));
                }
            }
            case GAIN -> {
                for (double gain : new double[] {1e4, 1e5, 1e6, 1e7}) {
                    rows.add(onTheLine(part, HINGES, SMALL_EPS, new Universal.Reality(0, gain)));
                }
            }
            case PLANE -> {
                ReluNetwork network = ReluNetwork.fitted(UniversalBench::hills, HINGES_IN_THE_PLANE, FITTED_ON, seed);
                for (double eps : new double[] {1e-2, 1e-3, 1e-4, 1e-6}) {
                    rows.add(row(part, new Universal(network, eps, ideal), plane(side), UniversalBench::hills));
                }
            }
            case LAYERS -> {
                ReluNetwork network = drawn(seed, 2, 16, 16, 1);
                for (double eps : new double[] {1e-2, 1e-3, 1e-4, 1e-5}) {
                    rows.add(row(part, new Universal(network, eps, ideal), plane(side), null));
                }
            }
        }
        return rows;
    }

    private Row onTheLine(Part part, int hinges, double eps, Universal.Reality reality) {
        ReluNetwork network = ReluNetwork.interpolating(UniversalBench::wave, hinges);
        double[][] line = new double[points][1];
        for (int p = 0; p < points; p++) {
            line[p][0] = (double) p / (points - 1);
        }
        return row(part, new Universal(network, eps, reality), line, x -> wave(x[0]));
    }

    private static double[][] plane(int side) {
        double[][] plane = new double[side * side][2];
        for (int p = 0; p < plane.length; p++) {
            int row = p / side;
            plane[p][0] = 2.0 * (p % side) / (side - 1) - 1;
            plane[p][1] = 2.0 * row / (side - 1) - 1;
        }
        return plane;
    }

    /** A network with normal weights, of variance 2 over the inputs of a unit, and small biases. */
    private static ReluNetwork drawn(long seed, int... sizes) {
        SplittableRandom random = new SplittableRandom(seed);
        List<ReluNetwork.Layer> layers = new ArrayList<>();
        for (int l = 1; l < sizes.length; l++) {
            double[][] weights = new double[sizes[l]][sizes[l - 1]];
            double[] biases = new double[sizes[l]];
            for (int k = 0; k < sizes[l]; k++) {
                for (int i = 0; i < sizes[l - 1]; i++) {
                    weights[k][i] = random.nextGaussian() * Math.sqrt(2.0 / sizes[l - 1]);
                }
                biases[k] = 0.1 * random.nextGaussian();
            }
            layers.add(new ReluNetwork.Layer(weights, biases));
        }
        return new ReluNetwork(layers);
    }

    private Row row(Part part, Universal made, double[][] at, @Nullable ToDoubleFunction<double[]> function) {
        Circuit whole = made.circuit();
        boolean worked = made.network().units() > MANY_UNITS
                && Double.isInfinite(made.reality().gain());
        Circuit circuit = worked ? made.driven() : whole;
        Solver solver = Solvers.of(circuit);
        double fromNetwork = 0;
        double fromFunction = function == null ? Double.NaN : 0;
        double residual = 0;
        double[] answers = new double[at.length];
        long start = System.nanoTime();
        for (int p = 0; p < at.length; p++) {
            Solution solution;
            try {
                solution = solver.solve(worked ? made.drivenSources(at[p]) : made.sources(at[p]), TOLERANCE);
            } catch (UnsolvableException e) {
                throw new IllegalStateException("the circuit of a network has an operating point", e);
            }
            answers[p] = made.read(circuit, solution.volts())[0];
            residual = Math.max(residual, solution.residual());
        }
        double seconds = 1e-9 * (System.nanoTime() - start) / at.length;
        for (int p = 0; p < at.length; p++) {
            fromNetwork =
                    Math.max(fromNetwork, Math.abs(answers[p] - made.network().of(at[p])[0]));
            fromFunction = function == null
                    ? Double.NaN
                    : Math.max(fromFunction, Math.abs(answers[p] - function.applyAsDouble(at[p])));
        }
        return new Row(
                part,
                made,
                whole,
                fromNetwork,
                fromFunction,
                residual,
                seconds,
                solver.word(),
                spice == null ? Double.NaN : fromSpice(made, whole, at, answers));
    }

    /** The largest distance from ngspice's answers, at points spread over all; NaN where it finds none. */
    private double fromSpice(Universal made, Circuit circuit, double[][] at, double[] answers) {
        double furthest = 0;
        try (SpicePeer peer = SpicePeer.start(circuit, PATIENCE)) {
            peer.cold();
            for (int k = 0; k < spicePoints; k++) {
                int p = (int) ((2L * k + 1) * at.length / (2L * spicePoints));
                double[] volts = peer.warm(made.sources(at[p])).volts();
                furthest = Math.max(furthest, Math.abs(made.read(circuit, volts)[0] - answers[p]));
            }
        } catch (IOException e) {
            shared.complain(String.valueOf(e.getMessage()));
            return Double.NaN;
        }
        return furthest;
    }

    private static List<Row> of(Part part, List<Row> rows) {
        return rows.stream().filter(row -> row.part == part).toList();
    }

    private static Plot.Curve curve(Part part, List<Row> rows) {
        List<Row> own = of(part, rows);
        return new Plot.Curve(
                part.word,
                own.stream().mapToDouble(part::along).toArray(),
                own.stream().mapToDouble(part::error).toArray());
    }

    private static double slope(Part part, List<Row> rows) {
        return curve(part, rows).exponent(0);
    }

    private static void draw(Path file, List<Part> parts, List<Row> rows) {
        List<Plot.Panel> panels = new ArrayList<>();
        for (Part part : parts) {
            Plot.Curve curve = curve(part, rows);
            String word = String.format(Locale.ROOT, "slope %.2f", slope(part, rows));
            panels.add(
                    Plot.Panel.logarithmic(part.title, part.word, List.of(new Plot.Curve(word, curve.x(), curve.y()))));
        }
        Shared.write("--plot", file, Plot.svg(panels));
    }

    private Map<String, Object> json(List<Part> parts, List<Row> rows) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("machine", Machine.here().json());
        object.put("peer", spice == null ? null : SpicePeer.configuration(spice));
        object.put("points", points);
        object.put("side", side);
        object.put("seed", seed);
        object.put("ngspice", spice);
        Map<String, Object> slopes = new LinkedHashMap<>();
        for (Part part : parts) {
            slopes.put(part.word, Summary.number(slope(part, rows)));
        }
        object.put("slopes", slopes);
        List<Map<String, Object>> list = new ArrayList<>();
        for (Row row : rows) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("part", row.part.word);
            one.put("units", row.circuit.network().units());
            one.put("eps", row.circuit.eps());
            one.put("emission", row.circuit.reality().emission());
            one.put("openLoopGain", Summary.number(row.circuit.reality().gain()));
            one.put("gain", row.circuit.gain());
            one.put("nodes", row.elements.nodes().size() - 1);
            one.put("resistors", row.resistors());
            one.put("diodes", row.diodes());
            one.put("amplifiers", row.amplifiers());
            one.put("fromNetwork", row.fromNetwork);
            one.put("fromFunction", Summary.number(row.fromFunction));
            one.put("fromNgspice", Summary.number(row.fromSpice));
            one.put("residual", row.residual);
            one.put("secondsPerPoint", row.perPoint);
            one.put("solver", row.solver);
            list.add(one);
        }
        object.put("rows", list);
        return object;
    }

    private List<String> lines(List<Part> parts, List<Row> rows) {
        List<String> lines = new ArrayList<>();
        lines.add("Largest errors in volts over " + points + " points of sin(2 pi x) + 0.5 cos(5 pi x) from 0 to 1, or "
                + side + " x " + side + " of sin(pi x) cos(pi y) from -1 to 1");
        for (Part part : parts) {
            lines.add("");
            lines.add(String.format(Locale.ROOT, "%s: slope %.3f", part.title, slope(part, rows)));
            List<List<String>> table = new ArrayList<>();
            table.add(List.of(
                    "units",
                    "eps",
                    "n",
                    "open-loop gain",
                    "A",
                    "nodes",
                    "resistors",
                    "diodes",
                    "amplifiers",
                    "from network",
                    "from function",
                    "from ngspice",
                    "residual",
                    "us a point",
                    "solver"));
            for (Row row : of(part, rows)) {
                Universal.Reality reality = row.circuit.reality();
                table.add(List.of(
                        String.valueOf(row.circuit.network().units()),
                        power(row.circuit.eps()),
                        reality.emission() == 0 ? "ideal" : power(reality.emission()),
                        Double.isInfinite(reality.gain()) ? "ideal" : power(reality.gain()),
                        String.format(Locale.ROOT, "%.1f", row.circuit.gain()),
                        String.valueOf(row.elements.nodes().size() - 1),
                        String.valueOf(row.resistors()),
                        String.valueOf(row.diodes()),
                        String.valueOf(row.amplifiers()),
                        error(row.fromNetwork),
                        error(row.fromFunction),
                        error(row.fromSpice),
                        error(row.residual),
                        String.format(Locale.ROOT, "%.0f", 1e6 * row.perPoint),
                        row.solver));
            }
            lines.addAll(Table.aligned(table));
        }
        lines.add("");
        lines.add(
                spice == null
                        ? "Not checked by another program."
                        : "ngspice " + spice + " solved each circuit at " + spicePoints
                                + " points; ideal diodes are Shockley diodes of n = 1e-4 there. " + "Its settings: "
                                + SpicePeer.OPTIONS);
        return lines;
    }

    private static String power(double number) {
        return String.format(Locale.ROOT, "%.0e", number);
    }

    private static String error(double number) {
        return Double.isNaN(number) ? "-" : String.format(Locale.ROOT, "%.1e", number);
    }
}
