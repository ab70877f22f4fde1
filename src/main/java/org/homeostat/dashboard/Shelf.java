package org.homeostat.dashboard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import org.homeostat.run.BadInput;
import org.homeostat.run.EpochLog;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.jspecify.annotations.Nullable;

/**
 * The runs that pages can look at: those of a folder, and among them those that this program trains. Any thread may use
 * it.
 */
public final class Shelf {

    /** Starts runs for pages. */
    @FunctionalInterface
    public interface Starter {

        /**
         * Begins to train, on a thread of its own.
         *
         * @param how what to do
         * @param run the run that is meant; empty for {@link How#DEMO}
         * @return the run that is now trained
         * @throws BadInput if it cannot be done
         * @throws org.homeostat.device.DeviceException if the device cannot be reached
         */
        Live start(How how, String run);
    }

    /** Ways of starting. */
    public enum How {
        /** The demonstration: two moons on an embedded twin. */
        DEMO,
        /** A new run of the experiment of a stored one. */
        AGAIN,
        /** A run that was stopped, from its checkpoint. */
        GO_ON
    }

    /** Ended runs beyond so many are read from disk again. */
    private static final int MOST_LIVE = 8;

    /** How often the folder is looked through. */
    private static final long LIST_NANOS = 500_000_000L;

    /** A run that another program trains writes a checkpoint every few seconds; silent for so long, it was killed. */
    private static final long SILENCE_NANOS = 60_000_000_000L;

    private static final long NANOS_A_MILLI = 1_000_000;

    private final RunStore store;
    private final Path folder;
    private final @Nullable Starter starter;
    private final Bell bell = new Bell();
    private final Map<String, Live> lives = new LinkedHashMap<>();
    private final Map<String, Known> known = new HashMap<>();
    private @Nullable Event listed;
    private long listedAt;
    private final LongSupplier nanos;
    private final InstantSource wall;

    /**
     * What was read of a run.
     *
     * @param signMillis of which state of its files
     * @param heardNanos when they had changed last, by a clock that nobody sets
     */
    private record Known(long signMillis, long heardNanos, RunRecord record, List<Epoch> epochs) {}

    /**
     * @param folder what the store holds, as people name it
     * @param starter null if pages may not start runs
     */
    public Shelf(RunStore store, Path folder, @Nullable Starter starter) {
        this(store, folder, starter, System::nanoTime, InstantSource.system());
    }

    /**
     * @param nanos the clock by which silence is measured
     * @param wall the clock by which files carry their times
     */
    Shelf(RunStore store, Path folder, @Nullable Starter starter, LongSupplier nanos, InstantSource wall) {
        this.nanos = nanos;
        this.wall = wall;
        this.store = store;
        this.folder = folder;
        this.starter = starter;
    }

    /** Shows a run that this program trains. */
    public void put(Live live) {
        synchronized (lives) {
            live.ringing(bell);
            lives.put(live.name(), live);
            if (lives.size() > MOST_LIVE) {
                lives.values().stream()
                        .filter(old -> ended(old.phase()))
                        .findFirst()
                        .ifPresent(old -> lives.remove(old.name()));
            }
        }
        synchronized (known) {
            listed = null;
        }
        bell.ring();
    }

    static boolean ended(Live.Phase phase) {
        return phase == Live.Phase.STOPPED || phase == Live.Phase.DONE || phase == Live.Phase.FAILED;
    }

    Bell bell() {
        return bell;
    }

    /** A run that this program trains or has trained; null if it is another one. */
    @Nullable
    Live live(String name) {
        synchronized (lives) {
            return lives.get(name);
        }
    }

    /**
     * A run for one page.
     *
     * @throws BadInput if there is no such run
     */
    Shown shown(String name) {
        Live live = live(name);
        return live != null ? live : new Stored(stored(name));
    }

    /** Pages name runs by their names alone: never by a path. */
    private RunFolder stored(String name) {
        return store.list().stream()
                .filter(run -> run.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new BadInput(folder + ": there is no run '" + name + "'; see the list of runs"));
    }

    /**
     * Starts a run.
     *
     * @throws BadInput if it cannot be done
     */
    Live start(How how, String run) {
        if (starter == null) {
            throw new BadInput(
                    "this program trains one run; start others with 'homeostat dashboard' or 'homeostat train'");
        }
        if (how != How.DEMO) {
            var unused = stored(run);
        }
        Live live = starter.start(how, run);
        put(live);
        return live;
    }

    /** The event {@code runs}. */
    Event runs() {
        synchronized (known) {
            Event before = listed;
            if (before != null && nanos.getAsLong() - listedAt < LIST_NANOS) {
                return before;
            }
            List<Map<String, @Nullable Object>> rows = new ArrayList<>();
            try {
                for (RunFolder run : store.list()) {
                    rows.add(row(run));
                }
            } catch (BadInput unreadable) {
                // The folder was taken away under our feet: nothing to list.
                rows.clear();
            }
            Map<String, @Nullable Object> data = new LinkedHashMap<>();
            data.put("runs", rows);
            data.put("folder", folder.toString());
            data.put("start", starter != null);
            Event now = Event.of("runs", data);
            listed = now;
            listedAt = nanos.getAsLong();
            return now;
        }
    }

    private Map<String, @Nullable Object> row(RunFolder run) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("run", run.name());
        Known now;
        try {
            now = read(run);
        } catch (BadInput unreadable) {
            // One damaged run must not hide the others.
            row.put("status", "unreadable");
            row.put("remark", unreadable.getMessage());
            return row;
        }
        RunRecord record = now.record;
        Live live = live(run.name());
        Live.Phase phase = live == null ? null : live.phase();
        boolean here = phase != null && !ended(phase);
        boolean silent = nanos.getAsLong() - now.heardNanos > SILENCE_NANOS;
        Epoch last = now.epochs.isEmpty() ? null : now.epochs.getLast();
        row.put("status", phase != null && here ? phase.name().toLowerCase(Locale.ROOT) : status(record, silent));
        row.put("remark", record.remark());
        row.put("device", record.experiment().device());
        row.put("learner", record.experiment().learner());
        row.put("epochs", now.epochs.size());
        row.put("of", record.experiment().epochs());
        row.put("loss", last == null ? null : Event.number(last.loss()));
        row.put("accuracy", last == null ? null : Event.number(last.accuracy()));
        row.put("created", record.created());
        row.put("live", here);
        row.put(
                "resumable",
                !here && (record.status() == Status.INTERRUPTED || record.status() == Status.RUNNING && silent));
        return row;
    }

    private static String status(RunRecord record, boolean silent) {
        return record.status() == Status.RUNNING && silent
                ? "killed"
                : record.status().name().toLowerCase(Locale.ROOT);
    }

    private Known read(RunFolder run) {
        long sign = 0;
        for (String file : List.of("run.json", "checkpoint", "epochs.csv")) {
            try {
                sign = Math.max(
                        sign,
                        Files.getLastModifiedTime(run.path().resolve(file)).toMillis());
            } catch (IOException none) {
                // Not written yet.
                continue;
            }
        }
        Known before = known.get(run.name());
        if (before != null && before.signMillis == sign) {
            return before;
        }
        // How old its files are only the clock on the wall can tell. Whether they change any more is then seen here, so
        // that a
        // clock that is set meanwhile neither kills a run nor keeps one alive.
        long ageNanos = before == null ? Math.max(0, wall.millis() - sign) * NANOS_A_MILLI : 0;
        Known now = new Known(sign, nanos.getAsLong() - ageNanos, run.record(), new EpochLog(run).read());
        known.put(run.name(), now);
        return now;
    }
}
