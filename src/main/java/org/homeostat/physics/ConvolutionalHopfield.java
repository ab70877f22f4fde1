package org.homeostat.physics;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A convolutional Hopfield network (arXiv 2312.15103, 2006.03824):
 *
 * <pre>   E = sum_l |s_l|^2 / 2 - sum_l s_l . pool(s_(l-1) * K_l) - sum_l b_l . s_l - o' (W' s_N + b) + |o|^2 / 2,   s_0 = x,</pre>
 *
 * with {@code *} the correlation with the kernels where they fit in whole, pool the mean or the greatest of each patch of a
 * map, hidden units confined to [0, 1] and outputs o free.
 *
 * <p>Each layer is moved to the minimum over it. With mean pooling that is exact. With maximum pooling the energy is not
 * quadratic in the layer below; the winners of each patch are those of the layer as it stands, and as hidden units are 0 or
 * more, the energy lies below the one with the winners kept: it never rises either.
 *
 * <p>Planes are stored position by position, the maps of a position together: index {@code (row * width + column) * maps +
 * map}; so is the input. State: convolutional layers in order, then the outputs. Parameters: for each convolution its
 * kernels, index {@code ((row * size + column) * mapsBefore + mapBefore) * maps + map}, then its biases, one a map; then the
 * weights to the outputs row by row (one row a unit of the last layer), then their biases.
 */
public final class ConvolutionalHopfield implements Physics {

    private static final int MOST_SWEEPS = 10_000;

    /** What is made of each patch of a map. */
    public enum Pooling {
        /** Its mean. */
        MEAN,
        /** Its greatest. */
        MAXIMUM
    }

    /**
     * Planes of one size.
     *
     * @param maps how many there are: the colours of a picture, the features of a layer
     */
    public record Shape(int height, int width, int maps) {
        public Shape {
            if (height < 1 || width < 1 || maps < 1) {
                throw new IllegalArgumentException(
                        "a shape needs sizes of 1 or more, not " + height + " x " + width + " x " + maps);
            }
        }

        int units() {
            return height * width * maps;
        }
    }

    /**
     * A convolution and what is made of it.
     *
     * @param maps how many features it finds
     * @param size the height and width of its kernels
     * @param patch the height and width of the patches that are pooled; 1 pools nothing
     */
    public record Convolution(int maps, int size, int patch) {
        public Convolution {
            if (maps < 1 || size < 1 || patch < 1) {
                throw new IllegalArgumentException("a convolution needs maps, a size and a patch of 1 or more, not "
                        + maps + ", " + size + ", " + patch);
            }
        }
    }

    private final Shape input;
    private final List<Convolution> convolutions;
    private final Pooling pooling;
    private final int outputs;

    /** The shape of each layer before its convolution, of what the convolution makes, and of each layer after pooling. */
    private final Shape[] shapes;

    private final Shape[] correlated;
    private final int[] stateStart;
    private final int[] kernelStart;
    private final int states;
    private final int parameters;

    /**
     * @throws IllegalArgumentException if a kernel does not fit into its layer, or patches do not cover what it makes
     */
    public ConvolutionalHopfield(Shape input, List<Convolution> convolutions, Pooling pooling, int outputs) {
        if (convolutions.isEmpty() || outputs < 1) {
            throw new IllegalArgumentException("expected at least one convolution and one output");
        }
        this.input = input;
        this.convolutions = List.copyOf(convolutions);
        this.pooling = pooling;
        this.outputs = outputs;
        int count = convolutions.size();
        shapes = new Shape[count + 1];
        correlated = new Shape[count];
        stateStart = new int[count + 1];
        kernelStart = new int[count + 1];
        shapes[0] = input;
        int state = 0;
        int parameter = 0;
        for (int layer = 0; layer < count; layer++) {
            Convolution one = convolutions.get(layer);
            Shape before = shapes[layer];
            int height = before.height - one.size + 1;
            int width = before.width - one.size + 1;
            if (height < 1 || width < 1 || height % one.patch != 0 || width % one.patch != 0) {
                throw new IllegalArgumentException("convolution " + (layer + 1) + ": kernels of " + one.size + " x "
                        + one.size + " make " + Math.max(0, height) + " x " + Math.max(0, width) + " of "
                        + before.height + " x " + before.width + ", which patches of " + one.patch + " x " + one.patch
                        + " do not cover; choose sizes that fit");
            }
            correlated[layer] = new Shape(height, width, one.maps);
            shapes[layer + 1] = new Shape(height / one.patch, width / one.patch, one.maps);
            stateStart[layer] = state;
            kernelStart[layer] = parameter;
            state += shapes[layer + 1].units();
            parameter += (one.size * one.size * before.maps + 1) * one.maps;
        }
        stateStart[count] = state;
        kernelStart[count] = parameter;
        states = state + outputs;
        parameters = parameter + (shapes[count].units() + 1) * outputs;
    }

    @Override
    public int inputs() {
        return input.units();
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
        return IntStream.range(states - outputs, states).toArray();
    }

    /** How many kernel weights, and then how many biases, each convolution has; the weights to the outputs last. */
    public int[][] parts() {
        int[][] parts = new int[convolutions.size() + 1][];
        for (int layer = 0; layer < convolutions.size(); layer++) {
            parts[layer] = new int[] {kernels(layer), convolutions.get(layer).maps};
        }
        parts[convolutions.size()] = new int[] {shapes[convolutions.size()].units() * outputs, outputs};
        return parts;
    }

    private int kernels(int layer) {
        Convolution one = convolutions.get(layer);
        return one.size * one.size * shapes[layer].maps * one.maps;
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        Settling settling = new Settling(theta, drive);
        double energy = drive.nudgeEnergy(state, outputs());
        for (int layer = 0; layer < convolutions.size(); layer++) {
            settling.look(layer, state);
            for (int unit = 0; unit < shapes[layer + 1].units(); unit++) {
                double s = state[stateStart[layer] + unit];
                energy += (0.5 * s - settling.pooled[layer][unit]) * s;
            }
        }
        settling.lookAtOutputs(state);
        for (int k = 0; k < outputs; k++) {
            double o = state[states - outputs + k];
            energy += (0.5 * o - settling.answer[k]) * o;
        }
        return energy;
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        Arrays.fill(forces, 0);
        addForces(theta, drive, state, 1, forces);
    }

    @Override
    public void addForces(double[] theta, Drive drive, double[] state, double part, double[] sum) {
        Settling settling = new Settling(theta, drive);
        for (int layer = 0; layer < convolutions.size(); layer++) {
            Convolution one = convolutions.get(layer);
            settling.look(layer, state);
            double[] spread = settling.spread(layer, state);
            double[] below = layer == 0 ? drive.input() : state;
            int belowStart = layer == 0 ? 0 : stateStart[layer - 1];
            Shape before = shapes[layer];
            Shape made = correlated[layer];
            int maps = one.maps;
            for (int row = 0; row < made.height; row++) {
                for (int column = 0; column < made.width; column++) {
                    int from = (row * made.width + column) * maps;
                    if (!settling.active(spread, from, maps)) {
                        continue;
                    }
                    int kernel = kernelStart[layer];
                    for (int y = 0; y < one.size; y++) {
                        int at = belowStart + ((row + y) * before.width + column) * before.maps;
                        for (int i = 0; i < one.size * before.maps; i++, kernel += maps) {
                            double s = part * below[at + i];
                            for (int map = 0; s != 0 && map < maps; map++) {
                                sum[kernel + map] -= s * spread[from + map];
                            }
                        }
                    }
                }
            }
            int biases = kernelStart[layer] + kernels(layer);
            for (int unit = 0; unit < shapes[layer + 1].units(); unit++) {
                sum[biases + unit % maps] -= part * state[stateStart[layer] + unit];
            }
        }
        int last = convolutions.size();
        int weights = kernelStart[last];
        int units = shapes[last].units();
        for (int from = 0; from < units; from++) {
            double s = part * state[stateStart[last - 1] + from];
            for (int k = 0; s != 0 && k < outputs; k++) {
                sum[weights + from * outputs + k] -= s * state[states - outputs + k];
            }
        }
        for (int k = 0; k < outputs; k++) {
            sum[weights + units * outputs + k] -= part * state[states - outputs + k];
        }
    }

    /** Minimises one layer after the other, odd layers first, then even ones. */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        Layers.require(drive);
        Settling settling = new Settling(theta, drive);
        double[] clamp = drive.clamp();
        if (clamp != null) {
            System.arraycopy(clamp, 0, state, states - outputs, outputs);
        }
        int last = convolutions.size();
        int sweeps = 0;
        double residual = Double.POSITIVE_INFINITY;
        while (residual > tolerance && sweeps < MOST_SWEEPS) {
            residual = 0;
            for (int parity = 0; parity < 2; parity++) {
                for (int layer = parity; layer <= last; layer += 2) {
                    if (layer < last) {
                        residual = Math.max(residual, settling.relax(layer, state));
                    } else if (clamp == null) {
                        residual = Math.max(residual, settling.relaxOutputs(state));
                    }
                }
            }
            sweeps++;
        }
        return new Rest(sweeps, residual, residual <= tolerance);
    }

    /** The working memory of one settling: what each convolution makes of the layer below it, as that stands. */
    private final class Settling {
        private final double[] theta;
        private final Drive drive;

        /** What each convolution made of the layer below, pooled, biases included. */
        private final double[][] pooled;

        /** With maximum pooling, which place of the plane won each patch. */
        private final int[][] winner;

        /** True while {@link #pooled} is that of the layer below as it stands. */
        private final boolean[] fresh;

        private final double[][] plane;
        private final double[][] spread;
        private final double[][] felt;
        private final double[][] turned;
        private final double[] answer = new double[outputs];

        Settling(double[] theta, Drive drive) {
            this.theta = theta;
            this.drive = drive;
            int count = convolutions.size();
            pooled = new double[count][];
            winner = new int[count][];
            fresh = new boolean[count];
            plane = new double[count][];
            spread = new double[count][];
            felt = new double[count][];
            turned = new double[count][];
            for (int layer = 0; layer < count; layer++) {
                pooled[layer] = new double[shapes[layer + 1].units()];
                winner[layer] = new int[shapes[layer + 1].units()];
                plane[layer] = new double[correlated[layer].units()];
                spread[layer] = new double[correlated[layer].units()];
                felt[layer] = new double[shapes[layer].units()];
                turned[layer] = new double[0];
            }
        }

        /** Works out what a convolution makes of the layer below it, unless that is known. */
        void look(int layer, double[] state) {
            if (fresh[layer]) {
                return;
            }
            correlate(layer, layer == 0 ? drive.input() : state, layer == 0 ? 0 : stateStart[layer - 1]);
            pool(layer);
            fresh[layer] = true;
        }

        private void correlate(int layer, double[] below, int belowStart) {
            Convolution one = convolutions.get(layer);
            Shape before = shapes[layer];
            Shape made = correlated[layer];
            double[] out = plane[layer];
            Arrays.fill(out, 0);
            int maps = one.maps;
            for (int row = 0; row < before.height; row++) {
                for (int column = 0; column < before.width; column++) {
                    for (int i = 0; i < before.maps; i++) {
                        double s = below[belowStart + (row * before.width + column) * before.maps + i];
                        if (s == 0) {
                            continue;
                        }
                        // The places of the plane whose kernel covers this unit.
                        for (int y = Math.max(0, row - made.height + 1); y <= Math.min(one.size - 1, row); y++) {
                            for (int x = Math.max(0, column - made.width + 1);
                                    x <= Math.min(one.size - 1, column);
                                    x++) {
                                int to = ((row - y) * made.width + column - x) * maps;
                                int kernel = kernelStart[layer] + ((y * one.size + x) * before.maps + i) * maps;
                                for (int map = 0; map < maps; map++) {
                                    out[to + map] += s * theta[kernel + map];
                                }
                            }
                        }
                    }
                }
            }
        }

        private void pool(int layer) {
            Convolution one = convolutions.get(layer);
            Shape made = correlated[layer];
            Shape after = shapes[layer + 1];
            int biases = kernelStart[layer] + kernels(layer);
            double[] from = plane[layer];
            double[] to = pooled[layer];
            double part = 1.0 / (one.patch * one.patch);
            for (int unit = 0; unit < to.length; unit++) {
                int map = unit % one.maps;
                int place = unit / one.maps;
                int corner = (place / after.width * made.width + place % after.width) * one.patch;
                double mean = 0;
                int best = corner * one.maps + map;
                for (int y = 0; y < one.patch; y++) {
                    for (int x = 0; x < one.patch; x++) {
                        int at = (corner + y * made.width + x) * one.maps + map;
                        mean += from[at] * part;
                        best = from[at] > from[best] ? at : best;
                    }
                }
                winner[layer][unit] = best;
                to[unit] = theta[biases + map] + (pooling == Pooling.MEAN ? mean : from[best]);
            }
        }

        /** What reaches each place of a plane from the layer above: shared out in a patch, or all to the winner. */
        double[] spread(int layer, double[] state) {
            Convolution one = convolutions.get(layer);
            Shape made = correlated[layer];
            Shape after = shapes[layer + 1];
            double[] to = spread[layer];
            Arrays.fill(to, 0);
            double part = 1.0 / (one.patch * one.patch);
            for (int unit = 0; unit < after.units(); unit++) {
                double s = state[stateStart[layer] + unit];
                if (s == 0) {
                    continue;
                }
                if (pooling == Pooling.MAXIMUM) {
                    to[winner[layer][unit]] = s;
                    continue;
                }
                int place = unit / one.maps;
                int corner = (place / after.width * made.width + place % after.width) * one.patch;
                for (int y = 0; y < one.patch; y++) {
                    for (int x = 0; x < one.patch; x++) {
                        to[(corner + y * made.width + x) * one.maps + unit % one.maps] = s * part;
                    }
                }
            }
            return to;
        }

        boolean active(double[] values, int from, int count) {
            for (int i = from; i < from + count; i++) {
                if (values[i] != 0) {
                    return true;
                }
            }
            return false;
        }

        /** What a layer feels of the convolution above it. */
        private double[] felt(int layer, double[] state) {
            look(layer, state);
            double[] above = spread(layer, state);
            Convolution one = convolutions.get(layer);
            Shape before = shapes[layer];
            Shape made = correlated[layer];
            double[] kernels = turned(layer);
            double[] to = felt[layer];
            Arrays.fill(to, 0);
            int run = one.size * before.maps;
            for (int row = 0; row < made.height; row++) {
                for (int column = 0; column < made.width; column++) {
                    for (int map = 0; map < one.maps; map++) {
                        double s = above[(row * made.width + column) * one.maps + map];
                        if (s == 0) {
                            continue;
                        }
                        for (int y = 0; y < one.size; y++) {
                            // A row of a kernel touches neighbours in a row, with all their maps.
                            int at = ((row + y) * before.width + column) * before.maps;
                            int kernel = (map * one.size + y) * run;
                            for (int i = 0; i < run; i++) {
                                to[at + i] += s * kernels[kernel + i];
                            }
                        }
                    }
                }
            }
            return to;
        }

        /** The kernels of a convolution with all weights of one map together. */
        private double[] turned(int layer) {
            if (turned[layer].length == 0) {
                int maps = convolutions.get(layer).maps;
                int each = kernels(layer) / maps;
                double[] kernels = new double[maps * each];
                for (int i = 0; i < each; i++) {
                    for (int map = 0; map < maps; map++) {
                        kernels[map * each + i] = theta[kernelStart[layer] + i * maps + map];
                    }
                }
                turned[layer] = kernels;
            }
            return turned[layer];
        }

        double relax(int layer, double[] state) {
            look(layer, state);
            int start = stateStart[layer];
            int units = shapes[layer + 1].units();
            boolean top = layer + 1 == convolutions.size();
            double[] above = top ? felt[layer] : felt(layer + 1, state);
            double residual = 0;
            int weights = kernelStart[convolutions.size()];
            for (int unit = 0; unit < units; unit++) {
                double drift = pooled[layer][unit];
                if (top) {
                    for (int k = 0; k < outputs; k++) {
                        drift += theta[weights + unit * outputs + k] * state[states - outputs + k];
                    }
                } else {
                    drift += above[unit];
                }
                double s = Math.min(1, Math.max(0, drift));
                residual = Math.max(residual, Math.abs(s - state[start + unit]) / (1 + Math.abs(drift)));
                state[start + unit] = s;
            }
            if (!top) {
                fresh[layer + 1] = false;
            }
            return residual;
        }

        void lookAtOutputs(double[] state) {
            int last = convolutions.size();
            int weights = kernelStart[last];
            int units = shapes[last].units();
            System.arraycopy(theta, weights + units * outputs, answer, 0, outputs);
            for (int from = 0; from < units; from++) {
                double s = state[stateStart[last - 1] + from];
                for (int k = 0; s != 0 && k < outputs; k++) {
                    answer[k] += s * theta[weights + from * outputs + k];
                }
            }
        }

        double relaxOutputs(double[] state) {
            lookAtOutputs(state);
            double stiffness = 1 + drive.stiffness();
            double residual = 0;
            for (int k = 0; k < outputs; k++) {
                double drift = answer[k] + drive.current()[k] + drive.stiffness() * drive.target()[k];
                double o = drift / stiffness;
                int at = states - outputs + k;
                residual = Math.max(residual, stiffness * Math.abs(o - state[at]) / (1 + Math.abs(drift)));
                state[at] = o;
            }
            return residual;
        }
    }
}
