package org.homeostat.app;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "runs",
        sortOptions = false,
        description = "The catalogue of runs.",
        subcommands = {RunsList.class, RunsShow.class, RunsCompare.class, RunsExport.class})
final class Runs implements Runnable {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and exit.")
    boolean help;

    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "expected 'runs list', 'runs show RUN', 'runs compare RUN RUN' or 'runs export RUN'");
    }
}
