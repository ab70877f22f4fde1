package org.homeostat.physics;

import java.util.Arrays;
import java.util.function.UnaryOperator;

/** A differential equation marched in many small steps (Runge-Kutta of fourth order), to check what claims to be exact. */
final class Marched {

    private Marched() {}

    static double[] from(double[] begun, double seconds, int steps, UnaryOperator<double[]> rate) {
        double[] x = begun.clone();
        double h = seconds / steps;
        for (int step = 0; step < steps; step++) {
            double[] one = rate.apply(x);
            double[] two = rate.apply(along(x, 0.5 * h, one));
            double[] three = rate.apply(along(x, 0.5 * h, two));
            double[] four = rate.apply(along(x, h, three));
            for (int i = 0; i < x.length; i++) {
                x[i] += h / 6 * (one[i] + 2 * two[i] + 2 * three[i] + four[i]);
            }
        }
        return x;
    }

    private static double[] along(double[] x, double by, double[] rate) {
        double[] moved = new double[x.length];
        Arrays.setAll(moved, i -> x[i] + by * rate[i]);
        return moved;
    }
}
