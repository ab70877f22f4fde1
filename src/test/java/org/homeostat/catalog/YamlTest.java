package org.homeostat.catalog;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.homeostat.run.BadInput;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A slip in the file of a board or a twin is found with its line and field. */
final class YamlTest {

    private static <T> void refused(Path file, String from, String to, Class<T> type, String sentence)
            throws IOException {
        String good = Files.readString(file);
        String bad = good.replaceFirst(from, to);
        if (bad.equals(good)) {
            throw new AssertionError("nothing in " + file + " is like " + from);
        }
        int line = 0;
        String[] before = good.split("\n", -1);
        String[] after = bad.split("\n", -1);
        while (line < after.length && before[line].equals(after[line])) {
            line++;
        }
        String expected = Listed.in(sentence).replace("LINE", "line " + (line + 1));
        assertThatExceptionOfType(BadInput.class)
                .isThrownBy(() -> Yaml.of(bad, "file.yaml").as(type))
                .withMessage(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "seed: 1 > seed: one > file.yaml, LINE, seed: expected a whole number, not 'one'",
                "seed: 1\\n > '' > file.yaml, line 2, seed: the key is missing; expected a whole number",
                "mimics > mimicks > file.yaml, LINE, mimicks: there is no such key; expected one of {twin}",
                "readNoise: [^\\n]* > readNoise: loud > file.yaml, LINE, imperfections.readNoise: expected a number, "
                        + "not 'loud'",
                "readNoise: [^\\n]* > readNoise: > file.yaml, LINE, imperfections.readNoise: there is no value; "
                        + "expected a number",
            })
    void inATwin(String from, String to, String sentence) throws IOException {
        refused(Path.of("sim", "twins", "resistor-array-v1", "twin.yaml"), from, to, TwinFile.class, sentence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "nudges: \\[force, difference\\] > nudges: force > file.yaml, LINE, nudges: expected a list in square brackets, "
                        + "not 'force'",
                "nudges: \\[force, difference\\] > nudges: [push] > file.yaml, LINE, nudges[0]: expected one of {kinds}, not 'push'",
                "hidden: \\[12\\] > hidden: [12, x] > file.yaml, LINE, sizes.hidden[1]: expected a whole number, not 'x'",
                "hidden: \\[12\\] > hidden: [0] > file.yaml, LINE, sizes: sizes must be 1 or more",
                "betaUnit: [^\\n]* > betaUnit: '1,5' > file.yaml, LINE, betaUnit: expected a number, not '1,5'",
                "system: resistive > system: magnetic > file.yaml, LINE, wiring.system: expected one of {systems}, not 'magnetic'",
                "beta: 0.5 > beta: 0 > file.yaml, LINE, teaching.beta: expected a number above 0, not 0.0",
            })
    void inABoard(String from, String to, String sentence) throws IOException {
        refused(Path.of("devices", "resistor-array-v1", "board.yaml"), from, to, BoardFile.class, sentence);
    }
}
