package org.homeostat.app;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.homeostat.calibration.Calibrator;
import org.homeostat.calibration.Calibrator.Care;
import org.homeostat.calibration.Fit;
import org.homeostat.calibration.Fit.Quantity;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Catalog.Drawing;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.catalog.DeviceUri;
import org.homeostat.catalog.Dressed;
import org.homeostat.catalog.SpecimenFile;
import org.homeostat.catalog.SpecimenModel;
import org.homeostat.catalog.SpecimenModel.Kind;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunFolder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "fit",
        sortOptions = false,
        description = {
            "Fits a twin to one specimen of a board: element values, gains, offsets and bends of converters, noise.",
            "From exchanges made anew with a device, or from those that a run wrote down. One in five is kept and predicted.",
            "What the exchanges cannot tell is named; nothing is claimed of it."
        },
        footer = {
            "",
            "Examples:",
            "  homeostat twin fit 'twin:resistor-array-v1?seed=7' --output seven.yaml",
            "  homeostat twin fit latest --output board-7.yaml",
            "  homeostat probe 'twin:resistor-array-v1?specimen=seven.yaml'"
        })
final class TwinFit implements Callable<Integer> {

    /** One exchange in so many is kept for the test. */
    private static final int KEPT = 5;

    /** A reading this near to the end of its range, in parts of it, may be clipped. */
    private static final double NEAR_END = 0.005;

    private static final int MOST_EXCHANGES = 100_000;

    @Mixin
    Shared shared;

    @Parameters(
            index = "0",
            paramLabel = "SOURCE",
            description = "A run with a journal, or the URI of a device to make exchanges with.")
    String source;

    @Option(
            names = "--twin",
            paramLabel = "URI",
            description = "The twin to fit (default: the one called as the board is).")
    @Nullable
    String twin;

    @Option(
            names = "--free",
            paramLabel = "KIND",
            split = ",",
            description = "What is not known for sure: element, wiper, gain, offset, bend (default: all but wiper).")
    List<String> free = new ArrayList<>();

    @Option(
            names = "--exchanges",
            paramLabel = "N",
            defaultValue = "300",
            description = "How many exchanges to make, or to take from the run (default: ${DEFAULT-VALUE}).")
    int exchanges;

    @Option(
            names = "--reads",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many readings are averaged in each that is made (default: ${DEFAULT-VALUE}).")
    int reads;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Draws the exchanges that are made.")
    long seed;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Where to write the specimen (default: specimen.yaml).",
            defaultValue = "specimen.yaml")
    Path output;

    /** One exchange whose question says everything that can be said. */
    private record Sample(Stimulus stimulus, Response response) {}

    /** What was exchanged with which board. */
    private record Samples(Descriptor card, String uri, List<Sample> list, int passed) {}

    @Override
    public Integer call() {
        if (exchanges < 2 * KEPT || exchanges > MOST_EXCHANGES) {
            throw new BadInput("--exchanges: expected " + 2 * KEPT + " to " + MOST_EXCHANGES + ", not " + exchanges);
        }
        if (reads < 1 || reads > 10_000) {
            throw new BadInput("--reads: expected 1 to 10000, not " + reads);
        }
        Set<Kind> kinds = kinds();
        Catalog catalog = shared.catalog();
        Samples samples = source.matches("[a-z]+:.*") ? made(catalog) : recorded();
        String uri = twin != null ? twin : "twin:" + samples.card.board();
        Drawing drawing = catalog.drawing(uri);
        if (!drawing.twin().descriptor().equals(samples.card)) {
            throw new BadInput("--twin: " + uri + " has card "
                    + drawing.twin().descriptor().digest()
                    + ", and what answered in " + source + " is a " + samples.card.board() + " with card "
                    + samples.card.digest() + "; name the twin of that board, with the same sizes");
        }
        List<Sample> taught = new ArrayList<>();
        List<Sample> kept = new ArrayList<>();
        for (int i = 0; i < samples.list.size(); i++) {
            (i % KEPT == KEPT - 1 ? kept : taught).add(samples.list.get(i));
        }
        double noise = noise(samples, drawing);
        SpecimenModel model = model(drawing, kinds, taught);
        if (model.quantities().isEmpty()) {
            throw new BadInput("--free: specimens of " + uri + " do not differ in any of "
                    + kinds.stream().map(Kind::word).toList() + ", so that there is nothing to fit");
        }
        Fit.Result result;
        double[] read = model.chosen(levels(taught));
        try {
            double[] each = new double[read.length];
            Arrays.fill(each, noise / Math.sqrt(samples.list.getFirst().response.reads()));
            result = Fit.of(model, model.quantities(), read, each);
        } catch (IllegalArgumentException unfit) {
            throw new BadInput(source + ": " + unfit.getMessage(), unfit);
        }
        SpecimenModel test = model(drawing, kinds, kept);
        double[] wanted = test.chosen(levels(kept));
        double before = rms(test.readings(drawn(model)), wanted);
        double after = rms(test.readings(result.values()), wanted);
        double floor = noise / Math.sqrt(samples.list.getFirst().response.reads());
        double step = step(samples.card);
        SpecimenFile file = new SpecimenFile(
                String.valueOf(output.getFileName()).replaceAll("\\.[^.]*$", ""),
                DeviceUri.of(uri).name(),
                samples.card.digest(),
                samples.uri,
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                // What rounding to codes adds, the twin adds by itself.
                Math.sqrt(Math.max(0, noise * noise - step * step / 12)),
                SpecimenModel.parts(result));
        Shared.write("--output", output, file.text());
        shared.print(
                json(result, samples, before, after, floor, wanted.length),
                lines(result, samples, before, after, floor, wanted.length));
        shared.say("Written to " + output + "; open it with: homeostat probe '" + uri + (uri.contains("?") ? "&" : "?")
                + "specimen=" + output + "'");
        return Main.DONE;
    }

    private Set<Kind> kinds() {
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (String word : free.isEmpty() ? List.of("element", "gain", "offset", "bend") : free) {
            switch (word) {
                case "element" -> kinds.add(Kind.ELEMENT);
                case "wiper" -> kinds.add(Kind.WIPER);
                case "gain" -> kinds.add(Kind.GAIN);
                case "offset" -> kinds.add(Kind.OFFSET);
                case "bend" -> Collections.addAll(kinds, Kind.SINE, Kind.COSINE);
                default ->
                    throw new BadInput("--free: there is no kind '" + word
                            + "'; expected any of element, wiper, gain, offset, bend, separated by commas");
            }
        }
        return kinds;
    }

    // Where exchanges come from

    private Samples made(Catalog catalog) {
        Opened opened = catalog.open(source);
        if (opened.calibration() != null) {
            opened.device().close();
            throw new BadInput("device '" + source
                    + "': it wears a calibration; leave out calibration=, to fit the board " + "itself");
        }
        try (Device device = Dressed.guarded(opened)) {
            Descriptor card = device.descriptor();
            Calibrator drawing = new Calibrator(
                    device,
                    new Care(3, reads, false, seed, () -> Deadline.in(Training.EXCHANGE_LIMIT)),
                    CalibrateCommand.ranges(opened));
            SplittableRandom draw = new SplittableRandom(seed);
            List<Sample> list = new ArrayList<>();
            for (int i = 0; i < exchanges; i++) {
                Stimulus stimulus = drawing.drawn(draw).settling(new Settling.Usual(reads));
                list.add(new Sample(stimulus, device.present(stimulus, Deadline.in(Training.EXCHANGE_LIMIT))));
            }
            device.present(card.safe(), Deadline.in(Training.EXCHANGE_LIMIT));
            return new Samples(card, source, list, 0);
        }
    }

    private Samples recorded() {
        RunFolder run = shared.store().find(source);
        if (!run.record().experiment().journal()) {
            throw new BadInput("run " + run.name()
                    + " kept no journal, so that there is nothing to fit to; give a run that " + "did, or a device");
        }
        List<Sample> all = new ArrayList<>();
        int passed = 0;
        try (JournalReader reader = Journal.read(run.journal())) {
            Descriptor card = reader.descriptor();
            if (card.lanes() != 1) {
                throw new BadInput("run " + run.name() + " was made with " + card.lanes()
                        + " lanes; fit one board at a time, from a run of its own");
            }
            Standing standing = new Standing(card);
            for (Exchange exchange = reader.next(); exchange != null; exchange = reader.next()) {
                Stimulus whole = standing.whole(exchange);
                if (whole == null) {
                    passed++;
                } else {
                    all.add(new Sample(whole, exchange.response()));
                }
            }
            if (all.size() < 2 * KEPT) {
                throw new BadInput("run " + run.name() + ": its journal holds " + all.size()
                        + " exchanges that a twin can be asked alone; expected " + 2 * KEPT + " or more");
            }
            List<Sample> list = new ArrayList<>();
            int count = Math.min(exchanges, all.size());
            for (int i = 0; i < count; i++) {
                list.add(all.get((int) ((long) i * all.size() / count)));
            }
            int usual = list.getFirst().response.reads();
            list.removeIf(sample -> sample.response.reads() != usual);
            return new Samples(card, run.record().experiment().device(), list, passed);
        } catch (IOException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
    }

    /** What stands imposed on a board while its journal is read, so that each question can be asked alone. */
    private static final class Standing {

        private final Descriptor card;
        private final double[] input;
        private final double[] parameter;
        private double @Nullable [][] outputs;

        Standing(Descriptor card) {
            this.card = card;
            input = card.channels(Role.INPUT).stream()
                    .mapToDouble(Channel::safe)
                    .toArray();
            parameter = new double[card.count(Role.PARAMETER)];
            Arrays.fill(parameter, Double.NaN);
        }

        private static void take(Levels levels, Role role, double[] row) {
            if (levels.has(role)) {
                int[] positions = levels.positions(role);
                for (int i = 0; i < levels.size(role); i++) {
                    row[positions == null ? i : positions[i]] = levels.at(role, 0, i);
                }
            }
        }

        /** The question in full; null where it cannot be asked alone. */
        @Nullable
        Stimulus whole(Exchange exchange) {
            Stimulus asked = exchange.stimulus();
            take(asked.levels(), Role.INPUT, input);
            take(asked.levels(), Role.PARAMETER, parameter);
            double[][] before = outputs;
            if (asked.nudge() instanceof Nudge.None) {
                outputs = new double[][] {exchange.response().outputs(0)};
            }
            boolean known = Arrays.stream(parameter).noneMatch(Double::isNaN);
            boolean settled =
                    !(asked.settling() instanceof Settling.Dwell dwell) || dwell.dwellSeconds() >= card.settleSeconds();
            Verdict verdict = exchange.response().quality().verdict();
            if (!known || !settled || verdict.compareTo(Verdict.CLIPPED) > 0) {
                return null;
            }
            Nudge nudge = switch (asked.nudge()) {
                case Nudge.Difference difference -> before == null ? null : difference.from(before, card);
                case Nudge.Ramp ramp -> null;
                case Nudge.Clamp clamp -> null;
                case Nudge.None none -> none;
                case Nudge.Force force -> force;
                case Nudge.Coupling coupling -> coupling;
            };
            Levels levels = Levels.of(Role.INPUT, input.clone());
            return nudge == null
                    ? null
                    : asked.with(parameter.length == 0 ? levels : levels.and(Levels.of(Role.PARAMETER, parameter)))
                            .nudged(nudge);
        }
    }

    // The fit

    private static List<Levels> levels(List<Sample> samples) {
        return samples.stream().map(sample -> sample.response.levels()).toList();
    }

    private static SpecimenModel model(Drawing drawing, Set<Kind> kinds, List<Sample> samples) {
        Descriptor card = drawing.twin().descriptor();
        List<boolean[]> inside = new ArrayList<>();
        for (Sample sample : samples) {
            boolean[] row = new boolean[card.count(Role.OUTPUT) + card.count(Role.MONITOR)];
            int c = 0;
            for (Role role : List.of(Role.OUTPUT, Role.MONITOR)) {
                for (int i = 0; i < card.count(role); i++) {
                    Channel channel = card.channels(role).get(i);
                    double level = sample.response.levels().at(role, 0, i);
                    double margin = NEAR_END * (channel.max() - channel.min());
                    row[c++] = level > channel.min() + margin && level < channel.max() - margin;
                }
            }
            inside.add(row);
        }
        return new SpecimenModel(
                drawing, kinds, samples.stream().map(Sample::stimulus).toList(), inside);
    }

    private static double[] drawn(SpecimenModel model) {
        return model.quantities().stream().mapToDouble(Quantity::drawn).toArray();
    }

    private static double step(Descriptor card) {
        return card.channels(Role.OUTPUT).getFirst().resolution();
    }

    /** The standard deviation of one reading, rounding to codes included: as the answers say, or as the twin's file does. */
    private static double noise(Samples samples, Drawing drawing) {
        double squares = 0;
        int count = 0;
        for (Sample sample : samples.list) {
            int averaged = sample.response.reads();
            // One reading alone cannot tell its own scatter.
            Levels errors = averaged > 1 ? sample.response.errors() : Levels.NONE;
            for (Role role : errors.roles()) {
                if (role == Role.OUTPUT || role == Role.MONITOR) {
                    for (double error : errors.row(role)) {
                        squares += error * error * averaged;
                        count++;
                    }
                }
            }
        }
        double step = step(samples.card);
        double usual = Math.sqrt(drawing.spread().readNoise() * drawing.spread().readNoise() + step * step / 12);
        double seen = count == 0 ? usual : Math.sqrt(squares / count);
        // Without noise and converters there is rounding still.
        return Math.max(
                seen, 1e-9 * samples.card.channels(Role.OUTPUT).getFirst().max());
    }

    private static double rms(double[] predicted, double[] read) {
        double squares = 0;
        for (int i = 0; i < read.length; i++) {
            squares += (predicted[i] - read[i]) * (predicted[i] - read[i]);
        }
        return Math.sqrt(squares / read.length);
    }

    // What is said of it

    private Map<String, Object> json(
            Fit.Result result, Samples samples, double before, double after, double floor, int held) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("source", source);
        object.put("board", samples.card.board());
        object.put("exchanges", samples.list.size());
        object.put("readings", result.readings());
        object.put("iterations", result.iterations());
        object.put("residual", result.rms());
        object.put("noise", floor);
        object.put("excess", result.excess());
        Map<String, Object> test = new LinkedHashMap<>();
        test.put("readings", held);
        test.put("drawn", before);
        test.put("fitted", after);
        test.put("overNoise", after / floor);
        object.put("heldOut", test);
        object.put("condition", Summary.number(result.condition()));
        object.put("largestSingular", result.largest());
        object.put("smallestSingular", result.smallest());
        object.put("untoldDirections", result.untold().size());
        List<Map<String, Object>> quantities = new ArrayList<>();
        for (Fit.Found found : result.found()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("channel", found.quantity().name());
            one.put("kind", found.quantity().kind());
            one.put("value", found.estimate().value());
            one.put("low", found.estimate().low());
            one.put("high", found.estimate().high());
            one.put("told", found.told());
            quantities.add(one);
        }
        object.put("quantities", quantities);
        object.put("file", output.toString());
        return object;
    }

    private List<String> lines(
            Fit.Result result, Samples samples, double before, double after, double floor, int held) {
        String unit = samples.card.channels(Role.OUTPUT).getFirst().unit();
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s: %d exchanges of %s%s",
                source,
                samples.list.size(),
                samples.card.board(),
                samples.passed == 0 ? "" : ", " + samples.passed + " passed over that cannot be asked alone"));
        lines.add(String.format(
                Locale.ROOT,
                "  fitted to %,d readings in %d steps: residual %s, %.2f times the noise",
                result.readings(),
                result.iterations(),
                Words.level(result.rms(), unit),
                result.rms() / floor));
        lines.add(String.format(
                Locale.ROOT,
                "  %,d readings kept apart are predicted to %s, %.2f times the noise of %s (by the drawing to %s)",
                held,
                Words.level(after, unit),
                after / floor,
                Words.level(floor, unit),
                Words.level(before, unit)));
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("kind", "free", "told", "spread as drawn", "interval +-, median of those told"));
        for (Kind kind : Kind.values()) {
            List<Fit.Found> found = result.found().stream()
                    .filter(one -> one.quantity().kind().equals(kind.word()))
                    .toList();
            if (!found.isEmpty()) {
                double[] reach = found.stream()
                        .filter(Fit.Found::told)
                        .mapToDouble(one -> one.estimate().reach())
                        .sorted()
                        .toArray();
                rows.add(List.of(
                        kind.word(),
                        String.valueOf(found.size()),
                        String.valueOf(reach.length),
                        Words.number(found.getFirst().quantity().spread()),
                        reach.length == 0 ? "" : Words.number(reach[reach.length / 2])));
            }
        }
        Table.aligned(rows).forEach(line -> lines.add("  " + line));
        lines.add(String.format(
                Locale.ROOT,
                "  singular values %.3g to %.3g, condition %.3g",
                result.largest(),
                result.smallest(),
                result.condition()));
        if (result.untold().isEmpty()) {
            lines.add("  These exchanges tell every direction better than the drawing does.");
        } else {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %d of %d directions are told less by these exchanges than by the drawing; nothing is claimed of"
                            + " them. Least:",
                    result.untold().size(),
                    result.found().size()));
            result.untold().stream()
                    .limit(5)
                    .forEach(direction -> lines.add(String.format(
                            Locale.ROOT,
                            "    %s (%.2g)",
                            String.join(
                                    ", ",
                                    direction.named().stream()
                                            .map(Quantity::label)
                                            .toList()),
                            direction.singular())));
        }
        return lines;
    }
}
