package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.homeostat.run.Dataset.Answers;

/** However a table is written down, it is read back as it was. */
final class CsvPropertiesTest {

    private static final List<String> SEPARATORS = List.of(",", ";", "\t");
    private static final List<String> LABELS = List.of("red", "green", "blue");

    @Property(tries = 300)
    void aTableIsReadAsItWasWritten(
            @ForAll @Size(min = 8, max = 30) List<@Size(3) List<@DoubleRange(min = -1e9, max = 1e9) Double>> table,
            @ForAll @IntRange(max = 2) int separator,
            @ForAll boolean header,
            @ForAll boolean quoted,
            @ForAll boolean windows,
            @ForAll boolean marked)
            throws IOException {
        List<String> lines = new ArrayList<>();
        String quote = quoted ? "\"" : "";
        if (header) {
            lines.add(row(List.of("u", "v", "w", "colour"), separator, quote));
        }
        for (int i = 0; i < table.size(); i++) {
            List<String> cells = new ArrayList<>();
            table.get(i).forEach(value -> cells.add(Double.toString(value)));
            cells.add(LABELS.get(i % LABELS.size()));
            lines.add(row(cells, separator, quote));
        }
        Path file = Files.createTempFile("table", ".csv");
        try {
            Files.writeString(file, (marked ? "\uFEFF" : "") + String.join(windows ? "\r\n" : "\n", lines));
            String target = header ? "colour" : "4";

            Dataset data = Csv.read(file, target).dataset(target, List.of(), null);

            assertThat(data.features())
                    .isEqualTo(header ? List.of("u", "v", "w") : List.of("column 1", "column 2", "column 3"));
            assertThat(data.rows().all())
                    .isEqualTo(table.stream()
                            .map(row -> row.stream()
                                    .mapToDouble(Double::doubleValue)
                                    .toArray())
                            .toArray(double[][]::new));
            Answers.Labels labels = (Answers.Labels) data.answers();
            for (int i = 0; i < table.size(); i++) {
                assertThat(labels.classes().get(labels.label()[i])).isEqualTo(LABELS.get(i % LABELS.size()));
            }
        } finally {
            Files.delete(file);
        }
    }

    private static String row(List<String> cells, int separator, String quote) {
        return quote
                + String.join(quote + SEPARATORS.get(separator) + quote, cells).toLowerCase(Locale.ROOT)
                + quote;
    }
}
