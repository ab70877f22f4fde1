package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.homeostat.physics.ResistiveNetwork.Builder;
import org.homeostat.physics.ResistiveNetwork.Terminal;
import org.junit.jupiter.api.Test;

/** Circuits that can be solved on paper. Conductances in siemens, by Kirchhoff's current law at every free node. */
class ResistiveNetworkTest {

    private static final double TOLERANCE = 1e-14;
    private static final Terminal SOURCE = new Terminal.Source(0, 1);
    private static final Terminal GROUND = new Terminal.Rail(0);

    private static double[] settled(ResistiveNetwork network, double[] theta, Drive drive) {
        double[] state = new double[network.states()];
        assertThat(network.settle(theta, drive, state, TOLERANCE).settled()).isTrue();
        return state;
    }

    private static Drive input(double... volts) {
        return Drive.free(volts, 0);
    }

    /** One node between a source (parameter 0) and ground (parameter 1), kept between two voltages. */
    private static ResistiveNetwork divider(double lowest, double highest) {
        Builder built = new Builder(1);
        int node = built.node(lowest, highest);
        built.output(node);
        built.adjustable(SOURCE, new Terminal.Node(node));
        built.adjustable(new Terminal.Node(node), GROUND);
        return built.build();
    }

    private static final ResistiveNetwork DIVIDER = divider(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    @Test
    void aVoltageDividerDividesByItsConductances() {
        double[] theta = {1e-3, 0.5e-3};
        Drive drive = Drive.free(new double[] {6}, 1);
        double[] state = settled(DIVIDER, theta, drive);
        assertThat(state[0]).isCloseTo(4, within(1e-12));
        // E = g1 (6-4)^2 / 2 + g2 4^2 / 2: half of the 12 mW that the resistors turn into heat.
        assertThat(DIVIDER.energy(theta, drive, state)).isCloseTo(6e-3, within(1e-15));
        double[] force = new double[2];
        DIVIDER.forces(theta, drive, state, force);
        assertThat(force).containsExactly(new double[] {2, 8}, within(1e-11));
    }

    @Test
    void aCurrentIntoAnOutputRaisesItByOhmsLaw() {
        double[] theta = {1e-3, 0.5e-3};
        Drive drive = Drive.free(new double[] {6}, 1).pushed(new double[] {3e-3});
        double[] state = settled(DIVIDER, theta, drive);
        assertThat(state[0]).isCloseTo(6, within(1e-12));
        // Half the power, 0 + 9 mW, less the current times the voltage, 18 mW.
        assertThat(DIVIDER.energy(theta, drive, state)).isCloseTo(-9e-3, within(1e-15));
    }

    @Test
    void aSpringOnAnOutputIsAConductanceToTheTarget() {
        double[] theta = {1e-3, 0.5e-3};
        Drive drive = Drive.free(new double[] {6}, 1).coupled(1.5e-3, new double[] {2});
        double[] state = settled(DIVIDER, theta, drive);
        assertThat(state[0]).isCloseTo(3, within(1e-12));
        Drive away = Drive.free(new double[] {6}, 1).coupled(-0.5e-3, new double[] {2});
        assertThat(settled(DIVIDER, theta, away)[0]).isCloseTo(5, within(1e-12));
    }

    @Test
    void anOutputIsHeldAndTheRestSettlesAroundIt() {
        Builder built = new Builder(1);
        Terminal beside = new Terminal.Node(built.node());
        int held = built.node(0, Double.POSITIVE_INFINITY);
        built.output(held);
        built.fixed(SOURCE, beside, 1).fixed(beside, new Terminal.Node(held), 3).fixed(beside, GROUND, 2);
        ResistiveNetwork network = built.build();
        Drive drive = Drive.free(new double[] {0}, 1);
        // 6 v = 3 * 2 with the source at 0 V, where nothing but the clamp drives a current.
        assertThat(settled(network, new double[0], drive.clamped(new double[] {2})))
                .containsExactly(new double[] {1, 2}, within(1e-12));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> network.settle(new double[0], drive.clamped(new double[] {-1}), new double[2], TOLERANCE))
                .withMessageContaining("output 0 cannot be held at -1.0 V");
    }

    @Test
    void anOutputBehindADiodeIsHeldToo() {
        // Source - 1 S - a - diode - b (output) - 1 S - ground.
        Builder built = new Builder(1);
        int a = built.node();
        int b = built.node();
        built.fixed(SOURCE, new Terminal.Node(a), 1).fixed(new Terminal.Node(b), GROUND, 1);
        built.diode(a, b).output(b);
        ResistiveNetwork network = built.build();
        Drive drive = Drive.free(new double[] {1}, 1);
        assertThat(settled(network, new double[0], drive.clamped(new double[] {0.25})))
                .containsExactly(new double[] {0.25, 0.25}, within(1e-12));
        assertThat(settled(network, new double[0], drive.clamped(new double[] {3})))
                .containsExactly(new double[] {1, 3}, within(1e-12));
    }

    /** 10 V across a bridge of 1, 2, 3 and 4 kohm with 5 kohm between its arms. */
    private static double[] bridge(double... kiloohms) {
        Builder built = new Builder(1);
        Terminal left = new Terminal.Node(built.node());
        Terminal right = new Terminal.Node(built.node());
        built.adjustable(SOURCE, left);
        built.adjustable(left, GROUND);
        built.adjustable(SOURCE, right);
        built.adjustable(right, GROUND);
        built.adjustable(left, right);
        double[] theta = new double[5];
        java.util.Arrays.setAll(theta, k -> 1e-3 / kiloohms[k]);
        return settled(built.build(), theta, input(10));
    }

    @Test
    void aWheatstoneBridgeOutOfBalanceIsAsTheNodalEquationsSay() {
        // 1.7 a - 0.2 b = 10 and -0.2 a + 47/60 b = 10/3 (in mA and mS), so a = 204/31 V and b = 184/31 V.
        assertThat(bridge(1, 2, 3, 4, 5)).containsExactly(new double[] {204.0 / 31, 184.0 / 31}, within(1e-12));
    }

    @Test
    void aWheatstoneBridgeInBalanceDoesNotFeelItsBridge() {
        for (double across : new double[] {0.01, 1, 100}) {
            assertThat(bridge(1, 2, 3, 6, across)).containsExactly(new double[] {20.0 / 3, 20.0 / 3}, within(1e-11));
        }
    }

    @Test
    void aDiodeToASupplyStopsTheNodeThere() {
        double[] theta = {1e-3, 0.5e-3};
        ResistiveNetwork below = divider(Double.NEGATIVE_INFINITY, 2.5);
        double[] state = settled(below, theta, Drive.free(new double[] {6}, 1));
        assertThat(state[0]).isEqualTo(2.5);
        double[] force = new double[2];
        below.forces(theta, Drive.free(new double[] {6}, 1), state, force);
        assertThat(force).containsExactly(new double[] {0.5 * 3.5 * 3.5, 0.5 * 2.5 * 2.5}, within(1e-15));
        assertThat(settled(below, theta, Drive.free(new double[] {3}, 1))[0]).isCloseTo(2, within(1e-12));
        ResistiveNetwork above = divider(-1, Double.POSITIVE_INFINITY);
        assertThat(settled(above, theta, Drive.free(new double[] {-6}, 1))[0]).isEqualTo(-1);
        assertThat(settled(above, theta, Drive.free(new double[] {-1.2}, 1))[0]).isCloseTo(-0.8, within(1e-12));
    }

    /** Source - 1 mS - a - diode - b - 1 mS - ground. */
    private static double[] throughADiode(double volts) {
        Builder built = new Builder(1);
        int a = built.node();
        int b = built.node();
        built.fixed(SOURCE, new Terminal.Node(a), 1e-3);
        built.fixed(new Terminal.Node(b), GROUND, 1e-3);
        built.diode(a, b);
        return settled(built.build(), new double[0], input(volts));
    }

    @Test
    void aDiodeBetweenFreeNodesConductsForwardsWithoutADrop() {
        // Descent that moves one node at a time freezes at 0 V: a may not pass b, and b is drawn to ground.
        assertThat(throughADiode(1)).containsExactly(new double[] {0.5, 0.5}, within(1e-12));
    }

    @Test
    void aDiodeBetweenFreeNodesBlocksBackwards() {
        assertThat(throughADiode(-1)).containsExactly(new double[] {-1, 0}, within(1e-12));
    }

    @Test
    void anAmplifierAtAnInputMultipliesIt() {
        Builder built = new Builder(1);
        Terminal node = new Terminal.Node(built.node());
        built.adjustable(new Terminal.Source(0, -3), node);
        built.adjustable(node, GROUND);
        assertThat(settled(built.build(), new double[] {1, 1}, input(2))[0]).isCloseTo(-3, within(1e-12));
    }

    @Test
    void anAmplifierAtAFreeNodeActsBothWays() {
        // E = g1 (x - v)^2 / 2 + g2 (a v)^2 / 2 is least at v = g1 x / (g1 + a^2 g2): seen from the node, a gain of a
        // turns a
        // conductance g2 into a^2 g2. dE/dg2 = (a v)^2 / 2.
        Builder built = new Builder(1);
        int index = built.node();
        built.adjustable(SOURCE, new Terminal.Node(index));
        built.adjustable(new Terminal.Node(index, 3), GROUND);
        ResistiveNetwork network = built.build();
        double[] theta = {1, 0.25};
        double[] state = settled(network, theta, input(6.5));
        assertThat(state[0]).isCloseTo(2, within(1e-12));
        double[] force = new double[2];
        network.forces(theta, input(6.5), state, force);
        assertThat(force).containsExactly(new double[] {0.5 * 4.5 * 4.5, 0.5 * 36}, within(1e-11));
    }

    @Test
    void anAmplifierBetweenTwoNodesIsReciprocal() {
        // What a current at one node does to the other is the same both ways round, gain or not.
        Builder built = new Builder(1);
        int a = built.node();
        int b = built.node();
        built.output(a).output(b);
        built.fixed(new Terminal.Node(a), GROUND, 1).fixed(new Terminal.Node(b), GROUND, 2);
        built.fixed(new Terminal.Node(a, 4), new Terminal.Node(b), 0.5);
        ResistiveNetwork network = built.build();
        Drive still = Drive.free(new double[] {0}, 2);
        double there = settled(network, new double[0], still.pushed(new double[] {1, 0}))[b];
        double back = settled(network, new double[0], still.pushed(new double[] {0, 1}))[a];
        // H = [[1 + 8, -2], [-2, 2.5]] with determinant 18.5, so the transfer is 2 / 18.5.
        assertThat(there).isCloseTo(2 / 18.5, within(1e-12));
        assertThat(back).isCloseTo(there, within(1e-13));
    }

    @Test
    void fixedResistorsCountButAreNotParameters() {
        Builder built = new Builder(1);
        Terminal node = new Terminal.Node(built.node());
        built.fixed(SOURCE, node, 2);
        assertThat(built.adjustable(node, GROUND)).isZero();
        assertThat(built.adjustable(node, new Terminal.Rail(1))).isEqualTo(1);
        ResistiveNetwork network = built.build();
        assertThat(network.parameters()).isEqualTo(2);
        assertThat(settled(network, new double[] {1, 1}, input(4))[0]).isCloseTo(9 / 4.0, within(1e-12));
    }

    @Test
    void aResistorBetweenGivenVoltagesHeatsAndIsForced() {
        Builder built = new Builder(1);
        Terminal node = new Terminal.Node(built.node());
        built.adjustable(node, GROUND);
        built.adjustable(SOURCE, new Terminal.Rail(1));
        ResistiveNetwork network = built.build();
        double[] theta = {1, 3};
        double[] state = settled(network, theta, input(5));
        double[] force = new double[2];
        network.forces(theta, input(5), state, force);
        assertThat(network.energy(theta, input(5), state)).isCloseTo(24, within(1e-12));
        assertThat(force).containsExactly(new double[] {0, 8}, within(1e-12));
    }

    @Test
    void withNothingDrivingItEveryNodeComesToZero() {
        double[] state = {3};
        Rest rest = DIVIDER.settle(new double[] {1, 1}, Drive.free(new double[] {0}, 1), state, TOLERANCE);
        assertThat(rest.settled()).isTrue();
        assertThat(state[0]).isZero();
    }

    // An energy without a minimum

    /** Two nodes on 0.1 S each, joined by 10 S; both outputs. */
    private static Builder pair() {
        Builder built = new Builder(1);
        int a = built.node();
        int b = built.node();
        built.output(a).output(b);
        built.fixed(SOURCE, new Terminal.Node(a), 0.1).fixed(new Terminal.Node(b), GROUND, 0.1);
        built.fixed(new Terminal.Node(a), new Terminal.Node(b), 10);
        return built;
    }

    @Test
    void aNegativeSpringThatEachNodeBearsButNotTheNetworkRunsAway() {
        // At each node 10.1 - 1 > 0, but moving both together has the stiffness 0.2 - 2 < 0.
        double[] state = new double[2];
        Drive drive = Drive.free(new double[] {1}, 2).coupled(-1, new double[] {0.5, 0.5});
        Rest rest = pair().build().settle(new double[0], drive, state, 1e-12);
        assertThat(rest.settled()).isFalse();
        assertThat(rest.residual()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(state).doesNotContain(Double.NaN);
    }

    @Test
    void theDualToldOfSuchASpringRunsAwayToo() {
        Builder built = pair();
        int anode = built.node();
        int cathode = built.node();
        built.fixed(new Terminal.Node(anode), GROUND, 1).fixed(new Terminal.Node(cathode), GROUND, 1);
        built.diode(anode, cathode);
        double[] state = new double[4];
        Drive drive = Drive.free(new double[] {1}, 2).coupled(-1, new double[] {0.5, 0.5});
        Rest rest = built.build().settle(new double[0], drive, state, 1e-12);
        assertThat(rest.settled()).isFalse();
        assertThat(rest.residual()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(state).doesNotContain(Double.NaN);
    }

    @Test
    void aNodeThatNothingHoldsIsRefusedWithNothingMoved() {
        double[] state = {0.5};
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> DIVIDER.settle(new double[] {0, 0}, Drive.free(new double[] {1}, 1), state, TOLERANCE))
                .withMessageContainingAll("node 0", "0.0 S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DIVIDER.settle(
                        new double[] {1, 1},
                        Drive.free(new double[] {1}, 1).coupled(-2, new double[] {0}),
                        state,
                        TOLERANCE))
                .withMessageContaining("a negative nudge must stay weaker than the network at its output");
        assertThat(state).containsExactly(0.5);
    }

    // What the builder refuses

    @Test
    void aNodesRangeIsNotEmpty() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Builder(1).node(1, 0.5))
                .withMessage("a node's lowest voltage 1.0 lies above its highest 0.5");
        assertThatIllegalArgumentException().isThrownBy(() -> new Builder(1).node(Double.NaN, 1));
        assertThat(new Builder(1).node(1, 1)).isZero();
    }

    @Test
    void aConductanceIsNotNegative() {
        Builder built = new Builder(1);
        Terminal node = new Terminal.Node(built.node());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> built.fixed(node, GROUND, -1e-3))
                .withMessage("a resistor's conductance is not negative, as -0.001 S is");
        assertThatIllegalArgumentException().isThrownBy(() -> built.fixed(node, GROUND, Double.NaN));
    }

    @Test
    void aResistorEndsAtTwoDifferentThingsThatExist() {
        Builder built = new Builder(1);
        int index = built.node();
        Terminal node = new Terminal.Node(index);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> built.adjustable(node, new Terminal.Node(index, 2)))
                .withMessage("a resistor joins two different nodes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> built.adjustable(node, new Terminal.Node(1)))
                .withMessage("no node 1 among 1");
        assertThatIllegalArgumentException().isThrownBy(() -> built.adjustable(new Terminal.Node(-1), GROUND));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> built.adjustable(new Terminal.Source(1, 1), node))
                .withMessage("no input 1 among 1");
        assertThatIllegalArgumentException().isThrownBy(() -> built.fixed(new Terminal.Source(-1, 1), node, 1));
    }

    @Test
    void aRefusedResistorIsNoParameter() {
        Builder built = new Builder(1);
        Terminal node = new Terminal.Node(built.node());
        assertThatIllegalArgumentException().isThrownBy(() -> built.adjustable(node, new Terminal.Node(7)));
        assertThat(built.adjustable(node, GROUND)).isZero();
        assertThat(built.build().parameters()).isEqualTo(1);
    }

    @Test
    void aDiodeJoinsTwoDifferentNodes() {
        Builder built = new Builder(1);
        int node = built.node();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> built.diode(node, node))
                .withMessage("a diode joins two different nodes");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> built.diode(node, 4))
                .withMessage("no node 4 among 1");
    }

    @Test
    void anOutputIsANodeThatExists() {
        Builder built = new Builder(1);
        assertThatIllegalArgumentException().isThrownBy(() -> built.output(0)).withMessage("no node 0 among 0");
    }
}
