package org.homeostat.circuit;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * A feed-forward network of rectified linear units, the last layer linear: what {@link Universal} makes a circuit of.
 *
 * @param layers from the input up; every layer but the last is rectified
 */
public record ReluNetwork(List<Layer> layers) {

    /**
     * A layer, {@code z = weights x + biases}.
     *
     * @param weights one row a unit, one column an input
     * @param biases one a unit
     */
    public record Layer(double[][] weights, double[] biases) {
        public Layer {
            if (weights.length == 0 || weights.length != biases.length || weights[0].length == 0) {
                throw new IllegalArgumentException("a layer needs a unit, an input, and a bias for each unit; it has "
                        + weights.length + " rows of weights and " + biases.length + " biases");
            }
            for (double[] row : weights) {
                if (row.length != weights[0].length) {
                    throw new IllegalArgumentException("rows of weights are " + row.length + " and " + weights[0].length
                            + " long; expected equal lengths");
                }
            }
        }
    }

    public ReluNetwork {
        layers = List.copyOf(layers);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a network needs a layer");
        }
        for (int l = 1; l < layers.size(); l++) {
            if (layers.get(l).weights[0].length != layers.get(l - 1).weights.length) {
                throw new IllegalArgumentException("layer " + (l + 1) + " has "
                        + layers.get(l).weights[0].length + " inputs, and layer " + l + " has "
                        + layers.get(l - 1).weights.length + " units; expected as many");
            }
        }
    }

    /** How many inputs it has. */
    public int inputs() {
        return layers.getFirst().weights[0].length;
    }

    /** How many rectified units. */
    public int units() {
        return layers.subList(0, layers.size() - 1).stream()
                .mapToInt(layer -> layer.weights.length)
                .sum();
    }

    /** What it answers, one number for each unit of the last layer. */
    public double[] of(double... x) {
        double[] here = x;
        for (int l = 0; l < layers.size(); l++) {
            Layer layer = layers.get(l);
            double[] next = layer.biases.clone();
            for (int k = 0; k < next.length; k++) {
                for (int i = 0; i < here.length; i++) {
                    next[k] += layer.weights[k][i] * here[i];
                }
                if (l < layers.size() - 1) {
                    next[k] = Math.max(0, next[k]);
                }
            }
            here = next;
        }
        return here;
    }

    /**
     * The broken line through a function at evenly spaced knots from 0 to 1, exact at the knots: its error falls as the number
     * of hinges squared.
     *
     * @param hinges rectified units, 1 or more: one for each stretch between two knots
     */
    public static ReluNetwork interpolating(DoubleUnaryOperator function, int hinges) {
        double[][] weights = new double[hinges][1];
        double[] biases = new double[hinges];
        double[] heights = new double[hinges];
        double before = 0;
        for (int k = 0; k < hinges; k++) {
            double left = (double) k / hinges;
            double right = (double) (k + 1) / hinges;
            double slope = (function.applyAsDouble(right) - function.applyAsDouble(left)) * hinges;
            weights[k][0] = 1;
            biases[k] = -left;
            heights[k] = slope - before;
            before = slope;
        }
        return new ReluNetwork(List.of(
                new Layer(weights, biases),
                new Layer(new double[][] {heights}, new double[] {function.applyAsDouble(0)})));
    }

    /**
     * Hinges through random points of the square from -1 to 1, in random directions, and the heights that fit a function best
     * at the points of a grid, by least squares with a ridge of a millionth of the mean square.
     *
     * @param side points along a side of the grid
     */
    public static ReluNetwork fitted(ToDoubleFunction<double[]> function, int hinges, int side, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] weights = new double[hinges][2];
        double[] biases = new double[hinges];
        for (int k = 0; k < hinges; k++) {
            double angle = random.nextDouble(2 * Math.PI);
            weights[k][0] = Math.cos(angle);
            weights[k][1] = Math.sin(angle);
            biases[k] = -(weights[k][0] * random.nextDouble(-1, 1) + weights[k][1] * random.nextDouble(-1, 1));
        }
        double[][] features = new double[side * side][hinges + 1];
        double[] targets = new double[side * side];
        for (int p = 0; p < targets.length; p++) {
            int row = p / side;
            double[] x = {2.0 * (p % side) / (side - 1) - 1, 2.0 * row / (side - 1) - 1};
            for (int k = 0; k < hinges; k++) {
                features[p][k] = Math.max(0, weights[k][0] * x[0] + weights[k][1] * x[1] + biases[k]);
            }
            features[p][hinges] = 1;
            targets[p] = function.applyAsDouble(x);
        }
        RealMatrix matrix = new Array2DRowRealMatrix(features, false);
        RealMatrix normal = matrix.transpose().multiply(matrix);
        double ridge = 1e-6 * normal.getTrace() / (hinges + 1);
        for (int k = 0; k <= hinges; k++) {
            normal.addToEntry(k, k, ridge);
        }
        double[] heights = new CholeskyDecomposition(normal)
                .getSolver()
                .solve(new ArrayRealVector(matrix.preMultiply(targets), false))
                .toArray();
        double[] last = Arrays.copyOf(heights, hinges);
        return new ReluNetwork(
                List.of(new Layer(weights, biases), new Layer(new double[][] {last}, new double[] {heights[hinges]})));
    }
}
