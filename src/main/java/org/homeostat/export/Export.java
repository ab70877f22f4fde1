package org.homeostat.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.homeostat.run.BadInput;
import org.homeostat.run.EpochLog;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.jspecify.annotations.Nullable;

/** Writes a run as a file of another format. A file appears under its name when it is whole, never before. */
public final class Export {

    private Export() {}

    /**
     * What was written.
     *
     * @param files the files
     * @param epochs how many epochs; 0 where they were not asked for
     * @param moves how often all parameters were written down
     * @param exchanges how many exchanges
     */
    public record Written(List<Path> files, long epochs, long moves, long exchanges) {}

    /**
     * Writes a run, also one that is still running: as far as it has come.
     *
     * @param output the file; for CSV of several parts the name that those of the parts are made from
     * @throws BadInput if nothing can be written there, or something asked for is not there to be read
     */
    public static Written write(RunFolder folder, Format format, Set<Part> parts, Path output) {
        if (Files.isDirectory(output)) {
            throw new BadInput("--output: " + output + " is a folder; give the name of a file in it");
        }
        RunRecord record = folder.record();
        Source source = new Source(
                record,
                folder.json(),
                parts.contains(Part.EPOCHS) ? new EpochLog(folder).read() : List.of(),
                parts.equals(Set.of(Part.EPOCHS)) ? null : recording(folder),
                parts);
        if (parts.stream().noneMatch(source::has)) {
            throw new BadInput("run " + folder.name() + ": of what is asked for it has nothing: "
                    + (source.recording() == null ? "it has no journal" : "its device shows no parameters")
                    + "; leave out --only to export what there is");
        }
        Map<Path, Path> fresh = new LinkedHashMap<>();
        try {
            switch (format) {
                case CSV -> {
                    List<Part> tables = parts.stream().filter(source::has).toList();
                    for (Part part : tables) {
                        Path file = tables.size() == 1 ? output : CsvTables.named(output, part);
                        CsvTables.write(source, part, beside(file, fresh));
                    }
                }
                case JSONL -> JsonLines.write(source, beside(output, fresh));
                case HDF5 -> Hdf5.write(source, beside(output, fresh));
                case BLUESKY -> Bluesky.write(source, beside(output, fresh));
            }
            for (Map.Entry<Path, Path> file : fresh.entrySet()) {
                Files.move(file.getValue(), file.getKey(), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new BadInput("--output: " + output + " cannot be written: " + e.getMessage(), e);
        } finally {
            fresh.values().forEach(Export::forget);
        }
        return new Written(
                List.copyOf(fresh.keySet()),
                source.has(Part.EPOCHS) ? source.epochs().size() : 0,
                source.has(Part.PARAMETERS) ? source.journal().moves() : 0,
                source.has(Part.EXCHANGES) ? source.journal().exchanges() : 0);
    }

    private static Path beside(Path file, Map<Path, Path> fresh) {
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        fresh.put(file, unfinished);
        return unfinished;
    }

    private static void forget(Path unfinished) {
        try {
            Files.deleteIfExists(unfinished);
        } catch (IOException e) {
            // Why it was not finished is being told already.
            return;
        }
    }

    private static @Nullable Recording recording(RunFolder folder) {
        if (!Files.exists(folder.journal())) {
            return null;
        }
        try {
            return Recording.of(folder.journal());
        } catch (IOException e) {
            throw new BadInput(String.valueOf(e.getMessage()), e);
        }
    }
}
