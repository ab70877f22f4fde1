package org.homeostat.catalog;

import java.nio.file.Path;
import java.util.Map;
import org.homeostat.run.BadInput;
import org.homeostat.run.Csv;
import org.homeostat.run.Experiment;
import org.homeostat.run.Teaching;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An experiment as people write it: YAML in which what is left out has a default, and {@code teaching} changes single
 * choices of the board's own. The keys are explained in {@code sim/README.md}.
 */
public final class ExperimentFile {

    private static final String DEFAULT_LEARNER = "aeqprop-centered";

    private record Draft(
            String experiment,
            String device,
            @Nullable String learner,
            @Nullable JsonNode teaching,
            Data data,
            @Nullable Double testPart,
            @Nullable Integer epochs,
            @Nullable Long seed) {}

    private record Data(
            @Nullable String csv,
            @Nullable String target,
            Csv.@Nullable Task task,
            @Nullable String test,
            @Nullable String generate,
            @Nullable Integer rows,
            @Nullable Double noise) {}

    private ExperimentFile() {}

    /** Reads a file; CSV paths in it are relative to its folder. */
    public static Experiment read(Path file, Catalog catalog) {
        return read(Yaml.text(file), file.toString(), file.toAbsolutePath().getParent(), catalog);
    }

    private static Experiment read(String text, String name, @Nullable Path folder, Catalog catalog) {
        Draft draft = Yaml.read(text, name, Draft.class);
        Path base = folder == null ? Path.of("") : folder;
        String device = draft.device;
        return new Experiment(
                draft.experiment,
                device,
                draft.learner == null ? DEFAULT_LEARNER : draft.learner,
                teaching(catalog.teaching(device), draft.teaching, name),
                source(draft.data, base, name),
                draft.testPart == null ? 0.25 : draft.testPart,
                draft.epochs == null ? 40 : draft.epochs,
                draft.seed == null ? 1 : draft.seed);
    }

    /** The board's teaching with an experiment's changes laid over it. */
    private static Teaching teaching(Teaching usual, @Nullable JsonNode changes, String name) {
        if (changes == null) {
            return usual;
        }
        if (!(changes instanceof ObjectNode object)) {
            throw new BadInput(name + ", teaching: expected keys and values, as in 'beta: 0.5'");
        }
        ObjectNode merged = Yaml.toTree(usual);
        merged.setAll(object);
        return Yaml.read(merged, name + ", teaching", Teaching.class);
    }

    /**
     * A teaching with single choices changed.
     *
     * @throws BadInput if a key is unknown or a value does not fit
     */
    public static Teaching changed(Teaching usual, Map<String, String> changes) {
        if (changes.isEmpty()) {
            return usual;
        }
        StringBuilder text = new StringBuilder();
        changes.forEach(
                (key, value) -> text.append(key).append(": ").append(value).append('\n'));
        return teaching(usual, Yaml.tree(text.toString(), "--set"), "--set");
    }

    private static Experiment.Source source(Data data, Path base, String name) {
        if (data.generate != null) {
            if (data.csv != null) {
                throw new BadInput(name + ", data: expected either csv or generate, not both");
            }
            if (!data.generate.equals("two-moons")) {
                throw new BadInput(
                        name + ", data.generate: there is no generator '" + data.generate + "'; expected two-moons");
            }
            int rows = data.rows == null ? 400 : data.rows;
            double noise = data.noise == null ? 0.1 : data.noise;
            if (rows < 8 || !(noise >= 0)) {
                throw new BadInput(name + ", data: expected 8 rows or more and a noise of 0 or more");
            }
            return Experiment.Source.moons(rows, noise);
        }
        if (data.csv == null || data.target == null) {
            throw new BadInput(name + ", data: expected csv and target, or generate");
        }
        return Experiment.Source.csv(
                base.resolve(data.csv), data.target, data.task, data.test == null ? null : base.resolve(data.test));
    }
}
