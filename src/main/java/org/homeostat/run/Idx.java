package org.homeostat.run;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
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

    /** Beyond it a header is damage, not an image. */
    private static final int MOST_PIXELS = 1 << 20;

    /** Magic number, count, height and width. */
    private static final long IMAGES_FROM = 16;

    private static final int MOST_ROWS = Integer.MAX_VALUE - 8;

    /** What each byte stands for. */
    private static final double[] GREY = new double[256];

    static {
        Arrays.setAll(GREY, pixel -> pixel / 255.0);
    }

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
     * All images of a file, each a row of pixels from 0 (background) to 1. They stay in the file, which is mapped.
     *
     * @throws BadInput if it cannot be used
     */
    public static Rows images(Path file) {
        return images(file, count(file, IMAGES));
    }

    private static Dataset dataset(Path images, byte[] labels, int[] chosen, List<String> classes) {
        int count = count(images, IMAGES);
        if (count != labels.length) {
            throw new BadInput(images + ": " + count + " images, but there are " + labels.length
                    + " labels; give the two" + " files of one set");
        }
        Rows all = images(images, chosen[chosen.length - 1] + 1);
        int[] label = new int[chosen.length];
        Arrays.setAll(label, i -> labels[chosen[i]] & 0xff);
        return new Dataset(
                String.valueOf(images.getFileName()),
                IntStream.rangeClosed(1, all.width())
                        .mapToObj(pixel -> "pixel " + pixel)
                        .toList(),
                // Positions rise, so that as many as there are images are all of them.
                chosen.length == all.size() ? all : all.only(chosen),
                new Answers.Labels(classes, label));
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
     * Maps images.
     *
     * @param count the first so many, 1 or more
     */
    private static Rows images(Path file, int count) {
        try {
            int height;
            int width;
            try (DataInputStream in = opened(file)) {
                var unused = header(in, file, IMAGES);
                height = in.readInt();
                width = in.readInt();
            }
            if (height < 1 || width < 1 || (long) height * width > MOST_PIXELS) {
                throw new BadInput(
                        file + ": images of " + height + " by " + width + " pixels cannot be; bring back the file");
            }
            return new Images(Mapped.of(file, IMAGES_FROM + (long) count * height * width), count, height * width);
        } catch (IOException e) {
            throw unusable(file, e);
        }
    }

    /** Images in a file, a byte a pixel. */
    private record Images(Mapped file, int size, int width) implements Rows {
        @Override
        public void read(int row, double[] into) {
            int from = file.bring(IMAGES_FROM + (long) Objects.checkIndex(row, size) * width, width);
            byte[] window = file.window();
            for (int i = 0; i < width; i++) {
                into[i] = GREY[window[from + i] & 0xff];
            }
        }

        @Override
        public void requireUnchanged() {
            file.requireUnchanged();
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
        long count = Integer.toUnsignedLong(in.readInt());
        if (count == 0) {
            throw new BadInput(file + ": it holds nothing");
        }
        if (count > MOST_ROWS) {
            throw new BadInput(file + ": " + count + " of them are too many; expected at most " + MOST_ROWS
                    + ", so divide the file");
        }
        return (int) count;
    }

    private static String hex(int number) {
        return String.format(java.util.Locale.ROOT, "%08x", number);
    }

    private static DataInputStream opened(Path file) throws IOException {
        return new DataInputStream(new BufferedInputStream(Mapped.opened(file)));
    }

    private static BadInput unusable(Path file, IOException why) {
        return new BadInput(
                file + ": "
                        + switch (why) {
                            case NoSuchFileException none -> "there is no such file; check the path";
                            case AccessDeniedException denied -> "no permission to read it";
                            case EOFException end -> "it is cut short; bring back the file";
                            case Mapped.NoRoomException full -> full.getMessage();
                            case ZipException damaged ->
                                "it is damaged (" + damaged.getMessage() + "); bring back the file";
                            default ->
                                Files.isDirectory(file) ? "this is a folder; expected a file" : "unreadable: " + why;
                        },
                why);
    }
}
