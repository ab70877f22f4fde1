package org.homeostat.catalog;

import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.homeostat.catalog.Catalog.Known;
import org.homeostat.catalog.Yaml.Placed;
import org.homeostat.run.BadInput;
import org.homeostat.run.Sweep;
import org.homeostat.run.Sweep.Point;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A sweep as people write it: an experiment, and the fields of it that are varied over a grid, drawn at random, or both. The
 * keys are explained in {@code sim/README.md}. What a file means depends on nothing but the file: the same points, in the
 * same order, on every machine.
 */
public final class SweepFile {

    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
    private static final int LONGEST_NAME = 64;

    /** A drawn number is what a table shows, so that people can run it again by hand. */
    private static final MathContext DRAWN_DIGITS = new MathContext(4);

    private record Draft(
            String sweep,
            JsonNode experiment,
            @Nullable JsonNode grid,
            @Nullable Random random) {}

    record Random(int count, @Nullable Long seed, @Nullable JsonNode draws) {
        Random {
            if (count < 1) {
                throw new IllegalArgumentException("count: expected 1 or more, not " + count);
            }
        }
    }

    /** How a range is drawn from. */
    enum Scale {
        LINEAR,
        LOG
    }

    record Range(double low, double high, @Nullable Scale scale) {
        Range {
            if (!(low < high)) {
                throw new IllegalArgumentException("low: expected less than high, which is " + high + ", not " + low);
            }
            if (scale == Scale.LOG && !(low > 0)) {
                throw new IllegalArgumentException("low: expected more than 0 on a log scale, not " + low);
            }
        }
    }

    /** What a field takes at a point, and where that stands. */
    private record Varied(String field, Placed placed) {}

    private final Yaml yaml;
    private final Draft draft;
    private final Map<String, Type> fields = ExperimentFile.fields();

    private SweepFile(Yaml yaml) {
        this.yaml = yaml;
        draft = yaml.as(Draft.class);
    }

    /**
     * Reads a file; the path of an experiment file in it is relative to its folder.
     *
     * @throws BadInput if something in it cannot be used, naming file, line and field; or if a point is no twin
     */
    public static Sweep read(Path file, Catalog catalog) {
        return new SweepFile(Yaml.of(Yaml.text(file), file.toString())).sweep(file, catalog);
    }

    private Sweep sweep(Path file, Catalog catalog) {
        if (!NAME.matcher(draft.sweep).matches() || draft.sweep.length() > LONGEST_NAME) {
            throw yaml.refused(
                    "sweep",
                    "expected at most " + LONGEST_NAME + " small letters, digits and hyphens, as in moons-beta, not '"
                            + draft.sweep + "'");
        }
        if (draft.grid == null && draft.random == null) {
            throw yaml.refusedAt("", "nothing is varied; expected grid, random or both", null);
        }
        List<List<Varied>> grid = grid();
        List<Function<SplittableRandom, Varied>> draws = draws();
        long count = draft.random == null ? 1 : draft.random.count;
        for (List<Varied> values : grid) {
            // Beyond the limit the exact number no longer matters, and must not overflow.
            count = Math.min(count * values.size(), Integer.MAX_VALUE);
        }
        if (count > Sweep.MOST_POINTS) {
            throw yaml.refused(
                    draft.random == null ? "grid" : "random",
                    "this makes " + (count == Integer.MAX_VALUE ? "billions of" : String.valueOf(count))
                            + " points, expected at most " + Sweep.MOST_POINTS
                            + "; vary less, or draw some of it at random");
        }

        Base base = base(file);
        // A few devices, asked for at thousands of points.
        Map<String, Known> devices = new HashMap<>();
        Function<String, Known> known = uri -> devices.computeIfAbsent(uri, catalog::known);
        SplittableRandom random =
                new SplittableRandom(draft.random == null || draft.random.seed == null ? 1 : draft.random.seed);
        List<Point> points = new ArrayList<>();
        // Draws are the outer loop: with a larger count the points so far keep their names.
        for (int draw = 0; draw < (draft.random == null ? 1 : draft.random.count); draw++) {
            List<Varied> drawn = new ArrayList<>();
            draws.forEach(one -> drawn.add(one.apply(random)));
            product(grid, 0, new ArrayList<>(), at -> {
                List<Varied> all = new ArrayList<>(at);
                all.addAll(drawn);
                points.add(point(points.size(), all, base, known));
            });
        }
        List<String> keys = new ArrayList<>(points.getFirst().values().keySet());
        return new Sweep(draft.sweep, keys, points);
    }

    /** Every combination, the values of the last field changing fastest. */
    private static void product(
            List<List<Varied>> grid, int from, List<Varied> chosen, java.util.function.Consumer<List<Varied>> each) {
        if (from == grid.size()) {
            each.accept(chosen);
            return;
        }
        for (Varied value : grid.get(from)) {
            chosen.add(value);
            product(grid, from + 1, chosen, each);
            chosen.removeLast();
        }
    }

    private List<List<Varied>> grid() {
        List<List<Varied>> grid = new ArrayList<>();
        if (draft.grid == null) {
            return grid;
        }
        for (Map.Entry<String, JsonNode> key : entries(draft.grid, "/grid")) {
            String pointer = "/grid/" + key.getKey();
            var unused = type(key.getKey(), pointer);
            grid.add(choices(key.getKey(), key.getValue(), pointer));
        }
        return grid;
    }

    /** The fields under a key; there must be some. */
    private Iterable<Map.Entry<String, JsonNode>> entries(@Nullable JsonNode node, String pointer) {
        if (node instanceof ObjectNode some && !some.isEmpty()) {
            return some.properties();
        }
        throw yaml.refusedAt(
                pointer, "expected the fields to vary, such as seed or teaching.beta, each with its values", null);
    }

    private Type type(String field, String pointer) {
        Type type = fields.get(field);
        if (type == null) {
            throw yaml.refusedAt(
                    pointer,
                    "there is no such field to vary; expected one of " + String.join(", ", fields.keySet()),
                    null);
        }
        return type;
    }

    private List<Varied> choices(String field, JsonNode list, String pointer) {
        if (!list.isArray() || list.isEmpty()) {
            throw yaml.refusedAt(pointer, "expected a list of values in square brackets, such as [1, 2]", null);
        }
        Set<JsonNode> seen = new HashSet<>();
        List<Varied> choices = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            if (!seen.add(list.get(i))) {
                throw yaml.refusedAt(
                        pointer + "/" + i, "the value " + list.get(i).asString() + " is given twice", null);
            }
            choices.add(new Varied(field, new Placed(list.get(i), yaml.where(pointer + "/" + i))));
        }
        return choices;
    }

    private List<Function<SplittableRandom, Varied>> draws() {
        List<Function<SplittableRandom, Varied>> draws = new ArrayList<>();
        if (draft.random == null) {
            return draws;
        }
        for (Map.Entry<String, JsonNode> key : entries(draft.random.draws, "/random/draws")) {
            String field = key.getKey();
            String pointer = "/random/draws/" + field;
            Type type = type(field, pointer);
            if (draft.grid != null && draft.grid.has(field)) {
                throw yaml.refusedAt(pointer, "the field is in grid already; leave it out in one of them", null);
            }
            if (key.getValue().isArray()) {
                List<Varied> choices = choices(field, key.getValue(), pointer);
                draws.add(random -> choices.get(random.nextInt(choices.size())));
                continue;
            }
            boolean whole = Set.<Type>of(int.class, Integer.class, long.class, Long.class)
                    .contains(type);
            if (!whole && type != double.class && type != Double.class) {
                throw yaml.refusedAt(pointer, "expected a list of values to choose from; this is no number", null);
            }
            Range range = yaml.part(pointer, Range.class);
            String origin = yaml.where(pointer);
            draws.add(random ->
                    new Varied(field, new Placed(number(drawn(range, whole, random.nextDouble()), whole), origin)));
        }
        return draws;
    }

    private static JsonNode number(double value, boolean whole) {
        return whole ? JsonNodeFactory.instance.numberNode((long) value) : JsonNodeFactory.instance.numberNode(value);
    }

    /** The value that a part from 0 to 1 of a range stands for. StrictMath: the same on every machine. */
    private static double drawn(Range range, boolean whole, double part) {
        boolean log = range.scale == Scale.LOG;
        double low = log ? StrictMath.log(range.low) : range.low;
        // Both ends of a range of whole numbers are as likely as the numbers between.
        double top = range.high + (whole ? 1 : 0);
        double high = log ? StrictMath.log(top) : top;
        double value = low + (high - low) * part;
        double plain = log ? StrictMath.exp(value) : value;
        double rounded = whole
                ? Math.floor(plain)
                : new BigDecimal(plain).round(DRAWN_DIGITS).doubleValue();
        return Math.clamp(rounded, range.low, range.high);
    }

    /** The experiment that is varied. */
    private record Base(Yaml yaml, Path folder) {}

    private Base base(Path file) {
        Path folder = ExperimentFile.folder(file);
        if (draft.experiment.isObject()) {
            return new Base(yaml.under("experiment"), folder);
        }
        if (!draft.experiment.isString()) {
            throw yaml.refused("experiment", "expected the path of an experiment file, or its keys and values");
        }
        Path other = Optional.ofNullable(file.getParent()).orElse(Path.of("")).resolve(draft.experiment.asString());
        return new Base(Yaml.of(Yaml.text(other), other.toString()), ExperimentFile.folder(other));
    }

    private Point point(int number, List<Varied> at, Base base, Function<String, Known> known) {
        String name = String.format(Locale.ROOT, "%s-%04d", draft.sweep, number);
        Map<String, Placed> placed = new LinkedHashMap<>();
        Map<String, Object> values = new LinkedHashMap<>();
        for (Varied one : at) {
            placed.put(one.field, one.placed);
            JsonNode value = one.placed.value();
            values.put(
                    one.field,
                    value.isIntegralNumber()
                            ? (Object) value.asLong()
                            : value.isNumber() ? (Object) value.asDouble() : text(value));
        }
        placed.put("experiment", new Placed(JsonNodeFactory.instance.stringNode(name), name));
        Yaml experiment = base.yaml.with(placed);
        experiment.word("device").filter(uri -> !twins(uri)).ifPresent(uri -> {
            throw experiment.refused(
                    "device",
                    "only twins can be swept, for a sweep may run a point twice and a board takes every step for good;"
                            + " expected a twin, such as twin:resistor-array-v1, not '" + uri + "'");
        });
        return new Point(number, name, values, ExperimentFile.of(experiment, base.folder, null, known));
    }

    private static String text(JsonNode value) {
        return value.isValueNode() ? value.asString() : value.toString();
    }

    /** True if a device is a twin, or a list of nothing else. */
    private static boolean twins(String uri) {
        return Arrays.stream(uri.split(",", -1)).allMatch(one -> one.strip().startsWith("twin:"));
    }
}
