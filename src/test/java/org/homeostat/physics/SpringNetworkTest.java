package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.homeostat.contracts.PhysicsContract.Case;
import org.homeostat.physics.Rest.Ending;
import org.homeostat.physics.SpringNetwork.Builder;
import org.junit.jupiter.api.Test;

/** Springs that can be settled on paper, buckling, and the refusals. */
class SpringNetworkTest {

    private static final double TOLERANCE = 1e-13;

    private static double[] settled(SpringNetwork network, double[] theta, Drive drive) {
        double[] state = new double[network.states()];
        Rest rest = network.settle(theta, drive, state, TOLERANCE);
        assertThat(rest.settled()).as("%s", rest).isTrue();
        return state;
    }

    /** Two springs in line: pin at 0, a node at 1, the far end at 2 moved along the line by the input. */
    private static Builder line() {
        Builder built = new Builder(2);
        int left = built.node(0, 0);
        int middle = built.node(1, 0);
        int right = built.node(2, 0);
        assertThat(built.spring(left, middle)).isZero();
        assertThat(built.spring(middle, right)).isEqualTo(1);
        return built.pin(left).input(right, 0).pin(right).output(middle, 0);
    }

    /** k1 = 2, k2 = 1, l1 = 0.5, l2 = 0.6. */
    private static final double[] THETA = {2, 1, 0.5, 0.6};

    @Test
    void twoSpringsInLineShareTheStretch() {
        SpringNetwork network = line().build();
        Drive drive = Drive.free(new double[] {0.4}, 1);
        // 2 (x - 0.5) = 1 (2.4 - x - 0.6), so x = 2.8 / 3.
        double x = 2.8 / 3;
        double[] state = settled(network, THETA, drive);
        assertThat(state).containsExactly(new double[] {x - 1, 0}, within(1e-12));
        assertThat(network.energy(THETA, drive, state))
                .isCloseTo((x - 0.5) * (x - 0.5) + 0.5 * (1.8 - x) * (1.8 - x), within(1e-14));
        double[] force = new double[4];
        network.forces(THETA, drive, state, force);
        assertThat(force)
                .containsExactly(
                        new double[] {
                            0.5 * (x - 0.5) * (x - 0.5), 0.5 * (1.8 - x) * (1.8 - x), -2 * (x - 0.5), -(1.8 - x)
                        },
                        within(1e-12));
        assertThat(network.lengths(drive, state)).containsExactly(new double[] {x, 2.4 - x}, within(1e-12));
    }

    @Test
    void nudgesAreForcesSpringsAndClamps() {
        SpringNetwork network = line().build();
        Drive drive = Drive.free(new double[] {0.4}, 1);
        double free = 2.8 / 3 - 1;
        assertThat(settled(network, THETA, drive.pushed(new double[] {0.3}))[0]).isCloseTo(free + 0.1, within(1e-12));
        // (3 + 1) o = 3 free + 1 y
        assertThat(settled(network, THETA, drive.coupled(1, new double[] {0.5}))[0])
                .isCloseTo((3 * free + 0.5) / 4, within(1e-12));
        assertThat(settled(network, THETA, drive.coupled(-1, new double[] {0.5}))[0])
                .isCloseTo((3 * free - 0.5) / 2, within(1e-12));
        double[] held = settled(network, THETA, drive.clamped(new double[] {0.125}));
        assertThat(held).containsExactly(new double[] {0.125, 0}, within(1e-12));
    }

    /** A node hung from two pins a metre up on either side: the geometry makes it soft, in the plane and in space. */
    @Test
    void aHungNodeSagsUntilTheSpringsCarryIt() {
        for (int axes : new int[] {2, 3}) {
            Builder built = new Builder(axes);
            int a = built.node(axes == 2 ? new double[] {-1, 0} : new double[] {-1, 0, 0});
            int b = built.node(axes == 2 ? new double[] {1, 0} : new double[] {1, 0, 0});
            int hung = built.node(axes == 2 ? new double[] {0, 0} : new double[] {0, 0, 0});
            assertThat(built.spring(a, hung) + built.spring(b, hung)).isOne();
            SpringNetwork network = built.pin(a).pin(b).output(hung, 1).build();
            double sag = 0.3;
            double length = Math.sqrt(1 + sag * sag);
            double weight = 2 * (length - 0.8) * sag / length;
            double[] theta = {1, 1, 0.8, 0.8};
            double[] state =
                    settled(network, theta, Drive.free(new double[0], 1).pushed(new double[] {-weight}));
            assertThat(state[1]).isCloseTo(-sag, within(1e-11));
            assertThat(state[0]).isCloseTo(0, within(1e-12));
        }
    }

    @Test
    void strainsAreReadDrivenAndNudged() {
        Builder built = new Builder(2);
        int left = built.node(0, 0);
        int middle = built.node(1, 0);
        int right = built.node(3, 0);
        built.pin(left).pin(right);
        assertThat(built.driven(left, middle, 3)).isZero();
        int read = built.fixed(middle, right, 1, 1.5);
        SpringNetwork network = built.strain(read).build();
        assertThat(network.parameters()).isZero();
        // 3 (x - 1.2) = 1 (3 - x - 1.5)
        double x = 5.1 / 4;
        Drive drive = Drive.free(new double[] {0.2}, 1);
        double[] state = settled(network, new double[0], drive);
        assertThat(state[0]).isCloseTo(x - 1, within(1e-12));
        double[] strain = new double[1];
        network.observe(state, strain);
        assertThat(strain[0]).isCloseTo((3 - x) / 2 - 1, within(1e-12));
        // A spring on the strain o = (3 - x)/2 - 1 adds beta/2 (o - y)^2 and so -beta/2 (o - y) to the slope in x.
        double beta = 0.8;
        double y = -0.4;
        double[] nudged = settled(network, new double[0], drive.coupled(beta, new double[] {y}));
        network.observe(nudged, strain);
        double at = 1 + nudged[0];
        assertThat(3 * (at - 1.2) - (1.5 - at) - beta / 2 * (strain[0] - y)).isCloseTo(0, within(1e-12));
        double[] pushed = settled(network, new double[0], drive.pushed(new double[] {0.1}));
        assertThat(pushed[0]).isCloseTo(x - 1 - 0.05 / 4, within(1e-12));
    }

    @Test
    void parametersAreTheStiffnessesAndThenTheLengths() {
        Builder built = new Builder(2);
        int a = built.node(0, 0);
        int b = built.node(1, 0);
        int c = built.node(1, 1);
        built.pin(a).pin(b);
        assertThat(built.adjustableLength(a, c, 2)).isZero();
        assertThat(built.adjustableStiffness(b, c, 0.9)).isOne();
        assertThat(built.spring(a, b)).isEqualTo(2);
        SpringNetwork network = built.output(c, 0).build();
        assertThat(network.parameters()).isEqualTo(4);
        assertThat(network.stiffnesses()).isEqualTo(2);
        double[] theta = {3, 5, 1.3, 0.7};
        double[] force = new double[4];
        network.forces(theta, Drive.free(new double[0], 1), new double[2], force);
        double stretch = Math.sqrt(2) - 1.3;
        assertThat(force).containsExactly(new double[] {0.5 * 0.01, 0.5 * 0.09, -2 * stretch, -5 * 0.3}, within(1e-14));
    }

    // Buckling and loose parts

    /** Compressed in line, the middle node stands on a saddle: it goes to one side, and it is told. */
    @Test
    void aCompressedLineBucklesToOneSide() {
        SpringNetwork network = line().build();
        double[] theta = {1, 1, 1.2, 1.2};
        double[] state = new double[2];
        Rest rest = network.settle(theta, Drive.free(new double[] {0}, 1), state, TOLERANCE);
        assertThat(rest.settled()).isTrue();
        assertThat(rest.remark()).contains("buckled");
        assertThat(state[0]).isCloseTo(0, within(1e-9));
        assertThat(Math.abs(state[1])).isCloseTo(Math.sqrt(1.44 - 1), within(1e-9));
    }

    @Test
    void unstressedInLineItHangsLooseAndThatIsTold() {
        SpringNetwork network = line().build();
        Rest rest =
                network.settle(new double[] {1, 1, 1, 1}, Drive.free(new double[] {0}, 1), new double[2], TOLERANCE);
        assertThat(rest.ending()).isEqualTo(Ending.NOT_AT_REST);
        assertThat(rest.remark()).contains("loose");
    }

    @Test
    void aPartWithoutASpringHangsLoose() {
        Builder built = line();
        int alone = built.node(5, 5);
        SpringNetwork network = built.output(alone, 0).build();
        Rest rest = network.settle(THETA, Drive.free(new double[] {0}, 2), new double[4], TOLERANCE);
        assertThat(rest.ending()).isEqualTo(Ending.NOT_AT_REST);
        assertThat(rest.remark()).contains("loose");
    }

    /** Thrown far away it must come down without the energy ever having risen, whatever crumpled on the way. */
    @Test
    void fromFarAwayItComesToRestLowerThanItBegan() {
        SplittableRandom random = new SplittableRandom(5);
        for (int trial = 0; trial < 20; trial++) {
            Case drawn = Springs.lattice(random.split());
            double[] state = random.doubles(drawn.physics().states(), -1.5, 1.5).toArray();
            double before = drawn.physics().energy(drawn.theta(), drawn.free(), state);
            Rest rest = drawn.physics().settle(drawn.theta(), drawn.free(), state, 1e-10);
            assertThat(rest.settled()).as("trial %s: %s", trial, rest).isTrue();
            assertThat(drawn.physics().energy(drawn.theta(), drawn.free(), state))
                    .isLessThan(before);
        }
    }

    // What it refuses, with nothing moved

    private static void refused(SpringNetwork network, double[] theta, Drive drive, String... words) {
        double[] state = new double[network.states()];
        java.util.Arrays.fill(state, 0.05);
        double[] before = state.clone();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> network.settle(theta, drive, state, TOLERANCE))
                .withMessageContainingAll(words);
        assertThat(state).containsExactly(before);
    }

    @Test
    void whatHasNoAnswerIsRefused() {
        SpringNetwork network = line().build();
        Drive free = Drive.free(new double[] {0}, 1);
        refused(network, new double[] {-1, 1, 0.5, 0.5}, free, "stiffness 0", "-1.0");
        refused(network, new double[] {1, 1, 0.5, Double.NaN}, free, "rest length 1", "NaN");
        refused(network, THETA, free.coupled(-3, new double[] {0}), "-3.0", "negative nudge");
    }

    @Test
    void aStrainCannotBeHeld() {
        refused(
                line().strain(0).build(),
                THETA,
                Drive.free(new double[] {0}, 2).clamped(new double[] {0, 0}),
                "output 1",
                "strain");
    }

    @Test
    void theBuilderRefusesWhatCannotBe() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Builder(1)).withMessageContaining("2 or 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Builder(2).node(1, 2, 3))
                .withMessageContaining("2 coordinates");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Builder(2).node(1, Double.NaN))
                .withMessageContaining("NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Builder(2).pin(0))
                .withMessage("no node 0 among 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line().input(2, 0))
                .withMessageContaining("not free");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line().output(1, 2))
                .withMessage("no axis 2 among 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line().output(1, 0))
                .withMessage("axis 0 of node 1 is an output already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line().pin(1).build())
                .withMessage("axis 0 of node 1 is not free");
        assertThatIllegalArgumentException().isThrownBy(() -> line().strain(2)).withMessage("no spring 2 among 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line().strain(1).build())
                .withMessageContaining("an input moves");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line().spring(0, 0))
                .withMessageContaining("lie apart");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line().fixed(0, 1, -1, 1))
                .withMessageContaining("-1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Builder(2).build())
                .withMessageContaining("1 spring");
    }
}
