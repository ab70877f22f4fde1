package org.homeostat.catalog;

import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.homeostat.run.BadInput;
import org.homeostat.run.Csv;
import org.homeostat.run.Experiment;
import org.homeostat.run.Idx;
import org.homeostat.run.Limits;
import org.homeostat.run.Teaching;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An experiment as people write it: YAML in which what is left out has a default, and {@code teaching} changes single
 * choices of the board's own. The keys are explained in {@code sim/README.md}.
 */
public final class ExperimentFile {

    private static final String DEFAULT_LEARNER = "aeqprop-centered";
    private static final double DEFAULT_TEST_PART = 0.25;
    private static final int DEFAULT_EPOCHS = 40;
    private static final int DEFAULT_ROWS = 400;
    private static final int FEWEST_ROWS = 8;
    private static final double DEFAULT_NOISE = 0.1;
    private static final int FEWEST_BITS = 2;
    private static final int MOST_BITS = 12;

    private record Draft(
            String experiment,
            String device,
            @Nullable String learner,
            @Nullable JsonNode teaching,
            Data data,
            @Nullable Double testPart,
            @Nullable Integer epochs,
            @Nullable Long seed,
            @Nullable Limits limits,
            @Nullable Boolean journal) {}

    private record Data(
            @Nullable String csv,
            @Nullable String target,
            Csv.@Nullable Task task,
            @Nullable List<String> ignore,
            @Nullable String test,
            @Nullable String generate,
            @Nullable Integer rows,
            @Nullable Double noise,
            @Nullable Integer bits,
            @Nullable String images,
            @Nullable String labels,
            @Nullable String testImages,
            @Nullable String testLabels,
            @Nullable Integer testRows,
            @Nullable Integer perClass) {}

    private ExperimentFile() {}

    /** Reads a file that names no folder of data sets; see {@link #read(Path, String, Path, Catalog)}. */
    public static Experiment read(Path file, @Nullable String device, Catalog catalog) {
        return read(file, device, Path.of("${data}"), catalog);
    }

    /**
     * Reads a file; paths in it are relative to its folder.
     *
     * @param device the URI of another device than the file's; null for the file's own
     * @param data what <code>${data}</code> stands for in it
     * @throws BadInput if something in it cannot be used, naming file, line and field
     */
    public static Experiment read(Path file, @Nullable String device, Path data, Catalog catalog) {
        String text = Yaml.text(file).replace("${data}", data.toString());
        return of(Yaml.of(text, file.toString()), folder(file), device, catalog::known);
    }

    /** What CSV paths in a file are relative to. */
    static Path folder(Path file) {
        return file.toAbsolutePath().resolveSibling("");
    }

    /** The fields that a sweep may vary, such as {@code teaching.beta}, with their types; in the order of the keys. */
    static Map<String, Type> fields() {
        Map<String, Type> fields = new LinkedHashMap<>();
        for (RecordComponent key : Draft.class.getRecordComponents()) {
            switch (key.getName()) {
                case "experiment" -> {}
                case "teaching" -> fieldsOf(Teaching.class, "teaching.", fields);
                case "data" -> fieldsOf(Data.class, "data.", fields);
                case "limits" -> {
                    for (RecordComponent role : Limits.class.getRecordComponents()) {
                        fieldsOf(Limits.Limit.class, "limits." + role.getName() + ".", fields);
                    }
                }
                default -> fields.put(key.getName(), key.getGenericType());
            }
        }
        return fields;
    }

    private static void fieldsOf(Class<?> type, String before, Map<String, Type> fields) {
        for (RecordComponent key : type.getRecordComponents()) {
            fields.put(before + key.getName(), key.getGenericType());
        }
    }

    /**
     * Reads what was parsed; CSV paths in it are relative to a folder.
     *
     * @param boards what is known of the board of a device's URI
     */
    static Experiment of(Yaml yaml, Path folder, @Nullable String device, Function<String, Catalog.Known> boards) {
        Draft draft = yaml.as(Draft.class);
        String uri = device == null ? draft.device : device;
        if (draft.testPart != null && !(draft.testPart >= 0 && draft.testPart < 1)) {
            throw yaml.refused("testPart", "expected 0 or more and below 1, not " + draft.testPart);
        }
        if (draft.epochs != null && draft.epochs < 1) {
            throw yaml.refused("epochs", "expected 1 or more, not " + draft.epochs);
        }
        if (draft.learner != null && !Learners.names().contains(draft.learner)) {
            throw yaml.refused("learner", Learners.unknown(draft.learner));
        }
        Catalog.Known known;
        try {
            known = boards.apply(uri);
        } catch (BadInput e) {
            throw device == null ? yaml.refused("device", String.valueOf(e.getMessage())) : e;
        }
        return new Experiment(
                draft.experiment,
                uri,
                draft.learner == null ? DEFAULT_LEARNER : draft.learner,
                yaml.over(known.teaching(), Teaching.class, "teaching"),
                source(draft.data, folder, yaml),
                draft.testPart == null ? DEFAULT_TEST_PART : draft.testPart,
                draft.epochs == null ? DEFAULT_EPOCHS : draft.epochs,
                draft.seed == null ? 1 : draft.seed,
                limits(known.limits(), draft.limits, yaml),
                draft.journal);
    }

    /** An experiment may tighten the limits of its board, not widen them. */
    private static Limits limits(Limits board, @Nullable Limits own, Yaml yaml) {
        try {
            return own == null ? board : board.and(own);
        } catch (IllegalArgumentException e) {
            throw yaml.refused("limits", "together with the board's own limits nothing is left: " + e.getMessage());
        }
    }

    /**
     * A teaching with single choices changed.
     *
     * @throws BadInput if a key is unknown or a value does not fit
     */
    public static Teaching changed(Teaching usual, Map<String, String> changes) {
        return Yaml.of(changes, "--set").over(usual, Teaching.class, "");
    }

    private static Experiment.Source source(Data data, Path folder, Yaml yaml) {
        if (data.images != null) {
            return images(data, folder, yaml);
        }
        if (data.labels != null
                || data.testImages != null
                || data.testLabels != null
                || data.testRows != null
                || data.perClass != null) {
            throw yaml.refused("data", "labels, testImages, testLabels, testRows and perClass go with images");
        }
        if (data.generate != null) {
            if (data.csv != null) {
                throw yaml.refused("data.csv", "expected either csv or generate, not both");
            }
            if (data.target != null || data.task != null || data.ignore != null || data.test != null) {
                throw yaml.refused("data", "target, task, ignore and test go with csv; leave them out with generate");
            }
            return generated(data.generate, data, yaml);
        }
        if (data.csv == null) {
            throw yaml.refused("data", "expected csv and target, or images, or generate");
        }
        if (data.target == null) {
            throw yaml.refused("data.target", "the key is missing; expected the name or number of the column to learn");
        }
        if (data.rows != null || data.noise != null || data.bits != null) {
            throw yaml.refused("data", "rows, noise and bits go with generate; leave them out with csv");
        }
        return Experiment.Source.csv(
                folder.resolve(data.csv),
                data.target,
                data.task,
                data.ignore == null ? List.of() : data.ignore,
                data.test == null ? null : folder.resolve(data.test));
    }

    private static Experiment.Source images(Data data, Path folder, Yaml yaml) {
        if (data.csv != null
                || data.generate != null
                || data.target != null
                || data.task != null
                || data.ignore != null
                || data.test != null
                || data.noise != null
                || data.bits != null) {
            throw yaml.refused(
                    "data",
                    "with images go labels, testImages, testLabels, rows, testRows and perClass; leave out the others");
        }
        try {
            return Experiment.Source.images(new Idx.Source(
                    absolute(folder, String.valueOf(data.images)),
                    absolute(folder, labels(data.images, data.labels)),
                    data.testImages == null ? null : absolute(folder, data.testImages),
                    data.testImages == null
                            ? data.testLabels
                            : absolute(folder, labels(data.testImages, data.testLabels)),
                    data.rows,
                    data.testRows,
                    data.perClass));
        } catch (BadInput e) {
            throw yaml.refused("data", String.valueOf(e.getMessage()).replaceFirst("^data[.:] ?", ""));
        }
    }

    private static String labels(@Nullable String images, @Nullable String labels) {
        return labels == null ? Idx.labelsFor(Path.of(String.valueOf(images))).toString() : labels;
    }

    private static String absolute(Path folder, String file) {
        return folder.resolve(file).toAbsolutePath().normalize().toString();
    }

    private static Experiment.Source generated(String generator, Data data, Yaml yaml) {
        if (!Experiment.Source.GENERATORS.contains(generator)) {
            throw yaml.refused("data.generate", Experiment.Source.unknownGenerator(generator));
        }
        boolean patterns = generator.equals("xor") || generator.equals("parity");
        if (data.rows != null && patterns) {
            throw yaml.refused("data.rows", "the patterns of " + generator + " are as many as they are; leave it out");
        }
        if (data.rows != null && data.rows < FEWEST_ROWS) {
            throw yaml.refused("data.rows", "expected " + FEWEST_ROWS + " or more, not " + data.rows);
        }
        if (data.noise != null && !generator.equals("two-moons")) {
            throw yaml.refused("data.noise", "it goes with two-moons; leave it out with " + generator);
        }
        if (data.noise != null && data.noise < 0) {
            throw yaml.refused("data.noise", "expected 0 or more, not " + data.noise);
        }
        if (data.bits != null && !generator.equals("parity")) {
            throw yaml.refused("data.bits", "it goes with parity; leave it out with " + generator);
        }
        if (generator.equals("parity") && (data.bits == null || data.bits < FEWEST_BITS || data.bits > MOST_BITS)) {
            throw yaml.refused(
                    "data.bits",
                    "expected " + FEWEST_BITS + " to " + MOST_BITS + (data.bits == null ? "" : ", not " + data.bits));
        }
        int rows = data.rows == null ? DEFAULT_ROWS : data.rows;
        return switch (generator) {
            case "two-moons" -> Experiment.Source.moons(rows, data.noise == null ? DEFAULT_NOISE : data.noise);
            case "linear" -> Experiment.Source.linear(rows);
            default -> Experiment.Source.parity(data.bits == null ? FEWEST_BITS : data.bits);
        };
    }
}
