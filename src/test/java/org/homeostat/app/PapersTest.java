package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.homeostat.app.Session.Ended;
import org.homeostat.catalog.PaperFile;
import org.homeostat.catalog.Papers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What papers report beside what we get, on a folder with a paper of our own. */
final class PapersTest {

    private static final String EXPERIMENT =
            "experiment: xor\ndevice: twin:resistor-array-v1\ndata: {generate: xor}\nepochs: 2\n";

    private static final String HEAD = "arxiv: \"1234.56780\"\ntitle: On Nothing\nrows:\n";

    @TempDir
    Path home;

    private Path paper;

    @BeforeEach
    void aPaper() throws IOException {
        paper = Files.createDirectories(home.resolve("papers/1234.56780"));
        Files.writeString(paper.resolve("xor.yaml"), EXPERIMENT);
    }

    private Ended papers(String rows, String... more) throws IOException {
        Files.writeString(paper.resolve("paper.yaml"), HEAD + rows.replace('|', '\n'));
        return Session.plain(Stream.concat(
                        Stream.of("papers", "--papers", paper.getParent().toString(), "--data-dir", data().toString()),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    private Path data() {
        return home.resolve("sets");
    }

    @Test
    void figuresArePickedAndHeldAgainstTheirBars() throws IOException {
        JsonNode json = papers(
                        "  - {what: rows, reports: four, command: train xor.yaml, field: test.rows, seeds: [1, 2, 3], "
                                + "expect: \"= 4\", quick: true}|"
                                + "  - {what: time, command: train xor.yaml, field: wallSeconds, quick: true}|"
                                + "  - {what: slow, command: train xor.yaml, field: test.rows}|",
                        "--json")
                .ended(Main.DONE)
                .json();

        assertThat(json.get("leftOut").asInt()).isEqualTo(1);
        JsonNode rows = json.get("rows");
        assertThat(rows.size()).isEqualTo(2);
        assertThat(rows.get(0).get("paper").asString()).isEqualTo("1234.56780");
        assertThat(rows.get(0).get("figures").size()).isEqualTo(3);
        assertThat(rows.get(0).get("figure").asDouble()).isEqualTo(4);
        assertThat(rows.get(0).get("verdict").asString()).isEqualTo("met");
        assertThat(rows.get(1).get("verdict").asString()).isEqualTo("shown");
        assertThat(rows.get(1).get("reports").isNull()).isTrue();
    }

    @Test
    void aBarThatIsMissedOrACommandThatFailsIsTold() throws IOException {
        Ended missed = papers(
                        "  - {what: rows, command: train xor.yaml, field: test.rows, expect: \"> 4\", quick: true}|")
                .ended(Main.FAILED);
        assertThat(missed.out()).contains("NOT MET", "4.0000", "> 4", "not seen", "train xor.yaml");
        assertThat(missed.err()).contains("[1/1] 1234.56780, rows: train xor.yaml");

        Ended failed = papers("  - {what: w, command: train none.yaml, field: test.rows, quick: true}|")
                .ended(Main.FAILED);
        assertThat(failed.out()).contains("failed", "exit code 2", "there is no such file");

        Ended silent = papers("  - {what: w, command: train xor.yaml, field: test.rose, quick: true}|")
                .ended(Main.FAILED);
        assertThat(silent.out()).contains("failed", "it printed no number at test.rose");
    }

    @Test
    void rowsWhoseDataIsAbsentSaySoAndMissNothing() throws IOException {
        Files.writeString(
                paper.resolve("iris.yaml"),
                EXPERIMENT.replace("{generate: xor}", "{csv: \"${data}/iris/iris.csv\", target: y}"));
        String rows = "  - {what: w, command: train iris.yaml, field: test.rows, expect: \"= 2\", quick: true}|";

        assertThat(papers(rows).ended(Main.DONE).out())
                .contains("no data", "there is no " + data().resolve("iris/iris.csv"));

        Files.createDirectories(data().resolve("iris"));
        Files.writeString(data().resolve("iris/iris.csv"), "x,y\n1,a\n2,b\n3,a\n4,b\n5,a\n6,b\n7,a\n8,b\n");
        assertThat(papers(rows).ended(Main.DONE).out()).contains("met");
    }

    @Test
    void slowRowsRunWhenAskedForAndTheTableGoesToAFile() throws IOException {
        Path table = home.resolve("table.md");
        papers(
                        "  - {what: slow, reports: 5 | 6, command: train xor.yaml, field: test.rows}|"
                                .replace("5 | 6", "5 or 6"),
                        "--all",
                        "--output",
                        table.toString(),
                        "1234.56780")
                .ended(Main.DONE);

        assertThat(Files.readAllLines(table)).hasSize(3).last().asString().contains("| slow | 5 or 6 | 4.0000 |");
        assertThat(papers("  - {what: slow, command: train xor.yaml, field: test.rows}|", "9999.00000")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("there is no paper '9999.00000'; the papers are 1234.56780");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            quoteCharacter = '`',
            value = {
                "what: w, command: train x, field: f, expect: most > 4, rows[0].expect: expected a comparison with a number,",
                "what: w, command: train x, field: f, expect: = a > 4, rows[0].expect: expected a comparison with a number,",
                "what: w, command: train x, field: f, pick: best > 4, rows[0].pick: expected one of min, median, mean, max",
                "what: w, command: train x > 4, rows[0].field: the key is missing;",
                "what: w, command: ' ', field: f > 4, rows[0].command: expected a command of this program",
                "what: w, command: train x, field: f, seeds: [a] > 4, rows[0].seeds[0]: expected a whole number",
            })
    void aBadFileIsToldWithLineAndField(String row, String sentence) throws IOException {
        assertThat(papers("  - {" + row + "}|").ended(Main.BAD_INPUT).err())
                .contains(paper.resolve("paper.yaml") + ", line " + sentence);
    }

    @Test
    void theNumberIsTheFoldersName() throws IOException {
        Files.writeString(
                paper.resolve("paper.yaml"),
                "arxiv: 1234.56780\ntitle: t\nrows: [{what: w, command: train x, field: f}]\n");

        assertThat(Session.plain("papers", "--papers", paper.getParent().toString())
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("line 1, arxiv: expected the name of the folder, '1234.56780' in quotes, not '1234.5678'");
    }

    @Test
    void figuresStandAnywhereInTheJson() {
        String json = "{\"a\": {\"b\": [{\"c\": 2.5}, true]}, \"d\": \"word\"}";

        assertThat(PaperRow.figure(json, "a.b.0.c")).isEqualTo(2.5);
        assertThat(PaperRow.figure(json, "a.b.1")).isEqualTo(1);
        assertThat(PaperRow.figure(json, "d")).isNaN();
        assertThat(PaperRow.figure(json, "a.b.7.c")).isNaN();
        assertThat(PaperRow.figure("no JSON", "a")).isNaN();
    }

    @Test
    void everyPaperThatShipsCanBeReadAndNamesCommandsThatThereAre() {
        Path shipped = Papers.shipped(home.resolve("nothing"));

        for (Path folder : Papers.in(shipped)) {
            for (PaperFile.Row row : PaperFile.read(folder).rows()) {
                assertThat(Main.commandLine().getSubcommands().keySet())
                        .as("%s: %s", folder.getFileName(), row.command())
                        .contains(row.words().getFirst());
                assertThat(row.words().stream().filter(word -> word.endsWith(".yaml")))
                        .as("%s: %s", folder.getFileName(), row.command())
                        .allMatch(file -> Files.exists(folder.resolve(file)));
            }
        }
        assertThat(Papers.in(shipped)).isNotEmpty();
    }
}
