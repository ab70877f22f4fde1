package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.homeostat.device.Ability;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Nudge;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Learner;
import org.homeostat.run.BadInput;
import org.homeostat.run.RunStore;
import org.homeostat.run.Teaching;
import org.junit.jupiter.api.Test;

/** Learners by name. */
final class LearnersTest {

    private final Catalog catalog = new Catalog(new RunStore(Path.of("no-runs")));
    private final Teaching teaching = catalog.teaching("twin:resistor-array-v1");

    @Test
    void everyNameMakesALearnerOfThatName() {
        Teaching modelled = ExperimentFile.changed(teaching, Map.of("model", "twin:hopfield"));
        for (String name : Learners.names()) {
            Learner learner = Learners.of(name, modelled, new Cost.SquaredError(), 1);
            assertThat(learner.name()).isEqualTo(name);
        }
        assertThat(Learners.names())
                .contains("aeqprop-optimistic", "aeqprop-pessimistic", "aeqprop-centered", "spsa", "hadamard")
                .doesNotHaveDuplicates();
    }

    @Test
    void physicsAwareTrainingAsksForItsModel() {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Learners.of("physics-aware", teaching, new Cost.SquaredError(), 1))
                .withMessageContaining("teaching.model");
        Teaching deaf = ExperimentFile.changed(teaching, Map.of("model", "twin:resistor-array-v1"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Learners.of("physics-aware", deaf, new Cost.SquaredError(), 1))
                .withMessageContaining("lets the force on each parameter be read");
    }

    @Test
    void anotherNameIsRefused() {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Learners.of("backprop", teaching, new Cost.SquaredError(), 1))
                .withMessage(Listed.in("there is no learner 'backprop'; the learners are {learners}"));
    }

    @Test
    void classesAreTaughtAsTheBoardSaysAndNumbersBySquaredError() {
        assertThat(Learners.cost(teaching, true)).isInstanceOf(Cost.CrossEntropy.class);
        assertThat(Learners.cost(teaching, false)).isInstanceOf(Cost.SquaredError.class);
        Teaching squared = ExperimentFile.changed(teaching, Map.of("cost", "squared_error"));
        assertThat(Learners.cost(squared, true)).isInstanceOf(Cost.SquaredError.class);
    }

    @Test
    void crossEntropyIsNudgedByForceEvenWhereACouplingIsUsual() {
        Teaching coupled = catalog.teaching("twin:hopfield-compliant");
        assertThat(coupled.nudge()).isEqualTo(Nudge.Kind.COUPLING);

        // A coupling would be refused here: it realises the squared error alone.
        assertThat(Learners.of("aeqprop-centered", coupled, new Cost.CrossEntropy(0.1, 1), 1)
                        .cost())
                .isInstanceOf(Cost.CrossEntropy.class);
    }

    /** What a board does by itself a file may ask for; the numbers are then nudged so, and classes by force. */
    @Test
    void aBoardCanBeTaughtByDifference() {
        Teaching by = ExperimentFile.changed(teaching, Map.of("nudge", "difference"));
        assertThat(by.nudge()).isEqualTo(Nudge.Kind.DIFFERENCE);
        Descriptor forceOnly = new Descriptor(
                "b", "f", 1, Map.of(), Set.of(Ability.HOMEOSTASIS), Set.of(Nudge.Kind.FORCE), 1, 0, List.of());
        Learners.of("aeqprop-centered", by, new Cost.CrossEntropy(0.1, 1), 1).require(forceOnly);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Learners.of("aeqprop-centered", by, new Cost.SquaredError(), 1)
                        .require(forceOnly))
                .withMessageContaining("told to nudge by DIFFERENCE");
    }
}
