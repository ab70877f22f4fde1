package org.homeostat.physics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A layered network whose weights differ from one direction to the other (arXiv 2006.03824, vector-field case):
 *
 * <pre>   s_l rests at  W_l' s_(l-1) + V_(l+1) s_(l+1) + b_l,   s_0 = x,</pre>
 *
 * hidden units confined to [0, 1], output units free. With V different from W no energy is behind it: {@link #energy} is
 * not a number, settling may go round and round and is then reported as not at rest, and what equilibrium propagation finds
 * is no gradient. Both weights of a pair get the same "force" {@code - s_(l-1) s_l}: learned with weight decay they grow
 * alike (aligned updates), and then it comes near one.
 *
 * <p>State: hidden layers in order, then the outputs. Parameters: as in a {@link HopfieldNetwork} with W_l on the way
 * forward; then, for each layer after the first hidden one, the weights V_l on the way back in the same order.
 */
public final class VectorField implements Physics {

    private final int[] sizes;
    private final int[] forward;
    private final int[] backward;
    private final int parameters;
    private final Layers layers;

    /**
     * @param sizes the number of units of the input, of each hidden layer, and of the output
     */
    public VectorField(int... sizes) {
        Layers.require(sizes);
        this.sizes = sizes.clone();
        forward = new int[sizes.length];
        backward = new int[sizes.length];
        int parameter = 0;
        for (int layer = 1; layer < sizes.length; layer++) {
            forward[layer] = parameter;
            parameter += (sizes[layer - 1] + 1) * sizes[layer];
        }
        for (int layer = 2; layer < sizes.length; layer++) {
            backward[layer] = parameter;
            parameter += sizes[layer - 1] * sizes[layer];
        }
        parameters = parameter;
        layers = new Layers(sizes, forward, backward, false);
    }

    /** The index of the weight from unit {@code from} of the layer before to unit {@code to} of {@code layer}. */
    public int weight(int layer, int from, int to) {
        return forward[layer] + from * sizes[layer] + to;
    }

    /** The index of the weight back from unit {@code to} of {@code layer}, 2 or more, to unit {@code from} of the layer before. */
    public int back(int layer, int from, int to) {
        return backward[layer] + from * sizes[layer] + to;
    }

    /** The index of the bias of a unit. */
    public int bias(int layer, int unit) {
        return forward[layer] + sizes[layer - 1] * sizes[layer] + unit;
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

    /** Not a number: there is no energy. */
    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        return Double.NaN;
    }

    /** The products that stand for forces: {@code - s_(l-1) s_l} for both weights of a pair, {@code - s} for a bias. */
    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        Arrays.fill(forces, 0);
        addForces(theta, drive, state, 1, forces);
    }

    @Override
    public void addForces(double[] theta, Drive drive, double[] state, double part, double[] sum) {
        layers.addForces(drive.input(), state, part, sum);
        layers.addBackwardForces(drive.input(), state, part, sum);
    }

    /** Moves one layer after the other to where it rests as long as its neighbours stay, until nothing moves. */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        Layers.require(drive);
        Rest rest = layers.settle(theta, drive.input(), state, tolerance, Layers.Top.of(drive));
        return rest.settled() || Double.isInfinite(rest.residual())
                ? rest
                : new Rest(
                        rest.sweeps(),
                        rest.residual(),
                        rest.ending(),
                        "the network goes round and round, as one without an energy may; make the weights of both "
                                + "directions more alike or weaker");
    }
}
