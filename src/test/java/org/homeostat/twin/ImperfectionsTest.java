package org.homeostat.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;
import org.homeostat.twin.Bench.Scales;
import org.junit.jupiter.api.Test;

/** Every imperfection has the effect that its description says, alone, and none when it is zero. */
class ImperfectionsTest {

    /** A specimen a seed; enough to tell a spread from a fluke. */
    private static final int SPECIMENS = 200;

    private static final Scale.Rheostat POT = new Scale.Rheostat(100, 10e3, 256);

    private static final Imperfections ELEMENTS = new Imperfections(0.2, 0, 0, 0, 0, 0, 0, 0);
    private static final Imperfections WIPERS = new Imperfections(0, 0.3, 0, 0, 0, 0, 0, 0);
    private static final Imperfections GAINS = new Imperfections(0, 0, 0.01, 0, 0, 0, 0, 0);
    private static final Imperfections OFFSETS = new Imperfections(0, 0, 0, 1e4, 0, 0, 0, 0);
    private static final Imperfections BENDS = new Imperfections(0, 0, 0, 0, 1e4, 0, 0, 0);
    private static final Imperfections NOISE = new Imperfections(0, 0, 0, 0, 0, 1e-3, 0, 0);
    private static final Imperfections READBACK = new Imperfections(0, 0, 0, 0, 0, 0, 1e-6, 0);
    private static final Imperfections DRIFT = new Imperfections(0, 0, 0, 0, 0, 0, 0, 0.01);

    /** What one specimen after the other shows, each alone on the bench. */
    private static double[] specimens(Scales scales, Imperfections spread, ToDoubleFunction<TwinDevice> shows) {
        return LongStream.range(0, SPECIMENS)
                .mapToDouble(seed -> shows.applyAsDouble(Bench.digital(scales, spread, seed)))
                .toArray();
    }

    private static double rms(double[] values) {
        return Math.sqrt(
                Arrays.stream(values).map(value -> value * value).average().orElseThrow());
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElseThrow();
    }

    // None

    @Test
    void withoutAnyItIsThePhysicsAndNothingElse() {
        for (long seed = 0; seed < 5; seed++) {
            TwinDevice twin = Bench.digital(Scales.CONTINUOUS, Imperfections.NONE, seed);
            for (double g : new double[] {1e-5, 1e-3, 1e-2}) {
                Response response = Bench.ask(twin, Bench.volts(3, g));
                assertThat(response.outputs(0)[0]).isCloseTo(3 * g / (g + Bench.LOAD), within(1e-13));
                assertThat(response.levels().at(Role.MONITOR, 0, 0)).isCloseTo(1.5, within(1e-13));
                assertThat(response.errors())
                        .isEqualTo(Levels.of(Role.OUTPUT, 0).and(Levels.of(Role.MONITOR, 0)));
            }
        }
    }

    @Test
    void withoutAnyAnExchangeRepeatsToTheLastBit() {
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, Imperfections.NONE, 1);
        double first = Bench.output(twin, Bench.volts(3, 2e-3));
        Stimulus longer = Bench.volts(3, 2e-3).settling(new Settling.Dwell(1e5, 7));
        assertThat(Bench.output(twin, longer)).isEqualTo(first);
        assertThat(Bench.output(twin, Bench.volts(3, 2e-3))).isEqualTo(first);
    }

    @Test
    void aChannelWithoutAConverterHasNoneOfItsErrors() {
        Imperfections converters = new Imperfections(0, 0, 0.1, 100, 100, 0, 0, 0);
        TwinDevice exact = Bench.digital(Scales.CONTINUOUS, Imperfections.NONE, 3);
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, converters, 3);
        assertThat(Bench.ask(twin, Bench.volts(3, 2e-3))).isEqualTo(Bench.ask(exact, Bench.volts(3, 2e-3)));
    }

    // Elements

    @Test
    void elementsStrayWithinTheirTolerance() {
        double[] errors = specimens(
                Scales.CONTINUOUS,
                ELEMENTS,
                twin -> Bench.siemens(3, Bench.output(twin, Bench.volts(3, 2e-3))) / 2e-3 - 1);
        assertThat(largest(errors)).isBetween(0.19, 0.2);
        // Uniform: rms is half-width over the square root of three, and as many stray up as down.
        assertThat(rms(errors)).isCloseTo(0.2 / Math.sqrt(3), within(0.01));
        assertThat(Arrays.stream(errors).average().orElseThrow()).isCloseTo(0, within(0.02));
    }

    @Test
    void anElementStraysByTheSamePartAtEveryLevel() {
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, ELEMENTS, 5);
        double part = Bench.siemens(3, Bench.output(twin, Bench.volts(3, 1e-4))) / 1e-4;
        assertThat(part).isNotCloseTo(1, within(1e-3));
        for (double g : new double[] {5e-4, 3e-3, 9e-3}) {
            assertThat(Bench.siemens(3, Bench.output(twin, Bench.volts(3, g))) / g)
                    .isCloseTo(part, within(1e-9));
        }
    }

    @Test
    void aPotentiometerStraysInItsTrackAndNotInItsWiper() {
        Scales pots = new Scales(Scale.CONTINUOUS, Scale.CONTINUOUS, Scale.CONTINUOUS, POT);
        double[] tracks = specimens(pots, ELEMENTS, twin -> (ohms(twin, 200) - ohms(twin, 0)) / (10e3 * 200 / 256) - 1);
        assertThat(largest(tracks)).isBetween(0.19, 0.2);
        double[] wipers = specimens(pots, ELEMENTS, twin -> ohms(twin, 0) / 100 - 1);
        assertThat(largest(wipers)).isLessThan(1e-9);
    }

    @Test
    void wipersStrayAndTracksDoNot() {
        Scales pots = new Scales(Scale.CONTINUOUS, Scale.CONTINUOUS, Scale.CONTINUOUS, POT);
        double[] wipers = specimens(pots, WIPERS, twin -> ohms(twin, 0) / 100 - 1);
        assertThat(largest(wipers)).isBetween(0.28, 0.3);
        double[] tracks = specimens(pots, WIPERS, twin -> (ohms(twin, 200) - ohms(twin, 0)) / (10e3 * 200 / 256) - 1);
        assertThat(largest(tracks)).isLessThan(1e-9);
        double[] plain = specimens(
                Scales.CONTINUOUS,
                WIPERS,
                twin -> Bench.siemens(3, Bench.output(twin, Bench.volts(3, 2e-3))) / 2e-3 - 1);
        assertThat(largest(plain)).isLessThan(1e-9);
    }

    private static double ohms(TwinDevice twin, int code) {
        return 1 / Bench.siemens(3, Bench.output(twin, Bench.volts(3, POT.level(code))));
    }

    @Test
    void digitalParametersTakeTheNearestCode() {
        Scales pots = new Scales(Scale.CONTINUOUS, Scale.CONTINUOUS, Scale.CONTINUOUS, POT);
        TwinDevice twin = Bench.digital(pots, Imperfections.NONE, 1);
        double between = 0.6 * POT.level(100) + 0.4 * POT.level(101);
        assertThat(Bench.siemens(3, Bench.output(twin, Bench.volts(3, between))))
                .isCloseTo(POT.level(100), within(1e-12));
    }

    @Test
    void driftChangesElementsInProportionToTheirAge() {
        double[] hour = specimens(Scales.CONTINUOUS, DRIFT, twin -> aged(twin, 3600));
        assertThat(rms(hour)).isCloseTo(0.01, within(1.5e-3));
        for (long seed = 0; seed < 10; seed++) {
            double one = aged(Bench.digital(Scales.CONTINUOUS, DRIFT, seed), 3600);
            double two = aged(Bench.digital(Scales.CONTINUOUS, DRIFT, seed), 7200);
            assertThat(two / one).isCloseTo(2, within(1e-5));
            assertThat(aged(Bench.digital(Scales.CONTINUOUS, DRIFT, seed), 0)).isCloseTo(0, within(1e-7));
        }
    }

    /** By which part the conductance has changed after so many seconds. */
    private static double aged(TwinDevice twin, double seconds) {
        Stimulus stimulus = Bench.volts(3, 2e-3).settling(new Settling.Dwell(Bench.SETTLE_SECONDS + seconds, 1));
        return Bench.siemens(3, Bench.output(twin, stimulus)) / 2e-3 - 1;
    }

    @Test
    void timeSpentAgesAnElementInWhateverExchange() {
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, DRIFT, 2);
        aged(twin, 1800);
        double young = aged(Bench.digital(Scales.CONTINUOUS, DRIFT, 2), 1800);
        assertThat(aged(twin, 1800) / young).isCloseTo(2, within(1e-5));
    }

    // Converters

    @Test
    void aGainErrorTurnsALineAndKeepsItsZero() {
        // Imposed through one converter and read through another: 3 V become 1.5 V times both gains.
        double[] slopes = specimens(Scales.FINE, GAINS, twin -> Bench.output(twin, Bench.volts(3, 1e-3)) / 1.5 - 1);
        assertThat(rms(slopes)).isCloseTo(0.01 * Math.sqrt(2), within(2e-3));
        double[] zeros = specimens(Scales.FINE, GAINS, twin -> Bench.output(twin, Bench.volts(0, 1e-3)));
        assertThat(largest(zeros)).isLessThan(1e-6);
        TwinDevice twin = Bench.digital(Scales.FINE, GAINS, 7);
        double one = Bench.output(twin, Bench.volts(1, 1e-3));
        assertThat(Bench.output(twin, Bench.volts(-3, 1e-3)) / one).isCloseTo(-3, within(1e-5));
    }

    @Test
    void anOffsetShiftsALineAndKeepsItsSlope() {
        double step = ((Scale.Linear) Scales.FINE.output()).step();
        // Half of the input's offset reaches the output, and the output's own is added.
        double[] zeros = specimens(Scales.FINE, OFFSETS, twin -> Bench.output(twin, Bench.volts(0, 1e-3)));
        assertThat(rms(zeros)).isCloseTo(1e4 * step * Math.sqrt(1.25), within(0.15 * 1e4 * step));
        for (long seed = 0; seed < 10; seed++) {
            TwinDevice twin = Bench.digital(Scales.FINE, OFFSETS, seed);
            double zero = Bench.output(twin, Bench.volts(0, 1e-3));
            assertThat(Bench.output(twin, Bench.volts(3, 1e-3)) - zero).isCloseTo(1.5, within(2 * step));
        }
    }

    @Test
    void nonlinearityBendsALineByNoMoreThanItsFigure() {
        double most = 1e4 * ((Scale.Linear) Scales.FINE.output()).step();
        double[] bends = specimens(Scales.FINE, BENDS, twin -> {
            double worst = 0;
            for (double x = -3.9; x < 4; x += 0.1) {
                worst = Math.max(worst, Math.abs(Bench.output(twin, Bench.volts(x, 1e-3)) - x / 2));
            }
            return worst;
        });
        // Half of the input's bend and all of the output's.
        assertThat(largest(bends)).isBetween(most, 1.5 * most + 1e-6);
        TwinDevice twin = Bench.digital(Scales.FINE, BENDS, 1);
        double low = Bench.output(twin, Bench.volts(-3, 1e-3)) + 1.5;
        double high = Bench.output(twin, Bench.volts(3, 1e-3)) - 1.5;
        assertThat(high).isNotCloseTo(low, within(0.01 * most));
    }

    @Test
    void aConverterPutsOutAndReadsWholeSteps() {
        Scale twelve = Scale.Linear.of(12, -4, 4);
        TwinDevice in = Bench.digital(
                new Scales(twelve, Scale.CONTINUOUS, Scale.CONTINUOUS, Scale.CONTINUOUS), Imperfections.NONE, 1);
        TwinDevice out = Bench.digital(
                new Scales(Scale.CONTINUOUS, twelve, Scale.CONTINUOUS, Scale.CONTINUOUS), Imperfections.NONE, 1);
        assertThat(Bench.output(in, Bench.volts(1.2345, 1e-3)))
                .isCloseTo(twelve.quantised(1.2345) / 2, within(1e-13))
                .isNotCloseTo(1.2345 / 2, within(1e-5));
        assertThat(Bench.output(out, Bench.volts(1.2345, 1e-3))).isEqualTo(twelve.quantised(1.2345 / 2));
    }

    @Test
    void aNudgeGoesThroughItsConverterToo() {
        Scale coarse = new Scale.Linear(-1e-2, 1e-3, 21);
        Scales scales = new Scales(Scale.CONTINUOUS, Scale.CONTINUOUS, coarse, Scale.CONTINUOUS);
        TwinDevice twin = Bench.digital(scales, Imperfections.NONE, 1);
        Stimulus still = Bench.volts(0, 1e-3);
        Stimulus pushed = still.nudged(new Nudge.Force(Levels.of(Role.NUDGE, 1.4e-3)));
        assertThat(Bench.output(twin, still)).isZero();
        assertThat(Bench.output(twin, pushed)).isCloseTo(1e-3 / 2e-3, within(1e-12));
        TwinDevice stray = Bench.digital(scales, OFFSETS, 1);
        assertThat(Bench.output(stray, pushed)).isNotCloseTo(0.5, within(1e-3));
        // No nudge is no nudge: it does not come through the converter, whatever its offset.
        assertThat(Bench.output(stray, still)).isZero();
    }

    // Noise

    @Test
    void noiseHasTheSizeThatItsFigureSays() {
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, NOISE, 1);
        double[] errors = new double[4000];
        Arrays.setAll(errors, i -> Bench.output(twin, Bench.volts(3, 1e-3)) - 1.5);
        assertThat(rms(errors)).isCloseTo(1e-3, within(5e-5));
        assertThat(Arrays.stream(errors).average().orElseThrow()).isCloseTo(0, within(5e-5));
        Response single = Bench.ask(twin, Bench.volts(3, 1e-3));
        assertThat(single.errors().at(Role.OUTPUT, 0, 0)).isEqualTo(1e-3);
    }

    @Test
    void theStandardErrorOfAMeanIsToldAndTrue() {
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, NOISE, 1);
        double[] errors = new double[400];
        double told = 0;
        for (int i = 0; i < errors.length; i++) {
            Response response = Bench.ask(twin, Bench.reads(Bench.volts(3, 1e-3), 100));
            errors[i] = response.outputs(0)[0] - 1.5;
            told += response.errors().at(Role.OUTPUT, 0, 0) / errors.length;
        }
        assertThat(rms(errors)).isCloseTo(1e-4, within(1e-5));
        assertThat(told).isCloseTo(1e-4, within(2e-6));
    }

    @Test
    void noReadingEverMeetsTheSameNoiseAgain() {
        for (long seed = 0; seed < 8; seed++) {
            TwinDevice twin = Bench.digital(Scales.CONTINUOUS, NOISE, seed);
            Set<Double> seen = new HashSet<>();
            for (int i = 0; i < 100; i++) {
                // At 0 V the level read is the noise itself.
                Levels levels = Bench.ask(twin, Bench.volts(0, 1e-3)).levels();
                seen.add(levels.at(Role.OUTPUT, 0, 0));
                seen.add(levels.at(Role.MONITOR, 0, 0));
            }
            assertThat(seen.size()).as("seed %s", seed).isEqualTo(200);
        }
    }

    @Test
    void noTwoSpecimensMeetTheSameNoise() {
        Set<Double> seen = new HashSet<>();
        for (long seed = 0; seed < 50; seed++) {
            TwinDevice twin = Bench.digital(Scales.CONTINUOUS, NOISE, seed);
            for (int i = 0; i < 4; i++) {
                seen.add(Bench.output(twin, Bench.volts(0, 1e-3)));
            }
        }
        assertThat(seen.size()).isEqualTo(200);
    }

    @Test
    void readNoiseDoesNotReachThePhysics() {
        TwinDevice noisy = Bench.compliant(NOISE, 1);
        TwinDevice still = Bench.compliant(Imperfections.NONE, 1);
        for (int i = 0; i < 5; i++) {
            Response one = Bench.ask(noisy, Bench.free(i - 2));
            Response other = Bench.ask(still, Bench.free(i - 2));
            assertThat(one.outputs(0)).isNotEqualTo(other.outputs(0));
            assertThat(one.parameters()).isEqualTo(other.parameters());
        }
    }

    @Test
    void readbackNoiseIsOnPositionsAlone() {
        TwinDevice noisy = Bench.compliant(READBACK, 1);
        TwinDevice still = Bench.compliant(Imperfections.NONE, 1);
        double[] errors = new double[2000];
        for (int i = 0; i < errors.length; i++) {
            Response one = Bench.ask(noisy, Bench.free(2));
            Response other = Bench.ask(still, Bench.free(2));
            assertThat(one.outputs(0)).isEqualTo(other.outputs(0));
            errors[i] = one.parameters()[0] - other.parameters()[0];
            assertThat(one.errors().at(Role.PARAMETER, 0, 0)).isEqualTo(1e-6);
        }
        assertThat(rms(errors)).isCloseTo(1e-6, within(6e-8));
    }

    @Test
    void aDigitalParameterIsNotReadBackAtAll() {
        TwinDevice twin = Bench.digital(Scales.CONTINUOUS, READBACK, 1);
        assertThat(Bench.ask(twin, Bench.volts(2, 1e-3)).levels().has(Role.PARAMETER))
                .isFalse();
    }

    // The figures themselves

    @Test
    void spreadsAreNotNegativeAndFinite() {
        for (double bad : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
            for (int which = 0; which < 8; which++) {
                double[] s = new double[8];
                s[which] = bad;
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> new Imperfections(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]))
                        .withMessageContaining(String.valueOf(bad));
            }
        }
    }

    @Test
    void elementsMayNotStrayAllTheWayToNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Imperfections(1, 0, 0, 0, 0, 0, 0, 0))
                .withMessageContaining("without resistance");
        assertThatIllegalArgumentException().isThrownBy(() -> new Imperfections(0, 1, 0, 0, 0, 0, 0, 0));
        assertThat(new Imperfections(0.99, 0.99, 2, 2, 2, 2, 2, 2).converterGain())
                .isEqualTo(2);
    }
}
