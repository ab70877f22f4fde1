package org.homeostat.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BinaryOperator;
import java.util.function.LongFunction;
import org.homeostat.wire.Bars.Damaged;
import org.homeostat.wire.Bars.Hostile;
import org.homeostat.wire.Bars.Noise;
import org.homeostat.wire.Bars.Resynchronised;
import org.homeostat.wire.Storm.Outcome;
import org.junit.jupiter.api.Test;

/** The bars that the wire is held to, over as many trials as the project promises. Prints the counts. */
class WireBarsIT {

    private static final int THREADS = 2;
    private static final int SHARES = 8;

    @Test
    void noneOfTenMillionDamagedFramesIsAcceptedWrongly() {
        Damaged damaged = shared(seed -> Bars.damaged(10_000_000 / SHARES, seed), Damaged::plus);
        System.out.println("wire bars: " + damaged);
        assertThat(damaged.frames()).isEqualTo(10_000_000);
        assertThat(damaged.wrong()).isZero();
    }

    @Test
    void theNextWholeFrameIsHeardInAllOfAMillionTrials() {
        Resynchronised outcome = shared(seed -> Bars.resynchronised(1_000_000 / SHARES, seed), Resynchronised::plus);
        System.out.println("wire bars: " + outcome);
        assertThat(outcome.trials()).isEqualTo(1_000_000);
        assertThat(outcome.whole()).isEqualTo(1_000_000);
    }

    @Test
    void aHundredMillionRandomBytesDoNoHarm() {
        Noise noise = Bars.noise(100_000_000, 1);
        System.out.println("wire bars: " + noise);
        assertThat(noise.bytes()).isGreaterThanOrEqualTo(100_000_000);
        assertThat(noise.accepted()).isZero();
        assertThat(noise.allocated()).isLessThan(1_000_000);
    }

    @Test
    void fourMillionHostilePayloadsAreMessagesOrMalformed() {
        Hostile hostile = shared(seed -> Bars.hostile(4_000_000 / SHARES, seed), Hostile::plus);
        System.out.println("wire bars: " + hostile);
        assertThat(hostile.understood() + hostile.malformed()).isEqualTo(4_000_000);
    }

    @Test
    void noReplyOfAMillionRequestsIsMatchedToAnotherOne() {
        for (boolean ordered : new boolean[] {false, true}) {
            Outcome outcome = shared(seed -> Storm.run(1_000_000 / SHARES, seed, ordered, false), Outcome::plus);
            System.out.println("wire bars: " + (ordered ? "in order, " : "mixed up, ") + outcome);
            assertThat(outcome.requests()).isGreaterThanOrEqualTo(1_000_000);
            assertThat(outcome.matched()).isGreaterThan(500_000);
            assertThat(outcome.wrong()).isZero();
            assertThat(outcome.executedTwice()).isZero();
        }
    }

    /** Does the shares of a job on a few threads, each with a seed of its own, and adds up what came of them. */
    private static <T> T shared(LongFunction<T> share, BinaryOperator<T> sum) {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Future<T>> shares = new ArrayList<>();
            for (int i = 0; i < SHARES; i++) {
                long seed = 100 + i;
                shares.add(threads.submit(() -> share.apply(seed)));
            }
            T whole = shares.getFirst().get();
            for (Future<T> each : shares.subList(1, SHARES)) {
                whole = sum.apply(whole, each.get());
            }
            return whole;
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
