package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;

import org.homeostat.run.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of devices. */
final class DeviceUriTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "twin:resistor-array-v1",
                "twin:x?seed=3",
                "twin:x?hidden=64-32&inputs=4&seed=1",
                "serial:/dev/ttyUSB0?baud=1000000",
                "mqtt://host:1883/name",
                "replay:/runs/20260101-x"
            })
    void whatIsReadIsWrittenTheSame(String text) {
        assertThat(DeviceUri.of(text)).hasToString(text);
    }

    @Test
    void itsPartsAreTakenApart() {
        DeviceUri uri = DeviceUri.of("serial:/dev/tty:1?baud=9600&note=a=b");

        assertThat(uri.scheme()).isEqualTo("serial");
        assertThat(uri.name()).isEqualTo("/dev/tty:1");
        assertThat(uri.options()).containsExactly(entry("baud", "9600"), entry("note", "a=b"));
    }

    @Test
    void aListIsPartedWhereTheNextNameBegins() {
        assertThat(DeviceUri.list(" twin:x?seed=1,serial:/dev/a , mqtt://host:1883/b\n,mqtts://host/c,pi:d.yaml"))
                .containsExactly("twin:x?seed=1", "serial:/dev/a", "mqtt://host:1883/b", "mqtts://host/c", "pi:d.yaml");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "process:socat - /dev/ttyACM0,b1000000,raw",
                "process:run --map a:1,b:2",
                "serial:/dev/a,b",
                "twin:x,y",
                "twin:x,twins:y",
                ",twin"
            })
    void aCommaThatNoSchemeFollowsIsAPartOfTheName(String text) {
        assertThat(DeviceUri.list(text)).containsExactly(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "board | expected SCHEME:NAME, such as twin:resistor-array-v1",
                ":board | expected SCHEME:NAME, such as twin:resistor-array-v1",
                "twin: | expected SCHEME:NAME, such as twin:resistor-array-v1",
                "'' | expected SCHEME:NAME, such as twin:resistor-array-v1",
                "twin:?seed=1 | expected a name after 'twin:'",
                "twin:x? | '' is no option; expected key=value",
                "twin:x?seed | 'seed' is no option; expected key=value",
                "twin:x?=1 | '=1' is no option; expected key=value",
                "twin:x?seed= | 'seed=' is no option; expected key=value",
                "twin:x?seed=1&& | '' is no option; expected key=value",
                "twin:x?seed=1&seed=2 | option 'seed' is given twice"
            })
    void whatIsNoNameIsRefused(String text, String why) {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> DeviceUri.of(text))
                .withMessage("device '" + text + "': " + why);
    }
}
