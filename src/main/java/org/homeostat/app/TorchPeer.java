package org.homeostat.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A learning step in PyTorch at work, as a peer to be measured against: one process ({@code sim/peers/NAME.py}), one thread,
 * which does as many steps as it is told each time.
 *
 * <p>Thread rule: one caller at a time.
 */
final class TorchPeer implements AutoCloseable {

    private static final List<String> FILES = List.of("measured.py", "hopfield.py", "drn.py");

    /** Where Python is looked for: first on the path, then where Debian's is, whose packages another may not see. */
    private static final List<String> USUAL = List.of("python3", "/usr/bin/python3");

    private static final int LAST_WORDS = 6;
    private static final long SECONDS_TO_IMPORT = 120;

    private final Path folder;
    private final Process process;
    private final BufferedReader says;
    private final Writer told;

    /**
     * What it did in a turn.
     *
     * @param cpuSeconds processor time of each step
     * @param sweeps of each phase, mean
     * @param trainingError the part of answers that were wrong before their step
     * @param torch its version
     * @param productFlops operations a second of the largest product of a step
     */
    record Turn(
            List<Double> cpuSeconds, List<Double> sweeps, double trainingError, String torch, double productFlops) {}

    private TorchPeer(Path folder, Process process) {
        this.folder = folder;
        this.process = process;
        this.says = process.inputReader(StandardCharsets.UTF_8);
        this.told = process.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * A Python that has PyTorch.
     *
     * @param given the one to ask; null for the usual ones
     * @return null where none has
     */
    static @Nullable String python(@Nullable String given) {
        for (String program : given == null ? USUAL : List.of(given)) {
            if (imports(program)) {
                return program;
            }
        }
        return null;
    }

    private static boolean imports(String program) {
        try {
            Process asked = new ProcessBuilder(program, "-c", "import torch")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            asked.getOutputStream().close();
            if (!asked.waitFor(SECONDS_TO_IMPORT, TimeUnit.SECONDS)) {
                asked.destroyForcibly();
                return false;
            }
            return asked.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Starts one.
     *
     * @param python the program
     * @param net {@code hopfield} or {@code drn}
     * @param arguments those of the script
     * @throws IOException if it cannot be started
     */
    static TorchPeer start(String python, String net, List<String> arguments) throws IOException {
        Path folder = Files.createTempDirectory("homeostat-torch");
        try {
            for (String file : FILES) {
                try (InputStream in = TorchPeer.class.getResourceAsStream("/sim/peers/" + file)) {
                    if (in == null) {
                        throw new IOException("this build lacks sim/peers/" + file);
                    }
                    Files.copy(in, folder.resolve(file));
                }
            }
            List<String> command =
                    new ArrayList<>(List.of(python, folder.resolve(net + ".py").toString(), "--turns"));
            command.addAll(arguments);
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            // What its libraries may not do behind its back.
            for (String limit : List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")) {
                builder.environment().put(limit, "1");
            }
            builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
            return new TorchPeer(folder, builder.start());
        } catch (IOException e) {
            SpicePeer.removed(folder);
            throw e;
        }
    }

    /** Waits until it is warmed up. */
    void ready() throws IOException {
        var unused = answer();
    }

    /**
     * Lets it learn.
     *
     * @param steps how many batches
     * @throws IOException if it does not answer; the sentence holds its last words
     */
    Turn turn(int steps) throws IOException {
        told.write(steps + "\n");
        told.flush();
        return turn(answer());
    }

    /** A turn as it tells it. */
    static Turn turn(JsonNode node) throws IOException {
        try {
            return new Turn(
                    numbers(node.required("perStep")),
                    numbers(node.required("sweeps")),
                    node.required("trainingError").asDouble(),
                    node.required("torch").asString(),
                    node.required("productFlops").asDouble());
        } catch (IllegalArgumentException | JacksonException e) {
            throw new IOException("the peer in PyTorch answered " + node + ", which lacks what was asked", e);
        }
    }

    private static List<Double> numbers(JsonNode array) {
        List<Double> numbers = new ArrayList<>();
        array.forEach(number -> numbers.add(number.asDouble()));
        return numbers;
    }

    private JsonNode answer() throws IOException {
        Deque<String> words = new ArrayDeque<>();
        while (true) {
            String line = says.readLine();
            if (line == null) {
                throw new IOException("the peer in PyTorch ended; its last words: " + String.join(" | ", words));
            }
            if (line.startsWith("{")) {
                try {
                    return JsonMapper.shared().readTree(line);
                } catch (JacksonException e) {
                    throw new IOException("the peer in PyTorch said " + line, e);
                }
            }
            words.add(line.strip());
            if (words.size() > LAST_WORDS) {
                words.remove();
            }
        }
    }

    /** Ends the process and removes its files. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
        SpicePeer.removed(folder);
    }
}
