package org.homeostat.catalog;

import org.homeostat.twin.Imperfections;
import org.jspecify.annotations.Nullable;

/**
 * A file {@code sim/twins/NAME/twin.yaml}: what a twin is made of. The keys are explained in {@code sim/README.md}.
 *
 * @param twin its name
 * @param mimics the board it mimics
 * @param summary one line for lists
 * @param seed draws the specimen
 * @param lanes how many copies share the parameters
 * @param tolerance how far the physics is settled
 * @param imperfections how far the specimen strays from the drawing
 * @param phases how far a specimen made of oscillators does, beyond that; null for one exactly as drawn
 */
record TwinFile(
        String twin,
        String mimics,
        String summary,
        long seed,
        int lanes,
        double tolerance,
        Imperfections imperfections,
        @Nullable Phases phases) {

    /** The same without imperfections. */
    TwinFile drawing() {
        return new TwinFile(twin, mimics, summary, seed, lanes, tolerance, Imperfections.NONE, null);
    }

    /** The same settled further. */
    TwinFile settled(double residual) {
        return new TwinFile(twin, mimics, summary, seed, lanes, residual, imperfections, phases);
    }

    /** The same twin of the board whose file has this path. */
    TwinFile of(String board) {
        return new TwinFile(twin, board, summary, seed, lanes, tolerance, imperfections, phases);
    }

    /**
     * Imperfections that only oscillators have.
     *
     * @param frequencySpread the standard deviation of natural frequencies about the reference's, in the unit of the couplings
     * @param noise the noise on every step of an oscillator Ising machine, in the unit of the couplings
     * @param bits the resolution with which phases of an oscillator Ising machine are read, to the turn; 0 for exactly
     */
    record Phases(double frequencySpread, double noise, int bits) {
        Phases {
            if (!(frequencySpread >= 0) || !(noise >= 0) || Double.isInfinite(frequencySpread + noise) || bits < 0) {
                throw new IllegalArgumentException("phases: expected numbers of 0 or more, not " + frequencySpread
                        + ", " + noise + " and " + bits);
            }
        }
    }
}
