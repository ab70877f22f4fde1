package org.homeostat.app;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.fleet.Agent;
import org.homeostat.fleet.Hosted;
import org.homeostat.link.Broker;
import org.homeostat.link.MqttLink;
import org.homeostat.run.BadInput;
import org.homeostat.run.Counted;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "fleet",
        sortOptions = false,
        description = {
            "Measures many boards behind one broker, which has to run already.",
            "Twins, an agent for each, and a controller for each are all in this process."
        })
final class FleetBench implements Callable<Integer> {

    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration SILENCE = Duration.ofSeconds(2);
    private static final double WARM_SECONDS = 3;

    @Mixin
    Shared shared;

    @Mixin
    Entrance entrance;

    @Option(
            names = "--boards",
            paramLabel = "N",
            description = "How many (default: ${DEFAULT-VALUE}).",
            defaultValue = "64")
    int boards;

    @Option(
            names = "--rate",
            paramLabel = "HZ",
            description = "Exchanges a second with each (default: ${DEFAULT-VALUE}).",
            defaultValue = "100")
    double rate;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "For how long, after a few seconds to warm up (default: ${DEFAULT-VALUE}).",
            defaultValue = "60")
    double seconds;

    /**
     * What one controller saw.
     *
     * @param took round trips, in seconds
     * @param late how long after its time each exchange was begun, in seconds
     */
    private record Seen(double[] took, double[] late, long resent) {}

    @Override
    public Integer call() throws Exception {
        if (entrance.url == null) {
            throw new BadInput("--broker: say which broker is measured, such as --broker mqtt://localhost:1883");
        }
        if (boards < 1 || boards > 10_000 || !(rate > 0 && rate <= 10_000) || !(seconds > 0 && seconds <= 86_400)) {
            throw new BadInput("expected --boards from 1 to 10000, --rate up to 10000, and --seconds up to 86400");
        }
        Path folder = Files.createTempDirectory("homeostat-bench");
        List<AutoCloseable> open = new ArrayList<>();
        try {
            return measured(entrance.broker(), folder, open);
        } finally {
            for (AutoCloseable each : open.reversed()) {
                each.close();
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList().reversed()) {
                    Files.delete(file);
                }
            }
        }
    }

    private int measured(Broker broker, Path folder, List<AutoCloseable> open) throws Exception {
        List<Counted> twins = new ArrayList<>();
        List<BoardDevice> controlled = new ArrayList<>();
        for (int i = 0; i < boards; i++) {
            String name = "bench-" + ProcessHandle.current().pid() + "-" + i;
            Counted twin = new Counted(
                    shared.catalog().open("twin:resistor-array-v1?seed=" + i).device());
            twins.add(twin);
            controlled.add(board(broker, name, twin, folder, open));
        }
        List<Long> before = new ArrayList<>();
        OperatingSystemMXBean machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        shared.say(boards + " boards offered at " + broker + " and armed; measuring for " + seconds + " s");
        List<Seen> seen = new ArrayList<>();
        double cpuSeconds;
        double wallSeconds;
        try (ExecutorService controllers = Executors.newFixedThreadPool(boards)) {
            run(controllers, controlled, WARM_SECONDS);
            twins.forEach(twin -> before.add(twin.exchanges()));
            long cpu = machine.getProcessCpuTime();
            long start = System.nanoTime();
            seen.addAll(run(controllers, controlled, seconds));
            wallSeconds = 1e-9 * (System.nanoTime() - start);
            cpuSeconds = 1e-9 * (machine.getProcessCpuTime() - cpu);
        }
        long made = 0;
        for (int i = 0; i < boards; i++) {
            made += twins.get(i).exchanges() - before.get(i);
        }
        report(broker, seen, made, cpuSeconds, wallSeconds);
        return Main.DONE;
    }

    private BoardDevice board(Broker broker, String name, Device twin, Path folder, List<AutoCloseable> open)
            throws IOException, InterruptedException {
        Hosted hosted = new Hosted("twin:" + name, twin);
        open.add(hosted);
        Agent agent = Agent.start(
                broker, new Agent.Offer(name, "twin:" + name, hosted, Main.version()), folder, sentence -> {});
        open.add(agent);
        if (!agent.offered(START)) {
            throw new BadInput("board " + name + " was not offered at " + broker + " in time; does it run, and does it "
                    + "let this program in?");
        }
        BoardDevice board = BoardDevice.open(
                broker + "/" + name,
                MqttLink.opener(broker, name, "bench fleet"),
                new BoardDevice.Settings(SILENCE, BoardDevice.Settings.USUAL.greeting()));
        open.add(board);
        board.arm();
        return board;
    }

    private List<Seen> run(ExecutorService controllers, List<BoardDevice> controlled, double seconds)
            throws InterruptedException {
        long start = System.nanoTime() + 100_000_000;
        List<Future<Seen>> running = new ArrayList<>();
        for (int i = 0; i < controlled.size(); i++) {
            BoardDevice board = controlled.get(i);
            // Spread over the period: a rack of boards has no common beat.
            long first = start + (long) (1e9 / rate * i / controlled.size());
            int seed = i;
            running.add(controllers.submit(() -> driven(board, first, (int) (rate * seconds), seed)));
        }
        List<Seen> seen = new ArrayList<>();
        for (Future<Seen> each : running) {
            try {
                seen.add(each.get());
            } catch (ExecutionException failed) {
                throw failed.getCause() instanceof RuntimeException broken
                        ? broken
                        : new IllegalStateException(failed.getCause());
            }
        }
        return seen;
    }

    private Seen driven(BoardDevice board, long first, int count, int seed) {
        Descriptor card = board.descriptor();
        SplittableRandom random = new SplittableRandom(seed);
        double[] took = new double[count];
        double[] late = new double[count];
        long resent = board.troubles()[0];
        for (int i = 0; i < count; i++) {
            long due = first + (long) (1e9 / rate * i);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
            }
            double[] inputs = new double[card.count(Role.INPUT)];
            Arrays.setAll(inputs, channel -> 2 * random.nextDouble() - 1);
            long began = System.nanoTime();
            var unused = board.present(Stimulus.of(Levels.of(Role.INPUT, inputs)), Deadline.in(LIMIT));
            took[i] = 1e-9 * (System.nanoTime() - began);
            late[i] = 1e-9 * (began - due);
        }
        return new Seen(took, late, board.troubles()[0] - resent);
    }

    private void report(Broker broker, List<Seen> seen, long made, double cpuSeconds, double wallSeconds) {
        double[] took =
                seen.stream().flatMapToDouble(each -> Arrays.stream(each.took)).toArray();
        double[] late =
                seen.stream().flatMapToDouble(each -> Arrays.stream(each.late)).toArray();
        long resent = seen.stream().mapToLong(Seen::resent).sum();
        Percentile trips = new Percentile();
        trips.setData(took);
        Percentile lateness = new Percentile();
        lateness.setData(late);
        // Each was answered, else this would not be reached; what was made besides would have been made twice.
        long lost = Math.max(0, took.length - made);
        long twice = Math.max(0, made - took.length);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("broker", broker.toString());
        object.put("boards", boards);
        object.put("rate", rate);
        object.put("seconds", wallSeconds);
        object.put("asked", took.length);
        object.put("made", made);
        object.put("lost", lost);
        object.put("twice", twice);
        object.put("resent", resent);
        object.put("medianSeconds", trips.evaluate(50));
        object.put("p99Seconds", trips.evaluate(99));
        object.put("maxSeconds", trips.evaluate(100));
        object.put("lateP99Seconds", lateness.evaluate(99));
        object.put("exchangesPerSecond", took.length / wallSeconds);
        object.put("processors", cpuSeconds / wallSeconds);
        shared.print(
                object,
                List.of(
                        String.format(
                                Locale.ROOT,
                                "%d boards, %.0f exchanges/s in all for %.1f s: %d asked, %d lost, %d made twice, %d frames "
                                        + "sent again",
                                boards,
                                took.length / wallSeconds,
                                wallSeconds,
                                took.length,
                                lost,
                                twice,
                                resent),
                        String.format(
                                Locale.ROOT,
                                "  round trip: median %.2f ms, p99 %.2f ms, longest %.1f ms; begun late by p99 %.2f ms",
                                1e3 * trips.evaluate(50),
                                1e3 * trips.evaluate(99),
                                1e3 * trips.evaluate(100),
                                1e3 * lateness.evaluate(99)),
                        String.format(
                                Locale.ROOT,
                                "  twins, agents and controllers in this process kept %.2f processors busy",
                                cpuSeconds / wallSeconds)));
    }
}
