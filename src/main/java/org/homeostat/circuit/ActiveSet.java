package org.homeostat.circuit;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sparse circuits of resistors, grounded voltage sources, current sources and ideal diodes, between whatever nodes. The
 * operating point is the minimum of a convex quadratic programme (arXiv 2402.11674, section 2),
 *
 * <pre>   least v' G v / 2 - i' v     where v_anode - v_cathode <= 0 for every diode;</pre>
 *
 * its conditions are {@code G v + C' a = i}, {@code C v <= d}, and diode currents {@code a >= 0}, 0 where a diode blocks.
 *
 * <p>Few diodes conduct in the end, though in the linear circuit many would stand in forward bias: the first that conduct
 * take it from those behind them. So only some are looked at. Among them {@link Conduction} finds the set that conducts, all
 * dense, on the {@link Complement} of the circuit without diodes; that circuit has one factor, and both are kept from input
 * to input. With these currents the circuit is solved, and of all other diodes those that stand most in forward bias are
 * looked at from then on, until none does. Each round brings the programme's dual closer to its greatest value, so no round is
 * like one before, and this ends.
 *
 * <p>Where more diodes conduct than a dense system is good for, a set of them is tried at once: they are taken into the
 * circuit, each group of nodes that they join becoming one node, and that is factored anew; those of the set whose current
 * flows backwards leave it, those outside that stand in forward bias enter it: the primal-dual active set method, a semismooth
 * Newton method (Hintermueller, Ito and Kunisch, SIAM J. Optim. 13 (2002) 865). Where all diodes end at rails it is certain
 * to end, as G is an M-matrix; where it goes in circles, the first way goes on, however dense. So an answer always meets every
 * condition, and {@link Balance} says how well.
 *
 * <p>Parts that no resistor ties to a held node have no factor. One node of each is tied by a conductance to where it stood
 * before, and that is repeated until it stands still (the proximal point method); then no current flows in that conductance.
 */
public final class ActiveSet implements Solver {

    private static final int MOST_SETS = 60;

    /** What is known of more diodes than so many is not kept between inputs. */
    private static final int MOST_KNOWN = 4000;

    private final SparseCircuit circuit;

    /** After so many sets one diode at a time. */
    private final int mostSets;

    private final Balance balance;

    // What hangs on the resistors alone.
    private @Nullable BareCircuit base;

    // Kept from input to input.
    private boolean[] conducts;
    private final double[] volts;

    private ActiveSet(SparseCircuit circuit, int mostSets) {
        this.circuit = circuit;
        this.mostSets = mostSets;
        balance = new Balance(circuit.circuit);
        conducts = new boolean[circuit.anode.length];
        volts = new double[circuit.nodes];
    }

    /** A solver of this circuit, or null where it has other elements or a source between two nodes. */
    public static @Nullable ActiveSet of(Circuit circuit) {
        return of(circuit, MOST_SETS);
    }

    /** The same that goes on one diode at a time after so many sets. */
    static @Nullable ActiveSet of(Circuit circuit, int mostSets) {
        SparseCircuit sparse = SparseCircuit.of(circuit);
        return sparse == null ? null : new ActiveSet(sparse, mostSets);
    }

    @Override
    public String word() {
        return "active-set";
    }

    @Override
    public void resistors(double[] changed) {
        if (changed.length != circuit.siemens.length) {
            throw new IllegalArgumentException(changed.length + " conductances are given; the circuit has "
                    + circuit.siemens.length + " resistors");
        }
        System.arraycopy(changed, 0, circuit.siemens, 0, changed.length);
        base = null;
    }

    @Override
    public Solution solve(double[] values, double tolerance) throws UnsolvableException {
        if (values.length != circuit.sources.length) {
            throw new IllegalArgumentException(
                    values.length + " values are given; the circuit has " + circuit.sources.length + " sources");
        }
        BareCircuit known = base == null ? new BareCircuit(circuit) : base;
        base = known;
        SparseInput input = new SparseInput(circuit, known, values, volts.clone(), conducts.clone(), mostSets);
        input.settle();
        double residual = residual(input, values);
        if (!(residual <= tolerance) && input.dense()) {
            // Badly conditioned: what the dense system has lost, factoring anew may give back.
            input.anew();
            residual = residual(input, values);
        }
        input.requireTied();
        conducts = input.conducts();
        if (known.complement().size() > MOST_KNOWN) {
            known.complement().retain(conducts);
        }
        double[] answer = input.volts();
        System.arraycopy(answer, 0, volts, 0, answer.length);
        return new Solution(answer, input.sets(), residual, word());
    }

    private double residual(SparseInput input, double[] values) {
        input.level();
        input.peel();
        return balance.residual(values, circuit.siemens, input.volts(), input.amperes());
    }

    /** The numbers of those that are so. */
    static int[] where(boolean[] so) {
        return IntStream.range(0, so.length).filter(i -> so[i]).toArray();
    }

    /** Not a number if one of them is none. */
    static double largest(double[] numbers, double atLeast) {
        return Arrays.stream(numbers).map(Math::abs).reduce(atLeast, Math::max);
    }
}
