package org.homeostat.physics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.homeostat.physics.TransverseIsing.Axis;
import org.homeostat.physics.TransverseIsing.Site;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransverseIsingTest {

    /** Qubits of which the first are inputs and the last one is read, in a transverse field of 1. */
    static TransverseIsing net(int qubits, int inputs) {
        List<Site> driven = new ArrayList<>();
        for (int k = 0; k < inputs; k++) {
            driven.add(new Site(Axis.Z, k));
        }
        return new TransverseIsing(qubits, driven, List.of(new Site(Axis.Z, qubits - 1)), 1.0);
    }

    private static double[] drawn(TransverseIsing net, int seed) {
        return new SplittableRandom(seed).doubles(net.parameters(), -0.7, 0.7).toArray();
    }

    private static Drive free(double... input) {
        return Drive.free(input, 1);
    }

    /** H = -h Z - g X has the energies -+ sqrt(h^2 + g^2), and its means point along (h, g). */
    @ParameterizedTest
    @CsvSource({"0.8, 1.5, 0", "-0.3, 0.2, 1.1", "2, 0, 0.5"})
    void oneQubitPointsAlongItsField(double h, double g, double probe) {
        TransverseIsing qubit =
                new TransverseIsing(1, List.of(new Site(Axis.X, 0)), List.of(new Site(Axis.Z, 0)), null);
        double[] state = new double[qubit.states()];
        Rest rest = qubit.settle(new double[] {h, g}, free(probe), state, 1e-13);
        double length = Math.hypot(h, g + probe);
        assertThat(rest.settled()).isTrue();
        assertThat(state).containsExactly(new double[] {h / length, (g + probe) / length, 2 * length}, within(1e-14));
        assertThat(qubit.energy(new double[] {h, g}, free(probe), state)).isCloseTo(-length, within(1e-14));
    }

    /** H = -J ZZ - g (X1 + X2): the even states give -+ sqrt(J^2 + 4 g^2), the odd ones -+ J. */
    @Test
    void twoQubitsHaveTheEnergiesOfTheBooks() {
        TransverseIsing pair = new TransverseIsing(2, List.of(), List.of(new Site(Axis.Z, 0)), 0.7);
        double[] state = new double[pair.states()];
        double[] theta = {1.2, 0, 0};
        pair.settle(theta, free(), state, 1e-13);
        double least = -Math.hypot(1.2, 1.4);
        assertThat(pair.energy(theta, free(), state)).isCloseTo(least, within(1e-14));
        assertThat(state[pair.gap()]).isCloseTo(-1.2 - least, within(1e-14));
        assertThat(state[0]).isCloseTo(0, within(1e-14));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7})
    void lanczosFindsWhatWholeDiagonalisationFinds(int qubits) {
        TransverseIsing net = net(qubits, 2);
        for (int seed = 0; seed < 5; seed++) {
            double[] terms = net.terms(drawn(net, seed), free(0.4, -0.9));
            GroundState whole = GroundState.dense(net.hamiltonian(terms));
            GroundState lanczos = GroundState.of(net.hamiltonian(terms), 1e-13);
            assertThat(lanczos.products()).isGreaterThan(1);
            assertThat(lanczos.energy()).isCloseTo(whole.energy(), within(1e-12));
            assertThat(lanczos.gap()).isCloseTo(whole.gap(), within(1e-11));
            double[] one = new double[net.states()];
            double[] other = new double[net.states()];
            net.means(whole.amplitudes(), null, one);
            net.means(lanczos.amplitudes(), null, other);
            assertThat(other).containsExactly(one, within(1e-11));
        }
    }

    /** Without transverse field and fields, up and down are one as good as the other. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 7})
    void aGroundStateThatIsNotOneIsSaidToBeNone(int qubits) {
        TransverseIsing magnet = new TransverseIsing(qubits, List.of(), List.of(new Site(Axis.Z, 0)), 0.0);
        double[] theta = new double[magnet.parameters()];
        Arrays.fill(theta, 0, magnet.couplings(), 1);
        Rest rest = magnet.settle(theta, free(), new double[magnet.states()], 1e-12);
        assertThat(rest.ending()).isEqualTo(Rest.Ending.NOT_AT_REST);
        assertThat(rest.remark()).contains("gap").contains("transverse fields stronger");
    }

    /** A strong magnet in a weak transverse field: the gap is there, but no machine could keep to the lower state. */
    @Test
    void aGapFarBelowTheTermsIsReported() {
        TransverseIsing magnet = new TransverseIsing(6, List.of(), List.of(new Site(Axis.Z, 0)), 0.02);
        double[] theta = new double[magnet.parameters()];
        Arrays.fill(theta, 0, magnet.couplings(), 1);
        Rest rest = magnet.settle(theta, free(), new double[magnet.states()], 1e-12);
        assertThat(rest.settled()).isFalse();
        assertThat(rest.remark()).contains("gap");
    }

    /** Nor is it hidden by a nudge that cannot take hold of it. */
    @Test
    void aClampOnAGroundStateThatIsNotOneSaysSo() {
        TransverseIsing magnet = new TransverseIsing(2, List.of(), List.of(new Site(Axis.Z, 0)), 0.0);
        double[] theta = {1, 0, 0};
        for (Drive drive : List.of(free().clamped(new double[] {0.3}), free().coupled(0.5, new double[] {0.3}))) {
            Rest rest = magnet.settle(theta, drive, new double[magnet.states()], 1e-12);
            assertThat(rest.settled()).as("%s", rest).isFalse();
            assertThat(rest.remark()).isNotEmpty();
        }
    }

    @Test
    void aSpringFindsTheFieldThatFitsTheMeanItMakes() {
        TransverseIsing net = net(5, 2);
        double[] theta = drawn(net, 3);
        for (double strength : new double[] {-0.3, 0.1, 2, 50}) {
            Drive spring = free(0.5, 0.5).coupled(strength, new double[] {0.4});
            double[] state = new double[net.states()];
            Rest rest = net.settle(theta, spring, state, 1e-12);
            assertThat(rest.settled()).as("%s: %s", strength, rest).isTrue();
            double field = strength * (0.4 - state[4]);
            double[] pushed = new double[net.states()];
            net.settle(theta, free(0.5, 0.5).pushed(new double[] {field}), pushed, 1e-12);
            assertThat(pushed).containsExactly(state, within(1e-10));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.95, 0, 0.3, 0.99})
    void aClampHoldsTheMeanWhereItShallBe(double level) {
        TransverseIsing net = net(5, 2);
        double[] state = new double[net.states()];
        Rest rest = net.settle(drawn(net, 4), free(1, -1).clamped(new double[] {level}), state, 1e-12);
        assertThat(rest.settled()).as("%s", rest).isTrue();
        assertThat(state[net.outputs()[0]]).isCloseTo(level, within(1e-10));
    }

    @Test
    void aMeanThatNoQubitHasIsRefused() {
        TransverseIsing net = net(3, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        net.settle(drawn(net, 1), free(0).clamped(new double[] {1}), new double[net.states()], 1e-12))
                .withMessageContaining("cannot be held at 1.0");
    }

    /** The qubit resists a push away by 1 / chi; chi of a free spin in a transverse field of 1 is 1. */
    @Test
    void aPushAwayThatTheQubitsDoNotResistIsReported() {
        TransverseIsing net = net(2, 0);
        double[] state = new double[net.states()];
        for (double strength : new double[] {-0.9, -1.05}) {
            Rest rest = net.settle(new double[3], free().coupled(strength, new double[] {0}), state, 1e-12);
            assertThat(Double.isInfinite(rest.residual())).isEqualTo(strength < -1);
            assertThat(rest.settled()).isEqualTo(strength > -1);
            assertThat(rest.remark().isEmpty()).isEqualTo(strength > -1);
        }
    }

    @Test
    void whatIsNoNumberIsRefused() {
        TransverseIsing net = net(3, 1);
        double[] theta = drawn(net, 1);
        double[] state = new double[net.states()];
        double[] broken = theta.clone();
        broken[2] = Double.NaN;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> net.settle(broken, free(0), state, 1e-12))
                .withMessage("expected a finite parameter, not NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> net.settle(theta, free(Double.POSITIVE_INFINITY), state, 1e-12))
                .withMessage("expected a finite input, not Infinity");
        assertThat(state).containsOnly(0);
    }

    @Test
    void machinesThatCannotBeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> net(17, 1))
                .withMessageContaining("1 to 16 qubits, not 17");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TransverseIsing(2, List.of(), List.of(new Site(Axis.Z, 2)), 1.0))
                .withMessageContaining("no qubit 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TransverseIsing(2, List.of(), List.of(), 1.0))
                .withMessageContaining("one output or more");
    }
}
