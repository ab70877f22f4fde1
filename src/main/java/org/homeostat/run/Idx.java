package org.homeostat.run;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.homeostat.run.Dataset.Answers;
import org.homeostat.run.Dataset.Split;
import org.jspecify.annotations.Nullable;

/**
 * Images and their labels in the IDX format of the MNIST files (Y. LeCun, C. Cortes, C. Burges): big-endian, a byte a pixel
 * and a byte a label, as they are or packed by gzip. Pixels become features from 0 to 1, labels the classes "0", "1" and so
 * on.
 */
public final class Idx {

    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;
    private static final int GZIP = 0x1f8b;

    /** Beyond it a header is damage, not an image. */
    private static final int MOST_PIXELS = 1 << 20;

    private static final double WHITE = 255;

    /**
     * Which images to read.
     *
     * @param images the file of images to teach
     * @param labels the file of their labels
     * @param testImages the file of images for the test; null to split
     * @param testLabels the file of their labels
     * @param rows the first so many images; null for all
     * @param testRows the first so many for the test; null for all
     * @param perClass the first so many of each class to teach; null for no such choice
     */
    public record Source(
            String images,
            String labels,
            @Nullable String testImages,
            @Nullable String testLabels,
            @Nullable Integer rows,
            @Nullable Integer testRows,
            @Nullable Integer perClass) {

        public Source {
            if ((testImages == null) != (testLabels == null)) {
                throw new BadInput("data: testImages and testLabels go together; give both or neither");
            }
            if (testImages == null && testRows != null) {
                throw new BadInput(
                        "data.testRows: it goes with testImages; leave it out where a part is kept for the test");
            }
            if (rows != null && perClass != null) {
                throw new BadInput("data: give either rows or perClass, not both");
            }
            atLeast1("rows", rows);
            atLeast1("testRows", testRows);
            atLeast1("perClass", perClass);
        }

        private static void atLeast1(String key, @Nullable Integer value) {
            if (value != null && value < 1) {
                throw new BadInput("data." + key + ": expected 1 or more, not " + value);
            }
        }

        /**
         * Reads and splits.
         *
         * @throws BadInput if the files cannot be used
         */
        public Split load(double testPart, long seed) {
            byte[] names = readLabels(Path.of(labels));
            List<String> classes = IntStream.rangeClosed(0, highest(names))
                    .mapToObj(String::valueOf)
                    .toList();
            int[] chosen =
                    perClass != null ? firstPerClass(names, classes.size(), perClass) : first(names.length, rows);
            Dataset train = dataset(Path.of(images), names, chosen, classes);
            if (testImages == null || testLabels == null) {
                return train.split(testPart, seed);
            }
            byte[] testNames = readLabels(Path.of(testLabels));
            if (highest(testNames) >= classes.size()) {
                throw new BadInput(testLabels + ": the label " + highest(testNames)
                        + " does not occur in the training data, which has 0 to " + (classes.size() - 1));
            }
            Dataset test = dataset(Path.of(testImages), testNames, first(testNames.length, testRows), classes);
            if (test.features().size() != train.features().size()) {
                throw new BadInput(testImages + ": images of " + test.features().size()
                        + " pixels, but those to teach have " + train.features().size());
            }
            return new Split(train, test);
        }
    }

    private Idx() {}

    /** True if a file begins like images in this format, packed or not; false for whatever else, or nothing, is there. */
    public static boolean holdsImages(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (DataInputStream in = opened(file)) {
            return in.readInt() == IMAGES;
        } catch (IOException e) {
            return false;
        }
    }

    /** The file that usually goes with a file of images: {@code train-labels-idx1-ubyte.gz} for its images. */
    public static Path labelsFor(Path images) {
        return images.resolveSibling(
                String.valueOf(images.getFileName()).replace("images", "labels").replace("idx3", "idx1"));
    }

    /**
     * All images of a file, each a row of pixels from 0 (background) to 1.
     *
     * @throws BadInput if it cannot be used
     */
    public static double[][] images(Path file) {
        return images(file, null);
    }

    private static Dataset dataset(Path images, byte[] labels, int[] chosen, List<String> classes) {
        int count = count(images, IMAGES);
        if (count != labels.length) {
            throw new BadInput(images + ": " + count + " images, but there are " + labels.length
                    + " labels; give the two" + " files of one set");
        }
        double[][] rows = images(images, chosen);
        return new Dataset(
                String.valueOf(images.getFileName()),
                IntStream.rangeClosed(1, rows[0].length)
                        .mapToObj(pixel -> "pixel " + pixel)
                        .toList(),
                rows,
                new Answers.Labels(
                        classes,
                        Arrays.stream(chosen).map(i -> labels[i] & 0xff).toArray()));
    }

    private static int highest(byte[] labels) {
        int highest = 0;
        for (byte label : labels) {
            highest = Math.max(highest, label & 0xff);
        }
        return highest;
    }

    private static int[] first(int all, @Nullable Integer wanted) {
        return IntStream.range(0, wanted == null ? all : Math.min(wanted, all)).toArray();
    }

    private static int[] firstPerClass(byte[] labels, int classes, int wanted) {
        int[] taken = new int[classes];
        return IntStream.range(0, labels.length)
                .filter(i -> taken[labels[i] & 0xff]++ < wanted)
                .toArray();
    }

    /**
     * Reads images.
     *
     * @param chosen their positions, rising; null for all
     */
    private static double[][] images(Path file, int @Nullable [] chosen) {
        try (DataInputStream in = opened(file)) {
            int count = header(in, file, IMAGES);
            int height = in.readInt();
            int width = in.readInt();
            if (height < 1 || width < 1 || (long) height * width > MOST_PIXELS) {
                throw new BadInput(
                        file + ": images of " + height + " by " + width + " pixels cannot be; bring back the file");
            }
            byte[] pixels = new byte[height * width];
            double[][] rows = new double[chosen == null ? count : chosen.length][pixels.length];
            int next = 0;
            for (int row = 0; row < rows.length; row++) {
                int position = chosen == null ? row : chosen[row];
                in.skipNBytes((long) (position - next) * pixels.length);
                in.readFully(pixels);
                next = position + 1;
                for (int i = 0; i < pixels.length; i++) {
                    rows[row][i] = (pixels[i] & 0xff) / WHITE;
                }
            }
            return rows;
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private static byte[] readLabels(Path file) {
        try (DataInputStream in = opened(file)) {
            byte[] labels = new byte[header(in, file, LABELS)];
            in.readFully(labels);
            return labels;
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private static int count(Path file, int magic) {
        try (DataInputStream in = opened(file)) {
            return header(in, file, magic);
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    private static int header(DataInputStream in, Path file, int magic) throws IOException {
        int found = in.readInt();
        if (found != magic) {
            throw new BadInput(file + ": expected " + (magic == IMAGES ? "images" : "labels")
                    + " in the IDX format, which" + " begin with " + hex(magic) + ", not " + hex(found));
        }
        int count = in.readInt();
        if (count < 1) {
            throw new BadInput(file + ": it holds nothing");
        }
        return count;
    }

    private static String hex(int number) {
        return String.format(java.util.Locale.ROOT, "%08x", number);
    }

    private static DataInputStream opened(Path file) throws IOException {
        InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        try {
            raw.mark(2);
            int first = raw.read() << 8 | raw.read();
            raw.reset();
            return new DataInputStream(first == GZIP ? new BufferedInputStream(new GZIPInputStream(raw)) : raw);
        } catch (IOException e) {
            raw.close();
            throw e;
        }
    }

    private static BadInput unusable(Path file, IOException why) {
        return new BadInput(
                file + ": "
                        + switch (why) {
                            case NoSuchFileException none -> "there is no such file; check the path";
                            case AccessDeniedException denied -> "no permission to read it";
                            case EOFException end -> "it is cut short; bring back the file";
                            case ZipException damaged ->
                                "it is damaged (" + damaged.getMessage() + "); bring back the file";
                            default ->
                                Files.isDirectory(file) ? "this is a folder; expected a file" : "unreadable: " + why;
                        },
                why);
    }
}
