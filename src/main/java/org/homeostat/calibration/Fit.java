package org.homeostat.calibration;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.exception.TooManyEvaluationsException;
import org.apache.commons.math3.exception.TooManyIterationsException;
import org.apache.commons.math3.fitting.leastsquares.LeastSquaresBuilder;
import org.apache.commons.math3.fitting.leastsquares.LeastSquaresOptimizer.Optimum;
import org.apache.commons.math3.fitting.leastsquares.LevenbergMarquardtOptimizer;
import org.apache.commons.math3.fitting.leastsquares.ValueAndJacobianFunction;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.apache.commons.math3.util.Pair;

/**
 * Quantities found from many readings at once, by Levenberg and Marquardt's method (Commons Math).
 *
 * <p>Each quantity is known beforehand as well as the drawing says: its value and its spread. That enters as one more
 * observation a quantity, so that what the readings cannot tell does not run away; and it is the measure of what they tell. In
 * units of these spreads and of the readings' noise, a direction whose singular value is below 1 is told less by the readings
 * than by the drawing. A quantity counts as told when its standard error came to less than half its spread. Of others nothing
 * is claimed: their values are those of one specimen of many that would answer alike, which matters to whoever asks it, for
 * what is told may be a sum of which no part is.
 */
public final class Fit {

    /** A quantity is told if its standard error is less than this part of its spread. */
    private static final double TOLD = 0.5;

    private static final int MOST_ITERATIONS = 60;

    /** A sum of squares that changes by less than this part changes far less than chance makes it. */
    private static final double SAME_SQUARES = 1e-4;

    /** A step of less than this part leads nowhere. */
    private static final double SAME_PLACE = 1e-4;

    /** What a direction is named by: its largest components, at least this part of the largest. */
    private static final double NAMED = 0.5;

    private static final int MOST_NAMES = 3;

    /**
     * What is not known for sure.
     *
     * @param name of whom
     * @param kind what of it, such as {@code gain}
     * @param drawn what the drawing says
     * @param spread its standard deviation over specimens, above 0
     * @param factor true if it is always above 0: then it is its logarithm that spreads, by {@code spread / drawn}
     */
    public record Quantity(String name, String kind, double drawn, double spread, boolean factor) {
        public Quantity {
            if (!(spread > 0) || Double.isInfinite(spread) || factor && !(drawn > 0)) {
                throw new IllegalArgumentException("quantity " + name + ": its spread must be above 0, not " + spread);
            }
        }

        /** Its value so many spreads from what is drawn. */
        double at(double spreads) {
            return factor ? drawn * Math.exp(spread / drawn * spreads) : drawn + spread * spreads;
        }

        /** How fast its value changes there with the number of spreads. */
        double slope(double spreads) {
            return factor ? spread / drawn * at(spreads) : spread;
        }

        /** What it is called. */
        public String label() {
            return kind + " of " + name;
        }
    }

    /** Readings as a function of quantities. */
    public interface Model {

        /** What would be read. */
        double[] readings(double[] quantities);

        /** How each reading changes with each quantity, a row a reading. */
        double[][] slopes(double[] quantities);
    }

    /**
     * A quantity that was found.
     *
     * @param estimate with its interval; of one that is not told, about as wide as the drawing's spread
     * @param told whether the readings tell it
     */
    public record Found(Quantity quantity, Estimate estimate, boolean told) {}

    /**
     * A direction that the readings tell less than the drawing does.
     *
     * @param singular its singular value, below 1
     * @param named the quantities that it is mostly made of
     */
    public record Untold(double singular, List<Quantity> named) {}

    /**
     * What came of it.
     *
     * @param found each quantity
     * @param excess how much larger the residuals are than the noise given, as a factor on a standard deviation
     * @param rms the residuals' root mean square, in the readings' unit
     * @param readings how many there were
     * @param iterations how many it took
     * @param largest the largest singular value
     * @param smallest the smallest
     * @param untold what is not told, worst first
     */
    public record Result(
            List<Found> found,
            double excess,
            double rms,
            int readings,
            int iterations,
            double largest,
            double smallest,
            List<Untold> untold) {

        /** The values of all quantities, in order: the likeliest specimen. */
        public double[] values() {
            return found.stream().mapToDouble(one -> one.estimate.value()).toArray();
        }

        /** The largest singular value over the smallest; infinite where some direction is not seen at all. */
        public double condition() {
            return largest / smallest;
        }
    }

    private Fit() {}

    /**
     * Fits.
     *
     * @param read what was read
     * @param noise the standard deviation of each reading, above 0
     * @throws IllegalArgumentException if there are no more readings than quantities, or no end is found
     */
    public static Result of(Model model, List<Quantity> quantities, double[] read, double[] noise) {
        int count = quantities.size();
        if (read.length <= count) {
            throw new IllegalArgumentException("expected more readings than quantities, not " + read.length + " for "
                    + count + "; make more exchanges, or leave quantities out");
        }
        Whitened whitened = new Whitened(model, quantities, noise);
        double[] target = Arrays.copyOf(scaled(read, noise), read.length + count);
        Optimum optimum;
        try {
            optimum = new LevenbergMarquardtOptimizer()
                    .withCostRelativeTolerance(SAME_SQUARES)
                    .withParameterRelativeTolerance(SAME_PLACE)
                    .optimize(new LeastSquaresBuilder()
                            .model(whitened)
                            .lazyEvaluation(true)
                            .target(target)
                            .start(new double[count])
                            .maxEvaluations(MOST_ITERATIONS)
                            .maxIterations(MOST_ITERATIONS)
                            .build());
        } catch (TooManyIterationsException | TooManyEvaluationsException endless) {
            throw new IllegalArgumentException(
                    "no end was found in " + MOST_ITERATIONS + " steps; the readings do not look like this model's",
                    endless);
        }
        double[] residuals = optimum.getResiduals().getSubVector(0, read.length).toArray();
        double squares = 0;
        double plain = 0;
        for (int i = 0; i < residuals.length; i++) {
            squares += residuals[i] * residuals[i];
            plain += residuals[i] * residuals[i] * noise[i] * noise[i];
        }
        RealMatrix slopes = optimum.getJacobian().getSubMatrix(0, read.length - 1, 0, count - 1);
        return told(
                quantities,
                optimum.getPoint().toArray(),
                new EigenDecomposition(slopes.transpose().multiply(slopes)),
                squares,
                Math.sqrt(plain / read.length),
                read.length,
                optimum.getIterations());
    }

    private static double[] scaled(double[] values, double[] by) {
        double[] scaled = new double[values.length];
        Arrays.setAll(scaled, i -> values[i] / by[i]);
        return scaled;
    }

    private static Result told(
            List<Quantity> quantities,
            double[] point,
            EigenDecomposition squared,
            double squares,
            double rms,
            int readings,
            int iterations) {
        int count = point.length;
        double[] eigen = squared.getRealEigenvalues();
        // Each direction uses up one reading as far as the readings, and not the drawing, decide it.
        double used = Arrays.stream(eigen)
                .map(e -> Math.max(e, 0) / (1 + Math.max(e, 0)))
                .sum();
        double excess = Math.max(1, Math.sqrt(squares / (readings - used)));
        double[] singular = Arrays.stream(eigen)
                .map(e -> Math.sqrt(Math.max(e, 0)) / excess)
                .toArray();
        RealMatrix directions = squared.getV();
        double student = new TDistribution(readings - used).inverseCumulativeProbability((1 + Estimate.CONFIDENCE) / 2);
        List<Found> found = new ArrayList<>();
        for (int q = 0; q < count; q++) {
            double variance = 0;
            for (int d = 0; d < count; d++) {
                double part = directions.getEntry(q, d);
                variance += part * part / (1 + singular[d] * singular[d]);
            }
            Quantity quantity = quantities.get(q);
            boolean told = Math.sqrt(variance) < TOLD;
            double middle = point[q];
            double reach = student * Math.sqrt(variance);
            found.add(new Found(
                    quantity,
                    new Estimate(quantity.at(middle), quantity.at(middle - reach), quantity.at(middle + reach)),
                    told));
        }
        List<Untold> untold = new ArrayList<>();
        for (int d = 0; d < count; d++) {
            if (singular[d] < 1) {
                untold.add(new Untold(singular[d], named(quantities, directions.getColumn(d))));
            }
        }
        untold.sort(Comparator.comparingDouble(Untold::singular));
        return new Result(
                found,
                excess,
                rms,
                readings,
                iterations,
                Arrays.stream(singular).max().orElse(0),
                Arrays.stream(singular).min().orElse(0),
                untold);
    }

    private static List<Quantity> named(List<Quantity> quantities, double[] direction) {
        Integer[] order = new Integer[direction.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> -Math.abs(direction[i])));
        List<Quantity> named = new ArrayList<>();
        for (int i = 0; i < Math.min(MOST_NAMES, order.length); i++) {
            if (Math.abs(direction[order[i]]) >= NAMED * Math.abs(direction[order[0]])) {
                named.add(quantities.get(order[i]));
            }
        }
        return named;
    }

    /** The model with every number in units of what is known of it: readings by noise, quantities by spread. */
    private static final class Whitened implements ValueAndJacobianFunction {

        private final Model model;
        private final List<Quantity> quantities;
        private final double[] noise;

        /** The point that was asked last, and its readings: the library asks twice. */
        private double[] asked = {};

        private double[] answered = {};

        Whitened(Model model, List<Quantity> quantities, double[] noise) {
            this.model = model;
            this.quantities = quantities;
            this.noise = noise;
        }

        private double[] plain(double[] point) {
            double[] plain = new double[point.length];
            Arrays.setAll(plain, q -> quantities.get(q).at(point[q]));
            return plain;
        }

        @Override
        public Pair<RealVector, RealMatrix> value(RealVector point) {
            double[] at = point.toArray();
            return new Pair<>(computeValue(at), computeJacobian(at));
        }

        @Override
        public RealVector computeValue(double[] point) {
            if (!Arrays.equals(point, asked)) {
                answered = scaled(model.readings(plain(point)), noise);
                asked = point.clone();
            }
            double[] readings = answered;
            double[] all = Arrays.copyOf(readings, readings.length + point.length);
            System.arraycopy(point, 0, all, readings.length, point.length);
            return new ArrayRealVector(all, false);
        }

        @Override
        public RealMatrix computeJacobian(double[] point) {
            double[][] slopes = model.slopes(plain(point));
            double[][] all = new double[slopes.length + point.length][point.length];
            for (int i = 0; i < slopes.length; i++) {
                for (int q = 0; q < point.length; q++) {
                    all[i][q] = slopes[i][q] * quantities.get(q).slope(point[q]) / noise[i];
                }
            }
            for (int q = 0; q < point.length; q++) {
                all[slopes.length + q][q] = 1;
            }
            return new Array2DRowRealMatrix(all, false);
        }
    }
}
