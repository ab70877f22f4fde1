package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.StringLength;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** Lines found and cut in a mapped file are those that Commons CSV reads from the text. */
final class CsvLinesTest {

    private record Line(long number, List<String> cells) {}

    private static List<Line> read(String text) throws IOException {
        List<Line> lines = new ArrayList<>();
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setIgnoreSurroundingSpaces(true)
                .setIgnoreEmptyLines(true)
                .get();
        try (CSVParser parser = CSVParser.parse(text, format)) {
            for (CSVRecord row : parser) {
                lines.add(new Line(parser.getCurrentLineNumber(), row.toList()));
            }
        } catch (UncheckedIOException malformed) {
            throw malformed.getCause();
        }
        return lines;
    }

    @Property(tries = 3000)
    void anyTextIsCutAsByTheLibrary(
            @ForAll
                    @StringLength(max = 60)
                    @Chars({'1', 'e', '.', ',', ',', '"', '"', '\n', '\n', '\r', ' ', '\u00e4', '\u20ac'})
                    String text)
            throws IOException {
        Path file = Files.createTempFile("lines", ".csv");
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
            List<Line> wanted;
            try {
                wanted = read(text);
            } catch (IOException malformed) {
                assertThatExceptionOfType(IOException.class).isThrownBy(() -> CsvLines.of(file, (number, cells) -> {}));
                return;
            }
            List<Line> found = new ArrayList<>();
            CsvLines lines = CsvLines.of(
                    file,
                    (number, cells) -> found.add(new Line(
                            number, cells.stream().map(CsvLines::decoded).toList())));

            assertThat(found).isEqualTo(wanted);
            assertThat(lines.size()).isEqualTo(wanted.size());
            for (int line = lines.size() - 1; line >= 0; line--) {
                List<String> cells = wanted.get(line).cells;
                for (int column = 0; column < cells.size(); column++) {
                    assertThat(lines.text(line, column)).isEqualTo(cells.get(column));
                    assertThat((Double) lines.number(line, column))
                            .isEqualTo((Double) CsvLines.number(cells.get(column)));
                }
                assertThat(lines.place(line)).isEqualTo(wanted.get(line).number);
            }
        } finally {
            Files.delete(file);
        }
    }

    @Property(tries = 3000)
    void numbersAreThoseThatJavaReads(@ForAll @DoubleRange(min = -1e300, max = 1e300) double value) {
        assertThat(CsvLines.number(Double.toString(value))).isEqualTo(value);
    }

    @Property(tries = 3000)
    void whatIsNoNumberForJavaIsNoneHere(
            @ForAll @StringLength(max = 6) @Chars({'+', '-', '.', 'e', 'E'}) @CharRange(from = '0', to = '9')
                    String text) {
        double java;
        try {
            java = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            java = Double.NaN;
        }

        // Boxed: not a number equals itself.
        assertThat((Double) CsvLines.number(text)).isEqualTo((Double) (Double.isInfinite(java) ? Double.NaN : java));
    }
}
