package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
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

    @Test
    void aListenerThatDawdlesHoldsNobodyElseUp() throws Exception {
        try (Mosquitto mosquitto = Mosquitto.open(folder)) {
            CountDownLatch go = new CountDownLatch(1);
            AtomicInteger heard = new AtomicInteger();
            MqttClient client = MqttClient.open(
                    mosquitto.broker(),
                    "slow",
                    null,
                    LIMIT,
                    message -> {
                        heard.incrementAndGet();
                        try {
                            go.await();
                        } catch (InterruptedException ended) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    LIMIT);
            client.subscribe(List.of("a/b"), LIMIT);
            for (int i = 0; i < 200; i++) {
                client.send(Message.of("a/b", new byte[1000], false), LIMIT.toNanos());
            }
            while (heard.get() == 0) {
                Thread.sleep(1);
            }
            // Paho reads no further while its queue is full; whoever closes does not wait for the listener.
            client.close();
            assertThat(client.alive()).isFalse();
            assertThat(heard.get()).isEqualTo(1);
            go.countDown();
            assertThat(ended(before())).isTrue();
        }
    }

    private static long before() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    }

    /** True once no thread of a connection is left. */
    private static boolean ended(long limit) throws InterruptedException {
        while (System.nanoTime() - limit < 0) {
            if (Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().matches("(?i)mqtt.*"))) {
                return true;
            }
            Thread.sleep(20);
        }
        return false;
    }

    @Test
    void itMayBeClosedAtAnyMomentFromAnyThread() throws Exception {
        try (Mosquitto mosquitto = Mosquitto.open(folder)) {
            SplittableRandom random = new SplittableRandom(7);
            Queue<Throwable> told = new ConcurrentLinkedQueue<>();
            for (int round = 0; round < 100; round++) {
                MqttClient client =
                        MqttClient.open(mosquitto.broker(), "any-" + round, null, LIMIT, message -> {}, LIMIT);
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    int kind = i;
                    threads.add(Thread.ofPlatform().daemon().start(() -> {
                        try {
                            while (true) {
                                switch (kind) {
                                    case 0 -> client.send(Message.of("a", new byte[100], false), LIMIT.toNanos());
                                    case 1 -> client.publish(Message.of("a", new byte[100], false), LIMIT);
                                    default -> client.subscribe(List.of("a"), LIMIT);
                                }
                            }
                        } catch (LinkException | RuntimeException ended) {
                            told.add(ended);
                        }
                    }));
                }
                LockSupport.parkNanos(random.nextInt(3_000_000));
                for (int i = 0; i < 2; i++) {
                    threads.add(Thread.ofPlatform().daemon().start(client::close));
                }
                for (Thread thread : threads) {
                    thread.join(TimeUnit.SECONDS.toMillis(10));
                    assertThat(thread.isAlive()).isFalse();
                }
            }
            assertThat(told)
                    .hasSize(300)
                    .allSatisfy(why -> assertThat(why)
                            .isInstanceOfSatisfying(
                                    LinkException.class,
                                    closed -> assertThat(closed.trouble()).isEqualTo(LinkException.Trouble.CLOSED)));
            assertThat(ended(before())).isTrue();
        }
    }
}
