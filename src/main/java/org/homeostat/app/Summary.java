package org.homeostat.app;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.homeostat.run.Facts;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Result;
import org.homeostat.run.Score;
import org.jspecify.annotations.Nullable;

/** A run's result, as JSON and in words. */
final class Summary {

    private Summary() {}

    static Map<String, Object> json(RunRecord record) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("run", record.run());
        object.put("status", record.status().name().toLowerCase(Locale.ROOT));
        object.put("device", record.experiment().device());
        object.put("learner", record.experiment().learner());
        object.put("seed", record.experiment().seed());
        Result result = record.result();
        if (result == null) {
            object.put("remark", record.remark());
            return object;
        }
        object.put("epochs", result.epochs());
        object.put("exchanges", result.exchanges());
        object.put("wallSeconds", result.wallSeconds());
        object.put("train", json(result.train()));
        object.put("test", json(result.test()));
        object.put("linear", number(result.linear()));
        object.put("parameters", result.parameters());
        return object;
    }

    static Map<String, Object> json(Score score) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("loss", number(score.loss()));
        object.put("accuracy", number(score.accuracy()));
        object.put("r2", number(score.r2()));
        object.put("rmse", number(score.rmse()));
        object.put("relativeError", number(score.relativeError()));
        object.put("rows", score.rows());
        return object;
    }

    /** The same from what the catalogue knows. */
    static Map<String, Object> json(Facts run) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (String key : List.of("run", "status", "device", "learner", "seed")) {
            object.put(key, run.value(key));
        }
        if (run.value("epochsTaught") == null) {
            object.put("remark", run.text("remark"));
            return object;
        }
        object.put("epochs", run.value("epochsTaught"));
        object.put("exchanges", run.value("exchanges"));
        object.put("wallSeconds", run.value("wallSeconds"));
        for (String part : List.of("train", "test")) {
            Map<String, Object> score = new LinkedHashMap<>();
            for (String key : List.of("loss", "accuracy", "r2", "rmse", "relativeError", "rows")) {
                score.put(key, run.value(part + "." + key));
            }
            object.put(part, score);
        }
        object.put("linear", run.value("linear"));
        object.put("parameters", run.value("parameters"));
        return object;
    }

    /** JSON has no NaN: what does not apply is null. */
    static @Nullable Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /** What a command that trained says at its end: the result, if there is one, and where the run is. */
    static List<String> ended(RunRecord record, RunFolder folder) {
        List<String> lines = new ArrayList<>();
        if (record.result() != null) {
            lines.addAll(lines(record));
        }
        lines.add("  stored as " + folder.path());
        return lines;
    }

    static List<String> lines(RunRecord record) {
        List<String> lines = new ArrayList<>();
        Result result = record.result();
        lines.add(String.format(
                Locale.ROOT,
                "%s taught %s by %s",
                record.experiment().device(),
                record.experiment().name(),
                record.experiment().learner()));
        if (result == null) {
            lines.add("  " + record.status().name().toLowerCase(Locale.ROOT)
                    + (record.remark().isEmpty() ? "" : ": " + record.remark()));
            return lines;
        }
        lines.add(score("test", result.test()) + linear(result));
        lines.add(score("training", result.train()));
        lines.add(String.format(
                Locale.ROOT,
                "  %s%d epochs, %,d exchanges with the device, %.1f s",
                // A device that moves its parameters in place shows none.
                result.parameters() == 0 ? "" : result.parameters() + " parameters, ",
                result.epochs(),
                result.exchanges(),
                result.wallSeconds()));
        return lines;
    }

    /** The result in a few characters; the empty text where there is none. */
    static String brief(RunRecord record) {
        Result result = record.result();
        if (result == null || result.test().rows() == 0) {
            return "";
        }
        return Double.isNaN(result.test().accuracy())
                ? String.format(Locale.ROOT, "test R2 %.4f", result.test().r2())
                : String.format(
                        Locale.ROOT, "test %5.1f %%", 100 * result.test().accuracy());
    }

    /** The same from what the catalogue knows. */
    static String brief(Facts run) {
        if (!(run.number("test.rows") > 0)) {
            return "";
        }
        return Double.isNaN(run.number("test.accuracy"))
                ? String.format(Locale.ROOT, "test R2 %.4f", run.number("test.r2"))
                : String.format(Locale.ROOT, "test %5.1f %%", 100 * run.number("test.accuracy"));
    }

    private static String linear(Result result) {
        if (Double.isNaN(result.linear())) {
            return "";
        }
        return Double.isNaN(result.test().accuracy())
                ? String.format(Locale.ROOT, "   (a straight line: R2 %.4f)", result.linear())
                : String.format(Locale.ROOT, "   (a linear classifier: %.1f %%)", 100 * result.linear());
    }

    static String score(String part, Score score) {
        if (score.rows() == 0) {
            return String.format(Locale.ROOT, "  %-9s no rows", part);
        }
        return Double.isNaN(score.accuracy())
                ? String.format(
                        Locale.ROOT,
                        "  %-9s R2 %.4f, rms error %.4g, %d rows",
                        part,
                        score.r2(),
                        score.rmse(),
                        score.rows())
                : String.format(
                        Locale.ROOT,
                        "  %-9s accuracy %.1f %%, loss %.4f, %d rows",
                        part,
                        100 * score.accuracy(),
                        score.loss(),
                        score.rows());
    }
}
