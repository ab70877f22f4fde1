package org.homeostat.catalog;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A YAML text that is read into records, strictly: an unknown key, a missing one, a wrong type or a value that a record
 * refuses is answered with its file, line and field.
 */
final class Yaml {

    private static final YAMLMapper MAPPER = YAMLMapper.builder()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** A record that refuses a value starts its sentence with the key. */
    private static final Pattern KEY_FIRST = Pattern.compile("(?s)(\\w+): (.*)");

    private final String name;
    private final ObjectNode tree;
    private final Map<String, Integer> lines;

    /** Where in the file the tree hangs, as a pointer; empty for a whole file. */
    private final String root;

    /** Where values came from that stand elsewhere than the tree, by pointer. */
    private final Map<String, String> origins;

    private Yaml(String name, ObjectNode tree, Map<String, Integer> lines, String root, Map<String, String> origins) {
        this.name = name;
        this.tree = tree;
        this.lines = lines;
        this.root = root;
        this.origins = origins;
    }

    /** A value for a field, and where it stands. */
    record Placed(JsonNode value, String origin) {}

    /** Parses a text; {@code name} is what messages call it. */
    static Yaml of(String text, String name) {
        Map<String, Integer> lines = new HashMap<>();
        try (JsonParser parser = MAPPER.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                lines.putIfAbsent(
                        parser.streamReadContext().pathAsPointer().toString(),
                        parser.currentTokenLocation().getLineNr());
            }
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return new Yaml(name, object, lines, "", Map.of());
            }
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new BadInput(name + (line > 0 ? ", line " + line : "") + ": " + problem(e), e);
        }
        throw new BadInput(name + ", line 1: expected keys and values, as in 'device: twin:resistor-array-v1'");
    }

    /** Keys and values that stand in no file. */
    static Yaml of(Map<String, String> values, String name) {
        ObjectNode tree = MAPPER.createObjectNode();
        values.forEach((key, text) -> {
            try {
                tree.set(key, MAPPER.readTree(text));
            } catch (JacksonException e) {
                tree.put(key, text);
            }
        });
        return new Yaml(name, tree, Map.of(), "", Map.of());
    }

    /** The text of a file a user named. */
    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new BadInput(file + ": there is no such file; check the path", e);
        } catch (AccessDeniedException e) {
            throw new BadInput(file + ": no permission to read it", e);
        } catch (MalformedInputException e) {
            throw new BadInput(file + ": it is not text in UTF-8; expected an experiment file (YAML)", e);
        } catch (IOException e) {
            throw new BadInput(
                    file + ": " + (Files.isDirectory(file) ? "this is a folder; expected a file" : "unreadable: " + e),
                    e);
        }
    }

    /** The whole as a record: every component is a key; those that may be null may be left out. */
    <T> T as(Class<T> type) {
        check(tree, type, "", false, false);
        return made(tree, type, "");
    }

    /** A record with single components changed by what stands under a key; unchanged where nothing does. */
    <T extends Record> T over(T usual, Class<T> type, String key) {
        String pointer = key.isEmpty() ? "" : "/" + key;
        JsonNode changes = key.isEmpty() ? tree : tree.get(key);
        if (changes == null) {
            return usual;
        }
        check(changes, type, pointer, true, true);
        ObjectNode merged = MAPPER.valueToTree(usual);
        return made(merged.setAll((ObjectNode) changes), type, pointer);
    }

    /** What stands under a pointer such as {@code /draws/teaching.beta} as a record, checked like a whole file. */
    <T> T part(String pointer, Class<T> type) {
        check(tree.at(pointer), type, pointer, false, false);
        return made((ObjectNode) tree.at(pointer), type, pointer);
    }

    /** The keys and values under a key as a text of their own, which still knows its lines. */
    Yaml under(String key) {
        return new Yaml(name, (ObjectNode) tree.get(key), lines, root + "/" + key, origins);
    }

    /** The same with other values for fields such as {@code teaching.beta}; what is wrong with one is told of its origin. */
    Yaml with(Map<String, Placed> values) {
        ObjectNode changed = tree.deepCopy();
        Map<String, String> places = new HashMap<>(origins);
        values.forEach((field, placed) -> {
            String[] steps = field.split("\\.", -1);
            JsonNode near = changed;
            for (int i = 0; i < steps.length - 1; i++) {
                if (!(near.get(steps[i]) instanceof ObjectNode)) {
                    ((ObjectNode) near).set(steps[i], MAPPER.createObjectNode());
                }
                near = near.path(steps[i]);
            }
            ((ObjectNode) near).set(steps[steps.length - 1], placed.value());
            places.put("/" + field.replace('.', '/'), placed.origin());
        });
        return new Yaml(name, changed, lines, root, places);
    }

    /** The text that stands under a key, if one does. */
    Optional<String> word(String key) {
        return tree.get(key) instanceof JsonNode node && node.isString()
                ? Optional.of(node.asString())
                : Optional.empty();
    }

    /** A refusal of what stands under a field such as {@code data.rows}. */
    BadInput refused(String field, String why) {
        return refusedAt("/" + field.replace('.', '/'), why, null);
    }

    /** A refusal of what stands under a pointer; the empty one means the whole. */
    BadInput refusedAt(String pointer, String why, @Nullable Throwable cause) {
        return new BadInput(where(pointer) + ": " + why, cause);
    }

    /** File, line and field of what stands under a pointer. */
    String where(String pointer) {
        for (Map.Entry<String, String> origin : origins.entrySet()) {
            if (pointer.equals(origin.getKey()) || pointer.startsWith(origin.getKey() + "/")) {
                return origin.getValue();
            }
        }
        String whole = root + pointer;
        StringBuilder where = new StringBuilder(name);
        // What is missing has no line of its own: the nearest key around it has.
        for (String near = whole; !lines.isEmpty(); near = near.substring(0, near.lastIndexOf('/'))) {
            Integer line = lines.get(near);
            if (line != null) {
                where.append(", line ").append(line);
                break;
            }
        }
        if (!whole.isEmpty()) {
            where.append(lines.isEmpty() ? " " : ", ")
                    .append(whole.substring(1)
                            .replaceAll("/(\\d+)(?=/|$)", "[$1]")
                            .replace('/', '.'));
        }
        return where.toString();
    }

    /**
     * Refuses what does not fit a type, before anything is made of it.
     *
     * @param mayLack true if it need not be there at all
     * @param partly true if any of its keys may be left out
     */
    private void check(JsonNode node, Type type, String pointer, boolean mayLack, boolean partly) {
        if (node.isNull()) {
            throw refusedAt(
                    pointer,
                    "there is no value; expected " + expected(type) + (mayLack ? ", or leave out the key" : ""),
                    null);
        }
        if (!fits(node, type)) {
            throw refusedAt(
                    pointer,
                    "expected " + expected(type) + (node.isValueNode() ? ", not '" + node.asString() + "'" : ""),
                    null);
        }
        if (type instanceof Class<?> one && one.isRecord()) {
            Map<String, RecordComponent> keys = Arrays.stream(one.getRecordComponents())
                    .collect(Collectors.toMap(RecordComponent::getName, component -> component));
            for (Map.Entry<String, JsonNode> property : node.properties()) {
                if (!keys.containsKey(property.getKey())) {
                    throw refusedAt(
                            pointer + "/" + property.getKey(),
                            "there is no such key; expected one of "
                                    + Arrays.stream(one.getRecordComponents())
                                            .map(RecordComponent::getName)
                                            .collect(Collectors.joining(", ")),
                            null);
                }
            }
            for (RecordComponent component : one.getRecordComponents()) {
                JsonNode part = node.get(component.getName());
                boolean optional = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
                if (part != null) {
                    check(
                            part,
                            component.getGenericType(),
                            pointer + "/" + component.getName(),
                            optional || partly,
                            partly);
                } else if (!optional && !partly) {
                    throw refusedAt(
                            pointer + "/" + component.getName(),
                            "the key is missing; expected " + expected(component.getGenericType()),
                            null);
                }
            }
        } else if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
            for (Map.Entry<String, JsonNode> property : node.properties()) {
                check(
                        property.getValue(),
                        map.getActualTypeArguments()[1],
                        pointer + "/" + property.getKey(),
                        false,
                        false);
            }
        } else if (type instanceof ParameterizedType list) {
            for (int i = 0; i < node.size(); i++) {
                check(node.get(i), list.getActualTypeArguments()[0], pointer + "/" + i, false, false);
            }
        }
    }

    private static boolean fits(JsonNode node, Type type) {
        return switch (type) {
            case ParameterizedType map when map.getRawType() == Map.class -> node.isObject();
            case ParameterizedType list -> node.isArray();
            case Class<?> one when one.isRecord() -> node.isObject();
            case Class<?> one
            when one.isEnum() ->
                node.isString() && words(one).contains(node.asString().toLowerCase(Locale.ROOT));
            case Class<?> one
            when one == int.class || one == Integer.class -> node.isIntegralNumber() && node.canConvertToInt();
            case Class<?> one
            when one == long.class || one == Long.class -> node.isIntegralNumber() && node.canConvertToLong();
            case Class<?> one when one == boolean.class || one == Boolean.class -> node.isBoolean();
            case Class<?> one
            when one == double.class || one == Double.class -> node.isNumber() && Double.isFinite(node.asDouble());
            // A number is fine where a text is wanted: a column may be called 5.
            case Class<?> one when one == String.class -> node.isString() || node.isNumber();
            default -> true;
        };
    }

    private static String expected(Type type) {
        return switch (type) {
            case ParameterizedType map when map.getRawType() == Map.class -> "names and values in braces";
            case ParameterizedType list -> "a list in square brackets";
            case Class<?> one
            when one.isRecord() ->
                "keys and values, such as "
                        + Arrays.stream(one.getRecordComponents())
                                .limit(3)
                                .map(RecordComponent::getName)
                                .collect(Collectors.joining(", "));
            case Class<?> one when one.isEnum() -> "one of " + String.join(", ", words(one));
            case Class<?> one
            when one == int.class || one == Integer.class || one == long.class || one == Long.class -> "a whole number";
            case Class<?> one when one == double.class || one == Double.class -> "a number";
            case Class<?> one when one == boolean.class || one == Boolean.class -> "true or false";
            default -> "a text";
        };
    }

    private static List<String> words(Class<?> values) {
        return Arrays.stream(values.getEnumConstants())
                .map(value -> value.toString().toLowerCase(Locale.ROOT))
                .toList();
    }

    /** Makes the record of a tree that was checked; what can still go wrong is what its constructors refuse. */
    private <T> T made(ObjectNode checked, Class<T> type, String pointer) {
        try {
            return MAPPER.treeToValue(checked, type);
        } catch (JacksonException e) {
            StringBuilder inside = new StringBuilder();
            if (e instanceof DatabindException bound) {
                for (JacksonException.Reference step : bound.getPath()) {
                    inside.append('/')
                            .append(step.getPropertyName() != null ? step.getPropertyName() : step.getIndex());
                }
            }
            Throwable deepest = e;
            while (deepest.getCause() != null) {
                deepest = deepest.getCause();
            }
            String why = String.valueOf(deepest.getMessage());
            Matcher key = KEY_FIRST.matcher(why);
            throw key.matches() && checked.at(inside.toString()).has(key.group(1))
                    ? refusedAt(pointer + inside + "/" + key.group(1), key.group(2), e)
                    : refusedAt(pointer + inside, why, e);
        }
    }

    /** What a parser complains about, without the excerpts of the text that it adds. */
    private static String problem(JacksonException e) {
        String all = e.getOriginalMessage();
        if (all.startsWith("Duplicate")) {
            return "the key " + all.replaceAll("(?s).*\"(.*)\".*", "'$1'") + " is given twice";
        }
        if (all.startsWith("Trailing")) {
            return "expected one document, but another one begins here";
        }
        return "this is no YAML ("
                + all.lines()
                        .filter(line -> !line.isBlank() && !line.startsWith(" "))
                        .collect(Collectors.joining(", "))
                + ")";
    }
}
