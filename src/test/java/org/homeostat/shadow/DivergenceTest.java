package org.homeostat.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.homeostat.catalog.Catalog;
import org.homeostat.device.Channel;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.run.RunStore;
import org.homeostat.shadow.Divergence.Course;
import org.homeostat.shadow.Divergence.OfChannel;
import org.junit.jupiter.api.Test;

class DivergenceTest {

    private final Descriptor card = new Catalog(new RunStore(Path.of("runs"))).card("resistor-array-v1");
    private final Channel first = card.channels(Role.OUTPUT).getFirst();

    private Response answer(double... outputs) {
        return new Response(Levels.of(Role.OUTPUT, outputs), Levels.NONE, 1, 0.5, Quality.SETTLED);
    }

    @Test
    void tellsWhichChannelWentHowFarAndWhen() {
        Divergence divergence = new Divergence(card, new Tolerance(0, 0, 0.001));
        double range = first.max() - first.min();

        assertThat(divergence.add(answer(1, 2, 3), answer(1, 2, 3))).isNull();
        assertThat(divergence.add(answer(1, 2, 3), answer(1 + 0.0009 * range, 2, 3)))
                .isNull();
        assertThat(divergence.add(answer(1, 2, 3), answer(1, 2.5, 2.9)).words())
                .isEqualTo(card.channels(Role.OUTPUT).get(1).name() + " was at 2.0 V and is at 2.5 V, "
                        + (float) (0.001 * range) + " apart is allowed");

        assertThat(divergence.exchanges()).isEqualTo(3);
        assertThat(divergence.differing()).isEqualTo(1);
        assertThat(divergence.first().exchange()).isEqualTo(3);
        OfChannel second = divergence.channels().get(1);
        assertThat(second.worst()).isEqualTo(0.5);
        assertThat(second.worstAt()).isEqualTo(3);
        assertThat(second.rms()).isCloseTo(0.5 / Math.sqrt(3), within(1e-12));
        assertThat(second.beyond()).isEqualTo(1);
        assertThat(divergence.channels().getFirst().beyond()).isZero();
        assertThat(divergence.channels().getFirst().worstAt()).isEqualTo(2);
    }

    @Test
    void standardErrorsAndConverterStepsAreAllowedFor() {
        Divergence divergence = new Divergence(card, new Tolerance(1, 4, 0));
        Levels errors = Levels.of(Role.OUTPUT, 0.003, 0, 0);
        Response then = new Response(Levels.of(Role.OUTPUT, 1, 1, 1), errors, 4, 0, Quality.SETTLED);
        double allowed = first.resolution() + 4 * Math.hypot(0.003, 0.003);
        for (double apart : new double[] {0.99, 1.01}) {
            Response now =
                    new Response(Levels.of(Role.OUTPUT, 1 + apart * allowed, 1, 1), errors, 4, 0, Quality.SETTLED);
            assertThat(divergence.add(then, now) != null)
                    .as("%f of what is allowed", apart)
                    .isEqualTo(apart > 1);
        }
        assertThat(divergence.errorsKnown()).isTrue();
    }

    @Test
    void soManyStepsAreNotMoreThanThatByRounding() {
        Divergence divergence = new Divergence(card, new Tolerance(3, 0, 0));
        double step = first.resolution();
        double then = first.min() + 2322 * step;
        assertThat(divergence.add(answer(then, 0, 0), answer(first.min() + 2325 * step, 0, 0)))
                .isNull();
        assertThat(first.min() + 2325 * step - then).as("as doubles").isGreaterThan(3 * step);
        assertThat(divergence
                        .add(answer(then, 0, 0), answer(first.min() + 2326 * step, 0, 0))
                        .words())
                .startsWith("o1 was at 0.274 V and is at 0.278 V, ");
        assertThat(divergence.errorsKnown()).isFalse();
    }

    @Test
    void exactMeansEveryBit() {
        Divergence divergence = new Divergence(card, Tolerance.EXACT);
        Response then = answer(1, 0.0, 3);
        assertThat(divergence.add(then, answer(1, 0.0, 3))).isNull();
        assertThat(divergence.add(then, answer(1, -0.0, 3)).words()).contains("was at 0.0 V and is at -0.0 V");
        assertThat(divergence.add(then, answer(1, 0, Math.nextUp(3.0))).words())
                .endsWith(" was at 3.0 V and is at 3.0000000000000004 V");
        // No more digits than tell one from the other.
        assertThat(divergence.add(then, answer(1.0010000000000003, 0, 3)).words())
                .endsWith(" was at 1.0 V and is at 1.001 V");
        Response later = new Response(then.levels(), then.errors(), 1, 0.75, then.quality());
        assertThat(divergence.add(then, later).words()).contains("clock (0.5 and 0.75 s)");
        Response surer = new Response(then.levels(), Levels.of(Role.OUTPUT, 0.1, 0.1, 0.1), 1, 0.5, then.quality());
        assertThat(divergence.add(then, surer).words()).contains("standard errors");
    }

    @Test
    void anotherVerdictIsADifferenceWhateverIsAllowed() {
        Divergence divergence = new Divergence(card, new Tolerance(1e6, 0, 1));
        Response clipped = answer(1, 2, 3).with(new Quality(Verdict.CLIPPED, first.name(), "It clipped."));
        assertThat(divergence.add(answer(1, 2, 3), clipped).words())
                .isEqualTo("its verdict was SETTLED and is CLIPPED");
        assertThat(divergence.add(answer(1, 2, 3), answer(4, 4, 4))).isNull();
        assertThat(divergence.add(answer(1, 2, 3), answer(4, 4)).words()).contains("no longer reads the same");
    }

    @Test
    void theCourseOfAMillionExchangesIsShortAndLosesNoPeak() {
        Divergence divergence = new Divergence(card, new Tolerance(0, 0, 0.5));
        Random random = new Random(1);
        double range = first.max() - first.min();
        double[] peaks = new double[200_003];
        for (int k = 0; k < peaks.length; k++) {
            peaks[k] = random.nextInt(1000) == 0 ? random.nextDouble() : 0;
            divergence.add(answer(0, 0, 0), answer(peaks[k] * range, 0, 0));
        }
        Course course = divergence.course();
        assertThat(course.worst().length).isBetween(512, 1024);
        for (int point = 0; point < course.worst().length; point++) {
            int from = (int) (point * course.every());
            int to = (int) Math.min(peaks.length, from + course.every());
            double most = Arrays.stream(peaks, from, to).max().orElseThrow();
            assertThat(course.worst()[point]).as("point %d", point).isCloseTo(most, within(1e-12));
            assertThat(course.differing()[point])
                    .as("point %d", point)
                    .isEqualTo(Arrays.stream(peaks, from, to)
                            .filter(peak -> peak > 0.5)
                            .count());
        }
        assertThat(Arrays.stream(course.differing()).sum())
                .isEqualTo(divergence.differing())
                .isPositive();
    }

    @Test
    void devicesOfAnotherKindAreRefused() {
        Descriptor other = new Catalog(new RunStore(Path.of("runs"))).card("drn");
        assertThatThrownBy(() -> Divergence.requireAlike(card, other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be asked the same")
                .hasMessageContaining("give devices of one kind");
        Divergence.requireAlike(card, card);
    }
}
