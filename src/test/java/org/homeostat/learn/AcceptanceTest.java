package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class AcceptanceTest {

    private final Acceptance acceptance = new Acceptance(1, 0.5, 1.1);

    @Test
    void aStepTakenBackMakesTheSpringsStiffer() {
        assertThat(acceptance.next(0.4, false, 1)).isEqualTo(0.2);
    }

    @Test
    void aStepAcceptedMakesThemSofterUpToWhereTheyStarted() {
        assertThat(acceptance.next(0.4, true, 1)).isEqualTo(0.4 * 1.1);
        assertThat(acceptance.next(0.95, true, 1)).isEqualTo(1);
    }

    @Test
    void factorsThatCannotBeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Acceptance(0, 0.5, 1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Acceptance(1, 1, 1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Acceptance(1, 0, 1.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Acceptance(1, 0.5, 0.9));
    }
}
