package org.homeostat.physics;

import java.util.Arrays;

/**
 * A layered continuous Hopfield network (arXiv 2205.15021; 2103.09985, section 3):
 *
 * <pre>   E(theta, x, s) = sum_l |s_l|^2 / 2 - sum_l s_(l-1)' W_l s_l - sum_l b_l' s_l,   s_0 = x,</pre>
 *
 * hidden units confined to [0, 1], output units free. State: hidden layers in order, then the outputs. Parameters: for
 * each layer after the input its weights W_l, row by row (one row a unit of the layer before), then its biases b_l.
 */
public final class HopfieldNetwork implements Physics {

    private static final int MOST_SWEEPS = 100_000;

    /** An output beyond this will never come back: the couplings are stronger than the units' own stiffness. */
    private static final double RUNAWAY = 1e12;

    private final int[] sizes;
    private final int[] stateStart;
    private final int[] weightStart;
    private final int states;
    private final int parameters;

    /**
     * @param sizes the number of units of the input, of each hidden layer, and of the output
     */
    public HopfieldNetwork(int... sizes) {
        if (sizes.length < 2 || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    "expected at least an input and an output layer of one unit each, not " + Arrays.toString(sizes));
        }
        this.sizes = sizes.clone();
        stateStart = new int[sizes.length];
        weightStart = new int[sizes.length];
        int state = 0;
        int parameter = 0;
        for (int layer = 1; layer < sizes.length; layer++) {
            stateStart[layer] = state;
            weightStart[layer] = parameter;
            state += sizes[layer];
            parameter += (sizes[layer - 1] + 1) * sizes[layer];
        }
        states = state;
        parameters = parameter;
    }

    /** The index of the weight between unit {@code from} of the layer before and unit {@code to} of {@code layer}. */
    public int weight(int layer, int from, int to) {
        return weightStart[layer] + from * sizes[layer] + to;
    }

    /** The index of the bias of a unit. */
    public int bias(int layer, int unit) {
        return weightStart[layer] + sizes[layer - 1] * sizes[layer] + unit;
    }

    /** The index of a unit in the state. */
    public int unit(int layer, int unit) {
        return stateStart[layer] + unit;
    }

    @Override
    public int inputs() {
        return sizes[0];
    }

    @Override
    public int states() {
        return states;
    }

    @Override
    public int parameters() {
        return parameters;
    }

    @Override
    public int[] outputs() {
        int last = sizes.length - 1;
        int[] outputs = new int[sizes[last]];
        Arrays.setAll(outputs, k -> stateStart[last] + k);
        return outputs;
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        double energy = drive.nudgeEnergy(state, outputs());
        for (double s : state) {
            energy += 0.5 * s * s;
        }
        for (int layer = 1; layer < sizes.length; layer++) {
            for (int to = 0; to < sizes[layer]; to++) {
                double drift = theta[bias(layer, to)];
                for (int from = 0; from < sizes[layer - 1]; from++) {
                    drift += theta[weight(layer, from, to)] * before(layer, from, drive, state);
                }
                energy -= drift * state[stateStart[layer] + to];
            }
        }
        return energy;
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        for (int layer = 1; layer < sizes.length; layer++) {
            for (int to = 0; to < sizes[layer]; to++) {
                double s = state[stateStart[layer] + to];
                forces[bias(layer, to)] = -s;
                for (int from = 0; from < sizes[layer - 1]; from++) {
                    forces[weight(layer, from, to)] = -before(layer, from, drive, state) * s;
                }
            }
        }
    }

    private double before(int layer, int unit, Drive drive, double[] state) {
        return layer == 1 ? drive.input()[unit] : state[stateStart[layer - 1] + unit];
    }

    /** Exact minimisation of one layer after the other, odd layers first, then even ones. */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        int last = sizes.length - 1;
        if (!(1 + drive.stiffness() > 0)) {
            throw new IllegalArgumentException("a nudge of strength " + drive.stiffness()
                    + " makes the outputs unstable: expected a strength above -1");
        }
        double[] inputDrive = new double[sizes[1]];
        for (int to = 0; to < sizes[1]; to++) {
            inputDrive[to] = theta[bias(1, to)];
        }
        for (int from = 0; from < sizes[0]; from++) {
            double x = drive.input()[from];
            for (int to = 0; to < sizes[1]; to++) {
                inputDrive[to] += x * theta[weight(1, from, to)];
            }
        }
        int sweeps = 0;
        double residual = Double.POSITIVE_INFINITY;
        while (residual > tolerance && sweeps < MOST_SWEEPS) {
            residual = 0;
            for (int parity = 1; parity >= 0; parity--) {
                for (int layer = 2 - parity; layer <= last; layer += 2) {
                    residual = Math.max(residual, relaxLayer(layer, theta, drive, inputDrive, state));
                }
            }
            sweeps++;
            if (Math.abs(state[stateStart[last]]) > RUNAWAY) {
                return new Rest(sweeps, Double.POSITIVE_INFINITY, false);
            }
        }
        return new Rest(sweeps, residual, residual <= tolerance);
    }

    private double relaxLayer(int layer, double[] theta, Drive drive, double[] inputDrive, double[] state) {
        int last = sizes.length - 1;
        double residual = 0;
        for (int unit = 0; unit < sizes[layer]; unit++) {
            double drift;
            if (layer == 1) {
                drift = inputDrive[unit];
            } else {
                drift = theta[bias(layer, unit)];
                for (int from = 0; from < sizes[layer - 1]; from++) {
                    drift += theta[weight(layer, from, unit)] * state[stateStart[layer - 1] + from];
                }
            }
            double stiffness = 1;
            if (layer < last) {
                for (int to = 0; to < sizes[layer + 1]; to++) {
                    drift += theta[weight(layer + 1, unit, to)] * state[stateStart[layer + 1] + to];
                }
            } else {
                drift += drive.current()[unit] + drive.stiffness() * drive.target()[unit];
                stiffness += drive.stiffness();
            }
            double rest = drift / stiffness;
            double s = layer < last ? Math.clamp(rest, 0, 1) : rest;
            int index = stateStart[layer] + unit;
            // Units live on the scale of 1, so that a unit near rest at 0 is judged by the same measure.
            residual = Math.max(residual, stiffness * Math.abs(s - state[index]) / (1 + Math.abs(drift)));
            state[index] = s;
        }
        return residual;
    }
}
