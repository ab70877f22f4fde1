package org.homeostat.app;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A curve as one line of letters: blocks that grow, or digits from 0 to 9 where the terminal has no blocks. */
final class Sparkline {

    private static final String BLOCKS = "▁▂▃▄▅▆▇█";
    private static final String DIGITS = "0123456789";

    private Sparkline() {}

    /**
     * Values from their least to their greatest; where there are more than there is room, each letter is the mean of its share.
     * What is no finite number leaves a gap.
     */
    static String of(double[] values, int room) {
        return of(values, room, blocksShow() ? BLOCKS : DIGITS);
    }

    static String of(double[] values, int room, String ramp) {
        double[] means = new double[Math.min(values.length, room)];
        for (int k = 0; k < means.length; k++) {
            int from = (int) ((long) k * values.length / means.length);
            int to = (int) ((k + 1L) * values.length / means.length);
            means[k] = Arrays.stream(values, from, to)
                    .filter(Double::isFinite)
                    .average()
                    .orElse(Double.NaN);
        }
        double least = Arrays.stream(means).filter(Double::isFinite).min().orElse(0);
        double most = Arrays.stream(means).filter(Double::isFinite).max().orElse(0);
        StringBuilder line = new StringBuilder();
        for (double mean : means) {
            double height = most > least ? (mean - least) / (most - least) : 0;
            line.append(Double.isFinite(mean) ? ramp.charAt((int) Math.round(height * (ramp.length() - 1))) : ' ');
        }
        return line.toString();
    }

    /** True if standard output shows block letters: it is not a dumb terminal, and its encoding has them. */
    private static boolean blocksShow() {
        Charset charset = Charset.forName(System.getProperty("stdout.encoding", "UTF-8"), StandardCharsets.UTF_8);
        // What Main does with a locale that knows ASCII alone: terminals read UTF-8 all the same.
        return !"dumb".equals(System.getenv("TERM"))
                && (charset.equals(StandardCharsets.US_ASCII)
                        || charset.newEncoder().canEncode(BLOCKS));
    }
}
