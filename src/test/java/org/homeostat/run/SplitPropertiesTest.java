package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.homeostat.run.Dataset.Answers;
import org.homeostat.run.Dataset.Split;

/** A split takes every row once, each class in proportion, and depends on nothing but the seed. */
final class SplitPropertiesTest {

    /** Rows whose only feature is their number. */
    private static Dataset numbered(List<Integer> labels) {
        return new Dataset(
                "numbered",
                List.of("row"),
                IntStream.range(0, labels.size())
                        .mapToObj(i -> new double[] {i})
                        .toArray(double[][]::new),
                new Answers.Labels(
                        List.of("a", "b", "c", "d"),
                        labels.stream().mapToInt(i -> i).toArray()));
    }

    private static List<Integer> rows(Dataset data) {
        return Arrays.stream(data.rows().all()).map(row -> (int) row[0]).toList();
    }

    private static long count(Dataset data, int label) {
        return Arrays.stream(((Answers.Labels) data.answers()).label())
                .filter(l -> l == label)
                .count();
    }

    @Property(tries = 300)
    void everyRowIsOnOneSideWithItsOwnAnswer(
            @ForAll @Size(min = 8, max = 60) List<@IntRange(max = 3) Integer> labels,
            @ForAll @DoubleRange(min = 0, max = 0.8) double testPart,
            @ForAll long seed) {
        Dataset data = numbered(labels);

        Split split = data.split(testPart, seed);

        List<Integer> both = new ArrayList<>(rows(split.train()));
        both.addAll(rows(split.test()));
        assertThat(both).hasSize(labels.size()).doesNotHaveDuplicates();
        for (Dataset part : List.of(split.train(), split.test())) {
            for (int i = 0; i < part.size(); i++) {
                assertThat(((Answers.Labels) part.answers()).label()[i])
                        .isEqualTo(labels.get(rows(part).get(i)));
            }
        }
    }

    @Property(tries = 300)
    void everyClassIsSplitInProportion(
            @ForAll @Size(min = 8, max = 60) List<@IntRange(max = 3) Integer> labels,
            @ForAll @DoubleRange(min = 0, max = 0.8) double testPart,
            @ForAll long seed) {
        Split split = numbered(labels).split(testPart, seed);

        for (int label = 0; label < 4; label++) {
            long all = count(numbered(labels), label);
            assertThat(count(split.test(), label))
                    .isEqualTo(Math.min(Math.round(testPart * all), Math.max(0, all - 1)));
        }
    }

    @Property(tries = 100)
    void theSeedAloneDecides(
            @ForAll @Size(min = 30, max = 60) List<@IntRange(max = 3) Integer> labels,
            @ForAll @IntRange(max = 1000) int seed) {
        Dataset data = numbered(labels);

        assertThat(rows(data.split(0.5, seed).test()))
                .isEqualTo(rows(data.split(0.5, seed).test()));
        assertThat(rows(data.split(0.5, seed).test()))
                .isNotEqualTo(rows(data.split(0.5, seed + 1).test()));
    }

    @Property(tries = 100)
    void numbersAreSplitAsOneGroup(@ForAll @IntRange(min = 4, max = 50) int size, @ForAll long seed) {
        double[] values = IntStream.range(0, size).mapToDouble(i -> 10 * i).toArray();
        Dataset data = new Dataset(
                "numbers",
                List.of("row"),
                IntStream.range(0, size).mapToObj(i -> new double[] {i}).toArray(double[][]::new),
                new Answers.Numbers("y", values));

        Split split = data.split(0.25, seed);

        assertThat(split.test().size()).isEqualTo((int) Math.round(0.25 * size));
        for (Dataset part : List.of(split.train(), split.test())) {
            for (int i = 0; i < part.size(); i++) {
                assertThat(((Answers.Numbers) part.answers()).values().row(i)[0])
                        .isEqualTo(10 * part.rows().row(i)[0]);
            }
        }
    }
}
