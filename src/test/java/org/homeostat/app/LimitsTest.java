package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.homeostat.app.Session.Ended;
import org.homeostat.catalog.ExperimentFile;
import org.homeostat.device.DeviceException;
import org.homeostat.device.DeviceException.Fault;
import org.homeostat.device.Role;
import org.homeostat.journal.Exchange;
import org.homeostat.journal.Journal;
import org.homeostat.journal.JournalReader;
import org.homeostat.run.Experiment;
import org.homeostat.run.RunFolder;
import org.homeostat.run.RunRecord.Status;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Safety limits, from the file to the exit code. */
class LimitsTest {

    @TempDir
    Path home;

    private Session session;

    @BeforeEach
    void begin() {
        session = new Session(home);
    }

    private Path experiment(String limits) throws IOException {
        session.clouds(40);
        return session.file("experiment.yaml", """
                experiment: clouds
                device: twin:resistor-array-v1
                data: {csv: clouds.csv, target: kind}
                epochs: 2
                limits: %s
                """.formatted(limits));
    }

    @Test
    void whatLiesOutsideStopsTheRunWithItsOwnExitCode() throws IOException {
        Ended ended = session.run(
                        "train", experiment("{input: {min: -1.0, max: 1.0}}").toString())
                .ended(4);
        assertThat(ended.err())
                .contains("lies outside its safety limits -1.00000 .. 1.00000 V", "make the signals smaller");
        assertThat(ended.out()).isEmpty();
        RunFolder run = session.latest();
        assertThat(run.record().status()).isEqualTo(Status.FAILED);
        assertThat(session.run("train", "--resume", "latest")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("cannot be taken up: channel x");
    }

    @Test
    void slewsAreWalkedAndWrittenDownAndReplayed() throws IOException {
        session.run(
                        "train",
                        experiment("{input: {slew: 0.75}, parameter: {slew: 0.1e-3}}")
                                .toString())
                .ended(Main.DONE);
        List<Exchange> exchanges = exchanges(session.latest());
        double[] before = new double[4];
        double most = 0;
        for (Exchange exchange : exchanges) {
            if (exchange.stimulus().levels().has(Role.INPUT)) {
                double[] now = exchange.stimulus().levels().row(Role.INPUT);
                for (int i = 0; i < now.length; i++) {
                    most = Math.max(most, Math.abs(now[i] - before[i]));
                }
                before = now;
            }
        }
        // A step of the converter is 2 mV.
        assertThat(most).isBetween(0.7, 0.752);
        assertThat(session.run("replay", "latest").ended(Main.DONE).code()).isZero();
    }

    @Test
    void aRunWithLimitsIsTakenUpBitForBit() throws IOException {
        Path file = experiment("{input: {slew: 0.75}, nudge: {slew: 50.0e-6}}");
        Experiment experiment = ExperimentFile.read(file, null, Interrupted.catalog(session));
        RunFolder whole = Interrupted.after(Integer.MAX_VALUE, session, experiment, Duration.ofHours(1));
        RunFolder stopped = Interrupted.after(17, session, experiment, Duration.ofHours(1));
        assertThat(stopped.record().status()).isEqualTo(Status.INTERRUPTED);
        session.run("train", "--resume", stopped.name()).ended(Main.DONE);
        assertThat(exchanges(stopped).equals(exchanges(whole)))
                .as("the same exchanges")
                .isTrue();
        assertThat(stopped.parameters().orElseThrow())
                .containsExactly(whole.parameters().orElseThrow());
    }

    @Test
    void limitsThatDoNotFitAreRefusedBeforeAnythingIsWritten() throws IOException {
        assertThat(session.run("train", experiment("{input: {max: 5.0}}").toString())
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("limits: channel x1: expected an envelope inside its range");
        assertThat(session.run("train", experiment("{knob: {max: 1.0}}").toString())
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("no channels of role knob");
        assertThat(session.run("train", experiment("{input: {slew: -1}}").toString())
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("line 5, limits.input.slew: expected a number above 0, not -1.0");
        assertThat(session.contents()).isEmpty();
    }

    /** What broke comes first, what that means for whoever stands beside the board comes after. */
    @Test
    void thatTheSafeLevelsWereNotConfirmedIsSaidInASentenceOfItsOwn() throws Exception {
        DeviceException broken = new DeviceException(Fault.DISCONNECTED, "the cable was pulled");
        broken.addSuppressed(new DeviceException(Fault.DISCONNECTED, "could not confirm; check the board by hand"));
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine();
        line.setErr(new PrintWriter(err));
        assertThat(line.getExecutionExceptionHandler().handleExecutionException(broken, line, null))
                .isEqualTo(Main.UNREACHABLE);
        assertThat(err.toString().lines())
                .containsExactly(
                        "homeostat: the cable was pulled", "homeostat: could not confirm; check the board by hand");
        DeviceException stopped = new DeviceException(Fault.LIMIT, "too far");
        assertThat(line.getExecutionExceptionHandler().handleExecutionException(stopped, line, null))
                .isEqualTo(4);
    }

    private static List<Exchange> exchanges(RunFolder run) throws IOException {
        List<Exchange> all = new ArrayList<>();
        try (JournalReader reader = Journal.read(run.journal())) {
            for (Exchange next = reader.next(); next != null; next = reader.next()) {
                all.add(next);
            }
        }
        return all;
    }
}
