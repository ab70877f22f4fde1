package org.homeostat.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.DoubleFunction;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.catalog.Dressed;
import org.homeostat.catalog.ExperimentFile;
import org.homeostat.catalog.Learners;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Example;
import org.homeostat.learn.Learner;
import org.homeostat.run.Audit;
import org.homeostat.run.Audit.Care;
import org.homeostat.run.Audit.Point;
import org.homeostat.run.Audit.Report;
import org.homeostat.run.BadInput;
import org.homeostat.run.Teaching;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "audit",
        sortOptions = false,
        description = {
            "Will this board learn? Compares a learner's step with finite differences of the measured cost.",
            "At random parameters, for one random input and target; noise, settling and reciprocity are measured too."
        })
final class AuditCommand implements Callable<Integer> {

    /** On a device without noise: small, so that the order of the error shows in a decade around it. */
    private static final double EXACT_BETA = 0.05;

    /** On a device without noise the springs are made this much stiffer, so that softness adds no error of its own. */
    private static final double STIFFER = 1e-5;

    private static final int NOISY_READS = 64;
    private static final int NOISY_REPEATS = 16;

    /** The betas of a sweep, a decade, in parts of the nominal one. */
    private static final double[] SWEEP = {4, 2, 1, 0.6, 0.4};

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "DEVICE", description = "The URI of a device.")
    String uri;

    @Option(names = "--learner", paramLabel = "NAME", defaultValue = "aeqprop-centered", description = "The learner.")
    String name;

    @Option(
            names = "--beta",
            paramLabel = "B",
            description = "The nudge (default: 0.05 without noise, else as the board is taught).")
    @Nullable
    Double beta;

    @Option(
            names = "--softness",
            paramLabel = "E",
            description =
                    "How soft the springs of the parameters are (default: without noise so stiff that they add no error of "
                            + "their own, else as the board is taught). The error of agnostic EP grows with it.")
    @Nullable
    Double softness;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Draws parameters, input and target.")
    long seed;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Changes one choice of how the board is taught; may be repeated.")
    Map<String, String> changes = new LinkedHashMap<>();

    @Override
    public Integer call() {
        if (beta != null && !(beta > 0)) {
            throw new BadInput("--beta: expected a number above 0, not " + beta);
        }
        if (softness != null && !(softness > 0)) {
            throw new BadInput("--softness: expected a number above 0, not " + softness);
        }
        Opened opened = shared.catalog().open(uri);
        Descriptor bare = opened.worn().descriptor();
        boolean exact =
                bare.allChannels().stream().allMatch(channel -> channel.scale().codes() == 0) && quiet(opened.device());
        // A spring to the target shows the order of the error; a constant force is exact until a diode switches.
        Teaching own = exact && bare.realises(Nudge.Kind.COUPLING)
                ? ExperimentFile.changed(opened.teaching(), Map.of("nudge", "coupling"))
                : opened.teaching();
        Teaching told = ExperimentFile.changed(own, changes);
        Teaching usual =
                softness == null ? told : ExperimentFile.changed(told, Map.of("softness", String.valueOf(softness)));
        double stiffer = softness == null ? STIFFER : 1;
        Teaching teaching = exact
                ? ExperimentFile.changed(
                        usual,
                        Map.of(
                                "softness",
                                String.valueOf(usual.softness() * stiffer),
                                "holdPart",
                                "1e-12",
                                "optimiser",
                                "sgd",
                                "learningRate",
                                String.valueOf(usual.softness() * stiffer),
                                "weightDecay",
                                "0"))
                : ExperimentFile.changed(usual, Map.of("reads", String.valueOf(NOISY_READS)));
        double nominal = beta != null ? beta : exact ? EXACT_BETA : teaching.beta();
        boolean swept = exact && (name.startsWith("aeqprop") || name.startsWith("ep-"));
        List<Double> betas =
                swept ? Arrays.stream(SWEEP).mapToObj(part -> nominal * part).toList() : List.of(nominal);
        // Squared error: the cost that every kind of nudge can pull on.
        Cost cost = new Cost.SquaredError();
        DoubleFunction<Learner> learnerAt =
                b -> Learners.of(name, ExperimentFile.changed(teaching, Map.of("beta", String.valueOf(b))), cost, seed);
        SplittableRandom draw = new SplittableRandom(seed);
        try (Dressed dressed = Dressed.of(opened, learnerAt.apply(nominal), teaching, opened.limits(), null)) {
            Example example = Trial.example(bare, teaching, draw);
            double[] start = Trial.start(bare, teaching, draw);
            Report report = new Audit(
                            dressed.device(),
                            learnerAt,
                            example,
                            new Care(
                                    exact ? 1 : NOISY_READS,
                                    exact ? 1 : NOISY_REPEATS,
                                    nominal,
                                    betas,
                                    Training.EXCHANGE_LIMIT))
                    .at(start);
            dressed.rest(Training.EXCHANGE_LIMIT);
            shared.print(json(report, dressed.exchanges()), lines(report, dressed.exchanges(), bare));
            return report.quality().held() ? Main.DONE : Main.FAILED;
        }
    }

    /** True if a device does not doubt what it reads: machines in a heat bath or read in shots do, without any converter. */
    private static boolean quiet(Device device) {
        Descriptor card = device.descriptor();
        Response asked =
                device.present(card.safe().settling(new Settling.Usual(2)), Deadline.in(Training.EXCHANGE_LIMIT));
        Levels errors = asked.errors();
        for (int lane = 0; errors.has(Role.OUTPUT) && lane < errors.rows(Role.OUTPUT); lane++) {
            for (double error : errors.row(Role.OUTPUT, lane)) {
                if (error != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    private Map<String, Object> json(Report report, long exchanges) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("device", uri);
        object.put("learner", name);
        object.put("cosine", Summary.number(report.cosine()));
        object.put("relativeError", Summary.number(report.relativeError()));
        object.put("reciprocityError", Summary.number(report.reciprocityError()));
        object.put("noise", Summary.number(report.noise()));
        object.put("unsettled", Summary.number(report.unsettled()));
        object.put("exchanges", exchanges);
        object.put("slope", Summary.number(report.slope()));
        List<Map<String, Object>> sweep = new ArrayList<>();
        for (Point point : report.sweep()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("beta", point.beta());
            one.put("cosine", Summary.number(point.cosine()));
            one.put("relativeError", Summary.number(point.relativeError()));
            sweep.add(one);
        }
        object.put("sweep", sweep);
        object.put("quality", report.quality().verdict().name().toLowerCase(Locale.ROOT));
        object.put("remark", report.quality().remark());
        return object;
    }

    private List<String> lines(Report report, long exchanges, Descriptor card) {
        String unit = card.channels(Role.OUTPUT).getFirst().unit();
        List<String> lines = new ArrayList<>();
        lines.add(uri + " taught by " + name + ", against finite differences of the measured cost");
        for (Point point : report.sweep()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  beta %-10.4g cosine %.8f   relative error %.3e",
                    point.beta(),
                    point.cosine(),
                    point.relativeError()));
        }
        if (!Double.isNaN(report.slope())) {
            lines.add(String.format(Locale.ROOT, "  the error falls as beta to the power %.2f", report.slope()));
        }
        lines.add(
                Double.isNaN(report.reciprocityError())
                        ? "  reciprocity was not measured: no forces on the outputs"
                        : String.format(Locale.ROOT, "  reciprocity error %.2e", report.reciprocityError()));
        lines.add("  noise of one reading " + Words.level(report.noise(), unit));
        lines.add("  change after four settling times " + Words.level(report.unsettled(), unit));
        lines.add(String.format(Locale.ROOT, "  %,d exchanges with the device", exchanges));
        if (!report.quality().remark().isEmpty()) {
            lines.add("  " + report.quality().remark());
        }
        return lines;
    }
}
