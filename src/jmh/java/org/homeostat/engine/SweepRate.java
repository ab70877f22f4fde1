package org.homeostat.engine;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
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
 * One lane of 784-1024-10 against the rate at which the same arrays can be read. An operation is one byte, each counted once
 * however often it is used: ops/ns are GB/s.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SweepRate {

    private static final int INPUTS = 784;
    private static final int UNITS = 1024;
    private static final int OUTPUTS = 10;
    private static final int DRIVE = 4 * INPUTS * UNITS;

    /** Weights, drift, stiffness, both ends of the boxes, and the state read and written. */
    private static final int SWEEP = 4 * UNITS * (OUTPUTS + 6);

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LENGTH = SPECIES.length();

    private final Kernels kernels = Kernels.best();
    private final Matrix input = Drawn.matrix(1, INPUTS, 1);
    private final Matrix first = Drawn.matrix(INPUTS, UNITS, 2);
    private final Matrix drift = Drawn.matrix(1, UNITS, 3);
    private final Matrix top = Drawn.matrix(1, OUTPUTS, 4);
    private final Matrix second = Drawn.matrix(OUTPUTS, UNITS, 5);
    private final Matrix state = Matrix.of(1, UNITS);
    private final Matrix up = Matrix.of(1, OUTPUTS);
    private final Units units = units();

    private static Units units() {
        float[] compliance = new float[UNITS];
        float[] highest = new float[UNITS];
        Arrays.fill(compliance, 0.25f);
        Arrays.fill(highest, 1);
        return new Units(compliance, new float[UNITS], highest);
    }

    /** What the input sends to the layer: 784 x 1024 weights, once per input. */
    @Benchmark
    @OperationsPerInvocation(DRIVE)
    public Matrix drive() {
        kernels.addProduct(input, first, drift);
        return drift;
    }

    @Benchmark
    @OperationsPerInvocation(DRIVE)
    public float readDrive() {
        return sum(first.values());
    }

    /** One sweep of the 1024 units and what they send to the outputs. */
    @Benchmark
    @OperationsPerInvocation(SWEEP)
    public float sweep() {
        return kernels.sweep(drift, top, second, units, state, up);
    }

    @Benchmark
    @OperationsPerInvocation(SWEEP)
    public float readSweep() {
        return sum(second.values())
                + sum(drift.values())
                + sum(units.compliance())
                + sum(units.lowest())
                + sum(units.highest())
                + copy(state.values());
    }

    private static float sum(float[] values) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int k = 0; k + 4 * LENGTH <= values.length; k += 4 * LENGTH) {
            a = a.add(FloatVector.fromArray(SPECIES, values, k));
            b = b.add(FloatVector.fromArray(SPECIES, values, k + LENGTH));
            c = c.add(FloatVector.fromArray(SPECIES, values, k + 2 * LENGTH));
            d = d.add(FloatVector.fromArray(SPECIES, values, k + 3 * LENGTH));
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }

    private static float copy(float[] values) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int k = 0; k + LENGTH <= values.length; k += LENGTH) {
            FloatVector value = FloatVector.fromArray(SPECIES, values, k);
            sum = sum.add(value);
            value.intoArray(values, k);
        }
        return sum.reduceLanes(VectorOperators.ADD);
    }
}
