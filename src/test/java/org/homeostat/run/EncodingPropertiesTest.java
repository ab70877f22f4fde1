package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.homeostat.learn.Cost;
import org.homeostat.run.Dataset.Answers;

/** Numbers survive the way to the outputs and back. */
final class EncodingPropertiesTest {

    @Property(tries = 300)
    void everyNumberComesBackFromItsTarget(
            @ForAll @Size(min = 2, max = 20) List<@DoubleRange(min = -1e6, max = 1e6) Double> values,
            @ForAll @DoubleRange(min = 0.01, max = 5) double swing) {
        double[] numbers = values.stream().mapToDouble(v -> v).toArray();
        double[][] rows = new double[numbers.length][1];
        Dataset train = new Dataset("rows", List.of("x"), rows, new Answers.Numbers("y", numbers));

        Encoding encoding = Encoding.fit(train, Cards.of(1, 1, 1, 1), 1, swing, new Cost.SquaredError());

        for (int row = 0; row < numbers.length; row++) {
            double[] target = encoding.target(train.answers(), row, 1);
            assertThat(encoding.numbers(target)[0])
                    .isCloseTo(numbers[row], within(1e-9 * (1 + Math.abs(numbers[row]))));
        }
    }
}
