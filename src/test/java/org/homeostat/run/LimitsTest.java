package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.homeostat.run.Limits.Limit;
import org.junit.jupiter.api.Test;

class LimitsTest {

    private static Limits inputs(Double min, Double max, Double slew) {
        return new Limits(new Limit(min, max, slew), null, null, null, null);
    }

    @Test
    void ofTwoTheTighterHolds() {
        Limits both = inputs(-1.0, null, 0.5).and(inputs(-2.0, 3.0, 0.1));
        assertThat(both).isEqualTo(inputs(-1.0, 3.0, 0.1));
        assertThat(inputs(-2.0, 3.0, 0.1).and(inputs(-1.0, null, 0.5))).isEqualTo(both);
    }

    @Test
    void whatOnlyOneSpeaksOfHoldsAsItIs() {
        Limit nudge = new Limit(null, 1.0, null);
        Limits one = new Limits(null, nudge, null, null, null);
        assertThat(one.and(inputs(-1.0, 1.0, null)))
                .isEqualTo(new Limits(new Limit(-1.0, 1.0, null), nudge, null, null, null));
        assertThat(Limits.NONE.and(one)).isEqualTo(one);
        assertThat(one.and(Limits.NONE)).isEqualTo(one);
    }

    @Test
    void whatLeavesNothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inputs(1.0, null, null).and(inputs(null, 0.5, null)))
                .withMessageStartingWith("min: expected less than max");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inputs(null, null, 0.0))
                .withMessageStartingWith("slew: expected a number above 0");
    }

    @Test
    void aRunFromBeforeThereWereLimitsHasNone() {
        Experiment before = new Experiment(
                "old", "twin:x", "spsa", RunsOnDisk.teaching(), Experiment.Source.moons(40, 0), 0, 1, 1, null);
        assertThat(before.limits()).isEqualTo(Limits.NONE);
    }
}
