package org.homeostat.link;

import com.fazecast.jSerialComm.SerialPort;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.homeostat.fixtures.EchoPeer;

/**
 * Measures round trips of 32 bytes over a pseudo terminal that echoes: over a {@link SerialLink} with much and with little
 * time left, over jSerialComm's own blocking read, over the system's read and write, and over a child process. All ways take
 * turns, so that they meet the same weather.
 *
 * <p>Run it with the test class path and {@code --enable-native-access=ALL-UNNAMED}; the arguments are trips per turn and
 * turns.
 */
final class LinkLatency {

    private static final int BYTES = 32;

    /** One round trip. */
    private interface Way {
        void trip(byte[] message, byte[] back) throws Exception;
    }

    private record Named(String name, Way way, long[] nanos) {}

    private LinkLatency() {}

    public static void main(String[] arguments) throws Exception {
        int trips = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5000;
        int turns = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        try (PtyLink first = PtyLink.open();
                PtyLink second = PtyLink.open();
                PtyLink third = PtyLink.open();
                EchoPeer one = new EchoPeer(first);
                EchoPeer two = new EchoPeer(second);
                EchoPeer three = new EchoPeer(third);
                Link serial = SerialLink.open(first.path(), SerialLink.BAUD, true);
                Link process = ProcessLink.open("cat")) {
            SerialPort raw = SerialPort.getCommPort(second.path());
            raw.setComPortTimeouts(SerialPort.TIMEOUT_READ_BLOCKING, 1000, 0);
            if (!raw.openPort(0)) {
                throw new IllegalStateException("raw port");
            }
            Posix posix = Posix.here("a pseudo terminal");
            Posix.Scratch scratch = new Posix.Scratch(4096);
            int file = posix.openTerminal(scratch, third.path(), true);
            Named[] ways = {
                named("SerialLink, 1 s left", trips * turns, over(serial, TimeUnit.SECONDS.toNanos(1))),
                named("SerialLink, 20 ms left", trips * turns, over(serial, TimeUnit.MILLISECONDS.toNanos(20))),
                named("jSerialComm, blocking", trips * turns, (message, back) -> {
                    raw.writeBytes(message, BYTES);
                    int done = 0;
                    while (done < BYTES) {
                        done += raw.readBytes(back, BYTES - done, done);
                    }
                }),
                named("read and write", trips * turns, (message, back) -> {
                    Posix.copyIn(scratch, message, 0, BYTES);
                    posix.write(scratch, file, BYTES);
                    int done = 0;
                    while (done < BYTES) {
                        int count = posix.read(scratch, file, BYTES - done);
                        Posix.copyOut(scratch, back, done, count);
                        done += count;
                    }
                }),
                named("ProcessLink over cat", trips * turns, over(process, TimeUnit.SECONDS.toNanos(1)))
            };
            for (Named way : ways) {
                turn(way, trips, -1);
            }
            for (int turn = 0; turn < turns; turn++) {
                for (Named way : ways) {
                    turn(way, trips, turn);
                }
            }
            for (Named way : ways) {
                Arrays.sort(way.nanos);
                System.out.printf(
                        Locale.ROOT,
                        "%-24s median %6.1f us  p99 %7.1f us%n",
                        way.name,
                        way.nanos[way.nanos.length / 2] * 1e-3,
                        way.nanos[(int) (way.nanos.length * 0.99)] * 1e-3);
            }
            waiting(serial);
            raw.closePort();
            posix.close(scratch, file);
        }
    }

    /** What it costs to wait for nothing. */
    private static void waiting(Link link) throws LinkException {
        for (int millis : new int[] {20, 100, 1000}) {
            long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            long start = System.nanoTime();
            while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(3)) {
                link.read(new byte[BYTES], 0, BYTES, TimeUnit.MILLISECONDS.toNanos(millis));
            }
            double share = (double) (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu)
                    / (System.nanoTime() - start);
            System.out.printf(
                    Locale.ROOT, "waiting in vain, %4d ms at a time: %.2f %% of a core%n", millis, 100 * share);
        }
    }

    private static Named named(String name, int trips, Way way) {
        return new Named(name, way, new long[trips]);
    }

    private static Way over(Link link, long nanos) {
        return (message, back) -> {
            link.write(message, 0, BYTES, nanos);
            int done = 0;
            while (done < BYTES) {
                done += link.read(back, done, BYTES - done, nanos);
            }
        };
    }

    private static void turn(Named way, int trips, int turn) throws Exception {
        byte[] message = LinkContract.noise(BYTES);
        byte[] back = new byte[BYTES];
        for (int i = 0; i < trips; i++) {
            message[0] = (byte) i;
            long start = System.nanoTime();
            way.way.trip(message, back);
            long nanos = System.nanoTime() - start;
            if (!Arrays.equals(message, back)) {
                throw new IllegalStateException(way.name + ": the echo differs");
            }
            if (turn >= 0) {
                way.nanos[turn * trips + i] = nanos;
            }
        }
    }
}
