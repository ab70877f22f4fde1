package org.homeostat.twin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.homeostat.circuit.Circuit;
import org.homeostat.circuit.Netlist;
import org.homeostat.physics.Drive;
import org.homeostat.physics.Rest;
import org.junit.jupiter.api.Test;

/** A circuit as a machine that settles; in kilohms and volts, so that currents are of the order of a milliampere. */
final class CircuitPhysicsTest {

    private static final String BOARD = """
            two inputs, a Shockley diode, an ideal one, a current source
            v1 a 0 1
            v2 b 0 -0.5
            vp p 0 1
            r1 a h 1k
            r2 b h 2k
            r3 p h 3k
            r4 h o 1k
            r5 b o 5k
            r6 o 0 10k
            d1 h g real
            rg g 0 500
            d2 0 o ideal
            i1 0 h 0.2m
            .model real d(is=1e-9 n=1)
            .model ideal d(is=1e-12 n=1e-4 ideal=1)
            """;

    private static final double[] THETA = {1e-3, 0.5e-3, 0.3e-3, 1e-3, 0.2e-3};

    private static CircuitPhysics physics() {
        Circuit circuit = Netlist.read(BOARD, "board");
        return new CircuitPhysics(
                circuit,
                List.of("v1", "v2"),
                new int[] {circuit.nodes().indexOf("o")},
                List.of("r1", "r2", "r3", "r4", "r5"));
    }

    private static double[] settled(CircuitPhysics physics, double[] theta, Drive drive) {
        double[] state = new double[physics.states()];
        Rest rest = physics.settle(theta, drive, state, 1e-12);
        assertThat(rest.settled()).as(rest.toString()).isTrue();
        return state;
    }

    private static double free(CircuitPhysics physics, double[] theta, Drive drive) {
        return physics.energy(theta, drive, settled(physics, theta, drive));
    }

    /** dF/dg = drop^2 / 2, by central differences of the co-content at rest; with a nudge and without. */
    @Test
    void theForceOnAConductanceIsTheSlopeOfTheCoContent() {
        CircuitPhysics physics = physics();
        for (double nudge : new double[] {0, 0.3e-3}) {
            Drive drive = Drive.free(new double[] {1.2, -0.4}, 1).pushed(new double[] {nudge});
            double[] forces = new double[physics.parameters()];
            physics.forces(THETA, drive, settled(physics, THETA, drive), forces);
            for (int k = 0; k < forces.length; k++) {
                double[] more = THETA.clone();
                double[] less = THETA.clone();
                double step = 1e-4 * THETA[k];
                more[k] += step;
                less[k] -= step;
                double slope = (free(physics, more, drive) - free(physics, less, drive)) / (2 * step);
                assertThat(forces[k]).as("force %s", k).isCloseTo(slope, within(1e-6));
                assertThat(forces[k]).as("force %s is not nothing", k).isGreaterThan(1e-4);
            }
        }
    }

    /** A nudge adds -i v_o, so dF/di = -v_o. */
    @Test
    void theOutputIsTheSlopeOfTheCoContentOverTheNudge() {
        CircuitPhysics physics = physics();
        Drive drive = Drive.free(new double[] {1.2, -0.4}, 1);
        double step = 1e-7;
        double slope = (free(physics, THETA, drive.pushed(new double[] {step}))
                        - free(physics, THETA, drive.pushed(new double[] {-step})))
                / (2 * step);
        double[] observed = new double[1];
        physics.observe(settled(physics, THETA, drive), observed);
        assertThat(observed[0]).isCloseTo(-slope, within(1e-6)).isGreaterThan(0.01);
    }

    @Test
    void theAnswerDependsOnTheQuestionAlone() {
        CircuitPhysics physics = physics();
        Drive drive = Drive.free(new double[] {0.7, 0.1}, 1);
        double[] first = settled(physics, THETA, drive);
        var unused = settled(physics, THETA, Drive.free(new double[] {-3, 2}, 1));
        double[] again = first.clone();
        java.util.Arrays.fill(again, 5);
        physics.settle(THETA, drive, again, 1e-12);
        assertThat(again).containsExactly(first);
    }

    @Test
    void whatHasNoOperatingPointSaysSo() {
        Circuit circuit = Netlist.read("t\nv1 a 0 1\nr1 a b 1k\nr2 c d 1k\n", "t");
        CircuitPhysics floating = new CircuitPhysics(
                circuit, List.of("v1"), new int[] {circuit.nodes().indexOf("b")}, List.of("r1"));
        double[] state = new double[floating.states()];
        Rest rest = floating.settle(new double[] {1e-3}, Drive.free(new double[] {1}, 1), state, 1e-9);
        assertThat(rest.settled()).isFalse();
        assertThat(rest.remark()).contains("no operating point").contains("nodes c, d");
    }

    @Test
    void springsAndClampsAreRefused() {
        double[] state = new double[physics().states()];
        Drive drive = Drive.free(new double[] {1, 1}, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> physics().settle(THETA, drive.coupled(1, new double[] {0}), state, 1e-9))
                .withMessageContaining("nudged by currents");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> physics().settle(THETA, drive.clamped(new double[] {0}), state, 1e-9));
    }

    @Test
    void anAmplifierHasNoEnergy() {
        Circuit circuit = Netlist.read("t\nv1 a 0 1\ne1 b 0 a 0 -1\nr1 b o 1k\nr2 o 0 1k\n", "t");
        CircuitPhysics active = new CircuitPhysics(
                circuit, List.of("v1"), new int[] {circuit.nodes().indexOf("o")}, List.of("r1"));
        Drive drive = Drive.free(new double[] {1}, 1);
        double[] state = settled(active, new double[] {1e-3}, drive);
        double[] observed = new double[1];
        active.observe(state, observed);
        assertThat(observed[0]).isCloseTo(-0.5, within(1e-9));
        assertThatThrownBy(() -> active.energy(new double[] {1e-3}, drive, state))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("e1");
    }

    @Test
    void namesThatAreNotThereAreRefused() {
        Circuit circuit = Netlist.read(BOARD, "board");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CircuitPhysics(circuit, List.of("v9"), new int[] {1}, List.of("r1")))
                .withMessage("the circuit has no source called v9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CircuitPhysics(circuit, List.of("v1"), new int[] {1}, List.of("r9")))
                .withMessage("the circuit has no resistor called r9");
    }
}
