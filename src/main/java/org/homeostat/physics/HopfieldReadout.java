package org.homeostat.physics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A layered Hopfield network that is read through a linear readout (arXiv 2006.03824, cross-entropy case). All layers of
 * the network are hidden, confined to [0, 1], and have the energy E of a {@link HopfieldNetwork}; the outputs are logits
 *
 * <pre>   o = W_out' s_N + b_out</pre>
 *
 * of the last layer, which send nothing back: free, the network does not feel its readout. A constant force f on the logits
 * adds {@code - f' o} to the energy, and so acts on the last layer as the drive {@code W_out f} and on the readout's own
 * weights as {@code - s_N f'}. With f = -+ beta (y_hat - y), differencing those two is {@code (y_hat - y)} times the mean of
 * s_N: the readout learns by its own gradient, as in the paper.
 *
 * <p>A spring on the logits, or a clamp, would tie the units of the last layer to each other; both are refused.
 *
 * <p>State: hidden layers in order, then the logits. Parameters: for each layer after the input, the readout last, its
 * weights row by row (one row a unit of the layer before), then its biases.
 */
public final class HopfieldReadout implements Physics {

    private final int[] sizes;
    private final int[] weightStart;
    private final int parameters;
    private final Layers layers;

    /** The readout as the last of all layers: the same places in state and parameters. */
    private final Layers whole;

    /**
     * @param sizes the number of units of the input, of each hidden layer (one at least), and of the readout
     */
    public HopfieldReadout(int... sizes) {
        Layers.require(sizes);
        if (sizes.length < 3) {
            throw new IllegalArgumentException(
                    "a readout needs a hidden layer to be read from: expected three sizes at least, not "
                            + Arrays.toString(sizes));
        }
        this.sizes = sizes.clone();
        weightStart = new int[sizes.length];
        int parameter = 0;
        for (int layer = 1; layer < sizes.length; layer++) {
            weightStart[layer] = parameter;
            parameter += (sizes[layer - 1] + 1) * sizes[layer];
        }
        parameters = parameter;
        layers = new Layers(
                Arrays.copyOf(sizes, sizes.length - 1),
                Arrays.copyOf(weightStart, sizes.length - 1),
                Arrays.copyOf(weightStart, sizes.length - 1),
                true);
        whole = new Layers(sizes, weightStart, weightStart, true);
    }

    /** The index of the weight between unit {@code from} of the layer before and unit {@code to} of {@code layer}. */
    public int weight(int layer, int from, int to) {
        return weightStart[layer] + from * sizes[layer] + to;
    }

    /** The index of the bias of a unit or logit. */
    public int bias(int layer, int unit) {
        return weightStart[layer] + sizes[layer - 1] * sizes[layer] + unit;
    }

    @Override
    public int inputs() {
        return sizes[0];
    }

    @Override
    public int states() {
        return whole.states();
    }

    @Override
    public int parameters() {
        return parameters;
    }

    @Override
    public int[] outputs() {
        return IntStream.range(layers.states(), whole.states()).toArray();
    }

    private double[] logits(double[] theta, double[] state) {
        double[] logits = new double[sizes[sizes.length - 1]];
        whole.drive(sizes.length - 1, theta, state, whole.stateStart(sizes.length - 2), logits);
        return logits;
    }

    /** The energy of the hidden layers with the logits that they make; the logits in {@code state} do not count. */
    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        return drive.nudgeEnergy(logits(theta, state)) + layers.energy(theta, drive.input(), state);
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        Arrays.fill(forces, 0);
        addForces(theta, drive, state, 1, forces);
    }

    @Override
    public void addForces(double[] theta, Drive drive, double[] state, double part, double[] sum) {
        layers.addForces(drive.input(), state, part, sum);
        int last = sizes.length - 1;
        for (int to = 0; to < sizes[last]; to++) {
            double push = part * drive.current()[to];
            sum[bias(last, to)] -= push;
            for (int from = 0; push != 0 && from < sizes[last - 1]; from++) {
                sum[weight(last, from, to)] -= push * state[whole.stateStart(last - 1) + from];
            }
        }
    }

    /**
     * Exact minimisation of one layer after the other, odd layers first, then even ones.
     *
     * @throws IllegalArgumentException if the logits are coupled or clamped; nothing was moved
     */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        if (drive.stiffness() != 0 || drive.clamp() != null) {
            throw new IllegalArgumentException(
                    "a readout can be nudged by a force on its logits alone, not by a spring or a clamp");
        }
        int last = sizes.length - 1;
        double[] push = new double[sizes[last - 1]];
        for (int from = 0; from < push.length; from++) {
            for (int to = 0; to < sizes[last]; to++) {
                push[from] += theta[weight(last, from, to)] * drive.current()[to];
            }
        }
        Rest rest = layers.settle(
                theta, drive.input(), state, tolerance, new Layers.Top(push, 0, new double[push.length], null));
        double[] logits = logits(theta, state);
        System.arraycopy(logits, 0, state, layers.states(), logits.length);
        return rest;
    }
}
