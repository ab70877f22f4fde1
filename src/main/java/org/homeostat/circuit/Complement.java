package org.homeostat.circuit;

import java.util.Arrays;

/**
 * What diodes that conduct see of a linear circuit {@code G = L L'}: the Schur complement {@code S = C G^-1 C'} of a growing
 * number of them, and the rows of {@code C L^-T}. It hangs on the resistors alone, and is kept from input to input.
 */
final class Complement {

    private final SparseFactor factor;
    private final int[] plus;
    private final int[] minus;
    private final double[] scratch;

    /** By diode its number here, -1 where it is not known. */
    private final int[] number;

    /** By place in the factor the number of a known diode's end there, 0 where there is none; held ends are number 0. */
    private final int[] end;

    private int ends = 1;

    private int[] diodes = new int[16];
    private SparseFactor.Sparse[] rows = new SparseFactor.Sparse[16];

    /** Lower triangle by rows. */
    private double[][] matrix = new double[16][];

    private int size;

    /**
     * Nothing known yet.
     *
     * @param plus by diode the place of its anode in the factor, -1 for a held node
     * @param minus the same of its cathode
     */
    Complement(SparseFactor factor, int[] plus, int[] minus) {
        this.factor = factor;
        this.plus = plus;
        this.minus = minus;
        scratch = new double[factor.size()];
        number = new int[plus.length];
        Arrays.fill(number, -1);
        end = new int[factor.size()];
    }

    /** How many diodes are known. */
    int size() {
        return size;
    }

    boolean knows(int diode) {
        return number[diode] >= 0;
    }

    /** The diode of a number from 0 to {@link #size}. */
    int diode(int k) {
        return diodes[k];
    }

    /** An entry of S, by numbers of diodes. */
    double at(int k, int l) {
        return k > l ? matrix[k][l] : matrix[l][k];
    }

    /** How many different ends known diodes have, all held ones together being number 0. */
    int ends() {
        return ends;
    }

    int anode(int k) {
        return end(plus[diodes[k]]);
    }

    int cathode(int k) {
        return end(minus[diodes[k]]);
    }

    private int end(int place) {
        return place < 0 ? 0 : end[place];
    }

    /** Adds a diode that is not known yet. */
    void learn(int diode) {
        if (size == diodes.length) {
            diodes = Arrays.copyOf(diodes, 2 * size);
            rows = Arrays.copyOf(rows, 2 * size);
            matrix = Arrays.copyOf(matrix, 2 * size);
        }
        for (int place : new int[] {plus[diode], minus[diode]}) {
            if (place >= 0 && end[place] == 0) {
                end[place] = ends++;
            }
        }
        SparseFactor.Sparse row = factor.down(plus[diode], minus[diode], scratch);
        row.addTo(scratch, 1);
        double[] products = new double[size + 1];
        for (int k = 0; k < size; k++) {
            products[k] = rows[k].dot(scratch);
        }
        products[size] = row.dot(scratch);
        row.clear(scratch);
        number[diode] = size;
        diodes[size] = diode;
        rows[size] = row;
        matrix[size++] = products;
    }

    /** Forgets all diodes but some. */
    void retain(boolean[] some) {
        int kept = 0;
        Arrays.fill(end, 0);
        ends = 1;
        int[] from = new int[size];
        for (int k = 0; k < size; k++) {
            int diode = diodes[k];
            if (!some[diode]) {
                number[diode] = -1;
                continue;
            }
            double[] products = new double[kept + 1];
            for (int l = 0; l < kept; l++) {
                products[l] = matrix[k][from[l]];
            }
            products[kept] = matrix[k][k];
            for (int place : new int[] {plus[diode], minus[diode]}) {
                if (place >= 0 && end[place] == 0) {
                    end[place] = ends++;
                }
            }
            from[kept] = k;
            number[diode] = kept;
            diodes[kept] = diode;
            rows[kept] = rows[k];
            matrix[kept++] = products;
        }
        Arrays.fill(rows, kept, size, null);
        Arrays.fill(matrix, kept, size, null);
        size = kept;
    }

    /** {@code C G^-1 i} of each known diode: its forward bias where none conducts, held ends at 0 V. */
    double[] biases(double[] lowered) {
        double[] biases = new double[size];
        for (int k = 0; k < size; k++) {
            biases[k] = rows[k].dot(lowered);
        }
        return biases;
    }

    /** {@code lowered -= L^-1 C' a}: what is left to drive the circuit once diode k carries a current. */
    void draw(int k, double amperes, double[] lowered) {
        rows[k].addTo(lowered, -amperes);
    }
}
