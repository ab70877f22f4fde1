package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Where the nudges lie: algorithms.md, table in section 1.1, and the convention trap below it. */
class SidednessTest {

    @ParameterizedTest
    @CsvSource({"OPTIMISTIC, 0, 0.8", "PESSIMISTIC, -0.8, 0", "CENTERED, -0.4, 0.4"})
    void heldAtTheFirstReleasedAtTheSecond(Sidedness sidedness, double first, double second) {
        assertThat(sidedness.first(0.8)).isEqualTo(first);
        assertThat(sidedness.second(0.8)).isEqualTo(second);
    }

    @ParameterizedTest
    @EnumSource
    void theNudgesAreBetaApartInAllThree(Sidedness sidedness) {
        assertThat(sidedness.second(0.3) - sidedness.first(0.3)).isEqualTo(0.3);
    }

    @Test
    void theirWordsAreThoseOfTheLearnersNames() {
        assertThat(Sidedness.values())
                .extracting(Sidedness::word)
                .containsExactly("optimistic", "pessimistic", "centered");
    }
}
