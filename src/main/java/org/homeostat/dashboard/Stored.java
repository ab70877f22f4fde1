package org.homeostat.dashboard;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.homeostat.dashboard.Live.Phase;
import org.homeostat.run.BadInput;
import org.homeostat.run.EpochLog;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Result;
import org.jspecify.annotations.Nullable;

/**
 * A run that is looked at through its files: one that has ended, or that another program trains. Files are read again
 * when they have changed. One a page, used by its thread alone.
 */
final class Stored implements Shown {

    private static final List<String> FILES = List.of("run.json", "checkpoint", "epochs.csv");

    private final RunFolder folder;
    private final Map<String, Long> seen = new LinkedHashMap<>();
    private List<Epoch> epochs = List.of();
    private @Nullable RunRecord record;

    Stored(RunFolder folder) {
        this.folder = folder;
    }

    @Override
    public List<Event> news(Told told) {
        List<Event> news = new ArrayList<>();
        try {
            if (!changed() && record != null) {
                return news;
            }
            RunRecord now = folder.record();
            record = now;
            double[] parameters = folder.hasCheckpoint() ? folder.parameters().orElse(new double[0]) : new double[0];
            told.add(news, Hello.of(now, "", false, List.of(), parameters.length, "", List.of()));
            epochs = new EpochLog(folder).read();
            int from = told.epochs <= epochs.size() ? told.epochs : 0;
            if (from < epochs.size()) {
                news.add(Hello.epochs(epochs.subList(from, epochs.size())));
                told.epochs = epochs.size();
            }
            told.add(news, progress(now));
            if (parameters.length > 0) {
                told.add(news, Cells.event(parameters, Double.NaN, Double.NaN));
            }
            told.add(news, state(now));
        } catch (BadInput unreadable) {
            told.add(news, Live.state(Phase.FAILED, String.valueOf(unreadable.getMessage()), false, Double.NaN));
        }
        return news;
    }

    /** True if one of the files is another than when this was asked last. */
    private boolean changed() {
        boolean changed = false;
        for (String file : FILES) {
            long now;
            try {
                now = Files.getLastModifiedTime(folder.path().resolve(file)).toMillis();
            } catch (IOException none) {
                now = -1;
            }
            Long before = seen.put(file, now);
            changed |= before == null || before != now;
        }
        return changed;
    }

    private Event progress(RunRecord now) {
        int of = now.experiment().epochs();
        Result result = now.result();
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("epoch", epochs.size());
        data.put("epochs", of);
        data.put("row", 0);
        data.put("rows", 0);
        data.put("part", Math.min(1.0, (double) epochs.size() / of));
        data.put("loss", epochs.isEmpty() ? null : Event.number(epochs.getLast().loss()));
        data.put("exchanges", result == null ? null : result.exchanges());
        data.put("exchangesPerSecond", null);
        data.put("seconds", result == null ? null : Event.number(result.wallSeconds()));
        data.put("secondsLeft", null);
        return Event.of("progress", data);
    }

    private static Event state(RunRecord now) {
        Result result = now.result();
        return switch (now.status()) {
            case RUNNING ->
                Live.state(
                        Phase.TRAINING, "Another program trains this run: pause and stop it there.", false, Double.NaN);
            case DONE -> Live.state(Phase.DONE, result == null ? "Done." : words(result), true, Double.NaN);
            case INTERRUPTED -> Live.state(Phase.STOPPED, "Interrupted: " + now.remark(), false, Double.NaN);
            case FAILED -> Live.state(Phase.FAILED, now.remark(), false, Double.NaN);
        };
    }

    private static String words(Result result) {
        return Double.isNaN(result.test().accuracy())
                ? String.format(
                        Locale.ROOT, "Done: test R2 %.4f.", result.test().r2())
                : String.format(
                        Locale.ROOT,
                        "Done: test accuracy %.1f %%.",
                        100 * result.test().accuracy());
    }
}
