package org.homeostat.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.homeostat.run.Dataset.Split;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides a run, with nothing left open.
 *
 * @param name what people call it
 * @param device the URI of the device
 * @param learner the name of the learner
 * @param teaching how the board is taught
 * @param data what it learns from
 * @param testPart the part of the rows that is kept for the test where the data has no test set of its own
 * @param epochs how often every row is taught
 * @param seed draws the split, the order, and the parameters at the start
 * @param limits what may be imposed on the device
 * @param journal whether each exchange is written down; without it a run cannot be replayed, and only on twins taken up
 */
public record Experiment(
        String name,
        String device,
        String learner,
        Teaching teaching,
        Source data,
        double testPart,
        int epochs,
        long seed,
        @Nullable Limits limits,
        @Nullable Boolean journal) {

    public Experiment {
        if (!(testPart >= 0 && testPart < 1)) {
            throw new BadInput("testPart: expected 0 or more and below 1, not " + testPart);
        }
        // Records of runs from before there were limits say nothing of them.
        limits = Objects.requireNonNullElse(limits, Limits.NONE);
        if (epochs < 1) {
            throw new BadInput("epochs: expected 1 or more, not " + epochs);
        }
        journal = Objects.requireNonNullElse(journal, true);
    }

    /** An experiment with a journal. */
    public Experiment(
            String name,
            String device,
            String learner,
            Teaching teaching,
            Source data,
            double testPart,
            int epochs,
            long seed,
            @Nullable Limits limits) {
        this(name, device, learner, teaching, data, testPart, epochs, seed, limits, true);
    }

    @Override
    public Boolean journal() {
        return Objects.requireNonNull(journal);
    }

    @Override
    public Limits limits() {
        return Objects.requireNonNull(limits);
    }

    /**
     * Where data comes from: a CSV file, images, or a generator.
     *
     * @param csv the file; null for data of another kind
     * @param target its target column
     * @param task what kind of answer the column holds; null to tell from the column
     * @param ignore columns to leave out
     * @param testCsv a file of its own for the test; null to split
     * @param generate the name of a generator, one of {@link #GENERATORS}; null for files
     * @param rows how many rows to generate; 0 where the generator's task has as many as it has
     * @param noise how noisy they are
     * @param bits how many bits the parity is of; null for other generators
     * @param images files of images and labels; null for data of another kind
     */
    public record Source(
            @Nullable String csv,
            @Nullable String target,
            Csv.@Nullable Task task,
            List<String> ignore,
            @Nullable String testCsv,
            @Nullable String generate,
            int rows,
            double noise,
            @Nullable Integer bits,
            Idx.@Nullable Source images) {

        /** Two moons; parity, of two bits as exclusive or; a linear law. */
        public static final List<String> GENERATORS = List.of("two-moons", "xor", "parity", "linear");

        /** A CSV file. */
        public static Source csv(
                Path file, String target, Csv.@Nullable Task task, List<String> ignore, @Nullable Path testFile) {
            return new Source(
                    file.toAbsolutePath().normalize().toString(),
                    target,
                    task,
                    ignore,
                    testFile == null
                            ? null
                            : testFile.toAbsolutePath().normalize().toString(),
                    null,
                    0,
                    0,
                    null,
                    null);
        }

        /** Two interleaved half moons. */
        public static Source moons(int rows, double noise) {
            return new Source(null, null, null, List.of(), null, "two-moons", rows, noise, null, null);
        }

        /** The parity of a few bits; the test asks the same patterns, as there are no others. */
        public static Source parity(int bits) {
            return new Source(null, null, null, List.of(), null, bits == 2 ? "xor" : "parity", 0, 0, bits, null);
        }

        /** A number along a straight line. */
        public static Source linear(int rows) {
            return new Source(null, null, null, List.of(), null, "linear", rows, 0, null, null);
        }

        /** Images. */
        public static Source images(Idx.Source files) {
            return new Source(null, null, null, List.of(), null, null, 0, 0, null, files);
        }

        /** The file that it comes from; null for generated data. */
        public @Nullable String file() {
            return images == null ? csv : images.images();
        }

        /**
         * Loads and splits.
         *
         * @throws BadInput if the data cannot be used
         */
        public Split load(double testPart, long seed) {
            if (images != null) {
                return images.load(testPart, seed);
            }
            if (csv == null) {
                return generated(testPart, seed);
            }
            if (target == null) {
                throw new BadInput("data.target: expected the name or the number of the column to learn");
            }
            Dataset all = Csv.read(Path.of(csv), target).dataset(target, ignore, task);
            if (testCsv == null) {
                return all.split(testPart, seed);
            }
            return new Split(all, Csv.read(Path.of(testCsv), target).like(all, target));
        }

        private Split generated(double testPart, long seed) {
            return switch (generate == null ? "" : generate) {
                case "two-moons" -> Dataset.moons(rows, noise, seed).split(testPart, seed);
                case "linear" -> Dataset.linear(rows, seed).split(testPart, seed);
                case "xor", "parity" -> {
                    Dataset patterns = Dataset.parity(bits == null ? 2 : bits);
                    yield new Split(patterns, patterns);
                }
                default -> throw new BadInput("data.generate: " + unknownGenerator(String.valueOf(generate)));
            };
        }

        /** A sentence for a generator that is not among them. */
        public static String unknownGenerator(String name) {
            return "there is no generator '" + name + "'; expected one of " + String.join(", ", GENERATORS);
        }
    }
}
