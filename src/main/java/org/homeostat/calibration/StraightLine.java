package org.homeostat.calibration;

import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/**
 * The straight line with the least squares through points, with Student intervals. What bends about it counts as scatter, so
 * that intervals are never too narrow for a converter that bends.
 *
 * @param gain its slope
 * @param offset its value at 0
 * @param residuals the distance of each point from it, in order
 */
record StraightLine(Estimate gain, Estimate offset, double[] residuals) {

    /** Fewer points leave nothing to tell the scatter from. */
    static final int FEWEST = 3;

    /**
     * @param x not all the same
     * @param y one a point
     * @throws IllegalArgumentException if there are fewer than 3 points, or all at one place
     */
    static StraightLine through(double[] x, double[] y) {
        SimpleRegression regression = new SimpleRegression();
        for (int i = 0; i < x.length; i++) {
            regression.addData(x[i], y[i]);
        }
        double gain = regression.getSlope();
        if (x.length < FEWEST || Double.isNaN(gain)) {
            throw new IllegalArgumentException("expected at least " + FEWEST + " points at different levels, not "
                    + x.length + (x.length < FEWEST ? "" : " at the same one"));
        }
        double offset = regression.getIntercept();
        double[] residuals = new double[x.length];
        double squares = 0;
        for (int i = 0; i < x.length; i++) {
            residuals[i] = y[i] - (offset + gain * x[i]);
            squares += residuals[i] * residuals[i];
        }
        // From the residuals themselves: the library's own sum is a difference of large numbers.
        double variance = squares / (x.length - 2);
        double student = new TDistribution(x.length - 2).inverseCumulativeProbability((1 + Estimate.CONFIDENCE) / 2);
        double across = regression.getXSumSquares();
        double middle = 0;
        for (double one : x) {
            middle += one / x.length;
        }
        return new StraightLine(
                Estimate.within(gain, student * Math.sqrt(variance / across)),
                Estimate.within(offset, student * Math.sqrt(variance * (1.0 / x.length + middle * middle / across))),
                residuals);
    }
}
