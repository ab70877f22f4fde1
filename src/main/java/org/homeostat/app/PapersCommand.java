package org.homeostat.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.homeostat.catalog.PaperFile;
import org.homeostat.catalog.Papers;
import org.homeostat.run.BadInput;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "papers",
        sortOptions = false,
        description =
                "Puts what papers report beside what this program gets, by running the commands of their figures.",
        footer = {
            "",
            "Exit code 1 if a bar is missed or a command fails; rows whose data is not here say so and miss nothing.",
            "",
            "Examples:",
            "  homeostat papers",
            "  homeostat papers 2011.14277 --all --output table.md"
        })
final class PapersCommand implements Callable<Integer> {

    private static final List<String> TITLES =
            List.of("paper", "what", "the paper reports", "we get", "expected", "verdict", "s", "command");

    @Mixin
    Shared shared;

    @Parameters(arity = "0..*", paramLabel = "ID", description = "Papers by their arXiv number (default: all of them).")
    List<String> wanted = new ArrayList<>();

    @Option(names = "--all", description = "Run the slow rows too.")
    boolean all;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = "The folder of public data sets (default: $$HOMEOSTAT_DATA, or ../shared/data).")
    @Nullable
    Path data;

    @Option(
            names = "--papers",
            paramLabel = "DIR",
            description = "A folder of papers of one's own (default: those that ship).")
    @Nullable
    Path own;

    @Option(names = "--output", paramLabel = "FILE", description = "Write the table to a Markdown file as well.")
    @Nullable
    Path output;

    @Override
    public Integer call() {
        Path scratch = scratch();
        try {
            Path folder = own == null ? Papers.shipped(made(scratch.resolve("papers"))) : own.toAbsolutePath();
            Map<Path, PaperFile> papers = chosen(folder);
            List<PaperRow> rows = rows(papers, scratch.resolve("runs"));
            print(papers, rows);
            return rows.stream().anyMatch(row -> row.verdict().bad()) ? Main.FAILED : Main.DONE;
        } finally {
            delete(scratch);
        }
    }

    private Map<Path, PaperFile> chosen(Path folder) {
        List<Path> there = Papers.in(folder);
        List<String> names =
                there.stream().map(path -> String.valueOf(path.getFileName())).toList();
        for (String name : wanted) {
            if (!names.contains(name)) {
                throw new BadInput("there is no paper '" + name + "'; the papers are " + String.join(", ", names));
            }
        }
        Map<Path, PaperFile> chosen = new LinkedHashMap<>();
        for (Path paper : there) {
            if (wanted.isEmpty() || wanted.contains(String.valueOf(paper.getFileName()))) {
                chosen.put(paper, PaperFile.read(paper));
            }
        }
        return chosen;
    }

    private List<PaperRow> rows(Map<Path, PaperFile> papers, Path runs) {
        long count = papers.values().stream()
                .flatMap(paper -> paper.rows().stream())
                .filter(row -> all || row.quick())
                .count();
        Path sets = Shared.dataFolder(data);
        List<PaperRow> rows = new ArrayList<>();
        for (Map.Entry<Path, PaperFile> paper : papers.entrySet()) {
            for (PaperFile.Row row : paper.getValue().rows()) {
                if (!all && !row.quick()) {
                    continue;
                }
                String id = paper.getValue().arxiv();
                shared.say(
                        "[" + (rows.size() + 1) + "/" + count + "] " + id + ", " + row.what() + ": " + row.command());
                PaperRow one = PaperRow.of(id, row, paper.getKey(), sets, runs);
                // A figure is all that is wanted of a run; a hundred runs would fill a disk.
                delete(made(runs));
                shared.say("  " + said(one));
                rows.add(one);
                if (one.remark().endsWith("interrupted")) {
                    return rows;
                }
            }
        }
        return rows;
    }

    private static String said(PaperRow row) {
        return row.verdict().word()
                + (row.remark().isEmpty() ? ": " + figure(row) : ", " + row.remark())
                + String.format(Locale.ROOT, " (%.1f s)", row.seconds());
    }

    private void print(Map<Path, PaperFile> papers, List<PaperRow> rows) {
        List<Map<String, Object>> objects = new ArrayList<>();
        List<List<String>> table = new ArrayList<>();
        table.add(TITLES);
        for (PaperRow row : rows) {
            objects.add(json(row));
            table.add(cells(row));
        }
        List<String> lines = new ArrayList<>(Table.aligned(table));
        long skipped =
                papers.values().stream().mapToLong(paper -> paper.rows().size()).sum() - rows.size();
        if (skipped > 0) {
            lines.add(skipped + " slow rows were left out; --all runs them too");
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("rows", objects);
        object.put("leftOut", skipped);
        if (output != null) {
            write(output, table);
        }
        shared.print(object, lines);
    }

    private static Map<String, Object> json(PaperRow row) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("paper", row.paper());
        object.put("what", row.row().what());
        object.put("reports", row.row().reports());
        object.put("figure", Summary.number(row.figure()));
        object.put("figures", Arrays.stream(row.figures()).boxed().toList());
        object.put("seeds", row.row().seeds());
        object.put("expected", row.row().expect());
        object.put("verdict", row.verdict().name().toLowerCase(Locale.ROOT));
        object.put("remark", row.remark());
        object.put("wallSeconds", row.seconds());
        object.put("command", row.row().command());
        return object;
    }

    private static List<String> cells(PaperRow row) {
        return List.of(
                row.paper(),
                row.row().what(),
                Objects.requireNonNullElse(row.row().reports(), "not seen"),
                row.remark().isEmpty() ? figure(row) : row.remark(),
                Objects.requireNonNullElse(row.row().expect(), ""),
                row.verdict().word(),
                String.format(Locale.ROOT, "%.1f", row.seconds()),
                row.row().command());
    }

    /** The figure, and from where to where it goes over the seeds. */
    private static String figure(PaperRow row) {
        double least = Arrays.stream(row.figures()).min().orElse(row.figure());
        double most = Arrays.stream(row.figures()).max().orElse(row.figure());
        return number(row.figure()) + (least < most ? " (" + number(least) + " .. " + number(most) + ")" : "");
    }

    private static String number(double figure) {
        return String.format(Locale.ROOT, Math.abs(figure) >= 1e-3 || figure == 0 ? "%.4f" : "%.2e", figure);
    }

    private static void write(Path file, List<List<String>> table) {
        List<String> lines = new ArrayList<>();
        for (List<String> row : table) {
            lines.add("| "
                    + String.join(
                            " | ",
                            row.stream().map(cell -> cell.replace("|", "\\|")).toList()) + " |");
            if (lines.size() == 1) {
                lines.add("|" + "---|".repeat(row.size()));
            }
        }
        try {
            Files.write(file, lines);
        } catch (IOException e) {
            throw new BadInput(file + ": the table could not be written there: " + e, e);
        }
    }

    private static Path scratch() {
        try {
            return Files.createTempDirectory("homeostat-papers");
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for temporary files: " + e.getMessage(), e);
        }
    }

    private static Path made(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void delete(Path folder) {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            shared.complain("temporary files stay in " + folder + ": " + e.getMessage());
        }
    }
}
