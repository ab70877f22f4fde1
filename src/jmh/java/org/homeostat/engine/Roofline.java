package org.homeostat.engine;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The inner loops beside what this machine can do at most, by turns in one run and in processor time, so that other work on it
 * weighs on both: the ratios are what counts. Prints the best rate, and the median over the turns of the ratio of the two.
 */
public final class Roofline {

    private static final int TURNS = 41;
    private static final double TURN_SECONDS = 0.04;
    private static final double WARM_SECONDS = 3;

    private Roofline() {}

    /** One loop, and how many operations or bytes it is. */
    private record Loop(String name, double operations, String unit, Runnable once) {

        /** Operations a second over one turn. */
        double rate(double seconds) {
            double begun = seconds();
            int times = 0;
            double spent;
            do {
                once.run();
                times++;
                spent = seconds() - begun;
            } while (spent < seconds);
            return times * operations / spent;
        }

        private static double seconds() {
            return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
        }
    }

    /** Measures everything; takes about a minute of processor time. */
    public static void main(String[] arguments) {
        System.out.println(Kernels.best().word());
        ProductRate product = new ProductRate();
        Loop peak = new Loop("256 x 256 x 256, in the cache", ProductRate.BIG, "GFlop/s", product::inCache);
        for (Loop loop : List.of(
                new Loop("64 lanes, 784 to 1024", ProductRate.LAYER, "GFlop/s", product::forward),
                new Loop("64 lanes, 1024 back to 784", ProductRate.LAYER, "GFlop/s", product::backward),
                new Loop("64 lanes teach 784 x 1024", ProductRate.LAYER, "GFlop/s", product::learn))) {
            compare(loop, peak);
        }
        SweepRate sweep = new SweepRate();
        compare(
                new Loop("one lane, 784 to 1024", SweepRate.DRIVE, "GB/s", sweep::drive),
                new Loop("the same bytes read", SweepRate.DRIVE, "GB/s", sweep::readDrive));
        compare(
                new Loop("one lane, a sweep of 1024-10", SweepRate.SWEEP, "GB/s", sweep::sweep),
                new Loop("as many bytes read", SweepRate.SWEEP, "GB/s", sweep::readSweep));
    }

    private static void compare(Loop loop, Loop limit) {
        // The compiler takes its time, and more of it where the processor is busy.
        loop.rate(WARM_SECONDS);
        limit.rate(WARM_SECONDS);
        List<Double> ratios = new ArrayList<>();
        double best = 0;
        double most = 0;
        for (int turn = 0; turn < TURNS; turn++) {
            double reached = loop.rate(TURN_SECONDS);
            double possible = limit.rate(TURN_SECONDS);
            best = Math.max(best, reached);
            most = Math.max(most, possible);
            ratios.add(possible / reached);
        }
        double[] sorted = ratios.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        System.out.printf(
                Locale.ROOT,
                "%s %.1f %s; %s %.1f %s; limit over reached: median %.2f, %.2f of the best%n",
                loop.name,
                best / 1e9,
                loop.unit,
                limit.name,
                most / 1e9,
                limit.unit,
                sorted[TURNS / 2],
                most / best);
    }
}
