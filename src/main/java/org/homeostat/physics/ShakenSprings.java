package org.homeostat.physics;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A spring network that is shaken: every free coordinate has a mass, friction, and a bath that kicks it.
 *
 * <pre>   m r'' = -dE/dr - (m / tau) r' + noise,   noise of 2 (m / tau) kT a second,</pre>
 *
 * in steps after Gronbech-Jensen and Farago (Mol. Phys. 111, 983, 2013), which keep the spread of the places of a harmonic
 * spring whatever the step. A read is the mean of outputs and forces over one window of steps; a sample is the mean of its
 * reads. Standard errors allow for what one window remembers of the one before (a process of first order), and are too
 * large rather than too small where springs swing; of a single read they are unknown, that is 0. Speeds are drawn from the bath whenever it is run.
 *
 * <p>What it does without chance is to come to rest as its {@link SpringNetwork} does.
 */
public final class ShakenSprings implements Sampled {

    /**
     * What shakes it.
     *
     * @param kilogram the mass of each free coordinate, above 0
     * @param dampingSeconds after how long a speed left alone has decayed to 1/e, above 0
     * @param joule the temperature times Boltzmann's constant, 0 or more
     * @param stepSeconds the length of a step, above 0
     * @param window how many steps are averaged in one read, 1 or more
     */
    public record Bath(double kilogram, double dampingSeconds, double joule, double stepSeconds, int window) {
        public Bath {
            if (!(kilogram > 0) || !(dampingSeconds > 0) || !(stepSeconds > 0) || !(joule >= 0) || window < 1) {
                throw new IllegalArgumentException(
                        "a bath needs a mass, a damping time, a step and a window above 0 and a temperature not below 0, not "
                                + kilogram + " kg, " + dampingSeconds + " s, " + stepSeconds + " s, " + window
                                + " steps and " + joule + " J");
            }
        }
    }

    private final SpringNetwork network;
    private final Bath bath;

    public ShakenSprings(SpringNetwork network, Bath bath) {
        this.network = network;
        this.bath = bath;
    }

    @Override
    public int inputs() {
        return network.inputs();
    }

    @Override
    public int states() {
        return network.states();
    }

    @Override
    public int parameters() {
        return network.parameters();
    }

    @Override
    public int[] outputs() {
        return network.outputs();
    }

    @Override
    public void observe(double[] state, double[] observed) {
        network.observe(state, observed);
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        return network.energy(theta, drive, state);
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        network.forces(theta, drive, state, forces);
    }

    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        return network.settle(theta, drive, state, tolerance);
    }

    /**
     * {@inheritDoc}
     *
     * <p>It is shaken for {@code run.seconds()} before the first read. Residual: 0, as it never rests; infinite where it flew
     * apart because the step is too long for springs so stiff.
     *
     * @throws IllegalArgumentException as {@link SpringNetwork#settle}
     */
    @Override
    public Sample sample(double[] theta, Drive drive, double[] state, Run run) {
        boolean[] held = network.prepared(theta, drive, state);
        if (run.afresh()) {
            begin(state, run.chance());
            held = network.prepared(theta, drive, state);
        }
        Motion motion = new Motion(theta, drive, held, state, run.chance());
        int before = (int) Math.ceil(run.seconds() / bath.stepSeconds);
        for (int step = 0; step < before; step++) {
            motion.step();
        }
        int reads = Math.max(1, run.reads());
        double[][] outputs = new double[reads][outputs().length];
        double[][] forces = new double[reads][parameters()];
        double[] output = new double[outputs().length];
        double[] force = new double[parameters()];
        for (int read = 0; read < reads; read++) {
            for (int step = 0; step < bath.window; step++) {
                motion.step();
                network.observe(state, output);
                network.forces(theta, drive, state, force);
                for (int k = 0; k < output.length; k++) {
                    outputs[read][k] += output[k] / bath.window;
                }
                for (int k = 0; k < force.length; k++) {
                    forces[read][k] += force[k] / bath.window;
                }
            }
        }
        int steps = before + reads * bath.window;
        boolean whole = Arrays.stream(state).allMatch(Double::isFinite);
        if (!whole) {
            begin(state, run.chance());
        }
        Rest rest = whole
                ? new Rest(steps, 0, true)
                : new Rest(
                        steps,
                        Double.POSITIVE_INFINITY,
                        Rest.Ending.NOT_AT_REST,
                        "the shaken springs flew apart: a step of " + bath.stepSeconds
                                + " s is too long for springs so stiff");
        return new Sample(means(outputs), errors(outputs), means(forces), errors(forces), rest);
    }

    private static double[] means(double[][] reads) {
        double[] means = new double[reads[0].length];
        for (double[] read : reads) {
            for (int k = 0; k < means.length; k++) {
                means[k] += read[k] / reads.length;
            }
        }
        return means;
    }

    /** The standard errors of the means of a series of which each member remembers the one before. */
    private static double[] errors(double[][] reads) {
        double[] means = means(reads);
        double[] errors = new double[means.length];
        int n = reads.length;
        for (int k = 0; k < errors.length && n > 1; k++) {
            double variance = 0;
            double together = 0;
            for (int i = 0; i < n; i++) {
                double off = reads[i][k] - means[k];
                variance += off * off;
                together += i == 0 ? 0 : off * (reads[i - 1][k] - means[k]);
            }
            // Of few reads the memory is not known well; more than a factor of 3 in error is not believed.
            double memory = variance > 0 ? Math.clamp(together / variance, 0, 0.8) : 0;
            errors[k] = Math.sqrt(variance / (n - 1) / n * (1 + memory) / (1 - memory));
        }
        return errors;
    }

    /** Places and speeds on their way. */
    private final class Motion {
        private final double[] theta;
        private final Drive drive;
        private final boolean[] held;
        private final double[] state;
        private final RandomGenerator chance;
        private final double[] speed;
        private final double[] slope;

        Motion(double[] theta, Drive drive, boolean[] held, double[] state, RandomGenerator chance) {
            this.theta = theta;
            this.drive = drive;
            this.held = held;
            this.state = state;
            this.chance = chance;
            speed = new double[state.length];
            slope = new double[state.length];
            for (int i = 0; i < speed.length; i++) {
                speed[i] = held[i] ? 0 : Math.sqrt(bath.joule / bath.kilogram) * chance.nextGaussian();
            }
            network.slope(theta, drive, state, slope, null, held);
        }

        /** r' = r + b h v + b h^2 f / 2m + b h n / 2m and v' = a v + h (a f + f') / 2m + b n / m, as published. */
        void step() {
            double h = bath.stepSeconds;
            double m = bath.kilogram;
            double drag = h / (2 * bath.dampingSeconds);
            double a = (1 - drag) / (1 + drag);
            double b = 1 / (1 + drag);
            double spread = Math.sqrt(2 * m / bath.dampingSeconds * bath.joule * h);
            for (int i = 0; i < state.length; i++) {
                if (!held[i]) {
                    double kick = spread * chance.nextGaussian();
                    double force = -slope[i];
                    state[i] += b * h * speed[i] + b * h * h / (2 * m) * force + b * h / (2 * m) * kick;
                    speed[i] = a * speed[i] + h * a / (2 * m) * force + b / m * kick;
                }
            }
            network.slope(theta, drive, state, slope, null, held);
            for (int i = 0; i < state.length; i++) {
                speed[i] -= held[i] ? 0 : h / (2 * m) * slope[i];
            }
        }
    }
}
