package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.homeostat.app.Jar.Running;
import org.homeostat.app.Session.Ended;
import org.homeostat.board.Served;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Device;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.fixtures.ShippedBroker;
import org.homeostat.fixtures.Tmpfs;
import org.homeostat.link.Broker;
import org.homeostat.link.LinkException;
import org.homeostat.link.PtyLink;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What people are told when something is wrong: under real conditions, each message names the device (or the file), what was
 * tried and found, the likely cause, and one next action; and the program ends with the right exit code.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ErrorMessagesIT {

    /** The common pool may have one thread alone, and those who talk to each other need two. */
    private static final java.util.concurrent.Executor APART =
            task -> Thread.ofPlatform().daemon().start(task);

    @TempDir
    Path home;

    /**
     * What the one complaint must hold.
     *
     * @param device what it is about
     * @param found what was tried and what came of it
     * @param cause why, or likely why
     * @param action what to do next
     */
    private record Row(String condition, int code, String device, String found, String cause, String action) {

        void holds(Ended ended) {
            List<String> complaints = ended.err()
                    .lines()
                    .filter(line -> line.startsWith("homeostat: "))
                    .toList();
            complaints.forEach(each -> System.out.println(condition + ": " + each));
            assertThat(ended.code()).as(condition + ": " + ended.err()).isEqualTo(code);
            assertThat(complaints).as(condition + ": " + ended.err()).hasSize(1);
            String complaint = complaints.getFirst();
            assertThat(complaint).as(condition + ", device").contains(device);
            assertThat(complaint).as(condition + ", what was found").contains(found);
            assertThat(complaint).as(condition + ", cause").contains(cause);
            assertThat(complaint).as(condition + ", next action").contains(action);
            assertThat(complaint).as(condition + ", no words of programmers").doesNotContain("Exception");
        }
    }

    private Path data() throws Exception {
        return new Session(home).clouds(60);
    }

    /** Teaches a board for longer than any test waits. */
    private static String[] endless(Path data, Board board) {
        return new String[] {
            "train", "--data", data.toString(), "--target", "kind", "--device", board.uri(), "--epochs", "100000"
        };
    }

    /** A twin that answers as a board at a pseudo terminal until it is closed. */
    private final class Board implements AutoCloseable {

        private final PtyLink pty;
        private final AtomicBoolean ended = new AtomicBoolean();
        private final CompletableFuture<Void> serving;

        Board(String twin) throws LinkException {
            pty = PtyLink.open();
            serving = CompletableFuture.runAsync(
                    () -> {
                        try (Device device = new Catalog(new RunStore(home))
                                .open("twin:" + twin)
                                .device()) {
                            new Served(device, 1).serve(pty, ended::get);
                        } catch (LinkException gone) {
                            // It was pulled, as it should be.
                        }
                    },
                    APART);
        }

        String uri() {
            return "serial:" + pty.slave();
        }

        /** As a cable that is pulled. */
        void pull() {
            pty.close();
        }

        @Override
        public void close() {
            ended.set(true);
            pty.close();
            serving.completeOnTimeout(null, 10, TimeUnit.SECONDS).join();
        }
    }

    @Test
    void namesThatAreNone() {
        new Row("unknown scheme", 2, "device 'foo:bar'", "there is no scheme 'foo'", "expected serial", "such as twin:")
                .holds(Session.plain("probe", "foo:bar"));
        new Row("unknown twin", 2, "'nowhere'", "there is no twin", "the twins are", "named by the path")
                .holds(Session.plain("probe", "twin:nowhere"));
        new Row("unknown board", 2, "'nothing'", "there is no board", "the boards are", "board.yaml")
                .holds(Session.plain("probe", "pi:nothing"));
    }

    @Test
    void portsThatAreNotThereOrTaken() throws Exception {
        new Row(
                        "port absent",
                        3,
                        "/dev/ttyNone",
                        "there is no such device",
                        "likely the board is not plugged in",
                        "plug it in")
                .holds(Session.plain("probe", "serial:/dev/ttyNone"));
        try (PtyLink pty = PtyLink.open()) {
            Process holder = new ProcessBuilder("flock", pty.slave(), "sh", "-c", "echo held; cat").start();
            try {
                assertThat(holder.inputReader().readLine()).isEqualTo("held");
                new Row("port busy", 3, pty.slave(), "it is in use", "(process ", "close the program that holds it")
                        .holds(Session.plain("probe", "serial:" + pty.slave()));
            } finally {
                holder.getOutputStream().close();
                holder.waitFor();
            }
        }
    }

    @Test
    void aPortThatOneMayNotOpen() throws Exception {
        try (PtyLink pty = PtyLink.open()) {
            Path slave = Path.of(pty.slave());
            Ended ended;
            if (System.getProperty("user.name").equals("root")) {
                Files.setPosixFilePermissions(slave, PosixFilePermissions.fromString("rw-------"));
                ended = asNobody("probe", "serial:" + slave);
            } else {
                Files.setPosixFilePermissions(slave, PosixFilePermissions.fromString("---------"));
                ended = Session.plain("probe", "serial:" + slave);
            }
            new Row("permission denied", 3, pty.slave(), "you may not open it", "it belongs to", "sudo usermod -a -G")
                    .holds(ended);
        }
    }

    /** The packaged program as a user who owns nothing. */
    private Ended asNobody(String... arguments) throws Exception {
        Path jar = Path.of(System.getProperty("homeostat.jar")).toAbsolutePath();
        // Not below the test's own folder, which nobody else may enter.
        Path own = Files.createTempDirectory("homeostat-nobody");
        Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> command = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + own,
                "-Duser.home=" + own,
                "-jar",
                jar.toString()));
        command.addAll(List.of(arguments));
        Path out = home.resolve("nobody.out");
        Path err = home.resolve("nobody.err");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.directory(Path.of("/").toFile());
        Process process;
        try {
            process = builder.start();
        } catch (java.io.IOException none) {
            assumeTrue(false, "setpriv of util-linux is not installed, which makes root somebody else");
            throw none;
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assumeTrue(
                !Files.readString(err).contains("Unable to access jarfile"),
                "the program lies where only root may read it, so that nobody else can try it");
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void aTemporaryFolderThatNoProgramRunsFrom() throws Exception {
        try (Tmpfs noexec = Tmpfs.at(home.resolve("noexec"), "size=8m,noexec");
                PtyLink pty = PtyLink.open()) {
            Ended ended = new Jar(
                            home,
                            List.of("-Djava.io.tmpdir=" + noexec.folder(), "-Duser.home=" + noexec.folder()),
                            Map.of())
                    .start("probe", "serial:" + pty.slave())
                    .await();
            new Row(
                            "noexec temp",
                            3,
                            pty.slave(),
                            "cannot be loaded",
                            "likely programs may not run from " + noexec.folder(),
                            "-Djava.io.tmpdir=FOLDER")
                    .holds(ended);
        }
    }

    @Test
    void somethingElseAtThePort() throws Exception {
        try (Board other = new Board("resistor-array-v1?settle=1e-3")) {
            new Row(
                            "wrong firmware",
                            3,
                            other.uri(),
                            "its card is",
                            "and that of the board.yaml here is",
                            "flash the firmware that belongs to this version")
                    .holds(Session.plain("probe", other.uri()));
        }
        AtomicBoolean enough = new AtomicBoolean();
        try (PtyLink noise = PtyLink.open()) {
            // What a line shows that is read at another speed: bytes without sense.
            CompletableFuture<Void> chatter = CompletableFuture.runAsync(
                    () -> {
                        byte[] bytes = new byte[32];
                        java.util.Random random = new java.util.Random(1);
                        try {
                            while (!enough.get()) {
                                noise.read(new byte[256], 0, 256, 2_000_000);
                                random.nextBytes(bytes);
                                noise.write(bytes, 0, bytes.length, 100_000_000);
                            }
                        } catch (LinkException gone) {
                            // Nobody listens any more.
                        }
                    },
                    APART);
            String uri = "serial:" + noise.slave() + "?baud=9600";
            new Row(
                            "wrong baud",
                            3,
                            noise.slave(),
                            "bytes came that make no sense",
                            "likely at another speed",
                            "baud=NUMBER")
                    .holds(Session.plain("probe", uri));
            enough.set(true);
            chatter.join();
        }
        try (PtyLink silent = PtyLink.open()) {
            new Row(
                            "nobody answers",
                            3,
                            silent.slave(),
                            "not one byte came",
                            "likely as no Homeostat firmware runs",
                            "press the board's reset")
                    .holds(Session.plain("probe", "serial:" + silent.slave()));
        }
    }

    @Test
    void aBoardThatGoesAwayInTheMiddle() throws Exception {
        Path data = data();
        try (Board board = new Board("resistor-array-v1")) {
            CompletableFuture<Ended> run =
                    CompletableFuture.supplyAsync(() -> new Session(home).run(endless(data, board)), APART);
            awaitRun(() -> !run.isDone());
            board.pull();
            Ended ended = run.get(60, TimeUnit.SECONDS);
            System.out.println("port gone: "
                    + ended.err()
                            .lines()
                            .filter(line -> line.startsWith("homeostat: "))
                            .toList());
            assertThat(ended.code()).isEqualTo(Main.UNREACHABLE);
            assertThat(ended.err().lines().filter(line -> line.startsWith("homeostat: ")))
                    .isNotEmpty()
                    .allSatisfy(line -> assertThat(line)
                            .contains(board.pty.slave())
                            .contains("is gone")
                            .contains("likely the board is not plugged in")
                            .contains("plug it in"));
        }
    }

    /** Until a run has stored something. */
    private void awaitRun(java.util.function.BooleanSupplier runs) throws Exception {
        long limit = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        Path stored = home.resolve("runs");
        while (true) {
            if (Files.isDirectory(stored)) {
                try (var paths = Files.walk(stored)) {
                    for (Path path :
                            paths.filter(each -> each.endsWith("journal")).toList()) {
                        if (Files.size(path) > 50_000) {
                            return;
                        }
                    }
                }
            }
            assertThat(runs.getAsBoolean()).as("the run goes on").isTrue();
            assertThat(System.nanoTime()).isLessThan(limit);
            Thread.sleep(20);
        }
    }

    @Test
    void aBoardThatHasGoneToItsSafeLevels() throws Exception {
        Path data = data();
        try (Board board = new Board("resistor-array-v1")) {
            Running run = new Jar(home).start(endless(data, board));
            try {
                awaitRun(() -> run.process().isAlive());
                run.signal("STOP");
                Thread.sleep(1500);
                run.signal("CONT");
                new Row(
                                "board latched",
                                4,
                                board.uri(),
                                "is latched at its safe levels",
                                "it had not heard from this program for too long",
                                "--resume")
                        .holds(run.await());
            } finally {
                run.process().destroyForcibly();
            }
        }
    }

    @Test
    void brokersThatAreAwayOrRefuse() throws Exception {
        int port = Mosquitto.freePort();
        String nobody = "mqtt://127.0.0.1:" + port + "/board-7";
        new Row("no broker", 3, nobody, "nobody listens at port " + port, "or check host and port", "start the broker")
                .holds(Session.plain("probe", nobody));
        Mosquitto.require();
        try (Mosquitto open = Mosquitto.open(home.resolve("open"))) {
            String uri = open.broker() + "/board-7";
            new Row(
                            "board not offered",
                            3,
                            uri,
                            "no board of that name",
                            "was ever offered at this broker",
                            "homeostat devices --broker")
                    .holds(Session.plain("probe", uri));
            new Row(
                            "not encrypted",
                            3,
                            "mqtts://127.0.0.1:" + open.port(),
                            "when TLS was to begin",
                            "check that port",
                            "8883")
                    .holds(Session.plain("probe", "mqtts://127.0.0.1:" + open.port() + "/board-7"));
            assertThat(DeviceChecks.broker(open.broker(), null))
                    .allMatch(finding -> finding.verdict() == Finding.Verdict.FINE)
                    .hasSize(2);
        }
        Path passwords = home.resolve("passwords");
        new ProcessBuilder("mosquitto_passwd", "-b", "-c", passwords.toString(), "ann", "right")
                .start()
                .waitFor();
        try (Mosquitto guarded =
                Mosquitto.with(home.resolve("guarded"), "allow_anonymous false", "password_file " + passwords)) {
            Path wrong = Files.writeString(home.resolve("wrong"), "wrong\n", StandardCharsets.UTF_8);
            String uri = guarded.broker() + "/board-7?user=ann&password=" + wrong;
            new Row(
                            "wrong password",
                            3,
                            guarded.broker().toString(),
                            "does not let 'ann' in",
                            "check user name and password",
                            "ask whoever keeps the broker")
                    .holds(Session.plain("probe", uri));
            assertThat(DeviceChecks.broker(guarded.broker(), null))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.verdict()).isEqualTo(Finding.Verdict.WRONG))
                    .satisfies(finding -> assertThat(finding.mend()).contains("user=NAME"));
        }
    }

    private static String options(Path folder, String name) {
        return "?ca=" + folder.resolve("ca.crt") + "&cert=" + folder.resolve(name + ".crt") + "&key="
                + folder.resolve(name + ".key");
    }

    @Test
    void rightsAndCertificates() throws Exception {
        Mosquitto.require();
        Path folder = home.resolve("shipped");
        try (ShippedBroker shipped = new ShippedBroker(folder, "agent:pi-3", "controller:ann")) {
            String there = "mqtts://127.0.0.1:" + shipped.mosquitto().port();
            // An agent's certificate lets nobody drive boards.
            new Row(
                            "ACL refused",
                            3,
                            there,
                            "does not let 'pi-3' subscribe to",
                            "homeostat/1/board-7/",
                            "ask for that right in its access list")
                    .holds(Session.plain("probe", there + "/board-7" + options(folder, "pi-3")));
            assertThat(DeviceChecks.broker(shipped.broker("ann"), null))
                    .allMatch(finding -> finding.verdict() == Finding.Verdict.FINE)
                    .hasSize(2);
            List<Finding> agent = DeviceChecks.broker(shipped.broker("pi-3"), null);
            assertThat(agent.get(0).verdict()).isEqualTo(Finding.Verdict.FINE);
            assertThat(agent.get(1).verdict()).isEqualTo(Finding.Verdict.WRONG);
            assertThat(agent.get(1).mend()).isNotEmpty();
            assertThat(DeviceChecks.broker(shipped.broker("pi-3"), "pi-3"))
                    .allMatch(finding -> finding.verdict() == Finding.Verdict.FINE);
            assertThat(DeviceChecks.broker(shipped.broker("pi-3"), "pi-4")
                            .get(1)
                            .verdict())
                    .isEqualTo(Finding.Verdict.WRONG);
        }
        Path old = home.resolve("expired");
        try (ShippedBroker expired = new ShippedBroker(old, "127.0.0.1", 0, "controller:ann")) {
            String there = "mqtts://127.0.0.1:" + expired.mosquitto().port();
            new Row("certificate expired", 3, there, "its certificate has expired", "clock", "have it renewed")
                    .holds(Session.plain("probe", there + "/board-7" + options(old, "ann")));
            Broker broker = expired.broker("ann");
            assertThat(DeviceChecks.broker(broker, null))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.mend()).contains("renewed"));
        }
    }

    @Test
    void aClockThatIsBehind() throws Exception {
        Session session = new Session(home);
        session.trained();
        // As a run looks that was begun while the clock was ahead.
        Path ahead = Files.move(session.latest().path(), session.runs().resolve("29991231-000000-000-clouds"));
        Ended ended = session.trained();
        new Row(
                        "clock behind",
                        0,
                        "the clock of this computer shows 20",
                        "but run " + ahead.getFileName() + " in " + session.runs() + " was begun later",
                        "likely the clock was not set since the computer was switched on, or was ahead before",
                        "sudo timedatectl set-ntp true")
                .holds(ended);
        // It was begun all the same, and the doctor says the same of the clock.
        assertThat(new RunStore(session.runs()).list()).hasSize(2);
        assertThat(session.run("doctor").ended(Main.FAILED).out())
                .contains("but run " + ahead.getFileName() + " in " + session.runs() + " was begun later");
        Files.move(ahead, home.resolve("put-away"));
        assertThat(session.trained().err()).doesNotContain("homeostat: ");
    }

    @Test
    void disksThatAreFullOrClosed() throws Exception {
        Path data = data();
        new Row("no folder for runs", 2, "/proc/runs", "a run cannot be stored there", "/proc/runs", "--runs")
                .holds(Session.plain(
                        "train",
                        "--data",
                        data.toString(),
                        "--target",
                        "kind",
                        "--epochs",
                        "1",
                        "--runs",
                        "/proc/runs"));
        try (Tmpfs full = Tmpfs.at(home.resolve("full"), "size=96k")) {
            new Row("disk full", 1, full.folder().toString(), "could not be written", "No space left", "make room")
                    .holds(Session.plain(
                            "train",
                            "--data",
                            data.toString(),
                            "--target",
                            "kind",
                            "--epochs",
                            "100",
                            "--runs",
                            full.folder().resolve("runs").toString()));
        }
    }
}
