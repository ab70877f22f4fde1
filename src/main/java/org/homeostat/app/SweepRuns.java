package org.homeostat.app;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.homeostat.catalog.Catalog;
import org.homeostat.run.Claims;
import org.homeostat.run.Claims.Claim;
import org.homeostat.run.RunRecord;
import org.homeostat.run.RunStore;
import org.homeostat.run.Sweep;
import org.homeostat.run.Sweep.Point;
import org.homeostat.run.Sweep.Standing;
import org.homeostat.run.Sweep.State;

/** Teaches points of a sweep, several at once, each in its own folder; what is done is left alone, what was stopped goes on. */
final class SweepRuns {

    private final Sweep sweep;
    private final RunStore store;
    private final Catalog catalog;
    private final Consumer<String> say;
    private final Map<Point, String> troubles = new ConcurrentHashMap<>();

    /**
     * @param store the folder of the sweep's runs
     * @param say told a sentence whenever a point ends; from several threads
     */
    SweepRuns(Sweep sweep, RunStore store, Catalog catalog, Consumer<String> say) {
        this.sweep = sweep;
        this.store = store;
        this.catalog = catalog;
        this.say = say;
    }

    /**
     * Teaches points until all are at their end, or until asked to stop. A point that fails does not stop the others.
     *
     * @return why points failed that failed in this sitting
     */
    Map<Point, String> teach(List<Point> points, int atOnce, Claims claims, BooleanSupplier stop) {
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(atOnce)) {
            for (Point point : points) {
                all.add(pool.submit(() -> teach(point, claims, stop)));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            // Only what is not the point's own: no memory left, above all.
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return troubles;
    }

    private void teach(Point point, Claims claims, BooleanSupplier stop) {
        if (stop.getAsBoolean()) {
            return;
        }
        Optional<Claim> claim = claims.take(point.number());
        if (claim.isEmpty()) {
            say.accept(point.name() + ": another process is at it; left alone");
            return;
        }
        try (Claim ours = claim.get()) {
            // Asked only now that nobody else can be at it.
            Standing standing = sweep.standing(point, store);
            if (standing.state() == State.DONE && standing.record() != null) {
                var unused = Training.data(standing.record());
            }
            if (standing.state() == State.DONE || standing.state() == State.FAILED) {
                return;
            }
            try (Training training = standing.record() == null
                    ? Training.begin(point.experiment(), catalog, store, point.name())
                    : Training.resume(store.named(point.name()), catalog)) {
                ended(point, training.run(null, stop, Training.CHECKPOINT_EVERY));
            }
        } catch (RuntimeException e) {
            troubles.put(point, Main.sentence(e));
            say.accept(point.name() + "  failed  " + values(point));
            if (System.getenv("HOMEOSTAT_TRACE") != null) {
                StringWriter trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace, true));
                say.accept(trace.toString());
            }
        }
    }

    private void ended(Point point, RunRecord record) {
        switch (record.status()) {
            case DONE -> say.accept(point.name() + "  " + Summary.brief(record) + "  " + values(point));
            case FAILED -> say.accept(point.name() + "  failed  " + values(point));
            case INTERRUPTED, RUNNING -> {
                // Stopped with all the others, which is said once.
            }
        }
    }

    private static String values(Point point) {
        return point.values().entrySet().stream()
                .map(value -> value.getKey() + " " + value.getValue())
                .collect(Collectors.joining(", "));
    }
}
