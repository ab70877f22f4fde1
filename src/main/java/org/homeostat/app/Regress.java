package org.homeostat.app;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.homeostat.app.Plot.Axis;
import org.homeostat.app.Plot.Bar;
import org.homeostat.app.Plot.Bars;
import org.homeostat.app.Plot.Curve;
import org.homeostat.app.Plot.Mark;
import org.homeostat.app.Plot.Panel;
import org.homeostat.app.Plot.Points;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Dressed;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunFolder;
import org.homeostat.shadow.Divergence;
import org.homeostat.shadow.Divergence.Difference;
import org.homeostat.shadow.Divergence.OfChannel;
import org.homeostat.shadow.Regression;
import org.homeostat.shadow.Tolerance;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "regress",
        sortOptions = false,
        description = {
            "Asks a device again what stored runs asked theirs, and compares the answers.",
            "An unchanged twin answers bit for bit as it did; a board within a step of its converters and four standard "
                    + "errors. Ends with exit code 1 where one does not. Where the device fails on the way it says how "
                    + "many agreed until there, and ends with 3, or with 4 at a safety limit; so too where the device "
                    + "does not confirm its safe levels afterwards."
        },
        footer = {
            "",
            "Examples:",
            "  homeostat regress latest",
            "  homeostat regress regressions/iris regressions/moons --json",
            "  homeostat regress latest --device serial:/dev/ttyACM0 --plot drift.svg"
        })
final class Regress implements Callable<Integer> {

    /** Channels that are named when answers differ. */
    private static final int NAMED = 5;

    private static final double PERCENT = 100;

    @Mixin
    Shared shared;

    @Parameters(
            arity = "1..*",
            paramLabel = "RUN",
            description = "Runs: a name, the beginning of one, 'latest', or a run's folder.")
    List<String> runs;

    @Option(names = "--device", paramLabel = "URI", description = "The device to ask (default: that of the run).")
    @Nullable
    String device;

    @Option(names = "--steps", paramLabel = "N", description = "Allow N steps of a channel's converter.")
    @Nullable
    Double steps;

    @Option(names = "--errors", paramLabel = "N", description = "Allow N standard errors, where they are known.")
    @Nullable
    Double errors;

    @Option(names = "--range", paramLabel = "PART", description = "Allow this part of a channel's range.")
    @Nullable
    Double range;

    @Option(names = "--exact", description = "Allow nothing, whatever the device is.")
    boolean exact;

    @Option(
            names = "--plot",
            paramLabel = "FILE.svg",
            description = "Draws how far the answers lie apart, exchange by exchange.")
    @Nullable
    Path plot;

    /**
     * A run that was asked again.
     *
     * @param unsafe what the device failed with when it was to go to its safe levels afterwards; empty if it confirmed them
     */
    private record Again(RunFolder folder, String uri, Regression regression, Optional<DeviceException> unsafe) {

        private int code() {
            int checked = regression.passed() ? Main.DONE : Main.FAILED;
            int lost = regression.lost() == null ? Main.DONE : Main.code(regression.lost());
            return Math.max(Math.max(checked, lost), unsafe.map(Main::code).orElse(Main.DONE));
        }
    }

    @Override
    public Integer call() {
        if (exact && (steps != null || errors != null || range != null)) {
            throw new BadInput("--exact: it allows nothing, so --steps, --errors and --range do not go with it");
        }
        if (plot != null && runs.size() > 1) {
            throw new BadInput("--plot: it draws one run; give one RUN, not " + runs.size());
        }
        Catalog catalog = shared.catalog();
        List<RunFolder> folders = runs.stream().map(shared.store()::find).toList();
        List<Again> done = new ArrayList<>();
        try (Interrupt interrupt = new Interrupt()) {
            try {
                for (RunFolder folder : folders) {
                    if (!interrupt.requested()) {
                        done.add(again(folder, catalog, interrupt));
                    }
                }
            } finally {
                // A run that could not be asked at all takes nothing away from those before it.
                if (!done.isEmpty()) {
                    print(done, done.size() == folders.size());
                }
            }
            if (plot != null) {
                Shared.write("--plot", plot, picture(done.getFirst()));
            }
            return interrupt.requested()
                    ? Main.INTERRUPTED
                    : done.stream().mapToInt(Again::code).max().orElse(Main.DONE);
        }
    }

    private void print(List<Again> done, boolean whole) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("passed", whole && done.stream().allMatch(one -> one.regression.passed()));
        object.put("runs", done.stream().map(Regress::json).toList());
        shared.print(object, done.stream().flatMap(one -> lines(one).stream()).toList());
        for (Again one : done) {
            one.unsafe.ifPresent(unsafe -> shared.complain(Main.sentence(unsafe)));
        }
    }

    private Again again(RunFolder folder, Catalog catalog, Interrupt interrupt) {
        if (!Files.exists(folder.journal())) {
            throw new BadInput("run " + folder.name() + " kept no journal, so that nobody knows what was asked; "
                    + "train one without --no-journal");
        }
        String uri = device == null ? folder.record().experiment().device() : device;
        try (JournalReader journal = Journal.read(folder.journal());
                Device asked = Dressed.guarded(catalog.open(uri))) {
            return again(folder, uri, journal, asked, interrupt);
        } catch (IOException unreadable) {
            throw new BadInput("run " + folder.name() + ": " + unreadable.getMessage(), unreadable);
        } catch (IllegalArgumentException unlike) {
            throw new BadInput("run " + folder.name() + ": " + unlike.getMessage(), unlike);
        }
    }

    private Again again(RunFolder folder, String uri, JournalReader journal, Device asked, Interrupt interrupt)
            throws IOException {
        Regression regression;
        try {
            regression = Regression.of(journal, asked, tolerance(asked), Training.EXCHANGE_LIMIT, interrupt::requested);
        } catch (IOException | RuntimeException unasked) {
            Dressed.rest(asked, Training.EXCHANGE_LIMIT).ifPresent(unsafe -> shared.complain(Main.sentence(unsafe)));
            throw unasked;
        }
        return new Again(folder, uri, regression, Dressed.rest(asked, Training.EXCHANGE_LIMIT));
    }

    private Tolerance tolerance(Device asked) {
        if (exact) {
            return Tolerance.EXACT;
        }
        if (steps == null && errors == null && range == null) {
            return Regression.usual(asked);
        }
        try {
            return new Tolerance(or0(steps), or0(errors), or0(range));
        } catch (IllegalArgumentException refused) {
            throw new BadInput("--steps, --errors, --range: " + refused.getMessage(), refused);
        }
    }

    private static double or0(@Nullable Double given) {
        return given == null ? 0 : given;
    }

    private static Map<String, Object> json(Again again) {
        Regression regression = again.regression;
        Divergence divergence = regression.divergence();
        Difference first = divergence.first();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("run", again.folder.name());
        object.put("device", again.uri);
        object.put("passed", regression.passed());
        object.put("sentence", regression.sentence());
        object.put("exchanges", divergence.exchanges());
        object.put("differing", divergence.differing());
        object.put("firstExchange", first == null ? null : first.exchange());
        object.put("firstChannel", first == null ? null : first.channel());
        object.put("ended", regression.ended());
        object.put("safe", again.unsafe.isEmpty());
        object.put("channels", channels(divergence));
        return object;
    }

    /** How far each channel lay apart. */
    static List<Map<String, Object>> channels(Divergence divergence) {
        List<Map<String, Object>> channels = new ArrayList<>();
        for (OfChannel one : divergence.channels()) {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("channel", one.channel().name());
            told.put("unit", one.channel().unit());
            told.put("readings", one.readings());
            told.put("rms", one.rms());
            told.put("worst", one.worst());
            told.put("worstAt", one.worstAt());
            told.put("beyond", one.beyond());
            channels.add(told);
        }
        return channels;
    }

    private static List<String> lines(Again again) {
        Regression regression = again.regression;
        List<String> lines = new ArrayList<>();
        lines.add("run " + again.folder.name() + ": " + regression.sentence());
        if (!regression.passed()) {
            List<OfChannel> beyond = regression.divergence().channels().stream()
                    .filter(one -> one.beyond() > 0)
                    .toList();
            for (OfChannel one : beyond.subList(0, Math.min(NAMED, beyond.size()))) {
                lines.add(String.format(
                        Locale.ROOT,
                        "  %s: %d of %d readings; apart by %.3g %s rms, at most %.3g in exchange %d",
                        one.channel().name(),
                        one.beyond(),
                        one.readings(),
                        one.rms(),
                        one.channel().unit(),
                        one.worst(),
                        one.worstAt()));
            }
            if (beyond.size() > NAMED) {
                lines.add("  and " + (beyond.size() - NAMED) + " channels more; --json tells all");
            }
            Divergence divergence = regression.divergence();
            if (divergence.tolerance().errors() > 0 && !divergence.errorsKnown()) {
                lines.add("  no answer told its standard error, so that noise was not allowed for: do so with --steps N"
                        + " ('homeostat calibrate' measures the noise)");
            }
        }
        return lines;
    }

    /** How far apart exchange by exchange, and which channels. */
    private static String picture(Again again) {
        return Plot.svg(
                "run " + again.folder.name() + ", asked again of " + again.uri,
                again.regression.sentence(),
                List.of(course(again.regression), channels(again.regression)));
    }

    private static Panel course(Regression regression) {
        Divergence divergence = regression.divergence();
        Divergence.Course course = divergence.course();
        int points = course.worst().length;
        double[] exchange = new double[points];
        double[] agreeing = new double[points];
        double[] differing = new double[points];
        for (int k = 0; k < points; k++) {
            boolean differs = course.differing()[k] > 0;
            exchange[k] = 1.0 + k * course.every();
            agreeing[k] = differs ? Double.NaN : PERCENT * course.worst()[k];
            differing[k] = differs ? PERCENT * course.worst()[k] : Double.NaN;
        }
        List<Mark> marks = new ArrayList<>();
        Difference first = divergence.first();
        if (first != null) {
            String channel = first.channel().isEmpty() ? "" : ", " + first.channel();
            marks.add(new Mark(first.exchange(), "first: exchange " + first.exchange() + channel));
        }
        if (!regression.ended().isEmpty()) {
            long next = divergence.exchanges() + 1;
            marks.add(new Mark(next, (regression.lost() == null ? "stopped" : "failed") + ": exchange " + next));
        }
        boolean bits = divergence.tolerance().exact();
        return new Panel(
                "furthest apart, % of a channel's range",
                course.every() == 1 ? "exchange" : "exchange (each stem is the furthest of " + course.every() + ")",
                Axis.LINEAR,
                Axis.LINEAR,
                List.of(
                        new Curve(bits ? "answered as it was" : "within what is allowed", exchange, agreeing),
                        new Curve(bits ? "answered otherwise" : "beyond what is allowed", exchange, differing)),
                Points.STEMS,
                marks);
    }

    /** Those that are apart, the furthest above. */
    private static Bars channels(Regression regression) {
        List<OfChannel> read = regression.divergence().channels();
        List<OfChannel> apart = read.stream()
                .filter(one -> one.worst() > 0 || one.beyond() > 0)
                .sorted(Comparator.comparingDouble(Regress::part).reversed())
                .toList();
        return new Bars(
                apart.isEmpty()
                        ? "nothing apart in " + Words.count(read.size(), "channel")
                        : "furthest apart, % of the range, in " + apart.size() + " of "
                                + Words.count(read.size(), "channel"),
                apart.stream()
                        .map(one -> new Bar(
                                one.channel().name(),
                                part(one),
                                one.worst() > 0
                                        ? percent(one) + " %: "
                                                + Words.level(
                                                        one.worst(),
                                                        one.channel().unit())
                                                + " in exchange " + one.worstAt()
                                        : "otherwise in " + one.beyond() + " readings",
                                one.beyond() > 0 ? 1 : 0))
                        .toList());
    }

    /** How far apart a channel was at worst, as a part of its range. */
    private static double part(OfChannel one) {
        return one.worst() / (one.channel().max() - one.channel().min());
    }

    /** The same in per cent, with two digits. */
    private static String percent(OfChannel one) {
        return Words.number(BigDecimal.valueOf(PERCENT * part(one))
                .round(new MathContext(2))
                .doubleValue());
    }
}
