package org.homeostat.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may look at runs, and stop them. */
final class GateTest {

    private static final int PORT = 8123;

    private static Gate local() throws UnknownHostException {
        return Gate.at(InetAddress.getByName("127.0.0.1"), PORT);
    }

    private static Headers headers(String host, String origin) {
        Headers headers = new Headers();
        if (host != null) {
            headers.set("Host", host);
        }
        if (origin != null) {
            headers.set("Origin", origin);
        }
        return headers;
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:8123", "127.0.0.1:8123", "[::1]:8123", "LOCALHOST:8123"})
    void thisComputersNamesAreAnswered(String host) throws UnknownHostException {
        assertThat(local().refusal(headers(host, null), null, false, false)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example:8123",
                "localhost",
                "localhost:80",
                "localhost:8123.evil.example",
                "127.0.0.1.evil.example:8123",
                "",
                "[::1]"
            })
    void anyOtherNameIsAPageOfTheWorldThatPointsHere(String host) throws UnknownHostException {
        assertThat(local().refusal(headers(host, null), null, false, false)).contains("names of this computer alone");
        assertThat(local().refusal(headers(host, null), null, true, false)).isNotNull();
    }

    @Test
    void whatActsComesFromThePageItself() throws UnknownHostException {
        String host = "localhost:8123";
        assertThat(local().refusal(headers(host, "http://localhost:8123"), null, false, true))
                .isNull();
        for (String origin :
                new String[] {null, "null", "http://evil.example", "https://localhost:8123", "http://localhost:8124"}) {
            assertThat(local().refusal(headers(host, origin), null, false, true))
                    .as(origin)
                    .isEqualTo("only the page of this server may do that");
        }
        assertThat(local().refusal(headers(host, "http://evil.example"), null, false, false))
                .isNotNull();
    }

    @Test
    void boundToMoreOnlyTheTokenOpens() throws UnknownHostException {
        Gate gate = Gate.at(InetAddress.getByName("0.0.0.0"), PORT);
        String token = gate.token();

        assertThat(token).hasSize(32);
        assertThat(Gate.at(InetAddress.getByName("0.0.0.0"), PORT).token()).isNotEqualTo(token);
        Headers lab = headers("lab:8123", null);
        assertThat(gate.refusal(lab, token, false, true)).isNull();
        assertThat(gate.refusal(lab, null, false, false)).contains("token");
        assertThat(gate.refusal(lab, token + "0", false, false)).contains("token");
        assertThat(gate.refusal(headers("localhost:8123", "http://localhost:8123"), null, false, true))
                .contains("token");
        // The page itself holds nothing of any run.
        assertThat(gate.refusal(lab, null, true, false)).isNull();
    }
}
