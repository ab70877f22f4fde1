package org.homeostat.run;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
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
import java.util.zip.ZipException;
import org.homeostat.run.Dataset.Answers;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file as a data set. The separator (comma, semicolon or tab) and a header line are recognised; every column but the
 * target must be numeric. Numbers stay in the file, which is mapped. One thread at a time.
 */
public final class Csv {

    /** More distinct whole numbers than this are taken for a quantity, not for labels. */
    private static final int MOST_LABELS = 20;

    /** More classes than this are not looked through to the end. */
    private static final int MOST_CLASSES = 100_000;

    private static final int LONGEST_SHOWN = 40;

    /** What kind of answer the target column holds. */
    public enum Task {
        CLASSIFICATION,
        REGRESSION
    }

    /** What columns are called where no header names them. */
    private static final Pattern UNNAMED = Pattern.compile("column \\d+");

    /** How many cells of each column hold a number, and how many something else, the first line apart. */
    private static final class Census implements CsvLines.Found {
        private List<String> first = List.of();
        private long[] numbers = new long[0];
        private long[] words = new long[0];
        private long lines;
        private long raggedLine;
        private int raggedColumns;

        @Override
        public void line(long number, List<String> cells) {
            if (lines++ == 0) {
                first = cells.stream().map(CsvLines::decoded).toList();
                numbers = new long[first.size()];
                words = new long[first.size()];
                return;
            }
            if (cells.size() != first.size()) {
                if (raggedLine == 0) {
                    raggedLine = number;
                    raggedColumns = cells.size();
                }
                return;
            }
            count(cells);
        }

        private void count(List<String> cells) {
            for (int c = 0; c < numbers.length; c++) {
                String cell = cells.get(c);
                if (!Double.isNaN(CsvLines.number(cell))) {
                    numbers[c]++;
                } else if (!cell.isEmpty()) {
                    words[c]++;
                }
            }
        }

        /** A first line is a header if it holds the column asked for, or words over every column that is numeric below it. */
        boolean isHeader(@Nullable String hint) {
            if (hint != null
                    && (first.contains(hint) || first.containsAll(parts(hint)))
                    && Stream.concat(Stream.of(hint), parts(hint).stream())
                            .allMatch(name -> number(name).isEmpty())) {
                return true;
            }
            boolean words = false;
            for (int c = 0; c < first.size(); c++) {
                if (2 * numbers[c] > lines - 1) {
                    if (number(first.get(c)).isPresent()) {
                        return false;
                    }
                    words |= !first.get(c).isEmpty();
                }
            }
            return words;
        }
    }

    private final Path file;
    private final List<String> names;
    private final CsvLines lines;
    private final Census census;
    private final boolean header;

    private Csv(Path file, List<String> names, CsvLines lines, Census census, boolean header) {
        this.file = file;
        this.names = names;
        this.lines = lines;
        this.census = census;
        this.header = header;
    }

    /**
     * Reads a file once, to find its lines and see what they hold.
     *
     * @param hint the name of a column if the user gave one; a first line that holds it is a header
     * @throws BadInput if it cannot be read, or has no rows, or rows of different length
     */
    public static Csv read(Path file, @Nullable String hint) {
        Census census = new Census();
        CsvLines lines;
        try {
            lines = CsvLines.of(file, census);
        } catch (NoSuchFileException e) {
            throw new BadInput(file + ": there is no such file; check the path", e);
        } catch (AccessDeniedException e) {
            throw new BadInput(file + ": no permission to read it", e);
        } catch (MalformedInputException e) {
            throw new BadInput(file + ": it is not text in UTF-8; save it as UTF-8 CSV", e);
        } catch (EOFException | ZipException e) {
            throw new BadInput(file + ": it is damaged or cut short; bring back the file", e);
        } catch (Mapped.NoRoomException e) {
            throw new BadInput(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        if (lines.size() == 0) {
            throw new BadInput(file + ": it has no rows");
        }
        int columns = census.first.size();
        if (census.raggedLine > 0) {
            throw new BadInput(file + ", line " + census.raggedLine + ": " + census.raggedColumns
                    + " columns, but the first line has " + columns + "; every line needs the same number");
        }
        boolean header = census.isHeader(hint);
        List<String> names = new ArrayList<>();
        for (int c = 0; c < columns; c++) {
            names.add(header ? census.first.get(c) : "column " + (c + 1));
        }
        if (!header) {
            census.count(census.first);
        } else if (lines.size() == 1) {
            throw new BadInput(file + ": it has a header but no rows");
        }
        return new Csv(file, names, lines, census, header);
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

    private static OptionalDouble number(String cell) {
        double value = CsvLines.number(cell);
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** The names of the columns. */
    public List<String> columns() {
        return names;
    }

    /** How many rows there are. */
    public int size() {
        return lines.size() - (header ? 1 : 0);
    }

    /** The line on which a row stands. */
    private int line(int row) {
        return header ? row + 1 : row;
    }

    /** Columns of numbers, wherever they are. */
    private record Columns(CsvLines lines, int firstLine, int size, int[] columns) implements Rows {
        @Override
        public int width() {
            return columns.length;
        }

        @Override
        public void read(int row, double[] into) {
            int line = firstLine + Objects.checkIndex(row, size);
            for (int i = 0; i < columns.length; i++) {
                into[i] = lines.number(line, columns[i]);
                if (Double.isNaN(into[i])) {
                    // It was a number when the file was read first.
                    throw lines.changed();
                }
            }
        }

        @Override
        public void requireUnchanged() {
            lines.requireUnchanged();
        }
    }

    /** Columns that must hold numbers throughout. */
    private Rows numbers(int[] columns) {
        if (Arrays.stream(columns).anyMatch(column -> census.numbers[column] < size())) {
            for (int row = 0; row < size(); row++) {
                for (int column : columns) {
                    requireNumber(row, column);
                }
            }
        }
        return new Columns(lines, line(0), size(), columns);
    }

    private void requireNumber(int row, int column) {
        if (!Double.isNaN(lines.number(line(row), column))) {
            return;
        }
        String text = lines.text(line(row), column);
        throw new BadInput(file + ", line " + lines.place(line(row)) + ", " + named(column) + ": "
                + (text.isEmpty()
                        ? "the cell is empty; fill it in or remove the line"
                        : text.matches("[+-]?\\d+,\\d+")
                                ? shown(text) + " is not a number; write it with a decimal point"
                                : shown(text) + " is not a number; correct it or remove the line"));
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
    public Rows features(List<String> wanted) {
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
        return numbers(columns);
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
                task == Task.REGRESSION ? quantities(answers) : labels(answers[0], classes(answers[0])));
    }

    /** A column of words throughout names the rows; one wrong cell is told by its line instead. */
    private void requireSomeNumber(int column) {
        if (size() > 1 && census.words[column] == size()) {
            throw new BadInput(file + ", " + named(column) + ": it holds words, such as "
                    + shown(lines.text(line(0), column))
                    + ", where numbers are needed to learn from; leave it out with --ignore "
                    + (header ? names.get(column) : column + 1));
        }
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
                    case Answers.Numbers numbers -> quantities(answers);
                });
    }

    /** A column of numbers, but for a few slips, is a column of numbers: the slips are then refused with their place. */
    private Task taskOf(int column) {
        int most = Math.min(MOST_LABELS, Math.max(2, size() / 3));
        Set<String> distinct = new HashSet<>();
        boolean whole = true;
        for (int row = 0; row < size() && whole && distinct.size() <= most; row++) {
            double value = lines.number(line(row), column);
            if (!Double.isNaN(value)) {
                whole = value == Math.rint(value);
                distinct.add(lines.text(line(row), column));
            }
        }
        boolean labels = whole && distinct.size() <= most;
        return 2 * census.numbers[column] > size() && !labels ? Task.REGRESSION : Task.CLASSIFICATION;
    }

    private Answers.Numbers quantities(int[] columns) {
        return new Answers.Numbers(Arrays.stream(columns).mapToObj(names::get).toList(), numbers(columns));
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
        for (int row = 0; row < size(); row++) {
            distinct.add(label(row, column));
            if (distinct.size() > MOST_CLASSES) {
                throw new BadInput(file + ", " + named(column) + ": more than " + MOST_CLASSES
                        + " different labels; is this the target? For a quantity say --task regression");
            }
        }
        if (distinct.size() < 2) {
            throw new BadInput(file + ", " + named(column) + ": every row has the label '"
                    + distinct.iterator().next() + "'; to classify there must be at least two");
        }
        if (distinct.size() > size() / 2) {
            throw new BadInput(file + ", " + named(column) + ": " + distinct.size() + " different labels in " + size()
                    + " rows; is this the target? For a quantity say --task regression");
        }
        return List.copyOf(distinct);
    }

    private Answers.Labels labels(int column, List<String> classes) {
        Map<String, Integer> positions = new HashMap<>();
        for (String name : classes) {
            positions.put(name, positions.size());
        }
        int[] labels = new int[size()];
        for (int r = 0; r < labels.length; r++) {
            String text = label(r, column);
            Integer position = positions.get(text);
            if (position == null) {
                throw new BadInput(
                        file + ", line " + lines.place(line(r)) + ", " + named(column) + ": the label " + shown(text)
                                + " does not occur in the training data, which has " + String.join(", ", classes));
            }
            labels[r] = position;
        }
        return new Answers.Labels(classes, labels);
    }

    private String label(int row, int column) {
        String text = lines.text(line(row), column);
        if (text.isEmpty() || text.equalsIgnoreCase("nan")) {
            throw new BadInput(file + ", line " + lines.place(line(row)) + ", " + named(column)
                    + ": the label is missing; fill it in or remove the line");
        }
        return text;
    }
}
