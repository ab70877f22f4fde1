package org.homeostat.learn;

/**
 * When a step is taken back: if the measured Lyapunov value rose, the parameters return to where they were and the springs
 * become stiffer; else they soften again, up to where they started.
 *
 * @param every check one step in so many; each check costs six exchanges more
 * @param shrink the factor on the softness after a step taken back, below 1
 * @param grow the factor after a step accepted, 1 or more
 */
public record Acceptance(int every, double shrink, double grow) {
    public Acceptance {
        if (every < 1 || !(shrink > 0 && shrink < 1) || !(grow >= 1)) {
            throw new IllegalArgumentException(
                    "acceptance needs every >= 1, 0 < shrink < 1 <= grow, not " + every + ", " + shrink + ", " + grow);
        }
    }

    double next(double softness, boolean accepted, double most) {
        return accepted ? Math.min(most, softness * grow) : softness * shrink;
    }
}
