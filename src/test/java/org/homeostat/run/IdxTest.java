package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.homeostat.run.Dataset.Answers;
import org.homeostat.run.Dataset.Split;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images as the MNIST files hold them, packed or not, whole or damaged. */
final class IdxTest {

    private static final int[] LABELS = {1, 0, 2, 1, 0, 1};

    @TempDir
    Path folder;

    private Path images;
    private Path labels;

    @BeforeEach
    void sixImagesOfOneRowOfTwoPixels() throws IOException {
        images = packed("t-images-idx3-ubyte.gz", images(6, 2));
        labels = packed("t-labels-idx1-ubyte.gz", labels(LABELS));
    }

    /** Image i has the pixels i and 255 - i. */
    private static byte[] images(int count, int pixels) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(0x803);
        out.writeInt(count);
        out.writeInt(1);
        out.writeInt(pixels);
        for (int i = 0; i < count; i++) {
            for (int pixel = 0; pixel < pixels; pixel++) {
                out.writeByte(pixel % 2 == 0 ? i : 255 - i);
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] labels(int... labels) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(0x801);
        out.writeInt(labels.length);
        for (int label : labels) {
            out.writeByte(label);
        }
        return bytes.toByteArray();
    }

    private Path packed(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(bytes);
        }
        return file;
    }

    private Idx.Source source(@Nullable Integer rows, @Nullable Integer perClass) {
        return new Idx.Source(images.toString(), labels.toString(), null, null, rows, null, perClass);
    }

    private void refused(Idx.Source source, String sentence) {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> source.load(0, 1))
                .withMessage(sentence);
    }

    @Test
    void pixelsAreFeaturesFrom0To1AndLabelsClasses() {
        Dataset all = source(null, null).load(0, 1).train();

        assertThat(all.features()).containsExactly("pixel 1", "pixel 2");
        assertThat(((Answers.Labels) all.answers()).classes()).containsExactly("0", "1", "2");
        assertThat(all.size()).isEqualTo(6);
        int[] label = ((Answers.Labels) all.answers()).label();
        for (int row = 0; row < 6; row++) {
            int image = (int) Math.round(all.rows().row(row)[0] * 255);
            assertThat(all.rows().row(row)).containsExactly(image / 255.0, (255 - image) / 255.0);
            assertThat(label[row]).isEqualTo(LABELS[image]);
        }
    }

    @Test
    void theFirstRowsAreTakenOrTheFirstOfEachClass() {
        Path own = images;
        Idx.Source first =
                new Idx.Source(own.toString(), labels.toString(), own.toString(), labels.toString(), 2, 3, null);
        Split split = first.load(0.25, 1);

        assertThat(split.train().size()).isEqualTo(2);
        assertThat(split.test().rows().all()).isEqualTo(new double[][] {
            {0, 1}, {1 / 255.0, 254 / 255.0}, {2 / 255.0, 253 / 255.0}
        });
        // One of each class: images 0, 1 and 2; two of each: all but the last, and class 2 has only one.
        assertThat(source(null, 1).load(0, 1).train().size()).isEqualTo(3);
        assertThat(source(null, 2).load(0, 1).train().size()).isEqualTo(5);
        // What is taken does not change which classes there are.
        assertThat(split.train().outputs()).isEqualTo(3);
    }

    @Test
    void filesMayBeUnpackedAndAreKnownByTheirBeginning() throws IOException {
        Path plain = Files.write(folder.resolve("plain"), images(3, 4));

        assertThat(Idx.images(plain).all()).hasDimensions(3, 4);
        assertThat(Idx.holdsImages(plain)).isTrue();
        assertThat(Idx.holdsImages(images)).isTrue();
        assertThat(Idx.holdsImages(labels)).isFalse();
        assertThat(Idx.holdsImages(folder.resolve("nothing"))).isFalse();
        assertThat(Idx.holdsImages(Files.writeString(folder.resolve("a.csv"), "a")))
                .isFalse();
        assertThat(Idx.labelsFor(images)).isEqualTo(labels);
    }

    @Test
    void filesThatDoNotGoTogetherAreRefused() throws IOException {
        labels = packed("few", labels(0, 1));
        refused(source(null, null), images + ": 6 images, but there are 2 labels; give the two files of one set");
        labels = images;
        refused(
                source(null, null),
                images + ": expected labels in the IDX format, which begin with 00000801, not 00000803");
        Path wide = packed("wide", images(2, 3));
        Path two = packed("two", labels(0, 1));
        labels = packed("again", labels(LABELS));
        refused(
                new Idx.Source(images.toString(), labels.toString(), wide.toString(), two.toString(), null, null, null),
                wide + ": images of 3 pixels, but those to teach have 2");
        Path strange = packed("strange", labels(0, 7));
        refused(
                new Idx.Source(
                        images.toString(), labels.toString(), wide.toString(), strange.toString(), null, null, null),
                strange + ": the label 7 does not occur in the training data, which has 0 to 2");
    }

    @Test
    void damageIsToldFromAbsence() throws IOException {
        byte[] whole = images(6, 2);
        Path cut = Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(whole, whole.length - 1));
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Idx.images(cut))
                .withMessage(cut + ": it is cut short; bring back the file");
        Path none = folder.resolve("none");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Idx.images(none))
                .withMessage(none + ": there is no such file; check the path");
    }

    @Test
    void choicesThatDoNotGoTogetherAreRefused() {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> source(3, 1))
                .withMessage("data: give either rows or perClass, not both");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> source(0, null))
                .withMessage("data.rows: expected 1 or more, not 0");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> new Idx.Source("a", "b", "c", null, null, null, null))
                .withMessage("data: testImages and testLabels go together; give both or neither");
    }

    @Test
    void mnistItself() {
        Path mnist = Path.of("..", "shared", "data", "mnist");
        assumeTrue(
                Files.isDirectory(mnist), "the MNIST files are not here; generated ones stand in, in the other tests");

        Split split = new Idx.Source(
                        mnist.resolve("train-images-idx3-ubyte.gz").toString(),
                        mnist.resolve("train-labels-idx1-ubyte.gz").toString(),
                        mnist.resolve("t10k-images-idx3-ubyte.gz").toString(),
                        mnist.resolve("t10k-labels-idx1-ubyte.gz").toString(),
                        null,
                        1000,
                        20)
                .load(0, 1);

        assertThat(split.train().features()).hasSize(784);
        assertThat(((Answers.Labels) split.train().answers()).label())
                .startsWith(5, 0, 4, 1, 9)
                .hasSize(200);
        assertThat(((Answers.Labels) split.test().answers()).label())
                .startsWith(7, 2, 1, 0, 4)
                .hasSize(1000);
    }
}
