package org.homeostat.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.homeostat.device.ForceLaw.Probe;
import org.junit.jupiter.api.Test;

class ForceLawTest {

    private static final Probe A = new Probe.OnChannel(Role.INPUT, 0, -1);
    private static final Probe B = new Probe.Fixed(2);

    @Test
    void aConductanceFeelsHalfTheSquareOfItsDrop() {
        ForceLaw law = new ForceLaw.HalfSquareDrop(A, B);
        assertThat(law.force(3, 1)).isEqualTo(2);
        assertThat(law.force(1, 3)).isEqualTo(2);
        assertThat(law.force(1, 1)).isZero();
        assertThat(law.unit()).isEqualTo("V2");
        assertThat(law.a()).isEqualTo(A);
        assertThat(law.b()).isEqualTo(B);
    }

    @Test
    void aCouplingFeelsTheNegativeProductOfItsUnits() {
        ForceLaw law = new ForceLaw.NegativeProduct(A, B);
        assertThat(law.force(3, 2)).isEqualTo(-6);
        assertThat(law.force(-3, 2)).isEqualTo(6);
        assertThat(law.unit()).isEqualTo("1");
        assertThat(law.a()).isEqualTo(A);
        assertThat(law.b()).isEqualTo(B);
    }

    /** The force is the derivative of the element's energy: E = g/2 (a-b)^2, and E = -w a b. */
    @Test
    void theForceIsTheSlopeOfTheElementsEnergy() {
        double a = 0.7;
        double b = -0.4;
        double h = 1e-3;
        double g = 0.2;
        double resistor = ((g + h) / 2 * (a - b) * (a - b) - (g - h) / 2 * (a - b) * (a - b)) / (2 * h);
        assertThat(new ForceLaw.HalfSquareDrop(A, B).force(a, b)).isCloseTo(resistor, within(1e-12));
        double w = -0.3;
        double coupling = (-(w + h) * a * b - -(w - h) * a * b) / (2 * h);
        assertThat(new ForceLaw.NegativeProduct(A, B).force(a, b)).isCloseTo(coupling, within(1e-12));
    }
}
