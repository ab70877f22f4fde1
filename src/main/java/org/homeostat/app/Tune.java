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
import org.homeostat.device.Descriptor;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Learner;
import org.homeostat.run.BadInput;
import org.homeostat.run.Teaching;
import org.homeostat.run.Tuning;
import org.homeostat.run.Tuning.Advice;
import org.homeostat.run.Tuning.Point;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code tune}. */
@Command(
        name = "tune",
        sortOptions = false,
        description = {
            "How strongly to nudge: measures bias and noise of a learner's steps at several betas, and says where they balance.",
            "At random parameters, for one random input and target; the squared error is the cost."
        })
final class Tune implements Callable<Integer> {

    /** In parts of the strength that the board is usually taught with. */
    private static final double[] TRIED = {0.0625, 0.125, 0.25, 0.5, 1, 2};

    private static final double SHORT = 1e-4;

    private static final int MOST_REPEATS = 10_000;

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "DEVICE", description = "The URI of a device.")
    String uri;

    @Option(names = "--learner", paramLabel = "NAME", defaultValue = "aeqprop-centered", description = "The learner.")
    String name;

    @Option(
            names = "--repeats",
            paramLabel = "N",
            defaultValue = "12",
            description = "Steps at each beta (default: ${DEFAULT-VALUE}).")
    int repeats;

    @Option(
            names = "--average",
            paramLabel = "N",
            defaultValue = "1",
            description = "Over how many steps learning averages noise out (default: ${DEFAULT-VALUE}).")
    int averaged;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Draws parameters, input and target.")
    long seed;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Changes one choice of how the board is taught; may be repeated.")
    Map<String, String> changes = new LinkedHashMap<>();

    @Override
    public Integer call() {
        if (repeats < 2 || repeats > MOST_REPEATS) {
            throw new BadInput("--repeats: expected 2 to " + MOST_REPEATS + ", not " + repeats);
        }
        if (averaged < 1) {
            throw new BadInput("--average: expected 1 or more, not " + averaged);
        }
        if (!name.startsWith("aeqprop-") && !name.startsWith("ep-")) {
            throw new BadInput(
                    "--learner: only rules that nudge have a strength to tune (ep-... and aeqprop-...), not " + name);
        }
        Opened opened = shared.catalog().open(uri);
        Teaching teaching = ExperimentFile.changed(opened.teaching(), changes);
        // One step in proportion to the estimate, and no more; where the host moves the parameters, too short to meet
        // the
        // ends of their ranges.
        Teaching plain = ExperimentFile.changed(
                teaching,
                Map.of(
                        "optimiser",
                        "sgd",
                        "learningRate",
                        String.valueOf(SHORT * teaching.softness() * teaching.beta()),
                        "weightDecay",
                        "0",
                        "acceptEvery",
                        "0",
                        "decay",
                        "1"));
        Cost cost = new Cost.SquaredError();
        DoubleFunction<Learner> learnerAt =
                b -> Learners.of(name, ExperimentFile.changed(plain, Map.of("beta", String.valueOf(b))), cost, seed);
        SplittableRandom draw = new SplittableRandom(seed);
        List<Double> betas =
                Arrays.stream(TRIED).mapToObj(part -> part * teaching.beta()).toList();
        Descriptor bare = opened.worn().descriptor();
        try (Dressed dressed = Dressed.of(opened, learnerAt.apply(teaching.beta()), plain, opened.limits(), null)) {
            learnerAt.apply(betas.getLast()).require(dressed.device().descriptor());
            Advice advice = new Tuning(
                            dressed.device(),
                            learnerAt,
                            Trial.example(bare, teaching, draw),
                            new Tuning.Care(
                                    betas,
                                    name.endsWith("centered") ? 2 : 1,
                                    repeats,
                                    averaged,
                                    teaching.reads(),
                                    Training.EXCHANGE_LIMIT))
                    .at(Trial.start(bare, teaching, draw));
            dressed.rest(Training.EXCHANGE_LIMIT);
            shared.print(json(advice, dressed.exchanges()), lines(advice, teaching, dressed.exchanges()));
            return advice.quality().held() && advice.quality().locked() ? Main.DONE : Main.FAILED;
        }
    }

    private Map<String, Object> json(Advice advice, long exchanges) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("device", uri);
        object.put("learner", name);
        object.put("beta", Summary.number(advice.beta()));
        object.put("error", Summary.number(advice.error()));
        List<Map<String, Object>> tried = new ArrayList<>();
        for (Point point : advice.points()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("beta", point.beta());
            one.put("bias", Summary.number(point.bias()));
            one.put("noise", Summary.number(point.noise()));
            tried.add(one);
        }
        object.put("tried", tried);
        object.put("exchanges", exchanges);
        object.put("quality", advice.quality().verdict().name().toLowerCase(Locale.ROOT));
        object.put("remark", advice.remark());
        return object;
    }

    private List<String> lines(Advice advice, Teaching teaching, long exchanges) {
        List<String> lines = new ArrayList<>();
        lines.add(uri + " taught by " + name + ": errors of one step's estimate, in parts of the gradient");
        lines.add("  beta         bias       noise");
        for (Point point : advice.points()) {
            lines.add(String.format(Locale.ROOT, "  %-10.4g %9.4f %11.4f", point.beta(), point.bias(), point.noise()));
        }
        lines.add(String.format(
                Locale.ROOT,
                "  best: --set beta=%.3g, error %.3f (usually taught with %.3g); %s",
                advice.beta(),
                advice.error(),
                teaching.beta(),
                advice.remark()));
        lines.add(String.format(Locale.ROOT, "  %,d exchanges with the device", exchanges));
        if (!advice.quality().remark().isEmpty()) {
            lines.add("  " + advice.quality().remark());
        }
        return lines;
    }
}
