package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.homeostat.physics.FlowNetwork.Builder;
import org.homeostat.physics.Rest.Ending;
import org.junit.jupiter.api.Test;

/** Networks that can be solved on paper, and the refusals. */
class FlowNetworkTest {

    private static final double TOLERANCE = 1e-14;

    /** Input 0 - node 1 (output) - ground 2. */
    private static Builder divider() {
        return new Builder(3).pipe(0, 1).pipe(1, 2).input(0).ground(2).output(1);
    }

    private static double[] settled(FlowNetwork network, double[] theta, Drive drive) {
        double[] state = new double[network.states()];
        assertThat(network.settle(theta, drive, state, TOLERANCE).settled()).isTrue();
        return state;
    }

    private static Drive free(double... input) {
        return Drive.free(input, 1);
    }

    @Test
    void aDividerDividesByItsConductances() {
        FlowNetwork network = divider().build();
        double[] theta = {1, 0.5};
        double[] state = settled(network, theta, free(6));
        assertThat(state).containsExactly(new double[] {4}, within(1e-14));
        assertThat(network.energy(theta, free(6), state)).isCloseTo(0.5 * 4 + 0.25 * 16, within(1e-13));
        double[] force = new double[2];
        network.forces(theta, free(6), state, force);
        assertThat(force).containsExactly(new double[] {2, 8}, within(1e-13));
    }

    @Test
    void nudgesAreFlowsSpringsAndClamps() {
        FlowNetwork network = divider().build();
        double[] theta = {1, 0.5};
        assertThat(settled(network, theta, free(6).pushed(new double[] {3}))[0]).isCloseTo(6, within(1e-13));
        assertThat(settled(network, theta, free(6).coupled(1.5, new double[] {2}))[0])
                .isCloseTo(3, within(1e-13));
        assertThat(settled(network, theta, free(6).coupled(-0.5, new double[] {2}))[0])
                .isCloseTo(5, within(1e-13));
        assertThat(settled(network, theta, free(6).clamped(new double[] {1.25}))[0])
                .isEqualTo(1.25);
    }

    /** 10 across a bridge with an unbalanced cross-pipe, as in the resistive network's test. */
    @Test
    void aBridgeOutOfBalanceIsAsTheNodalEquationsSay() {
        FlowNetwork network = new Builder(4)
                .pipe(0, 1)
                .pipe(1, 3)
                .pipe(0, 2)
                .pipe(2, 3)
                .pipe(1, 2)
                .input(0)
                .ground(3)
                .output(2)
                .build();
        double[] state = settled(network, new double[] {1, 1 / 2.0, 1 / 3.0, 1 / 4.0, 1 / 5.0}, free(10));
        assertThat(state).containsExactly(new double[] {204.0 / 31, 184.0 / 31}, within(1e-12));
    }

    /** A clamp moves what is beside it: the rest of the network answers as if the output were an input. */
    @Test
    void aClampedOutputDrivesTheNodesAroundIt() {
        FlowNetwork network = new Builder(4)
                .pipe(0, 1)
                .pipe(1, 2)
                .pipe(2, 3)
                .input(0)
                .ground(3)
                .output(2)
                .build();
        double[] state = settled(network, new double[] {1, 3, 1}, free(4).clamped(new double[] {2}));
        assertThat(state).containsExactly(new double[] {2.5, 2}, within(1e-14));
    }

    @Test
    void aGridHasItsPipesInOrder() {
        FlowNetwork network = Builder.grid(5, 5).input(0).ground(24).output(12).build();
        assertThat(network.parameters()).isEqualTo(40);
        assertThat(network.states()).isEqualTo(23);
        // Along a single row the pressure falls evenly.
        FlowNetwork row = Builder.grid(1, 5).input(0).ground(4).output(2).build();
        assertThat(settled(row, new double[] {1, 1, 1, 1}, free(1)))
                .containsExactly(new double[] {0.75, 0.5, 0.25}, within(1e-15));
    }

    /** The flow network is a resistive network without diodes, solved in another way. */
    @Test
    void itIsTheResistiveNetworkWithoutDiodes() {
        SplittableRandom random = new SplittableRandom(3);
        for (int trial = 0; trial < 5; trial++) {
            double[] theta = random.doubles(12, 1e-6, 2).toArray();
            FlowNetwork grid = Builder.grid(3, 3)
                    .input(0)
                    .input(2)
                    .ground(6)
                    .output(8)
                    .output(4)
                    .build();
            ResistiveNetwork.Builder same = new ResistiveNetwork.Builder(2);
            int[][] pipes = {
                {0, 1}, {1, 2}, {3, 4}, {4, 5}, {6, 7}, {7, 8}, {0, 3}, {1, 4}, {2, 5}, {3, 6}, {4, 7}, {5, 8}
            };
            ResistiveNetwork.Terminal[] nodes = new ResistiveNetwork.Terminal[9];
            for (int node = 0; node < 9; node++) {
                nodes[node] = node == 0 || node == 2
                        ? new ResistiveNetwork.Terminal.Source(node / 2, 1)
                        : node == 6
                                ? new ResistiveNetwork.Terminal.Rail(0)
                                : new ResistiveNetwork.Terminal.Node(same.node());
            }
            for (int[] pipe : pipes) {
                assertThat(same.adjustable(nodes[pipe[0]], nodes[pipe[1]])).isNotNegative();
            }
            same.output(5).output(2);
            Drive drive = Drive.free(random.doubles(2, -1, 1).toArray(), 2)
                    .coupled(0.3, new double[] {0.1, -0.2})
                    .pushed(new double[] {0.05, -0.3});
            double[] there = new double[6];
            assertThat(same.build().settle(theta, drive, there, 1e-13).settled())
                    .isTrue();
            assertThat(settled(grid, theta, drive)).containsExactly(there, within(1e-10));
        }
    }

    @Test
    void everyNodeGivenAndNothingToSettleIsAtRest() {
        FlowNetwork network = new Builder(2).pipe(0, 1).input(0).ground(1).build();
        Rest rest = network.settle(new double[] {1}, Drive.free(new double[] {3}, 0), new double[0], TOLERANCE);
        assertThat(rest.ending()).isEqualTo(Ending.AT_REST);
    }

    // What it refuses, with nothing moved

    private static void refused(FlowNetwork network, double[] theta, Drive drive, String... words) {
        double[] state = new double[network.states()];
        java.util.Arrays.fill(state, 0.25);
        double[] before = state.clone();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.settle(theta, drive, state, TOLERANCE))
                .withMessageContainingAll(words);
        assertThat(state).containsExactly(before);
    }

    @Test
    void aNudgeThatMakesTheEnergyBottomlessIsRefused() {
        refused(
                divider().build(),
                new double[] {1, 0.5},
                free(6).coupled(-1.5, new double[] {2}),
                "-1.5",
                "negative nudge");
    }

    @Test
    void aConductanceBelowZeroOrUnknownIsRefused() {
        refused(divider().build(), new double[] {1, -0.1}, free(6), "pipe 1", "-0.1");
        refused(divider().build(), new double[] {Double.NaN, 1}, free(6), "pipe 0", "NaN");
    }

    @Test
    void aNodeOnPipesThatDoNotConductIsRefused() {
        refused(divider().build(), new double[] {0, 0}, free(6), "do not conduct");
    }

    @Test
    void aNodeWithoutAPipeToAnythingHeldIsRefusedWhenBuilt() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new Builder(4).pipe(0, 1).pipe(2, 3).input(0).output(1).build())
                .withMessageContaining("node 2");
    }

    @Test
    void theBuilderRefusesWhatCannotBe() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Builder(0)).withMessageContaining("1 node");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Builder.grid(0, 5))
                .withMessageContaining("0 x 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Builder(2).pipe(0, 2))
                .withMessage("no node 2 among 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Builder(2).pipe(1, 1))
                .withMessageContaining("node 1 with itself");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Builder(2).input(0).ground(0))
                .withMessage("node 0 is held already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Builder(2).output(0).output(0))
                .withMessage("node 0 is an output already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> divider().output(0).build())
                .withMessageContaining("node 0 is held");
    }
}
