package org.homeostat.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.homeostat.run.Csv.Task;
import org.homeostat.run.Dataset.Answers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people call CSV, and what they get wrong in it. */
final class CsvTest {

    private static final String FLOWERS = "5.1,3.5,setosa\n6.2,2.9,virginica\n4.9,3.0,setosa\n6.5,3.2,virginica\n";

    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("data.csv"), text);
    }

    private Dataset read(String text, String target) throws IOException {
        return Csv.read(file(text), target).dataset(target, List.of(), null);
    }

    private static Answers.Labels labels(Dataset data) {
        assertThat(data.answers()).isInstanceOf(Answers.Labels.class);
        return (Answers.Labels) data.answers();
    }

    private static double[] numbers(Dataset data) {
        assertThat(data.answers()).isInstanceOf(Answers.Numbers.class);
        return Arrays.stream(((Answers.Numbers) data.answers()).values().all())
                .mapToDouble(row -> row[0])
                .toArray();
    }

    private void refused(String text, String target, String sentence) throws IOException {
        Path file = file(text);
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, target).dataset(target, List.of(), null))
                .withMessage(sentence.replace("FILE", file.toString()));
    }

    @Test
    void withoutAHeaderColumnsGoByNumber() throws IOException {
        Dataset data = read(FLOWERS, "3");

        assertThat(data.features()).containsExactly("column 1", "column 2");
        assertThat(data.rows().all()).isEqualTo(new double[][] {{5.1, 3.5}, {6.2, 2.9}, {4.9, 3.0}, {6.5, 3.2}});
        assertThat(labels(data).classes()).containsExactly("setosa", "virginica");
        assertThat(labels(data).label()).containsExactly(0, 1, 0, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"species", "3"})
    void withAHeaderTheTargetGoesByNameOrNumber(String target) throws IOException {
        Dataset data = read("length,width,species\n" + FLOWERS, target);

        assertThat(data.features()).containsExactly("length", "width");
        assertThat(data.size()).isEqualTo(4);
        assertThat(labels(data).label()).containsExactly(0, 1, 0, 1);
    }

    @Test
    void aHeaderOverTextColumnsAloneIsKnownByTheNameAskedFor() throws IOException {
        // Nothing but the name tells this first line from a row.
        Dataset data = read("a,b\n1,x\n2,y\n3,x\n4,y\n", "b");
        assertThat(data.size()).isEqualTo(4);

        Path file = file("kind,word\nx,u\ny,v\n");
        assertThat(Csv.read(file, "word").size()).isEqualTo(2);
        assertThat(Csv.read(file, null).size()).isEqualTo(3);
    }

    @Test
    void aFirstLineOfNumbersIsNoHeaderEvenIfTheNumberIsAskedFor() throws IOException {
        assertThat(Csv.read(file("1,2,3\n4,5,6\n7,8,9\n"), "3").size()).isEqualTo(3);
    }

    @Test
    void theTargetMayStandAnywhere() throws IOException {
        Dataset data = read("kind,x,y\na,1,2\nb,3,4\na,5,6\nb,7,8\n", "1");

        assertThat(data.features()).containsExactly("x", "y");
        assertThat(data.rows().row(1)).containsExactly(3, 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {",", ";", "\t"})
    void theSeparatorIsRecognised(String separator) throws IOException {
        Dataset data = read(("length,width,species\n" + FLOWERS).replace(",", separator), "species");

        assertThat(data.features()).containsExactly("length", "width");
        assertThat(data.rows().row(3)).containsExactly(6.5, 3.2);
    }

    @Test
    void commasInsideQuotesDoNotCountAsSeparators() throws IOException {
        Dataset data = read("\"a, b, and c\";d\n1;x\n2;y\n3;x\n4;y\n", "d");

        assertThat(data.features()).containsExactly("a, b, and c");
    }

    @Test
    void quotesAreTakenOffAndDoubledOnesKept() throws IOException {
        Dataset data = read("\"x\",\"say \"\"y\"\"\"\n\"1\",\"a\"\n\"2\",\"b\"\n\"3\",\"a\"\n\"4\",\"b\"\n", "2");

        assertThat(data.features()).containsExactly("x");
        assertThat(((Answers.Labels) data.answers()).classes()).containsExactly("a", "b");
        assertThat(data.rows().row(3)).containsExactly(4);
    }

    @Test
    void aByteOrderMarkIsNoPartOfTheFirstName() throws IOException {
        assertThat(read("\uFEFFlength,width,species\n" + FLOWERS, "species").features())
                .containsExactly("length", "width");
    }

    @Test
    void windowsLineEndsSpacesAndBlankLinesAreOverlooked() throws IOException {
        Dataset data =
                read("length , width,species\r\n\r\n 5.1 ,3.5, a\r\n6.2,2.9,b\r\n4.9,3.0,a\r\n6.5,3.2,b", "species");

        assertThat(data.features()).containsExactly("length", "width");
        assertThat(data.size()).isEqualTo(4);
        assertThat(labels(data).classes()).containsExactly("a", "b");
    }

    @Test
    void fewWholeNumbersAreLabelsInTheOrderOfTheirValue() throws IOException {
        StringBuilder text = new StringBuilder("x,y\n");
        for (int i = 0; i < 36; i++) {
            text.append(i).append(',').append(12 - i % 12).append('\n');
        }

        assertThat(labels(read(text.toString(), "y")).classes())
                .containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12");
    }

    @Test
    void manyWholeNumbersAreAQuantity() throws IOException {
        StringBuilder text = new StringBuilder("x,y\n");
        for (int i = 0; i < 100; i++) {
            text.append(i).append(',').append(i % 21).append('\n');
        }

        assertThat(numbers(read(text.toString(), "y"))).hasSize(100).contains(20);
    }

    @Test
    void brokenNumbersAreAQuantity() throws IOException {
        assertThat(numbers(read("x,y\n1,0.5\n2,1.5\n3,0.5\n4,1.5\n5,-2e-3\n", "y")))
                .containsExactly(0.5, 1.5, 0.5, 1.5, -0.002);
    }

    @Test
    void theTaskMayBeSaid() throws IOException {
        Path file = file("x,y\n1,0\n2,1\n3,0\n4,1\n");

        assertThat(numbers(Csv.read(file, "y").dataset("y", List.of(), Task.REGRESSION)))
                .containsExactly(0, 1, 0, 1);
        assertThat(labels(Csv.read(file, "y").dataset("y", List.of(), Task.CLASSIFICATION))
                        .classes())
                .containsExactly("0", "1");
    }

    @Test
    void numbersAreReadTheSameWhateverTheyLookLike() throws IOException {
        assertThat(read("x,y\n+1.50,a\n-.5e1,b\n1E-2,a\n007,b\n", "y").rows().all())
                .isEqualTo(new double[][] {{1.5}, {-5}, {0.01}, {7}});
    }

    @Test
    void aMissingTargetIsRefusedWithTheColumnsThereAre() throws IOException {
        refused("x,y\n1,a\n2,b\n", "z", "FILE: there is no column 'z'; it has the columns x, y");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "4", "1.5", "-1", "species", "99999999999"})
    void aTargetThatIsNoColumnOfAHeaderlessFileIsRefused(String target) throws IOException {
        refused(
                FLOWERS,
                target,
                "FILE: there is no column '" + target
                        + "'; it has 3 columns and no header, so that columns go by number, from 1");
    }

    @ParameterizedTest
    @CsvSource({"NaN", "nan", "inf", "-Infinity", "?", "0x10", "1f", "1_000", "--1", "1e999", "1 2", "N/A"})
    void aCellThatIsNoNumberIsRefusedWithItsPlace(String cell) throws IOException {
        refused(
                "x,width,kind\n1,2,a\n3," + cell + ",b\n5,6,a\n7,8,b\n9,1,a\n",
                "kind",
                "FILE, line 3, column 'width': '" + cell + "' is not a number; correct it or remove the line");
    }

    @Test
    void anEmptyCellIsRefusedWithItsPlace() throws IOException {
        refused(
                "x,width,kind\n1,2,a\n3,4,b\n\n5,,a\n7,8,b\n",
                "kind",
                "FILE, line 5, column 'width': the cell is empty; fill it in or remove the line");
    }

    @Test
    void aCellInAFileWithoutHeaderIsNamedByItsNumber() throws IOException {
        refused(
                "1,2,a\n3,4,b\n5,x,a\n7,8,b\n",
                "3",
                "FILE, line 3, column 2: 'x' is not a number; correct it or remove the line");
    }

    @Test
    void aColumnWithAnEmptyNameIsNamedByItsNumber() throws IOException {
        refused(
                "x,,kind\n1,2,a\n3,oops,b\n5,6,a\n7,8,b\n",
                "kind",
                "FILE, line 3, column 2: 'oops' is not a number; correct it or remove the line");
    }

    @Test
    void aDecimalCommaIsRefusedWithTheRemedy() throws IOException {
        refused(
                "x;kind\n1,5;a\n2;b\n3;a\n4;b\n",
                "kind",
                "FILE, line 2, column 'x': '1,5' is not a number; write it with a decimal point");
    }

    @Test
    void aLineBreakInsideACellStaysOutOfTheSentence() throws IOException {
        refused(
                "x,y,kind\n1,\"2\n3\",a\n4,5,b\n6,7,a\n8,9,b\n",
                "kind",
                "FILE, line 3, column 'y': '2 3' is not a number; correct it or remove the line");
    }

    @Test
    void aHoleInANumericTargetIsRefusedAndDoesNotTurnItIntoLabels() throws IOException {
        String text = "x,y\n1,1.5\n2,2.5\n3,%s\n4,3.25\n5,0.5\n6,0.25\n";
        refused(text.formatted(""), "y", "FILE, line 4, column 'y': the cell is empty; fill it in or remove the line");
        refused(
                text.formatted("NaN"),
                "y",
                "FILE, line 4, column 'y': 'NaN' is not a number; correct it or remove the line");
        refused(
                text.formatted("inf"),
                "y",
                "FILE, line 4, column 'y': 'inf' is not a number; correct it or remove the line");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "NaN", "nan"})
    void aMissingLabelIsRefusedWithItsPlace(String label) throws IOException {
        refused(
                "x,kind\n1,a\n2,b\n3," + label + "\n4,a\n5,b\n6,b\n",
                "kind",
                "FILE, line 4, column 'kind': the label is missing; fill it in or remove the line");
    }

    @Test
    void aRaggedLineIsRefused() throws IOException {
        refused(
                "x,y,kind\n1,2,a\n3,4\n5,6,a\n",
                "kind",
                "FILE, line 3: 2 columns, but the first line has 3; every line needs the same number");
        refused(
                "x,y,kind\n1,2,a\n3,4,b,5\n",
                "kind",
                "FILE, line 3: 4 columns, but the first line has 3; every line needs the same number");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n\r\n", "\uFEFF"})
    void anEmptyFileIsRefused(String text) throws IOException {
        refused(text, "1", "FILE: it has no rows");
    }

    @Test
    void aHeaderAloneIsRefused() throws IOException {
        refused("x,y\n", "y", "FILE: it has a header but no rows");
    }

    @Test
    void aSingleClassIsRefused() throws IOException {
        refused(
                "x,kind\n1,a\n2,a\n",
                "kind",
                "FILE, column 'kind': every row has the label 'a'; to classify there must be at least two");
    }

    @Test
    void aColumnOfNamesIsNotTakenForLabels() throws IOException {
        refused(
                "x,name\n1,ann\n2,bob\n3,cid\n4,dan\n",
                "name",
                "FILE, column 'name': 4 different labels in 4 rows; is this the target? "
                        + "For a quantity say --task regression");
    }

    @Test
    void aFileOfTheTargetAloneIsRefused() throws IOException {
        refused("y\n1.5\n2.5\n", "y", "FILE: besides the target there is no column to learn from");
    }

    @Test
    void twoColumnsOfOneNameAreRefused() throws IOException {
        refused(
                "x,x,kind\n1,2,a\n3,4,b\n5,6,a\n7,8,b\n",
                "kind",
                "FILE: two columns are called 'x'; rename one of them");
    }

    @Test
    void columnsAreLeftOutByNameOrNumber() throws IOException {
        Path file = file("row,x,y,kind\nr1,1,2,a\nr2,3,4,b\nr3,5,6,a\nr4,7,8,b\n");

        Dataset data = Csv.read(file, "kind").dataset("kind", List.of("row", "3"), null);

        assertThat(data.features()).containsExactly("x");
        assertThat(data.rows().all()).isEqualTo(new double[][] {{1}, {3}, {5}, {7}});
    }

    @Test
    void aColumnThatIsNotThereCannotBeLeftOut() throws IOException {
        Path file = file("x,kind\n1,a\n2,b\n3,a\n4,b\n");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, "kind").dataset("kind", List.of("row"), null))
                .withMessage(file + ": there is no column 'row'; it has the columns x, kind");
    }

    @Test
    void leavingOutEverythingIsRefused() throws IOException {
        Path file = file("x,kind\n1,a\n2,b\n3,a\n4,b\n");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, "kind").dataset("kind", List.of("x"), null))
                .withMessage(file + ": besides the target there is no column to learn from");
    }

    @Test
    void aColumnOfWordsIsRefusedWithTheRemedy() throws IOException {
        refused(
                "id,x,kind\nr1,1,a\nr2,2,b\nr3,3,a\nr4,4,b\n",
                "kind",
                "FILE, column 'id': it holds words, such as 'r1', where numbers are needed to learn from; "
                        + "leave it out with --ignore id");
        refused(
                "r1,1,a\nr2,2,b\nr3,3,a\nr4,4,b\n",
                "3",
                "FILE, column 1: it holds words, such as 'r1', where numbers are needed to learn from; "
                        + "leave it out with --ignore 1");
    }

    @Test
    void anOpenQuoteIsRefused() throws IOException {
        Path file = file("x,kind\n1,\"a\n2,b\n");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, "kind"))
                .withMessageStartingWith(file + ": it cannot be read as CSV (")
                .withMessageEndingWith("); look at its quotes")
                .withMessageNotContaining("Exception");
    }

    @Test
    void aMissingFileIsRefused() {
        Path file = folder.resolve("nothing.csv");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, null))
                .withMessage(file + ": there is no such file; check the path");
    }

    @Test
    void aFolderIsRefused() {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(folder, null))
                .withMessage(folder + ": this is a folder; expected a CSV file");
    }

    @Test
    void aBinaryFileIsRefused() throws IOException {
        byte[] picture = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, (byte) 0xFF};
        notText(Files.write(folder.resolve("picture.csv"), picture));
    }

    @Test
    void anotherEncodingIsRefused() throws IOException {
        String text = "größe,art\n1,a\n2,b\n";
        notText(Files.write(folder.resolve("latin.csv"), text.getBytes(StandardCharsets.ISO_8859_1)));
        notText(Files.write(folder.resolve("wide.csv"), text.getBytes(StandardCharsets.UTF_16)));
        // Without a mark, and of letters that UTF-8 knows: only its zero bytes tell.
        notText(Files.write(folder.resolve("bare.csv"), "x,y\n1,a\n".getBytes(StandardCharsets.UTF_16LE)));
    }

    private static void notText(Path file) {
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, null))
                .withMessage(file + ": it is not text in UTF-8; save it as UTF-8 CSV");
    }

    @Test
    void featuresAreFoundByNameInAnyOrder() throws IOException {
        Rows rows = Csv.read(file("b,other,a\n1,word,2\n3,word,4\n"), "a").features(List.of("a", "b"));

        assertThat(rows.all()).isEqualTo(new double[][] {{2, 1}, {4, 3}});
    }

    @Test
    void aMissingFeatureIsRefusedWithTheColumnsThereAre() throws IOException {
        Path file = file("a,b\n1,2\n");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, "a").features(List.of("a", "c")))
                .withMessage(file + ": there is no column 'c'; it has the columns a, b");
    }

    @Test
    void withoutHeadersAFileOfTheFeaturesAloneIsTakenInOrder() throws IOException {
        // The target was the first column when it was taught: its features are called 2 and 3.
        List<String> features = List.of("column 2", "column 3");

        assertThat(Csv.read(file("1,2\n3,4\n"), null).features(features).all())
                .isEqualTo(new double[][] {{1, 2}, {3, 4}});
        assertThat(Csv.read(file("9,1,2\n9,3,4\n"), null).features(features).all())
                .isEqualTo(new double[][] {{1, 2}, {3, 4}});
    }

    @Test
    void aTestFileIsReadLikeItsTrainingFile() throws IOException {
        Dataset train = read("x,y,kind\n1,2,c\n3,4,b\n5,6,a\n7,8,b\n9,1,a\n2,2,c\n", "kind");
        Path file = Files.writeString(folder.resolve("test.csv"), "kind,y,x\nb,20,10\n");

        Dataset test = Csv.read(file, "kind").like(train, "kind");

        assertThat(test.features()).containsExactly("x", "y");
        assertThat(test.rows().all()).isEqualTo(new double[][] {{10, 20}});
        assertThat(labels(test).classes()).containsExactly("a", "b", "c");
        assertThat(labels(test).label()).containsExactly(1);
    }

    @Test
    void aLabelThatWasNeverTaughtIsRefusedWithItsPlace() throws IOException {
        Dataset train = read("x,kind\n1,a\n2,b\n3,a\n4,b\n", "kind");
        Path file = Files.writeString(folder.resolve("test.csv"), "x,kind\n1,a\n2,z\n");

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, "kind").like(train, "kind"))
                .withMessage(file + ", line 3, column 'kind': the label 'z' does not occur in the training data, "
                        + "which has a, b");
    }

    @Test
    void aColumnOfWordsIsNamedAndCanBeLeftOut(@TempDir Path dir) throws IOException {
        Path file = Files.writeString(dir.resolve("named.csv"), "id,x,kind\nr1,1.5,a\nr2,2.5,b\nr3,1,a\nr4,2,b\n");

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, "kind").dataset("kind", List.of(), null))
                .withMessage(
                        file + ", column 'id': it holds words, such as 'r1', where numbers are needed to learn from; "
                                + "leave it out with --ignore id");
        Dataset read = Csv.read(file, "kind").dataset("kind", List.of("1"), null);
        assertThat(read.features()).containsExactly("x");
        assertThat(read.rows().row(3)).containsExactly(2);
    }

    @Test
    void severalTargetsAreNumbersEach() throws IOException {
        Dataset data = read("x,left,right\n1,2,3\n4,5,6\n7,8,9\n", "left, right");

        assertThat(data.features()).containsExactly("x");
        Answers.Numbers numbers = (Answers.Numbers) data.answers();
        assertThat(numbers.names()).containsExactly("left", "right");
        assertThat(numbers.values().all()).isEqualTo(new double[][] {{2, 3}, {5, 6}, {8, 9}});
        assertThat(((Answers.Numbers) read("1,2,3\n4,5,6\n", "3,1").answers())
                        .values()
                        .all())
                .isEqualTo(new double[][] {{3, 1}, {6, 4}});
    }

    @Test
    void aColumnWithACommaInItsNameIsOneTarget() throws IOException {
        assertThat(((Answers.Numbers)
                                read("x,\"a,b\"\n1,0.5\n2,1.5\n3,2.5\n", "a,b").answers())
                        .names())
                .containsExactly("a,b");
    }

    @Test
    void severalTargetsCannotBeClasses() throws IOException {
        Path file = file("x,a,b\n1,2,3\n");
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, "a,b").dataset("a,b", List.of(), Task.CLASSIFICATION))
                .withMessage(file + ": 2 target columns hold a number each; to tell classes apart name one target");
        refused("x,a\n1,2\n", "a,c", "FILE: there is no column 'c'; it has the columns x, a");
    }

    /** Runs are stored with it: a file that has not changed must not look changed to a later version. */
    @Test
    void theFingerprintOfAFileStaysWhatItWas() throws IOException {
        Dataset data = read(
                "\uFEFFx;\"b y\";kind\r\n\r\n 1.5;-2e3; \u00e4\r\n\"3\";.1;\"b \"\"q\"\"\"\r\n7;4.25;b \"q\"\r\n-0;1e-9;\u00e4\r\n",
                "kind");

        assertThat(labels(data).classes()).containsExactly("b \"q\"", "\u00e4");
        assertThat(data.digest()).isEqualTo("a67363685d201ab2");
        assertThat(data.split(0.5, 3).digest()).isEqualTo("fcb09dd9c0f6fdbb-7719568894b1cacc");
    }

    @Test
    void packedFilesAreReadAsIfTheyWereNot() throws IOException {
        Path packed = folder.resolve("data.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(FLOWERS.getBytes(StandardCharsets.UTF_8));
        }

        assertThat(Csv.read(packed, "3").dataset("3", List.of(), null).digest())
                .isEqualTo(read(FLOWERS, "3").digest());
        byte[] whole = Files.readAllBytes(packed);
        Files.write(packed, Arrays.copyOf(whole, whole.length - 12));
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(packed, "3"))
                .withMessage(packed + ": it is damaged or cut short; bring back the file");
    }

    @Test
    void aFileChangedWhileItIsInUseIsToldFromOneThatIsNot() throws IOException {
        Path file = file(FLOWERS);
        Dataset data = Csv.read(file, "3").dataset("3", List.of(), null);
        data.requireUnchanged();
        // As an editor replaces it: what was mapped stays.
        Path other = Files.writeString(folder.resolve("other"), "1,2,3\n");
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        data.requireUnchanged();
        assertThat(data.rows().row(3)).containsExactly(6.5, 3.2);

        Csv written = Csv.read(file, "3");
        Rows rows = written.features(List.of("column 1", "column 2"));
        Files.writeString(file, "1,2,3\n4,5,6\n");

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(rows::requireUnchanged)
                .withMessage(file
                        + ": it was changed while it was in use; bring it back as it was and take up the run again");
    }

    @Test
    void linesMayBeLong() throws IOException {
        String cells = "1,".repeat(30_000);
        Dataset data = read(cells + "a\n" + cells + "b\n" + cells + "a\n" + cells + "b\n", "30001");

        assertThat(data.features()).hasSize(30_000);
        assertThat(data.rows().row(3)).containsOnly(1);
    }

    @Test
    void aLineWithoutEndIsRefusedBeforeItFillsTheMemory() throws IOException {
        byte[] digits = new byte[LineStarts.LONGEST + (1 << 16)];
        Arrays.fill(digits, (byte) '1');
        Path file = Files.write(folder.resolve("long.csv"), digits);

        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Csv.read(file, null))
                .withMessage(file + ": a line of more than 33554432 bytes; is this a CSV file? Look at its quotes");
    }
}
