package org.homeostat.physics;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * A stochastic processing unit: cells of a resistor, an inductor and a capacitor in parallel, every two joined by a
 * capacitor, every one kicked by a source of noise current (Melanson et al., Nature Communications 16 (2025) 3757, arXiv
 * 2312.04836, equations 4 and 5).
 *
 * <pre>   di = L^-1 v dt,      dv = C^-1 (-v / R - i + J) dt + sqrt(2 heat / R) C^-1 dW</pre>
 *
 * with J the input currents and C the Maxwell matrix: {@code C_kk = C_k0 + sum_j C_kj}, off the diagonal {@code -C_kj}. At
 * rest v is normal with mean 0 and covariance {@code heat C^-1}, i with mean J and covariance {@code heat / L}, and the two
 * are not correlated. So the voltages invert C; an input only moves the currents, since a coil is a short circuit to what
 * does not change.
 *
 * <p>Energy: {@code v' C v / 2 + L |i - J|^2 / 2}. State: the voltages, then the currents. Outputs: the voltages.
 * Parameters: the capacitances to ground, then those between cells, row by row; forces {@code v_i^2 / 2} and {@code (v_i -
 * v_j)^2 / 2}, which read in the heat bath give every second moment. It realises no nudge.
 *
 * <p>R and L are the same in every cell, so that the cells come apart into single ringing modes along the eigenvectors of
 * C, and {@link #sample} takes exact steps of any length.
 */
public final class StochasticProcessingUnit implements Sampled {

    private final int cells;
    private final double ohms;
    private final double henries;
    private final double heatJoules;
    private final double sampleSeconds;

    /**
     * @param cells how many cells there are
     * @param ohms the resistor of each cell
     * @param henries the coil of each cell
     * @param heatJoules the noise: the mean energy in each capacitor mode is half of it; 0 for a cold board
     * @param sampleSeconds the time between the readings of one exchange
     */
    public StochasticProcessingUnit(int cells, double ohms, double henries, double heatJoules, double sampleSeconds) {
        OrnsteinUhlenbeck.requireAbove0("cells", cells);
        OrnsteinUhlenbeck.requireAbove0("ohms", ohms);
        OrnsteinUhlenbeck.requireAbove0("henries", henries);
        OrnsteinUhlenbeck.requireAbove0("sampleSeconds", sampleSeconds);
        if (!(heatJoules >= 0) || Double.isInfinite(heatJoules)) {
            throw new IllegalArgumentException("heatJoules: expected 0 or more, not " + heatJoules);
        }
        this.cells = cells;
        this.ohms = ohms;
        this.henries = henries;
        this.heatJoules = heatJoules;
        this.sampleSeconds = sampleSeconds;
    }

    @Override
    public int inputs() {
        return cells;
    }

    @Override
    public int states() {
        return 2 * cells;
    }

    @Override
    public int parameters() {
        return cells * (cells + 1) / 2;
    }

    @Override
    public int[] outputs() {
        int[] voltages = new int[cells];
        Arrays.setAll(voltages, cell -> cell);
        return voltages;
    }

    private double[][] maxwell(double[] theta) {
        double[][] c = new double[cells][cells];
        int k = cells;
        for (int i = 0; i < cells; i++) {
            c[i][i] += theta[i];
            for (int j = i + 1; j < cells; j++) {
                c[i][i] += theta[k];
                c[j][j] += theta[k];
                c[i][j] = -theta[k];
                c[j][i] = -theta[k++];
            }
        }
        return c;
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        requireAlone(drive);
        double[] forces = new double[parameters()];
        forces(theta, drive, state, forces);
        double energy = 0;
        for (int k = 0; k < forces.length; k++) {
            energy += theta[k] * forces[k];
        }
        for (int cell = 0; cell < cells; cell++) {
            double current = state[cells + cell] - drive.input()[cell];
            energy += 0.5 * henries * current * current;
        }
        return energy;
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        Arrays.fill(forces, 0);
        addForces(state, forces, 0);
    }

    private void addForces(double[] state, double[] sums, int first) {
        int k = first + cells;
        for (int i = 0; i < cells; i++) {
            sums[first + i] += 0.5 * state[i] * state[i];
            for (int j = i + 1; j < cells; j++) {
                double across = state[i] - state[j];
                sums[k++] += 0.5 * across * across;
            }
        }
    }

    private static void requireAlone(Drive drive) {
        for (double current : drive.current()) {
            if (current != 0) {
                throw new IllegalArgumentException(
                        "a constant current flows off through a cell's coil: it nudges nothing");
            }
        }
        if (drive.stiffness() != 0 || drive.clamp() != null) {
            throw new IllegalArgumentException("the cells of this unit can be neither coupled to a target nor held");
        }
    }

    private @Nullable Rest refusal(double[] theta, EigenDecomposition eigen) {
        double[] c = eigen.getRealEigenvalues();
        for (double capacitance : theta) {
            if (!Double.isFinite(capacitance)) {
                throw new IllegalArgumentException("a capacitance is " + capacitance + ", which is no number");
            }
        }
        double least = Arrays.stream(c).min().orElse(0);
        double most = Arrays.stream(c).max().orElse(0);
        return least > 1e-12 * Math.abs(most)
                ? null
                : new Rest(
                        0,
                        Double.POSITIVE_INFINITY,
                        Rest.Ending.NOT_AT_REST,
                        "the capacitance matrix is not positive definite, so that its cells have no rest; connect every "
                                + "cell to ground through a capacitor");
    }

    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        requireAlone(drive);
        Rest no = refusal(theta, new EigenDecomposition(new Array2DRowRealMatrix(maxwell(theta), false)));
        if (no != null) {
            return no;
        }
        Arrays.fill(state, 0, cells, 0);
        System.arraycopy(drive.input(), 0, state, cells, cells);
        return new Rest(1, 0, true);
    }

    @Override
    public Sample sample(double[] theta, Drive drive, double[] state, Run run) {
        requireAlone(drive);
        if (run.afresh()) {
            begin(state, run.chance());
        }
        EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(maxwell(theta), false));
        Rest no = refusal(theta, eigen);
        int quantities = cells + parameters();
        if (no != null) {
            double[] once = new double[quantities];
            add(state, once);
            return sampleOf(once, new double[quantities], no);
        }
        Ringing ringing = new Ringing(eigen, drive.input(), state);
        Rest rest = ringing.rest(run.seconds());
        Turn[] first = ringing.turns(run.seconds());
        Turn[] further = ringing.turns(sampleSeconds);
        Averages averages = new Averages(quantities, run.reads());
        for (int read = 0; read < run.reads(); read++) {
            ringing.step(read == 0 ? first : further, run.chance());
            ringing.show(state);
            add(state, averages.next());
        }
        return sampleOf(averages.means(), run.reads() == 1 ? ringing.spread(state) : averages.errors(), rest);
    }

    private void add(double[] state, double[] sums) {
        for (int cell = 0; cell < cells; cell++) {
            sums[cell] += state[cell];
        }
        addForces(state, sums, cells);
    }

    private Sample sampleOf(double[] means, double[] errors, Rest rest) {
        return new Sample(
                Arrays.copyOf(means, cells),
                Arrays.copyOf(errors, cells),
                Arrays.copyOfRange(means, cells, means.length),
                Arrays.copyOfRange(errors, cells, errors.length),
                rest);
    }

    /**
     * One mode's exact step: the matrix exponential of {@code [[-g, -1/c], [1/L, 0]]} over a time, with {@code g = 1/(R
     * c)}, and a Cholesky factor of the noise that gathers on the way.
     */
    private record Turn(double vv, double vi, double iv, double ii, double kickV, double kickVI, double kickI) {}

    private Turn turn(double c, double seconds) {
        double g = 1 / (ohms * c);
        double decay = Math.exp(-0.5 * g * seconds);
        double square = 1 / (henries * c) - 0.25 * g * g;
        double root = Math.sqrt(Math.abs(square));
        // Over-damped modes do not ring: the circular functions become hyperbolic ones.
        double cos = square >= 0 ? Math.cos(root * seconds) : Math.cosh(root * seconds);
        double sin = root * seconds < 1e-9
                ? seconds
                : (square >= 0 ? Math.sin(root * seconds) : Math.sinh(root * seconds)) / root;
        double vv = decay * (cos - 0.5 * g * sin);
        double vi = -decay * sin / c;
        double iv = decay * sin / henries;
        double ii = decay * (cos + 0.5 * g * sin);
        if (!Double.isFinite(vv + vi + iv + ii)) {
            // Heavily damped and waited for long: exp(-inf) cosh(inf). What is left is nothing.
            vv = vi = iv = ii = 0;
        }
        // Covariance gathered = at rest - what is left of it: S - F S F'.
        double sv = heatJoules / c;
        double si = heatJoules / henries;
        double gv = Math.max(0, sv - vv * vv * sv - vi * vi * si);
        double gvi = -vv * iv * sv - vi * ii * si;
        double gi = Math.max(0, si - iv * iv * sv - ii * ii * si);
        double kickV = Math.sqrt(gv);
        double kickVI = kickV > 0 ? gvi / kickV : 0;
        return new Turn(vv, vi, iv, ii, kickV, kickVI, Math.sqrt(Math.max(0, gi - kickVI * kickVI)));
    }

    /** The cells in the basis in which each mode rings alone. */
    private final class Ringing {
        private final RealMatrix basis;
        private final double[] c;
        private final double[] input;
        private final double[] v;
        private final double[] i;

        Ringing(EigenDecomposition eigen, double[] input, double[] state) {
            basis = eigen.getV();
            c = eigen.getRealEigenvalues();
            this.input = input;
            double[] currents = new double[cells];
            Arrays.setAll(currents, cell -> state[cells + cell] - input[cell]);
            v = basis.preMultiply(Arrays.copyOf(state, cells));
            i = basis.preMultiply(currents);
        }

        Turn[] turns(double seconds) {
            Turn[] turns = new Turn[cells];
            Arrays.setAll(turns, k -> turn(c[k], seconds));
            return turns;
        }

        void step(Turn[] turns, RandomGenerator chance) {
            for (int k = 0; k < cells; k++) {
                Turn turn = turns[k];
                double one = heatJoules > 0 ? chance.nextGaussian() : 0;
                double other = heatJoules > 0 ? chance.nextGaussian() : 0;
                double volts = turn.vv * v[k] + turn.vi * i[k] + turn.kickV * one;
                i[k] = turn.iv * v[k] + turn.ii * i[k] + turn.kickVI * one + turn.kickI * other;
                v[k] = volts;
            }
        }

        void show(double[] state) {
            double[] volts = basis.operate(v);
            double[] currents = basis.operate(i);
            for (int cell = 0; cell < cells; cell++) {
                state[cell] = volts[cell];
                state[cells + cell] = currents[cell] + input[cell];
            }
        }

        /** How much of the energy of each mode beyond what heat gives is left after a time. */
        Rest rest(double seconds) {
            double worst = 0;
            double slowest = 0;
            for (int k = 0; k < cells; k++) {
                double energy = 0.5 * (c[k] * v[k] * v[k] + henries * i[k] * i[k]);
                double g = 1 / (ohms * c[k]);
                double square = 0.25 * g * g - 1 / (henries * c[k]);
                double rate = 0.5 * g - (square > 0 ? Math.sqrt(square) : 0);
                slowest = Math.max(slowest, 1 / rate);
                double reach = OrnsteinUhlenbeck.HEAT_REACHES * OrnsteinUhlenbeck.HEAT_REACHES * heatJoules;
                double beyond = Math.max(0, energy - reach) * Math.exp(-2 * rate * seconds);
                worst = Math.max(worst, beyond / Math.max(Double.MIN_NORMAL, energy + heatJoules));
            }
            return OrnsteinUhlenbeck.early(Math.sqrt(worst), 1, slowest);
        }

        /** What a single reading may be off by: the spread at rest. */
        double[] spread(double[] state) {
            double[] errors = new double[cells + parameters()];
            double[][] covariance = new double[cells][cells];
            for (int p = 0; p < cells; p++) {
                for (int q = 0; q < cells; q++) {
                    for (int k = 0; k < cells; k++) {
                        covariance[p][q] += heatJoules / c[k] * basis.getEntry(p, k) * basis.getEntry(q, k);
                    }
                }
            }
            int k = 2 * cells;
            for (int p = 0; p < cells; p++) {
                errors[p] = Math.sqrt(covariance[p][p]);
                errors[cells + p] = Math.abs(state[p]) * errors[p];
                for (int q = p + 1; q < cells; q++) {
                    double across = covariance[p][p] + covariance[q][q] - 2 * covariance[p][q];
                    errors[k++] = Math.abs(state[p] - state[q]) * Math.sqrt(across);
                }
            }
            return errors;
        }
    }
}
