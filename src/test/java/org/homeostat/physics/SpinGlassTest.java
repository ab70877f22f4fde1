package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.homeostat.physics.SpinGlass.Graph;
import org.junit.jupiter.api.Test;

class SpinGlassTest {

    private static final int SPINS = 9;

    private static double[][] couplings(SplittableRandom random) {
        double[][] j = new double[SPINS][SPINS];
        for (int a = 0; a < SPINS; a++) {
            for (int b = 0; b < a; b++) {
                j[a][b] = j[b][a] = random.nextDouble(-1, 1);
            }
        }
        return j;
    }

    private static double[] fields(SplittableRandom random) {
        return random.doubles(SPINS, -1, 1).toArray();
    }

    /** Every state of some spins. */
    static double[][] states(int spins) {
        double[][] states = new double[1 << spins][spins];
        for (int code = 0; code < states.length; code++) {
            for (int i = 0; i < spins; i++) {
                states[code][i] = (code >> i & 1) == 0 ? -1 : 1;
            }
        }
        return states;
    }

    private static double plainly(double[][] j, double[] h, double[] s) {
        double energy = 0;
        for (int a = 0; a < s.length; a++) {
            energy += h[a] * s[a];
            for (int b = 0; b < a; b++) {
                energy += j[a][b] * s[a] * s[b];
            }
        }
        return energy;
    }

    @Test
    void theEnergyCountsEachPairOnce() {
        SplittableRandom random = new SplittableRandom(1);
        double[][] j = couplings(random);
        double[] h = fields(random);
        SpinGlass glass = SpinGlass.of(j, h);
        for (double[] s : states(SPINS)) {
            assertThat(glass.energy(s)).isCloseTo(plainly(j, h, s), within(1e-12));
        }
    }

    @Test
    void aQuenchOnlyEverLowersTheEnergyAndEndsWhereNoFlipDoes() {
        SplittableRandom random = new SplittableRandom(2);
        for (int trial = 0; trial < 50; trial++) {
            SpinGlass glass = SpinGlass.of(couplings(random), fields(random));
            double[] s = new double[SPINS];
            SpinGlass.shuffle(s, random);
            double before = glass.energy(s);
            assertThat(glass.quench(s)).isPositive();
            assertThat(glass.energy(s)).isLessThanOrEqualTo(before);
            assertThat(glass.restless(s)).isLessThanOrEqualTo(1e-12);
            for (int i = 0; i < SPINS; i++) {
                double[] flipped = s.clone();
                flipped[i] = -flipped[i];
                assertThat(glass.energy(flipped)).isGreaterThanOrEqualTo(glass.energy(s));
            }
        }
    }

    @Test
    void aFewAnnealsFindTheGroundState() {
        SplittableRandom random = new SplittableRandom(3);
        for (int trial = 0; trial < 20; trial++) {
            SpinGlass glass = SpinGlass.of(couplings(random), fields(random));
            double ground = Arrays.stream(states(SPINS))
                    .mapToDouble(glass::energy)
                    .min()
                    .orElseThrow();
            double least = Double.POSITIVE_INFINITY;
            for (int read = 0; read < 10; read++) {
                double[] s = new double[SPINS];
                SpinGlass.shuffle(s, random);
                glass.anneal(s, glass.forward(50), random);
                least = Math.min(least, glass.energy(s));
            }
            assertThat(least).isCloseTo(ground, within(1e-12));
        }
    }

    @Test
    void anAnnealGoesFromHotToColdAndAReverseOneBackAndForth() {
        SpinGlass glass = SpinGlass.of(new double[][] {{0, 2, 0}, {2, 0, -0.5}, {0, -0.5, 0}}, new double[] {0, 1, 0});
        double[] forward = glass.forward(40);
        assertThat(forward).hasSize(40).isSorted();
        // Spin 1 is held by 2 + 0.5 + 1; the weakest force is 0.5.
        assertThat(forward[0]).isCloseTo(Math.log(2) / 3.5, within(1e-12));
        assertThat(forward[39]).isCloseTo(Math.log(100) / 0.5, within(1e-9));
        double[] reverse = glass.reverse(40, 0.25);
        assertThat(reverse).hasSize(60);
        for (int t = 0; t < 30; t++) {
            assertThat(reverse[t]).isEqualTo(forward[39 - t]);
            assertThat(reverse[30 + t]).isEqualTo(forward[10 + t]);
        }
    }

    @Test
    void oneTinyWeightDoesNotFreezeTheChain() {
        SpinGlass glass = SpinGlass.of(new double[][] {{0, 2}, {2, 0}}, new double[] {1e-9, 0});
        assertThat(glass.forward(10)[9]).isCloseTo(Math.log(100) / 2e-3, within(1e-6));
    }

    /** A heat bath visits states as Boltzmann says: means of spins and of products against the sum over all states. */
    @Test
    void aHeatBathFollowsBoltzmann() {
        SplittableRandom random = new SplittableRandom(4);
        double[][] j = couplings(random);
        double[] h = fields(random);
        SpinGlass glass = SpinGlass.of(j, h);
        double temperature = 1.5;
        double[] exact = new double[SPINS];
        double weight = 0;
        for (double[] s : states(SPINS)) {
            double w = Math.exp(-glass.energy(s) / temperature);
            weight += w;
            for (int i = 0; i < SPINS; i++) {
                exact[i] += w * s[i];
            }
        }
        double[] seen = new double[SPINS];
        double[] s = new double[SPINS];
        SpinGlass.shuffle(s, random);
        int reads = 40_000;
        for (int read = 0; read < reads; read++) {
            glass.bathe(s, temperature, 2, random);
            for (int i = 0; i < SPINS; i++) {
                seen[i] += s[i] / reads;
            }
        }
        for (int i = 0; i < SPINS; i++) {
            assertThat(seen[i]).isCloseTo(exact[i] / weight, within(0.03));
        }
    }

    @Test
    void couplingsWithoutAnEnergyAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SpinGlass.of(new double[][] {{0, 1}, {0.5, 0}}, new double[2]))
                .withMessageContaining("symmetric");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SpinGlass.of(new double[][] {{1, 0}, {0, 0}}, new double[2]))
                .withMessageContaining("diagonal");
        Graph graph = new Graph(2, new int[] {0}, new int[] {1});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SpinGlass(graph, new double[] {Double.NaN}, new double[2]))
                .withMessageContaining("finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SpinGlass(graph, new double[2], new double[2]))
                .withMessageContaining("expected 1 couplings");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Graph(2, new int[] {1}, new int[] {1}))
                .withMessageContaining("two different");
    }

    @Test
    void withoutAnyForceNothingBreaks() {
        SpinGlass glass = SpinGlass.of(new double[2][2], new double[2]);
        double[] s = {1, -1};
        assertThat(glass.forward(3)).containsOnly(1);
        assertThat(glass.quench(s)).isEqualTo(1);
        glass.anneal(s, glass.forward(3), new SplittableRandom(1));
        assertThat(glass.energy(s)).isZero();
    }
}
