package org.homeostat.run;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.learn.Example;
import org.homeostat.learn.Learner;

/**
 * How strongly to nudge. The estimate of a gradient has a bias that grows with beta and a noise that falls with it: noise
 * asks for a larger beta. Both are measured, by repeated steps from one place at several betas, and the beta is worked out
 * at which their sum is least.
 *
 * <p>Model: the mean estimate is {@code a + b beta^p}, p = 1 for rules that nudge to one side and 2 for centred ones, and its
 * variance {@code s^2 / beta^2 / N} where N steps are averaged. With {@code B = |b|^2} the squared error {@code B beta^2p + s^2
 * / (N beta^2)} is least at {@code beta^(2p+2) = s^2 / (N p B)}.
 */
public final class Tuning {

    /**
     * What was found at one beta, in parts of the gradient's length.
     *
     * @param bias how far the mean estimate strays, by the fit
     * @param noise the scatter of one step around it, as measured
     */
    public record Point(double beta, double bias, double noise) {}

    /**
     * What to do.
     *
     * @param beta the best strength
     * @param error the error of the estimate there, bias and noise together, in parts of the gradient's length
     * @param points what was measured
     * @param quality the worst quality met
     * @param remark one sentence on what limits it
     */
    public record Advice(double beta, double error, List<Point> points, Quality quality, String remark) {}

    /**
     * How to measure.
     *
     * @param betas the strengths to try, ascending
     * @param order p: 1 where the rule nudges to one side, 2 where it is centred
     * @param repeats how many steps are taken at each
     * @param averaged N: over how many steps learning averages the noise out
     */
    public record Care(List<Double> betas, int order, int repeats, int averaged, int reads, Duration exchangeLimit) {}

    private final Device device;
    private final DoubleFunction<Learner> learnerAt;
    private final Example example;
    private final Care care;
    private Quality quality = Quality.SETTLED;

    /**
     * @param device dressed for the learner
     * @param learnerAt a fresh learner that moves parameters in proportion to its estimate, for a given beta
     */
    public Tuning(Device device, DoubleFunction<Learner> learnerAt, Example example, Care care) {
        this.device = device;
        this.learnerAt = learnerAt;
        this.example = example;
        this.care = care;
    }

    private record Measured(double beta, RealVector mean, double variance) {}

    /** Measures at the given parameters, and leaves the device there. */
    public Advice at(double[] parameters) {
        List<Measured> all = new ArrayList<>();
        for (double beta : care.betas) {
            all.add(measured(beta, parameters));
        }
        // Noise first: the strength that it would have at beta = 1 is the same measured at any beta.
        double noise = new Median()
                .evaluate(all.stream()
                        .mapToDouble(one -> one.variance * one.beta * one.beta)
                        .toArray());
        // Least squares of mean = a + b beta^p, each weighed by how little it scatters.
        double sumWeight = 0;
        double sumX = 0;
        double sumXx = 0;
        RealVector sumY = new ArrayRealVector(parameters.length);
        RealVector sumXy = new ArrayRealVector(parameters.length);
        for (Measured one : all) {
            double x = Math.pow(one.beta, care.order);
            double weight = noise > 0 ? one.beta * one.beta : 1;
            sumWeight += weight;
            sumX += weight * x;
            sumXx += weight * x * x;
            sumY = sumY.add(one.mean.mapMultiply(weight));
            sumXy = sumXy.add(one.mean.mapMultiply(weight * x));
        }
        double spread = sumXx - sumX * sumX / sumWeight;
        RealVector slope = sumXy.subtract(sumY.mapMultiply(sumX / sumWeight)).mapDivide(spread);
        RealVector gradient = sumY.subtract(slope.mapMultiply(sumX)).mapDivide(sumWeight);
        double length = gradient.getNorm();
        // What the slope owes to noise alone is taken off it.
        double chance = noise / care.repeats / spread;
        double bend = Math.max(0, slope.dotProduct(slope) - chance);
        List<Point> points = new ArrayList<>();
        for (Measured one : all) {
            points.add(new Point(
                    one.beta,
                    Math.sqrt(bend) * Math.pow(one.beta, care.order) / length,
                    Math.sqrt(one.variance) / length));
        }
        double least = care.betas.getFirst();
        double most = care.betas.getLast();
        double averaged = noise / care.averaged;
        double best = bend > 0 ? Math.pow(averaged / (care.order * bend), 1.0 / (2 * care.order + 2)) : most;
        double beta = Math.clamp(best, least, most);
        double error = Math.sqrt(bend * Math.pow(beta, 2 * care.order) + averaged / (beta * beta)) / length;
        return new Advice(beta, error, points, quality, remark(best, least, most, error));
    }

    private static String remark(double best, double least, double most, double error) {
        if (!(error < 1)) {
            return "noise hides the gradient even at the best strength: average more readings or more steps";
        }
        if (best <= least) {
            return "the device shows next to no noise: the smallest strength tried is best, and smaller ones would do";
        }
        return best >= most
                ? "noise rules at every strength tried: nudge as strongly as the device bears, and average more readings"
                : "bias and noise balance there";
    }

    private Measured measured(double beta, double[] start) {
        Learner learner = learnerAt.apply(beta);
        List<RealVector> estimates = new ArrayList<>();
        RealVector mean = new ArrayRealVector(start.length);
        for (int repeat = 0; repeat < care.repeats; repeat++) {
            RealVector estimate = estimate(learner, start);
            estimates.add(estimate);
            mean = mean.add(estimate.mapDivide(care.repeats));
        }
        double variance = 0;
        for (RealVector estimate : estimates) {
            double distance = estimate.getDistance(mean);
            variance += distance * distance / (care.repeats - 1);
        }
        return new Measured(beta, mean, variance);
    }

    /** The gradient that one step from the start stands for. */
    private RealVector estimate(Learner learner, double[] start) {
        var told = device.present(
                device.descriptor()
                        .question(example.inputs().and(Levels.of(Role.PARAMETER, start)))
                        .settling(new Settling.Usual(care.reads)),
                Deadline.in(care.exchangeLimit));
        quality = quality.worst(told.quality());
        learner.moved();
        double[] before = told.parameters();
        var step = learner.step(device, example, Deadline.in(care.exchangeLimit));
        quality = quality.worst(step.quality());
        double[] rates = learner.rates(device.descriptor());
        double[] estimate = new double[start.length];
        for (int k = 0; k < estimate.length; k++) {
            estimate[k] = (before[k] - step.parameters()[k]) / rates[k];
        }
        return new ArrayRealVector(estimate, false);
    }
}
