package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunStore;
import org.homeostat.run.Sweep;
import org.homeostat.run.Sweep.Point;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sweeps as people write them: which points they mean, and every way to get one wrong. */
final class SweepFileTest {

    /** Four lines; what varies stands from the fifth on. */
    private static final String HEAD = """
            sweep: s
            experiment:
              device: twin:resistor-array-v1
              data: {generate: two-moons}
            """;

    @TempDir
    Path folder;

    private Sweep read(String text) throws IOException {
        return SweepFile.read(
                Files.writeString(folder.resolve("s.yaml"), text), new Catalog(new RunStore(folder.resolve("runs"))));
    }

    private Sweep varied(String... lines) throws IOException {
        return read(HEAD + String.join("\n", lines) + "\n");
    }

    @Test
    void aGridIsEveryCombinationTheLastFieldChangingFastest() throws IOException {
        Sweep sweep = varied("grid:", "  teaching.beta: [0.1, 1]", "  seed: [3, 1, 2]");

        assertThat(sweep.name()).isEqualTo("s");
        assertThat(sweep.keys()).containsExactly("teaching.beta", "seed");
        assertThat(sweep.points())
                .extracting(Point::name)
                .containsExactly("s-0000", "s-0001", "s-0002", "s-0003", "s-0004", "s-0005");
        assertThat(sweep.points())
                .extracting(point -> point.experiment().teaching().beta())
                .containsExactly(0.1, 0.1, 0.1, 1.0, 1.0, 1.0);
        assertThat(sweep.points())
                .extracting(point -> point.experiment().seed())
                .containsExactly(3L, 1L, 2L, 3L, 1L, 2L);
        assertThat(sweep.points().get(3).values()).isEqualTo(Map.of("teaching.beta", 1L, "seed", 3L));
        assertThat(sweep.points().get(3).experiment().name()).isEqualTo("s-0003");
    }

    @Test
    void anyFieldOfAnExperimentVaries() throws IOException {
        Sweep sweep = varied(
                "grid:",
                "  learner: [spsa]",
                "  epochs: [7]",
                "  device: ['twin:resistor-compliant']",
                "  testPart: [0.5]",
                "  data.rows: [20]",
                "  teaching.nudge: [force]",
                "  limits.nudge.max: [1.0e-4]");

        Point point = sweep.points().getFirst();
        assertThat(sweep.points()).hasSize(1);
        assertThat(point.experiment().learner()).isEqualTo("spsa");
        assertThat(point.experiment().epochs()).isEqualTo(7);
        assertThat(point.experiment().device()).isEqualTo("twin:resistor-compliant");
        assertThat(point.experiment().testPart()).isEqualTo(0.5);
        assertThat(point.experiment().data().rows()).isEqualTo(20);
        assertThat(point.experiment().teaching().nudge().toString().toLowerCase(Locale.ROOT))
                .isEqualTo("force");
        assertThat(point.experiment().limits().nudge().max()).isEqualTo(1e-4);
    }

    @Test
    void theExperimentMayBeAFileBesideTheSweep() throws IOException {
        Files.writeString(
                folder.resolve("base.yaml"),
                "experiment: b\ndevice: twin:resistor-array-v1\nteaching: {beta: 0.3, pairs: 2}\n"
                        + "data: {csv: d.csv, target: kind}\n");

        Sweep sweep = read("sweep: s\nexperiment: base.yaml\ngrid: {teaching.beta: [0.7]}\n");

        assertThat(sweep.points().getFirst().experiment().teaching().beta()).isEqualTo(0.7);
        assertThat(sweep.points().getFirst().experiment().teaching().pairs()).isEqualTo(2);
        assertThat(sweep.points().getFirst().experiment().data().csv())
                .isEqualTo(folder.resolve("d.csv").toString());
    }

    private static final String[] RANDOM = {
        "random:",
        "  count: 200",
        "  seed: 4",
        "  draws:",
        "    teaching.beta: {low: 0.01, high: 1, scale: log}",
        "    teaching.swing: {low: 0.1, high: 0.5}",
        "    epochs: {low: 2, high: 5}",
        "    learner: [spsa, hadamard]"
    };

    @Test
    void drawsStayInTheirRangeAndReachAllOfIt() throws IOException {
        Sweep sweep = varied(RANDOM);

        assertThat(sweep.points()).hasSize(200);
        double[] beta = sweep.points().stream()
                .mapToDouble(point -> point.experiment().teaching().beta())
                .sorted()
                .toArray();
        assertThat(beta[0]).isBetween(0.01, 0.012);
        assertThat(beta[199]).isBetween(0.8, 1.0);
        // On a log scale as many are below 0.1 as above.
        assertThat(beta[100]).isBetween(0.07, 0.14);
        double[] swing = sweep.points().stream()
                .mapToDouble(point -> point.experiment().teaching().swing())
                .sorted()
                .toArray();
        assertThat(swing[0]).isBetween(0.1, 0.11);
        assertThat(swing[100]).isBetween(0.26, 0.34);
        assertThat(swing[199]).isBetween(0.49, 0.5);
        for (int epochs = 2; epochs <= 5; epochs++) {
            int wanted = epochs;
            assertThat(sweep.points().stream()
                            .filter(point -> point.experiment().epochs() == wanted)
                            .count())
                    .isBetween(30L, 70L);
        }
        Set<String> learners = new HashSet<>();
        sweep.points().forEach(point -> learners.add(point.experiment().learner()));
        assertThat(learners).containsExactlyInAnyOrder("spsa", "hadamard");
    }

    /** Whatever the machine: these figures were drawn once and stand. */
    @Test
    void drawsAreTheSameEverywhereAndHaveFourDigits() throws IOException {
        assertThat(varied(RANDOM).points().subList(0, 3))
                .extracting(point -> point.values().toString())
                .containsExactly(
                        "{teaching.beta=0.07293, teaching.swing=0.457, epochs=5, learner=spsa}",
                        "{teaching.beta=0.06154, teaching.swing=0.3347, epochs=5, learner=hadamard}",
                        "{teaching.beta=0.0231, teaching.swing=0.3151, epochs=5, learner=spsa}");
    }

    @Test
    void aLocaleChangesNothing() throws IOException {
        Locale usual = Locale.getDefault();
        Sweep before = varied(RANDOM);
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThat(varied(RANDOM)).isEqualTo(before);
        } finally {
            Locale.setDefault(usual);
        }
    }

    @Test
    void moreDrawsLeaveThePointsSoFarAlone() throws IOException {
        String[] more = RANDOM.clone();
        more[1] = "  count: 300";

        assertThat(varied(more).points().subList(0, 200))
                .isEqualTo(varied(RANDOM).points());
    }

    @Test
    void withAGridEachDrawIsTriedAtEveryPointOfIt() throws IOException {
        Sweep sweep =
                varied("grid: {seed: [1, 2]}", "random: {count: 3, draws: {teaching.beta: {low: 0.1, high: 0.9}}}");

        assertThat(sweep.keys()).containsExactly("seed", "teaching.beta");
        assertThat(sweep.points()).hasSize(6);
        for (int draw = 0; draw < 3; draw++) {
            List<Point> pair = sweep.points().subList(2 * draw, 2 * draw + 2);
            assertThat(pair).extracting(point -> point.experiment().seed()).containsExactly(1L, 2L);
            assertThat(pair.get(0).experiment().teaching().beta())
                    .isEqualTo(pair.get(1).experiment().teaching().beta());
        }
        assertThat(sweep.points().stream()
                        .map(point -> point.experiment().teaching().beta())
                        .distinct())
                .hasSize(3);
    }

    @Test
    void asManyPointsAsThereAreNames() throws IOException {
        Sweep sweep = varied("random: {count: 10000, draws: {seed: {low: 0, high: 1000000000}}}");

        assertThat(sweep.points()).hasSize(Sweep.MOST_POINTS);
        assertThat(sweep.points().getLast().name()).isEqualTo("s-9999");
    }

    private static final String FIELDS = "device, learner, teaching.amplitude, teaching.cost, teaching.swing, ";

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "grids: 3 ~ , line 5, grids: there is no such key; expected one of sweep, experiment, grid, random",
                "grid: {} ~ , line 5, grid: expected the fields to vary, such as seed or teaching.beta, each with its values",
                "grid: ~ , line 5, grid: there is no value; expected a text, or leave out the key",
                "grid: [1] ~ , line 5, grid: expected the fields to vary, such as seed or teaching.beta, each with its values",
                "grid: {seed: []} ~ , line 5, grid.seed: expected a list of values in square brackets, such as [1, 2]",
                "grid: {seed: 3} ~ , line 5, grid.seed: expected a list of values in square brackets, such as [1, 2]",
                "grid:|  seed: [1, x] ~ , line 6, grid.seed[1]: expected a whole number, not 'x'",
                "grid:|  seed: [1,|  2,|  1] ~ , line 8, grid.seed[2]: the value 1 is given twice",
                "grid:|  seed: [1]|  seed: [2] ~ , line 7: the key 'seed' is given twice",
                "grid:|  teaching.beta: [0.1, -1] ~ , line 6, grid.teaching.beta[1]: expected a number above 0, not -1.0",
                "grid: {learner: [best]} ~ , line 5, grid.learner[0]: there is no learner 'best'; the learners are {learners}",
                "grid: {testPart: [1]} ~ , line 5, grid.testPart[0]: expected 0 or more and below 1, not 1.0",
                "grid: {epochs: [0]} ~ , line 5, grid.epochs[0]: expected 1 or more, not 0",
                "grid: {device: ['twin:nope']} ~ , line 5, grid.device[0]: there is no twin 'nope'; the twins are ",
                "grid: {device: ['twin:resistor-array-v1?speed=3']} ~ , line 5, grid.device[0]: device "
                        + "'twin:resistor-array-v1?speed=3': there is no option 'speed'; expected one of {options}",
                "grid: {device: ['serial:/dev/ttyACM0']} ~ , line 5, grid.device[0]: only twins can be swept, for a sweep may "
                        + "run a point twice and a board takes every step for good; expected a twin, such as "
                        + "twin:resistor-array-v1, not 'serial:/dev/ttyACM0'",
                "random: {count: 0, draws: {seed: [1]}} ~ , line 5, random.count: expected 1 or more, not 0",
                "random: {count: 2} ~ , line 5, random.draws: expected the fields to vary, such as seed or "
                        + "teaching.beta, each with its values",
                "random: {count: 2, draws: {}} ~ , line 5, random.draws: expected the fields to vary, such as seed or "
                        + "teaching.beta, each with its values",
                "random: {count: 2, draws: {seed: 3}} ~ , line 5, random.draws.seed: expected keys and values, such as low, "
                        + "high, scale",
                "random: {count: 2, draws: {seed: {low: 3}}} ~ , line 5, random.draws.seed.high: the key is missing; expected "
                        + "a number",
                "random: {count: 2, draws: {seed: {low: 3, high: 3}}} ~ , line 5, random.draws.seed.low: expected less than "
                        + "high, which is 3.0, not 3.0",
                "random: {count: 2, draws: {teaching.beta: {low: 0, high: 3, scale: log}}} ~ , line 5, "
                        + "random.draws.teaching.beta.low: expected more than 0 on a log scale, not 0.0",
                "random: {count: 2, draws: {teaching.beta: {low: 1, high: 3, scale: cubic}}} ~ , line 5, "
                        + "random.draws.teaching.beta.scale: expected one of linear, log, not 'cubic'",
                "random: {count: 2, draws: {learner: {low: 1, high: 3}}} ~ , line 5, random.draws.learner: expected a list of "
                        + "values to choose from; this is no number",
                "random: {count: 2, draws: {teaching.decay: {low: 2, high: 3}}} ~ , line 5, random.draws.teaching.decay: "
                        + "expected a number above 0 and not above 1, not 2.",
                "grid: {seed: [1]}|random: {count: 2, draws: {seed: [1, 2]}} ~ , line 6, random.draws.seed: the field is in "
                        + "grid already; leave it out in one of them",
                "random: {count: 10001, draws: {seed: [1, 2]}} ~ , line 5, random: this makes 10001 points, expected at most "
                        + "10000; vary less, or draw some of it at random",
            })
    void whatIsWrongIsToldWithItsLineAndField(String lines, String sentence) {
        refused(HEAD + lines.replace('|', '\n') + "\n", sentence);
    }

    private void refused(String text, String sentence) {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> read(text))
                .withMessageStartingWith(folder.resolve("s.yaml") + Listed.in(sentence));
    }

    @Test
    void aFieldThatIsNoneIsToldWhichThereAre() {
        refused(
                HEAD + "grid:\n  teaching.betas: [1]\n",
                ", line 6, grid.teaching.betas: there is no such field to vary; expected one of " + FIELDS);
        refused(HEAD + "grid:\n  experiment: [a, b]\n", ", line 6, grid.experiment: there is no such field to vary");
    }

    @Test
    void aHugeProductIsRefusedBeforeAnyOfItIsMade() {
        StringBuilder grid = new StringBuilder("grid:\n");
        for (String field : List.of("seed", "epochs", "data.rows", "teaching.pairs", "teaching.reads")) {
            grid.append("  ").append(field).append(": [");
            for (int i = 1; i <= 1000; i++) {
                grid.append(i).append(i < 1000 ? "," : "]\n");
            }
        }

        refused(
                HEAD + grid,
                ", line 5, grid: this makes billions of points, expected at most 10000; vary less, or draw some of it at"
                        + " random");
    }

    @Test
    void whatIsWrongWithTheExperimentItselfIsToldWithItsOwnLine() throws IOException {
        refused(
                HEAD.replace("two-moons", "moon") + "grid: {seed: [1]}\n",
                ", line 4, experiment.data.generate: there is no generator 'moon'; expected one of two-moons, xor, parity, linear");
        Path base = Files.writeString(folder.resolve("base.yaml"), "experiment: b\ndevice: twin:nope\ndata: {}\n");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> read("sweep: s\nexperiment: base.yaml\ngrid: {seed: [1]}\n"))
                .withMessageStartingWith(base + ", line 2, device: there is no twin 'nope'");
        refused(
                HEAD.replace("twin:resistor-array-v1", "process:board") + "grid: {seed: [1]}\n",
                ", line 3, experiment.device: only twins can be swept");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> read("sweep: s\nexperiment: none.yaml\ngrid: {seed: [1]}\n"))
                .withMessage(folder.resolve("none.yaml") + ": there is no such file; check the path");
        refused(
                "sweep: s\nexperiment: 3\ngrid: {seed: [1]}\n",
                ", line 2, experiment: expected the path of an experiment");
    }

    @Test
    void aNameIsThatOfAFolder() {
        refused(
                HEAD.replace("sweep: s", "sweep: ../x") + "grid: {seed: [1]}\n",
                ", line 1, sweep: expected at most 64 small letters, digits and hyphens, as in moons-beta, not '../x'");
        refused(
                HEAD.replace("sweep: s", "sweep: " + "s".repeat(65)) + "grid: {seed: [1]}\n",
                ", line 1, sweep: expected");
    }

    @Test
    void somethingMustVary() {
        refused(HEAD, ", line 1: nothing is varied; expected grid, random or both");
    }
}
