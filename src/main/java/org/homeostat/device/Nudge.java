package org.homeostat.device;

/** How the outputs are pulled towards a target. A descriptor lists the {@linkplain Kind kinds} that a device realises. */
public sealed interface Nudge {

    /** The kinds of nudge. */
    enum Kind {
        /** A constant force on each output, such as a current. */
        FORCE,
        /** A spring of a given strength between each output and its target. */
        COUPLING
    }

    /** No pull at all. */
    Nudge NONE = new None();

    /** See {@link #NONE}. */
    record None() implements Nudge {}

    /**
     * A constant force on each output, added to the energy as {@code - sum force * output}.
     *
     * @param levels levels of role {@link Role#NUDGE}
     */
    record Force(Levels levels) implements Nudge {
        public Force {
            requireOnly(levels, Role.NUDGE);
        }
    }

    /**
     * A spring between each output and its target, added to the energy as {@code beta * unit / 2 * sum (output -
     * target)^2}, where the unit is {@link Descriptor#betaUnit()}. Realised by the device itself.
     *
     * @param beta the strength, a pure number; negative pushes away
     * @param target levels of role {@link Role#OUTPUT}
     */
    record Coupling(double beta, Levels target) implements Nudge {
        public Coupling {
            if (!Double.isFinite(beta)) {
                throw new IllegalArgumentException("beta must be a finite number, not " + beta);
            }
            requireOnly(target, Role.OUTPUT);
        }
    }

    private static void requireOnly(Levels levels, Role role) {
        if (levels.roles().size() != 1 || !levels.has(role)) {
            throw new IllegalArgumentException("expected levels of role " + role + " alone, not of " + levels.roles());
        }
    }
}
