package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.homeostat.contracts.PhysicsContract;
import org.homeostat.physics.QuantumOscillators.Spring;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract for particles that stand still (hbar = 0), and what is quantum about them beside it. */
class QuantumOscillatorsTest implements PhysicsContract {

    private static final QuantumOscillators STILL =
            new QuantumOscillators(2, 2, new double[] {1, 2, 0.5, 1, 1}, 0.5, 0, Spring.ON_THE_MEAN);

    private static double[] parameters(QuantumOscillators net, RandomGenerator random) {
        double[] theta = random.doubles(net.parameters(), 0.1, 1).toArray();
        for (int l = net.springs(); l < theta.length; l++) {
            theta[l] = random.nextDouble(-1, 1);
        }
        return theta;
    }

    @Override
    public Case draw(RandomGenerator random) {
        return new Case(
                STILL,
                parameters(STILL, random),
                random.doubles(2, -1, 1).toArray(),
                random.doubles(2, -1, 1).toArray(),
                0.3);
    }

    @Override
    public double[] allowed(Case drawn, RandomGenerator random) {
        double[] state = new double[STILL.states()];
        for (int i = 0; i < 5; i++) {
            state[i] = random.nextDouble(-1, 1);
        }
        return state;
    }

    @Override
    public boolean free(Case drawn, double[] state, int unit) {
        return unit < 5;
    }

    @Override
    public double tolerance() {
        return 1e-14;
    }

    @Override
    public double slopeTolerance() {
        return 1e-9;
    }

    /** A single one of frequency w = sqrt(k / m): energy hbar w / 2, variances hbar / (2 m w) and hbar m w / 2. */
    @Test
    void oneOscillatorHasTheGroundStateOfTheBooks() {
        QuantumOscillators one = new QuantumOscillators(0, 1, new double[] {3}, 0.75, 2, Spring.ON_THE_MEAN);
        double[] state = new double[one.states()];
        Rest rest = one.settle(new double[0], Drive.free(new double[0], 1), state, 1e-13);
        assertThat(rest.settled()).isTrue();
        double w = 0.5;
        assertThat(state).containsExactly(new double[] {0, 2 / (2 * 3 * w), 2 * 3 * w / 2}, within(1e-14));
        assertThat(one.energy(new double[0], Drive.free(new double[0], 1), state))
                .isCloseTo(2 * w / 2, within(1e-14));
    }

    /** Two equal ones: the centre swings with kappa, the distance with kappa + 2 k. */
    @Test
    void twoOscillatorsHaveTheZeroPointEnergyOfTheirModes() {
        QuantumOscillators two = new QuantumOscillators(1, 1, new double[] {1, 1}, 0.5, 1, Spring.ON_THE_MEAN);
        double[] theta = {1.5, 0};
        double[] state = new double[two.states()];
        two.settle(theta, Drive.free(new double[] {0}, 1), state, 1e-13);
        assertThat(two.energy(theta, Drive.free(new double[] {0}, 1), state))
                .isCloseTo((Math.sqrt(0.5) + Math.sqrt(3.5)) / 2, within(1e-14));
        assertThat(state[two.covariance(1, 0)]).isCloseTo((1 / Math.sqrt(0.5) - 1 / Math.sqrt(3.5)) / 4, within(1e-14));
    }

    /** hbar -> 0 leaves the balance of forces of springs on a line, here solved without any of this code. */
    @Test
    void withoutHbarTheyAreSpringsOnALine() {
        SplittableRandom random = new SplittableRandom(5);
        for (int machine = 0; machine < 20; machine++) {
            double[] theta = parameters(STILL, random);
            double[] x = random.doubles(2, -2, 2).toArray();
            double[][] k = new double[5][5];
            double[] f = new double[5];
            int c = 0;
            for (int i = 0; i < 5; i++) {
                k[i][i] += 0.5;
                f[i] += i < 2 ? 0.5 * x[i] : 0;
                for (int j = i + 1; j < 5; j++, c++) {
                    k[i][i] += theta[c];
                    k[j][j] += theta[c];
                    k[i][j] -= theta[c];
                    k[j][i] -= theta[c];
                    f[i] += theta[c] * theta[STILL.springs() + c];
                    f[j] -= theta[c] * theta[STILL.springs() + c];
                }
            }
            double[] rest = new LUDecomposition(new Array2DRowRealMatrix(k))
                    .getSolver()
                    .solve(new ArrayRealVector(f))
                    .toArray();
            double[] state = new double[STILL.states()];
            STILL.settle(theta, Drive.free(x, 2), state, 1e-13);
            for (int i = 0; i < STILL.states(); i++) {
                assertThat(state[i]).isCloseTo(i < 5 ? rest[i] : 0, within(1e-12));
            }
        }
    }

    /**
     * The same machine laid out with {@link SpringNetwork}: nodes in the order in which no spring turns over, a tether as a
     * long spring from far along the line, and the other axis held by inputs of 0.
     */
    @Test
    void withoutHbarTheyAreTheSpringNetwork() {
        double far = 50;
        SplittableRandom random = new SplittableRandom(6);
        for (int machine = 0; machine < 5; machine++) {
            double[] theta = parameters(STILL, random);
            int springs = STILL.springs();
            SpringNetwork.Builder line = new SpringNetwork.Builder(2);
            int[] nodes = new int[5];
            for (int i = 0; i < 5; i++) {
                nodes[i] = line.node(-2 * i, 0);
            }
            for (int i = 0, c = 0; i < 5; i++) {
                for (int j = i + 1; j < 5; j++, c++) {
                    var unused = line.spring(nodes[i], nodes[j]);
                    // Long enough that the particles keep their order, in either network.
                    theta[springs + c] += 2 * (j - i);
                }
            }
            for (int i = 0; i < 5; i++) {
                int anchor = line.node(-far, 0);
                if (i < 2) {
                    line.input(anchor, 0);
                }
                line.pin(anchor);
                var unused = line.fixed(nodes[i], anchor, 0.5, far);
            }
            for (int node : nodes) {
                line.input(node, 1);
            }
            SpringNetwork network = line.output(nodes[3], 0).output(nodes[4], 0).build();
            double[] x = {random.nextDouble(-1, 1), random.nextDouble(-1, 1)};
            double[] target = {random.nextDouble(-6, -4), random.nextDouble(-8, -6)};
            for (double strength : new double[] {0, 0.3, -0.1}) {
                double[] still = new double[STILL.states()];
                STILL.settle(theta, Drive.free(x, 2).coupled(strength, target), still, 1e-13);
                double[] displaced = new double[network.states()];
                Drive same = Drive.free(new double[] {x[0], x[1], 0, 0, 0, 0, 0}, 2)
                        .coupled(strength, new double[] {target[0] + 6, target[1] + 8});
                Rest rest = network.settle(theta, same, displaced, 1e-13);
                assertThat(rest.settled()).as("%s", rest).isTrue();
                double[] forces = new double[theta.length];
                double[] springForces = new double[theta.length];
                STILL.forces(theta, Drive.free(x, 2), still, forces);
                network.forces(theta, same, displaced, springForces);
                assertThat(springForces).containsExactly(forces, within(1e-9));
                for (int i = 0; i < 5; i++) {
                    assertThat(displaced[network.coordinates(nodes[i])[0]] - 2 * i)
                            .isCloseTo(still[i], within(1e-9));
                }
            }
        }
    }

    /** The forces and the cost are slopes of the least energy with hbar too, zero-point energy and all. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, -0.2})
    void withHbarForcesAreSlopesOfTheLeastEnergy(double strength) {
        SplittableRandom random = new SplittableRandom(8);
        Case machine = QuantumGradientTest.particles(random, 1.3, Spring.ON_THE_PARTICLE);
        Drive drive = machine.nudged(strength);
        double[] forces = Machines.forces(machine, machine.theta(), drive);
        for (int k = 0; k < forces.length; k++) {
            double up = machine.freeEnergy(Machines.moved(machine.theta(), k, 1e-5), drive, 1e-13);
            double down = machine.freeEnergy(Machines.moved(machine.theta(), k, -1e-5), drive, 1e-13);
            assertThat(forces[k]).isCloseTo((up - down) / 2e-5, within(1e-9));
        }
        double[] state = machine.settled(machine.theta(), drive, 1e-13);
        double cost = machine.cost(state) + state[((QuantumOscillators) machine.physics()).covariance(5, 5)] / 2;
        double up = machine.freeEnergy(machine.theta(), machine.nudged(strength + 1e-5), 1e-13);
        double down = machine.freeEnergy(machine.theta(), machine.nudged(strength - 1e-5), 1e-13);
        assertThat(cost).isCloseTo((up - down) / 2e-5, within(1e-9));
    }

    /** A spring on the mean leaves the spread as it was; one on the particle makes it narrower. */
    @Test
    void onlyASpringOnTheParticleChangesItsSpread() {
        for (Spring spring : Spring.values()) {
            Case machine = QuantumGradientTest.particles(new SplittableRandom(8), 1, spring);
            int variance = ((QuantumOscillators) machine.physics()).covariance(5, 5);
            double free = machine.settled(machine.theta(), machine.free(), 1e-13)[variance];
            double nudged = machine.settled(machine.theta(), machine.nudged(0.3), 1e-13)[variance];
            if (spring == Spring.ON_THE_MEAN) {
                assertThat(nudged).isEqualTo(free);
            } else {
                assertThat(nudged).isLessThan(free - 1e-3);
            }
        }
    }

    /** No mixed Gaussian state has less energy. Any S with P = hbar^2/4 S^-1 is a pure one; more of either only adds. */
    @Test
    void noOtherGaussianStateHasLessEnergy() {
        SplittableRandom random = new SplittableRandom(9);
        QuantumOscillators net = new QuantumOscillators(1, 1, new double[] {1, 2, 0.5}, 0.5, 1, Spring.ON_THE_MEAN);
        double[] theta = parameters(net, random);
        Drive drive = Drive.free(new double[] {0.7}, 1);
        double[] rest = new double[net.states()];
        net.settle(theta, drive, rest, 1e-13);
        double least = net.energy(theta, drive, rest);
        for (int trial = 0; trial < 200; trial++) {
            double[][] root = new double[3][3];
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j <= i; j++) {
                    root[i][j] = i == j ? random.nextDouble(0.3, 1.5) : random.nextDouble(-0.5, 0.5);
                }
            }
            Array2DRowRealMatrix half = new Array2DRowRealMatrix(root);
            var spread = half.multiply(half.transpose());
            var momenta = new LUDecomposition(spread).getSolver().getInverse().scalarMultiply(0.25);
            double[] other = new double[net.states()];
            for (int i = 0; i < 3; i++) {
                other[i] = random.nextDouble(-1, 1);
                other[net.momentum(i)] = momenta.getEntry(i, i);
                for (int j = i; j < 3; j++) {
                    other[net.covariance(i, j)] = spread.getEntry(i, j);
                }
            }
            assertThat(net.energy(theta, drive, other)).isGreaterThan(least);
        }
    }

    @Test
    void aClampHoldsTheMean() {
        double[] theta = parameters(STILL, new SplittableRandom(2));
        double[] state = new double[STILL.states()];
        STILL.settle(theta, Drive.free(new double[] {1, -1}, 2).clamped(new double[] {0.4, -0.6}), state, 1e-13);
        assertThat(state[3]).isEqualTo(0.4);
        assertThat(state[4]).isEqualTo(-0.6);
        double held = STILL.energy(theta, Drive.free(new double[] {1, -1}, 2), state);
        for (int i = 0; i < 3; i++) {
            for (double step : new double[] {1e-3, -1e-3}) {
                double[] moved = state.clone();
                moved[i] += step;
                assertThat(STILL.energy(theta, Drive.free(new double[] {1, -1}, 2), moved))
                        .isGreaterThan(held);
            }
        }
    }

    @Test
    void springsThatPushApartAreReported() {
        double[] theta = new double[STILL.parameters()];
        theta[0] = -5;
        double[] state = new double[STILL.states()];
        Rest rest = STILL.settle(theta, Drive.free(new double[2], 2), state, 1e-13);
        assertThat(rest.residual()).isInfinite();
        assertThat(rest.remark()).contains("not positive definite");
        assertThat(state).containsOnly(0);
    }

    @Test
    void machinesThatCannotBeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QuantumOscillators(1, 1, new double[] {1}, 1, 1, Spring.ON_THE_MEAN))
                .withMessageContaining("expected particles for 1 inputs");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QuantumOscillators(0, 1, new double[] {-1}, 1, 1, Spring.ON_THE_MEAN))
                .withMessageContaining("masses above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QuantumOscillators(0, 1, new double[] {1}, 0, 1, Spring.ON_THE_MEAN))
                .withMessageContaining("tether above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new QuantumOscillators(0, 1, new double[] {1}, 1, Double.NaN, Spring.ON_THE_MEAN))
                .withMessageContaining("hbar of 0 or more");
    }
}
