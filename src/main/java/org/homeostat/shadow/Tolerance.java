package org.homeostat.shadow;

import org.homeostat.device.Channel;

/**
 * How far apart two readings of a channel may lie: the sum of the three parts.
 *
 * @param steps so many steps of the channel's converter
 * @param errors so many standard errors of the difference, where the devices know theirs
 * @param range so large a part of the channel's range
 */
public record Tolerance(double steps, double errors, double range) {

    /** Nothing is allowed: readings, standard errors, verdicts and clocks agree bit for bit. */
    public static final Tolerance EXACT = new Tolerance(0, 0, 0);

    /** What two good devices of one kind keep to: a step of the converter, and four standard errors. */
    public static final Tolerance MEASURED = new Tolerance(1, 4, 0);

    public Tolerance {
        for (double part : new double[] {steps, errors, range}) {
            if (!(part >= 0) || Double.isInfinite(part)) {
                throw new IllegalArgumentException("expected a tolerance of 0 or more, not " + part);
            }
        }
    }

    /** True where nothing is allowed. */
    public boolean exact() {
        return steps == 0 && errors == 0 && range == 0;
    }

    /**
     * How far two readings of a channel may lie apart, in the channel's unit.
     *
     * @param then the standard error of the one; 0 where it is not known
     * @param now that of the other
     */
    double allowed(Channel channel, double then, double now) {
        return steps * channel.resolution() + errors * Math.hypot(then, now) + range * (channel.max() - channel.min());
    }
}
