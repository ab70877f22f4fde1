package org.homeostat.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.homeostat.fixtures.Census;
import org.homeostat.link.LinkException.Trouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every link owes whoever sends and receives over it, tried against a far end that echoes. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
interface LinkContract {

    /** A link and what can be done to its far end. Closing it closes both ends. */
    interface Rig extends AutoCloseable {

        Link link();

        /** The far end goes for good. */
        void unplug() throws Exception;

        /** The far end stays but takes no more bytes. */
        void mute() throws Exception;

        @Override
        void close();
    }

    /** A new link whose far end echoes. */
    Rig rig() throws Exception;

    long SOON = TimeUnit.SECONDS.toNanos(30);
    long NEVER = TimeUnit.SECONDS.toNanos(100);

    /** More than anything between the two ends holds back. */
    int FLOOD = 8 << 20;

    static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new SplittableRandom(length).nextBytes(bytes);
        return bytes;
    }

    /** Reads so many bytes, or as many as come. */
    static byte[] taken(Link link, int length) throws LinkException {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            int count = link.read(bytes, done, length - done, SOON);
            if (count == 0) {
                return Arrays.copyOf(bytes, done);
            }
            done += count;
        }
        return bytes;
    }

    static <T> FutureTask<T> meanwhile(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    /** The trouble that ended it, or null if it ended well. */
    static Trouble trouble(FutureTask<?> task) throws Exception {
        try {
            task.get(60, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException e) {
            return ((LinkException) e.getCause()).trouble();
        }
    }

    /** Gives a call that is to block the time to do so. */
    static void settle(FutureTask<?> task) throws Exception {
        Thread.sleep(100);
        assertThat(task.isDone()).isFalse();
    }

    static byte[] echoed(Link link, byte[] sent) throws Exception {
        FutureTask<Void> writing = meanwhile(() -> {
            link.write(sent, 0, sent.length, SOON);
            return null;
        });
        byte[] back = taken(link, sent.length);
        assertThat(trouble(writing)).isNull();
        return back;
    }

    @Test
    default void allByteValuesPassUnchanged() throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        try (Rig rig = rig()) {
            assertThat(echoed(rig.link(), all)).isEqualTo(all);
            for (int i = 0; i < all.length; i++) {
                rig.link().write(all, i, 1, SOON);
                assertThat(taken(rig.link(), 1)).containsExactly(i);
            }
        }
    }

    @Test
    default void messagesOfAnySizePass() throws Exception {
        try (Rig rig = rig()) {
            for (int size :
                    new int[] {1, 2, 31, 32, 33, 255, 256, 1000, 4095, 4096, 4097, 8192, 20_000, 65_535, 65_536}) {
                byte[] sent = noise(size);
                assertThat(echoed(rig.link(), sent)).as("%d bytes", size).isEqualTo(sent);
            }
        }
    }

    @Test
    default void onlyTheNamedPartOfAnArrayIsUsed() throws Exception {
        try (Rig rig = rig()) {
            rig.link().write(new byte[] {1, 2, 3, 4, 5}, 1, 3, SOON);
            byte[] into = {9, 9, 9, 9, 9, 9};
            int done = 0;
            while (done < 3) {
                done += rig.link().read(into, 2 + done, 3 - done, SOON);
            }
            assertThat(into).containsExactly(9, 9, 2, 3, 4, 9);
        }
    }

    @Test
    default void noMoreIsTakenThanAskedFor() throws Exception {
        try (Rig rig = rig()) {
            rig.link().write(new byte[] {1, 2, 3}, 0, 3, SOON);
            byte[] one = new byte[8];
            for (int i = 1; i <= 3; i++) {
                assertThat(rig.link().read(one, 0, 1, SOON)).isEqualTo(1);
                assertThat(one[0]).isEqualTo((byte) i);
            }
            assertThat(rig.link().read(one, 0, 1, 0)).isZero();
        }
    }

    @Test
    default void aPartThatIsNotInTheArrayIsRefused() throws Exception {
        try (Rig rig = rig()) {
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> rig.link().write(new byte[4], 2, 3, SOON));
            assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> rig.link().read(new byte[4], -1, 2, SOON));
            assertThat(rig.link().alive()).isTrue();
        }
    }

    @Test
    default void aReadFindsNothingAtItsLimitAndNotBefore() throws Exception {
        try (Rig rig = rig()) {
            for (long millis : new long[] {0, 1, 7, 40, 130, 260}) {
                long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
                long start = System.nanoTime();
                assertThat(rig.link().read(new byte[16], 0, 16, nanos)).isZero();
                assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(nanos);
            }
            assertThat(rig.link().read(new byte[16], 0, 16, -5)).isZero();
            byte[] sent = noise(20);
            assertThat(echoed(rig.link(), sent)).isEqualTo(sent);
        }
    }

    @Test
    default void aReadEndsWhenTheFirstBytesCome() throws Exception {
        try (Rig rig = rig()) {
            for (int pauseMillis : new int[] {5, 60, 150}) {
                FutureTask<byte[]> reading = meanwhile(() -> taken(rig.link(), 1));
                Thread.sleep(pauseMillis);
                rig.link().write(new byte[] {7}, 0, 1, SOON);
                assertThat(reading.get(20, TimeUnit.SECONDS)).containsExactly(7);
            }
        }
    }

    @Test
    default void lifeCanBeAskedForWhileSomeoneReads() throws Exception {
        try (Rig rig = rig()) {
            FutureTask<byte[]> reading = meanwhile(() -> taken(rig.link(), 1000));
            byte[] sent = noise(1000);
            for (int i = 0; i < sent.length; i++) {
                assertThat(rig.link().alive()).isTrue();
                rig.link().write(sent, i, 1, SOON);
            }
            assertThat(reading.get(60, TimeUnit.SECONDS)).isEqualTo(sent);
        }
    }

    @Test
    default void bothDirectionsWorkAtOnce() throws Exception {
        try (Rig rig = rig()) {
            byte[] sent = noise(300_000);
            assertThat(echoed(rig.link(), sent)).isEqualTo(sent);
        }
    }

    @Test
    default void aCloseFreesARead() throws Exception {
        try (Rig rig = rig()) {
            FutureTask<Integer> reading = meanwhile(() -> rig.link().read(new byte[16], 0, 16, NEVER));
            settle(reading);
            rig.link().close();
            assertThat(trouble(reading)).isEqualTo(Trouble.CLOSED);
        }
    }

    @Test
    default void aCloseFreesAWrite() throws Exception {
        try (Rig rig = rig()) {
            rig.mute();
            FutureTask<Void> writing = meanwhile(() -> {
                rig.link().write(new byte[FLOOD], 0, FLOOD, NEVER);
                return null;
            });
            settle(writing);
            rig.link().close();
            assertThat(trouble(writing)).isEqualTo(Trouble.CLOSED);
        }
    }

    @Test
    default void aWriteThatNobodyTakesEndsAtItsLimit() throws Exception {
        try (Rig rig = rig()) {
            rig.mute();
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> rig.link().write(new byte[FLOOD], 0, FLOOD, TimeUnit.MILLISECONDS.toNanos(200)))
                    .withMessageContaining(rig.link().name())
                    .satisfies(stuck -> assertThat(stuck.trouble()).isEqualTo(Trouble.STUCK));
            assertThat(rig.link().alive()).isFalse();
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> rig.link().read(new byte[1], 0, 1, SOON))
                    .satisfies(stuck -> assertThat(stuck.trouble()).isEqualTo(Trouble.STUCK));
        }
    }

    @Test
    default void aFarEndThatGoesEndsARead() throws Exception {
        try (Rig rig = rig()) {
            assertThat(rig.link().alive()).isTrue();
            FutureTask<Integer> reading = meanwhile(() -> rig.link().read(new byte[16], 0, 16, NEVER));
            settle(reading);
            rig.unplug();
            assertThat(trouble(reading)).isEqualTo(Trouble.GONE);
            assertThat(rig.link().alive()).isFalse();
        }
    }

    @Test
    default void aFarEndThatGoesEndsAReadThatWasNotWaiting() throws Exception {
        try (Rig rig = rig()) {
            rig.unplug();
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> {
                        long start = System.nanoTime();
                        while (System.nanoTime() - start < SOON) {
                            assertThat(rig.link().read(new byte[16], 0, 16, 1_000_000))
                                    .isZero();
                        }
                    })
                    .withMessageContaining(rig.link().name())
                    .satisfies(gone -> assertThat(gone.trouble()).isEqualTo(Trouble.GONE));
        }
    }

    @Test
    default void aFarEndThatGoesEndsWrites() throws Exception {
        try (Rig rig = rig()) {
            rig.unplug();
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> {
                        long start = System.nanoTime();
                        while (System.nanoTime() - start < SOON) {
                            rig.link().write(new byte[16], 0, 16, SOON);
                        }
                    })
                    .withMessageContaining(rig.link().name())
                    .satisfies(gone -> assertThat(gone.trouble()).isEqualTo(Trouble.GONE));
        }
    }

    @Test
    default void aFarEndThatGoesIsSeenWithoutReading() throws Exception {
        try (Rig rig = rig()) {
            assertThat(rig.link().alive()).isTrue();
            rig.unplug();
            long start = System.nanoTime();
            while (rig.link().alive()) {
                assertThat(System.nanoTime() - start).isLessThan(SOON);
            }
            rig.link().close();
        }
    }

    @Test
    default void afterACloseNothingIsDoneAndASentenceSaysSo() throws Exception {
        try (Rig rig = rig()) {
            Link link = rig.link();
            String name = link.name();
            assertThat(name).isNotBlank();
            link.close();
            link.close();
            assertThat(link.alive()).isFalse();
            assertThat(link.name()).isEqualTo(name);
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> link.read(new byte[1], 0, 1, SOON))
                    .withMessageContaining(name)
                    .withMessageContaining("closed")
                    .satisfies(closed -> assertThat(closed.trouble()).isEqualTo(Trouble.CLOSED));
            assertThatExceptionOfType(LinkException.class)
                    .isThrownBy(() -> link.write(new byte[1], 0, 1, SOON))
                    .withMessageContaining(name)
                    .withMessageContaining("closed")
                    .satisfies(closed -> assertThat(closed.trouble()).isEqualTo(Trouble.CLOSED));
        }
    }

    @Test
    default void manyMayCloseItAtOnce() throws Exception {
        try (Rig rig = rig()) {
            FutureTask<Integer> reading = meanwhile(() -> rig.link().read(new byte[16], 0, 16, NEVER));
            settle(reading);
            FutureTask<?>[] closing = new FutureTask<?>[8];
            for (int i = 0; i < closing.length; i++) {
                closing[i] = meanwhile(() -> {
                    rig.link().close();
                    return null;
                });
            }
            for (FutureTask<?> task : closing) {
                task.get(20, TimeUnit.SECONDS);
            }
            assertThat(trouble(reading)).isEqualTo(Trouble.CLOSED);
        }
    }

    /** How often it is opened and closed to see whether anything is left behind. */
    default int openings() {
        return 100;
    }

    @Test
    default void openingAndClosingLeavesNothingBehind() throws Exception {
        for (int i = 0; i < 3; i++) {
            rig().close();
        }
        Census before = Census.settled();
        for (int i = 0; i < openings(); i++) {
            try (Rig rig = rig()) {
                rig.link().write(new byte[] {5}, 0, 1, SOON);
                assertThat(taken(rig.link(), 1)).containsExactly(5);
                if (i % 4 == 0) {
                    rig.unplug();
                }
            }
        }
        assertThat(Census.once(before::equals)).isEqualTo(before);
    }
}
