package org.homeostat.circuit;

/**
 * An operating point with its certificate.
 *
 * @param volts the voltage of each node, ground first
 * @param iterations how many sweeps, active sets or Newton steps it took
 * @param residual the largest current that Kirchhoff's law misses at a node, projected on what its ideal diodes may supply,
 *     as a part of the largest current that would flow at any node: sum over its resistors of conductance times the largest
 *     voltage, and the currents of its other elements (if none flows, a millionth of what transistors could carry); or, if
 *     that is more, what an equation of a source or an amplifier misses, as a part of the largest voltage (1 nV where there
 *     is none). Worked out from the circuit itself after the solver is done, not taken from the solver's own stopping rule
 * @param solver which solver it was
 */
public record Solution(double[] volts, int iterations, double residual, String solver) {}
