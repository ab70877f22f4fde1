package org.homeostat.app;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.homeostat.catalog.Catalog;
import org.homeostat.dashboard.Dashboard;
import org.homeostat.dashboard.Live;
import org.homeostat.dashboard.Shelf;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.run.BadInput;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "dashboard",
        sortOptions = false,
        description = {
            "Measures what it costs a run to be watched.",
            "By turns: exchanges that nobody sees, and exchanges that a page is shown."
        })
final class DashboardBench implements Callable<Integer> {

    private static final String LEARNER = "aeqprop-centered";
    private static final int ROWS = 40;
    private static final double NOISE = 0.1;
    private static final double TEST_PART = 0.25;
    private static final int MOST = 100_000_000;

    /** So many stimuli are made beforehand and presented in turn. */
    private static final int STIMULI = 256;

    @Mixin
    Shared shared;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "TWIN",
            description = "A twin (default: ${DEFAULT-VALUE}).",
            defaultValue = "twin:hopfield?hidden=8&outputs=64")
    String uri;

    @Option(
            names = "--exchanges",
            paramLabel = "N",
            description = "How many exchanges are watched in all (default: ${DEFAULT-VALUE}).",
            defaultValue = "1000000")
    int exchanges;

    @Option(
            names = "--turns",
            paramLabel = "N",
            description = "In how many turns (default: ${DEFAULT-VALUE}).",
            defaultValue = "10")
    int turns;

    @Option(
            names = "--pages",
            paramLabel = "N",
            description = "How many pages are open (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    int pages;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (turns < 1 || exchanges < turns || exchanges > MOST) {
            throw new BadInput("--exchanges: expected at least one a turn and at most " + MOST + ", not " + exchanges
                    + " in " + turns + " turns");
        }
        if (pages < 0 || pages > Byte.MAX_VALUE / 4) {
            throw new BadInput("--pages: expected 0 to " + Byte.MAX_VALUE / 4 + ", not " + pages);
        }
        if (!uri.startsWith("twin:")) {
            throw new BadInput("device '" + uri + "': expected a twin, such as twin:hopfield?outputs=64");
        }
        Path folder = Files.createTempDirectory("homeostat-bench");
        RunStore scratch = new RunStore(folder);
        Catalog catalog = new Catalog(scratch);
        Experiment experiment = new Experiment(
                "watched",
                uri,
                LEARNER,
                catalog.teaching(uri),
                Experiment.Source.moons(ROWS, NOISE),
                TEST_PART,
                1,
                1,
                catalog.known(uri).limits(),
                // A journal would cost more than the page does, and hide it.
                false);
        try (Training training = Training.begin(experiment, catalog, scratch)) {
            Shelf shelf = new Shelf(scratch, folder, null);
            try (Dashboard page = Dashboard.open(shelf, "127.0.0.1", 0)) {
                return measured(training, shelf, page);
            }
        } finally {
            for (var run : scratch.list()) {
                run.delete();
            }
            Files.delete(folder);
        }
    }

    private int measured(Training training, Shelf shelf, Dashboard page) throws InterruptedException {
        Device plain = training.dressed().device();
        Live live = training.shown();
        Device watched = live.around(plain);
        shelf.put(live);
        List<Stimulus> stimuli = stimuli(plain);
        int each = exchanges / turns;
        AtomicLong received = new AtomicLong();
        List<Double> costs = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        List<Double> own = new ArrayList<>();
        // Once for the compiler.
        var unused = taken(plain, stimuli, each);
        var unusedToo = taken(watched, stimuli, each);
        double serving = 0;
        for (int turn = 0; turn < turns; turn++) {
            Took alone = taken(plain, stimuli, each);
            Took seen;
            double before = CpuTime.ofThisProgram();
            try (HttpClient client = HttpClient.newHttpClient()) {
                List<Thread> readers = new ArrayList<>();
                for (int i = 0; i < pages; i++) {
                    readers.add(reader(client, page.address(live.name()), received));
                }
                seen = taken(watched, stimuli, each);
                readers.forEach(Thread::interrupt);
                client.shutdownNow();
            }
            serving += CpuTime.ofThisProgram() - before - seen.cpu;
            costs.add(seen.cpu / alone.cpu - 1);
            rates.add(1 - alone.wall / seen.wall);
            own.add((seen.cpu - alone.cpu) / each);
        }
        print(plain, Spread.of(costs), Spread.of(rates), Spread.of(own), serving, received.get());
        return Main.DONE;
    }

    private void print(Device plain, Spread costs, Spread rates, Spread own, double serving, long received) {
        int channels =
                plain.descriptor().count(Role.OUTPUT) + plain.descriptor().count(Role.MONITOR);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("device", uri);
        object.put("channels", channels);
        object.put("exchanges", exchanges);
        object.put("pages", pages);
        object.put("moreProcessorTime", costs.json());
        object.put("lowerRate", rates.json());
        object.put("secondsAnExchange", own.json());
        object.put("servingSeconds", serving);
        object.put("bytes", received);
        shared.print(
                object,
                List.of(
                        String.format(
                                Locale.ROOT,
                                "%s, %d channels, %,d exchanges watched by %d page%s in %d turns; median (least to largest)",
                                uri,
                                channels,
                                exchanges,
                                pages,
                                pages == 1 ? "" : "s",
                                turns),
                        "  processor time of the thread that trains " + percent(costs) + ", that is " + own.seconds()
                                + " an exchange",
                        "  lower rate by the clock                  " + percent(rates),
                        String.format(
                                Locale.ROOT,
                                "  serving the pages: %.2f s of processor time, %.1f MB",
                                serving,
                                received / 1e6)));
    }

    private static String percent(Spread spread) {
        return String.format(
                Locale.ROOT,
                "%+.1f %% (%+.1f to %+.1f)",
                100 * spread.median(),
                100 * spread.min(),
                100 * spread.max());
    }

    /** What a stretch of exchanges took, in seconds. */
    private record Took(double cpu, double wall) {}

    private static Took taken(Device device, List<Stimulus> stimuli, int exchanges) {
        double cpu = CpuTime.ofThisThread();
        long wall = System.nanoTime();
        Deadline limit = Deadline.in(java.time.Duration.ofHours(1));
        for (int i = 0; i < exchanges; i++) {
            var unused = device.present(stimuli.get(i % STIMULI), limit);
        }
        return new Took(CpuTime.ofThisThread() - cpu, (System.nanoTime() - wall) / 1e9);
    }

    private static List<Stimulus> stimuli(Device device) {
        SplittableRandom random = new SplittableRandom(1);
        List<Channel> inputs = device.descriptor().channels(Role.INPUT);
        List<Stimulus> stimuli = new ArrayList<>();
        for (int i = 0; i < STIMULI; i++) {
            double[] levels = inputs.stream()
                    .mapToDouble(channel -> random.nextDouble(channel.min(), channel.max()))
                    .toArray();
            stimuli.add(device.descriptor().question(Levels.of(Role.INPUT, levels)));
        }
        return stimuli;
    }

    /** A page that takes what it is told as fast as it can. */
    private static Thread reader(HttpClient client, URI page, AtomicLong received) {
        URI events = URI.create(page.toString().replaceFirst("/\\?", "/events?"));
        return Thread.ofVirtual().start(() -> {
            try (InputStream in = client.send(
                            HttpRequest.newBuilder(events).build(), HttpResponse.BodyHandlers.ofInputStream())
                    .body()) {
                byte[] some = new byte[65_536];
                for (int read = in.read(some); read >= 0; read = in.read(some)) {
                    received.addAndGet(read);
                }
            } catch (IOException | InterruptedException closed) {
                // The turn is over.
                return;
            }
        });
    }
}
