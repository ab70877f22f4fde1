package org.homeostat.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/** The least, the middle and the largest of figures measured several times. */
record Spread(double min, double median, double max) {

    /** Of at least one figure. */
    static Spread of(List<Double> figures) {
        double[] values = figures.stream().mapToDouble(Double::doubleValue).toArray();
        if (values.length == 0) {
            throw new IllegalArgumentException("no figures");
        }
        return new Spread(
                figures.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
                new Median().evaluate(values),
                figures.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
    }

    Map<String, Object> json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("min", min);
        object.put("median", median);
        object.put("max", max);
        return object;
    }

    /** As seconds, the median and in brackets the span. */
    String seconds() {
        return min == max
                ? time(median)
                : String.format(Locale.ROOT, "%s (%s to %s)", time(median), time(min), time(max));
    }

    /** A time with a unit that suits it. */
    static String time(double seconds) {
        if (seconds < 1e-3) {
            return String.format(Locale.ROOT, "%.3g us", 1e6 * seconds);
        }
        return seconds < 1
                ? String.format(Locale.ROOT, "%.3g ms", 1e3 * seconds)
                : String.format(Locale.ROOT, "%.3g s", seconds);
    }
}
