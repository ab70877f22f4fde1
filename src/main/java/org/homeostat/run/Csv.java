package org.homeostat.run;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.homeostat.run.Dataset.Answers;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file as a data set. The separator (comma, semicolon or tab) and a header line are recognised; every column but the
 * target must be numeric.
 */
public final class Csv {

    /** More distinct whole numbers than this are taken for a quantity, not for labels. */
    private static final int MOST_LABELS = 20;

    /** What kind of answer the target column holds. */
    public enum Task {
        CLASSIFICATION,
        REGRESSION
    }

    private record Line(long number, List<String> cells) {}

    private final Path file;
    private final List<String> names;
    private final List<Line> lines;
    private final boolean header;

    private Csv(Path file, List<String> names, List<Line> lines, boolean header) {
        this.file = file;
        this.names = names;
        this.lines = lines;
        this.header = header;
    }

    /**
     * Reads a file.
     *
     * @param hint the name of a column if the user gave one; a first line that holds it is a header
     * @throws BadInput if it cannot be read, or has no rows, or rows of different length
     */
    public static Csv read(Path file, @Nullable String hint) {
        List<Line> lines = new ArrayList<>();
        try {
            // Parsed from a string: a data set fits in memory, and a path that is no file fails before parsing.
            String text = Files.readString(file, StandardCharsets.UTF_8);
            CSVFormat format = CSVFormat.RFC4180
                    .builder()
                    .setDelimiter(separator(text))
                    .setIgnoreSurroundingSpaces(true)
                    .setIgnoreEmptyLines(true)
                    .get();
            try (CSVParser parser = CSVParser.parse(text.startsWith("\uFEFF") ? text.substring(1) : text, format)) {
                for (CSVRecord row : parser) {
                    // Read after the record, so a cell with a line break inside counts from its last line.
                    lines.add(new Line(parser.getCurrentLineNumber(), row.toList()));
                }
            }
        } catch (NoSuchFileException e) {
            throw new BadInput(file + ": there is no such file; check the path", e);
        } catch (AccessDeniedException e) {
            throw new BadInput(file + ": no permission to read it", e);
        } catch (MalformedInputException e) {
            throw new BadInput(file + ": it is not text in UTF-8; save it as UTF-8 CSV", e);
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new BadInput(file + ": it cannot be read as CSV (" + e.getMessage() + ")", e);
        }
        if (lines.isEmpty()) {
            throw new BadInput(file + ": it has no rows");
        }
        int columns = lines.getFirst().cells.size();
        for (Line line : lines) {
            if (line.cells.size() != columns) {
                throw new BadInput(file + ", line " + line.number + ": " + line.cells.size()
                        + " columns, but the first line has " + columns + "; every line needs the same number");
            }
        }
        boolean header = isHeader(lines, hint);
        List<String> names = new ArrayList<>();
        for (int c = 0; c < columns; c++) {
            names.add(header ? lines.getFirst().cells.get(c) : "column " + (c + 1));
        }
        if (header) {
            lines.removeFirst();
        }
        if (lines.isEmpty()) {
            throw new BadInput(file + ": it has a header but no rows");
        }
        return new Csv(file, names, lines, header);
    }

    private static char separator(String text) {
        String first = text.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
        char best = ',';
        long most = 0;
        for (char candidate : new char[] {',', ';', '\t'}) {
            long count = first.chars().filter(c -> c == candidate).count();
            if (count > most) {
                best = candidate;
                most = count;
            }
        }
        return best;
    }

    /** A first line is a header if it holds the column asked for, or words over every column that is numeric below it. */
    private static boolean isHeader(List<Line> lines, @Nullable String hint) {
        List<String> first = lines.getFirst().cells;
        if (hint != null && first.contains(hint) && number(hint).isEmpty()) {
            return true;
        }
        boolean words = false;
        for (int c = 0; c < first.size(); c++) {
            int column = c;
            long numeric = lines.stream()
                    .skip(1)
                    .filter(line -> number(line.cells.get(column)).isPresent())
                    .count();
            if (2 * numeric > lines.size() - 1) {
                if (number(first.get(c)).isPresent()) {
                    return false;
                }
                words |= !first.get(c).isEmpty();
            }
        }
        return words;
    }

    private static OptionalDouble number(String cell) {
        try {
            double value = Double.parseDouble(cell);
            // Java also reads "NaN", "Infinity", "1f" and "0x1p3": none is a number in a data file.
            boolean plain = cell.chars().allMatch(c -> "0123456789+-.eE".indexOf(c) >= 0);
            return plain && Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    /** The names of the columns. */
    public List<String> columns() {
        return names;
    }

    /** How many rows there are. */
    public int size() {
        return lines.size();
    }

    private double cell(Line line, int column) {
        String text = line.cells.get(column);
        OptionalDouble value = number(text);
        if (value.isEmpty()) {
            throw new BadInput(file + ", line " + line.number + ", " + named(column) + ": "
                    + (text.isEmpty() ? "the cell is empty" : "'" + text + "' is not a number")
                    + "; fill it in or remove the line");
        }
        return value.getAsDouble();
    }

    private String named(int column) {
        return header ? "column '" + names.get(column) + "'" : names.get(column);
    }

    /**
     * The features of every row: the columns with the given names, or all where null.
     *
     * @throws BadInput if a column is missing, or a cell is empty or not a number, naming file, line and column
     */
    public double[][] features(List<String> wanted) {
        int[] columns = new int[wanted.size()];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = names.indexOf(wanted.get(i));
            if (columns[i] < 0) {
                throw new BadInput(file + ": there is no column '" + wanted.get(i) + "'; it has " + listed());
            }
        }
        double[][] rows = new double[lines.size()][columns.length];
        for (int r = 0; r < rows.length; r++) {
            for (int i = 0; i < columns.length; i++) {
                rows[r][i] = cell(lines.get(r), columns[i]);
            }
        }
        return rows;
    }

    private String listed() {
        return header
                ? "the columns " + String.join(", ", names)
                : names.size() + " columns and no header, so that columns go by number, from 1";
    }

    /** The position of a column given by name or by its 1-based number. */
    private int column(String target) {
        int named = names.indexOf(target);
        if (named >= 0) {
            return named;
        }
        OptionalDouble number = number(target);
        if (number.isPresent() && number.getAsDouble() == Math.rint(number.getAsDouble())) {
            int column = (int) number.getAsDouble();
            if (column >= 1 && column <= names.size()) {
                return column - 1;
            }
        }
        throw new BadInput(file + ": there is no target column '" + target + "'; it has " + listed());
    }

    /**
     * The whole file as a data set.
     *
     * @param target the column that holds the answers, by name or 1-based number
     * @param asked what kind of answer it holds; null to tell from the column: text, or a few distinct whole numbers, are
     *     labels
     * @throws BadInput if a cell cannot be used, naming file, line and column
     */
    public Dataset dataset(String target, @Nullable Task asked) {
        int answer = column(target);
        if (names.size() < 2) {
            throw new BadInput(file + ": besides the target there is no column to learn from");
        }
        List<String> features = new ArrayList<>(names);
        features.remove(answer);
        Task task = asked != null ? asked : taskOf(answer);
        double[][] rows = features(features);
        return new Dataset(
                String.valueOf(file.getFileName()),
                features,
                rows,
                task == Task.REGRESSION ? numbers(answer) : labels(answer));
    }

    private Task taskOf(int column) {
        Set<String> distinct = new LinkedHashSet<>();
        boolean whole = true;
        for (Line line : lines) {
            String text = line.cells.get(column);
            OptionalDouble value = number(text);
            if (value.isEmpty()) {
                return Task.CLASSIFICATION;
            }
            whole &= value.getAsDouble() == Math.rint(value.getAsDouble());
            distinct.add(text);
        }
        return whole && distinct.size() <= Math.min(MOST_LABELS, Math.max(2, lines.size() / 3))
                ? Task.CLASSIFICATION
                : Task.REGRESSION;
    }

    private Answers.Numbers numbers(int column) {
        double[] values = new double[lines.size()];
        for (int r = 0; r < values.length; r++) {
            values[r] = cell(lines.get(r), column);
        }
        return new Answers.Numbers(names.get(column), values);
    }

    private Answers.Labels labels(int column) {
        List<String> classes = new ArrayList<>();
        int[] label = new int[lines.size()];
        for (Line line : lines) {
            String text = line.cells.get(column);
            if (text.isEmpty() || text.equalsIgnoreCase("nan")) {
                throw new BadInput(file + ", line " + line.number + ", " + named(column)
                        + ": the label is missing; fill it in or remove the line");
            }
            if (!classes.contains(text)) {
                classes.add(text);
            }
        }
        classes.sort((a, b) -> {
            OptionalDouble x = number(a);
            OptionalDouble y = number(b);
            return x.isPresent() && y.isPresent() ? Double.compare(x.getAsDouble(), y.getAsDouble()) : a.compareTo(b);
        });
        if (classes.size() < 2) {
            throw new BadInput(file + ", " + named(column) + ": every row has the label '" + classes.getFirst()
                    + "'; to classify there must be at least two");
        }
        if (classes.size() > lines.size() / 2) {
            throw new BadInput(file + ", " + named(column) + ": " + classes.size() + " different labels in "
                    + lines.size() + " rows; is this the target? For a quantity say --task regression");
        }
        for (int r = 0; r < label.length; r++) {
            label[r] = classes.indexOf(lines.get(r).cells.get(column));
        }
        return new Answers.Labels(classes, label);
    }
}
