package org.homeostat.dashboard;

import java.util.List;
import java.util.Map;
import org.homeostat.device.Role;

/**
 * The calibration that a device wears, as far as the page speaks of it.
 *
 * @param specimen of which specimen it is
 * @param date when it was made, ISO 8601 in UTC
 * @param compared by the role of channels that are read: how far each was compared with a reference, in the order of the
 *     device's card; true levels, in the channel's unit
 */
public record Worn(String specimen, String date, Map<Role, List<Span>> compared) {

    /**
     * From where to where a channel was compared; everywhere if it was not compared at all, and nothing is claimed of it.
     *
     * @param noise of one reading, rms
     */
    public record Span(double from, double to, double noise) {

        /** Of a channel of which nothing is known. */
        public static final Span UNKNOWN = new Span(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 0);

        /** So many times its noise beyond an end a reading lies by chance once in millions, where the level was at that end. */
        private static final double BY_CHANCE = 5;

        boolean holds(double level) {
            return level >= from - BY_CHANCE * noise && level <= to + BY_CHANCE * noise;
        }
    }

    public Worn {
        compared = Map.copyOf(compared);
    }
}
