package org.homeostat.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What SPICE writes is read, and what it does not write is refused in a sentence. */
final class RawFileTest {

    private static final String HEAD = """
            Title: a peer's circuit
            Date: Sun Nov 22 13:18:50  2026
            Plotname: Operating Point
            Flags: real
            No. Variables: 3
            No. Points: 1
            Variables:
            \t0\tv(n1_0)\tvoltage
            \t1\tV(OUT)\tvoltage
            \t2\ti(v1)\tcurrent
            """;

    private static byte[] binary(String head, double... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes((head + "Binary:\n").getBytes(StandardCharsets.ISO_8859_1));
        ByteBuffer numbers = ByteBuffer.allocate(Double.BYTES * values.length).order(ByteOrder.nativeOrder());
        for (double value : values) {
            numbers.putDouble(value);
        }
        bytes.writeBytes(numbers.array());
        return bytes.toByteArray();
    }

    @Test
    void namesAndDoublesAreReadToTheBit() throws Exception {
        // Behind the first plot there may be another.
        assertThat(RawFile.parse(binary(HEAD, 0.1, -1.0 / 3, 1e-12, 7, 8)).values())
                .containsOnlyKeys("v(n1_0)", "v(out)", "i(v1)")
                .containsEntry("v(n1_0)", 0.1)
                .containsEntry("v(out)", -1.0 / 3)
                .containsEntry("i(v1)", 1e-12);
    }

    @Test
    void textIsReadToo() throws Exception {
        byte[] raw = (HEAD + "Values:\n 0\t1.5e+00\n\t-2.0e-03\n\t0.0\n").getBytes(StandardCharsets.ISO_8859_1);
        assertThat(RawFile.parse(raw).values()).containsEntry("v(n1_0)", 1.5).containsEntry("v(out)", -2e-3);
    }

    @Test
    void aBreakInANumberIsSaid() {
        assertThatThrownBy(() -> RawFile.parse(binary(HEAD, 1, 2)))
                .isInstanceOf(MalformedRawException.class)
                .hasMessage("has 16 bytes of values; expected 24");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Flags: real     | Flags: complex    | says 'Flags: complex'; expected real numbers",
                "No. Points: 1   | No. Points: 101   | says 'No. Points: 101'; expected the one point",
                "No. Variables: 3| No. Variables: 4  | says that it has 4 variables but does not name number 3",
                "No. Variables: 3| No. Variables: x  | expected a whole number",
                "No. Variables: 3| Nothing           | does not say how many variables it has",
            })
    void headsThatAreNoOperatingPointAreRefused(String from, String to, String sentence) {
        byte[] raw = binary(HEAD.replace(from.strip(), to.strip()), 1, 2, 3, 4);
        assertThatThrownBy(() -> RawFile.parse(raw))
                .isInstanceOf(MalformedRawException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void somethingElseIsRefused() {
        assertThatThrownBy(() -> RawFile.parse("a letter\nto nobody".getBytes(StandardCharsets.ISO_8859_1)))
                .isInstanceOf(MalformedRawException.class)
                .hasMessageContaining("ends within its head");
        assertThatThrownBy(() -> RawFile.parse(new byte[0])).isInstanceOf(MalformedRawException.class);
    }
}
