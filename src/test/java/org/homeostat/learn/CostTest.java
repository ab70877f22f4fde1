package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CostTest {

    private final Cost squared = new Cost.SquaredError();
    private final Cost cross = new Cost.CrossEntropy(0.2, 0.5);

    @Test
    void theSquaredErrorIsHalfTheSquaredDistance() {
        assertThat(squared.of(new double[] {1, 2}, new double[] {0, 4})).isEqualTo(0.5 * (1 + 4));
        assertThat(squared.gradient(new double[] {1, 2}, new double[] {0, 4})).containsExactly(1, -2);
        assertThat(squared.unit()).isEqualTo(1);
    }

    @Test
    void crossEntropyIsThatOfTheSoftmaxTimesSwingAndTemperature() {
        // p = softmax(0, 0.2, 0.4 over 0.2) = softmax(0, 1, 2)
        double sum = 1 + Math.E + Math.E * Math.E;
        double[] outputs = {0, 0.2, 0.4};
        double[] target = {0, 1, 0};
        assertThat(cross.of(outputs, target)).isCloseTo(0.1 * Math.log(sum / Math.E), within(1e-15));
        assertThat(cross.gradient(outputs, target))
                .containsExactly(
                        new double[] {0.5 / sum, 0.5 * (Math.E / sum - 1), 0.5 * Math.E * Math.E / sum}, within(1e-15));
        // A nat.
        assertThat(cross.unit()).isEqualTo(0.1);
        assertThat(cross.of(new double[] {0, 0, 0}, target) / cross.unit()).isCloseTo(Math.log(3), within(1e-14));
    }

    @Test
    void outputsNotAskedForCostNothingAndAreNotPulled() {
        double[] target = {Cost.ANY, 1, 0};
        assertThat(squared.of(new double[] {99, 0.5, 0.5}, target)).isEqualTo(0.25);
        assertThat(squared.gradient(new double[] {99, 0.5, 0.5}, target)).containsExactly(0, -0.5, 0.5);
        assertThat(cross.of(new double[] {99, 0.5, 0.5}, target)).isCloseTo(0.1 * Math.log(2), within(1e-15));
        assertThat(cross.gradient(new double[] {99, 0.5, 0.5}, target))
                .containsExactly(new double[] {0, -0.25, 0.25}, within(1e-15));
    }

    @Test
    void crossEntropyBearsOutputsFarApart() {
        double[] outputs = {1000, -1000};
        assertThat(cross.of(outputs, new double[] {1, 0})).isEqualTo(0);
        assertThat(cross.of(outputs, new double[] {0, 1})).isCloseTo(0.5 * 2000, within(1e-9));
        assertThat(cross.gradient(outputs, new double[] {0, 1})).containsExactly(0.5, -0.5);
    }

    @Test
    void crossEntropyWithoutTemperatureOrSwingIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Cost.CrossEntropy(0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Cost.CrossEntropy(1, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Cost.CrossEntropy(Double.NaN, 1));
    }
}
