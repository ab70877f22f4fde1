package org.homeostat.learn;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.homeostat.catalog.Catalog;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.catalog.Dressed;
import org.homeostat.catalog.Learners;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Role;
import org.homeostat.run.RunStore;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Oscillators that slip have no rest: it is said, and nothing is learned from them. */
final class UnlockedTest {

    @ParameterizedTest
    @ValueSource(strings = {"aeqprop-centered", "aeqprop-optimistic", "ep-centered", "ep-positive"})
    void nothingIsLearnedFromWhatIsNotLocked(String name) {
        Opened opened = new Catalog(new RunStore(Path.of("runs"))).open("twin:oscillator-rig-detuned");
        Learner learner = Learners.of(name, opened.teaching(), new Cost.SquaredError(), 1);
        try (Dressed dressed = Dressed.of(opened.device(), learner, opened.teaching(), opened.limits(), null)) {
            Descriptor card = dressed.device().descriptor();
            Levels inputs = Levels.of(Role.INPUT, new double[card.count(Role.INPUT)]);
            double[][] targets = {new double[card.count(Role.OUTPUT)]};
            Arrays.fill(targets[0], 0.5);

            Step first = learner.step(dressed.device(), new Example(inputs, targets), Deadline.NEVER);
            Step second = learner.step(dressed.device(), new Example(inputs, targets), Deadline.NEVER);

            assertThat(first.quality().verdict()).isEqualTo(Verdict.UNLOCKED);
            assertThat(first.quality().remark()).contains("slips");
            assertThat(first.accepted()).isFalse();
            assertThat(second.parameters()).containsExactly(first.parameters());
        }
    }
}
