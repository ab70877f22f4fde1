package org.homeostat.app;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;
import org.homeostat.run.Facts;

/**
 * How a score of one arm differs from another's, an arm being runs that differ in nothing but their seed. Where both were run
 * with the same seeds the differences are looked at seed by seed (the same seed draws the same split and the same start),
 * otherwise the two means (Welch's test). Student's distribution throughout: it takes the scores for normal, which a few
 * seeds cannot show.
 *
 * @param metric the key of the score
 * @param difference the mean of this arm less that of the first
 * @param low the lower end of the 95 % confidence interval of the difference; NaN where seeds are too few
 * @param high the upper end
 * @param p how likely a difference as large is by chance alone, two-sided; NaN where that cannot be told
 * @param corrected the same after Holm's correction for having compared several arms; NaN until then
 * @param seeds how many seeds it rests on: pairs, or the smaller number of runs
 * @param paired whether seed by seed
 */
record Comparison(
        String metric,
        double difference,
        double low,
        double high,
        double p,
        double corrected,
        int seeds,
        boolean paired) {

    private static final double CONFIDENCE = 0.95;

    /** Compares the scores of an arm with those of the first. */
    static Comparison of(String metric, List<Facts> first, List<Facts> arm) {
        Map<Long, Double> before = bySeed(metric, first);
        Map<Long, Double> after = bySeed(metric, arm);
        TreeSet<Long> common = new TreeSet<>(before.keySet());
        common.retainAll(after.keySet());
        if (common.size() >= 2) {
            double[] differences = common.stream()
                    .mapToDouble(seed -> after.getOrDefault(seed, Double.NaN) - before.getOrDefault(seed, Double.NaN))
                    .toArray();
            double error = Math.sqrt(StatUtils.variance(differences) / differences.length);
            return tested(metric, StatUtils.mean(differences), error, differences.length - 1, differences.length, true);
        }
        double[] a = values(metric, first);
        double[] b = values(metric, arm);
        double difference = StatUtils.mean(b) - StatUtils.mean(a);
        if (a.length < 2 || b.length < 2) {
            return new Comparison(
                    metric,
                    difference,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    Double.NaN,
                    Math.min(a.length, b.length),
                    false);
        }
        double ea = StatUtils.variance(a) / a.length;
        double eb = StatUtils.variance(b) / b.length;
        // Welch and Satterthwaite's degrees of freedom.
        double freedom = (ea + eb) * (ea + eb) / (ea * ea / (a.length - 1) + eb * eb / (b.length - 1));
        return tested(metric, difference, Math.sqrt(ea + eb), freedom, Math.min(a.length, b.length), false);
    }

    private static Comparison tested(
            String metric, double difference, double error, double freedom, int seeds, boolean paired) {
        if (!(error > 0) || Double.isNaN(freedom)) {
            // Without spread there is nothing to measure a difference by.
            return new Comparison(metric, difference, Double.NaN, Double.NaN, Double.NaN, Double.NaN, seeds, paired);
        }
        TDistribution student = new TDistribution(null, freedom);
        double half = student.inverseCumulativeProbability((1 + CONFIDENCE) / 2) * error;
        double p = 2 * student.cumulativeProbability(-Math.abs(difference / error));
        return new Comparison(metric, difference, difference - half, difference + half, p, Double.NaN, seeds, paired);
    }

    /** Holm's correction, for all comparisons of one metric. */
    static List<Comparison> corrected(List<Comparison> all) {
        List<Comparison> tested =
                new ArrayList<>(all.stream().filter(one -> !Double.isNaN(one.p)).toList());
        tested.sort(Comparator.comparingDouble(Comparison::p));
        Map<Comparison, Double> found = new LinkedHashMap<>();
        double worst = 0;
        for (int k = 0; k < tested.size(); k++) {
            worst = Math.max(worst, Math.min(1, (tested.size() - k) * tested.get(k).p));
            found.put(tested.get(k), worst);
        }
        return all.stream()
                .map(one -> new Comparison(
                        one.metric,
                        one.difference,
                        one.low,
                        one.high,
                        one.p,
                        found.getOrDefault(one, Double.NaN),
                        one.seeds,
                        one.paired))
                .toList();
    }

    /** The scores that are there. */
    static double[] values(String metric, List<Facts> runs) {
        return runs.stream()
                .mapToDouble(run -> run.number(metric))
                .filter(Double::isFinite)
                .toArray();
    }

    private static Map<Long, Double> bySeed(String metric, List<Facts> runs) {
        Map<Long, List<Double>> all = new TreeMap<>();
        for (Facts run : runs) {
            double value = run.number(metric);
            if (Double.isFinite(value) && run.value("seed") instanceof Long seed) {
                all.computeIfAbsent(seed, fresh -> new ArrayList<>()).add(value);
            }
        }
        Map<Long, Double> means = new TreeMap<>();
        all.forEach((seed, values) -> means.put(
                seed, values.stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
        return means;
    }

    /** In a sentence. */
    String sentence(String name, String first) {
        String told = name + " against " + first + ": " + metric + " " + signed(difference);
        if (Double.isNaN(p)) {
            return told
                    + (seeds < 2
                            ? "; one seed says nothing of chance, train both with several (--seed)"
                            : "; " + (paired ? "the same in each of " + seeds + " seeds" : "without any spread")
                                    + ", so that chance cannot be told from it");
        }
        return told
                + String.format(
                        Locale.ROOT,
                        " (95 %% from %s to %s), p = %.2g%s, %d seeds%s",
                        signed(low),
                        signed(high),
                        p,
                        corrected > p
                                ? String.format(Locale.ROOT, " (%.2g for having compared several)", corrected)
                                : "",
                        seeds,
                        paired ? " pair by pair" : " each at least");
    }

    private static String signed(double value) {
        return (value >= 0 ? "+" : "") + Words.number(value);
    }

    Map<String, Object> json() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("metric", metric);
        object.put("difference", Summary.number(difference));
        object.put("low", Summary.number(low));
        object.put("high", Summary.number(high));
        object.put("p", Summary.number(p));
        object.put("pCorrected", Summary.number(corrected));
        object.put("seeds", seeds);
        object.put("paired", paired);
        return object;
    }

    /** The mean, and the span where there is one. */
    static String spread(double[] values) {
        if (values.length == 0) {
            return "";
        }
        double least = Arrays.stream(values).min().orElseThrow();
        double most = Arrays.stream(values).max().orElseThrow();
        String mean = Words.number(StatUtils.mean(values));
        return least == most ? mean : mean + " (" + Words.number(least) + " .. " + Words.number(most) + ")";
    }
}
