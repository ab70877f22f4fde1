package org.homeostat.calibration;

/**
 * A quantity that was measured, with the interval that holds the truth in 95 of 100 such measurements.
 *
 * @param value the best guess
 * @param low the lower end
 * @param high the upper end
 */
public record Estimate(double value, double low, double high) {

    /** How often intervals hold the truth. */
    public static final double CONFIDENCE = 0.95;

    public Estimate {
        if (!(low <= value && value <= high) || Double.isInfinite(low) || Double.isInfinite(high)) {
            throw new IllegalArgumentException(
                    "value: expected a number from low to high, not " + value + " and " + low + " to " + high);
        }
    }

    /** A value with an interval that reaches equally far to both sides. */
    static Estimate within(double value, double reach) {
        return new Estimate(value, value - reach, value + reach);
    }

    /** How far the interval reaches to either side, on the mean. */
    public double reach() {
        return (high - low) / 2;
    }

    /** True if the interval holds a number. */
    public boolean holds(double truth) {
        return truth >= low && truth <= high;
    }
}
