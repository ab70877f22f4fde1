package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.learn.Cost;
import org.homeostat.run.Dataset.Answers;
import org.junit.jupiter.api.Test;

/** Figures of merit, on cases that can be checked by hand. */
final class ScoreTest {

    private static final Cost SQUARED = new Cost.SquaredError();
    private static final Descriptor CARD = Cards.of(1, 2, 1, 1);

    private static Dataset labelled(int... labels) {
        return new Dataset(
                "rows", List.of("x"), new double[labels.length][1], new Answers.Labels(List.of("a", "b"), labels));
    }

    @Test
    void accuracyIsThePartOfRowsThatIsRight() {
        Dataset data = labelled(0, 1, 1, 0);
        Encoding encoding = Encoding.fit(data, CARD, 1, 2, SQUARED);

        Score score = Score.of(new double[][] {{1, -1}, {-1, 1}, {1, -1}, {1, -1}}, data, encoding, SQUARED, CARD);

        assertThat(score.accuracy()).isEqualTo(0.75);
        // One row of four misses both outputs by 2: half of 4 + 4.
        assertThat(score.loss()).isEqualTo(1);
        assertThat(score.rows()).isEqualTo(4);
        assertThat(score.r2()).isNaN();
        assertThat(score.rmse()).isNaN();
    }

    @Test
    void crossEntropyIsShownInNats() {
        Dataset data = labelled(0, 1);
        Cost cost = new Cost.CrossEntropy(0.05, 0.3);
        Encoding encoding = Encoding.fit(data, CARD, 1, 0.3, cost);

        // Both classes equally likely: ln 2 nats a row, whatever the scales are.
        assertThat(Score.of(new double[][] {{0.1, 0.1}, {0, 0}}, data, encoding, cost, CARD)
                        .loss())
                .isCloseTo(Math.log(2), within(1e-12));
    }

    @Test
    void numbersAreScoredByTheVarianceExplained() {
        Dataset data = new Dataset(
                "rows", List.of("x"), new double[4][1], new Answers.Numbers("y", new double[] {1, 2, 3, 4}));
        Encoding encoding = Encoding.fit(data, CARD, 1, 2, SQUARED);
        double[][] exact = new double[4][];
        double[][] mean = new double[4][];
        double[][] off = new double[4][];
        double sigma = Math.sqrt(1.25);
        for (int i = 0; i < 4; i++) {
            exact[i] = new double[] {(i - 1.5) / sigma, 0};
            mean[i] = new double[] {0, 0};
            off[i] = new double[] {(i - 1.5 + (i % 2 == 0 ? 0.5 : -0.5)) / sigma, 0};
        }

        assertThat(Score.of(exact, data, encoding, SQUARED, CARD).r2()).isCloseTo(1, within(1e-12));
        assertThat(Score.of(mean, data, encoding, SQUARED, CARD).r2()).isCloseTo(0, within(1e-12));
        Score score = Score.of(off, data, encoding, SQUARED, CARD);
        assertThat(score.rmse()).isCloseTo(0.5, within(1e-12));
        assertThat(score.r2()).isCloseTo(1 - 0.25 / 1.25, within(1e-12));
        assertThat(score.accuracy()).isNaN();
    }

    @Test
    void noRowsHaveNoScore() {
        Dataset all = labelled(0, 1);
        Encoding encoding = Encoding.fit(all, CARD, 1, 2, SQUARED);

        Score score = Score.of(new double[0][], all.only(new int[0]), encoding, SQUARED, CARD);

        assertThat(score).isEqualTo(new Score(Double.NaN, Double.NaN, 0));
    }

    @Test
    void everyRowIsAskedOnceAndLanesLeftOverRepeatTheLast() {
        Slate slate = new Slate(Cards.of(1, 1, 1, 3));
        Dataset data = new Dataset(
                "rows", List.of("x"), new double[][] {{1}, {2}, {3}, {4}}, new Answers.Numbers("y", new double[] {
                    1, 2, 3, 4
                }));
        Encoding encoding = new Encoding(
                List.of("x"),
                new double[] {0},
                new double[] {1},
                0.5,
                List.of(),
                0,
                0,
                new double[] {0},
                new double[] {1},
                1);

        double[][] outputs = Score.outputs(slate, encoding, data.rows(), 1, Duration.ofSeconds(1));

        // A slate answers with its inputs.
        assertThat(outputs).isEqualTo(new double[][] {{0.5}, {1}, {1.5}, {2}});
        assertThat(slate.inputs()).containsExactly(new double[] {0.5, 1, 1.5}, new double[] {2, 2, 2});
    }

    @Test
    void aDeviceThatDoesNotHoldIsNotScored() {
        Slate slate = new Slate(Cards.of(1, 1, 1, 1));
        slate.quality = new Quality(Verdict.SATURATED, "g1", "parameter g1 is lost; make the springs stiffer");
        Encoding encoding = new Encoding(
                List.of("x"),
                new double[] {0},
                new double[] {1},
                0.5,
                List.of(),
                0,
                0,
                new double[] {0},
                new double[] {1},
                1);

        assertThatExceptionOfType(NotHeldException.class)
                .isThrownBy(() ->
                        Score.outputs(slate, encoding, Rows.of(1, new double[][] {{1}}), 1, Duration.ofSeconds(1)))
                .withMessage("parameter g1 is lost; make the springs stiffer");
    }

    @Test
    void severalNumbersAreScoredTogether() {
        Dataset data = new Dataset(
                "rows", List.of("x"), new double[2][1], new Answers.Numbers(List.of("a", "b"), new double[][] {
                    {1, 10}, {3, 14}
                }));
        Encoding encoding = Encoding.fit(data, Cards.of(1, 2, 1, 1), Teaching.Scaling.AS_IS, 1, 2, SQUARED);

        Score score = Score.of(new double[][] {{1, 11}, {3, 14}}, data, encoding, SQUARED, Cards.of(1, 2, 1, 1));

        // One square in four is 1; around their means the numbers spread by 1 + 1 + 4 + 4.
        assertThat(score.rmse()).isEqualTo(0.5);
        assertThat(score.relativeError()).isCloseTo(0.1, within(1e-15));
        assertThat(score.r2()).isEqualTo(0.9);
    }
}
