package org.homeostat.app;

import org.homeostat.device.DeviceException;
import org.homeostat.run.BadInput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;

/** The command line's entry. */
@Command(
        name = "homeostat",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "Trains analog machines in place: real boards and their simulated twins, through one interface.",
        subcommands = {
            Demo.class,
            Devices.class,
            Probe.class,
            Train.class,
            Evaluate.class,
            Predict.class,
            AuditCommand.class,
            Replay.class,
            Runs.class
        },
        footer = {
            "",
            "Devices are named by URI, such as twin:resistor-array-v1; 'homeostat devices' lists them.",
            "Exit codes: 0 done; 1 the run or check failed; 2 bad usage or a bad file; 3 device unreachable;",
            "4 stopped by a safety limit; 130 interrupted, checkpoint written."
        })
public final class Main implements Runnable {

    /** The exit codes. */
    static final int DONE = 0;

    static final int FAILED = 1;
    static final int BAD_INPUT = 2;
    static final int UNREACHABLE = 3;
    static final int INTERRUPTED = 130;

    @Override
    public void run() {
        CommandLine.usage(this, System.err);
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(execute(args));
    }

    /** Runs a command and returns its exit code. */
    static int execute(String... args) {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((exception, command, parsed) -> failed(exception, command));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line.execute(args);
    }

    private static int failed(Exception exception, CommandLine command) {
        String message = String.valueOf(exception.getMessage());
        command.getErr().println(Ansi.AUTO.string("@|bold,red homeostat:|@ ") + message);
        if (System.getenv("HOMEOSTAT_TRACE") != null) {
            exception.printStackTrace(command.getErr());
        }
        return switch (exception) {
            case BadInput bad -> BAD_INPUT;
            case IllegalArgumentException bad -> BAD_INPUT;
            case DeviceException broken -> broken.fault() == DeviceException.Fault.REFUSED ? FAILED : UNREACHABLE;
            default -> FAILED;
        };
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"homeostat " + version()};
        }
    }

    /** The version of this program. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
