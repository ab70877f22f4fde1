package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.homeostat.run.Dataset.Answers;
import org.homeostat.run.Dataset.Split;
import org.homeostat.run.Experiment.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where data comes from. */
final class SourceTest {

    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void aTestFileIsKeptWhole() throws IOException {
        Path train = file("train.csv", "x,kind\n1,a\n2,b\n3,a\n4,b\n");
        Path test = file("test.csv", "kind,x\nb,9\n");

        Split split = Source.csv(train, "kind", null, List.of(), test).load(0.25, 1);

        assertThat(split.train().size()).isEqualTo(4);
        assertThat(split.test().size()).isEqualTo(1);
        assertThat(((Answers.Labels) split.test().answers()).classes()).containsExactly("a", "b");
    }

    @Test
    void aTestFileOfANumericTargetMayHoldWhatLooksLikeLabels() throws IOException {
        Path train = file("train.csv", "x,y\n1,0.5\n2,1.5\n3,2.5\n4,3.5\n");
        Path test = file("test.csv", "x,y\n1,1\n2,2\n1,1\n2,2\n");

        assertThat(Source.csv(train, "y", null, List.of(), test)
                        .load(0.25, 1)
                        .test()
                        .answers())
                .isInstanceOf(Answers.Numbers.class);
    }

    @Test
    void aTestFileWithoutAFeatureIsRefused() throws IOException {
        Path train = file("train.csv", "x,w,kind\n1,1,a\n2,2,b\n3,3,a\n4,4,b\n");
        Path test = file("test.csv", "x,kind\n1,a\n");

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(
                        () -> Source.csv(train, "kind", null, List.of(), test).load(0.25, 1))
                .withMessage(test + ": there is no column 'w'; it has the columns x, kind");
    }

    @Test
    void aCsvPathIsKeptAbsolute() {
        Source source = Source.csv(Path.of("some", "..", "data.csv"), "y", null, List.of(), null);

        assertThat(source.csv()).isEqualTo(Path.of("data.csv").toAbsolutePath().toString());
    }

    @Test
    void anUnknownGeneratorAndAMissingTargetAreRefused() {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(
                        () -> new Source(null, null, null, List.of(), null, "spirals", 10, 0, null, null).load(0.25, 1))
                .withMessage(
                        "data.generate: there is no generator 'spirals'; expected one of two-moons, xor, parity, linear");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(
                        () -> new Source("x.csv", null, null, List.of(), null, null, 0, 0, null, null).load(0.25, 1))
                .withMessage("data.target: expected the name or the number of the column to learn");
    }

    @Test
    void patternsAreTaughtAndAskedAllOfThem() {
        Split split = Source.parity(2).load(0.25, 1);

        assertThat(split.train()).isEqualTo(split.test());
        assertThat(split.train().size()).isEqualTo(4);
        assertThat(Source.linear(40).load(0.25, 1).train().size()).isEqualTo(30);
    }
}
