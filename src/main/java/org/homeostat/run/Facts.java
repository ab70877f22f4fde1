package org.homeostat.run;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.homeostat.run.Observer.Epoch;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What is known of a run as single values, to list, sort, filter and compare runs by. Settings are called as in experiment
 * files ({@code seed}, {@code teaching.beta}, {@code data.rows}), results as in the JSON of {@code train}
 * ({@code test.accuracy}, {@code exchanges}), all else as in {@code run.json}. What does not apply is absent.
 *
 * @param run its name in the store
 * @param values by key: a {@link Long}, a {@link Double} that is finite, or a {@link String}
 * @param epochs what each epoch showed
 */
public record Facts(String run, SortedMap<String, Object> values, List<Epoch> epochs) {

    /** The status of a run whose record cannot be read; its remark says why. */
    public static final String UNREADABLE = "unreadable";

    /** Not what decided the run, but what came of it or where and when it was. */
    private static final Set<String> NO_SETTINGS = Set.of("run", "status", "remark", "created", "format");

    private static final Set<String> RESULTS =
            Set.of("epochsTaught", "exchanges", "wallSeconds", "parameters", "linear");

    private static final Set<String> CIRCUMSTANCES = Set.of(
            "board",
            "firmware",
            "descriptorDigest",
            "dataDigest",
            "calibrationDigest",
            "configurationDigest",
            "version",
            "commit",
            "jdk",
            "jvm",
            "os",
            "processors");

    public Facts {
        values = Collections.unmodifiableSortedMap(values);
        epochs = List.copyOf(epochs);
    }

    /**
     * Of the folder of a run; one that cannot be read has the status {@link #UNREADABLE}.
     */
    public static Facts of(RunFolder folder) {
        TreeMap<String, Object> values = new TreeMap<>();
        List<Epoch> epochs = new ArrayList<>();
        try {
            JsonNode record = RunFolder.tree(folder.record());
            for (Map.Entry<String, JsonNode> part : record.properties()) {
                switch (part.getKey()) {
                    // Figures of every feature, which follow from the data.
                    case "encoding" -> {}
                    case "experiment", "provenance" -> put("", part.getValue(), values);
                    case "result" -> result(part.getValue(), values);
                    default -> put(part.getKey(), part.getValue(), values);
                }
            }
            epochs.addAll(new EpochLog(folder).read());
        } catch (BadInput e) {
            values.clear();
            values.put("status", UNREADABLE);
            values.put("remark", String.valueOf(e.getMessage()));
        }
        values.put("run", folder.name());
        return new Facts(folder.name(), values, epochs);
    }

    private static void result(JsonNode result, Map<String, Object> values) {
        for (Map.Entry<String, JsonNode> part : result.properties()) {
            // The experiment's epochs are those planned.
            put(part.getKey().equals("epochs") ? "epochsTaught" : part.getKey(), part.getValue(), values);
        }
    }

    private static void put(String key, JsonNode node, Map<String, Object> values) {
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> part : node.properties()) {
                put(key.isEmpty() ? part.getKey() : key + "." + part.getKey(), part.getValue(), values);
            }
        } else if (node.isIntegralNumber()) {
            values.put(key, node.asLong());
        } else if (node.isNumber()) {
            if (Double.isFinite(node.asDouble())) {
                values.put(key, node.asDouble());
            }
        } else if (node.isArray() ? !node.isEmpty() : !node.isNull()) {
            String text = node.isArray() ? node.toString() : node.asString();
            values.put(key, word(key) ? text.toLowerCase(Locale.ROOT).replace('_', '-') : text);
        }
    }

    /** True for what is one of a few words, written in a record as constants are in Java. */
    private static boolean word(String key) {
        return key.equals("status") || key.startsWith("teaching.") && !key.contains("solver") && !key.contains("model");
    }

    /** A value; null where it does not apply. */
    public @Nullable Object value(String key) {
        return values.get(key);
    }

    /** A value as people read it; the empty text where it does not apply. */
    public String text(String key) {
        Object value = values.get(key);
        return value == null ? "" : value.toString();
    }

    /** A number; NaN where it does not apply, or is none. */
    public double number(String key) {
        return values.get(key) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    /** True if a key names something that the user decided. */
    public static boolean isSetting(String key) {
        return !NO_SETTINGS.contains(key)
                && !RESULTS.contains(key)
                && !key.startsWith("train.")
                && !key.startsWith("test.")
                && !isCircumstance(key);
    }

    /** True if a key names something that was so when it ran: the device, the data, the program, the computer. */
    public static boolean isCircumstance(String key) {
        return CIRCUMSTANCES.contains(key) || key.startsWith("files.");
    }
}
