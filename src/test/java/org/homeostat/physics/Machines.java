package org.homeostat.physics;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.homeostat.contracts.PhysicsContract.Case;

/** Random machines for tests of learning, and what can be measured of them numerically. */
final class Machines {

    /** As closely as descent can settle them. */
    static final double TOLERANCE = 1e-14;

    /** By how much parameters are moved for the gradient of the loss. */
    static final double STEP = 1e-3;

    private Machines() {}

    /**
     * A layered resistive network of 46 to 72 conductances between 0.1 and 1 S, with diodes. Its outputs bear springs of
     * -0.3 S: even at 0.1 S everywhere each is tied by 0.1 S to ground and by five times 0.1 S in series with 0.8 S.
     */
    static Case resistive(SplittableRandom random) {
        int outputs = 1 + random.nextInt(2);
        Circuit circuit = Circuit.layered(3, 5 + random.nextInt(3), outputs);
        return new Case(
                circuit.network(),
                circuit.conductances(random, 0.1, 1),
                random.doubles(3, -1, 1).toArray(),
                random.doubles(outputs, -0.5, 0.5).toArray(),
                0.3);
    }

    /** A Hopfield network of 48 parameters between -0.3 and 0.3. */
    static Case hopfield(SplittableRandom random) {
        HopfieldNetwork network = new HopfieldNetwork(4, 6, 2);
        return new Case(
                network,
                random.doubles(network.parameters(), -0.3, 0.3).toArray(),
                random.doubles(4, -1, 1).toArray(),
                random.doubles(2, -1, 1).toArray(),
                0.3);
    }

    /** The forces dE/dtheta at the settled state. */
    static double[] forces(Case machine, double[] theta, Drive drive) {
        double[] forces = new double[theta.length];
        machine.physics().forces(theta, drive, machine.settled(theta, drive, TOLERANCE), forces);
        return forces;
    }

    /** The free energy F(theta, beta). */
    static double freeEnergy(Case machine, double[] theta, double beta) {
        return machine.freeEnergy(theta, machine.nudged(beta), TOLERANCE);
    }

    /**
     * The largest eigenvalue of -d2F/dtheta2, by power iteration: F is concave, so that none is negative. (commons-math's
     * EigenDecomposition does not converge on some of these matrices, which are far from full rank.)
     */
    static double largestCurvature(Case machine, double[] theta, double beta) {
        RealMatrix curvature = curvature(machine, theta, beta);
        RealVector along = new ArrayRealVector(
                new SplittableRandom(1).doubles(theta.length).toArray(), false);
        double before = 0;
        double largest = 1;
        while (largest > 0 && Math.abs(largest - before) > 1e-9 * largest) {
            before = largest;
            along = curvature.operate(along.mapDivide(along.getNorm()));
            largest = along.getNorm();
        }
        return largest;
    }

    /** The second derivative d2F/dtheta2 by central differences of the forces. */
    static RealMatrix curvature(Case machine, double[] theta, double beta) {
        double h = 1e-5;
        int n = theta.length;
        RealMatrix curvature = new Array2DRowRealMatrix(n, n);
        for (int k = 0; k < n; k++) {
            double[] up = forces(machine, moved(theta, k, h), machine.nudged(beta));
            double[] down = forces(machine, moved(theta, k, -h), machine.nudged(beta));
            for (int i = 0; i < n; i++) {
                curvature.setEntry(i, k, (up[i] - down[i]) / (2 * h));
            }
        }
        return curvature.add(curvature.transpose()).scalarMultiply(0.5);
    }

    /** The gradient of the loss C(s(theta, 0)), by central differences of fourth order. */
    static double[] gradient(Case machine) {
        double h = STEP;
        double[] gradient = new double[machine.theta().length];
        for (int k = 0; k < gradient.length; k++) {
            gradient[k] = (8 * (loss(machine, k, h) - loss(machine, k, -h))
                            - (loss(machine, k, 2 * h) - loss(machine, k, -2 * h)))
                    / (12 * h);
        }
        return gradient;
    }

    private static double loss(Case machine, int k, double step) {
        return machine.cost(machine.settled(moved(machine.theta(), k, step), machine.free(), TOLERANCE));
    }

    static double[] moved(double[] theta, int k, double step) {
        double[] moved = theta.clone();
        moved[k] += step;
        return moved;
    }

    static double[] filled(int length, double value) {
        double[] filled = new double[length];
        Arrays.fill(filled, value);
        return filled;
    }

    /** The length of a - b as a part of the length of b. */
    static double relative(double[] a, double[] b) {
        double miss = 0;
        double size = 0;
        for (int k = 0; k < b.length; k++) {
            miss += (a[k] - b[k]) * (a[k] - b[k]);
            size += b[k] * b[k];
        }
        return Math.sqrt(miss / size);
    }
}
