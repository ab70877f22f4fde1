package org.homeostat.twin;

/**
 * How far specimens of a board stray from its drawing. Every figure is the spread from which one specimen is drawn by its
 * seed; spreads marked uniform are half-widths, the others standard deviations.
 *
 * @param elementTolerance relative error of each element's value, uniform
 * @param wiperSpread relative error of each potentiometer's wiper resistance, uniform
 * @param converterGain relative gain error of each converter channel
 * @param converterOffsetCodes offset of each converter channel, in codes
 * @param converterInlCodes integral nonlinearity of each converter channel at its worst, in codes, uniform
 * @param readNoise noise of each single reading of an output or a monitor, in the channel's unit, rms
 * @param readbackNoise noise of each single reading of a parameter's position, in the parameter's unit, rms
 * @param driftPerHour relative change of each element's value in an hour
 */
public record Imperfections(
        double elementTolerance,
        double wiperSpread,
        double converterGain,
        double converterOffsetCodes,
        double converterInlCodes,
        double readNoise,
        double readbackNoise,
        double driftPerHour) {

    /** A specimen exactly as drawn, read without noise. */
    public static final Imperfections NONE = new Imperfections(0, 0, 0, 0, 0, 0, 0, 0);

    public Imperfections {
        for (double spread : new double[] {
            elementTolerance,
            wiperSpread,
            converterGain,
            converterOffsetCodes,
            converterInlCodes,
            readNoise,
            readbackNoise,
            driftPerHour
        }) {
            if (!(spread >= 0) || Double.isInfinite(spread)) {
                throw new IllegalArgumentException("a spread is 0 or more, not " + spread);
            }
        }
        if (elementTolerance >= 1 || wiperSpread >= 1) {
            throw new IllegalArgumentException("a tolerance of 1 or more would allow elements without resistance");
        }
    }
}
