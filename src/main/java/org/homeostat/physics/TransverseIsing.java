package org.homeostat.physics;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.exception.MathIllegalArgumentException;
import org.apache.commons.math3.exception.MathIllegalStateException;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.ConjugateGradient;
import org.apache.commons.math3.linear.DecompositionSolver;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealLinearOperator;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.jspecify.annotations.Nullable;

/**
 * Qubits in their ground state, which is at rest where the mean energy is least (quantum EP, arXiv 2406.00879; 2406.06482):
 *
 * <pre>   E(theta, x, s) = &lt;H&gt;,   H = - sum_(i&lt;j) J_ij Z_i Z_j - sum_i h_i Z_i - sum_i g_i X_i - sum_k x_k I_k,</pre>
 *
 * every qubit coupled to every other, {@code I_k} the operator that input k acts on and {@code O_k} the one whose mean is
 * output k. The state is what can be measured: the means of Z of each qubit, of X of each qubit, of Z_i Z_j of each pair
 * (1,2), (1,3) .. (2,3) .., and last the gap E1 - E0 to the first excited state, in the unit of the parameters. Parameters:
 * J of each pair in the same order, h of each qubit, and g of each qubit unless the transverse fields are fixed.
 *
 * <p>The nudge is a cost of the mean: a force f adds {@code - f O}, a spring adds {@code stiffness/2 (<O> - target)^2},
 * which is a field {@code f = stiffness (target - <O>)} that is found such that it fits the mean that it makes. A clamp is
 * the field that makes the mean what it shall be.
 *
 * <p>Up to {@value #MOST_QUBITS} qubits. States are exact to rounding; a gap below {@value #LEAST_GAP} of the sum of all terms
 * is reported, because it cannot be told then which of two states is the lower.
 */
public final class TransverseIsing implements Physics {

    /** Beyond this, a state takes more than a few seconds and a few hundred megabytes. */
    static final int MOST_QUBITS = 16;

    /** The least gap, in parts of the sum of the sizes of all terms, at which a ground state is trusted. */
    static final double LEAST_GAP = 1e-7;

    private static final int MOST_STEPS = 60;
    private static final int MOST_HALVINGS = 30;

    /** No mean is known better than to some rounding of its many terms. */
    private static final double ROUNDING = 2e-14;

    /** A direction of a qubit. */
    public enum Axis {
        /** Along the couplings: a longitudinal field, Z. */
        Z,
        /** Across: a transverse field, X. */
        X
    }

    /**
     * The operator of one qubit.
     *
     * @param axis its direction
     * @param qubit the qubit, from 0
     */
    public record Site(Axis axis, int qubit) {}

    private final int qubits;
    private final int[][] pairs;
    private final List<Site> inputs;
    private final List<Site> outputs;
    private final @Nullable Double fixedTransverse;

    /**
     * @param inputs what each input acts on
     * @param outputs what is measured
     * @param fixedTransverse the transverse field of every qubit; null where it is a parameter of each
     */
    public TransverseIsing(int qubits, List<Site> inputs, List<Site> outputs, @Nullable Double fixedTransverse) {
        if (qubits < 1 || qubits > MOST_QUBITS) {
            throw new IllegalArgumentException(
                    "a quantum twin has 1 to " + MOST_QUBITS + " qubits, not " + qubits + "; choose smaller layers");
        }
        for (List<Site> sites : List.of(inputs, outputs)) {
            for (Site site : sites) {
                if (site.qubit < 0 || site.qubit >= qubits) {
                    throw new IllegalArgumentException(
                            "there is no qubit " + site.qubit + "; expected 0 to " + (qubits - 1));
                }
            }
        }
        if (outputs.isEmpty() || outputs.stream().distinct().count() < outputs.size()) {
            throw new IllegalArgumentException("expected one output or more, each of its own, not " + outputs);
        }
        if (fixedTransverse != null && !Double.isFinite(fixedTransverse)) {
            throw new IllegalArgumentException("a transverse field is a finite number, not " + fixedTransverse);
        }
        this.qubits = qubits;
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.fixedTransverse = fixedTransverse;
        List<int[]> all = new ArrayList<>();
        for (int i = 0; i < qubits; i++) {
            for (int j = i + 1; j < qubits; j++) {
                all.add(new int[] {i, j});
            }
        }
        pairs = all.toArray(new int[0][]);
    }

    @Override
    public int inputs() {
        return inputs.size();
    }

    /** How many terms a Hamiltonian has, which is how many means a state has. */
    int terms() {
        return 2 * qubits + pairs.length;
    }

    /** How many couplings there are. */
    public int couplings() {
        return pairs.length;
    }

    int qubits() {
        return qubits;
    }

    @Override
    public int states() {
        return terms() + 1;
    }

    /** Which of the state is the gap E1 - E0. */
    public int gap() {
        return terms();
    }

    @Override
    public int parameters() {
        return pairs.length + (fixedTransverse == null ? 2 : 1) * qubits;
    }

    @Override
    public int[] outputs() {
        return outputs.stream().mapToInt(this::term).toArray();
    }

    private int term(Site site) {
        return site.axis == Axis.Z ? site.qubit : qubits + site.qubit;
    }

    private static double[] finite(String what, double... values) {
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("expected a finite " + what + ", not " + value);
            }
        }
        return values;
    }

    /** The terms of the Hamiltonian without springs and clamps: h of each qubit, g of each qubit, J of each pair. */
    double[] terms(double[] theta, Drive drive) {
        finite("parameter", theta);
        double[] terms = new double[terms()];
        System.arraycopy(theta, 0, terms, 2 * qubits, pairs.length);
        System.arraycopy(theta, pairs.length, terms, 0, qubits);
        for (int i = 0; i < qubits; i++) {
            terms[qubits + i] = fixedTransverse != null ? fixedTransverse : theta[pairs.length + qubits + i];
        }
        for (int k = 0; k < inputs.size(); k++) {
            terms[term(inputs.get(k))] += finite("input", drive.input()[k])[0];
        }
        return pushed(terms, finite("force", drive.current()));
    }

    private double[] pushed(double[] terms, double[] field) {
        double[] pushed = terms.clone();
        for (int k = 0; k < field.length; k++) {
            pushed[term(outputs.get(k))] += field[k];
        }
        return pushed;
    }

    QubitHamiltonian hamiltonian(double[] terms) {
        return new QubitHamiltonian(qubits, pairs, terms);
    }

    /** Writes the means of a pure state of real and imaginary amplitudes into {@code means}, in the order of the terms. */
    void means(double[] re, double @Nullable [] im, double[] means) {
        int size = 1 << qubits;
        double[] p = new double[size];
        for (int s = 0; s < size; s++) {
            p[s] = re[s] * re[s] + (im == null ? 0 : im[s] * im[s]);
        }
        for (int i = 0; i < qubits; i++) {
            double z = 0;
            double x = 0;
            int bit = 1 << i;
            for (int s = 0; s < size; s++) {
                z += (s & bit) == 0 ? p[s] : -p[s];
                x += re[s] * re[s ^ bit] + (im == null ? 0 : im[s] * im[s ^ bit]);
            }
            means[i] = z;
            means[qubits + i] = x;
        }
        for (int c = 0; c < pairs.length; c++) {
            double zz = 0;
            for (int s = 0; s < size; s++) {
                zz += ((s >> pairs[c][0] ^ s >> pairs[c][1]) & 1) == 0 ? p[s] : -p[s];
            }
            means[2 * qubits + c] = zz;
        }
    }

    /** {@code <H>} and the nudge. It is linear in the means, so that means of no quantum state may have any energy. */
    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        double[] terms = terms(theta, Drive.free(drive.input(), outputs.size()));
        double energy = drive.nudgeEnergy(state, outputs());
        for (int k = 0; k < terms.length; k++) {
            energy -= terms[k] * state[k];
        }
        return energy;
    }

    /** Minus the means of the operators: dE/dJ = -&lt;ZZ&gt;, dE/dh = -&lt;Z&gt;, dE/dg = -&lt;X&gt; (Hellmann and Feynman). */
    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        forces(state, forces);
    }

    /** The same for whatever stands in the order of the means, such as their standard errors with the sign turned. */
    void forces(double[] means, double[] forces) {
        for (int c = 0; c < pairs.length; c++) {
            forces[c] = -means[2 * qubits + c];
        }
        for (int i = 0; i < parameters() - pairs.length; i++) {
            forces[pairs.length + i] = -means[i];
        }
    }

    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        Found found = found(theta, drive, tolerance);
        if (found.means.length > 0) {
            System.arraycopy(found.means, 0, state, 0, state.length);
        }
        return found.rest;
    }

    /**
     * The ground state with every nudge.
     *
     * @param terms the Hamiltonian's terms, with the field that springs and clamps come to
     * @param ground its ground state
     * @param means the means and the gap; empty where it has none
     */
    record Found(double[] terms, GroundState ground, double[] means, Rest rest) {}

    /** Finds the field f of springs and clamps by Newton's method, from none. */
    Found found(double[] theta, Drive drive, double tolerance) {
        double[] base = terms(theta, drive);
        double[] clamp = drive.clamp();
        if (clamp == null && drive.stiffness() == 0) {
            return at(base, tolerance);
        }
        if (clamp == null && drive.stiffness() < -width(base)) {
            throw new IllegalArgumentException("a nudge of strength " + drive.stiffness()
                    + " pushes harder than all terms of the Hamiltonian hold: expected one above " + -width(base));
        }
        double[] target = finite("target", clamp != null ? clamp : drive.target());
        for (double mean : clamp != null ? clamp : new double[0]) {
            if (!(Math.abs(mean) < 1)) {
                throw new IllegalArgumentException(
                        "the mean of a qubit cannot be held at " + mean + ": expected a level between -1 and 1");
            }
        }
        return nudged(base, target, clamp != null ? 0 : 1 / drive.stiffness(), tolerance);
    }

    /**
     * Where the field f and the mean o that it makes fit: {@code o + f / stiffness = target}. For a spring that pulls, f is
     * the maximum of the concave {@code E0(H - f O) + f target - f^2 / (2 stiffness)}, and its value the least energy.
     */
    private Found nudged(double[] base, double[] target, double softness, double tolerance) {
        int count = target.length;
        double[] field = new double[count];
        Found found = at(base, tolerance);
        int products = found.rest.sweeps();
        double miss = miss(found, field, target, softness);
        boolean steady = true;
        for (int step = 0; step < MOST_STEPS && miss > ROUNDING; step++) {
            RealMatrix slope = susceptibility(found);
            for (int k = 0; k < count; k++) {
                slope.addToEntry(k, k, softness);
            }
            DecompositionSolver solver = new LUDecomposition(slope).getSolver();
            if (!solver.isNonSingular()) {
                // Two states as good as one another answer no field; that is told with the gap.
                steady = !found.rest.settled();
                break;
            }
            double[] off = new double[count];
            int[] outputs = outputs();
            for (int k = 0; k < count; k++) {
                off[k] = target[k] - found.means[outputs[k]] - softness * field[k];
            }
            RealVector move = solver.solve(new ArrayRealVector(off, false));
            Found better = null;
            double part = 1;
            // Next to the answer a step that fails has met rounding, not a bend.
            int most = miss < 100 * ROUNDING ? 1 : MOST_HALVINGS;
            for (int halving = 0; halving < most && better == null; halving++, part /= 2) {
                double[] tried = new double[count];
                for (int k = 0; k < count; k++) {
                    tried[k] = field[k] + part * move.getEntry(k);
                }
                Found there = at(pushed(base, tried), tolerance);
                products += there.rest.sweeps();
                double left = miss(there, tried, target, softness);
                if (left < miss) {
                    better = there;
                    field = tried;
                    miss = left;
                }
            }
            if (better == null) {
                // As near as rounding lets it, or nowhere to go.
                break;
            }
            found = better;
        }
        steady &= softness >= 0 || steady(found, softness);
        if (!steady) {
            return new Found(
                    found.terms,
                    found.ground,
                    new double[0],
                    new Rest(
                            products,
                            Double.POSITIVE_INFINITY,
                            Rest.Ending.NOT_AT_REST,
                            "the nudge pushes the outputs away harder than the qubits resist; make it weaker"));
        }
        Rest rest = found.rest;
        boolean fits = miss <= Math.max(tolerance, 100 * ROUNDING) || !rest.settled();
        return new Found(
                found.terms,
                found.ground,
                found.means,
                fits
                        ? new Rest(products, Math.max(rest.residual(), miss), rest.ending(), rest.remark())
                        : new Rest(
                                products,
                                miss,
                                Rest.Ending.NOT_AT_REST,
                                "no field was found that fits the outputs it makes; make the nudge weaker or its target nearer"));
    }

    private double miss(Found found, double[] field, double[] target, double softness) {
        double miss = 0;
        int[] outputs = outputs();
        for (int k = 0; k < target.length; k++) {
            miss = Math.max(miss, Math.abs(target[k] - found.means[outputs[k]] - softness * field[k]));
        }
        return miss;
    }

    /** True if a spring that pushes away ({@code softness = 1 / stiffness < 0}) does so less than the qubits resist. */
    private boolean steady(Found found, double softness) {
        RealMatrix slope = susceptibility(found);
        for (int k = 0; k < slope.getRowDimension(); k++) {
            slope.addToEntry(k, k, softness);
        }
        for (double along : new EigenDecomposition(slope).getRealEigenvalues()) {
            if (!(along < 0)) {
                return false;
            }
        }
        return true;
    }

    /**
     * How each output answers a field on each: {@code 2 <0| O_k Q (H - E0)^-1 Q O_l |0>}, where Q takes the ground state
     * away (first-order perturbation theory).
     */
    private RealMatrix susceptibility(Found found) {
        double[] ground = found.ground.amplitudes();
        QubitHamiltonian hamiltonian = hamiltonian(found.terms);
        double width = Math.max(hamiltonian.width(), Double.MIN_NORMAL);
        RealLinearOperator raised = new RealLinearOperator() {
            @Override
            public int getRowDimension() {
                return ground.length;
            }

            @Override
            public int getColumnDimension() {
                return ground.length;
            }

            @Override
            public RealVector operate(RealVector x) {
                double[] in = ((ArrayRealVector) x).getDataRef();
                double[] out = new double[in.length];
                hamiltonian.apply(in, 0, out, 0, found.ground.energy(), 1);
                double along = width * GroundState.dot(in, ground);
                GroundState.add(out, ground, along);
                return new ArrayRealVector(out, false);
            }
        };
        int count = outputs.size();
        double[][] turned = new double[count][];
        double[][] answer = new double[count][];
        for (int k = 0; k < count; k++) {
            turned[k] = applied(outputs.get(k), ground);
            GroundState.add(turned[k], ground, -GroundState.dot(turned[k], ground));
            answer[k] = solved(raised, turned[k]);
        }
        RealMatrix slope = new Array2DRowRealMatrix(count, count);
        for (int k = 0; k < count; k++) {
            for (int l = 0; l < count; l++) {
                slope.setEntry(k, l, GroundState.dot(turned[k], answer[l]) + GroundState.dot(turned[l], answer[k]));
            }
        }
        return slope;
    }

    private static double[] solved(RealLinearOperator operator, double[] right) {
        if (GroundState.dot(right, right) < ROUNDING * ROUNDING) {
            return new double[right.length];
        }
        try {
            return new ConjugateGradient(20 * right.length + 100, 1e-9, false)
                    .solve(operator, new ArrayRealVector(right, false))
                    .toArray();
        } catch (MathIllegalStateException | MathIllegalArgumentException degenerate) {
            // With no gap at all there is no finite answer; that there is none is said with the gap.
            return new double[right.length];
        }
    }

    private static double[] applied(Site site, double[] amplitudes) {
        double[] turned = new double[amplitudes.length];
        int bit = 1 << site.qubit;
        for (int s = 0; s < turned.length; s++) {
            turned[s] = site.axis == Axis.X ? amplitudes[s ^ bit] : (s & bit) == 0 ? amplitudes[s] : -amplitudes[s];
        }
        return turned;
    }

    private static double width(double[] terms) {
        double width = 0;
        for (double term : terms) {
            width += Math.abs(term);
        }
        return width;
    }

    private Found at(double[] terms, double tolerance) {
        GroundState ground = GroundState.of(hamiltonian(terms), Math.max(tolerance, ROUNDING));
        double[] means = new double[states()];
        means(ground.amplitudes(), null, means);
        means[gap()] = ground.gap();
        boolean trusted = ground.gap() > LEAST_GAP * width(terms);
        boolean settled = trusted && ground.residual() <= Math.max(tolerance, 10 * ROUNDING);
        String remark = trusted
                ? ""
                : "the gap of " + (float) ground.gap()
                        + " to the next state is too small to tell which is the lower; make the transverse fields stronger";
        return new Found(
                terms,
                ground,
                means,
                new Rest(
                        ground.products(),
                        ground.residual(),
                        settled ? Rest.Ending.AT_REST : Rest.Ending.NOT_AT_REST,
                        remark));
    }
}
