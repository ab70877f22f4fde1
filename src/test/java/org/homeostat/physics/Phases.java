package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.homeostat.physics.PhaseOscillators.Bias;
import org.homeostat.physics.PhaseOscillators.Topology;

/**
 * Machines made of phases, for tests. They have many rests, so each is followed from one that it was brought to.
 *
 * @param rest where it came to rest without a nudge
 */
record Phases(String name, Physics physics, double[] theta, double[] input, double[] target, double[] rest) {

    static final double TOLERANCE = 1e-14;

    /** One of each kind, three times. */
    static Phases[] some() {
        Phases[] some = new Phases[12];
        for (int seed = 0; seed < some.length; seed++) {
            SplittableRandom random = new SplittableRandom(100 + seed);
            some[seed] = switch (seed % 4) {
                case 0 ->
                    of(
                            "all to all",
                            new PhaseOscillators(Topology.ALL_TO_ALL, Bias.POLAR, new double[0], 2, 3, 2),
                            random);
                case 1 ->
                    of(
                            "layered",
                            new PhaseOscillators(Topology.LAYERED, Bias.CARTESIAN, new double[0], 3, 4, 3, 2),
                            random);
                case 2 ->
                    of(
                            "with natural frequencies",
                            new PhaseOscillators(
                                    Topology.LAYERED,
                                    Bias.CARTESIAN,
                                    random.doubles(6, -0.1, 0.1).toArray(),
                                    2,
                                    4,
                                    2),
                            random);
                default -> of("Ising", new OscillatorIsing(running(0, 0), 3, 4, 2), random);
            };
        }
        return some;
    }

    static OscillatorIsing.Running running(double noise, int bits) {
        return new OscillatorIsing.Running(0.1, 1e-6, 0.5, noise, bits);
    }

    private static Phases of(String name, Physics physics, SplittableRandom random) {
        double[] theta = random.doubles(physics.parameters(), -1, 1).toArray();
        int free = physics instanceof OscillatorIsing ? physics.states() / 2 : physics.states();
        int biases = theta.length - 2 * free;
        for (int i = 0; i < free; i++) {
            if (physics instanceof OscillatorIsing) {
                // Phases at rest on the reference's axis have no gradient; a negative harmonic keeps them off it.
                theta[biases + free + i] -= 2;
            } else {
                // Strong biases: no phase is so loose that a small nudge is a large one to it.
                theta[biases + i] += 1.5;
            }
        }
        double[] input = random.doubles(physics.inputs(), -1.5, 1.5).toArray();
        double[] target = random.doubles(physics.outputs().length, -0.9, 0.9).toArray();
        double[] state = new double[physics.states()];
        physics.begin(state, random);
        assertThat(physics.settle(theta, Drive.free(input, target.length), state, TOLERANCE)
                        .settled())
                .as(name)
                .isTrue();
        return new Phases(name, physics, theta, input, target, state);
    }

    Drive free() {
        return Drive.free(input, target.length);
    }

    /** The state at rest nearest to the one without a nudge. */
    double[] settled(double[] parameters, Drive drive) {
        double[] state = rest.clone();
        Rest found = physics.settle(parameters, drive, state, TOLERANCE);
        assertThat(found.settled()).as("%s: %s", name, found).isTrue();
        return state;
    }

    double[] forces(Drive drive) {
        double[] forces = new double[theta.length];
        physics.forces(theta, drive, settled(theta, drive), forces);
        return forces;
    }

    double cost(double[] parameters) {
        double[] observed = new double[target.length];
        physics.observe(settled(parameters, free()), observed);
        double cost = 0;
        for (int k = 0; k < observed.length; k++) {
            cost += 0.5 * (observed[k] - target[k]) * (observed[k] - target[k]);
        }
        return cost;
    }

    /** The gradient of the cost, by central differences of fourth order. */
    double[] gradient() {
        double h = 1e-3;
        double[] gradient = new double[theta.length];
        for (int k = 0; k < gradient.length; k++) {
            gradient[k] = (8 * (cost(Machines.moved(theta, k, h)) - cost(Machines.moved(theta, k, -h)))
                            - (cost(Machines.moved(theta, k, 2 * h)) - cost(Machines.moved(theta, k, -2 * h))))
                    / (12 * h);
        }
        return gradient;
    }

    /** How far equilibrium propagation between two springs is from a gradient. */
    double error(double[] truth, double first, double second) {
        double[] one = forces(free().coupled(first, target));
        double[] two = forces(free().coupled(second, target));
        double[] estimate = new double[one.length];
        Arrays.setAll(estimate, k -> (two[k] - one[k]) / (second - first));
        return Machines.relative(estimate, truth);
    }
}
