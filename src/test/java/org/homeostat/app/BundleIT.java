package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.homeostat.app.Session.Ended;
import org.homeostat.fixtures.Mailbox;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The archive for other machines, unpacked and installed below a folder, as it would be on a Raspberry Pi. */
@EnabledOnOs(OS.LINUX)
class BundleIT {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final String SETTINGS = "HOMEOSTAT_DEVICE=serial:/dev/ttyACM0\n";

    @TempDir
    static Path folder;

    private static Path unpacked;
    private static Path installed;
    private static Path unit;
    private static Path old;
    private static Path settings;

    @BeforeAll
    static void install() throws Exception {
        String archive = System.getProperty("homeostat.bundle");
        assertThat(archive)
                .as("the system property homeostat.bundle, which 'mvn verify' sets")
                .isNotNull();
        Path stage = folder.resolve("stage");
        unpacked = Files.createDirectory(folder.resolve("unpacked"));
        // What an older version has left, and what somebody has set.
        old = Files.createDirectories(stage.resolve("opt/homeostat/lib")).resolve("old-1.0.jar");
        Files.createFile(old);
        settings = Files.createDirectories(stage.resolve("etc/homeostat")).resolve("board-7.conf");
        Files.writeString(settings, SETTINGS);
        ran(Map.of(), "tar", "xzf", archive, "-C", unpacked.toString(), "--strip-components", "1");
        Ended done = ran(
                Map.of("DESTDIR", stage.toString()), unpacked.resolve("install").toString());
        assertThat(done.err()).contains("Installed homeostat ").doesNotContain("could not be made");
        installed = stage.resolve("opt/homeostat");
        unit = stage.resolve("etc/systemd/system/homeostat-agent@.service");
    }

    /** Runs a program with the Java of this test and nothing else of its settings. */
    private static Ended run(Map<String, String> more, String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        Process process = start(more, out, err, command);
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(Arrays.toString(command) + " did not end in " + PATIENCE);
        }
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static Process start(Map<String, String> more, Path out, Path err, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        Map<String, String> environment = builder.environment();
        String path = environment.get("PATH");
        environment.clear();
        environment.put("PATH", path);
        environment.put("HOMEOSTAT_JAVA", System.getProperty("java.home"));
        environment.putAll(more);
        return builder.start();
    }

    private static Ended ran(Map<String, String> more, String... command) throws IOException, InterruptedException {
        Ended ended = run(more, command);
        assertThat(ended.code()).as(ended.err()).isZero();
        return ended;
    }

    private static boolean has(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    @Test
    void itHoldsWhatTheProgramNeedsAndNothingElseAndNamesEachLicence() throws IOException {
        TreeSet<String> needed = new TreeSet<>();
        try (JarFile jar = new JarFile(unpacked.resolve("homeostat.jar").toFile())) {
            for (String entry :
                    jar.getManifest().getMainAttributes().getValue("Class-Path").split(" ")) {
                needed.add(entry.substring("lib/".length()));
            }
        }
        TreeSet<String> held = new TreeSet<>();
        try (Stream<Path> files = Files.list(unpacked.resolve("lib"))) {
            files.forEach(file -> held.add(file.getFileName().toString()));
        }
        assertThat(held).isEqualTo(needed);
        TreeSet<String> licensed = new TreeSet<>();
        List<String> lines = Files.readAllLines(unpacked.resolve("THIRD-PARTY.txt"));
        for (int i = 0; i < lines.size(); i++) {
            String[] coordinates = lines.get(i).split(":");
            if (coordinates.length == 3 && !lines.get(i).startsWith(" ")) {
                licensed.add(coordinates[1] + "-" + coordinates[2] + ".jar");
                assertThat(lines.get(i + 1))
                        .as(lines.get(i))
                        .startsWith("  ")
                        .containsPattern("Apache|MIT|BSD|Eclipse");
            }
        }
        assertThat(licensed).isEqualTo(needed);
        assertThat(unpacked.resolve("LICENSE")).exists();
        assertThat(unpacked.resolve("devices/raspberry-pi.md")).exists();
    }

    @Test
    void itStartsFromAnywhereWithoutMavenAndSaysNothingElse() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("homeostat"), installed.resolve("homeostat"));
        Ended ended = ran(Map.of(), link.toString(), "probe", "twin:resistor-array-v1", "--json");
        assertThat(ended.json().get("board").asString()).isEqualTo("resistor-array-v1");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void whereItIs32BitsItSaysSoInOneSentence() throws Exception {
        for (String machine : List.of("arm", "armv7l")) {
            Ended ended = run(
                    Map.of("HOSTTYPE", machine), installed.resolve("homeostat").toString(), "--version");
            assertThat(ended.code()).isEqualTo(Main.FAILED);
            assertThat(ended.err())
                    .startsWith("homeostat: a 64-bit system is needed")
                    .hasLineCount(1);
        }
    }

    @Test
    void theInstallerMakesAStartUpCacheThatTheLauncherUses() throws Exception {
        Ended ended = ran(
                Map.of("HOMEOSTAT_JAVA_OPTIONS", "-Xlog:class+load"),
                installed.resolve("homeostat").toString(),
                "--version");
        assertThat(ended.out()).contains("org.homeostat.app.Main source: shared objects file");
    }

    @Test
    void aCacheThatNoLongerFitsIsPassedOverInSilence() throws Exception {
        Path copy = folder.resolve("copy");
        ran(Map.of(), "cp", "-a", installed.toString(), copy.toString());
        Files.setLastModifiedTime(copy.resolve("homeostat.jar"), FileTime.from(Instant.now()));
        Ended ended = ran(Map.of(), copy.resolve("homeostat").toString(), "--version");
        assertThat(ended.out()).isEqualTo("homeostat " + version() + System.lineSeparator());
        assertThat(ended.err()).isEmpty();
    }

    private String version() throws IOException {
        try (JarFile jar = new JarFile(installed.resolve("homeostat.jar").toFile())) {
            return jar.getManifest().getMainAttributes().getValue("Implementation-Version");
        }
    }

    @Test
    void anInstallationIsBroughtUpToDateAsAWholeAndSettingsAreKept() throws Exception {
        assertThat(old).doesNotExist();
        assertThat(settings).hasContent(SETTINGS);
        Ended relative = run(
                Map.of("DESTDIR", folder.resolve("stage").toString()),
                unpacked.resolve("install").toString(),
                "here");
        assertThat(relative.code()).isEqualTo(1);
        assertThat(relative.err()).hasLineCount(1).contains("absolute path");
    }

    /** Each setting of the unit is known to systemd, and what it leaves open is little. */
    @Test
    void systemdUnderstandsTheUnit() throws Exception {
        assumeTrue(has("systemd-analyze"), "systemd-analyze is not installed (Debian: systemd)");
        Path checked = Files.createDirectory(folder.resolve("unit")).resolve("homeostat-agent@.service");
        String text = Files.readString(unit);
        assertThat(text).contains("ExecStart=/opt/homeostat/homeostat agent ");
        Files.writeString(
                checked,
                text.replace(
                        "/opt/homeostat/homeostat",
                        installed.resolve("homeostat").toString()));
        Ended verified =
                ran(Map.of(), "systemd-analyze", "verify", "--man=no", "--recursive-errors=no", checked.toString());
        assertThat(verified.err()).doesNotContain("homeostat-agent");
        ran(Map.of(), "systemd-analyze", "security", "--offline=true", "--threshold=20", checked.toString());
    }

    /** What a service manager does and hears, without a board that can be reached and without a broker. */
    @Test
    void anAgentTellsItsServiceManagerHowItIsAndEndsWhenItIsTold() throws Exception {
        String socket = folder.resolve("notify").toString();
        Map<String, String> managed = new LinkedHashMap<>();
        managed.put("NOTIFY_SOCKET", socket);
        managed.put("WATCHDOG_USEC", "400000");
        managed.put("STATE_DIRECTORY", folder.resolve("state").toString());
        Path err = folder.resolve("agent.err");
        try (Mailbox manager = new Mailbox(socket)) {
            Process agent = start(
                    managed,
                    folder.resolve("agent.out"),
                    err,
                    installed.resolve("homeostat").toString(),
                    "agent",
                    "--device",
                    "serial:" + folder.resolve("nothing"),
                    "--broker",
                    "mqtt://127.0.0.1:1",
                    "--name",
                    "board-7");
            try {
                assertThat(heard(manager, "READY=1")).contains("\nSTATUS=");
                heard(manager, "WATCHDOG=1");
                heard(manager, "WATCHDOG=1");
                // As systemd does: the launcher has become the program, so the process is the one that was started.
                assertThat(agent.toHandle().children()).isEmpty();
                agent.destroy();
                assertThat(heard(manager, "STOPPING=1")).contains("\nSTATUS=");
                assertThat(agent.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(agent.exitValue())
                        .as(Files.readString(err, StandardCharsets.UTF_8))
                        .isZero();
            } finally {
                agent.destroyForcibly();
            }
        }
    }

    /** The next notice that says this; what else was said before it is passed over. */
    private static String heard(Mailbox manager, String word) {
        for (int i = 0; i < 1000; i++) {
            String notice = manager.next(PATIENCE).orElseThrow(() -> new AssertionError(word + " was never said"));
            if (notice.lines().anyMatch(word::equals)) {
                return notice;
            }
        }
        throw new AssertionError(word + " was not said among a thousand notices");
    }
}
