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
import java.util.concurrent.Callable;
import org.homeostat.app.Plot.Axis;
import org.homeostat.app.Plot.Curve;
import org.homeostat.app.Plot.Panel;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Role;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunFolder;
import org.homeostat.shadow.Divergence;
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
                    + "errors. Ends with exit code 1 where one does not."
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
        List<Map<String, Object>> objects = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        boolean passed = true;
        try (Interrupt interrupt = new Interrupt()) {
            for (RunFolder folder : folders) {
                Regression regression = again(folder, catalog, interrupt);
                passed &= regression.passed();
                objects.add(json(folder, regression));
                lines.addAll(lines(folder, regression));
                if (plot != null) {
                    Shared.write("--plot", plot, picture(folder, regression));
                }
                if (interrupt.requested()) {
                    break;
                }
            }
            shared.print(Map.of("passed", passed, "runs", objects), lines);
            return interrupt.requested() ? Main.INTERRUPTED : passed ? Main.DONE : Main.FAILED;
        }
    }

    private Regression again(RunFolder folder, Catalog catalog, Interrupt interrupt) {
        if (!Files.exists(folder.journal())) {
            throw new BadInput("run " + folder.name() + " kept no journal, so that nobody knows what was asked; "
                    + "train one without --no-journal");
        }
        String uri = device == null ? folder.record().experiment().device() : device;
        try (JournalReader journal = Journal.read(folder.journal());
                Device asked = catalog.open(uri).device()) {
            try {
                return Regression.of(journal, asked, tolerance(asked), Training.EXCHANGE_LIMIT, interrupt::requested);
            } finally {
                var unused = asked.present(asked.descriptor().safe(), Deadline.in(Training.EXCHANGE_LIMIT));
            }
        } catch (IOException unreadable) {
            throw new BadInput("run " + folder.name() + ": " + unreadable.getMessage(), unreadable);
        } catch (IllegalArgumentException unlike) {
            throw new BadInput("run " + folder.name() + ": " + unlike.getMessage(), unlike);
        }
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

    private static Map<String, Object> json(RunFolder folder, Regression regression) {
        Divergence divergence = regression.divergence();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("run", folder.name());
        object.put("passed", regression.passed());
        object.put("sentence", regression.sentence());
        object.put("exchanges", divergence.exchanges());
        object.put("differing", divergence.differing());
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

    private static List<String> lines(RunFolder folder, Regression regression) {
        List<String> lines = new ArrayList<>();
        lines.add("run " + folder.name() + ": " + regression.sentence());
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
    private static String picture(RunFolder folder, Regression regression) {
        Divergence.Course course = regression.divergence().course();
        double[] exchange = new double[course.worst().length];
        Arrays.setAll(exchange, k -> 1.0 + k * course.every());
        List<Curve> roles = new ArrayList<>();
        for (Role role : Role.values()) {
            List<OfChannel> read = regression.divergence().channels().stream()
                    .filter(one -> one.channel().role() == role)
                    .toList();
            if (!read.isEmpty()) {
                double[] place = new double[read.size()];
                Arrays.setAll(place, k -> k + 1.0);
                roles.add(new Curve(
                        role.name().toLowerCase(Locale.ROOT),
                        place,
                        read.stream()
                                .mapToDouble(one -> one.worst()
                                        / (one.channel().max() - one.channel().min()))
                                .toArray()));
            }
        }
        return Plot.svg(
                "run " + folder.name() + ": "
                        + (regression.passed()
                                ? "answered as it was"
                                : regression.divergence().differing() + " of "
                                        + regression.divergence().exchanges() + " answered otherwise"),
                List.of(
                        new Panel(
                                "furthest apart, as a part of the range",
                                "exchange",
                                Axis.LINEAR,
                                Axis.LINEAR,
                                List.of(new Curve("all channels", exchange, course.worst()))),
                        new Panel(
                                "furthest apart, as a part of the range",
                                "channel of its role",
                                Axis.LINEAR,
                                Axis.LINEAR,
                                roles)));
    }
}
