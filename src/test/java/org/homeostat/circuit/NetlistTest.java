package org.homeostat.circuit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Netlists as they are written in the field. */
final class NetlistTest {

    private static Circuit read(String... lines) {
        return Netlist.read("a title\n" + String.join("\n", lines), "test.cir");
    }

    private static String refused(String... lines) {
        try {
            read(lines);
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
        throw new AssertionError("it was read");
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "4.7k, 4700",
        "1MEG, 1e6",
        "1megohm, 1e6",
        "2m, 2e-3",
        "1mil, 25.4e-6",
        "10u, 1e-5",
        "10µ, 1e-5",
        "3n, 3e-9",
        "3p, 3e-12",
        "3f, 3e-15",
        "2g, 2e9",
        "2t, 2e12",
        "-1.5e-3, -1.5e-3",
        ".5v, 0.5",
        "1e3k, 1e6",
        "5volts, 5"
    })
    void numbersHaveSuffixes(String word, double value) {
        assertThat(read("v1 a 0 " + word, "r1 a 0 1").elements().getFirst())
                .isEqualTo(new Element.Voltage("v1", 1, 0, value));
    }

    @Test
    void everyKindOfElementIsRead() {
        Circuit circuit = read(
                "V1 in 0 DC 5 AC 1",
                "I1 0 Mid dc=1m",
                "R1 in mid 2k ; a comment",
                "+",
                "D1 mid 0 ide $ another",
                "D2 mid out sil 2",
                "E1 out 0 in mid 3",
                "M1 out in 0 0 nm",
                "+ w=10u",
                "+ l=2u",
                "C1 mid 0 1u",
                "L1 mid coil 1m",
                "* nothing",
                ".model ide d(is=1e-12, n=1e-4 ideal=1)",
                ".model sil D is=2e-14 n = 1.5",
                ".model nm NMOS (level=1 vto=0.7 kp=100u lambda=0.01)",
                ".op",
                ".control",
                "alter v1 = 7",
                ".endc",
                ".end",
                "r9 what ever");
        assertThat(circuit.nodes()).containsExactly("0", "in", "Mid", "out", "coil");
        assertThat(circuit.elements())
                .containsExactly(
                        new Element.Voltage("v1", 1, 0, 5),
                        new Element.Current("i1", 0, 2, 1e-3),
                        new Element.Resistor("r1", 1, 2, 1.0 / 2000),
                        new Element.IdealDiode("d1", 2, 0),
                        new Element.Diode("d2", 2, 3, 4e-14, 1.5 * Netlist.THERMAL_VOLTS),
                        new Element.Amplifier("e1", 3, 0, 1, 2, 3),
                        new Element.Mosfet("m1", 3, 1, 0, 1, 0.7, 1e-4 * 1e-5 / 2e-6, 0.01),
                        new Element.Voltage("l1", 2, 4, 0));
    }

    @Test
    void aNearlyIdealDiodeIsNoIdealOne() {
        assertThat(read("d1 a 0 x", "r1 a 0 1", ".model x d(is=1e-12 n=1e-4)")
                        .elements()
                        .getFirst())
                .isInstanceOf(Element.Diode.class);
    }

    @Test
    void subcircuitsNestAndTakeParameters() {
        Circuit circuit = read(
                ".param half=0.5 unit={2*half}",
                "v1 a gnd {4*(unit+1)/2}",
                "x1 a 0 outer r=3k",
                "x2 a b outer",
                ".subckt outer p q r=1k",
                "  r1 p mid {r}",
                "  x1 mid q inner",
                "  .subckt inner u v",
                "    r1 u v '2*1k'",
                "  .ends inner",
                ".ends");
        assertThat(circuit.nodes()).containsExactly("0", "a", "x1.mid", "x2.mid", "b");
        assertThat(circuit.elements())
                .containsExactly(
                        new Element.Voltage("v1", 1, 0, 4),
                        new Element.Resistor("x1.r1", 1, 2, 1.0 / 3000),
                        new Element.Resistor("x1.x1.r1", 2, 0, 1.0 / 2000),
                        new Element.Resistor("x2.r1", 1, 3, 1.0 / 1000),
                        new Element.Resistor("x2.x1.r1", 3, 4, 1.0 / 2000));
    }

    @Test
    void theFirstLineIsATitleWhateverItSays() {
        assertThat(Netlist.read("r1 a 0 1\nr2 a 0 1", "test.cir").elements()).hasSize(1);
    }

    @Test
    void messagesNameFileLineAndWhatWasExpected() {
        assertThat(refused("r1 a 0 1k", "", "r2 a 0")).isEqualTo("test.cir, line 4: expected 'r2 node node ohms'");
        assertThat(refused("r1 a 0 ten")).startsWith("test.cir, line 2: 'ten' is neither a number nor a parameter");
        assertThat(refused("r1 a 0 1", "+ 2")).startsWith("test.cir, line 2: expected 'r1 node node ohms'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r1 a 0 0",
                "r1 a 0 -5",
                "r1 a 0 1 2",
                "r1 a 0 1k tc1=3",
                "q1 a b c mod",
                "b1 a 0 v=3",
                "v1 a 0 sin(0 1 1k 0 0 90)",
                "v1 a 0 sffm(0 1 1k)",
                "v1 a 0 pulse",
                "v1 a 0",
                "d1 a 0 nomodel",
                "d1 a 0",
                "e1 a 0 b 0",
                "m1 a b 0 0 nomodel",
                ".wave 1u 1m",
                ".include other.cir",
                ".lib other.lib typical",
                ".global vcc",
                ".temp 85",
                ".model x d(ikf=5)",
                ".model x d(bv=-5)",
                ".model x d(is=0)",
                ".model x npn(bf=100)",
                ".model x nmos(level=8)",
                ".subckt s a b",
                ".ends",
                "x1 a b none",
                "+ 5",
                "r1 a 0 {1+",
                "r1 a 0 {1+)}",
                "r1 a 0 {1/0}",
                "r1 = 5",
                "= 5"
            })
    void whatIsNotKnownIsRefusedWithItsLine(String line) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Netlist.read("title\n" + line + "\n", "test.cir"))
                .withMessageStartingWith("test.cir, line 2: ");
    }

    @Test
    void twoElementsOfOneNameAreRefused() {
        assertThat(refused("r1 a 0 1", "R1 b 0 1")).startsWith("test.cir, line 3: a second element is called r1");
    }

    @Test
    void aSubcircuitOfItselfIsRefused() {
        assertThat(refused("x1 a s", ".subckt s a", "r1 a 0 1", "x1 a s", ".ends"))
                .contains("made of itself");
    }

    @Test
    void nothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Netlist.read("", "test.cir"))
                .withMessageContaining("no elements");
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        Circuit circuit = new Circuit(
                List.of("0", "a", "b", "x1.c"),
                List.of(
                        new Element.Voltage("v1", 1, 0, 0.1),
                        new Element.Current("i1", 0, 2, -3e-3),
                        new Element.Resistor("r1", 1, 2, 1 / 1234.5),
                        new Element.Resistor("x1.r1", 2, 3, 1e-3),
                        new Element.IdealDiode("d1", 2, 0),
                        new Element.Diode("d2", 2, 3, 1e-14, 0.03),
                        new Element.Amplifier("e1", 3, 0, 1, 2, 3),
                        new Element.Mosfet("m1", 3, 1, 0, -1, -0.7, 1e-4, 0.01)));
        Circuit again = Netlist.read(Netlist.written(circuit, "written"), "written.cir");
        assertThat(again.nodes()).containsAll(circuit.nodes());
        assertThat(again.elements())
                .hasSizeGreaterThanOrEqualTo(circuit.elements().size());
        for (int e = 0; e < circuit.elements().size(); e++) {
            Element before = circuit.elements().get(e);
            Element after = again.elements().get(e);
            switch (before) {
                case Element.Resistor r -> {
                    assertThat(((Element.Resistor) after).siemens())
                            .isCloseTo(r.siemens(), within(1e-15 * r.siemens()));
                    assertThat(after.name()).endsWith(r.name());
                }
                case Element.Diode d ->
                    assertThat(((Element.Diode) after).slopeVolts()).isCloseTo(d.slopeVolts(), within(1e-15));
                default -> assertThat(after).isEqualTo(before);
            }
        }
    }
}
