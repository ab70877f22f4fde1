package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "mqtt://pi, pi, 1883, mqtt://pi:1883",
        "mqtt://pi/, pi, 1883, mqtt://pi:1883",
        "mqtt://lab_pi-3.local:2000, lab_pi-3.local, 2000, mqtt://lab_pi-3.local:2000",
        "mqtts://10.0.0.7, 10.0.0.7, 8883, mqtts://10.0.0.7:8883",
        "mqtt://[::1], ::1, 1883, mqtt://[::1]:1883",
        "mqtts://[fe80::1%eth0]:65535, fe80::1%eth0, 65535, mqtts://[fe80::1%eth0]:65535"
    })
    void isReadFromItsUri(String uri, String host, int port, String text) {
        Broker broker = Broker.of(uri, Map.of("silence", "2000"), Map.of());
        assertThat(broker.host()).isEqualTo(host);
        assertThat(broker.port()).isEqualTo(port);
        assertThat(broker.tls() != null).isEqualTo(uri.startsWith("mqtts"));
        assertThat(broker.known()).isEqualTo(Broker.ANONYMOUS);
        assertThat(broker).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pi",
                "mqtt:pi",
                "mqtt://",
                "http://pi",
                "mqtt://pi:0",
                "mqtt://pi:65536",
                "mqtt://pi:x",
                "mqtt://pi/board",
                "mqtt://::1",
                "mqtt://[pi]",
                "mqtt://a b",
                "MQTT://pi"
            })
    void whatIsNoUriOfABrokerIsRefused(String uri) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Broker.of(uri, Map.of(), Map.of()))
                .withMessageContaining("expected mqtt://HOST:PORT");
    }

    @Test
    void aPasswordStandsInAFileAndNeverInAUri() throws IOException {
        Path file = Files.writeString(folder.resolve("password"), "se cret\nsecond line\n");
        Broker broker = Broker.of("mqtt://pi", Map.of("user", "ann", "password", file.toString()), Map.of());
        assertThat(broker.user()).isEqualTo("ann");
        assertThat(broker.known()).isEqualTo("ann");
        assertThat(broker.password()).isEqualTo("se cret".getBytes(StandardCharsets.UTF_8));
        assertThat(broker.toString()).doesNotContain("cret");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Broker.of("mqtt://ann:secret@pi", Map.of(), Map.of()))
                .withMessageContaining("password=FILE")
                .satisfies(why -> assertThat(why).message().doesNotContain("secret"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Broker.of("mqtt://pi", Map.of("password", file.toString()), Map.of()))
                .withMessageContaining("user=NAME");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Broker.of("mqtt://pi", Map.of("user", "ann", "password", "nowhere"), Map.of()))
                .withMessageContaining("password file nowhere");
        Path empty = Files.writeString(folder.resolve("empty"), "");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Broker.of("mqtt://pi", Map.of("user", "ann", "password", empty.toString()), Map.of()))
                .withMessageContaining("first line is empty");
    }

    @Test
    void whatIsNotGivenComesFromTheEnvironment() {
        Map<String, String> environment = Map.of("HOMEOSTAT_MQTT_USER", "bob", "HOMEOSTAT_MQTT_CA", "nowhere.crt");
        assertThat(Broker.of("mqtt://pi", Map.of(), environment).user()).isEqualTo("bob");
        assertThat(Broker.of("mqtt://pi", Map.of("user", "ann"), environment).user())
                .isEqualTo("ann");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Broker.of("mqtts://pi", Map.of(), environment))
                .withMessageContaining("nowhere.crt");
    }

    @Test
    void certificatesAreForEncryptedConnections() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Broker.of("mqtt://pi", Map.of("ca", "ca.crt"), Map.of()))
                .withMessageContaining("use mqtts://");
    }

    @Test
    void namesAreThoseThatMayStandInATopic() {
        assertThat(Broker.requireName("rack.2_b-7", "a board")).isEqualTo("rack.2_b-7");
        for (String name : new String[] {"", "a/b", "+", "#", "a b", "ä", "x".repeat(65)}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Broker.requireName(name, "a board"));
        }
    }
}
