package org.homeostat.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.ExperimentFile;
import org.homeostat.control.Bench.Sample;
import org.homeostat.control.Homeostatic.Tolerance;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Role;
import org.homeostat.physics.HopfieldNetwork;
import org.homeostat.run.RunStore;
import org.homeostat.run.Teaching;
import org.homeostat.twin.Imperfections;
import org.homeostat.twin.TwinDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The bar: "the homeostat holds every parameter to 1 % of the learning step in a median of at most 5 exchanges per sample,
 * warm-started, on the compliant twin with 12-bit readback", over real training runs of more than 100 samples.
 *
 * <p>What the words mean here. The <i>learning step</i> of a sample is the largest true move of any parameter when its step
 * ends in the release; the homeostat, which cannot know it beforehand, goes by the largest of recent samples, fading by a
 * tenth a sample. <i>Exchanges per sample</i> are those of all held phases of one step together (one phase for optimistic,
 * two for centred and pessimistic); the release is one more. <i>Deviation</i> is the largest over all parameters, from
 * where the last release left them to where they stand when the hold before the next release ends.
 *
 * <p>How this compares with the readback. Twelve bits resolve 1/4095 of the range, without averaging to half a code at
 * best; learning moves a parameter by 1 to 15 codes a sample on these twins, so that 1 % of it lies 7 to 100 times below
 * one code. The bar therefore has three readings:
 *
 * <ol>
 *   <li>{@link #toACodeWithTwelveBits}: to 1 % of the step or one code, whichever is more, on the twins as they ship;
 *   <li>{@link #toAHundredthOfTheStepWithContinuousReadback}: literally, where the readback has no codes;
 *   <li>{@link #toAHundredthOfTheStepWithTwelveBitsDithered}: literally, with 12 bits, where half a code of noise in each
 *       reading (a usual converter) and averaging let the host see between the codes, and the steps are 6 codes or more.
 * </ol>
 *
 * <p>What cannot be met: 1 % of each sample's own step, with 12 bits and no noise to average ({@link
 * #aCodeIsMoreThanAHundredthOfAStep}).
 */
class HomeostatBarTest {

    /** A converter of 12 bits has 4095 steps from one end of its range to the other. */
    private static final double CODE = 1.0 / 4095;

    /** In parts of the range: what differences of doubles may be off by. */
    private static final double ROUNDING = 1e-12;

    private final Catalog catalog = new Catalog(new RunStore(Path.of("no-runs")));

    private Teaching teaching(String twin, Map<String, String> changes) {
        return ExperimentFile.changed(catalog.teaching("twin:" + twin), changes);
    }

    private Device open(String twin) {
        return catalog.open("twin:" + twin).device();
    }

    private Bench toACode(String twin, String sidedness, Teaching teaching) {
        return new Bench(
                open(twin + "?readback=12"),
                open(twin),
                "aeqprop-" + sidedness,
                teaching,
                new Tolerance(0.01, CODE, 200),
                6);
    }

    @ParameterizedTest(name = "{0} {1}, softness {2}, beta {3}")
    @CsvSource({
        "hopfield-compliant, optimistic, 0.02, 0.5",
        "hopfield-compliant, centered, 0.02, 0.5",
        "hopfield-compliant, pessimistic, 0.02, 0.5",
        "resistor-compliant, optimistic, 4e-6, 2",
        "resistor-compliant, centered, 4e-6, 2",
        "resistor-compliant, pessimistic, 4e-6, 2",
    })
    void toACodeWithTwelveBits(String twin, String sidedness, String softness, String beta) {
        Bench bench = toACode(twin, sidedness, teaching(twin, Map.of("softness", softness, "beta", beta)));

        assertThat(bench.samples)
                .hasSizeGreaterThan(600)
                .allMatch(sample -> sample.quality().held(), "held")
                // 1 % of a step is less than a code throughout, so a code is what counts.
                .allMatch(sample -> 0.01 * sample.recent() < CODE, "recent steps below 100 codes")
                .allMatch(sample -> sample.shown() <= CODE + ROUNDING, "as read, held to one code")
                // As read means to half a code, twice: when it was released, and now.
                .allMatch(sample -> sample.deviation() <= 2 * CODE + ROUNDING, "truly held to two codes");
        assertThat(bench.median(Sample::held)).as("%s", bench).isLessThanOrEqualTo(5);
        assertThat(bench.median(Sample::longest)).as("%s", bench).isLessThanOrEqualTo(3);
        assertThat(bench.accuracy.getLast()).as("%s", bench).isGreaterThan(bench.accuracy.getFirst());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"hopfield-compliant", "resistor-compliant"})
    void aCodeIsMoreThanAHundredthOfAStep(String twin) {
        Bench bench = toACode(twin, "centered", teaching(twin, Map.of()));

        assertThat(bench.samples).allMatch(sample -> sample.quality().held(), "held");
        assertThat(bench.median(Sample::step)).as("%s", bench).isBetween(1 * CODE, 15 * CODE);
        assertThat(bench.median(sample -> sample.deviation() / sample.step()))
                .as("%s", bench)
                .isGreaterThan(0.01);
        // Each of the two held phases is within the bar by itself, at the softness that the boards are taught with.
        assertThat(bench.median(Sample::longest)).as("%s", bench).isLessThanOrEqualTo(5);
    }

    @ParameterizedTest(name = "{0} {1}, softness {2}, beta {3}")
    @CsvSource({
        "hopfield-compliant, optimistic, 0.01, 0.5",
        "hopfield-compliant, centered, 0.01, 0.5",
        "hopfield-compliant, pessimistic, 0.01, 0.5",
        "resistor-compliant, optimistic, 4e-6, 2",
        "resistor-compliant, centered, 4e-6, 2",
        "resistor-compliant, pessimistic, 4e-6, 2",
    })
    void toAHundredthOfTheStepWithContinuousReadback(String twin, String sidedness, String softness, String beta) {
        Bench bench = new Bench(
                open(twin),
                open(twin),
                "aeqprop-" + sidedness,
                teaching(twin, Map.of("softness", softness, "beta", beta)),
                new Tolerance(0.01, ROUNDING, 200),
                6);

        assertThat(bench.samples)
                .allMatch(sample -> sample.quality().held(), "held")
                .allMatch(
                        sample -> sample.deviation() <= 0.01 * sample.recent() + 2 * ROUNDING,
                        "held to 1 % of the recent step");
        assertThat(bench.median(sample -> sample.deviation() / sample.step()))
                .as("%s", bench)
                .isLessThanOrEqualTo(0.01);
        assertThat(bench.median(Sample::held)).as("%s", bench).isLessThanOrEqualTo(5);
    }

    /** A thousand readings of half a code of noise and 0.29 of rounding leave 0.02 of a code; a tenth is five times that. */
    @ParameterizedTest(name = "{0}, softness {1}, beta {2}, swing {3}")
    @CsvSource({"optimistic, 0.01, 2.0, 2", "centered, 0.005, 0.8, 3", "pessimistic, 0.005, 0.5, 4"})
    void toAHundredthOfTheStepWithTwelveBitsDithered(String sidedness, String softness, String beta, String swing) {
        Descriptor card = open("hopfield-compliant?readback=12&hidden=8").descriptor();
        double noise = 0.5 * card.channels(Role.PARAMETER).getFirst().resolution();
        Device dithered = new TwinDevice(
                card,
                new HopfieldNetwork(4, 8, 3),
                new int[0],
                new Imperfections(0, 0, 0, 0, 0, 0, noise, 0),
                1e-13,
                1);
        Bench bench = new Bench(
                dithered,
                open("hopfield-compliant?hidden=8"),
                "aeqprop-" + sidedness,
                teaching(
                        "hopfield-compliant",
                        Map.of("softness", softness, "beta", beta, "swing", swing, "reads", "1000")),
                new Tolerance(0.01, 0.1 * CODE, 200),
                1);

        assertThat(bench.samples)
                .hasSizeGreaterThan(100)
                .allMatch(sample -> sample.quality().held(), "held");
        assertThat(bench.median(Sample::step)).as("%s", bench).isBetween(6 * CODE, 100 * CODE);
        assertThat(bench.median(sample -> sample.deviation() / sample.step()))
                .as("%s", bench)
                .isLessThanOrEqualTo(0.01);
        assertThat(bench.median(Sample::held)).as("%s", bench).isLessThanOrEqualTo(5);
    }
}
