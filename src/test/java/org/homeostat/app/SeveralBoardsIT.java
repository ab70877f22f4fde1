package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.homeostat.app.Jar.Running;
import org.homeostat.app.Session.Ended;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.DeviceUri;
import org.homeostat.control.Joined;
import org.homeostat.control.Joined.Member;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.firmware.PosixRig;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Three specimens that run the reference firmware at serial ports, taught as one by the packaged program. */
@Timeout(300)
final class SeveralBoardsIT {

    private static final int BOARDS = 3;
    private static final int TURNS = 11;

    @TempDir
    Path home;

    private final List<PosixRig> rigs = new ArrayList<>();
    private final List<Member> opened = new ArrayList<>();

    @AfterEach
    void switchOff() {
        opened.forEach(one -> one.device().close());
        rigs.forEach(PosixRig::close);
    }

    private void switchOn(int count, String... options) throws IOException {
        for (int i = 0; i < count; i++) {
            Path folder = Files.createDirectory(home.resolve("board-" + (char) ('a' + i)));
            rigs.add(rig(folder, i + 1, options));
        }
    }

    private static PosixRig rig(Path folder, int seed, String... options) {
        List<String> all = new ArrayList<>(List.of("--seed", String.valueOf(seed)));
        all.addAll(List.of(options));
        return PosixRig.traced(folder, all.toArray(new String[0]));
    }

    private String devices() {
        return rigs.stream().map(SeveralBoardsIT::device).collect(Collectors.joining(","));
    }

    /** A machine that builds and tests may keep a host from speaking for longer than the usual half second. */
    private static String device(PosixRig rig) {
        return "serial:" + rig.path() + "?silence=2000";
    }

    private Path experiment(int epochs) throws IOException {
        return Files.writeString(home.resolve("moons.yaml"), """
                experiment: moons
                device: %s
                data: {generate: two-moons, rows: 400, noise: 0.1}
                epochs: %d
                """.formatted(devices(), epochs));
    }

    private RunFolder latest() {
        return new RunStore(home.resolve("runs")).find("latest");
    }

    private void awaitTraining(Running running) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (System.nanoTime() < end && running.process().isAlive()) {
            if (rigs.stream().allMatch(rig -> rig.moves() > 2000)) {
                return;
            }
            Thread.sleep(5);
        }
        throw new AssertionError("it never came to train: " + running.await());
    }

    @Test
    void oneThatLosesItsPowerStopsAllAndTheRunIsTakenUpWhenItIsBack() throws Exception {
        switchOn(BOARDS, "--free");
        Running running = new Jar(home).start("train", experiment(400).toString());
        awaitTraining(running);
        rigs.get(1).kill();

        Ended ended = running.await().ended(Main.UNREACHABLE);
        assertThat(ended.err().lines().filter(line -> line.startsWith("homeostat: ")))
                .first()
                .asString()
                .contains("board resistor-array-v1 at " + device(rigs.get(1)) + " is gone")
                .doesNotContain(rigs.get(0).path(), rigs.get(2).path());
        assertThat(rigs.get(0).safe()).isTrue();
        assertThat(rigs.get(2).safe()).isTrue();
        assertThat(rigs.get(1).safe()).as("killed in the midst of it").isFalse();
        assertThat(latest().record().status()).isEqualTo(Status.INTERRUPTED);

        rigs.set(1, rig(Files.createDirectories(home.resolve("board-b")), 2, "--free"));
        running = new Jar(home).start("train", "--resume", "latest");
        int before = rigs.get(0).moves();
        while (rigs.get(0).moves() < before + 2000 && running.process().isAlive()) {
            Thread.sleep(5);
        }
        // It goes on; and a polite stop leaves all of them safe.
        running.signal("INT");
        running.await().ended(Main.INTERRUPTED);
        assertThat(rigs).allMatch(PosixRig::safe);
    }

    @Test
    void ctrlCStopsThoseThatAreTaughtApart() throws Exception {
        switchOn(2, "--free");
        Running running = new Jar(home).start("train", experiment(400).toString(), "--apart", "--json");
        awaitTraining(running);
        running.signal("INT");

        Ended ended = running.await().ended(Main.INTERRUPTED);
        assertThat(ended.json().get("runs").valueStream())
                .hasSize(2)
                .allMatch(run -> run.get("status").asString().equals("interrupted"));
        assertThat(ended.err().lines().filter(line -> line.contains("--resume")))
                .hasSize(2);
        assertThat(rigs).allMatch(PosixRig::safe);
    }

    @Test
    void theyLearnIrisTogether() throws Exception {
        switchOn(BOARDS, "--free");
        Path data = Clouds.realOr("iris/bezdekIris.data", Clouds.write(home.resolve("iris.csv"), 150, 4, 3, 0.4, 1));
        String[] train = {
            "train", "--device", devices(), "--data", data.toString(), "--target", "5", "--epochs", "40", "--json"
        };
        double together = accuracy(new Jar(home).run(train).ended(Main.DONE));
        List<Double> each = rigs.stream()
                .map(rig -> accuracy(new Jar(home)
                        .run("evaluate", "latest", "--device", device(rig), "--json")
                        .ended(Main.DONE)))
                .toList();
        System.out.println("iris on " + BOARDS + " specimens of the firmware taught as one: test accuracy " + together
                + ", each by itself " + each);
        assertThat(together).isGreaterThanOrEqualTo(0.9);
        assertThat(each).allMatch(accuracy -> accuracy >= 0.85);
        assertThat(rigs).allMatch(PosixRig::safe);
    }

    /** A rack behind one broker: each twin offered by a program of its own, all of them taught as one by another. */
    @Test
    void aRackAtABrokerIsTaughtAsOne() throws Exception {
        List<Running> agents = new ArrayList<>();
        try (Mosquitto broker = Mosquitto.open(home.resolve("broker"))) {
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= BOARDS; i++) {
                String name = "board-" + i;
                agents.add(new Jar(home)
                        .start(
                                "twin",
                                "serve",
                                "resistor-array-v1?seed=" + i,
                                "--broker",
                                broker.broker().toString(),
                                "--name",
                                name,
                                "--state",
                                "state-" + i));
                names.add(broker.broker() + "/" + name);
            }
            for (Running agent : agents) {
                awaitReady(agent);
            }
            Path moons = Files.writeString(home.resolve("moons.yaml"), """
                    experiment: moons
                    device: %s
                    data: {generate: two-moons, rows: 200, noise: 0.1}
                    epochs: 30
                    """.formatted(String.join(",", names)));
            JsonNode json = new Jar(home)
                    .run("train", moons.toString(), "--json")
                    .ended(Main.DONE)
                    .json();
            System.out.printf(
                    Locale.ROOT,
                    "%d twins at a broker taught as one: test accuracy %.3f, %d exchanges with all in %.1f s%n",
                    BOARDS,
                    json.get("test").get("accuracy").asDouble(),
                    json.get("exchanges").asInt(),
                    json.get("wallSeconds").asDouble());
            assertThat(json.get("device").asString()).isEqualTo(String.join(",", names));
            assertThat(json.get("test").get("accuracy").asDouble()).isGreaterThanOrEqualTo(0.85);
        } finally {
            agents.forEach(agent -> agent.process().destroyForcibly());
        }
    }

    private static void awaitReady(Running agent) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!Files.readString(agent.out()).contains("READY")) {
            assertThat(agent.process().isAlive())
                    .as(Files.readString(agent.err()))
                    .isTrue();
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(20);
        }
    }

    /**
     * What it saves to ask boards together: a step of three exchanges, over lines of 250 kbaud, with the board's own settling
     * time and with one of 5 ms, by turns. Printed, for other programs share the machine.
     */
    @Test
    void theTimeOfAStepTogetherAndOneAfterTheOther() throws Exception {
        int most = 8;
        switchOn(most, "--baud", "250000");
        Catalog catalog = new Catalog(new RunStore(home.resolve("runs")));
        for (String name : DeviceUri.list(devices())) {
            opened.add(new Member(name, catalog.open(name).device()));
        }
        for (Settling settling : List.of(Settling.USUAL, new Settling.Dwell(5e-3, 1))) {
            for (int count = 2; count <= most; count *= 2) {
                List<Member> some = opened.subList(0, count);
                Device joined = Joined.of(some);
                double[] together = new double[TURNS];
                double[] apart = new double[TURNS];
                for (int turn = 0; turn < TURNS; turn++) {
                    together[turn] = seconds(() -> step(joined, settling));
                    apart[turn] = seconds(() -> some.forEach(one -> step(one.device(), settling)));
                }
                System.out.printf(
                        Locale.ROOT,
                        "%d boards, %s: a step %.2f ms together, %.2f ms one after the other (medians): %.2f times%n",
                        count,
                        settling.equals(Settling.USUAL) ? "own settling time" : "settling in 5 ms",
                        1e3 * median(together),
                        1e3 * median(apart),
                        median(apart) / median(together));
            }
        }
        opened.forEach(one -> one.device().close());
        assertThat(rigs).allMatch(PosixRig::safe);
    }

    private static void step(Device device, Settling settling) {
        double[] inputs = device.descriptor().channels(Role.INPUT).stream()
                .mapToDouble(Channel::safe)
                .toArray();
        Stimulus stimulus = Stimulus.of(Levels.of(Role.INPUT, inputs)).settling(settling);
        var unused = device.presentAll(List.of(stimulus, stimulus, stimulus), Deadline.in(Duration.ofSeconds(10)));
    }

    private static double seconds(Runnable deed) {
        long began = System.nanoTime();
        deed.run();
        return 1e-9 * (System.nanoTime() - began);
    }

    private static double median(double[] values) {
        return Arrays.stream(values)
                .sorted()
                .skip(values.length / 2)
                .findFirst()
                .orElseThrow();
    }

    private static double accuracy(Ended ended) {
        return ended.json().get("test").get("accuracy").asDouble();
    }
}
