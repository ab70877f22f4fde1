package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.homeostat.fixtures.Cable;
import org.homeostat.fixtures.Census;
import org.homeostat.fixtures.PlugCycles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The cable is pulled and plugged in again a thousand times. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PlugCyclesIT {

    private static final int CYCLES = 1000;
    private static final double NOTICED_SECONDS = 0.1;
    private static final double CORE_SHARE = 0.05;
    private static final Duration LONGEST = Duration.ofSeconds(3);

    @TempDir
    Path folder;

    /** Keeps a port open: opens it with growing pauses, and looks every so often whether it is still there. */
    private static final class Keeper implements AutoCloseable, PlugCycles.User {

        private static final long LOOK_NANOS = 20_000_000;

        private final Link.Opener opener;
        private final Backoff backoff;
        private final Thread thread;
        private volatile Link link;
        private volatile boolean ended;
        private final AtomicInteger attempts = new AtomicInteger();

        Keeper(Link.Opener opener, Duration first) {
            this.opener = opener;
            this.backoff = new Backoff(first, LONGEST, new SplittableRandom(1));
            this.thread = Thread.ofPlatform().daemon().name("keeper").start(this::keep);
        }

        private void keep() {
            while (!ended) {
                Link held = link;
                if (held == null) {
                    try {
                        attempts.incrementAndGet();
                        link = opener.open();
                        backoff.reset();
                    } catch (LinkException absent) {
                        LockSupport.parkNanos(backoff.next().toNanos());
                    }
                } else if (held.alive()) {
                    LockSupport.parkNanos(LOOK_NANOS);
                } else {
                    link = null;
                    held.close();
                }
            }
            if (link != null) {
                link.close();
            }
        }

        @Override
        public void recovered() throws Exception {
            long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!connected()) {
                assertThat(System.nanoTime()).isLessThan(limit);
                LockSupport.parkNanos(100_000);
            }
            byte[] sent = LinkContract.noise(64);
            assertThat(LinkContract.echoed(link, sent)).isEqualTo(sent);
        }

        @Override
        public boolean connected() {
            return link != null;
        }

        @Override
        public void close() throws InterruptedException {
            ended = true;
            LockSupport.unpark(thread);
            thread.join();
        }
    }

    @Test
    void aThousandPullsLeaveNoTrace() throws Exception {
        try (Cable cable = new Cable(folder.resolve("board"));
                // A first pause of 0.1 s would only make the test longer.
                Keeper keeper =
                        new Keeper(SerialLink.opener(cable.path(), SerialLink.BAUD, true), Duration.ofMillis(5))) {
            PlugCycles.run(20, cable, keeper);
            Census before = Census.settled();
            PlugCycles.Report report = PlugCycles.run(CYCLES, cable, keeper);
            System.out.println("pulled and plugged in: " + report);
            assertThat(report.recovered()).isEqualTo(CYCLES);
            assertThat(report.noticedSeconds(1)).isLessThanOrEqualTo(NOTICED_SECONDS);
            assertThat(Census.once(before::equals)).isEqualTo(before);
        }
    }

    /**
     * A reader who waits for an answer when the cable is pulled. It is woken by the pull itself; the bar for each and every
     * loss is that of the keeper above, who looks by himself.
     */
    @Test
    void aReaderNoticesTheLoss() throws Exception {
        int pulls = 200;
        double[] noticed = new double[pulls];
        try (Cable cable = new Cable(folder.resolve("board"))) {
            for (int i = 0; i < pulls; i++) {
                cable.plug();
                try (Link link = SerialLink.open(cable.path(), SerialLink.BAUD, true)) {
                    CountDownLatch begun = new CountDownLatch(1);
                    var reading = LinkContract.meanwhile(() -> {
                        begun.countDown();
                        try {
                            link.read(new byte[1], 0, 1, LinkContract.NEVER);
                        } catch (LinkException gone) {
                            assertThat(gone.trouble()).isEqualTo(LinkException.Trouble.GONE);
                            return System.nanoTime();
                        }
                        throw new AssertionError("a byte came from nowhere");
                    });
                    begun.await();
                    Thread.sleep(1 + i % 20);
                    long pulled = System.nanoTime();
                    cable.unplug();
                    noticed[i] = 1e-9 * (reading.get(30, TimeUnit.SECONDS) - pulled);
                }
            }
        }
        Arrays.sort(noticed);
        System.out.println("pulled while somebody reads: " + new PlugCycles.Report(pulls, noticed));
        assertThat(noticed[pulls * 99 / 100]).isLessThanOrEqualTo(NOTICED_SECONDS);
    }

    @Test
    void waitingForAPortCostsNextToNothing() throws Exception {
        try (Cable cable = new Cable(folder.resolve("board"));
                Keeper keeper =
                        new Keeper(SerialLink.opener(cable.path(), SerialLink.BAUD, true), Duration.ofMillis(100))) {
            PlugCycles.run(20, cable, keeper);
            int before = keeper.attempts.get();
            double share = PlugCycles.coreShare(10);
            System.out.printf(
                    "absent for 10 s: %d attempts, %.2f %% of a core%n", keeper.attempts.get() - before, 100 * share);
            assertThat(keeper.attempts.get()).isGreaterThan(before + 2);
            assertThat(share).isLessThanOrEqualTo(CORE_SHARE);
            cable.plug();
            keeper.recovered();
        }
    }
}
