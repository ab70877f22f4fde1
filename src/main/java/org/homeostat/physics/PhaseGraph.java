package org.homeostat.physics;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Who is coupled to whom among oscillators, and what each feels of the others. An oscillator is a pair (c, s), the cosine
 * and sine of its phase: as {@code cos(p - q) = c_p c_q + s_p s_q}, what the others pull one with is the sum of their pairs
 * times the weights, its <em>field</em>, and no angle has to be worked out.
 *
 * <p>Weights: where layered, for each layer after the input row by row (one row a unit of the layer before); where all are
 * coupled to all, the rows of the inputs first (one column a free unit), then those of the free units, each with the units
 * after it. Inputs are not coupled to each other: they are held.
 */
final class PhaseGraph {

    private final int inputs;
    private final int free;
    private final int outputs;
    private final int weights;
    private final boolean layered;

    /** Where each group begins in the state, and the end; units of a group are not coupled to each other. */
    private final int[] groupStart;

    private PhaseGraph(int[] sizes, boolean layered) {
        if (sizes.length < 2 || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    "expected at least an input and an output layer of one unit each, not " + Arrays.toString(sizes));
        }
        this.layered = layered;
        inputs = sizes[0];
        outputs = sizes[sizes.length - 1];
        free = Arrays.stream(sizes).skip(1).sum();
        if (layered) {
            groupStart = new int[sizes.length];
            int count = 0;
            for (int layer = 1; layer < sizes.length; layer++) {
                groupStart[layer] = groupStart[layer - 1] + sizes[layer];
                count += sizes[layer - 1] * sizes[layer];
            }
            weights = count;
        } else {
            groupStart = new int[free + 1];
            Arrays.setAll(groupStart, i -> i);
            weights = inputs * free + free * (free - 1) / 2;
        }
    }

    /** Each layer coupled to the next. */
    static PhaseGraph layered(int... sizes) {
        return new PhaseGraph(sizes, true);
    }

    /** Every unit coupled to every other; the last layer is read. */
    static PhaseGraph allToAll(int... sizes) {
        return new PhaseGraph(sizes, false);
    }

    int inputs() {
        return inputs;
    }

    /** How many oscillators are free: hidden ones first, then the outputs. */
    int free() {
        return free;
    }

    int weights() {
        return weights;
    }

    int[] outputs() {
        int[] list = new int[outputs];
        Arrays.setAll(list, k -> free - outputs + k);
        return list;
    }

    int firstOutput() {
        return free - outputs;
    }

    int groups() {
        return groupStart.length - 1;
    }

    int groupStart(int group) {
        return groupStart[group];
    }

    /** How many units the inputs are coupled to: the first ones. */
    private int besideInputs() {
        return layered ? groupStart[1] : free;
    }

    /** Adds the field of sources of the pairs (c0, s0) to (a, b); without {@code s0} all sines are 0. */
    void addInputs(double[] theta, double[] c0, double @Nullable [] s0, double[] a, double[] b) {
        int to = besideInputs();
        int weight = 0;
        for (int from = 0; from < inputs; from++, weight += to) {
            double c = c0[from];
            if (s0 != null) {
                addRow(theta, weight, 0, to, c, s0[from], a, b);
            } else if (c != 0) {
                for (int i = 0; i < to; i++) {
                    a[i] += theta[weight + i] * c;
                }
            }
        }
    }

    private static void addRow(
            double[] theta, int weight, int first, int count, double c, double s, double[] a, double[] b) {
        for (int i = 0; i < count; i++) {
            double w = theta[weight + i];
            a[first + i] += w * c;
            b[first + i] += w * s;
        }
    }

    /** Adds the field of the free units on those of one group to (a, b). */
    void addField(double[] theta, int group, double[] c, double[] s, double[] a, double[] b) {
        if (!layered) {
            addToOne(theta, group, c, s, a, b);
            return;
        }
        int start = groupStart[group];
        int count = groupStart[group + 1] - start;
        int weight = inputs * groupStart[1];
        for (int before = 0; before + 1 < group; before++) {
            weight += size(before) * size(before + 1);
        }
        if (group > 0) {
            for (int from = groupStart[group - 1]; from < start; from++, weight += count) {
                addRow(theta, weight, start, count, c[from], s[from], a, b);
            }
        }
        if (group + 1 < groups()) {
            addBack(theta, weight, group, c, s, a, b);
        }
    }

    private int size(int group) {
        return groupStart[group + 1] - groupStart[group];
    }

    private void addBack(double[] theta, int firstWeight, int group, double[] c, double[] s, double[] a, double[] b) {
        int next = groupStart[group + 1];
        int count = size(group + 1);
        int weight = firstWeight;
        for (int unit = groupStart[group]; unit < next; unit++, weight += count) {
            double x = 0;
            double y = 0;
            for (int i = 0; i < count; i++) {
                x += theta[weight + i] * c[next + i];
                y += theta[weight + i] * s[next + i];
            }
            a[unit] += x;
            b[unit] += y;
        }
    }

    private void addToOne(double[] theta, int unit, double[] c, double[] s, double[] a, double[] b) {
        double x = 0;
        double y = 0;
        // The weight between i and a later j stands at row(i) + j.
        int row = inputs * free - 1;
        for (int i = 0; i < unit; i++) {
            double w = theta[row + unit];
            x += w * c[i];
            y += w * s[i];
            row += free - 2 - i;
        }
        for (int j = unit + 1; j < free; j++) {
            double w = theta[row + j];
            x += w * c[j];
            y += w * s[j];
        }
        a[unit] += x;
        b[unit] += y;
    }

    /** Writes dE/dW = -cos of the difference of phases for every weight, from its first place on. */
    void forces(double[] c0, double @Nullable [] s0, double[] c, double[] s, double[] forces) {
        int to = besideInputs();
        int weight = 0;
        for (int from = 0; from < inputs; from++) {
            double sine = s0 == null ? 0 : s0[from];
            for (int i = 0; i < to; i++) {
                forces[weight++] = -(c0[from] * c[i] + sine * s[i]);
            }
        }
        for (int group = 0; group + 1 < groups(); group++) {
            for (int from = groupStart[group]; from < groupStart[group + 1]; from++) {
                int end = layered ? groupStart[group + 2] : free;
                for (int i = groupStart[group + 1]; i < end; i++) {
                    forces[weight++] = -(c[from] * c[i] + s[from] * s[i]);
                }
            }
        }
    }
}
