package org.homeostat.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScaleTest {

    /** AD5206, 100 kohm: wiper about 60 ohm, 256 positions; R = wiper + 100k * code / 256 (its data sheet, equation 1). */
    private static final Scale.Rheostat AD5206 = new Scale.Rheostat(60, 100e3, 256);

    @Test
    void withoutAConverterLevelsPassUnchanged() {
        assertThat(Scale.CONTINUOUS.codes()).isZero();
        assertThat(Scale.CONTINUOUS.quantised(0.123456789)).isEqualTo(0.123456789);
        assertThatIllegalStateException()
                .isThrownBy(() -> Scale.CONTINUOUS.code(1))
                .withMessageContaining("no codes");
        assertThatIllegalStateException()
                .isThrownBy(() -> Scale.CONTINUOUS.level(1))
                .withMessageContaining("no codes");
    }

    @Test
    void aConverterReachesBothEndsOfItsSpan() {
        Scale.Linear scale = Scale.Linear.of(12, -4.096, 4.094);
        assertThat(scale.codes()).isEqualTo(4096);
        assertThat(scale.step()).isCloseTo(2e-3, within(1e-15));
        assertThat(scale.level(0)).isEqualTo(-4.096);
        assertThat(scale.level(4095)).isCloseTo(4.094, within(1e-12));
    }

    @Test
    void aBipolarConverterHasACodeForZero() {
        // The 12-bit spans of devices/resistor-array-v1: -2048 .. 2047 steps of 2 mV, 1 mV and 0.1 uA.
        for (double step : new double[] {2e-3, 1e-3, 0.1e-6}) {
            Scale scale = Scale.Linear.of(12, -2048 * step, 2047 * step);
            assertThat(scale.code(0)).isEqualTo(2048);
            assertThat(scale.quantised(0)).isCloseTo(0, within(1e-12 * step * 4096));
        }
    }

    @Test
    void aBitMoreHalvesTheStepOfAConverter() {
        assertThat(Scale.Linear.of(1, 0, 5).step()).isEqualTo(5);
        assertThat(Scale.Linear.of(2, 0, 6).step()).isEqualTo(2);
        assertThat(Scale.Linear.of(3, 0, 7).step()).isEqualTo(1);
    }

    @Test
    void levelsBeyondTheEndsGiveTheEndCodes() {
        Scale linear = new Scale.Linear(-1, 0.5, 5);
        assertThat(linear.code(-1e9)).isZero();
        assertThat(linear.code(1e9)).isEqualTo(4);
        assertThat(linear.code(Double.POSITIVE_INFINITY)).isEqualTo(4);
        assertThat(AD5206.code(1)).isZero();
        assertThat(AD5206.code(1e-9)).isEqualTo(255);
        assertThat(AD5206.code(0)).isEqualTo(255);
        assertThat(AD5206.code(-1)).isEqualTo(255);
    }

    @Test
    void theCodeOfAPotentiometerIsItsResistance() {
        assertThat(AD5206.level(0)).isEqualTo(1 / 60.0);
        assertThat(AD5206.level(128)).isCloseTo(1 / 50_060.0, within(1e-18));
        assertThat(AD5206.level(255)).isCloseTo(1 / (60 + 100e3 * 255 / 256), within(1e-18));
    }

    @Test
    void nearestInConductanceIsNotNearestInResistance() {
        // Between codes 1 (450.625 ohm) and 2 (841.25 ohm), 600 ohm is nearer to code 1 in ohm (149 against 241) but
        // nearer to code 2 in siemens (2.219, 1.667, 1.189 mS: 0.552 against 0.478).
        assertThat(AD5206.code(1 / 600.0)).isEqualTo(2);
        assertThat(AD5206.code(1 / 580.0)).isEqualTo(1);
    }

    @Test
    void scalesThatMakeNoSenseAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scale.Linear(0, 0, 4))
                .withMessageContainingAll("step", "0.0", "4 codes");
        assertThatIllegalArgumentException().isThrownBy(() -> new Scale.Linear(0, -1, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> new Scale.Linear(0, Double.NaN, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> new Scale.Linear(0, Double.POSITIVE_INFINITY, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> new Scale.Linear(Double.NaN, 1, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> new Scale.Linear(0, 1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scale.Linear.of(31, 0, 1))
                .withMessageContainingAll("1 to 30 bits", "31");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scale.Linear.of(0, 0, 1))
                .withMessageContaining("0");
        assertThatIllegalArgumentException().isThrownBy(() -> Scale.Linear.of(8, 1, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Scale.Rheostat(0, 1e5, 256))
                .withMessageContainingAll("wiper", "0.0", "100000.0");
        assertThatIllegalArgumentException().isThrownBy(() -> new Scale.Rheostat(60, 0, 256));
        assertThatIllegalArgumentException().isThrownBy(() -> new Scale.Rheostat(60, Double.POSITIVE_INFINITY, 256));
        assertThatIllegalArgumentException().isThrownBy(() -> new Scale.Rheostat(Double.NaN, 1e5, 256));
        assertThatIllegalArgumentException().isThrownBy(() -> new Scale.Rheostat(60, 1e5, 1));
    }
}
