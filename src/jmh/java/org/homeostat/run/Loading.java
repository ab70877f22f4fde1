package org.homeostat.run;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What it takes to begin with a data set: processor time until they can be asked for, until their fingerprint and scaling are
 * known, and of a row in any order; and the heap they hold. Arguments: images and labels, or a
 * table and its target.
 */
public final class Loading {

    private Loading() {}

    private static double seconds() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
    }

    private static double heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1e6;
    }

    public static void main(String[] files) {
        double empty = heap();
        double start = seconds();
        long clock = System.nanoTime();
        Dataset data = Idx.holdsImages(Path.of(files[0]))
                ? new Idx.Source(files[0], files[1], files[0], files[1], null, 1, null)
                        .load(0, 1)
                        .train()
                : Csv.read(Path.of(files[0]), files[1]).dataset(files[1], List.of(), null);
        double loaded = seconds();
        double wall = (System.nanoTime() - clock) / 1e9;
        double held = heap() - empty;
        double collected = seconds();
        String digest = data.digest();
        double digested = seconds();
        Encoding.Scales scales = Encoding.standardised(data.rows());
        double scaled = seconds();
        int[] order = new Random(1).ints(100_000, 0, data.size()).toArray();
        double[] row = new double[scales.mean().length];
        double sum = 0;
        double begin = seconds();
        for (int position : order) {
            data.rows().read(position, row);
            sum += row[row.length / 2];
        }
        double read = seconds();
        System.out.printf(
                Locale.ROOT,
                "loaded in %.3f s of processor time (%.3f s), fingerprint %.3f s, scaling %.3f s, a row %.2f us;"
                        + " holds %.1f MB; %s %.3f%n",
                loaded - start,
                wall,
                digested - collected,
                scaled - digested,
                1e6 * (read - begin) / order.length,
                held,
                digest,
                sum);
    }
}
