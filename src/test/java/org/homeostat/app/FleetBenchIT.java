package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.homeostat.app.Session.Ended;
import org.homeostat.fixtures.Mosquitto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Many boards behind one broker, in short; the whole of it is {@code bench fleet}, whose figures are in performance.md. */
@Timeout(240)
final class FleetBenchIT {

    @TempDir
    Path home;

    @Test
    void noExchangeWithAnyOf64BoardsIsLost() throws Exception {
        try (Mosquitto broker = Mosquitto.open(home.resolve("broker"))) {
            Ended ended = new Jar(home)
                    .run(
                            "bench",
                            "fleet",
                            "--broker",
                            broker.broker().toString(),
                            "--boards",
                            "64",
                            "--rate",
                            "100",
                            "--seconds",
                            "10",
                            "--json")
                    .ended(Main.DONE);
            JsonNode json = ended.json();
            System.out.println("64 boards x 100 exchanges/s for 10 s: " + json);
            assertThat(json.get("asked").asInt()).isEqualTo(64_000);
            assertThat(json.get("lost").asInt()).isZero();
            assertThat(json.get("twice").asInt()).isZero();
        }
    }
}
