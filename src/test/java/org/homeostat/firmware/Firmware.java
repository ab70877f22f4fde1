package org.homeostat.firmware;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The reference firmware, built once per test run by its own makefiles, and programs that run it. Where a compiler or a
 * library is missing the test that asks is skipped with a sentence that names it.
 */
public final class Firmware {

    /** The firmware as a process. */
    public static final String POSIX = "build/homeostat-posix";

    /** The same, with the address and undefined-behaviour sanitizers. */
    public static final String SANITIZED = "build/homeostat-posix-sanitized";

    private static final Path REFERENCE = Path.of("firmware-protocol", "reference");
    private static final Path LAB = Path.of("sim", "lab");
    private static final Map<String, Path> BUILT = new HashMap<>();

    private Firmware() {}

    /** The program {@link #POSIX} or {@link #SANITIZED}. */
    public static Path process(String target) {
        return built(REFERENCE, target);
    }

    /** Skips the test that asks where the emulated bench cannot be built. To be asked in the test's own thread. */
    public static void requireBench() {
        lab();
        elf();
    }

    /** The program that emulates the bench. */
    static Path lab() {
        requireTools("gcc", "make");
        Said tools = said(List.of("make", "-s", "-C", LAB.toString(), "tools"));
        assumeTrue(tools.exit == 0, tools.text.lines().findFirst().orElse("make -C sim/lab tools failed"));
        return built(LAB, "build/lab");
    }

    /** A disk that fails, to be preloaded. */
    public static Path failingDisk() {
        return built(LAB, "build/disk.so");
    }

    /** The firmware for the microcontroller of the bench. */
    static Path elf() {
        return built(LAB, "build/resistor-array-v1.elf");
    }

    /** The firmware for a Cortex-M3 and, on this machine, what emulates one. */
    static Path cortexM3() {
        requireTools("arm-none-eabi-gcc", "qemu-system-arm");
        return built(REFERENCE.resolve(Path.of("ports", "cortex-m3")), "build/homeostat-cortex-m3.elf");
    }

    private static synchronized Path built(Path folder, String target) {
        return BUILT.computeIfAbsent(folder + "/" + target, key -> {
            requireTools("gcc", "make");
            Said made = said(List.of("make", "-s", "-C", folder.toString(), target));
            if (made.exit != 0) {
                throw new AssertionError("make -C " + folder + " " + target + " failed: " + made.text);
            }
            return folder.resolve(target).toAbsolutePath();
        });
    }

    private static void requireTools(String... tools) {
        for (String tool : tools) {
            boolean there = List.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)).stream()
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
            assumeTrue(
                    there,
                    "The firmware cannot be built: the program " + tool + " is not installed: apt-get install " + tool);
        }
    }

    private record Said(int exit, String text) {}

    private static Said said(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Said(process.waitFor(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while building", e);
        }
    }

    /** A process that has said READY; ended by its own handle, with this program at the latest. */
    static final class Running implements AutoCloseable {

        private final Process process;
        private final Path errors;
        private final Thread reaper;

        Running(List<String> command, Path errors) {
            this.errors = errors;
            try {
                // Its input stays open: an emulated bench ends with it, and so with this program.
                process = new ProcessBuilder(command)
                        .redirectError(errors.toFile())
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            reaper = new Thread(process::destroyForcibly);
            Runtime.getRuntime().addShutdownHook(reaper);
            awaitReady(command);
        }

        private void awaitReady(List<String> command) {
            try {
                BufferedReader out =
                        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                String line = out.readLine();
                if (line == null || !line.startsWith("READY")) {
                    close();
                    throw new AssertionError(
                            String.join(" ", command) + " said " + line + " and " + Files.readString(errors));
                }
            } catch (IOException e) {
                close();
                throw new UncheckedIOException(e);
            }
        }

        long pid() {
            return process.pid();
        }

        /** Ends it as a power cut does. */
        void kill() {
            try {
                process.destroyForcibly().waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** What it has said on standard error so far. */
        String errors() {
            try {
                return Files.readString(errors);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            process.destroy();
            try {
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
                Runtime.getRuntime().removeShutdownHook(reaper);
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            } catch (IllegalStateException ending) {
                // This program ends, and the hook runs anyway.
            }
        }
    }

    /** The words of a command line. */
    static List<String> words(Object... words) {
        List<String> all = new ArrayList<>();
        for (Object word : words) {
            all.add(word.toString());
        }
        return all;
    }
}
