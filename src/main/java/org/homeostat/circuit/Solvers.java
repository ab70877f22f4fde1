package org.homeostat.circuit;

import org.jspecify.annotations.Nullable;

/** The solver that suits a circuit, chosen by its structure. */
public final class Solvers {

    /** Dense matrices of so many nodes take a gigabyte. */
    private static final int LARGEST_DENSE = 5000;

    private Solvers() {}

    /**
     * Layers of resistors joined all to all, with diodes to rails: block coordinate descent. Other resistors, grounded sources
     * and ideal diodes, between free nodes as well, where descent would stop at a wrong point: the active-set method.
     * Everything else: dense Newton.
     *
     * @throws IllegalArgumentException if the circuit is too large for the only solver that knows its elements
     */
    public static Solver of(Circuit circuit) {
        LayeredDescent layered = LayeredDescent.of(circuit);
        if (layered != null) {
            return new Backed(circuit, layered);
        }
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

    /** Descent, and the active-set method where descent does not arrive: on layers that are joined very unevenly. */
    private static final class Backed implements Solver {

        private final Circuit circuit;
        private final Solver descent;
        private @Nullable ActiveSet second;
        private double @Nullable [] siemens;

        Backed(Circuit circuit, Solver descent) {
            this.circuit = circuit;
            this.descent = descent;
        }

        @Override
        public String word() {
            return descent.word();
        }

        @Override
        public Solution solve(double[] sources, double tolerance) throws UnsolvableException {
            try {
                return descent.solve(sources, tolerance);
            } catch (UnsolvableException e) {
                ActiveSet sparse = second == null ? ActiveSet.of(circuit) : second;
                if (sparse == null) {
                    throw e;
                }
                second = sparse;
                if (siemens != null) {
                    sparse.resistors(siemens);
                }
                return sparse.solve(sources, tolerance);
            }
        }

        @Override
        public void resistors(double[] changed) {
            descent.resistors(changed);
            siemens = changed.clone();
        }
    }
}
