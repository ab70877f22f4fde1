package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.homeostat.fixtures.Census;
import org.homeostat.fixtures.FalseBroker;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.link.LinkException.Trouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two hundred thousand connections that fail, without the pauses that whoever reconnects would make, and what they leave behind:
 * most find nobody at the port; the others find a port that hangs up, one that says nothing, a broker that wants another password,
 * a TLS port where the connection is in the clear, and a broker that is killed once they are in.
 */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReconnectsIT {

    private static final int ALL = 200_000;
    private static final int CURT = 3000;
    private static final int SILENT = 2000;
    private static final int REFUSED = 2000;
    private static final int MIXED_UP = 1000;
    private static final int KILLED = 100;

    /** The bar. */
    private static final long MOST_GROWTH = 1_000_000;

    private static final int AT_ONCE = 16;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(30);

    @TempDir
    Path folder;

    private final ExecutorService workers = Executors.newFixedThreadPool(
            AT_ONCE, Thread.ofPlatform().daemon().name("worker-", 0).factory());

    private static long heap() throws InterruptedException {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            Thread.sleep(200);
            least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    /** Fails so many times, in several threads, with such a trouble each time. */
    private void fail(String what, Broker broker, int times, Duration limit, Trouble trouble) throws Exception {
        long start = System.nanoTime();
        AtomicInteger left = new AtomicInteger(times);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            String id = "it-reconnect-" + i;
            all.add(workers.submit(() -> {
                while (left.getAndDecrement() > 0) {
                    try {
                        MqttClient.open(broker, id, null, Duration.ofSeconds(5), message -> {}, limit)
                                .close();
                        throw new AssertionError("let in: " + what);
                    } catch (LinkException refused) {
                        assertThat(refused.trouble()).as(refused.getMessage()).isEqualTo(trouble);
                    }
                }
                return null;
            }));
        }
        for (Future<?> each : all) {
            each.get();
        }
        System.out.printf("%-28s %7d failed in %5.1f s%n", what, times, 1e-9 * (System.nanoTime() - start));
    }

    private void killed(int times) throws Exception {
        long start = System.nanoTime();
        try (Mosquitto mosquitto = Mosquitto.open(folder.resolve("killed"))) {
            for (int done = 0; done < times; done += AT_ONCE) {
                List<MqttClient> clients = new ArrayList<>();
                for (int i = 0; i < AT_ONCE; i++) {
                    clients.add(MqttClient.open(
                            mosquitto.broker(), "it-killed-" + i, null, Duration.ofSeconds(5), message -> {}, LIMIT));
                }
                mosquitto.kill();
                for (MqttClient each : clients) {
                    long limit = System.nanoTime() + LIMIT.toNanos();
                    while (each.alive()) {
                        assertThat(System.nanoTime()).isLessThan(limit);
                        Thread.onSpinWait();
                    }
                    each.close();
                }
                mosquitto.start();
            }
        }
        System.out.printf("%-28s %7d ended  in %5.1f s%n", "killed when in", times, 1e-9 * (System.nanoTime() - start));
    }

    /** Some of each. */
    private int some(int share, Broker nobody, Broker curt, Broker silent, Broker strict, Broker encrypted)
            throws Exception {
        fail("hung up", curt, CURT / share, LIMIT, Trouble.ABSENT);
        fail("silent", silent, SILENT / share, SHORT, Trouble.ABSENT);
        fail("wrong password", strict, REFUSED / share, LIMIT, Trouble.FORBIDDEN);
        fail("TLS to a port in the clear", encrypted, MIXED_UP / share, LIMIT, Trouble.ABSENT);
        killed(KILLED / share);
        int others = (CURT + SILENT + REFUSED + MIXED_UP + KILLED) / share;
        fail("nobody there", nobody, ALL / share - others, LIMIT, Trouble.ABSENT);
        return ALL / share;
    }

    @Test
    void failedConnectionsLeaveNothingBehind() throws Exception {
        Mosquitto.require();
        Path passwords = folder.resolve("passwords");
        int exit = new ProcessBuilder("mosquitto_passwd", "-b", "-c", passwords.toString(), "ann", "right")
                .start()
                .waitFor();
        assertThat(exit).isZero();
        Path wrong = Files.writeString(folder.resolve("wrong"), "wrong\n");
        try (FalseBroker curt = new FalseBroker(null, false);
                FalseBroker silent = new FalseBroker(null, true);
                Mosquitto strict = Mosquitto.with(
                        folder.resolve("strict"),
                        "allow_anonymous false",
                        "log_type error",
                        "password_file " + passwords)) {
            Broker refusing =
                    Broker.of(strict.broker().toString(), Map.of("user", "ann", "password", wrong.toString()));
            Broker nobody = Broker.open("127.0.0.1", Mosquitto.freePort());
            Broker encrypted = Broker.of("mqtts://127.0.0.1:" + strict.port(), Map.of());
            some(20, nobody, curt.broker(), silent.broker(), refusing, encrypted);
            settled();
            Census before = Census.now();
            long first = heap();
            int made = some(1, nobody, curt.broker(), silent.broker(), refusing, encrypted);
            settled();
            Census after = Census.once(before::equals);
            long growth = heap() - first;
            System.out.printf(
                    "%d failed connections: heap %+d kB (at %d kB), threads %+d, open files %+d%n",
                    made,
                    growth / 1000,
                    first / 1000,
                    sum(after.threads()) - sum(before.threads()),
                    sum(after.files()) - sum(before.files()));
            assertThat(after).isEqualTo(before);
            assertThat(growth).isLessThan(MOST_GROWTH);
        } finally {
            workers.shutdown();
        }
    }

    /** Waits until Paho's threads, which end by themselves, have ended, and so has the clock that was idle. */
    private static void settled() throws InterruptedException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() - limit < 0
                && Thread.getAllStackTraces().keySet().stream()
                        .anyMatch(thread -> thread.getName().matches("(?i)(mqtt|link-).*"))) {
            Thread.sleep(50);
        }
    }

    private static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }
}
