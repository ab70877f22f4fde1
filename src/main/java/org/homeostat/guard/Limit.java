package org.homeostat.guard;

/**
 * What may be imposed on a channel.
 *
 * @param min the lowest level of its envelope; negative infinity for the lowest of the channel
 * @param max the highest level of its envelope; infinity for the highest of the channel
 * @param slew the largest change of its level from one exchange to the next; infinity for any
 */
public record Limit(double min, double max, double slew) {

    /** Nothing but the range of the channel. */
    public static final Limit NONE =
            new Limit(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);

    public Limit {
        if (!(min < max)) {
            throw new IllegalArgumentException("min: expected less than max, which is " + max + ", not " + min);
        }
        if (!(slew > 0)) {
            throw new IllegalArgumentException("slew: expected a number above 0, not " + slew);
        }
    }
}
