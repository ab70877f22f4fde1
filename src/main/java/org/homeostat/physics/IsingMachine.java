package org.homeostat.physics;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.homeostat.physics.Rest.Ending;

/**
 * A layered Ising machine taught by equilibrium propagation (Laydevant, Markovic, Grollier, arXiv 2305.18321):
 *
 * <pre>   E(theta, x, s) = sum_l s_(l-1)' J_l s_l + sum_l h_l' s_l,   s = -1 or +1,   h_1 = b_1 + x' W clipped,</pre>
 *
 * with the sign of annealing machines. Inputs are no spins: they come as fields on the first layer. Every output is shown by
 * several copies of a spin and read as their mean, so that a pull too weak to turn it over can still be seen. State: the
 * spins of each layer in order. Parameters: for each layer its weights (W for the first), row by row, one row a unit of the layer
 * before; then its biases. Nudges are forces alone: fields on the copies. Fields beyond the machine's limit are clipped, and
 * the forces take no notice of that.
 *
 * <p>Sampled, it is annealed and the read of least energy is the answer; or, in a heat bath, reads at one temperature are
 * averaged (arXiv 2405.08467). {@link #settle} flips one spin after the other downhill, without chance.
 */
public final class IsingMachine implements Sampled {

    /** How the spins are made to answer. How long they may run says how many sweeps they get. */
    public sealed interface Protocol {}

    /**
     * Cooled from hot to cold for each read, and the best read taken. Going on from a state it is warmed up part of the way
     * and cooled again.
     *
     * @param turn the part of a forward anneal to whose temperature a reverse anneal goes back
     */
    public record Anneal(double turn) implements Protocol {
        public Anneal {
            if (!(turn >= 0 && turn < 1)) {
                throw new IllegalArgumentException("turn: expected 0 or more and below 1, not " + turn);
            }
        }
    }

    /**
     * Kept at a temperature; outputs and forces are means over reads. It warms up for as long as it may run, and then goes
     * on while it is read.
     *
     * @param temperature in units of energy
     * @param sweepsARead how many sweeps lie between two reads
     */
    public record HeatBath(double temperature, int sweepsARead) implements Protocol {
        public HeatBath {
            if (!(temperature > 0) || Double.isInfinite(temperature) || sweepsARead < 1) {
                throw new IllegalArgumentException("expected a temperature above 0 and 1 or more sweeps a read, not "
                        + temperature + " and " + sweepsARead);
            }
        }
    }

    private static final int MOST_SWEEPS = 1_000_000;

    /** Means of so many groups of reads tell the standard error even where reads that follow each other are alike. */
    private static final int GROUPS = 20;

    private final int[] sizes;
    private final int copies;
    private final double fieldLimit;
    private final double sweepSeconds;
    private final Protocol protocol;
    private final int[] spinStart;
    private final int[] weightStart;
    private final int spins;
    private final int parameters;
    private final SpinGlass.Graph graph;

    /** Which parameter couples each pair, in the order of the graph. */
    private final int[] pair;

    private final int[] from;
    private final int[] to;

    /**
     * @param copies how many spins show each output
     * @param fieldLimit the largest field that the machine can put on a spin
     * @param sweepSeconds how long the machine takes for one sweep over all spins
     * @param layers the number of inputs, of the spins of each hidden layer, and of outputs
     */
    public IsingMachine(int copies, double fieldLimit, double sweepSeconds, Protocol protocol, int... layers) {
        if (layers.length < 2 || Arrays.stream(layers).anyMatch(size -> size < 1) || copies < 1) {
            throw new IllegalArgumentException("expected at least an input and an output layer of one unit each, and "
                    + "one copy of each output, not " + Arrays.toString(layers) + " and " + copies);
        }
        if (!(fieldLimit > 0) || !(sweepSeconds > 0)) {
            throw new IllegalArgumentException("expected a limit of the fields and a time for a sweep above 0, not "
                    + fieldLimit + " and " + sweepSeconds);
        }
        sizes = layers.clone();
        sizes[sizes.length - 1] *= copies;
        this.copies = copies;
        this.fieldLimit = fieldLimit;
        this.sweepSeconds = sweepSeconds;
        this.protocol = protocol;
        spinStart = new int[sizes.length];
        weightStart = new int[sizes.length];
        int spin = 0;
        int parameter = 0;
        int pairs = 0;
        for (int layer = 1; layer < sizes.length; layer++) {
            spinStart[layer] = spin;
            weightStart[layer] = parameter;
            spin += sizes[layer];
            parameter += (sizes[layer - 1] + 1) * sizes[layer];
            pairs += layer == 1 ? 0 : sizes[layer - 1] * sizes[layer];
        }
        spins = spin;
        parameters = parameter;
        pair = new int[pairs];
        from = new int[pairs];
        to = new int[pairs];
        int k = 0;
        for (int layer = 2; layer < sizes.length; layer++) {
            for (int i = 0; i < sizes[layer - 1]; i++) {
                for (int j = 0; j < sizes[layer]; j++) {
                    from[k] = spinStart[layer - 1] + i;
                    to[k] = spinStart[layer] + j;
                    pair[k++] = weightStart[layer] + i * sizes[layer] + j;
                }
            }
        }
        graph = new SpinGlass.Graph(spins, from, to);
    }

    @Override
    public int inputs() {
        return sizes[0];
    }

    @Override
    public int states() {
        return spins;
    }

    @Override
    public int parameters() {
        return parameters;
    }

    /** The first copy of each output. */
    @Override
    public int[] outputs() {
        int last = sizes.length - 1;
        int[] outputs = new int[sizes[last] / copies];
        Arrays.setAll(outputs, k -> spinStart[last] + k * copies);
        return outputs;
    }

    @Override
    public void observe(double[] state, double[] observed) {
        int first = spinStart[sizes.length - 1];
        for (int k = 0; k < observed.length; k++) {
            double sum = 0;
            for (int copy = 0; copy < copies; copy++) {
                sum += state[first + k * copies + copy];
            }
            observed[k] = sum / copies;
        }
    }

    @Override
    public void begin(double[] state, RandomGenerator chance) {
        SpinGlass.shuffle(state, chance);
    }

    /** The spins as they stand with these parameters under this drive. */
    private SpinGlass glass(double[] theta, Drive drive) {
        if (drive.stiffness() != 0 || drive.clamp() != null) {
            throw new IllegalArgumentException(
                    "the outputs of an Ising machine can be pulled by a field alone, not by a spring or a clamp; nudge by force");
        }
        double[] couplings = new double[pair.length];
        for (int k = 0; k < couplings.length; k++) {
            couplings[k] = theta[pair[k]];
        }
        double[] fields = new double[spins];
        int last = sizes.length - 1;
        for (int layer = 1; layer <= last; layer++) {
            int biases = weightStart[layer] + sizes[layer - 1] * sizes[layer];
            System.arraycopy(theta, biases, fields, spinStart[layer], sizes[layer]);
        }
        for (int i = 0; i < sizes[0]; i++) {
            double x = drive.input()[i];
            for (int j = 0; x != 0 && j < sizes[1]; j++) {
                fields[j] += x * theta[weightStart[1] + i * sizes[1] + j];
            }
        }
        for (int i = 0; i < sizes[last]; i++) {
            // A force on an output is one on the mean of its copies: each bears its share.
            fields[spinStart[last] + i] -= drive.current()[i / copies] / copies;
        }
        for (int i = 0; i < spins; i++) {
            fields[i] = Math.clamp(fields[i], -fieldLimit, fieldLimit);
        }
        return new SpinGlass(graph, couplings, fields);
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        return glass(theta, drive).energy(state);
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        for (int i = 0; i < sizes[0]; i++) {
            for (int j = 0; j < sizes[1]; j++) {
                forces[weightStart[1] + i * sizes[1] + j] = drive.input()[i] * state[j];
            }
        }
        for (int k = 0; k < pair.length; k++) {
            forces[pair[k]] = state[from[k]] * state[to[k]];
        }
        for (int layer = 1; layer < sizes.length; layer++) {
            int biases = weightStart[layer] + sizes[layer - 1] * sizes[layer];
            System.arraycopy(state, spinStart[layer], forces, biases, sizes[layer]);
        }
    }

    /** A state that holds something else than spins, as before the first exchange, is taken by its signs. */
    private static void intoSpins(double[] state) {
        for (int i = 0; i < state.length; i++) {
            state[i] = state[i] < 0 ? -1 : 1;
        }
    }

    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        intoSpins(state);
        return new Rest(glass(theta, drive).quench(state), 0, true);
    }

    @Override
    public Sample sample(double[] theta, Drive drive, double[] state, Run run) {
        if (run.afresh()) {
            SpinGlass.shuffle(state, run.chance());
        } else {
            intoSpins(state);
        }
        double asked = run.seconds() / sweepSeconds;
        if (!(asked < MOST_SWEEPS)) {
            throw new IllegalArgumentException(run.seconds() + " s are more than " + MOST_SWEEPS + " sweeps of "
                    + sweepSeconds + " s; run it shorter");
        }
        // As many as fit in, however the times were rounded.
        int sweeps = (int) Math.max(1, Math.round(asked));
        return switch (protocol) {
            case Anneal anneal -> annealed(theta, drive, state, run, anneal, sweeps);
            case HeatBath bath -> averaged(theta, drive, state, run, bath, sweeps);
        };
    }

    private Sample annealed(double[] theta, Drive drive, double[] state, Run run, Anneal anneal, int sweeps) {
        SpinGlass glass = glass(theta, drive);
        double[] schedule = run.afresh() ? glass.forward(sweeps) : glass.reverse(sweeps, anneal.turn);
        double[] begun = state.clone();
        double[] read = new double[spins];
        double least = Double.POSITIVE_INFINITY;
        for (int r = 0; r < run.reads(); r++) {
            if (run.afresh()) {
                SpinGlass.shuffle(read, run.chance());
            } else {
                System.arraycopy(begun, 0, read, 0, spins);
            }
            glass.anneal(read, schedule, run.chance());
            double energy = glass.energy(read);
            if (energy < least) {
                least = energy;
                System.arraycopy(read, 0, state, 0, spins);
            }
        }
        double[] outputs = new double[sizes[sizes.length - 1] / copies];
        observe(state, outputs);
        double[] forces = new double[parameters];
        forces(theta, drive, state, forces);
        double gain = glass.restless(state);
        double scale = Math.abs(least) + 1;
        boolean still = gain <= 1e-9 * scale;
        return new Sample(
                outputs,
                new double[outputs.length],
                forces,
                new double[parameters],
                new Rest(
                        schedule.length * run.reads(),
                        Math.max(0, gain / scale),
                        still ? Ending.AT_REST : Ending.NOT_AT_REST,
                        still
                                ? ""
                                : "a single flip would still lower the energy of the best read; anneal with more sweeps or reads"));
    }

    private Sample averaged(double[] theta, Drive drive, double[] state, Run run, HeatBath bath, int warmUp) {
        SpinGlass glass = glass(theta, drive);
        glass.bathe(state, bath.temperature, warmUp, run.chance());
        int reads = run.reads();
        int groups = Math.min(reads, GROUPS);
        Means outputs = new Means(sizes[sizes.length - 1] / copies);
        Means forces = new Means(parameters);
        double[] seen = new double[outputs.sum.length];
        double[] force = new double[parameters];
        for (int r = 0; r < reads; r++) {
            glass.bathe(state, bath.temperature, bath.sweepsARead, run.chance());
            observe(state, seen);
            forces(theta, drive, state, force);
            // Groups as equal as can be: number r * groups / reads.
            boolean ends = (long) (r + 1) * groups / reads > (long) r * groups / reads;
            outputs.take(seen, ends);
            forces.take(force, ends);
        }
        return new Sample(
                outputs.mean(),
                outputs.error(),
                forces.mean(),
                forces.error(),
                new Rest(warmUp + reads * bath.sweepsARead, 0, true));
    }

    /** Means over reads, with their standard errors from the means of groups of reads. */
    private static final class Means {
        private final double[] sum;
        private final double[] group;
        private final double[] groupSum;
        private final double[] groupSquares;
        private int reads;
        private int inGroup;
        private int groups;

        Means(int count) {
            sum = new double[count];
            group = new double[count];
            groupSum = new double[count];
            groupSquares = new double[count];
        }

        void take(double[] read, boolean endsGroup) {
            reads++;
            inGroup++;
            for (int k = 0; k < sum.length; k++) {
                sum[k] += read[k];
                group[k] += read[k];
            }
            if (endsGroup) {
                groups++;
                for (int k = 0; k < sum.length; k++) {
                    double mean = group[k] / inGroup;
                    groupSum[k] += mean;
                    groupSquares[k] += mean * mean;
                    group[k] = 0;
                }
                inGroup = 0;
            }
        }

        double[] mean() {
            double[] mean = new double[sum.length];
            Arrays.setAll(mean, k -> sum[k] / reads);
            return mean;
        }

        /** 0, which is unknown, where there was but one group. */
        double[] error() {
            double[] error = new double[sum.length];
            for (int k = 0; k < error.length && groups > 1; k++) {
                double centre = groupSum[k] / groups;
                double variance = Math.max(0, groupSquares[k] / groups - centre * centre) / (groups - 1);
                error[k] = Math.sqrt(variance);
            }
            return error;
        }
    }
}
