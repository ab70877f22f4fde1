package org.homeostat.physics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A layered continuous Hopfield network (arXiv 2205.15021; 2103.09985, section 3):
 *
 * <pre>   E(theta, x, s) = sum_l |s_l|^2 / 2 - sum_l s_(l-1)' W_l s_l - sum_l b_l' s_l,   s_0 = x,</pre>
 *
 * hidden units confined to [0, 1], output units free. State: hidden layers in order, then the outputs. Parameters: for
 * each layer after the input its weights W_l, row by row (one row a unit of the layer before), then its biases b_l.
 */
public final class HopfieldNetwork implements Physics {

    private final int[] sizes;
    private final int[] weightStart;
    private final int parameters;
    private final Layers layers;

    /**
     * @param sizes the number of units of the input, of each hidden layer, and of the output
     */
    public HopfieldNetwork(int... sizes) {
        Layers.require(sizes);
        this.sizes = sizes.clone();
        weightStart = new int[sizes.length];
        int parameter = 0;
        for (int layer = 1; layer < sizes.length; layer++) {
            weightStart[layer] = parameter;
            parameter += (sizes[layer - 1] + 1) * sizes[layer];
        }
        parameters = parameter;
        layers = new Layers(sizes, weightStart, weightStart, false);
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
        return layers.stateStart(layer) + unit;
    }

    @Override
    public int inputs() {
        return sizes[0];
    }

    @Override
    public int states() {
        return layers.states();
    }

    @Override
    public int parameters() {
        return parameters;
    }

    @Override
    public int[] outputs() {
        return IntStream.range(layers.stateStart(sizes.length - 1), layers.states())
                .toArray();
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        return drive.nudgeEnergy(state, outputs()) + layers.energy(theta, drive.input(), state);
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        Arrays.fill(forces, 0);
        addForces(theta, drive, state, 1, forces);
    }

    @Override
    public void addForces(double[] theta, Drive drive, double[] state, double part, double[] sum) {
        layers.addForces(drive.input(), state, part, sum);
    }

    /** Exact minimisation of one layer after the other, odd layers first, then even ones. */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        Layers.require(drive);
        return layers.settle(theta, drive.input(), state, tolerance, Layers.Top.of(drive));
    }
}
