package org.homeostat.app;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Ability;
import org.homeostat.device.Card;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.link.Link;
import org.homeostat.link.LinkException;
import org.homeostat.link.PtyLink;
import org.homeostat.link.SerialLink;
import org.homeostat.run.BadInput;
import org.homeostat.wire.Bytes;
import org.homeostat.wire.Codec;
import org.homeostat.wire.FrameReader;
import org.homeostat.wire.Frames;
import org.homeostat.wire.Header;
import org.homeostat.wire.Layout;
import org.homeostat.wire.MalformedException;
import org.homeostat.wire.Message;
import org.homeostat.wire.Message.Result;
import org.homeostat.wire.Reason;
import org.homeostat.wire.State;
import org.homeostat.wire.WireResponse;
import org.homeostat.wire.WireRole;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "bench",
        sortOptions = false,
        description = "Measures this program on this machine.",
        subcommands = {
            Bench.Links.class,
            TwinBench.class,
            SolveBench.class,
            TrainBench.class,
            UniversalBench.class,
            BenchAll.class,
            RulesBench.class,
            FleetBench.class,
            DashboardBench.class
        })
final class Bench implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Override
    public Integer call() {
        shared.spec.commandLine().usage(shared.err());
        return Main.BAD_INPUT;
    }

    @Command(
            name = "link",
            sortOptions = false,
            description = {
                "Measures exchanges over a link: round trips, rates, and what they cost this computer.",
                "Without a device: against a raw echo on the same pseudo terminal, with a far end that answers at once.",
                "With a board: against what the line could carry at its baud rate, if there is a line."
            })
    static final class Links implements Callable<Integer> {

        private static final int BITS_A_BYTE = 10;
        private static final int TURNS = 10;
        private static final double BETA = 0.5;

        /** Steps in one call, so that batches are sent ahead. */
        private static final int TOGETHER = 32;

        @Mixin
        Shared shared;

        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "DEVICE",
                description = "A board, such as serial:/dev/ttyACM0?baud=1000000.")
        @Nullable
        String uri;

        @Option(
                names = "--trips",
                paramLabel = "N",
                description = "How many round trips each figure rests on (default: ${DEFAULT-VALUE}).",
                defaultValue = "2000")
        int trips;

        @Override
        public Integer call() {
            if (trips < 10 || trips > 10_000_000) {
                throw new BadInput("--trips: expected 10 to 10000000, not " + trips);
            }
            Map<String, Object> object = new LinkedHashMap<>();
            List<String> lines = new ArrayList<>();
            try {
                if (uri == null) {
                    onPty(object, lines);
                } else {
                    onBoard(uri, object, lines);
                }
            } catch (LinkException broken) {
                throw new BadInput(String.valueOf(broken.getMessage()), broken);
            }
            shared.print(object, lines);
            return Main.DONE;
        }

        // Against a raw echo

        private void onPty(Map<String, Object> object, List<String> lines) throws LinkException {
            Descriptor card = shared.catalog().card("resistor-array-v1");
            Counted counted = new Counted();
            Figures exchange;
            Figures raw;
            long bytes = 0;
            try (PtyLink pty = PtyLink.open()) {
                // One pseudo terminal for both, by turns, so that both have the same of what else the machine does.
                Far far = new Far(pty, card);
                Thread thread = new Thread(far, "far end");
                thread.setDaemon(true);
                thread.start();
                Link.Opener port = SerialLink.opener(pty.path(), SerialLink.BAUD, true);
                Stimulus free = stimulus(card, new SplittableRandom(1));
                List<Figures> exchanges = new ArrayList<>();
                List<Figures> echoes = new ArrayList<>();
                for (int turn = 0; turn <= TURNS; turn++) {
                    far.echo(false);
                    try (BoardDevice board =
                            BoardDevice.open("pty", () -> counted.over(port.open()), BoardDevice.Settings.USUAL)) {
                        board.arm();
                        counted.clear();
                        exchanges.add(measure(trips / TURNS, () -> board.present(free, limit())));
                    }
                    bytes = Math.max(counted.sent(), counted.received()) / (trips / TURNS);
                    far.echo(true);
                    byte[] message = new byte[(int) bytes];
                    Arrays.fill(message, (byte) 0x55);
                    try (Link link = port.open()) {
                        echoes.add(measure(trips / TURNS, () -> echo(link, message)));
                    }
                }
                far.stop = true;
                // The first turn warms up.
                exchange = Figures.of(exchanges.subList(1, exchanges.size()));
                raw = Figures.of(echoes.subList(1, echoes.size()));
            }
            object.put("device", "pty");
            object.put("trips", trips);
            object.put("bytes", bytes);
            object.put("raw", raw.json());
            object.put("exchange", exchange.json());
            object.put("ratio", exchange.median / raw.median);
            lines.add(String.format(
                    Locale.ROOT, "On a pseudo terminal, %,d round trips of up to %d bytes each way", trips, bytes));
            lines.add(raw.line("raw echo"));
            lines.add(exchange.line("exchange"));
            lines.add(String.format(
                    Locale.ROOT,
                    "  median of an exchange / median of the raw echo: %.2f",
                    exchange.median / raw.median));
        }

        private static void echo(Link link, byte[] message) throws LinkException {
            link.write(message, 0, message.length, 1_000_000_000);
            byte[] back = new byte[message.length];
            for (int got = 0; got < back.length; ) {
                int count = link.read(back, got, back.length - got, 1_000_000_000);
                if (count == 0) {
                    throw new BadInput("the raw echo did not come back within a second; the machine is too busy");
                }
                got += count;
            }
        }

        // Against what the line could carry

        private void onBoard(String uri, Map<String, Object> object, List<String> lines) throws LinkException {
            Counted counted = new Counted();
            Link.Opener opener = shared.catalog().link(uri);
            OptionalInt baud = shared.catalog().baud(uri);
            try (BoardDevice board =
                    BoardDevice.open(uri, () -> counted.over(opener.open()), BoardDevice.Settings.USUAL)) {
                board.arm();
                Descriptor card = board.descriptor();
                SplittableRandom random = new SplittableRandom(1);
                object.put("device", uri);
                object.put("trips", trips);
                object.put("window", board.window());
                lines.add(
                        uri + ": " + card.board() + ", window " + board.window() + ", " + trips + " round trips each");
                Stimulus free = stimulus(card, random);
                measure(trips / 4 + 1, () -> board.present(free, limit()));
                Figures exchange = measure(trips, () -> board.present(free, limit()));
                object.put("exchange", exchange.json());
                lines.add(exchange.line("exchange"));
                for (boolean codes : new boolean[] {false, true}) {
                    if (codes && !card.can(Ability.WRITABLE_PARAMETERS)) {
                        continue;
                    }
                    String what = codes ? "step with all codes" : "step of 3";
                    counted.clear();
                    Figures alone = measure(trips, () -> board.presentAll(step(card, random, codes), limit()));
                    double bits = BITS_A_BYTE * (double) (counted.sent() + counted.received()) / trips;
                    counted.clear();
                    int calls = Math.max(2, trips / TOGETHER);
                    Figures together = measure(calls, () -> board.presentAll(steps(card, random, codes), limit()));
                    double busier =
                            BITS_A_BYTE * (double) Math.max(counted.sent(), counted.received()) / calls / TOGETHER;
                    double rate = TOGETHER * calls / together.seconds;
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put("alone", alone.json());
                    one.put("stepsPerSecond", rate);
                    object.put(codes ? "stepWithCodes" : "step", one);
                    lines.add(alone.line(what));
                    if (baud.isEmpty()) {
                        lines.add(String.format(
                                Locale.ROOT,
                                "    alone %.0f steps/s; sent ahead %.0f steps/s",
                                trips / alone.seconds,
                                rate));
                        continue;
                    }
                    double aloneOfWire = bits / baud.getAsInt() * trips / alone.seconds;
                    double ofWire = rate * busier / baud.getAsInt();
                    one.put("ofWireAlone", aloneOfWire);
                    one.put("ofWire", ofWire);
                    lines.add(String.format(
                            Locale.ROOT,
                            "    alone %.0f steps/s, %.0f %% of what %d baud carry there and back; sent ahead %.0f steps/s, "
                                    + "%.0f %% of what they carry in the busier direction",
                            trips / alone.seconds,
                            100 * aloneOfWire,
                            baud.getAsInt(),
                            rate,
                            100 * ofWire));
                }
            }
        }

        private static Deadline limit() {
            return Deadline.in(Duration.ofSeconds(10));
        }

        private static Stimulus stimulus(Descriptor card, SplittableRandom random) {
            double[] row = card.channels(Role.INPUT).stream()
                    .mapToDouble(channel -> between(channel, random))
                    .toArray();
            return Stimulus.of(Levels.of(Role.INPUT, row)).when(card.plasticity());
        }

        private static double between(Channel channel, SplittableRandom random) {
            return channel.min() + (0.3 + 0.4 * random.nextDouble()) * (channel.max() - channel.min());
        }

        /** A whole step of equilibrium propagation: free, and nudged both ways. */
        private static List<Stimulus> step(Descriptor card, SplittableRandom random, boolean codes) {
            Stimulus free = stimulus(card, random);
            if (codes) {
                double[] levels = card.channels(Role.PARAMETER).stream()
                        .mapToDouble(channel -> between(channel, random))
                        .toArray();
                free = free.with(free.levels().and(Levels.of(Role.PARAMETER, levels)));
            }
            List<Stimulus> step = new ArrayList<>(List.of(free));
            for (double beta : new double[] {-BETA / 2, BETA / 2}) {
                Stimulus again = free.with(Levels.NONE);
                if (card.realises(Nudge.Kind.DIFFERENCE)) {
                    again = again.nudged(
                            new Nudge.Difference(beta, Levels.of(Role.OUTPUT, new double[card.count(Role.OUTPUT)])));
                }
                step.add(again);
            }
            return step;
        }

        private static List<Stimulus> steps(Descriptor card, SplittableRandom random, boolean codes) {
            List<Stimulus> steps = new ArrayList<>();
            for (int i = 0; i < TOGETHER; i++) {
                steps.addAll(step(card, random, codes));
            }
            return steps;
        }
    }

    /** Something to be timed. */
    private interface Exchange {
        void make() throws LinkException;
    }

    /** What some round trips took: seconds in all, and of each the median and the 99th percentile; cost of the calling thread. */
    private record Figures(double[] took, double seconds, double median, double p99, double cpu, double allocated) {

        static Figures of(double[] took, double seconds, double cpu, double allocated) {
            Percentile percentile = new Percentile();
            percentile.setData(took);
            return new Figures(took, seconds, percentile.evaluate(50), percentile.evaluate(99), cpu, allocated);
        }

        /** Turns of equal length together. */
        static Figures of(List<Figures> turns) {
            return of(
                    turns.stream()
                            .flatMapToDouble(turn -> Arrays.stream(turn.took))
                            .toArray(),
                    turns.stream().mapToDouble(Figures::seconds).sum(),
                    turns.stream().mapToDouble(Figures::cpu).average().orElse(0),
                    turns.stream().mapToDouble(Figures::allocated).average().orElse(0));
        }

        Map<String, Object> json() {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("medianSeconds", median);
            object.put("p99Seconds", p99);
            object.put("cpuSeconds", cpu);
            object.put("allocatedBytes", allocated);
            return object;
        }

        String line(String what) {
            return String.format(
                    Locale.ROOT,
                    "  %-20s median %8.1f us, p99 %8.1f us; this computer: %6.1f us of processor, %,.0f bytes allocated",
                    what,
                    1e6 * median,
                    1e6 * p99,
                    1e6 * cpu,
                    allocated);
        }
    }

    private static Figures measure(int trips, Exchange exchange) throws LinkException {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        double[] took = new double[trips];
        long cpu = threads.getCurrentThreadCpuTime();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        for (int i = 0; i < trips; i++) {
            long began = System.nanoTime();
            exchange.make();
            took[i] = 1e-9 * (System.nanoTime() - began);
        }
        double seconds = 1e-9 * (System.nanoTime() - start);
        double cpuSeconds = 1e-9 * (threads.getCurrentThreadCpuTime() - cpu);
        double bytes = threads.getCurrentThreadAllocatedBytes() - allocated;
        return Figures.of(took, seconds, cpuSeconds / trips, bytes / trips);
    }

    /** The far end of the pseudo terminal: a board that answers at once, always the same; later an echo. */
    private static final class Far implements Runnable {
        private static final State ARMED = new State(true, Reason.NEVER_ARMED, 1, 1, 0, 0, 0);
        private static final State LATCHED = new State(false, Reason.STOP, 1, 1, 0, 0, 0);

        private final PtyLink pty;
        private final byte[] card;
        private final Codec codec;
        private final Result result;
        private final Bytes payload = new Bytes();
        private final Bytes framed = new Bytes();
        private final Semaphore turned = new Semaphore(0);
        private volatile boolean echo = true;
        private volatile boolean stop;

        Far(PtyLink pty, Descriptor card) {
            this.pty = pty;
            this.card = Card.of(card);
            Map<WireRole, int[]> widths = new EnumMap<>(WireRole.class);
            List<WireResponse.Readings> readings = new ArrayList<>();
            for (Role role : Role.values()) {
                WireRole same = WireRole.values()[role.ordinal()];
                widths.put(
                        same,
                        card.channels(role).stream()
                                .mapToInt(
                                        channel -> Layout.width(channel.scale().codes()))
                                .toArray());
                if (role == Role.OUTPUT || role == Role.MONITOR) {
                    readings.add(new WireResponse.Readings(same, new double[1][card.count(role)], null));
                }
            }
            codec = new Codec(new Layout(1, widths, Set.of(WireRole.OUTPUT, WireRole.MONITOR)));
            result = new Result(0, null, List.of(WireResponse.settled(0, readings)));
        }

        /** From now on it is an echo, or a board again; returns when that has come about. */
        void echo(boolean on) {
            echo = on;
            try {
                turned.acquire();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void run() {
            FrameReader reader = new FrameReader(8192);
            byte[] bytes = new byte[8192];
            boolean echoing = true;
            try {
                while (!stop) {
                    if (echo != echoing) {
                        echoing = echo;
                        turned.release();
                    }
                    int count = pty.read(bytes, 0, bytes.length, 5_000_000);
                    if (count > 0 && echoing) {
                        pty.write(bytes, 0, count, 1_000_000_000);
                    } else if (count > 0) {
                        framed.clear();
                        reader.feed(bytes, 0, count, this::answer);
                        pty.write(framed.array(), 0, framed.length(), 1_000_000_000);
                    }
                }
            } catch (LinkException closed) {
                // That is how it ends.
            }
        }

        private void answer(byte[] bytes, int from, int length) {
            try {
                Header header = Header.of(bytes, from, length);
                Message.Reply reply = switch (codec.request(bytes, from, length)) {
                    case Message.Hello hello ->
                        new Message.Welcome(
                                hello.major(),
                                hello.minor(),
                                8000,
                                1,
                                100,
                                2000,
                                card.length,
                                Card.digest(card),
                                LATCHED);
                    case Message.ReadCard part ->
                        new Message.CardPart(part.offset(), Arrays.copyOfRange(card, (int) part.offset(), (int)
                                Math.min(card.length, part.offset() + part.most())));
                    case Message.Arm arm -> new Message.Armed(ARMED);
                    case Message.Batch batch -> result;
                    case Message.Beat beat -> new Message.Alive(ARMED);
                    case Message.Stop latch -> new Message.Stopped(LATCHED);
                };
                payload.clear();
                codec.encode(header.session(), header.number(), reply, payload);
                Frames.encode(payload, framed);
            } catch (MalformedException nonsense) {
                throw new IllegalStateException(nonsense);
            }
        }
    }

    /** Counts the bytes on a link. */
    private static final class Counted {
        private final AtomicLong sent = new AtomicLong();
        private final AtomicLong received = new AtomicLong();

        long sent() {
            return sent.get();
        }

        long received() {
            return received.get();
        }

        void clear() {
            sent.set(0);
            received.set(0);
        }

        Link over(Link link) {
            return new Link() {
                @Override
                public void write(byte[] bytes, int offset, int length, long nanos) throws LinkException {
                    sent.addAndGet(length);
                    link.write(bytes, offset, length, nanos);
                }

                @Override
                public int read(byte[] into, int offset, int length, long nanos) throws LinkException {
                    int count = link.read(into, offset, length, nanos);
                    received.addAndGet(count);
                    return count;
                }

                @Override
                public boolean alive() {
                    return link.alive();
                }

                @Override
                public String name() {
                    return link.name();
                }

                @Override
                public void close() {
                    link.close();
                }
            };
        }
    }
}
