package org.homeostat.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.homeostat.device.Deadline;
import org.homeostat.device.Device;
import org.homeostat.device.DeviceException;
import org.homeostat.device.Levels;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Scale;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Memory;
import org.homeostat.fixtures.Net;
import org.homeostat.fixtures.Sensor;
import org.junit.jupiter.api.Test;

class WrittenTest {

    private final Sensor sensor = new Sensor(3, new Scale.Linear(0, 1, 11));
    private final Device written = new Written(sensor);

    private Response ask(Levels levels) {
        return written.present(Stimulus.of(Levels.of(Role.INPUT, 0).and(levels)), Deadline.NEVER);
    }

    @Test
    void theFirstStimulusWritesTheMiddleOfEachRange() {
        assertThat(ask(Levels.NONE).parameters()).containsExactly(5, 5, 5);
        assertThat(sensor.levels()).containsExactly(5, 5, 5);
        ask(Levels.NONE);
        assertThat(sensor.written.getLast()).isNull();
    }

    @Test
    void responsesTellTheLevelsThatTheCodesMake() {
        assertThat(ask(Levels.of(Role.PARAMETER, 1.2, 7.6, 9.9)).parameters()).containsExactly(1, 8, 10);
        assertThat(sensor.levels()).containsExactly(1, 8, 10);
    }

    @Test
    void whatIsNotWrittenStays() {
        ask(Levels.of(Role.PARAMETER, 1, 2, 3));
        assertThat(ask(Levels.some(Role.PARAMETER, new int[] {1}, 9)).parameters())
                .containsExactly(1, 9, 3);
        assertThat(sensor.levels()).containsExactly(1, 9, 3);
    }

    @Test
    void aFirstStimulusThatWritesSomeWritesTheMiddleOfTheOthers() {
        assertThat(ask(Levels.some(Role.PARAMETER, new int[] {1}, 9)).parameters())
                .containsExactly(5, 9, 5);
        assertThat(sensor.levels()).containsExactly(5, 9, 5);
    }

    @Test
    void afterALostFirstExchangeTheMiddleIsWrittenAgain() {
        sensor.broken = true;
        assertThatThrownBy(() -> ask(Levels.NONE)).isInstanceOf(DeviceException.class);
        ask(Levels.NONE);
        assertThat(sensor.levels()).containsExactly(5, 5, 5);
    }

    @Test
    void afterALostExchangeResponsesTellWhatIsThere() {
        ask(Levels.of(Role.PARAMETER, 1, 2, 3));
        sensor.broken = true;
        assertThatThrownBy(() -> ask(Levels.of(Role.PARAMETER, 4, 4, 4))).isInstanceOf(DeviceException.class);
        assertThat(ask(Levels.NONE).parameters()).containsExactly(4, 4, 4);
        assertThat(sensor.levels()).containsExactly(4, 4, 4);
        sensor.mute = true;
        assertThatThrownBy(() -> ask(Levels.of(Role.PARAMETER, 6, 6, 6))).isInstanceOf(DeviceException.class);
        assertThat(ask(Levels.some(Role.PARAMETER, new int[] {0}, 7)).parameters())
                .containsExactly(7, 6, 6);
        assertThat(sensor.levels()).containsExactly(7, 6, 6);
    }

    @Test
    void aDeviceThatCannotBeWrittenIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Written(Net.linear(1, 1, 1).compliant()))
                .withMessageContaining("its parameters cannot be written");
    }

    @Test
    void aStimulusThatDoesNotFitChangesNothing() {
        ask(Levels.of(Role.PARAMETER, 1, 2, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> ask(Levels.of(Role.PARAMETER, 1, 2, 30)));
        assertThat(ask(Levels.NONE).parameters()).containsExactly(1, 2, 3);
    }

    @Test
    void savedAndRestoredItKnowsTheLevels() {
        Written one = new Written(new Sensor(3, new Scale.Linear(0, 1, 11)));
        Stimulus plain = Stimulus.of(Levels.of(Role.INPUT, 0));
        var unused = one.present(plain.with(plain.levels().and(Levels.of(Role.PARAMETER, 1, 2, 3))), Deadline.NEVER);
        Sensor fresh = new Sensor(3, new Scale.Linear(0, 1, 11));
        Written other = Memory.into(new Written(fresh), Memory.of(one));
        assertThat(other.present(plain, Deadline.NEVER).parameters()).containsExactly(1, 2, 3);
        // A board lives on by itself: what it was told is not told again.
        assertThat(fresh.written.getLast()).isNull();
    }
}
