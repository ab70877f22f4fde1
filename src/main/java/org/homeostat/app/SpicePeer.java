package org.homeostat.app;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Element;
import org.homeostat.circuit.Netlist;
import org.jspecify.annotations.Nullable;

/**
 * The program ngspice at work on one circuit, as a peer to be measured against: one process, told over a pipe. The first
 * answer is cold (start, reading the netlist, an operating point); each further one is warm: {@code alter} of what changed, and
 * {@code op}. It is asked for the sparse solver KLU, which builds before 41 do not have and pass over in silence.
 *
 * <p>Ideal diodes become near-ideal ones, {@code IS=1e-12 N=1e-4}: about 7e-5 V from ideal at currents of a milliampere.
 *
 * <p>Thread rule: one caller at a time.
 */
final class SpicePeer implements AutoCloseable {

    /** How it is set: no looser than the residuals that it is compared at. */
    static final String OPTIONS = "klu noacct reltol=1e-6 vntol=1e-9 abstol=1e-15 gmin=1e-15 itl1=1000 itl2=1000";

    private static final String PROGRAM = "ngspice";
    private static final Pattern VERSION = Pattern.compile("ngspice-(\\d+)");
    private static final Pattern ITERATIONS = Pattern.compile("Total iterations = (\\d+)");

    /** What it says after a command is done, so that one knows. */
    private static final String MARK = "homeostat-mark";

    private static final String ANSWER = "answer.raw";
    private static final int LAST_WORDS = 6;
    private static final Duration TO_TELL_ITS_VERSION = Duration.ofSeconds(20);

    /** The first with KLU. */
    private static final int WITH_KLU = 41;

    private final Circuit circuit;
    private final List<Element> sources;
    private final double[] standing;
    private final Path folder;
    private final Duration patience;
    private final Process process;
    private final BufferedReader says;
    private final Writer told;
    private int iterations;

    /**
     * An operating point and what it cost.
     *
     * @param volts of each node of the circuit, ground first
     * @param opSeconds processor time of {@code op}; of a cold answer, of everything from the start of the process on
     * @param alterSeconds processor time of the {@code alter}s before it
     * @param iterations Newton steps
     */
    record Answer(double[] volts, double opSeconds, double alterSeconds, int iterations) {
        double seconds() {
            return opSeconds + alterSeconds;
        }
    }

    private SpicePeer(Circuit circuit, Path folder, Duration patience, Process process) {
        this.circuit = circuit;
        this.sources = circuit.sources();
        this.standing = sources.stream().mapToDouble(SpicePeer::value).toArray();
        this.folder = folder;
        this.patience = patience;
        this.process = process;
        this.says = process.inputReader(StandardCharsets.ISO_8859_1);
        this.told = process.outputWriter(StandardCharsets.ISO_8859_1);
    }

    /** The version of the ngspice that is installed, such as 39; null where there is none. */
    static @Nullable Integer version() {
        try {
            Process asked = new ProcessBuilder(PROGRAM, "--version")
                    .redirectErrorStream(true)
                    .start();
            asked.getOutputStream().close();
            String answer = new String(asked.getInputStream().readNBytes(10_000), StandardCharsets.ISO_8859_1);
            if (!asked.waitFor(TO_TELL_ITS_VERSION.toSeconds(), TimeUnit.SECONDS)) {
                asked.destroyForcibly();
            }
            Matcher matcher = VERSION.matcher(answer);
            return matcher.find() ? Integer.valueOf(matcher.group(1)) : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /** The peer's name and how it is set, for people. */
    static String configuration(int version) {
        return "ngspice " + version + ", "
                + (version < WITH_KLU ? "without KLU (this build has its own sparse solver alone)" : "asked for KLU")
                + ", one process, alter and op; ideal diodes as IS=1e-12 N=1e-4; options " + OPTIONS;
    }

    /**
     * Starts it on a circuit, at the values that its sources have there.
     *
     * @param patience how long any one answer may take
     * @throws IOException if the program cannot be started
     */
    static SpicePeer start(Circuit circuit, Duration patience) throws IOException {
        Path folder = Files.createTempDirectory("homeostat-spice");
        try {
            try (BufferedWriter netlist = Files.newBufferedWriter(folder.resolve("netlist.cir"))) {
                Netlist.write(circuit, "a peer's circuit", netlist);
                netlist.write(".options " + OPTIONS + "\n.end\n");
            }
            ProcessBuilder builder = new ProcessBuilder(PROGRAM, "-n", "-p")
                    .directory(folder.toFile())
                    .redirectErrorStream(true);
            builder.environment().put("LC_ALL", "C");
            return new SpicePeer(circuit, folder, patience, builder.start());
        } catch (IOException e) {
            removed(folder);
            throw e;
        }
    }

    /**
     * The first answer, at the circuit's own sources.
     *
     * @throws IOException if there is none; the sentence holds the program's last words
     */
    Answer cold() throws IOException {
        ask(List.of("set filetype=binary", "source netlist.cir", "op"));
        double seconds = CpuTime.of(process.toHandle());
        return answered(seconds, 0);
    }

    /**
     * A further answer.
     *
     * @param values of each of the circuit's sources, in volts or amperes
     * @throws IOException if there is none; the sentence holds the program's last words
     */
    Answer warm(double[] values) throws IOException {
        double before = CpuTime.of(process.toHandle());
        ask(altered(sources, standing, values));
        System.arraycopy(values, 0, standing, 0, values.length);
        double altered = CpuTime.of(process.toHandle());
        ask(List.of("op"));
        double done = CpuTime.of(process.toHandle());
        return answered(done - altered, altered - before);
    }

    /** The most memory that it has held at once, in bytes; NaN where the system does not tell. */
    double mostMemory() throws IOException {
        return CpuTime.mostMemory(process.toHandle());
    }

    private Answer answered(double opSeconds, double alterSeconds) throws IOException {
        Path file = folder.resolve(ANSWER);
        Files.deleteIfExists(file);
        List<String> words = ask(List.of("write " + ANSWER, "rusage totiter", "destroy all"));
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("ngspice found no operating point; its last words: " + String.join(" | ", words), e);
        }
        int total = iterations;
        for (String line : words) {
            Matcher matcher = ITERATIONS.matcher(line);
            total = matcher.find() ? Integer.parseInt(matcher.group(1)) : total;
        }
        int steps = total - iterations;
        iterations = total;
        return new Answer(volts(circuit, bytes), opSeconds, alterSeconds, steps);
    }

    /** The voltages of a circuit's nodes in a raw file. */
    static double[] volts(Circuit circuit, byte[] raw) throws IOException {
        Map<String, Double> values;
        try {
            values = RawFile.parse(raw).values();
        } catch (MalformedRawException e) {
            throw new IOException("ngspice's file of results " + e.getMessage(), e);
        }
        double[] volts = new double[circuit.nodes().size()];
        for (int node = 1; node < volts.length; node++) {
            String name = circuit.nodes().get(node);
            Double value = values.get("v(" + name.toLowerCase(Locale.ROOT) + ")");
            if (value == null) {
                throw new IOException("ngspice's file of results has no voltage of node '" + name + "'");
            }
            volts[node] = value;
        }
        return volts;
    }

    /** The commands that change sources from one set of values to the next: none for what stays. */
    static List<String> altered(List<Element> sources, double[] from, double[] to) {
        if (to.length != sources.size()) {
            throw new IllegalArgumentException(to.length + " values for " + sources.size() + " sources");
        }
        List<String> commands = new ArrayList<>();
        for (int k = 0; k < to.length; k++) {
            if (to[k] != from[k]) {
                String letter = sources.get(k) instanceof Element.Voltage ? "v" : "i";
                String name = sources.get(k).name();
                // As Netlist writes it: SPICE tells a kind by the first letter.
                commands.add("alter " + (name.startsWith(letter) ? name : letter + "." + name) + " dc = " + to[k]);
            }
        }
        return commands;
    }

    private static double value(Element source) {
        return switch (source) {
            case Element.Voltage voltage -> voltage.volts();
            case Element.Current current -> current.amperes();
            default -> throw new IllegalArgumentException(source.name() + " is no source");
        };
    }

    /** Gives commands and waits until they are done; returns what it said meanwhile, the last few lines of it. */
    private List<String> ask(List<String> commands) throws IOException {
        CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        CompletableFuture<?> alarm = done.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((unused, late) -> {
                    if (late instanceof TimeoutException) {
                        process.destroyForcibly();
                    }
                });
        Deque<String> words = new ArrayDeque<>();
        try {
            for (String command : commands) {
                told.write(command + "\n");
            }
            told.write("echo " + MARK + "\n");
            told.flush();
            while (true) {
                String line = says.readLine();
                if (line == null) {
                    throw new IOException("it ended");
                }
                // A prompt may stand before it.
                if (line.endsWith(MARK)) {
                    return List.copyOf(words);
                }
                if (!line.isBlank()) {
                    words.add(line.strip());
                    if (words.size() > LAST_WORDS) {
                        words.remove();
                    }
                }
            }
        } catch (IOException e) {
            throw new IOException(
                    alarm.isCompletedExceptionally()
                            ? "ngspice gave no answer within " + patience.toSeconds() + " s"
                            : "ngspice ended; its last words: " + String.join(" | ", words),
                    e);
        } finally {
            done.complete(null);
        }
    }

    /** Ends the process and removes its files. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        removed(folder);
    }

    /** Removes a folder and what is in it. */
    static void removed(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            // In the system's folder for such files, which is swept by others.
        }
    }
}
