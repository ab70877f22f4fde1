package org.homeostat.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class ScalePropertiesTest {

    @Provide
    Arbitrary<Scale.Linear> linears() {
        return Combinators.combine(
                        Arbitraries.doubles().ofScale(6).between(-10, 10),
                        Arbitraries.doubles().ofScale(9).between(1e-6, 1),
                        Arbitraries.integers().between(2, 1 << 16))
                .as(Scale.Linear::new);
    }

    @Provide
    Arbitrary<Scale.Rheostat> rheostats() {
        return Combinators.combine(
                        Arbitraries.doubles().between(1, 1000),
                        Arbitraries.doubles().between(1e3, 1e6),
                        Arbitraries.integers().between(2, 1024))
                .as(Scale.Rheostat::new);
    }

    @Provide
    Arbitrary<Scale> scales() {
        return Arbitraries.oneOf(linears().map(Scale.class::cast), rheostats().map(Scale.class::cast));
    }

    @Property
    void theCodeOfTheLevelOfACodeIsThatCode(@ForAll("scales") Scale scale, @ForAll @DoubleRange(max = 1) double where) {
        int code = (int) Math.rint(where * (scale.codes() - 1));
        assertThat(scale.code(scale.level(code))).isEqualTo(code);
    }

    @Property
    void quantisingTwiceIsQuantisingOnce(@ForAll("scales") Scale scale, @ForAll @DoubleRange(max = 1) double where) {
        double level = scale.level(0) + where * (scale.level(scale.codes() - 1) - scale.level(0));
        double once = scale.quantised(level);
        assertThat(scale.quantised(once)).isEqualTo(once);
    }

    @Property
    void aConverterIsNeverOffByMoreThanHalfAStepInsideItsSpan(
            @ForAll @IntRange(min = 1, max = 20) int bits, @ForAll @DoubleRange(max = 1) double where) {
        double min = -4.096;
        double max = 4.094;
        Scale.Linear scale = Scale.Linear.of(bits, min, max);
        double level = min + where * (max - min);
        assertThat(scale.quantised(level)).isCloseTo(level, within(0.5 * scale.step() + 1e-12));
    }

    @Property
    void aConverterFindsTheNearestCode(
            @ForAll("linears") Scale.Linear scale, @ForAll @DoubleRange(min = -0.2, max = 1.2) double where) {
        double level = scale.zero() + where * scale.step() * (scale.codes() - 1);
        int code = scale.code(level);
        double miss = Math.abs(scale.level(code) - level);
        for (int other : new int[] {Math.max(0, code - 1), Math.min(scale.codes() - 1, code + 1)}) {
            assertThat(Math.abs(scale.level(other) - level)).isGreaterThanOrEqualTo(miss - 1e-9 * scale.step());
        }
    }

    /** Brute force over all codes is the oracle: no code's conductance is nearer than that of the code chosen. */
    @Property
    void aPotentiometerFindsTheNearestConductance(
            @ForAll("rheostats") Scale.Rheostat scale, @ForAll @DoubleRange(min = -0.1, max = 1.1) double where) {
        double top = scale.level(0);
        double bottom = scale.level(scale.codes() - 1);
        double level = bottom + where * (top - bottom);
        double miss = Math.abs(scale.level(scale.code(level)) - level);
        for (int other = 0; other < scale.codes(); other++) {
            assertThat(Math.abs(scale.level(other) - level)).isGreaterThanOrEqualTo(miss * (1 - 1e-12));
        }
    }

    @Property
    void aHigherCodeIsALowerConductance(
            @ForAll("rheostats") Scale.Rheostat scale, @ForAll @DoubleRange(max = 1) double where) {
        int code = (int) (where * (scale.codes() - 2));
        assertThat(scale.level(code + 1)).isLessThan(scale.level(code));
    }
}
