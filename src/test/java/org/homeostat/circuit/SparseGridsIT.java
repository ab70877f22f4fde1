package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Thousands of inputs one after the other, and a million nodes: every answer with its certificate. */
class SparseGridsIT {

    private static final double RESIDUAL = 1e-12;

    private static void drawVolts(Circuit circuit, double[] sources, SplittableRandom random) {
        // The last two are the rails.
        for (int s = 0; s < circuit.sources().size() - 2; s++) {
            sources[s] = random.nextDouble(-5, 5);
        }
    }

    @Test
    void thousandsOfInputsToGrids() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        for (int side : new int[] {8, 30, 60}) {
            Circuit circuit = Nets.grid(side, side);
            ActiveSet solver = ActiveSet.of(circuit);
            double[] sources = ActiveSetTest.values(circuit);
            for (int input = 0; input < 2000; input++) {
                drawVolts(circuit, sources, random);
                assertThat(solver.solve(sources, RESIDUAL).residual())
                        .as("side %d, input %d", side, input)
                        .isLessThan(RESIDUAL);
            }
        }
    }

    @Test
    void thousandsOfInputsToNetworksWithDiodesBetweenFreeNodes() throws Exception {
        SplittableRandom random = new SplittableRandom(2);
        for (int seed = 0; seed < 50; seed++) {
            Circuit circuit = Nets.random(20 + 4 * seed, seed);
            ActiveSet solver = ActiveSet.of(circuit);
            double[] drawn = ActiveSetTest.values(circuit);
            double[] sources = drawn.clone();
            for (int input = 0; input < 100; input++) {
                for (int s = 0; s < sources.length; s++) {
                    // Voltages are kept, as diodes between two sources' nodes were drawn for them.
                    sources[s] = circuit.sources().get(s) instanceof Element.Current
                            ? random.nextDouble(-1e-2, 1e-2)
                            : drawn[s];
                }
                assertThat(solver.solve(sources, RESIDUAL).residual())
                        .as("seed %d, input %d", seed, input)
                        .isLessThan(RESIDUAL);
            }
        }
    }

    @Test
    void aMillionNodes() throws Exception {
        assumeTrue(
                Runtime.getRuntime().maxMemory() >= 2_000_000_000L,
                "a million nodes take 2 GB of heap: ask for them by -Xmx2g");
        Circuit circuit = Nets.grid(1000, 1);
        ActiveSet solver = ActiveSet.of(circuit);
        double[] sources = ActiveSetTest.values(circuit);
        SplittableRandom random = new SplittableRandom(3);
        for (int input = 0; input < 4; input++) {
            assertThat(solver.solve(sources, RESIDUAL).residual())
                    .as("input %d", input)
                    .isLessThan(RESIDUAL);
            drawVolts(circuit, sources, random);
        }
    }
}
