package org.homeostat.catalog;

import org.homeostat.twin.Imperfections;

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
 */
record TwinFile(
        String twin,
        String mimics,
        String summary,
        long seed,
        int lanes,
        double tolerance,
        Imperfections imperfections) {}
