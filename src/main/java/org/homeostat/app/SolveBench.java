package org.homeostat.app;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Element;
import org.homeostat.circuit.Netlist;
import org.homeostat.circuit.Nets;
import org.homeostat.circuit.Norton;
import org.homeostat.circuit.Solution;
import org.homeostat.circuit.Solver;
import org.homeostat.circuit.Solvers;
import org.homeostat.circuit.UnsolvableException;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The solvers of circuits against ngspice: the same networks, the same inputs, by turns, and the answers compared. */
@Command(
        name = "solve",
        sortOptions = false,
        description = {
            "Measures the solvers of circuits, and ngspice beside them where it is installed.",
            "By turns on the same inputs; processor time; every answer of ngspice is compared with ours."
        })
final class SolveBench implements Callable<Integer>, Measuring {

    private static final int MOST_NODES = 2_000_000;

    /** In the growth of costs ngspice takes part up to here; beyond, one answer takes minutes. */
    private static final int MOST_FOR_PEER = 10_500;

    /** Below it, what is spent does not depend on the size. */
    private static final double FITTED_FROM = 1000;

    /** How long further inputs are asked for at least in one turn, so that clocks and timers do not matter. */
    private static final double TURN_SECONDS = 0.02;

    /** How long new solvers and inputs are asked for before anything counts, so that Java has compiled. */
    private static final double WARM_UP_SECONDS = 1;

    /** What the clock of the whole program can tell apart. */
    private static final double PROGRAM_CLOCK_SECONDS = 0.01;

    @Mixin
    Shared shared;

    @Parameters(
            paramLabel = "NET",
            arity = "0..*",
            description = {
                "Networks: layers such as 784-1024-10 (sources first), paired:784-1024-10 (each source with its opposite),",
                "grid:10000 (nodes), or a netlist's file (default: 784-1024-10 784-256-256-10 grid:10000)."
            })
    List<String> nets = List.of();

    @Option(
            names = "--turns",
            paramLabel = "N",
            description = "How many turns: we answer many inputs, ngspice one of them (default: ${DEFAULT-VALUE}).",
            defaultValue = "3")
    int turns;

    @Option(
            names = "--inputs",
            paramLabel = "N",
            description = "How many further inputs we answer in a turn, at least (default: ${DEFAULT-VALUE}).",
            defaultValue = "20")
    int inputs;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            description = "The largest residual of Kirchhoff's law, relative (default: ${DEFAULT-VALUE}).",
            defaultValue = "1e-9")
    double tolerance;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Draws networks and inputs (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    long seed;

    @Option(
            names = "--full",
            description = "Give ngspice the full netlist too, every input a source: minutes for 784-1024-10.")
    boolean full;

    @Option(names = "--alone", description = "Leave ngspice out.")
    boolean alone;

    @Option(
            names = "--plot",
            paramLabel = "FILE",
            description = "Measures grids of growing size and draws time and memory, as SVG.")
    @Nullable
    Path plot;

    @Option(
            names = "--most",
            paramLabel = "NODES",
            description = "The largest grid for --plot (default: ${DEFAULT-VALUE}).",
            defaultValue = "1000000")
    int most;

    @Mixin
    Output output;

    /** A network to be measured. */
    private record Net(String word, Circuit circuit, boolean paired) {}

    /**
     * What we need.
     *
     * @param first processor time of this whole program for the first answer, with what Java compiles then
     * @param cold time to an answer of a solver that is new, the program warmed up
     * @param folded the same where the inputs were folded before, as they are for ngspice
     * @param input time of each further input
     * @param heldBytes what the solver keeps
     */
    private record Ours(
            String solver,
            int iterations,
            double residual,
            double first,
            Spread cold,
            Spread folded,
            Spread input,
            double heldBytes) {

        Map<String, Object> json() {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("solver", solver);
            object.put("iterations", iterations);
            object.put("residual", residual);
            object.put("firstSeconds", first);
            object.put("coldSeconds", cold.json());
            object.put("foldedColdSeconds", folded.json());
            object.put("inputSeconds", input.json());
            object.put("heldBytes", heldBytes);
            return object;
        }
    }

    /** What ngspice needs in one form of the netlist, and how far its answers are from ours. */
    private record Theirs(
            double cold, Spread op, Spread alter, int iterations, double differenceVolts, double mostMemory) {

        Map<String, Object> json() {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("coldSeconds", cold);
            object.put("opSeconds", op.json());
            object.put("alterSeconds", alter.json());
            object.put("iterations", iterations);
            object.put("maxDifferenceVolts", differenceVolts);
            object.put("mostMemoryBytes", Double.isNaN(mostMemory) ? null : mostMemory);
            return object;
        }
    }

    private record Row(
            Net net,
            Ours ours,
            @Nullable Theirs norton,
            @Nullable Theirs full) {

        Map<String, Object> json() {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("net", net.word);
            object.put("nodes", net.circuit.nodes().size() - 1);
            object.put("resistors", net.circuit.resistors().size());
            object.put("diodes", diodes(net.circuit));
            object.put("ours", ours.json());
            if (norton != null) {
                object.put("norton", norton.json());
            }
            if (full != null) {
                object.put("full", full.json());
            }
            object.put("ratios", ratios());
            return object;
        }

        /** By medians, processor time over processor time. */
        Map<String, Object> ratios() {
            Map<String, Object> object = new LinkedHashMap<>();
            ratios("norton", norton, ours.folded, object);
            ratios("full", full, ours.cold, object);
            return object;
        }

        private void ratios(String form, @Nullable Theirs theirs, Spread cold, Map<String, Object> into) {
            if (theirs != null) {
                into.put(form + "ColdOverCold", theirs.cold / cold.median());
                into.put(form + "ColdOverFirst", theirs.cold / Math.max(ours.first, PROGRAM_CLOCK_SECONDS));
                into.put(form + "ColdOverInput", theirs.cold / ours.input.median());
                into.put(form + "OpOverInput", theirs.op.median() / ours.input.median());
                into.put(
                        form + "AlterAndOpOverInput",
                        (theirs.op.median() + theirs.alter.median()) / ours.input.median());
            }
        }
    }

    /** One size in the growth of costs; the peer's time is NaN where it took no part. */
    private record Size(int nodes, Ours ours, double peerCold) {}

    @Override
    public Integer call() {
        return output.print(this, shared);
    }

    @Override
    public Measured measure() throws IOException, UnsolvableException {
        if (turns < 1 || turns > 10_000) {
            throw new BadInput("--turns: expected 1 to 10000, not " + turns);
        }
        if (inputs < 1 || inputs > 1_000_000) {
            throw new BadInput("--inputs: expected 1 to 1000000, not " + inputs);
        }
        if (!(tolerance > 0) || tolerance >= 1) {
            throw new BadInput("--tolerance: expected a number above 0 and below 1, not " + tolerance);
        }
        if (most < 100 || most > MOST_NODES) {
            throw new BadInput("--most: expected 100 to " + MOST_NODES + ", not " + most);
        }
        Integer version = alone ? null : SpicePeer.version();
        if (version == null && !alone) {
            shared.say("ngspice is not installed here: only our own figures are shown."
                    + " Debian's package is called ngspice.");
        }
        List<String> asked = !nets.isEmpty()
                ? nets
                : plot == null ? List.of("784-1024-10", "784-256-256-10", "grid:10000") : List.of();
        List<Row> rows = new ArrayList<>();
        List<Size> sizes = new ArrayList<>();
        for (String word : asked) {
            Net net = net(word);
            shared.say(word + " ...");
            rows.add(row(net, version != null));
        }
        if (plot != null) {
            grow(version != null, sizes);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("machine", Machine.here().json());
        object.put("peer", version == null ? null : SpicePeer.configuration(version));
        object.put("tolerance", tolerance);
        object.put("turns", turns);
        object.put("seed", seed);
        object.put("nets", rows.stream().map(Row::json).toList());
        if (plot != null) {
            object.put("growth", growth(sizes));
            Shared.write("--plot", plot, Plot.svg(panels(sizes)));
        }
        return new Measured(object, lines(version, rows, sizes));
    }

    // Networks

    private Net net(String word) {
        if (word.startsWith("grid:")) {
            return new Net(word, Nets.grid(side(word.substring(5), word), seed), false);
        }
        boolean paired = word.startsWith("paired:");
        String layers = paired ? word.substring(7) : word;
        if (layers.matches("\\d{1,7}(-\\d{1,7})+")) {
            int[] sizes =
                    Arrays.stream(layers.split("-")).mapToInt(Integer::parseInt).toArray();
            long resistors = 0;
            for (int k = 1; k < sizes.length; k++) {
                resistors += (long) sizes[k - 1] * sizes[k];
            }
            if (Arrays.stream(sizes).anyMatch(size -> size < 1) || resistors > 20_000_000) {
                throw new BadInput(
                        "network '" + word + "': expected layers of 1 or more, and up to 20 million resistors");
            }
            return new Net(word, paired ? Nets.paired(sizes, seed) : Nets.dense(sizes, seed), paired);
        }
        Path file = Path.of(word);
        if (Files.isRegularFile(file)) {
            try {
                return new Net(word, Netlist.read(Files.readString(file, StandardCharsets.UTF_8), word), false);
            } catch (IOException e) {
                throw new BadInput(word + " cannot be read: " + e.getMessage(), e);
            }
        }
        throw new BadInput("network '" + word + "': expected layers such as 784-1024-10 or paired:784-1024-10, "
                + "grid:10000, or the file of a netlist");
    }

    private static int side(String digits, String word) {
        try {
            int nodes = Integer.parseInt(digits);
            if (nodes >= 4 && nodes <= MOST_NODES) {
                return (int) Math.round(Math.sqrt(nodes));
            }
        } catch (NumberFormatException e) {
            throw new BadInput("network '" + word + "': expected a number of nodes, such as grid:10000", e);
        }
        throw new BadInput("network '" + word + "': expected 4 to " + MOST_NODES + " nodes");
    }

    private static long diodes(Circuit circuit) {
        return circuit.elements().stream()
                .filter(element -> element instanceof Element.IdealDiode || element instanceof Element.Diode)
                .count();
    }

    private static double[] values(Circuit circuit) {
        return circuit.sources().stream()
                .mapToDouble(source -> switch (source) {
                    case Element.Voltage voltage -> voltage.volts();
                    case Element.Current current -> current.amperes();
                    default -> 0;
                })
                .toArray();
    }

    /**
     * Other inputs: those that drive nothing but resistors are drawn anew within the largest of them either way, rails stay;
     * where there is none of that kind, every source is scaled.
     */
    private static double[] drawn(Net net, boolean[] input, double[] values, SplittableRandom random) {
        double reach = 0;
        for (int k = 0; k < values.length; k++) {
            reach = input[k] ? Math.max(reach, Math.abs(values[k])) : reach;
        }
        double[] drawn = values.clone();
        for (int k = 0; k < drawn.length; k++) {
            if (reach == 0) {
                drawn[k] = values[k] * random.nextDouble(0.5, 1.5);
            } else if (input[k]) {
                drawn[k] = net.paired && k % 2 == 1 ? -drawn[k - 1] : random.nextDouble(-reach, reach);
            }
        }
        return drawn;
    }

    /** Which sources drive nothing but resistors: those whose node was folded away. */
    private static boolean[] inputs(Circuit circuit, Norton norton) {
        Set<String> left = new HashSet<>(norton.circuit().nodes());
        List<Element> sources = circuit.sources();
        boolean[] input = new boolean[sources.size()];
        for (int k = 0; k < input.length; k++) {
            input[k] = sources.get(k) instanceof Element.Voltage voltage
                    && !(left.contains(circuit.nodes().get(voltage.plus()))
                            && left.contains(circuit.nodes().get(voltage.minus())));
        }
        return input;
    }

    // Measuring

    private Row row(Net net, boolean withPeer) throws UnsolvableException, IOException {
        Circuit circuit = net.circuit;
        Norton norton = Norton.of(circuit);
        double[] values = values(circuit);
        Theirs[] theirs = new Theirs[2];
        try (Contestant folded = withPeer ? new Contestant(circuit, norton, false) : null;
                Contestant whole = withPeer && full ? new Contestant(circuit, norton, true) : null) {
            Ours ours = ours(net, norton, values, turns, peers(folded, whole));
            theirs[0] = folded == null ? null : folded.told();
            theirs[1] = whole == null ? null : whole.told();
            return new Row(net, ours, theirs[0], theirs[1]);
        }
    }

    /** Ours, and after each turn the peers on the turn's first input. */
    private Ours ours(Net net, Norton norton, double[] values, int turns, List<Contestant> peers)
            throws UnsolvableException, IOException {
        Circuit circuit = net.circuit;
        boolean[] input = inputs(circuit, norton);
        SplittableRandom random = new SplittableRandom(seed);
        double programBefore = CpuTime.ofThisProgram();
        Solution solution = Solvers.of(circuit).solve(values, tolerance);
        double first = CpuTime.ofThisProgram() - programBefore;
        double worst = solution.residual();
        List<Double> cold = new ArrayList<>();
        List<Double> folded = new ArrayList<>();
        List<Double> further = new ArrayList<>();
        for (Contestant peer : peers) {
            peer.first(solution);
        }
        Solver solver;
        double until = CpuTime.ofThisThread() + WARM_UP_SECONDS;
        do {
            solver = Solvers.of(circuit);
            solver.solve(values, tolerance);
            solution = solver.solve(drawn(net, input, values, random), tolerance);
        } while (CpuTime.ofThisThread() < until);
        for (int turn = 0; turn < turns; turn++) {
            // One solver at a time: of a million nodes each keeps most of a gigabyte.
            solver = null;
            double before = CpuTime.ofThisThread();
            worst = Math.max(
                    worst,
                    Solvers.of(norton.circuit())
                            .solve(norton.sources(values), tolerance)
                            .residual());
            folded.add(CpuTime.ofThisThread() - before);
            before = CpuTime.ofThisThread();
            solver = Solvers.of(circuit);
            solution = solver.solve(values, tolerance);
            cold.add(CpuTime.ofThisThread() - before);
            worst = Math.max(worst, solution.residual());
            double[] asked = drawn(net, input, values, random);
            Solution compared = solver.solve(asked, tolerance);
            worst = Math.max(worst, compared.residual());
            double spent = 0;
            int done = 0;
            while (done < inputs || spent < TURN_SECONDS) {
                double[] next = drawn(net, input, values, random);
                before = CpuTime.ofThisThread();
                solution = solver.solve(next, tolerance);
                spent += CpuTime.ofThisThread() - before;
                worst = Math.max(worst, solution.residual());
                done++;
            }
            further.add(spent / done);
            for (Contestant peer : peers) {
                peer.further(asked, compared);
            }
        }
        double held = used();
        String word = solver.word();
        solver = null;
        held -= used();
        return new Ours(
                word,
                solution.iterations(),
                worst,
                first,
                Spread.of(cold),
                Spread.of(folded),
                Spread.of(further),
                Math.max(0, held));
    }

    private static List<Contestant> peers(@Nullable Contestant folded, @Nullable Contestant whole) {
        List<Contestant> peers = new ArrayList<>();
        if (folded != null) {
            peers.add(folded);
        }
        if (whole != null) {
            peers.add(whole);
        }
        return peers;
    }

    /** Bytes in use on the heap after the collector went through it: the serial one leaves dead wood but every fourth time. */
    private static double used() {
        for (int k = 0; k < 4; k++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** ngspice on one form of the netlist. */
    private static final class Contestant implements AutoCloseable {
        private final Circuit original;
        private final Norton norton;
        private final Circuit circuit;
        private final boolean full;
        private final SpicePeer peer;
        private final List<Double> ops = new ArrayList<>();
        private final List<Double> alters = new ArrayList<>();
        private double cold;
        private double difference;
        private int iterations;

        Contestant(Circuit original, Norton norton, boolean full) throws IOException {
            this.original = original;
            this.norton = norton;
            this.full = full;
            this.circuit = full ? original : norton.circuit();
            this.peer = SpicePeer.start(circuit, Duration.ofHours(2));
        }

        void first(Solution ours) throws IOException {
            SpicePeer.Answer answer = peer.cold();
            cold = answer.opSeconds();
            compare(answer, ours);
        }

        void further(double[] values, Solution ours) throws IOException {
            SpicePeer.Answer answer = peer.warm(full ? values : norton.sources(values));
            ops.add(answer.opSeconds());
            alters.add(answer.alterSeconds());
            compare(answer, ours);
        }

        private void compare(SpicePeer.Answer answer, Solution ours) {
            iterations = answer.iterations();
            difference = Math.max(difference, difference(original, ours.volts(), circuit, answer.volts()));
        }

        Theirs told() throws IOException {
            return new Theirs(cold, Spread.of(ops), Spread.of(alters), iterations, difference, peer.mostMemory());
        }

        @Override
        public void close() {
            peer.close();
        }
    }

    /** The largest difference of voltages at nodes of the same name. */
    static double difference(Circuit ours, double[] volts, Circuit theirs, double[] others) {
        Map<String, Integer> places = new HashMap<>();
        for (int node = 0; node < volts.length; node++) {
            places.put(ours.nodes().get(node), node);
        }
        double largest = 0;
        for (int node = 1; node < others.length; node++) {
            Integer place = places.get(theirs.nodes().get(node));
            if (place != null) {
                largest = Math.max(largest, Math.abs(volts[place] - others[node]));
            }
        }
        return largest;
    }

    // Growth

    private void grow(boolean withPeer, List<Size> sizes) throws UnsolvableException, IOException {
        for (double nodes = 100; nodes <= 1.01 * most; nodes *= Math.sqrt(10)) {
            int side = (int) Math.round(Math.sqrt(nodes));
            shared.say("grid of " + side * side + " nodes ...");
            Net net = new Net("grid:" + side * side, Nets.grid(side, seed), false);
            Norton norton = Norton.of(net.circuit);
            Ours ours = ours(
                    net, norton, values(net.circuit), Math.min(turns, side * side < 50_000 ? turns : 1), List.of());
            double peerCold = Double.NaN;
            if (withPeer && side * side <= MOST_FOR_PEER) {
                try (SpicePeer peer = SpicePeer.start(norton.circuit(), Duration.ofHours(2))) {
                    peerCold = peer.cold().opSeconds();
                }
            }
            sizes.add(new Size(side * side, ours, peerCold));
            shared.say(line(sizes.getLast()));
        }
    }

    private static List<Plot.Curve> curves(List<Size> sizes) {
        double[] nodes = sizes.stream().mapToDouble(Size::nodes).toArray();
        return List.of(
                new Plot.Curve(
                        "cold",
                        nodes,
                        sizes.stream()
                                .mapToDouble(size -> size.ours.cold.median())
                                .toArray()),
                new Plot.Curve(
                        "further input",
                        nodes,
                        sizes.stream()
                                .mapToDouble(size -> size.ours.input.median())
                                .toArray()),
                new Plot.Curve(
                        "ngspice, cold",
                        nodes,
                        sizes.stream().mapToDouble(Size::peerCold).toArray()),
                new Plot.Curve(
                        "held by the solver",
                        nodes,
                        sizes.stream().mapToDouble(size -> size.ours.heldBytes).toArray()));
    }

    private static String fitted(Plot.Curve curve) {
        double exponent = curve.exponent(FITTED_FROM);
        return Double.isNaN(exponent)
                ? curve.word()
                : String.format(Locale.ROOT, "%s ~ n^%.2f", curve.word(), exponent);
    }

    private static Plot.Curve called(Plot.Curve curve) {
        return new Plot.Curve(fitted(curve), curve.x(), curve.y());
    }

    private static List<Plot.Panel> panels(List<Size> sizes) {
        List<Plot.Curve> curves = curves(sizes).stream().map(SolveBench::called).toList();
        return List.of(
                Plot.Panel.logarithmic("processor time, s", "nodes of a grid with diodes", curves.subList(0, 3)),
                Plot.Panel.logarithmic("memory, bytes", "nodes of a grid with diodes", curves.subList(3, 4)));
    }

    private static Map<String, Object> growth(List<Size> sizes) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put(
                "sizes",
                sizes.stream()
                        .map(size -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("nodes", size.nodes);
                            one.put("ours", size.ours.json());
                            one.put("peerColdSeconds", Double.isNaN(size.peerCold) ? null : size.peerCold);
                            return one;
                        })
                        .toList());
        object.put("fittedFromNodes", FITTED_FROM);
        Map<String, Object> exponents = new LinkedHashMap<>();
        List<String> words = List.of("cold", "input", "peerCold", "heldBytes");
        List<Plot.Curve> curves = curves(sizes);
        for (int k = 0; k < words.size(); k++) {
            double exponent = curves.get(k).exponent(FITTED_FROM);
            exponents.put(words.get(k), Double.isNaN(exponent) ? null : exponent);
        }
        object.put("exponents", exponents);
        return object;
    }

    // Telling

    private List<String> lines(@Nullable Integer version, List<Row> rows, List<Size> sizes) {
        List<String> lines = new ArrayList<>();
        lines.add(Machine.here().line());
        if (version != null) {
            lines.add("peer: " + SpicePeer.configuration(version));
        }
        lines.add("processor time; median and span of " + turns + " turns");
        for (Row row : rows) {
            lines.add("");
            lines.add(String.format(
                    Locale.ROOT,
                    "%s: %d nodes, %d resistors, %d diodes",
                    row.net.word,
                    row.net.circuit.nodes().size() - 1,
                    row.net.circuit.resistors().size(),
                    diodes(row.net.circuit)));
            Ours ours = row.ours;
            lines.add(String.format(
                    Locale.ROOT,
                    "  ours (%s): cold %s (inputs folded before: %s), first of all %s, further input %s; %d iterations, residual %.1e, "
                            + "keeps %.3g MB",
                    ours.solver,
                    ours.cold.seconds(),
                    ours.folded.seconds(),
                    ours.first < PROGRAM_CLOCK_SECONDS ? "under 10 ms" : Spread.time(ours.first),
                    ours.input.seconds(),
                    ours.iterations,
                    ours.residual,
                    ours.heldBytes / 1e6));
            peer("inputs folded (Norton)", row, row.norton, ours.folded, lines);
            peer("full netlist", row, row.full, ours.cold, lines);
        }
        if (!sizes.isEmpty()) {
            lines.add("");
            lines.add(String.format(
                    Locale.ROOT,
                    "%9s  %10s  %13s  %9s  %11s  %13s",
                    "grid",
                    "cold",
                    "further input",
                    "residual",
                    "keeps",
                    "ngspice, cold"));
            for (Size size : sizes) {
                lines.add(line(size));
            }
            lines.add("fitted from " + (int) FITTED_FROM + " nodes on: "
                    + String.join(
                            ", ", curves(sizes).stream().map(SolveBench::fitted).toList()));
        }
        return lines;
    }

    private static String line(Size size) {
        return String.format(
                Locale.ROOT,
                "%9d  %10s  %13s  %9.1e  %8.3g MB  %13s",
                size.nodes,
                Spread.time(size.ours.cold.median()),
                Spread.time(size.ours.input.median()),
                size.ours.residual,
                size.ours.heldBytes / 1e6,
                Double.isNaN(size.peerCold) ? "-" : Spread.time(size.peerCold));
    }

    private static void peer(String form, Row row, @Nullable Theirs theirs, Spread cold, List<String> lines) {
        if (theirs == null) {
            return;
        }
        lines.add(String.format(
                Locale.ROOT,
                "  ngspice, %s: cold %s, op %s after alter %s; %d iterations, differs by %.1e V at most",
                form,
                Spread.time(theirs.cold),
                theirs.op.seconds(),
                theirs.alter.seconds(),
                theirs.iterations,
                theirs.differenceVolts));
        double input = row.ours.input.median();
        lines.add(String.format(
                Locale.ROOT,
                "    over ours: cold over cold %.3g (over first of all %.3g), op alone over further input %.3g (with alter %.3g), "
                        + "cold over further input %.3g",
                theirs.cold / cold.median(),
                theirs.cold / Math.max(row.ours.first, PROGRAM_CLOCK_SECONDS),
                theirs.op.median() / input,
                (theirs.op.median() + theirs.alter.median()) / input,
                theirs.cold / input));
    }
}
