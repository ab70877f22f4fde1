package org.homeostat.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.catalog.Catalog;
import org.homeostat.dashboard.Live.Phase;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.run.BadInput;
import org.homeostat.run.EpochLog;
import org.homeostat.run.Observer.Epoch;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.homeostat.run.RunsOnDisk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server: what it answers, to whom, and that nobody waits for it. */
@Timeout(60)
final class DashboardTest {

    @TempDir
    Path path;

    private final HttpClient client = HttpClient.newHttpClient();
    private RunStore store;
    private Shelf shelf;
    private Dashboard page;

    @BeforeEach
    void begin() {
        store = new RunStore(path);
        shelf = new Shelf(store, path, null);
        page = Dashboard.open(shelf, "127.0.0.1", 0);
    }

    @AfterEach
    void end() {
        page.close();
        client.shutdownNow();
    }

    private HttpResponse<String> get(String what) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(page.address().resolve(what)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String what, String origin) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(page.address().resolve(what)).POST(HttpRequest.BodyPublishers.noBody());
        if (origin != null) {
            request.header("Origin", origin);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private String own() {
        return "http://127.0.0.1:" + page.address().getPort();
    }

    /** The events that come until one of a name, each as its name and its data. */
    private List<String> until(String what, String last) throws IOException, InterruptedException {
        List<String> events = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                client.send(
                                HttpRequest.newBuilder(page.address().resolve(what))
                                        .build(),
                                HttpResponse.BodyHandlers.ofInputStream())
                        .body(),
                StandardCharsets.UTF_8))) {
            String name = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event: ")) {
                    name = line.substring(7);
                }
                if (line.startsWith("data: ")) {
                    events.add(name + " " + line.substring(6));
                    if (name.equals(last)) {
                        break;
                    }
                }
            }
        }
        return events;
    }

    private Live live(String name) {
        RunFolder folder = store.named(name);
        folder.write(RunsOnDisk.record(name, Status.RUNNING, null));
        Device twin = new Catalog(store).open("twin:resistor-array-v1").device();
        Live live = new Live(folder, folder.record(), twin.descriptor(), 10, 1);
        shelf.put(live);
        return live;
    }

    @Test
    void thePageAndWhatItNeedsAreServedFromTheProgramItself() throws Exception {
        for (String file : List.of("/", "/page.css", "/page.js", "/uPlot.iife.min.js", "/uPlot.min.css")) {
            HttpResponse<String> answer = get(file);
            assertThat(answer.statusCode()).as(file).isEqualTo(200);
            assertThat(answer.body()).isNotEmpty();
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'self'")
                    .contains("frame-ancestors 'none'");
            // Offline: nothing is fetched from elsewhere.
            if (!file.startsWith("/uPlot")) {
                assertThat(answer.body().replace("http://www.w3.org/2000/svg", ""))
                        .doesNotContain("http://", "https://");
            }
        }
        assertThat(get("/../pom.xml").statusCode()).isEqualTo(404);
        assertThat(get("/uPlot.LICENSE").statusCode()).isEqualTo(404);
    }

    @Test
    void theListNamesEveryRunAndOneDamagedDoesNotHideTheOthers() throws Exception {
        RunFolder done = store.named("a-done");
        done.write(RunsOnDisk.record("a-done", Status.DONE, RunsOnDisk.result()));
        new EpochLog(done).epochEnded(new Epoch(1, 0.5, 0.75, 0));
        Files.writeString(Files.createDirectories(path.resolve("b-damaged")).resolve("run.json"), "{");
        live("c-live");

        String runs = until("/events", "runs").getFirst();

        assertThat(runs)
                .contains("\"run\":\"a-done\",\"status\":\"done\"")
                .contains("\"loss\":0.5,\"accuracy\":0.75")
                .contains("\"run\":\"b-damaged\",\"status\":\"unreadable\"")
                .contains("\"run\":\"c-live\",\"status\":\"training\"")
                .contains("\"start\":false");
    }

    @Test
    void aStoredRunIsShownFromItsFilesAndFollowedWhenTheyChange() throws Exception {
        RunFolder done = store.named("done");
        done.write(RunsOnDisk.record("done", Status.DONE, RunsOnDisk.result()));
        new EpochLog(done).epochEnded(new Epoch(1, 0.5, 0.75, 0));

        List<String> events = until("/events?run=done", "state");

        assertThat(events.get(0)).startsWith("hello ").contains("\"live\":false");
        assertThat(events.get(1)).isEqualTo("epochs {\"from\":1,\"loss\":[0.5],\"accuracy\":[0.75],\"rejected\":[0]}");
        assertThat(events.getLast()).contains("Done: test accuracy 80.0 %.");
    }

    @Test
    void aRunThatIsNotThereIsOneSentence() throws Exception {
        live("there");

        assertThat(get("/events?run=elsewhere").statusCode()).isEqualTo(404);
        assertThat(get("/events?run=elsewhere").body())
                .isEqualTo(path + ": there is no run 'elsewhere'; see the list of runs");
        assertThat(get("/events?run=../there").statusCode()).isEqualTo(404);
        assertThat(post("/stop?run=elsewhere", own()).body())
                .isEqualTo("this program does not train run 'elsewhere'; pause or stop it where it was started");
    }

    @Test
    void theReinsAreOfThePageAlone() throws Exception {
        Live live = live("r");

        assertThat(post("/stop?run=r", null).statusCode()).isEqualTo(403);
        assertThat(post("/stop?run=r", "http://evil.example").statusCode()).isEqualTo(403);
        assertThat(get("/stop?run=r").statusCode()).isEqualTo(404);
        assertThat(live.phase()).isEqualTo(Phase.TRAINING);
        assertThat(post("/start?how=demo", own()).statusCode()).isEqualTo(409);
        assertThat(post("/start?how=fast", own()).statusCode()).isEqualTo(400);

        assertThat(post("/resume?run=r", own()).statusCode()).isEqualTo(409);
        assertThat(post("/pause?run=r", own()).statusCode()).isEqualTo(202);
        assertThat(post("/stop?run=r", own()).statusCode()).isEqualTo(202);
        assertThat(live.phase()).isEqualTo(Phase.STOPPING);
    }

    @Test
    void aNameThatWasPointedHereIsNotAnswered() throws Exception {
        live("r");
        int port = page.address().getPort();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(("GET /events?run=r HTTP/1.1\r\nHost: evil.example:" + port
                                    + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 403").endsWith("not to evil.example:" + port);
        }
    }

    @Test
    void boundToMoreItAsksForTheTokenInItsAddress() throws Exception {
        try (Dashboard open = Dashboard.open(shelf, "0.0.0.0", 0)) {
            live("r");
            assertThat(open.address().getQuery()).matches("token=[0-9a-f]{32}");
            assertThat(open.address("a b").toString()).endsWith("&run=a+b");
            URI here = URI.create("http://127.0.0.1:" + open.address().getPort());
            for (String what : List.of("/events", "/events?token=0123", "/events?run=r")) {
                assertThat(client.send(
                                        HttpRequest.newBuilder(here.resolve(what))
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                        .isEqualTo(403);
            }
            HttpResponse<String> paused = client.send(
                    HttpRequest.newBuilder(here.resolve(
                                    "/pause?run=r&" + open.address().getQuery()))
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(paused.statusCode()).isEqualTo(202);
        }
    }

    @Test
    void aPageThatDoesNotListenKeepsNobodyWaiting() throws Exception {
        Live live = live("r");
        Device twin = new Catalog(store).open("twin:resistor-array-v1").device();
        Device watched = live.around(twin);
        try (Socket deaf = new Socket()) {
            deaf.setReceiveBufferSize(1024);
            deaf.connect(
                    new java.net.InetSocketAddress("127.0.0.1", page.address().getPort()));
            deaf.getOutputStream()
                    .write(("GET /events?run=r HTTP/1.1\r\nHost: 127.0.0.1:"
                                    + page.address().getPort() + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            long longest = 0;
            for (int i = 0; i < 3_000; i++) {
                long began = System.nanoTime();
                var unused = watched.present(twin.descriptor().safe(), Deadline.in(Duration.ofSeconds(10)));
                longest = Math.max(longest, System.nanoTime() - began);
            }
            // Far more than any pause of a busy machine, far less than a blocked socket would take.
            assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofSeconds(5));
            // Others are told all the same.
            assertThat(until("/events?run=r", "state").getLast()).contains("training");
        }
        twin.close();
    }

    @Test
    void itSaysGoodByeAndHowItEnded() throws Exception {
        Live live = live("r");
        Thread closing = Thread.ofVirtual().unstarted(() -> {
            live.stop();
            live.atRest();
            page.close();
        });
        List<String> events = new ArrayList<>();
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                events.addAll(until("/events?run=r", "bye"));
            } catch (IOException | InterruptedException e) {
                events.add(e.toString());
            }
        });
        Thread.sleep(300);
        closing.start();
        reader.join();
        closing.join();

        assertThat(events.getLast()).isEqualTo("bye {}");
        assertThat(events.get(events.size() - 2))
                .startsWith("state ")
                .contains("\"phase\":\"stopped\"", "\"safe\":true");
    }

    @Test
    void whatCannotBeServedIsOneSentence() {
        int port = page.address().getPort();
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Dashboard.open(shelf, "127.0.0.1", port))
                .withMessage("--port " + port
                        + ": another program has it; choose another one, or leave --port out for one that is free");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Dashboard.open(shelf, "192.0.2.1", 0))
                .withMessage(
                        "--bind 192.0.2.1: this is not an address of this computer; expected one of its own, such as"
                                + " 127.0.0.1 or 0.0.0.0");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Dashboard.open(shelf, "no such host.invalid", 0))
                .withMessageStartingWith("--bind no such host.invalid: there is no such address; expected");
    }
}
