package org.homeostat.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.homeostat.catalog.Catalog;
import org.homeostat.run.RunStore;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Options that every command takes, and where its words go: results to standard output, all else to standard error. */
final class Shared {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Option(names = "--json", description = "Print exactly one JSON object on standard output.")
    boolean json;

    @Option(
            names = "--runs",
            paramLabel = "DIR",
            description = "The folder of runs (default: ${DEFAULT-VALUE}).",
            defaultValue = "runs")
    Path runs;

    @Spec(Spec.Target.MIXEE)
    CommandSpec spec;

    RunStore store() {
        return new RunStore(runs);
    }

    Catalog catalog() {
        return new Catalog(store());
    }

    /** Where results go. */
    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** Where everything else goes. */
    PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Prints a result: the JSON object if that was asked for, else the lines for people. */
    void print(Map<String, ?> object, List<String> lines) {
        if (json) {
            out().println(JSON.writeValueAsString(object));
        } else {
            lines.forEach(out()::println);
        }
        out().flush();
    }
}
