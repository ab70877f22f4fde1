package org.homeostat.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

    private static final int LONGEST_SHOWN = 40;

    /** What kind of answer the target column holds. */
    public enum Task {
        CLASSIFICATION,
        REGRESSION
    }

    /** What columns are called where no header names them. */
    private static final Pattern UNNAMED = Pattern.compile("column \\d+");

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
            if (text.indexOf('\0') >= 0) {
                throw new MalformedInputException(1);
            }
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
        } catch (UncheckedIOException e) {
            throw unreadable(file, Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw unreadable(file, e);
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

    private static BadInput unreadable(Path file, IOException why) {
        return new BadInput(
                file + ": "
                        + (Files.isDirectory(file)
                                ? "this is a folder; expected a CSV file"
                                : "it cannot be read as CSV (" + why.getMessage() + "); look at its quotes"),
                why);
    }

    /** A cell as messages show it: on one line, and not too long. */
    private static String shown(String cell) {
        String line = cell.replaceAll("\\s+", " ");
        return "'" + (line.length() > LONGEST_SHOWN ? line.substring(0, LONGEST_SHOWN) + "..." : line) + "'";
    }

    private static char separator(String text) {
        String first = text.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
        char best = ',';
        long most = 0;
        for (char candidate : new char[] {',', ';', '\t'}) {
            // What stands in quotes separates nothing.
            long count = first.replaceAll("\"[^\"]*\"", "")
                    .chars()
                    .filter(c -> c == candidate)
                    .count();
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
        if (hint != null
                && (first.contains(hint) || first.containsAll(parts(hint)))
                && Stream.concat(Stream.of(hint), parts(hint).stream())
                        .allMatch(name -> number(name).isEmpty())) {
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
                    + (text.isEmpty()
                            ? "the cell is empty; fill it in or remove the line"
                            : text.matches("[+-]?\\d+,\\d+")
                                    ? shown(text) + " is not a number; write it with a decimal point"
                                    : shown(text) + " is not a number; correct it or remove the line"));
        }
        return value.getAsDouble();
    }

    private String named(int column) {
        return header && !names.get(column).isEmpty() ? "column '" + names.get(column) + "'" : "column " + (column + 1);
    }

    /**
     * The features of every row: the columns with the given names; all columns in their order if neither this file nor
     * the names come from a header and there are as many of them.
     *
     * @throws BadInput if a column is missing, or a cell is empty or not a number, naming file, line and column
     */
    public double[][] features(List<String> wanted) {
        boolean unnamed = !header
                && wanted.stream().allMatch(name -> UNNAMED.matcher(name).matches());
        int[] columns = new int[wanted.size()];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = unnamed && columns.length == names.size() ? i : names.indexOf(wanted.get(i));
            if (columns[i] < 0) {
                throw new BadInput(file + ": there is no column '" + wanted.get(i) + "'; it has " + listed());
            }
            if (names.lastIndexOf(wanted.get(i)) != names.indexOf(wanted.get(i))) {
                throw new BadInput(file + ": two columns are called '" + wanted.get(i) + "'; rename one of them");
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
        throw new BadInput(file + ": there is no column '" + target + "'; it has " + listed());
    }

    /** The columns that a target means: the one of that name, or several separated by commas. */
    private int[] columns(String target) {
        return names.contains(target)
                ? new int[] {names.indexOf(target)}
                : parts(target).stream().mapToInt(this::column).distinct().toArray();
    }

    private static List<String> parts(String target) {
        List<String> parts =
                Arrays.stream(target.split(",", -1)).map(String::strip).toList();
        return parts.stream().allMatch(String::isEmpty) ? List.of(target) : parts;
    }

    /**
     * The whole file as a data set.
     *
     * @param target the column that holds the answers, by name or 1-based number; several, separated by commas, hold a
     *     number each
     * @param ignored columns that say nothing of the answer, such as row numbers, by name or 1-based number
     * @param asked what kind of answer it holds; null to tell from the column: text, or a few distinct whole numbers, are
     *     labels
     * @throws BadInput if a cell cannot be used, naming file, line and column
     */
    public Dataset dataset(String target, List<String> ignored, @Nullable Task asked) {
        int[] answers = columns(target);
        List<String> features = new ArrayList<>(names);
        for (int answer : answers) {
            features.remove(names.get(answer));
        }
        for (String column : ignored) {
            features.remove(names.get(column(column)));
        }
        if (features.isEmpty()) {
            throw new BadInput(file + ": besides the target there is no column to learn from");
        }
        for (String feature : features) {
            requireSomeNumber(names.indexOf(feature));
        }
        if (answers.length > 1 && asked == Task.CLASSIFICATION) {
            throw new BadInput(file + ": " + answers.length
                    + " target columns hold a number each; to tell classes apart" + " name one target");
        }
        Task task = answers.length > 1 ? Task.REGRESSION : asked != null ? asked : taskOf(answers[0]);
        return new Dataset(
                String.valueOf(file.getFileName()),
                features,
                features(features),
                task == Task.REGRESSION ? numbers(answers) : labels(answers[0], classes(answers[0])));
    }

    /** A column of words throughout names the rows; one wrong cell is told by its line instead. */
    private void requireSomeNumber(int column) {
        if (lines.size() > 1 && lines.stream().allMatch(line -> isWord(line.cells.get(column)))) {
            throw new BadInput(file + ", " + named(column) + ": it holds words, such as "
                    + shown(lines.getFirst().cells.get(column))
                    + ", where numbers are needed to learn from; leave it out with --ignore "
                    + (header ? names.get(column) : column + 1));
        }
    }

    private static boolean isWord(String cell) {
        return !cell.isEmpty() && number(cell).isEmpty();
    }

    /**
     * The whole file as a data set of the same kind as another one: the same features, in whatever order the columns are,
     * and answers of the same kind.
     *
     * @param target the column or columns that hold the answers, by name or 1-based number
     * @throws BadInput if a column is missing, or a cell cannot be used, naming file, line and column
     */
    public Dataset like(Dataset known, String target) {
        int[] answers = columns(target);
        return new Dataset(
                String.valueOf(file.getFileName()),
                known.features(),
                features(known.features()),
                switch (known.answers()) {
                    case Answers.Labels labels -> labels(answers[0], labels.classes());
                    case Answers.Numbers numbers -> numbers(answers);
                });
    }

    /** A column of numbers, but for a few slips, is a column of numbers: the slips are then refused with their place. */
    private Task taskOf(int column) {
        Set<String> distinct = new HashSet<>();
        boolean whole = true;
        int numeric = 0;
        for (Line line : lines) {
            String text = line.cells.get(column);
            OptionalDouble value = number(text);
            if (value.isPresent()) {
                numeric++;
                whole &= value.getAsDouble() == Math.rint(value.getAsDouble());
                distinct.add(text);
            }
        }
        boolean few = distinct.size() <= Math.min(MOST_LABELS, Math.max(2, lines.size() / 3));
        return 2 * numeric > lines.size() && !(whole && few) ? Task.REGRESSION : Task.CLASSIFICATION;
    }

    private Answers.Numbers numbers(int[] columns) {
        double[][] values = new double[lines.size()][columns.length];
        for (int r = 0; r < values.length; r++) {
            for (int k = 0; k < columns.length; k++) {
                values[r][k] = cell(lines.get(r), columns[k]);
            }
        }
        return new Answers.Numbers(Arrays.stream(columns).mapToObj(names::get).toList(), values);
    }

    /** The labels that occur in a column, sorted: numbers by value, words by letters. */
    private List<String> classes(int column) {
        Set<String> distinct = new TreeSet<>((a, b) -> {
            OptionalDouble x = number(a);
            OptionalDouble y = number(b);
            int order = Boolean.compare(y.isPresent(), x.isPresent());
            if (order == 0 && x.isPresent() && y.isPresent()) {
                order = Double.compare(x.getAsDouble(), y.getAsDouble());
            }
            return order == 0 ? a.compareTo(b) : order;
        });
        lines.forEach(line -> distinct.add(label(line, column)));
        if (distinct.size() < 2) {
            throw new BadInput(file + ", " + named(column) + ": every row has the label '"
                    + distinct.iterator().next() + "'; to classify there must be at least two");
        }
        if (distinct.size() > lines.size() / 2) {
            throw new BadInput(file + ", " + named(column) + ": " + distinct.size() + " different labels in "
                    + lines.size() + " rows; is this the target? For a quantity say --task regression");
        }
        return List.copyOf(distinct);
    }

    private Answers.Labels labels(int column, List<String> classes) {
        Map<String, Integer> positions = new HashMap<>();
        for (String name : classes) {
            positions.put(name, positions.size());
        }
        int[] labels = new int[lines.size()];
        for (int r = 0; r < labels.length; r++) {
            String text = label(lines.get(r), column);
            Integer position = positions.get(text);
            if (position == null) {
                throw new BadInput(
                        file + ", line " + lines.get(r).number + ", " + named(column) + ": the label " + shown(text)
                                + " does not occur in the training data, which has " + String.join(", ", classes));
            }
            labels[r] = position;
        }
        return new Answers.Labels(classes, labels);
    }

    private String label(Line line, int column) {
        String text = line.cells.get(column);
        if (text.isEmpty() || text.equalsIgnoreCase("nan")) {
            throw new BadInput(file + ", line " + line.number + ", " + named(column)
                    + ": the label is missing; fill it in or remove the line");
        }
        return text;
    }
}
