package org.homeostat.engine;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A layered network of any size, in single precision, many lanes at a time, which settles and learns in place.
 *
 * <p>Every unit balances what reaches it from the layers on both sides against its own stiffness,
 *
 * <pre>   s = clip((sum_before w s + b + sum_after w s + push) / a, lowest, highest),</pre>
 *
 * a whole layer at a time, which is exact because the units of a layer do not touch each other; odd layers, then even ones.
 * Learning needs the states of two rests at one input and nothing else: {@code theta <- theta - softness (dE/dtheta at the
 * second - dE/dtheta at the first)}, the one-step form of agnostic equilibrium propagation (arXiv 2205.15021).
 *
 * <p>What makes it fast: what reaches the first layer from the input is one product for all three rests of a step; a narrow
 * layer's weights lie so that inner loops run along the wide side; the first layer moves by outer products, whose inputs cancel
 * from all squares. No numbers are allocated after construction.
 *
 * <p>Thread rule: one caller at a time. Lanes and columns of weights may be shared out among threads of its own; what comes out
 * is the same, bit for bit, however many there are.
 */
public final class LayeredNetwork implements AutoCloseable {

    /** What the units are. */
    public enum Law {
        /**
         * A continuous Hopfield network (arXiv 2103.09985, section 3): stiffness 1, hidden units in [0, 1], output units free,
         * {@code dE/dw = - s_before s_after}, {@code dE/db = - s}.
         */
        HOPFIELD,
        /**
         * A deep resistive network (arXiv 2402.11674): units are node voltages, weights conductances of 0 or more, stiffness
         * the sum of those at a node; the first half of a hidden layer is kept at 0 V or more by ideal diodes to ground, the
         * second at 0 V or less; biases are currents. Every input x is two sources, +gain x and -gain x. The force on a
         * conductance is {@code drop^2 / 2}, on a bias {@code - v}.
         */
        RESISTIVE
    }

    /**
     * How a network came to rest.
     *
     * @param sweeps how often every unit was moved, the most of all lanes
     * @param residual how far the unit that moved furthest in the last sweep moved, as a part of the largest state asked for
     *     (of 1 in a Hopfield network); the most of all lanes
     */
    public record Rest(int sweeps, double residual) {}

    /** Lanes that settle together: few enough for their states to stay close to the processor. */
    private static final int TOGETHER = 8;

    /** Rows and columns of the first layer's weights that learn together, while they are close to the processor. */
    private static final int ROWS = 16;

    private static final int COLUMNS = 1024;

    /** A network still moving after so many sweeps is in a cycle, or at the edge of one. */
    private static final int MOST_SWEEPS = 1000;

    /** A unit that moves this far will never come back: the couplings are stronger than the units' own stiffness. */
    private static final double RUNAWAY = 1e12;

    /** A layer as narrow as this keeps its weights by rows of its own units. */
    private static final int NARROW = 64;

    private final Law law;
    private final int[] sizes;
    private final int lanes;
    private final float gain;
    private final Kernels kernels;

    /** Its threads; null where the caller's is the only one. */
    private final @Nullable ForkJoinPool pool;

    /** Of each layer after the input; entry 0 is not used. A narrow layer's weights are turned: one row a unit of its own. */
    private final Matrix[] weights;

    private final boolean[] turned;
    private final float[][] biases;
    private final Units[] units;

    /** The conductances of a resistive network's inputs; the first weights are what both of a pair together are. */
    private final Pairs pairs;

    private final Matrix[] states;
    private final Matrix[] drifts;
    private final Matrix[] remembered;
    private final Matrix fromInput;
    private final Matrix toTop;
    private final Matrix difference;
    private final Matrix block;
    private final float[] before;
    private final float[] after;
    private final int[] made;
    private final double[] left;
    private boolean driven;
    private boolean sent;
    private boolean recalls;

    /**
     * A network with its parameters drawn as the literature does: conductances uniform in +-sqrt(1 / fan-in), those below 0 set
     * to 0 (arXiv 2402.11674's code); weights uniform in {@code +-start sqrt(6 / (before + after)) / 2} (arXiv 2205.15021's
     * code); biases 0.
     *
     * @param sizes the number of units of the input, of each hidden layer, and of the output
     * @param gain of a resistive network's inputs
     * @param start the factors for the weights of a Hopfield network at the start, one a layer, the last one for all others
     * @param threads how many threads work at once, 1 or more
     */
    public LayeredNetwork(
            Law law,
            int[] sizes,
            double gain,
            double[] start,
            int lanes,
            Kernels kernels,
            int threads,
            RandomGenerator draw) {
        if (sizes.length < 2 || Arrays.stream(sizes).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    "expected at least an input and an output layer of one unit each, not " + Arrays.toString(sizes));
        }
        if (lanes < 1) {
            throw new IllegalArgumentException("expected 1 lane or more, not " + lanes);
        }
        this.law = law;
        this.sizes = sizes.clone();
        this.lanes = lanes;
        this.gain = law == Law.RESISTIVE ? (float) gain : 1;
        this.kernels = kernels;
        pool = threads == 1 ? null : new ForkJoinPool(threads);
        int layers = sizes.length;
        weights = new Matrix[layers];
        turned = new boolean[layers];
        biases = new float[layers][];
        units = new Units[layers];
        states = new Matrix[layers];
        drifts = new Matrix[layers];
        remembered = new Matrix[layers];
        int widest = 0;
        for (int layer = 0; layer < layers; layer++) {
            states[layer] = Matrix.of(lanes, sizes[layer]);
            remembered[layer] = Matrix.of(lanes, sizes[layer]);
            drifts[layer] = states[layer];
            weights[layer] = states[layer];
            biases[layer] = new float[sizes[layer]];
            units[layer] = new Units(new float[sizes[layer]], new float[sizes[layer]], new float[sizes[layer]]);
            widest = Math.max(widest, sizes[layer]);
        }
        for (int layer = 1; layer < layers; layer++) {
            turned[layer] = layer > 1 && sizes[layer] <= NARROW && sizes[layer] < sizes[layer - 1];
            drifts[layer] = Matrix.of(lanes, sizes[layer]);
            weights[layer] = turned[layer]
                    ? Matrix.of(sizes[layer], sizes[layer - 1])
                    : Matrix.of(sizes[layer - 1], sizes[layer]);
            bound(layer);
        }
        boolean resistive = law == Law.RESISTIVE;
        int ends = resistive ? sizes[0] : 0;
        pairs = new Pairs(
                Matrix.of(ends, sizes[1]),
                Matrix.of(ends, sizes[1]),
                this.gain,
                resistive ? weights[1] : Matrix.of(0, sizes[1]),
                row(compliance(1)));
        fromInput = Matrix.of(lanes, sizes[1]);
        toTop = Matrix.of(lanes, sizes[layers - 1]);
        difference = Matrix.of(lanes, sizes[1]);
        block = Matrix.of(ROWS, sizes[1]);
        before = new float[widest];
        after = new float[widest];
        made = new int[(lanes + TOGETHER - 1) / TOGETHER];
        left = new double[made.length];
        draw(start, draw);
        begin();
    }

    private void bound(int layer) {
        boolean hidden = layer < sizes.length - 1;
        float[] lowest = units[layer].lowest();
        float[] highest = units[layer].highest();
        Arrays.fill(lowest, hidden && law == Law.HOPFIELD ? 0 : Float.NEGATIVE_INFINITY);
        Arrays.fill(highest, hidden && law == Law.HOPFIELD ? 1 : Float.POSITIVE_INFINITY);
        if (hidden && law == Law.RESISTIVE) {
            int half = (sizes[layer] + 1) / 2;
            Arrays.fill(lowest, 0, half, 0);
            Arrays.fill(highest, half, sizes[layer], 0);
        }
    }

    private void draw(double[] start, RandomGenerator draw) {
        for (int layer = 1; layer < sizes.length; layer++) {
            double fanIn = law == Law.RESISTIVE && layer == 1 ? 2.0 * sizes[0] : sizes[layer - 1];
            double reach = law == Law.RESISTIVE
                    ? Math.sqrt(1 / fanIn)
                    : start[Math.min(layer, start.length) - 1]
                            * 0.5
                            * Math.sqrt(6.0 / (sizes[layer - 1] + sizes[layer]));
            if (law == Law.RESISTIVE && layer == 1) {
                draw(pairs.plus(), reach, draw);
                draw(pairs.minus(), reach, draw);
            } else {
                draw(weights[layer], reach, draw);
            }
        }
    }

    private void draw(Matrix into, double reach, RandomGenerator draw) {
        float[] values = into.values();
        for (int k = 0; k < values.length; k++) {
            double drawn = reach * (2 * draw.nextDouble() - 1);
            values[k] = (float) (law == Law.RESISTIVE ? Math.max(0, drawn) : drawn);
        }
    }

    /** Works out each unit's stiffness, and what the first layer is to the input. */
    private void begin() {
        if (law == Law.RESISTIVE) {
            // Nothing moves, but what follows from the conductances is worked out.
            Arrays.fill(before, 0);
            Arrays.fill(after, 0);
            Arrays.fill(compliance(1), 0);
            columns((column, count) -> moveConductances(0, true, column, count));
        }
        stiffen();
    }

    /** The same where the first layer's conductances are combined and summed already. */
    private void stiffen() {
        if (law == Law.HOPFIELD) {
            for (Units one : units) {
                Arrays.fill(one.compliance(), 1);
            }
            return;
        }
        for (int layer = 2; layer < sizes.length; layer++) {
            Arrays.fill(compliance(layer), 0);
        }
        for (int layer = 2; layer < sizes.length; layer++) {
            Matrix matrix = weights[layer];
            float[] rows = compliance(turned[layer] ? layer : layer - 1);
            float[] columns = compliance(turned[layer] ? layer - 1 : layer);
            for (int row = 0; row < matrix.rows(); row++) {
                rows[row] += addTo(columns, matrix.values(), matrix.row(row));
            }
        }
        for (int layer = 1; layer < sizes.length; layer++) {
            float[] sums = compliance(layer);
            for (int unit = 0; unit < sums.length; unit++) {
                // Nothing reaches a node whose conductances are all 0; it stays at 0.
                sums[unit] = sums[unit] > 0 ? 1 / sums[unit] : 0;
            }
        }
    }

    private float[] compliance(int layer) {
        return units[layer].compliance();
    }

    private static float addTo(float[] sums, float[] values, int at) {
        float sum = 0;
        for (int k = 0; k < sums.length; k++) {
            sums[k] += values[at + k];
            sum += values[at + k];
        }
        return sum;
    }

    /** How many lanes there are. */
    public int lanes() {
        return lanes;
    }

    /** How many parameters there are. */
    public long parameters() {
        long count = 0;
        for (int layer = 1; layer < sizes.length; layer++) {
            long edges = (long) sizes[layer - 1] * sizes[layer];
            count += (law == Law.RESISTIVE && layer == 1 ? 2 : 1) * edges + sizes[layer];
        }
        return count;
    }

    /** Presents an input to a lane. */
    public void input(int lane, double[] x) {
        float[] values = states[0].values();
        int at = states[0].row(lane);
        for (int k = 0; k < sizes[0]; k++) {
            values[at + k] = (float) x[k];
        }
        driven = false;
    }

    /** Presents a number of an input to a lane. */
    public void input(int lane, int unit, double x) {
        states[0].set(lane, unit, (float) x);
        driven = false;
    }

    /** Puts every unit at 0. */
    public void afresh() {
        for (int layer = 1; layer < sizes.length; layer++) {
            Arrays.fill(states[layer].values(), 0);
        }
        Arrays.fill(toTop.values(), 0);
        sent = true;
    }

    /** The state of an output. */
    public double output(int lane, int unit) {
        return states[sizes.length - 1].get(lane, unit);
    }

    /**
     * Settles all lanes.
     *
     * @param push a force on each output, one row a lane
     * @param stiffness added to each output's own; above minus that
     * @param tolerance the residual to settle to, above 0
     * @return how it came to rest; an infinite residual where it ran away because its energy has no minimum
     * @throws IllegalArgumentException if the stiffness is so negative that an output has no rest; nothing was moved
     */
    public Rest settle(Matrix push, double stiffness, double tolerance) {
        requireBound(stiffness);
        drive();
        send();
        int groups = (lanes + TOGETHER - 1) / TOGETHER;
        each(groups, group -> settle(group, push, stiffness, tolerance));
        int sweeps = 0;
        double residual = 0;
        for (int group = 0; group < groups; group++) {
            sweeps = Math.max(sweeps, made[group]);
            residual = Math.max(residual, left[group]);
        }
        return new Rest(sweeps, residual);
    }

    /** Settles some lanes. */
    private void settle(int group, Matrix push, double stiffness, double tolerance) {
        int lane = group * TOGETHER;
        int count = Math.min(TOGETHER, lanes - lane);
        double scale = scale(lane, count, push);
        made[group] = 0;
        do {
            left[group] = sweep(lane, count, push, (float) stiffness) / scale;
            made[group]++;
            if (!(left[group] < RUNAWAY)) {
                left[group] = Double.POSITIVE_INFINITY;
            }
        } while (left[group] > tolerance && made[group] < MOST_SWEEPS && left[group] < RUNAWAY);
    }

    /** Does parts of something, in any order. */
    private void each(int parts, IntConsumer part) {
        if (pool == null || parts == 1) {
            for (int i = 0; i < parts; i++) {
                part.accept(i);
            }
        } else {
            pool.submit(() -> IntStream.range(0, parts).parallel().forEach(part))
                    .join();
        }
    }

    /** Does something to some columns of the first layer at a time: never to some lanes, whose number decides how a product is made. */
    private void columns(ColumnsConsumer work) {
        each(
                (sizes[1] + COLUMNS - 1) / COLUMNS,
                part -> work.accept(part * COLUMNS, Math.min(COLUMNS, sizes[1] - part * COLUMNS)));
    }

    private interface ColumnsConsumer {
        void accept(int column, int columns);
    }

    /**
     * Refuses a nudge that pushes outputs away more strongly than they are tied.
     *
     * @throws IllegalArgumentException if the stiffness is so negative that an output has no rest
     */
    public void requireBound(double stiffness) {
        float[] outputs = compliance(sizes.length - 1);
        for (int unit = 0; unit < outputs.length; unit++) {
            if (!(1 / outputs[unit] + stiffness > 0)) {
                throw new IllegalArgumentException("a nudge of strength " + stiffness + " makes output " + (unit + 1)
                        + " unstable: expected one above " + -1 / outputs[unit]);
            }
        }
    }

    private void drive() {
        if (!driven) {
            fill(fromInput, biases[1]);
            columns((column, count) ->
                    kernels.addProduct(states[0], weights[1].columns(column, count), fromInput.columns(column, count)));
            driven = true;
        }
    }

    /** Works out what the widest hidden layer sends to a narrow top; from then on every sweep of that layer does. */
    private void send() {
        int last = sizes.length - 1;
        if (turned[last] && !sent) {
            Arrays.fill(toTop.values(), 0);
            kernels.addProductTransposed(states[last - 1], weights[last], toTop);
            sent = true;
        }
    }

    private static void fill(Matrix rows, float[] row) {
        for (int i = 0; i < rows.rows(); i++) {
            System.arraycopy(row, 0, rows.values(), rows.row(i), row.length);
        }
    }

    /** The largest state that input and nudge ask for. */
    private double scale(int lane, int count, Matrix push) {
        if (law == Law.HOPFIELD) {
            return 1;
        }
        float most = Math.max(
                asked(fromInput, lane, count, compliance(1)), asked(push, lane, count, compliance(sizes.length - 1)));
        // Where nothing is asked for all comes to 0, and is there once it is far below a volt.
        return most > 0 ? most : 1;
    }

    private static float asked(Matrix currents, int lane, int count, float[] compliance) {
        float most = 0;
        for (int i = lane; i < lane + count; i++) {
            int at = currents.row(i);
            for (int unit = 0; unit < compliance.length; unit++) {
                most = Math.max(most, Math.abs(currents.values()[at + unit]) * compliance[unit]);
            }
        }
        return most;
    }

    private float sweep(int lane, int count, Matrix push, float stiffness) {
        float moved = 0;
        for (int parity = 1; parity >= 0; parity--) {
            for (int layer = 2 - parity; layer < sizes.length; layer += 2) {
                moved = Math.max(moved, relax(layer, lane, count, push, stiffness));
            }
        }
        return moved;
    }

    private float relax(int layer, int lane, int count, Matrix push, float stiffness) {
        int last = sizes.length - 1;
        if (layer == last) {
            Matrix drift = drift(layer, lane, count);
            float moved = 0;
            for (int i = 0; i < count; i++) {
                moved = Math.max(
                        moved, pull(drift.values(), states[layer].values(), drift.row(i), push, lane + i, stiffness));
            }
            return moved;
        }
        // What reaches the first layer from below stays; sweeps only read it.
        boolean sweeps = layer == last - 1 && turned[last];
        Matrix drift = sweeps && layer == 1 ? fromInput.rows(lane, count) : drift(layer, lane, count);
        Matrix above = states[layer + 1].rows(lane, count);
        if (sweeps) {
            return kernels.sweep(
                    drift,
                    above,
                    weights[last],
                    units[layer],
                    states[layer].rows(lane, count),
                    toTop.rows(lane, count));
        }
        if (turned[layer + 1]) {
            kernels.addProduct(above, weights[layer + 1], drift);
        } else {
            kernels.addProductTransposed(above, weights[layer + 1], drift);
        }
        float moved = 0;
        for (int i = 0; i < count; i++) {
            moved = Math.max(moved, clip(drift.values(), states[layer].values(), drift.row(i), units[layer]));
        }
        return moved;
    }

    /** What reaches some lanes of a layer from below and from its biases, in the layer's own room. */
    private Matrix drift(int layer, int lane, int count) {
        Matrix drift = drifts[layer].rows(lane, count);
        if (layer == 1) {
            System.arraycopy(
                    fromInput.values(), fromInput.row(lane), drift.values(), drift.at(), count * drift.columns());
            return drift;
        }
        fill(drift, biases[layer]);
        if (layer == sizes.length - 1 && turned[layer]) {
            float[] into = drift.values();
            float[] from = toTop.values();
            for (int k = drift.at(); k < drift.at() + count * drift.columns(); k++) {
                into[k] += from[k];
            }
            return drift;
        }
        Matrix below = states[layer - 1].rows(lane, count);
        if (turned[layer]) {
            kernels.addProductTransposed(below, weights[layer], drift);
        } else {
            kernels.addProduct(below, weights[layer], drift);
        }
        return drift;
    }

    private static float clip(float[] drift, float[] state, int at, Units units) {
        float[] scale = units.compliance();
        float[] low = units.lowest();
        float[] high = units.highest();
        float moved = 0;
        for (int k = 0; k < scale.length; k++) {
            float s = Math.min(high[k], Math.max(low[k], drift[at + k] * scale[k]));
            moved = Math.max(moved, Math.abs(s - state[at + k]));
            state[at + k] = s;
        }
        return moved;
    }

    private float pull(float[] drift, float[] state, int at, Matrix push, int lane, float stiffness) {
        float[] scale = compliance(sizes.length - 1);
        float moved = 0;
        for (int k = 0; k < scale.length; k++) {
            float s = (drift[at + k] + push.get(lane, k)) / (1 / scale[k] + stiffness);
            moved = Math.max(moved, Math.abs(s - state[at + k]));
            state[at + k] = s;
        }
        return moved;
    }

    /** Remembers this rest as the first of the two that are compared. */
    public void remember() {
        for (int layer = 0; layer < sizes.length; layer++) {
            System.arraycopy(states[layer].values(), 0, remembered[layer].values(), 0, states[layer].values().length);
        }
        recalls = true;
    }

    /**
     * Moves every parameter by minus its softness times how far its force, mean over lanes, has changed since the rest that is
     * remembered, and remembers this one. Nothing moves where none is.
     *
     * @param weightSoftness how far the weights of each layer after the input move for each unit of force
     * @param biasSoftness the same of the biases
     */
    public void move(double[] weightSoftness, double[] biasSoftness) {
        if (recalls) {
            for (int layer = 1; layer < sizes.length; layer++) {
                moveBiases(layer, (float) (biasSoftness[layer - 1] / lanes));
            }
            moveFirst((float) (weightSoftness[0] / lanes));
            for (int layer = 2; layer < sizes.length; layer++) {
                moveWeights(layer, (float) (weightSoftness[layer - 1] / lanes));
            }
            stiffen();
            driven = false;
            sent = false;
        }
        remember();
    }

    private void moveBiases(int layer, float by) {
        float[] bias = biases[layer];
        for (int lane = 0; lane < lanes; lane++) {
            int at = states[layer].row(lane);
            for (int k = 0; k < bias.length; k++) {
                bias[k] +=
                        by * (states[layer].values()[at + k] - remembered[layer].values()[at + k]);
            }
        }
    }

    private boolean sameInput() {
        return Arrays.equals(states[0].values(), remembered[0].values());
    }

    private void subtractStates() {
        float[] now = states[1].values();
        float[] then = remembered[1].values();
        float[] less = difference.values();
        for (int k = 0; k < less.length; k++) {
            less[k] = now[k] - then[k];
        }
    }

    /** The first layer is by far the largest: some of its columns at a time, each by itself. */
    private void moveFirst(float by) {
        boolean same = sameInput();
        if (same) {
            subtractStates();
        }
        if (law == Law.RESISTIVE) {
            squares(1, 0.5f * by, after);
            if (same) {
                Arrays.fill(before, 0, sizes[0], 0);
            } else {
                squares(0, 0.5f * by * gain * gain, before);
            }
            Arrays.fill(compliance(1), 0);
        }
        columns((column, count) -> {
            if (law == Law.RESISTIVE) {
                moveConductances(by * gain, same, column, count);
            } else {
                addChange(by, same, 0, sizes[0], column, count, weights[1].columns(column, count));
            }
        });
    }

    /** Adds how far products of inputs and states of the first layer have changed, summed over lanes, times a factor. */
    private void addChange(float by, boolean same, int row, int rows, int column, int columns, Matrix sum) {
        Matrix inputs = states[0].columns(row, rows);
        if (same) {
            kernels.addOuterProducts(by, inputs, difference.columns(column, columns), sum);
        } else {
            kernels.addOuterProducts(by, inputs, states[1].columns(column, columns), sum);
            kernels.addOuterProducts(
                    -by, remembered[0].columns(row, rows), remembered[1].columns(column, columns), sum);
        }
    }

    private void moveWeights(int layer, float by) {
        Matrix matrix = weights[layer];
        int rows = turned[layer] ? layer : layer - 1;
        int columns = turned[layer] ? layer - 1 : layer;
        kernels.addOuterProducts(by, states[rows], states[columns], matrix);
        kernels.addOuterProducts(-by, remembered[rows], remembered[columns], matrix);
        if (law == Law.RESISTIVE) {
            // drop^2 / 2 = v_row^2 / 2 + v_column^2 / 2 - v_row v_column; the last term is done.
            squares(rows, 0.5f * by, before);
            squares(columns, 0.5f * by, after);
            for (int row = 0; row < matrix.rows(); row++) {
                less(matrix.values(), matrix.row(row), before[row], after, matrix.columns());
            }
        }
    }

    /** How far the squares of a layer's states have changed, summed over lanes, times a factor. */
    private void squares(int layer, float times, float[] into) {
        Arrays.fill(into, 0, sizes[layer], 0);
        float[] now = states[layer].values();
        float[] then = remembered[layer].values();
        for (int lane = 0; lane < lanes; lane++) {
            int at = states[layer].row(lane);
            for (int k = 0; k < sizes[layer]; k++) {
                into[k] += now[at + k] * now[at + k] - then[at + k] * then[at + k];
            }
        }
        for (int k = 0; k < sizes[layer]; k++) {
            into[k] *= times;
        }
    }

    private static void less(float[] values, int at, float ofRow, float[] ofColumns, int count) {
        for (int k = 0; k < count; k++) {
            values[at + k] = Math.max(0, values[at + k] - ofRow - ofColumns[k]);
        }
    }

    private void moveConductances(float by, boolean same, int column, int columns) {
        Matrix ofUnits = row(after).columns(column, columns);
        for (int row = 0; row < sizes[0]; row += ROWS) {
            int rows = Math.min(ROWS, sizes[0] - row);
            Matrix change = block.rows(0, rows).columns(column, columns);
            for (int i = 0; i < rows; i++) {
                Arrays.fill(block.values(), change.row(i), change.row(i) + columns, 0);
            }
            addChange(by, same, row, rows, column, columns, change);
            kernels.movePairs(change, row(before).columns(row, rows), ofUnits, pairs.part(row, rows, column, columns));
        }
    }

    private static Matrix row(float[] values) {
        return new Matrix(values, 0, 1, values.length, values.length);
    }

    /** A weight: of a resistive network's first layer the difference of the two conductances times the gain. */
    double weight(int layer, int from, int to) {
        return turned[layer] ? weights[layer].get(to, from) : weights[layer].get(from, to);
    }

    /** A conductance of a resistive network's first layer, to the source of +gain x or of -gain x. */
    double conductance(boolean positive, int from, int to) {
        return (positive ? pairs.plus() : pairs.minus()).get(from, to);
    }

    double bias(int layer, int unit) {
        return biases[layer][unit];
    }

    /** The state of any unit; layer 0 is the input. */
    public double state(int lane, int layer, int unit) {
        return states[layer].get(lane, unit);
    }

    /** Lets its threads go. */
    @Override
    public void close() {
        if (pool != null) {
            pool.close();
        }
    }

    /** What it holds and has learned. */
    public void save(DataOutput out) throws IOException {
        out.writeBoolean(recalls);
        for (float[] part : parts()) {
            for (float value : part) {
                out.writeFloat(value);
            }
        }
    }

    /** Puts it back where it was. */
    public void restore(DataInput in) throws IOException {
        recalls = in.readBoolean();
        for (float[] part : parts()) {
            for (int k = 0; k < part.length; k++) {
                part[k] = in.readFloat();
            }
        }
        begin();
        driven = false;
        sent = false;
    }

    private float[][] parts() {
        int layers = sizes.length;
        float[][] parts = new float[4 * layers][];
        int next = 0;
        for (int layer = 0; layer < layers; layer++) {
            parts[next++] = states[layer].values();
            parts[next++] = remembered[layer].values();
            parts[next++] = biases[layer];
            // The first weights of a resistive network follow from the conductances.
            parts[next++] = layer == 0
                    ? pairs.minus().values()
                    : layer == 1 && law == Law.RESISTIVE ? pairs.plus().values() : weights[layer].values();
        }
        return parts;
    }
}
