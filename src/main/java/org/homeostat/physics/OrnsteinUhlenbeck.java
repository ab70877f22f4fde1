package org.homeostat.physics;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.NonPositiveDefiniteMatrixException;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.jspecify.annotations.Nullable;

/**
 * A thermodynamic board: cells that integrate what the others pull and what heat kicks (arXiv 2308.05660; arXiv 2405.13817,
 * equation 13).
 *
 * <pre>   E = x' A x / 2 - (S b + c)' x,      tau dx = -(A x - S b - c) dt + sqrt(2 heat tau) dW</pre>
 *
 * with b the input, S the places where it enters and c the biases, if there are any. At rest x is normal with mean
 * {@code A^-1 (S b + c)} and covariance {@code heat A^-1}: the mean solves a linear system, the covariance inverts a matrix.
 *
 * <p>State: one number a cell. Parameters: the diagonal of A, then what lies above it row by row (A is symmetric), then the
 * biases. Forces: {@code x_i^2 / 2}, {@code x_i x_j} and {@code -x_i}; read in a heat bath they are the second moments.
 * A nudge by force adds to the right-hand side, one by coupling also to the diagonal of the outputs.
 *
 * <p>{@link #sample} takes exact steps in the basis of A's eigenvectors, of any length (as thermox does), so that nothing
 * hangs on a step size. Readings of one exchange follow each other after {@code sampleSeconds} and remember each other.
 */
public final class OrnsteinUhlenbeck implements Sampled {

    /** An eigenvalue below this part of the largest is no more than rounding. */
    private static final double ROUNDING = 1e-13;

    /** What may be left of the way to the mean, in parts of the largest mode, for it to count as at rest. */
    static final double AT_REST = 1e-3;

    /** How far heat alone carries a mode from its mean, in standard deviations; farther is a way still to go. */
    static final double HEAT_REACHES = 4;

    private final int cells;
    private final int[] driven;
    private final int[] outputs;
    private final boolean biased;
    private final double tauSeconds;
    private final double heat;
    private final double sampleSeconds;

    /**
     * @param cells how many cells there are
     * @param driven which cell each input drives
     * @param outputs which cell each output is
     * @param biased true if each cell has a bias to be learned
     * @param tauSeconds the time constant of a cell with A = 1
     * @param heat the variance of a cell with A = 1, in the unit of the state squared; 0 for a cold board
     * @param sampleSeconds the time between the readings of one exchange
     */
    public OrnsteinUhlenbeck(
            int cells,
            int[] driven,
            int[] outputs,
            boolean biased,
            double tauSeconds,
            double heat,
            double sampleSeconds) {
        for (int cell :
                IntStream.concat(Arrays.stream(driven), Arrays.stream(outputs)).toArray()) {
            if (cell < 0 || cell >= cells) {
                throw new IllegalArgumentException("there is no cell " + cell + " among " + cells);
            }
        }
        if (Arrays.stream(outputs).distinct().count() != outputs.length) {
            throw new IllegalArgumentException("a cell is at most one output, unlike in " + Arrays.toString(outputs));
        }
        requireAbove0("tauSeconds", tauSeconds);
        requireAbove0("sampleSeconds", sampleSeconds);
        if (!(heat >= 0) || Double.isInfinite(heat)) {
            throw new IllegalArgumentException("heat: expected 0 or more, not " + heat);
        }
        this.cells = cells;
        this.driven = driven.clone();
        this.outputs = outputs.clone();
        this.biased = biased;
        this.tauSeconds = tauSeconds;
        this.heat = heat;
        this.sampleSeconds = sampleSeconds;
    }

    static void requireAbove0(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + ": expected a number above 0, not " + value);
        }
    }

    @Override
    public int inputs() {
        return driven.length;
    }

    @Override
    public int states() {
        return cells;
    }

    @Override
    public int parameters() {
        return cells * (cells + 1) / 2 + (biased ? cells : 0);
    }

    @Override
    public int[] outputs() {
        return outputs.clone();
    }

    /** The cells that are not held, and what moves them: A and the right-hand side, nudge included. */
    private record Loaded(int[] free, double[][] matrix, double[] load) {}

    private double[][] matrix(double[] theta) {
        double[][] a = new double[cells][cells];
        int k = cells;
        for (int i = 0; i < cells; i++) {
            a[i][i] = theta[i];
            for (int j = i + 1; j < cells; j++) {
                a[i][j] = theta[k];
                a[j][i] = theta[k++];
            }
        }
        return a;
    }

    private double[] load(double[] theta, Drive drive) {
        double[] load = biased ? Arrays.copyOfRange(theta, cells * (cells + 1) / 2, theta.length) : new double[cells];
        for (int i = 0; i < driven.length; i++) {
            load[driven[i]] += drive.input()[i];
        }
        return load;
    }

    private Loaded loaded(double[] theta, Drive drive, double[] state) {
        double[][] whole = matrix(theta);
        double[] load = load(theta, drive);
        boolean[] held = new boolean[cells];
        double[] clamp = drive.clamp();
        for (int k = 0; k < outputs.length; k++) {
            int cell = outputs[k];
            whole[cell][cell] += drive.stiffness();
            load[cell] += drive.current()[k] + drive.stiffness() * drive.target()[k];
            if (clamp != null) {
                held[cell] = true;
                state[cell] = clamp[k];
            }
        }
        int[] free = IntStream.range(0, cells).filter(cell -> !held[cell]).toArray();
        double[][] a = new double[free.length][free.length];
        double[] b = new double[free.length];
        for (int i = 0; i < free.length; i++) {
            b[i] = load[free[i]];
            for (int j = 0; j < free.length; j++) {
                a[i][j] = whole[free[i]][free[j]];
            }
            for (int cell = 0; cell < cells; cell++) {
                b[i] -= held[cell] ? whole[free[i]][cell] * state[cell] : 0;
            }
        }
        return new Loaded(free, a, b);
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        double[][] a = matrix(theta);
        double[] load = load(theta, drive);
        double energy = drive.nudgeEnergy(state, outputs);
        for (int i = 0; i < cells; i++) {
            double pulled = 0;
            for (int j = 0; j < cells; j++) {
                pulled += a[i][j] * state[j];
            }
            energy += state[i] * (0.5 * pulled - load[i]);
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
                sums[k++] += state[i] * state[j];
            }
        }
        for (int i = 0; biased && i < cells; i++) {
            sums[k++] -= state[i];
        }
    }

    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        Rest no = refusal(theta, drive);
        if (no != null) {
            return no;
        }
        Loaded loaded = loaded(theta, drive, state);
        if (loaded.free.length == 0) {
            return new Rest(1, 0, true);
        }
        RealMatrix a = new Array2DRowRealMatrix(loaded.matrix, false);
        RealVector b = new ArrayRealVector(loaded.load, false);
        RealVector x = new CholeskyDecomposition(a, 1e-9, 0).getSolver().solve(b);
        double scale = Double.MIN_NORMAL;
        for (int i = 0; i < loaded.free.length; i++) {
            state[loaded.free[i]] = x.getEntry(i);
            scale = Math.max(scale, Math.abs(b.getEntry(i)));
            for (int j = 0; j < loaded.free.length; j++) {
                scale = Math.max(scale, Math.abs(a.getEntry(i, j) * x.getEntry(j)));
            }
        }
        double residual = a.operate(x).subtract(b).getLInfNorm() / scale;
        return new Rest(1, residual, residual <= tolerance);
    }

    /**
     * Why there is no rest; null if there is one. What is held takes part as if it were not: a board whose free cells alone
     * are stable would still run away when it is let go.
     *
     * @throws IllegalArgumentException if it is the nudge that takes it away
     */
    private @Nullable Rest refusal(double[] theta, Drive drive) {
        double[][] a = matrix(theta);
        for (double value : theta) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("a parameter is " + value + ", which is no number");
            }
        }
        if (!positiveDefinite(a)) {
            return new Rest(
                    0,
                    Double.POSITIVE_INFINITY,
                    Rest.Ending.NOT_AT_REST,
                    "the matrix on the board is not positive definite, so that its cells have no rest; make its "
                            + "diagonal larger or its couplings smaller");
        }
        if (drive.stiffness() < 0) {
            for (int cell : outputs) {
                a[cell][cell] += drive.stiffness();
            }
            if (!positiveDefinite(a)) {
                throw new IllegalArgumentException("a nudge of stiffness " + drive.stiffness()
                        + " would leave the board without a rest; make it weaker than the board's smallest eigenvalue");
            }
        }
        return null;
    }

    private static boolean positiveDefinite(double[][] a) {
        double largest = 0;
        for (double[] row : a) {
            for (double entry : row) {
                largest = Math.max(largest, Math.abs(entry));
            }
        }
        try {
            var unused = new CholeskyDecomposition(new Array2DRowRealMatrix(a), 1e-9, ROUNDING * largest);
            return largest > 0;
        } catch (NonPositiveDefiniteMatrixException not) {
            return false;
        }
    }

    @Override
    public Sample sample(double[] theta, Drive drive, double[] state, Run run) {
        if (run.afresh()) {
            begin(state, run.chance());
        }
        Rest no = refusal(theta, drive);
        Loaded loaded = loaded(theta, drive, state);
        int quantities = outputs.length + parameters();
        Averages averages = new Averages(quantities, no == null ? run.reads() : 1);
        if (no != null || loaded.free.length == 0) {
            add(state, averages.next());
            double[] once = averages.means();
            return sampleOf(once, new double[quantities], no == null ? new Rest(1, 0, true) : no);
        }
        Modes modes = new Modes(loaded, state);
        Rest rest = modes.rest(run.seconds());
        Moved first = modes.moved(run.seconds());
        Moved further = modes.moved(sampleSeconds);
        for (int read = 0; read < run.reads(); read++) {
            (read == 0 ? first : further).step(run.chance());
            modes.show(state);
            add(state, averages.next());
        }
        double[] errors = run.reads() == 1 ? modes.spread(state) : averages.errors();
        return sampleOf(averages.means(), errors, rest);
    }

    private void add(double[] state, double[] sums) {
        for (int k = 0; k < outputs.length; k++) {
            sums[k] += state[outputs[k]];
        }
        addForces(state, sums, outputs.length);
    }

    private Sample sampleOf(double[] means, double[] errors, Rest rest) {
        return new Sample(
                Arrays.copyOf(means, outputs.length),
                Arrays.copyOf(errors, outputs.length),
                Arrays.copyOfRange(means, outputs.length, means.length),
                Arrays.copyOfRange(errors, outputs.length, errors.length),
                rest);
    }

    /** An exact step of one length: by how much each mode's distance shrinks, and how far heat spreads it. */
    private record Moved(double[] left, double[] kick, double[] from) {
        void step(RandomGenerator chance) {
            for (int k = 0; k < from.length; k++) {
                from[k] = left[k] * from[k] + (kick[k] > 0 ? kick[k] * chance.nextGaussian() : 0);
            }
        }
    }

    /** The free cells in the basis in which each goes its own way. */
    private final class Modes {
        private final Loaded loaded;
        private final RealMatrix basis;
        private final double[] rate;
        private final RealVector mean;
        private final double[] from;

        Modes(Loaded loaded, double[] state) {
            this.loaded = loaded;
            EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(loaded.matrix, false));
            basis = eigen.getV();
            rate = eigen.getRealEigenvalues();
            double[] cellwise = new double[loaded.free.length];
            double[] projected = basis.preMultiply(loaded.load);
            for (int k = 0; k < rate.length; k++) {
                projected[k] /= rate[k];
            }
            mean = new ArrayRealVector(basis.operate(projected), false);
            for (int i = 0; i < cellwise.length; i++) {
                cellwise[i] = state[loaded.free[i]] - mean.getEntry(i);
            }
            from = basis.preMultiply(cellwise);
        }

        Moved moved(double seconds) {
            double[] left = new double[rate.length];
            double[] kick = new double[rate.length];
            for (int k = 0; k < rate.length; k++) {
                left[k] = Math.exp(-rate[k] * seconds / tauSeconds);
                kick[k] = Math.sqrt(heat / rate[k] * -Math.expm1(-2 * rate[k] * seconds / tauSeconds));
            }
            return new Moved(left, kick, from);
        }

        Rest rest(double seconds) {
            double residual = 0;
            for (int k = 0; k < rate.length; k++) {
                double beyond = Math.max(0, Math.abs(from[k]) - HEAT_REACHES * Math.sqrt(heat / rate[k]));
                residual = Math.max(residual, beyond * Math.exp(-rate[k] * seconds / tauSeconds));
            }
            residual /= Math.max(
                    Double.MIN_NORMAL,
                    mean.getLInfNorm()
                            + Math.sqrt(heat / Arrays.stream(rate).min().orElse(1)));
            return early(residual, Arrays.stream(rate).min().orElse(1), tauSeconds);
        }

        void show(double[] state) {
            double[] distance = basis.operate(from);
            for (int i = 0; i < distance.length; i++) {
                state[loaded.free[i]] = mean.getEntry(i) + distance[i];
            }
        }

        /** What a single reading may be off by: the spread at rest. */
        double[] spread(double[] state) {
            double[] errors = new double[outputs.length + parameters()];
            double[] variance = new double[cells];
            for (int i = 0; i < loaded.free.length; i++) {
                for (int k = 0; k < rate.length; k++) {
                    double part = basis.getEntry(i, k);
                    variance[loaded.free[i]] += heat / rate[k] * part * part;
                }
            }
            for (int k = 0; k < outputs.length; k++) {
                errors[k] = Math.sqrt(variance[outputs[k]]);
            }
            int k = outputs.length + cells;
            for (int i = 0; i < cells; i++) {
                errors[outputs.length + i] = Math.abs(state[i]) * Math.sqrt(variance[i]);
                for (int j = i + 1; j < cells; j++) {
                    errors[k++] = Math.hypot(state[i] * Math.sqrt(variance[j]), state[j] * Math.sqrt(variance[i]));
                }
            }
            for (int i = 0; biased && i < cells; i++) {
                errors[k++] = Math.sqrt(variance[i]);
            }
            return errors;
        }
    }

    /** At rest, or read too early, with the time that it would take. */
    static Rest early(double residual, double slowest, double tauSeconds) {
        if (residual <= AT_REST) {
            return new Rest(1, residual, true);
        }
        return new Rest(
                1,
                residual,
                Rest.Ending.NOT_AT_REST,
                String.format(
                        java.util.Locale.ROOT,
                        "read before the mean was reached; its slowest mode needs about %.3g s, dwell longer",
                        Math.log(1 / AT_REST) * tauSeconds / slowest));
    }
}
