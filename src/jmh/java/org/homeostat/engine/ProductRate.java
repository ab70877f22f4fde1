package org.homeostat.engine;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Products of 64 lanes against this machine's matrix-product rate, that of a product whose matrices lie in the second-level
 * cache. An operation is one multiplication or addition: ops/ns are GFlop/s.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ProductRate {

    private static final int LANES = 64;
    private static final int INPUTS = 784;
    private static final int UNITS = 1024;
    static final int LAYER = 2 * LANES * INPUTS * UNITS;
    static final int BIG = 2 * 256 * 256 * 256;

    private final Kernels kernels = Kernels.best();
    private final Matrix near = Drawn.matrix(256, 256, 1);
    private final Matrix nearToo = Drawn.matrix(256, 256, 2);
    private final Matrix nearResult = Matrix.of(256, 256);
    private final Matrix inputs = Drawn.matrix(LANES, INPUTS, 3);
    private final Matrix weights = Drawn.matrix(INPUTS, UNITS, 4);
    private final Matrix units = Drawn.matrix(LANES, UNITS, 5);
    private final Matrix reached = Matrix.of(LANES, UNITS);
    private final Matrix back = Matrix.of(LANES, INPUTS);

    /** The machine's rate: 256 x 256 x 256, three quarters of a megabyte. */
    @Benchmark
    @OperationsPerInvocation(BIG)
    public Matrix inCache() {
        kernels.addProduct(near, nearToo, nearResult);
        return nearResult;
    }

    /** What 64 lanes of inputs send to a layer. */
    @Benchmark
    @OperationsPerInvocation(LAYER)
    public Matrix forward() {
        kernels.addProduct(inputs, weights, reached);
        return reached;
    }

    /** What 64 lanes of a layer send back. */
    @Benchmark
    @OperationsPerInvocation(LAYER)
    public Matrix backward() {
        kernels.addProductTransposed(units, weights, back);
        return back;
    }

    /** What 64 lanes teach the weights. */
    @Benchmark
    @OperationsPerInvocation(LAYER)
    public Matrix learn() {
        kernels.addOuterProducts(1e-6f, inputs, units, weights);
        return weights;
    }
}
