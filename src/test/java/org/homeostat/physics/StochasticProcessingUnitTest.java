package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.homeostat.physics.Sampled.Run;
import org.homeostat.physics.Sampled.Sample;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ringing cells, against a fine march of their equations and against linear algebra. Units of one. */
class StochasticProcessingUnitTest {

    private static final int CELLS = 3;

    private final SplittableRandom random = new SplittableRandom(12);
    private final double[] theta =
            random.doubles(CELLS * (CELLS + 1) / 2, 0.3, 1).toArray();

    private static RealMatrix maxwell(double[] theta) {
        RealMatrix c = new Array2DRowRealMatrix(CELLS, CELLS);
        int k = CELLS;
        for (int i = 0; i < CELLS; i++) {
            c.addToEntry(i, i, theta[i]);
            for (int j = i + 1; j < CELLS; j++, k++) {
                c.addToEntry(i, i, theta[k]);
                c.addToEntry(j, j, theta[k]);
                c.setEntry(i, j, -theta[k]);
                c.setEntry(j, i, -theta[k]);
            }
        }
        return c;
    }

    private Sample run(StochasticProcessingUnit unit, double[] input, double[] state, double seconds, int reads) {
        return unit.sample(
                theta, Drive.free(input, CELLS), state, new Run(false, seconds, reads, new SplittableRandom(77)));
    }

    /** Resistors for which the cells ring, hardly ring, and creep. */
    @ParameterizedTest
    @ValueSource(doubles = {5, 0.5, 0.1})
    void theWayThereIsTheOneOfTheEquations(double ohms) {
        double henries = 0.4;
        StochasticProcessingUnit unit = new StochasticProcessingUnit(CELLS, ohms, henries, 0, 0.1);
        RealMatrix inverse = new LUDecomposition(maxwell(theta)).getSolver().getInverse();
        double[] input = {0.5, -1, 0.2};
        double[] begun = random.doubles(2 * CELLS, -1, 1).toArray();
        double[] marched = Marched.from(begun, 1.3, 20_000, x -> {
            double[] pushed = new double[CELLS];
            Arrays.setAll(pushed, i -> -x[i] / ohms - x[CELLS + i] + input[i]);
            double[] volts = inverse.operate(pushed);
            double[] rate = new double[2 * CELLS];
            for (int i = 0; i < CELLS; i++) {
                rate[i] = volts[i];
                rate[CELLS + i] = x[i] / henries;
            }
            return rate;
        });
        double[] state = begun.clone();
        Sample sample = run(unit, input, state, 1.3, 1);
        assertThat(state).containsExactly(marched, within(1e-10));
        assertThat(sample.outputs()).containsExactly(Arrays.copyOf(state, CELLS));
        assertThat(sample.rest().settled()).isFalse();
        Sample later = run(unit, input, state, 1e3, 1);
        assertThat(later.rest().settled()).isTrue();
        assertThat(state).containsExactly(new double[] {0, 0, 0, 0.5, -1, 0.2}, within(1e-9));
    }

    @Test
    void theVoltagesInvertTheCapacitancesAndLeaveTheCurrentsAlone() {
        double heat = 0.3;
        StochasticProcessingUnit unit = new StochasticProcessingUnit(CELLS, 1, 0.4, heat, 3);
        RealMatrix wanted =
                new LUDecomposition(maxwell(theta)).getSolver().getInverse().scalarMultiply(heat);
        Sample sample = run(unit, new double[CELLS], new double[2 * CELLS], 100, 100_000);
        int k = CELLS;
        double worst = 0;
        for (int i = 0; i < CELLS; i++) {
            worst = Math.max(
                    worst, Math.abs(sample.forces()[i] - 0.5 * wanted.getEntry(i, i)) / sample.forceErrors()[i]);
            for (int j = i + 1; j < CELLS; j++, k++) {
                double across = wanted.getEntry(i, i) + wanted.getEntry(j, j) - 2 * wanted.getEntry(i, j);
                worst = Math.max(worst, Math.abs(sample.forces()[k] - 0.5 * across) / sample.forceErrors()[k]);
            }
        }
        assertThat(worst).isBetween(0.2, 4.0);
        assertThat(sample.forceErrors()[0] / sample.forces()[0]).isLessThan(0.02);
    }

    /** In the heat bath coil and capacitor hold the same energy, and do not know of each other. */
    @Test
    void theCurrentsHaveTheirOwnSpread() {
        double heat = 0.3;
        double henries = 0.4;
        StochasticProcessingUnit unit = new StochasticProcessingUnit(CELLS, 1, henries, heat, 3);
        double[] state = new double[2 * CELLS];
        SplittableRandom chance = new SplittableRandom(5);
        int reads = 20_000;
        double squares = 0;
        double product = 0;
        for (int read = 0; read < reads; read++) {
            unit.sample(theta, Drive.free(new double[CELLS], CELLS), state, new Run(false, 3, 1, chance));
            squares += state[CELLS] * state[CELLS] / reads;
            product += state[CELLS] * state[0] / reads;
        }
        assertThat(squares).isCloseTo(heat / henries, within(0.03));
        assertThat(product).isCloseTo(0, within(0.02));
    }

    @Test
    void theForcesAreTheSlopesOfTheEnergy() {
        StochasticProcessingUnit unit = new StochasticProcessingUnit(CELLS, 1, 0.4, 0, 1);
        double[] state = random.doubles(2 * CELLS, -1, 1).toArray();
        Drive drive = Drive.free(new double[] {1, 2, 3}, CELLS);
        double[] forces = new double[theta.length];
        unit.forces(theta, drive, state, forces);
        for (int k = 0; k < theta.length; k++) {
            double[] more = theta.clone();
            more[k] += 0.5;
            assertThat(unit.energy(more, drive, state) - unit.energy(theta, drive, state))
                    .isCloseTo(0.5 * forces[k], within(1e-12));
        }
        double[] v = Arrays.copyOf(state, CELLS);
        double capacitors = 0;
        double[] charge = maxwell(theta).operate(v);
        for (int i = 0; i < CELLS; i++) {
            capacitors += 0.5 * v[i] * charge[i];
        }
        double coils = 0;
        for (int i = 0; i < CELLS; i++) {
            coils += 0.2 * (state[CELLS + i] - drive.input()[i]) * (state[CELLS + i] - drive.input()[i]);
        }
        assertThat(unit.energy(theta, drive, state)).isCloseTo(capacitors + coils, within(1e-12));
    }

    @Test
    void aCellWithoutGroundIsReportedAndANudgeRefused() {
        StochasticProcessingUnit unit = new StochasticProcessingUnit(CELLS, 1, 0.4, 0.1, 1);
        double[] floating = {0, 0, 0, 1, 1, 1};
        double[] state = new double[2 * CELLS];
        Drive free = Drive.free(new double[CELLS], CELLS);
        Rest rest = unit.settle(floating, free, state, 1e-9);
        assertThat(rest.residual()).isInfinite();
        assertThat(rest.remark()).contains("not positive definite");
        assertThat(unit.sample(floating, free, state, new Run(true, 1, 1, random))
                        .rest()
                        .residual())
                .isInfinite();
        for (Drive nudged : new Drive[] {
            free.pushed(new double[] {0, 1, 0}), free.coupled(0.1, new double[CELLS]), free.clamped(new double[CELLS])
        }) {
            assertThatIllegalArgumentException().isThrownBy(() -> unit.settle(theta, nudged, state, 1e-9));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> unit.sample(theta, nudged, state, new Run(true, 1, 1, random)));
        }
    }
}
