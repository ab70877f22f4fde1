package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleFunction;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.control.Homeostatic;
import org.homeostat.control.Homeostatic.Tolerance;
import org.homeostat.device.Channel;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Role;
import org.homeostat.device.Settling;
import org.homeostat.learn.AgnosticEqProp.Settings;
import org.homeostat.run.Audit;
import org.homeostat.run.Audit.Report;
import org.homeostat.run.RunStore;
import org.homeostat.run.Teaching;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * True agnostic EP, parameters moved by the physics alone, against central differences of the measured cost.
 *
 * <p>algorithms.md, section 1.2 and section 6, oracle 5: {@code delta theta = - eps beta grad l}, with an error of first
 * order in beta for optimistic and pessimistic and of second order for centred. The error of first order in eps is kept out
 * by springs a hundred thousand times stiffer than in teaching.
 */
class GradientTest {

    private static final double STIFFER = 1e-5;

    private final Catalog catalog = new Catalog(new RunStore(Path.of("no-runs")));

    private Report audited(String twin, Sidedness sidedness, Nudge.Kind kind, long seed) {
        Opened opened = catalog.open("twin:" + twin);
        Teaching teaching = opened.teaching();
        Random random = new Random(seed);
        DoubleFunction<Learner> learnerAt = beta -> new AgnosticEqProp(
                new Settings(sidedness, beta, STIFFER * teaching.softness(), 1, Settling.USUAL, kind),
                new Cost.SquaredError(),
                null);
        try (Device device = new Homeostatic(opened.device(), new Tolerance(0, 1e-15, 200))) {
            double[] inputs = new double[device.descriptor().count(Role.INPUT)];
            for (int i = 0; i < inputs.length; i++) {
                Channel channel = device.descriptor().channels(Role.INPUT).get(i);
                inputs[i] = Math.clamp(
                        teaching.amplitude() * random.nextGaussian(), 0.9 * channel.min(), 0.9 * channel.max());
            }
            double[] targets = random.doubles(device.descriptor().count(Role.OUTPUT), -0.5, 0.5)
                    .map(t -> t * teaching.swing())
                    .toArray();
            double[] start = device.descriptor().channels(Role.PARAMETER).stream()
                    .mapToDouble(p -> teaching.startLowest()
                            + (0.1 + 0.8 * random.nextDouble()) * (teaching.startHighest() - teaching.startLowest()))
                    .toArray();
            Example example = new Example(
                    Levels.of(Role.INPUT, inputs).and(Levels.of(Role.SOFTNESS, STIFFER * teaching.softness())),
                    new double[][] {targets});
            return new Audit(
                            device,
                            learnerAt,
                            example,
                            new Audit.Care(1, 1, 0.05, List.of(0.2, 0.1, 0.05, 0.03, 0.02), Duration.ofSeconds(60)))
                    .at(start);
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({
        "hopfield-compliant, 1",
        "hopfield-compliant, 2",
        "hopfield-compliant, 3",
        "resistor-compliant, 1",
        "resistor-compliant, 2",
        "resistor-compliant, 3",
    })
    void centeredIsTheGradientToSecondOrderInBeta(String twin, long seed) {
        Report report = audited(twin, Sidedness.CENTERED, Nudge.Kind.COUPLING, seed);
        assertThat(report.quality().held()).isTrue();
        assertThat(report.cosine()).isGreaterThanOrEqualTo(0.9999);
        assertThat(report.slope()).as("%s", report.sweep()).isCloseTo(2, within(0.2));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource({
        "hopfield-compliant, OPTIMISTIC, 1",
        "hopfield-compliant, PESSIMISTIC, 1",
        "resistor-compliant, OPTIMISTIC, 1",
        "resistor-compliant, PESSIMISTIC, 1",
        "hopfield-compliant, OPTIMISTIC, 2",
        "hopfield-compliant, PESSIMISTIC, 2",
        "resistor-compliant, OPTIMISTIC, 2",
        "resistor-compliant, PESSIMISTIC, 2",
    })
    void oneSidedIsTheGradientToFirstOrderInBeta(String twin, Sidedness sidedness, long seed) {
        Report report = audited(twin, sidedness, Nudge.Kind.COUPLING, seed);
        assertThat(report.quality().held()).isTrue();
        assertThat(report.slope()).as("%s", report.sweep()).isCloseTo(1, within(0.2));
        assertThat(report.cosine()).isGreaterThan(0.99);
    }

    /**
     * algorithms.md, section 2.1: with a constant current the node voltages are linear in it until a diode switches, and
     * the centred difference of their squares is then exact, at any beta.
     */
    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"resistor-compliant, 1", "resistor-compliant, 2"})
    void centeredByForceIsExactOnResistors(String twin, long seed) {
        Report report = audited(twin, Sidedness.CENTERED, Nudge.Kind.FORCE, seed);
        assertThat(report.sweep()).allSatisfy(point -> {
            assertThat(point.cosine()).isGreaterThan(1 - 1e-8);
            assertThat(point.relativeError()).isLessThan(1e-4);
        });
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"hopfield-compliant", "resistor-compliant"})
    void theTwinsAreReciprocal(String twin) {
        assertThat(audited(twin, Sidedness.CENTERED, Nudge.Kind.COUPLING, 1).reciprocityError())
                .isLessThan(1e-9);
    }
}
