package org.homeostat.physics;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A machine that settles where its energy is least.
 *
 * <p>The total energy is {@code E(theta, x, s) - sum_k current_k o_k + stiffness/2 sum_k (o_k - target_k)^2}, where s is
 * the state, theta the parameters, x the input and o the outputs, which are {@linkplain #observe observed} of the state.
 * Where a {@linkplain Drive#clamp() clamp} holds the outputs, the least energy is sought among the states that show them.
 * Arrays are in the order that the implementing class documents. Implementations are immutable and may be shared by threads.
 */
public interface Physics {

    /** How many numbers an input has. */
    int inputs();

    /** How many numbers a state has. */
    int states();

    /** How many numbers the parameters have. */
    int parameters();

    /** Which of the state each output is read from, in order. */
    int[] outputs();

    /**
     * Writes the outputs at a state into {@code observed}: what can be read there, and what a nudge pulls. Usually the
     * units themselves; of an oscillator a function of its phase.
     */
    default void observe(double[] state, double[] observed) {
        int[] outputs = outputs();
        for (int k = 0; k < outputs.length; k++) {
            observed[k] = state[outputs[k]];
        }
    }

    /** Puts a state where a machine may be found that was just let go. Everything at 0, unless the physics knows better. */
    default void begin(double[] state, RandomGenerator chance) {
        Arrays.fill(state, 0);
    }

    /** The total energy, nudge included. */
    double energy(double[] theta, Drive drive, double[] state);

    /** Writes the conjugate forces dE/dtheta at a state into {@code forces}. */
    void forces(double[] theta, Drive drive, double[] state, double[] forces);

    /** Adds a part of the conjugate forces at a state to {@code sum}; what is 0 need not be touched. */
    default void addForces(double[] theta, Drive drive, double[] state, double part, double[] sum) {
        double[] one = new double[sum.length];
        forces(theta, drive, state, one);
        for (int k = 0; k < sum.length; k++) {
            sum[k] += part * one[k];
        }
    }

    /**
     * Moves {@code state} to the minimum of the total energy at fixed parameters. Every step on the way lowers it.
     *
     * @param state the state to start from; the minimiser on return
     * @param tolerance the largest residual force allowed, as a part of the forces that balance at that unit
     * @return how it came to rest; an infinite residual where it ran away because the energy has no minimum
     * @throws IllegalArgumentException if the nudge alone makes the energy unbounded below; nothing was moved
     */
    Rest settle(double[] theta, Drive drive, double[] state, double tolerance);
}
