package org.homeostat.physics;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.exception.MathIllegalArgumentException;
import org.apache.commons.math3.exception.MathIllegalStateException;
import org.apache.commons.math3.ode.FirstOrderDifferentialEquations;
import org.apache.commons.math3.ode.nonstiff.DormandPrince853Integrator;

/**
 * A {@link TransverseIsing} machine as a laboratory runs it: the ground state is reached by changing the Hamiltonian slowly
 * (hbar = 1, so that a parameter of 1 is an angular frequency of 1/s), and what is read are shots.
 *
 * <p>A ramp goes from the terms of one Hamiltonian to those of the next with {@code lambda = (1 - cos(pi t / T)) / 2} over the
 * time T that the machine is given. Afresh it begins where every qubit follows a transverse field of {@value #DRIVER} alone;
 * onward it begins with the state and the Hamiltonian that it had, so that only what was changed is ramped: after a free
 * exchange the nudge. Whatever excitation is left is divided by beta when two nudged states are compared, so that a nudge
 * that is not ramped leaves an error that no patience mends ({@link Preparation#NUDGED_AT_ONCE}).
 *
 * <p>A shot measures all qubits along Z, or all along X: the two do not commute, so that each is prepared for anew. The reads
 * of a run are so many times the shots of a read along each. Z and ZZ come from the same shots and are correlated; the standard errors are those of a
 * frequency, kept away from 0 by one shot either way (Laplace).
 *
 * <p>State: the means and the gap as {@link TransverseIsing} has them; then the terms of the Hamiltonian that it has come to,
 * in the order of the means; then the real and the imaginary amplitudes. All zero before the first run, which then begins
 * afresh whatever is asked for.
 */
public final class QuantumAnnealer implements Sampled {

    /** The transverse field at the beginning, in the unit of the parameters. */
    static final double DRIVER = 1;

    /** What is left of an excitation counts divided by beta, so that the integrator must do better than that. */
    private static final double INTEGRATOR_TOLERANCE = 1e-9;

    /** Whether most of the state is the ground state is what a remark is about. */
    private static final double MOST_EXCITED = 0.5;

    /** How states are reached. */
    public enum Preparation {
        /** The ground state itself, as after infinite time. */
        GROUND,
        /** By a ramp of everything that changes. */
        RAMP,
        /** By a ramp of everything but the nudge, which is there from the first moment. */
        NUDGED_AT_ONCE
    }

    private final TransverseIsing ising;
    private final Preparation preparation;
    private final int shots;

    /**
     * @param shots how many shots along each axis make one read, at least 1
     */
    public QuantumAnnealer(TransverseIsing ising, Preparation preparation, int shots) {
        if (shots < 1) {
            throw new IllegalArgumentException("a read takes one shot or more, not " + shots);
        }
        this.ising = ising;
        this.preparation = preparation;
        this.shots = shots;
    }

    @Override
    public int inputs() {
        return ising.inputs();
    }

    @Override
    public int states() {
        return ising.states() + ising.terms() + 2 * size();
    }

    private int size() {
        return 1 << ising.qubits();
    }

    @Override
    public int parameters() {
        return ising.parameters();
    }

    @Override
    public int[] outputs() {
        return ising.outputs();
    }

    @Override
    public double energy(double[] theta, Drive drive, double[] state) {
        return ising.energy(theta, drive, state);
    }

    @Override
    public void forces(double[] theta, Drive drive, double[] state, double[] forces) {
        ising.forces(theta, drive, state, forces);
    }

    /** The exact ground state. */
    @Override
    public Rest settle(double[] theta, Drive drive, double[] state, double tolerance) {
        TransverseIsing.Found found = ising.found(theta, drive, tolerance);
        if (found.means().length > 0) {
            keep(state, found.means(), found.terms(), found.ground().amplitudes(), new double[size()]);
        }
        return found.rest();
    }

    private void keep(double[] state, double[] means, double[] terms, double[] re, double[] im) {
        System.arraycopy(means, 0, state, 0, means.length);
        System.arraycopy(terms, 0, state, means.length, terms.length);
        System.arraycopy(re, 0, state, means.length + terms.length, re.length);
        System.arraycopy(im, 0, state, means.length + terms.length + re.length, im.length);
    }

    @Override
    public Sample sample(double[] theta, Drive drive, double[] state, Run run) {
        if (run.reads() < 1) {
            throw new IllegalArgumentException("expected one read or more, not " + run.reads());
        }
        TransverseIsing.Found found = ising.found(theta, drive, 1e-10);
        if (found.means().length == 0) {
            return new Sample(
                    new double[outputs().length],
                    new double[outputs().length],
                    new double[parameters()],
                    new double[parameters()],
                    found.rest());
        }
        Rest rest = found.rest();
        double[] re = found.ground().amplitudes();
        double[] im = new double[size()];
        double[] means = found.means();
        if (preparation != Preparation.GROUND) {
            double[] amplitudes = ramped(theta, drive, state, run, found);
            if (amplitudes.length == 0) {
                rest = new Rest(
                        1,
                        Double.POSITIVE_INFINITY,
                        Rest.Ending.NOT_AT_REST,
                        "the ramp could not be followed to the accuracy needed; make it shorter or the terms smaller");
            } else {
                re = Arrays.copyOf(amplitudes, size());
                im = Arrays.copyOfRange(amplitudes, size(), 2 * size());
                means = new double[ising.states()];
                ising.means(re, im, means);
                means[ising.gap()] = found.ground().gap();
                rest = judged(rest, re, im, found.ground());
            }
        }
        keep(state, means, found.terms(), re, im);

        double[] read = new double[ising.terms()];
        double[] errors = new double[ising.terms()];
        shoot(re, im, Math.multiplyExact(run.reads(), shots), run.chance(), read, errors);
        double[] forces = new double[parameters()];
        ising.forces(read, forces);
        double[] forceErrors = new double[parameters()];
        ising.forces(errors, forceErrors);
        int[] outputs = outputs();
        double[] output = new double[outputs.length];
        double[] outputErrors = new double[outputs.length];
        for (int k = 0; k < outputs.length; k++) {
            output[k] = read[outputs[k]];
            outputErrors[k] = errors[outputs[k]];
        }
        for (int k = 0; k < forceErrors.length; k++) {
            forceErrors[k] = Math.abs(forceErrors[k]);
        }
        return new Sample(output, outputErrors, forces, forceErrors, rest);
    }

    /** How much of the state is not the ground state. A real machine cannot tell; a twin can, and says so. */
    private static Rest judged(Rest rest, double[] re, double[] im, GroundState ground) {
        double along = GroundState.dot(re, ground.amplitudes());
        double across = GroundState.dot(im, ground.amplitudes());
        double excited = Math.max(0, 1 - along * along - across * across);
        return !rest.settled() || excited <= MOST_EXCITED
                ? rest
                : new Rest(
                        rest.sweeps(),
                        excited,
                        Rest.Ending.NOT_AT_REST,
                        "the ramp was too fast for the gap of " + (float) ground.gap()
                                + ": most of the state is excited; dwell longer");
    }

    /** The amplitudes at the end of the ramp, real parts first; empty if the integrator gave up. */
    private double[] ramped(double[] theta, Drive drive, double[] state, Run run, TransverseIsing.Found found) {
        int size = size();
        int kept = ising.states();
        double[] target = found.terms();
        double[] from = Arrays.copyOfRange(state, kept, kept + target.length);
        double[] amplitudes = Arrays.copyOfRange(state, kept + target.length, kept + target.length + 2 * size);
        boolean begun = Arrays.stream(amplitudes).anyMatch(a -> a != 0);
        if (run.afresh() || !begun) {
            Arrays.fill(from, 0);
            Arrays.fill(from, ising.qubits(), 2 * ising.qubits(), DRIVER);
            Arrays.fill(amplitudes, 0);
            Arrays.fill(amplitudes, 0, size, 1 / Math.sqrt(size));
        }
        if (preparation == Preparation.NUDGED_AT_ONCE) {
            // The terms that are ramped: those without the nudge. The rest is there at once.
            double[] bare = ising.terms(theta, Drive.free(drive.input(), outputs().length));
            boolean afresh = run.afresh() || !begun;
            for (int k = 0; k < target.length; k++) {
                double nudge = target[k] - bare[k];
                from[k] = afresh ? from[k] + nudge : nudge == 0 ? from[k] : target[k];
            }
        }
        double seconds = run.seconds();
        if (!(seconds > 0)) {
            return amplitudes;
        }
        QubitHamiltonian first = ising.hamiltonian(from);
        QubitHamiltonian last = ising.hamiltonian(target);
        double shift = found.ground().energy();
        FirstOrderDifferentialEquations schroedinger = new FirstOrderDifferentialEquations() {
            @Override
            public int getDimension() {
                return 2 * size;
            }

            /** i psi' = (H - shift) psi; the shift turns the phase of the whole state and makes it turn slowly. */
            @Override
            public void computeDerivatives(double t, double[] psi, double[] slope) {
                double part = 0.5 * (1 - Math.cos(Math.PI * Math.min(t / seconds, 1)));
                QubitHamiltonian now = first.between(last, part);
                now.apply(psi, size, slope, 0, shift, 1);
                now.apply(psi, 0, slope, size, shift, -1);
            }
        };
        try {
            new DormandPrince853Integrator(seconds * 1e-12, seconds, INTEGRATOR_TOLERANCE, INTEGRATOR_TOLERANCE)
                    .integrate(schroedinger, 0, amplitudes, seconds, amplitudes);
        } catch (MathIllegalStateException | MathIllegalArgumentException tooFine) {
            return new double[0];
        }
        double length = Math.sqrt(GroundState.dot(amplitudes, amplitudes));
        for (int s = 0; s < amplitudes.length; s++) {
            amplitudes[s] /= length;
        }
        return amplitudes;
    }

    /** Shots along Z and as many along X, into means of the terms and their standard errors. */
    private void shoot(double[] re, double[] im, int count, RandomGenerator chance, double[] read, double[] errors) {
        int qubits = ising.qubits();
        int[] alongZ = drawn(re, im, count, chance);
        double[] turnedRe = re.clone();
        double[] turnedIm = im.clone();
        for (int i = 0; i < qubits; i++) {
            hadamard(turnedRe, 1 << i);
            hadamard(turnedIm, 1 << i);
        }
        int[] alongX = drawn(turnedRe, turnedIm, count, chance);
        for (int i = 0; i < qubits; i++) {
            read[i] = mean(alongZ, 1 << i);
            read[qubits + i] = mean(alongX, 1 << i);
        }
        int c = 2 * qubits;
        for (int i = 0; i < qubits; i++) {
            for (int j = i + 1; j < qubits; j++) {
                read[c++] = mean(alongZ, 1 << i | 1 << j);
            }
        }
        for (int k = 0; k < read.length; k++) {
            double kept = read[k] * count / (count + 2);
            errors[k] = Math.sqrt((1 - kept * kept) / count);
        }
    }

    private static void hadamard(double[] amplitudes, int bit) {
        double half = Math.sqrt(0.5);
        for (int s = 0; s < amplitudes.length; s++) {
            if ((s & bit) == 0) {
                double up = amplitudes[s];
                double down = amplitudes[s | bit];
                amplitudes[s] = half * (up + down);
                amplitudes[s | bit] = half * (up - down);
            }
        }
    }

    private static int[] drawn(double[] re, double[] im, int shots, RandomGenerator chance) {
        double[] below = new double[re.length];
        double sum = 0;
        for (int s = 0; s < re.length; s++) {
            sum += re[s] * re[s] + im[s] * im[s];
            below[s] = sum;
        }
        int[] drawn = new int[shots];
        for (int shot = 0; shot < shots; shot++) {
            int at = Arrays.binarySearch(below, chance.nextDouble() * sum);
            drawn[shot] = Math.min(at >= 0 ? at + 1 : -at - 1, re.length - 1);
        }
        return drawn;
    }

    /** The mean of the product of the signs of some qubits. */
    private static double mean(int[] shots, int qubits) {
        int sum = 0;
        for (int shot : shots) {
            sum += (Integer.bitCount(shot & qubits) & 1) == 0 ? 1 : -1;
        }
        return (double) sum / shots.length;
    }
}
