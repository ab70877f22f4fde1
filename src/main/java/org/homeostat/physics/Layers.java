package org.homeostat.physics;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Layers of units, each of which adds up what reaches it from the layers on both sides; they are brought to rest a whole
 * layer at a time, which is exact because the units of a layer do not touch each other. What reaches the first layer from
 * the input is worked out once, as neither changes meanwhile.
 *
 * <p>Weights of a layer lie row by row, one row a unit of the layer before, so that every inner loop runs along memory.
 */
final class Layers {

    /** A network still moving after so many sweeps is in a cycle, or at the edge of one. */
    private static final int MOST_SWEEPS = 100_000;

    /** A unit beyond this will never come back: the couplings are stronger than the units' own stiffness. */
    private static final double RUNAWAY = 1e12;

    /** From here on a sum is split in four, so that it need not wait for itself. */
    private static final int LONG = 32;

    private final int[] sizes;
    private final int[] stateStart;
    private final int[] forward;
    private final int[] backward;
    private final boolean bounded;
    private final int widest;

    /**
     * @param sizes the number of units of the input and of each layer
     * @param forward where the weights that reach each layer from the one before begin in the parameters, followed by its
     *     biases; the first entry is not used
     * @param backward where the weights that reach the layer before from each layer begin, in the same order; the first two
     *     entries are not used
     * @param bounded true if the units of the last layer are confined to [0, 1] like all others, false if they are free
     */
    Layers(int[] sizes, int[] forward, int[] backward, boolean bounded) {
        this.sizes = sizes.clone();
        this.forward = forward.clone();
        this.backward = backward.clone();
        this.bounded = bounded;
        stateStart = new int[sizes.length];
        for (int layer = 2; layer < sizes.length; layer++) {
            stateStart[layer] = stateStart[layer - 1] + sizes[layer - 1];
        }
        widest = Arrays.stream(sizes).skip(1).max().orElse(0);
    }

    /**
     * What acts on the last layer from outside.
     *
     * @param push a constant force on each unit
     * @param stiffness the strength of a spring between each unit and its target
     * @param target where the springs pull
     * @param clamp where the units are held; null where they are free
     */
    record Top(double[] push, double stiffness, double[] target, double @Nullable [] clamp) {

        /** The drive as it is. */
        static Top of(Drive drive) {
            return new Top(drive.current(), drive.stiffness(), drive.target(), drive.clamp());
        }
    }

    /** Refuses sizes that make no network. */
    static void require(int[] sizes) {
        if (sizes.length < 2 || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    "expected at least an input and an output layer of one unit each, not " + Arrays.toString(sizes));
        }
    }

    /** Refuses a nudge that pushes the free outputs away more strongly than they are tied. */
    static void require(Drive drive) {
        if (!(1 + drive.stiffness() > 0)) {
            throw new IllegalArgumentException("a nudge of strength " + drive.stiffness()
                    + " makes the outputs unstable: expected a strength above -1");
        }
    }

    /** Relaxes every layer in turn, odd layers first, then even ones, until nothing moves. */
    Rest settle(double[] theta, double[] input, double[] state, double tolerance, Top top) {
        int last = sizes.length - 1;
        double[] fromInput = new double[sizes[1]];
        drive(1, theta, input, 0, fromInput);
        double[] drift = new double[widest];
        double[] clamp = top.clamp;
        if (clamp != null) {
            System.arraycopy(clamp, 0, state, stateStart[last], clamp.length);
        }
        int moving = clamp == null ? last : last - 1;
        int sweeps = 0;
        double residual = Double.POSITIVE_INFINITY;
        while (residual > tolerance && sweeps < MOST_SWEEPS) {
            residual = 0;
            for (int parity = 1; parity >= 0; parity--) {
                for (int layer = 2 - parity; layer <= moving; layer += 2) {
                    if (layer == 1) {
                        System.arraycopy(fromInput, 0, drift, 0, sizes[1]);
                    } else {
                        drive(layer, theta, state, stateStart[layer - 1], drift);
                    }
                    residual = Math.max(residual, relax(layer, theta, state, drift, top));
                }
            }
            sweeps++;
            if (!(Math.abs(state[stateStart[last]]) <= RUNAWAY)) {
                return new Rest(sweeps, Double.POSITIVE_INFINITY, false);
            }
        }
        return new Rest(sweeps, residual, residual <= tolerance);
    }

    /** Writes what reaches a layer from its biases and from the layer before. */
    void drive(int layer, double[] theta, double[] below, int belowStart, double[] drift) {
        int width = sizes[layer];
        int weights = forward[layer];
        System.arraycopy(theta, weights + sizes[layer - 1] * width, drift, 0, width);
        for (int from = 0; from < sizes[layer - 1]; from++) {
            double s = below[belowStart + from];
            // Most pixels of a picture and many units are at 0.
            if (s != 0) {
                int row = weights + from * width;
                for (int to = 0; to < width; to++) {
                    drift[to] += s * theta[row + to];
                }
            }
        }
    }

    private double relax(int layer, double[] theta, double[] state, double[] drift, Top top) {
        int last = sizes.length - 1;
        int start = stateStart[layer];
        double stiffness = 1;
        if (layer < last) {
            int above = sizes[layer + 1];
            for (int unit = 0; unit < sizes[layer]; unit++) {
                drift[unit] = along(
                        theta, backward[layer + 1] + unit * above, state, stateStart[layer + 1], above, drift[unit]);
            }
        } else {
            stiffness += top.stiffness;
            for (int unit = 0; unit < sizes[layer]; unit++) {
                drift[unit] += top.push[unit] + top.stiffness * top.target[unit];
            }
        }
        boolean box = bounded || layer < last;
        double residual = 0;
        for (int unit = 0; unit < sizes[layer]; unit++) {
            double rest = drift[unit] / stiffness;
            double s = box ? Math.min(1, Math.max(0, rest)) : rest;
            // Units live on the scale of 1, so that a unit near rest at 0 is judged by the same measure.
            residual = Math.max(residual, stiffness * Math.abs(s - state[start + unit]) / (1 + Math.abs(drift[unit])));
            state[start + unit] = s;
        }
        return residual;
    }

    private static double along(double[] a, int i, double[] b, int j, int length, double before) {
        double sum = before;
        int k = 0;
        if (length >= LONG) {
            double second = 0;
            double third = 0;
            double fourth = 0;
            for (; k < length - 3; k += 4) {
                sum += a[i + k] * b[j + k];
                second += a[i + k + 1] * b[j + k + 1];
                third += a[i + k + 2] * b[j + k + 2];
                fourth += a[i + k + 3] * b[j + k + 3];
            }
            sum += second + (third + fourth);
        }
        for (; k < length; k++) {
            sum += a[i + k] * b[j + k];
        }
        return sum;
    }

    /** What the units' own stiffness and the weights on the way forward hold: |s|^2 / 2 - sum s_before' W s - sum b' s. */
    double energy(double[] theta, double[] input, double[] state) {
        double energy = 0;
        double[] drift = new double[widest];
        for (int layer = 1; layer < sizes.length; layer++) {
            drive(layer, theta, layer == 1 ? input : state, layer == 1 ? 0 : stateStart[layer - 1], drift);
            for (int unit = 0; unit < sizes[layer]; unit++) {
                double s = state[stateStart[layer] + unit];
                energy += (0.5 * s - drift[unit]) * s;
            }
        }
        return energy;
    }

    /** Adds a part of the forces on the weights and biases that reach each layer: - s_before s, - s. */
    void addForces(double[] input, double[] state, double part, double[] sum) {
        for (int layer = 1; layer < sizes.length; layer++) {
            int width = sizes[layer];
            int biases = forward[layer] + sizes[layer - 1] * width;
            for (int to = 0; to < width; to++) {
                sum[biases + to] -= part * state[stateStart[layer] + to];
            }
            addProducts(layer, forward[layer], input, state, part, sum);
        }
    }

    /** Adds a part of the forces on the weights that reach the layer before from each layer. */
    void addBackwardForces(double[] input, double[] state, double part, double[] sum) {
        for (int layer = 2; layer < sizes.length; layer++) {
            addProducts(layer, backward[layer], input, state, part, sum);
        }
    }

    private void addProducts(int layer, int weights, double[] input, double[] state, double part, double[] sum) {
        int width = sizes[layer];
        int start = stateStart[layer];
        for (int from = 0; from < sizes[layer - 1]; from++) {
            double s = part * (layer == 1 ? input[from] : state[stateStart[layer - 1] + from]);
            if (s != 0) {
                int row = weights + from * width;
                for (int to = 0; to < width; to++) {
                    sum[row + to] -= s * state[start + to];
                }
            }
        }
    }

    /** The number of units of all layers. */
    int states() {
        return stateStart[sizes.length - 1] + sizes[sizes.length - 1];
    }

    /** Where the units of a layer begin in the state. */
    int stateStart(int layer) {
        return stateStart[layer];
    }
}
