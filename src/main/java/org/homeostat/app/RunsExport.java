package org.homeostat.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.homeostat.export.Export;
import org.homeostat.export.Export.Written;
import org.homeostat.export.Format;
import org.homeostat.export.Part;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "export",
        sortOptions = false,
        description = {
            "Writes a run for other programs, as CSV, JSON Lines, HDF5 or bluesky's documents.",
            "Its epochs, its parameters whenever one moved, and every exchange with the device. What was imposed on channel "
                    + "x1 is called set_x1, what output o1 was pulled towards target_o1, what was read o1, its standard error o1_error; "
                    + "all in SI units."
        },
        footer = {
            "",
            "Examples:",
            "  homeostat runs export latest --format csv --output iris.csv       # iris-epochs.csv, iris-parameters.csv, ...",
            "  homeostat runs export latest --format hdf5 --output iris.h5       # h5py.File('iris.h5')['epochs/loss'][:]",
            "  homeostat runs export latest --format jsonl --only epochs --output epochs.jsonl",
            "  homeostat runs export latest --format bluesky --output iris.jsonl # databroker's BlueskyJSONLCatalog"
        })
final class RunsExport implements Callable<Integer> {

    @Mixin
    Shared shared;

    @Parameters(index = "0", paramLabel = "RUN", description = "A run: its name, the beginning of it, or 'latest'.")
    String run;

    @Option(
            names = "--format",
            required = true,
            paramLabel = "FORMAT",
            description = "csv, jsonl (JSON Lines), hdf5, or bluesky (its event model, as JSON Lines).")
    Format format;

    @Option(
            names = "--only",
            paramLabel = "PART",
            split = ",",
            description = "Only these of epochs, parameters, exchanges (default: all three).")
    List<Part> only = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "The file; CSV of several parts puts the name of each before the ending.")
    Path output;

    @Override
    public Integer call() {
        RunFolder folder = shared.store().find(run);
        boolean journal = folder.record().experiment().journal();
        Set<Part> parts = only.isEmpty() ? EnumSet.allOf(Part.class) : EnumSet.copyOf(only);
        if (!journal && !parts.equals(Set.of(Part.EPOCHS))) {
            if (!only.isEmpty()) {
                throw new BadInput(
                        "run " + folder.name() + " kept no journal (--no-journal), so that only its epochs are"
                                + " known; leave out --only, or give --only epochs");
            }
            shared.say("Run " + folder.name() + " kept no journal: its epochs alone are exported.");
            parts = EnumSet.of(Part.EPOCHS);
        }
        Written written = Export.write(folder, format, parts, output);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("run", folder.name());
        object.put("format", format.name().toLowerCase(Locale.ROOT));
        object.put("files", written.files().stream().map(Path::toString).toList());
        object.put("epochs", written.epochs());
        object.put("moves", written.moves());
        object.put("exchanges", written.exchanges());
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "run %s: %,d epochs, %,d positions of the parameters, %,d exchanges",
                folder.name(),
                written.epochs(),
                written.moves(),
                written.exchanges()));
        written.files().forEach(file -> lines.add("  written to " + file));
        shared.print(object, lines);
        return Main.DONE;
    }
}
