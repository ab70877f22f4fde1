package org.homeostat.run;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Rows of features, each with an answer.
 *
 * @param name where it comes from
 * @param features the names of the features
 * @param rows the features of each row
 * @param answers the answer to each row
 */
public record Dataset(String name, List<String> features, double[][] rows, Answers answers) {

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
        record Numbers(List<String> names, double[][] values) implements Answers {
            public Numbers {
                names = List.copyOf(names);
            }

            /** One number a row. */
            public Numbers(String name, double[] value) {
                this(
                        List.of(name),
                        Arrays.stream(value).mapToObj(one -> new double[] {one}).toArray(double[][]::new));
            }

            @Override
            public int size() {
                return values.length;
            }

            /** All rows of one of the numbers. */
            double[] column(int k) {
                return Arrays.stream(values).mapToDouble(row -> row[k]).toArray();
            }
        }
    }

    public Dataset {
        if (rows.length != answers.size()) {
            throw new IllegalArgumentException(rows.length + " rows but " + answers.size() + " answers");
        }
        features = List.copyOf(features);
    }

    /** How many rows there are. */
    public int size() {
        return rows.length;
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
        double[][] some = new double[positions.length][];
        Arrays.setAll(some, i -> rows[positions[i]]);
        return new Dataset(
                name,
                features,
                some,
                switch (answers) {
                    case Answers.Labels labels ->
                        new Answers.Labels(
                                labels.classes(),
                                Arrays.stream(positions)
                                        .map(i -> labels.label()[i])
                                        .toArray());
                    case Answers.Numbers numbers ->
                        new Answers.Numbers(
                                numbers.names(),
                                Arrays.stream(positions)
                                        .mapToObj(i -> numbers.values()[i])
                                        .toArray(double[][]::new));
                });
    }

    /** A fingerprint of features and answers: 16 hexadecimal digits of a SHA-256. */
    public String digest() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(String.join("\n", features).getBytes(StandardCharsets.UTF_8));
            for (double[] row : rows) {
                ByteBuffer bytes = ByteBuffer.allocate(8 * row.length);
                bytes.asDoubleBuffer().put(row);
                sha.update(bytes);
            }
            switch (answers) {
                case Answers.Labels labels -> {
                    for (int label : labels.label()) {
                        sha.update(labels.classes().get(label).getBytes(StandardCharsets.UTF_8));
                        sha.update((byte) '\n');
                    }
                }
                case Answers.Numbers numbers -> {
                    for (double[] row : numbers.values()) {
                        ByteBuffer bytes = ByteBuffer.allocate(8 * row.length);
                        bytes.asDoubleBuffer().put(row);
                        sha.update(bytes);
                    }
                }
            }
            return HexFormat.of().formatHex(sha.digest(), 0, 8);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
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
        List<List<Integer>> groups = new ArrayList<>();
        int kinds = answers instanceof Answers.Labels ? outputs() : 1;
        for (int group = 0; group < kinds; group++) {
            groups.add(new ArrayList<>());
        }
        for (int i = 0; i < rows.length; i++) {
            groups.get(answers instanceof Answers.Labels labels ? labels.label()[i] : 0)
                    .add(i);
        }
        List<Integer> train = new ArrayList<>();
        List<Integer> test = new ArrayList<>();
        for (List<Integer> group : groups) {
            java.util.Collections.shuffle(group, random);
            // What is never taught cannot be learned: one row of each class stays.
            int kept = Math.clamp(Math.round(testPart * group.size()), 0, Math.max(0, group.size() - 1));
            test.addAll(group.subList(0, kept));
            train.addAll(group.subList(kept, group.size()));
        }
        return new Split(
                only(train.stream().mapToInt(Integer::intValue).toArray()),
                only(test.stream().mapToInt(Integer::intValue).toArray()));
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
