package org.homeostat.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the doctor asks this computer, apart from devices. What a check looks at is handed to it, so that a test can show it
 * both. A trial file that a check makes is gone when it returns.
 */
final class HostChecks {

    private static final int JAVA = 25;
    private static final long MEGABYTE = 1_000_000;

    /** An agent's resident memory after it has exchanged for a while, as src/edge/measure tells. */
    private static final long NEEDED_MEMORY = 100 * MEGABYTE;

    /** A run of a small board writes a few megabytes; below this a longer one may not end. */
    private static final long NEEDED_DISK = 200 * MEGABYTE;

    private static final Pattern RELEASE = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");
    private static final long SECONDS_TO_ANSWER = 5;
    private static final String SET_CLOCK = "sudo timedatectl set-ntp true";

    private HostChecks() {}

    /** The Java that runs this. */
    static Finding java(Runtime.Version version, String home) {
        String seen = "Java " + version + " at " + home;
        return version.feature() >= JAVA
                ? Finding.fine("java", seen)
                : Finding.wrong(
                        "java",
                        seen + ", expected " + JAVA + " or newer",
                        "sudo apt install openjdk-25-jdk-headless, or HOMEOSTAT_JAVA=FOLDER of one that is there");
    }

    /** What the launcher was told. */
    static Finding launcher(Map<String, String> environment) {
        String told = environment.get("HOMEOSTAT_JAVA");
        if (told == null) {
            return Finding.fine("launcher", "HOMEOSTAT_JAVA is not set: it finds a Java by itself");
        }
        Path home = Path.of(told.replaceFirst("/bin/java/?$", ""));
        if (!Files.isExecutable(home.resolve("bin").resolve("java"))) {
            return Finding.wrong(
                    "launcher",
                    "HOMEOSTAT_JAVA is " + told + ", where no bin/java is",
                    "unset HOMEOSTAT_JAVA, or set it to the folder of a JDK " + JAVA);
        }
        try {
            Matcher release = RELEASE.matcher(Files.readString(home.resolve("release")));
            if (release.find() && Integer.parseInt(release.group(1)) < JAVA) {
                return Finding.wrong(
                        "launcher",
                        "HOMEOSTAT_JAVA is " + told + ", a Java " + release.group(1),
                        "unset HOMEOSTAT_JAVA, or set it to the folder of a JDK " + JAVA);
            }
        } catch (IOException untold) {
            return Finding.note("launcher", "HOMEOSTAT_JAVA is " + told + ", which does not say its version", "");
        }
        return Finding.fine("launcher", "HOMEOSTAT_JAVA is " + told);
    }

    /**
     * Memory that is left.
     *
     * @param told the system's own account, {@code /proc/meminfo}
     * @param heap the largest heap that this program may have, in bytes
     */
    static Finding memory(Path told, long heap) {
        long available;
        try {
            Matcher line = Pattern.compile("(?m)^MemAvailable:\\s+(\\d+) kB").matcher(Files.readString(told));
            if (!line.find()) {
                return Finding.note("memory", told + " does not say how much is available", "");
            }
            available = Long.parseLong(line.group(1)) * 1024;
        } catch (IOException elsewhere) {
            return Finding.note("memory", "this system does not say how much is available", "");
        }
        String seen = available / MEGABYTE + " MB available, a heap of at most " + heap / MEGABYTE + " MB";
        return available >= NEEDED_MEMORY
                ? Finding.fine("memory", seen)
                : Finding.wrong(
                        "memory",
                        seen + "; an agent alone takes about " + NEEDED_MEMORY / MEGABYTE,
                        "end other programs (see 'ps aux --sort=-rss | head'), or give less with"
                                + " HOMEOSTAT_JAVA_OPTIONS=-Xmx64m");
    }

    /** Whether programs may run from the temporary folder: the library of serial ports unpacks itself there. */
    static Finding temporary(Path folder) {
        String mend = "HOMEOSTAT_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER, one of your own on a file system without noexec";
        Path trial = null;
        try {
            trial = Files.createTempFile(folder, "homeostat-doctor", ".sh");
            Files.writeString(trial, "#!/bin/sh\nexit 0\n");
            if (!trial.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                return Finding.fine("temporary folder", folder + " can be written");
            }
            Files.setPosixFilePermissions(trial, PosixFilePermissions.fromString("rwx------"));
            Process process = new ProcessBuilder(trial.toString()).start();
            process.waitFor(SECONDS_TO_ANSWER, TimeUnit.SECONDS);
            return Finding.fine("temporary folder", folder + " can be written, and programs run from it");
        } catch (IOException refused) {
            return Finding.wrong(
                    "temporary folder",
                    folder + (trial == null ? " cannot be written" : " lets no program run, likely mounted noexec")
                            + " (" + refused.getMessage() + "), so that no serial port can be opened",
                    mend);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Finding.note("temporary folder", "not looked at to the end", "");
        } finally {
            gone(trial);
        }
    }

    private static void gone(@Nullable Path trial) {
        if (trial != null) {
            try {
                Files.deleteIfExists(trial);
            } catch (IOException kept) {
                trial.toFile().deleteOnExit();
            }
        }
    }

    /** Whether runs can be stored in a folder, which need not be there yet: room, rights, and that what is written lasts. */
    static Finding disk(Path runs) {
        Path folder = runs.toAbsolutePath().normalize();
        while (!Files.exists(folder) && folder.getParent() != null) {
            folder = Objects.requireNonNull(folder.getParent());
        }
        String what = "runs (" + runs + ")";
        if (!Files.isDirectory(folder)) {
            return Finding.wrong(what, folder + " is no folder", "--runs DIR, or mv " + folder + " out of the way");
        }
        Path trial = null;
        try {
            trial = Files.createTempFile(folder, ".homeostat-doctor", null);
            try (FileChannel channel = FileChannel.open(trial, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(new byte[4096]));
                channel.force(true);
            }
            long free = Files.getFileStore(folder).getUsableSpace();
            String seen = folder + " can be written, " + free / MEGABYTE + " MB free";
            return free >= NEEDED_DISK
                    ? Finding.fine(what, seen + ", and what is written lasts (fsync)")
                    : Finding.wrong(what, seen + ", expected " + NEEDED_DISK / MEGABYTE, room(folder));
        } catch (IOException refused) {
            boolean full = String.valueOf(refused.getMessage()).contains("No space");
            return Finding.wrong(
                    what,
                    folder + (full ? " is full" : " cannot be written") + " (" + refused.getMessage() + ")",
                    full
                            ? room(folder)
                            : "sudo chown " + System.getProperty("user.name") + " " + folder
                                    + ", or --runs DIR of your own");
        } finally {
            gone(trial);
        }
    }

    private static String room(Path folder) {
        return "make room (see 'du -sh " + folder + "/* | sort -h'), or --runs DIR on another disk";
    }

    /**
     * Whether the clock can be right, and whether somebody keeps it right.
     *
     * @param now what it shows
     * @param made when this program was made, which is past
     * @param doubt why it cannot be right by the runs that are stored, in words that follow what it shows; null if it can
     * @param asked the command that says {@code yes} or {@code no}: whether it is synchronised
     */
    static Finding clock(Instant now, Instant made, @Nullable String doubt, List<String> asked) {
        if (now.isBefore(made)) {
            return Finding.wrong(
                    "clock",
                    "it shows " + now + ", but this program was made at " + made
                            + ": certificates will seem not valid yet, and runs carry wrong dates",
                    SET_CLOCK + ", or sudo date -s 'YYYY-MM-DD HH:MM'");
        }
        String answer = answer(asked);
        if (doubt != null) {
            String seen = "it shows " + now + ", " + doubt + ", so that 'latest' means that run and no newer one";
            return answer.equals("yes")
                    ? Finding.wrong(
                            "clock",
                            seen + "; it is synchronised now, so it was ahead then",
                            "name runs in full, or mv that run to another folder")
                    : Finding.wrong("clock", seen, SET_CLOCK + ", and until then name runs in full");
        }
        return switch (answer) {
            case "yes" -> Finding.fine("clock", now + ", synchronised");
            case "no" -> Finding.wrong("clock", now + ", not synchronised with any other", SET_CLOCK);
            default -> Finding.note("clock", now + "; whether it is synchronised cannot be told here", "");
        };
    }

    /** What a command prints; empty if it is not there, or does not answer in time. */
    private static String answer(List<String> asked) {
        try {
            Process process =
                    new ProcessBuilder(asked).redirectErrorStream(true).start();
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS_TO_ANSWER, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "";
            }
            return new String(process.getInputStream().readNBytes(1000), StandardCharsets.UTF_8).strip();
        } catch (IOException none) {
            return "";
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /** A program that some benches use. */
    static Finding peer(String name, @Nullable String version, String need, String mend) {
        return version == null
                ? Finding.note(name, "not there; " + need, mend)
                : Finding.fine(name, version + "; " + need);
    }

    /** When this program was made: the time of its own file; the beginning of time where it has none. */
    static Instant made(Class<?> one) {
        try {
            Path file = Path.of(
                    one.getProtectionDomain().getCodeSource().getLocation().toURI());
            return Files.getLastModifiedTime(file).toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (java.net.URISyntaxException | RuntimeException unknown) {
            return Instant.EPOCH;
        }
    }
}
