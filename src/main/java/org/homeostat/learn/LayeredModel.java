package org.homeostat.learn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Role;

/**
 * A learner's own idea of a layered network: tanh in the hidden layers, no function in the last. It knows the outputs'
 * slopes over the parameters, which a device that only computes forward cannot tell.
 *
 * <p>Parameters, layer by layer: the weights row by row (one row a unit of the layer itself), then the biases.
 */
final class LayeredModel {

    private final int[] layers;

    LayeredModel(int... layers) {
        this.layers = layers.clone();
    }

    /**
     * The model of a device whose parameters are named {@code w1.1 ..}, {@code b1.1 ..}, {@code w2.1 ..} and so on.
     *
     * @throws IllegalArgumentException if they are not
     */
    static LayeredModel of(Descriptor card) {
        List<Channel> channels = card.channels(Role.PARAMETER);
        List<Integer> sizes = new ArrayList<>(List.of(card.count(Role.INPUT)));
        int at = 0;
        while (at < channels.size()) {
            String layer = String.valueOf(sizes.size());
            int weights = run(channels, at, "w" + layer);
            int units = run(channels, at + weights, "b" + layer);
            if (units == 0 || weights != units * sizes.getLast()) {
                throw new IllegalArgumentException(
                        "board " + card.board() + ": its parameters are not those of a layered "
                                + "network (w1.1 .., b1.1 .., w2.1 ..), of which the learner would know the slopes; teach "
                                + "twin:digital-network with it");
            }
            sizes.add(units);
            at += weights + units;
        }
        if (sizes.size() < 2 || sizes.getLast() != card.count(Role.OUTPUT)) {
            throw new IllegalArgumentException("board " + card.board() + ": its last layer has " + sizes.getLast()
                    + " units for " + card.count(Role.OUTPUT) + " outputs, so that it is no layered network");
        }
        return new LayeredModel(sizes.stream().mapToInt(Integer::intValue).toArray());
    }

    private static int run(List<Channel> channels, int from, String stem) {
        int to = from;
        while (to < channels.size() && channels.get(to).stem().equals(stem)) {
            to++;
        }
        return to - from;
    }

    int parameters() {
        int count = 0;
        for (int l = 1; l < layers.length; l++) {
            count += layers[l] * (layers[l - 1] + 1);
        }
        return count;
    }

    /** What every layer shows, the input first. */
    double[][] shown(double[] theta, double[] input) {
        double[][] shown = new double[layers.length][];
        shown[0] = input;
        int k = 0;
        for (int l = 1; l < layers.length; l++) {
            int biases = k + layers[l] * layers[l - 1];
            shown[l] = new double[layers[l]];
            for (int unit = 0; unit < layers[l]; unit++) {
                double sum = theta[biases + unit];
                for (int i = 0; i < layers[l - 1]; i++) {
                    sum += theta[k++] * shown[l - 1][i];
                }
                shown[l][unit] = l < layers.length - 1 ? Math.tanh(sum) : sum;
            }
            k = biases + layers[l];
        }
        return shown;
    }

    /** The slope of each output over each parameter: one row an output. Back through the layers once for each. */
    double[][] jacobian(double[] theta, double[][] shown) {
        int last = layers.length - 1;
        double[][] jacobian = new double[layers[last]][theta.length];
        for (int output = 0; output < layers[last]; output++) {
            double[] back = new double[layers[last]];
            back[output] = 1;
            int end = theta.length;
            for (int l = last; l >= 1; l--) {
                int before = layers[l - 1];
                int biases = end - layers[l];
                int weights = biases - layers[l] * before;
                double[] further = new double[before];
                for (int unit = 0; unit < layers[l]; unit++) {
                    double slope = back[unit] * (l == last ? 1 : 1 - shown[l][unit] * shown[l][unit]);
                    jacobian[output][biases + unit] = slope;
                    if (slope != 0) {
                        for (int i = 0; i < before; i++) {
                            jacobian[output][weights + unit * before + i] = slope * shown[l - 1][i];
                            further[i] += slope * theta[weights + unit * before + i];
                        }
                    }
                }
                back = further;
                end = weights;
            }
        }
        return jacobian;
    }

    @Override
    public String toString() {
        return "a network of " + Arrays.toString(layers);
    }
}
