package org.homeostat.physics;

import java.util.random.RandomGenerator;

/**
 * A machine that never answers with one exact number: annealers, quantum machines read in shots, machines in a heat bath.
 * What {@link #settle} does is what it would do without chance: a quench, the exact ground state, the mean.
 */
public interface Sampled extends Physics {

    /**
     * How a machine is run.
     *
     * @param afresh true to begin anew, false to go on from the state at hand
     * @param seconds how long it may run before it is read, where that means something to it
     * @param reads how often it is read, 1 or more
     * @param chance where its noise comes from; nothing else makes two equal runs differ
     */
    record Run(boolean afresh, double seconds, int reads, RandomGenerator chance) {}

    /**
     * What was read.
     *
     * @param outputs the outputs: means over reads, or those of the best read, as the class documents
     * @param outputErrors their standard errors; 0 where unknown
     * @param forces the conjugate forces dE/dtheta, read in the same way
     * @param forceErrors their standard errors; 0 where unknown
     * @param rest how it came to rest
     */
    record Sample(double[] outputs, double[] outputErrors, double[] forces, double[] forceErrors, Rest rest) {}

    /**
     * Runs the machine and reads it.
     *
     * @param state where it stands, from where it goes on unless it begins anew; where it stands afterwards on return
     */
    Sample sample(double[] theta, Drive drive, double[] state, Run run);
}
