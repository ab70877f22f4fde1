package org.homeostat.run;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.homeostat.run.Dataset.Answers;
import org.homeostat.run.Encoding.Scales;

/**
 * What a straight line can do on the same data: least squares from the standardised features to one-hot classes, or to the
 * numbers. A learned device should be put beside it, or its figure says little.
 */
public final class LinearBaseline {

    /** Keeps the normal equations solvable where features repeat each other. */
    private static final double RIDGE = 1e-6;

    /** Up to here, in spreads, the mean of a feature costs no digits that matter. */
    private static final double NEAR = 10;

    /** What is taken from each feature, and what it is divided by; last the constant, 1 in every row. */
    private final Scales scales;

    private LinearBaseline(Dataset train) {
        Scales standard = Encoding.standardised(train.rows());
        double[] shift = standard.mean().clone();
        for (int c = 0; c < shift.length; c++) {
            // The constant makes up for any shift: none is taken where that leaves the many zeros of an image zero.
            if (Math.abs(shift[c]) < NEAR * standard.spread()[c]) {
                shift[c] = 0;
            }
        }
        scales = new Scales(shift, standard.spread());
    }

    /** Fits on one part and scores on the other: accuracy for classes, R^2 for numbers; NaN without test rows. */
    public static double score(Dataset train, Dataset test) {
        if (test.size() == 0) {
            return Double.NaN;
        }
        LinearBaseline line = new LinearBaseline(train);
        double[][] weights = line.weights(train);
        double[] x = new double[line.scales.mean().length + 1];
        return switch (test.answers()) {
            case Answers.Labels labels -> {
                int right = 0;
                for (int row = 0; row < test.size(); row++) {
                    test.rows().read(row, x);
                    right += highest(line.answer(x, weights)) == labels.label()[row] ? 1 : 0;
                }
                yield (double) right / test.size();
            }
            case Answers.Numbers numbers -> {
                double squares = 0;
                double[] wanted = new double[numbers.names().size()];
                for (int row = 0; row < test.size(); row++) {
                    test.rows().read(row, x);
                    numbers.values().read(row, wanted);
                    double[] answer = line.answer(x, weights);
                    for (int k = 0; k < answer.length; k++) {
                        double miss = answer[k] - wanted[k];
                        squares += miss * miss;
                    }
                }
                yield 1 - squares / Score.spread(numbers);
            }
        };
    }

    private static int highest(double[] answer) {
        int best = 0;
        for (int k = 1; k < answer.length; k++) {
            best = answer[k] > answer[best] ? k : best;
        }
        return best;
    }

    /** Solves the normal equations, summed up row by row from what is not zero. */
    private double[][] weights(Dataset train) {
        int size = scales.mean().length + 1;
        double[][] normal = new double[size][size];
        double[][] right = new double[size][train.outputs()];
        int[] place = new int[size];
        double[] x = new double[size];
        double[] y = new double[train.outputs()];
        for (int row = 0; row < train.size(); row++) {
            train.rows().read(row, x);
            scale(x);
            wanted(train, row, y);
            int filled = 0;
            for (int i = 0; i < size; i++) {
                if (x[i] != 0) {
                    place[filled++] = i;
                }
            }
            for (int a = 0; a < filled; a++) {
                int i = place[a];
                for (int b = 0; b <= a; b++) {
                    normal[i][place[b]] += x[i] * x[place[b]];
                }
                for (int k = 0; k < y.length; k++) {
                    right[i][k] += x[i] * y[k];
                }
            }
        }
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < i; j++) {
                normal[j][i] = normal[i][j];
            }
            // All but the last, which is the constant: a mean far from 0 must not be drawn towards it.
            normal[i][i] += i < size - 1 ? RIDGE * train.size() : 0;
        }
        return new CholeskyDecomposition(new Array2DRowRealMatrix(normal, false))
                .getSolver()
                .solve(new Array2DRowRealMatrix(right, false))
                .getData();
    }

    /** @param x features, and room for the constant behind them; scaled afterwards */
    private double[] answer(double[] x, double[][] weights) {
        scale(x);
        double[] answer = new double[weights[0].length];
        for (int i = 0; i < x.length; i++) {
            if (x[i] != 0) {
                for (int k = 0; k < answer.length; k++) {
                    answer[k] += x[i] * weights[i][k];
                }
            }
        }
        return answer;
    }

    private void scale(double[] x) {
        for (int c = 0; c < x.length - 1; c++) {
            x[c] = (x[c] - scales.mean()[c]) / scales.spread()[c];
        }
        x[x.length - 1] = 1;
    }

    private static void wanted(Dataset data, int row, double[] into) {
        switch (data.answers()) {
            case Answers.Labels labels -> {
                Arrays.fill(into, 0);
                into[labels.label()[row]] = 1;
            }
            case Answers.Numbers numbers -> numbers.values().read(row, into);
        }
    }
}
