package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.homeostat.run.RunRecord.Status;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Every kind of data from the command line: images, several numbers, generated tasks; and runs without a journal. */
final class DataTest {

    @TempDir
    Path home;

    private Session session;

    @BeforeEach
    void someone() {
        session = new Session(home);
    }

    private void idx(String name, int magic, int[] shape, byte[] bytes) throws IOException {
        try (OutputStream packed = new GZIPOutputStream(Files.newOutputStream(home.resolve(name)));
                DataOutputStream out = new DataOutputStream(packed)) {
            out.writeInt(magic);
            for (int length : shape) {
                out.writeInt(length);
            }
            out.write(bytes);
        }
    }

    @Test
    void imagesAreTaughtAndPredicted() throws IOException {
        byte[] pixels = new byte[40 * 4];
        byte[] labels = new byte[40];
        for (int i = 0; i < 40; i++) {
            labels[i] = (byte) (i % 2);
            pixels[4 * i + i % 2] = (byte) (200 + i);
        }
        idx("a-images-idx3-ubyte.gz", 0x803, new int[] {40, 2, 2}, pixels);
        idx("a-labels-idx1-ubyte.gz", 0x801, new int[] {40}, labels);
        String images = home.resolve("a-images-idx3-ubyte.gz").toString();

        JsonNode json = session.run(
                        "train",
                        "--data",
                        images,
                        "--test",
                        images,
                        "--set",
                        "encoding=range",
                        "--epochs",
                        "4",
                        "--json")
                .ended(Main.DONE)
                .json();
        JsonNode answers = session.run("predict", "latest", "--data", images, "--json")
                .ended(Main.DONE)
                .json();

        assertThat(json.get("test").get("rows").asInt()).isEqualTo(40);
        assertThat(json.get("linear").asDouble()).isEqualTo(1);
        assertThat(answers.get("predictions").size()).isEqualTo(40);
        assertThat(session.run("train", "--data", images, "--task", "regression")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("--task and --ignore go with a CSV file");
    }

    @Test
    void severalNumbersAreTaughtAndPredictedSideBySide() throws IOException {
        StringBuilder rows = new StringBuilder("x,y,sum,difference\n");
        for (int i = 0; i < 40; i++) {
            double x = Math.sin(i);
            double y = Math.cos(2.3 * i);
            rows.append(x + "," + y + "," + (x + y) + "," + (x - y) + "\n");
        }
        Path file = session.file("two.csv", rows.toString());

        JsonNode json = session.run(
                        "train", "--data", file.toString(), "--target", "sum,difference", "--epochs", "4", "--json")
                .ended(Main.DONE)
                .json();
        assertThat(json.get("linear").asDouble()).isGreaterThan(0.999);
        double relative = json.get("test").get("relativeError").asDouble();
        assertThat(json.get("test").get("r2").asDouble()).isEqualTo(1 - relative);

        JsonNode answers = session.run("predict", "latest", "--data", file.toString(), "--json")
                .ended(Main.DONE)
                .json();
        assertThat(answers.get("predictions").get(0).size()).isEqualTo(2);
        assertThat(session.run("predict", "latest", "--data", file.toString())
                        .ended(Main.DONE)
                        .out()
                        .lines())
                .hasSize(40)
                .allMatch(line -> line.matches("[^,]+,[^,]+"));
    }

    @Test
    void valuesAsTheyAreAreRefusedWhereTheyWouldBeClipped() throws IOException {
        Path far = session.file("far.csv", "x,y\n1,0.1\n2,0.2\n3,0.3\n1,0.1\n2,0.2\n3,0.3\n1,0.1\n99,0.2\n");

        assertThat(session.run("train", "--data", far.toString(), "--target", "y", "--set", "encoding=as_is")
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("far.csv: in a row 'x' is 99.0, channel x1 takes -4.096 to 4.094 V");
    }

    @Test
    void patternsAreAskedAsOftenAsWanted() throws IOException {
        Path file = session.file(
                "xor.yaml",
                "experiment: xor\ndevice: twin:resistor-array-v1\nteaching: {asks: 5}\ndata: {generate: xor}\nepochs: 3\n");

        JsonNode json =
                session.run("train", file.toString(), "--json").ended(Main.DONE).json();

        assertThat(json.get("test").get("rows").asInt()).isEqualTo(20);
    }

    @Test
    void withoutAJournalARunIsTaughtButNotReplayed() throws IOException {
        String data = session.clouds(40).toString();
        JsonNode with = session.run("train", "--data", data, "--target", "kind", "--epochs", "2", "--json")
                .ended(Main.DONE)
                .json();
        JsonNode without = session.run(
                        "train", "--data", data, "--target", "kind", "--epochs", "2", "--no-journal", "--json")
                .ended(Main.DONE)
                .json();
        Path run = session.runs().resolve(without.get("run").asString());

        assertThat(run.resolve("journal")).doesNotExist();
        assertThat(run.resolve("checkpoint")).exists();
        assertThat(without.get("test")).isEqualTo(with.get("test"));
        assertThat(session.run("replay", without.get("run").asString())
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("kept no journal, so that there is nothing to replay");
    }

    @Test
    void aTwinsRunWithoutAJournalIsTakenUp() throws IOException {
        Path file = session.file(
                "quiet.yaml",
                "experiment: quiet\ndevice: twin:resistor-array-v1\njournal: false\n"
                        + "data: {generate: two-moons, rows: 40}\nepochs: 4\n");
        String run = session.run("train", file.toString(), "--json")
                .ended(Main.DONE)
                .json()
                .get("run")
                .asString();
        RunStore store = new RunStore(session.runs());
        var record = store.find(run).record();
        // As if it had been stopped behind its last checkpoint.
        store.find(run).write(record.with(Status.INTERRUPTED, "", null));

        JsonNode again =
                session.run("train", "--resume", run, "--json").ended(Main.DONE).json();

        assertThat(again.get("epochs").asInt()).isEqualTo(4);
        assertThat(store.find(run).record().result().test())
                .isEqualTo(record.result().test());
    }
}
