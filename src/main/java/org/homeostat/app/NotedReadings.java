package org.homeostat.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.homeostat.run.BadInput;

/** A CSV file in which somebody noted what a board said and what a meter showed: columns channel, device, true. */
final class NotedReadings {

    private static final String CHANNEL = "channel";
    private static final String DEVICE = "device";
    private static final String TRUE = "true";

    /**
     * One line.
     *
     * @param where file and line, for messages
     * @param channel the name of a channel
     * @param device what it was asked for, or what it said, in its unit
     * @param truth what was really there, in its unit
     */
    record Row(String where, String channel, double device, double truth) {}

    private NotedReadings() {}

    /**
     * Reads a file.
     *
     * @throws BadInput if it cannot be used, naming the line
     */
    static List<Row> of(Path file) {
        String name = "--readings: " + file;
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .setIgnoreSurroundingSpaces(true)
                .setIgnoreEmptyLines(true)
                .get();
        List<Row> rows = new ArrayList<>();
        try (CSVParser parser = CSVParser.parse(Files.readString(file), format)) {
            if (!parser.getHeaderNames().containsAll(List.of(CHANNEL, DEVICE, TRUE))) {
                throw new BadInput(name + ", line 1: expected the columns channel, device, true, not "
                        + String.join(", ", parser.getHeaderNames()));
            }
            for (CSVRecord line : parser) {
                String where = name + ", line " + parser.getCurrentLineNumber();
                if (!line.isConsistent()) {
                    throw new BadInput(
                            where + ": expected " + parser.getHeaderNames().size() + " cells, not " + line.size());
                }
                rows.add(new Row(
                        where, line.get(CHANNEL), number(line.get(DEVICE), where), number(line.get(TRUE), where)));
            }
        } catch (NoSuchFileException e) {
            throw new BadInput(name + ": there is no such file; check the path", e);
        } catch (CharacterCodingException e) {
            throw new BadInput(name + ": it is not text in UTF-8; save it as UTF-8 CSV", e);
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw new BadInput(name + ": it cannot be read as CSV (" + e.getMessage() + ")", e);
        }
        if (rows.isEmpty()) {
            throw new BadInput(name + ": it has no readings; expected lines such as x1,1.000,1.0012");
        }
        return rows;
    }

    private static double number(String text, String where) {
        try {
            double number = Double.parseDouble(text);
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below, together with what is no finite number.
        }
        throw new BadInput(where + ": expected a number, not '" + text + "'");
    }
}
