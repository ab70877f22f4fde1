package org.homeostat.physics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.jspecify.annotations.Nullable;

/**
 * A thermodynamic solver whose matrix is a product that is never multiplied out (arXiv 2405.13817, section 4 and appendix C):
 * resistor arrays for J, H and J' in a ring, as an optimiser needs it for {@code A = J' H J / b + lambda I}.
 *
 * <pre>   E = x' A x / 2 - c' x,      tau dx = -(A x - c) dt + sqrt(2 heat tau) dW</pre>
 *
 * with c the input. J has {@code b dz} rows of N; H has one symmetric block of {@code dz x dz} for each of b samples. So b
 * dz (N + (dz + 1) / 2) + 1 numbers stand for N^2. (The preprint's appendix has two slips of sign: only minus the residual
 * {@code A x - c} is stable.)
 *
 * <p>State, inputs and outputs: N cells. Parameters: J row by row; the upper triangle of each block of H row by row;
 * lambda. The exact step of {@link #sample} goes through the small matrix {@code V V'} with {@code V = S' J / sqrt(b)} and
 * {@code H = S S'}, whose eigenvalues are those of A that differ from lambda; it costs about {@code (b dz)^2 N}, however long
 * the time.
 */
public final class FactoredOrnsteinUhlenbeck implements Sampled {

    /** An eigenvalue below this part of the largest is no more than rounding. */
    private static final double ROUNDING = 1e-11;

    /** How many vectors are added between two looks at what they give. */
    private static final int LOOK_EVERY = 8;

    private static final DoubleUnaryOperator INVERSE = a -> 1 / a;

    private final int cells;
    private final int samples;
    private final int width;
    private final double tauSeconds;
    private final double heat;
    private final double sampleSeconds;

    /**
     * @param cells N, how many cells there are
     * @param samples b, how many samples the matrix is summed over
     * @param width dz, how many rows each sample has
     * @param tauSeconds the time constant of a cell with A = 1
     * @param heat the variance of a cell with A = 1; 0 for a cold board
     * @param sampleSeconds the time between the readings of one exchange
     */
    public FactoredOrnsteinUhlenbeck(
            int cells, int samples, int width, double tauSeconds, double heat, double sampleSeconds) {
        OrnsteinUhlenbeck.requireAbove0("cells", cells);
        OrnsteinUhlenbeck.requireAbove0("samples", samples);
        OrnsteinUhlenbeck.requireAbove0("width", width);
        OrnsteinUhlenbeck.requireAbove0("tauSeconds", tauSeconds);
        OrnsteinUhlenbeck.requireAbove0("sampleSeconds", sampleSeconds);
        if (!(heat >= 0) || Double.isInfinite(heat)) {
            throw new IllegalArgumentException("heat: expected 0 or more, not " + heat);
        }
        this.cells = cells;
        this.samples = samples;
        this.width = width;
        this.tauSeconds = tauSeconds;
        this.heat = heat;
        this.sampleSeconds = sampleSeconds;
    }

    @Override
    public int inputs() {
        return cells;
    }

    @Override
    public int states() {
        return cells;
    }

    private int rows() {
        return samples * width;
    }

    private int triangle() {
        return width * (width + 1) / 2;
    }

    @Override
    public int parameters() {
        return rows() * cells + samples * triangle() + 1;
    }

    @Override
    public int[] outputs() {
        int[] all = new int[cells];
        Arrays.setAll(all, cell -> cell);
        return all;
    }

    /** One sample's block of H. */
    private double[][] block(double[] theta, int sample) {
        double[][] block = new double[width][width];
        int k = rows() * cells + sample * triangle();
        for (int i = 0; i < width; i++) {
            for (int j = i; j < width; j++) {
                block[i][j] = theta[k];
                block[j][i] = theta[k++];
            }
        }
        return block;
    }

    /** J x, all rows. */
    private double[] through(double[] theta, double[] x) {
        double[] through = new double[rows()];
        for (int row = 0; row < through.length; row++) {
            int at = row * cells;
            double sum = 0;
            for (int n = 0; n < cells; n++) {
                sum += theta[at + n] * x[n];
            }
            through[row] = sum;
        }
        return through;
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        double[] z = through(theta, state);
        double energy = drive.nudgeEnergy(state, outputs());
        for (int s = 0; s < samples; s++) {
            double[][] h = block(theta, s);
            for (int i = 0; i < width; i++) {
                for (int j = 0; j < width; j++) {
                    energy += 0.5 * z[s * width + i] * h[i][j] * z[s * width + j] / samples;
                }
            }
        }
        double lambda = theta[theta.length - 1];
        for (int n = 0; n < cells; n++) {
            energy += state[n] * (0.5 * lambda * state[n] - drive.input()[n]);
        }
        return energy;
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        Arrays.fill(forces, 0);
        addForces(theta, state, forces, 0);
    }

    private void addForces(double[] theta, double[] state, double[] sums, int first) {
        double[] z = through(theta, state);
        int k = first + rows() * cells;
        for (int s = 0; s < samples; s++) {
            double[][] h = block(theta, s);
            for (int i = 0; i < width; i++) {
                double weighted = 0;
                for (int j = 0; j < width; j++) {
                    weighted += h[i][j] * z[s * width + j] / samples;
                }
                int at = first + (s * width + i) * cells;
                for (int n = 0; n < cells; n++) {
                    sums[at + n] += weighted * state[n];
                }
                sums[k++] += 0.5 * z[s * width + i] * z[s * width + i] / samples;
                for (int j = i + 1; j < width; j++) {
                    sums[k++] += z[s * width + i] * z[s * width + j] / samples;
                }
            }
        }
        for (double x : state) {
            sums[k] += 0.5 * x * x;
        }
    }

    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        if (held(drive, state)) {
            return new Rest(1, 0, true);
        }
        Factored factored = factored(theta, drive);
        if (factored.refusal != null) {
            return factored.refusal;
        }
        double[] load = load(drive);
        double[] mean = factored.applied(load, INVERSE)[0];
        System.arraycopy(mean, 0, state, 0, cells);
        double residual = distance(factored.operate(mean), load) / Math.max(Double.MIN_NORMAL, size(load));
        return new Rest(1, residual, residual <= tolerance);
    }

    private static boolean held(Drive drive, double[] state) {
        double[] clamp = drive.clamp();
        if (clamp == null) {
            return false;
        }
        System.arraycopy(clamp, 0, state, 0, state.length);
        return true;
    }

    private double[] load(Drive drive) {
        double[] load = drive.input().clone();
        for (int n = 0; n < cells; n++) {
            load[n] += drive.current()[n] + drive.stiffness() * drive.target()[n];
        }
        return load;
    }

    @Override
    public Sample sample(double[] theta, Drive drive, double[] state, Run run) {
        if (run.afresh()) {
            begin(state, run.chance());
        }
        int quantities = cells + parameters();
        if (held(drive, state)) {
            return once(theta, state, new Rest(1, 0, true));
        }
        Factored factored = factored(theta, drive);
        if (factored.refusal != null) {
            return once(theta, state, factored.refusal);
        }
        // x(t) = x + A^-1 (1 - exp(-A t / tau)) (c - A x), plus what heat has gathered.
        Averages averages = new Averages(quantities, run.reads());
        Rest rest = new Rest(0, 0, true);
        double[] load = load(drive);
        for (int read = 0; read < run.reads(); read++) {
            double time = (read == 0 ? run.seconds() : sampleSeconds) / tauSeconds;
            double[] pull = factored.operate(state);
            Arrays.setAll(pull, n -> load[n] - pull[n]);
            double[][] moves = factored.applied(pull, INVERSE, a -> -Math.expm1(-a * time) / a);
            if (read == 0) {
                rest = rest(state, moves[0], factored.lambda, time);
            }
            add(1, moves[1], state);
            if (heat > 0) {
                double[] drawn = new double[cells];
                Arrays.setAll(drawn, n -> run.chance().nextGaussian());
                add(1, factored.applied(drawn, a -> Math.sqrt(heat / a * -Math.expm1(-2 * a * time)))[0], state);
            }
            add(theta, state, averages.next());
        }
        double[] errors = averages.errors();
        if (run.reads() == 1) {
            // One reading is off by what heat does to it; the largest it can be, where the matrix is only lambda.
            Arrays.fill(errors, 0);
            Arrays.fill(errors, 0, cells, Math.sqrt(heat / factored.lambda));
        }
        return sampleOf(averages.means(), errors, rest);
    }

    private Sample once(double[] theta, double[] state, Rest rest) {
        double[] once = new double[cells + parameters()];
        add(theta, state, once);
        return sampleOf(once, new double[once.length], rest);
    }

    private Rest rest(double[] state, double[] way, double lambda, double time) {
        double size = 0;
        for (int n = 0; n < cells; n++) {
            size += (state[n] + way[n]) * (state[n] + way[n]);
        }
        double spread = Math.sqrt(cells * heat / lambda);
        double beyond = Math.max(0, size(way) - OrnsteinUhlenbeck.HEAT_REACHES * spread);
        double residual = beyond * Math.exp(-lambda * time) / Math.max(Double.MIN_NORMAL, Math.sqrt(size) + spread);
        return OrnsteinUhlenbeck.early(residual, lambda, tauSeconds);
    }

    private static double size(double[] x) {
        return Math.sqrt(dot(x, x));
    }

    private static double distance(double[] x, double[] y) {
        double[] between = x.clone();
        add(-1, y, between);
        return size(between);
    }

    private void add(double[] theta, double[] state, double[] sums) {
        for (int n = 0; n < cells; n++) {
            sums[n] += state[n];
        }
        addForces(theta, state, sums, cells);
    }

    private Sample sampleOf(double[] means, double[] errors, Rest rest) {
        return new Sample(
                Arrays.copyOf(means, cells),
                Arrays.copyOf(errors, cells),
                Arrays.copyOfRange(means, cells, means.length),
                Arrays.copyOfRange(errors, cells, errors.length),
                rest);
    }

    private Factored factored(double[] theta, Drive drive) {
        for (double value : theta) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("a parameter is " + value + ", which is no number");
            }
        }
        double own = theta[theta.length - 1];
        if (own > 0 && !(own + drive.stiffness() > 0)) {
            throw new IllegalArgumentException("a nudge of stiffness " + drive.stiffness()
                    + " would leave the board without a rest; make it weaker than the damping lambda, " + own);
        }
        double[][] rows = new double[rows()][];
        int used = 0;
        for (int s = 0; s < samples; s++) {
            EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(block(theta, s), false));
            double most = 0;
            for (double value : eigen.getRealEigenvalues()) {
                most = Math.max(most, Math.abs(value));
            }
            for (int k = 0; k < width; k++) {
                double value = eigen.getRealEigenvalue(k);
                if (value < -ROUNDING * most) {
                    return new Factored(
                            own,
                            new double[0][],
                            refused("block " + (s + 1)
                                    + " of the matrix H is not positive semidefinite, so that the cells may have no rest; H "
                                    + "must be the curvature of a convex loss"));
                }
                if (value > ROUNDING * most) {
                    rows[used++] = row(theta, s, eigen.getV(), k, Math.sqrt(value / samples));
                }
            }
        }
        return new Factored(
                own + drive.stiffness(),
                Arrays.copyOf(rows, used),
                own > 0
                        ? null
                        : refused("the damping lambda is " + own
                                + ", so that cells which J does not reach have no rest; make it larger than 0"));
    }

    private static Rest refused(String remark) {
        return new Rest(0, Double.POSITIVE_INFINITY, Rest.Ending.NOT_AT_REST, remark);
    }

    private double[] row(double[] theta, int sample, RealMatrix vectors, int k, double factor) {
        double[] row = new double[cells];
        for (int i = 0; i < width; i++) {
            double weight = factor * vectors.getEntry(i, k);
            int at = (sample * width + i) * cells;
            for (int n = 0; n < cells; n++) {
                row[n] += weight * theta[at + n];
            }
        }
        return row;
    }

    /** A = V' V + lambda I, with the small matrix K = V V'. */
    private final class Factored {
        private final double lambda;
        private final double[][] v;
        private final @Nullable Rest refusal;
        private final double[][] gram;

        Factored(double lambda, double[][] v, @Nullable Rest refusal) {
            this.lambda = lambda;
            this.v = v;
            this.refusal = refusal;
            gram = new double[v.length][v.length];
            for (int i = 0; i < v.length; i++) {
                for (int j = 0; j <= i; j++) {
                    gram[i][j] = dot(v[i], v[j]);
                    gram[j][i] = gram[i][j];
                }
            }
        }

        /** A x. */
        double[] operate(double[] x) {
            double[] product = new double[cells];
            Arrays.setAll(product, n -> lambda * x[n]);
            for (double[] row : v) {
                add(dot(row, x), row, product);
            }
            return product;
        }

        /**
         * Functions of A on a vector, {@code f(A) x = f(lambda) x + V' h(K) V x} with {@code h(k) = (f(lambda + k) -
         * f(lambda)) / k}. What h(K) does to a vector is found among the powers of K on it (Lanczos, with every vector made
         * orthogonal to all before twice), which come to an end when a further one changes nothing beyond rounding.
         */
        double[][] applied(double[] x, DoubleUnaryOperator... functions) {
            double[][] applied = new double[functions.length][cells];
            for (int f = 0; f < functions.length; f++) {
                add(functions[f].applyAsDouble(lambda), x, applied[f]);
            }
            double[] q = new double[v.length];
            Arrays.setAll(q, row -> dot(v[row], x));
            double length = Math.sqrt(dot(q, q));
            if (length == 0) {
                return applied;
            }
            List<double[]> basis = new ArrayList<>();
            double[] main = new double[v.length];
            double[] beside = new double[v.length];
            double next = length;
            boolean ended = false;
            while (!ended) {
                double scale = 1 / next;
                double[] unit = Arrays.stream(q).map(value -> scale * value).toArray();
                basis.add(unit);
                int m = basis.size();
                q = new double[v.length];
                for (int row = 0; row < q.length; row++) {
                    q[row] = dot(gram[row], unit);
                }
                main[m - 1] = dot(q, unit);
                for (int pass = 0; pass < 2; pass++) {
                    for (double[] before : basis) {
                        add(-dot(before, q), before, q);
                    }
                }
                next = Math.sqrt(dot(q, q));
                beside[m - 1] = next;
                boolean exhausted = m == v.length || next <= ROUNDING * Math.abs(main[0]);
                if (exhausted || m % LOOK_EVERY == 0) {
                    double[][] found = found(Arrays.copyOf(main, m), Arrays.copyOf(beside, m - 1), functions);
                    ended = exhausted || Arrays.stream(found).allMatch(FactoredOrnsteinUhlenbeck::converged);
                    for (int f = 0; ended && f < functions.length; f++) {
                        double[] small = new double[v.length];
                        for (int k = 0; k < m; k++) {
                            add(length * found[f][k], basis.get(k), small);
                        }
                        for (int row = 0; row < small.length; row++) {
                            add(small[row], v[row], applied[f]);
                        }
                    }
                }
            }
            return applied;
        }

        /** The first column of h(T) for each function, with the tridiagonal matrix T that Lanczos found. */
        private double[][] found(double[] main, double[] beside, DoubleUnaryOperator... functions) {
            EigenDecomposition eigen = new EigenDecomposition(main, beside);
            RealMatrix vectors = eigen.getV();
            double[][] found = new double[functions.length][main.length];
            for (int k = 0; k < main.length; k++) {
                // Far below lambda the difference quotient is the slope, and would be lost in rounding.
                double kappa = Math.max(eigen.getRealEigenvalue(k), 1e-7 * lambda);
                for (int f = 0; f < functions.length; f++) {
                    double h =
                            (functions[f].applyAsDouble(lambda + kappa) - functions[f].applyAsDouble(lambda)) / kappa;
                    for (int row = 0; row < main.length; row++) {
                        found[f][row] += vectors.getEntry(row, k) * h * vectors.getEntry(0, k);
                    }
                }
            }
            return found;
        }
    }

    private static boolean converged(double[] coefficients) {
        double largest = 0;
        for (double coefficient : coefficients) {
            largest = Math.max(largest, Math.abs(coefficient));
        }
        int last = coefficients.length - 1;
        return Math.abs(coefficients[last]) + Math.abs(coefficients[last - 1]) <= 1e-13 * largest;
    }

    private static void add(double factor, double[] from, double[] to) {
        for (int n = 0; n < to.length; n++) {
            to[n] += factor * from[n];
        }
    }

    /** Four sums at once: one alone would wait for itself. */
    private static double dot(double[] a, double[] b) {
        double one = 0;
        double two = 0;
        double three = 0;
        double four = 0;
        int n = 0;
        for (; n + 3 < a.length; n += 4) {
            one += a[n] * b[n];
            two += a[n + 1] * b[n + 1];
            three += a[n + 2] * b[n + 2];
            four += a[n + 3] * b[n + 3];
        }
        for (; n < a.length; n++) {
            one += a[n] * b[n];
        }
        return one + two + three + four;
    }
}
