package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.homeostat.app.Session.Ended;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** Every command explains itself. */
final class HelpTest {

    /** The commands of the plan; each must be there, whatever else is. */
    private static final List<String> PROMISED = List.of(
            "demo",
            "devices",
            "probe",
            "train",
            "evaluate",
            "predict",
            "audit",
            "calibrate",
            "twin fit",
            "replay",
            "dashboard",
            "runs",
            "runs list",
            "runs show");

    static Stream<CommandSpec> commands() {
        List<CommandSpec> all = new ArrayList<>();
        collect(Main.commandLine(), all);
        return all.stream();
    }

    private static void collect(CommandLine line, List<CommandSpec> all) {
        all.add(line.getCommandSpec());
        line.getSubcommands().values().forEach(sub -> collect(sub, all));
    }

    private static String[] path(CommandSpec spec, String... more) {
        List<String> words = new ArrayList<>(List.of(spec.qualifiedName(" ").split(" ")));
        words.removeFirst();
        words.addAll(List.of(more));
        return words.toArray(new String[0]);
    }

    @Test
    void allCommandsArePresent() {
        assertThat(commands().map(spec -> String.join(" ", path(spec)))).containsAll(PROMISED);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void itPrintsItsHelp(CommandSpec spec) {
        Ended ended = Session.plain(path(spec, "--help")).ended(Main.DONE);

        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).contains("Usage: " + spec.qualifiedName(" ") + " ");
        for (String line : ended.out().split("\n", -1)) {
            assertThat(line).hasSizeLessThanOrEqualTo(80);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyOptionIsExplained(CommandSpec spec) {
        assertThat(spec.usageMessage().description()).isNotEmpty();
        for (ArgSpec argument : spec.args()) {
            assertThat(argument.description())
                    .as("%s of %s", argument.paramLabel(), spec.name())
                    .isNotEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void whatItDoesFitsIntoTheListOfCommands(CommandSpec spec) {
        // The list shows the first line alone; a sentence must not end in its middle.
        assertThat(spec.usageMessage().description()[0]).endsWith(".");
    }

    @Test
    void withoutACommandTheHelpGoesToStandardError() {
        Ended ended = Session.plain().ended(Main.BAD_INPUT);

        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).startsWith("Usage: homeostat").contains("demo", "Exit codes");
    }

    @Test
    void helpIsACommandToo() {
        assertThat(Session.plain("help", "train").ended(Main.DONE).out())
                .isEqualTo(Session.plain("train", "--help").out());
    }

    @Test
    void theVersionIsTold() {
        assertThat(Session.plain("--version").ended(Main.DONE).out()).startsWith("homeostat ");
    }
}
