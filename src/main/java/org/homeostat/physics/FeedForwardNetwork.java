package org.homeostat.physics;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A digital layered network, as a machine to be taught: tanh in the hidden layers, no function in the last. What it computes
 * is where the energy
 *
 * <pre>   E = sum over layers |s_l - f_l(W_l s_(l-1) + b_l)|^2 / 2</pre>
 *
 * is 0. A signal goes forward only, so that it realises no nudge; whoever teaches it computes gradients on a model.
 *
 * <p>State: the hidden units layer by layer, then the outputs. Parameters, layer by layer: the weights row by row (one row a
 * unit of the layer itself), then the biases.
 */
public final class FeedForwardNetwork implements Physics {

    private final int[] layers;

    /**
     * @param layers the size of each layer, input first, output last
     */
    public FeedForwardNetwork(int... layers) {
        if (layers.length < 2 || Arrays.stream(layers).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    "a network has two layers or more of one unit or more, not " + Arrays.toString(layers));
        }
        this.layers = layers.clone();
    }

    @Override
    public int inputs() {
        return layers[0];
    }

    @Override
    public int states() {
        return Arrays.stream(layers).skip(1).sum();
    }

    @Override
    public int parameters() {
        int count = 0;
        for (int l = 1; l < layers.length; l++) {
            count += layers[l] * (layers[l - 1] + 1);
        }
        return count;
    }

    @Override
    public int[] outputs() {
        int[] outputs = new int[layers[layers.length - 1]];
        Arrays.setAll(outputs, k -> states() - outputs.length + k);
        return outputs;
    }

    @Override
    public void begin(double[] state, RandomGenerator chance) {
        Arrays.fill(state, 0);
    }

    /** What each unit is sent, given what the layer before it shows. */
    private double[] sent(double[] theta, double[] input, double[] state) {
        double[] sent = new double[state.length];
        int k = 0;
        int first = 0;
        for (int l = 1; l < layers.length; l++) {
            int before = l == 1 ? 0 : first - layers[l - 1];
            double[] source = l == 1 ? input : state;
            int biases = k + layers[l] * layers[l - 1];
            for (int unit = 0; unit < layers[l]; unit++) {
                double sum = theta[biases + unit];
                for (int i = 0; i < layers[l - 1]; i++) {
                    sum += theta[k++] * source[before + i];
                }
                sent[first + unit] = l < layers.length - 1 ? Math.tanh(sum) : sum;
            }
            k = biases + layers[l];
            first += layers[l];
        }
        return sent;
    }

    private static void requireAlone(Drive drive) {
        for (double current : drive.current()) {
            if (current != 0) {
                throw new IllegalArgumentException("a forward network cannot be nudged: nothing flows back");
            }
        }
        if (drive.stiffness() != 0 || drive.clamp() != null) {
            throw new IllegalArgumentException("a forward network cannot be nudged: nothing flows back");
        }
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        requireAlone(drive);
        double[] sent = sent(theta, drive.input(), state);
        double energy = 0;
        for (int i = 0; i < state.length; i++) {
            energy += 0.5 * (state[i] - sent[i]) * (state[i] - sent[i]);
        }
        return energy;
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        double[] sent = sent(theta, drive.input(), state);
        int k = 0;
        int first = 0;
        for (int l = 1; l < layers.length; l++) {
            int before = l == 1 ? 0 : first - layers[l - 1];
            double[] source = l == 1 ? drive.input() : state;
            int biases = k + layers[l] * layers[l - 1];
            for (int unit = 0; unit < layers[l]; unit++) {
                double f = sent[first + unit];
                double slope = l < layers.length - 1 ? 1 - f * f : 1;
                double force = (f - state[first + unit]) * slope;
                for (int i = 0; i < layers[l - 1]; i++) {
                    forces[k++] = force * source[before + i];
                }
                forces[biases + unit] = force;
            }
            k = biases + layers[l];
            first += layers[l];
        }
    }

    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        requireAlone(drive);
        // One pass a layer: each sees the layer before it as it has become.
        for (int l = 1; l < layers.length; l++) {
            System.arraycopy(sent(theta, drive.input(), state), 0, state, 0, state.length);
        }
        return new Rest(layers.length - 1, 0, true);
    }
}
