package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.homeostat.run.Dataset.Answers;
import org.homeostat.run.Dataset.Split;
import org.junit.jupiter.api.Test;

/** Rows, their fingerprint, and the moons. */
final class DatasetTest {

    private static Dataset labelled(int... labels) {
        double[][] rows = IntStream.range(0, labels.length)
                .mapToObj(i -> new double[] {i, -i})
                .toArray(double[][]::new);
        return new Dataset("labelled", List.of("x", "y"), rows, new Answers.Labels(List.of("a", "b", "c"), labels));
    }

    @Test
    void onlyKeepsRowsAndAnswersTogether() {
        Dataset some = labelled(0, 1, 2, 1).only(new int[] {3, 0});

        assertThat(some.rows().all()).isEqualTo(new double[][] {{3, -3}, {0, 0}});
        assertThat(((Answers.Labels) some.answers()).label()).containsExactly(1, 0);
        assertThat(((Answers.Labels) some.answers()).classes()).containsExactly("a", "b", "c");
    }

    @Test
    void aClassTakesAnOutputAndANumberTakesOne() {
        assertThat(labelled(0, 1).outputs()).isEqualTo(3);
        assertThat(new Dataset("n", List.of("x"), new double[][] {{1}}, new Answers.Numbers("y", new double[] {2}))
                        .outputs())
                .isEqualTo(1);
    }

    @Test
    void theDigestSeesEveryNameNumberAndAnswer() {
        Dataset one = labelled(0, 1, 2);
        assertThat(one.digest())
                .matches("[0-9a-f]{16}")
                .isEqualTo(labelled(0, 1, 2).digest());

        Dataset otherAnswer = labelled(0, 1, 1);
        Dataset otherName = new Dataset("labelled", List.of("x", "z"), one.rows(), one.answers());
        double[][] moved = Arrays.stream(one.rows().all()).map(double[]::clone).toArray(double[][]::new);
        moved[2][1] = Math.nextUp(moved[2][1]);
        Dataset otherCell = new Dataset("labelled", one.features(), moved, one.answers());
        Dataset otherClass = new Dataset(
                "labelled", one.features(), one.rows(), new Answers.Labels(List.of("a", "b", "d"), new int[] {0, 1, 2
                }));
        assertThat(List.of(one, otherAnswer, otherName, otherCell, otherClass))
                .extracting(Dataset::digest)
                .doesNotHaveDuplicates();
    }

    @Test
    void theDigestOfASplitSeesItsTestRowsToo() {
        Dataset train = labelled(0, 1, 2);
        assertThat(new Split(train, labelled(0, 1)).digest()).isNotEqualTo(new Split(train, labelled(1, 0)).digest());
    }

    @Test
    void withoutATestPartEveryRowIsTaught() {
        Split split = labelled(0, 1, 2, 0).split(0, 1);

        assertThat(split.train().size()).isEqualTo(4);
        assertThat(split.test().size()).isZero();
    }

    @Test
    void aClassOfOneRowIsTaught() {
        Split split = labelled(0, 0, 0, 0, 2).split(0.9, 1);

        assertThat(((Answers.Labels) split.train().answers()).label()).containsExactlyInAnyOrder(0, 2);
        assertThat(((Answers.Labels) split.test().answers()).label()).containsExactly(0, 0, 0);
    }

    @Test
    void moonsLieOnTheirHalfCirclesWithoutNoise() {
        Dataset moons = Dataset.moons(100, 0, 5);

        int[] label = ((Answers.Labels) moons.answers()).label();
        assertThat(Arrays.stream(label).sum()).isEqualTo(50);
        for (int i = 0; i < 100; i++) {
            double x = moons.rows().row(i)[0] - (label[i] == 0 ? 0 : 1);
            double y = moons.rows().row(i)[1] - (label[i] == 0 ? 0 : 0.5);
            assertThat(Math.hypot(x, y)).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-12));
            assertThat(label[i] == 0 ? y : -y).isNotNegative();
        }
    }

    @Test
    void moonsAreDrawnFromTheSeed() {
        assertThat(Dataset.moons(40, 0.1, 3).digest())
                .isEqualTo(Dataset.moons(40, 0.1, 3).digest());
        assertThat(Dataset.moons(40, 0.1, 3).digest())
                .isNotEqualTo(Dataset.moons(40, 0.1, 4).digest());
    }

    @Test
    void parityIsWhetherAnOddNumberOfBitsIsSet() {
        Dataset xor = Dataset.parity(2);

        assertThat(xor.rows().all()).isEqualTo(new double[][] {{-1, -1}, {1, -1}, {-1, 1}, {1, 1}});
        assertThat(((Answers.Labels) xor.answers()).label()).containsExactly(0, 1, 1, 0);
        assertThat(((Answers.Labels) Dataset.parity(3).answers()).label()).containsExactly(0, 1, 1, 0, 1, 0, 0, 1);
    }

    @Test
    void theLinearTaskFollowsItsLawAndItsSeed() {
        Dataset one = Dataset.linear(20, 3);

        Answers.Numbers numbers = (Answers.Numbers) one.answers();
        for (int row = 0; row < 20; row++) {
            double[] x = one.rows().row(row);
            assertThat(x[0]).isBetween(0.0, 1.0);
            assertThat(numbers.values().row(row)).containsExactly(0.3 * x[0] + 0.1 * x[1]);
        }
        assertThat(one.digest())
                .isEqualTo(Dataset.linear(20, 3).digest())
                .isNotEqualTo(Dataset.linear(20, 4).digest());
    }

    @Test
    void rowsAreRepeatedOneByOne() {
        Dataset twice = Dataset.parity(1).repeated(2);

        assertThat(twice.rows().all()).isEqualTo(new double[][] {{-1}, {-1}, {1}, {1}});
        assertThat(((Answers.Labels) twice.answers()).label()).containsExactly(0, 0, 1, 1);
    }

    /** Runs are stored with them: data that has not changed must not look changed to a later version. */
    @Test
    void fingerprintsAndSplitsStayWhatTheyWere() {
        assertThat(Dataset.moons(40, 0.1, 3).digest()).isEqualTo("a19affee787b2244");
        assertThat(Dataset.moons(41, 0.1, 3).split(0.3, 7).digest()).isEqualTo("42ff6552af8ddfd6-5cc610aefb22462f");
        assertThat(Dataset.linear(20, 3).digest()).isEqualTo("181ef399cf4f3878");
        assertThat(Dataset.linear(21, 3).split(0.25, 5).digest()).isEqualTo("ed2d801f7bf52fc3-50108aed821346aa");
    }

    @Test
    void severalNumbersStayTogether() {
        Dataset data = new Dataset(
                "n", List.of("x"), new double[][] {{1}, {2}}, new Answers.Numbers(List.of("a", "b"), new double[][] {
                    {1, 2}, {3, 4}
                }));

        assertThat(data.outputs()).isEqualTo(2);
        assertThat(((Answers.Numbers) data.only(new int[] {1}).answers())
                        .values()
                        .all())
                .isEqualTo(new double[][] {{3, 4}});
    }
}
