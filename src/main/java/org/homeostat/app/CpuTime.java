package org.homeostat.app;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Processor time, of this program and of others, in seconds; what else the machine does is not in it. */
final class CpuTime {

    private static final com.sun.management.OperatingSystemMXBean MACHINE =
            (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private CpuTime() {}

    /** Of the calling thread, to the nanosecond. */
    static double ofThisThread() {
        return 1e-9 * ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** Of this program with its compiler and its collector, to about a hundredth of a second. */
    static double ofThisProgram() {
        return 1e-9 * MACHINE.getProcessCpuTime();
    }

    /**
     * Of another process that still runs: to the nanosecond where the system tells so (Linux), else as the JDK knows it.
     *
     * @throws IOException if the process is gone or the system does not tell
     */
    static double of(ProcessHandle process) throws IOException {
        Path tasks = Path.of("/proc", String.valueOf(process.pid()), "task");
        if (Files.exists(tasks.resolve(String.valueOf(process.pid())).resolve("schedstat"))) {
            List<Path> threads;
            try (Stream<Path> listed = Files.list(tasks)) {
                threads = listed.toList();
            }
            double seconds = 0;
            for (Path thread : threads) {
                // Time on a processor, time waiting for one (both in ns), and turns.
                String told = Files.readString(thread.resolve("schedstat"));
                seconds += 1e-9 * Long.parseLong(told.substring(0, told.indexOf(' ')));
            }
            return seconds;
        }
        Duration known = process.info()
                .totalCpuDuration()
                .orElseThrow(() -> new IOException("this system does not tell the processor time of process "
                        + process.pid() + ", which may have ended"));
        return 1e-9 * known.toNanos();
    }

    /** The most memory that a process has held at once, in bytes; NaN where the system does not tell. */
    static double mostMemory(ProcessHandle process) throws IOException {
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        if (!Files.exists(status)) {
            return Double.NaN;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) {
                return 1024
                        * Double.parseDouble(line.substring(6).replace("kB", "").strip());
            }
        }
        return Double.NaN;
    }
}
