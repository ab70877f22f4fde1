package org.homeostat.twin;

import java.util.random.RandomGenerator;
import org.homeostat.device.Levels;
import org.homeostat.device.Role;

/** Levels being read: the mean of several conversions of each channel, with its standard error. */
final class Reading {

    private final double[][] mean;
    private final double[][] error;
    private final int reads;

    Reading(int lanes, int channels, int reads) {
        mean = new double[lanes][channels];
        error = new double[lanes][channels];
        this.reads = reads;
    }

    /** Reads one channel; true if a conversion sat at the end of the range. */
    boolean take(int lane, int index, Converter converter, double value, double rms, RandomGenerator noise) {
        double first = converter.convert(value, rms > 0 ? rms * noise.nextGaussian() : 0);
        boolean end = converter.atEnd(first);
        // Deviations from the first conversion lose nothing to rounding, and cost nothing where there is no noise.
        double sum = 0;
        double squares = 0;
        for (int i = 1; i < reads && rms > 0; i++) {
            double one = converter.convert(value, rms * noise.nextGaussian());
            end |= converter.atEnd(one);
            sum += one - first;
            squares += (one - first) * (one - first);
        }
        mean[lane][index] = first + sum / reads;
        error[lane][index] =
                reads > 1 ? Math.sqrt(Math.max(0, squares - sum * sum / reads) / (reads - 1) / reads) : rms;
        return end;
    }

    /** Adds the error that a value had before it was read. */
    void doubt(int lane, int index, double before) {
        error[lane][index] = Math.hypot(error[lane][index], before);
    }

    /** Takes one value as it is. */
    void exact(int lane, int index, double value, double doubt) {
        mean[lane][index] = value;
        error[lane][index] = doubt;
    }

    Levels levels(Role role) {
        return Levels.of(role, mean);
    }

    Levels errors(Role role) {
        return Levels.of(role, error);
    }
}
