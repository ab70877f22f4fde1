package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.homeostat.app.Session.Ended;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The command line around calibration. */
final class CalibrateTest {

    private static final String TWIN = "twin:resistor-array-v1?seed=7";

    @TempDir
    Path home;

    private Session session;

    @BeforeEach
    void begin() {
        session = new Session(home);
    }

    private String file(String name) {
        return home.resolve(name).toString();
    }

    private Ended calibrated(String... more) {
        String[] all = new String[2 + more.length];
        all[0] = "calibrate";
        all[1] = TWIN;
        System.arraycopy(more, 0, all, 2, more.length);
        return session.run(all);
    }

    @Test
    void itWritesWhatItFoundAndTheFileIsWorn() {
        JsonNode json = calibrated("--meter", "twin", "--json", "--output", file("a.yaml"))
                .ended(Main.DONE)
                .json();

        assertThat(json.path("channels").size()).isEqualTo(22);
        double max = json.path("channels").path("x3").path("gain").path("value").asDouble() * 4.094
                + json.path("channels").path("x3").path("offset").path("value").asDouble();
        JsonNode probe = session.run("probe", TWIN + "&calibration=" + file("a.yaml"), "--json")
                .ended(Main.DONE)
                .json();
        assertThat(probe.path("channels").path(2).path("max").asDouble()).isEqualTo(max);
    }

    @Test
    void anOlderOneIsComparedAndADriftEndsWithOne() throws IOException {
        calibrated("--meter", "twin", "--output", file("a.yaml")).ended(Main.DONE);

        Ended same = calibrated("--meter", "twin", "--seed", "2", "--against", file("a.yaml"))
                .ended(Main.DONE);
        assertThat(same.out()).contains("0 of 22 channels drifted");

        String text = Files.readString(Path.of(file("a.yaml")));
        int h5 = text.indexOf("  h5:");
        Files.writeString(
                Path.of(file("a.yaml")),
                text.substring(0, h5)
                        + text.substring(h5)
                                .replaceFirst("gain: \\{.*\\}", "gain: {value: 0.990, low: 0.9899, high: 0.9901}"));
        Ended gone = calibrated("--meter", "twin", "--against", file("a.yaml")).ended(Main.FAILED);
        assertThat(gone.out()).contains("h5 has drifted: gain by +0.").contains("1 of 22 channels drifted");
    }

    @Test
    void aRunWearsItAndIsReplayedWithIt() throws IOException {
        calibrated("--meter", "twin", "--output", file("a.yaml")).ended(Main.DONE);
        session.run(
                        "train",
                        "--data",
                        session.clouds(40).toString(),
                        "--target",
                        "kind",
                        "--epochs",
                        "2",
                        "--device",
                        TWIN + "&calibration=" + file("a.yaml"))
                .ended(Main.DONE);

        JsonNode replay =
                session.run("replay", "latest", "--json").ended(Main.DONE).json();
        assertThat(replay.path("sameParameters").asBoolean()).isTrue();
        session.run("evaluate", "latest").ended(Main.DONE);
    }

    @Test
    void aPersonTypesWhatTheMeterShows() {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("-4.1\n0\n4.1\n".getBytes(StandardCharsets.UTF_8)));
            Ended ended = calibrated(
                            "--meter",
                            "typed",
                            "--channel",
                            "x1",
                            "--points",
                            "3",
                            "--output",
                            file("a.yaml"),
                            "--json")
                    .ended(Main.DONE);
            assertThat(ended.err()).contains("x1 is asked for -4.096 V: what does the meter show there, in V?");
            assertThat(ended.json()
                            .path("channels")
                            .path("x1")
                            .path("gain")
                            .path("value")
                            .asDouble())
                    .isBetween(1.0, 1.003);
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void aProgramReadsTheMeter() throws IOException {
        Path meter = session.file("meter.sh", "test \"$1\" = x2 && echo " + "1.25\n");
        Ended ended = calibrated(
                        "--meter", "sh " + meter, "--channel", "x2", "--points", "3", "--output", file("a.yaml"))
                .ended(Main.BAD_INPUT);
        assertThat(ended.err())
                .isEqualTo(
                        "homeostat: channel x2: its gain comes out as 0.0 (0.0 to 0.0), and cannot be told from 0; look "
                                + "whether the reference is at this channel's wire, and in its unit\n");
        assertThat(home.resolve("a.yaml")).doesNotExist();
    }

    @Test
    void notedReadingsDoForAMeter() throws IOException {
        Path noted = session.file("r.csv", "channel,device,true\nx1,-4,-3.99\nx1,0,0.001\nx1,4,3.99\n");
        JsonNode json = calibrated("--readings", noted.toString(), "--output", file("a.yaml"), "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.path("channels").path("x1").path("gain").path("value").asDouble())
                .isBetween(0.9974, 0.9976);
        assertThat(json.path("channels").path("o1").path("noise").path("value").asDouble())
                .isBetween(4e-4, 8e-4);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--meter;twin;--model;twin:x | --meter and --model both say what is true of each channel; give one of them",
                "--points;2 | --points: expected 3 to 10000, not 2",
                "--reads;0 | --reads: expected 1 to 10000, not 0",
                "--channel;q7;--meter;twin | --channel: there is no channel 'q7' on board resistor-array-v1; see what there is "
                        + "with: homeostat probe",
                "--channel;knob;--meter;twin | --channel: board resistor-array-v1 has no channels of role knob",
                "--loop;o1 | --loop: 'o1': expected READ=IMPOSED or READ=FACTOR*IMPOSED, such as o1=0.5*x1",
                "--loop;x1=o1 | --loop: 'x1=o1': expected READ=IMPOSED or READ=FACTOR*IMPOSED, such as o1=0.5*x1; it leads "
                        + "from an input to a channel that is read",
                "--model;twin:springs | --model: twin:springs is no twin of this board with the card d7c3a77d83857d47; expected"
                        + " one, such as twin:resistor-array-v1?specimen=drawing",
                "--against;HOME/none.yaml | HOME/none.yaml: there is no such file; check the path",
                "--readings;HOME/none.csv | --readings: HOME/none.csv: there is no such file; check the path",
                "--specimen;a/b | --specimen: expected letters, digits, full stops, hyphens, not 'a/b'",
                "--meter;exit 3 # | --meter: 'exit 3 #' ended with code 3 for channel x1; expected a command that prints one "
                        + "number",
                "--meter;echo | --meter: 'x1' was printed by 'echo' for channel x1; expected a number in V, such as 1.2345",
            })
    void whatCannotBeUsedIsRefusedInASentence(String arguments, String sentence) {
        Ended ended = calibrated(arguments.replace("HOME", home.toString()).split(";"))
                .ended(Main.BAD_INPUT);

        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).isEqualTo("homeostat: " + sentence.replace("HOME", home.toString()) + "\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "channel,device\\nx1,1 | line 1: expected the columns channel, device, true, not channel, device",
                "channel,device,true\\nx1,1,one | line 2: expected a number, not 'one'",
                "channel,device,true\\nx1,1 | line 2: expected 3 cells, not 2",
                "channel,device,true\\nq1,1,1 | line 2: there is no channel 'q1' on board resistor-array-v1; see what there is "
                        + "with: homeostat probe",
            })
    void readingsThatCannotBeUsedAreRefusedByTheirLine(String text, String sentence) throws IOException {
        Path noted = session.file("r.csv", text.replace("\\n", "\n"));
        Ended ended = calibrated("--readings", noted.toString()).ended(Main.BAD_INPUT);
        assertThat(ended.err()).isEqualTo("homeostat: --readings: " + noted + ", " + sentence + "\n");
    }

    @Test
    void aCalibratedDeviceIsNotCalibratedAgain() {
        calibrated("--output", file("a.yaml")).ended(Main.DONE);
        Ended ended = session.run("calibrate", TWIN + "&calibration=" + file("a.yaml"))
                .ended(Main.BAD_INPUT);
        assertThat(ended.err()).contains("it wears a calibration already; leave out calibration=");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "twin:hopfield-compliant | device 'twin:hopfield-compliant': its specimens are not made of parts set by codes, so "
                        + "that there is nothing of it to fit; expected a twin such as twin:resistor-array-v1",
                "twin:resistor-array-v1;--free;gains | --free: there is no kind 'gains'; expected any of element, wiper, gain, "
                        + "offset, bend, separated by commas",
                "twin:resistor-array-v1;--exchanges;3 | --exchanges: expected 10 to 100000, not 3",
                "twin:resistor-array-v1;--exchanges;12 | twin:resistor-array-v1: expected more readings than quantities, not 150 "
                        + "for 244; make more exchanges, or leave quantities out",
                "twin:resistor-array-v1;--twin;serial:x | device 'serial:x': expected a twin, such as twin:resistor-array-v1",
            })
    void whatCannotBeFittedIsRefusedInASentence(String arguments, String sentence) {
        String[] words = ("twin;fit;" + arguments + ";--output;" + file("s.yaml")).split(";");
        Ended ended = session.run(words).ended(Main.BAD_INPUT);

        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).isEqualTo("homeostat: " + sentence + "\n");
        assertThat(home.resolve("s.yaml")).doesNotExist();
    }
}
