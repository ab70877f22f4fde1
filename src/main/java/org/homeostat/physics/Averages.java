package org.homeostat.physics;

/**
 * Means of quantities that are read one after another, with standard errors that hold for readings that remember each
 * other: those of the means of a few long stretches, which no longer do (batch means; Law and Carson, Oper. Res. 27 (1979)
 * 1011). Fewer readings than stretches are taken as independent.
 */
final class Averages {

    /** How many stretches there are, once there are that many readings. */
    private static final int STRETCHES = 32;

    private final int reads;
    private final int stretches;
    private final double[][] sums;
    private final int[] counts;
    private int taken;

    /**
     * @param quantities how many are read each time
     * @param reads how often they will be read
     */
    Averages(int quantities, int reads) {
        this.reads = reads;
        stretches = Math.min(reads, STRETCHES);
        sums = new double[stretches][quantities];
        counts = new int[stretches];
    }

    /** Where the next reading is to be added to; each call is one reading. */
    double[] next() {
        int stretch = (int) ((long) taken * stretches / reads);
        taken++;
        counts[stretch]++;
        return sums[stretch];
    }

    /** The means over all readings. */
    double[] means() {
        double[] means = new double[sums[0].length];
        for (double[] sum : sums) {
            for (int q = 0; q < means.length; q++) {
                means[q] += sum[q] / reads;
            }
        }
        return means;
    }

    /** The standard errors of the means; NaN if there was one reading only. */
    double[] errors() {
        double[] means = means();
        double[] errors = new double[means.length];
        for (int stretch = 0; stretch < stretches; stretch++) {
            for (int q = 0; q < errors.length; q++) {
                double from = sums[stretch][q] / counts[stretch] - means[q];
                errors[q] += from * from;
            }
        }
        for (int q = 0; q < errors.length; q++) {
            errors[q] = stretches == 1 ? Double.NaN : Math.sqrt(errors[q] / (stretches - 1) / stretches);
        }
        return errors;
    }
}
