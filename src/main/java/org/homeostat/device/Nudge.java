package org.homeostat.device;

import java.util.List;

/** How the outputs are pulled towards a target. A descriptor lists the {@linkplain Kind kinds} that a device realises. */
public sealed interface Nudge {

    /** The kinds of nudge. */
    enum Kind {
        /** A constant force on each output, such as a current. */
        FORCE,
        /** A spring of a given strength between each output and its target. */
        COUPLING,
        /** A constant force on each output, worked out by the device from how far the output stood from its target. */
        DIFFERENCE,
        /** The outputs held at given levels, whatever force that takes. */
        CLAMP,
        /** A spring between each output and its target whose strength changes steadily while the device is watched. */
        RAMP
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

    /**
     * A constant force on each output, in proportion to how far the output stood from its target when the device was last
     * read without a nudge: {@code beta * unit * (target - output)}, where the unit is {@link Descriptor#betaUnit()},
     * limited to the range of the nudge channel. It is the force that half the squared distance exerts, worked out by the
     * device itself, so that a whole step of learning can be one batch. Refused while there is no such reading.
     *
     * @param beta the strength, a pure number; negative pushes away
     * @param target levels of role {@link Role#OUTPUT}
     */
    record Difference(double beta, Levels target) implements Nudge {
        public Difference {
            if (!Double.isFinite(beta)) {
                throw new IllegalArgumentException("beta must be a finite number, not " + beta);
            }
            requireOnly(target, Role.OUTPUT);
        }

        /**
         * The force that this comes to.
         *
         * @param free the outputs last read without a nudge, one row a lane
         */
        public Force from(double[][] free, Descriptor card) {
            List<Channel> channels = card.channels(Role.NUDGE);
            double[][] force = new double[free.length][channels.size()];
            for (int lane = 0; lane < free.length; lane++) {
                for (int k = 0; k < force[lane].length; k++) {
                    Channel channel = channels.get(k);
                    double distance = target.at(Role.OUTPUT, lane, k) - free[lane][k];
                    // Without a distance there is no force, however strong: infinity times nothing is not a number.
                    force[lane][k] = distance == 0
                            ? 0
                            : Math.clamp(beta * card.betaUnit() * distance, channel.min(), channel.max());
                }
            }
            return new Force(Levels.of(Role.NUDGE, force));
        }
    }

    /**
     * The outputs held at given levels: a moved clamp (coupled learning, contrastive learning). No cost is added to the
     * energy; the rest of the device settles around the outputs.
     *
     * @param at levels of role {@link Role#OUTPUT}
     */
    record Clamp(Levels at) implements Nudge {
        public Clamp {
            requireOnly(at, Role.OUTPUT);
        }
    }

    /**
     * A {@linkplain Coupling coupling} whose strength goes steadily from one value to another while the device follows. For
     * devices whose parameters integrate what they see on the way; others have nothing to tell of the way.
     *
     * @param from the strength at the beginning, a pure number; negative pushes away
     * @param to the strength at the end
     * @param seconds how long it takes
     * @param target levels of role {@link Role#OUTPUT}
     */
    record Ramp(double from, double to, double seconds, Levels target) implements Nudge {
        public Ramp {
            if (!Double.isFinite(from) || !Double.isFinite(to)) {
                throw new IllegalArgumentException("beta must be a finite number, not " + from + " to " + to);
            }
            if (!(seconds > 0) || Double.isInfinite(seconds)) {
                throw new IllegalArgumentException("a ramp takes more than 0 s, not " + seconds);
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
