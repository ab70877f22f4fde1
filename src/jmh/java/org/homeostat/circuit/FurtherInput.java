package org.homeostat.circuit;

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

    @Param({"784-100-10", "784-1024-10", "784-256-256-10"})
    public String sizes = "";

    private LayeredDescent solver;
    private double[][] inputs = {};
    private int next;

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

    @Benchmark
    public Solution solve() throws UnsolvableException {
        next = (next + 1) % INPUTS;
        return solver.solve(inputs[next], TOLERANCE);
    }
}
