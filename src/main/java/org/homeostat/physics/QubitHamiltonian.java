package org.homeostat.physics;

/**
 * A Hamiltonian of qubits, real and symmetric in the Z basis:
 *
 * <pre>   H = - sum_c J_c Z_i Z_j - sum_i h_i Z_i - sum_i g_i X_i.</pre>
 *
 * It is never written out: the first two sums are a diagonal, and each term of the third flips one qubit. Amplitudes are in
 * the order of the basis states read as binary numbers, qubit 0 the lowest bit; a bit of 0 is Z = +1.
 */
final class QubitHamiltonian {

    private final double[] diagonal;
    private final double[] transverse;
    private final double width;

    /**
     * @param pairs the two qubits of each coupling
     * @param terms h of each qubit, then g of each qubit, then J of each coupling
     */
    QubitHamiltonian(int qubits, int[][] pairs, double[] terms) {
        diagonal = new double[1 << qubits];
        transverse = new double[qubits];
        double sum = 0;
        for (double term : terms) {
            sum += Math.abs(term);
        }
        width = sum;
        System.arraycopy(terms, qubits, transverse, 0, qubits);
        for (int i = 0; i < qubits; i++) {
            double h = terms[i];
            for (int s = 0; h != 0 && s < diagonal.length; s++) {
                diagonal[s] -= (s >> i & 1) == 0 ? h : -h;
            }
        }
        for (int c = 0; c < pairs.length; c++) {
            double j = terms[2 * qubits + c];
            for (int s = 0; j != 0 && s < diagonal.length; s++) {
                diagonal[s] -= ((s >> pairs[c][0] ^ s >> pairs[c][1]) & 1) == 0 ? j : -j;
            }
        }
    }

    private QubitHamiltonian(double[] diagonal, double[] transverse, double width) {
        this.diagonal = diagonal;
        this.transverse = transverse;
        this.width = width;
    }

    /** What lies between this at part 0 and another at part 1. */
    QubitHamiltonian between(QubitHamiltonian other, double part) {
        double[] d = new double[diagonal.length];
        for (int s = 0; s < d.length; s++) {
            d[s] = diagonal[s] + part * (other.diagonal[s] - diagonal[s]);
        }
        double[] g = new double[transverse.length];
        for (int i = 0; i < g.length; i++) {
            g[i] = transverse[i] + part * (other.transverse[i] - transverse[i]);
        }
        return new QubitHamiltonian(d, g, Math.max(width, other.width));
    }

    /** How many amplitudes a state has. */
    int dimension() {
        return diagonal.length;
    }

    /** No energy lies further from 0 than this: the sum of the sizes of all terms. */
    double width() {
        return width;
    }

    /** Writes {@code sign * (H - shift) in[inStart ..]} to {@code out[outStart ..]}. */
    void apply(double[] in, int inStart, double[] out, int outStart, double shift, double sign) {
        int size = diagonal.length;
        for (int s = 0; s < size; s++) {
            out[outStart + s] = sign * (diagonal[s] - shift) * in[inStart + s];
        }
        for (int i = 0; i < transverse.length; i++) {
            double g = sign * transverse[i];
            int bit = 1 << i;
            for (int block = 0; g != 0 && block < size; block += 2 * bit) {
                for (int s = block; s < block + bit; s++) {
                    out[outStart + s] -= g * in[inStart + s + bit];
                    out[outStart + s + bit] -= g * in[inStart + s];
                }
            }
        }
    }
}
