package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.link.MqttClient.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A connection to a broker that runs, is killed, held and started again. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MqttClientIT {

    private static final Duration LIMIT = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    @Test
    void aMessagePassesAlsoAfterTheBrokerWasKilledAndStartedAgain() throws Exception {
        try (Mosquitto mosquitto = Mosquitto.open(folder)) {
            for (int round = 0; round < 2; round++) {
                BlockingQueue<Message> came = new LinkedBlockingQueue<>();
                try (MqttClient client =
                        MqttClient.open(mosquitto.broker(), "round-" + round, null, LIMIT, came::add, LIMIT)) {
                    client.subscribe(List.of("a/b"), LIMIT);
                    client.send(Message.of("a/b", new byte[] {1, 2, 3}, false), LIMIT.toNanos());
                    Message back = came.poll(5, TimeUnit.SECONDS);
                    assertThat(back).isNotNull();
                    assertThat(back.payload()).containsExactly(1, 2, 3);
                    mosquitto.kill();
                    long limit = System.nanoTime() + LIMIT.toNanos();
                    while (client.alive()) {
                        assertThat(System.nanoTime()).isLessThan(limit);
                        Thread.onSpinWait();
                    }
                }
                mosquitto.start();
            }
        }
    }
}
