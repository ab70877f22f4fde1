package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.homeostat.app.Jar.Running;
import org.homeostat.fixtures.Chromium;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The live page in a real browser, and the time from a click on Stop to a board at its safe levels. */
@Timeout(300)
final class DashboardIT {

    /** Pictures are kept beside the packaged program. */
    private static final Path PICTURES =
            Path.of(System.getProperty("homeostat.jar", "target/homeostat.jar")).resolveSibling("screenshots");

    private static final Pattern ADDRESS = Pattern.compile("http://\\S+");
    private static final Pattern STOPPED =
            Pattern.compile("\"phase\":\"stopped\".*\"safe\":true,\"stopMillis\":([0-9.E-]+)");

    @TempDir
    Path home;

    private RunStore store() {
        return new RunStore(home.resolve("runs"));
    }

    /** What a program has printed that serves a page, once it has. */
    private static URI page(Running running, Path said) throws Exception {
        long limit = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (true) {
            Matcher found = ADDRESS.matcher(Files.readString(said));
            if (found.find()) {
                return URI.create(found.group());
            }
            assertThat(running.process().isAlive())
                    .as(Files.readString(running.err()))
                    .isTrue();
            assertThat(System.nanoTime()).isLessThan(limit);
            Thread.sleep(10);
        }
    }

    private static void awaitPhase(Chromium browser, String phase) {
        browser.await("document.querySelector('#phase').textContent === '" + phase + "'");
    }

    @Test
    void aPersonStartsWatchesPausesAndStopsARun() throws Exception {
        assumeTrue(
                Chromium.installed().isPresent(),
                "no Chromium on this machine, so that nobody can look at the page: apt-get install chromium");
        // A run that somebody stopped, with far more to do than this test takes.
        Session session = new Session(home);
        Path calibration = home.resolve("seven.yaml");
        session.run("calibrate", "twin:resistor-array-v1", "--meter", "twin", "--output", calibration.toString())
                .ended(Main.DONE);
        Files.writeString(
                calibration, Files.readString(calibration).replaceFirst("date: .*", "date: \"2025-11-22T12:00:00Z\""));
        Experiment experiment = Interrupted.clouds(
                session, "twin:resistor-array-v1?calibration=" + calibration, "aeqprop-centered", 5_000);
        RunFolder run = Interrupted.after(10, session, experiment, Duration.ofHours(1));
        Running dashboard = new Jar(home).start("dashboard", "--runs", "runs");
        try (Chromium browser = Chromium.start()) {
            URI address = page(dashboard, dashboard.out());
            browser.window(1280, 900, false, false);
            browser.open(address.toString());

            // Start: by the keyboard alone.
            browser.await("document.querySelector('#rows .go')");
            List<String> order = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                browser.press("Tab");
                order.add(browser.value("document.activeElement.textContent").asString());
            }
            assertThat(order).containsExactly("homeostat", "Start the demo", run.name(), "Go on");
            browser.press("Enter");

            // Watch.
            awaitPhase(browser, "Training");
            browser.await("/^[1-9]/.test(document.querySelector('#lossNow').textContent)"
                    + " || document.querySelector('#lossNow').textContent.startsWith('0.')");
            // Only what is in sight is drawn, and warnings take room above it.
            browser.await("(document.querySelector('.trace').scrollIntoView({block: 'nearest'}), true)");
            browser.await("document.querySelectorAll('.trace i')[0].textContent.includes('…')");
            browser.await("(scrollTo(0, 0), true)");

            // Pause.
            browser.click("#pause");
            awaitPhase(browser, "Paused");
            assertThat(browser.text("#sentence")).startsWith("Paused between two steps");
            assertThat(browser.value("document.querySelector('#state').getAttribute('aria-live')")
                            .asString())
                    .isEqualTo("assertive");
            String row = browser.text("#figures");
            assertThat(browser.text("#health"))
                    .contains("Calibration")
                    .contains("'calibrate --against' tells how far the board has drifted");
            pictures(browser, "run");
            assertThat(browser.text("#figures"))
                    .as("nothing moves while it is paused")
                    .isEqualTo(row);
            browser.click(".trace");
            browser.await("!document.querySelector('#enlarged').hidden");
            browser.window(1280, 900, false, false);
            browser.picture(PICTURES.resolve("run-channel.png"));
            browser.press("Escape");
            browser.await("document.querySelector('#enlarged').hidden");

            // Resume, then stop.
            browser.click("#pause");
            awaitPhase(browser, "Training");
            browser.click("#stop");
            awaitPhase(browser, "Stopped");
            assertThat(browser.text("#sentence"))
                    .matches("Stopped: the device confirmed its safe levels after \\d+ ms\\.");
            assertThat(browser.value("document.querySelector('#stop').disabled").asBoolean())
                    .isTrue();
            System.out.printf(
                    "stop of the twin: %.1f ms to the device, %.1f ms from the click until it was seen%n",
                    browser.value("window.stopMillis").asDouble(),
                    browser.value("window.stopSeenMillis").asDouble());

            // And the list, from which it goes on.
            browser.click("#home");
            // The device rests before the disk: for a moment the list still says "running".
            browser.await("document.querySelector('#rows tr')?.textContent.includes('interrupted')");
            assertThat(browser.text("#rows tr")).contains("Go on");
            pictures(browser, "list");
            assertThat(run.record().status()).isEqualTo(Status.INTERRUPTED);
            browser.click("#demo");
            awaitPhase(browser, "Done");
            assertThat(store().find("latest").record().status()).isEqualTo(Status.DONE);

            dashboard.signal("INT");
            assertThat(dashboard.await().code()).isEqualTo(Main.DONE);
            browser.await("document.querySelector('#sentence').textContent.endsWith('The program has ended.')");
        } finally {
            dashboard.process().destroyForcibly();
        }
        try (Stream<Path> kept = Files.list(PICTURES)) {
            assertThat(kept).hasSizeGreaterThanOrEqualTo(7);
        }
    }

    /** On a desk by day and by night, and on a phone; nothing is wider than the window. */
    private static void pictures(Chromium browser, String what) {
        browser.window(1280, 900, false, false);
        picture(browser, what + "-desktop-light");
        browser.window(1280, 900, false, true);
        picture(browser, what + "-desktop-dark");
        browser.window(390, 844, true, false);
        picture(browser, what + "-phone");
        browser.window(1280, 900, false, false);
    }

    private static void picture(Chromium browser, String name) {
        browser.picture(PICTURES.resolve(name + ".png"));
        assertThat(browser.value("document.documentElement.scrollWidth <= innerWidth")
                        .asBoolean())
                .as("%s fits its window", name)
                .isTrue();
    }

    @Test
    void aBoardIsAtItsSafeLevelsWithinATenthOfASecondOfTheClick() throws Exception {
        Path data = Clouds.write(home.resolve("clouds.csv"), 200, 3, 2, 0.8, 1);
        Running twin = new Jar(home).start("twin", "serve", "resistor-array-v1", "--pty", "board");
        Running run = null;
        try (HttpClient client = HttpClient.newHttpClient()) {
            while (!Files.readString(twin.out()).contains("READY")) {
                assertThat(twin.process().isAlive())
                        .as(Files.readString(twin.err()))
                        .isTrue();
                Thread.sleep(20);
            }
            run = new Jar(home)
                    .start(
                            "train",
                            "--device",
                            "serial:board",
                            "--data",
                            data.toString(),
                            "--target",
                            "4",
                            "--epochs",
                            "500",
                            "--watch",
                            "--runs",
                            "runs");
            List<Double> millis = new ArrayList<>();
            URI address = page(run, run.err());
            // Longer than a board waits for a host that is gone: it must not have gone to its safe levels.
            post(client, URI.create(address.toString().replaceFirst("/\\?", "/pause?")));
            Thread.sleep(1500);
            post(client, URI.create(address.toString().replaceFirst("/\\?", "/resume?")));
            stop(client, address, millis);
            assertThat(run.await().code()).as(Files.readString(run.err())).isEqualTo(Main.INTERRUPTED);
            RunFolder folder = store().find("latest");
            assertThat(folder.record().status()).isEqualTo(Status.INTERRUPTED);

            // Taken up and stopped again and again, in one program as somebody in a lab would.
            run = new Jar(home).start("dashboard", "--runs", "runs");
            address = page(run, run.out());
            for (int i = 0; i < 8; i++) {
                post(client, address.resolve("/start?how=go-on&run=" + folder.name()));
                stop(client, address.resolve("/?run=" + folder.name()), millis);
            }
            run.signal("INT");
            assertThat(run.await().code()).isEqualTo(Main.DONE);
            List<Double> sorted = millis.stream().sorted().toList();
            System.out.printf(
                    "stop of a board behind a serial line: %s ms%n",
                    sorted.stream().map(one -> "%.1f".formatted(one)).toList());
            // The median: a machine that does other things may well take its time once.
            assertThat(sorted.get(sorted.size() / 2)).isLessThanOrEqualTo(100);
        } finally {
            if (run != null) {
                run.process().destroyForcibly();
            }
            twin.process().destroyForcibly();
        }
    }

    /** Lets a run train for a while, stops it as the page does, and waits for the device's word. */
    private static void stop(HttpClient client, URI page, List<Double> millis) throws Exception {
        URI events = URI.create(page.toString().replaceFirst("/\\?", "/events?"));
        boolean told = false;
        try (Stream<String> lines = client.send(
                        HttpRequest.newBuilder(events).build(), HttpResponse.BodyHandlers.ofLines())
                .body()) {
            for (String line : (Iterable<String>) lines::iterator) {
                if (!told && line.contains("\"exchangesPerSecond\"") && !line.contains("\"exchanges\":0,")) {
                    told = true;
                    post(client, URI.create(page.toString().replaceFirst("/\\?", "/stop?")));
                }
                Matcher stopped = STOPPED.matcher(line);
                if (told && stopped.find()) {
                    millis.add(Double.parseDouble(stopped.group(1)));
                    return;
                }
            }
        }
        throw new AssertionError("the page was never told that the device is at its safe levels");
    }

    /** As the page does it; waits while the run before is still being put away. */
    private static void post(HttpClient client, URI what) throws IOException, InterruptedException {
        String body = "";
        for (int attempt = 0; attempt < 100; attempt++) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(what)
                            .header("Origin", what.getScheme() + "://" + what.getAuthority())
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            body = answer.body();
            if (answer.statusCode() == 202) {
                return;
            }
            Thread.sleep(50);
        }
        throw new AssertionError(what + ": " + body);
    }
}
