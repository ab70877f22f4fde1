package org.homeostat.algebra;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegrator;
import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;
import org.homeostat.device.Ability;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.device.Stimulus;

/**
 * Linear algebra done by a device that holds a symmetric positive definite matrix in its parameters and settles in a heat
 * bath: its mean solves a system, its second moments invert the matrix (arXiv 2308.05660), its readings are draws from a
 * Gaussian (arXiv 2410.01793). The host scales what goes in and comes out, and knows nothing else of the device; even its
 * heat is measured, on a diagonal matrix.
 *
 * <p>Parameters are the diagonal and then what lies above it row by row, as pure numbers; or, where their unit is the farad,
 * the capacitances to ground and then those between cells, whose Maxwell matrix counts. FORCE channels give half the mean
 * square of each cell, and the mean product of two cells (of capacitors: half the mean square of what is between them).
 *
 * <p>Thread rule: one caller at a time.
 */
public final class ThermodynamicAlgebra {

    /** How many times a dwell is made longer, or a right-hand side smaller, before it is given up. */
    private static final int MOST_TRIES = 14;

    private static final double LONGER = 4;
    private static final double SMALLER = 0.25;

    /** How near to the end of a channel's range levels are put. */
    private static final double WITHIN = 0.9;

    /** Points of the integral over the coupling in {@link #logDeterminant}. */
    private static final int POINTS = 12;

    /** Scales tried to meet codes. */
    private static final int SCALES = 256;

    /** A matrix with what it may be off by, element by element; one standard error. */
    public record Matrix(double[][] values, double[][] errors) {}

    /** A vector with what it may be off by; one standard error. */
    public record Vector(double[] values, double[] errors) {}

    /** A number with what it may be off by; one standard error. */
    public record Scalar(double value, double error) {}

    private final Device device;
    private final Descriptor card;
    private final Duration limit;
    private final int cells;
    private final boolean capacitive;
    private int exchanges;
    private double heat;
    private int heatReads;

    /**
     * @param limit how long one exchange may take
     * @throws IllegalArgumentException if the device holds no matrix that can be written
     */
    public ThermodynamicAlgebra(Device device, Duration limit) {
        this.device = device;
        this.limit = limit;
        card = device.descriptor();
        cells = card.count(Role.OUTPUT);
        List<Channel> parameters = card.channels(Role.PARAMETER);
        if (!card.can(Ability.WRITABLE_PARAMETERS)
                || parameters.size() != cells * (cells + 1) / 2
                || card.count(Role.INPUT) != cells
                || card.lanes() != 1) {
            throw new IllegalArgumentException(
                    "board " + card.board() + " holds no matrix to reckon with: expected one "
                            + "lane, as many inputs as outputs, and a writable parameter for each element of a symmetric matrix, such "
                            + "as twin:thermodynamic-board");
        }
        capacitive = parameters.getFirst().unit().equals("F");
    }

    /** The largest matrix that it holds. */
    public int size() {
        return cells;
    }

    /** How many exchanges it took so far. */
    public int exchanges() {
        return exchanges;
    }

    /** A matrix as the board has it: {@code asked = scaling * (held / scale) * scaling}, element by element. */
    private record Held(double[] levels, double[] scaling, double scale, double[][] asked, double[][] realised) {}

    private Held held(double[][] a) {
        int n = a.length;
        if (n < 1 || n > cells) {
            throw new IllegalArgumentException("board " + card.board() + " has " + cells + " cells; a matrix of " + n
                    + " rows does not fit: choose a device with as many inputs and outputs, for a twin by ?inputs=" + n
                    + "&outputs=" + n);
        }
        double largest = 0;
        for (int i = 0; i < n; i++) {
            if (a[i].length != n) {
                throw new IllegalArgumentException(
                        "row " + (i + 1) + " of the matrix has " + a[i].length + " numbers; expected " + n);
            }
            for (double entry : a[i]) {
                if (!Double.isFinite(entry)) {
                    throw new IllegalArgumentException("row " + (i + 1) + " of the matrix has " + entry);
                }
                largest = Math.max(largest, Math.abs(entry));
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                if (Math.abs(a[i][j] - a[j][i]) > 1e-12 * largest) {
                    throw new IllegalArgumentException(String.format(
                            Locale.ROOT,
                            "the matrix is not symmetric: row %d column %d is %.6g, row %d column %d is %.6g",
                            i + 1,
                            j + 1,
                            a[i][j],
                            j + 1,
                            i + 1,
                            a[j][i]));
                }
            }
            if (!(a[i][i] > 0)) {
                throw new IllegalArgumentException("the matrix is not positive definite: row " + (i + 1) + " has "
                        + a[i][i] + " on the diagonal; expected a number above 0");
            }
        }
        return capacitive ? inCapacitors(a) : direct(a);
    }

    /** Unit diagonal, then as large as the ranges allow: the larger the faster. */
    private Held direct(double[][] a) {
        int n = a.length;
        double[] scaling = new double[n];
        Arrays.setAll(scaling, i -> Math.sqrt(a[i][i]));
        List<Channel> channels = card.channels(Role.PARAMETER);
        double scale = Double.POSITIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            scale = Math.min(scale, channels.get(i).max());
            for (int j = i + 1; j < n; j++) {
                Channel channel = channels.get(place(i, j));
                double entry = a[i][j] / scaling[i] / scaling[j];
                if (entry != 0) {
                    scale = Math.min(scale, (entry > 0 ? channel.max() : channel.min()) / entry);
                }
            }
        }
        scale *= WITHIN;
        double[] levels = new double[channels.size()];
        double[][] realised = new double[n][n];
        for (int i = 0; i < cells; i++) {
            levels[i] = code(channels.get(i), scale);
            for (int j = i + 1; j < cells && i < n; j++) {
                int k = place(i, j);
                levels[k] = j < n ? code(channels.get(k), scale * a[i][j] / scaling[i] / scaling[j]) : 0;
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                realised[i][j] =
                        levels[i == j ? i : place(Math.min(i, j), Math.max(i, j))] / scale * scaling[i] * scaling[j];
            }
        }
        return new Held(levels, scaling, scale, a, realised);
    }

    private Held inCapacitors(double[][] a) {
        int n = a.length;
        if (n != cells) {
            throw new IllegalArgumentException("board " + card.board() + " has " + cells
                    + " cells that are all joined; a " + "matrix of " + n + " rows does not fit: expected " + cells);
        }
        List<Channel> channels = card.channels(Role.PARAMETER);
        double[] wanted = new double[channels.size()];
        double largest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            wanted[i] = Arrays.stream(a[i]).sum();
            for (int j = i + 1; j < n; j++) {
                wanted[place(i, j)] = -a[i][j];
            }
        }
        for (int k = 0; k < wanted.length; k++) {
            if (wanted[k] < 0) {
                throw new IllegalArgumentException(
                        "board " + card.board() + " makes its matrix of capacitances, which are "
                                + "never negative; expected no positive number off the diagonal, and rows whose sum is above 0");
            }
            largest = wanted[k] > 0 ? Math.min(largest, channels.get(k).max() / wanted[k]) : largest;
        }
        Held best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int part = 1; part <= SCALES; part++) {
            double scale = largest * part / SCALES;
            double[] levels = new double[wanted.length];
            double miss = 0;
            for (int k = 0; k < levels.length; k++) {
                Channel channel = channels.get(k);
                levels[k] = code(channel, scale * wanted[k]);
                miss += (levels[k] / scale - wanted[k]) * (levels[k] / scale - wanted[k]);
            }
            // Of equals the largest scale, which comes last.
            if (miss <= least * (1 + 1e-9)) {
                least = miss;
                best = new Held(levels, ones(n), scale, a, maxwell(levels, scale));
            }
        }
        if (best == null) {
            throw new IllegalArgumentException("the matrix has no number above 0");
        }
        return best;
    }

    /** The nearest level that the channel has a code for; the last code may lie beyond the range by rounding. */
    private static double code(Channel channel, double level) {
        return Math.clamp(
                channel.scale().quantised(Math.clamp(level, channel.min(), channel.max())),
                channel.min(),
                channel.max());
    }

    private double[][] maxwell(double[] levels, double scale) {
        double[][] c = new double[cells][cells];
        for (int i = 0; i < cells; i++) {
            c[i][i] += levels[i] / scale;
            for (int j = i + 1; j < cells; j++) {
                double between = levels[place(i, j)] / scale;
                c[i][i] += between;
                c[j][j] += between;
                c[i][j] = -between;
                c[j][i] = -between;
            }
        }
        return c;
    }

    private static double[] ones(int count) {
        double[] ones = new double[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** Where the parameter of an element above the diagonal is. */
    private int place(int i, int j) {
        return cells + i * cells - i * (i + 1) / 2 + j - i - 1;
    }

    /** The matrix that the board really has, within its codes: what it answers for. */
    public double[][] realised(double[][] a) {
        return held(a).realised;
    }

    /** One exchange, its dwell made longer until it was long enough. */
    private Response answer(double[] levels, double[] input, int reads) {
        Stimulus asked = Stimulus.of(Levels.of(Role.PARAMETER, levels).and(Levels.of(Role.INPUT, input)));
        double dwell = card.settleSeconds();
        Response response = present(asked.settling(new Settling.Usual(reads)));
        for (int more = 0; response.quality().verdict() == Verdict.UNSETTLED && more < MOST_TRIES; more++) {
            dwell *= LONGER;
            response = present(asked.settling(new Settling.Dwell(dwell, reads)));
        }
        if (response.quality().verdict() == Verdict.UNSTABLE
                || response.quality().verdict() == Verdict.UNSETTLED) {
            throw new IllegalArgumentException("board " + card.board() + " has no answer: "
                    + response.quality().remark());
        }
        return response;
    }

    private Response present(Stimulus stimulus) {
        exchanges++;
        return device.present(stimulus, Deadline.in(limit));
    }

    /**
     * Solves {@code A x = b}.
     *
     * @param reads how many readings are averaged
     * @throws IllegalArgumentException if A is not symmetric and positive definite, or does not fit the device
     */
    public Vector solve(double[][] a, double[] b, int reads) {
        if (capacitive) {
            throw new IllegalArgumentException("board " + card.board()
                    + " solves no systems: what is fed into its cells flows off through their coils; invert with it");
        }
        if (b.length != a.length) {
            throw new IllegalArgumentException(
                    "the right-hand side has " + b.length + " numbers, the matrix " + a.length + " rows");
        }
        Held held = held(a);
        double[] input = new double[cells];
        double factor = Double.POSITIVE_INFINITY;
        for (int i = 0; i < b.length; i++) {
            input[i] = b[i] / held.scaling[i];
            Channel channel = card.channels(Role.INPUT).get(i);
            if (input[i] != 0) {
                factor = Math.min(factor, WITHIN * (input[i] > 0 ? channel.max() : channel.min()) / input[i]);
            }
        }
        Vector solved = new Vector(new double[b.length], new double[b.length]);
        if (Double.isInfinite(factor)) {
            return solved;
        }
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            double times = factor;
            Response response = answer(
                    held.levels,
                    Arrays.stream(input).map(level -> times * level).toArray(),
                    reads);
            if (response.quality().verdict() == Verdict.SETTLED) {
                double[] read = response.outputs(0);
                double[] errors = errors(response, Role.OUTPUT);
                for (int i = 0; i < b.length; i++) {
                    solved.values[i] = read[i] * held.scale / times / held.scaling[i];
                    solved.errors[i] = errors[i] * held.scale / times / held.scaling[i];
                }
                return solved;
            }
            factor *= SMALLER;
        }
        throw new IllegalArgumentException(
                "board " + card.board()
                        + " reads the end of its range however small the right-hand side is: the matrix is too nearly singular for it");
    }

    /**
     * The same, taking what is left over back to the board until it is small: each round adds about as many digits as one
     * solution has. (Iterative refinement; Wilkinson 1963. The residual is reckoned on the host.)
     */
    public Vector refined(double[][] a, double[] b, int reads, double tolerance) {
        Vector first = solve(a, b, reads);
        double[] x = first.values;
        double[] errors = first.errors;
        double size = norm(b);
        double[] left = residual(a, x, b);
        for (int round = 0; norm(left) > tolerance * size && round < MOST_TRIES; round++) {
            Vector more = solve(a, left, reads);
            double[] next = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                next[i] = x[i] + more.values[i];
            }
            double[] after = residual(a, next, b);
            if (norm(after) >= norm(left)) {
                // Heat on the soft modes: more readings next time.
                reads *= 4;
            } else {
                x = next;
                errors = more.errors;
                left = after;
            }
        }
        return new Vector(x, errors);
    }

    private static double[] residual(double[][] a, double[] x, double[] b) {
        double[] left = b.clone();
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j < x.length; j++) {
                left[i] -= a[i][j] * x[j];
            }
        }
        return left;
    }

    private static double norm(double[] x) {
        return Math.sqrt(Arrays.stream(x).map(value -> value * value).sum());
    }

    private static double[] errors(Response response, Role role) {
        return response.errors().has(role)
                ? response.errors().row(role)
                : new double[response.levels().size(role)];
    }

    /** The heat of the board, measured on a diagonal matrix as often as what it is needed for. */
    private double heat(int reads) {
        if (reads > heatReads) {
            if (!card.can(Ability.FORCES)) {
                throw new IllegalArgumentException("board " + card.board() + " does not tell its second moments");
            }
            List<Channel> channels = card.channels(Role.PARAMETER);
            double[] levels = new double[channels.size()];
            for (int k = 0; k < levels.length; k++) {
                Channel channel = channels.get(k);
                levels[k] = k < cells ? code(channel, 0.5 * (channel.min() + channel.max())) : 0;
            }
            double[] force = answer(levels, new double[cells], reads).levels().row(Role.FORCE);
            double sum = 0;
            for (int i = 0; i < cells; i++) {
                sum += 2 * force[i] * levels[i];
            }
            if (!(sum > 0)) {
                throw new IllegalArgumentException(
                        "board " + card.board() + " is cold: without heat its second moments tell nothing");
            }
            heat = sum / cells;
            heatReads = reads;
        }
        return heat;
    }

    /**
     * Inverts a matrix: the covariance in the heat bath is the heat times the inverse (arXiv 2308.05660; Melanson et al.,
     * arXiv 2312.04836). The error falls as the square root of the readings.
     *
     * @param reads how many readings make the covariance
     */
    public Matrix inverse(double[][] a, int reads) {
        Held held = held(a);
        double kT = heat(reads);
        Response response = answer(held.levels, new double[cells], reads);
        double[] force = response.levels().row(Role.FORCE);
        double[] doubt = errors(response, Role.FORCE);
        int n = a.length;
        Matrix inverse = new Matrix(new double[n][n], new double[n][n]);
        for (int i = 0; i < n; i++) {
            for (int j = i; j < n; j++) {
                int k = i == j ? i : place(i, j);
                double moment = i == j ? 2 * force[i] : capacitive ? force[i] + force[j] - force[k] : force[k];
                double off = i == j
                        ? 2 * doubt[i]
                        : capacitive ? Math.sqrt(square(doubt[i]) + square(doubt[j]) + square(doubt[k])) : doubt[k];
                double factor = held.scale / kT / held.scaling[i] / held.scaling[j];
                inverse.values[i][j] = inverse.values[j][i] = factor * moment;
                inverse.errors[i][j] = inverse.errors[j][i] = factor * off;
            }
        }
        return inverse;
    }

    private static double square(double x) {
        return x * x;
    }

    /**
     * The logarithm of a determinant, by thermodynamic integration: with {@code A(t) = D + t (A - D)} and D the diagonal of
     * A, {@code d/dt ln det A(t) = sum of (A(t)^-1)_ij A_ij over i != j}, which the board's second moments give at each t
     * (arXiv 2308.05660 takes the determinant from a difference of free energies, which this is).
     *
     * @param reads how many readings at each of the points of the integral
     */
    public Scalar logDeterminant(double[][] a, int reads) {
        held(a);
        int n = a.length;
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.log(a[i][i]);
        }
        if (n == 1) {
            return new Scalar(sum, 0);
        }
        GaussIntegrator integral = new GaussIntegratorFactory().legendre(POINTS, 0, 1);
        double variance = 0;
        for (int point = 0; point < POINTS; point++) {
            double t = integral.getPoint(point);
            double[][] at = new double[n][n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    at[i][j] = i == j ? a[i][i] : t * a[i][j];
                }
            }
            Matrix inverse = inverse(at, reads);
            for (int i = 0; i < n; i++) {
                for (int j = i + 1; j < n; j++) {
                    sum += integral.getWeight(point) * 2 * inverse.values[i][j] * a[i][j];
                    variance += square(integral.getWeight(point) * 2 * inverse.errors[i][j] * a[i][j]);
                }
            }
        }
        return new Scalar(sum, Math.sqrt(variance));
    }

    /**
     * Draws from the Gaussian of precision A and mean {@code A^-1 b}: the posterior of a linear model with Gaussian noise
     * and prior (arXiv 2410.01793). Each draw is one exchange, after the board ran for its settling time.
     */
    public double[][] draws(double[][] a, double[] b, int count, int calibrationReads) {
        if (capacitive && Arrays.stream(b).anyMatch(x -> x != 0)) {
            throw new IllegalArgumentException(
                    "board " + card.board() + " draws around 0 only: what is fed into its cells flows off");
        }
        Held held = held(a);
        double kT = heat(calibrationReads);
        double factor = Math.sqrt(held.scale / kT);
        double[] input = new double[cells];
        for (int i = 0; i < b.length; i++) {
            input[i] = b[i] / held.scaling[i] * Math.sqrt(held.scale * kT);
        }
        List<double[]> rows = new ArrayList<>();
        for (int draw = 0; draw < count; draw++) {
            Response response = answer(held.levels, input, 1);
            if (response.quality().verdict() != Verdict.SETTLED) {
                throw new IllegalArgumentException("board " + card.board() + " cannot draw this: "
                        + response.quality().remark());
            }
            double[] read = response.outputs(0);
            double[] row = new double[a.length];
            Arrays.setAll(row, i -> read[i] * factor / held.scaling[i]);
            rows.add(row);
        }
        return rows.toArray(double[][]::new);
    }
}
