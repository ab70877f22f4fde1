package org.homeostat.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.homeostat.board.BoardDevice;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Levels;
import org.homeostat.device.Nudge;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.fixtures.Mosquitto;
import org.homeostat.fixtures.Noted;
import org.homeostat.fixtures.Noted.Made;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The broker is killed again and again while a board is taught through it, with and without what it writes down. What the twin
 * behind the agent executed is the truth: every step once, in order.
 */
@Timeout(600)
final class BrokerDeathIT {

    private static final int ROUNDS = 10;
    private static final int STEPS = 8000;
    private static final int DEATHS = 5;
    private static final long DOWN_NANOS = 400_000_000;

    /** How long it took in all, from when the broker listened again until the twin made a new step, in seconds. */
    private record Round(boolean persistent, int lost, int twice, int disordered, int latched, double[] back) {}

    @TempDir
    Path home;

    @BeforeAll
    static void broker() {
        Mosquitto.require();
    }

    @Test
    void noStepIsLostOrMadeTwiceWhenTheBrokerDies() throws Exception {
        List<Future<Round>> rounds = new ArrayList<>();
        try (ExecutorService two = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < 2 * ROUNDS; i++) {
                int seed = i;
                rounds.add(two.submit(() -> round(home.resolve("round-" + seed), seed % 2 == 1, seed)));
            }
        }
        double[] back = new double[0];
        for (Future<Round> each : rounds) {
            Round round = each.get();
            int had = back.length;
            back = Arrays.copyOf(back, had + round.back.length);
            System.arraycopy(round.back, 0, back, had, round.back.length);
        }
        Arrays.sort(back);
        System.out.printf(
                Locale.ROOT,
                "%d rounds of %d steps, the broker killed %d times in each, half of them with persistence: "
                        + "%d steps lost, %d made twice, %d out of order, %d times latched; back to work after the broker "
                        + "listened: median %.0f ms, p99 %.0f ms, longest %.0f ms%n",
                rounds.size(),
                STEPS,
                DEATHS,
                sum(rounds, 0),
                sum(rounds, 1),
                sum(rounds, 2),
                sum(rounds, 3),
                1e3 * back[back.length / 2],
                1e3 * back[(int) Math.ceil(0.99 * back.length) - 1],
                1e3 * back[back.length - 1]);
        assertThat(back).hasSize(2 * ROUNDS * DEATHS);
        for (Future<Round> each : rounds) {
            Round round = each.get();
            assertThat(List.of(round.lost, round.twice, round.disordered)).containsOnly(0);
        }
        // The bar.
        assertThat(back[back.length - 1]).isLessThanOrEqualTo(2.0);
    }

    private static int sum(List<Future<Round>> rounds, int which) throws Exception {
        int sum = 0;
        for (Future<Round> each : rounds) {
            Round round = each.get();
            sum += List.of(round.lost, round.twice, round.disordered, round.latched)
                    .get(which);
        }
        return sum;
    }

    private static Round round(Path folder, boolean persistent, int seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        int[] when =
                random.ints(DEATHS, STEPS / 20, STEPS - STEPS / 20).sorted().toArray();
        double[] back = new double[DEATHS];
        try (Mosquitto broker = persistent ? Mosquitto.persistent(folder) : Mosquitto.open(folder);
                Bench bench = new Bench(broker.broker(), "board-" + seed, folder);
                BoardDevice board = bench.board("round " + seed)) {
            board.arm();
            Thread reaper = Thread.ofPlatform().daemon().start(() -> {
                for (int i = 0; i < DEATHS; i++) {
                    back[i] = death(broker, bench.truth(), when[i]);
                }
            });
            Descriptor card = board.descriptor();
            for (int step = 0; step < STEPS; step++) {
                List<Response> responses = board.presentAll(step(card, step), Deadline.in(Duration.ofSeconds(30)));
                assertThat(responses).hasSize(2);
            }
            reaper.join();
            return judged(persistent, bench.truth().made(), back);
        }
    }

    /** A free exchange and a nudged one. */
    private static List<Stimulus> step(Descriptor card, int number) {
        Stimulus free = Noted.numbered(card, number);
        return List.of(
                free,
                free.with(Levels.NONE)
                        .nudged(new Nudge.Difference(
                                0.5, Levels.of(Role.OUTPUT, new double[card.count(Role.OUTPUT)]))));
    }

    /** Kills the broker once so many steps are made; returns how long after it listens again the next new one is. */
    private static double death(Mosquitto broker, Noted truth, int steps) {
        while (truth.steps() < steps) {
            LockSupport.parkNanos(100_000);
        }
        broker.kill();
        LockSupport.parkNanos(DOWN_NANOS);
        int before = truth.steps();
        try {
            broker.start();
        } catch (java.io.IOException failed) {
            throw new java.io.UncheckedIOException(failed);
        }
        long listens = System.nanoTime();
        while (truth.steps() == before) {
            LockSupport.parkNanos(200_000);
        }
        return 1e-9 * Math.max(0, System.nanoTime() - listens);
    }

    private static Round judged(boolean persistent, List<Made> made, double[] back) {
        int[] times = new int[2 * STEPS];
        int disordered = 0;
        int latched = 0;
        int latest = -1;
        for (Made each : made) {
            if (each.number() == Noted.SAFE) {
                latched++;
                continue;
            }
            int which = 2 * each.number() + (each.nudged() ? 1 : 0);
            times[which]++;
            disordered += which < latest ? 1 : 0;
            latest = Math.max(latest, which);
        }
        int lost = 0;
        int twice = 0;
        for (int count : times) {
            lost += count == 0 ? 1 : 0;
            twice += Math.max(0, count - 1);
        }
        return new Round(persistent, lost, twice, disordered, latched, back);
    }
}
