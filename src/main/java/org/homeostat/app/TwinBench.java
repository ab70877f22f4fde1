package org.homeostat.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.run.BadInput;
import org.homeostat.run.Teaching;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "twin",
        sortOptions = false,
        description = {
            "Measures how long this computer takes for a free exchange with a twin.",
            "At parameters drawn as for training and inputs drawn from their whole range."
        })
final class TwinBench implements Callable<Integer>, Measuring {

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "TWIN", description = "A twin, such as twin:transverse-ising?hidden=13.")
    String uri;

    @Option(
            names = "--exchanges",
            paramLabel = "N",
            description = "How many exchanges (default: ${DEFAULT-VALUE}).",
            defaultValue = "5")
    int exchanges;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Draws parameters and inputs (default: ${DEFAULT-VALUE}).",
            defaultValue = "1")
    long seed;

    @Mixin
    Output output;

    @Override
    public Integer call() {
        return output.print(this, shared);
    }

    @Override
    public Measured measure() {
        if (exchanges < 1 || exchanges > 1_000_000) {
            throw new BadInput("--exchanges: expected 1 to 1000000, not " + exchanges);
        }
        if (!uri.startsWith("twin:")) {
            throw new BadInput("device '" + uri + "': expected a twin, such as twin:resistor-array-v1");
        }
        Catalog.Opened opened = shared.catalog().open(uri);
        SplittableRandom random = new SplittableRandom(seed);
        double[] seconds = new double[exchanges];
        Quality quality = Quality.SETTLED;
        try (Device device = opened.worn()) {
            Descriptor card = device.descriptor();
            for (int i = 0; i < exchanges; i++) {
                Stimulus free = drawn(card, opened.teaching(), random);
                long start = System.nanoTime();
                Response response = device.present(free, Deadline.in(Training.EXCHANGE_LIMIT));
                seconds[i] = (System.nanoTime() - start) / 1e9;
                quality = quality.worst(response.quality());
            }
            Percentile sorted = new Percentile();
            sorted.setData(seconds);
            double median = sorted.evaluate(50);
            double most = sorted.evaluate(100);
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("machine", Machine.here().json());
            object.put("device", uri);
            object.put("exchanges", exchanges);
            object.put("lanes", card.lanes());
            object.put("parameters", card.count(Role.PARAMETER));
            object.put("medianSeconds", median);
            object.put("maxSeconds", most);
            object.put("quality", quality.verdict().name().toLowerCase(Locale.ROOT));
            return new Measured(
                    object,
                    List.of(String.format(
                            Locale.ROOT,
                            "%s: %d exchanges of %d lane%s, median %.3g s, longest %.3g s, %s",
                            uri,
                            exchanges,
                            card.lanes(),
                            card.lanes() == 1 ? "" : "s",
                            median,
                            most,
                            quality.verdict().name().toLowerCase(Locale.ROOT))));
        }
    }

    private static Stimulus drawn(Descriptor card, Teaching teaching, SplittableRandom random) {
        double[][] inputs = new double[card.lanes()][];
        for (int lane = 0; lane < inputs.length; lane++) {
            inputs[lane] = card.channels(Role.INPUT).stream()
                    .mapToDouble(channel -> random.nextDouble(channel.min(), channel.max()))
                    .toArray();
        }
        Levels levels = Levels.of(Role.INPUT, inputs);
        if (card.can(Ability.WRITABLE_PARAMETERS)) {
            levels = levels.and(Levels.of(
                    Role.PARAMETER,
                    card.channels(Role.PARAMETER).stream()
                            .mapToDouble(channel -> start(channel, teaching.start(channel), random))
                            .toArray()));
        }
        return card.question(levels).when(card.plasticity());
    }

    private static double start(Channel channel, Teaching.Range range, SplittableRandom random) {
        double drawn = range.lowest() + (range.highest() - range.lowest()) * random.nextDouble();
        return Math.clamp(drawn, channel.min(), channel.max());
    }
}
