package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bench of learning steps without its peer. */
final class TrainBenchTest {

    static final int IMAGES = 128;

    @TempDir
    Path home;

    private Path data;

    @BeforeEach
    void images() throws IOException {
        data = mnist(home.resolve("data"));
    }

    /** Ten blurred shapes with noise, in the files of MNIST; returns the folder in which the folder mnist is. */
    static Path mnist(Path folder) throws IOException {
        Random random = new Random(3);
        double[][] shapes = new double[10][784];
        for (double[] shape : shapes) {
            for (int block = 0; block < 49; block++) {
                double level = random.nextDouble() < 0.3 ? 0.9 : 0.05;
                for (int k = 0; k < 16; k++) {
                    shape[(block / 7 * 4 + k / 4) * 28 + block % 7 * 4 + k % 4] = level;
                }
            }
        }
        ByteBuffer images = ByteBuffer.allocate(16 + 784 * IMAGES);
        images.putInt(0x803).putInt(IMAGES).putInt(28).putInt(28);
        ByteBuffer labels = ByteBuffer.allocate(8 + IMAGES);
        labels.putInt(0x801).putInt(IMAGES);
        for (int i = 0; i < IMAGES; i++) {
            int digit = i % 10;
            labels.put((byte) digit);
            for (double level : shapes[digit]) {
                images.put((byte) Math.clamp(255 * level + 20 * random.nextGaussian(), 0, 255));
            }
        }
        Path mnist = Files.createDirectories(folder.resolve("mnist"));
        Files.write(mnist.resolve("train-images-idx3-ubyte"), images.array());
        Files.write(mnist.resolve("train-labels-idx1-ubyte"), labels.array());
        return folder;
    }

    private Session.Ended bench(String... more) {
        String[] all = new String[more.length + 6];
        System.arraycopy(
                new String[] {"bench", "train", "--alone", "--data-dir", data.toString(), "--json"}, 0, all, 0, 6);
        System.arraycopy(more, 0, all, 6, more.length);
        return new Session(home).run(all);
    }

    @Test
    void eachNetworkLearnsAndIsMeasured() throws Exception {
        Path output = home.resolve("figures.json");
        JsonNode json = bench(
                        "hopfield",
                        "drn",
                        "--hidden",
                        "64",
                        "--images",
                        "128",
                        "--turns",
                        "2",
                        "--steps",
                        "20",
                        "--output",
                        output.toString())
                .ended(Main.DONE)
                .json();
        assertThat(json.get("peer").isNull()).isTrue();
        assertThat(json.get("nets").size()).isEqualTo(2);
        for (JsonNode net : json.get("nets")) {
            JsonNode ours = net.get("ours");
            assertThat(ours.get("steps").asInt()).isEqualTo(40);
            assertThat(ours.get("cpuSeconds").get("min").asDouble()).isGreaterThan(0);
            assertThat(ours.get("trainingError").asDouble()).isBetween(0.0, 1.0);
            assertThat(ours.get("sweeps").get(0).asDouble()).isGreaterThan(1);
            assertThat(net.get("oursStillMoving").asDouble()).isBetween(0.0, 1e-2);
            assertThat(net.get("peers").size()).isZero();
        }
        // Chance would be wrong nine times out of ten. The resistive network's inputs are amplified for 1,024 hidden
        // units.
        JsonNode hopfield = json.get("nets").get(0);
        assertThat(hopfield.get("ours").get("trainingError").asDouble()).isLessThan(0.3);
        assertThat(JsonMapper.shared().readTree(Files.readString(output))).isEqualTo(json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "perceptron    | network 'perceptron': expected hopfield, drn or drn-64",
                "--turns=0     | --turns: expected 1 to 10000000, not 0",
                "--steps=0     | --steps: expected 1 to 10000000, not 0",
                "--hidden=1    | --hidden: expected 2 to 10000000, not 1",
                "--tolerance=0 | --tolerance: expected a number above 0 and below 1, not 0.0",
                "--images=129  | 128 images of 784 pixels; expected at least 129 (--images) of 784",
            })
    void whatCannotBeMeasuredIsSaid(String argument, String sentence) {
        assertThat(bench(argument).ended(Main.BAD_INPUT).err()).contains(sentence);
    }

    @Test
    void imagesThatAreNotThereAreSaid() {
        Path empty = home.resolve("empty");
        assertThat(new Session(home)
                        .run("bench", "train", "--alone", "--data-dir", empty.toString())
                        .ended(Main.BAD_INPUT)
                        .err())
                .contains("no train-images-idx3-ubyte there")
                .contains("--data-dir");
    }

    @Test
    void aTurnOfThePeerIsReadAndWhatIsNoneIsSaid() throws Exception {
        JsonMapper mapper = JsonMapper.shared();
        String told = "{\"perStep\": [0.25, 0.5], \"sweeps\": [4, 5, 6.5], \"trainingError\": 0.125, "
                + "\"torch\": \"1.13.0\", \"productFlops\": 2e10}";
        TorchPeer.Turn turn = TorchPeer.turn(mapper.readTree(told));
        assertThat(turn.cpuSeconds()).containsExactly(0.25, 0.5);
        assertThat(turn.sweeps()).containsExactly(4.0, 5.0, 6.5);
        assertThat(turn.trainingError()).isEqualTo(0.125);
        assertThat(turn.productFlops()).isEqualTo(2e10);
        JsonNode without = mapper.readTree(told.replace("perStep", "perstep"));
        assertThatThrownBy(() -> TorchPeer.turn(without))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("lacks what was asked");
    }
}
