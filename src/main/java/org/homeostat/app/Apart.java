package org.homeostat.app;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.homeostat.catalog.Catalog;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunRecord;

/** Several devices taught at the same time, each by itself, in a run of its own. */
final class Apart {

    /** Exit codes, from good to bad. */
    private static final List<Integer> WORSE =
            List.of(Main.DONE, Main.INTERRUPTED, Main.BAD_INPUT, Main.FAILED, Main.UNREACHABLE, Main.LIMIT);

    private final Shared shared;
    private final Catalog catalog;
    private final Duration checkpointEvery;
    private final Duration patience;

    Apart(Shared shared, Catalog catalog, Duration checkpointEvery, Duration patience) {
        this.shared = shared;
        this.catalog = catalog;
        this.checkpointEvery = checkpointEvery;
        this.patience = patience;
    }

    /** How a run ended: what is stored of it, and the exit code that it alone would have had. */
    private record Ended(Training training, RunRecord record, int code) {}

    /**
     * Teaches all devices. What befalls one run does not concern the others; but they begin all or none.
     *
     * @param show is told of each run before it trains
     * @return the worst of their exit codes
     */
    int train(List<Experiment> experiments, Consumer<Training> show) {
        List<Training> trainings = begun(experiments);
        trainings.forEach(show);
        try (Interrupt interrupt = new Interrupt()) {
            List<Ended> ended = each(trainings, training -> ended(training, interrupt)).stream()
                    .map(CompletableFuture::join)
                    .toList();
            List<Map<String, Object>> objects = new ArrayList<>();
            List<String> lines = new ArrayList<>();
            for (Ended one : ended) {
                objects.add(one.training.json(one.record));
                lines.addAll(one.training.lines(one.record));
            }
            shared.print(Map.of("runs", objects), lines);
            return ended.stream()
                    .map(Ended::code)
                    .max(Comparator.comparing(WORSE::indexOf))
                    .orElse(Main.DONE);
        }
    }

    private List<Training> begun(List<Experiment> experiments) {
        List<CompletableFuture<Training>> beginnings =
                each(experiments, experiment -> Training.begin(experiment, catalog, shared.store()));
        List<RuntimeException> failures = beginnings.stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .map(beginning -> thrown(beginning.exceptionNow()))
                .toList();
        List<Training> trainings = beginnings.stream()
                .filter(beginning -> !beginning.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .toList();
        if (failures.isEmpty()) {
            return trainings;
        }
        RuntimeException failure = failures.getFirst();
        failures.subList(1, failures.size()).forEach(failure::addSuppressed);
        for (Training training : trainings) {
            try {
                training.close();
            } catch (RuntimeException unconfirmed) {
                failure.addSuppressed(unconfirmed);
            }
            Training.discard(training.folder(), failure);
        }
        throw failure;
    }

    private static RuntimeException thrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return (RuntimeException) failure;
    }

    private Ended ended(Training begun, Interrupt interrupt) {
        String device = begun.record().experiment().device();
        try (Training training = begun) {
            RunRecord record =
                    new Perseverance(shared, catalog, interrupt, checkpointEvery, patience).taught(device, training);
            return new Ended(training, record, Train.exitCode(record));
        } catch (RuntimeException e) {
            return new Ended(begun, begun.folder().record(), Main.failed(device, e, shared.err()));
        }
    }

    /** Does the same with each at once, and waits for all. */
    private static <S, T> List<CompletableFuture<T>> each(Collection<S> all, Function<S, T> deed) {
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name("apart ", 1).factory())) {
            return all.stream()
                    .map(one -> CompletableFuture.supplyAsync(() -> deed.apply(one), threads))
                    .toList();
        }
    }
}
