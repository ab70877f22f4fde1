package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.homeostat.catalog.Catalog.Opened;
import org.homeostat.device.Channel;
import org.homeostat.device.Deadline;
import org.homeostat.device.Descriptor;
import org.homeostat.device.Device;
import org.homeostat.device.Levels;
import org.homeostat.device.Quality.Verdict;
import org.homeostat.device.Response;
import org.homeostat.device.Role;
import org.homeostat.device.Stimulus;
import org.homeostat.learn.Cost;
import org.homeostat.learn.Example;
import org.homeostat.learn.Learner;
import org.homeostat.learn.Step;
import org.homeostat.run.RunStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The quantum twins as a user meets them: taught by the learners that ship, as their boards say. */
final class QuantumTwinsTest {

    private static final double A = 0.8;
    private static final double B = 1.5;

    private static Opened open(String uri) {
        return new Catalog(new RunStore(Path.of("runs"))).open(uri);
    }

    /** Teaches one example, one step an epoch, from parameters drawn as a run draws them; the parameters at the end. */
    private static double[] taught(String uri, String name, Example example, int steps, long seed, double enough) {
        Opened opened = open(uri);
        Learner learner = Learners.of(name, opened.teaching(), new Cost.SquaredError(), seed);
        try (Dressed dressed = Dressed.of(opened.device(), learner, opened.teaching(), opened.limits(), null)) {
            Device device = dressed.device();
            Descriptor card = device.descriptor();
            learner.require(card);
            SplittableRandom random = new SplittableRandom(seed);
            double[] start = card.channels(Role.PARAMETER).stream()
                    .mapToDouble(channel -> {
                        var range = opened.teaching().start(channel);
                        return range.lowest() + (range.highest() - range.lowest()) * random.nextDouble();
                    })
                    .toArray();
            Stimulus safe = card.safe();
            double[] parameters = device.present(
                            safe.with(safe.levels().and(Levels.of(Role.PARAMETER, start))), Deadline.NEVER)
                    .parameters();
            double cost = Double.POSITIVE_INFINITY;
            for (int step = 0; step < steps && cost > enough; step++) {
                Step done = learner.step(device, example, Deadline.NEVER);
                assertThat(done.quality().held()).as("%s", done.quality()).isTrue();
                cost = done.cost();
                parameters = done.parameters();
                learner.epochEnded();
            }
            return parameters;
        }
    }

    /** The bar of the one qubit: which field is it in, told from nine probes of it, to 1e-5 in both components. */
    @Test
    void oneQubitTellsWhichFieldItIsIn() {
        double[][] probes = new double[9][1];
        double[][] answers = new double[9][1];
        for (int k = 0; k < 9; k++) {
            probes[k][0] = -2 + 0.5 * k;
            answers[k][0] = A / Math.hypot(A, B + probes[k][0]);
        }
        Example example = new Example(Levels.of(Role.INPUT, probes), answers);
        for (int seed = 1; seed <= 4; seed++) {
            double[] found = taught("twin:one-qubit", "ep-positive", example, 300, seed, 0);
            assertThat(found).containsExactly(new double[] {A, B}, within(1e-5));
        }
    }

    private static final double[][] BITS = {{-2, -2}, {-2, 2}, {2, -2}, {2, 2}};
    private static final double[][] XOR = {{-0.8}, {0.8}, {0.8}, {-0.8}};

    private static boolean allSigns(String uri, double[] parameters) {
        try (Device device = open(uri).device()) {
            Levels levels = Levels.of(Role.INPUT, BITS).and(Levels.of(Role.PARAMETER, parameters));
            Response response = device.present(device.descriptor().question(levels), Deadline.NEVER);
            boolean all = true;
            for (int lane = 0; lane < 4; lane++) {
                all &= response.outputs(lane)[0] * XOR[lane][0] > 0;
            }
            return all;
        }
    }

    /** The bar of the six qubits. Taught at most 300 steps, fewer where the answers are near the targets before that. */
    @Test
    void sixQubitsLearnXorOnAtLeastSixteenOfTwentySeeds() {
        Example example = new Example(Levels.of(Role.INPUT, BITS), XOR);
        int right = 0;
        for (int seed = 1; seed <= 20; seed++) {
            String uri = "twin:transverse-ising";
            right += allSigns(uri, taught(uri, "ep-centered", example, 300, seed, 0.02)) ? 1 : 0;
        }
        assertThat(right).isGreaterThanOrEqualTo(16);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "twin:transverse-ising",
                "twin:transverse-ising-compliant",
                "twin:transverse-ising-annealed",
                "twin:one-qubit",
                "twin:quantum-oscillators"
            })
    void eachIsAtRestAsItIsLeftAndSaysWhatCannotBeSeen(String uri) {
        try (Device device = open(uri).device()) {
            Descriptor card = device.descriptor();
            Response response = device.present(card.safe(), Deadline.NEVER);
            assertThat(response.quality().verdict()).isEqualTo(Verdict.SETTLED);
            List<Channel> monitors = card.channels(Role.MONITOR);
            assertThat(monitors.getFirst().name()).isEqualTo(uri.contains("oscillators") ? "var1" : "gap1");
            assertThat(response.levels().row(Role.MONITOR)[0]).isPositive();
        }
    }

    /** At h = 0, and the probe against the field along X, nothing tells up from down. */
    @Test
    void aQubitInNoFieldIsUnsettled() {
        try (Device device = open("twin:one-qubit?lanes=1").device()) {
            Levels none = Levels.of(Role.INPUT, new double[] {-1}).and(Levels.of(Role.PARAMETER, new double[] {0, 1}));
            Response response = device.present(device.descriptor().question(none), Deadline.NEVER);
            assertThat(response.quality().verdict()).isEqualTo(Verdict.UNSETTLED);
            assertThat(response.quality().remark()).contains("gap");
        }
    }

    @Test
    void moreQubitsThanCanBeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open("twin:transverse-ising?hidden=14"))
                .withMessage("a quantum twin has 1 to 16 qubits, not 17; choose smaller layers");
    }
}
