package org.homeostat.app;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What benches need that learn the digits of MNIST beside PyTorch. */
final class Torch {

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "The folder of public data sets, with mnist in it (default: $$HOMEOSTAT_DATA or ../shared/data).")
    @Nullable
    Path dataDir;

    @Option(names = "--python", paramLabel = "PROGRAM", description = "A Python with PyTorch (default: python3).")
    @Nullable
    String python;
}
