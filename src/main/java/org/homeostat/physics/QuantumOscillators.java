package org.homeostat.physics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Particles on a line, joined by springs, in their quantum ground state (quantum EP, arXiv 2406.00879):
 *
 * <pre>   E(theta, x, s) = &lt; sum_i p_i^2 / (2 m_i) + sum_(i&lt;j) k_ij (r_i - r_j - l_ij)^2 / 2 + kappa/2 sum_i (r_i - a_i)^2 &gt;,</pre>
 *
 * where every particle is tied to its own place a_i, which the inputs move on the first particles and which is 0 on all others;
 * the outputs are the mean positions of the last ones. All of it is quadratic, so that the ground state is a Gaussian with the
 * mean {@code K^-1 f} and the covariances {@code <dr dr'> = hbar/2 M^-1/2 W^-1 M^-1/2} and {@code <p p'> = hbar/2 M^1/2 W M^1/2},
 * {@code W = (M^-1/2 K M^-1/2)^1/2}. With hbar = 0 they are springs in one dimension.
 *
 * <p>State: the mean positions, then the covariances of the positions (1,1), (1,2) .. (2,2), (2,3) .., then the variances of
 * the momenta. Parameters: for each pair (1,2), (1,3) .. (2,3) .. its stiffness k, then for each its rest length l.
 *
 * <p>A nudge by a force adds {@code -f <r_o>} and concerns the mean alone; a clamp holds the mean. A nudge by a spring is either
 * one on the mean (a force that follows what is measured), {@code stiffness/2 (<r_o> - target)^2}, or one {@linkplain
 * Spring#ON_THE_PARTICLE on the particle itself}, {@code stiffness/2 <(r_o - target)^2>}: that is the cost of the mean and half
 * the variance of the output beside it, so that what is learned with it lowers both.
 */
public final class QuantumOscillators implements Physics {

    /** What a nudge by a spring is fastened to. */
    public enum Spring {
        /** To the mean: it changes no variance. */
        ON_THE_MEAN,
        /** To the particle: it makes it stiffer, and so narrower, and its cost has the variance in it. */
        ON_THE_PARTICLE
    }

    private final int particles;
    private final int inputs;
    private final int outputs;
    private final double[] masses;
    private final double tether;
    private final double hbar;
    private final Spring spring;
    private final int[][] pairs;

    /**
     * @param inputs how many of the first particles have a place that an input moves
     * @param outputs how many of the last particles are read
     * @param masses the mass of each particle, above 0
     * @param tether the stiffness kappa between each particle and its place, above 0
     * @param hbar the quantum of action, in the unit of the others; 0 for particles that stand still
     * @param spring what a nudge by a spring is fastened to
     */
    public QuantumOscillators(int inputs, int outputs, double[] masses, double tether, double hbar, Spring spring) {
        if (inputs < 0 || outputs < 1 || inputs + outputs > masses.length) {
            throw new IllegalArgumentException(
                    "expected particles for " + inputs + " inputs and at least one output beside" + " them, not "
                            + masses.length + " for " + outputs + " outputs");
        }
        if (Arrays.stream(masses).anyMatch(mass -> !(mass > 0) || Double.isInfinite(mass))) {
            throw new IllegalArgumentException("expected masses above 0, not " + Arrays.toString(masses));
        }
        if (!(tether > 0) || Double.isInfinite(tether)) {
            throw new IllegalArgumentException("expected a tether above 0, not " + tether);
        }
        if (!(hbar >= 0) || Double.isInfinite(hbar)) {
            throw new IllegalArgumentException("expected an hbar of 0 or more, not " + hbar);
        }
        particles = masses.length;
        this.inputs = inputs;
        this.outputs = outputs;
        this.masses = masses.clone();
        this.tether = tether;
        this.hbar = hbar;
        this.spring = spring;
        List<int[]> all = new ArrayList<>();
        for (int i = 0; i < particles; i++) {
            for (int j = i + 1; j < particles; j++) {
                all.add(new int[] {i, j});
            }
        }
        pairs = all.toArray(new int[0][]);
    }

    @Override
    public int inputs() {
        return inputs;
    }

    /** How many springs there are, each with a stiffness and a rest length. */
    public int springs() {
        return pairs.length;
    }

    @Override
    public int states() {
        return particles + particles * (particles + 1) / 2 + particles;
    }

    @Override
    public int parameters() {
        return 2 * pairs.length;
    }

    @Override
    public int[] outputs() {
        int[] last = new int[outputs];
        Arrays.setAll(last, k -> particles - outputs + k);
        return last;
    }

    /** Which of the state is the covariance of two positions; of one with itself its variance. */
    public int covariance(int i, int j) {
        int first = Math.min(i, j);
        return particles + first * particles - first * (first - 1) / 2 + Math.abs(i - j);
    }

    /** Which of the state is the variance of a momentum. */
    public int momentum(int i) {
        return states() - particles + i;
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        double energy = drive.nudgeEnergy(state, outputs());
        for (int output : outputs()) {
            energy += spring == Spring.ON_THE_PARTICLE ? drive.stiffness() / 2 * state[covariance(output, output)] : 0;
        }
        for (int c = 0; c < pairs.length; c++) {
            energy += theta[c] * halfSquare(theta, c, state);
        }
        for (int i = 0; i < particles; i++) {
            double off = state[i] - place(drive, i);
            energy += tether / 2 * (off * off + state[covariance(i, i)]);
            energy += state[momentum(i)] / (2 * masses[i]);
        }
        return energy;
    }

    private double place(Drive drive, int i) {
        return i < inputs ? drive.input()[i] : 0;
    }

    private double stretch(double[] theta, int c, double[] state) {
        return state[pairs[c][0]] - state[pairs[c][1]] - theta[pairs.length + c];
    }

    private double halfSquare(double[] theta, int c, double[] state) {
        int i = pairs[c][0];
        int j = pairs[c][1];
        double stretch = stretch(theta, c, state);
        return (stretch * stretch + state[covariance(i, i)] + state[covariance(j, j)] - 2 * state[covariance(i, j)])
                / 2;
    }

    /** dE/dk = &lt;(r_i - r_j - l)^2&gt;/2 and dE/dl = -k &lt;r_i - r_j - l&gt;. */
    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        for (int c = 0; c < pairs.length; c++) {
            forces[c] = halfSquare(theta, c, state);
            forces[pairs.length + c] = -theta[c] * stretch(theta, c, state);
        }
    }

    /** One eigenvalue problem, or two where it is nudged; the state it starts from does not matter. */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        for (double[] values : new double[][] {theta, drive.input(), drive.current(), drive.target()}) {
            if (!Arrays.stream(values).allMatch(Double::isFinite)) {
                throw new IllegalArgumentException("expected finite parameters, inputs and nudges");
            }
        }
        double[][] k = new double[particles][particles];
        double[] f = new double[particles];
        for (int i = 0; i < particles; i++) {
            k[i][i] = tether;
            f[i] = tether * place(drive, i);
        }
        for (int c = 0; c < pairs.length; c++) {
            int i = pairs[c][0];
            int j = pairs[c][1];
            k[i][i] += theta[c];
            k[j][j] += theta[c];
            k[i][j] -= theta[c];
            k[j][i] -= theta[c];
            f[i] += theta[c] * theta[pairs.length + c];
            f[j] -= theta[c] * theta[pairs.length + c];
        }
        int[] read = outputs();
        double[] clamp = drive.clamp();
        Modes free = new Modes(k, masses);
        for (int o = 0; o < outputs; o++) {
            if (clamp == null) {
                k[read[o]][read[o]] += drive.stiffness();
                f[read[o]] += drive.current()[o] + drive.stiffness() * drive.target()[o];
            }
        }
        Modes modes = clamp == null && drive.stiffness() != 0 ? new Modes(k, masses) : free;
        if (free.softest > 0 && !(modes.softest > 0)) {
            throw new IllegalArgumentException("a nudge of strength " + drive.stiffness()
                    + " pushes the outputs away harder than their springs hold them; make it weaker");
        }
        Modes wide = spring == Spring.ON_THE_PARTICLE ? modes : free;
        if (!(modes.softest > 0 && wide.softest > 0)) {
            return new Rest(
                    1,
                    Double.POSITIVE_INFINITY,
                    Rest.Ending.NOT_AT_REST,
                    "the springs push apart harder than the tethers hold (their matrix is not positive definite); make"
                            + " the stiffnesses less negative");
        }
        double[] mean = clamp == null ? modes.solve(f) : held(modes, f, clamp);
        System.arraycopy(mean, 0, state, 0, particles);
        for (int i = 0; i < particles; i++) {
            for (int j = i; j < particles; j++) {
                state[covariance(i, j)] = hbar / 2 * wide.power(-0.5, i, j) / Math.sqrt(masses[i] * masses[j]);
            }
            state[momentum(i)] = hbar / 2 * wide.power(0.5, i, i) * masses[i];
        }
        double residual = 0;
        for (int i = 0; i < particles && clamp == null; i++) {
            double force = -f[i];
            double balanced = Math.abs(f[i]);
            for (int j = 0; j < particles; j++) {
                force += k[i][j] * mean[j];
                balanced += Math.abs(k[i][j] * mean[j]);
            }
            residual = Math.max(residual, Math.abs(force) / Math.max(balanced, 1));
        }
        return new Rest(1, residual, residual <= Math.max(tolerance, 1e-13));
    }

    /** The means with the outputs held by forces: {@code K r = f + force on the outputs}, r = clamp there. */
    private double[] held(Modes modes, double[] f, double[] clamp) {
        int[] read = outputs();
        RealMatrix answer = new Array2DRowRealMatrix(outputs, outputs);
        double[][] columns = new double[outputs][];
        for (int o = 0; o < outputs; o++) {
            double[] unit = new double[particles];
            unit[read[o]] = 1;
            columns[o] = modes.solve(unit);
            for (int p = 0; p < outputs; p++) {
                answer.setEntry(p, o, columns[o][read[p]]);
            }
        }
        double[] mean = modes.solve(f);
        double[] missing = new double[outputs];
        for (int o = 0; o < outputs; o++) {
            missing[o] = clamp[o] - mean[read[o]];
        }
        double[] force = new LUDecomposition(answer)
                .getSolver()
                .solve(new ArrayRealVector(missing, false))
                .toArray();
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < particles; i++) {
                mean[i] += force[o] * columns[o][i];
            }
        }
        for (int o = 0; o < outputs; o++) {
            mean[read[o]] = clamp[o];
        }
        return mean;
    }

    /** The modes of oscillation: eigenvectors of M^-1/2 K M^-1/2, eigenvalues the squares of their frequencies. */
    private static final class Modes {

        private final double[] masses;
        private final RealMatrix vectors;
        private final double[] squares;
        private final double softest;

        Modes(double[][] k, double[] masses) {
            this.masses = masses;
            double[][] scaled = new double[k.length][k.length];
            for (int i = 0; i < k.length; i++) {
                for (int j = 0; j < k.length; j++) {
                    scaled[i][j] = k[i][j] / Math.sqrt(masses[i] * masses[j]);
                }
            }
            EigenDecomposition modes = new EigenDecomposition(new Array2DRowRealMatrix(scaled, false));
            vectors = modes.getV();
            squares = modes.getRealEigenvalues();
            softest = Arrays.stream(squares).min().orElse(0);
        }

        /** An entry of a power of M^-1/2 K M^-1/2. */
        double power(double exponent, int i, int j) {
            double sum = 0;
            for (int m = 0; m < squares.length; m++) {
                sum += vectors.getEntry(i, m) * Math.pow(squares[m], exponent) * vectors.getEntry(j, m);
            }
            return sum;
        }

        /** K^-1 right. */
        double[] solve(double[] right) {
            int n = right.length;
            double[] solution = new double[n];
            for (int m = 0; m < n; m++) {
                double along = 0;
                for (int i = 0; i < n; i++) {
                    along += vectors.getEntry(i, m) * right[i] / Math.sqrt(masses[i]);
                }
                for (int i = 0; i < n; i++) {
                    solution[i] += vectors.getEntry(i, m) * along / squares[m] / Math.sqrt(masses[i]);
                }
            }
            return solution;
        }
    }
}
