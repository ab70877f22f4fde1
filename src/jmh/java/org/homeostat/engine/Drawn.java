package org.homeostat.engine;

import java.util.SplittableRandom;

/** Matrices of random numbers. */
final class Drawn {

    private Drawn() {}

    static Matrix matrix(int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Matrix matrix = Matrix.of(rows, columns);
        for (int i = 0; i < matrix.values().length; i++) {
            matrix.values()[i] = (float) random.nextDouble(-1, 1);
        }
        return matrix;
    }
}
