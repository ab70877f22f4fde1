package org.homeostat.circuit;

/**
 * Shockley's law as a curve with a parameter in which neither branch is steep: {@code u = v + i / g}, with g a conductance of
 * the size of the circuit's around the diode. At a given u, {@code x = (i + saturation) / (slope g)} solves
 *
 * <pre>   x + ln x = (u + saturation / g) / slope + ln(saturation / (slope g)),</pre>
 *
 * that is, x is Lambert's W of the exponential of the right side. Newton's method in u takes the steps of an active set where
 * the diode is nearly ideal, and never meets an exponential that overflows.
 */
final class ShockleyCurve {

    private static final int MOST_STEPS = 30;

    /** A power of e that is far above all currents, and whose square is still a number. */
    private static final double MOST_EXPONENT = 300;

    /** The voltage of the point. */
    double volts;

    /** Its current. */
    double amperes;

    /** The slope of the law there, di/dv. */
    double siemens;

    void at(double u, double saturation, double slope, double g) {
        double unit = slope * g;
        double log = Math.log(saturation / unit);
        double right = (u + saturation / g) / slope + log;
        double x = lambert(right);
        // Where x is small, slope (ln x - log) would lose what u says.
        volts = right > 1 ? slope * (Math.log(x) - log) : u + saturation / g - slope * x;
        amperes = x * unit - saturation;
        siemens = x * g;
    }

    /** The x above 0 with {@code x + ln x = right}. */
    static double lambert(double right) {
        if (right < -40) {
            return Math.exp(right);
        }
        double x =
                right > 2 ? right - Math.log(right) : Math.exp(right) / (1 + Math.exp(right) * (right < 0 ? 1 : 0.5));
        for (int step = 0; step < MOST_STEPS; step++) {
            // Newton's step for x + ln x, in a form that stays above 0: x (1 + right - ln x) / (1 + x).
            double next = x * (1 + right - Math.log(x)) / (1 + x);
            next = next > 0 ? next : 0.1 * x;
            if (Math.abs(next - x) <= 4e-16 * x) {
                return next;
            }
            x = next;
        }
        return x;
    }

    /** The law itself; beyond any current that flows it goes on as a straight line, so that it is always a number. */
    static double amperes(double volts, double saturation, double slope) {
        double exponent = volts / slope;
        return exponent <= MOST_EXPONENT
                ? saturation * Math.expm1(exponent)
                : saturation * Math.exp(MOST_EXPONENT) * (1 + exponent - MOST_EXPONENT);
    }
}
