package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CostPropertiesTest {

    private static final double STEP = 1e-4;

    @Provide
    Arbitrary<double[]> outputs() {
        return Arbitraries.doubles().between(-1, 1).array(double[].class).ofSize(4);
    }

    /** Probabilities, some of them not asked for; at least one is. */
    @Provide
    Arbitrary<double[]> targets() {
        return Arbitraries.doubles()
                .between(0, 1)
                .array(double[].class)
                .ofSize(4)
                .flatMap(target -> Arbitraries.integers().between(0, 14).map(mask -> {
                    double[] some = target.clone();
                    for (int k = 0; k < some.length; k++) {
                        some[k] = (mask >> k & 1) == 1 ? Cost.ANY : some[k];
                    }
                    return some;
                }));
    }

    @Property(tries = 300)
    void theGradientOfTheSquaredErrorIsItsSlope(
            @ForAll("outputs") double[] outputs, @ForAll("targets") double[] target) {
        slopesAgree(new Cost.SquaredError(), outputs, target);
    }

    @Property(tries = 300)
    void theGradientOfTheCrossEntropyIsItsSlope(
            @ForAll("outputs") double[] outputs, @ForAll("targets") double[] target) {
        double sum = 0;
        for (double t : target) {
            sum += Double.isNaN(t) ? 0 : t;
        }
        double[] probabilities = target.clone();
        for (int k = 0; k < target.length; k++) {
            probabilities[k] = sum > 1e-6 ? target[k] / sum : Double.isNaN(target[k]) ? Cost.ANY : 0;
        }
        if (sum <= 1e-6) {
            for (int k = 0; k < target.length; k++) {
                if (!Double.isNaN(target[k])) {
                    probabilities[k] = 1;
                    break;
                }
            }
        }
        slopesAgree(new Cost.CrossEntropy(0.3, 0.7), outputs, probabilities);
    }

    /** Central differences; both costs have third derivatives below 10 here, so that they are right to 10 STEP^2 / 6. */
    private static void slopesAgree(Cost cost, double[] outputs, double[] target) {
        double[] gradient = cost.gradient(outputs, target);
        for (int k = 0; k < outputs.length; k++) {
            double[] up = outputs.clone();
            double[] down = outputs.clone();
            up[k] += STEP;
            down[k] -= STEP;
            double slope = (cost.of(up, target) - cost.of(down, target)) / (2 * STEP);
            assertThat(gradient[k]).isCloseTo(slope, within(2 * STEP * STEP));
        }
    }
}
