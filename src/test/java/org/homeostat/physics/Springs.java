package org.homeostat.physics;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.homeostat.contracts.PhysicsContract.Case;

/** Spring networks for tests. */
final class Springs {

    private Springs() {}

    /** A triangular lattice of 3 x 3 nodes one metre apart, corners pinned, one node driven, every spring under tension. */
    static SpringNetwork lattice() {
        SpringNetwork.Builder built = new SpringNetwork.Builder(2);
        lay(built, 3, 3);
        for (int corner : new int[] {0, 2, 6, 8}) {
            built.pin(corner);
        }
        return built.input(3, 0).pin(3).output(5, 0).output(7, 1).build();
    }

    /** Lays a triangular lattice with two parameters a spring. */
    static void lay(SpringNetwork.Builder built, int rows, int columns) {
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                if (built.node(column + 0.5 * (row % 2), row * Math.sqrt(0.75)) != row * columns + column) {
                    throw new IllegalStateException("nodes are numbered row by row");
                }
            }
        }
        int laid = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int here = row * columns + column;
                int left = column - 1 + row % 2;
                int above = (row + 1) * columns;
                laid += column + 1 < columns ? 1 + built.spring(here, here + 1) - laid : 0;
                laid += row + 1 < rows && left >= 0 ? 1 + built.spring(here, above + left) - laid : 0;
                laid += row + 1 < rows && left + 1 < columns ? 1 + built.spring(here, above + left + 1) - laid : 0;
            }
        }
    }

    /** Random parameters and a random question for the lattice. */
    static Case lattice(RandomGenerator random) {
        SpringNetwork network = lattice();
        double[] theta = new double[network.parameters()];
        for (int k = 0; k < theta.length; k++) {
            theta[k] = k < network.stiffnesses() ? random.nextDouble(0.7, 1.3) : random.nextDouble(0.75, 0.9);
        }
        return new Case(
                network,
                theta,
                random.doubles(1, -0.15, 0.15).toArray(),
                random.doubles(2, -0.2, 0.2).toArray(),
                0.2);
    }

    static Case lattice(long seed) {
        return lattice(new SplittableRandom(seed));
    }
}
