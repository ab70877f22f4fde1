package org.homeostat.physics;

/**
 * State and parameters coming to rest together, each parameter on a spring anchored at its knob:
 *
 * <pre>   G(u, theta, s) = sum_k (u_k - theta_k)^2 / (2 epsilon_k) + mean over lanes of E(theta, x, s),   theta in a box,</pre>
 *
 * minimised over both (agnostic EP, arXiv 2205.15021, section 3). Several lanes share the parameters and pull with their
 * mean force, so that a step does not grow with the number of lanes.
 *
 * <p>The state is settled exactly for the parameters at hand, then every parameter moves to {@code clip(u - epsilon f)}.
 * For energies linear in the parameters that is an exact block descent of G, so it never rises.
 */
public final class JointRelaxation {

    private static final int MOST_ROUNDS = 20_000;

    private final Physics physics;
    private final double[] lowest;
    private final double[] highest;

    /**
     * @param lowest the least position of each parameter
     * @param highest the greatest position of each parameter
     */
    public JointRelaxation(Physics physics, double[] lowest, double[] highest) {
        this.physics = physics;
        this.lowest = lowest.clone();
        this.highest = highest.clone();
    }

    /** A distance lost in the rounding of a parameter at the end of its range. */
    private double rounding(int k) {
        double end = Math.max(Math.abs(lowest[k]), Math.abs(highest[k]));
        return Double.isInfinite(end) ? 0 : Math.ulp(end);
    }

    /**
     * Moves {@code theta} and {@code states} (one a lane) to rest.
     *
     * @param knob where each spring is anchored
     * @param softness the softness epsilon of each spring
     * @param tolerance the largest part of the largest spring's extension by which a parameter may still move, and the
     *     tolerance of {@link Physics#settle}
     * @return how they came to rest; an infinite residual, with the parameters where they were last, where a state ran away;
     *     likewise where one has no rest
     */
    public Rest settle(
            double[] knob, double[] softness, Drive[] drives, double[] theta, double[][] states, double tolerance) {
        double[] sum = new double[theta.length];
        double[] force = new double[theta.length];
        int sweeps = 0;
        int rounds = 0;
        double residual = Double.POSITIVE_INFINITY;
        while (residual > tolerance && rounds < MOST_ROUNDS) {
            java.util.Arrays.fill(sum, 0);
            for (int lane = 0; lane < states.length; lane++) {
                Rest rest = physics.settle(theta, drives[lane], states[lane], tolerance);
                sweeps += rest.sweeps();
                if (Double.isInfinite(rest.residual()) || rest.ending() == Rest.Ending.UNLOCKED) {
                    return new Rest(sweeps, rest.residual(), rest.ending(), rest.remark());
                }
                physics.forces(theta, drives[lane], states[lane], force);
                for (int k = 0; k < theta.length; k++) {
                    sum[k] += force[k];
                }
            }
            double move = 0;
            double extension = Double.MIN_NORMAL;
            for (int k = 0; k < theta.length; k++) {
                double next = Math.clamp(knob[k] - softness[k] * sum[k] / states.length, lowest[k], highest[k]);
                double moved = Math.abs(next - theta[k]);
                // Where no force is, springs are as long as rounding makes them, and their parts mean nothing.
                move = moved > rounding(k) ? Math.max(move, moved) : move;
                extension = Math.max(extension, Math.abs(knob[k] - next));
                theta[k] = next;
            }
            residual = move / extension;
            rounds++;
        }
        // The state belongs to the last theta only after one more settle.
        Rest state = physics.settle(theta, drives[0], states[0], tolerance);
        for (int lane = 1; lane < states.length; lane++) {
            state = state.worse(physics.settle(theta, drives[lane], states[lane], tolerance));
        }
        return state.settled()
                ? new Rest(sweeps, residual, residual <= tolerance)
                : new Rest(sweeps, Math.max(residual, state.residual()), state.ending(), state.remark());
    }
}
