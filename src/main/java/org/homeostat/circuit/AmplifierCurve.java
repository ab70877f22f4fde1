package org.homeostat.circuit;

/**
 * The law of {@link Element.OpAmp}, output y above the middle of the rails against input difference e,
 * {@code y = half tanh(gain e / half)}, as a curve with the parameter {@code u = e + y}: at the rails u moves the input,
 * between them the output, and Newton's method does not jump from rail to rail.
 */
final class AmplifierCurve {

    private static final int MOST_STEPS = 60;

    /** The input difference of the point, in volts. */
    double input;

    /** The output above the middle, in volts. */
    double output;

    /** The slope of the law there, dy/de: from the gain down to 0. */
    double slope;

    void at(double u, double gain, double half) {
        // a / gain + tanh a = |u| / half, in a = gain e / half above 0, where the left side is concave: Newton's method
        // from a
        // point below the answer stays below it.
        double right = Math.abs(u) / half;
        double a = Math.max(gain * (right - 1), right / (1 + 1 / gain));
        for (int step = 0; step < MOST_STEPS; step++) {
            double tanh = Math.tanh(a);
            double change = (right - a / gain - tanh) / (1 / gain + (1 - tanh) * (1 + tanh));
            a += change;
            if (Math.abs(change) <= 1e-15 * a) {
                break;
            }
        }
        double tanh = Math.tanh(a);
        input = Math.copySign(a * half / gain, u);
        output = Math.copySign(half * tanh, u);
        slope = gain * (1 - tanh) * (1 + tanh);
    }

    static double output(double input, double gain, double half) {
        return half * Math.tanh(gain * input / half);
    }
}
