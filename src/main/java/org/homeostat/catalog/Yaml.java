package org.homeostat.catalog;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads YAML into records, strictly: an unknown key, a missing one or a wrong type is refused with its place. */
final class Yaml {

    private static final YAMLMapper MAPPER = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private Yaml() {}

    /** The text of a file a user named. */
    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new BadInput(file + ": there is no such file; check the path", e);
        } catch (AccessDeniedException e) {
            throw new BadInput(file + ": no permission to read it", e);
        } catch (IOException e) {
            throw new BadInput(file + ": it cannot be read as text (" + e + ")", e);
        }
    }

    /** Reads text into a record; {@code name} is what messages call the text. */
    static <T> T read(String text, String name, Class<T> type) {
        try {
            return complete(MAPPER.readValue(text, type), name, "");
        } catch (JacksonException e) {
            throw refused(e, name);
        }
    }

    /** Reads text into a tree. */
    static ObjectNode tree(String text, String name) {
        try {
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw new BadInput(name + ", line 1: expected keys and values, as in 'device: twin:resistor-array-v1'");
        } catch (JacksonException e) {
            throw refused(e, name);
        }
    }

    /** Turns a tree into a record. */
    static <T> T read(ObjectNode tree, String name, Class<T> type) {
        try {
            return complete(MAPPER.treeToValue(tree, type), name, "");
        } catch (JacksonException e) {
            throw refused(e, name);
        }
    }

    /** Refuses a record in which a component is null that is not declared nullable. */
    private static <T> T complete(T value, String name, String path) {
        if (value == null) {
            throw new BadInput(name + ": it is empty; expected keys and values");
        }
        RecordComponent[] components = value.getClass().getRecordComponents();
        if (components == null) {
            return value;
        }
        for (RecordComponent component : components) {
            String key = path.isEmpty() ? component.getName() : path + "." + component.getName();
            Object part = part(component, value);
            if (part != null && part.getClass().isRecord()) {
                var unused = complete(part, name, key);
            } else if (part == null && !component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                throw new BadInput(name + ", " + key + ": the key is missing; add it");
            }
        }
        return value;
    }

    private static @Nullable Object part(RecordComponent component, Object record) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a record shows its components", e);
        }
    }

    /** A record as a tree. */
    static ObjectNode toTree(Object record) {
        return MAPPER.valueToTree(record);
    }

    private static BadInput refused(JacksonException e, String name) {
        TokenStreamLocation at = e.getLocation();
        StringBuilder where = new StringBuilder(name);
        if (at != null && at.getLineNr() > 0) {
            where.append(", line ").append(at.getLineNr());
        }
        StringBuilder field = new StringBuilder();
        if (e instanceof DatabindException bound) {
            for (JacksonException.Reference step : bound.getPath()) {
                if (step.getPropertyName() != null) {
                    field.append(field.isEmpty() ? "" : ".").append(step.getPropertyName());
                } else if (step.getIndex() >= 0) {
                    field.append('[').append(step.getIndex()).append(']');
                }
            }
        }
        if (!field.isEmpty()) {
            where.append(", ").append(field);
        }
        String why = e instanceof UnrecognizedPropertyException unknown
                ? "there is no such key; expected one of " + unknown.getKnownPropertyIds()
                : cause(e);
        return new BadInput(where + ": " + why, e);
    }

    private static String cause(JacksonException e) {
        Throwable deepest = e;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String message = deepest instanceof JacksonException jackson
                ? jackson.getOriginalMessage()
                : String.valueOf(deepest.getMessage());
        return message.lines().findFirst().orElse("it cannot be read");
    }
}
