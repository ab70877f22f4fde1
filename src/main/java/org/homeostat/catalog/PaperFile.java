package org.homeostat.catalog;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;

/**
 * What a paper reports and the command that shows what this program gets: {@code sim/experiments/papers/ID/paper.yaml}, where
 * ID is the paper's number at arXiv. The keys are explained in {@code sim/README.md}.
 *
 * @param arxiv the number, the name of the folder
 * @param title the paper's title
 * @param rows the figures to compare; none for a paper that only explains what is here
 */
public record PaperFile(String arxiv, String title, List<Row> rows) {

    public PaperFile {
        rows = List.copyOf(rows);
    }

    /** Which figure stands for those of several seeds. */
    public enum Pick {
        MIN,
        MEDIAN,
        MEAN,
        MAX
    }

    /**
     * One figure.
     *
     * @param what what is measured, in a few words
     * @param reports what the paper says of it; null where nobody here has seen it say
     * @param command a command line without the program's name; paths are relative to the paper's folder, and {@code ${data}}
     *     is the folder of data sets
     * @param field where the figure stands in the JSON that the command prints, such as {@code test.accuracy}
     * @param seeds what {@code --seed} is given, one run after the other; null to give none
     * @param pick which of several figures counts; the median where nothing is said
     * @param expect the bar, such as {@code >= 0.95}; null where the figure is only shown
     * @param quick whether it is among those that are run by default
     */
    public record Row(
            String what,
            @Nullable String reports,
            String command,
            String field,
            @Nullable List<Long> seeds,
            @Nullable Pick pick,
            @Nullable String expect,
            @Nullable Boolean quick) {

        private static final Pattern BAR = Pattern.compile("(>=|<=|>|<|=)\\s*(\\S+)");

        public Row {
            seeds = List.copyOf(Objects.requireNonNullElse(seeds, List.of()));
            pick = Objects.requireNonNullElse(pick, Pick.MEDIAN);
            quick = Objects.requireNonNullElse(quick, false);
            if (expect != null) {
                var unused = bar(expect);
            }
            if (words(command).isEmpty()) {
                throw new IllegalArgumentException(
                        "command: expected a command of this program, such as train xor.yaml");
            }
        }

        @Override
        public List<Long> seeds() {
            return Objects.requireNonNull(seeds);
        }

        @Override
        public Boolean quick() {
            return Objects.requireNonNull(quick);
        }

        /** The command, word by word; what stands in quotes is one word. */
        public List<String> words() {
            return words(command);
        }

        private static List<String> words(String command) {
            return Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)")
                    .matcher(command)
                    .results()
                    .map(found -> found.group(1) != null
                            ? found.group(1)
                            : found.group(2) != null ? found.group(2) : found.group(3))
                    .toList();
        }

        /** The figure that stands for those of several seeds. */
        public double picked(double[] figures) {
            double[] sorted = figures.clone();
            Arrays.sort(sorted);
            int n = sorted.length;
            return switch (Objects.requireNonNull(pick)) {
                case MIN -> sorted[0];
                case MAX -> sorted[n - 1];
                case MEAN -> Arrays.stream(sorted).average().orElse(Double.NaN);
                case MEDIAN -> (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
            };
        }

        /** Whether a figure reaches the bar; true where there is none. */
        public boolean met(double figure) {
            if (expect == null) {
                return true;
            }
            Matcher bar = bar(expect);
            double level = Double.parseDouble(bar.group(2));
            return switch (bar.group(1)) {
                case ">=" -> figure >= level;
                case "<=" -> figure <= level;
                case ">" -> figure > level;
                case "<" -> figure < level;
                default -> figure == level;
            };
        }

        private static Matcher bar(String expect) {
            Matcher bar = BAR.matcher(expect.strip());
            if (bar.matches()) {
                try {
                    if (Double.isFinite(Double.parseDouble(bar.group(2)))) {
                        return bar;
                    }
                } catch (NumberFormatException e) {
                    // Said below, together with what has no comparison.
                }
            }
            throw new IllegalArgumentException(
                    "expect: expected a comparison with a number, such as '>= 0.95', not '" + expect + "'");
        }
    }

    /**
     * Reads the file of a paper.
     *
     * @param folder the paper's folder, which has its number as a name
     * @throws BadInput if something in it cannot be used, naming file, line and field
     */
    public static PaperFile read(Path folder) {
        Path file = folder.resolve("paper.yaml");
        Yaml yaml = Yaml.of(Yaml.text(file), file.toString());
        PaperFile paper = yaml.as(PaperFile.class);
        String name = String.valueOf(folder.getFileName());
        if (!paper.arxiv.equals(name)) {
            throw yaml.refused(
                    "arxiv", "expected the name of the folder, '" + name + "' in quotes, not '" + paper.arxiv + "'");
        }
        return paper;
    }
}
