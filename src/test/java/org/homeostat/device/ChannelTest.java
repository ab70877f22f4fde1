package org.homeostat.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ChannelTest {

    private static Channel volts(String name, double min, double max, double safe) {
        return new Channel(name, Role.INPUT, "V", min, max, safe, Scale.CONTINUOUS);
    }

    @Test
    void namesStartWithALetterAndHoldNoSpaces() {
        for (String good : new String[] {"x1", "g.x1", "h_2", "o-3", "A+"}) {
            assertThat(volts(good, 0, 1, 0).name()).isEqualTo(good);
        }
        for (String bad : new String[] {"", "1x", "x 1", "x,1", "_x", "ä", "x\n"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> volts(bad, 0, 1, 0))
                    .withMessageContainingAll("'" + bad + "'", "letter");
        }
    }

    @Test
    void itsRangeIsFiniteAndNotEmpty() {
        double[][] ranges = {
            {1, 1},
            {2, 1},
            {Double.NaN, 1},
            {0, Double.NaN},
            {0, Double.POSITIVE_INFINITY},
            {Double.NEGATIVE_INFINITY, 0}
        };
        for (double[] range : ranges) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> volts("x1", range[0], range[1], 0.5))
                    .withMessageContainingAll("x1", String.valueOf(range[0]), String.valueOf(range[1]));
        }
    }

    @Test
    void itsSafeLevelLiesInItsRange() {
        for (double safe : new double[] {-0.1, 1.1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> volts("x1", 0, 1, safe))
                    .withMessageContainingAll("x1", "safe", String.valueOf(safe));
        }
        assertThat(volts("x1", 0, 1, 0).safe()).isZero();
        assertThat(volts("x1", 0, 1, 1).safe()).isEqualTo(1);
    }

    @Test
    void aLevelInRangeIsAcceptedUnchangedEndsIncluded() {
        Channel channel = volts("x1", -1, 1, 0);
        for (double level : new double[] {-1, -0.0, 0.3, 1}) {
            assertThat(channel.accepted(level)).isEqualTo(level);
        }
    }

    @Test
    void aLevelOutOfRangeIsRefusedWithChannelLevelAndRange() {
        Channel channel = volts("x1", -1, 1, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> channel.accepted(1.0000001))
                .withMessage("channel x1: level 1.00000 V lies outside its range -1.00000 .. 1.00000 V");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> channel.accepted(-7.25))
                .withMessageContainingAll("x1", "-7.25", "-1.0", "1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> channel.accepted(Double.NaN))
                .withMessageContaining("NaN");
    }

    @Test
    void itsResolutionIsTheLargestStepInItsRange() {
        assertThat(volts("x1", -1, 1, 0).resolution()).isZero();
        Scale.Linear twelve = Scale.Linear.of(12, -1, 1);
        assertThat(new Channel("x1", Role.INPUT, "V", -1, 1, 0, twelve).resolution())
                .isEqualTo(twelve.step());
        Scale.Rheostat pot = new Scale.Rheostat(60, 100e3, 256);
        Channel whole = new Channel("g1", Role.PARAMETER, "S", pot.level(255), pot.level(0), pot.level(128), pot);
        assertThat(whole.resolution()).isCloseTo(pot.level(0) - pot.level(1), within(1e-18));
        Channel limited = new Channel("g1", Role.PARAMETER, "S", pot.level(255), pot.level(8), pot.level(128), pot);
        assertThat(limited.resolution()).isCloseTo(pot.level(8) - pot.level(9), within(1e-18));
    }
}
