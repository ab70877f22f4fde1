package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.homeostat.app.Session.Ended;

/** The packaged program, run as people run it: each command a process of its own. */
final class Jar {

    /** Far more than any command here takes, even on a busy machine. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Path home;
    private final List<String> java;
    private final Map<String, String> environment;

    Jar(Path home, List<String> options, Map<String, String> environment) {
        this.home = home;
        this.environment = environment;
        java = new ArrayList<>();
        java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Short runs: what starts fast and compiles little.
        java.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        java.addAll(options);
        java.add("-jar");
        java.add(packaged());
    }

    Jar(Path home) {
        this(home, List.of(), Map.of());
    }

    private static String packaged() {
        String jar = System.getProperty("homeostat.jar");
        assertThat(jar)
                .as("the system property homeostat.jar, which 'mvn verify' sets")
                .isNotNull();
        assertThat(Path.of(jar)).exists();
        return jar;
    }

    /** A process that runs. */
    record Running(Process process, Path out, Path err) {
        Ended await() {
            try {
                if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("it did not end in " + PATIENCE + "; it said: " + Files.readString(err));
                }
                return new Ended(
                        process.exitValue(),
                        Files.readString(out, StandardCharsets.UTF_8),
                        Files.readString(err, StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }

        /** Sends a signal by its name, such as INT. */
        void signal(String name) throws IOException, InterruptedException {
            Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
            assertThat(kill.waitFor()).isZero();
        }
    }

    /** Starts a command in this folder. */
    Running start(String... arguments) {
        try {
            List<String> command = new ArrayList<>(java);
            command.addAll(List.of(arguments));
            Path out = Files.createTempFile(home, "out", ".txt");
            Path err = Files.createTempFile(home, "err", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(home.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(environment);
            return new Running(builder.start(), out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Ended run(String... arguments) {
        return start(arguments).await();
    }
}
