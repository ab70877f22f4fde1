package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Networks small enough to be settled on paper. */
class HopfieldNetworkTest {

    private static final double TOLERANCE = 1e-15;

    private static double[] settled(HopfieldNetwork network, double[] theta, Drive drive) {
        double[] state = new double[network.states()];
        assertThat(network.settle(theta, drive, state, TOLERANCE).settled()).isTrue();
        return state;
    }

    /** One input, one hidden unit, one output: weights w1 and w2, biases b1 and b2. */
    private static final HopfieldNetwork CHAIN = new HopfieldNetwork(1, 1, 1);

    private static double[] chain(double w1, double b1, double w2, double b2) {
        double[] theta = new double[4];
        theta[CHAIN.weight(1, 0, 0)] = w1;
        theta[CHAIN.bias(1, 0)] = b1;
        theta[CHAIN.weight(2, 0, 0)] = w2;
        theta[CHAIN.bias(2, 0)] = b2;
        return theta;
    }

    @Test
    void betweenItsBoundsAHiddenUnitAddsUpBothSides() {
        // h = w1 x + b1 + w2 o and o = w2 h + b2, so h (1 - w2^2) = w1 x + b1 + w2 b2.
        double[] theta = chain(0.5, 0.1, 0.6, -0.2);
        Drive drive = Drive.free(new double[] {0.8}, 1);
        double h = (0.5 * 0.8 + 0.1 - 0.6 * 0.2) / (1 - 0.36);
        double o = 0.6 * h - 0.2;
        assertThat(settled(CHAIN, theta, drive)).containsExactly(new double[] {h, o}, within(1e-14));
        double energy = 0.5 * (h * h + o * o) - 0.5 * 0.8 * h - 0.6 * h * o - 0.1 * h + 0.2 * o;
        assertThat(CHAIN.energy(theta, drive, new double[] {h, o})).isCloseTo(energy, within(1e-15));
        double[] force = new double[4];
        CHAIN.forces(theta, drive, new double[] {h, o}, force);
        assertThat(force[CHAIN.weight(1, 0, 0)]).isCloseTo(-0.8 * h, within(1e-15));
        assertThat(force[CHAIN.bias(1, 0)]).isCloseTo(-h, within(1e-15));
        assertThat(force[CHAIN.weight(2, 0, 0)]).isCloseTo(-h * o, within(1e-15));
        assertThat(force[CHAIN.bias(2, 0)]).isCloseTo(-o, within(1e-15));
    }

    @Test
    void aHiddenUnitStopsAtZeroAndAtOne() {
        Drive drive = Drive.free(new double[] {1}, 1);
        assertThat(settled(CHAIN, chain(2, 0, 0.5, 0), drive)).containsExactly(new double[] {1, 0.5}, within(1e-15));
        assertThat(settled(CHAIN, chain(-2, 0, 0.5, -3), drive)).containsExactly(new double[] {0, -3}, within(1e-15));
    }

    @Test
    void outputsHaveNoBounds() {
        assertThat(settled(CHAIN, chain(9, 0, 7, 5), Drive.free(new double[] {1}, 1)))
                .containsExactly(new double[] {1, 12}, within(1e-14));
    }

    @Test
    void aNudgeIsAForceOrASpringOnTheOutput() {
        double[] theta = chain(0, 0.5, 0, 1);
        Drive free = Drive.free(new double[] {0}, 1);
        assertThat(settled(CHAIN, theta, free)[1]).isCloseTo(1, within(1e-15));
        assertThat(settled(CHAIN, theta, free.pushed(new double[] {0.3}))[1]).isCloseTo(1.3, within(1e-15));
        // (1 + beta) o = b + beta y
        assertThat(settled(CHAIN, theta, free.coupled(0.5, new double[] {4}))[1])
                .isCloseTo(2, within(1e-15));
        assertThat(settled(CHAIN, theta, free.coupled(-0.5, new double[] {4}))[1])
                .isCloseTo(-2, within(1e-15));
    }

    @Test
    void aClampHoldsTheOutputAndTheHiddenUnitSettlesAroundIt() {
        Drive drive = Drive.free(new double[] {0.8}, 1).clamped(new double[] {0.7});
        // h = w1 x + b1 + w2 o
        assertThat(settled(CHAIN, chain(0.5, 0.1, 0.6, -0.2), drive))
                .containsExactly(new double[] {0.4 + 0.1 + 0.42, 0.7}, within(1e-15));
        HopfieldNetwork bare = new HopfieldNetwork(1, 1);
        assertThat(settled(bare, new double[] {2, 1}, drive)).containsExactly(0.7);
    }

    /** Long sums are split in four and zeros are left out; neither may change what they come to. */
    @Test
    void wideLayersAddUpLikeNarrowOnes() {
        HopfieldNetwork wide = new HopfieldNetwork(3, 2, 67);
        double[] theta = new java.util.SplittableRandom(1)
                .doubles(wide.parameters(), -0.05, 0.05)
                .toArray();
        Drive drive = Drive.free(new double[] {0, 0.5, 0}, 67);
        double[] state = settled(wide, theta, drive);
        for (int unit = 0; unit < 2; unit++) {
            double sum = theta[wide.bias(1, unit)] + 0.5 * theta[wide.weight(1, 1, unit)];
            for (int k = 0; k < 67; k++) {
                sum += theta[wide.weight(2, unit, k)] * state[2 + k];
            }
            assertThat(state[unit]).isCloseTo(Math.max(0, sum), within(1e-14));
        }
    }

    @Test
    void aSpringAsStrongAsTheOutputsOwnIsRefused() {
        double[] state = {0.2, 0.3};
        for (double strength : new double[] {-1, -1.5}) {
            Drive drive = Drive.free(new double[] {0}, 1).coupled(strength, new double[] {1});
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> CHAIN.settle(chain(0, 0, 0, 0), drive, state, TOLERANCE))
                    .withMessageContainingAll(String.valueOf(strength), "above -1");
        }
        assertThat(state).containsExactly(0.2, 0.3);
    }

    @Test
    void withoutAHiddenLayerItIsLinear() {
        HopfieldNetwork network = new HopfieldNetwork(2, 2);
        // Rows of W are inputs: o1 = 1 x1 + 3 x2 + 0.5, o2 = 2 x1 + 4 x2 - 0.5.
        double[] theta = {1, 2, 3, 4, 0.5, -0.5};
        assertThat(settled(network, theta, Drive.free(new double[] {1, -1}, 2)))
                .containsExactly(new double[] {-1.5, -2.5}, within(1e-15));
    }

    @Test
    void everyParameterHasAPlaceOfItsOwn() {
        HopfieldNetwork network = new HopfieldNetwork(3, 4, 5, 2);
        int[] sizes = {3, 4, 5, 2};
        int[] places = IntStream.range(1, sizes.length)
                .flatMap(layer -> IntStream.range(0, sizes[layer])
                        .flatMap(to -> IntStream.concat(
                                IntStream.of(network.bias(layer, to)),
                                IntStream.range(0, sizes[layer - 1]).map(from -> network.weight(layer, from, to)))))
                .toArray();
        assertThat(places).hasSize(network.parameters()).doesNotHaveDuplicates();
        assertThat(IntStream.of(places).max().orElseThrow()).isEqualTo(network.parameters() - 1);
        assertThat(network.parameters()).isEqualTo(4 * 4 + 5 * 5 + 6 * 2);
        assertThat(network.states()).isEqualTo(11);
        assertThat(network.outputs()).containsExactly(9, 10);
        assertThat(network.unit(2, 3)).isEqualTo(7);
        assertThat(network.inputs()).isEqualTo(3);
        // Row by row: the next unit of the layer comes right after, and the biases after all weights.
        assertThat(network.weight(2, 1, 3)).isEqualTo(network.weight(2, 1, 2) + 1);
        assertThat(network.bias(2, 0)).isEqualTo(network.weight(2, 3, 4) + 1);
    }

    @Test
    void aNetworkHasAnInputAndAnOutputLayerOfOneUnitAtLeast() {
        for (int[] sizes : new int[][] {{}, {3}, {3, 0}, {0, 3}, {3, -1, 2}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new HopfieldNetwork(sizes))
                    .withMessageContainingAll("at least", java.util.Arrays.toString(sizes));
        }
    }

    @Test
    void theSizesItWasBuiltWithCannotBeChangedFromOutside() {
        int[] sizes = {2, 3, 1};
        HopfieldNetwork network = new HopfieldNetwork(sizes);
        sizes[0] = 7;
        assertThat(network.inputs()).isEqualTo(2);
    }
}
