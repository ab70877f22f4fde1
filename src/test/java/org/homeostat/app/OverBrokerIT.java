package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.homeostat.app.Jar.Running;
import org.homeostat.app.Session.Ended;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.fleet.Offered;
import org.homeostat.link.MqttClient;
import org.homeostat.link.MqttClient.Message;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A board at a broker as people have it: the agent in one process, those who use the board in others. */
@Timeout(300)
final class OverBrokerIT {

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration SOON = Duration.ofSeconds(60);

    /** The keep-alive of an agent is 5 s; one and a half of it is the bar for whoever looks. */
    private static final double MOST_SECONDS = 7.5;

    private static final int DEATHS = 5;

    @TempDir
    Path home;

    private Mosquitto broker;
    private final List<Running> started = new ArrayList<>();

    @BeforeEach
    void begin() throws Exception {
        broker = Mosquitto.open(home.resolve("broker"));
    }

    @AfterEach
    void end() {
        started.forEach(each -> each.process().destroyForcibly());
        if (broker != null) {
            broker.close();
        }
    }

    private String url() {
        return broker.broker().toString();
    }

    private Running agent(String name) {
        Running running = new Jar(home)
                .start(
                        "agent",
                        "--device",
                        "twin:resistor-array-v1",
                        "--broker",
                        url(),
                        "--name",
                        name,
                        "--state",
                        "state");
        started.add(running);
        return running;
    }

    private static void ready(Running running) throws Exception {
        long limit = System.nanoTime() + SOON.toNanos();
        while (!Files.readString(running.out()).contains("READY")) {
            assertThat(running.process().isAlive())
                    .as(Files.readString(running.err()))
                    .isTrue();
            assertThat(System.nanoTime()).isLessThan(limit);
            Thread.sleep(10);
        }
    }

    private Ended run(String... words) {
        return new Jar(home).run(words);
    }

    @Test
    void aNewUserOffersABoardAndTrainsItFromAnotherMachine() throws Exception {
        Running agent = agent("board-7");
        ready(agent);
        assertThat(Files.readString(agent.out())).isEqualTo("READY " + url() + "/board-7\n");

        JsonNode offered =
                run("devices", "--broker", url(), "--json").ended(Main.DONE).json();
        assertThat(offered.get("offered").get(0).get("name").asString()).isEqualTo("board-7");
        assertThat(offered.get("offered").get(0).get("state").asString()).isEqualTo("online");
        assertThat(offered.get("reachable").get(0).asString()).isEqualTo(url() + "/board-7");

        String device = url() + "/board-7";
        assertThat(run("probe", device, "--json")
                        .ended(Main.DONE)
                        .json()
                        .get("board")
                        .asString())
                .isEqualTo("resistor-array-v1");
        assertThat(run("probe", url() + "/board-8").ended(Main.UNREACHABLE).err())
                .contains("no board of that name", "board-7");

        Path data = Clouds.write(home.resolve("clouds.csv"), 120, 3, 2, 0.8, 1);
        Running training = new Jar(home).start(train(device, data, "200"));
        started.add(training);
        awaitTraining(training);
        String held = run("probe", device).ended(Main.UNREACHABLE).err();
        assertThat(held).contains("drives this board since").containsPattern("(?m)^homeostat: [^\n]+\n\\z");
        assertThat(run("devices", "--broker", url()).ended(Main.DONE).out()).contains("held by");
        training.signal("INT");
        assertThat(training.await().code()).isEqualTo(Main.INTERRUPTED);
        assertThat(latest().record().status()).isEqualTo(Status.INTERRUPTED);

        Ended done = run(train(device, data, "5")).ended(Main.DONE);
        assertThat(done.json().get("test").get("accuracy").asDouble()).isGreaterThan(0.8);

        long asked = System.nanoTime();
        agent.signal("INT");
        Ended ended = agent.await();
        double seconds = 1e-9 * (System.nanoTime() - asked);
        assertThat(ended.code()).isZero();
        assertThat(seconds).isLessThan(5);
        String offline = run("probe", device).ended(Main.UNREACHABLE).err();
        assertThat(offline).contains("its agent is offline since ");
        System.out.printf(Locale.ROOT, "the agent ended %.2f s after Ctrl-C; it had said:%n%s", seconds, ended.err());
        System.out.print("to a second user: " + held + "after its end: " + offline);
    }

    private String[] train(String device, Path data, String epochs) {
        return new String[] {
            "train",
            "--device",
            device,
            "--data",
            data.toString(),
            "--target",
            "4",
            "--epochs",
            epochs,
            "--runs",
            "runs",
            "--json"
        };
    }

    private RunFolder latest() {
        return new RunStore(home.resolve("runs")).find("latest");
    }

    private void awaitTraining(Running running) throws Exception {
        long end = System.nanoTime() + SOON.toNanos();
        while (System.nanoTime() < end && running.process().isAlive()) {
            List<RunFolder> begun = new RunStore(home.resolve("runs")).list();
            if (!begun.isEmpty()
                    && Files.exists(begun.getFirst().journal())
                    && Files.size(begun.getFirst().journal()) > 40_000) {
                return;
            }
            Thread.sleep(5);
        }
        throw new AssertionError("it never came to train: " + running.await());
    }

    @Test
    void whatStopsTheBrokerForLongStopsARunThatIsTakenUpAgain() throws Exception {
        ready(agent("board-7"));
        Path data = Clouds.write(home.resolve("clouds.csv"), 120, 3, 2, 0.8, 1);
        Running training = new Jar(home).start(train(url() + "/board-7", data, "60"));
        started.add(training);
        awaitTraining(training);
        broker.freeze();
        Thread.sleep(10_000);
        broker.thaw();
        Ended stopped = training.await();
        System.out.println("a broker that stood still for 10 s: exit " + stopped.code() + ", " + stopped.err());
        assertThat(stopped.code()).isIn(Main.UNREACHABLE, Main.LIMIT);
        Ended resumed = run("train", "--resume", "runs/" + latest().name(), "--json");
        assertThat(resumed.code()).as(resumed.err()).isEqualTo(Main.DONE);
        assertThat(latest().record().status()).isEqualTo(Status.DONE);
    }

    @Test
    void aDeathIsVisible() throws Exception {
        Map<String, Long> offline = new ConcurrentHashMap<>();
        Map<String, Long> online = new ConcurrentHashMap<>();
        try (MqttClient watcher = MqttClient.open(
                broker.broker(),
                "watcher",
                null,
                LIMIT,
                message -> (said(message, "offline") ? offline : online)
                        .put(message.topic().split("/")[2], System.nanoTime()),
                LIMIT)) {
            watcher.subscribe(List.of("homeostat/1/+/presence"), LIMIT);
            List<Running> agents = new ArrayList<>();
            for (int i = 0; i < DEATHS; i++) {
                agents.add(agent("board-" + i));
            }
            for (Running agent : agents) {
                ready(agent);
            }
            // Whoever lists the boards sees it at once; the broker itself notices when it next looks.
            long[] begun = signalled(agents, "STOP");
            double[] listed = new double[DEATHS];
            for (int silent = 0; silent < DEATHS; ) {
                silent = 0;
                for (Offered board : Offered.at(broker.broker())) {
                    int which = Integer.parseInt(board.name().substring("board-".length()));
                    silent += board.online() ? 0 : 1;
                    if (!board.online() && listed[which] == 0) {
                        listed[which] = 1e-9 * (System.nanoTime() - begun[which]);
                    }
                }
            }
            double[] stopped = deaths(begun, offline);
            online.clear();
            for (Running agent : agents) {
                agent.signal("CONT");
            }
            awaitAll(online);
            offline.clear();
            double[] killed = deaths(signalled(agents, "KILL"), offline);
            System.out.println("an agent's death is seen, in s: killed, by its will " + seconds(killed)
                    + "; stopped, by whoever lists the boards " + seconds(listed) + ", by its will "
                    + seconds(stopped));
            assertThat(Arrays.stream(killed).max().orElseThrow()).isLessThan(1);
            assertThat(Arrays.stream(listed).max().orElseThrow()).isLessThanOrEqualTo(MOST_SECONDS);
        }
    }

    private static boolean said(Message message, String state) {
        return new String(message.payload(), StandardCharsets.UTF_8).contains("\"" + state + "\"");
    }

    private static long[] signalled(List<Running> agents, String signal) throws Exception {
        long[] begun = new long[agents.size()];
        for (int i = 0; i < begun.length; i++) {
            agents.get(i).signal(signal);
            begun[i] = System.nanoTime();
            // Not all at the same phase of their keep-alive.
            Thread.sleep(300);
        }
        return begun;
    }

    private static double[] deaths(long[] begun, Map<String, Long> seen) throws Exception {
        awaitAll(seen);
        double[] seconds = new double[begun.length];
        for (int i = 0; i < begun.length; i++) {
            seconds[i] = 1e-9 * (seen.get("board-" + i) - begun[i]);
        }
        return seconds;
    }

    private static void awaitAll(Map<String, Long> seen) throws InterruptedException {
        long limit = System.nanoTime() + SOON.toNanos();
        while (seen.size() < DEATHS) {
            assertThat(System.nanoTime()).isLessThan(limit);
            Thread.sleep(5);
        }
    }

    private static String seconds(double[] values) {
        StringBuilder text = new StringBuilder();
        for (double value : values) {
            text.append(text.isEmpty() ? "" : ", ").append(String.format(Locale.ROOT, "%.2f", value));
        }
        return text.toString();
    }

    @Test
    void irisTrainsThroughABrokerBitForBitAsOnTheTwinItself() throws Exception {
        Path experiment = experiment();
        for (String twin : List.of("resistor-array-v1", "resistor-compliant")) {
            Running agent =
                    new Jar(home).start("twin", "serve", twin, "--broker", url(), "--name", twin, "--state", "state");
            started.add(agent);
            ready(agent);
            JsonNode direct = iris(experiment, "twin:" + twin, "direct-" + twin);
            JsonNode over = iris(experiment, url() + "/" + twin, "over-" + twin);
            boolean same = Arrays.equals(parameters("direct-" + twin), parameters("over-" + twin));
            System.out.printf(
                    Locale.ROOT,
                    "iris on %s: test accuracy %.4f in %.1f s directly, %.4f in %.1f s through a broker; parameters %s%n",
                    twin,
                    accuracy(direct),
                    direct.get("wallSeconds").asDouble(),
                    accuracy(over),
                    over.get("wallSeconds").asDouble(),
                    same ? "the same bit for bit" : "not the same");
            assertThat(accuracy(over)).isGreaterThanOrEqualTo(0.9);
            assertThat(same).isTrue();
        }
    }

    private Path experiment() throws IOException {
        String data = Clouds.realOr("iris/bezdekIris.data", Clouds.write(home.resolve("iris.csv"), 150, 4, 3, 0.4, 1))
                .toString();
        return Files.writeString(home.resolve("iris.yaml"), """
                experiment: iris
                device: twin:resistor-array-v1
                learner: aeqprop-centered
                data: {csv: '%s', target: '5'}
                testPart: 0.25
                epochs: 20
                seed: 1
                """.formatted(data));
    }

    private JsonNode iris(Path experiment, String device, String runs) {
        return run("train", experiment.toString(), "--device", device, "--runs", runs, "--json")
                .ended(Main.DONE)
                .json();
    }

    private static double accuracy(JsonNode json) {
        return json.get("test").get("accuracy").asDouble();
    }

    private double[] parameters(String runs) {
        return new RunStore(home.resolve(runs)).find("latest").parameters().orElseThrow();
    }
}
