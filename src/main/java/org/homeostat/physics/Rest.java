package org.homeostat.physics;

/**
 * How a machine came to rest: a certificate that goes with a state.
 *
 * @param sweeps how often every unit was moved
 * @param residual the largest force left on a unit that is free to move, as a part of the forces that balance at it
 * @param ending what became of it
 * @param remark one sentence for a person, with the remedy, where the physics knows more than the ending says; else empty
 */
public record Rest(int sweeps, double residual, Ending ending, String remark) {

    /** What became of a machine that was let go. */
    public enum Ending {
        /** It is at rest: the residual is within the tolerance asked for. */
        AT_REST,
        /** It was still moving, or may not have found its ground state. */
        NOT_AT_REST,
        /** It has no rest: its oscillators run at different frequencies. */
        UNLOCKED
    }

    public Rest(int sweeps, double residual, boolean settled) {
        this(sweeps, residual, settled ? Ending.AT_REST : Ending.NOT_AT_REST, "");
    }

    /** The worse of two, with the sweeps of both: a lane that has no rest is worse than one that has not reached it. */
    public Rest worse(Rest other) {
        boolean mine = ending.compareTo(other.ending) > 0 || ending == other.ending && residual >= other.residual;
        Rest worse = mine ? this : other;
        return new Rest(sweeps + other.sweeps, worse.residual, worse.ending, worse.remark);
    }

    /** True if it is at rest. */
    public boolean settled() {
        return ending == Ending.AT_REST;
    }
}
