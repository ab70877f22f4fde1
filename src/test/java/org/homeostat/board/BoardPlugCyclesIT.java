package org.homeostat.board;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Census;
import org.homeostat.fixtures.PlugCycles;
import org.homeostat.link.LinkException;
import org.homeostat.link.PtyLink;
import org.homeostat.link.SerialLink;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The cable between a host and its board is pulled and plugged in again a thousand times. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BoardPlugCyclesIT {

    private static final int CYCLES = 1000;
    private static final double NOTICED_SECONDS = 0.1;
    private static final double CORE_SHARE = 0.05;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    /** A twin that is powered by its cable: plugged in it has just been switched on. */
    private final class Board implements AutoCloseable {
        private final Device twin = new Catalog(new RunStore(folder.resolve("runs")))
                .open("twin:resistor-array-v1")
                .device();
        private PtyLink pty;
        private Thread thread;
        private long boot;

        void plug() throws LinkException {
            PtyLink plugged = PtyLink.open(folder.resolve("board"));
            Served served = new Served(twin, ++boot);
            pty = plugged;
            thread = Thread.ofPlatform().daemon().name("served").start(() -> {
                try {
                    served.serve(plugged, () -> false);
                } catch (LinkException unplugged) {
                    // That is how it ends.
                }
            });
        }

        void unplug() throws InterruptedException {
            pty.close();
            thread.join();
        }

        @Override
        public void close() {
            pty.close();
            twin.close();
        }
    }

    private BoardDevice host() {
        String path = folder.resolve("board").toString();
        return BoardDevice.open(
                "serial:" + path, SerialLink.opener(path, SerialLink.BAUD, true), BoardDevice.Settings.USUAL);
    }

    private static Stimulus inputs(BoardDevice board, double level) {
        double[] row = new double[board.descriptor().count(Role.INPUT)];
        Arrays.fill(row, level);
        return Stimulus.of(Levels.of(Role.INPUT, row));
    }

    private static void cycles(int count, Board board, BoardDevice host, double[] noticed) throws Exception {
        for (int i = 0; i < count; i++) {
            long pulled = System.nanoTime();
            board.unplug();
            while (host.ready() && System.nanoTime() - pulled < PATIENCE.toNanos()) {
                LockSupport.parkNanos(50_000);
            }
            noticed[i] = 1e-9 * (System.nanoTime() - pulled);
            board.plug();
            try {
                // Nothing moves: what was imposed before is no longer where it was.
                host.present(inputs(host, 1), Deadline.in(PATIENCE));
                throw new AssertionError("a board that was restarted took a stimulus before it was armed");
            } catch (DeviceException latched) {
                assertThat(latched.fault()).isEqualTo(Fault.LATCHED);
            }
            host.arm();
            assertThat(host.present(inputs(host, 0.5), Deadline.in(PATIENCE)).outputs(0))
                    .hasSize(3);
        }
    }

    @Test
    void aThousandPullsLeaveNoTrace() throws Exception {
        try (Board board = new Board()) {
            board.plug();
            try (BoardDevice host = host()) {
                host.arm();
                cycles(20, board, host, new double[20]);
                Census before = Census.settled();
                double[] noticed = new double[CYCLES];
                long began = System.nanoTime();
                cycles(CYCLES, board, host, noticed);
                double seconds = 1e-9 * (System.nanoTime() - began);
                Arrays.sort(noticed);
                System.out.printf(
                        Locale.ROOT,
                        "board pulled, plugged in, armed and asked: %s; %.1f ms a cycle%n",
                        new PlugCycles.Report(CYCLES, noticed, 0),
                        1e3 * seconds / CYCLES);
                assertThat(noticed[CYCLES - 1]).isLessThanOrEqualTo(NOTICED_SECONDS);
                assertThat(Census.once(before::equals)).isEqualTo(before);
            }
        }
    }

    @Test
    void waitingForABoardCostsNextToNothing() throws Exception {
        try (Board board = new Board()) {
            board.plug();
            try (BoardDevice host = host()) {
                host.arm();
                // Until everything has been compiled.
                cycles(200, board, host, new double[200]);
                board.unplug();
                Thread.sleep(1000);
                double share = PlugCycles.coreShare(10);
                System.out.printf(Locale.ROOT, "board absent for 10 s: %.2f %% of a core%n", 100 * share);
                assertThat(share).isLessThanOrEqualTo(CORE_SHARE);
                board.plug();
                try {
                    host.present(inputs(host, 1), Deadline.in(PATIENCE));
                    throw new AssertionError("a board that was restarted took a stimulus before it was armed");
                } catch (DeviceException latched) {
                    assertThat(latched.fault()).isEqualTo(Fault.LATCHED);
                }
            }
        }
    }
}
