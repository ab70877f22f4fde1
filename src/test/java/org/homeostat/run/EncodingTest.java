package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Example;
import org.homeostat.run.Dataset.Answers;
import org.homeostat.run.Dataset.Split;
import org.homeostat.run.Teaching.Scaling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How rows become levels and outputs become answers. */
final class EncodingTest {

    private static final Cost SQUARED = new Cost.SquaredError();
    private static final Descriptor CARD = Cards.of(3, 4, 1, 1);

    @TempDir
    Path folder;

    private static Dataset labelled(double[][] rows, int... labels) {
        return new Dataset("rows", List.of("x", "y"), rows, new Answers.Labels(List.of("a", "b"), labels));
    }

    private static Dataset numbers(double... values) {
        double[][] rows = new double[values.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new double[] {i};
        }
        return new Dataset("rows", List.of("x"), rows, new Answers.Numbers("y", values));
    }

    private static Levels inputs(Encoding encoding, double[][] rows, Descriptor card) {
        return encoding.inputs(
                Rows.of(rows[0].length, rows), IntStream.range(0, rows.length).toArray(), card);
    }

    @Test
    void featuresAreStandardisedAndScaledToTheAmplitude() {
        // Mean 3 and standard deviation 2; mean 10 and standard deviation 1.
        Dataset train = labelled(new double[][] {{1, 9}, {5, 11}, {1, 11}, {5, 9}}, 0, 1, 0, 1);

        Encoding encoding = Encoding.fit(train, CARD, 1.5, 0.3, SQUARED);

        assertThat(inputs(encoding, new double[][] {{5, 9}, {3, 10.5}}, Cards.of(3, 4, 1, 2))
                        .row(Role.INPUT, 0))
                .containsExactly(1.5, -1.5, Cards.SAFE_INPUT);
        assertThat(inputs(encoding, new double[][] {{5, 9}, {3, 10.5}}, Cards.of(3, 4, 1, 2))
                        .row(Role.INPUT, 1))
                .containsExactly(0, 0.75, Cards.SAFE_INPUT);
    }

    @Test
    void testRowsDoNotInfluenceIt() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            lines.add(i + "," + (i % 7) + "," + (i % 2 == 0 ? "a" : "b"));
        }
        Path file = Files.write(folder.resolve("rows.csv"), lines);
        Experiment.Source source = Experiment.Source.csv(file, "3", null, List.of(), null);
        Split before = source.load(0.25, 1);
        Set<Integer> kept = new HashSet<>();
        for (double[] row : before.test().rows().all()) {
            kept.add((int) row[0]);
        }
        // The same file with nonsense in the rows that are kept for the test: which rows these are does not change.
        for (int i : kept) {
            lines.set(i, (1e6 + i) + ",-1e9," + (i % 2 == 0 ? "a" : "b"));
        }
        Files.write(file, lines);
        Split after = source.load(0.25, 1);
        assertThat(after.test().rows().row(0)[1]).isEqualTo(-1e9);

        Encoding clean = Encoding.fit(before.train(), CARD, 2, 0.3, SQUARED);
        Encoding spoiled = Encoding.fit(after.train(), CARD, 2, 0.3, SQUARED);

        assertThat(spoiled.mean()).isEqualTo(clean.mean());
        assertThat(spoiled.spread()).isEqualTo(clean.spread());
        // And training rows do, or the above would prove nothing.
        lines.set(firstNotIn(kept), "1e6,1e6,a");
        Files.write(file, lines);
        assertThat(Encoding.fit(source.load(0.25, 1).train(), CARD, 2, 0.3, SQUARED)
                        .mean())
                .isNotEqualTo(clean.mean());
    }

    private static int firstNotIn(Set<Integer> kept) {
        int i = 0;
        while (kept.contains(i) || i % 2 != 0) {
            i++;
        }
        return i;
    }

    @Test
    void aFeatureThatNeverChangesStaysAtZero() {
        Dataset train = labelled(new double[][] {{1, 1e7}, {2, 1e7}, {3, 1e7}, {4, 1e7}}, 0, 1, 0, 1);

        Encoding encoding = Encoding.fit(train, CARD, 2, 0.3, SQUARED);

        assertThat(encoding.spread()[1]).isEqualTo(1);
        assertThat(inputs(encoding, train.rows().all(), Cards.of(2, 4, 1, 4)).row(Role.INPUT, 3)[1])
                .isZero();
    }

    @Test
    void levelsAreClippedToTheRangeOfTheInputs() {
        Dataset train = labelled(new double[][] {{-1, 0}, {1, 1}, {-1, 0}, {1, 1}}, 0, 1, 0, 1);
        Encoding encoding = Encoding.fit(train, CARD, 1, 0.3, SQUARED);

        Levels levels = inputs(encoding, new double[][] {{1e9, -1e9}}, CARD);

        assertThat(levels.row(Role.INPUT)).containsExactly(3, -3, Cards.SAFE_INPUT);
    }

    @Test
    void theRightClassIsHighTheOthersLowAndUnusedOutputsFree() {
        Dataset train = labelled(new double[][] {{1, 1}, {2, 2}, {3, 3}, {4, 4}}, 0, 1, 0, 1);
        Encoding encoding = Encoding.fit(train, CARD, 1, 0.3, SQUARED);

        Example example = encoding.example(train, new int[] {1}, CARD);

        assertThat(example.targets()).isEqualTo(new double[][] {{-0.15, 0.15, Cost.ANY, Cost.ANY}});
    }

    @Test
    void forCrossEntropyTargetsAreProbabilities() {
        Dataset train = labelled(new double[][] {{1, 1}, {2, 2}, {3, 3}, {4, 4}}, 0, 1, 0, 1);
        Encoding encoding = Encoding.fit(train, CARD, 1, 0.3, new Cost.CrossEntropy(0.05, 0.3));

        assertThat(encoding.target(train.answers(), 0, 2)).containsExactly(1, 0);
    }

    @Test
    void classesAreFoundByNameInATestSetOfFewerClasses() {
        Dataset train = labelled(new double[][] {{1, 1}, {2, 2}, {3, 3}, {4, 4}}, 0, 1, 0, 1);
        Encoding encoding = Encoding.fit(train, CARD, 1, 0.4, SQUARED);
        Answers onlyB = new Answers.Labels(List.of("b"), new int[] {0});

        assertThat(encoding.target(onlyB, 0, 2)).containsExactly(-0.2, 0.2);
        assertThat(encoding.right(new double[] {0, 1}, onlyB, 0)).isTrue();
        assertThat(encoding.right(new double[] {1, 0}, onlyB, 0)).isFalse();
    }

    @Test
    void theHighestOutputThatStandsForAClassWins() {
        Dataset train = labelled(new double[][] {{1, 1}, {2, 2}, {3, 3}, {4, 4}}, 0, 1, 0, 1);
        Encoding encoding = Encoding.fit(train, CARD, 1, 0.4, SQUARED);

        assertThat(encoding.winner(new double[] {0.1, 0.2, 9, 9})).isEqualTo(1);
        assertThat(encoding.winner(new double[] {0.2, 0.2, 9, 9})).isZero();
    }

    @Test
    void aNumberComesBackFromItsTarget() {
        Dataset train = numbers(100, 104, 100, 104);
        Encoding encoding = Encoding.fit(train, CARD, 1, 0.6, SQUARED);

        // One standard deviation above the mean stands at half the swing.
        assertThat(encoding.target(train.answers(), 1, 1)).containsExactly(0.3);
        assertThat(encoding.numbers(new double[] {0.3, 7, 7, 7})).containsExactly(104);
        assertThat(encoding.numbers(new double[] {-0.6, 7, 7, 7})[0]).isCloseTo(98, within(1e-12));
        assertThat(encoding.classifies()).isFalse();
        assertThat(encoding.right(new double[] {0.3}, train.answers(), 1)).isFalse();
    }

    @Test
    void aNumberThatNeverChangesStillComesBack() {
        Dataset train = numbers(7, 7, 7);
        Encoding encoding = Encoding.fit(train, CARD, 1, 0.6, SQUARED);

        assertThat(encoding.target(train.answers(), 0, 1)).containsExactly(0);
        assertThat(encoding.numbers(new double[] {0})).containsExactly(7);
    }

    @Test
    void tooManyFeaturesAreRefusedWithTheRemedy() {
        Dataset train = new Dataset(
                "wide.csv",
                List.of("a", "b", "c", "d"),
                new double[][] {{1, 2, 3, 4}},
                new Answers.Numbers("y", new double[] {1}));

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Encoding.fit(train, CARD, 1, 1, SQUARED))
                .withMessage("wide.csv has 4 features, board card has 3 inputs; choose a device with more inputs, "
                        + "for a twin by ?inputs=4");
    }

    @Test
    void tooManyClassesAreRefusedWithTheRemedy() {
        Dataset train = new Dataset(
                "rows",
                List.of("x"),
                new double[][] {{1}, {2}, {3}},
                new Answers.Labels(List.of("a", "b", "c"), new int[] {0, 1, 2}));

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Encoding.fit(train, Cards.of(2, 2, 1, 1), 1, 1, SQUARED))
                .withMessage("rows needs 3 outputs, board card has 2; choose a device with more outputs, "
                        + "for a twin by ?outputs=3");
        // One output could stand for two classes, but not for their probabilities.
        Dataset two = labelled(new double[][] {{1, 1}, {2, 2}}, 0, 1);
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Encoding.fit(two, Cards.of(2, 1, 1, 1), 1, 1, new Cost.CrossEntropy(0.05, 0.3)))
                .withMessageStartingWith("rows needs 2 outputs, board card has 1");
    }

    @Test
    void twoClassesShareASingleOutput() {
        Dataset train = labelled(new double[][] {{1, 1}, {2, 2}}, 0, 1);
        Encoding encoding = Encoding.fit(train, Cards.of(2, 1, 1, 1), 1, 0.4, SQUARED);

        assertThat(encoding.target(train.answers(), 0, 1)).containsExactly(-0.2);
        assertThat(encoding.target(train.answers(), 1, 1)).containsExactly(0.2);
        assertThat(encoding.right(new double[] {-0.01}, train.answers(), 0)).isTrue();
        assertThat(encoding.right(new double[] {-0.01}, train.answers(), 1)).isFalse();
        assertThat(encoding.right(new double[] {0.01}, train.answers(), 1)).isTrue();
    }

    @Test
    void severalNumbersComeBackEachFromItsOutput() {
        Dataset train = new Dataset(
                "rows", List.of("x"), new double[][] {{1}, {2}}, new Answers.Numbers(List.of("a", "b"), new double[][] {
                    {100, -1}, {104, 1}
                }));
        Encoding encoding = Encoding.fit(train, CARD, 1, 0.6, SQUARED);

        assertThat(encoding.target(train.answers(), 1, 4)).containsExactly(0.3, 0.3, Cost.ANY, Cost.ANY);
        assertThat(encoding.numbers(new double[] {0.3, -0.3, 9, 9})).containsExactly(104, -1);
    }

    @Test
    void valuesAreLevelsAsTheyAre() {
        Dataset train = new Dataset(
                "rows", List.of("x"), new double[][] {{1}, {-2.5}}, new Answers.Numbers("y", new double[] {7, -3}));
        Encoding encoding = Encoding.fit(train, CARD, Scaling.AS_IS, 99, 99, SQUARED);

        assertThat(inputs(encoding, train.rows().all(), Cards.of(1, 1, 1, 2)).row(Role.INPUT, 1))
                .containsExactly(-2.5);
        assertThat(encoding.target(train.answers(), 1, 1)).containsExactly(-3);
        assertThat(encoding.numbers(new double[] {7.25})).containsExactly(7.25);
    }

    @Test
    void valuesAsTheyAreOutsideTheirChannelAreRefused() {
        Dataset wide =
                new Dataset("w", List.of("x"), new double[][] {{3.5}}, new Answers.Numbers("y", new double[] {0}));
        Dataset high =
                new Dataset("h", List.of("x"), new double[][] {{0}}, new Answers.Numbers("y", new double[] {101}));

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Encoding.fit(wide, CARD, Scaling.AS_IS, 1, 1, SQUARED))
                .withMessageStartingWith("w: in a row 'x' is 3.5, channel x1 takes -3.0 to 3.0 V;");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Encoding.fit(high, CARD, Scaling.AS_IS, 1, 1, SQUARED))
                .withMessageStartingWith("h: in a row 'y' is 101.0, channel o1 takes -100.0 to 100.0 V;");
    }

    @Test
    void rangesFillTheAmplitude() {
        Dataset train = labelled(new double[][] {{0, 5}, {4, 5}, {1, 5}, {2, 7}}, 0, 1, 0, 1);
        Encoding each = Encoding.fit(train, CARD, Scaling.RANGE, 2, 0.3, SQUARED);
        Encoding common = Encoding.fit(train, CARD, Scaling.COMMON_RANGE, 3.5, 0.3, SQUARED);

        assertThat(inputs(each, train.rows().all(), Cards.of(2, 2, 1, 4)).rows(Role.INPUT))
                .isEqualTo(4);
        assertThat(inputs(each, new double[][] {{0, 7}}, CARD).row(Role.INPUT))
                .containsExactly(-2, 2, Cards.SAFE_INPUT);
        // From 0 to 7 in steps of one volt, clipped to the range of the channel.
        assertThat(inputs(common, new double[][] {{4.5, 0}}, CARD).row(Role.INPUT))
                .containsExactly(1, -3, Cards.SAFE_INPUT);
    }

    @Test
    void aSingleOutputTellsTwoClassesByItsSign() {
        Dataset train = labelled(new double[][] {{1, 1}, {2, 2}}, 0, 1);

        Encoding encoding = Encoding.fit(train, Cards.of(2, 1, 1, 1), 1, 2, SQUARED);

        assertThat(encoding.target(train.answers(), 0, 1)).containsExactly(-1);
        assertThat(encoding.target(train.answers(), 1, 1)).containsExactly(1);
        assertThat(encoding.winner(new double[] {-0.2})).isEqualTo(0);
        assertThat(encoding.winner(new double[] {0.2})).isEqualTo(1);
    }
}
