package org.homeostat.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class LevelsTest {

    @Test
    void aSingleRowStandsForEveryLane() {
        Levels levels = Levels.of(Role.INPUT, 1, 2);
        assertThat(levels.rows(Role.INPUT)).isEqualTo(1);
        assertThat(levels.size(Role.INPUT)).isEqualTo(2);
        assertThat(levels.row(Role.INPUT, 3)).containsExactly(1, 2);
        assertThat(levels.at(Role.INPUT, 3, 1)).isEqualTo(2);
    }

    @Test
    void everyLaneMayHaveARowOfItsOwn() {
        Levels levels = Levels.of(Role.OUTPUT, new double[][] {{1, 2}, {3, 4}});
        assertThat(levels.rows(Role.OUTPUT)).isEqualTo(2);
        assertThat(levels.row(Role.OUTPUT, 1)).containsExactly(3, 4);
        assertThat(levels.row(Role.OUTPUT)).containsExactly(1, 2);
    }

    @Test
    void itKeepsWhatItWasGivenWhenTheArraysChangeLater() {
        double[] row = {1, 2};
        double[][] rows = {{1, 2}, {3, 4}};
        int[] positions = {0, 2};
        Levels whole = Levels.of(Role.INPUT, row);
        Levels lanes = Levels.of(Role.INPUT, rows);
        Levels some = Levels.some(Role.INPUT, positions, row);
        row[0] = 9;
        rows[1][0] = 9;
        positions[1] = 9;
        assertThat(whole.row(Role.INPUT)).containsExactly(1, 2);
        assertThat(lanes.row(Role.INPUT, 1)).containsExactly(3, 4);
        assertThat(some.row(Role.INPUT)).containsExactly(1, 2);
        assertThat(some.positions(Role.INPUT)).containsExactly(0, 2);
    }

    @Test
    void whatItHandsOutIsACopy() {
        Levels levels = Levels.some(Role.INPUT, new int[] {0, 2}, 1, 2);
        levels.row(Role.INPUT)[0] = 9;
        int[] positions = levels.positions(Role.INPUT);
        assertThat(positions).isNotNull();
        positions[0] = 1;
        assertThat(levels.row(Role.INPUT)).containsExactly(1, 2);
        assertThat(levels.positions(Role.INPUT)).containsExactly(0, 2);
    }

    @Test
    void onlyAPartialBlockHasPositions() {
        assertThat(Levels.of(Role.INPUT, 1, 2).positions(Role.INPUT)).isNull();
        assertThat(Levels.some(Role.INPUT, new int[] {4}, 1).positions(Role.INPUT))
                .containsExactly(4);
    }

    @Test
    void togetherTheOthersStandWhereBothSpeak() {
        Levels mine = Levels.of(Role.INPUT, 1, 2).and(Levels.of(Role.KNOB, 3));
        Levels both = mine.and(Levels.some(Role.INPUT, new int[] {1}, 7).and(Levels.of(Role.SOFTNESS, 5)));
        assertThat(both.roles()).containsExactlyInAnyOrder(Role.INPUT, Role.KNOB, Role.SOFTNESS);
        assertThat(both.row(Role.INPUT)).containsExactly(7);
        assertThat(both.positions(Role.INPUT)).containsExactly(1);
        assertThat(both.row(Role.KNOB)).containsExactly(3);
        assertThat(mine.row(Role.INPUT)).containsExactly(1, 2);
    }

    @Test
    void rolesCanBeLeftOutAndPickedOut() {
        Levels levels = Levels.of(Role.INPUT, 1).and(Levels.of(Role.KNOB, 3));
        assertThat(levels.without(Role.INPUT)).isEqualTo(Levels.of(Role.KNOB, 3));
        assertThat(levels.without(Role.SOFTNESS)).isEqualTo(levels);
        assertThat(levels.only(Role.INPUT)).isEqualTo(Levels.of(Role.INPUT, 1));
        assertThat(Levels.of(Role.INPUT, 1).without(Role.INPUT)).isEqualTo(Levels.NONE);
        assertThat(Levels.NONE.roles()).isEmpty();
        assertThat(levels.has(Role.KNOB)).isTrue();
        assertThat(levels.has(Role.OUTPUT)).isFalse();
    }

    @Test
    void askingForARoleThatIsNotThereSaysWhichAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Levels.of(Role.INPUT, 1).row(Role.OUTPUT))
                .withMessageContainingAll("OUTPUT", "INPUT");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Levels.of(Role.INPUT, 1).only(Role.KNOB))
                .withMessageContaining("KNOB");
    }

    @Test
    void equalMeansTheSameRolesPositionsAndNumbers() {
        Levels whole = Levels.of(Role.INPUT, 1, 2);
        assertThat(whole)
                .isEqualTo(Levels.of(Role.INPUT, 1, 2))
                .hasSameHashCodeAs(Levels.of(Role.INPUT, 1, 2))
                .isNotEqualTo(Levels.of(Role.INPUT, 1, 3))
                .isNotEqualTo(Levels.of(Role.OUTPUT, 1, 2))
                .isNotEqualTo(Levels.some(Role.INPUT, new int[] {0, 1}, 1, 2))
                .isNotEqualTo(whole.and(Levels.of(Role.KNOB, 1)))
                .isNotEqualTo(Levels.of(Role.INPUT, new double[][] {{1, 2}, {1, 2}}))
                .isNotEqualTo("Levels[INPUT=[[1.0, 2.0]]]");
    }

    @Test
    void positiveAndNegativeZeroAreDifferentLevels() {
        assertThat(Levels.of(Role.INPUT, 0.0)).isNotEqualTo(Levels.of(Role.INPUT, -0.0));
    }

    @Test
    void itsTextNamesRolesPositionsAndLevels() {
        assertThat(Levels.of(Role.INPUT, 1, 2).and(Levels.some(Role.PARAMETER, new int[] {0, 3}, 5, 6)))
                .hasToString("Levels[INPUT=[[1.0, 2.0]], PARAMETER[0, 3]=[[5.0, 6.0]]]");
        assertThat(Levels.NONE).hasToString("Levels[]");
    }

    @Test
    void positionsAndLevelsMustBeAsMany() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Levels.some(Role.INPUT, new int[] {0, 1}, 1))
                .withMessageContainingAll("2 positions", "1 levels", "INPUT");
    }

    @Test
    void positionsAscendFromZero() {
        for (int[] positions : new int[][] {{-1, 0}, {1, 1}, {2, 1}}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Levels.some(Role.PARAMETER, positions, 1, 2))
                    .withMessageContainingAll("PARAMETER", "ascend");
        }
    }

    @Test
    void aLevelIsAFiniteNumber() {
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Levels.of(Role.INPUT, 1, bad))
                    .withMessageContainingAll("INPUT", String.valueOf(bad));
        }
    }

    @Test
    void rolesThatLanesShareHaveOneRow() {
        for (Role role : new Role[] {Role.KNOB, Role.SOFTNESS, Role.PARAMETER, Role.FORCE}) {
            assertThat(role.shared()).isTrue();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Levels.of(role, new double[][] {{1}, {1}}))
                    .withMessageContainingAll(role.name(), "shared", "2");
        }
        for (Role role : new Role[] {Role.INPUT, Role.OUTPUT, Role.NUDGE, Role.MONITOR}) {
            assertThat(role.shared()).isFalse();
            assertThat(Levels.of(role, new double[][] {{1}, {1}}).rows(role)).isEqualTo(2);
        }
    }

    @Test
    void rowsAreThereAndOfOneLength() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Levels.of(Role.INPUT, new double[0][]))
                .withMessageContainingAll("INPUT", "at least one row");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Levels.of(Role.INPUT, new double[][] {{1, 2}, {1}}))
                .withMessageContainingAll("INPUT", "lane 1 has 1", "lane 0 has 2");
    }
}
