package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.homeostat.device.DeviceException;
import org.homeostat.device.Nudge;
import org.homeostat.run.BadInput;
import org.homeostat.run.Csv.Task;
import org.homeostat.run.Experiment;
import org.homeostat.run.Idx;
import org.homeostat.run.RunStore;
import org.homeostat.run.Teaching;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Experiments as people write them, and every way to get one wrong. */
final class ExperimentFileTest {

    /** Three lines; what is wrong stands on the fourth or fifth. */
    private static final String GOOD =
            "experiment: moons\ndevice: twin:resistor-array-v1\ndata: {generate: two-moons}\n";

    @TempDir
    Path folder;

    private Catalog catalog() {
        return new Catalog(new RunStore(folder.resolve("runs")));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("experiment.yaml"), text);
    }

    private Experiment read(String text) throws IOException {
        return ExperimentFile.read(file(text), null, catalog());
    }

    private void refused(String text, String sentence) throws IOException {
        Path file = file(text.replace('|', '\n').replace("\\n", "\n"));
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> ExperimentFile.read(file, null, catalog()))
                .withMessage(file + Listed.in(sentence));
    }

    @Test
    void whatIsLeftOutHasADefault() throws IOException {
        Experiment experiment = read(GOOD);

        assertThat(experiment.name()).isEqualTo("moons");
        assertThat(experiment.device()).isEqualTo("twin:resistor-array-v1");
        assertThat(experiment.learner()).isEqualTo("aeqprop-centered");
        assertThat(experiment.teaching()).isEqualTo(catalog().teaching("twin:resistor-array-v1"));
        assertThat(experiment.data()).isEqualTo(Experiment.Source.moons(400, 0.1));
        assertThat(experiment.testPart()).isEqualTo(0.25);
        assertThat(experiment.epochs()).isEqualTo(40);
        assertThat(experiment.seed()).isEqualTo(1);
    }

    @Test
    void whatIsGivenCounts() throws IOException {
        Experiment experiment = read("""
                experiment: other
                device: twin:hopfield-compliant?seed=9
                learner: spsa
                teaching:
                  beta: 0.125
                  cost: Cross_Entropy
                  nudge: force
                  reads: 3
                data:
                  generate: two-moons
                  rows: 64
                  noise: 0
                testPart: 0
                epochs: 7
                seed: -12
                """);

        Teaching usual = catalog().teaching("twin:hopfield-compliant");
        assertThat(experiment.learner()).isEqualTo("spsa");
        assertThat(experiment.teaching().beta()).isEqualTo(0.125);
        assertThat(experiment.teaching().cost()).isEqualTo(Teaching.CostKind.CROSS_ENTROPY);
        assertThat(experiment.teaching().nudge()).isEqualTo(Nudge.Kind.FORCE);
        assertThat(experiment.teaching().reads()).isEqualTo(3);
        assertThat(experiment.teaching().softness()).isEqualTo(usual.softness());
        assertThat(experiment.data()).isEqualTo(Experiment.Source.moons(64, 0));
        assertThat(experiment.testPart()).isZero();
        assertThat(experiment.epochs()).isEqualTo(7);
        assertThat(experiment.seed()).isEqualTo(-12);
    }

    @Test
    void generatedTasksAreTakenAsAsked() throws IOException {
        String head = "experiment: m\ndevice: twin:resistor-array-v1\ndata: ";

        assertThat(read(head + "{generate: xor}\n").data()).isEqualTo(Experiment.Source.parity(2));
        assertThat(read(head + "{generate: parity, bits: 3}\n").data()).isEqualTo(Experiment.Source.parity(3));
        assertThat(read(head + "{generate: linear, rows: 50}\n").data()).isEqualTo(Experiment.Source.linear(50));
    }

    @Test
    void imagesStandBesideTheirLabels() throws IOException {
        Experiment experiment = read("""
                experiment: m
                device: twin:resistor-array-v1
                data:
                  images: set/train-images-idx3-ubyte.gz
                  testImages: set/t10k-images-idx3-ubyte.gz
                  testLabels: other
                  rows: 500
                  testRows: 100
                journal: false
                """);

        Idx.Source images = Objects.requireNonNull(experiment.data().images());
        assertThat(images.images())
                .isEqualTo(folder.resolve("set/train-images-idx3-ubyte.gz").toString());
        assertThat(images.labels())
                .isEqualTo(folder.resolve("set/train-labels-idx1-ubyte.gz").toString());
        assertThat(images.testLabels()).isEqualTo(folder.resolve("other").toString());
        assertThat(images.rows()).isEqualTo(500);
        assertThat(images.testRows()).isEqualTo(100);
        assertThat(experiment.journal()).isFalse();
        assertThat(read(GOOD).journal()).isTrue();
    }

    @Test
    void howValuesBecomeLevelsAndHowOftenRowsAreAsked() throws IOException {
        Teaching usual = read(GOOD).teaching();
        Teaching other = read(GOOD + "teaching: {encoding: as_is, asks: 100}\n").teaching();

        assertThat(usual.encoding()).isEqualTo(Teaching.Scaling.STANDARDISED);
        assertThat(usual.asks()).isEqualTo(1);
        assertThat(other.encoding()).isEqualTo(Teaching.Scaling.AS_IS);
        assertThat(other.asks()).isEqualTo(100);
        refused(GOOD + "teaching:|  asks: 0\n", ", line 5, teaching.asks: expected 1 or more, not 0");
    }

    @Test
    void csvPathsAreRelativeToTheFile() throws IOException {
        Experiment experiment = read("""
                experiment: mine
                device: twin:resistor-array-v1
                data: {csv: data/train.csv, test: ../test.csv, target: 3, task: Regression}
                """);

        assertThat(experiment.data().csv())
                .isEqualTo(folder.resolve("data/train.csv").toString());
        assertThat(experiment.data().testCsv())
                .isEqualTo(folder.resolveSibling("test.csv").toString());
        assertThat(experiment.data().target()).isEqualTo("3");
        assertThat(experiment.data().task()).isEqualTo(Task.REGRESSION);
    }

    @Test
    void anAbsoluteCsvPathStaysAsItIs() throws IOException {
        Path elsewhere = folder.resolveSibling("elsewhere.csv");

        assertThat(read("experiment: m\ndevice: twin:resistor-array-v1\ndata: {target: y, csv: " + elsewhere + "}\n")
                        .data()
                        .csv())
                .isEqualTo(elsewhere.toString());
    }

    @Test
    void anotherDeviceKeepsTheChangesOfTheFile() throws IOException {
        Path file = file(GOOD + "teaching: {beta: 0.125}\n");

        Experiment experiment = ExperimentFile.read(file, "twin:hopfield-compliant", catalog());

        assertThat(experiment.device()).isEqualTo("twin:hopfield-compliant");
        assertThat(experiment.teaching())
                .isEqualTo(
                        ExperimentFile.changed(catalog().teaching("twin:hopfield-compliant"), Map.of("beta", "0.125")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "epoch: 3 > , line 4, epoch: there is no such key; expected one of experiment, device, learner, teaching, "
                        + "data, testPart, epochs, seed, limits, journal",
                "epochs: three > , line 4, epochs: expected a whole number, not 'three'",
                "epochs: 3.7 > , line 4, epochs: expected a whole number, not '3.7'",
                "epochs: 5000000000 > , line 4, epochs: expected a whole number, not '5000000000'",
                "epochs: [1] > , line 4, epochs: expected a whole number",
                "epochs: true > , line 4, epochs: expected a whole number, not 'true'",
                "epochs: > , line 4, epochs: there is no value; expected a whole number, or leave out the key",
                "epochs: 0 > , line 4, epochs: expected 1 or more, not 0",
                "testPart: 1 > , line 4, testPart: expected 0 or more and below 1, not 1.0",
                "testPart: .nan > , line 4, testPart: expected a number, not 'NaN'",
                "seed: 99999999999999999999 > , line 4, seed: expected a whole number, not '99999999999999999999'",
                "seed: 1|seed: 2 > , line 5: the key 'seed' is given twice",
                "learner: magic > , line 4, learner: there is no learner 'magic'; the learners are {learners}",
                "teaching: 3 > , line 4, teaching: expected keys and values, such as amplitude, cost, swing, not '3'",
                "teaching:|  bta: 1 > , line 5, teaching.bta: there is no such key; expected one of {teaching}",
                "teaching:|  beta: big > , line 5, teaching.beta: expected a number, not 'big'",
                "teaching:|  beta: .inf > , line 5, teaching.beta: expected a number, not 'Infinity'",
                "teaching:|  beta: -1 > , line 5, teaching.beta: expected a number above 0, not -1.0",
                "teaching:|  decay: 1.5 > , line 5, teaching.decay: expected a number above 0 and not above 1, not 1.5",
                "teaching:|  reads: 0 > , line 5, teaching.reads: expected 1 or more, not 0",
                "teaching:|  cost: hinge > , line 5, teaching.cost: expected one of {costs}, not 'hinge'",
                "teaching:|  softness: 7 > , line 5, teaching.softness: expected at most 1.0, the softest allowed, not 7.0",
                "teaching:|  startLowest: 1 > , line 5, teaching.startLowest: expected at most startHighest, which is "
                        + "1.0E-4, not 1.0",
                "---|more: 1 > , line 5: expected one document, but another one begins here",
            })
    void aSlipIsRefusedWithFileLineAndField(String lines, String sentence) throws IOException {
        refused(GOOD + lines + "\n", sentence);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"epochs: [1", "epochs: 3: 4", "epochs: 'x", "epochs: @x", "? [a]", "epochs: 1|   x: 2", "{"})
    void whatIsNoYamlIsRefusedInOneLine(String lines) throws IOException {
        Path file = file(GOOD + lines.replace('|', '\n') + "\n");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> ExperimentFile.read(file, null, catalog()))
                .withMessageMatching(".*, line [345]: this is no YAML \\(.*\\)")
                .withMessageNotContainingAny("\n", "Exception", "`");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "device: twin:resistor-array-v1|data: {generate: two-moons} > , line 1, experiment: the key is missing; "
                        + "expected a text",
                "experiment: x|device: twin:resistor-array-v1 > , line 1, data: the key is missing; expected keys and "
                        + "values, such as csv, target, task",
                "experiment: x|device: twin:none|data: {generate: two-moons} > , line 2, device: there is no twin 'none'; "
                        + "the twins are {twins}",
                "experiment: x|device: 3|data: {generate: two-moons} > , line 2, device: device '3': expected "
                        + "SCHEME:NAME, such as twin:resistor-array-v1",
                "experiment: x|device: [a]|data: {generate: two-moons} > , line 2, device: expected a text",
                "experiment: x|device: twin:resistor-array-v1|data: moons > , line 3, data: expected keys and values, "
                        + "such as csv, target, task, not 'moons'",
                "experiment: x|device: twin:resistor-array-v1|data: {} > , line 3, data: expected csv and target, "
                        + "or images, or generate",
                "experiment: x|device: twin:resistor-array-v1|data:|  csv: a.csv > , line 3, data.target: the key is "
                        + "missing; expected the name or number of the column to learn",
                "experiment: x|device: twin:resistor-array-v1|data:|  generate: suns > , line 4, data.generate: there is "
                        + "no generator 'suns'; expected one of two-moons, xor, parity, linear",
                "experiment: x|device: twin:resistor-array-v1|data:|  generate: two-moons|  csv: a > , line 5, data.csv: "
                        + "expected either csv or generate, not both",
                "experiment: x|device: twin:resistor-array-v1|data:|  generate: two-moons|  rows: 3 > , line 5, "
                        + "data.rows: expected 8 or more, not 3",
                "experiment: x|device: twin:resistor-array-v1|data:|  generate: two-moons|  noise: -1 > , line 5, "
                        + "data.noise: expected 0 or more, not -1.0",
                "experiment: x|device: twin:resistor-array-v1|data: {generate: two-moons, target: y} > , line 3, data: "
                        + "target, task, ignore and test go with csv; leave them out with generate",
                "experiment: x|device: twin:resistor-array-v1|data: {csv: a, target: y, rows: 9} > , line 3, data: "
                        + "rows, noise and bits go with generate; leave them out with csv",
                "experiment: x|device: twin:resistor-array-v1|data: {images: a, target: y} > , line 3, data: with images go "
                        + "labels, testImages, testLabels, rows, testRows and perClass; leave out the others",
                "experiment: x|device: twin:resistor-array-v1|data: {images: a, rows: 3, perClass: 2} > , line 3, data: "
                        + "give either rows or perClass, not both",
                "experiment: x|device: twin:resistor-array-v1|data: {csv: a, target: y, labels: b} > , line 3, data: "
                        + "labels, testImages, testLabels, testRows and perClass go with images",
                "experiment: x|device: twin:resistor-array-v1|journal: maybe|data: {generate: xor} > , line 3, journal: "
                        + "expected true or false, not 'maybe'",
                "experiment: x|device: twin:resistor-array-v1|data: {generate: xor, rows: 9} > , line 3, data.rows: the "
                        + "patterns of xor are as many as they are; leave it out",
                "experiment: x|device: twin:resistor-array-v1|data: {generate: linear, noise: 0.1} > , line 3, "
                        + "data.noise: it goes with two-moons; leave it out with linear",
                "experiment: x|device: twin:resistor-array-v1|data: {generate: linear, bits: 3} > , line 3, "
                        + "data.bits: it goes with parity; leave it out with linear",
                "experiment: x|device: twin:resistor-array-v1|data: {generate: parity} > , line 3, data.bits: "
                        + "expected 2 to 12",
                "experiment: x|device: twin:resistor-array-v1|data: {generate: parity, bits: 99} > , line 3, data.bits: "
                        + "expected 2 to 12, not 99",
                "experiment: x|device: twin:resistor-array-v1|data: {csv: a, target: y, task: rank} > , line 3, "
                        + "data.task: expected one of classification, regression, not 'rank'",
            })
    void whatIsMissingOrDoesNotGoTogetherIsRefused(String text, String sentence) throws IOException {
        refused(text + "\n", sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing but a remark", "- a list", "a word"})
    void aFileWithoutKeysIsRefused(String text) throws IOException {
        refused(text, ", line 1: expected keys and values, as in 'device: twin:resistor-array-v1'");
    }

    @Test
    void aTabIsRefusedWithTheParsersReason() throws IOException {
        Path file = file("\texperiment: x\n");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> ExperimentFile.read(file, null, catalog()))
                .withMessageStartingWith(file + ", line 1: this is no YAML (")
                .withMessageContaining("TAB");
    }

    @Test
    void whatIsNoTextFileIsRefused() throws IOException {
        Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 1});
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> ExperimentFile.read(binary, null, catalog()))
                .withMessage(binary + ": it is not text in UTF-8; expected an experiment file (YAML)");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> ExperimentFile.read(folder, null, catalog()))
                .withMessage(folder + ": this is a folder; expected a file");
        Path nothing = folder.resolve("nothing.yaml");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> ExperimentFile.read(nothing, null, catalog()))
                .withMessage(nothing + ": there is no such file; check the path");
    }

    @Test
    void aDeviceOfALaterVersionIsOutOfReach() throws IOException {
        Path file = file("experiment: x\ndevice: serial:/dev/ttyUSB0\ndata: {generate: two-moons}\n");
        assertThatExceptionOfType(DeviceException.class).isThrownBy(() -> ExperimentFile.read(file, null, catalog()));
    }

    @Test
    void singleChoicesAreChangedByKeyAndValue() {
        Teaching usual = catalog().teaching("twin:resistor-array-v1");

        Teaching changed = ExperimentFile.changed(usual, Map.of("beta", "1e-3", "motion", "to_rest", "reads", "8"));

        assertThat(changed.beta()).isEqualTo(0.001);
        assertThat(changed.motion()).isEqualTo(Teaching.Motion.TO_REST);
        assertThat(changed.reads()).isEqualTo(8);
        assertThat(changed.softness()).isEqualTo(usual.softness());
        assertThat(ExperimentFile.changed(usual, Map.of())).isEqualTo(usual);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "bta > 1 > --set bta: there is no such key; expected one of {teaching}",
                "beta > big > --set beta: expected a number, not 'big'",
                "beta > '' > --set beta: expected a number",
                "beta > '[1' > --set beta: expected a number, not '[1'",
                "beta > 0 > --set beta: expected a number above 0, not 0.0",
                "cost > hinge > --set cost: expected one of {costs}, not 'hinge'",
                "reads > 1.5 > --set reads: expected a whole number, not '1.5'",
            })
    void aChoiceThatDoesNotFitIsRefused(String key, String value, String sentence) {
        Teaching usual = catalog().teaching("twin:resistor-array-v1");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> ExperimentFile.changed(usual, Map.of(key, value)))
                .withMessage(Listed.in(sentence));
    }
}
