package org.homeostat.run;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Rows of features, each with an answer. Labels are in memory, an int a row; features and numbers are wherever their rows
 * are.
 *
 * @param name where it comes from
 * @param features the names of the features
 * @param rows the features of each row
 * @param answers the answer to each row
 */
public record Dataset(String name, List<String> features, Rows rows, Answers answers) {

    /** What is to be learned. */
    public sealed interface Answers {
        /** How many there are. */
        int size();

        /** One of a few classes. */
        record Labels(List<String> classes, int[] label) implements Answers {
            @Override
            public int size() {
                return label.length;
            }
        }

        /**
         * One number, or several.
         *
         * @param names what they are called
         * @param values the numbers of each row, in the order of the names
         */
        record Numbers(List<String> names, Rows values) implements Answers {
            public Numbers {
                names = List.copyOf(names);
                if (values.width() != names.size()) {
                    throw new IllegalArgumentException(
                            names.size() + " names for " + values.width() + " numbers a row");
                }
            }

            /** Numbers in memory. */
            public Numbers(List<String> names, double[][] values) {
                this(names, Rows.of(names.size(), values));
            }

            /** One number a row. */
            public Numbers(String name, double[] value) {
                this(
                        List.of(name),
                        Arrays.stream(value).mapToObj(one -> new double[] {one}).toArray(double[][]::new));
            }

            @Override
            public int size() {
                return values.size();
            }
        }
    }

    public Dataset {
        if (rows.size() != answers.size()) {
            throw new IllegalArgumentException(rows.size() + " rows but " + answers.size() + " answers");
        }
        features = List.copyOf(features);
        if (rows.width() != features.size()) {
            throw new IllegalArgumentException(features.size() + " features, but rows of " + rows.width());
        }
    }

    /** Rows in memory. */
    public Dataset(String name, List<String> features, double[][] rows, Answers answers) {
        this(name, features, Rows.of(features.size(), rows), answers);
    }

    /** How many rows there are. */
    public int size() {
        return rows.size();
    }

    /** How many outputs the answers take: one a class, or one a number. */
    public int outputs() {
        return switch (answers) {
            case Answers.Labels labels -> labels.classes().size();
            case Answers.Numbers numbers -> numbers.names().size();
        };
    }

    /** The same rows several times over, one after the other. */
    public Dataset repeated(int times) {
        if (times == 1) {
            return this;
        }
        int[] positions = new int[size() * times];
        Arrays.setAll(positions, i -> i / times);
        return only(positions);
    }

    /** The rows at some positions, in that order. */
    public Dataset only(int[] positions) {
        return new Dataset(
                name,
                features,
                rows.only(positions),
                switch (answers) {
                    case Answers.Labels labels -> {
                        int[] some = new int[positions.length];
                        Arrays.setAll(some, i -> labels.label()[positions[i]]);
                        yield new Answers.Labels(labels.classes(), some);
                    }
                    case Answers.Numbers numbers ->
                        new Answers.Numbers(numbers.names(), numbers.values().only(positions));
                });
    }

    /**
     * Looks whether the data is still what it was at first.
     *
     * @throws BadInput if the file that it comes from was changed meanwhile
     */
    public void requireUnchanged() {
        rows.requireUnchanged();
    }

    /** A fingerprint of features and answers: 16 hexadecimal digits of a SHA-256. */
    public String digest() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(String.join("\n", features).getBytes(StandardCharsets.UTF_8));
            digest(rows, sha);
            switch (answers) {
                case Answers.Labels labels -> {
                    byte[][] names = labels.classes().stream()
                            .map(name -> (name + '\n').getBytes(StandardCharsets.UTF_8))
                            .toArray(byte[][]::new);
                    for (int label : labels.label()) {
                        sha.update(names[label]);
                    }
                }
                case Answers.Numbers numbers -> digest(numbers.values(), sha);
            }
            return HexFormat.of().formatHex(sha.digest(), 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static void digest(Rows rows, MessageDigest sha) {
        double[] row = new double[rows.width()];
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * row.length);
        DoubleBuffer numbers = bytes.asDoubleBuffer();
        for (int i = 0; i < rows.size(); i++) {
            rows.read(i, row);
            numbers.clear().put(row);
            sha.update(bytes.clear());
        }
    }

    /** A data set split in two. */
    public record Split(Dataset train, Dataset test) {
        /** A fingerprint of both parts. */
        public String digest() {
            return train.digest() + "-" + test.digest();
        }
    }

    /**
     * Splits at random, class by class where there are classes, so that both parts hold each class in the same
     * proportion; of the smallest classes at least one row is taught.
     *
     * @param testPart the part of the rows that is kept from training, 0 or more and below 1
     */
    public Split split(double testPart, long seed) {
        Random random = new Random(seed);
        int kinds = answers instanceof Answers.Labels ? outputs() : 1;
        int[] begins = new int[kinds + 1];
        for (int i = 0; i < size(); i++) {
            begins[kind(i) + 1]++;
        }
        for (int kind = 0; kind < kinds; kind++) {
            begins[kind + 1] += begins[kind];
        }
        // The positions of the rows, kind by kind.
        int[] grouped = new int[size()];
        int[] next = begins.clone();
        for (int i = 0; i < size(); i++) {
            grouped[next[kind(i)]++] = i;
        }
        int[] kept = new int[kinds];
        for (int kind = 0; kind < kinds; kind++) {
            shuffle(grouped, begins[kind], begins[kind + 1], random);
            int all = begins[kind + 1] - begins[kind];
            // What is never taught cannot be learned: one row of each class stays.
            kept[kind] = Math.clamp(Math.round(testPart * all), 0, Math.max(0, all - 1));
        }
        int[] test = new int[Arrays.stream(kept).sum()];
        int[] train = new int[grouped.length - test.length];
        int tests = 0;
        int trains = 0;
        for (int kind = 0; kind < kinds; kind++) {
            int border = begins[kind] + kept[kind];
            System.arraycopy(grouped, begins[kind], test, tests, kept[kind]);
            System.arraycopy(grouped, border, train, trains, begins[kind + 1] - border);
            tests += kept[kind];
            trains += begins[kind + 1] - border;
        }
        return new Split(only(train), only(test));
    }

    private int kind(int row) {
        return answers instanceof Answers.Labels labels ? labels.label()[row] : 0;
    }

    /** Shuffles a part of an array as {@link java.util.Collections#shuffle(List, Random)} does a list, without boxes. */
    static void shuffle(int[] values, int from, int to, Random random) {
        for (int left = to - from; left > 1; left--) {
            int a = from + left - 1;
            int b = from + random.nextInt(left);
            int moved = values[a];
            values[a] = values[b];
            values[b] = moved;
        }
    }

    /**
     * Two interleaved half moons: a two-class task that no straight line solves.
     *
     * @param noise the spread of the points around their half circle of radius 1
     */
    public static Dataset moons(int rows, double noise, long seed) {
        Random random = new Random(seed);
        double[][] points = new double[rows][];
        int[] label = new int[rows];
        for (int i = 0; i < rows; i++) {
            double angle = Math.PI * random.nextDouble();
            label[i] = i % 2;
            double x = label[i] == 0 ? Math.cos(angle) : 1 - Math.cos(angle);
            double y = label[i] == 0 ? Math.sin(angle) : 0.5 - Math.sin(angle);
            points[i] = new double[] {x + noise * random.nextGaussian(), y + noise * random.nextGaussian()};
        }
        return new Dataset(
                "two moons", List.of("x", "y"), points, new Answers.Labels(List.of("upper", "lower"), label));
    }

    /**
     * Every pattern of a few bits, each -1 or +1, and whether an odd number of them is +1: a task that no straight line
     * solves, and a machine without hidden variables neither. With two bits it is the exclusive or.
     *
     * @param bits how many features, 1 to 16
     */
    public static Dataset parity(int bits) {
        int patterns = 1 << bits;
        double[][] points = new double[patterns][bits];
        int[] label = new int[patterns];
        for (int i = 0; i < patterns; i++) {
            for (int bit = 0; bit < bits; bit++) {
                points[i][bit] = (i >> bit & 1) == 1 ? 1 : -1;
            }
            label[i] = Integer.bitCount(i) % 2;
        }
        return new Dataset(
                bits == 2 ? "exclusive or" : "parity of " + bits + " bits",
                IntStream.rangeClosed(1, bits).mapToObj(bit -> "x" + bit).toList(),
                points,
                new Answers.Labels(List.of("even", "odd"), label));
    }

    /**
     * A number that depends on two others along a straight line, without noise: {@code y = 0.3 x1 + 0.1 x2}, both features
     * drawn evenly from 0 to 1. A first task for flow networks.
     */
    public static Dataset linear(int rows, long seed) {
        Random random = new Random(seed);
        double[][] points = new double[rows][];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++) {
            points[i] = new double[] {random.nextDouble(), random.nextDouble()};
            y[i] = 0.3 * points[i][0] + 0.1 * points[i][1];
        }
        return new Dataset("linear", List.of("x1", "x2"), points, new Answers.Numbers("y", y));
    }
}
