package org.homeostat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.homeostat.device.Device;
import org.homeostat.journal.Disk;
import org.homeostat.learn.Learner;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The folder of one run: {@code run.json}, {@code journal}, {@code checkpoint}, {@code epochs.csv}. */
public final class RunFolder {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            // Once there was one number to be learned, now there are several.
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private static final String DAMAGED = "the record of the run was changed or damaged; bring it back, or train anew";

    private final Path path;

    public RunFolder(Path path) {
        this.path = path;
    }

    /** A value as JSON, as it stands in a record. */
    static byte[] bytes(Object value) {
        return JSON.writeValueAsBytes(value);
    }

    /**
     * What is known of the run, as JSON on one line.
     *
     * @throws BadInput if its record is missing or unreadable
     */
    public String json() {
        return tree(record()).toString();
    }

    /** A record as a tree of JSON. */
    static JsonNode tree(RunRecord record) {
        return JSON.valueToTree(record);
    }

    /** Its name in the store. */
    public String name() {
        return String.valueOf(path.getFileName());
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** The journal of all exchanges with the bare device. */
    public Path journal() {
        return path.resolve("journal");
    }

    Path epochs() {
        return path.resolve("epochs.csv");
    }

    Checkpoint checkpoint() {
        return new Checkpoint(path.resolve("checkpoint"));
    }

    /** True if a checkpoint was ever written; none is before training begins. */
    public boolean hasCheckpoint() {
        return Files.exists(path.resolve("checkpoint"));
    }

    /** Where the parameters stood at the last checkpoint; empty if none was written, or the device shows none. */
    public Optional<double[]> parameters() {
        try {
            return checkpoint().parameters().filter(known -> known.length > 0);
        } catch (IOException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Puts a learner and a device back where they were at the last checkpoint.
     *
     * @throws BadInput if the checkpoint is another device's
     */
    public void restore(Learner learner, Device device) {
        try {
            var unused = checkpoint().restore(learner, device);
        } catch (IOException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * What is known of the run.
     *
     * @throws BadInput if its record is missing or unreadable
     */
    public RunRecord record() {
        Path file = path.resolve("run.json");
        try {
            byte[] bytes = Files.readAllBytes(file);
            JsonNode tree = JSON.readTree(bytes);
            int format = tree.path("format").asInt(RunRecord.FORMAT);
            if (format != RunRecord.FORMAT) {
                throw new BadInput(file + ": format " + format + " is not known to this version, which reads format "
                        + RunRecord.FORMAT + "; read it with the version that wrote it, or a newer one");
            }
            RunRecord record = isOfNow(tree, RunRecord.class)
                    // From the bytes, so that what is wrong has its line.
                    ? JSON.readValue(bytes, RunRecord.class)
                    : JSON.treeToValue(tree, RunRecord.class);
            if (record == null || record.experiment() == null || record.encoding() == null) {
                throw new BadInput(file + ": " + DAMAGED);
            }
            return record;
        } catch (NoSuchFileException e) {
            throw new BadInput(path + ": this is no run, it holds no run.json; see 'runs list'", e);
        } catch (JacksonException e) {
            StringBuilder where = new StringBuilder(file.toString());
            if (e.getLocation() != null && e.getLocation().getLineNr() > 0) {
                where.append(", line ").append(e.getLocation().getLineNr());
            }
            if (e instanceof DatabindException bound && !bound.getPath().isEmpty()) {
                where.append(", ")
                        .append(bound.getPath().stream()
                                .map(step -> String.valueOf(step.getPropertyName()))
                                .collect(Collectors.joining(".")));
            }
            throw new BadInput(where + ": " + DAMAGED, e);
        } catch (IOException e) {
            throw new BadInput(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Puts nulls where a record from an earlier version lacks what may be absent; all else that is missing is damage.
     *
     * @return true if nothing was absent
     */
    private static boolean isOfNow(JsonNode node, Class<?> type) {
        boolean whole = true;
        if (node instanceof ObjectNode object) {
            for (RecordComponent component : type.getRecordComponents()) {
                JsonNode part = object.get(component.getName());
                if (part != null && component.getType().isRecord()) {
                    whole &= isOfNow(part, component.getType());
                }
                if (part == null && component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                    object.putNull(component.getName());
                    whole = false;
                }
            }
        }
        return whole;
    }

    /** Deletes it with all it holds. */
    public void delete() throws IOException {
        try (Stream<Path> paths = Files.walk(path)) {
            for (Path one : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(one);
            }
        }
    }

    /** Replaces the record as a whole. */
    public void write(RunRecord record) {
        Path file = path.resolve("run.json");
        try {
            Disk.replaceForGood(file, JSON.writeValueAsBytes(record));
        } catch (FileSystemException refused) {
            throw new UncheckedIOException(refused.getMessage() + ", then resume the run", refused);
        }
    }
}
