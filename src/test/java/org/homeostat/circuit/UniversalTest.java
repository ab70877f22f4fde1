package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.homeostat.circuit.Universal.Reality;
import org.junit.jupiter.api.Test;

/** The circuit of a ReLU network: how far it is from the network, by what makes it less than ideal. */
class UniversalTest {

    private static double wave(double x) {
        return Math.sin(2 * Math.PI * x) + 0.5 * Math.cos(5 * Math.PI * x);
    }

    /** The largest distance from the network, and from the wave, over the line. */
    private static double[] errors(int hinges, double eps, Reality reality) throws UnsolvableException {
        ReluNetwork network = ReluNetwork.interpolating(UniversalTest::wave, hinges);
        Universal made = new Universal(network, eps, reality);
        Circuit circuit = made.circuit();
        Solver solver = new DenseNewton(circuit);
        double[] errors = new double[2];
        for (int p = 0; p <= 200; p++) {
            double x = p / 200.0;
            Solution solution = solver.solve(made.sources(x), 1e-11);
            assertThat(solution.residual()).isLessThanOrEqualTo(1e-10);
            double answer = made.read(circuit, solution.volts())[0];
            errors[0] = Math.max(errors[0], Math.abs(answer - network.of(x)[0]));
            errors[1] = Math.max(errors[1], Math.abs(answer - wave(x)));
        }
        return errors;
    }

    private static double slope(double[] x, double[] y) {
        SimpleRegression line = new SimpleRegression();
        for (int i = 0; i < x.length; i++) {
            line.addData(Math.log(x[i]), Math.log(y[i]));
        }
        return line.getSlope();
    }

    @Test
    void theErrorAgainstTheNetworkIsProportionalToEps() throws UnsolvableException {
        double[] eps = {1e-2, 1e-3, 1e-4, 1e-5};
        double[] errors = new double[eps.length];
        for (int i = 0; i < eps.length; i++) {
            errors[i] = errors(20, eps[i], Reality.IDEAL)[0];
        }
        assertThat(slope(eps, errors)).isCloseTo(1, within(0.05));
        assertThat(errors[0]).isLessThan(0.1);
    }

    @Test
    void theErrorAgainstTheFunctionFallsAsTheSquareOfTheHinges() throws UnsolvableException {
        double[] hinges = {10, 20, 40};
        double[] errors = new double[hinges.length];
        for (int i = 0; i < hinges.length; i++) {
            errors[i] = errors((int) hinges[i], 1e-6, Reality.IDEAL)[1];
        }
        assertThat(slope(hinges, errors)).isCloseTo(-2, within(0.25));
        assertThat(errors[2]).isLessThan(0.0125);
    }

    @Test
    void theErrorOfRealDiodesIsProportionalToTheirDrop() throws UnsolvableException {
        double[] emissions = {1e-3, 1e-2, 1e-1, 1};
        double[] errors = new double[emissions.length];
        for (int i = 0; i < emissions.length; i++) {
            errors[i] = errors(20, 1e-7, new Reality(emissions[i], Double.POSITIVE_INFINITY))[0];
        }
        assertThat(slope(emissions, errors)).isCloseTo(1, within(0.05));
        // A silicon diode is felt.
        assertThat(errors[3]).isBetween(0.05, 0.3);
    }

    @Test
    void theErrorOfRealAmplifiersIsProportionalToOneOverTheirGain() throws UnsolvableException {
        double[] gains = {1e4, 1e5, 1e6};
        double[] errors = new double[gains.length];
        for (int i = 0; i < gains.length; i++) {
            errors[i] = errors(20, 1e-7, new Reality(0, gains[i]))[0];
        }
        assertThat(slope(gains, errors)).isCloseTo(-1, within(0.05));
    }

    private static ReluNetwork drawn(long seed, int... sizes) {
        SplittableRandom random = new SplittableRandom(seed);
        ReluNetwork.Layer[] layers = new ReluNetwork.Layer[sizes.length - 1];
        for (int l = 0; l < layers.length; l++) {
            double[][] weights = new double[sizes[l + 1]][sizes[l]];
            double[] biases = new double[sizes[l + 1]];
            for (int k = 0; k < biases.length; k++) {
                biases[k] = 0.3 * random.nextGaussian();
                for (int i = 0; i < sizes[l]; i++) {
                    weights[k][i] = random.nextGaussian();
                }
            }
            layers[l] = new ReluNetwork.Layer(weights, biases);
        }
        return new ReluNetwork(List.of(layers));
    }

    @Test
    void deepNetworksWithSeveralOutputsAreAnsweredToo() throws UnsolvableException {
        ReluNetwork network = drawn(2, 3, 6, 5, 2);
        SplittableRandom random = new SplittableRandom(5);
        double[] eps = {1e-3, 1e-4, 1e-5};
        double[] errors = new double[eps.length];
        for (int i = 0; i < eps.length; i++) {
            Universal made = new Universal(network, eps[i], Reality.IDEAL);
            Circuit circuit = made.circuit();
            Circuit driven = made.driven();
            for (int p = 0; p < 30; p++) {
                double[] x = {random.nextDouble(-1, 1), random.nextDouble(-1, 1), random.nextDouble(-1, 1)};
                double[] answer = made.read(
                        circuit,
                        new DenseNewton(circuit).solve(made.sources(x), 1e-12).volts());
                double[] expected = network.of(x);
                errors[i] = Math.max(errors[i], Math.abs(answer[0] - expected[0]));
                errors[i] = Math.max(errors[i], Math.abs(answer[1] - expected[1]));
                double[] again = made.read(
                        driven,
                        Solvers.of(driven).solve(made.drivenSources(x), 1e-12).volts());
                assertThat(again).containsExactly(answer, within(1e-9));
            }
        }
        assertThat(errors[1]).isLessThan(0.05);
        assertThat(slope(eps, errors)).isCloseTo(1, within(0.1));
    }

    @Test
    void thereAreTwoNodesAndTwoDiodesForEachUnit() {
        Universal made = new Universal(drawn(1, 2, 7, 4, 1), 1e-3, Reality.IDEAL);
        long diodes = made.circuit().elements().stream()
                .filter(Element.IdealDiode.class::isInstance)
                .count();
        assertThat(made.network().units()).isEqualTo(11);
        assertThat(diodes).isEqualTo(22);
        // Ground, 3 inputs with what amplifiers make of them, hidden nodes, the output.
        assertThat(made.circuit().nodes()).hasSize(1 + 9 + 22 + 1);
    }

    @Test
    void hingesThatAreFittedComeNearTheFunction() {
        ReluNetwork network = ReluNetwork.fitted(x -> x[0] * x[1], 60, 15, 1);
        assertThat(network.of(0.5, 0.5)[0]).isCloseTo(0.25, within(0.05));
        assertThat(network.of(-0.5, 0.8)[0]).isCloseTo(-0.4, within(0.05));
    }

    @Test
    void badNetworksAreRefused() {
        ReluNetwork.Layer one = new ReluNetwork.Layer(new double[][] {{1, 2}}, new double[] {0});
        assertThatThrownBy(() -> new ReluNetwork(List.of(one, one))).hasMessageContaining("layer 2 has 2 inputs");
        assertThatThrownBy(() -> new ReluNetwork.Layer(new double[][] {{1}}, new double[] {}))
                .hasMessageContaining("0 biases");
        assertThatThrownBy(() -> new Universal(new ReluNetwork(List.of(one)), 0, Reality.IDEAL))
                .hasMessageContaining("eps");
        assertThatThrownBy(() -> new Reality(-1, 10)).hasMessageContaining("emission");
    }
}
