package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.homeostat.device.Channel;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.fixtures.Memory;
import org.homeostat.learn.Optimiser.Kind;
import org.homeostat.learn.Optimiser.Schedule;
import org.homeostat.learn.Optimiser.Settings;
import org.junit.jupiter.api.Test;

/** How a gradient becomes a move: worked out by hand. */
final class OptimiserTest {

    private static Channel channel(String name, double max) {
        return new Channel(name, Role.PARAMETER, "1", -max, max, 0, Scale.CONTINUOUS);
    }

    private static final List<Channel> TWO = List.of(channel("w.1", 10), channel("b1", 10));

    private static Settings settings(Kind kind) {
        return new Settings(kind, 0.1, Map.of("b", 2.0), 0.5, 0, Schedule.DECAY, 0.5, 4);
    }

    private static double[] moved(Optimiser optimiser, double[] theta, double... gradient) {
        optimiser.move(theta, gradient, TWO);
        return theta;
    }

    @Test
    void plainDescentGoesByRateAndFactor() {
        assertThat(moved(new Optimiser(settings(Kind.SGD)), new double[] {1, 1}, 2, 2))
                .containsExactly(new double[] {0.8, 0.6}, within(1e-15));
    }

    @Test
    void momentumKeepsAPartOfTheLastMove() {
        Optimiser optimiser = new Optimiser(settings(Kind.MOMENTUM));
        double[] theta = moved(optimiser, new double[] {0, 0}, 1, 0);
        assertThat(theta[0]).isCloseTo(-0.1, within(1e-15));
        // The second move is half the first and one more: 1.5 times the rate.
        assertThat(moved(optimiser, theta, 1, 0)[0]).isCloseTo(-0.25, within(1e-15));
    }

    @Test
    void adamBeginsWithAMoveOfTheRateWhateverTheGradient() {
        Optimiser optimiser = new Optimiser(settings(Kind.ADAM));
        double[] theta = moved(optimiser, new double[] {0, 0}, 1e-3, -5e4);
        assertThat(theta[0]).isCloseTo(-0.1, within(1e-5));
        assertThat(theta[1]).isCloseTo(0.2, within(1e-5));
    }

    @Test
    void weightDecayDrawsToZero() {
        Settings decaying = new Settings(Kind.SGD, 0.1, Map.of(), 0, 0.5, Schedule.DECAY, 1, 1);
        assertThat(moved(new Optimiser(decaying), new double[] {2, -2}, 0, 0))
                .containsExactly(new double[] {1.9, -1.9}, within(1e-15));
    }

    @Test
    void theRateFallsByAFactorOrAlongACosine() {
        Optimiser decaying = new Optimiser(settings(Kind.SGD));
        Optimiser cosine = new Optimiser(new Settings(Kind.SGD, 1, Map.of(), 0, 0, Schedule.COSINE, 1, 4));
        decaying.epochEnded();
        cosine.epochEnded();
        cosine.epochEnded();
        assertThat(decaying.rates(TWO)).containsExactly(new double[] {0.05, 0.1}, within(1e-15));
        assertThat(cosine.rates(TWO)[0]).isCloseTo(0.5, within(1e-12));
        cosine.epochEnded();
        cosine.epochEnded();
        cosine.epochEnded();
        assertThat(cosine.rates(TWO)[0]).isCloseTo(0, within(1e-12));
    }

    @Test
    void movesStayWithinTheRange() {
        assertThat(moved(new Optimiser(settings(Kind.SGD)), new double[] {9.9, -9.9}, -1e9, 1e9))
                .containsExactly(10, -10);
    }

    @Test
    void whatItRemembersCanBePutBack() {
        for (Kind kind : Kind.values()) {
            Optimiser one = new Optimiser(settings(kind));
            double[] theta = moved(one, new double[] {1, 2}, 0.3, -0.7);
            one.epochEnded();
            Optimiser other = Memory.into(new Optimiser(settings(kind)), Memory.of(one));
            double[] twin = theta.clone();
            assertThat(moved(other, twin, -0.2, 0.1)).containsExactly(moved(one, theta, -0.2, 0.1));
        }
    }
}
