package org.homeostat.run;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.homeostat.run.RunRecord.Status;
import org.jspecify.annotations.Nullable;

/**
 * One experiment at many points: its runs are stored in a folder of their own, each under its point's name, so that a sweep
 * begun again goes on with what is not done.
 *
 * @param name what the folder is called: small letters, digits and hyphens
 * @param keys the fields that are varied, such as {@code teaching.beta}
 * @param points in the order of their numbers, 1 or more
 */
public record Sweep(String name, List<String> keys, List<Point> points) {

    /** As many as there are names of four digits. */
    public static final int MOST_POINTS = 10_000;

    public Sweep {
        keys = List.copyOf(keys);
        points = List.copyOf(points);
    }

    /**
     * One run of a sweep.
     *
     * @param number its number, from 0
     * @param name the name of its run
     * @param values the values of the keys that are varied: numbers or texts
     * @param experiment all that decides it
     */
    public record Point(int number, String name, Map<String, Object> values, Experiment experiment) {}

    /** Where a point stands. */
    public enum State {
        DONE,
        FAILED,
        /** Stopped on its way, with a checkpoint. */
        INTERRUPTED,
        /** Begun and not ended: it is being taught, or was killed. */
        RUNNING,
        /** Not begun. */
        WAITING
    }

    /**
     * What is known of a point's run.
     *
     * @param remark why it failed; empty where it did not
     * @param record its record; null if it has none
     */
    public record Standing(
            Point point,
            State state,
            String remark,
            @Nullable RunRecord record) {}

    /** The folder of its runs in a folder of runs. */
    public Path folder(Path runs) {
        return runs.resolve(name);
    }

    /**
     * Where a point stands.
     *
     * @param store the folder of its runs
     * @throws BadInput if the run of this name was begun with other values
     */
    public Standing standing(Point point, RunStore store) {
        Optional<RunFolder> begun = store.begun(point.name);
        if (begun.isEmpty()) {
            return new Standing(point, State.WAITING, "", null);
        }
        RunRecord record;
        try {
            record = begun.get().record();
        } catch (BadInput e) {
            // One damaged run must not hide the others.
            return new Standing(point, State.FAILED, String.valueOf(e.getMessage()), null);
        }
        String difference = difference("", record.experiment(), point.experiment);
        if (difference != null) {
            throw new BadInput(begun.get().path() + ": this run was begun with " + difference
                    + "; give the sweep another name, or delete the runs that are out of date");
        }
        return new Standing(point, state(record.status()), record.remark(), record);
    }

    private static State state(Status status) {
        return switch (status) {
            case DONE -> State.DONE;
            case FAILED -> State.FAILED;
            case INTERRUPTED -> State.INTERRUPTED;
            case RUNNING -> State.RUNNING;
        };
    }

    /** The first field in which two records of a kind differ, in words; null if they are the same. */
    private static @Nullable String difference(String before, Record then, Record now) {
        if (then.equals(now)) {
            return null;
        }
        for (RecordComponent component : then.getClass().getRecordComponents()) {
            Object was = value(component, then);
            Object is = value(component, now);
            if (Objects.equals(was, is)) {
                continue;
            }
            String field = before + component.getName();
            return was instanceof Record one && is instanceof Record other
                    ? difference(field + ".", one, other)
                    : field + " " + was + ", which is now " + is;
        }
        return "other values";
    }

    private static @Nullable Object value(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
