package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

/** The laws of single elements: their derivatives against finite differences, and what the curves promise of a parameter. */
class ElementLawsTest {

    private static final double STEP = 1e-6;

    private static double current(int sign, double lambda, double drain, double gate, double source) {
        SquareLaw law = new SquareLaw();
        law.at(sign, sign * 0.7, 1e-3, lambda, drain, gate, source);
        return law.amperes;
    }

    /** Continuous first derivatives: central differences are off by the step times the largest second derivative, k. */
    @Property(tries = 300)
    void derivativesOfATransistorAreThoseOfItsCurrent(
            @ForAll @DoubleRange(min = -3, max = 3) double drain,
            @ForAll @DoubleRange(min = -3, max = 3) double gate,
            @ForAll @DoubleRange(min = -3, max = 3) double source,
            @ForAll @DoubleRange(min = 0, max = 0.2) double lambda,
            @ForAll boolean positive) {
        int sign = positive ? 1 : -1;
        SquareLaw law = new SquareLaw();
        law.at(sign, sign * 0.7, 1e-3, lambda, drain, gate, source);
        double byDrain =
                current(sign, lambda, drain + STEP, gate, source) - current(sign, lambda, drain - STEP, gate, source);
        double byGate =
                current(sign, lambda, drain, gate + STEP, source) - current(sign, lambda, drain, gate - STEP, source);
        double bySource =
                current(sign, lambda, drain, gate, source + STEP) - current(sign, lambda, drain, gate, source - STEP);
        assertThat(law.byDrain).isCloseTo(byDrain / (2 * STEP), within(5e-9));
        assertThat(law.byGate).isCloseTo(byGate / (2 * STEP), within(5e-9));
        assertThat(law.bySource).isCloseTo(bySource / (2 * STEP), within(5e-9));
        assertThat(law.byDrain + law.byGate + law.bySource).isCloseTo(0, within(1e-15));
    }

    @Property(tries = 200)
    void drainAndSourceCanChangePlaces(
            @ForAll @DoubleRange(min = -3, max = 3) double a,
            @ForAll @DoubleRange(min = -3, max = 3) double gate,
            @ForAll @DoubleRange(min = -3, max = 3) double b) {
        assertThat(current(1, 0.1, a, gate, b)).isEqualTo(-current(1, 0.1, b, gate, a));
        // A p-channel transistor is the n-channel one of all voltages turned round.
        assertThat(current(-1, 0.1, -a, -gate, -b)).isEqualTo(-current(1, 0.1, a, gate, b));
    }

    @Property(tries = 300)
    void aPointOnShockleysCurveObeysTheLaw(
            @ForAll @DoubleRange(min = -10, max = 1000) double u,
            @ForAll @DoubleRange(min = -16, max = -6) double logSaturation,
            @ForAll @DoubleRange(min = -4, max = 0.3) double logEmission,
            @ForAll @DoubleRange(min = -9, max = 0) double logG) {
        double saturation = Math.pow(10, logSaturation);
        double slope = 0.02585 * Math.pow(10, logEmission);
        double g = Math.pow(10, logG);
        ShockleyCurve curve = new ShockleyCurve();
        curve.at(u, saturation, slope, g);
        // The current is a difference from the saturation current, and rounded with it.
        double volt = Math.max(1, Math.max(Math.abs(u), saturation / g));
        assertThat(curve.volts + curve.amperes / g).isCloseTo(u, within(1e-14 * volt));
        double law = ShockleyCurve.amperes(curve.volts, saturation, slope);
        // The rounding of the voltage, times the slope.
        double rounding =
                1e-15 * Math.max(1, Math.abs(curve.volts)) * curve.siemens + 1e-12 * (saturation + Math.abs(law));
        assertThat(curve.amperes).isCloseTo(law, within(rounding));
        assertThat(curve.siemens)
                .isCloseTo(
                        (curve.amperes + saturation) / slope,
                        within(1e-12 * curve.siemens + 1e-12 * saturation / slope));
        assertThat(curve.siemens).isNotNegative();
    }

    @Property(tries = 300)
    void aPointOnAnAmplifiersCurveObeysTheLaw(
            @ForAll @DoubleRange(min = -40, max = 40) double u,
            @ForAll @DoubleRange(min = 0.1, max = 8) double logGain) {
        double gain = Math.pow(10, logGain);
        double half = 12;
        AmplifierCurve curve = new AmplifierCurve();
        curve.at(u, gain, half);
        assertThat(curve.input + curve.output).isCloseTo(u, within(1e-12));
        double rounding = 1e-15 * (1 + curve.slope) * Math.max(Math.abs(u), 1) + 1e-12;
        assertThat(curve.output).isCloseTo(AmplifierCurve.output(curve.input, gain, half), within(rounding));
        double step = 1e-4 * half / gain;
        double difference = AmplifierCurve.output(curve.input + step, gain, half)
                - AmplifierCurve.output(curve.input - step, gain, half);
        // A difference of outputs near a rail is rounded to the rail's last bits.
        assertThat(curve.slope).isCloseTo(difference / (2 * step), within(1e-7 * gain));
    }
}
