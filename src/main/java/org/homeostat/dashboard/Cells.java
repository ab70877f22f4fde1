package org.homeostat.dashboard;

import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Parameters as a page draws them: a byte each, or the mean of a stretch of them where there are very many. */
final class Cells {

    /** More are not told apart on a screen. */
    static final int MOST = 4096;

    private static final int SHADES = 255;

    private Cells() {}

    /**
     * The event {@code parameters}.
     *
     * @param lowest the level that is drawn darkest; NaN for the least there is, and likewise the other
     */
    static Event event(double[] parameters, double lowest, double highest) {
        int cells = Math.min(parameters.length, MOST);
        double[] means = new double[cells];
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int cell = 0; cell < cells; cell++) {
            int from = (int) ((long) cell * parameters.length / cells);
            int to = (int) ((long) (cell + 1) * parameters.length / cells);
            for (int k = from; k < to; k++) {
                means[cell] += parameters[k] / (to - from);
            }
            least = Math.min(least, means[cell]);
            most = Math.max(most, means[cell]);
        }
        double min = Double.isNaN(lowest) ? least : lowest;
        double max = Double.isNaN(highest) ? most : highest;
        byte[] levels = new byte[cells];
        for (int cell = 0; cell < cells; cell++) {
            double part = max > min ? (means[cell] - min) / (max - min) : 0;
            levels[cell] = (byte) Math.round(SHADES * Math.clamp(part, 0, 1));
        }
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("count", parameters.length);
        data.put("cells", cells);
        data.put("min", Event.number(min));
        data.put("max", Event.number(max));
        data.put("levels", Base64.getEncoder().encodeToString(levels));
        return Event.of("parameters", data);
    }
}
