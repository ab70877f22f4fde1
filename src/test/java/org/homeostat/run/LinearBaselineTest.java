package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.homeostat.run.Dataset.Answers;
import org.junit.jupiter.api.Test;

/** A straight line, on tasks where it is known what a straight line can do. */
final class LinearBaselineTest {

    private static double score(Dataset train, Dataset test) {
        return LinearBaseline.score(train, test);
    }

    private static Dataset labelled(double[][] rows, int... labels) {
        return new Dataset("rows", List.of("x", "y"), rows, new Answers.Labels(List.of("a", "b"), labels));
    }

    private static Dataset numbers(double[][] rows, double... values) {
        return new Dataset("rows", List.of("x", "y"), rows, new Answers.Numbers("z", values));
    }

    @Test
    void itTellsApartWhatALineTellsApart() {
        Dataset data = labelled(new double[][] {{0, 0}, {1, 0}, {0, 1}, {4, 4}, {5, 4}, {4, 5}}, 0, 0, 0, 1, 1, 1);

        assertThat(score(data, data)).isEqualTo(1);
    }

    @Test
    void exclusiveOrIsBeyondIt() {
        Dataset data = labelled(new double[][] {{0, 0}, {1, 1}, {0, 1}, {1, 0}, {0, 0}, {1, 1}}, 0, 0, 1, 1, 0, 0);

        // All it can do is name the larger class everywhere.
        assertThat(score(data, data)).isEqualTo(4.0 / 6);
    }

    @Test
    void moonsAreMostlyWithinItsReach() {
        assertThat(score(Dataset.moons(2000, 0.1, 1), Dataset.moons(2000, 0.1, 2)))
                .isBetween(0.85, 0.90);
    }

    @Test
    void itFindsALinearLaw() {
        Random random = new Random(1);
        double[][] rows = new double[50][];
        double[] values = new double[50];
        for (int i = 0; i < 50; i++) {
            rows[i] = new double[] {random.nextGaussian(), 1000 + random.nextGaussian()};
            values[i] = 3 * rows[i][0] - 0.5 * rows[i][1] + 7;
        }

        assertThat(score(numbers(rows, values), numbers(rows, values))).isCloseTo(1, within(1e-9));
    }

    @Test
    void aMeanFarFromZeroDoesNotMatter() {
        double[][] rows = {{0, 0}, {1, 0}, {2, 0}, {3, 0}};

        assertThat(score(numbers(rows, 1e8, 1e8 + 1, 1e8 + 2, 1e8 + 3), numbers(rows, 1e8, 1e8 + 1, 1e8 + 2, 1e8 + 3)))
                .isCloseTo(1, within(1e-6));
    }

    @Test
    void featuresThatRepeatEachOtherDoNotUpsetIt() {
        double[][] rows = {{0, 0}, {1, 1}, {2, 2}, {3, 3}};

        assertThat(score(numbers(rows, 0, 2, 4, 6), numbers(rows, 0, 2, 4, 6))).isCloseTo(1, within(1e-5));
    }

    @Test
    void withoutTestRowsThereIsNoScore() {
        Dataset data = labelled(new double[][] {{0, 0}, {1, 1}}, 0, 1);

        assertThat(score(data, data.only(new int[0]))).isNaN();
    }
}
