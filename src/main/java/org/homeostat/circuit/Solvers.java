package org.homeostat.circuit;

/** The solver that suits a circuit, chosen by its structure. */
public final class Solvers {

    /** Dense matrices of so many nodes take a gigabyte. */
    private static final int LARGEST_DENSE = 5000;

    private Solvers() {}

    /**
     * Resistors, grounded sources and ideal diodes: the active-set method. Everything else: dense Newton.
     *
     * @throws IllegalArgumentException if the circuit is too large for the only solver that knows its elements
     */
    public static Solver of(Circuit circuit) {
        ActiveSet sparse = ActiveSet.of(circuit);
        if (sparse != null) {
            return sparse;
        }
        if (circuit.nodes().size() > LARGEST_DENSE) {
            throw new IllegalArgumentException("a circuit of " + circuit.nodes().size()
                    + " nodes is too large for one with transistors, Shockley diodes, amplifiers or sources between two nodes;"
                    + " expected " + LARGEST_DENSE
                    + " nodes or fewer, or resistors, grounded sources and ideal diodes alone");
        }
        return new DenseNewton(circuit);
    }
}
