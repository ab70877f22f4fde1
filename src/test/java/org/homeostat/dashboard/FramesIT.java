package org.homeostat.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.fixtures.Chromium;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.homeostat.run.RunsOnDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A million exchanges of 64 channels while a real browser looks on: how long its frames take. */
@Timeout(200)
final class FramesIT {

    private static final int CHANNELS = 64;
    private static final int EXCHANGES = 1_000_000;
    private static final int SECONDS = 10;

    /** Frames of the page, and its work in each: what the browser's own script takes is not hidden by a busy machine. */
    private static final String MEASURE = """
            window.frames = [];
            window.work = [];
            (() => {
              const plain = window.requestAnimationFrame.bind(window);
              window.requestAnimationFrame = then => plain(time => {
                const began = performance.now();
                then(time);
                window.work.push(performance.now() - began);
              });
              let last = 0;
              const tick = time => { if (last) window.frames.push(time - last); last = time; plain(tick); };
              plain(tick);
            })();
            """;

    @TempDir
    Path path;

    @Test
    void aMillionPointsOfSixtyFourChannelsAreDrawnWithoutAStutter() throws Exception {
        assumeTrue(
                Chromium.installed().isPresent(),
                "no Chromium on this machine, so that no frames can be measured: apt-get install chromium");
        RunStore store = new RunStore(path);
        RunFolder folder = store.named("wide");
        folder.write(RunsOnDisk.record("wide", Status.RUNNING, null));
        Shelf shelf = new Shelf(store, path, null);
        try (Device twin = new Catalog(store)
                        .open("twin:hopfield?hidden=8&outputs=" + CHANNELS)
                        .device();
                Dashboard page = Dashboard.open(shelf, "127.0.0.1", 0);
                Chromium browser = Chromium.start()) {
            Live live = new Live(folder, folder.record(), twin.descriptor(), 10, 1);
            var unused = live.around(twin);
            shelf.put(live);
            List<Response> answers = answers(twin);
            browser.window(1280, 900, false, false);
            browser.open(page.address("wide").toString());
            browser.await("document.querySelector('#phase').textContent === 'Training'");
            live.seen(answers.getFirst());
            browser.await("document.querySelectorAll('.trace').length === " + CHANNELS);
            // All channels in the window at once, which is the most that there is to draw.
            browser.window(1280, 2200, false, false);
            browser.value(MEASURE);

            feed(live, answers);

            JsonNode told = browser.value("(() => { const p = (list, part) => list.slice().sort((a, b) => a - b)"
                    + "[Math.floor(part * (list.length - 1))] || 0;"
                    + " return {frames: frames.length, p50: p(frames, .5), p99: p(frames, .99), works: work.length,"
                    + " work50: p(work, .5), work99: p(work, .99), most: p(work, 1)}; })()");
            System.out.printf(
                    "%d frames: p50 %.1f ms, p99 %.1f ms; the page's own work in %d of them: p50 %.1f ms, p99 %.1f ms,"
                            + " longest %.1f ms%n",
                    told.get("frames").asInt(),
                    told.get("p50").asDouble(),
                    told.get("p99").asDouble(),
                    told.get("works").asInt(),
                    told.get("work50").asDouble(),
                    told.get("work99").asDouble(),
                    told.get("most").asDouble());
            browser.await("document.querySelector('#tracesNow').textContent.startsWith('1,000,00')");
            assertThat(told.get("works").asInt()).isGreaterThan(20);
            // What is ours. The frames themselves also wait for whatever else the machine does.
            assertThat(told.get("work99").asDouble()).isLessThan(50);
        }
    }

    private static List<Response> answers(Device twin) {
        SplittableRandom random = new SplittableRandom(1);
        List<Channel> inputs = twin.descriptor().channels(Role.INPUT);
        List<Response> answers = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            double[] levels = inputs.stream()
                    .mapToDouble(channel -> random.nextDouble(channel.min(), channel.max()))
                    .toArray();
            answers.add(twin.present(
                    twin.descriptor().question(Levels.of(Role.INPUT, levels)), Deadline.in(Duration.ofSeconds(10))));
        }
        return answers;
    }

    /** Evenly over the time, with an epoch now and then. */
    private static void feed(Live live, List<Response> answers) {
        long began = System.nanoTime();
        int epochs = 0;
        for (int i = 0; i < EXCHANGES; i++) {
            live.seen(answers.get(i % answers.size()));
            if (i % 100 == 0) {
                long due = began + i * (SECONDS * 1_000_000_000L / EXCHANGES);
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
            }
            if (i % (EXCHANGES / 50) == 0) {
                live.epochEnded(new Epoch(++epochs, 1.0 / epochs, 1 - 0.5 / epochs, 0));
            }
        }
    }
}
