package org.homeostat.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/**
 * Curves in panels side by side, as SVG that needs no browser: readable on light and on dark ground, in colours that people
 * who see fewer of them tell apart too. The one place where this program draws.
 */
final class Plot {

    private static final int WIDTH = 460;
    private static final int HEIGHT = 400;
    private static final int LEFT = 64;
    private static final int RIGHT = 16;
    private static final int TOP = 40;
    private static final int BOTTOM = 56;
    private static final int TICKS = 6;
    private static final int LINE = 16;

    /** With more points than this a curve is a line without dots. */
    private static final int MOST_DOTS = 40;

    /** Room above the points for the name of each mark, as a part of what they span. */
    private static final double MARK_ROOM = 0.08;

    /** Bars: where they begin and end, and how far one lies below the other. */
    private static final int BARS_LEFT = 100;

    private static final int BARS_RIGHT = 250;
    private static final int BAR = 24;
    private static final int MOST_BARS = (HEIGHT - TOP - LINE) / BAR;

    /** So many letters of a bar's name have room beside it. */
    private static final int BAR_NAME = 14;

    /** So many letters have room in a panel's width. */
    private static final int LETTERS = 70;

    /** Okabe and Ito's, of which black is left to the letters; beyond them lines are broken. */
    private static final List<String> LIGHT = List.of("#0072b2", "#d55e00", "#007a5a", "#b6528f", "#6b6b00", "#2f86b5");

    private static final List<String> DARK = List.of("#56b4e9", "#f28e4b", "#2fc79a", "#e08bc0", "#d6d65a", "#9ad1f5");

    private static final List<String> DASHES = List.of("", "6 4", "2 3", "8 3 2 3");

    private Plot() {}

    /** How values lie along an axis. */
    enum Axis {
        LINEAR,
        LOGARITHMIC
    }

    /** Points of one colour; those that the axes cannot show are left out. */
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
                if (x[i] > 0 && y[i] > 0 && Double.isFinite(x[i]) && Double.isFinite(y[i]) && x[i] >= from) {
                    fit.addData(Math.log(x[i]), Math.log(y[i]));
                }
            }
            return fit.getSlope();
        }
    }

    /** How the points of a curve are drawn. */
    enum Points {
        /** Joined to a line. */
        JOINED,
        /** Each on a stem from the axis: what lies between two of them is nothing. */
        STEMS
    }

    /** A place along the axis that has a name. */
    record Mark(double x, String word) {}

    /** A part of the drawing. */
    sealed interface Part {
        /** What it shows. */
        String title();
    }

    /**
     * What some things have of one quantity.
     *
     * @param bars from above; beyond the first {@value MOST_BARS} it is only said how many there are
     */
    record Bars(String title, List<Bar> bars) implements Part {}

    /**
     * A bar.
     *
     * @param value 0 or more; draws nothing where it is no number
     * @param told what stands behind it
     * @param colour that of a curve, by its place in its panel
     */
    record Bar(String word, double value, String told, int colour) {}

    /**
     * A panel.
     *
     * @param title what it shows
     * @param along what lies along its axis
     */
    record Panel(String title, String along, Axis across, Axis up, List<Curve> curves, Points points, List<Mark> marks)
            implements Part {

        Panel(String title, String along, Axis across, Axis up, List<Curve> curves) {
            this(title, along, across, up, curves, Points.JOINED, List.of());
        }

        /** With both axes logarithmic. */
        static Panel logarithmic(String title, String along, List<Curve> curves) {
            return new Panel(title, along, Axis.LOGARITHMIC, Axis.LOGARITHMIC, curves);
        }

        private boolean shows(double x, double y) {
            return shows(across, x) && shows(up, y);
        }

        private static boolean shows(Axis axis, double value) {
            return Double.isFinite(value) && (axis == Axis.LINEAR || value > 0);
        }
    }

    /** The drawing. */
    static String svg(List<? extends Part> parts) {
        return svg("", parts);
    }

    /**
     * The drawing.
     *
     * @param title above all panels; empty for none
     */
    static String svg(String title, List<? extends Part> parts) {
        return svg(title, "", parts);
    }

    /**
     * The drawing.
     *
     * @param title above all panels; empty for none
     * @param sentence what it shows, below the title, in as many lines as it needs; empty for none
     */
    static String svg(String title, String sentence, List<? extends Part> parts) {
        List<String> said = lines(sentence, LETTERS * parts.size());
        int head = (title.isEmpty() ? 0 : 28) + LINE * said.size() + (said.isEmpty() ? 0 : 8);
        // Names of many curves stand below, so that they hide none.
        int foot = parts.stream().anyMatch(Plot::crowded)
                ? LINE
                        * (parts.stream()
                                        .mapToInt(part -> words(part).size())
                                        .max()
                                        .orElse(0)
                                + 1)
                : 0;
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %1$d %2$d\" width=\"%1$d\" height=\"%2$d\" "
                        + "font-family=\"sans-serif\" font-size=\"12\">%n",
                WIDTH * parts.size(),
                head + HEIGHT + foot));
        svg.append(style());
        svg.append("<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n");
        if (!title.isEmpty()) {
            svg.append(text(WIDTH * parts.size() / 2.0, 24, "middle", "ink", title));
        }
        for (int k = 0; k < said.size(); k++) {
            double down = head - 8 - LINE * (said.size() - 1 - k);
            svg.append(text(WIDTH * parts.size() / 2.0, down, "middle", "ink", said.get(k)));
        }
        for (int k = 0; k < parts.size(); k++) {
            svg.append(String.format(Locale.ROOT, "<g transform=\"translate(%d,%d)\">%n", k * WIDTH, head));
            switch (parts.get(k)) {
                case Panel panel -> {
                    // What stands below the first panel need not be said again below the next.
                    boolean known = k > 0 && crowded(panel) && words(panel).equals(words(parts.getFirst()));
                    panel(panel, !known, svg);
                }
                case Bars bars -> bars(bars, svg);
            }
            svg.append("</g>\n");
        }
        return svg.append("</svg>\n").toString();
    }

    /** A sentence in lines of so many letters; a longer word has a line of its own. */
    private static List<String> lines(String sentence, int letters) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : sentence.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > letters) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        if (!line.isEmpty()) {
            lines.add(line.toString());
        }
        return lines;
    }

    /** Colours by class, so that one file suits both grounds. A program that knows no media queries shows the light one. */
    private static String style() {
        StringBuilder style = new StringBuilder("<style>\n");
        colours(style, "", LIGHT, "#ffffff", "#1a1a1a", "#dddddd");
        style.append("@media (prefers-color-scheme: dark) {\n");
        colours(style, "  ", DARK, "#14171a", "#e8e8e8", "#3a3f45");
        return style.append("}\n</style>\n").toString();
    }

    private static void colours(
            StringBuilder style, String indent, List<String> curves, String ground, String ink, String grid) {
        style.append(indent).append(".ground { fill: ").append(ground).append("; }\n");
        style.append(indent).append(".ink { fill: ").append(ink).append("; }\n");
        style.append(indent).append(".grid { stroke: ").append(grid).append("; }\n");
        style.append(indent).append(".mark { stroke: ").append(ink).append("; stroke-dasharray: 3 3; }\n");
        // Readable wherever it stands.
        style.append(indent)
                .append(".named { fill: ")
                .append(ink)
                .append("; stroke: ")
                .append(ground);
        style.append("; stroke-width: 4; paint-order: stroke; }\n");
        for (int k = 0; k < curves.size(); k++) {
            style.append(String.format(
                    Locale.ROOT,
                    "%1$s.c%2$d { fill: %3$s; } .l%2$d { fill: none; stroke: %3$s; stroke-width: 2; }%n",
                    indent,
                    k,
                    curves.get(k)));
        }
    }

    private static String text(double x, double y, String anchor, String kind, String words) {
        return String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                kind,
                x,
                y,
                anchor,
                words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"));
    }

    private static String line(double x1, double x2, double y1, double y2) {
        return line("grid", x1, x2, y1, y2);
    }

    private static String line(String kind, double x1, double x2, double y1, double y2) {
        return String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>%n",
                kind,
                x1,
                x2,
                y1,
                y2);
    }

    private static boolean crowded(Part part) {
        return part instanceof Panel panel
                && panel.curves.size() > 1
                && (panel.across == Axis.LINEAR || panel.curves.size() > 5);
    }

    /** The names of the curves. */
    private static List<String> words(Part part) {
        return part instanceof Panel panel
                ? panel.curves.stream().map(Curve::word).toList()
                : List.of();
    }

    private static void bars(Bars bars, StringBuilder svg) {
        svg.append(text(WIDTH / 2.0, 24, "middle", "ink", bars.title));
        List<Bar> all = bars.bars;
        double greatest = all.stream()
                .mapToDouble(Bar::value)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        int shown = all.size() <= MOST_BARS ? all.size() : MOST_BARS - 1;
        for (int k = 0; k < shown; k++) {
            Bar bar = all.get(k);
            double down = TOP + LINE + k * BAR;
            String name = bar.word.length() <= BAR_NAME ? bar.word : bar.word.substring(0, BAR_NAME - 1) + "\u2026";
            double part = greatest > 0 && Double.isFinite(bar.value) ? bar.value / greatest : 0;
            double width = part * (WIDTH - BARS_LEFT - BARS_RIGHT);
            svg.append(text(BARS_LEFT - 8, down + 4, "end", "ink", name));
            svg.append(String.format(
                    Locale.ROOT,
                    "<rect class=\"c%d\" x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>%n",
                    bar.colour % LIGHT.size(),
                    BARS_LEFT,
                    down - BAR / 3.0,
                    width,
                    2 * BAR / 3));
            svg.append(text(BARS_LEFT + width + 8, down + 4, "start", "ink", bar.told));
        }
        if (shown < all.size()) {
            double down = TOP + LINE + shown * BAR;
            svg.append(text(BARS_LEFT, down + 4, "start", "ink", "and " + (all.size() - shown) + " more"));
        }
    }

    private static void marks(Panel panel, Span x, StringBuilder svg) {
        for (int k = 0; k < panel.marks.size(); k++) {
            Mark mark = panel.marks.get(k);
            double part = x.part(mark.x);
            double right = across(part);
            svg.append(line("mark", right, right, TOP, HEIGHT - BOTTOM));
            // Towards the middle, where there is room.
            svg.append(text(
                    right + (part < 0.5 ? 6 : -6),
                    TOP + LINE * (k + 1),
                    part < 0.5 ? "start" : "end",
                    "named",
                    mark.word));
        }
    }

    private static void panel(Panel panel, boolean named, StringBuilder svg) {
        Span x = new Span(panel.across);
        Span y = new Span(panel.up);
        for (Curve curve : panel.curves) {
            for (int i = 0; i < curve.x.length; i++) {
                if (panel.shows(curve.x[i], curve.y[i])) {
                    x.with(curve.x[i]);
                    y.with(curve.y[i]);
                }
            }
        }
        if (panel.points == Points.STEMS) {
            y.with(0);
        }
        for (Mark mark : panel.marks) {
            x.with(mark.x);
            // Names stand above what they name.
            y.with(y.greatest + MARK_ROOM * (y.greatest - y.least));
        }
        for (double tick : y.ticks()) {
            double at = down(y.part(tick));
            svg.append(line(LEFT, WIDTH - RIGHT, at, at));
            svg.append(text(LEFT - 6, at + 4, "end", "ink", y.word(tick)));
        }
        for (double tick : x.ticks()) {
            double at = across(x.part(tick));
            svg.append(line(at, at, TOP, HEIGHT - BOTTOM));
            svg.append(text(at, HEIGHT - BOTTOM + 18, "middle", "ink", x.word(tick)));
        }
        svg.append(text((LEFT + WIDTH - RIGHT) / 2.0, 24, "middle", "ink", panel.title));
        svg.append(text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 16, "middle", "ink", panel.along));
        boolean below = crowded(panel);
        for (int k = 0; k < panel.curves.size(); k++) {
            Curve curve = panel.curves.get(k);
            int colour = k % LIGHT.size();
            String dashes = DASHES.get(k / LIGHT.size() % DASHES.size());
            StringBuilder points = new StringBuilder();
            for (int i = 0; i < curve.x.length; i++) {
                if (panel.shows(curve.x[i], curve.y[i])) {
                    double right = across(x.part(curve.x[i]));
                    double down = down(y.part(curve.y[i]));
                    points.append(
                            panel.points == Points.JOINED
                                    ? String.format(Locale.ROOT, "%.1f,%.1f ", right, down)
                                    : String.format(Locale.ROOT, "M%.1f,%d V%.1f ", right, HEIGHT - BOTTOM, down));
                    // A stem without a head would not be seen where it has no length.
                    if (curve.x.length <= MOST_DOTS || panel.points == Points.STEMS) {
                        svg.append(String.format(
                                Locale.ROOT,
                                "<circle class=\"c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"/>%n",
                                colour,
                                right,
                                down,
                                curve.x.length <= MOST_DOTS ? "3" : "1.5"));
                    }
                }
            }
            svg.append(String.format(
                    Locale.ROOT,
                    panel.points == Points.JOINED
                            ? "<polyline class=\"l%d\"%s points=\"%s\"/>%n"
                            : "<path class=\"l%d\"%s d=\"%s\"/>%n",
                    colour,
                    dashes.isEmpty() ? "" : " stroke-dasharray=\"" + dashes + "\"",
                    points.toString().strip()));
            if (named) {
                svg.append(text(
                        LEFT + 10,
                        below ? HEIGHT + LINE * k : TOP + LINE + LINE * k,
                        "start",
                        "c" + colour,
                        curve.word + (dashes.isEmpty() ? "" : " (broken)")));
            }
        }
        marks(panel, x, svg);
    }

    private static double across(double part) {
        return LEFT + (WIDTH - LEFT - RIGHT) * part;
    }

    private static double down(double part) {
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part;
    }

    /** What an axis spans: whole decades, or whole steps of 1, 2 or 5 times a power of ten. */
    private static final class Span {
        private final Axis axis;
        private double least = Double.POSITIVE_INFINITY;
        private double greatest = Double.NEGATIVE_INFINITY;

        Span(Axis axis) {
            this.axis = axis;
        }

        void with(double value) {
            least = Math.min(least, value);
            greatest = Math.max(greatest, value);
        }

        private boolean empty() {
            return greatest < least;
        }

        private double step() {
            if (empty()) {
                return 1;
            }
            double span = greatest > least ? greatest - least : Math.max(Math.abs(greatest), 1);
            double decade = Math.pow(10, Math.floor(Math.log10(span / TICKS)));
            for (int factor : new int[] {1, 2, 5}) {
                if (span / (factor * decade) <= TICKS) {
                    return factor * decade;
                }
            }
            return 10 * decade;
        }

        private double low() {
            if (empty()) {
                return 0;
            }
            return axis == Axis.LINEAR ? Math.floor(least / step()) * step() : Math.floor(Math.log10(least));
        }

        private double high() {
            if (empty()) {
                return 1;
            }
            return axis == Axis.LINEAR
                    ? Math.max(Math.ceil(greatest / step()) * step(), low() + step())
                    : Math.max(Math.ceil(Math.log10(greatest)), low() + 1);
        }

        double part(double value) {
            return ((axis == Axis.LINEAR ? value : Math.log10(value)) - low()) / (high() - low());
        }

        List<Double> ticks() {
            List<Double> ticks = new ArrayList<>();
            if (axis == Axis.LINEAR) {
                long count = Math.round((high() - low()) / step());
                for (int k = 0; k <= count; k++) {
                    ticks.add(low() + k * step());
                }
            } else {
                for (double decade = low(); decade <= high(); decade++) {
                    ticks.add(Math.pow(10, decade));
                }
            }
            return ticks;
        }

        String word(double tick) {
            if (axis == Axis.LOGARITHMIC) {
                return String.format(Locale.ROOT, "1e%d", Math.round(Math.log10(tick)));
            }
            double size = Math.max(Math.abs(low()), Math.abs(high()));
            int digits = (int) Math.clamp(-Math.floor(Math.log10(step())), 0, 12);
            if (size < 1e6 && size >= 1e-4) {
                return String.format(Locale.ROOT, "%." + digits + "f", Math.abs(tick) < step() / 2 ? 0 : tick);
            }
            // As many digits as tell one tick from the next.
            int told = (int) Math.max(0, Math.floor(Math.log10(size)) - Math.floor(Math.log10(step())));
            return String.format(Locale.ROOT, "%." + told + "e", tick);
        }
    }
}
