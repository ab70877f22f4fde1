package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.homeostat.firmware.Firmware;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run whose disk is full from some operation on, or fails at one, or does not force: the board is at its safe levels, the last
 * checkpoint is whole, people read which file it was and how much room there is, and once the disk is well the run goes on; on a twin
 * to the bits that it would have come to. See {@link FailingDisk}, which does it, and {@code sim/lab/disk.c}, which stands between the
 * program and the file system.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "sim/lab/disk.c stands in for the C library of Linux")
@Timeout(3600)
final class DiskFaultsIT {

    /** A run starts in about half as many operations, and then teaches its first steps. */
    private static final int FIRST = 40;

    private static final int LAST = 500;

    /** Every so many of the others; {@code -Dhomeostat.faults=1} for all. */
    private static final int EVERY = Integer.getInteger("homeostat.faults", 25);

    private static final int CONTROL_BYTES = 24 + 4096;

    @TempDir
    Path home;

    @Test
    void aTwinsRunGoesOnToTheSameBits() throws Exception {
        survives("");
    }

    @Test
    void aBoardIsLeftAtItsSafeLevels() throws Exception {
        survives(Firmware.process(Firmware.POSIX).toString());
    }

    private void survives(String board) throws IOException, InterruptedException {
        Path library = Firmware.failingDisk();
        Path control = Files.write(home.resolve("control"), new byte[CONTROL_BYTES]);
        Path said = home.resolve("said");
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-modules=jdk.incubator.vector",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        FailingDisk.class.getName(),
                        home.toRealPath().toString(),
                        control.toString(),
                        board,
                        String.valueOf(FIRST),
                        String.valueOf(LAST),
                        String.valueOf(EVERY))
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().put("LD_PRELOAD", library.toString());
        builder.environment()
                .put("DISK_FOLDER", home.toRealPath().resolve("runs").toString());
        builder.environment().put("DISK_CONTROL", control.toString());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(1, TimeUnit.HOURS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        System.out.print(Files.readString(said));
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        assertThat(Files.readString(said)).contains("FULL, ", "ERROR, ", "UNFORCED, ");
    }
}
