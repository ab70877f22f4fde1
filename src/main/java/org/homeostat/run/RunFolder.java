package org.homeostat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The folder of one run: {@code run.json}, {@code journal}, {@code checkpoint}, {@code epochs.csv}. */
public final class RunFolder {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Path path;

    public RunFolder(Path path) {
        this.path = path;
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

    /** Where the parameters stood at the last checkpoint; empty if there is none. */
    public Optional<double[]> parameters() {
        try {
            return checkpoint().parameters();
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
            RunRecord record = JSON.readValue(Files.readAllBytes(file), RunRecord.class);
            if (record.format() != RunRecord.FORMAT) {
                throw new BadInput(file + ": format " + record.format() + " is not known to this version; expected "
                        + RunRecord.FORMAT);
            }
            return record;
        } catch (NoSuchFileException e) {
            throw new BadInput(path + ": this is no run, it holds no run.json; see 'runs list'", e);
        } catch (JacksonException e) {
            throw new BadInput(
                    file + ", line " + e.getLocation().getLineNr() + ": " + e.getOriginalMessage()
                            + "; the record was changed or damaged",
                    e);
        } catch (IOException e) {
            throw new BadInput(file + ": " + e.getMessage(), e);
        }
    }

    /** Replaces the record as a whole. */
    public void write(RunRecord record) {
        Path file = path.resolve("run.json");
        Path fresh = path.resolve("run.json.new");
        try {
            Files.write(fresh, JSON.writeValueAsBytes(record));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": the record could not be written: " + e.getMessage(), e);
        }
    }
}
