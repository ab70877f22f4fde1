package org.homeostat.circuit;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What one more input costs a layered network in double precision, at inputs that have nothing to do with each other. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-Xmx2g"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FurtherInput {

    private static final double TOLERANCE = 1e-9;
    private static final int INPUTS = 64;
    private static final double WARM_SECONDS = 3;
    private static final double TURN_SECONDS = 0.04;

    @Param({"784-100-10", "784-1024-10", "784-256-256-10"})
    public String sizes = "";

    private LayeredDescent solver;
    private double[][] inputs = {};
    private int next;
    private int sweeps;
    private double residual;

    /** Every input as a pair of opposite sources. */
    @Setup
    public void draw() {
        String[] words = sizes.split("-", -1);
        int[] layers = new int[words.length];
        for (int l = 0; l < layers.length; l++) {
            layers[l] = Integer.parseInt(words[l]);
        }
        solver = LayeredDescent.of(Nets.paired(layers, 1));
        SplittableRandom random = new SplittableRandom(2);
        inputs = new double[INPUTS][2 * layers[0]];
        for (double[] input : inputs) {
            for (int i = 0; i < input.length; i += 2) {
                input[i] = random.nextDouble(-1, 1);
                input[i + 1] = -input[i];
            }
        }
    }

    /** The same in processor time, which other work on the machine leaves alone: the best and the median of 41 turns. */
    public static void main(String[] arguments) throws UnsolvableException {
        for (String sizes : new String[] {"784-100-10", "784-1024-10", "784-256-256-10"}) {
            FurtherInput further = new FurtherInput();
            further.sizes = sizes;
            further.draw();
            further.turn(WARM_SECONDS);
            double[] turns = new double[41];
            for (int turn = 0; turn < turns.length; turn++) {
                turns[turn] = further.turn(TURN_SECONDS);
            }
            Arrays.sort(turns);
            System.out.printf(
                    Locale.ROOT,
                    "%s: %.0f us an input, median %.0f; at most %d sweeps, residual %.1e%n",
                    sizes,
                    turns[0] * 1e6,
                    turns[turns.length / 2] * 1e6,
                    further.sweeps,
                    further.residual);
        }
    }

    private double turn(double seconds) throws UnsolvableException {
        double begun = seconds();
        double spent;
        int times = 0;
        do {
            Solution solution = solve();
            sweeps = Math.max(sweeps, solution.iterations());
            residual = Math.max(residual, solution.residual());
            times++;
            spent = seconds() - begun;
        } while (spent < seconds);
        return spent / times;
    }

    private static double seconds() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
    }

    @Benchmark
    public Solution solve() throws UnsolvableException {
        next = (next + 1) % INPUTS;
        return solver.solve(inputs[next], TOLERANCE);
    }
}
