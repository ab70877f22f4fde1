package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A number, a word or a file means the same wherever the user comes from: commas, dotless i's, other digits. */
final class LocaleIT {

    /** Decimal commas; i without dot; Arabic digits; the Buddhist calendar; another grouping. */
    private static final List<List<String>> ELSEWHERE = List.of(
            List.of("-Duser.language=de", "-Duser.country=DE"),
            List.of("-Duser.language=tr", "-Duser.country=TR"),
            List.of("-Duser.language=ar", "-Duser.country=EG", "-Duser.extensions=u-nu-arab"),
            List.of("-Duser.language=th", "-Duser.country=TH", "-Duser.extensions=u-ca-buddhist-nu-thai"),
            List.of("-Duser.language=hi", "-Duser.country=IN"));

    @TempDir
    Path home;

    private String output(List<String> options, String language, String... arguments) {
        String runs = "runs-of-" + language;
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--runs";
        all[arguments.length + 1] = runs;
        String printed =
                new Jar(home, options, Map.of()).run(all).ended(Main.DONE).out();
        // What differs from run to run: its name and the time it took.
        return printed.replaceAll("\\d{8}-\\d{6}-\\d{3}", "STAMP")
                .replaceAll("\"wallSeconds\" : [-+.0-9E]+", "\"wallSeconds\" : 0")
                .replaceAll("[0-9.]+ s\\b", "0 s")
                .replaceAll("begun \\S+", "begun then")
                .replaceAll("\"created\" : \\S+", "\"created\" : 0")
                .replace(runs, "runs-of-");
    }

    @Test
    void theDemoPrintsTheSameBytes() {
        String here = output(List.of("-Duser.language=en", "-Duser.country=US"), "en", "demo", "--json");
        assertThat(here).contains("\"accuracy\"");

        for (List<String> options : ELSEWHERE.subList(0, 3)) {
            assertThat(output(options, options.getFirst().replaceAll(".*=", ""), "demo", "--json"))
                    .as("%s", options)
                    .isEqualTo(here);
        }
    }

    @Test
    void everythingElseIsReadAndPrintedTheSame() throws IOException {
        Path data = Clouds.write(home.resolve("d.csv"), 40, 2, 2, 0.8, 1);
        // Key words with an i, in capitals, which a Turk lower-cases to another letter.
        Files.writeString(
                home.resolve("e.yaml"),
                "experiment: TITLE I\ndevice: twin:resistor-array-v1\ndata: {csv: d.csv, target: 3, task: CLASSIFICATION}\n"
                        + "teaching: {motion: TO_REST, cost: CROSS_ENTROPY}\nepochs: 1\n");
        String[][] commands = {
            {"train", "e.yaml"},
            {"train", "--data", data.toString(), "--target", "3", "--task", "CLASSIFICATION", "--epochs", "1"},
            {"runs", "list"},
            {"runs", "show", "latest"},
            {"predict", "latest", "--data", data.toString()},
            {"evaluate", "latest"},
            {"probe", "twin:resistor-array-v1"},
            {"probe", "twin:hopfield-compliant", "--json"}
        };
        String[] here = new String[commands.length];
        for (int i = 0; i < commands.length; i++) {
            here[i] = output(List.of("-Duser.language=en", "-Duser.country=US"), "en", commands[i]);
            assertThat(here[i]).isNotBlank();
        }
        for (List<String> options : ELSEWHERE) {
            String language = options.getFirst().replaceAll(".*=", "");
            for (int i = 0; i < commands.length; i++) {
                assertThat(output(options, language, commands[i]))
                        .as("%s: %s", options, List.of(commands[i]))
                        .isEqualTo(here[i]);
            }
        }
    }
}
