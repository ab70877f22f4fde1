package org.homeostat.circuit;

import java.util.Arrays;
import java.util.stream.IntStream;

/** What hangs on a circuit's resistors alone: the factor of the circuit without diodes, and what diodes see of it. */
final class BareCircuit {

    private final SparseFactor factor;
    private final Complement complement;
    private final int[] loose;
    private final double tie;

    /**
     * Factors.
     *
     * @throws UnsolvableException if the conductances lie too far apart
     */
    BareCircuit(SparseCircuit circuit) throws UnsolvableException {
        DisjointSets parts = circuit.parts();
        loose = Arrays.stream(circuit.order).filter(node -> parts.join(0, node)).toArray();
        double largest = loose.length > 0 ? largestSum(circuit) : 0;
        tie = largest > 0 ? 1e-3 * largest : 1;
        double[] diagonal = new double[circuit.order.length];
        for (int node : loose) {
            diagonal[circuit.place[node]] += tie;
        }
        factor = circuit.factored(circuit.place, diagonal);
        complement = new Complement(factor, places(circuit, circuit.anode), places(circuit, circuit.cathode));
    }

    private static int[] places(SparseCircuit circuit, int[] nodes) {
        return Arrays.stream(nodes).map(node -> circuit.place[node]).toArray();
    }

    private static double largestSum(SparseCircuit circuit) {
        double[] sum = new double[circuit.nodes];
        IntStream.range(0, circuit.siemens.length)
                .filter(r -> circuit.resistorA[r] != circuit.resistorB[r])
                .forEach(r -> {
                    sum[circuit.resistorA[r]] += circuit.siemens[r];
                    sum[circuit.resistorB[r]] += circuit.siemens[r];
                });
        return Arrays.stream(circuit.order).mapToDouble(node -> sum[node]).max().orElse(0);
    }

    SparseFactor factor() {
        return factor;
    }

    Complement complement() {
        return complement;
    }

    /** One node of each part that no resistor ties to a held node. */
    int[] loose() {
        return loose;
    }

    /** The conductance, in siemens, that ties these to where they stood before. */
    double tie() {
        return tie;
    }
}
