package org.homeostat.physics;

import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.ode.FirstOrderDifferentialEquations;
import org.apache.commons.math3.ode.nonstiff.DormandPrince54Integrator;

/**
 * Coupled phase oscillators, the XY model (Wang, Wanjura, Marquardt, arXiv 2402.08579), with natural frequencies:
 *
 * <pre>   E = - sum_pairs W_ij cos(phi_i - phi_j) - sum_i h_i cos(phi_i - psi_i) - sum_i w_i phi_i,   dphi/dt = - dE/dphi.</pre>
 *
 * Inputs are phases in radians, held; the state is the phases of the free oscillators in radians, hidden ones first. An
 * output is {@code o = sin(phi)}, what a mixer with the reference a quarter turn on shows, and a constant force f on it is
 * an injection of strength f at that phase. Parameters: the weights W (layered: layer by layer, row by row, one row a unit
 * of the layer before; all to all: the rows of the inputs, then each free unit with those after it), then the biases: h and
 * then psi, or where they are given in two components, {@code -p cos(phi) - q sin(phi)}, p and then q.
 *
 * <p>The natural frequencies w are given in the frame that turns with the reference, in the unit of the weights. Where they
 * are 0 there is always a rest. Where they are not, oscillators may slip past each other for ever: {@link
 * Rest.Ending#UNLOCKED}. The minima are many; which one is found hangs on the start, uniform where it is left to chance.
 */
public final class PhaseOscillators implements Physics {

    /** Which oscillators are coupled. */
    public enum Topology {
        /** All to all but the inputs among themselves. */
        ALL_TO_ALL,
        /** Each layer to the next. */
        LAYERED
    }

    /** How a bias is given. */
    public enum Bias {
        /** A strength h and a phase psi. */
        POLAR,
        /** Its components along the reference and a quarter turn on. */
        CARTESIAN
    }

    /** How long the motion is followed, in units of one over the largest sum of what pulls at an oscillator. */
    private static final double LONGEST = 1024;

    /** Where the motion is slower than this part of what pulls, a descent is tried; if that fails, where it is slower. */
    private static final double SLOW = 1e-2;

    private static final double SLOWEST = 1e-6;

    /** An oscillator that still turned by this much over the last half of the longest time slips. */
    private static final double SLIPPING_RADIANS = Math.PI;

    private final PhaseGraph graph;
    private final Bias bias;
    private final double[] frequency;
    private final boolean dispersed;

    /**
     * @param frequency the natural frequency of each free oscillator, relative to the reference, in the unit of the weights;
     *     empty where all are 0
     * @param sizes the number of inputs, of hidden oscillators (of each layer), and of outputs
     */
    public PhaseOscillators(Topology topology, Bias bias, double[] frequency, int... sizes) {
        graph = topology == Topology.LAYERED ? PhaseGraph.layered(sizes) : PhaseGraph.allToAll(sizes);
        if (frequency.length != 0 && frequency.length != graph.free()) {
            throw new IllegalArgumentException("expected a natural frequency for each of " + graph.free()
                    + " free oscillators or none, not " + frequency.length);
        }
        for (double one : frequency) {
            if (!Double.isFinite(one)) {
                throw new IllegalArgumentException("a natural frequency must be a finite number, not " + one);
            }
        }
        this.bias = bias;
        this.frequency = frequency.length == 0 ? new double[graph.free()] : frequency.clone();
        dispersed = Arrays.stream(this.frequency).anyMatch(w -> w != 0);
    }

    /** How many weights there are; as many parameters as there are free oscillators follow, twice. */
    public int weights() {
        return graph.weights();
    }

    @Override
    public int inputs() {
        return graph.inputs();
    }

    @Override
    public int states() {
        return graph.free();
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
            observed[k] = Math.sin(state[graph.firstOutput() + k]);
        }
    }

    /** Uniform on the circle. */
    @Override
    public void begin(double[] state, RandomGenerator chance) {
        for (int i = 0; i < state.length; i++) {
            state[i] = Math.PI * (2 * chance.nextDouble() - 1);
        }
    }

    /** The total energy. With natural frequencies it falls by {@code 2 pi w} for every turn, which no force shows. */
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
        for (int i = 0; i < free; i++) {
            // Each pair of free oscillators is met twice here, inputs and biases once.
            energy -= (at.constantA[i] + 0.5 * a[i]) * at.c[i] + (at.constantB[i] + 0.5 * b[i]) * at.s[i];
            energy -= frequency[i] * state[i];
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
        graph.forces(cosines(drive.input()), sines(drive.input()), c, s, forces);
        int first = graph.weights();
        int second = first + free;
        for (int i = 0; i < free; i++) {
            double psi = bias == Bias.POLAR ? theta[second + i] : 0;
            forces[first + i] = -Math.cos(state[i] - psi);
            forces[second + i] = bias == Bias.POLAR ? -theta[first + i] * Math.sin(state[i] - psi) : -s[i];
        }
    }

    private static double[] cosines(double[] phases) {
        return Arrays.stream(phases).map(Math::cos).toArray();
    }

    private static double[] sines(double[] phases) {
        return Arrays.stream(phases).map(Math::sin).toArray();
    }

    private PhaseDescent pairs(double[] theta, Drive drive, double[] state) {
        PhaseDescent pairs = new PhaseDescent(
                graph, theta, drive, PhaseDescent.Axis.SINE, null, dispersed ? frequency : null, state);
        int first = graph.weights();
        int second = first + graph.free();
        for (int i = 0; i < graph.free(); i++) {
            double strength = theta[first + i];
            double other = theta[second + i];
            pairs.constantA[i] += bias == Bias.POLAR ? strength * Math.cos(other) : strength;
            pairs.constantB[i] += bias == Bias.POLAR ? strength * Math.sin(other) : other;
        }
        graph.addInputs(theta, cosines(drive.input()), sines(drive.input()), pairs.constantA, pairs.constantB);
        return pairs;
    }

    /**
     * Descends to a minimum; where there are natural frequencies, only after the motion itself has led near one.
     *
     * @param tolerance the largest angle left between an oscillator and where the others pull it, in radians
     */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        if (!dispersed) {
            return descend(theta, drive, state, tolerance);
        }
        if (drive.clamp() != null) {
            throw new IllegalArgumentException(
                    "oscillators with natural frequencies cannot have their outputs held here; nudge them by a force");
        }
        Motion motion = new Motion(graph, theta, drive, pairs(theta, drive, state), frequency);
        int sweeps = 0;
        Rest rest = new Rest(0, Double.POSITIVE_INFINITY, false);
        for (double slow = SLOW; slow >= SLOWEST && !rest.settled(); slow *= 0.1) {
            Rest moved = motion.follow(state, slow);
            // Near rest the motion is a descent, unless it only lingers where a rest has just been lost.
            rest = moved.settled() ? descend(theta, drive, state, tolerance) : moved;
            sweeps += moved.sweeps() + rest.sweeps();
            if (rest.ending() == Rest.Ending.UNLOCKED) {
                break;
            }
        }
        return new Rest(sweeps, rest.residual(), rest.ending(), rest.remark());
    }

    private Rest descend(double[] theta, Drive drive, double[] state, double tolerance) {
        PhaseDescent pairs = pairs(theta, drive, state);
        Rest rest = pairs.settle(tolerance);
        pairs.phases(state);
        return rest;
    }

    /** The motion itself, for oscillators of different frequencies. */
    private static final class Motion implements FirstOrderDifferentialEquations {

        private final PhaseGraph graph;
        private final double[] theta;
        private final Drive drive;
        private final PhaseDescent constant;
        private final double[] frequency;
        private final double scale;
        private final double[] c;
        private final double[] s;
        private final double[] a;
        private final double[] b;

        Motion(PhaseGraph graph, double[] theta, Drive drive, PhaseDescent constant, double[] frequency) {
            this.graph = graph;
            this.theta = theta;
            this.drive = drive;
            this.constant = constant;
            this.frequency = frequency;
            int free = graph.free();
            c = new double[free];
            s = new double[free];
            a = new double[free];
            b = new double[free];
            scale = scale();
        }

        /** The largest sum of all that pulls at one oscillator: nothing turns faster, in radians a unit of time. */
        private double scale() {
            double[] strengths = Arrays.stream(theta).map(Math::abs).toArray();
            Arrays.fill(c, 1);
            for (int group = 0; group < graph.groups(); group++) {
                graph.addField(strengths, group, c, s, a, b);
            }
            double most = Double.MIN_NORMAL;
            for (int i = 0; i < a.length; i++) {
                double rest = Math.hypot(constant.constantA[i], constant.constantB[i]);
                most = Math.max(most, a[i] + rest + Math.abs(frequency[i]) + Math.abs(drive.stiffness()));
            }
            return most;
        }

        @Override
        public int getDimension() {
            return frequency.length;
        }

        @Override
        public void computeDerivatives(double time, double[] phase, double[] rate) {
            for (int i = 0; i < rate.length; i++) {
                c[i] = Math.cos(phase[i]);
                s[i] = Math.sin(phase[i]);
                a[i] = constant.constantA[i];
                b[i] = constant.constantB[i];
            }
            for (int group = 0; group < graph.groups(); group++) {
                graph.addField(theta, group, c, s, a, b);
            }
            for (int i = 0; i < rate.length; i++) {
                // The constant part of a spring's pull is among the constants already.
                double spring = i < graph.firstOutput() ? 0 : drive.stiffness() * s[i];
                rate[i] = frequency[i] + (b[i] - spring) * c[i] - a[i] * s[i];
            }
        }

        private double largest(double[] state) {
            double[] rate = new double[state.length];
            computeDerivatives(0, state, rate);
            return Arrays.stream(rate).map(Math::abs).max().orElse(0) / scale;
        }

        /** Follows the motion until it is slower than a part of the couplings, or says who slips. */
        Rest follow(double[] state, double slow) {
            double unit = 1 / scale;
            DormandPrince54Integrator integrator = new DormandPrince54Integrator(1e-9 * unit, 100 * unit, 1e-6, 1e-4);
            double[] before = state.clone();
            int evaluations = 0;
            double time = 0;
            double span = 8;
            double residual = largest(state);
            while (residual > slow && time < LONGEST) {
                System.arraycopy(state, 0, before, 0, state.length);
                integrator.integrate(this, 0, state, span * unit, state);
                evaluations += integrator.getEvaluations();
                residual = largest(state);
                time += span;
                span = time;
            }
            return residual <= slow
                    ? new Rest(evaluations, residual, true)
                    : verdict(evaluations, residual, before, state, 0.5 * time * unit);
        }

        private Rest verdict(int evaluations, double residual, double[] before, double[] state, double seconds) {
            int worst = 0;
            for (int i = 1; i < state.length; i++) {
                worst = Math.abs(state[i] - before[i]) > Math.abs(state[worst] - before[worst]) ? i : worst;
            }
            double turned = state[worst] - before[worst];
            for (int i = 0; i < state.length; i++) {
                state[i] = Math.IEEEremainder(state[i], 2 * Math.PI);
            }
            return Math.abs(turned) < SLIPPING_RADIANS
                    ? new Rest(evaluations, residual, false)
                    : new Rest(
                            evaluations,
                            residual,
                            Rest.Ending.UNLOCKED,
                            String.format(
                                    Locale.ROOT,
                                    "free oscillator %d of %d slips against the reference at %.3g rad per unit of time: there "
                                            + "is no rest to read; make couplings or biases stronger or tune it closer",
                                    worst + 1,
                                    state.length,
                                    turned / seconds));
        }
    }
}
