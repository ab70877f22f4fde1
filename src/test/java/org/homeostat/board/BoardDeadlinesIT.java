package org.homeostat.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.homeostat.board.BoardDevice.Settings;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Deadline;
import org.homeostat.device.DeviceException;
import org.homeostat.link.PtyLink;
import org.homeostat.link.SerialLink;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How long callers really wait for a board that does not answer, on a pseudo terminal. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BoardDeadlinesIT {

    private static final int TRIALS = 40;
    private static final Duration LIMIT = Duration.ofMillis(200);
    private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);
    private static final Settings SETTINGS = new Settings(Duration.ofMillis(500), LIMIT);
    private static final double BEYOND_SECONDS = 0.05;

    @TempDir
    Path folder;

    /** Something that takes time. */
    private interface Call {
        void make() throws Exception;
    }

    private static double beyond(Duration limit, Call call) throws Exception {
        long began = System.nanoTime();
        call.make();
        return 1e-9 * (System.nanoTime() - began - limit.toNanos());
    }

    /** Loads what a first failure needs, which is not what is measured. */
    @BeforeAll
    static void load() {
        assertThatExceptionOfType(DeviceException.class).isThrownBy(() -> {
            throw new DeviceException(DeviceException.Fault.TIMEOUT, "none");
        });
    }

    private static void report(String what, double[] beyond) {
        Arrays.sort(beyond);
        System.out.printf(
                Locale.ROOT,
                "%s: returned after the limit by: median %.1f ms, p90 %.1f ms, p100 %.1f ms%n",
                what,
                1e3 * beyond[TRIALS / 2],
                1e3 * beyond[9 * TRIALS / 10],
                1e3 * beyond[TRIALS - 1]);
        // One in ten may meet a pause of the machine.
        assertThat(beyond[9 * TRIALS / 10]).isLessThanOrEqualTo(BEYOND_SECONDS);
    }

    private BoardDevice host(PtyLink pty) {
        return BoardDevice.open("serial:" + pty.path(), SerialLink.opener(pty.path(), SerialLink.BAUD, true), SETTINGS);
    }

    @Test
    void nothingThereIsGivenUpInTime() throws Exception {
        double[] beyond = new double[TRIALS];
        for (int i = 0; i < TRIALS; i++) {
            try (PtyLink mute = PtyLink.open()) {
                beyond[i] = beyond(
                        LIMIT,
                        () -> assertThatExceptionOfType(DeviceException.class).isThrownBy(() -> host(mute)));
            }
        }
        report("opening what does not answer", beyond);
    }

    @Test
    void aBoardThatFellSilentIsGivenUpInTime() throws Exception {
        double[] presented = new double[TRIALS];
        double[] closed = new double[TRIALS];
        for (int i = 0; i < TRIALS; i++) {
            try (PtyLink pty = PtyLink.open();
                    var twin = new Catalog(new RunStore(folder))
                            .open("twin:resistor-array-v1")
                            .device()) {
                boolean[] dead = {false};
                Thread server = Thread.ofPlatform().start(() -> {
                    try {
                        new Served(twin, 1).serve(pty, () -> dead[0]);
                    } catch (Exception ended) {
                        throw new IllegalStateException(ended);
                    }
                });
                BoardDevice board = host(pty);
                board.arm();
                board.present(board.descriptor().safe(), Deadline.NEVER);
                dead[0] = true;
                server.join();
                presented[i] = beyond(
                        LIMIT,
                        () -> assertThatExceptionOfType(DeviceException.class)
                                .isThrownBy(
                                        () -> board.present(board.descriptor().safe(), Deadline.in(LIMIT))));
                closed[i] = beyond(CLOSE_LIMIT, board::close);
            }
        }
        report("asking a board that fell silent", presented);
        report("closing it", closed);
    }
}
