package org.homeostat.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import org.homeostat.device.DeviceException;
import org.homeostat.journal.DamagedJournalException;
import org.homeostat.run.BadInput;
import org.homeostat.run.NotHeldException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

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
            SweepCommand.class,
            Evaluate.class,
            Predict.class,
            AuditCommand.class,
            CalibrateCommand.class,
            Algebra.class,
            NaturalGradientCommand.class,
            Tune.class,
            Replay.class,
            Regress.class,
            PapersCommand.class,
            Twins.class,
            AgentCommand.class,
            Bench.class,
            Runs.class,
            DashboardCommand.class,
            Doctor.class,
            HelpCommand.class
        },
        footer = {
            "",
            "Start with 'homeostat demo', then 'homeostat train --data YOUR.csv --target COLUMN'.",
            "Devices are named by URI, such as twin:resistor-array-v1; 'homeostat devices' lists them.",
            "",
            "Exit codes: 0 done; 1 the run or check failed; 2 bad usage or a bad file;",
            "3 device unreachable; 4 stopped by a safety limit; 130 interrupted, checkpoint written."
        })
public final class Main implements Callable<Integer> {

    /** The exit codes. */
    static final int DONE = 0;

    static final int FAILED = 1;
    static final int BAD_INPUT = 2;
    static final int UNREACHABLE = 3;
    static final int LIMIT = 4;
    static final int INTERRUPTED = 130;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return BAD_INPUT;
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        CommandLine line = commandLine();
        line.setOut(writer(System.out, "stdout.encoding"));
        line.setErr(writer(System.err, "stderr.encoding"));
        System.exit(execute(line, args));
    }

    /** In the C locale Java would print a question mark for every letter beyond ASCII; terminals read UTF-8. */
    private static PrintWriter writer(PrintStream stream, String property) {
        Charset charset = Charset.forName(System.getProperty(property, "UTF-8"), StandardCharsets.UTF_8);
        boolean ascii = charset.equals(StandardCharsets.US_ASCII);
        return new PrintWriter(new OutputStreamWriter(stream, ascii ? StandardCharsets.UTF_8 : charset), true);
    }

    /** The commands; where their words go may still be set. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((exception, command, parsed) -> failed("", exception, command.getErr()));
        line.setParameterExceptionHandler((exception, arguments) -> misused(exception));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.registerConverter(int.class, Main::whole);
        line.registerConverter(Integer.class, Main::whole);
        line.registerConverter(long.class, Main::wholeLong);
        line.registerConverter(Long.class, Main::wholeLong);
        line.registerConverter(double.class, Main::number);
        line.registerConverter(Double.class, Main::number);
        return line;
    }

    /** Runs a command and returns its exit code. */
    static int execute(CommandLine line, String... args) {
        try {
            return line.execute(args);
        } catch (OutOfMemoryError e) {
            PrintWriter err = line.getErr();
            err.println(
                    complaint(
                            "there is not enough memory ("
                                    + Runtime.getRuntime().maxMemory() / 1_000_000
                                    + " MB); choose a smaller device or less data, or give Java more with HOMEOSTAT_JAVA_OPTIONS=-Xmx4g"));
            err.flush();
            return FAILED;
        }
    }

    private static int whole(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("expected a whole number, not '" + text + "'");
        }
    }

    private static long wholeLong(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("expected a whole number, not '" + text + "'");
        }
    }

    private static double number(String text) {
        try {
            double value = Double.parseDouble(text);
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, together with what is no finite number.
        }
        throw new TypeConversionException("expected a number, not '" + text + "'");
    }

    /** A sentence as this program complains. */
    static String complaint(String sentence) {
        return Terminal.ERR.styled("@|bold,red homeostat:|@ ") + sentence;
    }

    private static int misused(ParameterException exception) {
        CommandLine command = exception.getCommandLine();
        PrintWriter err = command.getErr();
        // Picocli says "option" twice where the value of a map is no pair.
        String message = String.valueOf(exception.getMessage()).replace("option option", "option");
        err.println(complaint(message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1)));
        UnmatchedArgumentException.printSuggestions(exception, err);
        err.println("See '" + command.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return BAD_INPUT;
    }

    /** What people are told of a failure. */
    static String sentence(Exception exception) {
        String message = exception.getMessage();
        boolean mistake = message == null
                || exception instanceof NullPointerException
                || exception instanceof IndexOutOfBoundsException
                || exception instanceof ClassCastException;
        return mistake
                ? "this is a mistake in the program, please report it (" + exception
                        + "); HOMEOSTAT_TRACE=1 shows where"
                : String.valueOf(message);
    }

    /**
     * Tells people of a failure.
     *
     * @param who the device that it is about, where there are several; else empty
     * @return the exit code
     */
    static int failed(String who, Exception exception, PrintWriter err) {
        err.println(complaint(Words.about(who, sentence(exception))));
        for (Throwable after : exception.getSuppressed()) {
            if (after instanceof DeviceException unconfirmed) {
                err.println(complaint(String.valueOf(unconfirmed.getMessage())));
            }
        }
        if (System.getenv("HOMEOSTAT_TRACE") != null) {
            exception.printStackTrace(err);
        }
        err.flush();
        return code(exception);
    }

    /** The exit code that a failure ends with. */
    static int code(Exception exception) {
        return switch (exception) {
            case BadInput bad -> BAD_INPUT;
            case IllegalArgumentException bad -> BAD_INPUT;
            case NotHeldException lost -> FAILED;
            case DeviceException broken when broken.getCause() instanceof DamagedJournalException -> BAD_INPUT;
            case DeviceException broken when broken.fault() == DeviceException.Fault.REFUSED -> FAILED;
            case DeviceException stopped
            when stopped.fault() == DeviceException.Fault.LIMIT || stopped.fault() == DeviceException.Fault.LATCHED ->
                LIMIT;
            case DeviceException broken -> UNREACHABLE;
            default -> FAILED;
        };
    }

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"homeostat " + version()};
        }
    }

    /** The commit that it was built from; empty where the build did not know, or where there was none. */
    static String commit() {
        try (InputStream manifest = Main.class.getResourceAsStream("/META-INF/MANIFEST.MF")) {
            // Of the first jar on the class path, which is this one where it is packaged.
            Attributes told = manifest == null ? new Attributes() : new Manifest(manifest).getMainAttributes();
            String commit = told.getValue("Implementation-Commit");
            boolean ours = Main.class.getName().equals(told.getValue(Attributes.Name.MAIN_CLASS));
            // Outside a git repository Maven leaves the name of what it did not know.
            return ours && commit != null && !commit.startsWith("$") ? commit : "";
        } catch (IOException unreadable) {
            return "";
        }
    }

    /** The version of this program. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "unpackaged" : version;
    }
}
