package org.homeostat.circuit;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which of some diodes conduct, and how much, all others blocking: currents {@code a >= 0} such that the forward biases
 * {@code b - S a <= 0}, 0 wherever a current flows. Everything here is dense, so trying a set costs nothing like solving the
 * circuit.
 *
 * <p>First the primal-dual active set method: those of the set whose current flows backwards leave it, those outside that
 * stand in forward bias enter it, all at once. That may go in circles; then the dual active set method of Goldfarb and Idnani
 * (Math. Programming 27 (1983) 1) goes on, one diode at a time, which never returns to a set it has left.
 *
 * <p>A set is kept free of loops: a diode that would close one is redundant, or shorts two sources.
 */
final class Conduction {

    private final Complement complement;
    private final double[] bias;
    private final double voltSlack;
    private final double ampereUnit;
    private final double rounding;
    private final int most;
    private final boolean[] active;
    private final double[] amperes;

    /** What is left of each forward bias. */
    private final double[] excess;

    private int sets;

    /**
     * A problem whose diodes are those of a complement.
     *
     * @param bias the forward bias of each where none conducts, in volts
     * @param voltUnit a voltage of the circuit
     * @param ampereUnit a current of the circuit
     * @param rounding a voltage is none below this part of the largest, and so is a current
     * @param most how many sets are tried before one diode at a time
     */
    Conduction(Complement complement, double[] bias, double voltUnit, double ampereUnit, double rounding, int most) {
        this.complement = complement;
        this.bias = bias;
        this.ampereUnit = ampereUnit;
        this.rounding = rounding;
        this.most = most;
        double largest = voltUnit;
        for (double b : bias) {
            largest = Math.max(largest, Math.abs(b));
        }
        voltSlack = rounding * largest;
        active = new boolean[bias.length];
        amperes = new double[bias.length];
        excess = bias.clone();
    }

    /**
     * Finds the set.
     *
     * @param first by diode of the circuit, whether it is in the set that is tried first
     * @return how many sets were tried
     * @throws UnsolvableException if there is none, or none is found
     */
    int settle(boolean[] first, Naming name) throws UnsolvableException {
        for (int k = 0; k < active.length; k++) {
            active[k] = first[complement.diode(k)];
        }
        if (!allAtOnce()) {
            singly(name);
        }
        return sets;
    }

    /** Tells the name of a diode of the circuit. */
    interface Naming {
        String of(int diode);
    }

    boolean conducts(int k) {
        return active[k];
    }

    double amperes(int k) {
        return amperes[k];
    }

    private boolean allAtOnce() {
        Set<Integer> seen = new HashSet<>();
        for (int set = 0; set < most; set++) {
            cut();
            if (!seen.add(Arrays.hashCode(active))) {
                return false;
            }
            linear(conducting());
            if (!moved()) {
                return true;
            }
        }
        return false;
    }

    private int[] conducting() {
        return IntStream.range(0, active.length).filter(k -> active[k]).toArray();
    }

    /** Takes diodes out of the set that close loops, those that stand least in forward bias. */
    private void cut() {
        int[] wanted = conducting();
        DisjointSets joined = new DisjointSets(complement.ends());
        boolean loop = false;
        for (int k : wanted) {
            loop |= !joined.join(complement.anode(k), complement.cathode(k));
        }
        if (!loop) {
            return;
        }
        Integer[] sorted = Arrays.stream(wanted).boxed().toArray(Integer[]::new);
        Arrays.sort(sorted, (k, l) -> Double.compare(excess[l], excess[k]));
        DisjointSets forest = new DisjointSets(complement.ends());
        for (int k : sorted) {
            active[k] = forest.join(complement.anode(k), complement.cathode(k));
        }
    }

    private DenseCholesky factored(int[] on) {
        double[][] lower = new double[on.length][];
        for (int k = 0; k < on.length; k++) {
            lower[k] = new double[k + 1];
            for (int l = 0; l <= k; l++) {
                lower[k][l] = complement.at(on[k], on[l]);
            }
        }
        return new DenseCholesky(lower);
    }

    /** Currents that make the diodes of the set drop nothing, whichever way they flow, and what biases are left. */
    private void linear(int[] on) {
        sets++;
        double[] current = Arrays.stream(on).mapToDouble(k -> bias[k]).toArray();
        factored(on).solve(current);
        Arrays.fill(amperes, 0);
        System.arraycopy(bias, 0, excess, 0, bias.length);
        for (int k = 0; k < on.length; k++) {
            amperes[on[k]] = current[k];
            for (int l = 0; l < excess.length; l++) {
                excess[l] -= complement.at(l, on[k]) * current[k];
            }
        }
        for (int k : on) {
            excess[k] = 0;
        }
    }

    /** Lets diodes leave and enter; false if none has to. */
    private boolean moved() {
        double largest = ampereUnit;
        for (double a : amperes) {
            largest = Math.max(largest, Math.abs(a));
        }
        boolean moved = false;
        for (int k = 0; k < active.length; k++) {
            boolean next = active[k] ? amperes[k] >= -rounding * largest : excess[k] > voltSlack;
            moved |= next != active[k];
            active[k] = next;
        }
        return moved;
    }

    /** From the present set without those whose current flows backwards. */
    private void singly(Naming name) throws UnsolvableException {
        cut();
        linear(conducting());
        while (true) {
            int worst = -1;
            for (int k = 0; k < active.length; k++) {
                if (active[k] && amperes[k] < 0 && (worst < 0 || amperes[k] < amperes[worst])) {
                    worst = k;
                }
            }
            if (worst < 0) {
                break;
            }
            active[worst] = false;
            linear(conducting());
        }
        int pivots = 50 * (active.length + 10);
        for (int pivot = 0; pivot < pivots; pivot++) {
            linear(conducting());
            int enters = worst();
            if (enters < 0 || excess[enters] <= voltSlack) {
                return;
            }
            enter(enters, name);
        }
        throw new UnsolvableException("no set of conducting diodes was found in " + pivots
                + " attempts; the largest forward bias left is at diode " + name.of(complement.diode(worst())));
    }

    /** The diode that blocks at the most forward bias; -1 where all conduct. */
    private int worst() {
        int worst = -1;
        for (int k = 0; k < active.length; k++) {
            if (!active[k] && (worst < 0 || excess[k] > excess[worst])) {
                worst = k;
            }
        }
        return worst;
    }

    /** Lets a diode's current rise until its forward bias is gone; others leave the set where theirs comes to 0. */
    private void enter(int diode, Naming name) throws UnsolvableException {
        double left = excess[diode];
        while (true) {
            int[] on = conducting();
            double[] there =
                    Arrays.stream(on).mapToDouble(k -> complement.at(k, diode)).toArray();
            double[] answer = there.clone();
            factored(on).solve(answer);
            DisjointSets forest = new DisjointSets(complement.ends());
            for (int k : on) {
                forest.join(complement.anode(k), complement.cathode(k));
            }
            boolean loop = forest.root(complement.anode(diode)) == forest.root(complement.cathode(diode));
            double stiffness = complement.at(diode, diode);
            for (int k = 0; k < on.length; k++) {
                stiffness -= there[k] * answer[k];
            }
            double step = loop ? Double.POSITIVE_INFINITY : left / Math.max(stiffness, Double.MIN_NORMAL);
            int leaves = -1;
            for (int k = 0; k < on.length; k++) {
                // In a loop the others' currents change by as much as this one's: what is smaller is rounding.
                if (answer[k] > (loop ? 0.5 : 0)) {
                    double until = Math.max(0, amperes[on[k]]) / answer[k];
                    if (until < step) {
                        step = until;
                        leaves = k;
                    }
                }
            }
            if (step == Double.POSITIVE_INFINITY) {
                throw new UnsolvableException("diode " + name.of(complement.diode(diode)) + " and "
                        + Arrays.stream(on)
                                .limit(8)
                                .mapToObj(k -> name.of(complement.diode(k)))
                                .toList()
                        + ", all conducting, short two sources; put a resistor in between");
            }
            for (int k = 0; k < on.length; k++) {
                amperes[on[k]] -= step * answer[k];
            }
            amperes[diode] += step;
            left -= loop ? 0 : step * stiffness;
            if (leaves < 0) {
                active[diode] = true;
                return;
            }
            active[on[leaves]] = false;
            amperes[on[leaves]] = 0;
        }
    }
}
