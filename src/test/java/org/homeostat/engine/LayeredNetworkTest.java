package org.homeostat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.homeostat.engine.LayeredNetwork.Law;
import org.homeostat.engine.LayeredNetwork.Rest;
import org.homeostat.physics.Drive;
import org.homeostat.physics.HopfieldNetwork;
import org.homeostat.physics.ResistiveNetwork;
import org.homeostat.physics.ResistiveNetwork.Terminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Large layered networks agree, lane by lane, with the small ones in double precision, and learn by the forces of those. */
final class LayeredNetworkTest {

    private static final double GAIN = 3;
    private static final double SINGLE = 2e-5;

    private final SplittableRandom random = new SplittableRandom(5);

    private static LayeredNetwork network(Law law, int lanes, int... sizes) {
        return new LayeredNetwork(
                law, sizes, GAIN, new double[] {0.5}, lanes, Kernels.best(), 1, new SplittableRandom(11));
    }

    private double[][] inputs(LayeredNetwork network, int count) {
        double[][] inputs = new double[network.lanes()][];
        for (int lane = 0; lane < inputs.length; lane++) {
            // As single precision has them, so that both see the same.
            inputs[lane] = random.doubles(count, -1, 1).map(x -> (float) x).toArray();
            network.input(lane, inputs[lane]);
        }
        return inputs;
    }

    private Matrix push(int lanes, int outputs, double scale) {
        Matrix push = Matrix.of(lanes, outputs);
        for (int lane = 0; lane < lanes; lane++) {
            for (int k = 0; k < outputs; k++) {
                push.set(lane, k, (float) (scale * (2 * random.nextDouble() - 1)));
            }
        }
        return push;
    }

    private static Drive drive(double[] input, Matrix push, int lane, double stiffness) {
        double[] force = new double[push.columns()];
        Arrays.setAll(force, k -> push.get(lane, k));
        Drive pushed = Drive.free(input, force.length).pushed(force);
        return stiffness == 0 ? pushed : pushed.coupled(stiffness, new double[force.length]);
    }

    /** The same in double precision. */
    private static double[] theta(LayeredNetwork network, int[] sizes) {
        HopfieldNetwork truth = new HopfieldNetwork(sizes);
        double[] theta = new double[truth.parameters()];
        for (int layer = 1; layer < sizes.length; layer++) {
            for (int to = 0; to < sizes[layer]; to++) {
                theta[truth.bias(layer, to)] = network.bias(layer, to);
                for (int from = 0; from < sizes[layer - 1]; from++) {
                    theta[truth.weight(layer, from, to)] = network.weight(layer, from, to);
                }
            }
        }
        return theta;
    }

    /** A deep resistive network in double precision; biases, which are 0 at the start, are left out. */
    private static ResistiveNetwork circuit(LayeredNetwork network, int[] sizes) {
        ResistiveNetwork.Builder builder = new ResistiveNetwork.Builder(sizes[0]);
        int[][] node = new int[sizes.length][];
        for (int layer = 1; layer < sizes.length; layer++) {
            node[layer] = new int[sizes[layer]];
            for (int unit = 0; unit < sizes[layer]; unit++) {
                boolean first = unit < (sizes[layer] + 1) / 2;
                node[layer][unit] = layer == sizes.length - 1
                        ? builder.node()
                        : builder.node(first ? 0 : Double.NEGATIVE_INFINITY, first ? Double.POSITIVE_INFINITY : 0);
                Terminal here = new Terminal.Node(node[layer][unit]);
                for (int from = 0; from < sizes[layer - 1]; from++) {
                    if (layer == 1) {
                        for (boolean positive : new boolean[] {true, false}) {
                            builder.fixed(
                                    new Terminal.Source(from, positive ? GAIN : -GAIN),
                                    here,
                                    network.conductance(positive, from, unit));
                        }
                    } else {
                        builder.fixed(
                                new Terminal.Node(node[layer - 1][from]), here, network.weight(layer, from, unit));
                    }
                }
            }
        }
        for (int output : node[sizes.length - 1]) {
            builder.output(output);
        }
        return builder.build();
    }

    @ParameterizedTest
    @CsvSource({"5, 7, 3, 0, 1", "5, 70, 66, 3, 9", "12, 100, 2, 0, 17"})
    void hopfieldNetworksSettleWhereTheSmallOnesDo(int in, int first, int second, int third, int lanes) {
        int[] sizes = third == 0 ? new int[] {in, first, second} : new int[] {in, first, second, third};
        LayeredNetwork network = network(Law.HOPFIELD, lanes, sizes);
        double[][] inputs = inputs(network, in);
        HopfieldNetwork truth = new HopfieldNetwork(sizes);
        double[] theta = theta(network, sizes);
        int outputs = sizes[sizes.length - 1];
        for (double stiffness : new double[] {0, 0.5, -0.4}) {
            Matrix push = push(lanes, outputs, 0.5);
            Rest rest = network.settle(push, stiffness, 1e-6);
            assertThat(rest.residual()).isLessThanOrEqualTo(1e-6);
            for (int lane = 0; lane < lanes; lane++) {
                double[] state = new double[truth.states()];
                var unused = truth.settle(theta, drive(inputs[lane], push, lane, stiffness), state, 1e-12);
                for (int layer = 1; layer < sizes.length; layer++) {
                    for (int unit = 0; unit < sizes[layer]; unit++) {
                        assertThat(network.state(lane, layer, unit))
                                .isCloseTo(state[truth.unit(layer, unit)], within(SINGLE));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 6, 3, 0, 1", "4, 70, 66, 3, 9", "6, 80, 2, 0, 10"})
    void resistiveNetworksSettleWhereTheSmallOnesDo(int in, int first, int second, int third, int lanes) {
        int[] sizes = third == 0 ? new int[] {in, first, second} : new int[] {in, first, second, third};
        LayeredNetwork network = network(Law.RESISTIVE, lanes, sizes);
        double[][] inputs = inputs(network, in);
        ResistiveNetwork truth = circuit(network, sizes);
        int outputs = sizes[sizes.length - 1];
        for (double stiffness : new double[] {0, 1, -0.01}) {
            Matrix push = push(lanes, outputs, 0.5);
            Rest rest = network.settle(push, stiffness, 1e-7);
            assertThat(rest.residual()).isLessThanOrEqualTo(1e-7);
            for (int lane = 0; lane < lanes; lane++) {
                double[] state = new double[truth.states()];
                var unused = truth.settle(new double[0], drive(inputs[lane], push, lane, stiffness), state, 1e-12);
                int next = 0;
                for (int layer = 1; layer < sizes.length; layer++) {
                    for (int unit = 0; unit < sizes[layer]; unit++) {
                        assertThat(network.state(lane, layer, unit)).isCloseTo(state[next++], within(5 * SINGLE));
                    }
                }
            }
        }
    }

    /** dE/dtheta = - s_before s_after, - s (2103.09985); drop^2 / 2, - v (2402.11674): mean over lanes. */
    @ParameterizedTest
    @EnumSource(Law.class)
    void everyParameterMovesByItsSoftnessTimesTheChangeOfItsForce(Law law) {
        int[] sizes = {4, 70, 65, 3};
        int lanes = 5;
        LayeredNetwork network = network(law, lanes, sizes);
        double[][] inputs = inputs(network, sizes[0]);
        LayeredNetwork old = network(law, lanes, sizes);
        Rest unused = network.settle(push(lanes, 3, 0), 0, 1e-6);
        double[][][] then = states(network, sizes, inputs);
        network.remember();
        unused = network.settle(push(lanes, 3, 1), 0, 1e-6);
        double[][][] now = states(network, sizes, inputs);
        double[] weights = {0.3, 0.2, 0.1};
        double[] biases = {0.05, 0.04, 0.03};
        network.move(weights, biases);
        int moved = 0;
        for (int layer = 1; layer < sizes.length; layer++) {
            for (int to = 0; to < sizes[layer]; to++) {
                double change = 0;
                for (int lane = 0; lane < lanes; lane++) {
                    change += now[lane][layer][to] - then[lane][layer][to];
                }
                assertThat(network.bias(layer, to)).isCloseTo(biases[layer - 1] * change / lanes, within(SINGLE));
                for (int from = 0; from < sizes[layer - 1]; from++) {
                    if (law == Law.HOPFIELD) {
                        double force = 0;
                        for (int lane = 0; lane < lanes; lane++) {
                            force -= now[lane][layer - 1][from] * now[lane][layer][to]
                                    - then[lane][layer - 1][from] * then[lane][layer][to];
                        }
                        assertThat(network.weight(layer, from, to))
                                .isCloseTo(
                                        old.weight(layer, from, to) - weights[layer - 1] * force / lanes,
                                        within(SINGLE));
                    } else {
                        for (double gain : layer == 1 ? new double[] {GAIN, -GAIN} : new double[] {1}) {
                            double force = 0;
                            for (int lane = 0; lane < lanes; lane++) {
                                force += square(gain * now[lane][layer - 1][from] - now[lane][layer][to]) / 2
                                        - square(gain * then[lane][layer - 1][from] - then[lane][layer][to]) / 2;
                            }
                            double before =
                                    layer == 1 ? old.conductance(gain > 0, from, to) : old.weight(layer, from, to);
                            double after = layer == 1
                                    ? network.conductance(gain > 0, from, to)
                                    : network.weight(layer, from, to);
                            double expected = Math.max(0, before - weights[layer - 1] * force / lanes);
                            assertThat(after).isCloseTo(expected, within(SINGLE));
                            moved += expected > 0 && Math.abs(expected - before) > 10 * SINGLE ? 1 : 0;
                        }
                    }
                }
            }
        }
        assertThat(moved).isGreaterThan(law == Law.HOPFIELD ? -1 : 100);
    }

    private static double square(double x) {
        return x * x;
    }

    private static double[][][] states(LayeredNetwork network, int[] sizes, double[][] inputs) {
        double[][][] states = new double[inputs.length][sizes.length][];
        for (int lane = 0; lane < inputs.length; lane++) {
            states[lane][0] = inputs[lane];
            for (int layer = 1; layer < sizes.length; layer++) {
                states[lane][layer] = new double[sizes[layer]];
                for (int unit = 0; unit < sizes[layer]; unit++) {
                    states[lane][layer][unit] = network.state(lane, layer, unit);
                }
            }
        }
        return states;
    }

    /** The same move where the input changed between the two rests, which the short cut of the first layer leaves out. */
    @ParameterizedTest
    @EnumSource(Law.class)
    void inputsMayChangeBetweenTheTwoRests(Law law) {
        int[] sizes = {4, 9, 2};
        LayeredNetwork network = network(law, 3, sizes);
        double[][] first = inputs(network, sizes[0]);
        Rest unused = network.settle(push(3, 2, 0), 0, 1e-6);
        double[][][] then = states(network, sizes, first);
        network.remember();
        double[][] second = inputs(network, sizes[0]);
        unused = network.settle(push(3, 2, 0), 0, 1e-6);
        double[][][] now = states(network, sizes, second);
        LayeredNetwork old = network(law, 3, sizes);
        network.move(new double[] {0.3, 0}, new double[] {0, 0});
        for (int from = 0; from < sizes[0]; from++) {
            for (int to = 0; to < sizes[1]; to++) {
                double force = 0;
                for (int lane = 0; lane < 3; lane++) {
                    force += law == Law.HOPFIELD
                            ? then[lane][0][from] * then[lane][1][to] - now[lane][0][from] * now[lane][1][to]
                            : square(GAIN * now[lane][0][from] - now[lane][1][to]) / 2
                                    - square(GAIN * then[lane][0][from] - then[lane][1][to]) / 2;
                }
                double before = law == Law.HOPFIELD ? old.weight(1, from, to) : old.conductance(true, from, to);
                double after = law == Law.HOPFIELD ? network.weight(1, from, to) : network.conductance(true, from, to);
                double expected = before - 0.1 * force;
                assertThat(after).isCloseTo(law == Law.HOPFIELD ? expected : Math.max(0, expected), within(SINGLE));
            }
        }
    }

    @Test
    void lanesDoNotTouchEachOther() {
        int[] sizes = {6, 20, 3};
        LayeredNetwork many = network(Law.RESISTIVE, 21, sizes);
        double[][] inputs = inputs(many, sizes[0]);
        Rest unused = many.settle(Matrix.of(21, 3), 0, 1e-6);
        LayeredNetwork one = network(Law.RESISTIVE, 1, sizes);
        for (int lane = 0; lane < inputs.length; lane++) {
            one.afresh();
            one.input(0, inputs[lane]);
            unused = one.settle(Matrix.of(1, 3), 0, 1e-7);
            for (int k = 0; k < 3; k++) {
                assertThat(many.output(lane, k)).isCloseTo(one.output(0, k), within(SINGLE));
            }
        }
    }

    /** However work is shared out, every number is the same. */
    @ParameterizedTest
    @EnumSource(Law.class)
    void threadsChangeNothing(Law law) throws IOException {
        int[] sizes = {20, 2100, 70, 3};
        List<byte[]> memories = new ArrayList<>();
        for (int threads : new int[] {1, 2, 3}) {
            try (LayeredNetwork network = new LayeredNetwork(
                    law, sizes, GAIN, new double[] {0.5}, 37, Kernels.best(), threads, new SplittableRandom(3))) {
                SplittableRandom draw = new SplittableRandom(8);
                for (int step = 0; step < 2; step++) {
                    for (int lane = 0; lane < 37; lane++) {
                        network.input(lane, draw.doubles(20, -1, 1).toArray());
                    }
                    Rest unused = network.settle(Matrix.of(37, 3), 0, 1e-5);
                    network.remember();
                    unused = network.settle(Matrix.of(37, 3), 0.3, 1e-5);
                    network.move(new double[] {0.1, 0.1, 0.1}, new double[] {0.1, 0.1, 0.1});
                }
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                network.save(new DataOutputStream(bytes));
                memories.add(bytes.toByteArray());
            }
        }
        assertThat(Arrays.equals(memories.get(1), memories.get(0)))
                .as("two threads")
                .isTrue();
        assertThat(Arrays.equals(memories.get(2), memories.get(0))).as("three").isTrue();
    }

    @Test
    void aNudgeThatLeavesNoRestIsRefusedAndCouplingsThatLeaveNoneShow() {
        LayeredNetwork network = network(Law.HOPFIELD, 1, 2, 3, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.settle(Matrix.of(1, 1), -1, 1e-6))
                .withMessageContaining("output 1 unstable");
        LayeredNetwork strong = new LayeredNetwork(
                Law.HOPFIELD,
                new int[] {1, 1, 1},
                1,
                new double[] {1e20},
                1,
                Kernels.best(),
                1,
                new SplittableRandom(1));
        strong.input(0, new double[] {1});
        Matrix push = Matrix.of(1, 1);
        push.set(0, 0, 1e20f);
        assertThat(strong.settle(push, 0, 1e-6).residual()).isPositive();
    }

    @Test
    void whatWasSavedGoesOnAsIfNothingHadHappened() throws IOException {
        int[] sizes = {3, 8, 2};
        LayeredNetwork network = network(Law.RESISTIVE, 2, sizes);
        var unusedInputs = inputs(network, 3);
        Rest unused = network.settle(push(2, 2, 1), 0, 1e-6);
        network.remember();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        network.save(new DataOutputStream(bytes));
        LayeredNetwork again = new LayeredNetwork(
                Law.RESISTIVE, sizes, GAIN, new double[] {1}, 2, Kernels.best(), 1, new SplittableRandom(99));
        again.restore(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        Matrix push = push(2, 2, 1);
        for (LayeredNetwork one : new LayeredNetwork[] {network, again}) {
            unused = one.settle(push, 0.5, 1e-6);
            one.move(new double[] {0.1, 0.1}, new double[] {0.1, 0.1});
            unused = one.settle(push, 0.5, 1e-6);
        }
        for (int k = 0; k < 2; k++) {
            assertThat(again.output(1, k)).isEqualTo(network.output(1, k));
        }
    }
}
