package org.homeostat.physics;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A layered oscillator Ising machine (Gower, arXiv 2505.02103): phase oscillators whose second harmonic draws each phase
 * towards 0 or pi,
 *
 * <pre>   E = - sum_pairs J_ij cos(phi_i - phi_j) - sum_ij x_i J_ij cos(phi_j) - sum_i h_i cos(phi_i) - sum_i K_i cos(2 phi_i) / 2.</pre>
 *
 * Inputs x are strengths of fields along the reference; the state is the phases in radians, hidden ones first; an output is
 * {@code o = cos(phi)}. Parameters: the couplings J, layer by layer, row by row (one row a unit of the layer before); then the
 * biases h; then the second harmonics K. A fresh start stands at pi/2 everywhere, so that without noise it settles in one way.
 *
 * <p>{@linkplain #sample Run}, it moves by Euler's steps for a fixed time, with noise on every step, and its phases are read
 * with the resolution of the reader. {@linkplain #settle Quenched}, it descends to the minimum; there phases mostly stand at
 * 0 or pi, where no small nudge moves them. It learns because it is read while it still moves. So two nudges can only be
 * compared if both came on at the same time after a fresh start: a nudged run is always one that ran free before, for the
 * usual time, and then under the nudge for a part of it. Every run begins a quarter turn from the reference. Without noise every such run is the same until the nudge comes on,
 * and is not repeated: behind the phases the state holds those at which the last run without a nudge ended.
 */
public final class OscillatorIsing implements Sampled {

    /**
     * How the machine runs and is read.
     *
     * @param stepRadians the size epsilon of one of Euler's steps: a phase moves by epsilon times the force on it
     * @param stepSeconds the time that one step stands for
     * @param nudgedPart for how long a nudge acts before the phases are read, as a part of the time that it ran free
     * @param phaseNoise sigma: each step adds epsilon sigma times a normal number to each phase
     * @param phaseBits the resolution with which phases are read, 2^bits to the turn; 0 for exactly
     */
    public record Running(double stepRadians, double stepSeconds, double nudgedPart, double phaseNoise, int phaseBits) {
        public Running {
            if (!(stepRadians > 0) || !(stepSeconds > 0) || Double.isInfinite(stepRadians + stepSeconds)) {
                throw new IllegalArgumentException("an oscillator Ising machine needs steps above 0, not " + stepRadians
                        + " and " + stepSeconds + " s");
            }
            if (!(nudgedPart > 0 && nudgedPart <= 1)) {
                throw new IllegalArgumentException(
                        "the part of its time under a nudge must lie above 0 and not above 1, not " + nudgedPart);
            }
            if (!(phaseNoise >= 0) || Double.isInfinite(phaseNoise) || phaseBits < 0 || phaseBits > 24) {
                throw new IllegalArgumentException(
                        "phase noise must be 0 or more and phases be read with 0 to 24 bits, not " + phaseNoise
                                + " and " + phaseBits);
            }
        }
    }

    private static final double QUARTER = 0.5 * Math.PI;

    private final PhaseGraph graph;
    private final Running running;

    /** The errors of forces read once; one for all, as a large machine would spend its time on making such arrays. */
    private final double[] unknown;

    /**
     * @param sizes the number of inputs, of oscillators in each hidden layer, and of outputs
     */
    public OscillatorIsing(Running running, int... sizes) {
        graph = PhaseGraph.layered(sizes);
        this.running = running;
        unknown = new double[parameters()];
    }

    /** How many couplings there are; as many parameters as there are oscillators follow, twice. */
    public int couplings() {
        return graph.weights();
    }

    @Override
    public int inputs() {
        return graph.inputs();
    }

    @Override
    public int states() {
        return 2 * graph.free();
    }

    @Override
    public int parameters() {
        return graph.weights() + 2 * graph.free();
    }

    @Override
    public int[] outputs() {
        return graph.outputs();
    }

    @Override
    public void observe(double[] state, double[] observed) {
        for (int k = 0; k < observed.length; k++) {
            observed[k] = Math.cos(state[graph.firstOutput() + k]);
        }
    }

    /** A quarter turn from the reference, everywhere. */
    @Override
    public void begin(double[] state, RandomGenerator chance) {
        Arrays.fill(state, QUARTER);
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        int free = graph.free();
        PhaseDescent at = pairs(theta, Drive.free(drive.input(), drive.target().length), state);
        double[] a = new double[free];
        double[] b = new double[free];
        for (int group = 0; group < graph.groups(); group++) {
            graph.addField(theta, group, at.c, at.s, a, b);
        }
        double[] observed = new double[drive.target().length];
        observe(state, observed);
        double energy = drive.nudgeEnergy(observed);
        int harmonic = graph.weights() + free;
        for (int i = 0; i < free; i++) {
            energy -= (at.constantA[i] + 0.5 * a[i]) * at.c[i] + 0.5 * b[i] * at.s[i];
            energy -= 0.5 * theta[harmonic + i] * (2 * at.c[i] * at.c[i] - 1);
        }
        return energy;
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        int free = graph.free();
        double[] c = new double[free];
        double[] s = new double[free];
        for (int i = 0; i < free; i++) {
            c[i] = Math.cos(state[i]);
            s[i] = Math.sin(state[i]);
        }
        graph.forces(drive.input(), null, c, s, forces);
        int bias = graph.weights();
        for (int i = 0; i < free; i++) {
            forces[bias + i] = -c[i];
            forces[bias + free + i] = 0.5 - c[i] * c[i];
        }
    }

    private PhaseDescent pairs(double[] theta, Drive drive, double[] state) {
        int bias = graph.weights();
        int free = graph.free();
        double[] harmonic = Arrays.copyOfRange(theta, bias + free, bias + 2 * free);
        PhaseDescent pairs = new PhaseDescent(graph, theta, drive, PhaseDescent.Axis.COSINE, harmonic, null, state);
        for (int i = 0; i < free; i++) {
            pairs.constantA[i] += theta[bias + i];
        }
        graph.addInputs(theta, drive.input(), null, pairs.constantA, pairs.constantB);
        return pairs;
    }

    /**
     * Descends to a minimum.
     *
     * @param tolerance the largest angle left between an oscillator and where it is pulled, in radians
     */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        PhaseDescent pairs = pairs(theta, drive, state);
        Rest rest = pairs.settle(tolerance);
        pairs.phases(state);
        System.arraycopy(state, 0, state, graph.free(), graph.free());
        return rest;
    }

    /**
     * Runs for its time, under a nudge for a part of it more, and reads the phases, once a step if they are to be read more
     * than once; means over the reads. At rest it is when its time is over.
     */
    @Override
    public Sample sample(double[] theta, Drive drive, double[] state, Run run) {
        if (drive.clamp() != null) {
            throw new IllegalArgumentException(
                    "an oscillator Ising machine cannot have its outputs held while it runs; nudge them by a coupling");
        }
        int free = graph.free();
        Drive still = Drive.free(drive.input(), drive.target().length);
        boolean nudged =
                drive.stiffness() != 0 || Arrays.stream(drive.current()).anyMatch(f -> f != 0);
        long steps = 0;
        if (nudged && !run.afresh() && running.phaseNoise == 0) {
            System.arraycopy(state, free, state, 0, free);
        } else {
            begin(state, run.chance());
            steps = steps(run.seconds());
            Motion motion = new Motion(theta, still, state, run.chance());
            for (long step = 0; step < steps; step++) {
                motion.step();
            }
            wrap(state, free);
            System.arraycopy(state, 0, state, free, free);
        }
        Motion motion = new Motion(theta, drive, state, run.chance());
        long pulled = nudged ? steps(run.seconds() * running.nudgedPart) : 0;
        for (long step = 0; step < pulled; step++) {
            motion.step();
        }
        steps += pulled;
        int outputs = graph.outputs().length;
        double[] observed = new double[outputs];
        double[] forces = new double[parameters()];
        Mean output = new Mean(outputs);
        Mean force = new Mean(run.reads() == 1 ? 0 : forces.length);
        double[] read = new double[state.length];
        for (int i = 0; i < run.reads(); i++) {
            if (i > 0) {
                motion.step();
            }
            shown(state, read);
            observe(read, observed);
            output.add(observed);
            forces(theta, drive, read, forces);
            force.add(forces);
        }
        boolean once = run.reads() == 1;
        wrap(state, free);
        double most = motion.step(0);
        Rest rest = Double.isFinite(most)
                ? new Rest((int) steps, most, true)
                : new Rest(
                        (int) steps,
                        Double.NaN,
                        Rest.Ending.NOT_AT_REST,
                        "the phases are no numbers any more; look for a coupling or an input that is none");
        return new Sample(
                output.mean(), output.errors(), once ? forces : force.mean(), once ? unknown : force.errors(), rest);
    }

    private long steps(double seconds) {
        return Math.max(1, Math.round(seconds / running.stepSeconds));
    }

    private static void wrap(double[] state, int free) {
        for (int i = 0; i < free; i++) {
            state[i] = Math.IEEEremainder(state[i], 2 * Math.PI);
        }
    }

    private void shown(double[] state, double[] read) {
        double step = 2 * Math.PI / (1 << running.phaseBits);
        for (int i = 0; i < graph.free(); i++) {
            read[i] = running.phaseBits == 0 ? state[i] : step * Math.rint(state[i] / step);
        }
    }

    /** Means and standard errors of several readings. */
    private static final class Mean {
        private final double[] sum;
        private final double[] squares;
        private int count;

        Mean(int size) {
            sum = new double[size];
            squares = new double[size];
        }

        void add(double[] values) {
            count++;
            for (int i = 0; i < sum.length; i++) {
                // Welford: what is kept are the mean so far and the squares about it.
                double off = values[i] - sum[i];
                sum[i] += off / count;
                squares[i] += off * (values[i] - sum[i]);
            }
        }

        double[] mean() {
            return sum;
        }

        double[] errors() {
            double[] errors = new double[sum.length];
            for (int i = 0; count > 1 && i < errors.length; i++) {
                errors[i] = Math.sqrt(squares[i] / (count - 1) / count);
            }
            return errors;
        }
    }

    /** The state on its way, one of Euler's steps after the other. */
    private final class Motion {
        private final double[] theta;
        private final Drive drive;
        private final double[] state;
        private final RandomGenerator chance;
        private final PhaseDescent at;
        private final double[] a;
        private final double[] b;

        Motion(double[] theta, Drive drive, double[] state, RandomGenerator chance) {
            this.theta = theta;
            this.drive = drive;
            this.state = state;
            this.chance = chance;
            at = pairs(theta, drive, state);
            a = new double[graph.free()];
            b = new double[graph.free()];
        }

        void step() {
            var unused = step(running.stepRadians);
        }

        /** Makes a step of a size; returns the largest force there was. */
        double step(double size) {
            int free = graph.free();
            int harmonic = graph.weights() + free;
            System.arraycopy(at.constantA, 0, a, 0, free);
            System.arraycopy(at.constantB, 0, b, 0, free);
            for (int group = 0; group < graph.groups(); group++) {
                graph.addField(theta, group, at.c, at.s, a, b);
            }
            double most = 0;
            for (int i = 0; i < free; i++) {
                double c = at.c[i];
                double s = at.s[i];
                double spring = i < graph.firstOutput() ? 0 : drive.stiffness() * c;
                double down = b[i] * c - (a[i] - spring + 2 * theta[harmonic + i] * c) * s;
                double noise = running.phaseNoise == 0 ? 0 : running.phaseNoise * chance.nextGaussian();
                double turn = size * (down + noise);
                state[i] += turn;
                at.turn(i, turn);
                most = Math.max(most, Math.abs(down));
            }
            return most;
        }
    }
}
