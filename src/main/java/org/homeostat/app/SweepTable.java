package org.homeostat.app;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Result;
import org.homeostat.run.Score;
import org.homeostat.run.Sweep;
import org.homeostat.run.Sweep.Standing;
import org.homeostat.run.Sweep.State;
import org.jspecify.annotations.Nullable;

/** What came out of a sweep: for people, as JSON and as CSV, the best point first and those without a result last. */
final class SweepTable {

    private final Sweep sweep;
    private final List<Standing> standings;

    SweepTable(Sweep sweep, List<Standing> standings) {
        this.sweep = sweep;
        this.standings = standings.stream()
                .sorted(descending(SweepTable::score)
                        .thenComparing(descending(one -> -scored(one, Score::loss)))
                        .thenComparing(one -> one.point().number()))
                .toList();
    }

    /** What is larger comes first, what is no number last. */
    private static Comparator<Standing> descending(ToDoubleFunction<Standing> value) {
        return Comparator.comparingDouble(one -> {
            double number = value.applyAsDouble(one);
            return Double.isNaN(number) ? Double.POSITIVE_INFINITY : -number;
        });
    }

    /** The part of classes that is right, or the part of the variance that is explained. */
    private static double score(Standing one) {
        double accuracy = scored(one, Score::accuracy);
        return Double.isNaN(accuracy) ? scored(one, Score::r2) : accuracy;
    }

    /** Of the test part; of the training part where nothing was kept for the test. */
    private static double scored(Standing one, ToDoubleFunction<Score> value) {
        Result result = result(one);
        if (result == null) {
            return Double.NaN;
        }
        return value.applyAsDouble(result.test().rows() > 0 ? result.test() : result.train());
    }

    private static @Nullable Result result(Standing one) {
        RunRecord record = one.record();
        return record == null || one.state() != State.DONE ? null : record.result();
    }

    long count(State state) {
        return standings.stream().filter(one -> one.state() == state).count();
    }

    List<Standing> failed() {
        return standings.stream().filter(one -> one.state() == State.FAILED).toList();
    }

    Map<String, Object> json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("sweep", sweep.name());
        object.put("points", standings.size());
        for (State state : State.values()) {
            object.put(word(state), count(state));
        }
        List<Map<String, Object>> table = new ArrayList<>();
        for (Standing one : standings) {
            Map<String, Object> row = new LinkedHashMap<>();
            RunRecord record = one.record();
            row.put("run", one.point().name());
            row.put("values", one.point().values());
            if (record != null) {
                row.putAll(Summary.json(record));
            }
            row.put("status", word(one.state()));
            if (!one.remark().isEmpty()) {
                row.put("remark", one.remark());
            }
            table.add(row);
        }
        object.put("table", table);
        return object;
    }

    List<String> lines(Path folder) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("point", "test", "training", "loss"));
        head.addAll(sweep.keys());
        rows.add(head);
        for (Standing one : standings) {
            Result result = result(one);
            List<String> row = new ArrayList<>();
            row.add(one.point().name());
            row.add(result == null ? word(one.state()) : brief(result.test()));
            row.add(result == null ? "" : brief(result.train()));
            row.add(result == null ? "" : String.format(Locale.ROOT, "%.4f", scored(one, Score::loss)));
            for (String key : sweep.keys()) {
                row.add(String.valueOf(one.point().values().get(key)));
            }
            rows.add(row);
        }
        List<String> lines = new ArrayList<>(Table.aligned(rows));
        lines.add(count(State.DONE) + " of " + standings.size() + " done; stored in " + folder);
        return lines;
    }

    private static String brief(Score score) {
        if (score.rows() == 0) {
            return "no rows";
        }
        return Double.isNaN(score.accuracy())
                ? String.format(Locale.ROOT, "R2 %.4f", score.r2())
                : String.format(Locale.ROOT, "%.1f %%", 100 * score.accuracy());
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    /** Writes a line a point; without times, so that what came out the same is the same file. */
    void write(Path file) {
        StringWriter text = new StringWriter();
        try (CSVPrinter csv = new CSVPrinter(text, CSVFormat.RFC4180)) {
            List<String> head = new ArrayList<>(List.of("point", "status"));
            head.addAll(sweep.keys());
            for (String part : List.of("test", "train")) {
                head.addAll(List.of(part + "Accuracy", part + "R2", part + "Rmse", part + "Loss", part + "Rows"));
            }
            head.addAll(List.of("linear", "parameters", "epochs", "exchanges", "remark"));
            csv.printRecord(head);
            for (Standing one : standings) {
                csv.printRecord(cells(one));
            }
            Files.writeString(file, text.toString());
        } catch (IOException e) {
            throw new BadInput(file + ": the table cannot be written there (" + e + "); give another file", e);
        }
    }

    private List<Object> cells(Standing one) {
        List<Object> cells = new ArrayList<>();
        cells.add(one.point().name());
        cells.add(word(one.state()));
        sweep.keys()
                .forEach(key ->
                        cells.add(Objects.requireNonNull(one.point().values().get(key))));
        Result result = result(one);
        if (result == null) {
            cells.addAll(java.util.Collections.nCopies(14, ""));
        } else {
            for (Score score : List.of(result.test(), result.train())) {
                for (double value : new double[] {score.accuracy(), score.r2(), score.rmse(), score.loss()}) {
                    cells.add(Double.isFinite(value) ? (Object) value : "");
                }
                cells.add(score.rows());
            }
            cells.add(Double.isFinite(result.linear()) ? (Object) result.linear() : "");
            cells.addAll(List.of(result.parameters(), result.epochs(), result.exchanges()));
        }
        cells.add(one.remark());
        return cells;
    }
}
