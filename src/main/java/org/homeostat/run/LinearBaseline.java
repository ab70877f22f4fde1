package org.homeostat.run;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.homeostat.run.Dataset.Answers;

/**
 * What a straight line can do on the same data: least squares from the standardised features to one-hot classes, or to the
 * number. A learned device should be put beside it, or its figure says little.
 */
public final class LinearBaseline {

    /** Keeps the normal equations solvable where features repeat each other. */
    private static final double RIDGE = 1e-6;

    private LinearBaseline() {}

    /** Fits on one part and scores on the other: accuracy for classes, R^2 for numbers; NaN without test rows. */
    public static double score(Dataset train, Dataset test, Encoding encoding) {
        if (test.size() == 0) {
            return Double.NaN;
        }
        RealMatrix x = design(train, encoding);
        RealMatrix y = answers(train);
        RealMatrix normal = x.transpose().multiply(x);
        // All but the last, which is the constant: a mean far from 0 must not be drawn towards it.
        for (int i = 0; i < normal.getRowDimension() - 1; i++) {
            normal.addToEntry(i, i, RIDGE * train.size());
        }
        RealMatrix weights = new CholeskyDecomposition(normal)
                .getSolver()
                .solve(x.transpose().multiply(y));
        RealMatrix predicted = design(test, encoding).multiply(weights);
        return switch (test.answers()) {
            case Answers.Labels labels -> {
                int right = 0;
                for (int row = 0; row < test.size(); row++) {
                    right += predicted.getRowVector(row).getMaxIndex() == labels.label()[row] ? 1 : 0;
                }
                yield (double) right / test.size();
            }
            case Answers.Numbers numbers -> {
                RealMatrix wanted = answers(test);
                double mean = java.util.Arrays.stream(numbers.value()).average().orElse(0);
                double miss = Math.pow(predicted.subtract(wanted).getFrobeniusNorm(), 2);
                double spread = Math.pow(wanted.scalarAdd(-mean).getFrobeniusNorm(), 2);
                yield 1 - miss / spread;
            }
        };
    }

    private static RealMatrix design(Dataset data, Encoding encoding) {
        int features = encoding.mean().length;
        RealMatrix x = new Array2DRowRealMatrix(data.size(), features + 1);
        for (int row = 0; row < data.size(); row++) {
            for (int c = 0; c < features; c++) {
                x.setEntry(row, c, (data.rows()[row][c] - encoding.mean()[c]) / encoding.spread()[c]);
            }
            x.setEntry(row, features, 1);
        }
        return x;
    }

    private static RealMatrix answers(Dataset data) {
        RealMatrix y = new Array2DRowRealMatrix(data.size(), data.outputs());
        for (int row = 0; row < data.size(); row++) {
            switch (data.answers()) {
                case Answers.Labels labels -> y.setEntry(row, labels.label()[row], 1);
                case Answers.Numbers numbers -> y.setEntry(row, 0, numbers.value()[row]);
            }
        }
        return y;
    }
}
