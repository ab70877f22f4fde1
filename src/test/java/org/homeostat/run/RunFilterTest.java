package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RunFilterTest {

    private static final Facts ONE = new Facts(
            "one",
            new TreeMap<>(Map.of(
                    "seed", 9L, "learner", "SPSA", "teaching.beta", 0.5, "test.accuracy", 0.9, "test.loss", 0.1)),
            List.of());
    private static final Facts TWO =
            new Facts("two", new TreeMap<>(Map.of("seed", 10L, "learner", "cl", "train.loss", 0.2)), List.of());
    private static final List<Facts> RUNS = List.of(ONE, TWO);

    @ParameterizedTest
    @CsvSource({
        "seed=9, one",
        "seed = 9.0, one",
        "seed!=9, two",
        "seed<10, one",
        "seed<=10, one two",
        "seed>9, two",
        "learner=spsa, one",
        "learner~PS, one",
        "beta>=0.5, one",
        "beta!=0.5, two",
        "test.accuracy<1, one",
        "accuracy>0.89, one"
    })
    void itChoosesRuns(String condition, String names) {
        RunFilter filter = RunFilter.of("--where", condition, RUNS);
        assertThat(RUNS.stream().filter(filter::holds).map(Facts::run)).containsExactly(names.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "seed | --where: 'seed': expected KEY=VALUE, with one of = != < <= > >= ~ between them, such as "
                        + "test.accuracy>=0.9",
                "seed= | --where: 'seed=': expected KEY=VALUE, with one of = != < <= > >= ~ between them, such as "
                        + "test.accuracy>=0.9",
                "loss<1 | --where: 'loss' may mean test.loss or train.loss; give more of it",
                "colour=red | --where: no run here has a 'colour'; 'runs show RUN --json' names what a run has, such as "
                        + "status, learner, seed, beta, test.accuracy"
            })
    void whatIsNoConditionIsRefused(String condition, String sentence) {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> RunFilter.of("--where", condition, RUNS))
                .withMessage(sentence);
    }

    @Test
    void runsAreOrderedByNumbersAsNumbersAndThoseWithoutComeLast() {
        assertThat(RUNS.stream().sorted(RunFilter.by("seed", true)).map(Facts::run))
                .containsExactly("two", "one");
        assertThat(RUNS.stream().sorted(RunFilter.by("seed", false)).map(Facts::run))
                .containsExactly("one", "two");
        for (boolean down : new boolean[] {true, false}) {
            assertThat(RUNS.stream().sorted(RunFilter.by("train.loss", down)).map(Facts::run))
                    .containsExactly("two", "one");
        }
    }
}
