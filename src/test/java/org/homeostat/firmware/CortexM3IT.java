package org.homeostat.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.link.SerialLink;
import org.homeostat.wire.Message.Alive;
import org.homeostat.wire.Message.Arm;
import org.homeostat.wire.Message.Armed;
import org.homeostat.wire.Message.Beat;
import org.homeostat.wire.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The same core on a second bare processor, in QEMU. Its analog part is a stand-in that averages: what is tried here is that
 * the protocol runs on 32 bits without a C library, not what a board would read.
 */
final class CortexM3IT {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Pattern TERMINAL = Pattern.compile("(/dev/\\S+)");

    private Process qemu;
    private String path;

    @BeforeEach
    void start() throws IOException {
        String elf = Firmware.cortexM3().toString();
        qemu = new ProcessBuilder(
                        "qemu-system-arm",
                        "-M",
                        "lm3s6965evb",
                        "-nographic",
                        "-monitor",
                        "none",
                        "-serial",
                        "pty",
                        "-kernel",
                        elf)
                .redirectErrorStream(true)
                .start();
        BufferedReader said = qemu.inputReader();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            Matcher terminal = TERMINAL.matcher(line);
            if (line.contains("redirected") && terminal.find()) {
                path = terminal.group(1);
                return;
            }
        }
        throw new AssertionError("qemu-system-arm ended without a terminal");
    }

    @AfterEach
    void stop() {
        if (qemu != null) {
            qemu.destroyForcibly().onExit().join();
        }
    }

    private static Stimulus inputs(Descriptor card, double level) {
        double[] row = new double[card.count(Role.INPUT)];
        Arrays.fill(row, level);
        return Stimulus.of(Levels.of(Role.INPUT, row));
    }

    @Test
    void aWholeStepInOneRoundTrip() {
        try (BoardDevice board =
                BoardDevice.open(path, SerialLink.opener(path, SerialLink.BAUD, true), BoardDevice.Settings.USUAL)) {
            board.arm();
            Descriptor card = board.descriptor();
            assertThat(card.board()).isEqualTo("resistor-array-v1");
            double[] parameters = card.channels(Role.PARAMETER).stream()
                    .mapToDouble(g -> 0.5 * (g.min() + g.max()))
                    .toArray();
            // x outweighs -x, or every node would stand at 0.
            for (int k = 0; k < 120; k += 2) {
                parameters[k] = card.channels(Role.PARAMETER).get(k).max();
            }
            Levels target = Levels.of(Role.OUTPUT, 1.5, 1.5, 1.5);
            Stimulus free = inputs(card, 1).with(inputs(card, 1).levels().and(Levels.of(Role.PARAMETER, parameters)));
            List<Response> step = board.presentAll(
                    List.of(
                            free,
                            free.with(Levels.NONE).nudged(new Nudge.Difference(-0.1, target)),
                            free.with(Levels.NONE).nudged(new Nudge.Difference(0.1, target))),
                    Deadline.in(PATIENCE));
            for (int k = 0; k < card.count(Role.OUTPUT); k++) {
                double stands = step.get(0).outputs(0)[k];
                assertThat(stands).isBetween(0.01, 1.4);
                assertThat(step.get(1).outputs(0)[k]).isLessThan(stands);
                assertThat(step.get(2).outputs(0)[k]).isGreaterThan(stands);
            }
            // The same question gives the same answer.
            assertThat(board.present(inputs(card, 1), Deadline.in(PATIENCE)).outputs(0))
                    .containsExactly(step.getFirst().outputs(0));
        }
    }

    @Test
    void aSilentHostLatchesIt() throws IOException {
        Descriptor card;
        try (BoardDevice board =
                BoardDevice.open(path, SerialLink.opener(path, SerialLink.BAUD, true), BoardDevice.Settings.USUAL)) {
            card = board.descriptor();
        }
        try (Stranger host = new Stranger(SerialLink.open(path, SerialLink.BAUD, true), card, 1)) {
            long arming = host.welcome().state().arming() + 1;
            Armed armed = (Armed) host.ask(new Arm(arming, 200, List.of()));
            assertThat(armed.state().armed()).isTrue();
            LockSupport.parkNanos(Duration.ofMillis(600).toNanos());
            Alive alive = (Alive) host.ask(new Beat());
            assertThat(alive.state().armed()).isFalse();
            assertThat(alive.state().reason()).isEqualTo(Reason.SILENCE);
        }
    }
}
