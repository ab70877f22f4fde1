package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

final class PlotTest {

    private static final double[] SIZES = {100, 1000, 10_000, 100_000};

    @Test
    void theExponentIsThatOfAPowerAndSmallSizesMayBeLeftOut() {
        double[] cost = new double[SIZES.length];
        for (int k = 0; k < cost.length; k++) {
            cost[k] = SIZES[k] < 1000 ? 7 : 3e-9 * Math.pow(SIZES[k], 1.5);
        }
        Plot.Curve curve = new Plot.Curve("cold", SIZES, cost);
        assertThat(curve.exponent(1000)).isCloseTo(1.5, within(1e-12));
        assertThat(curve.exponent(0)).isLessThan(1);
        assertThat(curve.exponent(100_000)).isNaN();
    }

    @Test
    void pointsThatAreNotThereAreNotDrawn() throws Exception {
        String svg = Plot.svg(List.of(
                Plot.Panel.logarithmic("time", "nodes", List.of(new Plot.Curve("ours", SIZES, new double[] {
                    1e-4, 1e-3, Double.NaN, 0
                }))),
                Plot.Panel.logarithmic("memory", "nodes", List.of(new Plot.Curve("held", SIZES, new double[4])))));
        Document drawn = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(drawn.getElementsByTagName("circle").getLength()).isEqualTo(2);
        assertThat(drawn.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        assertThat(svg).doesNotContain("NaN").doesNotContain("Infinity");
    }

    @Test
    void oneFileSuitsLightAndDarkGround() throws Exception {
        String svg = Plot.svg(
                "runs & <scores>",
                List.of(new Plot.Panel(
                        "loss",
                        "epoch",
                        Plot.Axis.LINEAR,
                        Plot.Axis.LINEAR,
                        List.of(new Plot.Curve(
                                "a < b", new double[] {1, 2, 3}, new double[] {0.5, -0.25, Double.NaN})))));
        Document drawn = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(drawn.getElementsByTagName("circle").getLength()).isEqualTo(2);
        assertThat(svg).contains("@media (prefers-color-scheme: dark)").contains("runs &amp; &lt;scores&gt;");
        // Colours stand in the style alone, so that the dark one can change all of them.
        assertThat(svg.substring(svg.indexOf("</style>"))).doesNotContain("#");
        // The axes reach beyond every point, in round steps.
        assertThat(svg).contains(">-0.4<").contains(">0.6<").contains(">0.0<");
    }

    @Test
    void everyTickOfAnAxisIsAnotherWord() {
        for (double top : new double[] {1e-9, 3e-4, 0.07, 1, 12, 340, 1e5, 7e8}) {
            for (double low : new double[] {0, -top, 0.9 * top}) {
                String svg = Plot.svg(List.of(new Plot.Panel(
                        "t",
                        "x",
                        Plot.Axis.LINEAR,
                        Plot.Axis.LINEAR,
                        List.of(new Plot.Curve("", new double[] {0, 1}, new double[] {low, top})))));
                List<String> words = java.util.regex.Pattern.compile("text-anchor=\"end\">([^<]+)<")
                        .matcher(svg)
                        .results()
                        .map(found -> found.group(1))
                        .toList();
                assertThat(words).as("%s to %s", low, top).hasSizeBetween(3, 9).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void stemsStandOnNothingMarksHaveNamesAndBarsSayWhatTheyAre() throws Exception {
        double[] x = new double[100];
        double[] y = new double[100];
        for (int k = 0; k < x.length; k++) {
            x[k] = k + 1;
        }
        y[29] = 0.5;
        y[69] = Double.NaN;
        List<Plot.Bar> bars = new java.util.ArrayList<>();
        for (int k = 0; k < 40; k++) {
            bars.add(new Plot.Bar("a-name-too-long-for-its-place" + k, 40 - k, "told " + k, 1));
        }
        String svg = Plot.svg(
                "what",
                "word ".repeat(60).strip(),
                List.of(
                        new Plot.Panel(
                                "apart",
                                "exchange",
                                Plot.Axis.LINEAR,
                                Plot.Axis.LINEAR,
                                List.of(new Plot.Curve("", x, y)),
                                Plot.Points.STEMS,
                                List.of(new Plot.Mark(30, "first"), new Plot.Mark(250, "last"))),
                        new Plot.Bars("channels", bars)));
        Document drawn = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(drawn.getElementsByTagName("polyline").getLength()).isZero();
        assertThat(drawn.getElementsByTagName("circle").getLength()).isEqualTo(99);
        // From the axis up, and the axis begins at nothing.
        assertThat(svg).contains(">0.0<").contains(">first<").contains(">last<");
        // The axis reaches to what is named.
        assertThat(svg).contains(">250<");
        assertThat(svg)
                .contains("a-name-too-lo\u2026")
                .doesNotContain("a-name-too-long")
                .contains(">told 12<")
                .contains(">and 27 more<")
                .doesNotContain(">told 13<");
        assertThat(svg.split("word word", -1).length).isGreaterThan(20);
        assertThat(svg.substring(svg.indexOf("</style>"))).doesNotContain("#");
    }

    @Test
    void whereNothingIsThereTheDrawingIsStillOne() throws Exception {
        String svg = Plot.svg(
                "",
                List.of(
                        new Plot.Panel(
                                "apart",
                                "exchange",
                                Plot.Axis.LINEAR,
                                Plot.Axis.LINEAR,
                                List.of(new Plot.Curve("", new double[0], new double[0])),
                                Plot.Points.STEMS,
                                List.of(new Plot.Mark(1, "failed"))),
                        new Plot.Bars("nothing", List.of())));
        var unused = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(svg).contains(">failed<").doesNotContain("NaN").doesNotContain("Infinity");
    }
}
