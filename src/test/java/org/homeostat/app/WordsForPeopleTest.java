package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.homeostat.app.Session.Ended;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Without {@code --json} results go to standard output in words, and all else to standard error. */
final class WordsForPeopleTest {

    @TempDir
    Path home;

    private Session session;

    @BeforeEach
    void begin() {
        session = new Session(home);
    }

    @Test
    void trainSaysHowWellItWentAndWhereItIs() throws IOException {
        Ended ended = session.trained();

        assertThat(ended.out().lines().toList())
                .hasSize(5)
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("twin:resistor-array-v1 taught clouds by aeqprop-centered"),
                        line -> assertThat(line)
                                .matches("  test +accuracy [0-9.]+ %, loss [0-9.]+, 10 rows   "
                                        + "\\(a linear classifier: [0-9.]+ %\\)"),
                        line -> assertThat(line).matches("  training +accuracy [0-9.]+ %, loss [0-9.]+, 30 rows"),
                        line -> assertThat(line)
                                .matches("  156 parameters, 2 epochs, 221 exchanges with the device, [0-9.]+ s"),
                        line -> assertThat(line)
                                .isEqualTo("  stored as " + session.latest().path()));
        assertThat(ended.err())
                .contains(
                        "Teaching twin:resistor-array-v1, a simulated board large enough for 2 features and 2 outputs.")
                .contains("epoch 2/2  loss ");
    }

    @Test
    void demoDrawsAMapOfTheClasses() {
        List<String> lines = session.run("demo").ended(Main.DONE).out().lines().toList();

        assertThat(lines.subList(0, 22)).allSatisfy(line -> assertThat(line).matches("  [. o#X]{0,64}"));
        assertThat(String.join("", lines.subList(0, 22))).contains(".", " ", "o", "#");
        assertThat(lines.get(22)).contains("o upper # lower", "X answered wrongly");
        assertThat(lines).anySatisfy(line -> assertThat(line).contains("a linear classifier: "));
        // The map asks a device of its own: the run's journal ends with the run.
        assertThat(session.run("replay", "latest").ended(Main.DONE).out())
                .contains("36401 exchanges answered from the journal", "bit for bit");
    }

    @Test
    void noColoursWhereNobodySeesThem() {
        Ended ended = session.run("demo");

        assertThat(ended.out()).doesNotContain("\033");
        assertThat(ended.err()).doesNotContain("\033");
    }

    @Test
    void runsAreListedInColumns() throws IOException {
        assertThat(session.run("runs", "list").ended(Main.DONE).out())
                .isEqualTo("there are no runs in " + session.runs() + "; train one with 'homeostat demo'\n");
        session.trained();
        session.run(
                        "train",
                        "--data",
                        session.plane(40).toString(),
                        "--target",
                        "height",
                        "--epochs",
                        "1",
                        "--learner",
                        "spsa")
                .ended(Main.DONE);

        List<String> lines =
                session.run("runs", "list").ended(Main.DONE).out().lines().toList();

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0))
                .matches("\\S+-clouds  done  test +[0-9.]+ %  +\\S{2}  aeqprop-centered  twin:resistor-array-v1");
        assertThat(lines.get(1)).matches("\\S+-plane +done  test R2 -?[0-9.]+  +\\S+ +spsa +twin:resistor-array-v1");
        assertThat(lines.get(0).indexOf("  done")).isEqualTo(lines.get(1).lastIndexOf("  done"));
        assertThat(lines.get(0).indexOf("twin:")).isEqualTo(lines.get(1).indexOf("twin:"));
    }

    @Test
    void oneDamagedRunDoesNotHideTheOthers() throws IOException {
        session.trained();
        Path damaged = session.latest().path();
        session.trained();
        Files.writeString(damaged.resolve("run.json"), "{");

        Ended ended = session.run("runs", "list").ended(Main.DONE);

        assertThat(ended.out().lines().toList())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo(damaged.getFileName() + "  unreadable"),
                        line -> assertThat(line).contains("  done "));
        assertThat(ended.err()).contains("homeostat: " + damaged.resolve("run.json"));
        assertThat(session.run("runs", "list", "--json")
                        .json()
                        .get("runs")
                        .get(0)
                        .get("status")
                        .asString())
                .isEqualTo("unreadable");
    }

    @Test
    void showTellsWhatDecidedARun() throws IOException {
        session.trained();

        assertThat(session.run("runs", "show", "latest").ended(Main.DONE).out())
                .contains("taught clouds by aeqprop-centered", "begun 2", "seed 1", "beta=", "cost=cross_entropy")
                .contains("loss ", "accuracy ", "stored as ")
                .doesNotContain("Teaching[");
    }

    @Test
    void probeShowsChannelsWithReadableUnits() {
        assertThat(session.run("probe", "twin:resistor-array-v1")
                        .ended(Main.DONE)
                        .out())
                .contains("input         4  x1 .. x4          -4.096 V .. 4.094 V      4096 codes, steps up to 2 mV")
                .contains("-204.8 µA .. 204.7 µA")
                .contains("settles in 50 µs");
    }

    @Test
    void predictionsAreOneALine() throws IOException {
        session.run("train", "--data", session.clouds(40).toString(), "--target", "kind", "--epochs", "6");
        Path ask = session.file("ask.csv", "x,y\n-3,-3\n3,3\n-2,-3\n");

        Ended ended = session.run("predict", "latest", "--data", ask.toString()).ended(Main.DONE);

        assertThat(ended.out()).isEqualTo("low\nhigh\nlow\n");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void replayTellsThatTheProgramOrTheRecordChanged() throws IOException {
        session.trained();
        Path json = session.latest().path().resolve("run.json");
        String stored = Files.readString(json);
        double loss = session.latest().record().result().test().loss();
        Files.writeString(json, stored.replace(String.valueOf(loss), String.valueOf(Math.nextUp(loss))));

        Ended ended = session.run("replay", "latest").ended(Main.FAILED);

        assertThat(ended.out()).contains("the result differs from the stored one");
    }

    @ParameterizedTest
    @CsvSource({
        "0, V, 0 V",
        "5, V, 5 V",
        "-0.0002048, A, -204.8 µA",
        "0.00031398, S, 314 µS",
        "4.094, V, 4.094 V",
        "999.96, V, 1 kV",
        "0.0009998, V, 999.8 µV",
        "5.0e-5, s, 50 µs",
        "3e-15, V, 0.003 pV",
        "2e9, Hz, 2000 MHz",
        "0.02, S/V2, 0.02 S/V2",
        "1.23456, 1, 1.235",
        "1e-9, 1, 1e-9",
        "12345678, 1, 1.235e7",
        "NaN, 1, NaN"
    })
    void levelsAreWrittenAsPeopleWriteThem(double value, String unit, String words) {
        assertThat(Words.level(value, unit)).isEqualTo(words);
    }
}
