package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.homeostat.app.Session.Ended;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.jspecify.annotations.Nullable;

/**
 * Runs on a disk that fails at every operation in turn: the process that {@link DiskFaultsIT} starts with {@code sim/lab/disk.c} between
 * it and the file system. It ends with 1 at the first thing that is not as it should be.
 */
final class FailingDisk {

    private static final String EXPERIMENT = """
            experiment: moons
            device: twin:resistor-array-v1
            data: {generate: two-moons, rows: 12, noise: 0.1}
            epochs: 6
            """;

    /** What a driven channel of the board is given when it is switched on, and when it is to be safe. */
    private static final String SAFE = "2048";

    /** What goes wrong, in the order of {@code sim/lab/disk.c}. */
    private enum Fault {
        NONE,
        FULL,
        ERROR,
        UNFORCED
    }

    /** Calls to the file system, in the order of {@code sim/lab/disk.c}. */
    private enum Operation {
        NONE,
        OPEN,
        READ,
        WRITE,
        SYNC,
        RENAME,
        MAKE,
        REMOVE,
        CUT
    }

    private final Path home;
    private final Path experiment;
    private final MappedByteBuffer control;
    private final Map<String, Integer> sentences = new TreeMap<>();

    private FailingDisk(Path home, Path control) throws IOException {
        this.home = home;
        experiment = Files.writeString(home.resolve("moons.yaml"), EXPERIMENT);
        try (FileChannel channel = FileChannel.open(control, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            this.control = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size());
            this.control.order(ByteOrder.nativeOrder());
        }
    }

    /**
     * Fails at each of the first operations, and at every so many of those that follow.
     *
     * @param arguments the home, of which the folder {@code runs} is watched; the control file; the program that is the board, or
     *     nothing for a twin; the number of first operations; the last; every how many
     */
    public static void main(String[] arguments) throws IOException {
        FailingDisk disk = new FailingDisk(Path.of(arguments[0]), Path.of(arguments[1]));
        int first = Integer.parseInt(arguments[3]);
        int last = Integer.parseInt(arguments[4]);
        int every = Integer.parseInt(arguments[5]);
        disk.fails(arguments[2].isEmpty() ? null : Path.of(arguments[2]), first, last, every);
    }

    private void fails(@Nullable Path board, int first, int last, int every) throws IOException {
        Path undisturbed = home.resolve("undisturbed");
        trained(undisturbed, board).ended(Main.DONE);
        StoredRun wanted = StoredRun.in(undisturbed);
        List<String> wrong = new ArrayList<>();
        for (Fault fault : List.of(Fault.FULL, Fault.ERROR, Fault.UNFORCED)) {
            Map<Integer, double[]> checkpoints = new HashMap<>();
            Map<Operation, Integer> refused = new TreeMap<>();
            Map<String, Integer> harmless = new TreeMap<>();
            for (int at = 1; at <= last; at += at < first ? 1 : every) {
                try {
                    Trial trial = failed(fault, at, board, wanted, checkpoints);
                    refused.merge(trial.operation, 1, Integer::sum);
                    if (trial.ended.code() == Main.DONE) {
                        harmless.merge(
                                trial.operation + " " + Path.of(trial.path).getFileName(), 1, Integer::sum);
                    }
                } catch (AssertionError | RuntimeException e) {
                    wrong.add(fault + " at operation " + at + ": " + e.getMessage());
                }
            }
            System.out.println(fault + ", " + (board == null ? "twin" : "firmware") + ": refused " + refused
                    + ", of which " + harmless + " did no harm; " + checkpoints.size() + " different checkpoints");
        }
        sentences.forEach((sentence, times) -> System.out.println(times + " x " + sentence));
        assertThat(wrong).isEmpty();
    }

    /** What was refused first, and how the program ended. */
    private record Trial(Operation operation, String path, int replaced, Ended ended) {}

    private Ended trained(Path runs, @Nullable Path board) throws IOException {
        String device =
                board == null ? "twin:resistor-array-v1" : "process:" + board + " --free --seed 1 --trace " + trace();
        return ended(
                "train",
                experiment.toString(),
                "--device",
                device,
                "--checkpoint-every",
                "0",
                "--runs",
                runs.toString());
    }

    private Ended resumed(Path runs) throws IOException {
        return ended("train", "--resume", "latest", "--runs", runs.toString());
    }

    /** Whatever became of it, it has left its board safe. */
    private Ended ended(String... command) throws IOException {
        Files.deleteIfExists(trace());
        Ended ended = Session.plain(command);
        if (Files.exists(trace())) {
            requireSafe(trace());
        }
        return ended;
    }

    private Path trace() {
        return home.resolve("trace");
    }

    /** A board's inputs and nudges are where its firmware put them last. */
    private static void requireSafe(Path trace) throws IOException {
        Map<String, String> codes = new TreeMap<>();
        for (String line : Files.readAllLines(trace)) {
            String[] words = line.split(" ");
            if (words[1].equals("set")) {
                codes.put(words[2] + " " + words[3], words[4]);
            }
        }
        assertThat(codes.values()).as("the board's outputs %s", codes).containsOnly(SAFE);
    }

    private void choose(Fault fault, int at) {
        control.putInt(0, fault.ordinal());
        control.putInt(4, at);
        for (int field = 8; field < control.capacity(); field += 4) {
            control.putInt(field, 0);
        }
    }

    private Trial disturbed(Fault fault, int at, Path runs, @Nullable Path board) throws IOException {
        choose(fault, at);
        try {
            Ended ended = trained(runs, board);
            byte[] path = new byte[control.capacity() - 24];
            control.get(24, path);
            return new Trial(
                    Operation.values()[control.getInt(16)],
                    new String(path, StandardCharsets.UTF_8).replace("\0", ""),
                    control.getInt(20),
                    ended);
        } finally {
            choose(Fault.NONE, 0);
        }
    }

    private Trial failed(
            Fault fault, int at, @Nullable Path board, StoredRun wanted, Map<Integer, double[]> checkpoints)
            throws IOException {
        Path runs = home.resolve("runs").resolve(fault + "-" + at);
        Trial trial = disturbed(fault, at, runs, board);
        if (trial.ended.code() != Main.DONE) {
            requireSentence(trial);
        }
        RunStore store = new RunStore(runs);
        if (store.list().isEmpty()) {
            // It had not begun: nothing is lost, and nothing is in the way.
            trained(runs, board).ended(Main.DONE);
        } else {
            RunFolder stored = store.list().getLast();
            requireLast(stored, trial, checkpoints);
            if (stored.record().status() != Status.DONE) {
                resumed(runs).ended(Main.DONE);
            }
        }
        StoredRun made = StoredRun.in(runs);
        if (board == null) {
            made.requireSameAs(wanted);
        }
        made.folder().delete();
        return trial;
    }

    private void requireSentence(Trial trial) {
        String said = trial.ended.err();
        assertThat(trial.operation).as(said).isNotEqualTo(Operation.NONE);
        assertThat(trial.ended.code()).as(said).isIn(Main.FAILED, Main.BAD_INPUT);
        Path refused = Path.of(trial.path.replaceFirst("\\.new$", ""));
        Path named = trial.operation == Operation.MAKE ? refused.getParent() : refused;
        assertThat(said)
                .doesNotContain("mistake in the program")
                .contains(String.valueOf(named))
                .contains("MB left");
        sentences.merge(
                trial.operation + ": "
                        + said.replace(home.toString(), "")
                                .replaceAll("[A-Z]+-\\d+/[-0-9]+-moons", "RUN")
                                .replaceAll("\\d+", "N")
                                .strip(),
                1,
                Integer::sum);
    }

    /** The checkpoint is the one that took its name last: the same wherever the disk failed between two of them. */
    private static void requireLast(RunFolder stored, Trial trial, Map<Integer, double[]> checkpoints) {
        assertThat(stored.hasCheckpoint()).isEqualTo(trial.replaced > 0);
        if (trial.replaced > 0 && trial.ended.code() != Main.DONE) {
            double[] parameters = stored.parameters().orElse(new double[0]);
            double[] earlier = checkpoints.putIfAbsent(trial.replaced, parameters);
            if (earlier != null) {
                assertThat(parameters).containsExactly(earlier);
            }
        }
    }
}
