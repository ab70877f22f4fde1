package org.homeostat.app;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.homeostat.catalog.Catalog;
import org.homeostat.dashboard.Dashboard;
import org.homeostat.dashboard.Live;
import org.homeostat.dashboard.Shelf;
import org.homeostat.dashboard.Shelf.How;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "dashboard",
        sortOptions = false,
        description = "Serves a page over the folder of runs, until Ctrl-C.",
        footer = {
            "",
            "Runs that go on are followed, those that have ended are shown; from the page a "
                    + "run is started, paused and stopped. 'train --watch' shows a single run."
        })
final class DashboardCommand implements Callable<Integer> {

    private static final long LOOK_MILLIS = 50;

    @Mixin
    Shared shared;

    @Mixin
    PageAddress place;

    private final List<Thread> threads = new ArrayList<>();
    private @Nullable Live latest;

    @Override
    public Integer call() throws InterruptedException {
        if (!Files.isDirectory(shared.runs)
                && shared.spec.commandLine().getParseResult().hasMatchedOption("--runs")) {
            throw new BadInput(
                    "--runs " + shared.runs + ": there is no such folder; train a run there first, or name another");
        }
        try (Interrupt interrupt = new Interrupt(Main.DONE)) {
            Shelf shelf = new Shelf(shared.store(), shared.runs, (how, run) -> start(how, run, interrupt));
            try (Dashboard page = place.open(shelf)) {
                shared.print(
                        new TreeMap<>(Map.of("url", page.address().toString(), "runs", shared.runs.toString())),
                        List.of("The runs of " + shared.runs + " are at " + page.address()));
                while (!interrupt.requested()) {
                    Thread.sleep(LOOK_MILLIS);
                }
                for (Thread thread : started()) {
                    // It was told to stop too, and leaves its device at safe levels first.
                    thread.join();
                }
            }
        }
        return Main.DONE;
    }

    private synchronized List<Thread> started() {
        return List.copyOf(threads);
    }

    /** One at a time: a board has one master. */
    private synchronized Live start(How how, String run, Interrupt interrupt) {
        if (latest != null && threads.getLast().isAlive()) {
            throw new BadInput("run " + latest.name() + " is still trained here; stop it first");
        }
        Catalog catalog = shared.catalog();
        Training training = switch (how) {
            case DEMO -> Training.begin(Demo.experiment(catalog, 1), catalog, shared.store());
            case AGAIN -> Training.begin(shared.store().find(run).record().experiment(), catalog, shared.store());
            case GO_ON -> Training.resume(shared.store().find(run), catalog);
        };
        Live live = training.shown();
        Thread thread = Thread.ofPlatform().name("train " + live.name()).unstarted(() -> train(training, interrupt));
        threads.clear();
        threads.add(thread);
        latest = live;
        thread.start();
        return live;
    }

    private void train(Training training, Interrupt interrupt) {
        try (training) {
            RunRecord record = training.run(null, interrupt::requested, Training.CHECKPOINT_EVERY);
            training.lines(record).forEach(shared::say);
        } catch (RuntimeException failed) {
            var unused = Main.failed(training.record().run(), failed, shared.err());
        }
    }
}
