package org.homeostat.physics;

/**
 * How a machine came to rest: a certificate that goes with a state.
 *
 * @param sweeps how often every unit was moved
 * @param residual the largest force left on a unit that is free to move, as a part of the forces that balance at it
 * @param settled whether the residual is within the tolerance asked for
 */
public record Rest(int sweeps, double residual, boolean settled) {}
