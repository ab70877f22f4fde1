package org.homeostat.app;

import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/** Curves in panels side by side, both axes logarithmic, as SVG. */
final class LogPlot {

    private static final int WIDTH = 460;
    private static final int HEIGHT = 400;
    private static final int LEFT = 64;
    private static final int RIGHT = 16;
    private static final int TOP = 40;
    private static final int BOTTOM = 56;
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9");

    private LogPlot() {}

    /** Points of one colour; those that are not above 0 in both are left out. */
    record Curve(String word, double[] x, double[] y) {

        /**
         * The exponent p of {@code y ~ x^p} by least squares in the logarithms.
         *
         * @param from the least x that counts
         * @return NaN where fewer than two points are there
         */
        double exponent(double from) {
            SimpleRegression fit = new SimpleRegression();
            for (int i = 0; i < x.length; i++) {
                if (shown(i) && x[i] >= from) {
                    fit.addData(Math.log(x[i]), Math.log(y[i]));
                }
            }
            return fit.getSlope();
        }

        private boolean shown(int i) {
            return x[i] > 0 && y[i] > 0 && Double.isFinite(x[i]) && Double.isFinite(y[i]);
        }
    }

    /** A panel: what it shows, what lies along its axis, and its curves. */
    record Panel(String title, String along, List<Curve> curves) {}

    /** The drawing. */
    static String svg(List<Panel> panels) {
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
                        + "font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                WIDTH * panels.size(),
                HEIGHT));
        for (int k = 0; k < panels.size(); k++) {
            svg.append(String.format(Locale.ROOT, "<g transform=\"translate(%d,0)\">%n", k * WIDTH));
            panel(panels.get(k), svg);
            svg.append("</g>\n");
        }
        return svg.append("</svg>\n").toString();
    }

    private static void panel(Panel panel, StringBuilder svg) {
        Span x = new Span();
        Span y = new Span();
        for (Curve curve : panel.curves) {
            for (int i = 0; i < curve.x.length; i++) {
                if (curve.shown(i)) {
                    x.with(curve.x[i]);
                    y.with(curve.y[i]);
                }
            }
        }
        for (int decade = y.low(); decade <= y.high(); decade++) {
            double at = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y.part(Math.pow(10, decade));
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                            + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">1e%d</text>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    at,
                    at,
                    LEFT - 6,
                    at + 4,
                    decade));
        }
        for (int decade = x.low(); decade <= x.high(); decade++) {
            double at = LEFT + (WIDTH - LEFT - RIGHT) * x.part(Math.pow(10, decade));
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#ddd\"/>"
                            + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">1e%d</text>%n",
                    at,
                    at,
                    TOP,
                    HEIGHT - BOTTOM,
                    at,
                    HEIGHT - BOTTOM + 18,
                    decade));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"24\" text-anchor=\"middle\">%s</text>%n"
                        + "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
                (LEFT + WIDTH - RIGHT) / 2,
                panel.title,
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 16,
                panel.along));
        for (int k = 0; k < panel.curves.size(); k++) {
            Curve curve = panel.curves.get(k);
            String colour = COLOURS.get(k % COLOURS.size());
            StringBuilder points = new StringBuilder();
            for (int i = 0; i < curve.x.length; i++) {
                if (curve.shown(i)) {
                    double across = LEFT + (WIDTH - LEFT - RIGHT) * x.part(curve.x[i]);
                    double down = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y.part(curve.y[i]);
                    points.append(String.format(Locale.ROOT, "%.1f,%.1f ", across, down));
                    svg.append(String.format(
                            Locale.ROOT,
                            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n",
                            across,
                            down,
                            colour));
                }
            }
            svg.append(String.format(
                    Locale.ROOT,
                    "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>%n"
                            + "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>%n",
                    colour,
                    points.toString().strip(),
                    LEFT + 10,
                    TOP + 16 + 16 * k,
                    colour,
                    curve.word));
        }
    }

    /** What an axis spans, in whole decades. */
    private static final class Span {
        private double least = Double.POSITIVE_INFINITY;
        private double greatest;

        void with(double value) {
            least = Math.min(least, value);
            greatest = Math.max(greatest, value);
        }

        int low() {
            return greatest > 0 ? (int) Math.floor(Math.log10(least)) : 0;
        }

        int high() {
            return greatest > 0 ? Math.max((int) Math.ceil(Math.log10(greatest)), low() + 1) : 1;
        }

        double part(double value) {
            return (Math.log10(value) - low()) / (high() - low());
        }
    }
}
