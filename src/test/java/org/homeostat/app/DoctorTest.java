package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.homeostat.app.Finding.Verdict;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.fixtures.Tmpfs;
import org.homeostat.link.Broker;
import org.homeostat.link.PtyLink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Each check of the doctor, where all is well and where it is not. */
final class DoctorTest {

    @TempDir
    Path home;

    private static void fine(Finding finding, String seen) {
        assertThat(finding.verdict()).as(finding.toString()).isEqualTo(Verdict.FINE);
        assertThat(finding.seen()).contains(seen);
        assertThat(finding.mend()).isEmpty();
    }

    private static void note(Finding finding, String seen) {
        assertThat(finding.verdict()).as(finding.toString()).isEqualTo(Verdict.NOTE);
        assertThat(finding.seen()).contains(seen);
    }

    private static void wrong(Finding finding, String seen, String mend) {
        assertThat(finding.verdict()).as(finding.toString()).isEqualTo(Verdict.WRONG);
        assertThat(finding.seen()).contains(seen);
        assertThat(finding.mend()).contains(mend);
    }

    private Path file(String name, String text) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private Path script(String name, String text) throws IOException {
        Path file = file(name, "#!/bin/sh\n" + text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    @Test
    void java() {
        fine(HostChecks.java(Runtime.version(), "/here"), "/here");
        wrong(HostChecks.java(Runtime.Version.parse("21.0.4"), "/there"), "Java 21.0.4 at /there", "openjdk-25");
    }

    @Test
    void launcher() throws Exception {
        fine(HostChecks.launcher(Map.of()), "not set");
        fine(HostChecks.launcher(Map.of("HOMEOSTAT_JAVA", System.getProperty("java.home"))), "HOMEOSTAT_JAVA is ");
        fine(HostChecks.launcher(Map.of("HOMEOSTAT_JAVA", System.getProperty("java.home") + "/bin/java")), "bin/java");
        wrong(HostChecks.launcher(Map.of("HOMEOSTAT_JAVA", home.toString())), "no bin/java", "unset HOMEOSTAT_JAVA");
        script("old/bin/java", "exit 0");
        file("old/release", "JAVA_VERSION=\"17.0.2\"\n");
        wrong(
                HostChecks.launcher(Map.of("HOMEOSTAT_JAVA", home.resolve("old").toString())),
                "a Java 17",
                "unset HOMEOSTAT_JAVA");
    }

    @Test
    void memory() throws Exception {
        Path little = file("little", "MemTotal:  500000 kB\nMemAvailable:   20000 kB\n");
        Path much = file("much", "MemTotal:  8000000 kB\nMemAvailable:   4000000 kB\n");
        fine(HostChecks.memory(much, 1_000_000_000), "4096 MB available");
        wrong(HostChecks.memory(little, 1_000_000_000), "20 MB available", "-Xmx");
        note(HostChecks.memory(home.resolve("none"), 1), "does not say");
    }

    @Test
    void temporaryFolder() throws Exception {
        fine(HostChecks.temporary(home), "programs run from it");
        assertThat(home).isEmptyDirectory();
        wrong(HostChecks.temporary(home.resolve("none")), "cannot be written", "-Djava.io.tmpdir=FOLDER");
    }

    @Test
    void temporaryFolderWithoutPrograms() throws Exception {
        try (Tmpfs noexec = Tmpfs.at(home.resolve("noexec"), "size=1m,noexec")) {
            wrong(HostChecks.temporary(noexec.folder()), "noexec", "-Djava.io.tmpdir=FOLDER");
            assertThat(noexec.folder()).isEmptyDirectory();
        }
    }

    @Test
    void runs() throws Exception {
        fine(HostChecks.disk(home.resolve("not/yet/there")), home + " can be written");
        assertThat(home).isEmptyDirectory();
        Path text = file("text", "no folder");
        wrong(HostChecks.disk(text), "is no folder", "--runs DIR");
        // Not even root may make a file there.
        wrong(HostChecks.disk(Path.of("/proc/runs")), "/proc cannot be written", "sudo chown");
    }

    @Test
    void aFullDisk() throws Exception {
        try (Tmpfs full = Tmpfs.at(home.resolve("full"), "size=64k")) {
            wrong(HostChecks.disk(full.folder()), "MB free, expected", "make room");
            try {
                Files.write(full.folder().resolve("fill"), new byte[100_000]);
            } catch (IOException asMeant) {
                assertThat(asMeant).hasMessageContaining("No space");
            }
            wrong(HostChecks.disk(full.folder().resolve("runs")), "is full", "make room");
        }
    }

    @Test
    void clock() throws Exception {
        Instant now = Instant.parse("2026-11-22T12:00:00Z");
        List<String> yes = List.of(script("yes.sh", "echo yes").toString());
        List<String> no = List.of(script("no.sh", "echo no").toString());
        List<String> broken =
                List.of(script("broken.sh", "echo no bus >&2; exit 1").toString());
        fine(HostChecks.clock(now, now.minusSeconds(5), null, yes), "synchronised");
        wrong(HostChecks.clock(now, now.minusSeconds(5), null, no), "not synchronised", "timedatectl set-ntp true");
        note(HostChecks.clock(now, now.minusSeconds(5), null, broken), "cannot be told");
        note(HostChecks.clock(now, now.minusSeconds(5), null, List.of("no-such-program")), "cannot be told");
        wrong(HostChecks.clock(Instant.EPOCH, now, null, yes), "not valid yet", "timedatectl");
        String doubt = "but run X in runs was begun later";
        wrong(
                HostChecks.clock(now, now, doubt, no),
                now + ", " + doubt + ", so that 'latest'",
                "timedatectl set-ntp true");
        wrong(HostChecks.clock(now, now, doubt, yes), "it was ahead then", "name runs in full");
        wrong(HostChecks.clock(now, now, doubt, broken), doubt, "timedatectl set-ntp true");
        wrong(HostChecks.clock(now, now, doubt, List.of("no-such-program")), doubt, "timedatectl set-ntp true");
        assertThat(HostChecks.made(Main.class)).isAfter(Instant.EPOCH).isBefore(Instant.now());
    }

    @Test
    void serialPort() throws Exception {
        try (PtyLink pty = PtyLink.open()) {
            fine(DeviceChecks.port(pty.slave()), "nobody else has it");
            Process reader = new ProcessBuilder("sh", "-c", "exec 3<>" + pty.slave() + "; echo held; cat").start();
            try {
                assertThat(reader.inputReader().readLine()).isEqualTo("held");
                Finding held = DeviceChecks.port(pty.slave());
                wrong(held, "in use by sh (process ", "close the program");
                assertThat(held.seen()).as("the port is named in front of it").startsWith("it is in use by");
            } finally {
                reader.destroy();
                reader.waitFor();
            }
        }
        wrong(DeviceChecks.port(home.resolve("none").toString()), "no such device", "plug it in");
        wrong(DeviceChecks.port(file("text", "x").toString()), "it is a file", "name a serial port");
    }

    @Test
    void group() throws Exception {
        Path groups = file("group", "root:x:0:\ndialout:x:20:ann,bob\n");
        fine(DeviceChecks.group(groups, "bob"), "bob is in it");
        fine(DeviceChecks.group(groups, "root"), "root");
        note(DeviceChecks.group(groups, "eve"), "eve is not in it");
        assertThat(DeviceChecks.group(groups, "eve").mend()).contains("sudo usermod -a -G dialout eve");
    }

    @Test
    void buses() throws Exception {
        note(DeviceChecks.buses(home, "ann").getFirst(), "no Raspberry Pi");
        file("proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0");
        file("boot/firmware/config.txt", "dtparam=i2c_arm=on\n");
        List<Finding> off = DeviceChecks.buses(home, "ann");
        wrong(off.get(0), "switched off", "put dtparam=spi=on into /boot/firmware/config.txt");
        wrong(off.get(1), "although /boot/firmware/config.txt has dtparam=i2c_arm=on", "sudo reboot");
        wrong(off.get(2), "no /dev/gpiochip0", "kernel");
        file("dev/spidev0.0", "");
        file("dev/i2c-1", "");
        file("dev/gpiochip0", "");
        DeviceChecks.buses(home, "ann").forEach(finding -> fine(finding, "you may use it"));
    }

    @Test
    void nobodyAtTheBroker() {
        wrong(
                DeviceChecks.broker(Broker.open("127.0.0.1", Mosquitto.freePort()), null)
                        .getFirst(),
                "nobody listens",
                "start the broker");
    }

    @Test
    void peers() {
        fine(HostChecks.peer("ngspice", "version 39", "used", "apt"), "version 39; used");
        note(HostChecks.peer("ngspice", null, "used", "apt"), "not there; used");
    }

    @Test
    void theCommandTellsAllAndEndsByWhatIsWrong() throws Exception {
        JsonNode json = Session.plain(
                        "doctor",
                        "--json",
                        "--runs",
                        "/proc/runs",
                        home.resolve("none").toString())
                .ended(Main.FAILED)
                .json();
        assertThat(json.get("wrong").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(StreamSupport.stream(json.get("checks").spliterator(), false)
                        .map(check -> check.get("verdict").asString()))
                .containsAnyOf("fine")
                .contains("wrong");
        for (JsonNode check : json.get("checks")) {
            if (check.get("verdict").asString().equals("wrong")) {
                assertThat(check.get("mend").asString()).as(check.toString()).isNotEmpty();
            }
        }
        assertThat(Session.plain("doctor", "twin:resistor-array-v1")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("is no serial port");
        assertThat(Session.plain("doctor", "--name", "board-7")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--broker URL");
    }
}
