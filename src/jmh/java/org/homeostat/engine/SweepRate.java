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
 * One lane of 784-1024-10 against the rate at which as many bytes can be read in one piece. An operation is one byte,
 * each counted once however often it is used: ops/ns are GB/s.
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
    static final int DRIVE = 4 * INPUTS * UNITS;

    /** Weights, drift, stiffness, both ends of the boxes, and the state read and written. */
    static final int SWEEP = 4 * UNITS * (OUTPUTS + 6);

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LENGTH = SPECIES.length();

    private final Kernels kernels = Kernels.best();
    private final Matrix input = Drawn.matrix(1, INPUTS, 1);
    private final Matrix first = Drawn.matrix(INPUTS, UNITS, 2);
    private final Matrix drift = Drawn.matrix(1, UNITS, 3);
    private final Matrix top = Drawn.matrix(1, OUTPUTS, 4);
    private final Matrix second = Drawn.matrix(OUTPUTS, UNITS, 5);
    private final Matrix state = Matrix.of(1, UNITS);
    private final Matrix asMuch = Drawn.matrix(1, SWEEP / 4, 6);
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
        return sum(asMuch.values());
    }

    private static float sum(float[] values) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector s2 = FloatVector.zero(SPECIES);
        FloatVector s3 = FloatVector.zero(SPECIES);
        FloatVector s4 = FloatVector.zero(SPECIES);
        FloatVector s5 = FloatVector.zero(SPECIES);
        FloatVector s6 = FloatVector.zero(SPECIES);
        FloatVector s7 = FloatVector.zero(SPECIES);
        for (int k = 0; k + 8 * LENGTH <= values.length; k += 8 * LENGTH) {
            s0 = s0.add(FloatVector.fromArray(SPECIES, values, k));
            s1 = s1.add(FloatVector.fromArray(SPECIES, values, k + LENGTH));
            s2 = s2.add(FloatVector.fromArray(SPECIES, values, k + 2 * LENGTH));
            s3 = s3.add(FloatVector.fromArray(SPECIES, values, k + 3 * LENGTH));
            s4 = s4.add(FloatVector.fromArray(SPECIES, values, k + 4 * LENGTH));
            s5 = s5.add(FloatVector.fromArray(SPECIES, values, k + 5 * LENGTH));
            s6 = s6.add(FloatVector.fromArray(SPECIES, values, k + 6 * LENGTH));
            s7 = s7.add(FloatVector.fromArray(SPECIES, values, k + 7 * LENGTH));
        }
        FloatVector even = s0.add(s2).add(s4.add(s6));
        FloatVector odd = s1.add(s3).add(s5.add(s7));
        return even.add(odd).reduceLanes(VectorOperators.ADD);
    }
}
