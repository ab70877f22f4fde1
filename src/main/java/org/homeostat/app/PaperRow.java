package org.homeostat.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.homeostat.catalog.PaperFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A paper's figure, put beside ours.
 *
 * @param paper the paper's number
 * @param row what was asked
 * @param verdict how it went
 * @param remark why there is no figure; empty where there is one
 * @param figure the figure; NaN where there is none
 * @param figures the figure of each seed
 * @param seconds wall-clock time
 */
record PaperRow(
        String paper,
        PaperFile.Row row,
        Verdict verdict,
        String remark,
        double figure,
        double[] figures,
        double seconds) {

    /** How a row went. */
    enum Verdict {
        MET("met"),
        MISSED("NOT MET"),
        /** No bar was set. */
        SHOWN("shown"),
        FAILED("failed"),
        NO_DATA("no data");

        private final String word;

        Verdict(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }

        boolean bad() {
            return this == MISSED || this == FAILED;
        }
    }

    private static final JsonMapper JSON = new JsonMapper();

    /** A path below the folder of data sets. */
    private static final Pattern DATA = Pattern.compile("\\$\\{data}(/[^\\s,\"'}]+)?");

    /** What a command printed, and how it ended. */
    private record Ended(int code, String out, String err) {}

    /**
     * Runs a row's command, once a seed.
     *
     * @param folder the paper's folder
     * @param data the folder of data sets
     * @param runs where the commands may store runs
     */
    static PaperRow of(String paper, PaperFile.Row row, Path folder, Path data, Path runs) {
        long start = System.nanoTime();
        Set<Path> absent = absent(row, folder, data);
        if (!absent.isEmpty()) {
            return without(
                    paper,
                    row,
                    Verdict.NO_DATA,
                    "there is no " + absent.iterator().next(),
                    start);
        }
        List<String> seeds = row.seeds().isEmpty()
                ? List.of("")
                : row.seeds().stream().map(String::valueOf).toList();
        double[] figures = new double[seeds.size()];
        for (int i = 0; i < figures.length; i++) {
            List<String> words = words(row, folder, data);
            if (!seeds.get(i).isEmpty()) {
                words.addAll(List.of("--seed", seeds.get(i)));
            }
            words.addAll(List.of("--json", "--runs", runs.toString()));
            if (words.getFirst().equals("train") && !words.contains("--no-journal")) {
                // Nobody takes such a run up again.
                words.add("--no-journal");
            }
            Ended ended = run(words);
            String seed = seeds.get(i).isEmpty() ? "" : "seed " + seeds.get(i) + ": ";
            if (ended.code == Main.INTERRUPTED) {
                return without(paper, row, Verdict.FAILED, seed + "interrupted", start);
            }
            if (ended.code != Main.DONE) {
                return without(
                        paper, row, Verdict.FAILED, seed + "exit code " + ended.code + ", " + last(ended.err), start);
            }
            figures[i] = figure(ended.out, row.field());
            if (Double.isNaN(figures[i])) {
                return without(paper, row, Verdict.FAILED, seed + "it printed no number at " + row.field(), start);
            }
        }
        double figure = row.picked(figures);
        Verdict verdict = row.expect() == null ? Verdict.SHOWN : row.met(figure) ? Verdict.MET : Verdict.MISSED;
        return new PaperRow(paper, row, verdict, "", figure, figures, seconds(start));
    }

    private static PaperRow without(String paper, PaperFile.Row row, Verdict verdict, String remark, long start) {
        return new PaperRow(paper, row, verdict, remark, Double.NaN, new double[0], seconds(start));
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static Ended run(List<String> words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int code = Main.execute(line, words.toArray(new String[0]));
        return new Ended(code, out.toString(), err.toString());
    }

    /** The command's words; what is a file of the folder goes by its whole path. */
    private static List<String> words(PaperFile.Row row, Path folder, Path data) {
        List<String> words = new ArrayList<>();
        for (String word : row.words()) {
            Path file = file(word, folder);
            words.add(file == null ? word.replace("${data}", data.toString()) : file.toString());
        }
        if (words.getFirst().equals("train")) {
            words.addAll(List.of("--data-dir", data.toString()));
        }
        return words;
    }

    private static @Nullable Path file(String word, Path folder) {
        // A word with a colon is a device, which no folder holds.
        if (word.startsWith("-") || word.contains(":") || word.contains("$")) {
            return null;
        }
        Path file = folder.resolve(word).normalize();
        return Files.isRegularFile(file) ? file : null;
    }

    /** The data files that a row needs, by its command and the files it names, and that are not there. */
    private static Set<Path> absent(PaperFile.Row row, Path folder, Path data) {
        StringBuilder text = new StringBuilder(row.command()).append('\n');
        for (String word : row.words()) {
            Path file = file(word, folder);
            try {
                text.append(file == null ? "" : Files.readString(file)).append('\n');
            } catch (IOException e) {
                // The command will tell.
            }
        }
        Set<Path> absent = new TreeSet<>();
        Matcher found = DATA.matcher(text);
        while (found.find()) {
            Path needed =
                    found.group(1) == null ? data : data.resolve(found.group(1).substring(1));
            if (!Files.exists(needed)) {
                absent.add(needed);
            }
        }
        return absent;
    }

    /** The number at a place such as {@code test.accuracy} or {@code rows.0.error}; a truth counts 1; NaN if there is none. */
    static double figure(String json, String field) {
        JsonNode node;
        try {
            node = JSON.readTree(json);
        } catch (JacksonException e) {
            return Double.NaN;
        }
        for (String step : field.split("\\.", -1)) {
            node = node.isArray() && step.matches("\\d{1,6}") ? node.path(Integer.parseInt(step)) : node.path(step);
        }
        return node.isBoolean() ? (node.asBoolean() ? 1 : 0) : node.isNumber() ? node.asDouble() : Double.NaN;
    }

    private static String last(String err) {
        return err.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("See '"))
                .reduce((before, after) -> after)
                .orElse("it said nothing");
    }
}
