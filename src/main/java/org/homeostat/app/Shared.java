package org.homeostat.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.homeostat.catalog.Catalog;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Options that every command takes, and where its words go: results to standard output, all else to standard error. */
final class Shared {

    /** In the help they stand behind a command's own options. */
    private static final int LAST = 100;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            // The same bytes whatever the terminal's encoding is.
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    @Option(names = "--json", order = LAST, description = "Print exactly one JSON object on standard output.")
    boolean json;

    @Option(
            names = "--runs",
            order = LAST,
            paramLabel = "DIR",
            description = "The folder of runs (default: ${DEFAULT-VALUE}).",
            defaultValue = "runs")
    Path runs;

    @Option(
            names = {"-h", "--help"},
            order = LAST,
            usageHelp = true,
            description = "Show this help and exit.")
    boolean help;

    @Spec(Spec.Target.MIXEE)
    CommandSpec spec;

    /**
     * The folder of public data sets.
     *
     * @param given what the user said; null for nothing
     */
    static Path dataFolder(@Nullable Path given) {
        String known = System.getenv("HOMEOSTAT_DATA");
        Path folder = given != null ? given : known != null ? Path.of(known) : Path.of("..", "shared", "data");
        return folder.toAbsolutePath().normalize();
    }

    /** A JSON object as text, as results are printed. */
    static String text(Map<String, ?> object) {
        return JSON.writeValueAsString(object) + "\n";
    }

    /**
     * Writes what a user asked for to a file.
     *
     * @param option the one that names the file
     * @throws BadInput if it cannot be written
     */
    static void write(String option, Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new BadInput(option + ": " + file + " cannot be written: " + e.getMessage(), e);
        }
    }

    RunStore store() {
        return new RunStore(runs, this::complain);
    }

    Catalog catalog() {
        return new Catalog(store());
    }

    /** Tells people something that is no result. */
    void say(String sentence) {
        PrintWriter err = err();
        err.println(sentence);
        err.flush();
    }

    /** Tells people what went wrong, or may. */
    void complain(String sentence) {
        say(Main.complaint(sentence));
    }

    /** Where everything but results goes. */
    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Prints a result: the JSON object if that was asked for, else the lines for people. */
    void print(Map<String, ?> object, List<String> lines) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JSON.writeValueAsString(object));
        } else {
            lines.forEach(out::println);
        }
        out.flush();
    }
}
