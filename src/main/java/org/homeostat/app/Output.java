package org.homeostat.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.homeostat.circuit.UnsolvableException;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the figures of a bench go. */
final class Output {

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Writes machine, configuration and figures, as JSON.")
    @Nullable
    Path file;

    /** Measures, writes the file if one was asked for, and prints; returns the exit code. */
    int print(Measuring bench, Shared shared) {
        if (file != null) {
            Path folder = file.toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                // Told before the measuring, which may take long.
                throw new BadInput("--output: there is no folder " + folder + "; make it, or name another file");
            }
        }
        Measured figures;
        try {
            figures = bench.measure();
        } catch (UnsolvableException | IOException failed) {
            shared.complain(String.valueOf(failed.getMessage()));
            return Main.FAILED;
        }
        if (file != null) {
            Shared.write("--output", file, Shared.text(figures.object()));
        }
        shared.print(figures.object(), figures.lines());
        return Main.DONE;
    }
}
